"""`bpfgen import --replace prog.bpf.c …`: maps out of C programs, into sources, proved the same.

Nothing is written before all programs of the run are proved; what can't be is left as it is. What
is written is written whole, or not at all.
"""

from __future__ import annotations

import os

from bpfgen.commands import DONE, MISSING, USAGE, WRONG, UsageError
from bpfgen.commands.arguments import terminal_of
from bpfgen.commands.delivery import cannot, put
from bpfgen.commands.import_project import (
    ProgramOptions,
    counted,
    diagnostics_of,
    is_refused,
    listed,
)
from bpfgen.commands.shown_progress import progress
from bpfgen.commands.terminal import write_output
from bpfgen.files import is_source_name
from bpfgen.files.reading import FILES
from bpfgen.record import TYPE_CHECKING
from bpfgen.sources import C_SUFFIXES

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterable, Mapping, Sequence

    from bpfgen.commands.terminal import Terminal
    from bpfgen.compiler import Options
    from bpfgen.importer.replacing.replace import Replaced

_EXAMPLE = "bpfgen import --replace prog.bpf.c"


def run(arguments: argparse.Namespace) -> int:
    """Replace the maps of the programs that *arguments* name; return the exit status.

    Raises:
        UsageError: They make no sense.
    """
    _refuse_nonsense(arguments)
    terminal = terminal_of(arguments)
    try:
        return _run(arguments, terminal)
    finally:
        terminal.finish()


def _refuse_nonsense(arguments: argparse.Namespace) -> None:
    """Refuse what says nothing of a replacement.

    Raises:
        UsageError: It does.
    """
    inputs: list[str] = arguments.inputs
    if not inputs or "" in inputs:
        raise UsageError("what to replace is missing", _EXAMPLE)
    for path in inputs:
        if not path.endswith(C_SUFFIXES) and not os.path.isdir(path):
            message = f"--replace changes C, and `{path}` is neither C nor a directory"
            raise UsageError(message, _EXAMPLE)
    output: str | None = arguments.output
    is_one = len(inputs) == 1 and not os.path.isdir(inputs[0])
    if output is not None and (not is_one or not is_source_name(output)):
        raise UsageError("with --replace, -o names the source of one program", "-o maps.dsl")
    if arguments.check:
        raise UsageError("--check and --replace don't go together", "--replace --diff")
    for option, value in (
        ("--in", arguments.program),
        ("--out-dir", arguments.out_dir),
        ("--base", arguments.base),
        ("--headers", arguments.headers),
    ):
        if value:
            raise UsageError(f"{option} and --replace don't go together", _EXAMPLE)


def _run(arguments: argparse.Namespace, terminal: Terminal) -> int:
    from bpfgen.clang import ToolMissing
    from bpfgen.importer.from_c.forced import searched_directories
    from bpfgen.importer.project.discovery import find
    from bpfgen.importer.project.importing import import_project
    from bpfgen.importer.project.records import OptionsRefused
    from bpfgen.importer.replacing.replace import replaced, source_paths

    inputs: list[str] = list(dict.fromkeys(arguments.inputs))
    options_of = ProgramOptions(arguments, terminal, named=inputs)

    def paths_of(files: Sequence[str]) -> Mapping[str, str]:
        paths = source_paths(files)
        if arguments.output is not None and inputs[0] in paths:
            paths[inputs[0]] = arguments.output
        return paths

    try:
        found = find(inputs, searched_directories(_first_options(inputs, options_of)))
        options_of.look_in(found.directories)
        with progress(terminal, 2 * len(found.programs) + len(found.headers)) as step:
            project = import_project(
                found, options_of, paths_of, move_types=arguments.move_types, step=step
            )
            is_wrong = terminal.report(diagnostics_of(project))
            is_wrong = is_wrong or any(
                is_refused(each) and each.path not in options_of.unlisted
                for each in project.programs
            )
            outcome = replaced(project, options_of, _Changeable(inputs), step)
    except OptionsRefused:
        return USAGE
    except OSError as error:
        cannot(terminal, "read", error.filename or inputs[0], error)
        return WRONG
    except ToolMissing as missing:
        terminal.error("tool-missing", str(missing))
        return MISSING
    is_wrong = terminal.report(outcome.diagnostics) or is_wrong
    if arguments.diff:
        status = _shown(outcome.files, terminal)
    else:
        status = _written(outcome, terminal, is_verbose=arguments.verbose)
    if status == DONE:
        _sum_up(outcome, terminal, is_diff=arguments.diff)
    return max(status, WRONG if is_wrong else DONE)


def _first_options(inputs: Sequence[str], options_of: ProgramOptions) -> Options:
    """Return the options of the first of *inputs* that has any.

    Raises:
        OptionsRefused: None has, which has been reported.
    """
    from bpfgen.importer.project.records import OptionsRefused

    for path in inputs[:-1]:
        try:
            return options_of(os.path.join(path, "") if os.path.isdir(path) else path)
        except OptionsRefused:
            continue
    return options_of(os.path.join(inputs[-1], "") if os.path.isdir(inputs[-1]) else inputs[-1])


class _Changeable:
    """Says whether a file is an input, or lies below one."""

    def __init__(self, inputs: Iterable[str]) -> None:
        self._places = [os.path.realpath(path) for path in inputs]

    def __call__(self, path: str) -> bool:
        real = os.path.realpath(path)
        return any(real == place or real.startswith(f"{place}/") for place in self._places)


def _written(outcome: Replaced, terminal: Terminal, *, is_verbose: bool) -> int:
    """Write what came of the run, unless a file has changed; return the status."""
    for path, before in outcome.before.items():
        if _read(path) != before:
            terminal.error("file", f"`{path}` has changed meanwhile; nothing is written")
            return WRONG
    if not outcome.files:
        return DONE
    return put(terminal, outcome.files, is_verbose=is_verbose)


def _sum_up(outcome: Replaced, terminal: Terminal, *, is_diff: bool) -> None:
    """Say how much was replaced, or would be, and what is left as it was."""
    if outcome.files:
        maps = sum(outcome.maps.values())
        headers = sum(path.endswith(".h") for path in outcome.before)
        programs = len(outcome.before) - headers
        terminal.say(
            f"{counted(maps, 'map')} {'to be ' * is_diff}replaced in "
            f"{counted(programs, 'program')} and {counted(headers, 'header')}; "
            f"{counted(len(outcome.programs), 'program')} proved the same"
        )
    if outcome.left:
        them = "they were" if len(outcome.left) > 1 else "it was"
        terminal.say(
            f"{counted(len(outcome.left), 'file')} left as {them}, with the reason above: "
            f"{listed(outcome.left)}"
        )


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
