"""One revision of a repository as an opener: what its files held, by paths of the working tree.

Paths are `git:REV:PATH`. PATH is what it would be without a revision: relative to the working
directory, or absolute. What isn't below the working tree is no affair of git's and comes from the
disk, and so does a file that git doesn't track, now or then: what a build makes has no revision.
"""

from __future__ import annotations

import os
from errno import EISDIR, ELOOP, ENOENT, ENOTDIR

from bpfgen.files.reading import FILES, MOST
from bpfgen.git import GitError
from bpfgen.git.lfs import contents_of_pointer
from bpfgen.git.objects import DIRECTORY, LINK, SUBMODULE, Entry, Objects
from bpfgen.git.words import GIT
from bpfgen.record import TYPE_CHECKING, Record

if TYPE_CHECKING:
    from typing import Self

    from bpfgen.git.repository import Repository

_MOST_LINKS = 40
"""Symbolic links on the way to one file, as in Linux (MAXSYMLINKS)."""

_MOST_COMPARED = "-l2000"
"""So many files are compared with each other for what moved; of more, only equal ones are found."""

_MOST_OF_LINK = 1 << 12


class Lost(Record):
    """A submodule of which a revision has a commit that isn't here: nobody knows its files.

    Attributes:
        names: The names on the way there from the top.
        commit: The id of the commit.
    """

    names: tuple[str, ...]
    commit: str


class Found(Record):
    """Where a path leads to in a revision.

    Attributes:
        names: The names on the way there from the top, symbolic links followed.
        entry: What is there; None where nothing is.
        objects: What has it: the repository's objects, or those of a submodule.
        outside: The path on the disk, of what is not below the working tree; else empty.
        lost: The submodule on the way there whose commit isn't here; None as a rule.
    """

    names: tuple[str, ...]
    entry: Entry | None
    objects: Objects
    outside: str = ""
    lost: Lost | None = None

    @property
    def is_file(self) -> bool:
        """Whether the revision has a file there."""
        return self.entry is not None and self.entry.is_file

    @property
    def is_directory(self) -> bool:
        """Whether the revision has a directory there."""
        return self.entry is not None and self.entry.mode == DIRECTORY


class Tree:
    """A revision of a repository, as an :class:`bpfgen.files.reading.Opener`.

    It is entered while several files are read, which one process of git does then.

    Attributes:
        repository: Of which it is a revision.
        revision: As it was typed.
        id: The id of its tree.
        directory: The working directory, from which paths are; empty where there is no working tree
            and they are from its top.
    """

    __slots__ = (
        *("_objects", "_prefix", "_submodules", "_tracked"),
        *("directory", "id", "repository", "revision"),
    )

    def __init__(self, repository: Repository, revision: str, id: str) -> None:
        self.repository = repository
        self.revision = revision
        self.id = id
        self._objects = Objects(repository)
        self._prefix = f"{GIT}{revision}:"
        self.directory = os.getcwd() if repository.top else ""
        self._submodules: dict[tuple[str, ...], tuple[Objects, str] | None] = {}
        self._tracked: set[str] | None = None

    def __enter__(self) -> Self:
        if not self._objects.is_entered:
            for objects in self._objects_of_submodules():
                objects.__enter__()
        self._objects.__enter__()
        return self

    def __exit__(self, *_exception: object) -> None:
        self._objects.__exit__()
        if not self._objects.is_entered:
            for objects in self._objects_of_submodules():
                objects.__exit__()

    def _objects_of_submodules(self) -> list[Objects]:
        return [known[0] for known in self._submodules.values() if known is not None]

    def name(self, path: str) -> str:
        """Return what the file *path* of the working tree is called in this revision.

        There is a slash in it, so that the directory of a name is one, too.
        """
        while path.startswith("./"):
            path = path[2:].lstrip("/")
        return f"{self._prefix}{path}" if "/" in path else f"{self._prefix}./{path}"

    def path_in(self, name: str) -> str | None:
        """Return the path in *name*, if it is one of this revision; else None."""
        return name.removeprefix(self._prefix) if name.startswith(self._prefix) else None

    def is_inside(self, path: str) -> bool:
        """Return whether *path* is below the working tree, whatever is there."""
        return self._from_top(path) is not None

    def _from_top(self, path: str) -> list[str] | None:
        """Return the names that lead from the top to *path*, `..` among them; None from outside."""
        top = self.repository.top
        if not top:
            return None if path.startswith("/") else path.split("/")
        whole = os.path.join(self.directory, path)
        real = os.path.join(os.path.realpath(os.path.dirname(path)), os.path.basename(path))
        for place in (whole, os.path.normpath(whole), real):
            if place == top:
                return []
            if place.startswith(f"{top.rstrip('/')}/"):
                return place[len(top) :].split("/")
        return None

    def find(self, path: str) -> Found:
        """Return where *path*, without `git:REV:`, leads to in this revision.

        Raises:
            ToolMissing: There is no git.
            GitError: A symbolic link leads out of the repository, or nowhere; an object is missing.
        """
        names = self._from_top(path)
        if names is None:
            return Found((), None, self._objects, path)
        with self._objects:
            return self._walked(path, names)

    def _walked(self, path: str, names: list[str]) -> Found:
        pending = names[::-1]
        top = Found((), Entry(DIRECTORY, self.id), self._objects)
        way = [top]
        links = 0
        while pending:
            name = pending.pop()
            if name in {"", "."}:
                continue
            if name == "..":
                if len(way) > 1:
                    way.pop()
                    continue
                if links or not self.repository.top:
                    raise _leads_out(path)
                outside = os.path.normpath(os.path.join(self.directory, path))
                return Found((), None, self._objects, outside)
            found = self._child(way[-1], name)
            if found.entry is None or found.entry.mode != LINK:
                way.append(found)
                continue
            links += 1
            if links > _MOST_LINKS:
                raise GitError(ELOOP, f"symbolic links lead from `{path}` round in a circle")
            target = os.fsdecode(found.objects.read(found.entry.id, _MOST_OF_LINK))
            if target.startswith("/"):
                raise _leads_out(path)
            pending += target.split("/")[::-1]
        return way[-1]

    def _child(self, directory: Found, name: str) -> Found:
        """Return what *directory* has under *name*; of a submodule, of its commit there."""
        names, entry, objects = (*directory.names, name), directory.entry, directory.objects
        if entry is None or entry.mode != DIRECTORY:
            return Found(names, None, objects, lost=directory.lost)
        entry = objects.tree(entry.id).get(os.fsencode(name))
        if entry is None or entry.mode != SUBMODULE:
            return Found(names, entry, objects)
        if names not in self._submodules:
            self._submodules[names] = self._submodule(names, entry.id)
        known = self._submodules[names]
        if known is None:
            return Found(names, entry, objects, lost=Lost(names, entry.id))
        return Found(names, Entry(DIRECTORY, known[1]), known[0])

    def _submodule(self, names: tuple[str, ...], commit: str) -> tuple[Objects, str] | None:
        """Return the objects of the submodule at *names*, and its tree in *commit*; None if lost.

        As long as this tree is entered, the objects are, too.
        """
        top = self.repository.top
        found = submodule_at(os.path.join(top, *names), commit) if top else None
        if found is not None and self._objects.is_entered:
            found[0].__enter__()
        return found

    def entries(self, path: str) -> list[tuple[str, bool]]:
        """Return the names in the directory *path*, and whether each is a directory, no link.

        Raises:
            ToolMissing: There is no git.
            GitError: As for :meth:`find`.
        """
        found = self.find(path)
        if found.entry is None or not found.is_directory:
            return []
        with found.objects:
            below = found.objects.tree(found.entry.id)
        modes = {DIRECTORY, SUBMODULE}
        return [(os.fsdecode(name), entry.mode in modes) for name, entry in below.items()]

    def read(self, path: str) -> bytes:
        """Return what the file *path* holds: one of this revision, or one of the disk.

        Raises:
            ToolMissing: There is no git.
            OSError: It can't be read.
        """
        own = self.path_in(path)
        if own is None:
            return FILES.read(path)
        found = self.find(own)
        if found.outside:
            return FILES.read(found.outside)
        if found.entry is None and self._is_untracked(own):
            return FILES.read(own)
        return self.contents(own, found)

    def contents(self, path: str, found: Found) -> bytes:
        """Return what the file *path*, which is *found* there, holds in this revision.

        Raises:
            ToolMissing: There is no git.
            GitError: It is no file, or git doesn't have its contents.
        """
        if found.outside:
            raise GitError(ENOENT, "it is outside of the repository, and has no revision")
        if found.lost is not None:
            raise self._is_lost(found.lost)
        if found.entry is None:
            raise self._missing(path, found)
        if found.entry.mode == DIRECTORY:
            raise GitError(EISDIR, "it is a directory")
        data = found.objects.read(found.entry.id, MOST)
        return contents_of_pointer(data, self.repository)

    def _missing(self, path: str, found: Found) -> GitError:
        """Return why the revision has nothing at *path*, which led to *found*."""
        from bpfgen.text.spelling import closest

        directory, name = Found((), Entry(DIRECTORY, self.id), self._objects), ""
        for name in found.names:
            child = self._child(directory, name)
            if child.entry is None:
                break
            directory = child
        assert directory.entry is not None
        above = "/".join(directory.names)
        if directory.entry.mode != DIRECTORY:
            return GitError(ENOTDIR, f"`{above}` is no directory in `{self.revision}`")
        whole = os.path.join(above, name)
        what = "file" if whole == "/".join(found.names) else "directory"
        wrong = f"`{self.revision}` has no {what} `{whole}`"
        meant: str | None = None
        if not path.startswith("/") and self.directory != self.repository.top:
            meant = path if self._walked(path, path.split("/")).is_file else None
        if meant is None:
            known = directory.objects.tree(directory.entry.id)
            near = closest(name, [os.fsdecode(one) for one in known])
            rest = found.names[len(directory.names) + 1 :]
            meant = None if near is None else os.path.join(above, near, *rest)
        if meant is None:
            return GitError(ENOENT, wrong)
        return GitError(ENOENT, wrong, f"did you mean `{self.name(self.from_here(meant))}`?")

    def check(self, path: str) -> None:
        """Refuse *path* if it is in a submodule whose commit isn't here: there may be a file.

        Raises:
            ToolMissing: There is no git.
            GitError: That is so, or as for :meth:`find`.
        """
        lost = self.find(path).lost
        if lost is not None:
            raise self._is_lost(lost)

    def _is_lost(self, lost: Lost) -> GitError:
        """Return why nobody knows what is in *lost*, and how to get it."""
        own = "/".join(lost.names)
        what = f"`{own}` is a submodule, and its commit of `{self.revision}` isn't here"
        advice = "`git submodule update --init` gets the submodules"
        repository = submodule_repository(os.path.join(self.repository.top, own))
        if repository is not None:
            got = "--unshallow" if repository.is_shallow else f"origin {lost.commit}"
            advice = f"`git -C {self.from_here(own)} fetch {got}` gets it"
        return GitError(ENOENT, what, advice)

    def from_here(self, path: str) -> str:
        """Return the path *path* from the top as one from the working directory."""
        top = self.repository.top
        return os.path.relpath(os.path.join(top, path), self.directory) if top else path

    def is_file(self, path: str) -> bool:
        """Return whether there is a file *path*; one that can't be read is one, and says why."""
        own = self.path_in(path)
        if own is None:
            return FILES.is_file(path)
        try:
            found = self.find(own)
        except OSError:
            return True
        if found.outside:
            return FILES.is_file(found.outside)
        return found.is_file or (found.entry is None and self._is_untracked(own))

    def _is_untracked(self, path: str) -> bool:
        """Return whether the disk has a file *path* that git doesn't know of."""
        top = self.repository.top
        if not top or not os.path.isfile(path):
            return False
        if self._tracked is None:
            listed = self.repository.asked("ls-files", "-z", "--full-name", "--", ":(top)")
            self._tracked = set(listed.split("\0"))
        real = os.path.realpath(os.path.dirname(path))  # `link/..` is where the link leads
        own = os.path.relpath(os.path.join(real, os.path.basename(path)), top)
        while own and own not in self._tracked:  # a submodule is listed by its directory
            own = os.path.dirname(own)
        return not own

    def identity(self, path: str) -> str:
        """Return the same for every path of one file; see :func:`bpfgen.files.reading.identity`."""
        own = self.path_in(path)
        if own is None:
            return os.path.realpath(path)
        try:
            found = self.find(own)
        except OSError:
            return path
        if found.is_file:
            return self._prefix + "/".join(found.names)
        return os.path.realpath(found.outside or own)

    def moves(self, later: Tree | None) -> dict[str, str]:
        """Return the files that have another path in *later*, or None: now; from the top.

        git says which: those that hold mostly the same. What is now is what is committed or staged.

        Raises:
            ToolMissing: There is no git.
            GitError: It didn't end, or can't be started.
        """
        words = ["-r", "-z", "-M", _MOST_COMPARED, "--raw", "--no-ext-diff", "--no-textconv"]
        words += ["--diff-filter=R", "--ignore-submodules=all"]
        if later is not None:
            status, output, _said = self.repository.run("diff-tree", *words, self.id, later.id)
        elif self.repository.top:
            words.remove("-r")  # it is for trees
            status, output, _said = self.repository.run("diff-index", "--cached", *words, self.id)
        else:
            return {}
        parts = [os.fsdecode(part) for part in output.split(b"\0")]
        return {} if status else dict(zip(parts[1::3], parts[2::3], strict=False))


def submodule_at(path: str, commit: str) -> tuple[Objects, str] | None:
    """Return the objects of the submodule at *path*, and the id of the tree of *commit* there.

    None where it isn't checked out, or doesn't have the commit.

    Raises:
        ToolMissing: There is no git.
    """
    repository = submodule_repository(path)
    if repository is None:
        return None
    try:
        tree = repository.asked("rev-parse", "--verify", "--quiet", f"{commit}^{{tree}}")
    except GitError:
        return None
    return (Objects(repository), tree) if tree else None


def submodule_repository(path: str) -> Repository | None:
    """Return the repository of the submodule at *path*; None where it isn't checked out.

    Raises:
        ToolMissing: There is no git.
    """
    from bpfgen.git.repository import repository_of

    if not os.path.isdir(path):
        return None
    try:
        repository = repository_of(path)
    except GitError:
        return None
    # Else it is the repository around it.
    return repository if os.path.realpath(repository.top) == os.path.realpath(path) else None


def _leads_out(path: str) -> GitError:
    return GitError(ENOTDIR, f"a symbolic link leads from `{path}` out of the repository")
