"""Answers for who types or reads: what could stand at a place, and what stands there.

Beside the other answers.
"""

from __future__ import annotations

from lsprotocol import types

from bpfgen.editor.answers import Answers
from bpfgen.editor.completion import TRIGGERS, completions, documentation
from bpfgen.editor.hover import hover
from bpfgen.editor.inlay import inlay_hints
from bpfgen.editor.protocol import Places, span_of
from bpfgen.editor.signature import SIGNATURE_TRIGGERS, signature
from bpfgen.editor.table_text import plain_text
from bpfgen.record import TYPE_CHECKING
from bpfgen.text.source import Span

if TYPE_CHECKING:
    from bpfgen.editor.answers import Feature
    from bpfgen.editor.completion_item import Completion

_KIND = types.CompletionItemKind

_KINDS = {
    "keyword": _KIND.Keyword,
    "kind": _KIND.Class,
    "struct": _KIND.Struct,
    "union": _KIND.Struct,
    "enum": _KIND.Enum,
    "typedef": _KIND.TypeParameter,
    "type": _KIND.TypeParameter,
    "const": _KIND.Constant,
    "constant": _KIND.Constant,
    "macro": _KIND.Constant,
    "flag": _KIND.EnumMember,
    "enumerator": _KIND.EnumMember,
    "attribute": _KIND.Property,
    "map": _KIND.Variable,
    "program": _KIND.Function,
    "template": _KIND.Interface,
    "member": _KIND.Field,
    "unit": _KIND.Unit,
    "header": _KIND.File,
    "file": _KIND.File,
    "folder": _KIND.Folder,
}
"""What an editor draws beside a completion; the rest are values."""


class TypingAnswers(Answers):
    """What answers requests about places where somebody types or reads."""

    def features(self) -> list[Feature]:
        """Return what is answered."""
        asked = types.CompletionOptions(trigger_characters=TRIGGERS, resolve_provider=True)
        called = types.SignatureHelpOptions(trigger_characters=SIGNATURE_TRIGGERS)
        return [
            (types.TEXT_DOCUMENT_COMPLETION, self.completions, asked),
            (types.COMPLETION_ITEM_RESOLVE, self.resolve, None),
            (types.TEXT_DOCUMENT_HOVER, self.hover, None),
            (types.TEXT_DOCUMENT_SIGNATURE_HELP, self.signature, called),
            (types.TEXT_DOCUMENT_INLAY_HINT, self.hints, None),
        ]

    def completions(self, params: types.CompletionParams) -> types.CompletionList | None:
        """Answer what could be typed at a place."""
        found = self.place(params)
        if found is None:
            return None
        analysis, offset = found
        context = params.context
        trigger = "" if context is None else context.trigger_character or ""
        offered = completions(analysis, offset, trigger)
        places = Places(self.workspace)
        uri = params.text_document.uri
        return types.CompletionList(
            offered.is_incomplete,
            [self._completion(one, offset, uri, places) for one in offered.items],
        )

    def _completion(
        self, offered: Completion, offset: int, uri: str, places: Places
    ) -> types.CompletionItem:
        """Return *offered* at *offset* of the document *uri* as the client takes it."""
        is_snippet = offered.is_snippet and self.client.has_snippets
        text = offered.text if is_snippet else offered.plain
        span = offered.span
        edit: types.TextEdit | types.InsertReplaceEdit = types.TextEdit(places.range(span), text)
        if self.client.has_insertion and span.end > offset:
            before = places.range(Span(span.source, span.start, offset))
            edit = types.InsertReplaceEdit(text, before, places.range(span))
        item = types.CompletionItem(
            offered.label,
            kind=_KINDS.get(offered.kind, _KIND.Value),
            detail=offered.detail or None,
            sort_text=f"{offered.rank:02}{offered.label}",
            filter_text=offered.filter or None,
            insert_text_format=types.InsertTextFormat.Snippet if is_snippet else None,
            text_edit=edit,
            additional_text_edits=[places.text_edit(one) for one in offered.edits] or None,
        )
        if offered.documentation:
            item.documentation = self._markup(offered.documentation)
        else:
            item.data = {"uri": uri, "kind": offered.kind, "label": offered.label}
        return item

    def resolve(self, item: types.CompletionItem) -> types.CompletionItem:
        """Answer a completion with what is to be known of it."""
        data = item.data
        if not isinstance(data, dict):
            return item
        document = self.workspace.documents.get(str(data.get("uri")))
        if document is not None:
            analysis = self.workspace.analysis(document)
            text = documentation(analysis, str(data.get("kind")), str(data.get("label")))
            if text:
                item.documentation = self._markup(text)
        return item

    def hover(self, params: types.HoverParams) -> types.Hover | None:
        """Answer what is to be known of what stands at a place."""
        found = self.place(params)
        told = None if found is None else hover(*found)
        if told is None:
            return None
        return types.Hover(self._markup(told.markdown), Places(self.workspace).range(told.span))

    def signature(self, params: types.SignatureHelpParams) -> types.SignatureHelp | None:
        """Answer what is wanted between the brackets around a place."""
        found = self.place(params)
        wanted = None if found is None else signature(*found)
        if wanted is None:
            return None
        parameters = [
            types.ParameterInformation(
                (one.start, one.end)
                if self.client.has_label_offsets
                else wanted.label[one.start : one.end],
                self._markup(one.documentation) if one.documentation else None,
            )
            for one in wanted.parameters
        ]
        told = self._markup(wanted.documentation) if wanted.documentation else None
        shown = types.SignatureInformation(wanted.label, told, parameters, wanted.active)
        return types.SignatureHelp([shown], 0, wanted.active)

    def hints(self, params: types.InlayHintParams) -> list[types.InlayHint] | None:
        """Answer what is shown in a range of a text besides what is typed there."""
        document = self.document(params.text_document)
        if document is None or not self.client.settings.inlay_hints:
            return None
        analysis = self.workspace.analysis(document)
        places = Places(self.workspace)
        return [
            types.InlayHint(
                places.position(analysis.source, hint.offset),
                hint.text,
                tooltip=self._markup(hint.tooltip) if hint.tooltip else None,
                padding_left=hint.pads_left,
                padding_right=hint.pads_right,
            )
            for hint in inlay_hints(analysis, span_of(document, analysis.source, params.range))
        ]

    def _markup(self, markdown: str) -> types.MarkupContent:
        """Return *markdown* as the client takes it: Markdown, or plain text."""
        if self.client.has_markdown:
            return types.MarkupContent(types.MarkupKind.Markdown, markdown)
        return types.MarkupContent(types.MarkupKind.PlainText, plain_text(markdown))
