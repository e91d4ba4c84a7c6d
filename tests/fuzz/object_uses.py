"""Everything that bpfgen does with an object, and what has to be true of the outcome.

Any bytes are read or refused with one FormatError. What was read can be told as JSON, as a table
and as C, can be imported, and can be held against a model.
"""

from __future__ import annotations

import functools
import json
import re
from typing import TYPE_CHECKING

from bpfgen.compiler import Options, compile
from bpfgen.importer import import_object
from bpfgen.inspection.json import object_line
from bpfgen.inspection.table import object_table
from bpfgen.inspection.types import object_types
from bpfgen.object import read_object
from bpfgen.text.diagnostics import FormatError
from bpfgen.text.source import Source
from bpfgen.verify import verify

if TYPE_CHECKING:
    from bpfgen.model.model import Model
    from bpfgen.object import ObjectFile

KEYS = [
    *("format", "path", "error", "byteorder", "platform", "maps", "internal_maps", "struct_ops"),
    "btf_refused",
    "running",
    "running_maps",
]

MAP_KEYS = [
    *("name", "section", "linkage", "type", "type_id", "key_size", "value_size", "max_entries"),
    *("map_flags", "map_extra", "numa_node", "pinning", "key", "value", "inner", "values"),
    *("record", "declared", "decl_tags", "fingerprint"),
]

DECLARED = """
struct v { int a; long long b; };
map m: hash<int, v>[1];
map flows: hash<__u64, __u32>[128] { map_flags = BPF_F_NO_PREALLOC; };
map slot_a: array<int, __u64>[3];
map outer: array_of_maps<__u32, array<int, __u64>[3]>[9] = { [1] = slot_a };
map stackmap: stack_trace[128] { key_size = 4; value_size = 1016; };
legacy map first: hash<__u32, __u64>[16];
extern map shared: hash<int, __u64>[5];
"""
"""A model to hold mutants against: names of the seeds' maps, each with some truth in it."""

_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")
"""What must not reach a terminal."""

LONGEST = 10
"""Times the object's size that one of its texts may be long, beyond 8 MB."""


@functools.cache
def model() -> Model:
    """Return what :data:`DECLARED` says."""
    compilation = compile(Source("declared.dsl", DECLARED), Options())
    assert not compilation.failed
    return compilation.model


def use(data: bytes, *, imported: bool = True) -> str:
    """Do everything with *data*; return `read`, `refused` (by libbpf) or `broken`."""
    try:
        found = read_object(data)
    except FormatError as error:
        line = "".join(object_line("mutant.o", None, str(error)))
        record = json.loads(line)
        assert list(record) == KEYS
        assert record["error"]
        return "broken"
    told(found, len(data))
    if imported:
        made = import_object(read_object(data), "mutant.o", Options())
        assert made.text or not found.maps or made.diagnostics
        assert _CONTROL.search(made.text) is None
        assert len(made.text) < 8e6 + LONGEST * len(data)
        for difference in verify(model(), found, style="modern", exact=True):
            assert difference.message
    return "read" if found.error is None else "refused"


def told(found: ObjectFile, size: int) -> None:
    """Tell *found*, of *size* bytes, in every way."""
    assert found.error is None or found.error.strip()
    for each in found.maps:
        assert len(each.data) <= max(each.size, 0)
        assert each.linkage in {"global", "weak", "static", "extern"}
        assert each.error is None or found.error is not None
    text = "".join(object_line("mutant.o", found, found.error))
    assert text.endswith("}\n")
    assert text.count("\n") == 1
    assert text.isascii()
    record = json.loads(text)
    assert list(record) == KEYS
    assert len(record["maps"]) == len(found.maps)
    for each in record["maps"]:
        assert list(each) == MAP_KEYS
        assert each["inner"] is None or list(each["inner"]) == MAP_KEYS
    for shown in (object_table("mutant.o", found), object_types(found)):
        assert _CONTROL.search(shown) is None
        assert len(shown) < 8e6 + LONGEST * size
