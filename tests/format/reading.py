"""A second reader of the language's tokens and comments, for the proof of the formatter.

It shares nothing with bpfgen's lexer, on which the formatter relies: a token or comment that the
one overlooks, the other sees.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable

TOKEN, LINE, BLOCK = "token", "line comment", "block comment"
"""What a piece of a text is."""

_PIECE = re.compile(
    r"""
      (?P<blank> [ \t\r\n\f\v]+ )
    | (?P<line> // [^\r\n]* )
    | (?P<block> /\* .*? \*/ )
    | (?P<include> \b include [ \t]* (?: < [^<>\r\n]* > | " [^"\r\n]* " ) )
    | (?P<word> (?: u8 | [uUL] )? ' (?: \\. | [^'\\\r\n] )* ' | " (?: \\. | [^"\\\r\n] )* "
              | [A-Za-z_]\w* | \d (?: [eEpP][+-] | '?\w | \. )* )
    | (?P<sign> << | [<>=!]= | && | \|\| | \.\.\. | [^\w\s] )
    """,
    re.VERBOSE | re.DOTALL | re.ASCII,
)
"""`>>` is two signs: it closes two lists of arguments as well."""


class Piece(NamedTuple):
    """A token or a comment, and where it is in its text.

    Attributes:
        ends: How many line ends stand between it and the piece before it.
    """

    kind: str
    text: str
    start: int
    end: int
    ends: int

    @property
    def is_comment(self) -> bool:
        """Whether it is none of the program's."""
        return self.kind != TOKEN


def read(text: str) -> list[Piece]:
    """Return the tokens and comments of *text*, in order."""
    pieces = []
    at = ends = 0
    while at < len(text):
        match = _PIECE.match(text, at)
        assert match is not None, f"no token: {text[at : at + 40]!r}"
        assert match.lastgroup is not None
        at = match.end()
        if match.lastgroup == "blank":
            ends += lines_in(match[0])
            continue
        kind = {"line": LINE, "block": BLOCK}.get(match.lastgroup, TOKEN)
        pieces.append(Piece(kind, match[0], match.start(), at, ends))
        ends = 0
    return pieces


def lines_in(blanks: str) -> int:
    """Return how many line ends there are in *blanks*, in any of the three forms."""
    return len(re.findall(r"\r\n?|\n", blanks))


def comment_text(piece: Piece) -> str:
    """Return what a comment says: its lines without blanks at their beginning and end."""
    lines = re.split(r"\r\n?|\n", piece.text)
    return "\n".join(line.strip(" \t\f\v") for line in lines)


def token_text(piece: Piece) -> str:
    """Return a token as it may be written: the blanks in an `include <…>` are anyone's."""
    return re.sub(r"\Ainclude[ \t]*(?=[<\"])", "include ", piece.text)


def joined(texts: Iterable[str]) -> str:
    """Return *texts* for a message, which is to show where they are."""
    return " ".join(texts)
