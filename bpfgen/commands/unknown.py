"""Words that were meant for a command and are none: what does it instead.

Beside `cli`, which loads it where the first word is neither a command nor a file, and where a
command's name comes after an option.
"""

from __future__ import annotations

import os

from bpfgen.commands import UsageError
from bpfgen.commands.cc_words import separated
from bpfgen.commands.option import LIST, VALUE
from bpfgen.commands.options import options_of
from bpfgen.commands.table import COMMANDS
from bpfgen.text.spelling import closest

_COMPILES = "bpfgen maps.dsl -o maps.h"

_INSTEAD = {
    "version": "bpfgen --version",
    **dict.fromkeys(
        ("check", "lint", "validate", "test"),
        "`bpfgen maps.dsl` checks it; with `-o maps.h --check`, what is on disk, too",
    ),
    **dict.fromkeys(("format", "reformat", "indent", "tidy"), "bpfgen fmt maps.dsl"),
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


def misplaced_command(words: list[str]) -> UsageError | None:
    """Return what to say of a command among *words*, which begin with an option; None without one.

    A file of that name is none, nor is what an option of the compiler's takes for its value.
    """
    end = words.index("--") if "--" in words else len(words)
    options = options_of("compile")
    with_value = {
        name for option in options if option.kind in {VALUE, LIST} for name in option.spellings
    }
    own, _cc_words = separated(words[:end], options)
    for before, word in zip(("", *own), own, strict=False):
        if word in COMMANDS and before not in with_value and not os.path.lexists(word):
            return UsageError("the command stands before its options", f"bpfgen {word} …")
    return None
