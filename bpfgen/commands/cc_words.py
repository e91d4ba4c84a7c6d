"""cc's own words on the command line: told from bpfgen's, where C is what is read.

`bpfgen import prog.bpf.c -isystem inc -fms-extensions -o maps.dsl`: a project's flags are pasted as
they are. Words that bpfgen has a meaning for keep it (`-o`, `-I`, `-D`, `-v`); what is left is read
by the table of :mod:`bpfgen.clang.flag_table`.
"""

from __future__ import annotations

from bpfgen.clang.arguments import row_of, width
from bpfgen.clang.flag_table import ALONE
from bpfgen.commands.option import LIST, VALUE
from bpfgen.commands.terminal import wrong_warning
from bpfgen.record import TYPE_CHECKING
from bpfgen.text.codes import CODES
from bpfgen.text.spelling import distance

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from bpfgen.commands.option import Option

_MISSPELT = 2
"""So many edits away from a code a warning is meant to be that code; clang has names like ours."""

_INNER = ("-Wa,", "-Wl,", "-Wp,")


def separated(words: Sequence[str], options: Iterable[Option]) -> tuple[list[str], list[str]]:
    """Return those of *words* that are a command's with *options*, or no flags, and those of cc."""
    spellings: dict[str, bool] = {}
    for option in options:
        has_value = option.kind in {VALUE, LIST}
        spellings.update(dict.fromkeys(option.spellings, has_value))
    own: list[str] = []
    given: list[str] = []
    position = 0
    while position < len(words):
        word = words[position]
        if word == "--":
            break
        taken = 1
        into = own
        if word in spellings:
            taken = 2 if spellings[word] else 1
        elif word.startswith("-") and len(word) > 1 and not _is_own(word, spellings):
            row = row_of(word)
            if row is not None:
                into = given
                taken = width(row, word)
        into += words[position : position + taken]
        position += taken
    return [*own, *words[position:]], given


def _is_own(word: str, spellings: dict[str, bool]) -> bool:
    """Whether *word* is an option with its value, one of *spellings* before that."""
    name, is_joined, _value = word.partition("=")
    if word.startswith("--"):
        return bool(is_joined) and name in spellings
    name, value = word[:2], word[2:]
    if name not in spellings:
        return False
    if name == "-W":
        return not word.startswith(_INNER) and _is_own_warning(value)
    if name == "-D":
        return _is_definition(value)
    row = row_of(word)
    # `-pthread` and the like are longer than a letter and a value.
    return row is None or row.name == name or row.form != ALONE


def _is_own_warning(value: str) -> bool:
    """Whether *value*, after `-W`, is about one of bpfgen's own codes, or meant to be."""
    code = value.removeprefix("no-").removeprefix("error=")
    return wrong_warning(value) is None or any(
        distance(code, known, _MISSPELT) is not None for known in CODES
    )


def _is_definition(value: str) -> bool:
    """Whether *value*, after `-D`, is a constant's: a macro may have parameters, or be empty."""
    name, has_value, text = value.partition("=")
    return name.isidentifier() and (not has_value or bool(text.strip()))
