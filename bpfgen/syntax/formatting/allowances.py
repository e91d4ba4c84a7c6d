"""The lines that an allowance speaks of, which the layout leaves undivided.

`// bpfgen: allow …` counts for its own line and the next one, or for the lines of the declaration
on whose first line, or above which, it stands: on lines of their own, some of what it allows would
be out of its reach.
"""

from __future__ import annotations

from bisect import bisect_left

from bpfgen.record import TYPE_CHECKING
from bpfgen.syntax.formatting.wanted import BLOCK, CLOSE, LINE, SEMICOLON
from bpfgen.syntax.tree import END

if TYPE_CHECKING:
    from bpfgen.syntax.tree import Tokens

_NO_DECLARATION = frozenset(("WHEN", "RBRACE", END))
_NONE = -1


def undivided(tokens: Tokens, gaps: bytearray) -> frozenset[int]:
    """Return the tokens before which no line begins, since none did and an allowance is there."""
    allowances = (*tokens.allowances, *tokens.break_allowances)
    if not allowances:
        return frozenset()
    text, starts, ends = tokens.source.text, tokens.starts, tokens.ends
    begins_line, declaration_of = _lines(tokens), _declarations(tokens, gaps)
    found: set[int] = set()
    for allowance in allowances:
        start, end = allowance.span.start, allowance.span.end
        first = after = bisect_left(starts, end)
        if after and "\n" not in text[ends[after - 1] : start]:  # at the end of a line
            first -= 1
            while not begins_line[first]:
                found.add(first)
                first -= 1
        whole = _whole(declaration_of, first, after)
        between = text[end : starts[after]]
        if between.count("\n") == 1:  # above a line
            closes = gaps[after] == CLOSE or tokens.texts[after] == "}"
            if closes and between.strip():  # it would leave the line of the comment before it
                found.add(after)
            at = after + 1
            while at < len(starts) and not begins_line[at]:
                # All of a whole declaration is in its reach, however many lines that has.
                if whole == _NONE or declaration_of[at] != whole:
                    found.add(at)
                at += 1
        if whole != _NONE:  # and so is what shares its last line
            at = whole
            while declaration_of[at] == whole:
                at += 1
            while at < len(starts) and not begins_line[at]:
                found.add(at)
                at += 1
    return frozenset(found)


def _whole(declaration_of: list[int], first: int, after: int) -> int:
    """Return the declaration that an allowance holds for as a whole; -1 for none.

    It is the first one on the line from token *first* up to *after*, which comes after the
    allowance, or the one that begins there; but none that began on a line before.
    """
    found = next((each for each in declaration_of[first : after + 1] if each != _NONE), _NONE)
    return found if found >= first else _NONE


def _lines(tokens: Tokens) -> bytearray:
    """Return of each token whether it begins a line."""
    text, ends = tokens.source.text, tokens.ends
    begins = bytearray(len(ends))
    end = 0
    for at, start in enumerate(tokens.starts):
        begins[at] = not at or "\n" in text[end:start]
        end = ends[at]
    return begins


def _declarations(tokens: Tokens, gaps: bytearray) -> list[int]:
    """Return with which token the declaration begins that each token is in; -1 for none."""
    found: list[int] = []
    braces: list[bool] = [True]
    current = _NONE
    for at, kind in enumerate(tokens.kinds):
        if braces[-1] and gaps[at] in (LINE, SEMICOLON):
            is_none = gaps[at] == SEMICOLON or kind in _NO_DECLARATION
            current = _NONE if is_none else at
        found.append(current)
        if kind == "RBRACE":
            braces.pop()
        elif kind == "LBRACE":
            braces.append(gaps[at] == BLOCK and braces[-1])
    return found
