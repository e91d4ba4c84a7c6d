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


def asked_entries(kind: MapKind, entries: int, page: int, cpus: int) -> int:
    """Return the `max_entries` that libbpf asks the kernel for, where a definition says *entries*.

    Args:
        kind: Of the map.
        entries: 0 where the definition doesn't say any.
        page: Bytes of a page where it is loaded.
        cpus: The possible CPUs there; 0 where they aren't known, and stand for themselves.
    """
    if kind.entries.pages:
        return rounded_ring(entries, page)
    if kind.entries.filled_by_loader:
        return entries or cpus
    return entries


def shown_entries(kind: MapKind, entries: int, flags: int, cpus: int) -> int:
    """Return the `max_entries` that the kernel shows of a map, where it was asked for *entries*.

    *cpus* is the possible CPUs; 0 where they aren't known, and nothing is rounded.
    """
    if not (cpus and kind.lru and flags & _NO_COMMON_LRU):
        return entries
    up = -(-entries // cpus) * cpus
    return up if up <= U32_MAX else up - cpus


def is_clamped(kind: MapKind) -> bool:
    """Return whether loaders of Go and Rust make no more entries of *kind* than there are CPUs."""
    return kind.entries.filled_by_loader or kind.name == "cpumap"


def clamped_entries(kind: MapKind, entries: int, cpus: int) -> int:
    """Return what cilium/ebpf makes of *entries*: of some kinds no more than *cpus*.

    It takes sizes of ring buffers as they are.
    """
    if is_clamped(kind):
        return min(entries or cpus, cpus)
    return entries


def made_entries(kind: MapKind, entries: int, flags: int, machine: Machine) -> tuple[int, ...]:
    """Return what `max_entries` may be in a running map, where a definition says *entries*.

    libbpf's answer comes first; loaders of Go and Rust cut what counts CPUs to as many as there
    are.
    """
    cpus = machine.cpus
    if is_clamped(kind):
        wanted = entries or cpus
        return tuple(dict.fromkeys((wanted, clamped_entries(kind, entries, cpus))))
    asked = asked_entries(kind, entries, machine.page, cpus)
    return (shown_entries(kind, asked, flags, cpus),)


def added_flags(kind: MapKind) -> int:
    """Return the bits that the kernel sets in `map_flags` of *kind*, and refuses at creation."""
    return _ADDED.get(kind.name, 0)


def shown_flags(kind: MapKind, flags: int) -> int:
    """Return the `map_flags` that the kernel shows of a map of *kind* made with *flags*."""
    return flags & ~_UNSHOWN | added_flags(kind)


def hidden_flags(kind: MapKind) -> int:
    """Return the bits of `map_flags` in which a running map of *kind* needn't be as it was made."""
    return _UNSHOWN | added_flags(kind)
