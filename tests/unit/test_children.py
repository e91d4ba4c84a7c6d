"""What is inside a type, by value or by name, and the walk over it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from bpfgen.ctype.children import children, held, held_members, pointer_in, walk
from bpfgen.ctype.types import (
    CHAR,
    FLOAT,
    INT,
    MODIFIERS,
    UINT,
    VOID,
    Array,
    Composite,
    Const,
    Enum,
    FuncProto,
    Member,
    Named,
    Parameter,
    Pointer,
    Restrict,
    Typedef,
    TypeTag,
    Unknown,
    Volatile,
    unqualified,
)

if TYPE_CHECKING:
    from bpfgen.ctype.types import Type

POINT = Named("struct", "point")
STRUCT = Composite("struct", "s", (Member("a", INT, 0), Member("b", Pointer(CHAR), 64)), 16)
FUNCTION = FuncProto(INT, (Parameter("a", UINT), Parameter(None, CHAR)))

INSIDE: list[tuple[Type, tuple[Type, ...], tuple[Type, ...]]] = [
    (VOID, (), ()),
    (INT, (), ()),
    (FLOAT, (), ()),
    (Unknown(), (), ()),
    (POINT, (), ()),
    (Enum("e", 4, signed=False, enumerators=()), (), ()),
    (Enum("e", 1, signed=False, enumerators=(), base=CHAR), (CHAR,), ()),
    (Pointer(POINT), (), (POINT,)),
    (Array(INT, 0, flexible=True), (INT,), ()),
    (STRUCT, (INT, Pointer(CHAR)), ()),
    (Typedef("t", STRUCT), (STRUCT,), ()),
    (Const(INT), (INT,), ()),
    (Volatile(INT), (INT,), ()),
    (Restrict(Pointer(INT)), (Pointer(INT),), ()),
    (TypeTag(POINT, "kptr"), (POINT,), ()),
    (FUNCTION, (), (INT, UINT, CHAR)),
]


@pytest.mark.parametrize(("type", "by_value", "by_name"), INSIDE)
def test_what_is_held_and_what_is_named(
    type: Type, by_value: tuple[Type, ...], by_name: tuple[Type, ...]
) -> None:
    """A type's children are what it holds, or else what it names."""
    assert held(type) == by_value
    assert children(type) == by_value + by_name


def test_every_kind_of_type_is_tried() -> None:
    """The table above has a row for each class of the union, which mypy compares with `held`."""
    kinds = {row[0].__class__ for row in INSIDE}
    assert kinds >= {*MODIFIERS}
    assert len(kinds) == 15


def test_a_walk_is_in_order() -> None:
    """Each type comes before what is inside it, and the first member before the second."""
    pointer = Pointer(Const(FUNCTION))
    whole = Composite("struct", None, (Member("f", pointer, 0), Member("s", STRUCT, 64)), 24)
    assert [*walk(whole)] == [
        *(whole, pointer, Const(FUNCTION), FUNCTION, INT, UINT, CHAR),
        *(STRUCT, INT, Pointer(CHAR), CHAR),
    ]
    assert [*walk(whole, held)] == [whole, pointer, STRUCT, INT, Pointer(CHAR)]


def test_a_walk_is_told_where_to_go_when_it_goes_on() -> None:
    """What is inside a type is asked for after the type was looked at."""
    seen: list[Type] = []
    walked = []
    for type in walk(Array(STRUCT, 2), lambda inner: () if inner in seen else held(inner)):
        walked.append(type)
        if isinstance(type, Composite):
            seen.append(type)
    assert walked == [Array(STRUCT, 2), STRUCT]


def test_a_walk_has_no_depth() -> None:
    """A type of any depth is walked without a frame a level."""
    type: Type = INT
    for _ in range(5_000):
        type = Pointer(Const(type))
    assert sum(1 for _ in walk(type)) == 10_001


def test_qualifiers_and_tags_go_and_typedefs_stay() -> None:
    """`unqualified` stops at a typedef."""
    typedef = Typedef("t", Const(INT))
    assert unqualified(Const(TypeTag(Volatile(typedef), "x"))) is typedef
    assert unqualified(typedef) is typedef


def test_the_members_of_all_that_is_held() -> None:
    """Through arrays and typedefs, not through pointers; a struct that was walked is left out."""
    union = Composite("union", None, (Member("c", INT, 0),), 4)
    outer = Composite(
        "struct", "o", (Member("s", Array(STRUCT, 2), 0), Member("u", union, 256)), 36
    )
    walked: set[int] = set()
    names = [(owner.tag, member.name) for owner, member in held_members(outer, walked)]
    assert names == [("o", "s"), ("o", "u"), ("s", "a"), ("s", "b"), (None, "c")]
    assert walked == {id(outer), id(STRUCT), id(union)}
    assert list(held_members(Typedef("t", STRUCT), walked)) == []
    assert list(held_members(Pointer(STRUCT), set())) == []


def test_the_pointer_in_a_type() -> None:
    """Arrays of pointers, under whatever name; a pointer to an array is one, a struct isn't."""
    pointer = Pointer(Array(INT, 2))
    for type in (pointer, Array(Array(Const(pointer), 2), 3), Typedef("t", Volatile(pointer))):
        assert pointer_in(type) is pointer
    assert pointer_in(STRUCT) is None
    assert pointer_in(Array(INT, 2)) is None
