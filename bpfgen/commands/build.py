"""One run of the compiler over all its inputs: each is read, compiled, verified and written.

What goes wrong with one input is reported, and the others are done all the same.
"""

from __future__ import annotations

import sys

from bpfgen.commands import DONE, MISSING, USAGE, WRONG
from bpfgen.commands.arguments import configurations_of, pipeline_options, terminal_of
from bpfgen.commands.delivery import cannot, deliver, has_made_directory
from bpfgen.commands.destinations import overwritten
from bpfgen.commands.forms import NONE, OBJECT
from bpfgen.commands.settings import given_settings, refuse_unknown, settings_of
from bpfgen.commands.terminal import Warnings
from bpfgen.emit import BACKENDS, OutputRefused
from bpfgen.files.reading import read_source
from bpfgen.record import TYPE_CHECKING, Record
from bpfgen.text.diagnostics import WARNING, Diagnostic

if TYPE_CHECKING:
    import argparse

    from bpfgen.commands.configuration import Configuration
    from bpfgen.commands.destinations import Job
    from bpfgen.commands.progress import Progress
    from bpfgen.compiler import Compilation, Options
    from bpfgen.emit.backend import OutputFile
    from bpfgen.providers.imports import SharedImport
    from bpfgen.text.source import Source


class Product(Record):
    """What came of a job that had no errors.

    Attributes:
        job: The job.
        contents: The bytes of each of its outputs.
        dependencies: The files that were read on the way, but for the input.
    """

    job: Job
    contents: tuple[bytes, ...]
    dependencies: tuple[str, ...]


class Build:
    """One run of the command over all its inputs.

    Attributes:
        read: Every file that it read, or would have if it were there.
    """

    def __init__(self, arguments: argparse.Namespace) -> None:
        self.arguments = arguments
        self.terminal = terminal_of(arguments)
        self.read: list[str] = []
        # What is wrong with the command line is reported before anything is written.
        self._configurations = configurations_of(arguments)
        pipeline_options(arguments)
        self._given = given_settings(arguments)
        self._options: dict[str, Options] = {}
        self._shared: dict[str, dict[str, SharedImport]] = {}
        self._refused_configurations: set[str] = set()
        self._unused = _UnusedDefinitions(arguments)
        self._warned_unverified = False

    def run(self, jobs: list[Job]) -> int:
        """Do *jobs*, each as far as it goes; return the worst status.

        Raises:
            UsageError: An option is for none of the outputs, or has a value that makes no sense.
        """
        refuse_unknown(self._given, (job.form for job in jobs))
        with self._progress(len(jobs)):
            status = self._run(jobs)
        self.terminal.finish()
        return status

    def _progress(self, count: int) -> Progress | _NoProgress:
        """Return what shows how far a long run is; nothing but to a person at a terminal."""
        if self.terminal.form != "text" or sys.stderr is None or not sys.stderr.isatty():
            return _NoProgress()
        from bpfgen.commands.progress import Progress

        self.terminal.progress = Progress(count)
        return self.terminal.progress

    def _run(self, jobs: list[Job]) -> int:
        depfile: str | None = None if self.arguments.check else self.arguments.depfile
        if depfile is not None:
            from bpfgen.commands.depfile import refuse_missing_directory

            # Later would be too late: make takes an output that is there for one that is current.
            if refuse_missing_directory(self.terminal, depfile, self.arguments.out_dir):
                return WRONG
        status = DONE
        products: list[Product] = []
        for job in jobs:
            if self.terminal.progress is not None:
                self.terminal.progress.step(job.input)
            product = self._product(job)
            if not isinstance(product, Product):
                status = max(status, product)
            elif depfile is None:
                status = max(status, self._deliver(product))
            else:
                products.append(product)
        status = max(status, self._report_unused())
        # The outputs come after the depfile: should we be killed in between, they are out of date
        # and are made again. A current output beside an old depfile would hide what it depends on.
        if depfile is not None and status == DONE:
            status = self._write_depfile(depfile, products)
            if status != DONE:
                return status
        for product in products:
            status = max(status, self._deliver(product))
        return status

    def _product(self, job: Job) -> Product | int:
        """Return what *job* makes, or the status of its failure, which has been reported."""
        from bpfgen.clang import ToolMissing

        if job.input != "-":
            self.read.append(job.input)
        configuration = self._configurations.of(job.input)
        if configuration is not None:
            self.read.append(configuration.path)
            if configuration.diagnostics:
                if configuration.path not in self._refused_configurations:
                    self._refused_configurations.add(configuration.path)
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
    ) -> Product | int:
        """Return what *source* comes to, or the status of its failure, which has been reported."""
        from bpfgen.compiler import compile

        path = "" if configuration is None else configuration.path
        compilation = compile(source, options, self._shared.setdefault(path, {}))
        self.read += compilation.dependencies
        reported = self._unused.kept_back(
            _one_for_c(job.input, compilation.diagnostics), is_configured=configuration is not None
        )
        if self.terminal.report(reported) or compilation.failed:
            return WRONG
        dependencies = tuple(compilation.dependencies)
        if configuration is not None:
            dependencies += (configuration.path,)
        lost = overwritten(job, dependencies)
        if lost is not None:
            message = f"`{lost}` is read for `{job.input}`; it would be written over"
            self.terminal.error("usage", message)
            return USAGE
        if job.form == OBJECT:
            return self._object(job, compilation, options, dependencies)
        if job.form == NONE:
            if not self._is_verified(compilation, options, is_written=False):
                return WRONG
            return Product(job, (), dependencies)
        return self._emitted(job, compilation, options, configuration, dependencies)

    def _object(
        self, job: Job, compilation: Compilation, options: Options, dependencies: tuple[str, ...]
    ) -> Product | int:
        """Return the object, which depends on the C headers that clang reads, too."""
        from bpfgen.compiler import build

        built = build(compilation, options, shipped=True)
        self.read += built.headers_read
        if self.terminal.report(built.diagnostics) or built.object is None:
            return WRONG
        headers = dict.fromkeys((*dependencies, *built.headers_read))
        return Product(job, (built.object,), tuple(headers))

    def _emitted(
        self,
        job: Job,
        compilation: Compilation,
        options: Options,
        configuration: Configuration | None,
        dependencies: tuple[str, ...],
    ) -> Product | int:
        """Return the files of a backend."""
        from bpfgen.compiler import emit_files

        configured = () if configuration is None else [configuration.settings]
        settings = settings_of(job.form, self._given, configured)
        try:
            files = emit_files(compilation, options, job.form, settings)
        except OutputRefused as refused:
            self.terminal.report(refused.diagnostics)
            return WRONG
        if BACKENDS[job.form].verified and not self._is_verified(compilation, options, files[0]):
            return WRONG
        return Product(job, tuple(file.data for file in files), dependencies)

    def _is_verified(
        self,
        compilation: Compilation,
        options: Options,
        header: OutputFile | None = None,
        *,
        is_written: bool = True,
    ) -> bool:
        """Verify the header as far as that is wanted and possible; return whether it may go out.

        Args:
            compilation: One without errors.
            options: What it was compiled with.
            header: Its header, if it has been emitted.
            is_written: Something comes of it that would go out unverified without a clang.

        Raises:
            ToolMissing: There is no clang, and it was asked for by name or by `--verify`.
        """
        verify: bool | None = self.arguments.verify
        if verify is False:
            return True
        from bpfgen.clang import INSTALL_HINT, ToolMissing
        from bpfgen.compiler import build

        try:
            built = build(compilation, options, header=header)
        except ToolMissing as missing:
            if verify or missing.named:
                raise
            if self._warned_unverified or not is_written:
                return True
            self._warned_unverified = True
            return not self.terminal.report([_unverified(INSTALL_HINT)])
        return not self.terminal.report(built.diagnostics) and built.object is not None

    def _report_unused(self) -> int:
        """Warn of the definitions that no input had a constant for; return the status."""
        unused = self._unused.everywhere()
        if not unused:
            return DONE
        self.terminal.warnings = Warnings(self.arguments.warnings)
        return WRONG if self.terminal.report(unused) else DONE

    def _write_depfile(self, path: str, products: list[Product]) -> int:
        """Write the rule of all *products*; return the status."""
        from bpfgen.commands.depfile import Rule, write_depfile

        target: str | None = self.arguments.depfile_target
        rule = Rule(
            [name for product in products for name in product.job.outputs]
            if target is None
            else [target],
            [product.job.input for product in products if product.job.input != "-"],
            [name for product in products for name in product.dependencies],
        )
        return write_depfile(self.terminal, path, rule, self.arguments.out_dir)

    def _deliver(self, product: Product) -> int:
        """Write, print or compare the files of *product*; return the status."""
        files = list(zip(product.job.outputs, product.contents, strict=True))
        status = DONE
        # The main file comes last, and only where the others are: a build looks at its time.
        for path, data in (*files[1:], *files[:1]):
            if self.arguments.check:
                status = max(status, deliver(self.terminal, path, data, self.arguments))
            elif status == DONE and has_made_directory(self.terminal, path, self.arguments.out_dir):
                status = deliver(self.terminal, path, data, self.arguments)
            else:
                status = WRONG
        return status


class _UnusedDefinitions:
    """The warnings of `-D` options that one input has no constant for, and others may.

    What a project defines is for those of its files that have such a constant; what is defined on a
    command line of many inputs is for one of them at least.
    """

    def __init__(self, arguments: argparse.Namespace) -> None:
        self._given = {word.partition("=")[0] for word in arguments.definitions}
        self._has_one_input = len(arguments.inputs) == 1
        self._compiled = 0
        self._unused: dict[str, tuple[Diagnostic, int]] = {}

    def kept_back(self, diagnostics: list[Diagnostic], *, is_configured: bool) -> list[Diagnostic]:
        """Return *diagnostics* of one more input, without those that others may settle."""
        self._compiled += 1
        reported: list[Diagnostic] = []
        for diagnostic in diagnostics:
            subject = diagnostic.subject
            if (
                diagnostic.code != "unknown-definition"
                or diagnostic.severity != WARNING
                or subject is None
            ):
                reported.append(diagnostic)
            elif subject.name in self._given or not is_configured:
                if self._has_one_input:
                    reported.append(diagnostic)
                else:
                    first, count = self._unused.get(subject.name, (diagnostic, 0))
                    self._unused[subject.name] = (first, count + 1)
        return reported

    def everywhere(self) -> list[Diagnostic]:
        """Return the warnings that hold for every input that was compiled."""
        return [first for first, count in self._unused.values() if count == self._compiled]


class _NoProgress:
    """Shows nothing."""

    def __enter__(self) -> None:
        pass

    def __exit__(self, *_exception: object) -> None:
        pass


def _one_for_c(path: str, diagnostics: list[Diagnostic]) -> list[Diagnostic]:
    """Return *diagnostics* of the source *path*, or one in their place where it is a file of C."""
    codes = {diagnostic.code for diagnostic in diagnostics}
    if not path.endswith((".c", ".h")) or codes.isdisjoint(("syntax", "preprocessor")):
        return diagnostics
    message = f"`{path}` is named as C, and a source of another language is wanted"
    advice = f"`bpfgen import {path} -o maps.dsl` translates its maps"
    return [Diagnostic("syntax", message, None, help=advice)]


def _unverified(advice: str) -> Diagnostic:
    """Return the warning that a header goes out that no compiler has seen."""
    message = "what is written is not verified: no clang with the bpf target was found"
    help = f"{advice}; --no-verify does without"
    return Diagnostic("unverified", message, None, help=help, severity=WARNING)
