"""The flags of a file in a compile_commands.json: how a project's own build compiles it.

The format is clang's (clang.llvm.org/docs/JSONCompilationDatabase.html): a list of objects with
`directory`, `file`, and `arguments` or `command`. It may be a stranger's: of each command those
flags count that :mod:`bpfgen.clang.arguments` lets through, and nothing of it is run.
"""

from __future__ import annotations

import json
import os
import shlex
import stat

from bpfgen.clang.arguments import COMMAND, read_flags, row_of, width
from bpfgen.clang.host import host_macros
from bpfgen.files.reading import read_bytes
from bpfgen.record import TYPE_CHECKING, Record, replace

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from bpfgen.clang.arguments import Flags

FILE_NAME = "compile_commands.json"

_TARGETS = ("-target", "--target")


class CommandsError(Exception):
    """There is no command to go by.

    Attributes:
        what: Why: a sentence that names the file.
        advice: What to do; may be empty.
    """

    def __init__(self, what: str, advice: str = "") -> None:
        super().__init__(what)
        self.what = what
        self.advice = advice


class NotListed(CommandsError):  # noqa: N818 -- what the file says, which is no mistake
    """The build doesn't compile the file."""


class Command(Record):
    """How a file is compiled.

    Attributes:
        path: The compile_commands.json.
        flags: What clang gets; of a command for a host the macros of that, too.
        others: Flags of other commands for the same file, where they are different.
    """

    path: str
    flags: Flags
    others: tuple[Flags, ...] = ()


def commands_file(place: str) -> str:
    """Return the path of the compile_commands.json that *place* names, a directory or the file."""
    return os.path.join(place, FILE_NAME) if os.path.isdir(place) else place


def command_for(place: str, path: str) -> Command:
    """Return how the file *path* is compiled, by the compile_commands.json *place* or in it.

    Of several commands for one file one that compiles for BPF counts, and of those the first.

    Raises:
        CommandsError: There is no such file, it makes no sense, or it doesn't list *path*.
    """
    name = commands_file(place)
    entries = _entries(name)
    listed: list[str] = []
    found: list[Flags] = []
    for number, entry in enumerate(entries, 1):
        file, directory, words = _checked(name, number, entry)
        if _is_same(file, path):
            found.append(_flags_of(words, directory))
        elif not found:
            listed.append(file)
    if not found:
        raise NotListed(f"`{path}` isn't listed in `{name}`", _advice(path, listed))
    first = next((flags for flags in found if flags.target), found[0])
    different = {flags.arguments: flags for flags in found if flags.arguments != first.arguments}
    return Command(name, first, tuple(different.values()))


def is_listed(place: str, path: str) -> bool:
    """Return whether the compile_commands.json *place*, or in it, has the file *path*.

    Where that file makes no sense, it's True: whoever asks for flags is told.
    """
    try:
        command_for(place, path)
    except NotListed:
        return False
    except CommandsError:
        return True
    return True


def _entries(name: str) -> list[object]:
    """Return what the file *name* lists.

    Raises:
        CommandsError: It lists nothing.
    """
    advice = (
        "`cmake -DCMAKE_EXPORT_COMPILE_COMMANDS=ON`, `meson setup` and `bear -- make` write one"
    )
    try:
        status = os.stat(name)
        if not (stat.S_ISREG(status.st_mode) or stat.S_ISDIR(status.st_mode)):
            raise CommandsError(f"`{name}` is no regular file", advice)
        data = read_bytes(name)
    except OSError as error:
        reason = error.strerror or str(error)
        reason = f"{reason[:1].lower()}{reason[1:]}"
        raise CommandsError(f"cannot read `{name}`: {reason}", advice) from error
    try:
        entries = json.loads(data)
    except (ValueError, RecursionError) as error:  # UnicodeDecodeError is one
        raise CommandsError(f"`{name}` is no JSON: {error}", advice) from error
    if not isinstance(entries, list):
        raise CommandsError(f"`{name}` is no list of commands", advice)
    return entries


def _checked(name: str, number: int, entry: object) -> tuple[str, str, list[str]]:
    """Return the file of *entry*, the directory that it is compiled in, and the words.

    Raises:
        CommandsError: It is no command.
    """
    wrong = f"entry {number} of `{name}` is no command"
    if not isinstance(entry, dict):
        raise CommandsError(wrong, "it has `directory`, `file`, and `arguments` or `command`")
    file, directory = entry.get("file"), entry.get("directory", "")
    if not isinstance(file, str) or not isinstance(directory, str) or not file:
        raise CommandsError(f"{wrong}: `file` and `directory` are texts")
    words = entry.get("arguments")
    command = entry.get("command")
    if words is None and isinstance(command, str):
        try:
            words = shlex.split(command)
        except ValueError as error:
            message = f"{wrong}: its quotes don't match: {error}"
            raise CommandsError(message) from error
    if not isinstance(words, list) or not all(isinstance(word, str) for word in words):
        raise CommandsError(f"{wrong}: `arguments` is a list of texts, `command` a text")
    directory = os.path.join(os.path.dirname(name), directory)
    return os.path.join(directory, file), directory, words


def _is_same(file: str, path: str) -> bool:
    """Whether both name the same file."""
    if os.path.basename(file) != os.path.basename(path):
        # Names are compared first: there may be thousands. A link may have another one.
        return os.path.islink(path) and os.path.realpath(file) == os.path.realpath(path)
    return os.path.realpath(file) == os.path.realpath(path)


def _advice(path: str, listed: Sequence[str]) -> str:
    if path.endswith(".h"):
        return "give the flags of a program that includes it: -I DIR, -D NAME, -isystem DIR"
    beside = [file for file in listed if os.path.basename(file) == os.path.basename(path)]
    if beside:
        return f"`{beside[0]}` is, a file of the same name"
    return "give its flags yourself: -I DIR, -D NAME, -isystem DIR"


def _flags_of(words: Sequence[str], directory: str) -> Flags:
    """Return the flags of the command *words*, which runs in *directory*."""
    compiler = os.path.basename(words[0]) if words else ""
    given = list(_flag_words(words[1:]))
    flags = read_flags(given, _from_here(directory), COMMAND)
    names_target = any(word.partition("=")[0] in _TARGETS for word in given)
    if not names_target and not compiler.startswith("bpf"):  # bpf-unknown-none-gcc
        # The front end of this machine: what it makes goes to `llc -march=bpf`.
        return replace(flags, arguments=(*host_macros(), *flags.arguments))
    return flags if flags.target or names_target else replace(flags, target="bpf")


def _flag_words(words: Sequence[str]) -> Iterator[str]:
    """Yield *words* without those that are no flags and no values of any."""
    position = 0
    while position < len(words):
        word = words[position]
        row = row_of(word)
        taken = 1 if row is None else width(row, word)
        if word.startswith("-"):
            yield from words[position : position + taken]
        position += taken


def _from_here(directory: str) -> str:
    """Return *directory* as one names it from the working directory, if that is shorter."""
    relative = os.path.relpath(directory or ".")
    if relative == ".":
        return ""
    return directory if relative.startswith("..") and os.path.isabs(directory) else relative
