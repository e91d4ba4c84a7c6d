"""What clang says, and where in the `.dsl` file it is about."""

from __future__ import annotations

from bpfgen.clang.messages import ClangMessage, diagnostics_from_messages, parse_messages
from bpfgen.text.source import Source, Span

MAIN = "/tmp/bpfgen-1/c/maps.c"  # noqa: S108 -- a text to parse
BASE = "/tmp/bpfgen-1/c"  # noqa: S108 -- a text to parse

STDERR = f"""\
In file included from {MAIN}:3:
In file included from /usr/include/a.h:10:
/usr/include/b: 1.h:20:5: error: unknown type name 'x'
/usr/include/b: 1.h:4:1: note: declared: here
{MAIN}:7:16: warning: shift count >= width of type [-Wshift-count-overflow]
  some line that is no message
{MAIN}:9:1: fatal error: 'n.h' file not found
{BASE}/sub/own.h:2:3: error: odd
clang: warning: argument unused during compilation: '-x' [-Wunused-command-line-argument]
1 warning and 3 errors generated.
"""


def test_messages_are_parsed() -> None:
    """Places, severities, the including line of ours; chatter is left out."""
    assert parse_messages(STDERR, MAIN, BASE) == [
        ClangMessage(3, 0, "error", "unknown type name 'x'", "/usr/include/b: 1.h", 20),
        ClangMessage(3, 0, "note", "declared: here", "/usr/include/b: 1.h", 4),
        ClangMessage(
            7, 16, "warning", "shift count >= width of type [-Wshift-count-overflow]", "", 0
        ),
        ClangMessage(9, 1, "error", "'n.h' file not found"),
        ClangMessage(0, 0, "error", "odd", "sub/own.h", 2),
        ClangMessage(
            0,
            0,
            "warning",
            "argument unused during compilation: '-x' [-Wunused-command-line-argument]",
        ),
    ]


def test_messages_become_diagnostics_at_the_declaration() -> None:
    """The line map decides; notes join what they belong to; a line of nobody has no place."""
    source = Source("maps.dsl", "include <a.h>;\nmap m;\n")
    include, map_place = Span(source, 0, 14), Span(source, 15, 21)
    line_map = [(1, None), (3, include), (5, map_place), (8, None)]
    text = "\n".join(f"  line {number}" for number in range(1, 10))
    first, second, third, *_ = diagnostics_from_messages(
        parse_messages(STDERR, MAIN, BASE), line_map, text
    )
    assert (first.code, first.severity, first.span) == ("clang", "error", include)
    assert first.message == "clang: unknown type name 'x'"
    assert first.notes == (
        "in the C header /usr/include/b: 1.h, line 20",
        "clang: declared: here (/usr/include/b: 1.h:4)",
    )
    assert second.severity == "warning"
    assert second.span is map_place
    assert second.notes == ("in the generated C: line 7",)
    assert third.span is None


def test_lines_before_the_map_and_no_map() -> None:
    """Nothing is invented."""
    message = ClangMessage(1, 1, "error", "x")
    source = Source("maps.dsl", "map m;")
    assert diagnostics_from_messages([message], [(2, Span(source, 0, 3))])[0].span is None
    assert diagnostics_from_messages([message], [])[0].span is None
    assert diagnostics_from_messages([ClangMessage(0, 0, "note", "x")], []) == []


def test_a_header_that_isnt_there_is_a_value() -> None:
    """What clang didn't find is read from its message once; other messages have no such header."""
    text = "m.c:1:10: fatal error: 'linux/none.h' file not found\nm.c:2:1: error: expected ';'\n"
    missing, other = parse_messages(text, "m.c", "base")
    assert (missing.missing_header, other.missing_header) == ("linux/none.h", "")
