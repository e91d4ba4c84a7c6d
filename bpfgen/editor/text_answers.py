"""Answers about a text as a whole: what it declares, what its words are, what folds.

Beside the other answers.
"""

from __future__ import annotations

from lsprotocol import types

from bpfgen.editor.answers import Answers
from bpfgen.editor.folding import folding_ranges
from bpfgen.editor.protocol import (
    Places,
    encoded_tokens,
    offset_of,
    span_of,
    symbol_of,
    symbols_in_a_row,
)
from bpfgen.editor.selection import selection_ranges
from bpfgen.editor.semantic_tokens import MODIFIERS, TYPES, semantic_tokens
from bpfgen.editor.symbols import document_symbols, workspace_symbols
from bpfgen.record import TYPE_CHECKING

if TYPE_CHECKING:
    from bpfgen.editor.answers import Feature

_MOST_SYMBOLS = 500
"""What an editor shows of a workspace is a list that somebody scrolls."""

_LEGEND = types.SemanticTokensLegend(list(TYPES), list(MODIFIERS))


class TextAnswers(Answers):
    """What answers requests about texts."""

    def features(self) -> list[Feature]:
        """Return what is answered."""
        return [
            (types.TEXT_DOCUMENT_DOCUMENT_SYMBOL, self.document_symbols, None),
            (types.WORKSPACE_SYMBOL, self.workspace_symbols, None),
            (types.TEXT_DOCUMENT_SEMANTIC_TOKENS_FULL, self.tokens, _LEGEND),
            (types.TEXT_DOCUMENT_SEMANTIC_TOKENS_RANGE, self.tokens_of_range, _LEGEND),
            (types.TEXT_DOCUMENT_FOLDING_RANGE, self.folds, None),
            (types.TEXT_DOCUMENT_SELECTION_RANGE, self.selections, None),
        ]

    def document_symbols(
        self, params: types.DocumentSymbolParams
    ) -> list[types.DocumentSymbol] | list[types.SymbolInformation] | None:
        """Answer what a text declares, as a tree where the client shows one."""
        analysis = self.analysis(params.text_document)
        if analysis is None:
            return None
        places = Places(self.workspace)
        symbols = document_symbols(analysis)
        if not self.client.has_hierarchy:
            return [*symbols_in_a_row(symbols, places)]
        return [symbol_of(symbol, places) for symbol in symbols]

    def workspace_symbols(self, params: types.WorkspaceSymbolParams) -> list[types.WorkspaceSymbol]:
        """Answer what all texts declare of a name."""
        places = Places(self.workspace)
        found = workspace_symbols(self.workspace.trees(), params.query)
        return [
            types.WorkspaceSymbol(
                location=places.location(one.symbol.name_span),
                name=one.symbol.name,
                kind=types.SymbolKind[one.symbol.kind],
                container_name=one.container or None,
            )
            for one in found[:_MOST_SYMBOLS]
        ]

    def tokens(self, params: types.SemanticTokensParams) -> types.SemanticTokens | None:
        """Answer what each word is."""
        analysis = self.analysis(params.text_document)
        if analysis is None:
            return None
        places = Places(self.workspace)
        return types.SemanticTokens(encoded_tokens(semantic_tokens(analysis), places))

    def tokens_of_range(
        self, params: types.SemanticTokensRangeParams
    ) -> types.SemanticTokens | None:
        """Answer what each word of a range is."""
        document = self.document(params.text_document)
        if document is None:
            return None
        analysis = self.workspace.analysis(document)
        span = span_of(document, analysis.source, params.range)
        places = Places(self.workspace)
        return types.SemanticTokens(encoded_tokens(semantic_tokens(analysis, span), places))

    def folds(self, params: types.FoldingRangeParams) -> list[types.FoldingRange] | None:
        """Answer what can be folded."""
        analysis = self.analysis(params.text_document)
        if analysis is None:
            return None
        return [
            types.FoldingRange(fold.first - 1, fold.last - 1, kind=fold.kind or None)
            for fold in folding_ranges(analysis)
        ]

    def selections(self, params: types.SelectionRangeParams) -> list[types.SelectionRange] | None:
        """Answer what the selection at each place grows to."""
        document = self.document(params.text_document)
        if document is None:
            return None
        analysis = self.workspace.analysis(document)
        places = Places(self.workspace)
        result: list[types.SelectionRange] = []
        for position in params.positions:
            around: types.SelectionRange | None = None
            for span in reversed(selection_ranges(analysis, offset_of(document, position))):
                around = types.SelectionRange(places.range(span), around)
            result.append(around or types.SelectionRange(types.Range(position, position)))
        return result
