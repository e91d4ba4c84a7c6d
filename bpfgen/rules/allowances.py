"""Allowances: which diagnostics `// bpfgen: allow CODE because …` turns off.

One that stands above a declaration, or on its first line, holds for the whole of it; one inside a
declaration for its own line and the next. A diagnostic is concerned if it points into that place,
be it with its carets or with a label: the padding of a key may be allowed where the struct is
declared or where the map is.
"""

from __future__ import annotations

import re

from bpfgen.record import TYPE_CHECKING, Record
from bpfgen.text.codes import ALLOWABLE, CHANGES, CODES, can_be_allowed
from bpfgen.text.diagnostics import ERROR, WARNING, Diagnostic, Edit
from bpfgen.text.source import Span

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from bpfgen.syntax.tree import Allowance, File

_COMMENTS = re.compile(r"\s+|//[^\r\n]*|/\*(?:[^*]|\*(?!/))*\*/")


class _Scope:
    """The lines *first* to *last* of a file, in which one allowance holds, and if it was of use."""

    __slots__ = ("allowance", "file", "first", "last", "used")

    def __init__(self, allowance: Allowance, file: str, first: int, last: int) -> None:
        self.allowance = allowance
        self.file = file
        self.first = first
        self.last = last
        self.used = False

    def holds(self, diagnostic: Diagnostic) -> bool:
        """Return whether *diagnostic* has the code and points into the lines."""
        return diagnostic.code == self.allowance.code and any(
            span.source.name == self.file and self.first <= span.line <= self.last
            for span in _spans(diagnostic)
        )


def _spans(diagnostic: Diagnostic) -> Iterator[Span]:
    if diagnostic.span is not None:
        yield diagnostic.span
    for label in diagnostic.labels:
        yield label.span


def allowed(diagnostics: Iterable[Diagnostic], trees: Sequence[File]) -> list[Diagnostic]:
    """Return *diagnostics* without those that the allowances of *trees* turn off.

    Args:
        diagnostics: In the order in which they are to be shown.
        trees: The file that is compiled, then those that it imports.

    An allowance of the first file that turns off nothing becomes a warning.
    """
    own = list(_scopes(trees[0]))
    scopes = [*own, *(scope for tree in trees[1:] for scope in _scopes(tree))]
    if not scopes:
        return list(diagnostics)
    kept: list[Diagnostic] = []
    for diagnostic in diagnostics:
        scope = None
        if can_be_allowed(diagnostic.code, diagnostic.severity):
            scope = next((scope for scope in scopes if scope.holds(diagnostic)), None)
        if scope is None:
            kept.append(diagnostic)
        else:
            scope.used = True
    refused = {diagnostic.code for diagnostic in kept if diagnostic.severity == ERROR}
    kept.extend(
        _unused(
            scope.allowance,
            is_refused=scope.allowance.code in refused - ALLOWABLE,
            is_sound=not refused,
        )
        for scope in own
        if not scope.used
    )
    return kept


def _unused(allowance: Allowance, *, is_refused: bool, is_sound: bool) -> Diagnostic:
    """Return what to say of *allowance*, which turned off nothing.

    Args:
        allowance: The comment.
        is_refused: Its code is that of an error that was reported and can't be allowed.
        is_sound: There are no errors: what else would be reported is known.
    """
    # Only what is of no use pays for this import.
    from bpfgen.text.statements import removal

    code = allowance.code
    message = f"nothing here needs `{code}` to be allowed"
    advice = "remove the comment"
    edits: tuple[Edit, ...] = (removal(allowance.span),) if is_sound else ()
    changes_meaning = is_sound
    if code not in CODES:
        # Only a misspelt code pays for this import.
        from bpfgen.text.spelling import closest

        meant = closest(code, CODES)
        message = f"there is no diagnostic `{code}` to allow"
        advice = f"did you mean `{meant}`?" if meant else "`bpfgen explain` lists the codes"
        edits, changes_meaning = _written(allowance, f"allow {meant}") if meant else (), False
    elif CODES[code].concern == CHANGES:
        message = f"`{code}` is found by `bpfgen breaking` alone, and allowed by `allow-break`"
        advice = f"write `// bpfgen: allow-break {code} because {allowance.reason}`"
        edits, changes_meaning = _written(allowance, f"allow-break {code}"), False
    elif is_refused:
        message = f"`{code}` can't be allowed: there would be nothing to generate"
        advice = "mend what is wrong, and remove the comment"
    return Diagnostic(
        "unused-allowance",
        message,
        allowance.span,
        help=advice,
        severity=WARNING,
        edits=edits,
        changes_meaning=changes_meaning,
    )


def _written(allowance: Allowance, instead: str) -> tuple[Edit, ...]:
    """Return the edits that write *instead* of what *allowance* allows."""
    words = re.compile(rf"allow\s+{re.escape(allowance.code)}(?=\s)")
    span = allowance.span
    found = words.search(span.source.text, span.start, span.end)
    if found is None:
        return ()
    return (Edit(Span(span.source, found.start(), found.end()), instead),)


def _scopes(tree: File) -> Iterator[_Scope]:
    """Yield where each allowance of *tree* holds."""
    for place in places_of(tree, tree.allowances):
        yield _Scope(place.allowance, tree.source.name, place.first, place.last)


class Place(Record):
    """Where an allowance stands in its file, by lines, from 1.

    Attributes:
        first: Where it begins to hold: its own line.
        last: Where it ends: the next line, or the last one of the declaration that it is above.
        around: The first and the last line of the declaration that it stands in; None where it
            stands in none, or on its first line.
    """

    allowance: Allowance
    first: int
    last: int
    around: tuple[int, int] | None = None


def places_of(tree: File, allowances: Sequence[Allowance]) -> Iterator[Place]:
    """Yield where each of *allowances*, which are in *tree*, stands."""
    source = tree.source
    starts = sorted((item.span.start, item.span.end) for item in tree.items) if allowances else []
    for allowance in allowances:
        first, last = allowance.line, allowance.line + 1
        around = None
        for start, end in starts:
            if end < allowance.span.start and source.line_number(end) < allowance.line:
                continue
            lines = source.line_number(start), source.line_number(max(end - 1, start))
            inside = start <= allowance.span.start < end
            if inside and lines[0] < allowance.line:
                around = lines
                break
            between = source.text[allowance.span.end : start]
            on_line = lines[0] == allowance.line
            if on_line or inside or (between and not _COMMENTS.sub("", between)):
                last = max(last, lines[1])
            break
        yield Place(allowance, first, last, around)
