"""Names of C in Python: which change, which can't be had, and what is said where two become one."""

from __future__ import annotations

import keyword

import pytest

from bpfgen.compiler import compile, emit_files
from bpfgen.ctype.types import INT, Composite, Member, Typedef
from bpfgen.emit import BACKENDS, OutputRefused
from bpfgen.emit.python.imports import map_import_fault
from bpfgen.emit.python.names import (
    ENUMERATOR_NAMES,
    KEYWORDS,
    MEMBER_NAMES,
    enumerator_name,
    python_name,
)
from bpfgen.emit.python.printing import docstring
from bpfgen.model.model import Model, TypeDeclaration
from bpfgen.text.source import Source


def refused(source: str) -> list[str]:
    """Return what is said of *source*, which can't be a module."""
    compilation = compile(Source("maps.dsl", source))
    assert not compilation.failed, compilation.diagnostics
    with pytest.raises(OutputRefused) as caught:
        emit_files(compilation, form="python")
    assert {diagnostic.code for diagnostic in caught.value.diagnostics} == {"output-name"}
    return [diagnostic.message for diagnostic in caught.value.diagnostics]


def test_keywords_are_pythons() -> None:
    """The table is Python's own, as far as this Python knows."""
    assert frozenset(keyword.kwlist) == KEYWORDS


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("class", "class_"),
        ("match", "match"),
        ("__pad", "_pad"),
        ("___x", "_x"),
        ("__init__", "_init__"),
        ("_fields_", "_fields__"),
        ("from_buffer_copy", "from_buffer_copy_"),
        ("_", "_"),
        ("_x", "_x"),
    ],
)
def test_names_of_members(name: str, expected: str) -> None:
    """What Python or ctypes has itself gets an underscore; no name is mangled in a class."""
    assert python_name(name, MEMBER_NAMES) == expected


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("mro", "mro_"),
        ("None", "None_"),
        ("_missing_", "_missing__"),
        ("__x__", "_x__"),
        ("_verdict__x", "_verdict__x__"),
        ("PASS", "PASS"),
        ("_", "_"),
    ],
)
def test_names_of_enumerators(name: str, expected: str) -> None:
    """What enum or int has itself gets an underscore; every one is a member."""
    assert enumerator_name(name, "verdict") == expected


def test_every_attribute_of_an_int_enum_is_reserved() -> None:
    """An enumerator stands in the way of nothing that int has."""
    own = {name for name in dir(int) if not name.startswith("_")}
    assert own - {"is_integer"} <= ENUMERATOR_NAMES


@pytest.mark.parametrize(
    ("source", "names"),
    [
        ("struct a { int b; }; enum { a = 1 }; map m: hash<int, struct a>[1];", "`a`"),
        ("struct m_map { int b; }; map m: hash<int, m_map>[1];", "`m_map`"),
        ("struct s { int class, class_; }; map m: hash<int, s>[1];", "`class_`"),
        ("struct s { int __x, _x; }; map m: hash<int, s>[1];", "`_x`"),
        ("enum e { mro, mro_ }; map m: hash<int, enum e>[1];", "`mro_`"),
        (
            "struct s { struct { int a; } b; }; struct s_b { int c; }; map m: hash<s, s_b>[1];",
            "`s_b`",
        ),
        ("struct s { int a; }; typedef int s; map m: hash<int, struct s>[1];", "`s`"),
    ],
)
def test_two_names_that_become_one_are_refused(source: str, names: str) -> None:
    """Both are named, and nothing is written."""
    (message,) = refused(source)
    assert f"would both be {names} in Python" in message


def test_what_may_have_the_same_name() -> None:
    """A typedef of a struct by its own name, members and types, constants and members."""
    source = "struct s { int s, N; }; typedef struct s s; const M = 1; map m: hash<int, s>[M];"
    (file,) = emit_files(compile(Source("maps.dsl", source)), form="python")
    assert file.text.count("class s(") == 1
    assert "\ns = " not in file.text


def test_a_name_that_is_none_is_refused() -> None:
    """An object of another language may have any name in its types."""
    member = Member("a\n    import os #", INT, 0)
    composite = Composite("struct", "{impl#0}", (member,), 4, 4)
    declaration = TypeDeclaration(composite, (Typedef("t", composite),))
    model = Model("t.dsl", "", {}, (), (), (declaration,), (), (), {})
    with pytest.raises(OutputRefused) as caught:
        BACKENDS["python"].emit(model)
    assert len(caught.value.diagnostics) == 2


@pytest.mark.parametrize(
    ("value", "is_wrong"),
    [
        ("common.dsl=common", False),
        ("../x=y/common.dsl=a.b.common", False),
        ("common.dsl=..common", False),
        ("common.dsl", True),
        ("=common", True),
        ("common.dsl=", True),
        ("common.dsl=a-b", True),
        ("common.dsl=a.class", True),
        ("common.dsl=os\nimport sys", True),
        ("common.dsl=..", True),
    ],
)
def test_values_of_map_import(value: str, is_wrong: bool) -> None:
    """A path and a module, or a message."""
    assert (map_import_fault(value) is not None) == is_wrong


@pytest.mark.parametrize(
    "text",
    [
        'ends in "',
        '"begins',
        '"',
        '"""',
        'a """" b',
        "back\\slash\\",
        "\\",
        "two\nlines\\",
        'two\n\n    indented """\n  less',
        "\u202e reordered \x00\x1b[31m\r\f",
        "\udcff no UTF-8",
        "é ü",
        "\\N{DASH} \\x41 ??/",
    ],
)
def test_docstrings_are_one_literal(text: str) -> None:
    """Whatever a comment holds, it stays a literal, whose text can be seen."""
    lines = docstring(text, 1)
    names: dict[str, object] = {}
    exec("class c:\n" + "\n".join(lines) + "\n    after = 1\n", names)  # noqa: S102 -- what is tested
    shown = getattr(names["c"], "__doc__", "")
    assert all(c.isprintable() or c == "\n" for c in shown)
    if text.isascii() and text.isprintable():
        assert shown == text
