"""Answers that change a text: its form, and what diagnostics advise.

Beside the other answers.
"""

from __future__ import annotations

from lsprotocol import types

from bpfgen.editor.actions import FIX_ALL, QUICK_FIX, fix_all, quick_fixes
from bpfgen.editor.answers import Answers, refused
from bpfgen.editor.protocol import Places, diagnostic_of, span_of
from bpfgen.record import TYPE_CHECKING
from bpfgen.syntax.formatting.format import format_edits, parse_whole
from bpfgen.text.diagnostics import Edit, Report
from bpfgen.text.source import Source, Span

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from bpfgen.editor.actions import Action
    from bpfgen.editor.analysis import Analysis
    from bpfgen.editor.answers import Feature
    from bpfgen.editor.client import Client
    from bpfgen.editor.documents import Document
    from bpfgen.editor.workspace import Workspace
    from bpfgen.text.diagnostics import Diagnostic


class ChangeAnswers(Answers):
    """What answers requests for changes.

    Args:
        workspace: The open documents.
        client: What the client can do.
        shown: Returns what is reported of a document.
    """

    def __init__(
        self,
        workspace: Workspace,
        client: Client,
        shown: Callable[[Document, Analysis], list[Diagnostic]],
    ) -> None:
        super().__init__(workspace, client)
        self._shown = shown

    def features(self) -> list[Feature]:
        """Return what is answered."""
        kinds = [types.CodeActionKind(QUICK_FIX), types.CodeActionKind(FIX_ALL)]
        return [
            (types.TEXT_DOCUMENT_FORMATTING, self.format, None),
            (types.TEXT_DOCUMENT_RANGE_FORMATTING, self.format_range, None),
            (
                types.TEXT_DOCUMENT_CODE_ACTION,
                self.actions,
                types.CodeActionOptions(code_action_kinds=kinds),
            ),
        ]

    def format(self, params: types.DocumentFormattingParams) -> list[types.TextEdit] | None:
        """Answer what brings a text into its form; nothing where it has errors of syntax."""
        document = self.document(params.text_document)
        return None if document is None else self._formatted(document, None)

    def format_range(
        self, params: types.DocumentRangeFormattingParams
    ) -> list[types.TextEdit] | None:
        """Answer the same for a range."""
        document = self.document(params.text_document)
        return None if document is None else self._formatted(document, params.range)

    def _formatted(
        self, document: Document, range: types.Range | None
    ) -> list[types.TextEdit] | None:
        """Return what changes in *range* of *document*, or in all of it.

        Raises:
            JsonRpcException: It can't be formatted, for a reason that no diagnostic has.
            Unfaithful: bpfgen itself is wrong.
        """
        source = Source(document.path, document.text)
        report = Report()
        tree = parse_whole(source, report)
        if tree is None:
            for said in report:
                if said.code == "encoding":  # the diagnostics of the text don't have it
                    raise refused(f"{said.span}: {said.message}")
            return None
        span = Span(source, 0, len(source.text))
        if range is not None:
            span = span_of(document, source, range)
        edits = format_edits(tree)
        places = Places(self.workspace)
        kept = 1 if document.has_mark else 0
        return [
            places.text_edit(edit)
            for edit in (_after(kept, edit) for edit in edits)
            if edit.span.start <= span.end and edit.span.end >= span.start and _changes(edit)
        ]

    def actions(self, params: types.CodeActionParams) -> list[types.CodeAction] | None:
        """Answer what can be done about what is said of a range."""
        document = self.document(params.text_document)
        if document is None:
            return None
        analysis = self.workspace.analysis(document)
        only = params.context.only
        found: list[Action] = []
        if _wants(only, QUICK_FIX):
            span = span_of(document, analysis.source, params.range)
            found += quick_fixes(analysis, span, self._shown(document, analysis))
        if only is not None and _wants(only, FIX_ALL):
            # It compiles several times: not for a lamp that comes and goes with the cursor.
            all_fixed = fix_all(analysis)
            found += [] if all_fixed is None else [all_fixed]
        places = Places(self.workspace)
        return [self._action(action, places, analysis.source) for action in found]

    def _action(self, action: Action, places: Places, source: Source) -> types.CodeAction:
        return types.CodeAction(
            title=action.title,
            kind=types.CodeActionKind(action.kind),
            diagnostics=[
                diagnostic_of(said, places, source, has_related=self.client.has_related)
                for said in action.diagnostics
            ],
            is_preferred=action.is_preferred or None,
            edit=self.changed(action.edits),
        )


def _after(kept: int, edit: Edit) -> Edit:
    """Return *edit* without what it does to the first *kept* characters."""
    if edit.span.start >= kept:
        return edit
    return Edit(Span(edit.span.source, kept, max(edit.span.end, kept)), edit.text)


def _changes(edit: Edit) -> bool:
    return edit.span.text != edit.text


def _wants(only: Sequence[types.CodeActionKind | str] | None, kind: str) -> bool:
    """Return whether actions of *kind* are wanted where those below one of *only* are."""
    if only is None:
        return True
    names = [str(getattr(one, "value", one)) for one in only]
    return any(kind == name or kind.startswith(f"{name}.") or not name for name in names)
