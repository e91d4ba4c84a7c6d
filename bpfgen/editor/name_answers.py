"""Answers about names: where they are declared, where they are used, and how they change.

Beside the other answers.
"""

from __future__ import annotations

from lsprotocol import types

from bpfgen.editor.answers import Answers, refused
from bpfgen.editor.names import Names
from bpfgen.editor.navigation import definition, highlights, references, type_definition
from bpfgen.editor.protocol import Places
from bpfgen.editor.rename import Refusal, prepare_rename, rename
from bpfgen.record import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from bpfgen.editor.analysis import Analysis
    from bpfgen.editor.answers import Feature
    from bpfgen.text.source import Span


class NameAnswers(Answers):
    """What answers requests about names."""

    def features(self) -> list[Feature]:
        """Return what is answered."""
        return [
            (types.TEXT_DOCUMENT_DEFINITION, self.definition, None),
            (types.TEXT_DOCUMENT_TYPE_DEFINITION, self.type_definition, None),
            (types.TEXT_DOCUMENT_REFERENCES, self.references, None),
            (types.TEXT_DOCUMENT_DOCUMENT_HIGHLIGHT, self.highlights, None),
            (types.TEXT_DOCUMENT_PREPARE_RENAME, self.prepare_rename, None),
            (types.TEXT_DOCUMENT_RENAME, self.rename, types.RenameOptions(prepare_provider=True)),
        ]

    def definition(self, params: types.DefinitionParams) -> list[types.Location] | None:
        """Answer where what is named at a place is declared."""
        return self._locations(params, definition)

    def type_definition(self, params: types.TypeDefinitionParams) -> list[types.Location] | None:
        """Answer where the types of what is named at a place are declared."""
        return self._locations(params, type_definition)

    def _locations(
        self,
        params: types.DefinitionParams | types.TypeDefinitionParams,
        find: Callable[[Analysis, int], tuple[Span, ...]],
    ) -> list[types.Location] | None:
        found = self.place(params)
        if found is None:
            return None
        analysis, offset = found
        places = Places(self.workspace)
        return [places.location(span) for span in find(analysis, offset)]

    def references(self, params: types.ReferenceParams) -> list[types.Location] | None:
        """Answer where what is named at a place is named, in all files."""
        found = self.place(params)
        if found is None:
            return None
        analysis, offset = found
        uses = references(
            analysis,
            offset,
            self._others(analysis, offset),
            with_declarations=params.context.include_declaration,
        )
        places = Places(self.workspace)
        return [places.location(use.span) for use in uses]

    def highlights(
        self, params: types.DocumentHighlightParams
    ) -> list[types.DocumentHighlight] | None:
        """Answer where in the text what is named at a place is named."""
        found = self.place(params)
        if found is None:
            return None
        places = Places(self.workspace)
        kinds = types.DocumentHighlightKind
        return [
            types.DocumentHighlight(
                places.range(use.span), kinds.Write if use.is_declaration else kinds.Read
            )
            for use in highlights(*found)
        ]

    def prepare_rename(self, params: types.PrepareRenameParams) -> types.Range | None:
        """Answer what would get another name at a place."""
        found = self.place(params)
        if found is None:
            return None
        span = prepare_rename(*found)
        if isinstance(span, Refusal):
            raise refused(span.message)
        return Places(self.workspace).range(span)

    def rename(self, params: types.RenameParams) -> types.WorkspaceEdit | None:
        """Answer what gives it another name everywhere."""
        found = self.place(params)
        if found is None:
            return None
        analysis, offset = found
        new = params.new_name
        edits = rename(analysis, offset, new, self._others(analysis, offset, new))
        if isinstance(edits, Refusal):
            raise refused(edits.message)
        return self.changed(edits)

    def _others(self, analysis: Analysis, offset: int, *more: str) -> list[Analysis]:
        """Return the other files in which what is named at *offset* may be named, or a name *more*.

        One that has the new name of a rename, and not the old one, may refuse it.
        """
        name = Names(analysis).at(offset)
        return [] if name is None else self.workspace.others(analysis, name.occurrence.name, *more)
