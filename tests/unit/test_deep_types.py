"""Types nested as deep as they may be are spelled within Python's default limit of frames."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import pytest

from bpfgen.ctype.types import (
    INT,
    VOID,
    Array,
    Composite,
    Expression,
    FuncProto,
    Member,
    Parameter,
    Pointer,
    Typedef,
    TypeOperand,
)
from bpfgen.emit.c.assertions import Assertions
from bpfgen.emit.c.declarators import REST, Speller
from bpfgen.emit.c.type_bodies import C, declare_types
from bpfgen.emit.dsl.dialect import DSL
from bpfgen.inspection.declaration import LISTING, Declarations
from bpfgen.inspection.types import Layout
from bpfgen.model.model import TypeDeclaration
from bpfgen.text.source import NESTING_LIMIT

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from bpfgen.ctype.types import Type

CALLERS = 200
"""Frames of whoever calls us: pytest, an editor."""

DEFAULT_LIMIT = 1000


@pytest.fixture(autouse=True)
def default_limit() -> Iterator[None]:
    """Give the limit that Python starts with."""
    limit = sys.getrecursionlimit()
    sys.setrecursionlimit(DEFAULT_LIMIT)
    yield
    sys.setrecursionlimit(limit)


def from_below(call: Callable[[], str], frames: int = CALLERS) -> str:
    """Return what *call* returns, called with *frames* more frames on the stack."""
    return call() if frames == 0 else from_below(call, frames - 1)


def struct(member: Type, tag: str | None = None) -> Composite:
    """Return a struct of one member; the size is that of no machine."""
    return Composite("struct", tag, (Member("m", member, 0),), 4)


def function(parameter: Type) -> Pointer:
    """Return a pointer to a function that takes *parameter*."""
    return Pointer(FuncProto(VOID, (Parameter("p", parameter),)))


def array_of_size(type: Type) -> Array:
    """Return `int[sizeof(type)]`."""
    return Array(INT, 4, expression=Expression((TypeOperand("sizeof", type),), 4, INT))


LEVELS: dict[str, tuple[tuple[Callable[[Type], Type], int], ...]] = {
    "bodies": ((struct, 1),),
    "parameters": ((function, 1),),
    "sizes": ((array_of_size, 2),),
    "parameters of bodies": ((lambda inner: function(Pointer(inner)), 1), (struct, 1)),
    "sizes of bodies": ((array_of_size, 2), (struct, 1)),
    "sizes of functions of bodies": ((struct, 1), (function, 1), (array_of_size, 2)),
    "pointers": ((Pointer, 1),),
    "arrays": ((lambda inner: Array(inner, 1), 1),),
}
"""Ways to nest, in turn, and by how many brackets of a source each goes deeper."""

DIALECTS = {"C": C, "DSL": DSL, "LISTING": LISTING}


def nested(name: str) -> Type:
    """Return a type that is nested as deep as a source may have it."""
    type: Type = INT
    depth = turn = 0
    while depth < NESTING_LIMIT:
        wrap, levels = LEVELS[name][turn % len(LEVELS[name])]
        type = wrap(type)
        depth += levels
        turn += 1
    return type


@pytest.mark.parametrize("name", LEVELS)
@pytest.mark.parametrize("dialect", DIALECTS)
def test_the_deepest_types_are_spelled(name: str, dialect: str) -> None:
    """In each dialect, as a declaration and as the body of a struct, with what is asserted."""
    type = nested(name)
    speller = Speller(DIALECTS[dialect])
    assert "x" in from_below(lambda: speller.declaration(type, "x"))
    tagged = struct(type, "s")
    declared = TypeDeclaration(tagged, (Typedef("t", tagged),))
    body = from_below(lambda: declare_types(speller, declared, {}))
    assert body.startswith("typedef struct s {\n")
    assert body.endswith("} t;\n")
    assert from_below(lambda: Assertions({}).of(declared)).startswith("_Static_assert(")


@pytest.mark.parametrize("name", LEVELS)
def test_the_deepest_types_are_shown(name: str) -> None:
    """`inspect` has them on one line, and laid out with offsets."""
    type = nested(name)
    assert from_below(lambda: Declarations().one_line(type))
    layout = Layout()
    layout.add(struct(type, "s"), "value of m")
    assert from_below(layout.text).startswith("/* value of m */\nstruct s {\n")


def test_a_type_with_two_of_each_is_cut() -> None:
    """What a small BTF describes and no text could hold ends in `/* ... */`, braces closed."""
    type: Type = INT
    for _ in range(40):
        type = Composite("struct", None, (Member("a", type, 0), Member("b", type, 0)), 4)
    text = Declarations().one_line(type)
    assert len(text) < 1 << 16
    assert REST in text
    assert text.count("{") == text.count("}")
    layout = Layout()
    layout.add(type, "value of m")
    assert layout.text().count("\n") < 30_000
