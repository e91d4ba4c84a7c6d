"""Every `.dsl` file here is many small programs, divided by lines of `---`.

A line that must be complained about ends in `//! CODE`, several codes being divided by spaces. A
code that is missing fails the test, and so does one that nobody expects. A program with a line
`//? style initializer` is compiled with that `--style`.
"""

from __future__ import annotations

import ast
import re
import sys
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from bpfgen.compiler import Options, compile
from bpfgen.rules import RULES
from bpfgen.rules.target import Target
from bpfgen.rules.types import btf_faults, btf_load
from bpfgen.text.codes import CODES
from bpfgen.text.source import Source
from tests.tools import CHECKOUT

if TYPE_CHECKING:
    from types import FrameType
    from typing import Any

    from bpfgen.compiler import Compilation

HERE = Path(__file__).parent
ROOM = CHECKOUT / "bpfgen" / "rules"
_EXPECTED = re.compile(r"//! *([a-z0-9 -]+?) *$")
_STYLE = re.compile(r"(?m)^//\? style (\w+)$")


def programs() -> list[tuple[str, str]]:
    """Return (name, text) of each program; the text keeps its line numbers within the file."""
    found = []
    for path in sorted(HERE.glob("*.dsl")):
        first_line = 1
        for number, text in enumerate(re.split(r"(?m)^---.*\n", path.read_text()), 1):
            padded = "\n" * (first_line - 1) + text
            found.append((f"{path.stem}-{number}", padded))
            first_line += text.count("\n") + 1
    return found


def _compiled(name: str, text: str) -> Compilation:
    style = _STYLE.search(text)
    return compile(Source(f"{name}.dsl", text), Options(style=style[1] if style else "modern"))


@pytest.mark.parametrize(("name", "text"), programs(), ids=[name for name, _ in programs()])
def test_each_line_gets_the_diagnostics_it_announces(name: str, text: str) -> None:
    """What is expected is written on the offending line; nothing else is reported."""
    expected = [
        (number, code)
        for number, line in enumerate(text.split("\n"), 1)
        if (found := _EXPECTED.search(line))
        for code in found[1].split()
    ]
    compilation = _compiled(name, text)
    actual = [
        (diagnostic.span.line if diagnostic.span else 0, diagnostic.code)
        for diagnostic in compilation.diagnostics
    ]
    told = "\n".join(f"{d.span}: {d.code}: {d.message}" for d in compilation.diagnostics)
    assert sorted(actual) == sorted(expected), told


def test_every_message_has_the_house_style() -> None:
    """Messages begin in lower case and have no full stop; the span is inside the text."""
    for name, text in programs():
        for diagnostic in compile(Source(f"{name}.dsl", text)).diagnostics:
            first = diagnostic.message[0]
            assert not first.isupper() or first == diagnostic.message[:1] == "C", diagnostic.message
            assert not diagnostic.message.endswith("."), diagnostic.message
            if diagnostic.span is not None and diagnostic.span.source.name.startswith(name):
                assert 0 <= diagnostic.span.start <= diagnostic.span.end <= len(text)


REPORTERS = {"Diagnostic", "error", "diagnostic"}
"""What the rules make diagnostics with."""

NOT_OF_THE_KERNEL = {"macro-name", "map-kind", "initializer-style"}
"""Codes of the rules that are about the generated C, not about the kernel or libbpf."""


@cache
def _reports() -> dict[str, dict[int, str]]:
    """Return where the rules report: by file and line, the code or an empty text."""
    found: dict[str, dict[int, str]] = {}
    for path in sorted(ROOM.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not isinstance(node, ast.Call):
                continue
            function = node.func
            name = function.attr if isinstance(function, ast.Attribute) else None
            name = function.id if isinstance(function, ast.Name) else name
            if name in REPORTERS:
                first = node.args[0] if node.args else None
                code = str(first.value) if isinstance(first, ast.Constant) else ""
                found.setdefault(str(path), {})[node.lineno] = code
    return found


def test_every_place_that_reports_is_reached(monkeypatch: pytest.MonkeyPatch) -> None:
    """No rule can report anything that no program of the rule book shows, with its right code.

    More maps than the kernel counts would be megabytes there: a kernel that counts to one reports
    the second.
    """
    places = _reports()
    assert sum(map(len, places.values())) > 60
    reached: set[tuple[str, int]] = set()

    def called(frame: FrameType, _event: str, _argument: Any) -> Any:
        return inside if frame.f_code.co_filename in places else None

    def inside(frame: FrameType, event: str, _argument: Any) -> Any:
        if event == "line" and frame.f_lineno in places[frame.f_code.co_filename]:
            reached.add((frame.f_code.co_filename, frame.f_lineno))
        return inside

    before = sys.gettrace()
    sys.settrace(called)
    try:
        for name, text in programs():
            _compiled(name, text)
        for module in (btf_faults, btf_load):
            monkeypatch.setattr(module, "BTF_MEMBERS", 1)
        maps = "map a: array<__u32, int>[1];\nmap b: array<__u32, int>[1];"
        many = _compiled("many", f"target kernel >= 7.0; {maps}")
    finally:
        sys.settrace(before)
    refused = [said.span for said in many.diagnostics if said.code == "btf-refused"]
    assert [span.line for span in refused if span is not None] == [2]
    missed = [
        f"{Path(file).name}:{line}: {code}"
        for file, lines in places.items()
        for line, code in lines.items()
        if (file, line) not in reached
    ]
    assert not missed


def test_each_rule_reports_the_codes_that_it_owns() -> None:
    """The table of rules is what the rules do: no code is missing there, and none too many."""
    reported: dict[str, set[str]] = {rule.__name__: set() for rule in RULES}
    for name, text in programs():
        compilation = _compiled(name, text)
        style = _STYLE.search(text)
        target = Target.of(compilation.model, None, style[1] if style else "modern")
        for rule in RULES:
            diagnostics = list(rule(compilation.model, target))
            reported[rule.__name__] |= {diagnostic.code for diagnostic in diagnostics}
            assert all(diagnostic.subject for diagnostic in diagnostics), rule.__name__
    assert reported == {rule.__name__: set(codes) for rule, codes in RULES.items()}


def test_what_the_rules_say_names_who_refuses_it_and_what_to_type() -> None:
    """Each diagnostic of the rules has a help line; each error says whose rule it is."""
    codes = {code for lines in _reports().values() for code in lines.values()} - {""}
    assert len(codes) > 40
    for name, text in programs():
        for diagnostic in _compiled(name, text).diagnostics:
            assert diagnostic.severity in CODES[diagnostic.code].severities
            if diagnostic.code not in codes:
                continue
            assert diagnostic.help, f"{name}: {diagnostic.code}: {diagnostic.message}"
            if diagnostic.severity == "error" and diagnostic.code not in NOT_OF_THE_KERNEL:
                said = " ".join((diagnostic.message, *diagnostic.notes))
                assert re.search(r"\b(Linux|libbpf|kernels?)\b", said), f"{name}: {diagnostic.code}"
