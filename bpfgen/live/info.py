"""What the kernel says of a map (BPF_OBJ_GET_INFO_BY_FD), and how many CPUs it keeps values for.

Source: include/uapi/linux/bpf.h, struct bpf_map_info; kernel/bpf/syscall.c,
bpf_map_get_info_by_fd.
"""

from __future__ import annotations

import struct

from bpfgen.kernel.map_kinds import KINDS_BY_NUMBER
from bpfgen.live.syscall import OBJ_GET_INFO_BY_FD
from bpfgen.record import TYPE_CHECKING, Record

if TYPE_CHECKING:
    from bpfgen.kernel.map_kind import MapKind
    from bpfgen.live.syscall import Bpf

_INFO = struct.Struct("=6I16s2I2Q4IQ")
"""Up to `map_extra`; an older kernel fills in less, and the rest stays zero."""

_POSSIBLE = "/sys/devices/system/cpu/possible"

PER_CPU_STRIDE = 8
"""Bytes to whose multiples each CPU's value is rounded up (bpf_map_value_size)."""


class MapInfo(Record):
    """A map of the running kernel, as it was made.

    Attributes:
        id: Of this map and no other, until the machine is started anew.
        name: As the kernel has it: 15 bytes at most.
        number: Of the kind, in enum bpf_map_type.
        key_size: In bytes; 0 for a kind without keys.
        value_size: In bytes; of one CPU's value in a per-CPU map.
        map_flags: As at creation, without BPF_F_RDONLY and BPF_F_WRONLY.
        btf_id: Of the BTF with its types; 0 where the kernel has none.
        key_type_id: The type of the keys in that; 0 where it isn't known.
        value_type_id: Of the values, likewise.
        kernel_type_id: Of a struct_ops map, its value's type in the kernel's own BTF; else 0.
        kernel_btf_id: Of that BTF: vmlinux's, or a module's. 0 where the kernel is older than 6.9,
            which knew vmlinux's alone.
        ifindex: Of the device that the map is offloaded to; else 0.
    """

    id: int
    name: str
    number: int
    key_size: int
    value_size: int
    max_entries: int
    map_flags: int
    map_extra: int
    btf_id: int
    key_type_id: int
    value_type_id: int
    kernel_type_id: int = 0
    kernel_btf_id: int = 0
    ifindex: int = 0

    @property
    def kind(self) -> MapKind | None:
        """The row of the table of kinds; None for a kind that is newer than it."""
        return KINDS_BY_NUMBER.get(self.number)

    @property
    def kind_name(self) -> str:
        """libbpf's name of the kind, or the number of one without."""
        return str(self.number) if self.kind is None else self.kind.name

    def __str__(self) -> str:
        return f"map `{self.name}` (id {self.id})" if self.name else f"map {self.id}"


def info_of(bpf: Bpf, fd: int) -> MapInfo:
    """Return what the kernel says of the map that *fd* is.

    Raises:
        OSError: It doesn't; EINVAL where the descriptor isn't the kernel's kind of object.
    """
    info = bpf.room(_INFO.size)
    attributes = struct.pack("=IIQ", fd, _INFO.size, bpf.address(info))
    bpf.call(OBJ_GET_INFO_BY_FD, attributes, f"descriptor {fd}")
    (
        number,
        id,
        key_size,
        value_size,
        max_entries,
        map_flags,
        name,
        ifindex,
        kernel_type_id,
        _netns_dev,
        _netns_ino,
        btf_id,
        key_type_id,
        value_type_id,
        kernel_btf_id,
        map_extra,
    ) = _INFO.unpack(info.raw)
    return MapInfo(
        id,
        name.split(b"\0", 1)[0].decode("utf-8", "backslashreplace"),
        number,
        key_size,
        value_size,
        max_entries,
        map_flags,
        map_extra,
        btf_id,
        key_type_id,
        value_type_id,
        kernel_type_id,
        kernel_btf_id,
        ifindex,
    )


def possible_cpus() -> tuple[int, ...]:
    """Return the numbers of the CPUs that there may ever be: a per-CPU map has a value for each.

    Offline ones are among them.
    """
    with open(_POSSIBLE, encoding="ascii") as file:
        return cpus_in(file.read())


def cpus_in(ranges: str) -> tuple[int, ...]:
    """Return the numbers in a list of the kernel's: `0-3,8`."""
    cpus: list[int] = []
    for part in ranges.strip().split(","):
        first, _, last = part.partition("-")
        cpus += range(int(first), int(last or first) + 1)
    return tuple(cpus)
