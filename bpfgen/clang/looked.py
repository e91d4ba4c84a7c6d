"""Where clang looked in a run, and what it found: what the run depended on.

Beside `compiler`. clang itself says where it looks (`-Xclang -v`) and what it enters (`-H`); the
names it looks for stand in the files, after `#include` and in `__has_include` (`names_in`).
"""

from __future__ import annotations

import os
import re

from bpfgen.clang.dependencies import Dependencies
from bpfgen.clang.names_in import may_ask, names_in
from bpfgen.clang.workspace import prerequisites
from bpfgen.files.digests import digest_of
from bpfgen.files.kept import packed, unpacked
from bpfgen.record import TYPE_CHECKING, Record, replace
from bpfgen.resources import VERSION

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bpfgen.clang.dependencies import Known
    from bpfgen.clang.names_in import Named
    from bpfgen.clang.workspace import Workspace

FLAGS = ("-H", "-Xclang", "-v")
"""What has clang say which headers it enters and where it looks for them."""

_FORMAT = "bpfgen names in headers 2"
_FORCED = frozenset(("-include", "-imacros"))
_HEADER = re.compile(r"\.+ (.+)")
_MISSING_DIRECTORY = re.compile(r"ignoring nonexistent directory \"(.+)\"")
_SEARCH_BEGINS = " -cc1 version "
_SEARCH_ENDS = "End of search list."


class Looked(Record):
    """Where clang looked, and what it found.

    Attributes:
        directories: Those that it searches, whether they are there or not.
        files: What it read, without the files of the run itself.
        is_complete: It said all of that.
    """

    directories: list[str]
    files: list[str]
    is_complete: bool

    def tells_all(self, words: Sequence[str], status: int) -> bool:
        """Whether this is all that a run with *words* depended on, which ended with *status*.

        clang doesn't name what comes before the text where it fails; and a macro of the words may
        make it look for files that no text names.
        """
        if not self.is_complete or status not in {0, 1}:
            return False
        if status and not _FORCED.isdisjoint(words):
            return False
        return not may_ask(" ".join(words).encode("utf-8", "surrogateescape"))


def said_by_clang(errors: str) -> tuple[str, Looked]:
    """Return what clang said without what :data:`FLAGS` had it say, and what that was."""
    if _SEARCH_BEGINS not in errors or _SEARCH_ENDS not in errors:
        return errors, Looked([], [], is_complete=False)
    kept: list[str] = []
    directories: list[str] = []
    files: list[str] = []
    is_search = False
    for line in errors.split("\n"):
        if is_search:
            missing = _MISSING_DIRECTORY.match(line)
            if missing is not None:
                directories.append(missing[1])
            elif line.startswith(" "):
                directories.append(line[1:])
            is_search = line != _SEARCH_ENDS
        elif _SEARCH_BEGINS in line:
            is_search = True
        elif (header := _HEADER.fullmatch(line)) is not None:
            files.append(header[1])
        else:
            kept.append(line)
    return "\n".join(kept), Looked(directories, files, is_complete=not is_search)


def dependencies_of(
    looked: Looked, depfile: bytes | None, place: Workspace, known: Known
) -> Dependencies | None:
    """Return what a run in *place* depended on; None where that can't be known."""
    inside = f"{place.directory}/"
    listed = [*looked.files]
    if depfile is not None:
        listed += prerequisites(os.fsdecode(depfile))
    read = list(dict.fromkeys(path for path in listed if not path.startswith(inside)))
    files = [(path, digest) for path in read if (digest := known.unchanged(path)) is not None]
    if len(files) < len(read):
        return None
    texts: list[tuple[str, Named]] = []
    for _, text in place.written:
        own = names_in(text.encode("utf-8", "surrogateescape"))
        if own is None:
            return None
        texts.append((place.base, own))
    named = _named_in(files, known)
    if named is None:
        return None
    texts += zip(map(os.path.dirname, read), named, strict=True)
    names: dict[str, None] = {}
    beside: dict[str, None] = {}
    for directory, one in texts:
        is_ours = f"{directory}/".startswith(inside)
        for name, is_quoted in one:
            names[name] = None
            if is_quoted and not is_ours:
                beside[os.path.join(directory, name)] = None
    # A name that stands in a flag is known by what was found.
    for directory in looked.directories:
        start = f"{directory.rstrip('/')}/"
        names.update((path[len(start) :], None) for path in read if path.startswith(start))
    directories = dict.fromkeys(
        each for each in looked.directories if not f"{each}/".startswith(inside)
    )
    found = Dependencies(files, list(directories), list(names), list(beside), [])
    return replace(found, present=list(found.found(known)))


def _named_in(files: Sequence[tuple[str, str]], known: Known) -> list[Named] | None:
    """Return what each of *files* with these digests looks for; None if that can't be known.

    To search a vmlinux.h takes longer than to preprocess it, and even the headers of the kernel
    take some milliseconds: it is done once.
    """
    if not files:
        return []
    key = "n" + digest_of(_FORMAT.encode(), VERSION.encode(), *(one.encode() for _, one in files))
    data = None if known.kept is None else known.kept.read(key)
    if data is not None:
        try:
            lists = unpacked(data)
        except ValueError:
            lists = []
        if len(lists) == len(files):
            return [tuple((word[1:], word[:1] == '"') for word in words) for words in lists]
    named: list[Named] = []
    for path, digest in files:
        try:
            with open(path, "rb") as stream:
                text = stream.read()
        except OSError:
            return None
        found = names_in(text) if digest_of(text) == digest else None
        if found is None:
            return None
        named.append(found)
    if known.kept is not None:
        lists = [[("<", '"')[quoted] + name for name, quoted in one] for one in named]
        known.kept.keep(key, packed(lists))
    return named
