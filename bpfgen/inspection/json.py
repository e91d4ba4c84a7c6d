"""One object as one line of JSON: the maps as libbpf's open step understands them.

The keys are stable; docs/inspect.md says what each holds. A line is made in pieces, a map each,
so that an object whose maps share one enormous type takes no more memory than that type.
"""

from __future__ import annotations

from json import dumps

from bpfgen.ctype.fingerprint import Fingerprints, hexadecimal
from bpfgen.inspection.declaration import Declarations
from bpfgen.model.maps import PINNING
from bpfgen.object.fingerprint import fingerprint_of_object_map
from bpfgen.object.refused_btf import refused_btf
from bpfgen.record import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    from bpfgen.object.records import Definition, ObjectFile, ObjectMap

_AT_ONCE = 16
"""Maps that are made at once: most objects have fewer, and a call for each takes its time."""

FORMAT = 1
"""Of a line, also of an object as a loader sees it. It grows when a key goes or changes its
meaning; a new key doesn't raise it."""

UNSPECIFIED = "unspec"
"""libbpf's name of map type 0."""


def object_line(path: str, object: ObjectFile | None, error: str | None) -> Iterator[str]:
    """Yield the pieces of the line of one object, which ends in a newline.

    Args:
        path: As the user wrote it.
        object: What was read, or None where nothing could be.
        error: Why libbpf would refuse the object, or why it couldn't be read; None if neither.
    """
    maps = () if object is None else object.maps
    declarations, fingerprints = Declarations(), Fingerprints()
    running = [] if object is None else _running_records(object, declarations)
    record = {
        "format": FORMAT,
        "path": path,
        "error": error,
        "byteorder": None if object is None else object.byteorder,
        "platform": None if object is None else ("windows" if object.is_windows else "linux"),
        "maps": [map_record(map, declarations, fingerprints) for map in maps[:_AT_ONCE]],
        "internal_maps": [] if object is None else _internal_records(object),
        "struct_ops": [] if object is None else _struct_ops_records(object),
        "btf_refused": [] if object is None else [one.message for one in refused_btf(object)],
        "running": running[0] if len(running) == 1 else None,
        "running_maps": running,
    }
    text = dumps(record)
    if len(maps) <= _AT_ONCE:
        yield f"{text}\n"
        return
    # Nothing but the text of strings could look like this, and there a quote has a backslash.
    before, mark, after = text.rpartition('], "internal_maps": ')
    yield before
    for map in maps[_AT_ONCE:]:
        yield f", {dumps(map_record(map, declarations, fingerprints))}"
    yield f"{mark}{after}\n"


def _running_records(object: ObjectFile, declarations: Declarations) -> list[dict[str, Any]]:
    """Return the records of the running maps that *object* stands for; none of a file."""
    if not object.running:
        return []
    # A file needs none of it.
    from bpfgen.inspection.running import running_record

    return [running_record(running, declarations) for running in object.running]


def map_record(
    map: ObjectMap, declarations: Declarations, fingerprints: Fingerprints
) -> dict[str, Any]:
    """Return the record of one map."""
    record = _definition_record(map.name, map, map.definition, declarations)
    record["values"] = [{"index": index, "target": target} for index, target in map.slots]
    record["record"] = declarations.of_id(map.definition.types, map.record_type_id)
    record["decl_tags"] = list(map.decl_tags)
    record["fingerprint"] = shown_fingerprint(map, fingerprints)
    return record


def shown_fingerprint(map: ObjectMap, fingerprints: Fingerprints) -> str | None:
    """Return the fingerprint of *map*, `0x` and 16 digits; None if it has none."""
    fingerprint = fingerprint_of_object_map(map, fingerprints)
    return None if fingerprint is None else hexadecimal(fingerprint)


def _definition_record(
    name: str, map: ObjectMap, definition: Definition, declarations: Declarations
) -> dict[str, Any]:
    """Return the record of *definition*, that of *found* or of its inner map."""
    inner = definition.inner
    return {
        "name": name,
        "section": map.section,
        "linkage": map.linkage,
        "type": type_name(definition),
        "type_id": definition.type or 0,
        "key_size": definition.key_size,
        "value_size": definition.value_size,
        "max_entries": definition.max_entries,
        "map_flags": definition.map_flags,
        "map_extra": definition.map_extra,
        "numa_node": definition.numa_node,
        "pinning": pinning_name(definition),
        "key": declarations.of_id(definition.types, definition.key_type_id),
        "value": declarations.of_id(definition.types, definition.value_type_id),
        # libbpf calls the inner map so; it has no variable, hence no slots, of its own.
        "inner": None
        if inner is None
        else _definition_record(f"{name}.inner", map, inner, declarations),
        "values": [],
        "record": None,
        "declared": list(definition.declared),
        "decl_tags": [],
        "fingerprint": None,
    }


def type_name(definition: Definition) -> str | None:
    """Return libbpf's name of the map type; None for a number that has none."""
    if definition.kind is not None:
        return definition.kind.name
    return None if definition.type else UNSPECIFIED


def pinning_name(definition: Definition) -> str:
    """Return `by_name` or `none`; libbpf refuses every other number."""
    return "by_name" if definition.pinning == PINNING["by_name"] else "none"


def _internal_records(object: ObjectFile) -> list[dict[str, Any]]:
    return [
        {
            "section": internal.section,
            "type": "array",
            "key_size": 4,
            "value_size": internal.size,
            "max_entries": 1,
            "map_flags": internal.map_flags,
        }
        for internal in object.internal_maps
    ]


def _struct_ops_records(object: ObjectFile) -> list[dict[str, Any]]:
    return [
        {
            "name": struct_ops.name,
            "section": struct_ops.section,
            "type": "struct_ops",
            "key_size": 4,
            "value_size": struct_ops.size,
            "max_entries": 1,
            "map_flags": struct_ops.map_flags,
            "value": f"struct {struct_ops.type_name}",
            "autocreate": struct_ops.autocreate,
        }
        for struct_ops in object.struct_ops
    ]
