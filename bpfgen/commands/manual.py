"""The manual page bpfgen(1), in the macros of man(7), made from the option table."""

from __future__ import annotations

from bpfgen.commands.forms import backend_options
from bpfgen.commands.option import FLAG, OPTIONAL, SWITCH
from bpfgen.commands.options import options_of
from bpfgen.commands.table import COMMANDS, examples_of
from bpfgen.record import TYPE_CHECKING

if TYPE_CHECKING:
    from bpfgen.commands.option import Option
    from bpfgen.commands.table import Command

_DESCRIPTION = """\
bpfgen compiles a small language for BPF maps to C headers and objects, and
proves that each object says what the source says: clang compiles what was
written, or bpfgen writes the object itself, and its BTF is read back and
compared with the source.

What to write is taken from the suffix of
.IR FILE ,
or from
.BR \\-\\-emit .
With
.B \\-\\-out\\-dir
an input below the working directory keeps its path from there; inputs outside
of it keep theirs from the deepest directory that they share;
.B \\-\\-base
names the directory outright.

An input is a source of the language, a BPF object or a file of C.
Several outputs of one input are written all or not at all.
Without inputs, the outputs that the project lists are made.

A file is written whole or not at all, and only when its bytes change.
The same input gives the same bytes.
A word
.BI @ FILE
stands for the words in
.IR FILE ,
separated by blanks, with quotes and backslashes as in gcc.
"""

_EXIT_STATUS = (
    ("0", "Done."),
    ("1", "The input is wrong, the check differs, or verification fails."),
    ("2", "Wrong usage, or a wrong configuration."),
    ("3", "A tool that is needed is missing."),
    ("70", "A mistake of bpfgen itself."),
)

_ENVIRONMENT = (
    ("BPFGEN_CLANG", "The compiler, where --clang names none."),
    ("BPFGEN_TRACEBACK", "If set, a mistake of bpfgen itself shows where it is."),
    ("NO_COLOR", "If set, messages have no colours."),
    ("FORCE_COLOR", "If set, they have, on a terminal or not."),
    ("TMPDIR", "Where clang finds its text for the time of its run."),
)

_FILES = """\
.TP
.I pyproject.toml
The nearest one upwards from the input that has a table
.B [tool.bpfgen]
gives defaults:
.BR include\\-directories ,
.BR definitions ,
.BR kernel ,
.BR relax\\-compat ,
.BR style ,
.BR target ,
.BR warnings
and
.BR clang .
The command line wins.
What
.B [[tool.bpfgen.outputs]]
lists is made where no input is named.
"""


def manual() -> str:
    """Return the source of the page. It names no version and no date: it would never be current."""
    compiler = COMMANDS["compile"]
    lines = [
        '.\\" Generated from the option table of bpfgen. Do not edit.\n',
        ".TH BPFGEN 1\n",
        f".SH NAME\nbpfgen \\- {_text(compiler.summary)}\n",
        ".SH SYNOPSIS\n.nf\n",
        *(f".B {_text(typed)}\n" for typed, _what in examples_of(compiler)),
        ".fi\n.SH DESCRIPTION\n",
        _paragraphs(_DESCRIPTION),
        ".SH OPTIONS\n",
        *_options(compiler),
        ".SH COMMANDS\n",
    ]
    for name, command in COMMANDS.items():
        if name != "compile":
            lines += _command(command)
    lines += [".SH EXIT STATUS\n", *_terms(_EXIT_STATUS)]
    variables = tuple(
        (option.environment, f"The value of --{option.name}, where nothing else gives one.")
        for option in backend_options()
        if option.environment
    )
    lines += [".SH ENVIRONMENT\n", *_terms((*_ENVIRONMENT, *variables))]
    lines += [".SH FILES\n", _FILES]
    lines += [".SH SEE ALSO\n.BR clang (1),\n.BR bpftool (8),\n.BR make (1)\n"]
    return "".join(lines)


def _command(command: Command) -> list[str]:
    lines = [f".SS {_text(command.typed)}\n", f"{_sentence(command.summary)}\n"]
    for typed, what in command.examples:
        lines.append(f".TP\n.B {_text(typed)}\n{_sentence(what) or '.br'}\n")
    lines.append(".PP\nOptions:\n")
    return lines + _options(command)


def _options(command: Command) -> list[str]:
    lines = []
    for option in options_of(command.name):
        lines.append(f".TP\n{_head(option)}\n{_sentence(option.help)}\n")
        if option.choices:
            listed = ", ".join(option.choices)
            default = f"; {option.default} if nothing is said" if option.default else ""
            lines.append(f"{_sentence(f'One of {listed}{default}')}\n")
    return lines


def _head(option: Option) -> str:
    """Return the line with the spellings of *option* and its value."""
    if option.kind in {FLAG, SWITCH}:
        return f".B {', '.join(map(_text, option.spellings))}"
    if option.kind == OPTIONAL:
        typed = ", ".join(
            f"{_text(name)}[=\\fI{_text(option.metavar)}\\fP]" for name in option.names
        )
        return f".B {typed}"
    return ".BR " + ' ", " '.join(
        f'"{_text(typed)} " \\fI{_text(option.metavar)}\\fP' for typed in option.names
    )


def _terms(rows: tuple[tuple[str, str], ...]) -> list[str]:
    return [f".TP\n.B {_text(term)}\n{_text(what)}\n" for term, what in rows]


def _sentence(text: str) -> str:
    """Return *text*, which begins in lower case and has no full stop, as a sentence."""
    return _text(f"{text[:1].upper()}{text[1:]}.") if text else ""


def _paragraphs(text: str) -> str:
    return text.replace("\n\n", "\n.PP\n")


def _text(text: str) -> str:
    """Return *text* so that roff sets each character as it is."""
    text = text.replace("\\", "\\e").replace("-", "\\-").replace("`", "\\(ga").replace("'", "\\(aq")
    return f"\\&{text}" if text.startswith(".") else text
