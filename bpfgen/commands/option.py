"""What a row of the tables of options says: `options` has them, and `running_options`."""

from __future__ import annotations

from bpfgen.record import Record

EVERY_COMMAND = "*"

CLANG_ARGUMENT = "--clang-arg"
"""The one option whose value may look like an option."""

VALUE, LIST, FLAG, SWITCH, OPTIONAL = "value", "list", "flag", "switch", "optional"


class Option(Record):
    """One option of some commands.

    Attributes:
        names: As typed, the short one first.
        commands: The names of the commands that have it, separated by blanks, or
            :data:`EVERY_COMMAND`.
        help: One line: what it does. No full stop.
        metavar: What its value is called; empty for a flag.
        choices: The values that it takes, where they are few; whoever takes those of a `list` or an
            `optional` refuses others.
        kind: `value`: the last one counts; `list`: all count; `flag`: given or not; `switch`:
            given, given with `no-` before its name, or neither; `optional`: all count, and each
            is `NAME` or `NAME=VALUE` in one word.
        member: The attribute of what is parsed; else the longest name.
        group: The title under which help and manual list it.
        completes: What shells offer as its value, where that isn't one of *choices*.
        default: What stands for an option that isn't given; None says that it isn't.
    """

    names: tuple[str, ...]
    commands: str
    help: str
    metavar: str = ""
    choices: tuple[str, ...] = ()
    kind: str = VALUE
    member: str = ""
    group: str = ""
    completes: str = ""
    default: str | None = None

    @property
    def attribute(self) -> str:
        """The name under which its value is found."""
        return self.member or self.names[-1][2:].replace("-", "_")

    @property
    def spellings(self) -> tuple[str, ...]:
        """Everything that can be typed for it: the names, and those with `no-` of a switch."""
        if self.kind != SWITCH:
            return self.names
        return (*self.names, *(f"--no-{name[2:]}" for name in self.names))
