"""When diagnostics are sent, and of what: a moment after the last key, and once clang has spoken.

Between the workspace and the server, which passes on what happens to documents.
"""

from __future__ import annotations

import gc

from lsprotocol import types

from bpfgen.editor.headers import HeaderAnswers
from bpfgen.editor.jobs import Job
from bpfgen.editor.problems import clang_view, problems
from bpfgen.editor.protocol import Places, diagnostic_of
from bpfgen.editor.relocated import of_source
from bpfgen.editor.workspace import Workspace
from bpfgen.record import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from bpfgen.editor.analysis import Analysis
    from bpfgen.editor.client import Client
    from bpfgen.editor.documents import Document
    from bpfgen.editor.loop import Loop
    from bpfgen.editor.workspace import Configured
    from bpfgen.text.diagnostics import Diagnostic

_PAUSE = 0.15
"""Seconds without a message after which diagnostics are sent: a moment longer than between keys."""

_REST = 0.6
"""Seconds after which clang is asked."""

_BREAK = 3.0
"""Seconds after which garbage is looked for: that takes time, and there hardly is any."""


class Reporter:
    """Reports of the documents of one client.

    Args:
        configured: Returns what holds for the file of a path.
        client: What the client can do.
        loop: Does what is put off, and has jobs done.
        publish: Sends diagnostics.
        refresh: Has the client ask again for what it shows of texts that haven't changed.
        warn: Shows a message to the user.

    Attributes:
        workspace: The open documents.
    """

    def __init__(
        self,
        configured: Callable[[str], Configured],
        client: Client,
        loop: Loop,
        publish: Callable[[types.PublishDiagnosticsParams], None],
        refresh: Callable[[], None],
        warn: Callable[[str], None],
    ) -> None:
        self._client = client
        self._loop = loop
        self._publish = publish
        self._refresh = refresh
        self._warn = warn
        self._warned: set[str] = set()
        self._headers = HeaderAnswers(loop.jobs.start, loop.jobs.cancel, self._headers_changed)
        self.workspace = Workspace(configured, self._headers)
        # What clang said of which state of a document.
        self._verified: dict[str, tuple[int, list[Diagnostic]]] = {}

    def opened(self, document: Document) -> None:
        """Report what the new text means for all, for *document* itself at once."""
        self.all_changed()
        self._diagnose_soon([document], 0)

    def changed(self, document: Document) -> None:
        """Report what the text of *document* means now, and that of those which depend on it."""
        self._loop.put_off("collect", _BREAK, _collect)
        dependents = self.workspace.changed(document)
        self._diagnose_soon([document])
        self.changed_by_others(dependents)

    def closed(self, document: Document, dependents: Iterable[str]) -> None:
        """Take back what was said of *document*, and look at the *dependents* again."""
        for key in ("diagnose", "verify"):
            self._loop.drop((key, document.uri))
        self._loop.jobs.cancel(("clang", document.uri))
        self._verified.pop(document.uri, None)
        self._publish(types.PublishDiagnosticsParams(document.uri, []))
        self.changed_by_others(dependents)

    def changed_by_others(self, uris: Iterable[str]) -> None:
        """Report of the documents *uris*, which depend on what has changed."""
        documents = self.workspace.documents
        changed = [documents[uri] for uri in sorted(uris) if uri in documents]
        if changed:
            self._diagnose_soon(changed)
            self.refresh_soon()

    def all_changed(self) -> None:
        """Report of all documents: files or settings are others now."""
        self._diagnose_soon(self.workspace.documents.values())

    def refresh_soon(self) -> None:
        """Have the client ask again in the next pause."""
        self._loop.put_off("refresh", _PAUSE, self._refresh)

    def shown(self, document: Document, analysis: Analysis) -> list[Diagnostic]:
        """Return what is reported of *document* as it is now."""
        said = self._verified[document.uri][1] if self._is_verified(document.uri) else []
        return problems(analysis, self.workspace.configured(document.path), said)

    def _headers_changed(self, paths: Iterable[str]) -> None:
        self._diagnose_soon(self.workspace.doubt(paths), 0)
        self.refresh_soon()

    def _diagnose_soon(self, documents: Iterable[Document], seconds: float = _PAUSE) -> None:
        """Report of *documents* in the next pause of *seconds*."""
        for document in documents:

            def diagnose(document: Document = document) -> None:
                self._diagnose(document)

            self._loop.put_off(("diagnose", document.uri), seconds, diagnose)

    def _diagnose(self, document: Document) -> None:
        """Report of *document* now, and have asked what isn't known yet."""
        uri = document.uri
        analysis = self.workspace.analysis(document)
        warning = self.workspace.configured(document.path).warning
        if warning and warning not in self._warned:
            self._warned.add(warning)
            self._warn(warning)
        self._headers.ask(document.path)
        wants_clang = self._client.settings.clang and not self._is_verified(uri)
        if wants_clang and not analysis.compilation.failed:
            self._loop.put_off(("verify", uri), _REST, lambda: self._verify(document))
        places = Places(self.workspace)
        diagnostics = [
            diagnostic_of(said, places, analysis.source, has_related=self._client.has_related)
            for said in self.shown(document, analysis)
        ]
        self._publish(types.PublishDiagnosticsParams(uri, diagnostics, document.version))

    def _is_verified(self, uri: str) -> bool:
        """Return whether clang has been asked about the document *uri* as it is now."""
        return uri in self._verified and self._verified[uri][0] == self.workspace.state(uri)

    def _verify(self, document: Document) -> None:
        """Have clang asked what it makes of *document*, as it is now."""
        analysis = self.workspace.analysis(document)
        uri, state = document.uri, self.workspace.state(document.uri)
        if analysis.compilation.failed or self._headers.is_pending(document.path):
            return

        def done(said: list[Diagnostic]) -> None:
            if self.workspace.state(uri) == state and uri in self.workspace.documents:
                here = [of_source(one, analysis.source) for one in said]
                self._verified[uri] = (state, here)
                self._diagnose(self.workspace.documents[uri])

        self._loop.jobs.start(Job(("clang", uri), lambda: clang_view(analysis), done))


def _collect() -> None:
    gc.collect()
