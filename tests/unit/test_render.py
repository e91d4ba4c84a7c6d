"""How a diagnostic looks: the pictures are written by hand, column by column."""

from __future__ import annotations

import time
from textwrap import dedent

from hypothesis import given
from hypothesis import strategies as st

from bpfgen.text.diagnostics import Diagnostic, Label
from bpfgen.text.render import render, render_all
from bpfgen.text.source import Source, Span


def span_of(source: Source, text: str, occurrence: int = 0) -> Span:
    """Return the place of the given occurrence of *text*."""
    start = -1
    for _ in range(occurrence + 1):
        start = source.text.index(text, start + 1)
    return Span(source, start, start + len(text))


def picture(text: str) -> str:
    """Return an indented drawing as `render` writes it."""
    return dedent(text).removeprefix("\n")


FLOWS = Source("maps.dsl", "\n" * 11 + "map counters: array<__u64, __u64>[64];\n")


def test_the_picture_of_the_design() -> None:
    """Head, place, line, carets with their label, note and help look as section 6 draws them."""
    diagnostic = Diagnostic(
        "map-key-size",
        "an `array` is indexed by 4 bytes, and `__u64` has 8",
        span_of(FLOWS, "__u64"),
        "8 bytes",
        notes=("Linux refuses it with EINVAL (array_map_alloc_check)",),
        help="use `__u32`",
    )
    assert render(diagnostic) == picture("""
        error[map-key-size]: an `array` is indexed by 4 bytes, and `__u64` has 8
          --> maps.dsl:12:21
           |
        12 | map counters: array<__u64, __u64>[64];
           |                     ^^^^^ 8 bytes
           |
           = note: Linux refuses it with EINVAL (array_map_alloc_check)
           = help: use `__u32`
    """)


def test_several_labels_on_one_line_hang_below_their_places() -> None:
    """Only the rightmost label continues the row; the others hang, none is lost."""
    diagnostic = Diagnostic(
        "x",
        "m",
        span_of(FLOWS, "__u64", 1),
        "value",
        labels=(Label(span_of(FLOWS, "array"), "kind"), Label(span_of(FLOWS, "counters"), "map")),
    )
    assert render(diagnostic) == picture("""
        error[x]: m
          --> maps.dsl:12:28
           |
        12 | map counters: array<__u64, __u64>[64];
           |     --------  -----        ^^^^^ value
           |     |         |
           |     |         kind
           |     map
    """)


def test_labels_at_the_same_place_are_all_shown() -> None:
    """Two texts for one stretch stand below each other, and carets cover dashes."""
    source = Source("a", "int x;")
    place = Span(source, 4, 5)
    shown = render(Diagnostic("x", "m", place, "one", labels=(Label(place, "two"),)))
    assert shown.count("^") == 1
    assert "-\n" not in shown
    assert "one" in shown
    assert "two" in shown


def test_related_lines_and_other_files() -> None:
    """A related line of the same file joins the snippet, another file gets a place of its own."""
    here = Source("b.dsl", "int a;\n\nint b;\nint c;\nint d;\nint e;\nint f;\n")
    there = Source("a.dsl", "int f;\n")
    diagnostic = Diagnostic(
        "x",
        "m",
        span_of(here, "f"),
        labels=(
            Label(span_of(here, "a"), "first"),
            Label(span_of(here, "b"), "then"),
            Label(span_of(there, "f"), "declared here"),
        ),
    )
    assert render(diagnostic) == picture("""
        error[x]: m
         --> b.dsl:7:5
          |
        1 | int a;
          |     - first
        2 |
        3 | int b;
          |     - then
        ...
        7 | int f;
          |     ^
          |
         ::: a.dsl:1:5
          |
        1 | int f;
          |     - declared here
    """)


def test_tabs_are_expanded() -> None:
    """A caret stands under its character, where a terminal shows tabs eight wide."""
    source = Source("a", "\tint\tx;")
    shown = render(Diagnostic("x", "m", span_of(source, "x"))).split("\n")
    assert shown[3] == "1 |         int     x;"
    assert shown[4] == "  |                 ^"


def test_wide_and_combining_characters() -> None:
    """East Asian characters take two cells, combining marks none; the place counts characters."""
    source = Source("a", "/* 日本 e\u0301 */ x;")
    shown = render(Diagnostic("x", "m", span_of(source, "x"))).split("\n")
    assert shown[1] == " --> a:1:13"
    assert shown[3] == "1 | /* 日本 e\u0301 */ x;"
    # "/* " 3, two wide 4, blank, e with its accent 1, " */ " 4: x stands at cell 13.
    assert shown[4] == "  | " + " " * 13 + "^"


def test_control_characters_never_reach_the_terminal() -> None:
    """Escape sequences and bidirectional overrides in source, names and messages are defused."""
    source = Source("a\x1b[2J", "x \x1b[31m \u202e \x9b y\x7f;")
    diagnostic = Diagnostic(
        "x", "m `\x1b]0;t\x07`", span_of(source, "y"), notes=("n\x1b",), help="h\x08"
    )
    shown = render(diagnostic)
    assert not set(shown) & set("\x1b\x07\x08\x7f\x9b\u202e")
    assert shown.split("\n")[3] == "1 | x ␛[31m \ufffd \ufffd y␡;"


def test_a_span_over_few_lines_marks_them_all() -> None:
    """Indentation isn't underlined, and the label stands at the end."""
    source = Source("a", "struct s {\n  int a;\n};\n")
    shown = render(Diagnostic("x", "m", Span(source, 0, 22), "never used"))
    assert shown == picture("""
        error[x]: m
         --> a:1:1
          |
        1 | struct s {
          | ^^^^^^^^^^
        2 |   int a;
          |   ^^^^^^
        3 | };
          | ^^ never used
    """)


def test_a_span_over_many_lines_marks_first_and_last() -> None:
    """What lies between is left out."""
    source = Source("a", "struct s {\n" + "int a;\n" * 100 + "};\n")
    shown = render(Diagnostic("x", "m", Span(source, 0, len(source.text)), "long"))
    assert shown == picture("""
        error[x]: m
           --> a:1:1
            |
          1 | struct s {
            | ^^^^^^^^^^
        ...
        102 | };
            | ^^ long
    """)


def test_the_end_of_a_file_can_be_pointed_at() -> None:
    """An empty span gets one caret, behind the last character or on the empty last line."""
    open_end = Source("a", "int b")
    shown = render(Diagnostic("x", "m", Span(open_end, 5, 5), "expected `;`"))
    assert shown.split("\n")[3:5] == ["1 | int b", "  |      ^ expected `;`"]
    closed = Source("a", "int b\n")
    shown = render(Diagnostic("x", "m", Span(closed, 6, 6)))
    assert shown.split("\n")[1:5] == [" --> a:2:1", "  |", "2 |", "  | ^"]
    empty = Source("a", "")
    assert render(Diagnostic("x", "m", Span(empty, 0, 0))).split("\n")[3:5] == ["1 |", "  | ^"]


def test_carriage_returns_are_part_of_the_line_end() -> None:
    """A file with CRLF looks like any other."""
    source = Source("a", "int a;\r\nint b;\r\n")
    shown = render(Diagnostic("x", "m", span_of(source, "b")))
    assert "\r" not in shown
    assert "␍" not in shown


def test_a_huge_line_is_cut_around_the_culprit_and_costs_nothing() -> None:
    """Of 50 MB a window is shown, with the caret below the culprit, in a blink."""
    source = Source("a", "a" * 25_000_000 + "\tBAD" + "日c" * 12_000_000)
    for diagnostic in (
        Diagnostic("x", "m", span_of(source, "BAD"), "here"),
        Diagnostic("x", "m", Span(source, 0, len(source.text)), "all"),
        Diagnostic("x", "m", Span(source, len(source.text), len(source.text)), "end"),
    ):
        source.line_starts()
        before = time.process_time()
        lines = render(diagnostic).split("\n")
        assert time.process_time() - before < 1
        assert max(map(len, lines)) < 200
        assert "..." in lines[3]
        if diagnostic.label == "here":
            assert lines[3][lines[4].index("^") :].startswith("BAD")


def test_without_a_place_there_is_no_frame() -> None:
    """Message, notes and help remain; a note of several lines stays below itself."""
    diagnostic = Diagnostic("file", "cannot read `x`", None, notes=("one\ntwo",), help="do")
    assert render(diagnostic) == picture("""
        error[file]: cannot read `x`
          = note: one
                  two
          = help: do
    """)


def test_colours_change_nothing_but_colours() -> None:
    """Without its escapes the coloured text is the plain one."""
    import re

    diagnostic = Diagnostic(
        "x",
        "m",
        span_of(FLOWS, "__u64"),
        "v",
        labels=(Label(span_of(FLOWS, "array"), "k"),),
        notes=("n",),
        severity="warning",
    )
    colored = render(diagnostic, color=True)
    assert "\x1b[1;33mwarning[x]\x1b[0m" in colored
    assert re.sub(r"\x1b\[[0-9;]*m", "", colored) == render(diagnostic)
    assert "\x1b" not in render(diagnostic)


def test_diagnostics_are_separated_by_an_empty_line() -> None:
    """A list of them reads as paragraphs; an empty list is no text."""
    one = Diagnostic("x", "m", None)
    assert render_all([one, one]) == "error[x]: m\n\nerror[x]: m\n\n"
    assert render_all([]) == ""


@given(
    st.text(alphabet="ab\t\r\n日\u0301\x1b\x00{}é ", max_size=300),
    st.lists(st.tuples(st.integers(-5, 400), st.integers(-5, 400)), min_size=1, max_size=4),
)
def test_any_span_of_any_text_can_be_rendered(text: str, places: list[tuple[int, int]]) -> None:
    """Nothing raises, no label is lost, every underline has its source line right above it."""
    source = Source("a", text)
    spans = [Span(source, start, end) for start, end in places]
    labels = tuple(Label(span, f"LABEL{number}") for number, span in enumerate(spans[1:], 1))
    shown = render(Diagnostic("x", "m", spans[0], "LABEL0", labels=labels))
    for number in range(len(spans)):
        assert f"LABEL{number}" in shown
    assert "^" in shown
    assert all(line.isprintable() or "\u0301" in line for line in shown.split("\n"))
