"""What a run of clang depended on: the files that it read, and those that it looked for.

Beside `compiler`. An answer counts as long as all of this is as it was: the bytes of every file
that was read, and which of the files that were looked for are there. How that is known is said by
`looked`, which a run that finds all as it was doesn't load.
"""

from __future__ import annotations

import os

from bpfgen.files.digests import Digests, now
from bpfgen.record import TYPE_CHECKING, Record

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from bpfgen.files.kept import Kept


class Known:
    """The files of this machine, as they are now.

    Attributes:
        kept: What other runs have left; None where nothing is kept.
        began: A file that has changed since then may have been another one when clang read it: in
            nanoseconds, see :func:`bpfgen.files.digests.now`.
    """

    __slots__ = ("_digests", "began", "kept")

    def __init__(self, kept: Kept | None, began: int | None = None) -> None:
        self.kept = kept
        self.began = now() if began is None else began
        self._digests = Digests()

    def digest(self, path: str) -> str | None:
        """Return the digest of the file *path*, or None if there is none."""
        return self._digests.digest(path)

    def unchanged(self, path: str) -> str | None:
        """Return the digest of the file *path*, if it is what it was when all began."""
        return self._digests.unchanged(path, self.began)

    def is_file(self, path: str) -> bool:
        """Return whether there is a file *path*."""
        return os.path.isfile(path)


class Dependencies(Record):
    """What one run depended on.

    Attributes:
        files: What was read, and the digest of each.
        directories: Where clang looks.
        names: What it looks for there.
        beside: Paths that it looks at besides.
        present: Which of all those there are, by their numbers.
    """

    files: list[tuple[str, str]]
    directories: list[str]
    names: list[str]
    beside: list[str]
    present: list[int]

    def found(self, known: Known) -> Iterator[int]:
        """Yield which paths are there, by their numbers, where clang looks for names, or might."""
        number = -1
        for number, path in enumerate(self.beside):
            if known.is_file(path):
                yield number
        for directory in self.directories:
            for name in self.names:
                number += 1
                if known.is_file(f"{directory}/{name}"):
                    yield number

    def base_names(self) -> set[str]:
        """Return under which names, without directories, whoever writes a file changes this.

        Those of what was read or looked for, and of what a link there leads to.
        """
        names = {os.path.basename(name) for name in self.names}
        paths = [path for path, _digest in self.files] + self.beside
        names.update(map(os.path.basename, paths))
        paths += (f"{directory}/{name}" for directory in self.directories for name in self.names)
        links = filter(os.path.islink, paths)
        names.update(os.path.basename(os.path.realpath(path)) for path in links)
        return names

    def hold(self, known: Known) -> bool:
        """Whether clang would read the same bytes, and find the same files."""
        if any(known.digest(path) != digest for path, digest in self.files):
            return False
        return self.present == list(self.found(known))

    def lists(self) -> list[list[str]]:
        """Return this as lists of texts."""
        return [
            [path for path, _digest in self.files],
            [digest for _path, digest in self.files],
            self.directories,
            self.names,
            self.beside,
            list(map(str, self.present)),
        ]

    @classmethod
    def read(cls, lists: Sequence[list[str]]) -> Dependencies:
        """Return what :meth:`lists` has made *lists* of.

        Raises:
            ValueError: They are something else.
        """
        paths, digests, directories, names, beside, present = lists
        files = list(zip(paths, digests, strict=True))
        return cls(files, directories, names, beside, list(map(int, present)))


class Runs:
    """What the runs of a compiler depended on.

    Attributes:
        known: The files from when on they mustn't change.
        dependencies: Those of each run.
        are_known: They are all that there are.
    """

    __slots__ = ("_named", "_names", "are_known", "dependencies", "known")

    def __init__(self, known: Known) -> None:
        self.known = known
        self.dependencies: list[Dependencies] = []
        self.are_known = True
        self._named = 0
        self._names: set[str] = set()

    def may_see(self, written: set[str]) -> bool:
        """Whether one may come to something else once files of the names *written* are there."""
        if not written:
            return False
        for one in self.dependencies[self._named :]:
            self._names |= one.base_names()
        self._named = len(self.dependencies)
        return not self.are_known or not self._names.isdisjoint(written)

    def note(self, dependencies: Dependencies | None) -> None:
        """Note what one more run depended on, or that it can't be known."""
        if dependencies is None:
            self.are_known = False
        else:
            self.dependencies.append(dependencies)
