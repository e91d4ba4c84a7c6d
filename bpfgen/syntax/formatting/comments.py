"""The comments between two tokens: how they stand, and how they are written.

Comments keep their order, and keep the lines that they share with tokens and with each other; what
changes is how far a line is indented, and that none ends in blanks.
"""

from __future__ import annotations

import re

from bpfgen.record import TYPE_CHECKING
from bpfgen.text.source import TAB_WIDTH

if TYPE_CHECKING:
    from bpfgen.syntax.tree import Tokens

INDENT = "    "
"""One level."""

_BLANKS = " \t\f\v\r"
_COMMENT = re.compile(r"//[^\r\n]*|/\*[\s\S]*?\*/")
_LONE_RETURN = re.compile(r"\r(?!\n)")
_GOES_ON = re.compile(r"\r[ \t\f\v\r]*[^ \t\f\v\r\n]")
"""A carriage return, and more on the line that it is in as a Source counts them."""


class Comments:
    """What stands between two tokens, where that is more than blanks.

    Attributes:
        lines: How many lines end before the first comment, between each and the next, and after the
            last one.
        texts: The comments; one less than there are *lines*.
        columns: Where each begins, from 0.
    """

    __slots__ = ("columns", "lines", "texts")

    def __init__(self, text: str, start: int, end: int) -> None:
        self.texts: list[str] = []
        self.lines: list[int] = []
        self.columns: list[int] = []
        for match in _COMMENT.finditer(text, start, end):
            self.lines.append(line_ends(text[start : match.start()]))
            self.texts.append(match[0])
            self.columns.append(column_at(text, match.start()))
            start = match.end()
        self.lines.append(line_ends(text[start:end]))

    @property
    def trailing(self) -> int | None:
        """How many share the line of the token before; None where all share that of the next."""
        return next((count for count, ends in enumerate(self.lines) if ends), None)


def hidden_line_end(tokens: Tokens) -> int | None:
    """Return where a carriage return alone ends a `// …` with more on the line; None if nowhere.

    No line ends there as a Source counts them, and one would have to begin: what is said of lines,
    by an allowance or a comment of a declaration, would then be said of others.
    """
    text = tokens.source.text
    if _LONE_RETURN.search(text) is None:
        return None
    end = 0
    for start, after in zip(tokens.starts, tokens.ends, strict=True):
        for match in _COMMENT.finditer(text, end, start):
            if match[0].startswith("//") and _GOES_ON.match(text, match.end()):
                return match.end()
        end = after
    return None


def line_ends(blanks: str) -> int:
    """Return how many lines end in *blanks*, as a Source counts them."""
    return blanks.count("\n")


def written(comment: str, before: int, after: int) -> str:
    """Return the text of *comment* as it is to be written.

    Of a comment of several lines the others move with the first; those that all begin with a `*`
    stand in line with that of the first.

    Args:
        comment: What was written.
        before: The column where that began, from 0.
        after: Where it is to begin.
    """
    if "\n" not in comment:
        return comment.rstrip(_BLANKS)
    first, *others = [line.rstrip(_BLANKS) for line in comment.split("\n")]
    if all(line.lstrip(_BLANKS).startswith("*") for line in others):
        others = [f"{' ' * after} {line.lstrip(_BLANKS)}" for line in others]
    else:
        others = [_shifted(line, after - before) for line in others]
    return "\n".join((first, *others))


def _shifted(line: str, shift: int) -> str:
    """Return *line* with *shift* more columns before it, or with less, as far as there are any."""
    inside = line.lstrip(_BLANKS)
    blanks = line[: len(line) - len(inside)].expandtabs(TAB_WIDTH)
    return " " * (len(blanks) + shift) + inside if inside else ""


def column_at(text: str, at: int) -> int:
    """Return the column, from 0, of the character of *text* that is, or would be, at *at*."""
    line = text.rfind("\n", 0, at) + 1
    return len(text[line:at].expandtabs(TAB_WIDTH))
