"""The lines of a C file: comments blanked out but remembered, directives apart.

First of the import of C. As in C's own phases, continued lines are joined before comments are
found. Each line keeps its number, and both forms of the text, with comments and without, have the
same length, so that a place in one is a place in the other.
"""

from __future__ import annotations

import re

from bpfgen.record import TYPE_CHECKING, Record

if TYPE_CHECKING:
    from collections.abc import Iterator

COMMENT_OR_STRING = (
    r"(?P<comment>//[^\n]*|/\*.*?(?:\*/|\Z))"
    # What is unterminated ends with its line.
    r"|(?P<string>\"(?:[^\"\\\n]|\\[^\n])*\"?|'(?:[^'\\\n]|\\[^\n]){1,12}')"
)
"""A pattern, of groups that are called so."""

_COMMENT = re.compile(COMMENT_OR_STRING, re.DOTALL)
_DIRECTIVE = re.compile(r"[ \t\f\v]*(?:#|%:)[ \t]*([A-Za-z_]\w*)?[ \t]*(.*)")
_CONTINUED = re.compile(r"\\[ \t\f\v]*\n")
"""The end of a line that goes on; blanks after the backslash are allowed, as to gcc and clang."""

_LINE_END = re.compile(r"\r\n|\r|\n")
_CONTINUATION = re.compile(r"\\[ \t\f\v]*(?:\r\n|\r|\n)")

_NOT_BLANK = re.compile(r"[^\n]")

GONE = "\0"
"""Stands for a line that isn't the compiler's to see: a directive, or what a conditional leaves
out. Texts have no such character otherwise."""


class Line(Record):
    """One line of a file.

    Attributes:
        code: Without comments.
        text: With them, as long as *code*.
        file: The name of the file that it stands in.
        number: From 1.
    """

    code: str
    text: str
    file: str
    number: int

    @property
    def directive(self) -> tuple[str, str] | None:
        """The word after `#` and the rest of the line, or None; no word is the empty one."""
        match = _DIRECTIVE.match(self.code)
        return None if match is None else (match[1] or "", match[2].strip())


def lines_of(text: str, file: str) -> list[Line]:
    """Return the lines of the C source *text*, which is that of *file*."""
    text = text.replace("\r\n", "\n").replace("\r", "\n").replace(GONE, " ")
    text = _joined(text) if _CONTINUED.search(text) is not None else text
    text = _comments_joined(text)
    code = without_comments(text)
    return [
        Line(one, other, file, number)
        for number, (one, other) in enumerate(
            zip(code.split("\n"), text.split("\n"), strict=True), 1
        )
    ]


class Offsets:
    """Finds the characters of lines in the text of their file, as :func:`lines_of` got it."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._starts = [0, *(match.end() for match in _LINE_END.finditer(text))]

    def of(self, line: Line, column: int) -> int:
        """Return where the character at *column* of *line* stands; after its last, the line end."""
        position = self._starts[line.number - 1]
        for character in line.text[:column]:
            position = self._continued(position)
            end = _LINE_END.match(self._text, position) if character == " " else None
            position = position + 1 if end is None else end.end()
        return self._continued(position) if column < len(line.text) else position

    def _continued(self, position: int) -> int:
        """Return where the text goes on at *position*: after the backslashes that join lines."""
        while (match := _CONTINUATION.match(self._text, position)) is not None:
            position = match.end()
        return position


def without_comments(text: str) -> str:
    """Return *text* with blanks in the place of its comments."""
    return _COMMENT.sub(_blanked, text)


def unfinished_comment(text: str) -> int | None:
    """Return the line, from 0, on which a comment of *text* begins that never ends, or None."""
    start = text.rfind("/*")
    if start < 0 or text.find("*/", start + 2) >= 0:
        return None
    for begin, end in comments_in(text):
        if end == len(text) and text.startswith("/*", begin) and text.find("*/", begin + 2) < 0:
            return text.count("\n", 0, begin)
    return None


def _joined(text: str) -> str:
    """Return *text* with continued lines joined; empty lines keep the numbers of those after."""
    lines: list[str] = []
    pieces: list[str] = []
    for line in _CONTINUED.sub("\\\n", text).split("\n"):
        pieces.append(line.removesuffix("\\"))
        if not line.endswith("\\"):
            lines += ["".join(pieces), *[""] * (len(pieces) - 1)]
            pieces = []
    if pieces:
        lines += ["".join(pieces), *[""] * (len(pieces) - 1)]
    return "\n".join(lines)


def _comments_joined(text: str) -> str:
    """Return *text* with comments on one line that begin in a directive, which goes on after them.

    As after :func:`_joined`, empty lines keep the numbers of those after.
    """
    parts: list[str] = []
    position = ends = 0
    for match in _COMMENT.finditer(text):
        comment = match[0]
        count = comment.count("\n") if comment.startswith("/*") else 0
        if not count:
            continue
        between = text[position : match.start()]
        if ends and "\n" in between:
            between, ends = between.replace("\n", "\n" * (ends + 1), 1), 0
        line = text.rfind("\n", 0, match.start()) + 1
        if ends or _DIRECTIVE.match(text[line : match.start()]) is not None:
            comment, ends = comment.replace("\n", " "), ends + count
        parts += (between, comment)
        position = match.end()
    rest = text[position:]
    if ends and "\n" in rest:
        rest = rest.replace("\n", "\n" * (ends + 1), 1)
    return "".join([*parts, rest])


def _blanked(match: re.Match[str]) -> str:
    """Return a string or character as it is, a comment as blanks with its line ends."""
    text = match[0]
    return _NOT_BLANK.sub(" ", text) if text.startswith("/") else text


def comments_in(text: str) -> Iterator[tuple[int, int]]:
    """Yield where the comments of *text* begin and end."""
    for match in _COMMENT.finditer(text):
        if match[0].startswith("/"):
            yield match.span()
