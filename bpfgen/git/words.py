"""What the words `git:REV:PATH` and `git:REV` name. Before any repository is looked at."""

from __future__ import annotations

from errno import EINVAL

from bpfgen.git import GitError
from bpfgen.record import Record

GIT = "git:"
"""How a word begins that names a revision; a file that is called so is `./git:…`."""

_MERGE_BASE = "..."
_FIRST_PRINTABLE = " "


class Revision(Record):
    """A revision as it was typed, of which there may be none.

    Attributes:
        typed: All of it.
        name: What git is asked for.
        other: The revision whose merge base with *name* is meant; empty where *name* itself is.
    """

    typed: str
    name: str
    other: str = ""


def is_git(word: str) -> bool:
    """Return whether *word* names a revision, or a file of one."""
    return word.startswith(GIT)


def parts_of(word: str) -> tuple[Revision, str | None]:
    """Return the revision in *word*, which begins with `git:`, and the path; None without one.

    The path begins after the first colon that is in no braces: those of `main@{2026-01-31 12:00}`
    and `HEAD^{/fix: length}` are git's. It may be empty: `git:main:`.

    Raises:
        GitError: There can be no such revision.
    """
    rest = word.removeprefix(GIT)
    end = _outside_braces(rest, ":")
    typed = rest if end < 0 else rest[:end]
    path = None if end < 0 else rest[end + 1 :]
    if not typed:
        raise _wrong(f"`{word}` names no revision", "git:HEAD:maps.dsl")
    if any(character < _FIRST_PRINTABLE for character in word):
        raise _wrong(f"`{word}` has a control character in it")
    middle = _outside_braces(typed, _MERGE_BASE)
    if middle < 0:
        return Revision(typed, typed), path
    name, other = typed[:middle], typed[middle + len(_MERGE_BASE) :]
    if not name or _outside_braces(other, "..") >= 0 or other.startswith("."):
        advice = "`git:main...` is where HEAD left `main`"
        raise _wrong(f"`{word}` names no revision", advice)
    return Revision(typed, name, other or "HEAD"), path


def _outside_braces(text: str, sought: str) -> int:
    """Return where *sought* is in *text* for the first time, not counting what is in braces."""
    depth = 0
    for index, character in enumerate(text):
        if character == "{":
            depth += 1
        elif character == "}":
            depth -= depth > 0
        elif not depth and text.startswith(sought, index):
            return index
    return -1


def _wrong(what: str, advice: str = "") -> GitError:
    return GitError(EINVAL, what, advice)
