"""The style: what is written, and what the formatter makes of it, both typed by hand.

That nothing is lost, and that the result stays as it is, tests/format proves on many more.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from bpfgen.syntax.formatting.format import (
    Unfaithful,
    format_edits,
    format_source,
    format_text,
    parse_whole,
)
from bpfgen.text.diagnostics import Report
from bpfgen.text.source import Source
from tests.tools import CHECKOUT

STYLE = Path(__file__).with_name("formatting.txt")
"""Each example: a line with what it shows, what is written, a line, and what the style says."""


def examples() -> list[tuple[str, str, str]]:
    """Return what each example shows, what is written there and what the style makes of it."""
    result = []
    for example in STYLE.read_text(encoding="utf-8").split("\n######## ")[1:]:
        name, _, both = example.partition("\n")
        written, wanted = both.split("\n========\n")
        result.append((name, written, f"{wanted.rstrip()}\n"))
    return result


@pytest.mark.parametrize(
    ("written", "text"), [pytest.param(a, b, id=name) for name, a, b in examples()]
)
def test_the_style(written: str, text: str) -> None:
    """What is written becomes what the style says, and stays that; the edits say the same."""
    assert format_text(written) == text
    assert format_text(text) == text
    source = Source("maps.dsl", written)
    tree = parse_whole(source, Report())
    assert tree is not None
    edited = written
    for edit in reversed(format_edits(tree)):
        assert edit.span.source is source
        edited = edited[: edit.span.start] + edit.text + edited[edit.span.end :]
    assert edited == text


def test_the_page_shows_what_comes_out() -> None:
    """Each example of docs/formatting.md becomes the one after it."""
    page = (CHECKOUT / "docs" / "formatting.md").read_text(encoding="utf-8")
    shown = re.findall(r"```\n([^`]*)```\n\nbecomes\n\n```dsl[^\n]*\n([^`]*)```\n", page)
    assert len(shown) == page.count("\nbecomes\n") > 1
    for written, text in shown:
        assert format_text(written) == text


def test_nothing_stays_nothing() -> None:
    """A file without a declaration and a comment is empty."""
    assert format_text(" \n\t\r\n\f") == ""


@pytest.mark.parametrize(
    "text",
    [
        "struct s { int a }",
        "map m hash<int, int>[1];",
        "const int N = 3;",
        "#define A 1\n",
        "/* never closed",
        "map m: hash<int, int>[1] §;",
        "int x\0;",
    ],
)
def test_errors_of_syntax_are_left_alone(text: str) -> None:
    """What isn't in the language isn't formatted, and the error says why."""
    report = Report()
    assert format_source(Source("maps.dsl", text), report) is None
    assert report.failed


@pytest.mark.parametrize(
    "text",
    [
        "map  m: hash<nowhere, int>[1];",
        "map  m: no_kind<int>[1] { colour = 1; };",
        "// bpfgen: allow\nconst  A = B;",
    ],
)
def test_other_errors_are_no_matter(text: str) -> None:
    """Names that aren't known and comments that allow nothing are formatted like any others."""
    assert format_text(text) == text.replace("  ", " ") + "\n"


def test_nothing_is_lost_unnoticed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the layout is wrong no text comes out, but an error of bpfgen's own."""
    monkeypatch.setattr("bpfgen.syntax.formatting.layout.written", lambda *_: "")
    for text in ("int f(void); // comment\n", "/* comment */ const A = 1;\n"):
        with pytest.raises(Unfaithful):
            format_text(text)
    monkeypatch.setattr(
        "bpfgen.syntax.formatting.layout.gaps", lambda tokens: bytearray(len(tokens.kinds))
    )
    with pytest.raises(Unfaithful):
        format_text("const A = 1;\n")


def test_line_ends_are_kept() -> None:
    """They are what the first one is, everywhere."""
    assert format_text("const  A = 1;\r\n\r\n\r\n/* a\r\n  b */\n") == (
        "const A = 1;\r\n\r\n/* a\r\n  b */\r\n"
    )
    assert format_text("const  A = 1;\n/* a\r\n  b */\r\n") == "const A = 1;\n/* a\n  b */\n"


def test_a_byte_order_mark_is_none_of_the_text() -> None:
    """It stays, where a text still has it."""
    assert format_text("\ufeffconst  A = 1;\n") == "\ufeffconst A = 1;\n"
    assert format_text("\ufeffconst A = ;\n") is None


@pytest.mark.parametrize(
    "text",
    [
        "/// Of A.\nconst  A = 1;// a\r/// Of B.\nconst B = 2;\n",
        "// a\r \tconst  A = 1;\n",
        "const  A = // a\r/* b */\n1;\r\n",
    ],
)
def test_a_line_that_only_looks_like_one(text: str) -> None:
    """A carriage return alone ends a comment and no line: such a file is left alone."""
    report = Report()
    assert format_source(Source("maps.dsl", text), report) is None
    (said,) = report
    assert said.code == "encoding"
    assert said.span is not None
    assert said.span.text == "\r"


@pytest.mark.parametrize(
    "text",
    [
        "// a\r\r\nconst  A = 1;\n",
        "const  A = 1;\n// a\r",
        "/* // a\rb */\rconst  A\r= 1; // a \r\n",
    ],
)
def test_other_carriage_returns_are_no_matter(text: str) -> None:
    """They are blanks where the line ends after them, or where they end nothing."""
    formatted = format_text(text)
    assert formatted is not None
    assert "const A = 1;" in formatted.replace("\r", "")
