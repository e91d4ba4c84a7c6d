"""Each program of a project imported, with its headers of maps as part of it.

Second of the import of a whole project. What one program finds that a header can't be included
alone holds for all: where one has a header's types as declarations, another that includes the
header would have them twice. So the programs that include it are imported once more, with it.
"""

from __future__ import annotations

import os

from bpfgen.files.reading import FILES, c_text
from bpfgen.importer.from_c.asked import Asked
from bpfgen.importer.from_c.source import import_c
from bpfgen.importer.project.assembly import Context
from bpfgen.importer.project.pieces import pieces_of
from bpfgen.importer.project.records import OptionsRefused
from bpfgen.record import TYPE_CHECKING, Record
from bpfgen.text.diagnostics import ERROR

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from bpfgen.importer.items import Imported
    from bpfgen.importer.project.records import OptionsOf
    from bpfgen.text.diagnostics import Diagnostic

_MOST_ROUNDS = 20
"""Each but the last finds a header that one of the programs can't include alone, or that moves."""


class Unread(Record):
    """A program that can't be imported, and why."""

    path: str
    diagnostics: list[Diagnostic]


class Reader:
    """Imports programs, each as often as what is known of headers changes for it.

    Attributes:
        read_in: Real paths of the headers that are read as part of all programs.

    The types of headers that *moves* says yes to are declared by sources; None moves none.
    """

    def __init__(
        self,
        options_of: OptionsOf,
        step: Callable[[str], None],
        moves: Callable[[str], bool] | None,
    ) -> None:
        self._options_of = options_of
        self._step = step
        self._moves = moves
        self._known: dict[str, tuple[frozenset[str], Imported]] = {}
        self._texts: dict[str, str] = {}
        self._unread: dict[str, Unread] = {}
        self.read_in: set[str] = set()

    def contexts(self, programs: Iterable[str]) -> tuple[list[Context], list[Unread]]:
        """Return what *programs* came to, and those that came to nothing readable.

        Raises:
            ToolMissing: There is no clang.
        OSError: A program can't be read.
        """
        paths = list(dict.fromkeys(programs))
        for path in paths:
            self._load(path)
        readable = [path for path in paths if path in self._texts]
        for _ in range(_MOST_ROUNDS):
            before = len(self.read_in)
            for path in readable:
                self._import(path)
            if len(self.read_in) == before:
                break
        contexts = [self._context(path) for path in readable]
        return contexts, [self._unread[path] for path in paths if path in self._unread]

    def _load(self, path: str) -> None:
        """Read the text of *path*, or note why it can't be."""
        if path in self._texts or path in self._unread:
            return
        text, wrong = c_text(path, FILES.read(path))
        try:
            self._options_of(path)
        except OptionsRefused:
            self._unread[path] = Unread(path, [])
            return
        if wrong is not None:
            self._unread[path] = Unread(path, [wrong])
        else:
            self._texts[path] = text

    def _import(self, path: str) -> None:
        """Import *path*, unless nothing has changed for it since."""
        known = self._known.get(path)
        if known is not None:
            included = {os.path.realpath(header) for header in known[1].dependencies}
            if not (included & self.read_in) - known[0]:
                return
        self._step(path)
        asked = Asked(
            read_in=frozenset(self.read_in),
            types_of=frozenset(() if self._moves is None else self.read_in),
            is_of_project=True,
        )
        imported = import_c(self._texts[path], path, self._options_of(path), asked=asked)
        read = frozenset(map(os.path.realpath, imported.read))
        self._known[path] = read, imported
        if not any(said.severity == ERROR for said in imported.diagnostics):
            self.read_in |= read - {os.path.realpath(path)}
            if self._moves is not None:
                headers = {located.item.header for located in imported.located} - {""}
                self.read_in |= set(map(os.path.realpath, filter(self._moves, headers)))

    def _context(self, path: str) -> Context:
        imported = self._known[path][1]
        reported = {said.map for said in imported.diagnostics if said.map is not None}
        return Context(
            path,
            os.path.realpath(path),
            imported,
            pieces_of(imported),
            tuple(dict.fromkeys(map(os.path.realpath, imported.read))),
            frozenset(reported),
        )
