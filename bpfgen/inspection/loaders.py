"""The maps of an object as a loader sees and creates them: `bpfgen inspect --as LOADER`.

What a loader refuses and passes over is in the tables of :mod:`bpfgen.kernel.loaders`; what it
fills in is here, with its source. Numbers are those that it hands to BPF_MAP_CREATE on a kernel of
today, with pages of 4 KiB; only how many CPUs there are isn't known.
"""

from __future__ import annotations

from bpfgen.inspection.json import type_name
from bpfgen.inspection.object_features import features_of
from bpfgen.kernel.loaders import LOADERS
from bpfgen.kernel.made import rounded_ring
from bpfgen.kernel.targets import TARGETS
from bpfgen.kernel.version import format_version, parse_version
from bpfgen.model.maps import ATTRIBUTES, PINNING
from bpfgen.object.records import EXTERN, LEGACY, MODERN, STATIC
from bpfgen.record import TYPE_CHECKING, Record, replace
from bpfgen.rules.maps.entries import PAGE
from bpfgen.rules.maps.loaders import OF_TARGETS
from bpfgen.text.diagnostics import ERROR, NOTE

if TYPE_CHECKING:
    from typing import Literal

    from bpfgen.kernel.version import KernelVersion
    from bpfgen.object.records import Definition, InternalMap, ObjectFile, ObjectMap

MAPPABLE_UNTIL = (1, 1)
"""The first libbpf that lets user space map those variables alone that it can know of
(map_is_mmapable); before, every map of variables was so."""

WRITTEN, CPUS, AT_MOST_CPUS = "as written", "the number of CPUs", "at most the number of CPUs"
"""What becomes of `max_entries`."""

_RDONLY_PROG, _MMAPABLE = 1 << 7, 1 << 10


class SeenMap(Record):
    """One map, as a loader would create it.

    Attributes:
        type: libbpf's name of the kind; None for a number that has none.
        max_entries: The number handed on; where `entries` is `the number of CPUs`, 0.
        entries: What becomes of it: :data:`WRITTEN` and the like.
        filled_in: The attributes that aren't as they are written, in order.
        refused: Why nothing is loaded, or empty.
        notes: What is passed over, or done otherwise.
    """

    name: str
    section: str
    type: str | None
    type_id: int
    key_size: int
    value_size: int
    max_entries: int
    entries: str
    map_flags: int
    map_extra: int
    numa_node: int
    pinning: str
    inner: SeenMap | None
    filled_in: tuple[str, ...]
    refused: str
    notes: tuple[str, ...]


class Seen(Record):
    """An object, as a loader sees it.

    Attributes:
        error: Why the loader refuses the object, the first reason; or None.
        internal_maps: Section, size and flags of the maps that it makes of variables.
    """

    loader: str
    version: KernelVersion
    error: str | None
    maps: tuple[SeenMap, ...]
    internal_maps: tuple[tuple[str, int, int], ...]

    @property
    def title(self) -> str:
        """What the loader is called, with the version."""
        return f"{TARGETS[self.loader].title} {format_version(self.version)}"


def seen_by(loader: str, version: KernelVersion, object: ObjectFile) -> Seen:
    """Return *object* as *version* of *loader* sees it, on the newest kernel known."""
    byteorder = object.byteorder
    maps = tuple(_map(loader, version, one, byteorder) for one in object.maps)
    reasons = [_of_object(loader, version, object)]
    reasons += (f"map `{one.name}`: {one.refused}" for one in maps if one.refused)
    error = next((reason for reason in reasons if reason), None)
    if loader == "libbpf" and version >= (1, 0) and object.error is not None:
        error = object.error
    internal = tuple(
        (one.section, one.size, flags)
        for one in object.internal_maps
        if (flags := _flags_of_section(loader, version, one)) is not None
    )
    return Seen(loader, version, error, maps, internal)


def _of_object(loader: str, version: KernelVersion, object: ObjectFile) -> str:
    """Return why *loader* refuses *object* as a whole, whatever its maps; or nothing."""
    if object.is_windows:
        return "it is for eBPF for Windows, whose kinds have other numbers"
    sections = {one.section for one in object.internal_maps}
    if ".kconfig" in sections:
        if loader == "aya":  # Btf::fixup_and_sanitize, aya-obj/src/btf/btf.rs
            return "section `.kconfig` has no size for these versions"
        if loader == "cilium" and version < (0, 11):  # elfCode.loadKconfigSection, elf_reader.go
            return "section `.kconfig` is unknown to these versions"
    if object.struct_ops:
        if loader == "aya":  # ProgramSection::from_str, aya-obj/src/obj.rs
            return "programs of struct_ops are unknown to these versions"
        plain = any(one.section == ".struct_ops" for one in object.struct_ops)
        if loader == "cilium" and version >= (0, 21) and plain:  # LoadCollectionSpecFromReader
            return "section `.struct_ops` isn't supported, `.struct_ops.link` is"
    return ""


def _map(
    loader: str, version: KernelVersion, map: ObjectMap, byteorder: Literal["little", "big"]
) -> SeenMap:
    refused, notes = "", []
    definition = map.definition
    for feature, what in features_of(map).items():
        support = LOADERS[loader].get(feature)
        if support is None or support.before_kernel is not None:
            continue
        is_done = support.since is not None and support.since <= version
        if is_done and (support.until is None or version < support.until):
            continue
        if feature == "numa_node" and support.severity == NOTE and definition.numa_node:
            continue  # the row for others than node 0 says more
        said = f"{what}: these versions {support.otherwise} ({support.source})"
        if support.severity == ERROR:
            refused = refused or said
        else:
            notes.append(said)
    refused = refused or _of_definition(loader, version, map)
    if map.linkage == STATIC and loader != "libbpf":
        notes.append("a static map has no symbol of its own: programs that use it are refused")
    seen = _shape(loader, version, definition, map.name)
    refused = refused or _of_kernel(definition, seen)
    is_odd = map.error is not None and definition.style == MODERN
    if is_odd and loader != "libbpf" and not refused and definition.pinning in PINNING.values():
        # The others have most of libbpf's reasons, too, but not all.
        notes.append(f"libbpf refuses it: {map.error}")
    pinning = _pinning(loader, map, byteorder, notes)
    return replace(seen, section=map.section, pinning=pinning, refused=refused, notes=tuple(notes))


def _of_definition(loader: str, version: KernelVersion, map: ObjectMap) -> str:
    """Return why *loader* refuses the definition of *map*, which the tables say nothing of."""
    definition = map.definition
    if loader == "libbpf":
        return map.error or "" if version >= (1, 0) and definition.style != LEGACY else ""
    if definition.style == LEGACY:
        if not map.section.startswith("maps"):
            return f"section `{map.section}` is none of maps to these versions"
        if map.size < _LEGACY_SIZE:
            return f"a legacy definition has {_LEGACY_SIZE} bytes, and this one {map.size}"
        rest = bytes(map.data[_LEGACY_SIZE : map.size])
        if loader == "cilium" and any(rest):  # MapSpec.createMap, map.go
            return "what follows the five numbers of a legacy map has to be 0"
        return ""
    if map.linkage == EXTERN:
        return "it is defined in another object: `bpftool gen object` links them before"
    if loader == "aya":
        return ""
    unknown = [name for name in definition.declared if name not in ATTRIBUTES]
    if unknown:
        return f"unknown attribute `{unknown[0]}` (mapSpecFromBTF, elf_reader.go)"
    if definition.pinning not in PINNING.values():  # newMapWithOptions, map.go
        return f"`pinning` is {definition.pinning}, and these versions know 0 and 1"
    return ""


_LEGACY_SIZE = 20


def _of_kernel(definition: Definition, seen: SeenMap) -> str:
    """Return why the kernel refuses the sizes of *seen*, where a kind leaves no choice of them."""
    kind = definition.kind
    if kind is None or kind.from_variable:
        return ""
    for role, sizes, size in (
        ("key", kind.key_sizes, seen.key_size),
        ("value", kind.value_sizes, seen.value_size),
    ):
        if sizes.least == sizes.most != size:
            wanted = f"{sizes.most} bytes" if sizes.most else "none"
            check = kind.source.partition(",")[0]
            return (
                f"a {role} of {size} bytes is handed to the kernel, which wants {wanted} ({check})"
            )
    return ""


def _pinning(
    loader: str, map: ObjectMap, byteorder: Literal["little", "big"], notes: list[str]
) -> str:
    """Return how *map* is pinned: `none` or `by_name`."""
    definition = map.definition
    number = definition.pinning
    if loader == "aya" and definition.style == LEGACY and map.size >= _LEGACY_SIZE + 8:
        # bpf_map_def of aya-obj/src/maps.rs has `id` and `pinning` after the five numbers.
        place = bytes(map.data[_LEGACY_SIZE + 4 : _LEGACY_SIZE + 8])
        number = int.from_bytes(place, byteorder)
    if loader == "aya" and number not in PINNING.values():  # PinningType::try_from
        notes.append(f"pinning {number} is taken for none")
        number = 0
    return "by_name" if number == PINNING["by_name"] else "none"


def _shape(
    loader: str,
    version: KernelVersion,
    definition: Definition,
    name: str,
    *,
    is_inner: bool = False,
) -> SeenMap:
    """Return *definition* with what *loader* fills in."""
    filled: dict[str, int] = {}
    entries = WRITTEN
    if definition.kind is not None:
        filled, entries = _FILLING[loader](version, definition, is_inner)
    inner = None
    if definition.inner is not None:
        called = f"{name}_inner" if loader == "cilium" else f"{name}.inner"
        if loader != "aya" or version >= (0, 14):
            inner = _shape(loader, version, definition.inner, called, is_inner=True)
    numbers = {
        "key_size": definition.key_size,
        "value_size": definition.value_size,
        "max_entries": definition.max_entries,
        "map_flags": definition.map_flags,
        "map_extra": definition.map_extra,
        "numa_node": definition.numa_node,
    }
    changed = [key for key, number in filled.items() if number != numbers[key]]
    if entries != WRITTEN and "max_entries" not in changed:
        changed.append("max_entries")
    numbers |= filled
    return SeenMap(
        name,
        "",
        type_name(definition),
        definition.type or 0,
        numbers["key_size"],
        numbers["value_size"],
        numbers["max_entries"],
        entries,
        numbers["map_flags"],
        numbers["map_extra"],
        numbers["numa_node"],
        "none",
        inner,
        tuple(changed),
        "",
        (),
    )


def _for_libbpf(
    version: KernelVersion, definition: Definition, is_inner: bool, /
) -> tuple[dict[str, int], str]:
    """Source: map_set_def_max_entries, adjust_ringbuf_sz and parse_btf_map_def of libbpf.c."""
    kind = definition.kind
    assert kind is not None
    filled = {}
    if kind.entries.pages and version >= ((1, 1) if kind.name.startswith("user") else (0, 8)):
        filled["max_entries"] = rounded_ring(definition.max_entries, PAGE)
    is_empty = kind.entries.filled_by_loader and not definition.max_entries
    is_empty = is_empty and (version >= (1, 4) or not is_inner)
    return filled, CPUS if is_empty else WRITTEN


def _for_cilium(
    version: KernelVersion, definition: Definition, is_inner: bool, /
) -> tuple[dict[str, int], str]:
    """Source: MapSpec.fixupMagicFields of map.go, canHaveValueSize of types.go."""
    del is_inner  # all of it is done for inner maps, too
    kind = definition.kind
    assert kind is not None
    filled, entries = {}, WRITTEN
    if kind.of_maps:
        filled["value_size"] = 4
    elif definition.value_type_id and version >= (0, 17) and kind.has_record:
        filled["value_size"] = 0
    if kind.name == "perf_event_array":
        filled |= {"key_size": 4, "value_size": 4}
        entries = CPUS
        if definition.max_entries:
            entries = AT_MOST_CPUS if version >= (0, 6) else WRITTEN
    elif kind.name == "cpumap" and version >= (0, 17):
        entries = AT_MOST_CPUS if definition.max_entries else CPUS
    return filled, entries


def _for_aya(
    version: KernelVersion, definition: Definition, is_inner: bool, /
) -> tuple[dict[str, int], str]:
    """Source: max_entries_override and value_size_override of bpf.rs, MapData::create."""
    kind = definition.kind
    assert kind is not None
    filled, entries = {"numa_node": 0}, WRITTEN
    if version < (0, 14):
        filled["map_extra"] = 0
    elif kind.of_maps and definition.inner is not None:
        filled["value_size"] = 4
    if kind.name == "ringbuf" and not is_inner:
        filled["max_entries"] = rounded_ring(definition.max_entries, PAGE)
        if version >= (0, 14):
            filled["value_size"] = 0
    if kind.name in OF_TARGETS and not is_inner:
        filled["value_size"] = 8
    if kind.name == "perf_event_array":
        entries = CPUS
        if definition.max_entries:
            entries = AT_MOST_CPUS if version >= (0, 13) else WRITTEN
    return filled, entries


_FILLING = {
    "libbpf": _for_libbpf,
    "cilium": _for_cilium,
    "aya": _for_aya,
}


def _flags_of_section(loader: str, version: KernelVersion, map: InternalMap) -> int | None:
    """Return the flags of the map that *loader* makes of variables; None if it makes none."""
    if loader == "libbpf":
        return map.map_flags if version >= MAPPABLE_UNTIL else map.map_flags | _MMAPABLE
    section = map.section
    if section == ".kconfig":
        return _RDONLY_PROG if loader == "cilium" else None
    read_only = _RDONLY_PROG if section.startswith(".rodata") else 0
    if loader == "aya":  # parse_data_map_section, aya-obj/src/obj.rs
        return read_only
    if version < (0, 17):  # elfCode.loadDataSections, elf_reader.go
        return read_only if section in {".bss", ".data"} or read_only else None
    if section.startswith(".bss.") or not section.startswith((".bss", ".data", ".rodata")):
        return None
    return read_only | _MMAPABLE  # newCollectionLoader, collection.go


def loader_named(word: str) -> tuple[str, KernelVersion] | None:
    """Return the loader and version that *word* names, `cilium` or `cilium=0.17`; or None."""
    name, given, text = word.partition("=")
    if name not in LOADERS:
        return None
    if not given:
        return name, TARGETS[name].newest
    version = parse_version(text)
    return None if version is None or TARGETS[name].fault(version) else (name, version)
