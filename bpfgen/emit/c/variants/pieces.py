"""The pieces of a C text: what an `#if` may be put around without another text coming of it.

A piece is a line, or all the lines that a comment, a pair of parentheses, or a group from `#if` to
`#endif` goes over: a directive inside a comment is none, and one inside the arguments of a macro is
undefined (6.10.3 of C11).
"""

from __future__ import annotations

import re

from bpfgen.record import TYPE_CHECKING, Record

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from typing import TypeAlias


class Lines(Record):
    """Lines that stay together.

    Attributes:
        text: Ends in a newline.
        gap: Whether a blank line goes before it.
    """

    text: str
    gap: bool = False


class Group(Record):
    """From `#if` to `#endif`.

    Attributes:
        branches: The directive that each begins with, and what is in it.
        end: The line of the `#endif`.
        gap: Whether a blank line goes before it.
    """

    branches: tuple[tuple[str, tuple[Piece, ...]], ...]
    end: str
    gap: bool = False

    @property
    def directives(self) -> tuple[str, ...]:
        """The lines that the branches begin with."""
        return tuple(directive for directive, _ in self.branches)

    @property
    def text(self) -> str:
        """All of it."""
        parts = []
        for directive, inside in self.branches:
            parts += [directive, text_of(inside)]
        return "".join([*parts, self.end])


if TYPE_CHECKING:
    Piece: TypeAlias = Lines | Group


def text_of(pieces: Sequence[Piece]) -> str:
    """Return *pieces* as text, without the blank line before the first."""
    text = "".join([f"\n{piece.text}" if piece.gap else piece.text for piece in pieces])
    return text[1:] if pieces and pieces[0].gap else text


def pieces_of(text: str, *, paragraphs: bool = False) -> tuple[Piece, ...]:
    """Return the pieces of *text*, whose `#if`s are balanced and which ends in a newline, if any.

    With *paragraphs* lines are one piece up to a blank line or an `#if`.
    """
    # One list of pieces for each group that is open; a group's branches so far are beside it.
    inside: list[list[Piece]] = [[]]
    groups: list[_Open] = []
    gap = False
    for lines in _whole(text):
        word = _directive(lines)
        if not lines.strip():
            gap = True
            continue
        if word in _IF:
            groups.append(_Open(lines, gap))
            inside.append([])
        elif word in _ELSE:
            groups[-1].close_branch(inside.pop(), lines)
            inside.append([])
        elif word == "endif":
            group = groups.pop()
            group.close_branch(inside.pop(), "")
            inside[-1].append(Group(tuple(group.branches), lines, group.gap))
        else:
            last = inside[-1][-1] if inside[-1] else None
            if paragraphs and not gap and isinstance(last, Lines):
                inside[-1][-1] = Lines(f"{last.text}{lines}", last.gap)
            else:
                inside[-1].append(Lines(lines, gap))
        gap = False
    return tuple(inside[0])


class _Open:
    """A group whose `#endif` is to come."""

    def __init__(self, directive: str, gap: bool) -> None:
        self.gap = gap
        self.branches: list[tuple[str, tuple[Piece, ...]]] = []
        self._directive = directive

    def close_branch(self, inside: Sequence[Piece], directive: str) -> None:
        """End the branch that has what is *inside*; the next begins with *directive*."""
        self.branches.append((self._directive, tuple(inside)))
        self._directive = directive


_IF = frozenset(("if", "ifdef", "ifndef"))
_ELSE = frozenset(("elif", "elifdef", "elifndef", "else"))
_DIRECTIVE = re.compile(r"[ \t]*#[ \t]*(\w+)")
_TOKEN = re.compile(
    r"""
    (?P<string> "(?:[^"\\\n]|\\.)*" | '(?:[^'\\\n]|\\.)*' ) | (?P<line> //.* ) | (?P<comment> /\* )
    | (?P<open> [(\[] ) | (?P<close> [)\]] )
    """,
    re.VERBOSE,
)


def _directive(lines: str) -> str:
    found = _DIRECTIVE.match(lines)
    return found[1] if found else ""


def _whole(text: str) -> Iterator[str]:
    """Yield the lines of *text*, those that must stay together as one.

    What a declaration has of `#if`s between its parentheses stays there.
    """
    gathered: list[str] = []
    depth = groups = 0
    in_comment = False
    for line in _lines(text):
        word = _directive(line)
        is_directive = bool(word) and not in_comment
        if is_directive and gathered:
            groups += (word in _IF) - (word == "endif")
        gathered.append(line)
        place = 0
        while True:
            if in_comment:
                end = line.find("*/", place)
                if end < 0:
                    break
                in_comment, place = False, end + 2
            token = _TOKEN.search(line, place)
            if token is None:
                break
            place = token.end()
            kind = token.lastgroup
            if kind == "comment":
                in_comment = True
            elif not is_directive:  # what a macro stands for needn't be balanced
                depth += (kind == "open") - (kind == "close")
        if in_comment or depth > 0 or groups > 0 or line.endswith("\\\n"):
            continue
        yield "".join(gathered)
        gathered, depth, groups = [], 0, 0
    if gathered:
        yield "".join(gathered)


def _lines(text: str) -> list[str]:
    """Return the lines of *text* as C counts them; str.splitlines knows more ends than that."""
    return [f"{line}\n" for line in text.removesuffix("\n").split("\n")] if text else []
