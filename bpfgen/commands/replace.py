"""`bpfgen import --replace prog.bpf.c …`: maps out of C programs, into sources, proved the same.

Nothing is written before all programs of the run are proved, and then all of it or nothing.
"""

from __future__ import annotations

import os

from bpfgen.commands import DONE, MISSING, USAGE, WRONG, UsageError
from bpfgen.commands.arguments import configured_options, terminal_of
from bpfgen.commands.delivery import cannot, put
from bpfgen.commands.terminal import write_output
from bpfgen.files.reading import FILES
from bpfgen.record import TYPE_CHECKING
from bpfgen.sources import C_SUFFIXES
from bpfgen.text.diagnostics import Diagnostic

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterable

    from bpfgen.commands.terminal import Terminal
    from bpfgen.compiler import Options
    from bpfgen.importer.replacing.replace import Program, Replaced

_EXAMPLE = "bpfgen import --replace prog.bpf.c"


def replaced(arguments: argparse.Namespace) -> int:
    """Replace the maps of the programs that *arguments* name; return the exit status."""
    inputs: list[str] = list(dict.fromkeys(arguments.inputs))
    if not inputs:
        raise UsageError("what to replace is missing", _EXAMPLE)
    for path in inputs:
        if not path.endswith(C_SUFFIXES):
            raise UsageError(
                f"--replace changes C, and `{path}` is named as something else", _EXAMPLE
            )
    output: str | None = arguments.output
    if output is not None and (len(inputs) > 1 or not output.endswith(".dsl")):
        raise UsageError("with --replace, -o names the source of one program", "-o maps.dsl")
    if arguments.check:
        raise UsageError("--check and --replace don't go together", "--replace --diff")
    terminal = terminal_of(arguments)
    options = configured_options(arguments, inputs[0], terminal)
    status = USAGE if options is None else _replaced(inputs, output, options, terminal, arguments)
    terminal.finish()
    return status


def _replaced(
    inputs: list[str],
    output: str | None,
    options: Options,
    terminal: Terminal,
    arguments: argparse.Namespace,
) -> int:
    """Replace the maps of *inputs*; return the status."""
    from bpfgen.clang import ToolMissing
    from bpfgen.importer.replacing.replace import replaced

    programs = _programs(inputs, output, options)
    try:
        found = replaced(programs)
    except ToolMissing as missing:
        terminal.error("tool-missing", str(missing))
        return MISSING
    except OSError as error:
        cannot(terminal, "read", error.filename or inputs[0], error)
        return WRONG
    is_wrong = terminal.report(found.diagnostics)
    if terminal.report(_existing(found)) or is_wrong:
        return WRONG
    if arguments.diff:
        return _shown(found.files, terminal)
    for path, before in found.before.items():
        if _read(path) != before:
            terminal.error("file", f"`{path}` has changed meanwhile; nothing is written")
            return WRONG
    status = DONE if not found.files else put(terminal, found.files, is_verbose=arguments.verbose)
    if status == DONE and arguments.verbose:
        for path, count in found.maps.items():
            terminal.say(f"{path}: {count} maps replaced, the program is the same")
    return status


def _programs(inputs: list[str], output: str | None, options: Options) -> list[Program]:
    """Return the programs *inputs*.

    Raises:
        UsageError: Two would share a source.
    """
    from bpfgen.importer.replacing.replace import Program, default_source

    programs: list[Program] = []
    sources: dict[str, str] = {}
    for path in inputs:
        source = output or default_source(path)
        other = sources.setdefault(os.path.realpath(source), path)
        if other != path:
            raise UsageError(f"the sources of `{other}` and `{path}` would both be `{source}`")
        programs.append(Program(path, source, options))
    return programs


def _existing(found: Replaced) -> list[Diagnostic]:
    """Return the errors that new files exist already, with something else in them."""
    return [
        Diagnostic("replace-exists", f"`{path}` exists already, and says something else", None)
        for path, data in found.files
        if path not in found.before and _read(path) not in (None, data)
    ]


def _shown(files: Iterable[tuple[str, bytes]], terminal: Terminal) -> int:
    """Print how *files* differ from those on the disk; return the status."""
    from bpfgen.files.writing import check

    for path, data in files:
        try:
            write_output(check(path, data))
        except OSError as error:
            cannot(terminal, "read", path, error)
            return WRONG
    return DONE


def _read(path: str) -> bytes | None:
    try:
        return FILES.read(path)
    except OSError:
        return None
