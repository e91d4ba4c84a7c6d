"""The edits of diagnostics, applied to the texts that they are about.

Every stage may import this module; nothing but `--fix`, an editor and tests does. It knows texts,
places and codes: what the text means after the edits, whoever compiles it says.
"""

from __future__ import annotations

from bisect import bisect_left, insort

from bpfgen.record import TYPE_CHECKING, Record
from bpfgen.text.diagnostics import ERROR
from bpfgen.text.source import Source

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from bpfgen.text.diagnostics import Diagnostic, Edit

MOST_ROUNDS = 100
"""A text is compiled and edited so often at most; what needs more is repaired by the next run."""

_FORM = frozenset(("syntax", "preprocessor"))
"""Codes of texts that can't be read as they stand: what else is said of one may come of that."""


class Repaired(Record):
    """What came of the edits of a text.

    Attributes:
        source: The text after them.
        fixed: The diagnostics whose edits were made, in their order.
        left: What is said of the text now.
    """

    source: Source
    fixed: tuple[Diagnostic, ...]
    left: tuple[Diagnostic, ...]


def repaired(
    source: Source,
    diagnose: Callable[[Source], Iterable[Diagnostic]],
    keep_the_rest: Callable[[Iterable[Edit]], bool],
    *,
    changing_meaning: bool = False,
) -> Repaired:
    """Return *source* after the edits that *diagnose* has for it, and for what comes of them.

    What can't be read is repaired first, then other errors, then the rest: each is looked at anew
    in a text without the ones before. Edits of other texts aren't made, and no edits after which a
    text can't be read any more that could be: these are left out alone.

    Args:
        source: The text.
        diagnose: Returns what is said of a text; its spans are in that very source.
        keep_the_rest: Returns whether edits, made together, change nothing outside of their places.
        changing_meaning: Whether edits that choose what is declared are made, too.
    """
    fixed: list[Diagnostic] = []
    said = list(diagnose(source))
    seen = {source.text}
    refused: list[Diagnostic] = []  # of what is said of the text as it is
    is_alone = False
    for _ in range(MOST_ROUNDS):
        rest = [one for one in said if one not in refused] if refused else said
        chosen = _next(rest, source, changing_meaning=changing_meaning)
        if not chosen:
            break
        if is_alone or not keep_the_rest([edit for one in chosen for edit in one.edits]):
            del chosen[1:]
        changed = Source(source.name, edited(chosen)[source])
        said_of_changed = [] if changed.text in seen else list(diagnose(changed))
        if changed.text in seen or (not _is_broken(said) and _is_broken(said_of_changed)):
            if len(chosen) > 1:
                is_alone = True  # one of them is to blame
            else:
                refused += chosen
            continue
        seen.add(changed.text)
        source, said, refused = changed, said_of_changed, []
        fixed += chosen
    return Repaired(source, tuple(fixed), tuple(said))


def is_repairable(diagnostic: Diagnostic, source: Source) -> bool:
    """Return whether *diagnostic* has edits, of *source* alone."""
    edits = diagnostic.edits
    return bool(edits) and all(edit.span.source is source for edit in edits)


def _next(
    said: Iterable[Diagnostic], source: Source, *, changing_meaning: bool
) -> list[Diagnostic]:
    """Return those of *said* whose edits of *source* are to be made now."""
    found = [
        one
        for one in said
        if is_repairable(one, source) and (changing_meaning or not one.changes_meaning)
    ]
    first = min(map(_turn, found), default=0)
    return together(one for one in found if _turn(one) == first)


def _turn(diagnostic: Diagnostic) -> int:
    """Return when *diagnostic* is to be repaired, among others of a text."""
    if diagnostic.code in _FORM:
        return 0
    return 1 if diagnostic.severity == ERROR else 2


def _is_broken(said: Iterable[Diagnostic]) -> bool:
    """Return whether the text that *said* is about can't be read as it stands."""
    return any(one.code in _FORM for one in said)


def applied(text: str, edits: Iterable[Edit]) -> str:
    """Return *text* after *edits*, whose spans are places in it and don't overlap.

    Where several insert at one place, they do so in the order in which they are given, and before
    what replaces the characters there. A line end that an edit brings is the text's own: CR LF
    where its first line has that.

    Raises:
        ValueError: Two of the edits overlap, or one lies outside of the text.
    """
    end_of_line = _end_of_line(text)
    pieces: list[str] = []
    position = 0
    for edit in _in_order(edits):
        start, end = edit.span.start, edit.span.end
        if not position <= start <= end <= len(text):
            raise ValueError(f"edits overlap, or lie outside of the text, at {start}")
        pieces += text[position:start], edit.text.replace("\n", end_of_line)
        position = end
    pieces.append(text[position:])
    return "".join(pieces)


def same_ends(before: Sequence[object], after: Sequence[object]) -> tuple[int, int]:
    """Return how much *before* and *after* have in common at their beginnings, then at their ends.

    The two don't overlap in either.
    """
    shorter = min(len(before), len(after))
    head = 0
    while head < shorter and before[head] == after[head]:
        head += 1
    tail = 0
    while tail < shorter - head and before[-1 - tail] == after[-1 - tail]:
        tail += 1
    return head, tail


def together(diagnostics: Iterable[Diagnostic]) -> list[Diagnostic]:
    """Return those of *diagnostics* whose edits can be made at once; each with all or with none.

    The first one wins where two want to change one place, or places without a character between
    them: what the other advises may be wrong afterwards, and a next look at the text will tell.
    Lines that two insert at one place, `include`s say, are no such case.
    """
    found: list[Diagnostic] = []
    taken = _Places()
    for diagnostic in diagnostics:
        if diagnostic.edits and taken.has_room(diagnostic.edits):
            taken.add(diagnostic.edits)
            found.append(diagnostic)
    return found


def edited(diagnostics: Iterable[Diagnostic]) -> dict[Source, str]:
    """Return each source that *diagnostics* have edits of, and its text after them.

    They are some that :func:`together` returned. A line that several insert at one place is
    inserted once.
    """
    by_source: dict[Source, list[Edit]] = {}
    for diagnostic in diagnostics:
        own: dict[Source, list[Edit]] = {}
        for edit in diagnostic.edits:
            own.setdefault(edit.span.source, []).append(edit)
        for source, edits in own.items():
            known = by_source.setdefault(source, [])
            known += [edit for edit in edits if not _is_lines(edit) or edit not in known]
    return {source: applied(source.text, edits) for source, edits in by_source.items()}


def _in_order(edits: Iterable[Edit]) -> list[Edit]:
    """Return *edits* by place; at one place what inserts comes first, in the order given."""
    return sorted(edits, key=lambda edit: (edit.span.start, edit.span.end))


def _end_of_line(text: str) -> str:
    """Return what ends the lines of *text*, as its first one says."""
    first = text.find("\n")
    return "\r\n" if first > 0 and text[first - 1] == "\r" else "\n"


def _is_lines(edit: Edit) -> bool:
    """Return whether *edit* inserts whole lines, before a line."""
    span = edit.span
    is_start = span.start == 0 or span.source.text[span.start - 1] == "\n"
    return span.start == span.end and is_start and edit.text.endswith("\n")


class _Places:
    """The places that edits were chosen for, by source: sorted, without an overlap."""

    __slots__ = ("_lines", "_spans")

    def __init__(self) -> None:
        self._spans: dict[Source, list[tuple[int, int]]] = {}
        self._lines: set[tuple[Source, int]] = set()

    def has_room(self, edits: Sequence[Edit]) -> bool:
        """Return whether none of *edits* overlaps or touches a place that is taken."""
        for edit in edits:
            source, start, end = edit.span.source, edit.span.start, edit.span.end
            if (source, start) in self._lines and _is_lines(edit):
                continue
            spans = self._spans.get(source, [])
            at = bisect_left(spans, (start, end))
            if at < len(spans) and spans[at][0] <= end:
                return False
            if at and spans[at - 1][1] >= start:
                return False
        return True

    def add(self, edits: Iterable[Edit]) -> None:
        """Take the places of *edits*."""
        for edit in edits:
            source, start = edit.span.source, edit.span.start
            if _is_lines(edit):
                self._lines.add((source, start))
            insort(self._spans.setdefault(source, []), (start, edit.span.end))
