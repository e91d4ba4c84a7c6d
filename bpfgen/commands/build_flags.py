"""`-p DIR`: the flags of a C file from its own build, put before those of the command line."""

from __future__ import annotations

from shlex import join

from bpfgen.clang.compile_commands import CommandsError, command_for, commands_file
from bpfgen.record import TYPE_CHECKING, replace
from bpfgen.sources import C_SUFFIXES
from bpfgen.text.diagnostics import NOTE, WARNING, Diagnostic

if TYPE_CHECKING:
    from bpfgen.clang.compile_commands import Command
    from bpfgen.commands.terminal import Terminal
    from bpfgen.compiler import Options

__all__ = ["commands_file", "with_build_flags"]


def with_build_flags(options: Options, place: str, path: str, terminal: Terminal) -> Options | None:
    """Return *options* with the flags that the compile_commands.json in *place* has for *path*.

    What isn't C has none. None comes back where there are none, which has been reported.
    """
    if not path.endswith(C_SUFFIXES):
        return options
    try:
        command = command_for(place, path)
    except CommandsError as error:
        terminal.error("compile-commands", error.what, help=error.advice)
        return None
    if terminal.report(_remarks(command, path)):
        return None
    flags = command.flags
    # As with a configuration: of flags that contradict each other the last counts.
    clang = options.clang.given((*flags.arguments, *options.clang.arguments))
    target = flags.target if options.target == "bpf" and flags.target else options.target
    return replace(options, clang=clang, target=target)


def _remarks(command: Command, path: str) -> list[Diagnostic]:
    """Return what is to be said about *command*, which compiles *path*."""
    remarks: list[Diagnostic] = []
    if command.others:
        own = set(command.flags.arguments)
        more = [word for flags in command.others for word in flags.arguments if word not in own]
        said = f"; others have {join(dict.fromkeys(more))}" if more else ""
        message = f"`{command.path}` compiles `{path}` several times with different flags"
        help = f"the first count{said}: give what you mean on the command line, without -p"
        remarks.append(Diagnostic("compile-commands", message, None, help=help, severity=WARNING))
    if command.flags.skipped:
        message = (
            f"of the command for `{path}` in `{command.path}` clang isn't given "
            f"{join(command.flags.skipped)}"
        )
        remarks.append(Diagnostic("compile-commands", message, None, severity=NOTE))
    return remarks
