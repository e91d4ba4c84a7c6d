"""Records that programs send through a perf_event_array, read as they come.

Each CPU has a buffer of its own, which is put into the map under the CPU's number. Whoever puts one
in last has the records of that CPU, and they stop when the map is closed through which it was put.

A buffer is a page with positions, and the data. A record may go around the end of the data. The
writer's position is written last; :mod:`fence` keeps it in order with the reads.

Source: include/uapi/linux/perf_event.h, struct perf_event_attr, struct perf_event_mmap_page and
enum perf_event_type; kernel/trace/bpf_trace.c, __bpf_perf_event_output;
kernel/events/core.c, perf_output_sample (raw data is padded so that the record is of 8 bytes each).
"""

from __future__ import annotations

import os
import struct
import sys
from errno import EACCES, ENODEV, EPERM
from typing import TYPE_CHECKING

from bpfgen.kernel.map_operations import MAP_OPERATIONS
from bpfgen.live.closing import Closing
from bpfgen.live.fence import Fence
from bpfgen.live.info import cpus_in

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Self

    from bpfgen.live.map import Map
    from bpfgen.live.syscall import Bpf

PAGES = 64
"""Pages of data for each CPU, unless asked otherwise: 256 KiB with pages of 4 KiB."""

_ATTRIBUTES = struct.Struct("=2I5Q2IQ")
"""As the first kernel had it: PERF_ATTR_SIZE_VER0."""

_TYPE_SOFTWARE = 1
_COUNT_BPF_OUTPUT = 10
_SAMPLE_RAW = 1 << 10

_HEAD, _TAIL = 1024 // 8, 1032 // 8
"""Where data_head and data_tail are in the first page, in words of 8 bytes."""

_HEADER = struct.Struct("=I2H")
"""type, misc and size of a record."""

_RECORD_LOST = 2
_RECORD_SAMPLE = 9

_ONLINE = "/sys/devices/system/cpu/online"


class PerfReader(Closing):
    """The records of a `perf_event_array`, as bytes. Padding at the end of a record is left on it.

    Attributes:
        map: The array; it isn't closed with the reader.
        lost: How many records found no room so far.
    """

    def __init__(self, map: Map, pages: int = PAGES) -> None:
        """Put a buffer into *map* for each CPU that is online.

        Args:
            map: Opened for writing.
            pages: Of data for each CPU: a power of two.

        Raises:
            ValueError: It is no perf_event_array, or *pages* is no power of two.
            OSError: The kernel doesn't give the buffers: it takes CAP_PERFMON.
        """
        from select import EPOLLIN, epoll

        kind = map.info.kind
        if kind is None or MAP_OPERATIONS[kind.name].records != "perf":
            raise ValueError(f"{map.info} is of kind `{map.info.kind_name}`, no perf_event_array")
        if pages < 1 or pages & pages - 1:
            raise ValueError(f"a buffer has a power of two of pages, and {pages} is none")
        self.map = map
        self.lost = 0
        self._buffers: list[_Buffer] = []
        self._next = 0
        self._epoll = epoll()
        try:
            with open(_ONLINE, encoding="ascii") as file:
                cpus = cpus_in(file.read())
            for cpu in cpus:
                if cpu >= map.info.max_entries:
                    break
                buffer = _Buffer.opened(map, cpu, pages)
                if buffer is None:
                    continue
                self._buffers.append(buffer)
                self._epoll.register(buffer.fd, EPOLLIN)
                map.update(_number(cpu), _number(buffer.fd))
        except BaseException:
            self.close()
            raise

    def __del__(self) -> None:
        if getattr(self, "_buffers", None):
            self.close()

    def close(self) -> None:
        """Give the buffers back; what programs send then finds none."""
        for buffer in self._buffers:
            buffer.close()
        self._buffers = []
        self._epoll.close()

    def fileno(self) -> int:
        """Return the descriptor that is readable when there is a record, for `selectors`.

        Then all that is there has to be read: it tells of new records only.
        """
        return self._epoll.fileno()

    def read(self) -> bytes | None:
        """Return the next record of some CPU, without waiting; None if there is none.

        The CPUs take turns.

        Raises:
            ValueError: The reader was closed.
        """
        if self._epoll.closed:
            raise ValueError(f"the reader of {self.map.info} was closed")
        buffers = self._buffers
        for index in range(len(buffers)):
            buffer = buffers[(self._next + index) % len(buffers)]
            while (record := buffer.read()) is not None:
                type, data = record
                if type == _RECORD_LOST:
                    self.lost += struct.unpack_from("=Q", data, 8)[0]
                elif type == _RECORD_SAMPLE:
                    self._next = (self._next + index + 1) % len(buffers)
                    (size,) = struct.unpack_from("=I", data)
                    return data[4 : 4 + size]
        return None

    def wait(self, timeout: float | None = None) -> bool:
        """Wait until there is a record, *timeout* seconds at most; return whether there is one.

        What the kernel says of lost records counts.
        """
        if any(buffer.has_record() for buffer in self._buffers):
            return True
        return bool(self._epoll.poll(None if timeout is None else max(timeout, 0)))

    def records(self, timeout: float | None = None) -> Iterator[bytes]:
        """Yield records as they come, until none comes for *timeout* seconds; for ever with None.

        With 0 it yields what is there.
        """
        while True:
            while (record := self.read()) is not None:
                yield record
            if not self.wait(timeout):
                return


def _number(number: int) -> bytes:
    return number.to_bytes(4, sys.byteorder)


class _Buffer:
    """The buffer of one CPU."""

    __slots__ = ("_data", "_fence", "_mapped", "_positions", "_size", "fd")

    def __init__(self, fd: int, pages: int) -> None:
        from mmap import MAP_SHARED, PAGESIZE, PROT_READ, PROT_WRITE, mmap

        self.fd = fd
        self._size = pages * PAGESIZE
        self._fence = Fence()
        self._mapped = mmap(fd, PAGESIZE + self._size, MAP_SHARED, PROT_READ | PROT_WRITE)
        memory = memoryview(self._mapped)
        self._positions = memory[:PAGESIZE].cast("Q")
        self._data = memory[PAGESIZE:]

    @classmethod
    def opened(cls, map: Map, cpu: int, pages: int) -> Self | None:
        """Return the buffer of *cpu*; None where that has gone offline meanwhile.

        Raises:
            OSError: The kernel doesn't give one.
        """
        fd = _event(map.bpf, cpu, str(map.info))
        if fd is None:
            return None
        try:
            return cls(fd, pages)
        except OSError as error:
            os.close(fd)
            reason = (
                f"mmap of {pages} pages for CPU {cpu} and {map.info}: {error.strerror}; "
                "the sysctl kernel.perf_event_mlock_kb limits them without CAP_IPC_LOCK"
            )
            raise OSError(error.errno, reason) from error

    def close(self) -> None:
        """Give the memory back, and close the event."""
        self._positions.release()
        self._data.release()
        self._mapped.close()
        os.close(self.fd)

    def has_record(self) -> bool:
        """Return whether something is there to be read."""
        return self._positions[_TAIL] != self._positions[_HEAD]

    def read(self) -> tuple[int, bytes] | None:
        """Return the type of the next record and what comes after its header; None without one."""
        positions = self._positions
        tail = positions[_TAIL]
        if tail == positions[_HEAD]:
            return None
        self._fence.pass_()
        type, _misc, size = _HEADER.unpack(self._bytes(tail, _HEADER.size))
        data = self._bytes(tail + _HEADER.size, size - _HEADER.size)
        self._fence.pass_()
        positions[_TAIL] = (tail + size) & 0xFFFFFFFFFFFFFFFF
        return type, data

    def _bytes(self, position: int, length: int) -> bytes:
        """Return *length* bytes from *position* on, around the end."""
        start = position & self._size - 1
        first = bytes(self._data[start : start + length])
        return first + bytes(self._data[: length - len(first)])


def _event(bpf: Bpf, cpu: int, subject: str) -> int | None:
    """Return the descriptor of an event that programs on *cpu* may write to; None if offline."""
    attributes = _ATTRIBUTES.pack(
        _TYPE_SOFTWARE,
        _ATTRIBUTES.size,
        _COUNT_BPF_OUTPUT,
        1,  # sample_period
        _SAMPLE_RAW,
        0,  # read_format
        0,  # what is a bit each; not disabled
        1,  # wakeup_events
        0,  # bp_type
        0,  # bp_addr
    )
    fd, error = bpf.perf_event(attributes, cpu)
    if error == ENODEV:
        return None
    if error:
        reason = os.strerror(error)
        if error in (EPERM, EACCES):
            reason += ": it takes CAP_PERFMON (before Linux 5.8 CAP_SYS_ADMIN)"
        raise OSError(error, f"perf_event_open on CPU {cpu} for {subject}: {reason}")
    return fd
