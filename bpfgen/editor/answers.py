"""What all answers are made with: a document, a place in it, edits as the client takes them.

Between protocol, which converts, and the modules whose methods answer requests; the server
registers those. They answer for a text as it is; for one that isn't open there is no answer.
"""

from __future__ import annotations

from lsprotocol import types
from pygls.exceptions import JsonRpcException

from bpfgen.editor.protocol import Places, offset_of
from bpfgen.record import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from typing import Any, Protocol, TypeAlias

    from bpfgen.editor.analysis import Analysis
    from bpfgen.editor.client import Client
    from bpfgen.editor.documents import Document
    from bpfgen.editor.workspace import Workspace
    from bpfgen.text.diagnostics import Edit

    Feature: TypeAlias = tuple[str, Callable[[Any], Any], Any]
    """The method, what answers it, and what the client is told of it."""

    class _AtPlace(Protocol):
        """The parameters of whatever is asked about a place."""

        @property
        def text_document(self) -> types.TextDocumentIdentifier: ...

        @property
        def position(self) -> types.Position: ...


class Answers:
    """What answers requests about the documents of one client.

    Attributes:
        workspace: The open documents.
        client: What the client can do, and what its user has set.
    """

    def __init__(self, workspace: Workspace, client: Client) -> None:
        self.workspace = workspace
        self.client = client

    def document(self, identifier: types.TextDocumentIdentifier) -> Document | None:
        """Return the document, if it is open."""
        return self.workspace.documents.get(identifier.uri)

    def analysis(self, identifier: types.TextDocumentIdentifier) -> Analysis | None:
        """Return what is known of a document, if it is open."""
        document = self.document(identifier)
        return None if document is None else self.workspace.analysis(document)

    def place(self, params: _AtPlace) -> tuple[Analysis, int] | None:
        """Return what is known of a document, and the place in it that *params* name."""
        document = self.document(params.text_document)
        if document is None:
            return None
        return self.workspace.analysis(document), offset_of(document, params.position)

    def changed(self, edits: Iterable[Edit]) -> types.WorkspaceEdit:
        """Return *edits*, of any files, as one change."""
        places = Places(self.workspace)
        by_file: dict[str, list[types.TextEdit]] = {}
        for edit in edits:
            uri = self.workspace.uri_of(edit.span.source.name)
            by_file.setdefault(uri, []).append(places.text_edit(edit))
        if not self.client.has_versions:
            return types.WorkspaceEdit(changes=by_file)
        documents = self.workspace.documents
        return types.WorkspaceEdit(
            document_changes=[
                types.TextDocumentEdit(
                    types.OptionalVersionedTextDocumentIdentifier(
                        uri, documents[uri].version if uri in documents else None
                    ),
                    list(changes),
                )
                for uri, changes in by_file.items()
            ]
        )


def refused(why: str) -> JsonRpcException:
    """Return the answer that something can't be done, which a person reads."""
    return JsonRpcException(why, types.LSPErrorCodes.RequestFailed.value)
