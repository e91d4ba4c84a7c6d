"""The JSON of a model: its schema, and that it says what the source says."""

from __future__ import annotations

import copy
import json
import sys
from typing import TYPE_CHECKING, Any

import jsonschema
import pytest

from bpfgen.compiler import compile
from bpfgen.emit.json.model import emit_json
from bpfgen.emit.json.text import indented
from bpfgen.text.source import Source
from tests.samples import GOOD, compiled
from tests.tools import CHECKOUT, require_clang

if TYPE_CHECKING:
    from collections.abc import Callable

    from bpfgen.emit.json.text import Value

SCHEMA = json.loads((CHECKOUT / "docs" / "json-model.schema.json").read_text(encoding="utf-8"))
"""What is promised: readers ignore keys that they don't know, so that it lets them pass."""

OPEN = ("additionalProperties", "unevaluatedProperties")


def strict(schema: Any) -> Any:
    """Return *schema* without room for a key, or for an attribute, that it doesn't describe."""
    if isinstance(schema, list):
        return [strict(item) for item in schema]
    if not isinstance(schema, dict):
        return schema
    closed = {
        key: False if key in OPEN and value is True else strict(value)
        for key, value in schema.items()
    }
    names = schema.get("examples")
    return {"enum": names} if isinstance(names, list) else closed


STRICT = strict(SCHEMA)
"""What this bpfgen writes: nothing that isn't described."""


def document(name: str) -> Any:
    """Return the JSON of samples/*name*, read back."""
    text = emit_json(compiled(name).model)
    assert text.endswith("}\n")
    return json.loads(text)


def test_schema_is_a_schema() -> None:
    """The documented schema is itself valid."""
    jsonschema.Draft202012Validator.check_schema(SCHEMA)


@pytest.mark.parametrize("name", GOOD)
def test_samples_obey_the_schema(name: str) -> None:
    """What comes out is what docs/json-model.schema.json promises."""
    if "include" in (CHECKOUT / "samples" / name).read_text(encoding="utf-8"):
        require_clang()
    written = document(name)
    jsonschema.Draft202012Validator(STRICT).validate(written)
    _add_keys(written)
    jsonschema.Draft202012Validator(SCHEMA).validate(written)


def _add_keys(value: Any) -> None:
    """Put a key that nobody knows into each object below *value*."""
    if isinstance(value, list):
        for item in value:
            _add_keys(item)
    elif isinstance(value, dict):
        for key, item in value.items():
            if key not in ("targets", "macros", "declared", "filled_in"):  # keys there are names
                _add_keys(item)
            elif key in ("declared", "filled_in"):
                for attribute in item.values():
                    _add_keys(attribute)
        value["new_key"] = {"whatever": [1, None]}


def _delete(path: str) -> Callable[[Any], None]:
    def change(value: Any) -> None:
        holder, last = _holder(value, path)
        del holder[last]

    return change


def _set(path: str, new: object) -> Callable[[Any], None]:
    def change(value: Any) -> None:
        holder, last = _holder(value, path)
        holder[last] = new

    return change


def _holder(value: Any, path: str) -> tuple[Any, str]:
    *parents, last = path.split(".")
    for key in parents:
        value = value[int(key) if key.isdigit() else key]
    return value, last


DAMAGE = {
    "no format": _delete("format"),
    "no linkage": _delete("maps.0.linkage"),
    "no kind": _delete("maps.0.kind"),
    "no offset": _delete("types.0.members.0.bit_offset"),
    "unknown key": _set("maps.0.surprise", 1),
    "unknown attribute": _set("maps.0.declared.colour", {"value": 1, "expression": None}),
    "number as text": _set("maps.0.declared.max_entries.value", "16"),
    "unknown kind of type": _set("maps.0.key.kind", "integer"),
    "unknown member key": _set("types.0.members.0.offset", 0),
    "unknown kind of definition": _set("types.0.kind", "class"),
}


@pytest.mark.parametrize("change", DAMAGE.values(), ids=DAMAGE.keys())
def test_schema_refuses_what_it_does_not_describe(change: Callable[[Any], None]) -> None:
    """A key that is missing or of another type doesn't pass, nor, in these tests, a new one."""
    changed = copy.deepcopy(document("btf_map.dsl"))
    change(changed)
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.Draft202012Validator(STRICT).validate(changed)


def test_map_is_told_whole() -> None:
    """Name, kind, types, attributes and line of the first example."""
    (btf_map,) = document("btf_map.dsl")["maps"]
    assert btf_map["name"] == "btf_map"
    assert (btf_map["kind"], btf_map["type"]) == ("array", 2)
    assert btf_map["key"]["name"] == "int"
    assert btf_map["value"] == {"kind": "struct", "name": "my_value"}
    assert btf_map["declared"] == {"max_entries": {"value": 16, "expression": "16"}}
    assert (btf_map["filled_in"], btf_map["runtime"], btf_map["slots"]) == ({}, [], [])
    assert btf_map["line"] == 5


def test_declared_filled_in_and_runtime_are_apart() -> None:
    """An attribute is in one of three places, or absent."""
    maps = {m["name"]: m for m in document("kinds.dsl")["maps"]}
    trie = maps["an_lpm_trie"]
    assert list(trie["declared"]) == ["max_entries"]
    assert trie["filled_in"]["map_flags"]["value"] == 1
    assert trie["filled_in"]["map_flags"]["reason"]
    assert "max_entries" not in maps["perf_events"]["declared"]
    own = {m["name"]: m for m in document("linkage.dsl")["maps"]}["own"]
    assert own["runtime"] == ["max_entries"]


def test_constants_keep_their_names() -> None:
    """Expressions are those of the source, prelude constants by name."""
    (stackmap,) = document("stackmap.dsl")["maps"]
    assert stackmap["declared"]["value_size"] == {
        "value": 4064,
        "expression": "PERF_MAX_STACK_DEPTH * sizeof(struct bpf_stack_build_id)",
    }
    constants = {c["name"]: c for c in document("constants.dsl")["constants"]}
    assert constants["RING_BYTES"]["expression"] == "RING_PAGES * PAGE"
    assert constants["RING_BYTES"]["value"] == 65536


def test_every_type_held_by_value_is_defined() -> None:
    """A reader finds each struct, union, enum and typedef that a file holds by value."""
    types = document("types.dsl")
    defined = {(t["kind"], t["name"]) for t in types["types"] + types["foreign_types"]}

    def check(value: Any) -> None:
        if isinstance(value, list):
            for item in value:
                check(item)
        elif isinstance(value, dict):
            if value.get("kind") in {"pointer", "function"}:
                return
            if value.get("kind") in {"struct", "union", "enum", "typedef"} and value.get("name"):
                assert (value["kind"], value["name"]) in defined
            for item in value.values():
                check(item)

    check(types["maps"])
    check(types["types"])
    check(types["foreign_types"])


def test_depth_is_no_matter(monkeypatch: pytest.MonkeyPatch) -> None:
    """199 structs without names in each other fit in Python's own limit, from 200 calls down."""
    text = "struct v { " + "struct { " * 199 + "int x; " + "} m; " * 199 + "};"
    model = compile(Source("deep.dsl", f"{text}\nmap m: hash<int, v>[4];")).model
    before, set_limit = sys.getrecursionlimit(), sys.setrecursionlimit
    set_limit(1000)
    monkeypatch.setattr(sys, "setrecursionlimit", lambda _limit: None)

    def from_below(calls: int) -> str:
        return emit_json(model) if calls == 0 else from_below(calls - 1)

    try:
        text = from_below(200)
    finally:
        set_limit(before)
    assert text.count('"kind": "struct"') == 201


@pytest.mark.parametrize(
    "value", [{}, [], None, 'é\n"', 0, True, {"": [1, {}]}, [[], [[1, 2], {"a": {"b": []}}], "x"]]
)
def test_a_value_is_written_as_json_writes_it(value: Value) -> None:
    """With two blanks a level, and every character as it is."""
    assert indented(value) == json.dumps(value, indent=2, ensure_ascii=False)
