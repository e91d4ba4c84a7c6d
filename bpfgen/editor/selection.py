"""What a selection grows to: from the word under the cursor to the whole text, node by node."""

from __future__ import annotations

from bpfgen.editor.folding import brackets
from bpfgen.record import TYPE_CHECKING, Record
from bpfgen.syntax.trivia import trivia
from bpfgen.text.source import Span

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bpfgen.editor.analysis import Analysis


def selection_ranges(analysis: Analysis, offset: int) -> tuple[Span, ...]:
    """Return the spans around *offset*, the innermost first; each is in the next, and larger.

    They are the token, the nodes of the tree, the insides of brackets, and the whole text; in what
    could not be read, tokens and brackets alone.
    """
    source = analysis.source
    offset = min(max(offset, 0), len(source.text))
    found = {(0, len(source.text)), *_texts(analysis, offset), *_nodes(analysis, offset)}
    for first, after in brackets(analysis.tokens):
        found |= {(first, after), (first + 1, after - 1)}
    around = [span for span in found if span[0] <= offset <= span[1] and span[0] < span[1]]
    around.sort(key=lambda span: (span[1] - span[0], span[0]))
    result: list[tuple[int, int]] = []
    for start, end in around:
        # Of two that overlap, or touch at the cursor, the smaller one counts.
        if not result or (start <= result[-1][0] and end >= result[-1][1]):
            result.append((start, end))
    return tuple(Span(source, start, end) for start, end in result)


def _texts(analysis: Analysis, offset: int) -> Iterator[tuple[int, int]]:
    """Yield the tokens and comments at *offset*; a word goes before a sign beside it."""
    tokens = analysis.tokens
    at_cursor = [
        (start, end)
        for start, end in zip(tokens.starts, tokens.ends, strict=True)
        if start <= offset <= end and start < end
    ]
    words = [span for span in at_cursor if analysis.source.text[span[0]].isidentifier()]
    yield from words or at_cursor
    for comment in trivia(analysis.tree).comments():
        if comment.span.start <= offset <= comment.span.end:
            yield comment.span.start, comment.span.end


def _nodes(analysis: Analysis, offset: int) -> Iterator[tuple[int, int]]:
    """Yield the spans of the nodes around *offset*."""
    pending: list[object] = [*analysis.tree.items, *analysis.tree.whens]
    while pending:
        node = pending.pop()
        if isinstance(node, tuple):
            pending += node
        elif isinstance(node, Record) and not isinstance(node, Span):
            span = getattr(node, "span", None)
            if isinstance(span, Span):
                if not span.start <= offset <= span.end:
                    continue
                yield span.start, span.end
            pending += (getattr(node, member) for member in node.__match_args__)
