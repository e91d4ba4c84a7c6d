"""Conditions of C around maps: one source, whose header is the C for whatever macros there are.

clang is the witness: the maps of the C, compiled with some macros, are those of a program that
includes the generated header and is compiled with the same.
"""

from __future__ import annotations

import os
from itertools import product
from random import Random
from typing import TYPE_CHECKING

import pytest

from bpfgen.compiler import Options, compile, emit
from bpfgen.importer.from_c import import_c
from bpfgen.object import read_object
from bpfgen.text.source import Source
from tests.compiled import MACROS
from tests.conformance.c_conditions import CONDITIONS, a_map
from tests.conformance.c_forms import KINDS
from tests.conformance.c_round_trip import compiled_by_clang
from tests.conformance.random_c_conditions import RandomConditions
from tests.imported import differences

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from bpfgen.importer import Imported

SEED = int(os.environ.get("BPFGEN_RANDOM_SEED", "1"))
PROGRAMS = int(os.environ.get("BPFGEN_RANDOM_PROGRAMS", "4"))
HEAD = f"#define KERNEL_VERSION(a, b, c) (((a) << 16) + ((b) << 8) + (c))\n{MACROS}{KINDS}"

Macros = dict[str, int | None]


def imported(text: str, directory: Path) -> Imported:
    """Return what comes of the C *text*, without an error or a warning."""
    path = directory / "program.c"
    path.write_text(HEAD + text)
    found = import_c(path.read_text(), str(path))
    assert [each.message for each in found.diagnostics if each.severity != "note"] == []
    return found


def held(text: str, source: str, directory: Path, cases: Iterable[Macros]) -> None:
    """Hold the maps of the C *text* against those of the header of *source*, in each case."""
    options = Options(include_directories=(str(directory),))
    compilation = compile(Source(str(directory / "maps.dsl"), source), options)
    assert [each.message for each in compilation.diagnostics if each.severity == "error"] == []
    (directory / "maps.h").write_text(emit(compilation, options))
    program = directory / "including.c"
    programs = '__attribute__((section("xdp"), used)) int {0}(void *context) {{ return 1; }}\n'
    program.write_text(
        '#define BPFGEN_BPF\n#include "maps.h"\nint nothing;\n'
        + "".join(programs.format(name) for name in ("first",) if f"int {name}(" in source)
        + "#ifdef LARGE\n"
        + "".join(programs.format(name) for name in ("second",) if f"int {name}(" in source)
        + "#endif\n"
    )
    original = directory / "program.c"
    original.write_text(HEAD + text)
    for macros in cases:
        given = {name: str(value) for name, value in macros.items() if value is not None}
        before = read_object(compiled_by_clang(original, "bpfel", (), given))
        after = read_object(compiled_by_clang(program, "bpfel", (directory,), given))
        assert differences(before, after) == [], (macros, source)


def combinations(values: Mapping[str, tuple[int | None, ...]]) -> list[Macros]:
    """Return each assignment of *values* to their macros."""
    return [dict(zip(values, row, strict=True)) for row in product(*values.values())]


@pytest.mark.parametrize("name", CONDITIONS)
def test_conditions(name: str, tmp_path: Path) -> None:
    """For all values of its macros, the header of the imported source is the C."""
    text, values = CONDITIONS[name]
    found = imported(text, tmp_path)
    held(text, found.text, tmp_path, combinations(values))
    if name == "without_effect":
        assert "when" not in found.text
        assert "macro" not in found.text


@pytest.mark.parametrize("number", range(PROGRAMS))
def test_random_conditions(number: int, tmp_path: Path) -> None:
    """The same for C whose `#if`s stand anywhere, in macros, types, and maps."""
    random = Random(f"{SEED}.{number}")  # noqa: S311 -- any program will do
    program = RandomConditions(random)
    text = program.text()
    found = imported(text, tmp_path)
    cases = combinations(program.values)
    held(text, found.text, tmp_path, random.sample(cases, min(8, len(cases))))


def test_macros_of_the_command_line_decide(tmp_path: Path) -> None:
    """`-D` and `-U` take a condition out of the source, and one branch stays."""
    text, _values = CONDITIONS["maps"]
    path = tmp_path / "program.c"
    path.write_text(HEAD + text)
    for definitions, undefined, macros in (
        ({}, (), "macro A, B;\n"),
        ({"A": "1"}, (), "macro B;\n"),
        ({}, ("A",), "macro B;\n"),
        ({"A": "1"}, ("B",), ""),
    ):
        options = Options(definitions=definitions, undefined=undefined)
        found = import_c(path.read_text(), str(path), options)
        assert ("macro" in found.text) == bool(macros)
        assert macros in found.text
        assert ("map one: hash<" in found.text) == ("A" not in undefined)
        assert ("map one: lru_hash<" in found.text) == ("A" not in definitions)


def test_headers_in_branches(tmp_path: Path) -> None:
    """A header that a branch includes is an include there, or read in if it defines maps."""
    (tmp_path / "narrow.h").write_text("#pragma once\nstruct value { int a; };\n")
    (tmp_path / "wide.h").write_text("#pragma once\nstruct value { long a, b; };\n")
    (tmp_path / "more.h").write_text(
        f"#ifndef MORE_H\n#define MORE_H\n{a_map('more')}\n#ifdef MOST\n{a_map('most')}\n"
        "#endif\n#endif\n"
    )
    text = (
        '#ifdef WIDE\n#include "wide.h"\n#else\n#include "narrow.h"\n#endif\n'
        f'#ifdef MORE\n#include "more.h"\n#endif\n{a_map("one", "1", "struct value")}\n'
    )
    found = imported(text, tmp_path)
    assert 'when (defined(WIDE)) {\n    include "wide.h";\n} else {\n' in found.text
    values: dict[str, tuple[int | None, ...]] = dict.fromkeys(("WIDE", "MORE", "MOST"), (None, 1))
    held(text, found.text, tmp_path, combinations(values))


def test_names_that_the_maps_use_are_decided(tmp_path: Path) -> None:
    """A macro that is a number of a map is no macro of conditions, too: the note stays."""
    text = f"#ifdef SIZE\n{a_map('one', 'SIZE')}\n#else\n{a_map('one', '4')}\n#endif\n"
    found = imported(text, tmp_path)
    assert "map one: hash<int, int>[4];" in found.text
    assert "when" not in found.text
    assert any(
        "`#ifdef SIZE` leaves out another form of map `one`" in each.message
        for each in found.diagnostics
    )


def test_many_conditions_need_few_views(tmp_path: Path) -> None:
    """Conditions that have nothing in common are tried side by side, and all of them stay."""
    names = [f"M{number}" for number in range(40)]
    text = "".join(f"#ifdef {name}\n{a_map(name.lower())}\n#endif\n" for name in names)
    found = imported(text, tmp_path)
    assert all(
        f"when (defined({name})) {{\n    map {name.lower()}:" in found.text for name in names
    )


def test_too_many_cases_stay_decided(tmp_path: Path) -> None:
    """Conditions that one declaration depends on, all at once, are kept while they are few."""
    names = [f"M{number}" for number in range(12)]
    members = "".join(f"#ifdef {name}\nint {name.lower()};\n#endif\n" for name in names)
    text = f"struct value {{ int first;\n{members}}};\n{a_map('one', '1', 'struct value')}\n"
    text += f"#ifdef OTHER\n{a_map('two')}\n#endif\n"
    found = imported(text, tmp_path)
    assert "when (defined(OTHER)) {" in found.text
    assert "M0" not in found.text
    assert any("`#ifdef M0` stays decided" in each.message for each in found.diagnostics)
