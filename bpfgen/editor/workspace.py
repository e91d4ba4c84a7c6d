"""The open documents, what is known of each, and of what else it depends on.

After analysis and headers, before the server. An analysis is made when somebody asks for one, and
counts until its text, something that it imports, or what a project says of it has changed.
"""

from __future__ import annotations

import os
from contextlib import suppress
from urllib.parse import quote, unquote, urlsplit

from bpfgen.compiler import Options
from bpfgen.editor.analysis import analyse
from bpfgen.editor.documents import UTF_16, Document, Lines
from bpfgen.editor.project_files import sources_below, sources_beside
from bpfgen.files.digests import stamp_of
from bpfgen.files.reading import FILES, read_source
from bpfgen.record import TYPE_CHECKING, Record, replace
from bpfgen.syntax.parser import parse
from bpfgen.text.diagnostics import NOTE, Report

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from typing import TypeAlias

    from bpfgen.editor.analysis import Analysis
    from bpfgen.editor.headers import HeaderAnswers
    from bpfgen.providers.imports import SharedImport
    from bpfgen.record import Uncompared
    from bpfgen.syntax.tree import File
    from bpfgen.text.diagnostics import Diagnostic

    Mark: TypeAlias = tuple[object, ...] | None
    """What tells a file from what it was."""


def _without_notes(diagnostics: Iterable[Diagnostic]) -> list[Diagnostic]:
    return [said for said in diagnostics if said.severity != NOTE]


class Configured(Record):
    """What holds for a document: what its project says, and the command line.

    Attributes:
        options: What it is compiled with.
        wanted: Returns what is reported of diagnostics, and how severe it is.
        diagnostics: What is wrong with what the project says.
        warning: What is to be shown of it once, whatever is open; may be empty.
    """

    options: Options = Options()
    wanted: Uncompared[Callable[[Iterable[Diagnostic]], list[Diagnostic]]] = _without_notes
    diagnostics: tuple[Diagnostic, ...] = ()
    warning: str = ""


class Buffers:
    """Reads the texts that are open from the editor, and all others from the file system."""

    __slots__ = ("_documents", "_identities")

    def __init__(self) -> None:
        self._documents: dict[str, Document] = {}
        self._identities: dict[str, str] = {}

    def add(self, document: Document) -> None:
        """Read *document* from the editor from now on."""
        self._identities[document.uri] = real = os.path.realpath(document.path)
        self._documents[real] = document

    def remove(self, document: Document) -> None:
        """Read its file from now on."""
        real = self._identities.pop(document.uri, "")
        if self._documents.get(real) is document:
            del self._documents[real]

    def at(self, path: str) -> Document | None:
        """Return the open document that is the file *path*, however that is spelt; else None."""
        return self._documents.get(os.path.realpath(path))

    def read(self, path: str) -> bytes:
        """Return what the file *path* holds, as the editor has it.

        Raises:
            OSError: It can't be read.
        """
        document = self.at(path)
        return FILES.read(path) if document is None else document.text.encode()

    def is_file(self, path: str) -> bool:
        """Return whether there is a file *path*, or a text that is to be one."""
        return self.at(path) is not None or FILES.is_file(path)


class _Known(Record):
    """An analysis, and what it holds for.

    Attributes:
        version: The state of the document, as the workspace counts them.
        configured: What it was made with.
        marks: The files that were read for it, as they were.
        imports: The same files: what identifies them.
        is_whole: All that it imports was found.
        shared: What the imports came to, for the next analysis.
    """

    analysis: Analysis
    version: int
    configured: Configured
    marks: dict[str, Mark]
    imports: frozenset[str]
    is_whole: bool
    shared: dict[str, SharedImport]


class Workspace:
    """All that is open.

    Args:
        configured: Returns what holds for the file of a path; asked anew after :meth:`look_again`.
        headers: Says what C headers define; None has the compiler asked and waited for.

    Attributes:
        documents: Those that are open, by what the client calls them.
        buffers: What sources are read through.
        units: What the client counts characters in.
        folders: The directories that are open, absolute.
    """

    __slots__ = (
        "_analyses",
        "_configured",
        "_configured_for",
        "_headers",
        "_sources",
        "_states",
        "_trees",
        "buffers",
        "documents",
        "folders",
        "units",
    )

    def __init__(
        self,
        configured: Callable[[str], Configured] | None = None,
        headers: HeaderAnswers | None = None,
    ) -> None:
        self._configured_for = configured
        self._headers = headers
        self._configured: dict[str, Configured] = {}
        self._analyses: dict[str, _Known] = {}
        self._states: dict[str, int] = {}
        self._sources: tuple[str, ...] | None = None
        self._trees: dict[str, tuple[tuple[int, int, int] | None, File]] = {}
        self.documents: dict[str, Document] = {}
        self.buffers = Buffers()
        self.units = UTF_16
        self.folders: tuple[str, ...] = ()

    def open(self, uri: str, text: str, version: int) -> Document:
        """Return the document *uri*, which is open from now on, and says *text*."""
        document = Document(uri, path_of(uri), text, version, self.units)
        self.documents[uri] = document
        self.buffers.add(document)
        self.look_again()
        self.changed(document)
        return document

    def close(self, uri: str) -> frozenset[str]:
        """Forget the document *uri*; return the others that depend on it."""
        document = self.documents.pop(uri, None)
        if document is None:
            return frozenset()
        self.buffers.remove(document)
        self._analyses.pop(uri, None)
        if self._headers is not None:
            self._headers.forget(document.path)
        return self._doubt_dependents(document)

    def changed(self, document: Document) -> frozenset[str]:
        """Note that *document* has changed; return the others that depend on it, by their URIs."""
        self._states[document.uri] = self._states.get(document.uri, 0) + 1
        return self._doubt_dependents(document)

    def state(self, uri: str) -> int:
        """Return a number that another text of the document *uri*, or of its imports, changes."""
        return self._states.get(uri, 0)

    def look_again(self) -> None:
        """Note that files may have changed, which others than the open documents are."""
        self._configured.clear()
        self._sources = None
        if self._headers is not None:
            self._headers.doubt()
        for uri, known in self._analyses.items():
            known.shared.clear()  # what an import imports may be found elsewhere now
            if not known.is_whole:
                self._states[uri] += 1

    def doubt(self, paths: Iterable[str]) -> list[Document]:
        """Note that more is known of the headers of the documents *paths*; return these."""
        documents = [one for path in paths if (one := self.buffers.at(path)) is not None]
        for document in documents:
            self._states[document.uri] += 1
        return documents

    def configured(self, path: str) -> Configured:
        """Return what holds for the file *path*."""
        configured = self._configured.get(path)
        if configured is None:
            configured = (
                Configured() if self._configured_for is None else self._configured_for(path)
            )
            self._configured[path] = configured
        return configured

    def analysis(self, document: Document) -> Analysis:
        """Return what is known of *document* as it is now."""
        known = self._analyses.get(document.uri)
        configured = self.configured(document.path)
        if (
            known is not None
            and known.version == self.state(document.uri)
            and known.configured is configured
            and self._holds(known)
        ):
            return known.analysis
        known = self._analysed(document, configured, known)
        self._analyses[document.uri] = known
        return known.analysis

    def analysis_of(self, path: str) -> Analysis:
        """Return what is known of the file *path*, open or not.

        Raises:
            OSError: It can't be read.
        """
        document = self.buffers.at(path)
        if document is not None:
            return self.analysis(document)
        source, _wrong = read_source(path)
        options = replace(self.configured(path).options, opener=self.buffers)
        if self._headers is None:
            return analyse(path, source.text, options)
        analysis = analyse(path, source.text, replace(options, headers=self._headers.of(path)))
        self._headers.forget(path)
        return analysis

    def sources(self, beside: str) -> list[str]:
        """Return the paths of all sources in the open directories, and of the open ones.

        Where no directory is open, those beside the file *beside* count.
        """
        if self._sources is None:
            self._sources = tuple(sources_below(self.folders))
        found = {os.path.realpath(path): path for path in self._sources}
        if not self.folders:
            found |= {os.path.realpath(path): path for path in sources_beside(beside)}
        for document in self.documents.values():
            found[os.path.realpath(document.path)] = document.path
        return sorted(found.values())

    def others(self, analysis: Analysis, *words: str) -> list[Analysis]:
        """Return the other files in which a name that *analysis* has may mean the same.

        They have one of *words*, the name and perhaps what it is to be called, and import what
        *analysis* is of, or something that it imports.
        """
        sought = [word.encode("utf-8", "replace") for word in words]
        own = os.path.realpath(analysis.path)
        shared = {own, *(os.path.realpath(tree.source.name) for tree in analysis.imported)}
        found: list[Analysis] = []
        for path in self.sources(analysis.path):
            if os.path.realpath(path) == own:
                continue
            try:
                text = self.buffers.read(path)
                if b"import" not in text or not any(word in text for word in sought):
                    continue
                other = self.analysis_of(path)
            except OSError:  # it went away meanwhile, or isn't ours to read
                continue
            if shared & {os.path.realpath(tree.source.name) for tree in other.imported}:
                found.append(other)
        return found

    def trees(self) -> list[File]:
        """Return the trees of all sources in the open directories, and of the open documents."""
        known, self._trees = self._trees, {}
        for path in self.sources(""):
            document = self.buffers.at(path)
            if document is not None:
                self._trees[path] = (None, self.analysis(document).tree)
                continue
            stamp = stamp_of(path)
            before = known.get(path)
            if before is not None and before[0] == stamp and stamp is not None:
                self._trees[path] = before
                continue
            with suppress(OSError):
                self._trees[path] = (stamp, parse(read_source(path)[0], Report()))
        return [tree for _stamp, tree in self._trees.values()]

    def uri_of(self, path: str) -> str:
        """Return what the client calls the file *path*."""
        document = self.buffers.at(path)
        return uri_of(path) if document is None else document.uri

    def lines_of(self, path: str, text: str) -> Lines:
        """Return the lines of *text*, which the file *path* has."""
        document = self.buffers.at(path)
        if document is not None and document.text == text:
            return document.lines
        return Lines(text, self.units)

    def _holds(self, known: _Known) -> bool:
        """Return whether what was read for *known* is as it was."""
        return all(self._mark(path) == mark for path, mark in known.marks.items())

    def _mark(self, path: str) -> Mark:
        """Return what tells the file *path*, open or not, from what it was."""
        document = self.buffers.at(path)
        return stamp_of(path) if document is None else (document.uri, self.state(document.uri))

    def _analysed(
        self, document: Document, configured: Configured, before: _Known | None
    ) -> _Known:
        """Return a new analysis of *document*, with what still holds of the one *before*."""
        shared: dict[str, SharedImport] = {}
        if before is not None and before.configured is configured and self._holds(before):
            shared = before.shared
        version = self.state(document.uri)
        options = replace(configured.options, opener=self.buffers)
        if self._headers is not None:
            options = replace(options, headers=self._headers.of(document.path))
        analysis = analyse(document.path, document.text, options, shared)
        imports = [tree.source.name for tree in analysis.imported]
        return _Known(
            analysis,
            version,
            configured,
            {path: self._mark(path) for path in imports},
            frozenset(map(os.path.realpath, imports)),
            all(said.code != "import" for said in analysis.diagnostics),
            shared,
        )

    def _doubt_dependents(self, document: Document) -> frozenset[str]:
        """Note that what imports *document* is to be analysed anew; return it, by its URIs."""
        real = os.path.realpath(document.path)
        found = []
        for uri, known in self._analyses.items():
            if uri != document.uri and (real in known.imports or not known.is_whole):
                self._states[uri] += 1
                found.append(uri)
        return frozenset(found)


def path_of(uri: str) -> str:
    """Return the path of the file *uri*; for what is no file, a name in angle brackets."""
    parts = urlsplit(uri)
    if parts.scheme == "file" and parts.path:
        path = unquote(parts.path, errors="surrogateescape")
        if "\0" not in path:
            return os.path.normpath(path)
    return f"<{uri}>"


def uri_of(path: str) -> str:
    """Return the URI of the file *path*."""
    if path.startswith("<") and path.endswith(">"):
        return path[1:-1]
    plain = os.path.normpath(path)
    if os.path.realpath(plain) != os.path.realpath(path):  # `..` after a link
        plain = os.path.realpath(path)
    return "file://" + quote(os.fsencode(os.path.abspath(plain)))
