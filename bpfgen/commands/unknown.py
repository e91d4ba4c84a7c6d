"""Words that were meant for a command and are none: what does it instead.

Beside `cli`, which loads it where the first word is neither a command nor a file.
"""

from __future__ import annotations

from bpfgen.commands import UsageError
from bpfgen.commands.table import COMMANDS
from bpfgen.text.spelling import closest

_COMPILES = "bpfgen maps.dsl -o maps.h"

_INSTEAD = {
    "version": "bpfgen --version",
    **dict.fromkeys(
        ("check", "lint", "validate", "test"),
        "`bpfgen maps.dsl` checks it; with `-o maps.h --check`, what is on disk, too",
    ),
    **dict.fromkeys(("fmt", "format"), "there is no formatter: a source stays as it was written"),
    **dict.fromkeys(("build", "generate", "gen", "emit", "make"), _COMPILES),
    "watch": f"{_COMPILES} --watch",
    **dict.fromkeys(
        ("show", "dump", "list", "ls", "info"),
        "`bpfgen inspect prog.o` shows the maps of an object",
    ),
    **dict.fromkeys(
        ("convert", "decompile", "translate"),
        "`bpfgen import prog.o -o maps.dsl` writes the source of an object's maps, or a C file's",
    ),
    **dict.fromkeys(
        ("diff", "compare"),
        "`bpfgen breaking old.dsl new.dsl` tells what a change breaks; `bpfgen verify prog.o"
        " maps.dsl` compares an object with its source",
    ),
    "completion": "did you mean `bpfgen completions`?",
}
"""What other tools call their commands, and what does the same here."""


def unknown_command(name: str) -> UsageError | None:
    """Return what to say of *name*, which is no file either; None where it is like no command."""
    near = closest(name, COMMANDS)
    if name == "compile":
        return UsageError("compiling needs no command", _COMPILES)
    message = f"there is no file or command `{name}`"
    if name in _INSTEAD:
        return UsageError(message, _INSTEAD[name])
    if near is None:
        return None
    return UsageError(message, _COMPILES if near == "compile" else f"did you mean `bpfgen {near}`?")
