"""Words of the command line -> what is compared with what, each by its path on both sides."""

from __future__ import annotations

import os
from contextlib import ExitStack, nullcontext
from errno import ENOENT

from bpfgen.files import SUFFIXES, is_source_name
from bpfgen.files.formats import is_source_file
from bpfgen.files.patterns import found, found_below, is_pattern
from bpfgen.files.reasons import failure
from bpfgen.git import GitError
from bpfgen.git.words import is_git, parts_of
from bpfgen.record import TYPE_CHECKING, Record
from bpfgen.sides.places import Place, Trees
from bpfgen.sources import is_file, names_running

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from bpfgen.git.tree import Tree

_LEVELS = 3
"""How far above a directory that isn't OLD the right one is looked for."""


class Compared(Record):
    """Two sources that are one, then and now; one of them may be None, never both.

    Attributes:
        path: What it is called: as NEW, or where that is gone, as OLD.
        old: None of a file that only NEW has.
        new: None of a file that is gone.
        is_moved: The two have different paths, and are one file all the same.
    """

    path: str
    old: Place | None
    new: Place | None
    is_moved: bool = False

    @property
    def file(self) -> str:
        """The path of it, whatever the revision."""
        place = self.new or self.old
        return self.path if place is None else place.path_of(place.name)


class OperandsError(Exception):
    """The operands make no sense together.

    Attributes:
        help: What to type instead; may be empty.
    """

    def __init__(self, message: str, help: str = "") -> None:
        super().__init__(message)
        self.help = help


class _Side:
    """Where files are, all named by paths that mean the same on both sides.

    Attributes:
        tree: The revision; None of what is on the disk now.
        base: The directory that the paths are relative to; empty for the working directory.
    """

    def __init__(self, tree: Tree | None = None, base: str = "") -> None:
        self.tree = tree
        self.base = "" if os.path.normpath(base or ".") == "." else base

    def path(self, path: str) -> str:
        """Return where *path* is on this side."""
        return os.path.join(self.base, path)

    def place(self, path: str) -> Place:
        """Return the source *path* of this side."""
        own = self.path(path)
        return Place(own) if self.tree is None else Place(self.tree.name(own), self.tree)

    def entries(self, directory: str) -> Iterable[tuple[str, bool]]:
        """Return the names in *directory*, and whether each is a directory itself."""
        own = self.path(directory)
        return _disk_entries(own) if self.tree is None else self.tree.entries(own)

    def is_file(self, path: str) -> bool:
        """Return whether there is a file *path*, on the disk of any sort but a directory."""
        own = self.path(path)
        if self.tree is None:
            return os.path.exists(own) and not os.path.isdir(own)
        return self.tree.find(own).is_file

    def is_source(self, path: str) -> bool:
        """Return whether the file *path*, named like a source, looks like one of the language."""
        own = self.path(path)
        if self.tree is None:
            return is_source_file(own)
        return is_source_file(self.tree.name(own), self.tree.read)

    def check(self, path: str) -> None:
        """Refuse *path* if nobody knows whether there is a file: in a submodule that isn't here.

        Raises:
            ToolMissing: There is no git.
            GitError: That is so.
        """
        if self.tree is not None:
            self.tree.check(self.path(path))

    def is_directory(self, path: str) -> bool:
        """Return whether there is a directory *path*."""
        own = self.path(path)
        return os.path.isdir(own) if self.tree is None else self.tree.find(own).is_directory


def _disk_entries(directory: str) -> Iterator[tuple[str, bool]]:
    from bpfgen.files.patterns import Disk

    return Disk().entries(directory)


def compared(
    words: Sequence[str], against: str | None = None, *, may_be_none: bool = False
) -> list[Compared]:
    """Return what the operands *words* compare.

    Without *against* they are two, OLD and NEW: two sources, or two directories with sources. With
    it each is NEW, a file, a pattern or a directory, by default the working directory, and OLD is
    the same path there: *against* is `git:REV`, or a directory.

    A revision may have none of them, as before the first commit. A directory that has none is the
    wrong one.

    Args:
        words: The operands.
        against: What is OLD.
        may_be_none: Nobody has typed the operands: there may be no source yet, on either side.

    Raises:
        OperandsError: They make no sense.
        ToolMissing: There is no git.
        GitError: There is no such revision, or no repository.
    """
    if against is not None:
        return _against(words or ["."], against, may_be_none=may_be_none)
    if len(words) != 2:
        advice = "bpfgen breaking git:HEAD:maps.dsl maps.dsl"
        raise OperandsError("`bpfgen breaking` compares two sources", advice)
    if words[0] == words[1] == "-":
        raise OperandsError("only one of the two can be standard input")
    trees = Trees()
    old, new = (trees.place_of(word) for word in words)
    sides = [_directory_at(place) for place in (old, new)]
    if sides[0] is None and sides[1] is None:
        return [Compared(new.name, old, new)]
    if sides[0] is None:
        raise _one_directory(new, old, lambda path: f"{words[0]} {path}")
    if sides[1] is None:
        raise _one_directory(old, new, lambda path: f"{path} {words[1]}")
    return _Operands(sides[0], sides[1]).of(["."])


def _one_directory(directory: Place, other: Place, operands: Callable[[str], str]) -> OperandsError:
    """Return why *directory* can't be compared with *other*, which is none, and what can.

    *operands* are two, with a path in the place of the directory.
    """
    tree = other.tree
    path = other.path_of(other.name)
    if tree is not None:
        try:
            tree.contents(path, tree.find(path))
        except GitError as missing:
            what = f"cannot read `{other.name}`: {missing.strerror}"
            return OperandsError(what, missing.advice)
    elif is_file(path) and path != "-" and not os.path.exists(path):
        reason, advice = failure(path, FileNotFoundError(ENOENT, os.strerror(ENOENT)))
        return OperandsError(f"cannot read `{other.name}`: {reason}", advice)
    what = f"`{directory.name}` is a directory, and `{other.name}` is none"
    side = _Side(directory.tree)
    name = os.path.join(directory.path_of(directory.name), os.path.basename(path))
    if not side.is_file(name):
        return OperandsError(what, "two sources can be compared, and two directories")
    return OperandsError(what, f"bpfgen breaking {operands(side.place(name).name)}")


def reading(pairs: Iterable[Compared]) -> ExitStack:
    """Return what has each revision in *pairs* read by one process while a `with` goes on.

    Without it there is one for each source.
    """
    stack = ExitStack()
    places = (place for pair in pairs for place in (pair.old, pair.new))
    for tree in {place.tree for place in places if place is not None and place.tree is not None}:
        stack.enter_context(tree)
    return stack


def _directory_at(place: Place) -> _Side | None:
    """Return the directory at *place*, if it is one and has no running maps in it."""
    tree = place.tree
    if tree is not None:
        path = tree.path_in(place.name)
        assert path is not None
        tree.check(path)
        return _Side(tree, path) if tree.find(path).is_directory else None
    if not os.path.isdir(place.name) or names_running(place.name):
        return None
    return _Side(None, place.name)


def _against(words: Sequence[str], against: str, *, may_be_none: bool) -> list[Compared]:
    """Return what *words* are compared with that are held against the same paths of *against*."""
    trees = Trees()
    if is_git(against):
        revision, path = parts_of(against)
        if path is not None:
            advice = f"--against git:{revision.typed}"
            raise OperandsError("`--against` takes a revision without a path", advice)
    elif not os.path.isdir(against):
        what = f"`--against {against}`: there is no such directory"
        raise OperandsError(what, f"--against git:{against}")
    groups: dict[tuple[int, int], _Operands] = {}
    paths: dict[tuple[int, int], list[str]] = {}
    for word in words:
        if word == "-" or (not is_git(word) and names_running(word)):
            raise OperandsError(f"`{word}` has no path that `--against` could have, too")
        new, path = None, word
        if is_git(word):
            new, path = trees.place_of(word).tree, parts_of(word)[1] or "."
        if is_git(against):
            old = _Side(trees.tree_of(against, path, is_start_empty=True))
        else:
            path = _inside(path, against)
            old = _Side(None, against)
        key = id(old.tree), id(new)
        groups.setdefault(key, _Operands(old, _Side(new), may_be_none=may_be_none))
        paths.setdefault(key, []).append(path)
    return [pair for key, operands in groups.items() for pair in operands.of(paths[key])]


def _inside(path: str, against: str) -> str:
    """Return *path* relative to the working directory, which it has to be in."""
    own = os.path.relpath(path)
    if own.split("/")[0] == "..":
        what = f"`{path}` isn't below the working directory: what it would be in `{against}`"
        raise OperandsError(f"{what} isn't clear", f"bpfgen breaking OLD {path}")
    return own if os.path.isabs(path) else path


class _Operands:
    """The files of two sides, by their paths."""

    def __init__(self, old: _Side, new: _Side, *, may_be_none: bool = False) -> None:
        self._old = old
        self._new = new
        self._may_be_none = may_be_none and old.tree is not None

    def of(self, words: Iterable[str]) -> list[Compared]:
        """Return what *words* name, each file once, in order.

        Raises:
            OperandsError: One of them names nothing.
            ToolMissing: There is no git.
            GitError: git doesn't have what there is to be.
        """
        paths: dict[str, tuple[str, bool, bool]] = {}
        with self._old.tree or nullcontext(), self._new.tree or nullcontext():
            for word in words:
                for path, is_old, is_new in self._named(word):
                    paths.setdefault(os.path.normpath(path), (path, is_old, is_new))
            if self._old.tree is None:
                self._check_level(paths.values())
            moves = self._moves(paths.values())
        pairs = []
        for path, is_old, is_new in paths.values():
            old, new = path if is_old else None, path if is_new else None
            if old is None or new is None:
                other = moves.get(path)
                if new is not None and other is not None and os.path.normpath(other) in paths:
                    continue  # told where it was
                old, new = (path, other) if old is not None else (other, path)
            pairs.append(self._pair(old, new))
        return pairs

    def _pair(self, old: str | None, new: str | None) -> Compared:
        before = None if old is None else self._old.place(old)
        after = None if new is None else self._new.place(new)
        shown = after or before
        assert shown is not None
        is_moved = old is not None and new is not None and old != new
        return Compared(shown.name, before, after, is_moved)

    def _named(self, word: str) -> list[tuple[str, bool, bool]]:
        """Return the files that *word* names, and whether OLD and NEW have each."""
        sides = (self._old, self._new)
        for side in sides:
            side.check(word)
        is_old, is_new = (side.is_file(word) for side in sides)
        if is_old or is_new:
            return [(word, is_old, is_new)]
        if any(side.is_directory(word) for side in sides):
            directory = "" if os.path.normpath(word) == "." else word
            listed = self._sources_below(directory)
            if not any(listed) and not self._may_be_none:
                what = f"there is no source in or below `{self._new.path(word)}`"
                raise OperandsError(what, f"a pattern names other sources: '{word}/*.bpf.o'")
        elif is_pattern(word):
            listed = [found(word, side) for side in sides]
            if not any(listed) and not self._may_be_none:
                raise OperandsError(f"`{word}` finds nothing, neither in OLD nor in NEW")
        else:
            raise self._nowhere(word)
        old, new = (set(paths) for paths in listed)
        for side, others in ((self._old, new - old), (self._new, old - new)):
            for path in others:
                side.check(path)
        return [(path, path in old, path in new) for path in sorted(old | new)]

    def _sources_below(self, directory: str) -> list[list[str]]:
        """Return the sources in and below *directory* that OLD has, and those that NEW has.

        What was one is one still, and may be broken now; what wasn't is no OLD of anything.
        """
        before, after = (found_below(directory, SUFFIXES, side) for side in (self._old, self._new))
        old = [path for path in before if self._old.is_source(path)]
        known = set(old)
        return [old, [path for path in after if path in known or self._new.is_source(path)]]

    def _check_level(self, paths: Iterable[tuple[str, bool, bool]]) -> None:
        """Refuse a directory OLD that has no file of NEW, nor another one where one would be.

        Raises:
            OperandsError: That is so.
        """
        new = [path for path, _is_old, is_new in paths if is_new]
        if not new or any(self._has_kin(self._old, path) for path in new):
            return
        base = self._old.base or "."
        right = self._right_level(base, new[0])
        advice = f"--against {right}" if right and not self._new.base else ""
        files = f"`{new[0]}`" if len(new) == 1 else f"any of the {len(new)} files of NEW"
        raise OperandsError(
            f"`{base}` has nothing that could be OLD of {files}: there is no `{new[0]}` below it",
            advice or "each file of OLD has the path of NEW's, from the directory that is named",
        )

    @staticmethod
    def _has_kin(side: _Side, path: str) -> bool:
        """Return whether *side* has a source of the same sort where *path* would be."""
        if side.is_file(path):
            return True
        directory = os.path.dirname(path)
        suffix = SUFFIXES if is_source_name(path) else os.path.splitext(path)[1]
        if not side.is_directory(directory):
            return False
        return any(
            name.endswith(suffix) and not is_directory
            for name, is_directory in side.entries(directory)
        )

    @staticmethod
    def _right_level(base: str, path: str) -> str:
        """Return a directory just above or below *base* that has the file *path*; empty if none."""
        above = os.path.normpath(base)
        for _level in range(_LEVELS):
            above = os.path.dirname(above)
            if above and os.path.isfile(os.path.join(above, path)):
                return above
        below = sorted(name for name, is_directory in _disk_entries(base) if is_directory)
        found = (os.path.join(base, name) for name in below)
        return next((one for one in found if os.path.isfile(os.path.join(one, path))), "")

    def _nowhere(self, word: str) -> OperandsError:
        """Return why there is no file *word* on either side."""
        old, new = self._old.place(word).name, self._new.place(word).name
        reason, advice = "no such file", ""
        if self._new.tree is None:
            error = FileNotFoundError(ENOENT, os.strerror(ENOENT))
            reason, advice = failure(self._new.path(word), error)
        return OperandsError(f"cannot read `{new}`: {reason}, nor is there `{old}`", advice)

    def _moves(self, paths: Iterable[tuple[str, bool, bool]]) -> dict[str, str]:
        """Return the other path of what is on one side only, by either, if git says that it moved.

        Paths are those that *paths* have, and from the working directory where those have none.
        """
        tree, later = self._old.tree, self._new.tree
        alone = [path for path, is_old, is_new in paths if not (is_old and is_new)]
        if tree is None or not alone or self._old.base != self._new.base:
            return {}
        if later is not None and later.repository.top != tree.repository.top:
            return {}
        typed = {os.path.normpath(path): path for path in alone}
        moves = {}
        for before, after in tree.moves(later).items():
            old, new = (os.path.normpath(tree.from_here(path)) for path in (before, after))
            old, new = typed.get(old, old), typed.get(new, new)
            if not self._new.is_file(old) and self._new.is_file(new):
                moves[old], moves[new] = new, old
        return moves
