"""What came of jobs before: one of which nothing has changed isn't done again.

Between `build` and the pipeline. A result counts as long as all of this is as it was: what the job
is asked, bpfgen itself and the Python that runs it, the compiler, the bytes of every file that was
read, which of the files that were looked for are there, and the outputs, which are on disk, and are
what was made and verified. Then there is nothing to do but to say once more what was said.

What is kept is digests and messages, no output, in the directory of the compiler's answers
(:mod:`bpfgen.files.kept`). What can't be known isn't kept: objects, C and running maps as sources,
standard input and output, what was written without having been verified since there is no clang.
"""

from __future__ import annotations

import os
import sys
from functools import partial

from bpfgen.clang.dependencies import Dependencies, Known, Runs
from bpfgen.clang.identity import environment, identity
from bpfgen.emit import BACKENDS
from bpfgen.files.digests import digest_of, now
from bpfgen.files.kept import Kept, packed, unpacked
from bpfgen.files.reading import FILES
from bpfgen.files.writing import is_open_stream
from bpfgen.record import TYPE_CHECKING, Record, replace
from bpfgen.resources import VERSION, package_files
from bpfgen.sources import C_SUFFIXES, LANGUAGE, OBJECT_SUFFIX, is_file
from bpfgen.text.diagnostics import NOTE

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from bpfgen.clang.finder import Finder
    from bpfgen.commands.destinations import Job
    from bpfgen.commands.products import Product
    from bpfgen.compiler import Options
    from bpfgen.emit.backend import Settings
    from bpfgen.model.model import Model
    from bpfgen.record import Uncompared
    from bpfgen.sources import Opened
    from bpfgen.text.diagnostics import Diagnostic

_FORMAT = "bpfgen result 3"

_UNASKED = frozenset(("btf", "clang", "jobs", "keep_references", "opener"))
"""The options that say nothing of what comes out, or are asked for below."""

_LISTS = 11
"""Those before what each run of the compiler depended on."""


class Result(Record):
    """What came of a job.

    Attributes:
        dependencies: The files that were read on the way, but for the input.
        said: What was said of the source, then of each verification.
        runs: What the runs of the compiler depended on.
    """

    dependencies: tuple[str, ...]
    said: tuple[list[Diagnostic], ...]
    runs: Uncompared[Runs]


class Results:
    """The results of one run and of those before.

    Attributes:
        began: When it has: what has changed since then may have been another file when it was read.
        known: The files as they are now, each looked at once until something is written.
        runs: What the runs of the compiler depended on, for each job that was done, also in vain.
    """

    def __init__(self, verify: bool | None) -> None:
        self.began = now()
        self.known = _Remembered()
        self._verify = verify
        self._machine: list[bytes] = []
        self._kept: dict[str, Kept] = {}
        self._compilers: dict[tuple[str | None, str, tuple[str, ...]], list[str] | None] = {}
        self.runs: list[Runs] = []

    def trace(self, job: Job, options: Options, settings: Sequence[Settings]) -> Trace | None:
        """Return what knows what came of *job*; None if that can't be known.

        *options* have a directory for what is kept; *settings* are those of the outputs.
        """
        directory = options.clang.cache
        if directory is None or not _can_be_known(job, settings):
            return None
        try:
            self._machine = self._machine or _machine()
        except OSError:  # the working directory is gone, or we are where nothing can be listed
            return None
        finder = options.clang
        members = [name for name in options.__match_args__ if name not in _UNASKED]
        question = (
            (job.input, [(output.form, output.files) for output in job.outputs], job.types),
            [sorted(one.items()) for one in settings],
            [(name, getattr(options, name)) for name in members],
            (finder.path, finder.named_by, finder.directory, finder.arguments),
            None if options.btf is None else options.btf.paths,
            self._verify,
        )
        text = repr(question).encode("utf-8", "surrogateescape")
        key = f"r{digest_of(*self._machine, text)}"
        kept = self._kept.setdefault(directory, Kept(directory))
        return Trace(self, key, kept, job, options)

    def may_see(self, written: set[str]) -> bool:
        """Whether a run of the compiler may come to something else with files of these names."""
        return any(runs.may_see(written) for runs in self.runs)

    def compiler(self, finder: Finder) -> list[str] | None:
        """Return what tells the compiler that *finder* finds from any other; empty for none.

        None where nothing does.
        """
        from bpfgen.clang import ToolMissing
        from bpfgen.clang.flags import target_flags
        from bpfgen.clang.ziglang import zig_of

        named = finder.path, finder.directory, finder.arguments
        if named not in self._compilers:
            lines: list[str] | None = []
            try:
                compiler = finder.find()
            except ToolMissing:
                compiler = None
            for one in () if compiler is None else (compiler, *compiler.alternatives):
                told = identity(one.command, partial(getattr, one, "description"))
                if told is None or lines is None:
                    lines = None
                    break
                lines += (*one.command, *told)
                lines += target_flags("bpf", one.command, zig_of(one.command), finder.arguments)
            self._compilers[named] = lines
        return self._compilers[named]


class Trace:
    """What a job depends on: noted while it is done, or known from an earlier run.

    Attributes:
        options: What the job is to be done with, so that it is noted.
    """

    def __init__(self, results: Results, key: str, kept: Kept, job: Job, options: Options) -> None:
        self._results = results
        self._key = key
        self._kept = kept
        self._job = job
        self._compiler = options.clang
        self._noting = _Noting()
        self._runs = Runs(Known(kept, results.began))
        results.runs.append(self._runs)
        self.options = replace(options, clang=options.clang.noting(self._runs), opener=self._noting)

    def result(self) -> Result | None:
        """Return what came of the job, if that is what would come of it now, or None."""
        data = self._kept.read(self._key)
        if data is None:
            return None
        try:
            lists = unpacked(data)
            compiler, dependencies, outputs, made, *rest = lists[:_LISTS]
            files, digests, present, absent, links, real, said = rest
            runs = [Dependencies.read(lists[at : at + 6]) for at in range(_LISTS, len(lists), 6)]
            read = [*zip(outputs, made, strict=True), *zip(files, digests, strict=True)]
        except ValueError:
            return None
        known = self._results.known
        if (
            any(known.digest(path) != digest for path, digest in read)
            or not all(map(known.is_file, present))
            or any(map(known.is_file, absent))
            or list(map(os.path.realpath, links)) != real
            or not all(one.hold(known) for one in runs)
            or (runs and self._results.compiler(self._compiler) != compiler)
        ):
            return None
        self._kept.used(self._key)
        noted = Runs(known)
        noted.dependencies += runs
        if not said:
            return Result(tuple(dependencies), (), noted)
        # Only what has something to say pays for this import.
        from bpfgen.commands.kept_messages import read_messages

        try:
            return Result(tuple(dependencies), read_messages(said), noted)
        except OSError:  # a file has gone this very moment
            return None

    def may_see(self, written: set[str], opened: Opened) -> bool:
        """Whether *opened* may come to something else once files of the names *written* are there.

        What an import asked of a header, it may have asked for another source of the run.
        """
        if opened.dependencies:
            return self._results.may_see(written)
        return self._runs.may_see(written)

    def keep(self, opened: Opened, product: Product) -> None:
        """Keep *product*, of *opened*, whose files are there, if all it depends on is known."""
        result = Result(product.dependencies, (opened.diagnostics, *product.said), self._runs)
        compilation = opened.compilation
        if compilation is None or opened.kind != LANGUAGE or not _was_verified(result):
            return
        imported: dict[str, None] = {}
        for model in (compilation.model, *(variant.model for variant in compilation.variants)):
            _note_imports(model, self.options.include_directories, self._noting, imported)
        asks_headers = any(path not in imported for path in opened.dependencies)
        # What an import asked of a header, it may have asked for another source of the run.
        noted = self._results.runs if imported and asks_headers else [self._runs]
        runs: list[Dependencies] = []
        for some in noted:
            runs += (one for one in some.dependencies if one not in runs)
        btf = () if self.options.btf is None else self.options.btf.paths
        read = dict.fromkeys((self._job.input, *imported, *self._noting.files, *btf))
        digests = [self._runs.known.unchanged(path) for path in read]
        if None in digests or not all(some.are_known for some in noted):
            return
        said = _texts(result, read)
        compiler = self._results.compiler(self._compiler) if runs else []
        if said is None or compiler is None:
            return
        looked = self._noting.looked.items()
        lists: list[Sequence[str]] = [
            compiler,
            result.dependencies,
            self._job.files,
            [digest_of(data) for contents in product.contents for data in contents],
            list(read),
            [digest or "" for digest in digests],
            [path for path, is_there in looked if is_there],
            [path for path, is_there in looked if not is_there],
            list(imported),
            list(map(os.path.realpath, imported)),
            said,
        ]
        for one in runs:
            lists += one.lists()
        self._kept.keep(self._key, packed(lists))


class _Noting:
    """The file system as an opener that notes what it is asked.

    Attributes:
        files: What was read.
        looked: Whether what was looked for is there, by its path.
    """

    __slots__ = ("files", "looked")

    def __init__(self) -> None:
        self.files: dict[str, None] = {}
        self.looked: dict[str, bool] = {}

    def read(self, path: str) -> bytes:
        """Return what the file *path* holds, as :data:`FILES` does."""
        self.files[path] = None
        return FILES.read(path)

    def is_file(self, path: str) -> bool:
        """Return whether there is a file *path* to read."""
        return self.looked.setdefault(path, FILES.is_file(path))


class _Remembered(Known):
    """The files of this machine, each looked at once until something is written."""

    __slots__ = ("_files", "_is_there")

    def __init__(self) -> None:
        super().__init__(None)
        self._files: dict[str, str | None] = {}
        self._is_there: dict[str, bool] = {}

    def digest(self, path: str) -> str | None:
        """Return the digest of the file *path*, or None if there is none."""
        if path not in self._files:
            self._files[path] = super().digest(path)
        return self._files[path]

    def is_file(self, path: str) -> bool:
        """Return whether there is a file *path*."""
        if path not in self._is_there:
            self._is_there[path] = super().is_file(path)
        return self._is_there[path]

    def forget(self) -> None:
        """Look at all files anew."""
        self._files.clear()
        self._is_there.clear()


def _can_be_known(job: Job, settings: Sequence[Settings]) -> bool:
    """Whether what comes of *job* depends on nothing but files, and goes into files."""
    if not is_file(job.input) or job.input.endswith((*C_SUFFIXES, OBJECT_SUFFIX)):
        return False
    if any(path == "-" or is_open_stream(path) for path in job.files):
        return False
    # What Go's tools have against a file, and a value of --map-import that none takes, depend on
    # the other jobs of the run.
    forms = [output.form for output in job.outputs]
    if any(form in BACKENDS and BACKENDS[form].placement for form in forms):
        return False
    return not any(one.get("map-import") for one in settings)


def _texts(result: Result, files: Collection[str]) -> list[str] | None:
    """Return what was said as texts; None if it points at places that are in none of *files*."""
    if not any(result.said):
        return []
    from bpfgen.commands.kept_messages import messages

    return messages(result.said, files)


def _was_verified(result: Result) -> bool:
    """Whether nothing was left to a clang that isn't there, and may be tomorrow."""
    return not any(
        one.code == "unverified" or (one.code == "assembler" and one.severity == NOTE)
        for some in result.said
        for one in some
    )


def _machine() -> list[bytes]:
    """Return what is the same for all jobs: bpfgen itself, its Python, and where they run."""
    parts = (_FORMAT, VERSION, sys.version, os.uname().machine, os.getcwd(), *environment())
    return [part.encode("utf-8", "surrogateescape") for part in (*parts, *package_files())]


def _note_imports(
    model: Model, directories: Sequence[str], noting: _Noting, imported: dict[str, None]
) -> None:
    """Note where each import of *model*, and of those, was looked for; add the files to *imported*.

    One that another source of the run has, too, wasn't looked for again.
    """
    from bpfgen.providers.imports import places_of

    models = [model]
    while models:
        model = models.pop()
        for item in model.imports:
            for place in places_of(model.name, directories):
                path = os.path.join(place, item.path)
                noting.looked[path] = path == item.model.name
                if noting.looked[path]:
                    break
            if item.model.name not in imported:
                imported[item.model.name] = None
                models.append(item.model)
