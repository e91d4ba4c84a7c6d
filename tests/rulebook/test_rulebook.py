"""Every `.dsl` file here is many small programs, divided by lines of `---`.

A line that must be complained about ends in `//! CODE`, several codes being divided by spaces. A
code that is missing fails the test, and so does one that nobody expects.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from bpfgen.compiler import Options, compile
from bpfgen.source import Source

HERE = Path(__file__).parent
_EXPECTED = re.compile(r"//! *([a-z0-9 -]+?) *$")


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


@pytest.mark.parametrize(("name", "text"), programs(), ids=[name for name, _ in programs()])
def test_each_line_gets_the_diagnostics_it_announces(name: str, text: str) -> None:
    """What is expected is written on the offending line; nothing else is reported."""
    expected = [
        (number, code)
        for number, line in enumerate(text.split("\n"), 1)
        if (found := _EXPECTED.search(line))
        for code in found[1].split()
    ]
    compilation = compile(Source(f"{name}.dsl", text), Options())
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
