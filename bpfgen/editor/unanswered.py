"""Headers that nobody can be asked for: every name that they may have is taken for known.

Beside :mod:`bpfgen.editor.analysis`, for a machine without a compiler.
"""

from __future__ import annotations

from bpfgen.providers.c_headers import Included
from bpfgen.record import TYPE_CHECKING

if TYPE_CHECKING:
    from bpfgen.providers.includes import HeaderQuestion, Headers
    from bpfgen.text.diagnostics import Report


class Unanswered:
    """Answers no question: nothing is known, and nothing is said against it."""

    __slots__ = ()

    def answer(self, question: HeaderQuestion, _report: Report) -> Included:
        """Return that all names of *question* which aren't declared elsewhere are open."""
        return unknown(question)


def unknown(question: HeaderQuestion) -> Included:
    """Return what is known of headers before they are asked *question*."""
    included = Included()
    used = question.used
    ordinary = {*used.types, *used.constants} - question.names
    included.pending = frozenset(ordinary) | {tag for _kind, tag in used.tags} - question.tags
    return included


UNANSWERED: Headers = Unanswered()
"""Knows nothing of any header."""
