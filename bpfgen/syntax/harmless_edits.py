"""Edits that would do more than they say: nobody is offered any.

After all stages, for whatever has edits. An edit that writes anew what stands around a comment
knows of tokens alone: what is to become of the comment a person decides. An edit of nothing but a
comment, one that removes an allowance say, means it. And one that takes away the line end after a
comment would make a comment of what follows; no edit changes a token outside of its own places.
"""

from __future__ import annotations

import re
from bisect import bisect_left

from bpfgen.record import TYPE_CHECKING, replace
from bpfgen.syntax.lexer import BLANKS, scan
from bpfgen.syntax.parser import current_tables
from bpfgen.syntax.trivia import Trivia
from bpfgen.text.diagnostics import Report

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from bpfgen.text.diagnostics import Diagnostic, Edit
    from bpfgen.text.source import Source, Span


_WORD = re.compile(r"\w")
"""The first or last character of what becomes one word with the word beside it."""


def with_harmless_edits(diagnostics: Iterable[Diagnostic]) -> list[Diagnostic]:
    """Return *diagnostics*, those without edits whose edits would do more than they say.

    They would lose a comment, or change what stands outside of their places.
    """
    comments: dict[Source, list[Span]] = {}
    pieces: dict[Source, _Pieces] = {}
    return [
        replace(said, edits=(), changes_meaning=False)
        if any(_loses_comment(edit, comments) for edit in said.edits)
        or not _keep_the_rest(said.edits, pieces)
        else said
        for said in diagnostics
    ]


def keep_the_rest(edits: Iterable[Edit]) -> bool:
    """Return whether all tokens and comments outside of *edits*, made together, stay as they are.

    *edits* don't overlap.
    """
    return _keep_the_rest(edits, {})


class _Pieces:
    """What a text consists of, blanks included.

    Attributes:
        starts: Where each piece begins, and where the text ends.
        texts: The pieces.
    """

    __slots__ = ("starts", "texts")

    def __init__(self, text: str) -> None:
        self.starts: list[int] = []
        self.texts: list[str] = []
        for start, piece in _cut(text):
            self.starts.append(start)
            self.texts.append(piece)
        self.starts.append(len(text))


def _cut(text: str) -> Iterator[tuple[int, str]]:
    """Yield the pieces of *text* with their offsets; a `>>` is two, as it is to the parser."""
    start = 0
    for piece in re.compile(current_tables().LEXER).findall(text):
        if piece == ">>":
            yield start, ">"
            yield start + 1, ">"
        else:
            yield start, piece
        start += len(piece)


def _keep_the_rest(edits: Iterable[Edit], known: dict[Source, _Pieces]) -> bool:
    """Return whether what stands outside of *edits* stays; *known* has pieces of sources."""
    by_source: dict[Source, list[Edit]] = {}
    for edit in edits:
        by_source.setdefault(edit.span.source, []).append(edit)
    for source, own in by_source.items():
        if source not in known:
            known[source] = _Pieces(source.text)
        own.sort(key=lambda edit: (edit.span.start, edit.span.end))
        if not _keep(own, source.text, known[source]):
            return False
    return True


def _keep(edits: Sequence[Edit], text: str, pieces: _Pieces) -> bool:
    """Return whether the *pieces* of *text* outside of *edits*, which are in order, stay.

    Two pieces before the first edit and after the last one show it: what a piece is, nothing before
    its start decides.
    """
    starts, count = pieces.starts, len(pieces.texts)
    first = max(bisect_left(starts, edits[0].span.start) - 2, 0)
    after = min(bisect_left(starts, edits[-1].span.end) + 2, count)
    begin = starts[first]
    changed: list[str] = []
    position = begin
    for edit in edits:
        changed += text[position : edit.span.start], edit.text
        position = edit.span.end
    changed.append(text[position : starts[after]])
    found = dict(_cut("".join(changed)))
    at, moved = 0, -begin
    for index in range(first, after):
        start, piece = starts[index], pieces.texts[index]
        while at < len(edits) and edits[at].span.end <= start:
            moved += len(edits[at].text) - len(edits[at].span.text)
            at += 1
        end = start + len(piece)
        if piece[0] in BLANKS or (at < len(edits) and edits[at].span.start < end):
            continue  # an edit is about it
        if piece[0] == "_" or piece[0].isalnum():
            before = edits[at - 1].text[-1:] if at and edits[at - 1].span.end == start else ""
            following = edits[at].text if at < len(edits) and edits[at].span.start == end else ""
            if _WORD.match(before) or _WORD.match(following):
                continue  # `__` before `u32`, `ULL` after `1`
        if found.get(start + moved) != piece:
            return False
    return True


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
