"""Reductions to tree: one function for each rule of the grammar, named as the rule.

A function gets the children that the grammar keeps (a terminal is its token's index) and the
tokens *first* up to *after* that the rule covers; it returns the node. The functions stand in
build_maps.py, build_declarations.py and build_declarators.py; reductions.py lists them.
"""

from __future__ import annotations

from bpfgen.record import TYPE_CHECKING
from bpfgen.syntax.tree import Token

if TYPE_CHECKING:
    from typing import Any

    from bpfgen.syntax.tree import Tokens, WhenNode
    from bpfgen.text.diagnostics import Report
    from bpfgen.text.source import Span

    Children = list[Any]


class Builder:
    """What the functions below share: the tokens, and where to report.

    Attributes:
        whens: Each whole `when`, an inner one before the one around it.
        macros: What `macro` lists.
        lost: Names that are declared, and not in what comes of it.
    """

    __slots__ = ("_after", "_first", "_span", "lost", "macros", "report", "tokens", "whens")

    def __init__(self, tokens: Tokens, report: Report) -> None:
        self.tokens = tokens
        self.report = report
        self.whens: list[WhenNode] = []
        self.macros: list[Token] = []
        self.lost: set[str] = set()
        self._first = self._after = -1
        self._span: Span = tokens.span(0, 0)

    def token(self, index: int) -> Token:
        """Return token *index*."""
        tokens = self.tokens
        return Token(tokens.kinds[index], tokens.texts[index], self.span(index, index + 1))

    def doc(self, first: int) -> str:
        """Return the doc comment before token *first*, or an empty string."""
        return self.tokens.docs.get(first, "")

    def span(self, first: int, after: int) -> Span:
        """Return the span of tokens *first* up to *after*.

        A name, the declarator that is no more than it, and the member that is no more than that
        are made one after the other: they share theirs.
        """
        if after != self._after or first != self._first:
            self._first, self._after = first, after
            self._span = self.tokens.span(first, after)
        return self._span


_ESCAPES = {"n": "\n", "t": "\t", "r": "\r", "0": "\0", "a": "\a", "b": "\b", "f": "\f", "v": "\v"}


def string_text(literal: str) -> str:
    """Return what the C string *literal* stands for; simple escapes only."""
    inside = literal[1:-1]
    if "\\" not in inside:
        return inside
    result = []
    characters = iter(inside)
    for character in characters:
        if character == "\\":
            following = next(characters, "")
            result.append(_ESCAPES.get(following, following))
        else:
            result.append(character)
    return "".join(result)


class Spliced(list[object]):
    """The children of a helper rule, on their way to the rule that uses it."""


def flat(attributes: Children) -> tuple[Any, ...]:
    """Return the attributes and qualifiers in *attributes*, those of each list one by one."""
    if not attributes:
        return ()
    result: list[Any] = []
    for attribute_ in attributes:
        if isinstance(attribute_, list):
            result.extend(attribute_)
        else:
            result.append(attribute_)
    return tuple(result)
