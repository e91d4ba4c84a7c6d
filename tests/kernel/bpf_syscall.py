"""bpf(2) through ctypes: create maps and load BTF in the running kernel, nothing in between.

No loader's kindness is in the way here: what the kernel refuses is refused, with its errno.
Memory is bounded: a map that would take more than :data:`MEMORY_LIMIT` isn't asked for.

Source: include/uapi/linux/bpf.h, union bpf_attr and struct bpf_map_info; bpf(2).
"""

from __future__ import annotations

import ctypes
import os
import platform
import struct
from typing import TYPE_CHECKING, NamedTuple, Self

from tests import bpf_call
from tests.tools import missing, require_root

if TYPE_CHECKING:
    from types import TracebackType

MEMORY_LIMIT = 256 << 20
"""Bytes that one map of a test may take."""

_MAP_CREATE, _MAP_UPDATE_ELEM, _OBJ_GET_INFO_BY_FD, _BTF_LOAD, _MAP_FREEZE = 0, 2, 15, 18, 22
_MAP_LOOKUP_ELEM = 1

_OBJ_PIN = 6
_ENOTSUPP = 524

_PER_CPU_TYPES = {5, 6, 10, 21}
"""percpu_hash, percpu_array, lru_percpu_hash, percpu_cgroup_storage."""

_BYTES_TYPES = {27, 31}
"""ringbuf and user_ringbuf: max_entries counts bytes."""


class Descriptor:
    """A file descriptor that is closed at the end of a `with` block."""

    def __init__(self, fd: int) -> None:
        self.fd = fd

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close it; doing so twice is harmless."""
        if self.fd >= 0:
            os.close(self.fd)
            self.fd = -1


class MapInfo(NamedTuple):
    """The members of struct bpf_map_info that a map definition decides."""

    type: int
    key_size: int
    value_size: int
    max_entries: int
    map_flags: int
    name: str
    btf_id: int
    btf_key_type_id: int
    btf_value_type_id: int
    map_extra: int


def bpf(command: int, attributes: bytes) -> int:
    """Return the result of the system call. Raises OSError with the kernel's errno."""
    if platform.machine() not in bpf_call.SYSCALL_NUMBER:
        missing("bpf(2)", f"has no number here for {platform.machine()}")
    return bpf_call.bpf(command, attributes)


def create_map(
    type: int,
    *,
    key_size: int = 0,
    value_size: int = 0,
    max_entries: int = 0,
    map_flags: int = 0,
    inner_map_fd: int = 0,
    numa_node: int = 0,
    map_name: str = "",
    btf_fd: int = 0,
    btf_key_type_id: int = 0,
    btf_value_type_id: int = 0,
    map_extra: int = 0,
) -> Descriptor:
    """Create a map (BPF_MAP_CREATE). Raises OSError with the kernel's errno."""
    require_root()
    _assert_bounded(type, key_size, value_size, max_entries)
    attributes = struct.pack(
        "=IIIIIII16sIIIIIQ",
        type,
        key_size,
        value_size,
        max_entries,
        map_flags,
        inner_map_fd,
        numa_node,
        map_name.encode()[:15],
        0,  # map_ifindex
        btf_fd,
        btf_key_type_id,
        btf_value_type_id,
        0,  # btf_vmlinux_value_type_id
        map_extra,
    )
    return Descriptor(bpf(_MAP_CREATE, attributes))


def pin(fd: int, path: str) -> None:
    """Pin what *fd* is as *path* (BPF_OBJ_PIN). Raises OSError with the kernel's errno."""
    name = ctypes.create_string_buffer(os.fsencode(path))
    bpf(_OBJ_PIN, struct.pack("=QII", ctypes.addressof(name), fd, 0))


def load_btf(data: bytes) -> Descriptor:
    """Load BTF (BPF_BTF_LOAD). Raises OSError; its text is the kernel's log."""
    require_root()
    buffer = ctypes.create_string_buffer(data, len(data))
    log = ctypes.create_string_buffer(1 << 16)
    attributes = struct.pack(
        "=QQIIII",
        ctypes.addressof(buffer),
        ctypes.addressof(log),
        len(data),
        len(log),
        1,  # btf_log_level
        0,  # btf_log_true_size
    )
    try:
        return Descriptor(bpf(_BTF_LOAD, attributes))
    except OSError as error:
        text = log.value.decode(errors="replace").strip()
        raise OSError(error.errno, text or os.strerror(error.errno or 0)) from error


def update_element(map_fd: int, key: bytes, value: bytes, flags: int = 0) -> None:
    """Store *value* under *key* (BPF_MAP_UPDATE_ELEM). Raises OSError with the kernel's errno."""
    keys = ctypes.create_string_buffer(key, max(len(key), 1))
    values = ctypes.create_string_buffer(value, max(len(value), 1))
    attributes = struct.pack(
        "=IIQQQ", map_fd, 0, ctypes.addressof(keys), ctypes.addressof(values), flags
    )
    bpf(_MAP_UPDATE_ELEM, attributes)


def lookup_element(map_fd: int, key: bytes, value_size: int) -> bytes | None:
    """Return what is stored under *key* (BPF_MAP_LOOKUP_ELEM), or None. Raises OSError."""
    keys = ctypes.create_string_buffer(key, len(key))
    value = ctypes.create_string_buffer(value_size)
    addresses = ctypes.addressof(keys), ctypes.addressof(value)
    try:
        bpf(_MAP_LOOKUP_ELEM, struct.pack("=IIQQQ", map_fd, 0, *addresses, 0))
    except FileNotFoundError:
        return None
    return value.raw


def map_id(map_fd: int) -> int:
    """Return the kernel's id of a map."""
    info = ctypes.create_string_buffer(8)
    bpf(_OBJ_GET_INFO_BY_FD, struct.pack("=IIQ", map_fd, len(info), ctypes.addressof(info)))
    _type, number = struct.unpack("=II", info.raw)
    return int(number)


def has_special_fields(map_fd: int) -> bool:
    """Return whether the kernel has special fields of a map in mind: then it doesn't freeze it.

    Raises OSError where it answers anything else; a map without such fields is frozen after.
    """
    try:
        bpf(_MAP_FREEZE, struct.pack("=II", map_fd, 0))
    except OSError as error:
        if error.errno != _ENOTSUPP:
            raise
        return True
    return False


def map_info(map_fd: int) -> MapInfo:
    """Return what the kernel says of a map (BPF_OBJ_GET_INFO_BY_FD)."""
    form = "=IIIIII16sIIQQIIIIQ"
    info = ctypes.create_string_buffer(struct.calcsize(form))
    attributes = struct.pack("=IIQ", map_fd, len(info), ctypes.addressof(info))
    bpf(_OBJ_GET_INFO_BY_FD, attributes)
    (
        type,
        _id,
        key_size,
        value_size,
        max_entries,
        map_flags,
        name,
        _ifindex,
        _btf_vmlinux_value_type_id,
        _netns_dev,
        _netns_ino,
        btf_id,
        btf_key_type_id,
        btf_value_type_id,
        _btf_vmlinux_id,
        map_extra,
    ) = struct.unpack(form, info.raw)
    return MapInfo(
        type,
        key_size,
        value_size,
        max_entries,
        map_flags,
        name.split(b"\0")[0].decode(),
        btf_id,
        btf_key_type_id,
        btf_value_type_id,
        map_extra,
    )


def _assert_bounded(type: int, key_size: int, value_size: int, max_entries: int) -> None:
    cpus = (os.cpu_count() or 1) if type in _PER_CPU_TYPES else 1
    element = 1 if type in _BYTES_TYPES else 64 + key_size + value_size * cpus
    assert element * max_entries <= MEMORY_LIMIT, "a test would ask for too much memory"
