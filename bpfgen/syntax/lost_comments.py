"""Edits that would lose a comment: nobody is offered any.

After all stages, for whatever has edits. An edit that writes anew what stands around a comment
knows of tokens alone; what is to become of the comment a person decides. An edit of nothing but a
comment, one that removes an allowance say, means it.
"""

from __future__ import annotations

from bpfgen.record import TYPE_CHECKING, replace
from bpfgen.syntax.lexer import scan
from bpfgen.syntax.parser import current_tables
from bpfgen.syntax.trivia import Trivia
from bpfgen.text.diagnostics import Report

if TYPE_CHECKING:
    from collections.abc import Iterable

    from bpfgen.text.diagnostics import Diagnostic, Edit
    from bpfgen.text.source import Source, Span


def keeping_comments(diagnostics: Iterable[Diagnostic]) -> list[Diagnostic]:
    """Return *diagnostics*, those without edits whose edits would lose a comment."""
    comments: dict[Source, list[Span]] = {}
    return [
        replace(said, edits=(), changes_meaning=False)
        if any(_loses_comment(edit, comments) for edit in said.edits)
        else said
        for said in diagnostics
    ]


def _loses_comment(edit: Edit, known: dict[Source, list[Span]]) -> bool:
    """Return whether a comment that stands among the tokens of *edit* isn't there afterwards.

    *known* has the comments of the sources that were looked at.
    """
    written = edit.span.text
    if "//" not in written and "/*" not in written:
        return False
    source = edit.span.source
    if source not in known:
        tokens, _is_whole = scan(source, current_tables(), Report())
        known[source] = [comment.span for comment in Trivia(tokens).comments()]
    first, after = edit.span.start, edit.span.end
    inside = [one for one in known[source] if first < one.end and one.start < after]
    left, begin, others = edit.text, first, ""
    is_lost = False
    for comment in inside:
        others += source.text[begin : comment.start]
        begin = min(comment.end, after)
        _before, found, rest = left.partition(comment.text)
        is_lost = is_lost or not found
        left = rest if found else left
    others += source.text[begin:after]
    return is_lost and bool(others.strip())
