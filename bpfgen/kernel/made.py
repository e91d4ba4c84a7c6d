"""What becomes of the numbers of a definition, as a running map shows them.

A running map has neither the name nor the numbers that were written: names are cut, ring buffers
rounded, entries taken from the number of CPUs, flags added and left out.

Source: map_set_def_max_entries and adjust_ringbuf_sz of libbpf.c, MapSpec.fixupMagicFields of
cilium/ebpf's map.go, max_entries_override of aya's bpf.rs; htab_map_alloc, dev_map_alloc_check and
bpf_map_flags_retain_permanent in kernel/bpf.
"""

from __future__ import annotations

from bpfgen.kernel.map_flags import MAP_FLAGS, flags_value
from bpfgen.kernel.map_kind import NAME_BYTES, U32_MAX
from bpfgen.record import TYPE_CHECKING

if TYPE_CHECKING:
    from bpfgen.kernel.map_kind import MapKind
    from bpfgen.kernel.memory import Machine

UNSHOWN_FLAGS = ("BPF_F_RDONLY", "BPF_F_WRONLY", "BPF_F_TOKEN_FD")
"""Flags of creation that the kernel doesn't keep: the first two belong to the descriptor."""

_UNSHOWN = flags_value(UNSHOWN_FLAGS)
_NO_COMMON_LRU = MAP_FLAGS["BPF_F_NO_COMMON_LRU"].value
_ADDED = dict.fromkeys(("devmap", "devmap_hash"), MAP_FLAGS["BPF_F_RDONLY_PROG"].value)
"""What the kernel sets by itself: programs get a pointer there, and mustn't write."""


def kept_name(name: str) -> str:
    """Return what the kernel keeps of *name*."""
    return name.encode("utf-8", "surrogateescape")[:NAME_BYTES].decode("utf-8", "backslashreplace")


def rounded_ring(size: int, page: int) -> int:
    """Return the bytes of a ring buffer that loaders make of *size*; as it is where none fits."""
    if not size:
        return 0
    rounded = page
    while rounded < size:
        rounded *= 2
    return rounded if rounded <= U32_MAX else size


def made_entries(kind: MapKind, entries: int, flags: int, machine: Machine) -> tuple[int, ...]:
    """Return what `max_entries` may be in a running map, where a definition says *entries*.

    libbpf's answer comes first; loaders of Go and Rust cut what counts CPUs to as many as there
    are.
    """
    if kind.entries.pages:
        return (rounded_ring(entries, machine.page),)
    if kind.entries.filled_by_loader or kind.name == "cpumap":
        wanted = entries or machine.cpus
        return tuple(dict.fromkeys((wanted, min(wanted, machine.cpus))))
    if kind.lru and flags & _NO_COMMON_LRU:
        up = -(-entries // machine.cpus) * machine.cpus
        return (up if up <= U32_MAX else up - machine.cpus,)
    return (entries,)


def added_flags(kind: MapKind) -> int:
    """Return the bits that the kernel sets in `map_flags` of *kind*, and refuses at creation."""
    return _ADDED.get(kind.name, 0)


def hidden_flags(kind: MapKind) -> int:
    """Return the bits of `map_flags` in which a running map of *kind* needn't be as it was made."""
    return _UNSHOWN | added_flags(kind)
