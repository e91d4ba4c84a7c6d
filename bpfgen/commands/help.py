"""`bpfgen help [COMMAND]`: the options of a command."""

from __future__ import annotations

from bpfgen.commands import DONE, UsageError
from bpfgen.commands.arguments import parsed
from bpfgen.commands.parser import help_text
from bpfgen.commands.table import COMMANDS
from bpfgen.commands.terminal import write_output


def run(words: list[str]) -> int:
    """Print the help of the command that *words* name, or of the compiler."""
    names: list[str] = parsed("help", words).inputs
    if len(names) > 1:
        raise UsageError("`bpfgen help` takes one command", "bpfgen help verify")
    name = names[0] if names else "compile"
    if name not in COMMANDS:
        # Only a misspelt name pays for this import.
        from bpfgen.text.spelling import did_you_mean

        advice = (
            did_you_mean(name, COMMANDS)
            or f"there are {', '.join(c for c in COMMANDS if c != 'compile')}"
        )
        raise UsageError(f"there is no command `{name}`", advice)
    write_output(help_text(name))
    return DONE
