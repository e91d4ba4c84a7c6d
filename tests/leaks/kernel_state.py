"""What there is of maps: who holds which, pins, mounts; by ids and paths, of whatever program.

It asks the kernel by itself, without `bpfgen.live`: that is what is being watched.

Source: include/uapi/linux/bpf.h; bpf_map_show_fdinfo in kernel/bpf/syscall.c; proc(5).
"""

from __future__ import annotations

import ctypes
import errno
import os
import struct
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from tests.bpf_call import bpf

if TYPE_CHECKING:
    from collections.abc import Iterator

_OBJ_GET, _MAP_GET_NEXT_ID, _MAP_GET_FD_BY_ID = 7, 12, 14
_RDONLY = 8
_MAP_LINK = "anon_inode:bpf-map"


class HeldMap(NamedTuple):
    """A map that some process has a descriptor of; *memory* in bytes, as the kernel counts it."""

    id: int
    memory: int


def map_ids(start: int = 0) -> Iterator[int]:
    """Yield the ids of the kernel's maps that are larger than *start*, in order.

    Raises:
        OSError: The kernel doesn't tell.
    """
    while True:
        attributes = ctypes.create_string_buffer(struct.pack("=III", start, 0, 0), 12)
        try:
            bpf(_MAP_GET_NEXT_ID, attributes)
        except FileNotFoundError:
            return
        start = struct.unpack_from("=I", attributes, 4)[0]
        yield start


def is_there(map_id: int) -> bool:
    """Whether the kernel still has the map of this id."""
    try:
        fd = bpf(_MAP_GET_FD_BY_ID, struct.pack("=III", map_id, 0, 0))
    except OSError as error:
        return error.errno != errno.ENOENT
    os.close(fd)
    return True


def family_of(pid: int) -> set[int]:
    """Return the processes that descend from *pid*, and *pid*."""
    parents: dict[int, int] = {}
    for entry in processes():
        try:
            text = Path(f"/proc/{entry}/stat").read_bytes()
        except OSError:
            continue
        parents[entry] = int(text.rpartition(b")")[2].split()[1])  # its name may have blanks
    found = {pid}
    while True:
        more = {child for child, parent in parents.items() if parent in found} - found
        if not more:
            return found
        found |= more


def processes() -> list[int]:
    """Return the processes there are."""
    return [int(entry) for entry in os.listdir("/proc") if entry.isdecimal()]


def maps_held_by(pid: int) -> Iterator[HeldMap]:
    """Yield the maps that a process has descriptors of; nothing of one that has ended."""
    folder = f"/proc/{pid}/fd"
    try:
        descriptors = os.listdir(folder)
    except OSError:
        return
    for fd in descriptors:
        try:
            if os.readlink(f"{folder}/{fd}") == _MAP_LINK:
                yield _held_map(Path(f"/proc/{pid}/fdinfo/{fd}").read_text())
        except (OSError, KeyError):
            continue


def _held_map(fdinfo: str) -> HeldMap:
    facts = dict(line.split(":", 1) for line in fdinfo.splitlines() if ":" in line)
    return HeldMap(int(facts["map_id"]), int(facts.get("memlock", 0)))


def mounts() -> set[str]:
    """Return the directories where BPF filesystems are mounted, as this process sees them."""
    found = set()
    for line in Path("/proc/self/mountinfo").read_text().splitlines():
        place, _, kind = line.partition(" - ")
        if kind.split()[0] == "bpf":
            found.add(place.split()[4].encode().decode("unicode_escape"))
    return found


def pins() -> dict[str, int]:
    """Return all pins: their paths, and the id of the map there; 0 for what is no map."""
    return {
        path: _pinned_map(path)
        for mount in mounts()
        for folder, _, files in os.walk(mount)
        for path in (os.path.join(folder, name) for name in files)
        if not path.endswith(".debug")  # the kernel's own iterators
    }


def _pinned_map(path: str) -> int:
    name = ctypes.create_string_buffer(os.fsencode(path))
    try:
        fd = bpf(_OBJ_GET, struct.pack("=QII", ctypes.addressof(name), 0, _RDONLY))
    except OSError:
        return 0
    try:
        if os.readlink(f"/proc/self/fd/{fd}") != _MAP_LINK:
            return 0
        return _held_map(Path(f"/proc/self/fdinfo/{fd}").read_text()).id
    finally:
        os.close(fd)


def name_of(map_id: int) -> str:
    """Return the name of a map, in quotes; empty where it is gone or has none."""
    info = ctypes.create_string_buffer(80)
    try:
        fd = bpf(_MAP_GET_FD_BY_ID, struct.pack("=III", map_id, 0, 0))
    except OSError:
        return ""
    try:
        bpf(15, struct.pack("=IIQ", fd, len(info), ctypes.addressof(info)))
    except OSError:
        return ""
    finally:
        os.close(fd)
    name = info.raw[24:40].split(b"\0")[0].decode(errors="replace")
    return f"`{name}`" if name else ""
