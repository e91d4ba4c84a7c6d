"""What loaders compare before they take a map that is pinned for one of their own.

Types, names and `numa_node` nobody compares. aya compares nothing (MapData::create_pinned_by_name
in aya's maps/mod.rs).

Source: map_is_reuse_compat in libbpf.c, MapSpec.Compatible in cilium/ebpf's map.go.
"""

from __future__ import annotations

from bpfgen.kernel.made import (
    added_flags,
    asked_entries,
    clamped_entries,
    is_clamped,
    shown_entries,
    shown_flags,
)
from bpfgen.record import TYPE_CHECKING, Record, replace

if TYPE_CHECKING:
    from bpfgen.kernel.map_kind import MapKind

PARAMETERS = ("type", "key_size", "value_size", "max_entries", "map_flags", "map_extra")
"""What libbpf compares, in its order; members of struct bpf_map_info."""

CILIUM_PARAMETERS = PARAMETERS[:-1]
"""What cilium/ebpf compares, in its order."""


class Parameters(Record):
    """The parameters of a map: as defined, as asked for or as shown.

    Attributes:
        type: The number of its kind.
        key_size: In bytes; a number that nobody knows is None, and compared with nothing.
        value_size: In bytes, of one CPU's value.
        max_entries: 0 where they are as many as CPUs, and these aren't known.
        map_flags: As numbers of enum BPF_F_….
        map_extra: What it means, the kind says.
    """

    type: int
    key_size: int | None
    value_size: int | None
    max_entries: int | None
    map_flags: int | None
    map_extra: int | None

    def number(self, name: str) -> int | None:
        """Return the parameter *name*, one of :data:`PARAMETERS`."""
        number: int | None = getattr(self, name)
        return number


def asked(kind: MapKind, defined: Parameters, page: int, cpus: int) -> Parameters:
    """Return what libbpf asks the kernel for, of a map of *kind* that is *defined* so.

    Args:
        kind: Of the map.
        defined: What the definition says.
        page: Bytes of a page.
        cpus: The possible CPUs; 0 where they aren't known.
    """
    if defined.max_entries is None:
        return defined
    return replace(defined, max_entries=asked_entries(kind, defined.max_entries, page, cpus))


def shown(kind: MapKind, made: Parameters, cpus: int) -> Parameters:
    """Return what the kernel shows of a map of *kind* that it was asked for with *made*."""
    entries, flags = made.max_entries, made.map_flags
    if entries is not None and flags is not None:
        entries = shown_entries(kind, entries, flags, cpus)
    if flags is not None:
        flags = shown_flags(kind, flags)
    return replace(made, max_entries=entries, map_flags=flags)


def refused_by_libbpf(
    kind: MapKind, there: Parameters, wanted: Parameters
) -> tuple[tuple[str, int, int], ...]:
    """Return why libbpf doesn't take a pinned map for its own: name, number there, number wanted.

    Where that is nothing, it does. libbpf before 1.7 doesn't know that the kernel adds a flag to
    device maps, and never takes one.

    Args:
        kind: Of the map that is wanted.
        there: What the kernel shows of the pinned one.
        wanted: What libbpf would ask for, see :func:`asked`.
    """
    if there.map_flags is not None:
        there = replace(there, map_flags=there.map_flags & ~added_flags(kind))
    return _different(PARAMETERS, there, wanted)


def refused_by_cilium(
    kind: MapKind, there: Parameters, defined: Parameters, cpus: int
) -> tuple[tuple[str, int, int], ...]:
    """Return why cilium/ebpf doesn't: name, number there, number wanted; as in its message.

    Args:
        kind: Of the map that is wanted.
        there: What the kernel shows of the pinned one.
        defined: What the definition of the wanted one says.
        cpus: The possible CPUs; 0 where they aren't known, and neither is a number clamped to them.
    """
    entries, flags = defined.max_entries, defined.map_flags
    if entries is not None and is_clamped(kind):
        entries = clamped_entries(kind, entries, cpus) if cpus else None
    if flags is not None and there.map_flags is not None:
        flags |= there.map_flags & added_flags(kind)
    wanted = replace(defined, max_entries=entries, map_flags=flags)
    return _different(CILIUM_PARAMETERS, there, wanted)


def _different(
    names: tuple[str, ...], there: Parameters, wanted: Parameters
) -> tuple[tuple[str, int, int], ...]:
    pairs = ((name, there.number(name), wanted.number(name)) for name in names)
    return tuple(
        (name, number, other)
        for name, number, other in pairs
        if number is not None and other is not None and number != other
    )
