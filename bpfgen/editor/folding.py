"""What can be folded in a text, and what a selection grows to: by its brackets and its comments.

Both are there for a broken text as for a whole one: they ask for tokens, and for as much of a tree
as there is.
"""

from __future__ import annotations

from bpfgen.record import TYPE_CHECKING, Record, replace
from bpfgen.syntax.trivia import DIRECTIVE, trivia

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bpfgen.editor.analysis import Analysis
    from bpfgen.syntax.tree import Tokens

COMMENT = "comment"
IMPORTS = "imports"
"""The kinds of what folds, as the protocol has them; what is between brackets has none."""

_OPENING = {"{": "}", "(": ")", "[": "]"}
_CLOSING = {closing: opening for opening, closing in _OPENING.items()}


class Fold(Record):
    """Lines, from 1, of which the first stays visible.

    Attributes:
        kind: `comment`, `imports`, or empty for what is between brackets.
    """

    first: int
    last: int
    kind: str = ""


def folding_ranges(analysis: Analysis) -> list[Fold]:
    """Return what can be folded: bodies, lists, runs of imports and of comments; by first line."""
    line = analysis.source.line_number
    found: dict[int, Fold] = {}
    folds = [*_comment_folds(analysis), *_import_folds(analysis)]
    for first, after in brackets(analysis.tokens):
        # The line of the closing bracket stays, as that of the opening one does.
        folds.append(Fold(line(first), line(after - 1) - 1))
    for fold in folds:
        known = found.get(fold.first)
        if fold.last > fold.first and (known is None or known.last < fold.last):
            found[fold.first] = fold
    return [found[first] for first in sorted(found)]


def brackets(tokens: Tokens) -> Iterator[tuple[int, int]]:
    """Yield where each pair of brackets begins and ends, an inner one before the one around it.

    One that is never closed, or closes nothing, is passed over.
    """
    opened: list[tuple[str, int]] = []
    for at, text in enumerate(tokens.texts):
        if text in _OPENING:
            opened.append((text, tokens.starts[at]))
        elif text in _CLOSING:
            # Of brackets that don't match, the inner ones were forgotten.
            depth = next(
                (n for n in range(len(opened) - 1, -1, -1) if opened[n][0] == _CLOSING[text]), -1
            )
            if depth >= 0:
                yield opened[depth][1], tokens.ends[at]
                del opened[depth:]


def _comment_folds(analysis: Analysis) -> Iterator[Fold]:
    """Yield each comment of several lines, and each run of comments that have their lines alone."""
    line = analysis.source.line_number
    run = Fold(0, 0, COMMENT)
    kind = ""
    for comment in trivia(analysis.tree).comments():
        first, last = line(comment.span.start), line(comment.span.end)
        is_alone = comment.is_alone and comment.kind != DIRECTIVE
        if is_alone and comment.kind == kind and first == run.last + 1:
            run = replace(run, last=last)
            continue
        yield run
        run = Fold(first, last, COMMENT)
        kind = comment.kind if is_alone else ""
    yield run


def _import_folds(analysis: Analysis) -> Iterator[Fold]:
    """Yield each run of imports and includes with nothing between them."""
    tokens, line = analysis.tokens, analysis.source.line_number
    first = last = 0
    at = 0
    while at < len(tokens.kinds):
        kind = tokens.kinds[at]
        if kind in ("IMPORT", "INCLUDE"):
            first = first or line(tokens.starts[at])
            while tokens.texts[at] != ";" and at + 1 < len(tokens.kinds):
                if tokens.kinds[at + 1] in ("IMPORT", "INCLUDE"):
                    break
                at += 1
            last = line(tokens.ends[at])
        elif first:
            yield Fold(first, last, IMPORTS)
            first = 0
        at += 1
