"""What nests as deep as the language allows compiles within Python's own limit of frames.

The caller, an editor or a test runner, may be 200 frames deep itself, and the library never touches
the limit, which belongs to the process.
"""

from __future__ import annotations

import inspect
import sys
from typing import TYPE_CHECKING, TypeVar

import pytest

from bpfgen.building import build_object
from bpfgen.compiler import compile, emit
from bpfgen.text.source import NESTING_LIMIT, Source
from tests.tools import require_clang

if TYPE_CHECKING:
    from collections.abc import Callable

T = TypeVar("T")

FRAMES = 220
"""How deep the caller stands."""

DEEPEST = NESTING_LIMIT - 2
"""The last link of a chain that a map holds: it and the first link count, too."""


def chain(first: str, link: str, last: str) -> str:
    """Return declarations that need each other, the one that needs all others first."""
    links = "".join(link.format(i, i - 1) for i in range(DEEPEST, 0, -1))
    return f"{first.format(DEEPEST)}\n{links}\n{last}\n"


SOURCES = {
    "structs": chain(
        "map m: hash<__u32, s{0}>[1];",
        "struct s{0} {{ struct s{1} x; }}; ",
        "struct s0 { int a; };",
    ),
    "typedefs": chain("map m: hash<__u32, t{0}>[1];", "typedef t{1} t{0}; ", "typedef int t0;"),
    "constants": chain(
        "map m: hash<__u32, int>[C{0}];", "const C{0} = C{1} + 1; ", "const C0 = 1;"
    ),
    "sizeof": chain(
        "map m: hash<__u32, s{0}>[1];",
        "struct s{0} {{ char c[sizeof(struct s{1})]; }}; ",
        "struct s0 { int a; };",
    ),
    "bodies": f"struct s {{ {'struct { ' * (DEEPEST - 1)}int a;{' };' * (DEEPEST - 1)} }}; "
    "map m: hash<__u32, s>[1];",
    "parameters": f"typedef void (*f)({'void (*)(' * 90}int{')' * 90});",
}


def called_from_deep_down(function: Callable[[], T], missing: int | None = None) -> T:
    """Return what *function* returns where :data:`FRAMES` frames are taken."""
    if missing is None:
        missing = FRAMES - len(inspect.stack(0))
    return called_from_deep_down(function, missing - 1) if missing > 0 else function()


@pytest.mark.parametrize("name", SOURCES)
def test_the_deepest_nesting_fits_in_the_limit(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Compiling, writing both outputs and building an object need no other limit than Python's."""
    require_clang()
    assert sys.getrecursionlimit() == 1000
    monkeypatch.delattr(sys, "setrecursionlimit")
    compilation = called_from_deep_down(lambda: compile(Source("t.dsl", SOURCES[name])))
    assert {d.code for d in compilation.diagnostics} <= {"btf-refused"}  # over 32 levels of structs
    assert called_from_deep_down(lambda: emit(compilation))
    assert called_from_deep_down(lambda: emit(compilation, form="json"))
    if compilation.model.maps:
        data, diagnostics = called_from_deep_down(lambda: build_object(compilation))
        assert data is not None or {d.code for d in diagnostics} == {"libbpf-refuses"}


def test_one_level_more_is_reported() -> None:
    """What nests deeper than the limit is an error of the file, with a place."""
    more = "".join(f"struct s{i} {{ struct s{i - 1} x; }};" for i in range(199, 202))
    text = f"{SOURCES['structs']} {more} map n: hash<__u32, s201>[1];"
    diagnostics = called_from_deep_down(lambda: compile(Source("t.dsl", text))).diagnostics
    assert [d.code for d in diagnostics if d.severity == "error"] == ["nesting"]


def test_a_circle_through_many_is_reported_once() -> None:
    """A circle of 150 structs names each of them, wherever the stack was changed."""
    links = "".join(f"struct c{i} {{ struct c{(i + 1) % 150} x; }}; " for i in range(150))
    (diagnostic,) = called_from_deep_down(lambda: compile(Source("t.dsl", links))).diagnostics
    assert diagnostic.code == "recursive-type"
    assert len(diagnostic.labels) == 149
