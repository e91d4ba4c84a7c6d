"""`bpfgen import DIR --out-dir OUT`: the sources of many C files, with imports between them.

Also what `bpfgen import maps.h --in prog.bpf.c` does differently from the import of one file.
"""

from __future__ import annotations

import os

from bpfgen.commands import DONE, MISSING, USAGE, WRONG, UsageError
from bpfgen.commands.arguments import configured_options, terminal_of
from bpfgen.commands.configured_outputs import leads_outside
from bpfgen.commands.delivery import cannot, deliver, has_made_directory
from bpfgen.commands.destinations import mirrored
from bpfgen.commands.shown_progress import progress
from bpfgen.record import TYPE_CHECKING, replace
from bpfgen.sources import C_SUFFIXES
from bpfgen.text.diagnostics import ERROR, NOTE, WARNING, Diagnostic

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterable, Mapping, Sequence

    from bpfgen.clang.finder import Finder
    from bpfgen.commands.terminal import Terminal
    from bpfgen.compiler import Options
    from bpfgen.importer.project.records import ProgramImport, Project
    from bpfgen.text.diagnostics import Subject

_MOST_NAMED = 5


def run(arguments: argparse.Namespace) -> int:
    """Write the sources of the files that *arguments* name; return the exit status.

    Raises:
        UsageError: They make no sense.
    """
    _refuse_nonsense(arguments)
    terminal = terminal_of(arguments)
    try:
        status = _run(arguments, terminal)
    finally:
        terminal.finish()
    return status


def _refuse_nonsense(arguments: argparse.Namespace) -> None:
    """Refuse what says nothing of many files.

    Raises:
        UsageError: It does.
    """
    inputs: list[str] = arguments.inputs
    typed = "bpfgen import DIR --out-dir OUT"
    if "" in inputs:
        raise UsageError("the name of an input is empty")
    for path in inputs:
        if not os.path.isdir(path) and not path.endswith(C_SUFFIXES):
            message = f"one object is imported at a time: `{path}` is neither C nor a directory"
            raise UsageError(message, f"bpfgen import {path} -o maps.dsl")
    if arguments.out_dir is None:
        raise UsageError("the sources of several files go into a directory", typed)
    if arguments.output is not None:
        raise UsageError("-o and --out-dir exclude each other", typed)
    if arguments.program is not None:
        advice = "bpfgen import maps.h --in prog.bpf.c -o maps.dsl"
        raise UsageError("--in is for one header; of many files each finds its programs", advice)
    if not inputs:
        raise UsageError("what to import is missing", typed)


def _run(arguments: argparse.Namespace, terminal: Terminal) -> int:
    from bpfgen.clang import ToolMissing
    from bpfgen.importer.from_c.forced import searched_directories
    from bpfgen.importer.project.discovery import find
    from bpfgen.importer.project.importing import import_project
    from bpfgen.importer.project.records import OptionsRefused

    inputs: list[str] = arguments.inputs
    options_of = ProgramOptions(arguments, terminal, named=inputs)
    try:
        first = options_of(os.path.join(inputs[0], "") if os.path.isdir(inputs[0]) else inputs[0])
        directories = searched_directories(first)
        found = find(inputs, directories, _outputs_below(inputs, arguments.out_dir))
        options_of.look_in(found.directories)
        count = len(found.programs) + len(found.headers)
        with progress(terminal, count) as step:
            project = import_project(
                found,
                options_of,
                lambda files: paths_of(files, arguments.out_dir, arguments.base),
                base=arguments.base,
                move_types=arguments.move_types,
                step=step,
            )
    except OptionsRefused:
        return USAGE
    except OSError as error:
        cannot(terminal, "read", error.filename or inputs[0], error)
        return WRONG
    except ToolMissing as missing:
        terminal.error("tool-missing", str(missing))
        return MISSING
    compiled = tuple(p for p in project.programs if p.path not in options_of.unlisted)
    project = replace(project, programs=compiled)
    failed = terminal.report(diagnostics_of(project)) or any(map(is_refused, compiled))
    written = _deliver(project, arguments, terminal)
    if not project.sources:
        where = ", ".join(inputs[:_MOST_NAMED])
        terminal.error("import-map", f"{where}: there is no map that a source could declare")
        return WRONG
    _sum_up(project, options_of.directories, terminal)
    return max(WRONG if failed else DONE, written)


class ProgramOptions:
    """Says what each program is imported with: what was typed, and the flags of its build.

    Attributes:
        directories: Where headers are looked for besides.
        unlisted: Files that the build doesn't compile, and that nobody has named.
    """

    def __init__(
        self, arguments: argparse.Namespace, terminal: Terminal, named: Iterable[str]
    ) -> None:
        """Go by *arguments*; files that aren't *named*, as typed, may be unlisted."""
        self._arguments = arguments
        self._terminal = terminal
        self._named = frozenset(named)
        self.unlisted: dict[str, None] = {}
        self._refused: set[str] = set()
        self._known: dict[str, Options] = {}
        self._clangs: dict[tuple[str | None, ...], Finder] = {}
        self.directories: list[str] = []

    def look_in(self, directories: Iterable[str]) -> None:
        """Look for headers in *directories*, too, unless builds say where they are."""
        if self._arguments.compile_commands is None:
            self.directories += directories
            self._known.clear()

    def __call__(self, path: str) -> Options:
        """Return the options of the program *path*.

        Raises:
            OptionsRefused: They are wrong, which has been reported.
        """
        from bpfgen.importer.project.records import OptionsRefused

        if path not in self._known:
            # A header isn't compiled by itself, so that no build has flags for it.
            named = path if path.endswith(".c") else os.path.dirname(path) or "."
            if path in self._refused or self._is_unlisted(path):
                raise OptionsRefused(path)
            options = configured_options(self._arguments, named, self._terminal)
            if options is None:
                self._refused.add(path)
                raise OptionsRefused(path)
            places = (*options.include_directories, *self.directories)
            clang = self._one_for_all(options.clang)
            self._known[path] = replace(options, include_directories=places, clang=clang)
        return self._known[path]

    def _one_for_all(self, clang: Finder) -> Finder:
        """Return *clang*, with what others know already that find the same compiler."""
        same = (clang.path, clang.named_by, clang.directory, clang.cache)
        if same not in self._clangs:
            self._clangs[same] = clang.remembering()
        return self._clangs[same].given(clang.arguments)

    def _is_unlisted(self, path: str) -> bool:
        """Whether the build doesn't compile *path*, which is warned of once."""
        place = self._arguments.compile_commands
        if place is None or path in self._named or path in self.unlisted:
            return path in self.unlisted
        if not path.endswith(".c"):
            return False
        from bpfgen.clang.compile_commands import is_listed

        if is_listed(place, path):
            return False
        self.unlisted[path] = None
        message = f"`{path}` isn't among what the build compiles, and is left out"
        warning = Diagnostic("compile-commands", message, None, severity=WARNING)
        self._terminal.report([warning])
        return True


def _outputs_below(inputs: Iterable[str], directory: str) -> list[str]:
    """Return *directory* if it is a place below *inputs* that has outputs alone."""
    real = os.path.realpath(directory)
    for path in inputs:
        if os.path.isdir(path) and f"{os.path.realpath(path)}/".startswith(f"{real}/"):
            return []
    return [directory]


def paths_of(files: Sequence[str], directory: str, base: str | None) -> Mapping[str, str]:
    """Return where the sources of the C *files* go below *directory*, by file.

    As for the outputs of many sources, and no two have one path. A program whose header would be
    called like one that lies beside it has `.maps` in its name.

    Raises:
        UsageError: One is not below *base*.
    """
    stems = dict(zip(files, mirrored(list(files), directory, base), strict=True))
    paths: dict[str, str] = {}
    taken: set[str] = set()
    # Headers first: theirs is the name.
    for file in sorted(files, key=lambda file: (not file.endswith(".h"), file)):
        stem = stems[file]
        beside = os.path.join(os.path.dirname(file), f"{os.path.basename(stem)}.h")
        names = [f"{stem}.dsl"] if file.endswith(".h") or not os.path.exists(beside) else []
        names += (f"{stem}.maps.dsl", os.path.join(f"{stem}.{_ending(file)}.dsl"))
        path = next((name for name in names if name not in taken), names[-1])
        taken.add(path)
        paths[file] = path
    return paths


def _ending(file: str) -> str:
    return os.path.basename(file).partition(".")[2]


def diagnostics_of(project: Project) -> list[Diagnostic]:
    """Return all that is to be said, each thing once though it is so in many programs."""
    said: dict[tuple[str, str, str], Diagnostic] = {}
    missing: set[Subject] = set()
    several = [program.diagnostics for program in project.programs]
    several += [source.diagnostics for source in project.sources]
    for diagnostics in (*several, project.diagnostics):
        for each in diagnostics:
            if each.subject is not None and each.subject.kind == "header":
                if each.subject in missing:
                    continue
                missing.add(each.subject)
            said.setdefault((each.code, each.severity, each.message), each)
    for directory, why in project.passed_over:
        message = f"{directory} is passed over: {why}"
        note = Diagnostic("import-context", message, None, severity=NOTE)
        said[note.code, note.severity, message] = note
    return list(said.values())


def _deliver(project: Project, arguments: argparse.Namespace, terminal: Terminal) -> int:
    """Write, or compare, the sources that have no error; return the status."""
    status = DONE
    for source in project.sources:
        if source.compilation is None:
            continue
        if leads_outside(source.path, arguments.out_dir):
            message = f"cannot write `{source.path}`: a link leads out of `{arguments.out_dir}`"
            terminal.error("file", message, help="remove the link, or name another --out-dir")
            status = WRONG
            continue
        if not arguments.check and not has_made_directory(terminal, source.path):
            status = WRONG
            continue
        done = deliver(terminal, [(source.path, source.text.encode())], arguments)
        status = max(status, done)
    return status


def _sum_up(project: Project, more: Sequence[str], terminal: Terminal) -> None:
    """Say how much came over, what didn't, and how to compile what was written.

    *more* are the directories of headers that nobody named and that were found.
    """
    written = [source for source in project.sources if source.compilation is not None]
    maps = sum(len(source.maps) for source in written)
    programs = len(project.programs)
    lost = {source.file for source in project.sources if source.compilation is None}
    unaided = sum(
        _is_unaided(program) and lost.isdisjoint(program.sources) for program in project.programs
    )
    terminal.say(
        f"{counted(maps, 'map')} in {counted(len(written), 'source')}; "
        f"{unaided} of {counted(programs, 'program')} unaided"
    )
    left = {name: None for program in project.programs for name in program.left_out}
    if left:
        terminal.say(f"left out, with the reason above: {listed(left)}")
    failed = [source.file for source in project.sources if source.compilation is None]
    failed += (
        program.path
        for program in project.programs
        if is_refused(program) or any(said.severity == ERROR for said in program.diagnostics)
    )
    if failed:
        terminal.say(f"not written, with the error above: {listed(dict.fromkeys(failed))}")
    unheld = [p.path for p in project.programs if p.is_read and not p.is_held]
    if unheld:
        terminal.say(f"not held against an object, which clang doesn't make: {listed(unheld)}")
    directories = dict.fromkeys((*more, *project.directories))
    if directories:
        flags = " ".join(f"-I {directory}" for directory in directories)
        terminal.say(f"to compile them, add {flags}")


def is_refused(program: ProgramImport) -> bool:
    """Whether nobody has flags for *program*, which has been reported."""
    return not program.is_read and not program.diagnostics


def _is_unaided(program: ProgramImport) -> bool:
    """Whether nothing has to be done by hand for *program*."""
    return (
        program.is_read
        and not program.left_out
        and not any(
            said.severity == ERROR or (said.severity == WARNING and said.code == "import-map")
            for said in program.diagnostics
        )
    )


def counted(number: int, what: str) -> str:
    """Return *number* with the noun *what*: `1 map`, `2 maps`."""
    return f"{number} {what}" + "s" * (number != 1)


def listed(names: Iterable[str]) -> str:
    """Return the first few of *names*, and how many more there are."""
    all_names = list(names)
    more = len(all_names) - _MOST_NAMED
    return ", ".join(all_names[:_MOST_NAMED]) + (f" and {more} more" if more > 0 else "")
