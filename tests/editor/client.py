"""A real client that speaks to `bpfgen lsp` over pipes, as an editor does: pygls's own."""

from __future__ import annotations

import asyncio
import os
import sys
from typing import TYPE_CHECKING

from lsprotocol import types
from pygls.lsp.client import LanguageClient

from tests.tools import CHECKOUT

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine
    from pathlib import Path
    from typing import Any, Self, TypeVar

    R = TypeVar("R")

_LONGEST = 60.0
"""Seconds; nothing takes that long, and a test that hangs must end."""

CAPABILITIES = types.ClientCapabilities(
    text_document=types.TextDocumentClientCapabilities(
        publish_diagnostics=types.PublishDiagnosticsClientCapabilities(related_information=True),
        document_symbol=types.DocumentSymbolClientCapabilities(
            hierarchical_document_symbol_support=True
        ),
    ),
)


class Editor:
    """One editor with its server, to be used in a `with`.

    Attributes:
        directory: Where its files are; below it where the server was started.
        client: pygls's client.
        answer: What the server answered to `initialize`.
        said: The diagnostics that were sent, all of them, in order.
        shown: The messages that are shown to the user.
        status: How the server has ended.
        errors: What it has written to standard error.
    """

    def __init__(
        self,
        directory: Path,
        *words: str,
        capabilities: types.ClientCapabilities = CAPABILITIES,
        options: object = None,
        environment: dict[str, str] | None = None,
    ) -> None:
        self.directory = directory
        self.said: list[types.PublishDiagnosticsParams] = []
        self.shown: list[str] = []
        self.status: int | None = None
        self.errors = ""
        self.answer: types.InitializeResult
        self._words = words
        self._capabilities = capabilities
        self._options = options
        self._environment = environment or {}
        self._versions: dict[str, int] = {}
        self._runner = asyncio.Runner()
        self._news: asyncio.Event
        self.client: LanguageClient

    def __enter__(self) -> Self:
        self.run(self._start())
        return self

    def __exit__(self, *exception: object) -> None:
        try:
            self.run(self._stop())
        finally:
            self._runner.close()

    def run(self, work: Coroutine[Any, Any, R]) -> R:
        """Return what *work* comes to."""
        return self._runner.run(asyncio.wait_for(work, _LONGEST))

    async def _start(self) -> None:
        self._news = asyncio.Event()
        self.client = LanguageClient("tests", "1")

        def published(params: types.PublishDiagnosticsParams) -> None:
            self.said.append(params)
            self._news.set()

        def shown(params: types.ShowMessageParams) -> None:
            self.shown.append(params.message)

        self.client.feature(types.TEXT_DOCUMENT_PUBLISH_DIAGNOSTICS)(published)
        self.client.feature(types.WINDOW_SHOW_MESSAGE)(shown)
        await self.client.start_io(
            sys.executable,
            "-m",
            "bpfgen",
            "lsp",
            *self._words,
            cwd=self.directory,
            env={**os.environ, "PYTHONPATH": str(CHECKOUT), **self._environment},
        )
        self.answer = await self.client.initialize_async(
            types.InitializeParams(
                capabilities=self._capabilities,
                process_id=os.getpid(),
                root_uri=self.directory.as_uri(),
                initialization_options=self._options,
            )
        )
        self.client.initialized(types.InitializedParams())

    async def _stop(self) -> None:
        await self.client.shutdown_async(None)
        self.client.exit(None)
        server = self.client._server
        assert server is not None
        assert server.stderr is not None
        self.errors = (await server.stderr.read()).decode()
        self.status = await server.wait()
        stop: Callable[[], Coroutine[Any, Any, None]] = self.client.stop
        await stop()

    def uri(self, name: str) -> str:
        """Return the URI of the file *name* in the directory."""
        return (self.directory / name).as_uri()

    def open(self, name: str, text: str) -> None:
        """Open the file *name*, which says *text* in the editor."""
        self._versions[name] = 1
        item = types.TextDocumentItem(self.uri(name), "bpfmap", 1, text)
        self.client.text_document_did_open(types.DidOpenTextDocumentParams(item))

    def close(self, name: str) -> None:
        """Close the file *name*."""
        del self._versions[name]
        document = types.TextDocumentIdentifier(self.uri(name))
        self.client.text_document_did_close(types.DidCloseTextDocumentParams(document))

    def close_all(self) -> None:
        """Close all files."""
        for name in [*self._versions]:
            self.close(name)

    def save(self, name: str) -> None:
        """Say that the file *name* was saved."""
        document = types.TextDocumentIdentifier(self.uri(name))
        self.client.text_document_did_save(types.DidSaveTextDocumentParams(document))

    def type(
        self, name: str, text: str, start: tuple[int, int], end: tuple[int, int] | None = None
    ) -> None:
        """Put *text* in the place of what stands from *start* to *end* in the file *name*."""
        change = types.TextDocumentContentChangePartial(
            types.Range(types.Position(*start), types.Position(*(end or start))), text
        )
        self.change(name, change)

    def rewrite(self, name: str, text: str) -> None:
        """Have the file *name* say *text*."""
        self.change(name, types.TextDocumentContentChangeWholeDocument(text))

    def change(self, name: str, *changes: types.TextDocumentContentChangeEvent) -> None:
        """Change the file *name*."""
        self._versions[name] += 1
        document = types.VersionedTextDocumentIdentifier(self._versions[name], self.uri(name))
        params = types.DidChangeTextDocumentParams(document, [*changes])
        self.client.text_document_did_change(params)

    def diagnostics(
        self, name: str, wanted: Callable[[list[types.Diagnostic]], bool] = lambda _said: True
    ) -> list[types.Diagnostic]:
        """Return what the server says of the file *name* as it is now, once that is *wanted*."""

        async def wait() -> list[types.Diagnostic]:
            while True:
                for said in reversed(self.said):
                    if said.uri == self.uri(name):
                        if said.version == self._versions[name] and wanted([*said.diagnostics]):
                            return [*said.diagnostics]
                        break
                self._news.clear()
                await self._news.wait()

        try:
            return self.run(wait())
        except TimeoutError:
            said = [one for one in self.said if one.uri == self.uri(name)]
            raise AssertionError(f"it says {said[-1:]} of version {self._versions[name]}") from None

    def codes(self, name: str, *wanted: str) -> list[str]:
        """Return the codes of what is said of *name*, once they are those *wanted*, if any are."""

        def are(said: list[types.Diagnostic]) -> bool:
            return not wanted or [one.code for one in said] == [*wanted]

        return [str(one.code) for one in self.diagnostics(name, are)]

    def ask(self, method: str, params: object) -> asyncio.Future[Any]:
        """Return what will be the answer to *method* with *params*, which is being asked."""

        async def ask() -> asyncio.Future[Any]:
            answer: asyncio.Future[Any] = self.client.protocol.send_request_async(method, params)
            return answer

        return self.run(ask())

    def request(self, method: str, params: object) -> Any:
        """Return the answer to *method* with *params*."""

        async def ask() -> Any:
            return await self.client.protocol.send_request_async(method, params)

        return self.run(ask())

    def at(self, name: str, line: int, character: int) -> dict[str, Any]:
        """Return the members of parameters that name a place in the file *name*."""
        return {
            "text_document": types.TextDocumentIdentifier(self.uri(name)),
            "position": types.Position(line, character),
        }
