"""`--fix` and `--fix-all`: what messages advise is done to the inputs, before the run goes on.

Beside `build`, which calls it before any input is compiled for its outputs. Each input is compiled
and edited until nothing is left to do, and is then written whole or not at all; the rest of the run
reads what is there afterwards, and reports what remains. An import that is no input stays as it is.
"""

from __future__ import annotations

import os
from collections import Counter

from bpfgen.commands import DONE, USAGE, WRONG, UsageError
from bpfgen.commands.delivery import put_over, show_difference
from bpfgen.commands.terminal import write_output
from bpfgen.compiler import compile
from bpfgen.ctype.describe import counted
from bpfgen.files.reading import BYTE_ORDER_MARK, FILES, STDIN, decode_source, identity
from bpfgen.files.writing import check, unified_diff
from bpfgen.record import TYPE_CHECKING, replace
from bpfgen.sources import LANGUAGE, is_file, kind_of
from bpfgen.text.diagnostics import ERROR
from bpfgen.text.edits import repaired

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable, Sequence

    from bpfgen.commands.destinations import Job
    from bpfgen.commands.terminal import Terminal
    from bpfgen.compiler import Options
    from bpfgen.text.diagnostics import Diagnostic
    from bpfgen.text.source import Source


def refuse_nonsense(arguments: argparse.Namespace, jobs: Sequence[Job] | None) -> None:
    """Refuse what doesn't go together with `--fix`, `--fix-all` or `--diff`.

    *jobs* are those of the command line, or None for a project's.

    Raises:
        UsageError: There is something.
    """
    option = "--fix-all" if arguments.fix_all else "--fix"
    if not (arguments.fix or arguments.fix_all):
        raise UsageError("--diff shows what --fix or --fix-all would change", "--fix --diff")
    if arguments.check:
        raise UsageError(f"{option} and --check exclude each other", f"{option} --diff")
    if arguments.watch:
        raise UsageError(f"{option} and --watch exclude each other")
    for job in jobs or ():
        if job.input == "-" and "-" in job.files:
            message = f"with {option}, standard output gets the source that `-` is"
            raise UsageError(message, f"bpfgen - {option} -o maps.h")


class _Input:
    """An input: what it holds by now, and what it was read as.

    Attributes:
        job: Its job.
        read: Its bytes as they were.
        data: Its bytes after the changes so far.
        fixed: How many messages are done with.
        left: What is said of it now.
        needs: The identities of the files that it imports, or would.
    """

    __slots__ = ("data", "fixed", "job", "left", "needs", "read")

    def __init__(self, job: Job, data: bytes) -> None:
        self.job = job
        self.read = data
        self.data = data
        self.fixed = 0
        self.left: list[Diagnostic] = []
        self.needs: set[str] = set()

    @property
    def path(self) -> str:
        """The path as typed, or `-`."""
        return self.job.input

    @property
    def name(self) -> str:
        """What messages call it."""
        return STDIN if self.path == "-" else self.path


class _Changed:
    """The file system as an opener that has the inputs as they are after the changes."""

    __slots__ = ("inputs",)

    def __init__(self) -> None:
        self.inputs: dict[str, _Input] = {}

    def read(self, path: str) -> bytes:
        """Return what the file *path* holds, or is to hold."""
        changed = self.inputs.get(identity(path))
        return FILES.read(path) if changed is None else changed.data

    def is_file(self, path: str) -> bool:
        """Return whether there is a file *path* to read."""
        return FILES.is_file(path)


class Fixing:
    """Makes the changes of one run, and says how many.

    Attributes:
        stdin: What standard input is after the changes; None where it is no input.
    """

    def __init__(
        self,
        arguments: argparse.Namespace,
        terminal: Terminal,
        options_of: Callable[[Job], Options | None],
    ) -> None:
        self.stdin: bytes | None = None
        self._changes_meaning: bool = arguments.fix_all
        self._is_shown: bool = arguments.diff
        self._terminal = terminal
        self._options_of = options_of
        self._opener = _Changed()

    def run(self, jobs: Sequence[Job]) -> int:
        """Change the inputs of *jobs*; return the status.

        It is 2 where one is nothing that can be changed, or its options make no sense, which has
        been reported. With `--diff` it is 1 where there is something to change, or an error.
        """
        inputs = self._inputs(jobs)
        if inputs is None:
            return USAGE
        status = DONE
        waiting = list(inputs)
        for _ in inputs:  # what one imports may be another one, which has changed by now
            changed: set[str] = set()
            for path in waiting:
                before = inputs[path].data
                status = max(status, self._fix(inputs[path]))
                if status == USAGE:
                    return status
                if inputs[path].data != before:
                    changed.add(path)
            waiting = [path for path in inputs if inputs[path].needs & (changed - {path})]
            if not waiting:
                break
        for each in inputs.values():
            status = max(status, self._tell(each))
        return status

    def _inputs(self, jobs: Sequence[Job]) -> dict[str, _Input] | None:
        """Return what can be read of the inputs of *jobs*, each once, by their identities.

        None where one can't be changed by its nature, which has been reported.
        """
        inputs = self._opener.inputs
        for job in jobs:
            path = job.input
            if path == "-":
                self.stdin = FILES.read(path) if self.stdin is None else self.stdin
                inputs.setdefault(path, _Input(job, self.stdin))
                continue
            is_regular = is_file(path) and os.path.isfile(path)
            if not is_regular and is_file(path) and not os.path.exists(path):
                continue  # the run will say so
            try:
                data = FILES.read(path) if is_regular else b""
            except OSError:
                continue
            if not is_regular or kind_of(path, data) != LANGUAGE:
                what = "sources in files" if is_regular else "files"
                message = f"--fix changes {what}, and `{path}` is none"
                self._terminal.error("usage", message, help="leave --fix out, or the input")
                return None
            inputs.setdefault(identity(path), _Input(job, data))
        return inputs

    def _fix(self, given: _Input) -> int:
        """Make the changes of *given*, as far as it can be written; return the status."""
        from bpfgen.clang import NoTemporaryFile, ToolMissing
        from bpfgen.syntax.harmless_edits import keep_the_rest

        options = self._options_of(given.job)
        if options is None:
            return USAGE
        warnings = self._terminal.warnings
        asked = replace(options, opener=self._opener, keep_repeated=True)

        def diagnose(source: Source) -> list[Diagnostic]:
            compilation = compile(source, asked)
            given.needs = set(map(identity, compilation.dependencies))
            return warnings.applied(compilation.diagnostics)

        source, wrong = decode_source(given.name, given.data)
        if wrong is not None:
            given.left = [wrong]
            return DONE
        try:
            outcome = repaired(
                source, diagnose, keep_the_rest, changing_meaning=self._changes_meaning
            )
        except (ToolMissing, NoTemporaryFile):
            return DONE  # the run will say so
        given.left = list(outcome.left)
        if not outcome.fixed:
            return DONE
        mark = BYTE_ORDER_MARK if given.data.startswith(BYTE_ORDER_MARK) else b""
        data = mark + outcome.source.text.encode()
        if given.path != "-" and not self._is_shown and not self._write(given, data):
            return WRONG
        given.data = data
        given.fixed += len(outcome.fixed)
        return DONE

    def _write(self, given: _Input, data: bytes) -> bool:
        """Write *data* to the file *given*; return whether that has been done."""
        return put_over(self._terminal, given.path, given.data, data, is_verbose=False) == DONE

    def _tell(self, given: _Input) -> int:
        """Say what became of *given*, and show it where that is wanted; return the status."""
        terminal, is_stdin = self._terminal, given.path == "-"
        if not self._is_shown:
            if is_stdin:
                self.stdin = given.data
                write_output(given.data)
            if given.fixed:
                terminal.say(f"fixed {given.fixed} in {given.name}")
            return DONE
        wrong = [said for said in given.left if said.severity == ERROR]
        names = (said.span.source.name if said.span is not None else given.name for said in wrong)
        errors = Counter(names)
        said = [f"would fix {given.fixed}"] if given.fixed else []
        if own := errors.pop(given.name, 0):
            said.append(f"would leave {counted(own, 'error')}")
        if said:
            terminal.say(f"{', '.join(said)} in {given.name}")
        for name, count in errors.items():  # of imports; what hides behind them nobody knows yet
            terminal.say(f"would leave {counted(count, 'error')} in {name}, which it imports")
        if terminal.form != "text":
            terminal.report(wrong)
        if given.data != given.read:
            if is_stdin:
                difference = unified_diff(STDIN.encode(), given.read, given.data)
            else:
                difference = check(given.path, given.data)
            show_difference(terminal, given.name, difference)
        return WRONG if said or wrong else DONE
