"""What clang says, and where in the `.dsl` file it is about."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from bpfgen.building import build
from bpfgen.clang.messages import (
    ClangMessage,
    diagnostics_from_messages,
    parse_messages,
    read_said,
)
from bpfgen.compiler import Options, compile
from bpfgen.text.source import Source, Span
from tests.tools import require_clang, require_file

if TYPE_CHECKING:
    from pathlib import Path

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


TAKEN = {
    "map bpf_map_lookup_elem: hash<u32, u64>[16];": "libbpf's",
    "int bpf_ktime_get_ns(struct xdp_md *c);\nmap p: prog_array[1] = { bpf_ktime_get_ns };": (
        "libbpf's"
    ),
    "map memset: hash<u32, u64>[16];": "C's own",
    "struct xdp_md { u32 x; };\nmap a: hash<u32, xdp_md>[1];": "`include <linux/bpf.h>;`",
    "enum action { XDP_DROP };\nmap a: hash<u32, u64>[1];": "`include <linux/bpf.h>;`",
    "typedef int __u32;\nmap a: hash<u32, __u32>[1];": "`include <linux/types.h>;`",
}
"""Names that C has already, and a part of the advice."""


@pytest.mark.parametrize(("text", "advice"), TAKEN.items(), ids=TAKEN)
def test_a_name_that_c_has_is_one_error_with_advice(text: str, advice: str) -> None:
    """Nothing is said of temporary files, of include guards, or of what comes of the clash."""
    require_clang()
    require_file("/usr/include/bpf/bpf_helpers.h", "libbpf-dev")
    compilation = compile(Source("t.dsl", text))
    assert not compilation.failed
    (error,) = build(compilation).diagnostics
    assert error.code == "clang"
    assert error.help.startswith("rename it: ")
    assert advice in error.help
    words = " ".join((error.message, *error.notes))
    assert "bpfgen-" not in words
    assert "unguarded" not in words
    assert "disagrees" not in words


def test_no_message_has_a_temporary_path() -> None:
    """Neither that of our text nor those of the headers beside it."""
    unnamed = f"struct (unnamed struct at {MAIN}:47:12)"
    said = f"{MAIN}:3:1: error: '{unnamed}' vs {BASE}/sub/own.h\nclang: error: {MAIN} is odd\n"
    first, second = parse_messages(said, MAIN, BASE)
    assert first.text == "'struct (unnamed struct)' vs sub/own.h"
    assert second.text == "the text is odd"


@pytest.mark.parametrize(
    ("include", "advice"),
    [
        ("<bpf/bpf_helpers.h>", "leave it out"),
        ("<linux/if_ether_without_types.h>", "`include <linux/types.h>;` before it"),
    ],
)
def test_a_header_that_lacks_the_kernels_types_is_one_error(
    include: str, advice: str, tmp_path: Path
) -> None:
    """libbpf's header isn't needed; another one gets what it lacks before it."""
    require_clang()
    require_file("/usr/include/bpf/bpf_helpers.h", "libbpf-dev")
    (tmp_path / "linux").mkdir()
    (tmp_path / "linux" / "if_ether_without_types.h").write_text(
        "#pragma once\nstruct e { __be16 a; __u8 b; };"
    )
    options = Options(include_directories=(str(tmp_path),))
    text = f"include {include};\nmap m: hash<u32, u64>[4];\n"
    (error,) = compile(Source("t.dsl", text), options).diagnostics
    assert error.code == "include"
    assert advice in error.help
    (edit,) = error.edits
    mended = text[: edit.span.start] + edit.text + text[edit.span.end :]
    assert list(compile(Source("t.dsl", mended), options).diagnostics) == []


def test_a_compiler_that_says_too_much(tmp_path: Path) -> None:
    """Only the beginning and the end are read, in whole lines, and what is missing is counted."""
    said = tmp_path / "said"
    numbers = range(200_000)
    said.write_text("".join(f"a.c:1:1: error: number {number}\n" for number in numbers))
    size = said.stat().st_size
    lines = read_said(str(said)).splitlines()
    kept = [line for line in lines if line.startswith("a.c")]
    (note,) = (line for line in lines if not line.startswith("a.c"))
    assert 1 << 20 < len("\n".join(kept)) < 1 << 21 < size
    missing = size - sum(len(line) + 1 for line in kept)
    assert note == (
        f"warning: the compiler said {size:,} bytes; {missing:,} in the middle are left out"
    )
    before = lines.index(note)
    shown = [int(line.rpartition(" ")[2]) for line in kept]
    assert shown == [*numbers[:before], *numbers[before - len(kept) :]]
    (message,) = parse_messages(note, MAIN, BASE)
    assert (message.severity, message.line, message.file) == ("warning", 0, "")


@pytest.mark.parametrize("length", [5_000, 10_000_000])
def test_a_line_that_is_too_long(tmp_path: Path, length: int) -> None:
    """It is cut, wherever it ends."""
    said = tmp_path / "said"
    said.write_text("a.c:1:1: error: " + "x" * length + "\na.c:2:1: error: short\n")
    lines = read_said(str(said)).splitlines()
    assert max(map(len, lines)) < 5_000
    assert lines[0].startswith("a.c:1:1: error: xxx")
    assert lines[0].endswith("x…")
    assert lines[-1] == "a.c:2:1: error: short"


def test_many_notes_stay_in_their_order() -> None:
    """All belong to the one message before them; their number costs no more than they do."""
    note = ClangMessage(0, 0, "note", "note", "a.h", 1)
    messages = [ClangMessage(0, 0, "error", "wrong"), *[note] * 200_000]
    (reported,) = diagnostics_from_messages(messages, [])
    assert reported.notes == ("clang: note (a.h:1)",) * 200_000


def test_clang_says_once_where_a_header_is_included() -> None:
    """Its later messages about the header belong to the same line."""
    first = f"In file included from {MAIN}:2:\n./own.h:2:18: error: expected ';'\n"
    between = f"{MAIN}:2:15: error: expected '}}'\n./own.h:2:11: note: to match this '{{'\n"
    said = f"{first}{between}./own.h:2:18: error: expected ';' after struct\n"
    assert [(one.line, one.file) for one in parse_messages(said, MAIN, BASE)] == [
        (2, "./own.h"),
        (2, ""),
        (2, "./own.h"),
        (2, "./own.h"),
    ]


@pytest.mark.parametrize("used", ["hs>[OTHER]", "struct hs>[1]", "hs>[NOWHERE]"])
def test_a_header_that_ends_inside_a_struct_is_where_it_is_wrong(used: str, tmp_path: Path) -> None:
    """What is asked after it makes no sense to clang, and isn't what is wrong."""
    require_clang()
    (tmp_path / "own.h").write_text("#define OTHER 5\nstruct hs { int a \n", encoding="utf-8")
    text = f'include "own.h";\nmap m: array<__u32, {used};\n'
    said = compile(Source(str(tmp_path / "maps.dsl"), text)).diagnostics
    assert {one.code for one in said} == {"include"}
    assert all(one.span is not None and one.span.line == 1 for one in said)
    assert said[0].message == "clang: expected ';' at end of declaration list"
    assert said[0].notes[0].endswith("own.h, line 2")
