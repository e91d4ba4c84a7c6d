r"""Texts that an editor has open, and places in them as the protocol counts them.

Before everything else of the server: a document is changed here, piece by piece, as somebody types.

The protocol counts lines from 0, each ended by `\n`, `\r\n` or `\r` (Language Server Protocol 3.17,
"Text Documents"), and characters in units that client and server agree on. A place outside of the
text is the nearest one inside: nothing that a client says raises.
"""

from __future__ import annotations

import re
from bisect import bisect_right

from bpfgen.record import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import TypeAlias

    Position: TypeAlias = tuple[int, int]
    """Line and character, both from 0, in the units that were agreed on."""

UTF_8, UTF_16, UTF_32 = "utf-8", "utf-16", "utf-32"
"""What a character is counted in: bytes of UTF-8, units of UTF-16, or characters."""

_LINE_END = re.compile(r"\r\n?|\n")
_MARK = "\ufeff"
_SURROGATES = re.compile("[\ud800-\udfff]")


class Lines:
    """The lines of one text: offsets in characters, from 0, to positions and back."""

    __slots__ = ("_starts", "_text", "_units")

    def __init__(self, text: str, units: str = UTF_16) -> None:
        """Cut *text*; characters of positions are counted in *units*."""
        self._text = text
        self._units = UTF_32 if text.isascii() else units
        self._starts = [0, *(match.end() for match in _LINE_END.finditer(text))]

    def offset(self, line: int, character: int) -> int:
        """Return the offset of a position; of one past the end of a line, where that ends."""
        if line < 0:
            return 0
        if line >= len(self._starts):
            return len(self._text)
        start, end = self._starts[line], self._end(line)
        if character <= 0:
            return start
        if self._units == UTF_32:
            return min(start + character, end)
        left = character
        for offset in range(start, end):
            left -= _width(self._text[offset], self._units)
            if left < 0:  # it's in the middle of this character
                return offset
            if not left:
                return offset + 1
        return end

    def position(self, offset: int) -> Position:
        """Return the position of *offset*."""
        offset = max(0, min(offset, len(self._text)))
        line = bisect_right(self._starts, offset) - 1
        start = self._starts[line]
        if self._units == UTF_32:
            return line, offset - start
        return line, sum(_width(character, self._units) for character in self._text[start:offset])

    def __len__(self) -> int:
        return len(self._starts)

    def _end(self, line: int) -> int:
        """Return where the text of *line* ends, its line end left out."""
        if line + 1 == len(self._starts):
            return len(self._text)
        end = self._starts[line + 1]
        return end - (2 if self._text[end - 2 : end] == "\r\n" else 1)


def _width(character: str, units: str) -> int:
    """Return how many *units* one *character* is."""
    code = ord(character)
    if units == UTF_16:
        return 1 + (code > 0xFFFF)
    return 1 + (code > 0x7F) + (code > 0x7FF) + (code > 0xFFFF)


class Document:
    """One text that is open.

    Attributes:
        uri: What the client calls it.
        path: Its path in the file system, or a name in angle brackets.
        version: The client's number of the text, which grows.
        text: What it says now; a byte order mark is a blank, so that places stay what they are.
        has_mark: It begins with a byte order mark.
    """

    __slots__ = ("_lines", "_units", "has_mark", "path", "text", "uri", "version")

    def __init__(self, uri: str, path: str, text: str, version: int, units: str = UTF_16) -> None:
        self.uri = uri
        self.path = path
        self.version = version
        self._units = units
        self._lines: Lines | None
        self.replace(text)

    @property
    def lines(self) -> Lines:
        """The lines of the text as it is now."""
        if self._lines is None:
            self._lines = Lines(self.text, self._units)
        return self._lines

    def replace(self, text: str) -> None:
        """Have it say *text*."""
        self.has_mark = text.startswith(_MARK)
        self.text = _readable(text)
        self._lines = None

    def change(self, start: Position, end: Position, text: str) -> None:
        """Put *text* in the place of what stands from *start* to *end*."""
        lines = self.lines
        first, last = sorted((lines.offset(*start), lines.offset(*end)))
        begins = self.has_mark and first > 0
        self.replace(self.text[:first] + text + self.text[last:])
        self.has_mark |= begins


def _readable(text: str) -> str:
    """Return *text* with a character of the same width for each that no file can have."""
    if not text.isascii():
        text = _SURROGATES.sub("\ufffd", text)
    return " " + text[1:] if text.startswith(_MARK) else text
