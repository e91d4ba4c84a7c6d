"""What the maps of an object ask of whoever loads them: `bpfgen inspect --as LOADER`.

The same features that :mod:`bpfgen.rules.maps.loaders` finds in a model, found in an object, which
may be one that no source could declare. :mod:`loaders` holds them against the tables.
"""

from __future__ import annotations

from bpfgen.ctype.children import held_members
from bpfgen.ctype.types import Array, Typedef, unqualified
from bpfgen.object.records import EXTERN, INITIALIZER, LEGACY, WEAK
from bpfgen.record import TYPE_CHECKING
from bpfgen.rules.maps.entries import PAGE
from bpfgen.rules.maps.loaders import OF_TARGETS, SHORT, field_features, type_features

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import TypeAlias

    from bpfgen.ctype.types import Type
    from bpfgen.object.records import Definition, ObjectMap

    Feature: TypeAlias = tuple[str, str]


def features_of(map: ObjectMap) -> dict[str, str]:
    """Return the rows of loaders' tables that *map* asks for, and by each what does, in words."""
    found: dict[str, str] = {}
    for feature, what in _features(map):
        found.setdefault(feature, what)
    return found


def _features(map: ObjectMap) -> Iterator[Feature]:
    definition = map.definition
    if definition.style == LEGACY:
        yield "legacy maps", "a legacy map"
    else:
        yield "maps in section .maps", "section `.maps`"
    if definition.style == INITIALIZER:
        yield "initializer style", "the initializer style"
    if map.linkage == WEAK:
        yield "weak maps", "a weak map"
    elif map.linkage == EXTERN:
        yield "extern maps", "an extern map"
    if map.decl_tags:
        yield "DECL_TAG", f'btf_decl_tag("{map.decl_tags[0]}")'
    if definition.values == "programs":
        yield "initial programs of a prog_array", "initial programs"
    elif map.slots:
        yield "initial maps", "initial maps"
    yield from _of_definition(definition, is_inner=False)
    if definition.inner is not None:
        yield "inner definitions", "an inner definition"
        yield from _of_definition(definition.inner, is_inner=True)


def _of_definition(definition: Definition, *, is_inner: bool) -> Iterator[Feature]:
    kind = definition.kind
    for type in (definition.key, definition.value):
        if type is not None:
            yield from _of_type(type)
    numbers = definition.numbers
    if "numa_node" in numbers:
        yield "numa_node", "numa_node"
        if numbers["numa_node"]:
            yield "a numa_node other than 0", f"numa_node {numbers['numa_node']}"
    if "map_extra" in numbers:
        is_long = numbers["map_extra"] >> 32 != 0
        feature = "map_extra of more than 32 bits" if is_long else "map_extra"
        yield feature, feature
    for role in ("key", "value"):
        if {role, f"{role}_size"} <= {*definition.declared}:
            yield "both a type and a size", f"`{role}` beside `{role}_size`"
    if kind is None:
        return
    yield kind.name, f"kind `{kind.name}`"
    if kind.of_maps and definition.inner is None and not is_inner:
        yield "maps of maps without an inner definition", "no inner definition"
    if kind.btf == "dropped" and (definition.key_type_id or definition.value_type_id):
        yield "types of kinds that take none", "the type of a key or value"
    if kind.name in OF_TARGETS and definition.value_size == SHORT:
        yield "devices and CPUs in 4 bytes", "values of 4 bytes"
    if definition.pinning == 1:
        yield "pinned maps are compared", "pinning"
        if kind.name.startswith("devmap"):
            yield "pinned devmap", f"pinning a `{kind.name}`"
    size = definition.max_entries
    if kind.entries.filled_by_loader and not size:
        if is_inner:
            yield "inner perf_event_array without entries", "an inner map without entries"
        elif definition.pinning == 1:
            yield "pinned perf_event_array without entries", "pinning it without entries"
    if kind.entries.pages and size and (size & (size - 1) != 0 or size < PAGE):
        kinds = "user ring buffers" if kind.name.startswith("user") else "ring buffers"
        yield f"{kinds} are rounded up", f"a size of {size} bytes"
        if is_inner:
            yield "inner ring buffers are rounded up", f"a size of {size} bytes of an inner map"


def _of_type(type: Type) -> Iterator[Feature]:
    yield from type_features(_bare(type), ())
    for owner, member in held_members(type, set()):
        tags = () if member.attributes is None else member.attributes.decl_tags
        for feature, what in type_features(_bare(member.type), tags):
            yield feature, f"{what} (`{member.name}`)" if member.name else what
        yield from field_features(owner)


def _bare(type: Type) -> Type:
    """Return *type* without arrays, typedefs and qualifiers around it."""
    while isinstance(type := unqualified(type), (Array, Typedef)):
        type = type.element if isinstance(type, Array) else type.underlying
    return type
