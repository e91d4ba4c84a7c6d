"""`bpfgen maps.dsl -o maps.h`: the main job, from the command line to the files.

What is compiled, checked and emitted is the business of `compiler`; here are files and status only.
"""

from __future__ import annotations

import errno
import os
import sys

from bpfgen.commands import DONE, MISSING, USAGE, WRONG
from bpfgen.commands.arguments import configurations_of, parsed, pipeline_options, terminal_of
from bpfgen.commands.delivery import cannot, deliver, put
from bpfgen.commands.places import jobs_of, overwritten
from bpfgen.commands.terminal import Warnings, write_output
from bpfgen.files.reading import read_source
from bpfgen.record import TYPE_CHECKING, Record

if TYPE_CHECKING:
    import argparse

    from bpfgen.commands.configuration import Configuration
    from bpfgen.commands.places import Job
    from bpfgen.commands.progress import Progress
    from bpfgen.compiler import Compilation, Options
    from bpfgen.providers.imports import SharedImport
    from bpfgen.text.diagnostics import Diagnostic
    from bpfgen.text.source import Source


class _Product(Record):
    """What came of a job that had no errors.

    Attributes:
        job: The job.
        data: The bytes of its output; None where none is wanted.
        dependencies: The files that were read on the way, but for the input.
    """

    job: Job
    data: bytes | None
    dependencies: tuple[str, ...]


def run(words: list[str]) -> int:
    """Compile what *words* say; return the exit status."""
    arguments = parsed("compile", words)
    if arguments.version:
        from bpfgen.resources import VERSION

        write_output(f"bpfgen {VERSION}\n")
        return DONE
    if arguments.cmake_dir:
        from bpfgen.resources import cmake_directory

        write_output(f"{cmake_directory()}\n")
        return DONE
    jobs = jobs_of(arguments)
    if arguments.watch:
        from bpfgen.commands.watch import watch

        return watch(arguments, jobs)
    return Run(arguments).all(jobs)


class Run:
    """One run of the command over all its inputs.

    Attributes:
        read: Every file that it read, or would have if it were there.
    """

    def __init__(self, arguments: argparse.Namespace) -> None:
        self.arguments = arguments
        self.terminal = terminal_of(arguments)
        self.read: list[str] = []
        # What is wrong with the command line is told before anything is written.
        self._configurations = configurations_of(arguments)
        pipeline_options(arguments)
        self._options: dict[str, Options] = {}
        self._shared: dict[str, dict[str, SharedImport]] = {}
        self._told: set[str] = set()
        self._unused: dict[str, tuple[Diagnostic, int]] = {}
        self._compiled = 0
        self._warned_unverified = False

    def all(self, jobs: list[Job]) -> int:
        """Do *jobs*, each as far as it goes; return the worst status."""
        with self._progress(len(jobs)):
            status = self._all(jobs)
        self.terminal.finish()
        return status

    def _progress(self, count: int) -> Progress | _NoProgress:
        """Return what shows how far a long run is; nothing but to a person at a terminal."""
        if self.terminal.form != "text" or sys.stderr is None or not sys.stderr.isatty():
            return _NoProgress()
        from bpfgen.commands.progress import Progress

        self.terminal.progress = Progress(count)
        return self.terminal.progress

    def _all(self, jobs: list[Job]) -> int:
        depfile: str | None = None if self.arguments.check else self.arguments.depfile
        if depfile is not None and not self._has_directory(depfile):
            # Later would be too late: make takes an output that is there for one that is current.
            missing = FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT))
            cannot(self.terminal, "write", depfile, missing)
            return WRONG
        status = DONE
        products: list[_Product] = []
        for job in jobs:
            if self.terminal.progress is not None:
                self.terminal.progress.step(job.input)
            product = self._one(job)
            if not isinstance(product, _Product):
                status = max(status, product)
            elif depfile is None:
                status = max(status, self._deliver(product))
            else:
                products.append(product)
        if self._unused:
            status = max(status, self._tell_unused())
        # The outputs come after the depfile: should we be killed in between, they are out of date
        # and are made again. A current output beside an old depfile would hide what it depends on.
        if depfile is not None and status == DONE:
            status = self._write_depfile(depfile, products)
            if status != DONE:
                return status
        for product in products:
            status = max(status, self._deliver(product))
        return status

    def _one(self, job: Job) -> _Product | int:
        """Return what *job* makes, or the status of its failure, which has been told."""
        from bpfgen.clang.errors import ToolMissing

        if job.input != "-":
            self.read.append(job.input)
        configuration = self._configurations.of(job.input)
        if configuration is not None:
            self.read.append(configuration.path)
            if configuration.diagnostics:
                if configuration.path not in self._told:
                    self._told.add(configuration.path)
                    self.terminal.report(configuration.diagnostics)
                return USAGE
        options = self._options_for(configuration)
        try:
            source, wrong = read_source(job.input)
        except OSError as error:
            cannot(self.terminal, "read", job.input, error)
            return WRONG
        if wrong is not None:
            self.terminal.report([wrong])
            return WRONG
        try:
            return self._compile(job, source, options, configuration)
        except ToolMissing as missing:
            self.terminal.error("tool-missing", str(missing))
            return MISSING

    def _options_for(self, configuration: Configuration | None) -> Options:
        """Return the options under *configuration*, and let its warnings hold from now on."""
        path = "" if configuration is None else configuration.path
        if configuration is not None:
            words = [*configuration.warnings, *self.arguments.warnings]
            self.terminal.warnings = Warnings(words)
        elif self._options:
            self.terminal.warnings = Warnings(self.arguments.warnings)
        options = self._options.get(path)
        if options is None:
            options = pipeline_options(self.arguments, configuration)
            self._options[path] = options
        return options

    def _compile(
        self, job: Job, source: Source, options: Options, configuration: Configuration | None
    ) -> _Product | int:
        """Return what *source* comes to, or the status of its failure, which has been told."""
        from bpfgen.compiler import build_object, compile, emit

        path = "" if configuration is None else configuration.path
        compilation = compile(source, options, self._shared.setdefault(path, {}))
        self.read += compilation.dependencies
        self._compiled += 1
        told = self._worth_telling(compilation.diagnostics, configuration)
        if self.terminal.report(told) or compilation.failed:
            return WRONG
        dependencies = tuple(compilation.dependencies)
        if configuration is not None:
            dependencies += (configuration.path,)
        if job.output != "-":
            lost = overwritten(job.output, dependencies)
            if lost is not None:
                message = f"`{job.output}` is read for `{job.input}`; it would be written over"
                self.terminal.error("usage", message)
                return USAGE
        if job.form == "object":
            headers: list[str] = []
            data, diagnostics = build_object(
                compilation, options, shipped=True, headers_read=headers
            )
            dependencies = tuple(dict.fromkeys((*dependencies, *headers)))
            self.read += headers
            if self.terminal.report(diagnostics) or data is None:
                return WRONG
        elif job.form == "none":
            if self.arguments.verify and not self._verified(compilation, options):
                return WRONG
            return _Product(job, None, dependencies)
        else:
            data = emit(compilation, options, job.form).encode("utf-8", "surrogateescape")
            if job.form == "header" and not self._verified(compilation, options):
                return WRONG
        return _Product(job, data, dependencies)

    def _worth_telling(
        self, diagnostics: list[Diagnostic], configuration: Configuration | None
    ) -> list[Diagnostic]:
        """Return *diagnostics* without the warnings of definitions that others may need.

        What a project defines is for those of its files that have such a constant; what is defined
        on a command line of many inputs is for one of them at least.
        """
        if not any(each.code == "unknown-definition" for each in diagnostics):
            return diagnostics
        from bpfgen.text.diagnostics import WARNING

        given = {f"-D {word.partition('=')[0]}" for word in self.arguments.definitions}
        kept: list[Diagnostic] = []
        for each in diagnostics:
            if each.code != "unknown-definition" or each.severity != WARNING:
                kept.append(each)
            elif each.message.split("`")[1] in given or configuration is None:
                if len(self.arguments.inputs) == 1:
                    kept.append(each)
                else:
                    first, count = self._unused.get(each.message, (each, 0))
                    self._unused[each.message] = (first, count + 1)
        return kept

    def _tell_unused(self) -> int:
        """Warn of the definitions that no input had a constant for; return the status."""
        unused = [each for each, count in self._unused.values() if count == self._compiled]
        self.terminal.warnings = Warnings(self.arguments.warnings)
        return WRONG if self.terminal.report(unused) else DONE

    def _verified(self, compilation: Compilation, options: Options) -> bool:
        """Verify the header as far as that is wanted and possible; return whether it may go out.

        Raises:
            ToolMissing: There is no clang, and it was asked for by name or by `--verify`.
        """
        from bpfgen.clang.errors import INSTALL_HINT, ToolMissing
        from bpfgen.compiler import build_object

        verify: bool | None = self.arguments.verify
        if verify is False:
            return True
        try:
            data, diagnostics = build_object(compilation, options)
        except ToolMissing as missing:
            if verify or missing.named:
                raise
            if self._warned_unverified:
                return True
            self._warned_unverified = True
            return not self.terminal.report([unverified(INSTALL_HINT)])
        return not self.terminal.report(diagnostics) and data is not None

    def _deliver(self, product: _Product) -> int:
        """Write, print or compare the bytes of *product*; return the status."""
        if product.data is None:
            return DONE
        path = product.job.output
        if not self.arguments.check and not self._made_directory(path):
            return WRONG
        return deliver(self.terminal, path, product.data, self.arguments)

    def _made_directory(self, path: str) -> bool:
        """Make the directory of *path* where it is for us to make; return False if we can't."""
        directory = os.path.dirname(path)
        if self.arguments.out_dir is not None and directory:
            try:
                os.makedirs(directory, exist_ok=True)
            except OSError as error:
                cannot(self.terminal, "write", directory, error)
                return False
        return True

    def _has_directory(self, path: str) -> bool:
        """Whether the directory of *path* is there, or is one that the outputs may bring."""
        return self._is_below_outputs(path) or os.path.isdir(os.path.dirname(path) or ".")

    def _is_below_outputs(self, path: str) -> bool:
        """Whether *path* is in the directory that the outputs go to, or below it."""
        if self.arguments.out_dir is None:
            return False
        below = os.path.abspath(self.arguments.out_dir).rstrip("/") + "/"
        return os.path.abspath(path).startswith(below)

    def _write_depfile(self, path: str, products: list[_Product]) -> int:
        """Write the rule of all *products* to the file *path*; return the status."""
        from bpfgen.files.writing import depfile, depfile_fault

        target: str | None = self.arguments.depfile_target
        outputs = [product.job.output for product in products] if target is None else [target]
        inputs = [product.job.input for product in products if product.job.input != "-"]
        dependencies = [name for product in products for name in product.dependencies]
        for name in (*outputs, *inputs, *dependencies):
            wrong = depfile_fault(name)
            if wrong:
                message = f"cannot write `{path}`: no depfile can hold `{name}`: its name {wrong}"
                self.terminal.error("file", message, help="rename it, or the directory that has it")
                return WRONG
        data = os.fsencode(depfile(outputs, inputs, dependencies))
        if self._is_below_outputs(path) and not self._made_directory(path):
            return WRONG
        return put(self.terminal, path, data, is_verbose=False)


class _NoProgress:
    """Shows nothing."""

    def __enter__(self) -> None:
        pass

    def __exit__(self, *_exception: object) -> None:
        pass


def unverified(advice: str) -> Diagnostic:
    """Return the warning that a header goes out that no compiler has seen."""
    from bpfgen.text.diagnostics import WARNING, Diagnostic

    message = "what is written is not verified: no clang with the bpf target was found"
    help = f"{advice}; --no-verify does without"
    return Diagnostic("unverified", message, None, help=help, severity=WARNING)
