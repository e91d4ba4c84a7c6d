"""The pages of an arena, read without making it larger.

Whoever touches a page that isn't there makes one, and the first mapping of an arena fixes its
address for good: so it is mapped only where somebody else has settled the address, and of its pages
those are read of which it is known that they are there. That is so of the pages that a process has
touched; of an arena with BPF_F_SEGV_ON_FAULT, where asking for another page is an error, of all.

Source: kernel/bpf/arena.c, arena_map_mmap and arena_vm_fault; Documentation/admin-guide/mm/
pagemap.rst.
"""

from __future__ import annotations

import os
import struct
from errno import EFAULT
from typing import TYPE_CHECKING

from bpfgen.kernel.map_flags import MAP_FLAGS
from bpfgen.live.closing import Closing
from bpfgen.live.fdinfo import MAP
from bpfgen.live.processes import descriptors_of_processes

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import ModuleType

    from bpfgen.live.elements import Elements

_MAPPED = "anon_inode:bpf-map"
_PROT_READ, _MAP_SHARED, _MAP_FIXED_NOREPLACE = 1, 1, 0x100000
_PRESENT = 3 << 62
"""Of a number in pagemap: the page is in memory, or swapped out."""

_AT_ONCE = 1 << 15
"""Numbers of pagemap that are read at once."""

_FAULTS = MAP_FLAGS["BPF_F_SEGV_ON_FAULT"].value


class Arena(Closing):
    """The memory of an arena, to be read.

    Attributes:
        address: Where it is, in all processes that map it.
        page_size: In bytes.
        is_whole: Whether all pages are known that are there, and not only those that processes have
            touched.
    """

    def __init__(self, map: Elements) -> None:
        """Map the memory of *map*, which was opened for reading and writing.

        Raises:
            UnsettledError: Nobody has mapped it yet.
            OSError: The kernel doesn't let it be mapped here.
        """
        import ctypes

        self.page_size = os.sysconf("SC_PAGE_SIZE")
        self.is_whole = bool(map.info.map_flags & _FAULTS)
        self._length = map.info.max_entries * self.page_size
        self._pids, address = _mapped_by(map, self._length)
        if address is None:
            raise UnsettledError
        self.address = address
        self._ctypes: ModuleType = ctypes
        self._libc = ctypes.CDLL(None, use_errno=True)
        self._libc.mmap.restype = ctypes.c_void_p
        flags = _MAP_SHARED | _MAP_FIXED_NOREPLACE
        with map.in_use() as fd:
            mapped = self._libc.mmap(
                ctypes.c_void_p(address),
                ctypes.c_size_t(self._length),
                _PROT_READ,
                flags,
                fd,
                ctypes.c_long(0),
            )
        if mapped != address:
            error = ctypes.get_errno()
            raise OSError(error, f"mmap of {map.info} at {address:#x}: {os.strerror(error)}")

    def close(self) -> None:
        """Give the memory back."""
        if self._length:
            ctypes = self._ctypes
            length, self._length = self._length, 0
            self._libc.munmap(ctypes.c_void_p(self.address), ctypes.c_size_t(length))

    def pages(self) -> Iterator[tuple[int, bytes]]:
        """Yield the numbers of pages that are there, in order, and what is in them."""
        numbers = range(self._length // self.page_size) if self.is_whole else self._touched()
        reading, writing = os.pipe()
        try:
            for number in numbers:
                # The kernel reads the page in our place: where there is none, that is an errno.
                if self._copied(writing, self.address + number * self.page_size):
                    yield number, self._read(reading)
        finally:
            os.close(reading)
            os.close(writing)

    def _copied(self, pipe: int, address: int) -> bool:
        ctypes = self._ctypes
        done = 0
        while done < self.page_size:
            at, left = ctypes.c_void_p(address + done), ctypes.c_size_t(self.page_size - done)
            written = self._libc.write(pipe, at, left)
            if written < 0:
                error = ctypes.get_errno()
                if error == EFAULT:
                    return False
                raise OSError(error, os.strerror(error))
            done += written
        return True

    def _read(self, pipe: int) -> bytes:
        data = b""
        while len(data) < self.page_size:
            data += os.read(pipe, self.page_size - len(data))
        return data

    def _touched(self) -> Iterator[int]:
        """Yield the numbers of the pages that a process has in its memory."""
        count = self._length // self.page_size
        files = []
        for pid in self._pids:
            try:
                files.append(open(f"/proc/{pid}/pagemap", "rb", buffering=0))  # noqa: SIM115 -- closed below
            except OSError:  # it has ended
                continue
        try:
            for start in range(0, count, _AT_ONCE):
                wanted = min(_AT_ONCE, count - start)
                found: set[int] = set()
                for file in files:
                    place = (self.address // self.page_size + start) * 8
                    words = _words(file.fileno(), place, wanted)
                    found.update(at for at, word in enumerate(words) if word & _PRESENT)
                yield from (start + at for at in sorted(found))
        finally:
            for file in files:
                file.close()


class UnsettledError(Exception):
    """Nobody has mapped the arena yet: to do so would fix its address."""


def _words(fd: int, place: int, count: int) -> tuple[int, ...]:
    try:
        data = os.pread(fd, 8 * count, place)
    except OSError:  # it has ended
        return ()
    return struct.unpack(f"={len(data) // 8}Q", data[: len(data) // 8 * 8])


def _mapped_by(map: Elements, length: int) -> tuple[list[int], int | None]:
    """Return which processes have *map* in their memory, and where it is, if that is settled."""
    address = map.info.map_extra or None
    pids = []
    holders = descriptors_of_processes().holders.get((MAP, map.info.id), ())
    for process in holders:
        for start in _mappings(process.pid, length):
            if address is None:
                address = start
            if start == address:
                pids.append(process.pid)
    return pids, address


def _mappings(pid: int, length: int) -> Iterator[int]:
    """Yield where the process *pid* has maps of *length* bytes in its memory."""
    try:
        with open(f"/proc/{pid}/maps", encoding="utf-8", errors="replace") as file:
            lines = [line.split(maxsplit=5) for line in file if _MAPPED in line]
    except OSError:  # it has ended, or is somebody else's
        return
    for words in lines:
        start, _, end = words[0].partition("-")
        if int(end, 16) - int(start, 16) == length and int(words[2], 16) == 0:
            yield int(start, 16)
