"""An assignment in words: for a compiler, and for people."""

from __future__ import annotations

from bpfgen.conditions.condition import number_text
from bpfgen.record import TYPE_CHECKING

if TYPE_CHECKING:
    from bpfgen.conditions.evaluation import Assignment


def macro_flags(assignment: Assignment) -> list[str]:
    """Return the flags that tell a C compiler what the macros are, whatever flags before said."""
    flags = []
    for name, value in assignment:
        flags.append(f"-U{name}")
        if value is not None:
            flags.append(f"-D{name}={number_text(value)}")
    return flags


def command_line(assignment: Assignment) -> str:
    """Return what a command line says of the macros: `-D MODE=2 -U FAST`."""
    return " ".join(
        f"-U {name}" if value is None else f"-D {name}={value}" for name, value in assignment
    )
