"""What of a run is replaced: sources that take over what C files declare, and what that changes.

Sixth of a replacement. Whatever can't be replaced is given up, and with it what needs it: sources
that import its source, and those that have something of a file that stays as it is.
"""

from __future__ import annotations

import os

from bpfgen.importer.items import MAP
from bpfgen.importer.replacing.changes import Change
from bpfgen.record import TYPE_CHECKING
from bpfgen.text.diagnostics import ERROR

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from bpfgen.importer.replacing.changes import Part
    from bpfgen.text.diagnostics import Diagnostic


class Moves:
    """Sources with their headers, and the changes of C files; files go by their real paths.

    Attributes:
        parts: The sources.
        changes: How files change, by file.
        ways: Which way of its change each file takes.
        parts_of: The sources that each file's change comes from.
        real_paths: Those of all paths that were asked for.
    """

    def __init__(
        self, parts: Sequence[Part], headers: Mapping[str, str], before: Moves | None = None
    ) -> None:
        """Find out how files change; *headers* are texts by path, and *before* had more parts.

        Raises:
            OSError: A file can't be read.
        """
        self.parts = tuple(parts)
        self._all_headers = headers
        self.real_paths: dict[str, str] = {} if before is None else before.real_paths
        self.parts_of: dict[str, list[Part]] = {}
        paths: dict[str, str] = {}
        for part in self.parts:
            for path in self._paths(part):
                paths.setdefault(self.real(path), path)
            for real in dict.fromkeys(map(self.real, self._paths(part))):
                self.parts_of.setdefault(real, []).append(part)
        self.changes: dict[str, Change] = {}
        self.ways: dict[str, int] = {}
        for real, concerned in self.parts_of.items():
            if before is not None and _are_same(before.parts_of.get(real, ()), concerned):
                self.changes[real] = before.changes[real]
                self.ways[real] = before.ways[real]
            else:
                self.changes[real] = Change(paths[real], concerned)
                self.ways[real] = 0

    def real(self, path: str) -> str:
        """Return the real path of *path*."""
        if path not in self.real_paths:
            self.real_paths[path] = os.path.realpath(path)
        return self.real_paths[path]

    @staticmethod
    def _paths(part: Part) -> list[str]:
        """Return the files that *part* changes, its own the first."""
        return list(dict.fromkeys((part.file, *(taken.path for taken in part.taken))))

    def without(self, files: Iterable[str]) -> Moves:
        """Return these but for *files*, which stay as they are, and for all that needs them."""
        gone = set(files)
        sources: set[str] = set()
        kept = list(self.parts)
        while True:
            lost = [
                part
                for part in kept
                if not sources.isdisjoint(part.imports)
                or any(self.real(path) in gone for path in self._paths(part))
            ]
            if not lost:
                return Moves(kept, self._all_headers, self)
            gone.update(self.real(part.file) for part in lost)
            sources.update(part.source for part in lost)
            kept = [part for part in kept if part.source not in sources]

    def gone_from(self, before: Moves) -> list[str]:
        """Return the files that *before* has changed, and that stay as they are here."""
        return [before.changes[real].path for real in before.changes if real not in self.changes]

    @property
    def refused(self) -> dict[str, list[Diagnostic]]:
        """The files that can't be changed, with the errors that say why."""
        found: dict[str, list[Diagnostic]] = {}
        for real, change in self.changes.items():
            errors = [each for each in change.diagnostics if each.severity == ERROR]
            if errors:
                found[real] = errors
        return found

    @property
    def remarks(self) -> list[Diagnostic]:
        """What else is to be said about the changes."""
        several = (change.diagnostics for change in self.changes.values())
        return [each for diagnostics in several for each in diagnostics if each.severity != ERROR]

    @property
    def headers(self) -> dict[str, str]:
        """The generated headers: texts by path."""
        return {part.header: self._all_headers[part.header] for part in self.parts}

    def texts(self, *, keep_lines: bool) -> dict[str, str]:
        """Return the C files as they are changed, by path; with *keep_lines* on the same lines."""
        return {
            change.path: change.text(self.ways[real], keep_lines=keep_lines)
            for real, change in self.changes.items()
        }

    def state(self, files: Iterable[str]) -> tuple[tuple[str, Change, int], ...]:
        """Return what *files* are now: equal where nothing has changed about them."""
        return tuple(
            (real, self.changes[real], self.ways[real])
            for real in sorted(files)
            if real in self.changes
        )

    def written(self) -> list[tuple[str, bytes]]:
        """Return what is written, in order: sources with their headers, then C."""
        found: list[tuple[str, bytes]] = []
        for part in self.parts:
            found.append((part.source, part.text.encode()))
            found.append((part.header, self._all_headers[part.header].encode()))
        found += (
            (change.path, change.encoded(self.ways[real])) for real, change in self.changes.items()
        )
        return found

    def maps(self) -> dict[str, int]:
        """Return how many maps sources take over, by the C file that includes their header."""
        return {
            part.file: len({taken.name for taken in part.taken if taken.what == MAP})
            for part in self.parts
        }


def _are_same(some: Sequence[Part], others: Sequence[Part]) -> bool:
    """Whether both are the same parts, of which no two have one source."""
    return [part.source for part in some] == [part.source for part in others]
