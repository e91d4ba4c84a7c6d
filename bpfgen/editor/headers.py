"""What C headers define, while somebody types: kept, asked for anew beside, never waited for.

After the jobs, before the workspace. The answers to the names that were asked are there until a
header changes; what isn't known yet is pending, and a job asks the compiler. An answer that may be
out of date counts until there is a newer one.
"""

from __future__ import annotations

import os

from bpfgen.clang import NoTemporaryFile, ToolMissing
from bpfgen.editor.jobs import Job
from bpfgen.editor.relocated import relocated
from bpfgen.files.digests import stamp_of
from bpfgen.providers.c_headers import Included
from bpfgen.providers.includes import answered
from bpfgen.record import TYPE_CHECKING, Record, replace
from bpfgen.text.diagnostics import Report
from bpfgen.text.source import Span

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable
    from typing import TypeAlias

    from bpfgen.files.digests import Stamp
    from bpfgen.providers.includes import HeaderQuestion, Headers
    from bpfgen.syntax.tree import IncludeItem
    from bpfgen.text.diagnostics import Diagnostic

    Asked: TypeAlias = frozenset[tuple[str, ...]]
    Stamps: TypeAlias = dict[str, Stamp]

_MOST = 64
"""Sets of headers that something is known of; the oldest are those of a line that was typed."""


def unknown(question: HeaderQuestion, asked: Asked = frozenset()) -> Included:
    """Return what is known of headers that weren't asked *question* yet, but for *asked*."""
    included = Included()
    included.pending = frozenset(words[-1] for words in names_of(question) - asked)
    return included


def names_of(question: HeaderQuestion) -> Asked:
    """Return what *question* asks, a name with what it is used as."""
    used = question.used
    return frozenset(
        [
            *(("type", name) for name in used.types if name not in question.names),
            *(("constant", name) for name in used.constants if name not in question.names),
            *(("tag", kind, tag) for kind, tag in used.tags if tag not in question.tags),
            *(("built in", words, name) for name, words in question.built_in.items()),
        ]
    )


class Unanswered:
    """Answers no question: nothing is known, and nothing is said against it."""

    __slots__ = ()

    def answer(self, question: HeaderQuestion, _report: Report) -> Included:
        """Return that all names of *question* which aren't declared elsewhere are open."""
        return unknown(question)


UNANSWERED: Headers = Unanswered()
"""Knows nothing of any header."""


class _Answer(Record):
    """What a compiler has said.

    Attributes:
        included: What the headers define; None where they, or the compiler, are wrong.
        diagnostics: What is to be said of them.
    """

    included: Included | None
    diagnostics: tuple[Diagnostic, ...]


class _Known(Record):
    """What is known of some headers.

    Attributes:
        asked: The names that were asked.
        answer: What came of it.
        includes: The items that *answer* speaks of.
        stamps: The headers that were read, as they were.
    """

    asked: Asked
    answer: _Answer
    includes: tuple[IncludeItem, ...]
    stamps: Stamps

    def is_old(self) -> bool:
        """Return whether one of the headers has changed since."""
        return any(stamp_of(path) != stamp for path, stamp in self.stamps.items())


class HeaderAnswers:
    """What is known of the headers that the open documents include.

    Args:
        start: Has a job done.
        cancel: Has the job of a key come to nothing.
        changed: Is called with the paths of documents for which more is known now.
    """

    __slots__ = ("_asking", "_cancel", "_changed", "_doubted", "_known", "_start", "_used")

    def __init__(
        self,
        start: Callable[[Job], None],
        cancel: Callable[[Hashable], None],
        changed: Callable[[frozenset[str]], None],
    ) -> None:
        self._start = start
        self._cancel = cancel
        self._changed = changed
        self._known: dict[Hashable, _Known] = {}
        self._asking: dict[Hashable, Asked] = {}
        self._doubted: set[Hashable] = set()
        # For each document: what its last analysis wanted to know.
        self._used: dict[str, dict[Hashable, HeaderQuestion]] = {}

    def of(self, path: str) -> Headers:
        """Return what answers for an analysis of the document *path*."""
        self._used[path] = {}
        return _OfDocument(self, path)

    def forget(self, path: str) -> None:
        """Nobody wants to know anything for the document *path* any more."""
        self._used.pop(path, None)
        self._end_unwanted()

    def doubt(self) -> None:
        """Ask again when the next question comes: files have changed, who knows which."""
        self._doubted.update(self._known)

    def answer(self, path: str, question: HeaderQuestion, report: Report) -> Included | None:
        """Return what is known for the document *path*, and note the question."""
        place = _place(question)
        self._used.setdefault(path, {})[place] = question
        known = self._known.get(place)
        if known is None:
            return unknown(question)
        for said in known.answer.diagnostics:
            report.add(_moved(said, known.includes, question.includes))
        if known.answer.included is None:
            return None
        included = unknown(question, known.asked)
        included.take(known.answer.included, {words[-1] for words in names_of(question)})
        return included

    def is_pending(self, path: str) -> bool:
        """Return whether the document *path* has names that weren't asked yet."""
        return any(
            place not in self._known or not names_of(question) <= self._known[place].asked
            for place, question in self._used.get(path, {}).items()
        )

    def ask(self, path: str) -> None:
        """Have asked what the last analysis of the document *path* wanted to know, if need be."""
        self._end_unwanted()
        for place, question in self._used.get(path, {}).items():
            wanted = names_of(question)
            known = self._known.get(place)
            is_known = known is not None and wanted <= known.asked
            if is_known and place not in self._doubted and known is not None and not known.is_old():
                continue
            # Without a name to ask of, too: whether they can be read at all is an answer.
            if place in self._asking and wanted <= self._asking[place]:
                continue
            self._asking[place] = wanted
            self._doubted.discard(place)
            self._start(Job(("headers", place), *self._work(place, question, wanted)))

    def _work(
        self, place: Hashable, question: HeaderQuestion, wanted: Asked
    ) -> tuple[Callable[[], tuple[_Answer, Stamps]], Callable[[tuple[_Answer, Stamps]], None]]:
        """Return what asks *question*, and what takes the answer."""

        def done(answer: tuple[_Answer, Stamps]) -> None:
            self._asking.pop(place, None)
            self._take(place, _Known(wanted, answer[0], question.includes, answer[1]))

        return lambda: _asked(question), done

    def _end_unwanted(self) -> None:
        """End the jobs whose answers nobody waits for."""
        wanted = {place for places in self._used.values() for place in places}
        for place in [place for place in self._asking if place not in wanted]:
            del self._asking[place]
            self._cancel(("headers", place))

    def _take(self, place: Hashable, now: _Known) -> None:
        """Keep what is known *now*."""
        before = self._known.pop(place, None)
        included = now.answer.included
        is_news = True
        if (
            before is not None
            and before.stamps == now.stamps
            and None not in now.stamps.values()
            and before.answer.included is not None
            and included is not None
        ):
            # The same headers: what they said of other names still holds.
            is_news = not now.asked <= before.asked
            included.take(before.answer.included)
            now = replace(now, asked=now.asked | before.asked)
        self._known[place] = now
        if len(self._known) > _MOST:
            del self._known[next(iter(self._known))]
        if is_news:
            users = [path for path, places in self._used.items() if place in places]
            self._changed(frozenset(users))


class _OfDocument:
    """Answers for one document."""

    __slots__ = ("_answers", "_path")

    def __init__(self, answers: HeaderAnswers, path: str) -> None:
        self._answers = answers
        self._path = path

    def answer(self, question: HeaderQuestion, report: Report) -> Included | None:
        """Return what the headers define, as far as it is known."""
        return self._answers.answer(self._path, question, report)


def _place(question: HeaderQuestion) -> Hashable:
    """Return what all names are asked of: the headers, and what decides where and how they are."""
    finder = question.clang
    return (
        tuple(item.path for item in question.includes),
        tuple(item.path for item in question.asked),
        question.include_directories,
        os.path.dirname(question.name),
        (finder.path, finder.directory, finder.arguments),
        tuple(sorted(question.before.items())),
    )


def _asked(question: HeaderQuestion) -> tuple[_Answer, Stamps]:
    """Return what the compiler says, and the headers that it read; in a child."""
    from time import time_ns

    began = time_ns()
    report = Report()
    try:
        included = answered(question, report)
    except (ToolMissing, NoTemporaryFile) as missing:
        report.error("tool-missing", str(missing), question.includes[0].span)
        included = None
    stamps = {} if included is None else {path: stamp_of(path) for path in included.dependencies}
    now = time_ns()
    for path, stamp in stamps.items():
        if stamp is not None and began <= stamp[0] <= now:  # nobody knows which text was read
            stamps[path] = None
    return _Answer(included, tuple(report.diagnostics)), stamps


def _moved(
    said: Diagnostic, before: tuple[IncludeItem, ...], now: tuple[IncludeItem, ...]
) -> Diagnostic:
    """Return *said*, which speaks of the items *before*, of the same items where they are *now*."""

    def moved(span: Span) -> Span:
        for old, new in zip(before, now, strict=True):
            if (
                span.source.name == old.span.source.name
                and old.span.start <= span.start <= old.span.end
            ):
                by = new.span.start - old.span.start
                return Span(new.span.source, span.start + by, span.end + by)
        return span

    return relocated(said, moved)
