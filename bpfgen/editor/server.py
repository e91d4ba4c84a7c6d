"""The language server: which feature answers which message, and when diagnostics are sent.

The last module of its room. It speaks to one client, through a loop that has one thread; every
answer is that of the text as it was when the client asked.
"""

from __future__ import annotations

import logging
from functools import partial
from itertools import chain

from lsprotocol import types
from pygls.exceptions import JsonRpcException, JsonRpcInternalError
from pygls.lsp.server import LanguageServer
from pygls.protocol import LanguageServerProtocol, lsp_method

from bpfgen.editor.change_answers import ChangeAnswers
from bpfgen.editor.client import SECTION, Client, settings_of
from bpfgen.editor.jobs import Jobs
from bpfgen.editor.loop import LOG, Loop
from bpfgen.editor.messages import framed
from bpfgen.editor.name_answers import NameAnswers
from bpfgen.editor.reporting import Reporter
from bpfgen.editor.text_answers import TextAnswers
from bpfgen.editor.typing_answers import TypingAnswers
from bpfgen.editor.workspace import path_of
from bpfgen.files import SUFFIXES
from bpfgen.record import TYPE_CHECKING
from bpfgen.resources import VERSION

if TYPE_CHECKING:
    from collections.abc import Callable, Generator
    from concurrent.futures import Future
    from typing import Any, Protocol

    from bpfgen.editor.answers import Feature
    from bpfgen.editor.messages import Message
    from bpfgen.editor.workspace import Configured

    class Project(Protocol):
        """Says what holds for a file."""

        def __call__(self, path: str, *, is_trusted: bool) -> Configured:
            """Return what holds for the file *path*."""


_WATCHED = (*(f"**/*{suffix}" for suffix in SUFFIXES), "**/*.h", "**/pyproject.toml")
"""The files that matter to others."""


class _Protocol(LanguageServerProtocol):
    """Leaves the texts to our own documents: pygls cuts lines at other characters, too."""

    @lsp_method(types.TEXT_DOCUMENT_DID_OPEN)
    def lsp_text_document__did_open(
        self, params: types.DidOpenTextDocumentParams
    ) -> Generator[Any, Any, None]:
        yield self.fm.features[types.TEXT_DOCUMENT_DID_OPEN], (params,), None

    @lsp_method(types.TEXT_DOCUMENT_DID_CHANGE)
    def lsp_text_document__did_change(
        self, params: types.DidChangeTextDocumentParams
    ) -> Generator[Any, Any, None]:
        yield self.fm.features[types.TEXT_DOCUMENT_DID_CHANGE], (params,), None

    @lsp_method(types.TEXT_DOCUMENT_DID_CLOSE)
    def lsp_text_document__did_close(
        self, params: types.DidCloseTextDocumentParams
    ) -> Generator[Any, Any, None]:
        yield self.fm.features[types.TEXT_DOCUMENT_DID_CLOSE], (params,), None


class _Writer:
    """Has the loop write what pygls says."""

    __slots__ = ("_loop",)

    def __init__(self, loop: Loop) -> None:
        self._loop = loop

    def write(self, data: bytes) -> None:
        self._loop.write(data)

    def close(self) -> None:
        self._loop.flush()


class Server:
    """The server of one client.

    Args:
        configured: Returns what holds for the file of a path, as far as its project is trusted.
        input: The descriptor that the client writes to.
        output: The descriptor that it reads.
    """

    def __init__(self, configured: Project, input: int, output: int) -> None:
        self._jobs = Jobs((input, output))
        self._loop = Loop(input, output, self._jobs)
        self._client = Client()
        self._is_initialized = self._is_shut_down = False
        self._pygls = LanguageServer("bpfgen", VERSION, protocol_cls=_Protocol, max_workers=1)
        self._pygls.protocol.set_writer(_Writer(self._loop))
        self._reporter = Reporter(
            lambda path: configured(path, is_trusted=self._client.trusts_project),
            self._client,
            self._loop,
            self._pygls.text_document_publish_diagnostics,
            self._refresh,
            self._warn,
        )
        self._workspace = self._reporter.workspace
        answers = (
            NameAnswers(self._workspace, self._client),
            TextAnswers(self._workspace, self._client),
            TypingAnswers(self._workspace, self._client),
            ChangeAnswers(self._workspace, self._client, self._reporter.shown),
        )
        own: list[Feature] = [
            (types.INITIALIZE, self._initialize, None),
            (types.INITIALIZED, self._initialized, None),
            (types.SHUTDOWN, self._shut_down, None),
            (types.TEXT_DOCUMENT_DID_OPEN, self._opened, None),
            (types.TEXT_DOCUMENT_DID_CHANGE, self._changed, None),
            (types.TEXT_DOCUMENT_DID_SAVE, self._files_changed, None),
            (types.TEXT_DOCUMENT_DID_CLOSE, self._closed, None),
            (types.WORKSPACE_DID_CHANGE_CONFIGURATION, self._configuration_changed, None),
            (types.WORKSPACE_DID_CHANGE_WATCHED_FILES, self._files_changed, None),
            (types.WORKSPACE_DID_CHANGE_WORKSPACE_FOLDERS, self._folders_changed, None),
        ]
        for method, feature, options in chain(own, *(each.features() for each in answers)):
            self._pygls.feature(method, options)(partial(_guarded, method, feature))

    def run(self) -> int:
        """Answer until the client goes; return the exit status that the protocol asks for.

        Raises:
            NotTheProtocol: What comes in is no message.
        """
        try:
            self._loop.run(self._answer)
        except BrokenPipeError:  # whoever read the answers has gone
            return 1
        except SystemExit as exit:  # the client's last message
            return int(exit.code or 0)
        finally:
            self._jobs.close()
        return 0 if self._is_shut_down else 1

    # Messages

    def _answer(self) -> None:
        """Answer the message whose turn it is."""
        inbox = self._loop.inbox
        message = inbox.next()
        if message is None:
            self._refuse(None, types.ErrorCodes.ParseError, "this is no message")
            return
        method = message.get("method")
        if method == types.CANCEL_REQUEST:
            return  # it was seen when its request was answered, or that has been answered before
        is_call = method is not None or "params" in message
        if is_call and not (isinstance(method, str) and type(message.get("id", 0)) in (int, str)):
            self._refuse(None, types.ErrorCodes.InvalidRequest, "this is no request")
            return
        if is_call and "id" in message and not self._may_be_answered(message):
            return
        protocol = self._pygls.protocol
        try:
            structured = protocol.structure_message({**message, "jsonrpc": "2.0"})
        except JsonRpcException as error:
            if "id" in message and method is not None:
                self._refuse(message, types.ErrorCodes.InvalidParams, str(error))
            return
        protocol.handle_message(structured)

    def _may_be_answered(self, request: Message) -> bool:
        """Return whether *request* is to be answered; else it is refused."""
        inbox, method = self._loop.inbox, request["method"]
        if inbox.is_cancelled(request):
            self._refuse(request, types.LSPErrorCodes.RequestCancelled, "cancelled")
        elif inbox.is_outdated(request):
            self._refuse(request, types.LSPErrorCodes.ContentModified, "the text has changed since")
        elif not self._is_initialized and method != types.INITIALIZE:
            self._refuse(request, types.ErrorCodes.ServerNotInitialized, "not initialized")
        elif self._is_initialized and method == types.INITIALIZE:
            self._refuse(request, types.ErrorCodes.InvalidRequest, "initialized before")
        elif self._is_shut_down:
            self._refuse(request, types.ErrorCodes.InvalidRequest, "shut down")
        else:
            return True
        return False

    def _refuse(self, request: Message | None, code: int, why: str) -> None:
        """Answer *request* with an error."""
        number = None if request is None else request["id"]
        error = {"code": int(code), "message": why}
        self._loop.write(framed({"jsonrpc": "2.0", "id": number, "error": error}))

    # The life of the server

    def _initialize(self, params: types.InitializeParams) -> None:
        if params.process_id is not None:
            self._loop.ends_with(params.process_id)
        self._client.take(params)
        units = self._pygls.protocol.workspace.position_encoding
        self._workspace.units = str(getattr(units, "value", units))
        folders = [folder.uri for folder in params.workspace_folders or ()]
        root = params.root_uri or (params.root_path and f"file://{params.root_path}")
        if root and not folders:
            folders.append(root)
        self._workspace.folders = tuple(map(path_of, folders))
        self._is_initialized = True

    def _initialized(self, _params: object) -> None:
        if self._client.has_watchers:
            watchers = [types.FileSystemWatcher(pattern) for pattern in _WATCHED]
            options = types.DidChangeWatchedFilesRegistrationOptions(watchers)
            method = types.WORKSPACE_DID_CHANGE_WATCHED_FILES
            registration = types.Registration("watched-files", method, options)
            self._ask(
                types.CLIENT_REGISTER_CAPABILITY,
                types.RegistrationParams([registration]),
                lambda _answer: None,
            )
        self._ask_settings()

    def _shut_down(self, _params: object) -> None:
        self._is_shut_down = True
        self._jobs.close()

    def _ask(self, method: str, params: object, done: Callable[[Any], None]) -> None:
        """Ask the client, and call *done* with its answer; an error is none."""

        def answered(future: Future[Any]) -> None:
            if not future.cancelled() and future.exception() is None:
                done(future.result())

        self._pygls.protocol.send_request(method, params).add_done_callback(answered)

    def _ask_settings(self) -> None:
        """Ask for the settings, where the client can be asked."""
        if not self._client.has_settings:
            return
        item = types.ConfigurationItem(section=SECTION)

        def take(answer: list[object]) -> None:
            self._set(answer[0] if answer else None)

        self._ask(types.WORKSPACE_CONFIGURATION, types.ConfigurationParams([item]), take)

    def _set(self, value: object) -> None:
        """Take the settings in *value*."""
        before = self._client.settings
        self._client.settings = settings_of(value, before)
        if self._client.settings != before:
            self._reporter.all_changed()
            self._reporter.refresh_soon()

    def _warn(self, message: str) -> None:
        params = types.ShowMessageParams(types.MessageType.Warning, message)
        self._pygls.window_show_message(params)

    def _refresh(self) -> None:
        for method in self._client.refreshes:
            self._ask(method, None, lambda _answer: None)

    # Documents

    def _opened(self, params: types.DidOpenTextDocumentParams) -> None:
        given = params.text_document
        self._reporter.opened(self._workspace.open(given.uri, given.text, given.version))

    def _changed(self, params: types.DidChangeTextDocumentParams) -> None:
        document = self._workspace.documents.get(params.text_document.uri)
        if document is None:
            return
        document.version = params.text_document.version
        for change in params.content_changes:
            if isinstance(change, types.TextDocumentContentChangePartial):
                start, end = change.range.start, change.range.end
                document.change(
                    (start.line, start.character), (end.line, end.character), change.text
                )
            else:
                document.replace(change.text)
        self._reporter.changed(document)

    def _closed(self, params: types.DidCloseTextDocumentParams) -> None:
        document = self._workspace.documents.get(params.text_document.uri)
        if document is not None:
            self._reporter.closed(document, self._workspace.close(document.uri))

    def _files_changed(
        self, _params: types.DidSaveTextDocumentParams | types.DidChangeWatchedFilesParams
    ) -> None:
        self._workspace.look_again()
        self._reporter.all_changed()

    def _folders_changed(self, _params: types.DidChangeWorkspaceFoldersParams) -> None:
        folders = self._pygls.workspace.folders.values()  # by what is no URI any more
        self._workspace.folders = tuple(path_of(folder.uri) for folder in folders)
        self._workspace.look_again()

    def _configuration_changed(self, params: types.DidChangeConfigurationParams) -> None:
        self._set(params.settings)
        self._ask_settings()


def _guarded(method: str, feature: Callable[[Any], Any], params: object) -> Any:
    """Return what *feature* answers; what it doesn't mean to raise is a mistake of ours.

    Raises:
        JsonRpcException: It can't be done; the client shows why.
    """
    try:
        return feature(params)
    except (JsonRpcException, SystemExit, KeyboardInterrupt):
        raise
    except Exception as error:
        LOG.exception("bpfgen itself is wrong: %s", method)
        message = f"bpfgen itself is wrong: {type(error).__name__}: {error}"
        raise JsonRpcInternalError(message) from error


def serve(configured: Project, input: int, output: int) -> int:
    """Serve the client that writes to *input* and reads *output*, until it goes.

    Return the exit status that the protocol asks for. *configured* returns what holds for a file.

    Raises:
        NotTheProtocol: What comes in is no message.
    """
    logging.basicConfig(format="bpfgen lsp: %(message)s", level=logging.WARNING)
    # It logs what was refused with all that led to it; what matters is logged here.
    logging.getLogger("pygls").setLevel(logging.CRITICAL)
    return Server(configured, input, output).run()
