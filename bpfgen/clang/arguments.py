"""A user's flags for clang, read by the table of :mod:`bpfgen.clang.flag_table`.

Words come from the command line, from a project file or from a compile_commands.json; what comes
out goes to :class:`bpfgen.clang.finder.Finder` and reaches every run of clang after our own flags.
Each path in it can only be a path (:mod:`bpfgen.clang.paths`), and a value stands beside its flag
as clang takes it from nobody else.
"""

from __future__ import annotations

import os

from bpfgen.clang import TARGETS
from bpfgen.clang.flag_table import (
    ALONE,
    DIRECTORY,
    EITHER,
    FILE,
    FLAGS,
    JOINED,
    OURS,
    OUTPUT,
    PASSED,
    SEPARATE,
    SWITCH,
    TEXT,
)
from bpfgen.clang.paths import as_argument
from bpfgen.record import TYPE_CHECKING, Record
from bpfgen.text.header_names import header_name_fault

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from bpfgen.clang.flag_table import Flag

FLAGS_ALONE, WORDS, COMMAND = "flags alone", "words", "command"
"""What words are read as: flags that somebody chose for clang, each to be let through; words of a
compiler's command line among others, of which what says what is written has no meaning here; a
whole command, of which what can't be let through is left out."""

_TARGET = ("-target", "--target", "-target=", "--target=")


class RefusedFlag(Exception):  # noqa: N818 -- a sentence for whoever gave the flag
    """A flag that clang isn't given.

    Attributes:
        what: The flag and why: a sentence that begins with it.
        advice: What to type instead; empty where there is nothing.
    """

    def __init__(self, what: str, advice: str = "") -> None:
        super().__init__(what)
        self.what = what
        self.advice = advice


class Flags(Record):
    """What words came to.

    Attributes:
        arguments: What clang gets, in order; a path is a word of its own after its flag.
        target: What `-target` says last: one of :data:`bpfgen.clang.TARGETS`, or empty.
        skipped: The words of a command that were left out, without those that change nothing here.
    """

    arguments: tuple[str, ...] = ()
    target: str = ""
    skipped: tuple[str, ...] = ()


def read_flags(words: Sequence[str], directory: str = "", read_as: str = FLAGS_ALONE) -> Flags:
    """Return what the flags *words* come to.

    Args:
        words: As typed, a value as a word of its own or not, as with cc.
        directory: What paths among them are relative to; empty for the working directory.
        read_as: :data:`FLAGS_ALONE`, :data:`WORDS` or :data:`COMMAND`.

    Raises:
        RefusedFlag: One is not let through, and they are no command.
    """
    arguments: list[str] = []
    skipped: list[str] = []
    target = ""
    position = 0
    while position < len(words):
        word = words[position]
        row = row_of(word)
        taken = 1 if row is None else width(row, word)
        given = " ".join(words[position : position + taken])
        try:
            value = "" if row is None else _value(row, words[position : position + taken])
            made = _passed(row, word, value, directory, is_output_kept=read_as == FLAGS_ALONE)
        except RefusedFlag:
            if read_as != COMMAND:
                raise
            made = []
            if word.startswith("-"):  # what is compiled is no news
                skipped.append(given)
        if made and row is not None and row.name in _TARGET:
            target, made = _targeted(value, target)
        arguments += made
        position += taken
    return Flags(tuple(arguments), target, tuple(skipped))


def row_of(word: str) -> Flag | None:
    """Return the row of the table for *word*, the one with the longest name that fits, or None."""
    fitting = (flag for flag in FLAGS if _fits(flag, word))
    return max(fitting, key=lambda flag: len(flag.name), default=None)


def _fits(flag: Flag, word: str) -> bool:
    if flag.form in {ALONE, SEPARATE}:
        return word == flag.name
    if not word.startswith(flag.name):
        return False
    return flag.form != SWITCH or not ("=" in word or "," in word)


def width(flag: Flag, word: str) -> int:
    """Return how many words *word*, which the row *flag* is of, takes with its value: 1 or 2."""
    return 2 if flag.form in {SEPARATE, EITHER} and word == flag.name else 1


def _value(flag: Flag, words: Sequence[str]) -> str:
    """Return the value of *words*, a flag as the row *flag* has it."""
    if len(words) < width(flag, words[0]):
        return ""
    return words[1] if len(words) > 1 else words[0][len(flag.name) :]


def _passed(
    flag: Flag | None, word: str, value: str, directory: str, *, is_output_kept: bool
) -> list[str]:
    """Return what clang gets for *word*.

    Unless *is_output_kept*, nothing for what says what is written.

    Raises:
        RefusedFlag: It isn't let through.
    """
    if flag is None:
        raise RefusedFlag(_unknown(word), _nearest(word))
    if flag.fate == OURS:
        return []
    if flag.fate == OUTPUT and not is_output_kept:
        return []
    if flag.fate != PASSED:
        advice = f"{flag.instead}" if flag.instead else "leave it out"
        raise RefusedFlag(f"`{word}` isn't given to clang: {flag.reason}", advice)
    if "\0" in word or "\0" in value:
        raise RefusedFlag("a flag for clang has a NUL in it")
    if not value and flag.form in {EITHER, SEPARATE}:
        raise RefusedFlag(f"`{word}` wants a value after it")
    if flag.value == TEXT:
        # Beside its flag, so that nothing can take it for a flag of its own.
        return [f"{flag.name}{value}"] if flag.form == EITHER else [word, *_separate(flag, value)]
    if not value:
        raise RefusedFlag(f"`{word}` names no {flag.value}")
    fault = header_name_fault(value)
    if fault:
        raise RefusedFlag(f"`{word}`: no {flag.value} may have {fault} in its name")
    path = _placed(value, directory, is_searched=flag.value == FILE)
    if flag.form == JOINED:
        return [f"{flag.name}{path}"]
    return [flag.name, path]


def _separate(flag: Flag, value: str) -> list[str]:
    return [value] if flag.form == SEPARATE else []


def _placed(value: str, directory: str, *, is_searched: bool) -> str:
    """Return the path *value*, relative to *directory*, for use from here.

    A file is looked for along the include directories, too: it stays as it is if it isn't there.
    """
    path = os.path.join(directory, value)
    if is_searched and not os.path.exists(path):
        path = value
    return as_argument(os.path.normpath(path) if path else path)


def _targeted(value: str, before: str) -> tuple[str, list[str]]:
    """Return the target that `-target` *value* asks for, and what clang gets for it."""
    if value in TARGETS:
        return value, []
    from bpfgen.clang.host import host_macros

    return before, host_macros(value)


def _unknown(word: str) -> str:
    if not word.startswith("-"):
        return f"`{word}` is no flag"
    return f"`{word}` is none of the flags that bpfgen gives to clang"


def _nearest(word: str) -> str:
    """Return the flag that *word* may be meant for, as advice, or nothing."""
    if not word.startswith("-"):
        return "a path belongs to the flag before it: -isystem DIR"
    # Only a refused flag pays for this import.
    from bpfgen.text.spelling import did_you_mean

    known = [flag.name for flag in FLAGS if flag.fate == PASSED and len(flag.name) > 2]
    return did_you_mean(word, known)


def directories_in(arguments: Iterable[str]) -> Iterator[str]:
    """Yield the directories that *arguments*, as :func:`read_flags` has made them, name."""
    yield from paths_in(arguments, DIRECTORY)


def with_places(arguments: Iterable[str], place_of: Callable[[str], str]) -> Iterator[str]:
    """Yield *arguments*, with what *place_of* makes of each file in them, and directory of headers.

    What stands for the root of the system stays.
    """
    words = iter(arguments)
    for word in words:
        yield word
        row = row_of(word)
        if row is not None and width(row, word) == 2:
            value = next(words, "")
            is_searched = row.form == EITHER and row.value in {DIRECTORY, FILE}
            yield place_of(value) if is_searched else value


def files_in(arguments: Iterable[str]) -> Iterator[str]:
    """Yield the files that *arguments*, as :func:`read_flags` has made them, name.

    One that is found along the include directories is not among them: clang says where.
    """
    for path in paths_in(arguments, FILE):
        if os.path.exists(path):
            yield path


def paths_in(arguments: Iterable[str], kind: str) -> Iterator[str]:
    """Yield the paths of *kind*, `DIRECTORY` or `FILE`, that *arguments* name, there or not."""
    words = iter(arguments)
    for word in words:
        row = row_of(word)
        if row is None:
            continue
        value = next(words, "") if width(row, word) == 2 else word[len(row.name) :]
        if row.value == kind:
            yield value
