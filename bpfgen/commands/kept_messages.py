"""Messages of a job as texts that are kept, and back.

Beside `results`. A message points at places in files, which are what they were when it is read
again; one that points at anything else isn't kept.
"""

from __future__ import annotations

from json import dumps, loads
from typing import Any

from bpfgen.files.reading import FILES, decode_source
from bpfgen.record import TYPE_CHECKING
from bpfgen.text.diagnostics import Diagnostic, Edit, Label, Subject
from bpfgen.text.source import Span

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from bpfgen.text.source import Source


def messages(said: Sequence[Sequence[Diagnostic]], files: Collection[str]) -> list[str] | None:
    """Return *said* as texts; None if a place is in none of *files*, or in another text."""
    places = _Places(files)
    try:
        return [dumps([places.values(one) for one in some]) for some in said]
    except (LookupError, OSError):
        return None


def read_messages(texts: Sequence[str]) -> tuple[list[Diagnostic], ...]:
    """Return what :func:`messages` made *texts* of.

    Raises:
        OSError: A file with a place is gone.
    """
    places = _Places(())
    return tuple([places.diagnostic(one) for one in loads(text)] for text in texts)


class _Places:
    """The files that messages point into.

    Attributes:
        files: Their paths.
    """

    def __init__(self, files: Collection[str]) -> None:
        self.files = files
        self._sources: dict[str, Source] = {}

    def values(self, said: Diagnostic) -> list[Any]:
        """Return the members of *said* as JSON has them.

        Raises:
            LookupError: A place of it is in no file.
            OSError: Its file can't be read.
        """
        subject = said.subject
        return [
            said.code,
            said.message,
            self._place(said.span),
            said.label,
            [[self._place(label.span), label.text] for label in said.labels],
            said.notes,
            said.help,
            said.severity,
            said.map,
            None if subject is None else [subject.kind, subject.name, subject.part],
            [[self._place(edit.span), edit.text] for edit in said.edits],
            said.changes_meaning,
        ]

    def diagnostic(self, values: list[Any]) -> Diagnostic:
        """Return the message with the members *values*."""
        code, message, place, label, labels, notes, help, severity, map, *more = values
        subject, edits, changes_meaning = more
        return Diagnostic(
            code,
            message,
            self._span(place),
            label,
            tuple(Label(Span(*self._at(at)), text) for at, text in labels),
            tuple(notes),
            help,
            severity,
            map,
            None if subject is None else Subject(*subject),
            tuple(Edit(Span(*self._at(at)), text) for at, text in edits),
            changes_meaning,
        )

    def _place(self, span: Span | None) -> tuple[str, int, int] | None:
        if span is None:
            return None
        name = span.source.name
        if name not in self.files or self._source(name).text != span.source.text:
            raise LookupError(name)
        return name, span.start, span.end

    def _span(self, place: list[Any] | None) -> Span | None:
        return None if place is None else Span(*self._at(place))

    def _at(self, place: list[Any]) -> tuple[Source, int, int]:
        name, start, end = place
        return self._source(name), start, end

    def _source(self, name: str) -> Source:
        if name not in self._sources:
            self._sources[name] = decode_source(name, FILES.read(name))[0]
        return self._sources[name]
