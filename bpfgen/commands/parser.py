"""The options of a command as argparse knows them: for help, and for words that aren't plain.

Beside `arguments`. It says what is wrong with a command line, and its help is what people read.
"""

from __future__ import annotations

import argparse
import os

from bpfgen.commands import UsageError
from bpfgen.commands.option import CLANG_ARGUMENT, FLAG, LIST, OPTIONAL, SWITCH
from bpfgen.commands.options import options_of
from bpfgen.commands.table import COMMANDS, examples_of
from bpfgen.record import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any, NoReturn

    from bpfgen.commands.option import Option

_WIDTH = 100
"""Columns of help. With a width given argparse doesn't import shutil (10 ms) to ask for one."""


class _Parser(argparse.ArgumentParser):
    """An argument parser that says in one line what is wrong."""

    options: list[Option]

    def error(self, message: str) -> NoReturn:
        """Refuse the command line."""
        advice = f"`{self.prog} --help` lists the options"
        if message.startswith("unrecognized arguments: -"):
            word = message.partition(": ")[2].partition(" ")[0].partition("=")[0]
            # Only a misspelt option pays for this import.
            from bpfgen.text.spelling import did_you_mean

            known = [name for option in self.options for name in option.spellings]
            advice = did_you_mean(word, known) or advice
            if os.path.lexists(file := message.partition(": ")[2]):
                advice = f"./{file} is the file of that name"
            if f"-{word}" in known:
                advice = f"did you mean `-{word}`?"
            elif CLANG_ARGUMENT in known and _is_clangs(word):
                advice = f"it is a flag of clang's: {CLANG_ARGUMENT}={word}"
        raise UsageError(message, advice)


def parsed_values(command: str, options: list[Option], words: list[str]) -> dict[str, Any]:
    """Return what *words* say to *command*, whose options are *options*, by the names of values.

    Raises:
        UsageError: They make no sense.
    """
    _refuse_values(options, words)
    values = vars(parser(command).parse_intermixed_args(words))
    for option in options:
        # argparse takes the `--` of `-I--` for the end of the options, and has no value then.
        value = values.get(option.attribute)
        if (value == [] and option.kind not in {LIST, OPTIONAL}) or (
            isinstance(value, list) and [] in value
        ):
            raise UsageError(f"{option.names[-1]} can't be `--`")
    return values


def _refuse_values(options: list[Option], words: list[str]) -> None:
    """Refuse *words* where one of *options* that takes no value has one.

    Raises:
        UsageError: One has.
    """
    known = {
        name for option in options if option.kind in {FLAG, SWITCH} for name in option.spellings
    }
    for word in words:
        name, is_given, value = word.partition("=")
        if is_given and name in known:
            meant = f"{name}-{value}"
            advice = f"did you mean `{meant}`?" if meant in known else f"`{name}` alone"
            given = f", and `{value}` is given" if value else ""
            raise UsageError(f"{name} takes no value{given}", advice)


def parser(command: str, *, grouped: bool = False) -> argparse.ArgumentParser:
    """Return the parser of the command *command*; *grouped* for its help."""
    row = COMMANDS[command]
    built = _Parser(
        prog=row.typed,
        usage="" if not grouped else _usage(command),
        epilog="\n\n".join(row.notes),
        formatter_class=_formatter(row.typed),
        allow_abbrev=False,
        add_help=False,
    )
    built.options = options_of(command)
    operand_help = row.operand_help or argparse.SUPPRESS
    built.add_argument("inputs", nargs="*", metavar=row.operand, help=operand_help)
    groups: dict[str, argparse._ArgumentGroup] = {}
    for option in built.options:
        place: argparse._ActionsContainer = built
        if grouped:
            if option.group not in groups:
                groups[option.group] = built.add_argument_group(option.group)
            place = groups[option.group]
        _add(place, option, is_help=grouped)
    return built


def _formatter(prog: str) -> Callable[..., argparse.HelpFormatter]:
    """Return what makes the help's formatter; argparse asks for one with every option that it adds.

    That one is made once: only the text of the help fills a formatter, and it is asked for last.
    """
    formatters: list[argparse.HelpFormatter] = []

    def formatter(**_prog: str) -> argparse.HelpFormatter:
        if not formatters:
            formatters.append(argparse.RawDescriptionHelpFormatter(prog, width=_WIDTH))
        return formatters[0]

    return formatter


def _add(place: argparse._ActionsContainer, option: Option, *, is_help: bool) -> None:
    member = option.attribute
    if option.kind == FLAG:
        place.add_argument(*option.names, dest=member, action="store_true", help=option.help)
    elif option.kind == OPTIONAL and is_help:
        # argparse would show its value as a word of its own, and take the next input for it.
        names = [f"{name}[={_value(option)}]" for name in option.names]
        place.add_argument(*names, dest=member, action="store_true", help=option.help)
    elif option.kind == SWITCH:
        action = argparse.BooleanOptionalAction
        place.add_argument(
            *option.names, dest=member, action=action, default=None, help=option.help
        )
    else:
        is_list = option.kind in {LIST, OPTIONAL}
        place.add_argument(
            *option.names,
            dest=member,
            metavar=_value(option),
            choices=(None if is_list else option.choices) or None,
            action="append" if is_list else "store",
            default=[] if is_list else option.default,
            help=option.help,
        )


def _value(option: Option) -> str:
    """Return what stands for the value of *option* in its help."""
    return f"{{{','.join(option.choices)}}}" if option.choices else option.metavar


def _usage(command: str) -> str:
    """Return the examples of *command*, one a line."""
    examples = examples_of(COMMANDS[command])
    width = max(len(typed) for typed, what in examples if what or len(examples) == 1) + 3
    lines = [f"{typed:<{width}}{what}".rstrip() for typed, what in examples]
    return "\n       ".join(lines) + "\n"


def help_text(command: str) -> str:
    """Return the help of *command*: examples first, then the options."""
    return parser(command, grouped=True).format_help()


def _is_clangs(word: str) -> bool:
    """Whether *word* is a flag that clang would be given."""
    from bpfgen.clang.arguments import row_of
    from bpfgen.clang.flag_table import PASSED

    row = row_of(word)
    return row is not None and row.fate == PASSED
