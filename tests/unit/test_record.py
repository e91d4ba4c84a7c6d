"""Records: equality, hash and repr, of any depth."""

from __future__ import annotations

import sys

import pytest

from bpfgen.ctype.types import (
    CHAR,
    INT,
    Array,
    Composite,
    FuncProto,
    Int,
    Member,
    Parameter,
    Pointer,
)
from bpfgen.record import TYPE_CHECKING, MutableRecord, Record, replace

if TYPE_CHECKING:
    from bpfgen.ctype.types import Type
    from bpfgen.record import Uncompared


class Nothing(Record):
    """A record without members."""


class Place(Record):
    """A record with a member that isn't compared."""

    name: str
    line: Uncompared[int] = 0


class Pair(Record):
    """A record of two things of any sort."""

    one: object
    two: object = None


class Loose(MutableRecord):
    """A record that is compared in its own way."""

    text: str

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Loose) and other.text.lower() == self.text.lower()

    __hash__ = MutableRecord.__hash__


def deep(levels: int) -> Type:
    """Return a type of four records and a tuple a level."""
    type: Type = INT
    for _ in range(levels):
        type = Composite("struct", None, (Member("a", Pointer(Array(type, 2)), 0),), 8)
    return type


@pytest.mark.parametrize(
    ("one", "two"),
    [
        (INT, CHAR),
        (INT, "int"),
        (Nothing(), Pair(1)),
        (Pair(1), Pair(2)),
        (Pair((1, 2)), Pair((1, 3))),
        (Pair((1, 2)), Pair((1, 2, 3))),
        (Pair((1,)), Pair([1])),
        (Pair(INT), Pair(Nothing())),
        (Pair(None), Pair(INT)),
        (Pair({"a": 1}), Pair({"a": 2})),
        (Pair(Loose("a")), Pair(Loose("b"))),
        (Pair(Pair(1), 2), Pair(1, Pair(2))),
    ],
)
def test_what_differs(one: object, two: object) -> None:
    """Records of two classes, and of other members, are two things."""
    assert one != two
    assert two != one


@pytest.mark.parametrize(
    ("one", "two"),
    [
        (Nothing(), Nothing()),
        (INT, Int("int", 4, signed=True)),
        (Place("a", 1), Place("a", 2)),
        (Pair(1), Pair(True)),  # noqa: FBT003 -- as Python compares them
        (Pair(1), Pair(1.0)),
        (Pair((1, (2, INT))), Pair((1, (2, replace(INT))))),
        (Pair(Place("a", 1)), Pair(Place("a", 2))),
    ],
)
def test_what_is_equal_has_one_hash(one: object, two: object) -> None:
    """Equal records have equal hashes; what isn't compared counts for neither."""
    assert one == two
    assert hash(one) == hash(two)


def test_a_record_may_compare_in_its_own_way() -> None:
    """Its own `__eq__` is asked wherever it is a member."""
    assert Pair(Loose("A")) == Pair(Loose("a"))
    assert Pair((Loose("A"),)) == Pair((Loose("a"),))
    assert repr(Pair(Loose("a"))) == "Pair(one=Loose(text='a'), two=None)"


def test_what_cannot_be_hashed_is_refused() -> None:
    """A list makes the record that holds it as little hashable as itself."""
    with pytest.raises(TypeError, match="unhashable"):
        hash(Pair([1]))


def test_a_record_is_written_as_python_would_make_it() -> None:
    """The repr is an expression of the members that are compared."""
    assert repr(Nothing()) == "Nothing()"
    assert repr(Place("a", 3)) == "Place(name='a')"
    assert repr(Pair((), (1,))) == "Pair(one=(), two=(1,))"
    assert repr(Pair((Nothing(), [Place("b")]))) == (
        "Pair(one=(Nothing(), [Place(name='b')]), two=None)"
    )
    function = FuncProto(INT, (Parameter(None, CHAR), Parameter("b", Pointer(INT))))
    assert eval(repr(function)) == function  # noqa: S307 -- our own text


def test_depth_costs_no_frames() -> None:
    """What is far deeper than Python has frames for is compared, hashed and written."""
    levels = 10 * sys.getrecursionlimit()
    one, two = deep(levels), deep(levels)
    assert one == two
    assert one != deep(levels - 1)
    assert hash(one) == hash(two)
    assert repr(one).count("Pointer(target=Array(") == levels
