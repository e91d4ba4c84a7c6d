"""One run of the compiler over all its inputs: each is read, compiled, verified and written.

What goes wrong with one input is reported, and the others are done all the same.
"""

from __future__ import annotations

import os
import sys
from functools import partial

from bpfgen.commands import DONE, MISSING, USAGE, WRONG, NothingAsked, UsageError
from bpfgen.commands.arguments import (
    configurations_of,
    jobs_at_a_time,
    pipeline_options,
    terminal_of,
)
from bpfgen.commands.delivery import deliver, has_made_directory, in_writing_order, say_current
from bpfgen.commands.destinations import refuse_conflicts
from bpfgen.commands.products import Producer, Product
from bpfgen.commands.reports import Reports
from bpfgen.commands.settings import given_settings, refuse_unknown, settings_of, style_of
from bpfgen.commands.terminal import Warnings
from bpfgen.commands.turns import Turns, may_ask_headers, reads_one_of
from bpfgen.files.reading import STDIN
from bpfgen.record import TYPE_CHECKING, replace
from bpfgen.sources import (
    LANGUAGE,
    C,
    contents_of,
    is_file,
    kind_of,
    open_source,
    options_of_outputs,
)
from bpfgen.text.diagnostics import FormatError

if TYPE_CHECKING:
    import argparse

    from bpfgen.commands.configuration import Configuration
    from bpfgen.commands.destinations import Job
    from bpfgen.commands.progress import Progress
    from bpfgen.commands.results import Result, Results, Trace
    from bpfgen.compiler import Options
    from bpfgen.emit.backend import Settings
    from bpfgen.providers.imports import SharedImport
    from bpfgen.sources import Contents, Opened
    from bpfgen.steps import Steps


class Build:
    """One run of the command over all its inputs.

    Attributes:
        read: Every file that it read, or would have if it were there.
        jobs: What was to be done.
        directories: Where other inputs of the project would appear.
        root: Below it, missing directories are made; None where nothing says so.
    """

    def __init__(self, arguments: argparse.Namespace) -> None:
        self.arguments = arguments
        self.terminal = terminal_of(arguments)
        self.read: list[str] = []
        self.jobs: list[Job] = []
        self.directories: tuple[str, ...] = ()
        self.root: str | None = arguments.out_dir
        # What is wrong with the command line is reported before anything is written.
        self._configurations = configurations_of(arguments)
        pipeline_options(arguments)
        self._given = given_settings(arguments)
        self._options: dict[str, Options] = {}
        self._shared: dict[str, dict[str, SharedImport]] = {}
        self._refused_configurations: set[str] = set()
        self._reports = Reports(arguments, self.terminal)
        self._producer = Producer(arguments, self.terminal, self._given)
        self._results: Results | None = None
        self._stdin: bytes | None = None  # what it held, where it has been read
        self._most_at_a_time = jobs_at_a_time(arguments)
        self._turns = Turns(self.terminal, self._most_at_a_time)
        self._writes_at_once = True
        self._are_noted = True  # all that was asked of headers is, in the results

    def run(self, jobs: list[Job] | None) -> int:
        """Do *jobs*, each as far as it goes; return the worst status.

        None are those of the project, which are looked up in its file.

        Raises:
            UsageError: An option is for none of the outputs, or has a value that makes no sense;
                or there is no project with outputs.
        """
        status = DONE
        if jobs is None:
            jobs = self._jobs_of_project()
            status = USAGE if jobs is None else DONE
        if jobs is not None:
            refuse_unknown(self._given, (output.form for job in jobs for output in job.outputs))
            self.jobs = jobs
            self.terminal.inputs = frozenset(
                STDIN if job.input == "-" else job.input for job in jobs
            )
            if self.arguments.check or len(jobs) > 1:
                # Who compiles one source has changed it: such a run doesn't load the module.
                from bpfgen.commands.results import Results

                self._results = Results(self.arguments.verify)
            with self._progress(len(jobs)):
                status = self._fix_and_run(jobs)
        self.terminal.finish()
        return status

    def _fix_and_run(self, jobs: list[Job]) -> int:
        """Do *jobs*, after the changes of their inputs that are wanted; return the status."""
        if not (self.arguments.fix or self.arguments.fix_all):
            return self._run(jobs)
        # Who changes no input doesn't load the module.
        from bpfgen.commands.fixing import Fixing

        fixing = Fixing(self.arguments, self.terminal, self._options_of)
        status = fixing.run(jobs)
        self._stdin = fixing.stdin
        if self.arguments.diff or status == USAGE:
            return status
        return max(status, self._run(jobs))

    def _options_of(self, job: Job) -> Options | None:
        """Return what *job* is to be compiled with; None if that is wrong, which was reported."""
        configuration = self._configurations.of(job.input)
        if configuration is not None and self._is_refused(configuration):
            return None
        configured = [] if configuration is None else [configuration.settings]
        return self._with_build_flags(self._options_for(configuration, job, configured), job)

    def _is_refused(self, configuration: Configuration) -> bool:
        """Return whether something is wrong with *configuration*, which is reported once."""
        wrong = configuration.diagnostics
        if wrong and configuration.path not in self._refused_configurations:
            self._refused_configurations.add(configuration.path)
            self.terminal.report(wrong)
        return bool(wrong)

    def _with_build_flags(self, options: Options, job: Job) -> Options | None:
        """Return *options* with the flags that `-p` finds for *job*; None if that was reported."""
        place: str | None = self.arguments.compile_commands
        if place is None:
            return options
        from bpfgen.commands.build_flags import commands_file, with_build_flags

        with_flags = with_build_flags(options, place, job.input, self.terminal)
        if with_flags is not None:
            self.read.append(commands_file(place))
        return with_flags

    def _jobs_of_project(self) -> list[Job] | None:
        """Return what the project lists; None where its file is wrong, which has been reported.

        Raises:
            UsageError: No outputs are listed.
        """
        configuration = self._configurations.of_project()
        if configuration is None or not (configuration.outputs or configuration.diagnostics):
            message, advice = "there is nothing to compile", "bpfgen maps.dsl -o maps.h"
            if configuration is None:
                raise NothingAsked(message, advice)
            advice += f", or list outputs in {configuration.path}: [[tool.bpfgen.outputs]]"
            raise UsageError(message, advice)
        self.read.append(configuration.path)
        self.root = os.path.dirname(configuration.path) or "."
        wrong = configuration.diagnostics
        if not wrong:
            from bpfgen.commands.project import plan_of

            plan = plan_of(configuration)
            self.directories, wrong = plan.directories, tuple(plan.diagnostics)
        if wrong:
            self.terminal.report(wrong)
            return None
        refuse_conflicts(plan.jobs, self.arguments.depfile)
        return plan.jobs

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
            if refuse_missing_directory(self.terminal, depfile, self.root):
                return WRONG
        self._writes_at_once = depfile is None and not self.arguments.check
        status = DONE
        products: list[Product] = []
        for product in self._turns.products(jobs, self._product):
            if not isinstance(product, Product):
                status = max(status, product)
            elif depfile is None:
                status = max(status, self._deliver(product))
            else:
                products.append(product)
        status = max(status, self._reports.report_unused())
        if status == DONE:  # what wasn't compiled might have had the import
            unused = self._producer.unused_map_imports(given_alone=bool(self.arguments.inputs))
            status = WRONG if unused and self.terminal.report(unused) else DONE
        # The outputs come after the depfile: should we be killed in between, they are out of date
        # and are made again. A current output beside an old depfile would hide what it depends on.
        if depfile is not None and status == DONE:
            from bpfgen.commands.depfile import rule_of, write_depfile

            rule = rule_of(products, self.arguments.depfile_target)
            status = write_depfile(self.terminal, depfile, rule, self.root)
            if status != DONE:
                return status
        for product in products:
            status = max(status, self._deliver(product))
        return status

    def _product(self, job: Job) -> Steps[Product | int]:
        """Return what *job* makes, or the status of its failure, which has been reported.

        It stops where it has started a compiler.
        """
        from bpfgen.clang import NoTemporaryFile, ToolMissing

        where = "" if len(self.jobs) == 1 else f"{job.input}: "
        if is_file(job.input):
            self.read.append(job.input)
        configuration = self._configurations.of(job.input)
        if configuration is not None:
            self.read.append(configuration.path)
            if self._is_refused(configuration):
                return USAGE
        configured = [] if configuration is None else [configuration.settings]
        asked = self._with_build_flags(self._options_for(configuration, job, configured), job)
        if asked is None:
            return USAGE
        options = asked
        self.read += options.clang.files
        trace: Trace | None = None
        if self._results is not None and options.clang.cache is not None:
            layers = [(output.form, (*configured, output.settings)) for output in job.outputs]
            settings = [settings_of(form, self._given, said) for form, said in layers]
            trace = self._results.trace(job, options, settings)
        if trace is None:
            self._are_noted = False
        else:
            result = trace.result()
            if result is not None:
                written = self._to_be_written()
                if reads_one_of(result.dependencies, written) or result.runs.may_see(written):
                    yield
                    result = trace.result()
            if result is not None:
                return self._known(job, result, configuration)
            options = trace.options
        try:
            stdin = self._stdin if job.input == "-" else None
            contents = contents_of(job.input) if stdin is None else stdin
        except OSError as error:
            from bpfgen.commands.running import unreadable

            return unreadable(self.terminal, job.input, error)
        finder = options.clang
        try:
            if len(self.jobs) == 1 and self._producer.may_start_early(job, contents, options):
                finder.start_early(job.input, options.target, options.include_directories)
            opened = yield from self._opened(job, contents, options, configuration, trace)
            if isinstance(opened, int):
                return opened
            options = options_of_outputs(opened.kind, options)
            product = yield from self._producer.product(job, opened, options, configured)
            if trace is None or not isinstance(product, Product):
                return product
            return replace(product, keep=partial(trace.keep, opened))
        except ToolMissing as missing:
            self.terminal.error("tool-missing", f"{where}{missing}")
            return MISSING
        except NoTemporaryFile as error:
            self.terminal.error("file", f"{where}{error.strerror}")
            return WRONG
        finally:
            finder.close_early()
            self.read += self._producer.read
            self._producer.read.clear()

    def _opened(
        self,
        job: Job,
        contents: Contents,
        options: Options,
        configuration: Configuration | None,
        trace: Trace | None,
    ) -> Steps[Opened | int]:
        """Return the source of *job*, or the status of its failure, which has been reported.

        It waits for its turn where it may read what earlier jobs write, or look for it.

        Raises:
            ToolMissing: It needs a clang, and there is none.
        """
        if job.types and kind_of(job.input, contents) == LANGUAGE:
            message = f"--types is for objects and C files, and `{job.input}` is neither"
            advice = "an output has every type that a source of the language declares"
            self.terminal.error("usage", message, help=advice)
            return USAGE
        shared = self._shared.setdefault("" if configuration is None else configuration.path, {})
        try:
            written = self._to_be_written()
            if written and trace is None and may_ask_headers(job.input, contents):
                yield
                written = set()
            opened = open_source(job.input, contents, options, job.types, shared)
            if written and (
                opened.failed
                or reads_one_of(opened.dependencies, written)
                or (trace is not None and trace.may_see(written, opened))
            ):
                yield
                shared.clear()
                opened = open_source(job.input, contents, options, job.types, shared)
        except FormatError as error:
            from bpfgen.commands.objects import unreadable

            why = unreadable(job.input, contents, "compile", error)
            self.terminal.error("object-format", f"{job.input}: {why.why}", help=why.advice)
            return WRONG
        self.read += opened.dependencies
        diagnostics = opened.diagnostics
        if opened.compilation is not None:
            diagnostics = self._reports.wanted(diagnostics)
        is_configured = configuration is not None
        is_refused = self._reports.refuses(job.input, diagnostics, is_configured=is_configured)
        if is_refused or opened.failed:
            return WRONG
        dependencies = [*opened.dependencies, *options.clang.files]
        place: str | None = self.arguments.compile_commands
        if place is not None and opened.kind == C:
            from bpfgen.commands.build_flags import commands_file

            dependencies.append(commands_file(place))
        if configuration is not None:
            dependencies.append(configuration.path)
        return replace(opened, dependencies=tuple(dict.fromkeys(dependencies)))

    def _known(
        self, job: Job, result: Result, configuration: Configuration | None
    ) -> Product | int:
        """Return what *job* makes, which is there, and say once more what was said of it."""
        self.read += result.dependencies
        source, *verified = result.said or ([],)
        source = self._reports.wanted(source)
        is_configured = configuration is not None
        is_refused = self._reports.refuses(job.input, source, is_configured=is_configured)
        if is_refused or any(self.terminal.report(said) for said in verified):
            return WRONG
        return Product(job, (), result.dependencies, is_current=True)

    def _to_be_written(self) -> set[str]:
        """Return the names of files that earlier jobs may write before the turn of the next one."""
        return self._turns.to_be_written() if self._writes_at_once else set()

    def _options_for(
        self, configuration: Configuration | None, job: Job, configured: list[Settings]
    ) -> Options:
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
            # Of several sources, each may have several variants.
            most = self._most_at_a_time if len(self.jobs) == 1 else min(self._most_at_a_time, 2)
            options = replace(options, jobs=most)
            self._options[path] = options
        if job.outputs:
            # One compilation, one style: the outputs of a job have the same.
            style = style_of(self._given, (*configured, job.outputs[0].settings))
            if style != options.style:
                options = replace(options, style=style)
        return options

    def _deliver(self, product: Product) -> int:
        """Write, print or compare the files of *product*; return the status."""
        if product.is_current:
            say_current(self.terminal, product.job.outputs, self.arguments)
            return DONE
        files: list[tuple[str, bytes]] = []
        for output, contents in zip(product.job.outputs, product.contents, strict=True):
            made = list(zip(output.files, contents, strict=True))
            files += in_writing_order(made)
        status = self._put(product, files) if files else DONE
        if self._results is not None:
            self._results.known.forget()
        if self._writes_at_once:
            self._forget_imports({os.path.basename(path) for path, _data in files})
        if status == DONE and product.keep is not None:
            product.keep(product)
        return status

    def _forget_imports(self, written: set[str]) -> None:
        """Have imports ask headers anew that may see the files of the names *written*."""
        for shared in self._shared.values():
            if not any(one.headers for one in shared.values()):
                continue
            if not self._are_noted or self._results is None or self._results.may_see(written):
                shared.clear()

    def _put(self, product: Product, files: list[tuple[str, bytes]]) -> int:
        """Write, print or compare *files* of *product*; return the status."""
        if product.job.has_directories and not self.arguments.check:
            for path, _data in files:
                if not has_made_directory(self.terminal, path):
                    return WRONG
        return deliver(self.terminal, files, self.arguments)


class _NoProgress:
    """Shows nothing."""

    def __enter__(self) -> None:
        pass

    def __exit__(self, *_exception: object) -> None:
        pass
