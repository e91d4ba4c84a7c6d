"""Diagnostics whose places are given in another text: a child's copy, or an older state.

Beside the jobs, whose answers speak of such texts.
"""

from __future__ import annotations

from bpfgen.record import TYPE_CHECKING, replace
from bpfgen.text.source import Span

if TYPE_CHECKING:
    from collections.abc import Callable

    from bpfgen.text.diagnostics import Diagnostic
    from bpfgen.text.source import Source


def relocated(said: Diagnostic, moved: Callable[[Span], Span]) -> Diagnostic:
    """Return *said* with all its places as *moved* gives them."""
    return replace(
        said,
        span=None if said.span is None else moved(said.span),
        labels=tuple(replace(label, span=moved(label.span)) for label in said.labels),
        edits=tuple(replace(edit, span=moved(edit.span)) for edit in said.edits),
    )


def of_source(said: Diagnostic, source: Source) -> Diagnostic:
    """Return *said*, which a child has said of its copy of *source*, as said of *source*."""

    def moved(span: Span) -> Span:
        return Span(source, span.start, span.end) if span.source.name == source.name else span

    return relocated(said, moved)
