"""What an editor can do about a place: quick fixes, an allowance to fill in, all fixes of a text.

Over an :class:`~bpfgen.editor.analysis.Analysis`; the server hands over what it shows.
"""

from __future__ import annotations

from bisect import bisect_left

from bpfgen.record import TYPE_CHECKING, Record, replace
from bpfgen.syntax.harmless_edits import keep_the_rest
from bpfgen.syntax.trivia import COMMENTS, DOC_COMMENT, Trivia
from bpfgen.text.codes import can_be_allowed
from bpfgen.text.diagnostics import Edit
from bpfgen.text.edits import repaired, same_ends
from bpfgen.text.source import Span

if TYPE_CHECKING:
    from collections.abc import Iterable

    from bpfgen.editor.analysis import Analysis
    from bpfgen.syntax.tree import Item
    from bpfgen.text.diagnostics import Diagnostic
    from bpfgen.text.source import Source

QUICK_FIX = "quickfix"
FIX_ALL = "source.fixAll"
"""Kinds of actions, as the protocol has them (CodeActionKind)."""

_LONGEST = 100
"""Characters of a title, at most: editors show it in a line."""


class Action(Record):
    """Something to offer at a place.

    Attributes:
        title: What it does, in a line.
        kind: :data:`QUICK_FIX` or :data:`FIX_ALL`.
        edits: What it changes; of the text itself, or of others, too.
        diagnostics: What is done with afterwards.
        is_preferred: It leaves no choice about what is declared, so that a key may stand for it.
    """

    title: str
    kind: str
    edits: tuple[Edit, ...]
    diagnostics: tuple[Diagnostic, ...]
    is_preferred: bool = False


def quick_fixes(
    analysis: Analysis, span: Span, diagnostics: Iterable[Diagnostic] | None = None
) -> list[Action]:
    """Return what can be done about what is said of the characters of *span*, the best first.

    An empty *span* is a place between two characters. *diagnostics* are those that are shown; by
    default all of *analysis*.
    """
    shown = analysis.diagnostics if diagnostics is None else diagnostics
    here = [said for said in shown if _is_at(said, analysis.source, span)]
    fixes = [_fix(said) for said in here if said.edits]
    fixes.sort(key=lambda fix: not fix.is_preferred)
    # What comes later, from clang, no comment turns off.
    own = {(said.code, said.span) for said in analysis.diagnostics}
    allowances = (_allowance(analysis, said) for said in here if (said.code, said.span) in own)
    return [*fixes, *(allowance for allowance in allowances if allowance is not None)]


def fix_all(analysis: Analysis, *, changing_meaning: bool = False) -> Action | None:
    """Return what `--fix` would make of the text, or `--fix-all`; None where that is nothing.

    The text is analysed again after each round of edits.
    """
    from bpfgen.editor.analysis import analyse

    if not any(said.edits for said in analysis.diagnostics):
        return None
    options = replace(analysis.options, keep_repeated=True)

    def diagnose(source: Source) -> list[Diagnostic]:
        found = analyse(analysis.path, source.text, options)
        moved: dict[Source, Source] = {found.source: source}
        return [_moved(said, moved) for said in found.diagnostics]

    outcome = repaired(analysis.source, diagnose, keep_the_rest, changing_meaning=changing_meaning)
    if not outcome.fixed:
        return None
    count = len(outcome.fixed)
    title = f"Fix {count} problem{'s' * (count > 1)} of this file"
    edit = _difference(analysis.source, outcome.source.text)
    return Action(title, FIX_ALL, (edit,), outcome.fixed, is_preferred=not changing_meaning)


def _moved(said: Diagnostic, moved: dict[Source, Source]) -> Diagnostic:
    """Return *said* with edits of the sources that *moved* has for those that it is about."""
    edits = tuple(
        Edit(replace(edit.span, source=moved.get(edit.span.source, edit.span.source)), edit.text)
        for edit in said.edits
    )
    return replace(said, edits=edits)


def _difference(source: Source, text: str) -> Edit:
    """Return the one edit that makes *text* of *source*, with all that both have left out."""
    head, tail = same_ends(source.text, text)
    return Edit(Span(source, head, len(source.text) - tail), text[head : len(text) - tail])


def _is_at(said: Diagnostic, source: Source, span: Span) -> bool:
    """Return whether *said* points at a character of *span* in *source*, or right beside it."""
    place = said.span
    return (
        place is not None
        and place.source is source
        and place.start <= span.end
        and span.start <= place.end
    )


def _fix(said: Diagnostic) -> Action:
    """Return the action that makes the edits of *said*."""
    title = said.help or _in_words(said.edits)
    title = title[:1].upper() + title[1:]
    if len(title) > _LONGEST:
        title = f"{title[: _LONGEST - 1]}…"
    return Action(
        title.replace("\n", " "),
        QUICK_FIX,
        said.edits,
        (said,),
        is_preferred=not said.changes_meaning,
    )


def _in_words(edits: tuple[Edit, ...]) -> str:
    """Return what *edits* do, where nothing else says it."""
    written = " … ".join(edit.text.strip() for edit in edits if edit.text.strip())
    if written:
        return f"write `{written}`"
    return f"remove `{' … '.join(edit.span.text.strip() for edit in edits)}`"


def _allowance(analysis: Analysis, said: Diagnostic) -> Action | None:
    """Return the action that allows *said* where it is; None where nothing can allow it.

    Its reason is left out: bpfgen asks for it, and the diagnostic stays until it is there.
    """
    if said.span is None or not can_be_allowed(said.code, said.severity):
        return None
    source = analysis.source
    at = _place_of_allowance(analysis, said.span)
    line = source.line_text(source.line_number(at))
    indentation = line[: len(line) - len(line.lstrip(" \t"))]
    text = f"{indentation}// bpfgen: allow {said.code} because \n"
    edit = Edit(Span(source, at, at), text)
    return Action(f"Allow `{said.code}` here, with a reason", QUICK_FIX, (edit,), (said,))


def _place_of_allowance(analysis: Analysis, span: Span) -> int:
    """Return where a line above what *span* points at is to begin: the start of a line.

    Inside a declaration that is the line itself, unless a doc comment stands above it, which
    belongs to what follows it; then, and on the first line of a declaration, it is what stands
    above the declaration's own doc comment.
    """
    source, trivia = analysis.source, Trivia(analysis.tokens)
    start = source.line_starts()[span.line - 1]
    item = _around(analysis, span)
    if item is None or source.line_number(item.span.start) == span.line:
        at = start if item is None else item.span.start
        return _above_comments(trivia, source, at)
    token = bisect_left(analysis.tokens.starts, start)
    documented = any(comment.kind == DOC_COMMENT for comment in trivia.comments_before(token))
    is_within = any(
        piece.kind in COMMENTS and piece.span.start < start < piece.span.end
        for piece in (*trivia.leading(token), *trivia.trailing(max(token - 1, 0)))
    )
    if documented or is_within:
        return _above_comments(trivia, source, item.span.start)
    return start


def _above_comments(trivia: Trivia, source: Source, at: int) -> int:
    """Return the start of the line of *at*, or of the comments right above that."""
    token = bisect_left(trivia.tokens.starts, at)
    first = source.line_number(at)
    for comment in reversed(trivia.comments_before(token)):
        end = source.line_number(max(comment.span.end - 1, comment.span.start))
        if not comment.is_alone or end < first - 1:
            break
        first = comment.span.line
    return source.line_starts()[first - 1]


def _around(analysis: Analysis, span: Span) -> Item | None:
    """Return the declaration that *span* lies in."""
    for item in analysis.tree.items:
        if item.span.start <= span.start < max(item.span.end, item.span.start + 1):
            return item
    return None
