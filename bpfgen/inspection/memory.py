"""What the maps of a source or of an object, or a running map, cost the kernel.

The arithmetic is :mod:`bpfgen.kernel.memory`'s; here each map gets the numbers that a loader hands
to the kernel. Only `bpfgen size` loads it.
"""

from __future__ import annotations

from bpfgen.kernel.made import made_entries
from bpfgen.kernel.map_flags import MAP_FLAGS
from bpfgen.kernel.map_kinds import MAP_KINDS
from bpfgen.kernel.memory import MapNumbers, map_memory
from bpfgen.record import TYPE_CHECKING, Record, replace
from bpfgen.rules.maps.bpf_attr import bpf_attrs_of, numbers_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from bpfgen.kernel.map_kind import MapKind
    from bpfgen.kernel.memory import Machine, MapMemory
    from bpfgen.model.model import Model
    from bpfgen.object.records import Definition, ObjectFile
    from bpfgen.object.running import RunningMap
    from bpfgen.rules.maps.bpf_attr import BpfAttr

_NEWER = "the kind is newer than this bpfgen"
_STRUCT_OPS = "the kernel alone knows how many functions there are"
_NO_ENTRIES = "`max_entries` is 0, and such a map needs one at least"

_MMAPABLE = MAP_FLAGS["BPF_F_MMAPABLE"].value

_COUNTED = ("key_size", "value_size", "max_entries", "map_flags")
"""The attributes that decide what a map costs, but for a bloom filter's number of hashes."""


class SizedMap(Record):
    """What one map costs.

    Attributes:
        name: Of the map; that of an inner map is `<outer>.inner`, as in libbpf.
        kind: libbpf's name of the kind, or the number of one without.
        memory: None where it isn't known: see *missing* and *why*.
        missing: The attributes that a loader sets and that it depends on: `flows.max_entries`.
        why: Why it isn't known, where that isn't it; else empty.
        by_older: What an older libbpf makes of it takes from its creation on, in bytes
            (:data:`bpfgen.inspection.loaders.MAPPABLE_UNTIL`); None where that is the same.
        is_inner: It is what each map costs that is put into a map of maps. How many there will be
            nobody says, so that it is in no sum.
        now: What the kernel counts of the running map; None where there is none, or it can't tell.
    """

    name: str
    kind: str
    memory: MapMemory | None
    missing: tuple[str, ...] = ()
    is_inner: bool = False
    now: int | None = None
    why: str = ""
    by_older: int | None = None


class Sum(Record):
    """What several maps cost together, without the maps that are put into maps of maps.

    Attributes:
        created: Bytes from their creation on.
        full: Bytes with all elements, without those that nothing limits.
        unlimited: The maps whose elements nothing limits.
        unknown: The maps of which nothing is known, and that aren't in the sums.
    """

    created: int
    full: int
    unlimited: tuple[str, ...]
    unknown: tuple[str, ...]


def sum_of(maps: Iterable[SizedMap]) -> Sum:
    """Return what *maps* cost together."""
    created = full = 0
    unlimited, unknown = [], []
    for map in maps:
        if map.is_inner:
            continue
        if map.memory is None:
            unknown.append(map.name)
            continue
        created += map.memory.created
        if map.memory.full is None:
            unlimited.append(map.name)
        full += map.memory.full or map.memory.created
    return Sum(created, full, tuple(unlimited), tuple(unknown))


def sizes_of_model(model: Model, machine: Machine) -> Iterator[SizedMap]:
    """Yield what each map that *model* defines costs on *machine*, an inner one after its outer."""
    for map in model.maps:
        if map.linkage == "extern" or map.shape.kind.from_variable:
            continue
        name = map.name
        for attr in bpf_attrs_of(map):
            yield _sized(attr, name, machine)
            name += ".inner"


def _sized(attr: BpfAttr, name: str, machine: Machine) -> SizedMap:
    kind = attr.kind
    if attr.max_entries is None and kind.entries.filled_by_loader:
        attr = replace(attr, max_entries=0)
    missing = [f"{name}.{one}" for one in _COUNTED if getattr(attr, one) is None]
    numbers = numbers_of(attr)
    if numbers is None:
        return SizedMap(name, kind.name, None, tuple(missing), attr.is_inner)
    numbers = _loaded(numbers, machine)
    if numbers.max_entries < kind.entries.least:
        return SizedMap(name, kind.name, None, is_inner=attr.is_inner, why=_NO_ENTRIES)
    memory = map_memory(numbers, machine)
    return SizedMap(name, kind.name, memory, is_inner=attr.is_inner)


def _loaded(numbers: MapNumbers, machine: Machine) -> MapNumbers:
    """Return *numbers* as libbpf hands them to the kernel of *machine*."""
    entries, *_ = made_entries(numbers.kind, numbers.max_entries, numbers.map_flags, machine)
    return replace(numbers, max_entries=entries)


class LeftToLoaderError(ValueError):
    """A value for something that an object says itself, or one that no such map has."""


def sizes_of_object(
    object: ObjectFile, machine: Machine, values: Mapping[str, int]
) -> Iterator[SizedMap]:
    """Yield what each map costs that a loader makes of *object*, those of variables last.

    *values* are of attributes that the object leaves to a loader: `flows.max_entries`.

    Raises:
        LeftToLoaderError: One is for something else, or makes no sense.
    """
    used: set[str] = set()
    for map in object.maps:
        definition: Definition | None = map.definition
        if map.linkage == "extern":
            definition = None
        name, is_inner = map.name, False
        while definition is not None:
            yield _defined(definition, name, machine, values, used, is_inner=is_inner)
            name, definition, is_inner = f"{name}.inner", definition.inner, True
    for place in values:
        if place not in used:
            raise LeftToLoaderError(f"the object doesn't leave `{place}` to a loader")
    array = MAP_KINDS["array"]
    for section in object.internal_maps:
        numbers = MapNumbers(array, 4, section.size, 1, section.map_flags)
        memory = map_memory(numbers, machine)
        older = replace(numbers, map_flags=section.map_flags | _MMAPABLE)
        by_older = map_memory(older, machine).created
        yield SizedMap(
            section.section,
            array.name,
            memory,
            by_older=None if by_older == memory.created else by_older,
        )


def _defined(
    definition: Definition,
    name: str,
    machine: Machine,
    values: Mapping[str, int],
    used: set[str],
    *,
    is_inner: bool,
) -> SizedMap:
    """Return what a map of *definition* costs; the places of *values* that count go to *used*."""
    kind = definition.kind
    if kind is None or kind.from_variable:
        number = str(definition.type or 0) if kind is None else kind.name
        why = _NEWER if kind is None else _STRUCT_OPS
        return SizedMap(name, number, None, is_inner=is_inner, why=why)
    sizes = {"key_size": definition.key_size, "value_size": definition.value_size}
    least = {"key_size": kind.key_sizes.least, "value_size": kind.value_sizes.least}
    if kind.of_maps:
        sizes["value_size"] = 4
    entries = kind.entries
    sizes["max_entries"] = definition.max_entries
    least["max_entries"] = 0 if entries.filled_by_loader or entries.pages else entries.least
    missing = []
    for attribute, size in sizes.items():
        place = f"{name}.{attribute}"
        if size or (not least[attribute] and place not in values):
            continue
        if place in values:
            sizes[attribute] = _taken(kind, attribute, values[place])
            used.add(place)
        else:
            missing.append(place)
    memory = None
    if not missing:
        numbers = MapNumbers(kind, **sizes, map_flags=definition.map_flags)
        numbers = replace(numbers, map_extra=definition.map_extra)
        memory = map_memory(_loaded(numbers, machine), machine)
    return SizedMap(name, kind.name, memory, tuple(missing), is_inner)


def _taken(kind: MapKind, attribute: str, value: int) -> int:
    """Return *value*.

    Raises:
        LeftToLoaderError: It is none that a map of *kind* has for *attribute*.
    """
    entries = kind.entries
    taken = {
        "key_size": value in kind.key_sizes,
        "value_size": value in kind.value_sizes,
        "max_entries": entries.least <= value <= entries.most,
    }
    if not taken[attribute]:
        raise LeftToLoaderError(f"no map of kind `{kind.name}` has {attribute} = {value}")
    return value


def sizes_of_running(running: RunningMap, name: str, machine: Machine) -> Iterator[SizedMap]:
    """Yield what the map *running* costs on *machine*, and what the first map in it does.

    It is called *name*; by its id, if that is empty.
    """
    inner: RunningMap | None = running
    name = name or f"id:{running.id}"
    while inner is not None:
        yield replace(_running(inner, machine), name=name, is_inner=inner is not running)
        name, inner = f"{name}.inner", inner.inner


def _running(map: RunningMap, machine: Machine) -> SizedMap:
    kind = map.kind
    memory = None
    why = _NEWER if kind is None else _STRUCT_OPS if kind.from_variable else ""
    if kind is not None and not why:
        sizes = map.key_size, map.value_size, map.max_entries
        numbers = MapNumbers(kind, *sizes, map.map_flags, map.map_extra)
        memory = map_memory(numbers, machine)
    return SizedMap(map.name, map.kind_name, memory, now=map.memlock, why=why)
