"""What the features say, in the words of the Language Server Protocol, and what the client asks.

Below the server; with it the only module that knows the protocol's types. Places become positions
in the units that were agreed on.
"""

from __future__ import annotations

from lsprotocol import types

from bpfgen.editor.semantic_tokens import MODIFIERS, TYPES
from bpfgen.record import TYPE_CHECKING
from bpfgen.text.diagnostics import ERROR, NOTE, WARNING
from bpfgen.text.source import Span

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from bpfgen.editor.documents import Document, Lines
    from bpfgen.editor.semantic_tokens import SemanticToken
    from bpfgen.editor.symbols import Symbol
    from bpfgen.editor.workspace import Workspace
    from bpfgen.text.diagnostics import Diagnostic, Edit
    from bpfgen.text.source import Source

NAME = "bpfgen"
"""Whose diagnostics these are."""

_SEVERITIES = {
    ERROR: types.DiagnosticSeverity.Error,
    WARNING: types.DiagnosticSeverity.Warning,
    NOTE: types.DiagnosticSeverity.Information,
}


class Places:
    """Places in texts as positions, for one answer; each text is cut into lines once."""

    __slots__ = ("_lines", "_workspace")

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace
        self._lines: dict[Source, Lines] = {}

    def _lines_of(self, source: Source) -> Lines:
        lines = self._lines.get(source)
        if lines is None:
            lines = self._lines[source] = self._workspace.lines_of(source.name, source.text)
        return lines

    def position(self, source: Source, offset: int) -> types.Position:
        """Return the position of *offset* in *source*."""
        return types.Position(*self._lines_of(source).position(offset))

    def range(self, span: Span) -> types.Range:
        """Return *span* as a range."""
        lines = self._lines_of(span.source)
        return types.Range(
            types.Position(*lines.position(span.start)), types.Position(*lines.position(span.end))
        )

    def location(self, span: Span) -> types.Location:
        """Return *span* with the file that it is in."""
        return types.Location(self._workspace.uri_of(span.source.name), self.range(span))

    def text_edit(self, edit: Edit) -> types.TextEdit:
        """Return *edit* as one of a text."""
        return types.TextEdit(self.range(edit.span), edit.text)


def offset_of(document: Document, position: types.Position) -> int:
    """Return the offset of *position* in *document*."""
    return document.lines.offset(position.line, position.character)


def span_of(document: Document, source: Source, range: types.Range) -> Span:
    """Return *range* of *document*, whose text is *source*."""
    start, end = offset_of(document, range.start), offset_of(document, range.end)
    return Span(source, min(start, end), max(start, end))


def diagnostic_of(
    said: Diagnostic, places: Places, source: Source, *, has_related: bool
) -> types.Diagnostic:
    """Return *said* as a diagnostic of the document that says *source*.

    What is said of another file stands at its beginning; where that file is imported is for the
    caller to know.

    Args:
        has_related: The client shows related places; else they are lines of the message.
    """
    span = said.span
    if span is None or span.source.name != source.name:
        span = Span(source, 0, 0)
    lines = [said.message]
    if said.label:
        lines.append(said.label)
    if not has_related:
        lines += [f"{label.span}: {label.text}" for label in said.labels]
    lines += [f"note: {note}" for note in said.notes]
    if said.help:
        lines.append(f"help: {said.help}")
    related = [
        types.DiagnosticRelatedInformation(places.location(label.span), label.text)
        for label in said.labels
        if has_related
    ]
    return types.Diagnostic(
        range=places.range(span),
        message="\n".join(lines),
        severity=_SEVERITIES.get(said.severity, types.DiagnosticSeverity.Hint),
        code=said.code,
        source=NAME,
        tags=[types.DiagnosticTag.Unnecessary] if said.code.startswith("unused-") else None,
        related_information=related or None,
    )


def symbol_of(symbol: Symbol, places: Places) -> types.DocumentSymbol:
    """Return *symbol* with all that is in it."""
    return types.DocumentSymbol(
        name=symbol.name,
        kind=types.SymbolKind[symbol.kind],
        range=places.range(symbol.span),
        selection_range=places.range(symbol.name_span),
        detail=symbol.detail or None,
        children=[symbol_of(child, places) for child in symbol.children],
    )


def symbols_in_a_row(
    symbols: Iterable[Symbol], places: Places, container: str = ""
) -> Iterator[types.SymbolInformation]:
    """Yield *symbols*, which are in *container*, each with what is in it after it."""
    for symbol in symbols:
        yield types.SymbolInformation(
            location=places.location(symbol.span),
            name=symbol.name,
            kind=types.SymbolKind[symbol.kind],
            container_name=container or None,
        )
        yield from symbols_in_a_row(symbol.children, places, symbol.name)


def encoded_tokens(tokens: Iterable[SemanticToken], places: Places) -> list[int]:
    """Return *tokens*, in order, as the protocol has them: five numbers each.

    The first two count from the token before.
    """
    numbers: list[int] = []
    line = character = 0
    types_ = {name: number for number, name in enumerate(TYPES)}
    bits = {name: 1 << number for number, name in enumerate(MODIFIERS)}
    for token in tokens:
        source = token.span.source
        start = places.position(source, token.span.start)
        length = places.position(source, token.span.end).character - start.character
        numbers += (
            start.line - line,
            start.character - (character if start.line == line else 0),
            length,
            types_[token.type],
            sum(bits[modifier] for modifier in token.modifiers),
        )
        line, character = start.line, start.character
    return numbers
