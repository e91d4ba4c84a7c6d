"""The text that is compiled, and places in it. Every stage may import this module."""

from __future__ import annotations

from bisect import bisect_right

from bpfgen.record import Record

TAB_WIDTH = 8

NESTING_LIMIT = 200
"""How deep types nest, and brackets in their source: what reads a source or BTF refuses more.

Whatever recurses along a type relies on it, and fits in Python's default limit of frames.
"""


class Source:
    """One input text and the name under which messages speak of it.

    Attributes:
        name: The path as the user typed it, or `<stdin>`; never made absolute.
        text: The whole text, decoded; line ends are as in the file.
    """

    __slots__ = ("_line_starts", "name", "text")

    def __init__(self, name: str, text: str) -> None:
        self.name = name
        self.text = text
        self._line_starts: list[int] | None = None

    def __repr__(self) -> str:
        return f"Source({self.name!r}, {len(self.text)} characters)"

    def line_starts(self) -> list[int]:
        """Return the character offset of each line's first character; computed once."""
        if self._line_starts is None:
            starts = [0]
            find = self.text.find
            position = find("\n")
            while position >= 0:
                starts.append(position + 1)
                position = find("\n", position + 1)
            self._line_starts = starts
        return self._line_starts

    def line_number(self, offset: int) -> int:
        """Return the line, from 1, that holds the character at *offset*."""
        return bisect_right(self.line_starts(), offset)

    def line_text(self, line: int) -> str:
        """Return line *line* (from 1) without its line end; empty past the last line."""
        starts = self.line_starts()
        if not 1 <= line <= len(starts):
            return ""
        end = starts[line] if line < len(starts) else len(self.text)
        return self.text[starts[line - 1] : end].rstrip("\r\n")

    def position(self, offset: int) -> tuple[int, int]:
        """Return (line, column) of *offset*, both from 1, the column in characters."""
        line = self.line_number(offset)
        return line, offset - self.line_starts()[line - 1] + 1


class Span(Record):
    """The characters *start* up to, not including, *end* of *source*."""

    source: Source
    start: int
    end: int

    @property
    def line(self) -> int:
        """The line of the first character, from 1."""
        return self.source.line_number(self.start)

    @property
    def column(self) -> int:
        """The column of the first character, from 1, in characters."""
        return self.source.position(self.start)[1]

    @property
    def end_position(self) -> tuple[int, int]:
        """The (line, column) just after the last character, both from 1."""
        return self.source.position(self.end)

    @property
    def text(self) -> str:
        """The characters themselves."""
        return self.source.text[self.start : self.end]

    def __str__(self) -> str:
        return f"{self.source.name}:{self.line}"
