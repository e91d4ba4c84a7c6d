"""The maps of two objects of one program, held against each other as libbpf understands them.

Used by :mod:`programs`. Of a definition, what counts is what a loader makes of it: how its struct
is called and in which order it has its members is nothing to anybody.
"""

from __future__ import annotations

from bpfgen.importer.replacing.same_types import SameTypes
from bpfgen.record import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bpfgen.object.records import Definition, ObjectFile, ObjectMap

_NUMBERS = ("max_entries", "map_flags", "numa_node", "map_extra", "pinning")
_MOST_LEVELS = 50


def map_differences(one: ObjectFile, other: ObjectFile) -> Iterator[str]:
    """Yield in what the maps of *other* aren't those of *one*: sentences."""
    types = None
    if one.btf is not None and other.btf is not None:
        types = SameTypes(one.btf, other.btf)
    after = {each.name: each for each in other.maps}
    for each in one.maps:
        now = after.pop(each.name, None)
        if now is None:
            yield f"map `{each.name}` is gone"
            continue
        why = _map_difference(each, now, types)
        if why:
            yield f"map `{each.name}` differs: {why}"
    for name in after:
        yield f"map `{name}` is new"


def _map_difference(one: ObjectMap, other: ObjectMap, types: SameTypes | None) -> str:
    """Return in what the map *other* isn't *one*, or an empty text."""
    for what in ("section", "linkage", "slots", "decl_tags", "error"):
        before, after = getattr(one, what), getattr(other, what)
        if before != after:
            return f"its {what.replace('_', ' ')} was {before}, and is {after}"
    return _definition_difference(one.definition, other.definition, types)


def _definition_difference(
    one: Definition, other: Definition, types: SameTypes | None, level: int = 0
) -> str:
    """Return in what the definition *other* isn't *one*, or an empty text."""
    for what in ("type", *_NUMBERS, "values"):
        before, after = getattr(one, what), getattr(other, what)
        if before != after:
            return f"its {what} was {before}, and is {after}"
    has_record = one.kind is not None and one.kind.has_record
    pairs = [("key", one.key_type_id, other.key_type_id)]
    value = one.value_type_id
    if has_record and value and not other.value_type_id and other.record_type_id:
        # The type of records, which only loaders other than libbpf take from the value.
        pairs.append(("record", value, other.record_type_id))
    else:
        pairs.append(("value", value, other.value_type_id))
        if (one.key_size, one.value_size) != (other.key_size, other.value_size):
            before, after = (
                f"{one.key_size}+{one.value_size}",
                f"{other.key_size}+{other.value_size}",
            )
            return f"its key and value had {before} bytes, and have {after}"
        if has_record:
            pairs.append(("record", one.record_type_id, other.record_type_id))
    for what, before_id, after_id in pairs:
        if bool(before_id) != bool(after_id):
            return f"its {what} {'has lost its' if before_id else 'got a'} type"
        why = types.difference(before_id, after_id) if types is not None and before_id else ""
        if why:
            return f"its {what} has another type: {why}"
    if one.inner is not None and other.inner is not None and level < _MOST_LEVELS:
        why = _definition_difference(one.inner, other.inner, types, level + 1)
        return why and f"of its inner map: {why}"
    return "its inner map differs" if one.inner is not other.inner else ""
