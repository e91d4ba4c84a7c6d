"""The lines that an allowance speaks of, which the layout leaves undivided.

`// bpfgen: allow …` counts for its own line and the next one, or for the declaration on whose first
line, or above which, it stands: on lines of their own, some of what it allows would be out of its
reach.
"""

from __future__ import annotations

from bisect import bisect_left

from bpfgen.record import TYPE_CHECKING
from bpfgen.syntax.formatting.wanted import BLOCK, CLOSE, LINE, OPEN

if TYPE_CHECKING:
    from bpfgen.syntax.tree import Tokens


def undivided(tokens: Tokens, gaps: bytearray) -> frozenset[int]:
    """Return the tokens before which no line begins, since none did and an allowance is there."""
    allowances = (*tokens.allowances, *tokens.break_allowances)
    if not allowances:
        return frozenset()
    text, starts, ends = tokens.source.text, tokens.starts, tokens.ends
    begins_line, holds_declarations = _lines(tokens, gaps)
    found: set[int] = set()
    for allowance in allowances:
        start, end = allowance.span.start, allowance.span.end
        after = bisect_left(starts, end)
        if after and "\n" not in text[ends[after - 1] : start]:  # at the end of a line
            at = after - 1
            while not begins_line[at]:
                found.add(at)
                at -= 1
        between = text[end : starts[after]]
        if between.count("\n") == 1:  # above a line
            closes = gaps[after] == CLOSE or tokens.texts[after] == "}"
            if closes and between.strip():  # it would leave the line of the comment before it
                found.add(after)
            is_whole = gaps[after] == LINE and holds_declarations[after] and not closes
            at = after + 1
            while at < len(starts) and not begins_line[at]:
                # All of the first declaration is in its reach, however many lines that has.
                if holds_declarations[at] or not is_whole:
                    found.add(at)
                at += 1
    return frozenset(found)


def _lines(tokens: Tokens, gaps: bytearray) -> tuple[bytearray, bytearray]:
    """Return of each token whether it begins a line, and whether it is in no braces but a block's.

    A bracket that is to be closed on a line of its own begins one.
    """
    text, texts, ends = tokens.source.text, tokens.texts, tokens.ends
    begins_line, holds_declarations = bytearray(len(gaps)), bytearray(len(gaps))
    brackets: list[bool] = []
    braces: list[bool] = [True]
    end = 0
    for at, start in enumerate(tokens.starts):
        has_line = not at or "\n" in text[end:start]
        if gaps[at] == OPEN:
            brackets.append(has_line)
        elif gaps[at] == CLOSE:
            has_line = brackets.pop() or has_line
        begins_line[at] = has_line
        holds_declarations[at] = braces[-1]
        if texts[at] == "}":
            braces.pop()
        if texts[at] == "{":
            braces.append(gaps[at] == BLOCK and braces[-1])
        end = ends[at]
    return begins_line, holds_declarations
