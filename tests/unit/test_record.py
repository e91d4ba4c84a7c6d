"""Records: values that stay as they are, and what makes two of them the same, at any depth."""

from __future__ import annotations

import subprocess
import sys
from inspect import signature
from typing import TYPE_CHECKING, Any

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
from bpfgen.record import MutableRecord, Record, replace
from bpfgen.record_initializers import INITIALIZERS
from bpfgen.text.diagnostics import Diagnostic
from bpfgen.text.source import Source, Span
from tests.tools import CHECKOUT

if TYPE_CHECKING:
    from pathlib import Path

    from bpfgen.ctype.types import Type
    from bpfgen.record import Uncompared


class Point(Record):
    """Two numbers, and where they were read."""

    x: int
    y: int = 0
    span: Uncompared[Span | None] = None


class Draft(MutableRecord):
    """A number that is filled in."""

    x: int = 0


SPAN = Span(Source("a", "text"), 0, 4)


RECORD_TYPE: Any = type(Record)


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
    assert repr(one).count("Pointer(pointee=Array(") == levels


def test_what_is_left_out_of_equality_is_declared_so() -> None:
    """A member declared as uncompared makes no difference to equality, hash or repr."""
    here, there = Point(1, 2), Point(1, 2, SPAN)
    assert here == there
    assert hash(here) == hash(there)
    assert repr(there) == "Point(x=1, y=2)"
    assert here != Point(2, 2)


def test_two_diagnostics_at_two_places_are_two() -> None:
    """Nothing is left out for its name alone: where a diagnostic points is part of it."""
    other = Span(SPAN.source, 1, 4)
    assert Diagnostic("code", "words", SPAN) == Diagnostic("code", "words", SPAN)
    assert Diagnostic("code", "words", SPAN) != Diagnostic("code", "words", other)


def test_replace_makes_another_one() -> None:
    """The copy has the new values, uncompared members are kept, the record is as it was."""
    point = Point(1, 2, SPAN)
    moved = replace(point, x=5)
    assert (moved.x, moved.y, moved.span) == (5, 2, SPAN)
    assert point.x == 1


def test_replace_knows_its_members() -> None:
    """A name that is no member is refused."""
    with pytest.raises(TypeError, match="z"):
        replace(Point(1), z=1)


@pytest.mark.slow
def test_a_type_checker_refuses_to_change_a_record(tmp_path: Path) -> None:
    """Assigning to a member of a record is an error, of a mutable record isn't."""
    script = tmp_path / "script.py"
    script.write_text(
        "from bpfgen.text.diagnostics import Label\n"
        "from bpfgen.text.source import Source, Span\n"
        "from bpfgen.record import MutableRecord\n"
        "class Draft(MutableRecord):\n"
        "    x: int\n"
        "label = Label(Span(Source('', ''), 0, 0), 'a')\n"
        "label.text = 'b'\n"
        "Draft(1).x = 2\n"
    )
    command = [
        sys.executable,
        "-m",
        "mypy",
        "--cache-dir",
        str(tmp_path),
        "--follow-imports=silent",
    ]
    run = subprocess.run(
        [*command, str(script)], cwd=CHECKOUT, capture_output=True, text=True, check=False
    )
    assert run.stdout.splitlines() == [
        f'{script}:7: error: Property "text" defined in "Label" is read-only  [misc]',
        "Found 1 error in 1 file (checked 1 source file)",
    ]


def test_a_mutable_record_is_filled_in() -> None:
    """It has the same equality, and members that can be set."""
    draft = Draft()
    draft.x = 3
    assert draft == Draft(3)


def test_equality_of_what_holds_one_thing_twice_is_linear() -> None:
    """Each level holds the one below twice; gone through twice, a few dozen would take hours."""
    one: object = Pair(1, 2)
    other: object = Pair(1, 2)
    different: object = Pair(1, 3)
    for _ in range(2_000):
        one, other, different = Pair(one, one), Pair(other, other), Pair(different, different)
    assert one == other
    assert one != different


@pytest.mark.parametrize("count", range(1, len(INITIALIZERS) + 3))
def test_each_number_of_members_has_its_initializer(count: int) -> None:
    """Every member gets its own value, by place and by name, and the last one has a default."""
    names = [f"member_{index}" for index in range(count)]
    annotations = dict.fromkeys(names, "object")
    made = RECORD_TYPE("Made", (Record,), {"__annotations__": annotations, names[-1]: "last"})
    values = [object() for _ in names]
    assert [getattr(made(*values), name) for name in names] == values
    by_name = made(**dict(zip(names, values, strict=True)))
    assert [getattr(by_name, name) for name in names] == values
    assert getattr(made(*values[:-1]), names[-1]) == "last"
    assert list(signature(made).parameters) == names
    with pytest.raises(TypeError, match="member_"):
        made(*values[:-1], member_x=0)


def test_a_member_without_a_default_comes_first() -> None:
    """As in a function: what comes after a default has one, too, inherited members included."""
    with pytest.raises(TypeError, match="`y` has a default"):
        RECORD_TYPE("Wrong", (Point,), {"__annotations__": {"z": "int"}})


def test_a_record_is_a_class_whose_type_is_type() -> None:
    """`isinstance` and `case` say no three times as fast of such a class."""

    class Derived(Point, Record):
        z: int = 0

    assert type(Point) is type
    assert type(Derived) is type
    assert Derived.__mro__[1:3] == Point.__mro__[:2]
    assert isinstance(Derived(1, 2, z=3), Point)
    assert isinstance(Point(1, 2), Record)
    assert not isinstance((1, 2), Record)
    assert not hasattr(Derived(1, 2), "__dict__")


def test_a_record_of_a_record_says_that_it_is_one() -> None:
    """Else it would have no slots and no initializer of its own."""
    with pytest.raises(TypeError, match="doesn't name `Record`"):

        class Derived(Point):
            z: int = 0
