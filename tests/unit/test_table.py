"""Tables on a page: whole where there is no edge, and within it where there is one."""

from __future__ import annotations

import re

import pytest

from bpfgen.text.table import FILE, Columns, Page, one_line, table

COLUMNS = Columns(
    ("map", "key", "entries", "flags"),
    frozenset(("map", "key", "entries")),
    frozenset(("entries",)),
)
ROWS = [
    {"map": "a_map_of_some_length", "key": "struct very_long_key", "entries": "1024"},
    {"map": "b", "key": "__u32", "entries": "64 KiB", "flags": "BPF_F_NO_PREALLOC"},
]


def test_without_an_edge() -> None:
    """Columns are as wide as their cells; one that nobody needs is left out."""
    assert table(COLUMNS, ROWS, FILE) == [
        "map                   key                   entries  flags",
        "a_map_of_some_length  struct very_long_key     1024",
        "b                     __u32                  64 KiB  BPF_F_NO_PREALLOC",
    ]
    assert table(COLUMNS, ROWS[:1], FILE)[0].split() == ["map", "key", "entries"]


@pytest.mark.parametrize("width", range(24, 100))
def test_within_an_edge(width: int) -> None:
    """No row is wider, and what is cut or has no column comes whole below its row."""
    lines = table(COLUMNS, ROWS, Page(width))
    assert all(len(line) <= width for line in lines if not line.startswith("    "))
    text = "\n".join(lines)
    for row in ROWS:
        for cell in row.values():
            assert re.search(rf"(^|  |: ){cell}(  |;|$)", text, re.MULTILINE), (cell, text)


def test_colours() -> None:
    """Heads are bold; without colours there is no escape."""
    assert table(COLUMNS, ROWS, Page(color=True))[0].startswith("\x1b[1mmap")
    assert "\x1b" not in "".join(table(COLUMNS, ROWS, Page(40)))


def test_a_line_ends_at_a_word() -> None:
    """A text that is too long is cut after a word, if there is one near."""
    assert one_line("one two three four", Page(12)) == "one two…"
    assert one_line("onetwothreefour", Page(12)) == "onetwothree…"
    assert one_line("one two", Page(12)) == one_line("one two", FILE) == "one two"
