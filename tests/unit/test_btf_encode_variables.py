"""Variables, functions and sections of BTF, read back: names, linkages, places, tags."""

from __future__ import annotations

import pytest

from bpfgen.btf import kinds
from bpfgen.btf.decode import Btf
from bpfgen.btf.encode import BtfEncoder
from bpfgen.btf.encode_variables import (
    add_definition,
    add_function,
    add_section,
    add_typedef_tags,
    add_variable,
)
from bpfgen.btf.write import btf_bytes
from bpfgen.compiler import compile
from bpfgen.ctype.types import (
    INT,
    VOID,
    Array,
    Composite,
    FuncProto,
    Member,
    Named,
    Parameter,
    Pointer,
    Typedef,
)
from bpfgen.text.source import Source


def _pointer(name: str, pointee: object, at: int) -> Member:
    return Member(name, Pointer(pointee), at)  # type: ignore[arg-type]


KEY = Composite("struct", "key", (Member("x", INT, 0),), 4)
INNER = Composite("struct", None, (_pointer("key", KEY, 0),), 8)
OUTER = Composite(
    "struct",
    None,
    (
        _pointer("type", Array(INT, 13), 0),
        _pointer("value", Typedef("number", INT), 64),
        Member("values", Array(Pointer(INNER), 0, flexible=True), 128),
    ),
    16,
)
PROGRAM = FuncProto(INT, (Parameter("ctx", Pointer(VOID)), Parameter(None, INT)))


@pytest.mark.parametrize("byteorder", ["little", "big"])
def test_variables_are_read_back(byteorder: str) -> None:
    """A VAR has its name, type, linkage and tags, and the DATASEC its place."""
    encoder = BtfEncoder({})
    variables = [
        add_variable(
            encoder, name, add_definition(encoder, OUTER), linkage, ("one", "two") * (name == "a")
        )
        for name, linkage in (
            ("a", kinds.BTF_VAR_GLOBAL_ALLOCATED),
            ("b", kinds.BTF_VAR_GLOBAL_EXTERN),
            ("c", kinds.BTF_VAR_STATIC),
        )
    ]
    add_section(encoder, ".maps", [(id, 16 * n, 16) for n, id in enumerate(variables)], 48)
    add_typedef_tags(encoder, "number", ["counted"])
    add_typedef_tags(encoder, "nobody's", ["lost"])
    encoder.finish()
    btf = Btf(btf_bytes(encoder.records, encoder.strings, byteorder))  # type: ignore[arg-type]
    section = btf.datasec(".maps")
    assert section is not None
    assert [(name, linkage) for _id, name, linkage in btf.variables_of(section)] == [
        ("a", 1),
        ("b", 2),
        ("c", 0),
    ]
    assert btf.variables(section) == [
        (variables[0], 0, 16),
        (variables[1], 16, 16),
        (variables[2], 32, 16),
    ]
    assert btf.size(section) == 48
    assert [btf.decl_tags(id) for id in variables] == [("one", "two"), (), ()]
    (typedef,) = btf.find_all("number", kinds.BTF_KIND_TYPEDEF)
    assert btf.decl_tags(typedef) == ("counted",)
    assert [btf.name(id) for id in btf.ids_of_kind(kinds.BTF_KIND_FWD)] == []


def test_functions_are_read_back() -> None:
    """A function that is defined keeps the names of its parameters; a declared one has none."""
    encoder = BtfEncoder({})
    ids = [
        add_function(encoder, "declared", PROGRAM, kinds.BTF_FUNC_EXTERN),
        add_function(encoder, "defined", PROGRAM, kinds.BTF_FUNC_GLOBAL, ["tag"]),
        add_function(encoder, "again", PROGRAM, kinds.BTF_FUNC_STATIC),
    ]
    encoder.finish()
    btf = Btf(btf_bytes(encoder.records, encoder.strings))
    assert [btf.linkage(id) for id in ids] == [2, 1, 0]
    assert [[name for name, _type in btf.parameters(btf.target(id))] for id in ids] == [
        ["", ""],
        ["ctx", ""],
        ["ctx", ""],
    ]
    assert btf.target(ids[1]) == btf.target(ids[2]) != btf.target(ids[0])
    assert btf.decl_tags(ids[1]) == ("tag",)


def test_what_a_definition_points_to_is_whole() -> None:
    """The types of an inner definition aren't left as declarations, in whatever order."""
    encoder = BtfEncoder({("struct", "key"): KEY})
    add_variable(encoder, "m", add_definition(encoder, OUTER), kinds.BTF_VAR_GLOBAL_ALLOCATED)
    holder = Composite("struct", "holder", (_pointer("next", Named("struct", "gone"), 0),), 8)
    add_definition(encoder, Composite("struct", None, (_pointer("value", holder, 0),), 8))
    encoder.finish()
    btf = Btf(btf_bytes(encoder.records, encoder.strings))
    assert btf.find("key", kinds.BTF_KIND_STRUCT) is not None
    assert btf.find("holder", kinds.BTF_KIND_STRUCT) is not None
    assert [btf.name(id) for id in btf.ids_of_kind(kinds.BTF_KIND_FWD)] == ["gone"]


def test_two_declarators_of_one_struct_bring_nothing_twice() -> None:
    """What only pointers in it mention stays declared, as clang has it: to C the two are one."""
    text = """\
struct later { int a; };
struct s { struct { struct later *map; volatile struct later *type; } one, *two; };
map m: hash<__u32, s>[1];
"""
    model = compile(Source("m.dsl", text)).model
    encoder = BtfEncoder(model.named_types, deduplicated=True)
    assert model.maps[0].shape.value is not None
    encoder.add_type(model.maps[0].shape.value.type)
    encoder.finish()
    btf = Btf(btf_bytes(encoder.records, encoder.strings))
    assert [btf.kind(id) for id in btf.find_all("later")] == [kinds.BTF_KIND_FWD]
