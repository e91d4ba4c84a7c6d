"""What the style wants before each token of C's declarations and of expressions.

gaps.py goes along a whole file, and uses this.
"""

from __future__ import annotations

from bpfgen.record import TYPE_CHECKING
from bpfgen.syntax.formatting.wanted import (
    CLOSE,
    LINE,
    NONE,
    OPEN,
    SEMICOLON,
    SPACE,
    SPACE_OR_LINE,
    WRITTEN,
)

if TYPE_CHECKING:
    from bpfgen.syntax.tree import Tokens

_CALLED = frozenset(("ALIGNED", "ALIGNAS", "CONTAINS"))
_ATTRIBUTES = frozenset(("ATTRIBUTE", "TAG_MACRO", "PACKED", *_CALLED))
_ENDS = frozenset((";", ",", ")", "]", "}"))
"""What ends an expression, unless a bracket is open in it; an attribute does so, too."""


class CWalk:
    """A walk along the tokens of C in one file.

    Each method begins at the token *at*, before which its caller has decided, and returns the first
    one after what it is named for. It decides about nothing where nothing is to stand.

    Attributes:
        kinds: Of the tokens.
        texts: Of the tokens.
        gaps: What was decided, one of the numbers of wanted.py for each.
    """

    __slots__ = ("gaps", "kinds", "texts")

    def __init__(self, tokens: Tokens) -> None:
        self.kinds = tokens.kinds
        self.texts = tokens.texts
        self.gaps = bytearray(len(tokens.kinds))

    def declarators(self, at: int) -> int:
        """What declares names, with widths, values and attributes, and the `;` after it."""
        kinds, texts, gaps = self.kinds, self.texts, self.gaps
        gap = SPACE
        while (text := texts[at]) != ";":
            if text == ",":
                at += 1
                gap = SPACE_OR_LINE
            elif text in (":", "="):
                gaps[at] = gap
                at += 1
                gaps[at] = SPACE if text == ":" else SPACE_OR_LINE
                at = self.expression(at)
            elif kinds[at] in _ATTRIBUTES:
                at = self.attributes(at)
            else:
                at = self.declarator(at, gap)
                gap = SPACE
        return at + 1

    def specifiers(self, at: int) -> int:
        """A type's name or body, and the qualifiers around it."""
        kinds, gaps = self.kinds, self.gaps
        has_base = False
        first = at
        while True:
            kind, start, gap = kinds[at], at, SPACE
            if kind in ("BUILTIN", "QUALIFIER") or (kind == "NAME" and not has_base):
                has_base = has_base or kind != "QUALIFIER"
                at += 1
            elif kind in ("COMPOSITE", "ENUM") and not has_base:
                has_base = True
                at = self._tagged(at)
            elif kind in _ATTRIBUTES:
                gap = SPACE if self.texts[at - 1] == "}" else SPACE_OR_LINE
                at = self._attribute(at)
            else:
                return at
            if start != first:
                gaps[start] = gap

    def _tagged(self, at: int) -> int:
        """A struct, a union or an enum, with its body if it has one."""
        kinds, texts, gaps = self.kinds, self.texts, self.gaps
        is_enum = kinds[at] == "ENUM"
        at = self.attributes(at + 1)
        if kinds[at] == "NAME":
            gaps[at] = SPACE
            at += 1
        if is_enum and texts[at] == ":":
            gaps[at] = gaps[at + 1] = SPACE
            at += 2
            while kinds[at] == "BUILTIN":  # the first of a base has been passed
                gaps[at] = SPACE
                at += 1
        if texts[at] == "{":
            gaps[at] = SPACE
            at = self._enumerators(at + 1) if is_enum else self._members(at + 1)
        return at

    def _members(self, at: int) -> int:
        texts, gaps = self.texts, self.gaps
        while (text := texts[at]) != "}":
            if text == ";":
                gaps[at] = SEMICOLON
                at += 1
            else:
                gaps[at] = LINE
                at = self.declarators(self.specifiers(at))
        gaps[at] = LINE
        return at + 1

    def _enumerators(self, at: int) -> int:
        texts, gaps = self.texts, self.gaps
        while texts[at] != "}":
            gaps[at] = LINE
            at = self.attributes(at + 1)
            if texts[at] == "=":
                gaps[at] = SPACE
                at += 1
                gaps[at] = SPACE_OR_LINE
                at = self.expression(at)
            if texts[at] == ",":
                at += 1
        gaps[at] = LINE
        return at + 1

    def declarator(self, at: int, gap: int) -> int:
        """Pointers, a name or what is in parentheses, arrays and parameters: what there is."""
        kinds, texts, gaps = self.kinds, self.texts, self.gaps
        while texts[at] == "*":
            gaps[at] = gap
            at += 1
            gap, start = NONE, at
            while kinds[at] == "QUALIFIER" or kinds[at] in _ATTRIBUTES:
                # As in emit/c/declarators.py: `*const p`, `* __kptr p`.
                gaps[at] = NONE if kinds[at] == "QUALIFIER" and at == start else SPACE
                at = self._attribute(at)
                gap = SPACE
        if kinds[at] == "NAME":
            gaps[at] = gap
            at += 1
        elif texts[at] == "(":
            gaps[at] = gap
            start = at + 1
            at = self.attributes(start)
            at = self.declarator(at, SPACE)
            gaps[start] = OPEN
            gaps[at] = CLOSE
            at += 1
        while (text := texts[at]) in ("[", "("):
            at = self.array(at) if text == "[" else self._parameters(at)
        return at

    def array(self, at: int) -> int:
        """`[N]` or `[]`."""
        at += 1
        if self.texts[at] != "]":
            self.gaps[at] = OPEN
            at = self.expression(at)
            self.gaps[at] = CLOSE
        return at + 1

    def _parameters(self, at: int) -> int:
        texts, gaps = self.texts, self.gaps
        if texts[at + 1] == ")":
            return at + 2
        gap = OPEN
        while texts[at] != ")":
            at += 1
            gaps[at] = gap
            gap = SPACE_OR_LINE
            if texts[at] == "...":
                at += 1
            else:
                at = self.declarator(self.specifiers(at), SPACE)
                at = self.attributes(at)
        gaps[at] = CLOSE
        return at + 1

    def attributes(self, at: int) -> int:
        """Any number of attributes, none included."""
        while self.kinds[at] in _ATTRIBUTES:
            self.gaps[at] = SPACE_OR_LINE
            at = self._attribute(at)
        return at

    def _attribute(self, at: int) -> int:
        """An attribute with what is in its parentheses, or any other word."""
        kind = self.kinds[at]
        at += 1
        if kind == "ATTRIBUTE":
            texts, gaps = self.texts, self.gaps
            gap = OPEN
            at += 1  # the second parenthesis, or a comma from now on
            while texts[at] != ")":
                at += 1
                gaps[at] = gap
                gap = SPACE_OR_LINE
                at += 1
                if texts[at] == "(":
                    at = self._arguments(at)
            gaps[at] = CLOSE
            return at + 2
        return self._arguments(at) if kind in _CALLED else at

    def _arguments(self, at: int) -> int:
        kinds, texts, gaps = self.kinds, self.texts, self.gaps
        gap = OPEN
        while texts[at] != ")":
            at += 1
            gaps[at] = gap
            gap = SPACE_OR_LINE
            if kinds[at] == "STRING":
                while kinds[at := at + 1] == "STRING":
                    gaps[at] = SPACE_OR_LINE
            else:
                at = self.expression(at)
        gaps[at] = CLOSE
        return at + 1

    def expression(self, at: int) -> int:
        """An expression, which stays as it is written; but the type in a `sizeof` is a type."""
        kinds, texts, gaps = self.kinds, self.texts, self.gaps
        depth = 0
        gap = gaps[at]
        while depth or (texts[at] not in _ENDS and kinds[at] not in _ATTRIBUTES):
            text = texts[at]
            if text:  # else it is what follows a `>>`
                gaps[at] = gap
                gap = WRITTEN
            if kinds[at] == "SIZEOF":
                at += 2
                gaps[at] = OPEN
                at = self.declarator(self.specifiers(at), SPACE)
                gaps[at] = CLOSE
            elif text in ("(", "["):
                depth += 1
            elif text in (")", "]"):
                depth -= 1
            at += 1
        return at
