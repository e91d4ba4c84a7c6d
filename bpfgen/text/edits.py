"""The edits of diagnostics, applied to the texts that they are about.

Every stage may import this module; nothing but `--fix`, an editor and tests does. It knows texts
and places alone: what the text means after the edits, the next compilation says.
"""

from __future__ import annotations

from bisect import bisect_left, insort

from bpfgen.record import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from bpfgen.text.diagnostics import Diagnostic, Edit
    from bpfgen.text.source import Source


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
