"""The files that a pattern or a directory has, and whether a pattern would find one.

Before anything is read. The glob of Python walks a tree once more for each `**`, as often as the
ones before it found a directory, and follows every symbolic link to one. Here a directory is found
once for each part of a pattern, and none through a link.
"""

from __future__ import annotations

import os
from fnmatch import fnmatchcase

from bpfgen.record import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from typing import Protocol
else:
    Protocol = object

_ANY_DEPTH = "**"


class Listing(Protocol):
    """Where files are looked for; :class:`Disk` is the file system."""

    def entries(self, directory: str) -> Iterable[tuple[str, bool]]:
        """Return the names in *directory*, and whether each is a directory; none without one.

        A symbolic link to a directory is none.
        """

    def is_file(self, path: str) -> bool:
        """Return whether there is a file *path*, or a link to one."""


class Disk:
    """The file system, paths being relative to *root*."""

    __slots__ = ("_root",)

    def __init__(self, root: str = "") -> None:
        self._root = root

    def entries(self, directory: str) -> Iterator[tuple[str, bool]]:
        """Yield the names in *directory*, and whether each is a directory; none without one."""
        try:
            entries = os.scandir(os.path.join(self._root, directory) or ".")
        except OSError:
            return
        with entries:
            for entry in entries:
                yield entry.name, entry.is_dir(follow_symlinks=False)

    def is_file(self, path: str) -> bool:
        """Return whether there is a file *path*, or a link to one."""
        return os.path.isfile(os.path.join(self._root, path))


def is_pattern(word: str) -> bool:
    """Return whether *word* may stand for several files; it may be the name of one, too."""
    return not {"*", "?", "["}.isdisjoint(word)


def found(pattern: str, listing: Listing) -> list[str]:
    """Return the files of *listing* that *pattern* finds, each once and sorted.

    `*`, `?` and `[…]` stand for what they do in a shell and `**` for directories at any depth; none
    of them for a leading dot or for a symbolic link to a directory.
    """
    directories = {"/" if pattern.startswith("/") else ""}
    *parts, last = [part for part in pattern.split("/") if part not in {"", "."}] or [""]
    if last == _ANY_DEPTH:
        parts, last = [*parts, last], "*"
    for part in parts:
        if part == _ANY_DEPTH:
            directories = set(_below(listing, directories))
        elif is_pattern(part):
            directories = {
                os.path.join(directory, name)
                for directory in directories
                for name, is_directory in listing.entries(directory)
                if is_directory and _fits(name, part)
            }
        else:
            directories = {os.path.join(directory, part) for directory in directories}
    names = {
        os.path.join(directory, name)
        for directory in directories
        for name in (
            [name for name, _ in listing.entries(directory) if _fits(name, last)]
            if is_pattern(last)
            else [last]
        )
    }
    return sorted(name for name in names if listing.is_file(name))


def fits_path(path: str, pattern: str) -> bool:
    """Return whether *pattern* would find *path*, if that were there; both begin in one place."""
    parts, names = pattern.split("/"), path.split("/")
    if parts[-1] == _ANY_DEPTH:
        parts.append("*")
    # Where in the pattern one may be after each name: `**` keeps its place.
    places = _after_depths({0}, parts)
    for name in names:
        places = _after_depths(
            {
                place + (parts[place] != _ANY_DEPTH)
                for place in places
                if place < len(parts) and _fits_depth(name, parts[place])
            },
            parts,
        )
    return len(parts) in places


def _fits_depth(name: str, part: str) -> bool:
    return not name.startswith(".") if part == _ANY_DEPTH else _fits(name, part)


def _after_depths(places: set[int], parts: list[str]) -> set[int]:
    """Return *places*, and those after each `**` that stands for nothing."""
    reached = set(places)
    for place in sorted(places):
        following = place
        while following < len(parts) and parts[following] == _ANY_DEPTH:
            following += 1
            reached.add(following)
    return reached


def found_below(directory: str, suffixes: tuple[str, ...], listing: Listing) -> list[str]:
    """Return the files of *listing* in and below *directory* whose names end so, sorted.

    As `directory/**/*suffix` would of each suffix, whatever *directory* has in its name.
    """
    names = (
        os.path.join(one, name)
        for one in _below(listing, {directory})
        for name, _ in listing.entries(one)
        if name.endswith(suffixes) and not name.startswith(".")
    )
    return sorted(name for name in names if listing.is_file(name))


def _fits(name: str, part: str) -> bool:
    """Return whether *part* of a pattern stands for *name*; a leading dot is written."""
    return name.startswith(".") <= part.startswith(".") and fnmatchcase(name, part)


def _below(listing: Listing, directories: set[str]) -> Iterator[str]:
    """Yield *directories* and all that are below them, each once."""
    known = set(directories)
    waiting = list(directories)
    while waiting:
        directory = waiting.pop()
        yield directory
        for name, is_directory in listing.entries(directory):
            path = os.path.join(directory, name)
            if is_directory and path not in known and not name.startswith("."):
                known.add(path)
                waiting.append(path)
