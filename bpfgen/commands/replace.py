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
from bpfgen.text.diagnostics import ERROR, Diagnostic

if TYPE_CHECKING:
    import argparse

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

    programs = _programs(inputs, output, terminal)
    if programs is None:
        return WRONG
    found: list[Replaced] = []
    is_wrong = False
    for program in programs:
        try:
            found.append(replaced(program, options))
        except ToolMissing as missing:
            terminal.error("tool-missing", str(missing))
            return MISSING
        is_wrong = terminal.report(found[-1].diagnostics) or is_wrong
    files = [file for each in found for file in each.files]
    existing = [*_existing(programs, files)]
    if terminal.report(existing) or is_wrong:
        return WRONG
    if not files and all(not each.maps for each in found):
        terminal.error("import-map", f"{inputs[0]}: there is no map that could be replaced")
        return WRONG
    if arguments.diff:
        return _shown(files, terminal)
    for program in programs:
        if _read(program.path) != program.data:
            terminal.error("file", f"`{program.path}` has changed meanwhile; nothing is written")
            return WRONG
    status = put(terminal, files, is_verbose=arguments.verbose)
    if status == DONE and arguments.verbose:
        for program, each in zip(programs, found, strict=True):
            if each.files:
                terminal.say(f"{program.path}: {each.maps} maps replaced, the program is the same")
    return status


def _programs(inputs: list[str], output: str | None, terminal: Terminal) -> list[Program] | None:
    """Return the programs *inputs*; None where one can't be read, or two would share a source."""
    from bpfgen.importer.replacing.replace import Program, default_source

    programs: list[Program] = []
    sources: dict[str, str] = {}
    for path in inputs:
        source = output or default_source(path)
        other = sources.setdefault(os.path.realpath(source), path)
        if other != path:
            raise UsageError(f"the sources of `{other}` and `{path}` would both be `{source}`")
        try:
            data = FILES.read(path)
        except OSError as error:
            cannot(terminal, "read", path, error)
            return None
        programs.append(Program(path, data, source))
    return programs


def _existing(programs: list[Program], files: list[tuple[str, bytes]]) -> list[Diagnostic]:
    """Return the errors that new files exist already, with something else in them."""
    own = {program.path for program in programs}
    found: list[Diagnostic] = []
    for path, data in files:
        known = None if path in own else _read(path)
        if known not in (None, data):
            message = f"`{path}` exists already, and says something else"
            found.append(Diagnostic("replace-exists", message, None, severity=ERROR))
    return found


def _shown(files: list[tuple[str, bytes]], terminal: Terminal) -> int:
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
