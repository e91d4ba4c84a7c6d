"""`bpfgen maps.dsl -o maps.h`: the main job, from the command line to the files.

What is compiled, checked and emitted is the business of `compiler`; here are options, files and
status only.
"""

from __future__ import annotations

import argparse
import errno
import os
import sys

from bpfgen.clang import TARGETS
from bpfgen.commands import DONE, MISSING, WRONG, UsageError
from bpfgen.reading import STDIN, decode_source, read_source
from bpfgen.record import TYPE_CHECKING, Record
from bpfgen.terminal import COLORS, FORMS, Terminal, Warnings, write_output

if TYPE_CHECKING:
    from typing import NoReturn

    from bpfgen.compiler import Compilation, Options
    from bpfgen.diagnostics import Diagnostic
    from bpfgen.source import Source

SUFFIXES = {".h": "header", ".o": "object", ".json": "json"}
"""What `-o` means by the suffix of its file."""

_USAGE = """\
bpfgen maps.dsl -o maps.h            C header with the declarations
       bpfgen maps.dsl -o maps.o            object, compiled with clang -target bpf, verified
       bpfgen a.dsl b.dsl --out-dir gen/    many files in one run
       bpfgen inspect prog.o                the maps of any BPF object
       bpfgen verify prog.o maps.dsl        does this object define the maps as declared?
       bpfgen import prog.o -o maps.dsl     write the source for an existing object
       bpfgen explain map-key-size          what a diagnostic means
       bpfgen kinds [NAME]                  the table of map kinds
"""

_EPILOG = """\
exit status: 0 done; 1 the input is wrong, the check differs or verification fails;
2 wrong usage; 3 a tool that is needed is missing.
A file named like a command is compiled as ./inspect, ./kinds and so on.
"""


class Parser(argparse.ArgumentParser):
    """An argument parser that says in one line what is wrong."""

    def error(self, message: str) -> NoReturn:
        """Refuse the command line."""
        raise UsageError(message, f"`{self.prog} --help` lists the options")


def parser() -> argparse.ArgumentParser:
    """Return the parser of the compile command."""
    made = Parser(
        prog="bpfgen",
        usage=_USAGE,
        epilog=_EPILOG,
        # With a width given argparse doesn't ask shutil for it, whose import costs 10 ms, even
        # where no help is wanted.
        formatter_class=lambda prog: argparse.RawDescriptionHelpFormatter(prog, width=100),
        allow_abbrev=False,
    )
    add = made.add_argument
    add("inputs", nargs="*", metavar="FILE", help="what to compile; `-` reads standard input")
    add("-o", dest="output", metavar="FILE", help="what to write: .h, .o or .json; `-` with --emit")
    add("--out-dir", metavar="DIR", help="write next to each other in DIR, named as the inputs")
    add("--emit", choices=SUFFIXES.values(), help="what to write, whatever the name of the file")
    add("-I", dest="include_directories", metavar="DIR", action="append", default=[])
    add(
        "-D",
        dest="definitions",
        metavar="NAME=VALUE",
        action="append",
        default=[],
        help="replace the value of a const",
    )
    add("--kernel", metavar="VERSION", help="check against this kernel, not `target kernel`")
    add("--target", choices=TARGETS, default="bpf", help="byte order of objects; bpf is the host's")
    add("--style", choices=("modern", "initializer"), default="modern", help="form of declarations")
    add("--relax-compat", action="store_true", help="unknown attributes are only warned of")
    add(
        "--verify",
        action=argparse.BooleanOptionalAction,
        default=None,
        help="read the compiled header back (the default where there is a clang)",
    )
    add("--clang", metavar="PATH", help="the compiler; else BPFGEN_CLANG, else the newest found")
    add("--check", action="store_true", help="write nothing; show what differs on disk, exit 1")
    add("--depfile", metavar="FILE", help="write dependencies for make or ninja")
    add("--diagnostics", choices=FORMS, default="text", help="form of messages on standard error")
    add("--color", choices=COLORS, default="auto", help="colours in messages")
    add(
        "-W",
        dest="warnings",
        metavar="CODE",
        action="append",
        default=[],
        help="want the warning CODE; -W no-CODE: don't; -Werror: warnings are errors",
    )
    add("--version", action="store_true", help="print the version")
    return made


class _Job(Record):
    """One input and what comes out of it.

    Attributes:
        input: The path as typed, or `-`.
        output: The path to write, or `-`.
        form: `header`, `object` or `json`.
    """

    input: str
    output: str
    form: str


class _Product(Record):
    """What one job made: its bytes and the files that were read on the way."""

    job: _Job
    data: bytes
    dependencies: tuple[str, ...]


def run(words: list[str]) -> int:
    """Compile what *words* say; return the exit status."""
    if words in (["-h"], ["--help"]):
        write_output(parser().format_help())
        return DONE
    # Inputs may stand between options; what follows `--` is inputs, whatever it looks like.
    end = words.index("--") if "--" in words else len(words)
    arguments = parser().parse_intermixed_args(words[:end])
    arguments.inputs += words[end + 1 :]
    if arguments.version:
        from bpfgen import __version__

        write_output(f"bpfgen {__version__}\n")
        return DONE
    jobs = _jobs(arguments)
    terminal = Terminal(arguments.diagnostics, arguments.color, Warnings(arguments.warnings))
    options = pipeline_options(arguments)
    run = _Run(terminal, options, arguments)
    status = run.all(jobs)
    terminal.finish()
    return status


def _jobs(arguments: argparse.Namespace) -> list[_Job]:
    """Return what is to be done, or refuse."""
    inputs: list[str] = arguments.inputs
    if not inputs:
        raise UsageError("there is nothing to compile", "bpfgen maps.dsl -o maps.h")
    if len(set(inputs)) < len(inputs):
        twice = next(name for name in inputs if inputs.count(name) > 1)
        raise UsageError(f"`{twice}` is given twice")
    if arguments.out_dir is not None:
        if arguments.output is not None:
            raise UsageError("-o and --out-dir exclude each other")
        return _jobs_in_directory(inputs, arguments.out_dir, arguments.emit or "header")
    if arguments.output is None:
        raise UsageError("where to write is missing", "-o FILE, or --out-dir DIR")
    if len(inputs) > 1:
        raise UsageError("several inputs need --out-dir", "--out-dir DIR instead of -o")
    output: str = arguments.output
    form: str | None = arguments.emit or SUFFIXES.get(os.path.splitext(output)[1])
    if output == "-" and arguments.check:
        raise UsageError("--check compares with a file, and -o - is none")
    if form is None:
        if output == "-":
            raise UsageError("-o - doesn't say what to write", "--emit header, object or json")
        raise UsageError(
            f"the name `{output}` doesn't say what to write",
            "end it in .h, .o or .json, or say --emit header, object or json",
        )
    return [_checked(_Job(inputs[0], output, form))]


def _jobs_in_directory(inputs: list[str], directory: str, form: str) -> list[_Job]:
    """Return one job an input, all writing to *directory*."""
    suffix = next(suffix for suffix, meant in SUFFIXES.items() if meant == form)
    jobs: dict[str, _Job] = {}
    for name in inputs:
        if name == "-":
            raise UsageError("standard input has no name for --out-dir", "-o FILE")
        stem = os.path.splitext(os.path.basename(name))[0]
        output = os.path.join(directory, stem + suffix)
        if output in jobs:
            other = jobs[output].input
            raise UsageError(f"`{other}` and `{name}` would both be written to `{output}`")
        jobs[output] = _checked(_Job(name, output, form))
    return list(jobs.values())


def _checked(job: _Job) -> _Job:
    """Return *job*, or refuse to write over its input."""
    if job.input == "-" or job.output == "-":
        return job
    try:
        same = os.path.samefile(job.input, job.output)
    except OSError:
        same = False
    if same:
        raise UsageError(f"`{job.output}` is the input; it would be written over")
    return job


def pipeline_options(arguments: argparse.Namespace) -> Options:
    """Return what *arguments* ask of the pipeline; UsageError where that makes no sense."""
    from bpfgen.clang import Finder
    from bpfgen.compiler import Options
    from bpfgen.model.kernel import parse_version

    definitions: dict[str, str] = {}
    for word in arguments.definitions:
        name, given, value = word.partition("=")
        if not (name.isascii() and name.isidentifier()):
            raise UsageError(f"-D wants NAME=VALUE, and `{name}` is no name")
        definitions[name] = value if given else "1"
        if not definitions[name].strip():
            raise UsageError(f"-D {name}= has no value", f"-D {name}=1")
    kernel = None
    if arguments.kernel is not None:
        kernel = parse_version(arguments.kernel)
        if kernel is None:
            raise UsageError(f"`{arguments.kernel}` is no kernel version", "--kernel 5.15")
    return Options(
        include_directories=tuple(arguments.include_directories),
        definitions=definitions,
        kernel=kernel,
        target=arguments.target,
        style=arguments.style,
        relax_compat=arguments.relax_compat,
        clang=Finder(arguments.clang),
    )


class _Run:
    """One run of the command over all its inputs."""

    def __init__(self, terminal: Terminal, options: Options, arguments: argparse.Namespace) -> None:
        self.terminal = terminal
        self.options = options
        self.verify: bool | None = arguments.verify
        self.check: bool = arguments.check
        self.depfile: str | None = arguments.depfile
        self.out_dir: str | None = arguments.out_dir
        self.warned_unverified = False

    def all(self, jobs: list[_Job]) -> int:
        """Do *jobs*, each as far as it goes; return the worst status."""
        from bpfgen.output import depfile

        if self.out_dir is not None and not self.check:
            try:
                os.makedirs(self.out_dir, exist_ok=True)
            except OSError as error:
                self._cannot("write", self.out_dir, error)
                return WRONG
        status = DONE
        products: list[_Product] = []
        for job in jobs:
            product = self.one(job)
            if isinstance(product, _Product):
                products.append(product)
                status = max(status, self.deliver(product))
            else:
                status = max(status, product)
        if self.depfile is not None and not self.check and status == DONE:
            text = depfile(
                [product.job.output for product in products if product.job.output != "-"],
                [product.job.input for product in products if product.job.input != "-"],
                [name for product in products for name in product.dependencies],
            )
            status = self.write(self.depfile, os.fsencode(text))
        return status

    def one(self, job: _Job) -> _Product | int:
        """Return what *job* makes, or the status of its failure, which has been told."""
        from bpfgen.clang import ToolMissing

        try:
            source, wrong = self.read(job)
        except OSError as error:
            self._cannot("read", job.input, error)
            return WRONG
        if wrong is not None:
            self.terminal.report([wrong])
            return WRONG
        try:
            return self.compile(job, source)
        except ToolMissing as missing:
            self.terminal.error("tool-missing", str(missing))
            return MISSING

    @staticmethod
    def read(job: _Job) -> tuple[Source, Diagnostic | None]:
        """Return the job's input and what is wrong with its encoding."""
        if job.input != "-":
            return read_source(job.input)
        if sys.stdin is None:
            raise OSError(errno.EBADF, os.strerror(errno.EBADF))
        return decode_source(STDIN, sys.stdin.buffer.read())

    def compile(self, job: _Job, source: Source) -> _Product | int:
        """Return what *source* comes to, or the status of its failure, which has been told."""
        from bpfgen.compiler import build_object, compile, emit

        compilation = compile(source, self.options)
        if self.terminal.report(compilation.diagnostics) or compilation.failed:
            return WRONG
        if job.form == "object":
            data, diagnostics = build_object(compilation, self.options, shipped=True)
            if self.terminal.report(diagnostics) or data is None:
                return WRONG
        else:
            data = emit(compilation, self.options, job.form).encode()
            if job.form == "header" and not self.verified(compilation):
                return WRONG
        return _Product(job, data, tuple(compilation.dependencies))

    def verified(self, compilation: Compilation) -> bool:
        """Verify the header as far as that is wanted and possible; return whether it may go out.

        Raises:
            ToolMissing: There is no clang, and it was asked for by name or by `--verify`.
        """
        from bpfgen.clang import INSTALL_HINT, ToolMissing
        from bpfgen.compiler import build_object

        if self.verify is False:
            return True
        try:
            data, diagnostics = build_object(compilation, self.options)
        except ToolMissing as missing:
            if self.verify or missing.named:
                raise
            if self.warned_unverified:
                return True
            self.warned_unverified = True
            return not self.terminal.report([unverified(INSTALL_HINT)])
        return not self.terminal.report(diagnostics) and data is not None

    def deliver(self, product: _Product) -> int:
        """Write, print or compare the bytes of *product*; return the status."""
        output = product.job.output
        if output == "-":
            write_output(product.data)
            return DONE
        if not self.check:
            return self.write(output, product.data)
        from bpfgen.output import check

        try:
            difference = check(output, product.data)
        except OSError as error:
            self._cannot("read", output, error)
            return WRONG
        if difference:
            write_output(difference)
        return WRONG if difference else DONE

    def write(self, path: str, data: bytes) -> int:
        """Write a file, whole or not at all; return the status."""
        from bpfgen.output import write

        try:
            write(path, data)
        except OSError as error:
            self._cannot("write", path, error)
            return WRONG
        return DONE

    def _cannot(self, what: str, path: str, error: OSError) -> None:
        name = STDIN if path == "-" else path
        reason = error.strerror or str(error)
        self.terminal.error("file", f"cannot {what} `{name}`: {reason[:1].lower()}{reason[1:]}")


def unverified(advice: str) -> Diagnostic:
    """Return the warning that a header goes out that no compiler has seen."""
    from bpfgen.diagnostics import WARNING, Diagnostic

    message = "what is written is not verified: no clang with the bpf target was found"
    help = f"{advice}; --no-verify does without"
    return Diagnostic("unverified", message, None, help=help, severity=WARNING)
