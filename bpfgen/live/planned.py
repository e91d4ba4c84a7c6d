"""Model → what libbpf would ask the kernel for: one :class:`PlannedMap` a map, as values.

Before :mod:`creating`, which asks. libbpf rounds ring buffers up, counts CPUs for perf arrays, and
keeps the types of most kinds back where the kernel takes none.

Source: fill_map_from_def, map_set_def_max_entries and bpf_object__create_map in libbpf.
"""

from __future__ import annotations

from bpfgen.kernel.made import asked_entries
from bpfgen.model.maps import PINNING
from bpfgen.record import TYPE_CHECKING, Record
from bpfgen.rules.maps.bpf_attr import bpf_attrs_of

if TYPE_CHECKING:
    from bpfgen.ctype.types import Type
    from bpfgen.kernel.map_kind import MapKind
    from bpfgen.kernel.memory import Machine
    from bpfgen.model.maps import Map, TypeArgument
    from bpfgen.model.model import Model
    from bpfgen.rules.maps.bpf_attr import BpfAttr

INNER_SUFFIX = ".inner"
"""What libbpf adds to the name of a map-in-map for the one that describes the maps in it."""


class PlannedMap(Record):
    """A map as BPF_MAP_CREATE is asked for it.

    Attributes:
        name: As in the source; the kernel keeps 15 bytes of it.
        kind: The row of the table.
        key_size: In bytes, like the other numbers those of union bpf_attr.
        value_size: In bytes, of one CPU's value.
        max_entries: With what libbpf makes of it.
        map_flags: As declared, or filled in.
        numa_node: Which counts with BPF_F_NUMA_NODE alone.
        map_extra: 0 where the source is silent.
        key: The type that is passed on; None where libbpf keeps it back, or there is none.
        value: The same.
        inner: The map that is given as a description of those in it; None where it holds no maps,
            or the source doesn't say which.
        slots: Index and name of the maps, or programs, that are in it from the start.
        is_pinned: The source says `pinning = by_name`.
    """

    name: str
    kind: MapKind
    key_size: int
    value_size: int
    max_entries: int
    map_flags: int
    numa_node: int
    map_extra: int
    key: Type | None
    value: Type | None
    inner: PlannedMap | None
    slots: tuple[tuple[int, str], ...]
    is_pinned: bool


def planned_maps(model: Model, machine: Machine) -> tuple[PlannedMap, ...]:
    """Return the maps that *model* defines, in its order; those of another object are left out.

    Args:
        model: One without errors, in which nothing is `runtime` any more but the entries that
            libbpf fills in.
        machine: That they are made on.
    """
    return tuple(
        _planned(map, bpf_attrs_of(map), map.name, machine)
        for map in model.maps
        if map.linkage != "extern"
    )


def _planned(map: Map, attrs: tuple[BpfAttr, ...], name: str, machine: Machine) -> PlannedMap:
    """Return the first of *attrs*, called *name*, with the rest as what is in it."""
    attr, *rest = attrs
    kind, shape = attr.kind, attr.shape
    entries = asked_entries(kind, attr.max_entries or 0, machine.page, machine.cpus)
    key, value = _passed_on(kind, shape.key, shape.value)
    pinning = shape.attributes.get("pinning")
    return PlannedMap(
        name,
        kind,
        attr.key_size or 0,
        attr.value_size or 0,
        entries,
        attr.map_flags or 0,
        attr.numa_node or 0,
        attr.map_extra or 0,
        key,
        value,
        _planned(map, tuple(rest), name + INNER_SUFFIX, machine) if rest else None,
        () if attr.is_inner else tuple((slot.index, slot.name) for slot in map.slots),
        pinning is not None and pinning.value == PINNING["by_name"],
    )


def _passed_on(
    kind: MapKind, key: TypeArgument | None, value: TypeArgument | None
) -> tuple[Type | None, Type | None]:
    """Return the types that the kernel is given.

    A key without a value is EINVAL for every kind (map_create), so that libbpf's second try decides
    and has neither.
    """
    if kind.btf == "dropped" or value is None:
        return None, None
    return (None if key is None else key.type), value.type
