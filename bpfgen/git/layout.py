"""The part of a revision that a compiler reads, laid out on the disk for as long as it reads.

A compiler asks no opener. So what a text includes, and what that includes, is written to a private
temporary directory, below the paths that it has in the working tree, and whatever the compiler says
of a file there is said of `git:REV:PATH`. Includes are followed by their names: conditions are not
evaluated, so that some files too many are laid out, and headers of the system are looked through
for what they may take from the project.

Only regular files are written, at most so many of them, and none above the directory.
"""

from __future__ import annotations

import os
import re
from errno import EFBIG, EINVAL

from bpfgen.clang.arguments import directories_in, paths_in, with_places
from bpfgen.clang.flag_table import FILE
from bpfgen.clang.flags import kernel_headers, system_directories
from bpfgen.files.janitor import Janitor
from bpfgen.files.reading import FILES
from bpfgen.git import GitError
from bpfgen.record import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from typing import Self

    from bpfgen.git.tree import Tree

_COMMENT = r"/\*[^*\n]*\*+(?:[^/*\n][^*\n]*\*+)*/"  # in one way only, however many follow
_BLANK = rf"(?:[ \t\f\v]|{_COMMENT}|\\\r?\n)*"
_DIRECTIVE = rf"{_BLANK}(?:include(?:_next)?|import|embed|define{_BLANK}\w+){_BLANK}"
_HEADER = r"(?:\"([^\"\n]+)\"|<([^>\n]+)>)"
_NAMED = (
    re.compile(f"#{_DIRECTIVE}{_HEADER}"),
    re.compile(f"%:{_DIRECTIVE}{_HEADER}"),
    re.compile(rf"__has_(?:include(?:_next)?|embed){_BLANK}\({_BLANK}{_HEADER}"),
)
"""What may name a header: after a directive, and after `#define NAME`, for `#include NAME`.

Each begins with letters of its own, which are quickly looked for in a vmlinux.h.
"""

_MOST_FILES = 10_000
_MOST_BYTES = 256 << 20

_OTHERS = ("/usr/local/include",)
"""Where clang looks for headers of the system besides."""


class Layout:
    """Files of one revision in a directory of their own, which is removed at the end of a `with`.

    Attributes:
        directory: The directory; it is made with the first file in it.
    """

    __slots__ = ("_bytes", "_janitor", "_known", "_written", "directory", "tree")

    def __init__(self, tree: Tree) -> None:
        parent = os.path.realpath(os.environ.get("TMPDIR") or "/tmp")  # noqa: S108 -- see below
        self.directory = os.path.join(parent, f"bpfgen-{os.urandom(8).hex()}")  # unguessable
        self.tree = tree
        self._janitor: Janitor | None = None
        self._known: dict[str, str | None] = {}
        self._written: dict[str, int] = {}
        self._bytes = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_exception: object) -> None:
        janitor, self._janitor = self._janitor, None
        if janitor is not None:
            janitor.__exit__()

    def place_of(self, path: str) -> str:
        """Return where *path* is, or would be, on the disk; one outside the repository stays."""
        own = self.tree.path_in(path)
        if own is None:
            if not self.tree.is_inside(path):
                return path
            own = path
        return self.directory + self._absolute(own)

    def _absolute(self, own: str) -> str:
        return os.path.normpath(os.path.join("/", self.tree.directory, own))

    def arguments(self, arguments: Sequence[str]) -> tuple[str, ...]:
        """Return *arguments* of a compiler, with the places of what files they name."""
        return tuple(with_places(arguments, self.place_of))

    def add(
        self, text: str, name: str, directories: Iterable[str], arguments: Sequence[str] = ()
    ) -> None:
        """Lay out what *text* of the file *name* includes, and what that includes.

        Args:
            directories: Those of -I and the like, as paths of the working tree or of the revision.
            arguments: A compiler's, which name files and more directories.

        Raises:
            ToolMissing: There is no git.
            GitError: git doesn't have one of the files, or it is too much.
        """
        searched = [*directories, *directories_in(arguments)]
        searched += [*system_directories(with_usr_include=True), *kernel_headers(), *_OTHERS]
        pending = [(name, text)]
        with self.tree:
            for file in paths_in(arguments, FILE):
                pending += self._found(file, ["", *searched])
            while pending:
                current, including = pending.pop()
                named = (name for pattern in _NAMED for name in pattern.findall(including))
                for quoted, bracketed in named:
                    beside = [os.path.dirname(current)] if quoted else []
                    pending += self._found(quoted or bracketed, [*beside, *searched])

    def _found(self, name: str, directories: Iterable[str]) -> Iterator[tuple[str, str]]:
        """Lay out the file *name* of each of *directories*; yield path and text of each new one."""
        for directory in directories:
            path = os.path.join(directory, name)
            if path not in self._known:
                self._known[path] = text = self._laid_out(path)
                if text is not None:
                    yield path, text

    def _laid_out(self, path: str) -> str | None:
        """Write the file *path*, if it is one of the repository; return its text, if it is one."""
        own = self.tree.path_in(path)
        if own is None and self.tree.is_inside(path):
            own = path
        if own is None:
            return _text_of(path)
        name = self.tree.name(own)
        if not self.tree.is_file(name):
            return None
        data = self.tree.read(name)
        self.write(own, data)
        return data.decode("latin-1")

    def write(self, own: str, data: bytes) -> str:
        """Have the file *own* of the working tree hold *data*; return where that is.

        Raises:
            GitError: It can't be written there.
        """
        place = self.directory + self._absolute(own)
        before = self._written.setdefault(place, hash(data))
        if before != hash(data):
            raise GitError(EINVAL, f"symbolic links have two files at `{own}`, as C goes by names")
        if os.path.exists(place):
            return place
        self._bytes += len(data)
        if len(self._written) > _MOST_FILES or self._bytes > _MOST_BYTES:
            what = f"more than {_MOST_FILES} files or {_MOST_BYTES >> 20} MiB are included"
            raise GitError(EFBIG, what)
        if self._janitor is None:
            self._janitor = Janitor(self.directory)
            self._make_directory()
        try:
            self._make_way(os.path.join("/", self.tree.directory, own))
            with open(place, "wb") as stream:
                stream.write(data)
        except OSError as error:
            reason = error.strerror or str(error)
            raise GitError(EINVAL, f"`{own}` can't be laid out: {reason}") from error
        return place

    def _make_directory(self) -> None:
        try:
            os.mkdir(self.directory, 0o700)
        except OSError as error:
            reason = (error.strerror or str(error)).lower()
            parent = os.path.dirname(self.directory)
            what = f"a compiler is to read it, and nothing can be laid out in `{parent}`: {reason}"
            raise GitError(EINVAL, what, "TMPDIR names a directory for temporary files") from error

    def _make_way(self, path: str) -> None:
        """Make the directories that a compiler passes on its way to *path*, `x/..` among them."""
        way: list[str] = []
        for name in os.path.dirname(path).split("/"):
            if name == "..":
                del way[-1:]
            elif name not in {"", "."}:
                way.append(name)
                os.makedirs(os.path.join(self.directory, *way), exist_ok=True)
        os.makedirs(self.directory, exist_ok=True)

    def named(self, text: str) -> str:
        """Return *text* with `git:REV:PATH` for each path of this directory in it."""
        if self.directory not in text:
            return text
        return re.sub(re.escape(self.directory) + r"(/[^\n:'\"`<>]*)?", self._name, text)

    def _name(self, match: re.Match[str]) -> str:
        path, top = match[1] or "/", self.tree.repository.top
        if not top:
            return self.tree.name(path[1:])
        if not f"{path}/".startswith(f"{top.rstrip('/')}/"):
            return path
        return self.tree.name(self.tree.from_here(path))


def _text_of(path: str) -> str | None:
    """Return the text of the file *path* of the disk; None where there is none to read."""
    try:
        return FILES.read(path).decode("latin-1") if FILES.is_file(path) else None
    except (OSError, ValueError):
        return None
