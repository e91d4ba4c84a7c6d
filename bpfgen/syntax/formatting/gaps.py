"""What the style wants before each token: nothing, a space, a new line, or what was written.

Goes along the tokens of a file that the parser has accepted, once, the way the grammar does; so the
kinds of the tokens say all: a word of the language that is none where it stands is a NAME, and two
`>` that close two lists are two tokens. What is of C is in c_gaps.py.
"""

from __future__ import annotations

from bpfgen.record import TYPE_CHECKING
from bpfgen.syntax.formatting.c_gaps import CWalk
from bpfgen.syntax.formatting.wanted import (
    BLOCK,
    CLOSE,
    LINE,
    OPEN,
    SEMICOLON,
    SPACE,
    SPACE_OR_LINE,
    WRITTEN,
)
from bpfgen.syntax.tree import END

if TYPE_CHECKING:
    from collections.abc import Callable

    from bpfgen.syntax.tree import Tokens


def gaps(tokens: Tokens) -> bytearray:
    """Return what stands before each of *tokens*, one of the numbers of wanted.py."""
    walk = _Walk(tokens)
    walk.items(0)
    return walk.gaps


class _Walk(CWalk):
    """A walk along the tokens of one file."""

    __slots__ = ()

    def items(self, at: int) -> int:
        """Declarations up to the `}` of their block or to the end, which is where this stops."""
        kinds, gaps = self.kinds, self.gaps
        while True:
            kind = kinds[at]
            gaps[at] = SEMICOLON if kind == "SEMICOLON" else LINE
            if kind in (END, "RBRACE"):
                return at
            at = self._item(at)

    def _item(self, at: int) -> int:
        kinds = self.kinds
        kind = kinds[at]
        if kind == "SEMICOLON":
            return at + 1
        if kind == "WHEN":
            return self._when(at, self.items)
        if kind in ("WEAK", "LEGACY") or (kind == "EXTERN" and kinds[at + 1] == "MAP"):
            self.gaps[at + 1] = SPACE
            return self._map(at + 1)
        if kind in ("MAP", "TEMPLATE"):
            return self._map(at)
        if kind in ("INCLUDE", "IMPORT", "TARGET", "MACRO"):
            return self._words(at)
        return self._declaration(at)

    def _words(self, at: int) -> int:
        """Words with spaces or commas between them, and the `;` after them."""
        texts, gaps = self.texts, self.gaps
        gap = SPACE
        while (text := texts[at := at + 1]) != ";":
            if text == ",":
                gap = SPACE_OR_LINE
            else:
                if text == "-":  # target kernel >= 5.15-rc1
                    gap = WRITTEN
                gaps[at] = gap
        return at + 1

    def _when(self, at: int, content: Callable[[int], int]) -> int:
        """All branches of a `when`, whose blocks hold what *content* goes along."""
        kinds, gaps = self.kinds, self.gaps
        while True:
            at += 1
            if kinds[at - 1] == "WHEN":
                gaps[at] = SPACE
                at = self._condition(at)
            gaps[at] = BLOCK
            at = content(at + 1) + 1
            if kinds[at] != "ELSE":
                return at
            gaps[at] = SPACE
            if kinds[at + 1] == "WHEN":
                at += 1
                gaps[at] = SPACE

    def _condition(self, at: int) -> int:
        texts, gaps = self.texts, self.gaps
        gap = OPEN
        depth = 1
        while depth:
            at += 1
            text = texts[at]
            if text:
                gaps[at] = gap
                gap = WRITTEN
                depth += (text == "(") - (text == ")")
        gaps[at] = CLOSE
        return at + 1

    def _declaration(self, at: int) -> int:
        if self.kinds[at] in ("EXTERN", "TYPEDEF"):
            at += 1
            self.gaps[at] = SPACE
        return self.declarators(self.specifiers(at))

    # Maps.

    def _map(self, at: int) -> int:
        gaps = self.gaps
        gaps[at + 1] = SPACE
        at = self.attributes(at + 2) + 1  # after the colon
        gaps[at] = SPACE
        at = self._shape(at + 1)
        return self._slots(at) if self.texts[at] == "=" else at

    def _shape(self, at: int) -> int:
        """What may follow the kind of a map: `<K, V>`, `[N]`, `{ … }`."""
        if self.texts[at] == "<":
            at = self._type_arguments(at)
        if self.texts[at] == "[":
            at = self.array(at)
        return self._map_attributes(at)

    def _type_arguments(self, at: int) -> int:
        texts, gaps = self.texts, self.gaps
        gap = OPEN
        while texts[at] != ">":
            at += 1  # after the bracket, or a comma
            gaps[at] = gap
            gap = SPACE_OR_LINE
            at = self._type_argument(at)
        gaps[at] = CLOSE
        return at + 1

    def _type_argument(self, at: int) -> int:
        """A type, or the shape of an inner map."""
        at = self.specifiers(at)
        if self.texts[at] == "<":
            return self._shape(at)
        return self._map_attributes(self.declarator(at, SPACE))

    def _map_attributes(self, at: int) -> int:
        """The attributes of a map in their braces, if there are any."""
        if self.texts[at] != "{":
            return at
        self.gaps[at] = SPACE
        return self._attribute_lines(at + 1) + 1

    def _attribute_lines(self, at: int) -> int:
        """Attributes of a map up to the `}`, which is where this stops."""
        kinds, gaps = self.kinds, self.gaps
        while True:
            kind = kinds[at]
            gaps[at] = LINE
            if kind == "RBRACE":
                return at
            if kind == "WHEN":
                at = self._when(at, self._attribute_lines)
                continue
            gaps[at + 1] = SPACE
            at += 2
            gaps[at] = SPACE_OR_LINE
            at = self._type_argument(at) if kind == "TYPE_ATTRIBUTE" else self.expression(at)
            at += 1

    def _slots(self, at: int) -> int:
        """`= { [0] = a, b }`, from the equals sign on."""
        texts, gaps = self.texts, self.gaps
        gaps[at] = gaps[at + 1] = SPACE
        at += 2
        while True:
            gaps[at] = LINE
            if texts[at] == "}":
                return at + 1
            if texts[at] == "[":
                at = self.array(at)
                gaps[at] = gaps[at + 1] = SPACE
                at += 1
            if texts[at] == "(":  # (void *)&program
                gaps[at + 2] = SPACE
                at += 4
            at += 2 if texts[at] == "&" else 1
            if texts[at] == ",":
                at += 1
