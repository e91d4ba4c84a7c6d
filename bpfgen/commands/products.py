"""One job of a run, from the opened source to the contents of its files: all of them, or none.

Whatever is to be refused is refused here, before `build` writes the first file.
"""

from __future__ import annotations

from bpfgen.clang import BUILTIN, CLANG
from bpfgen.commands import USAGE, WRONG
from bpfgen.commands.destinations import overwritten
from bpfgen.commands.forms import OBJECT, STYLE
from bpfgen.commands.settings import settings_of
from bpfgen.emit import BACKENDS, OutputRefused
from bpfgen.emit.backend import OUTPUT_NAME, stem
from bpfgen.record import TYPE_CHECKING, Record, replace
from bpfgen.sources import LANGUAGE, is_file, kind_of, without_places
from bpfgen.sources import OBJECT as SOURCE_OBJECT
from bpfgen.text.diagnostics import NOTE, WARNING, Diagnostic

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable, Sequence

    from bpfgen.commands.destinations import Job
    from bpfgen.commands.map_imports import MapImports
    from bpfgen.commands.terminal import Terminal
    from bpfgen.compiler import Options
    from bpfgen.emit.backend import OutputFile, Placement, Settings
    from bpfgen.record import Uncompared
    from bpfgen.sources import Contents, Opened
    from bpfgen.steps import Steps


_LONG = 16 << 10
"""Bytes of a source whose header doesn't fit into a pipe, and that takes its time as it is."""

_ASKS_MORE = (b"import", b"include", b"when")
"""Words of sources whose compiler is told more than the command line says, or comes later."""


class Product(Record):
    """What came of a job that had no errors.

    Attributes:
        job: The job.
        contents: The bytes of each file of each of its outputs.
        dependencies: The files that were read on the way, but for the input.
        said: What was said of each verification.
        is_current: Its files are on disk as they are to be, and *contents* is empty.
        keep: Keeps what came of the job, once its files are there; None where nothing is kept.
    """

    job: Job
    contents: tuple[tuple[bytes, ...], ...]
    dependencies: tuple[str, ...]
    said: tuple[list[Diagnostic], ...] = ()
    is_current: bool = False
    keep: Uncompared[Callable[[Product], None] | None] = None


class Producer:
    """Makes products, and reports why there is none.

    Attributes:
        read: The C headers that were read.
    """

    def __init__(self, arguments: argparse.Namespace, terminal: Terminal, given: Settings) -> None:
        self.read: list[str] = []
        self._verify: bool | None = arguments.verify
        self._terminal = terminal
        self._given = given
        self._warned_unverified = False
        self._said_assembler = False
        self._map_imports: MapImports | None = None
        self._placements: dict[str, Placement] = {}

    def unused_map_imports(self, *, given_alone: bool) -> list[Diagnostic]:
        """Return a warning for each value of `--map-import` that no source has an import for.

        With *given_alone* only those of the command line count: what a project says of all its
        sources needn't be for the ones of this run.
        """
        if self._map_imports is None:
            return []
        return self._map_imports.unused(self._given.get("map-import", ()) if given_alone else None)

    def may_start_early(self, job: Job, contents: Contents, options: Options) -> bool:
        """Return whether the compiler may start before the text is there that it is to compile.

        It is one text, as far as *contents* can tell, and what else the compiler is told is known:
        `building` doesn't give it any other. A source with errors has started it in vain.
        """
        return (
            isinstance(contents, bytes)
            and len(contents) < _LONG
            and not any(word in contents for word in _ASKS_MORE)
            and options.btf is None
            and is_file(job.input)
            and kind_of(job.input, contents) == LANGUAGE
            and self._wants_clang(job, options)
        )

    def _wants_clang(self, job: Job, options: Options) -> bool:
        """Return whether clang compiles what *job* makes under *options*, if there is one."""
        forms = [output.form for output in job.outputs]
        if OBJECT in forms and options.assembler != BUILTIN:
            return True
        is_seen = not forms or any(BACKENDS[form].verified for form in forms if form in BACKENDS)
        return self._verify is not False and is_seen

    def product(
        self, job: Job, opened: Opened, options: Options, configured: Sequence[Settings]
    ) -> Steps[Product | int]:
        """Return what *job* makes, or the status of its failure, which has been reported.

        It stops where a compiler has been started.

        Args:
            job: What is to be made.
            opened: Its source, without errors; the product depends on what was read for it.
            options: What it was opened with.
            configured: What the project asks of every output.

        Raises:
            ToolMissing: There is no clang, and it is needed.
        """
        assert opened.compilation is not None
        lost = overwritten(job, opened.dependencies)
        if lost is not None:
            message = f"`{lost}` is read for `{job.input}`; it would be written over"
            self._terminal.error("usage", message)
            return USAGE
        settings = [
            settings_of(output.form, self._given, (*configured, output.settings))
            for output in job.outputs
        ]
        if any(asked.get("map-import") for asked in settings):
            # A run without the option doesn't load the module.
            from bpfgen.commands.map_imports import MapImports

            found = self._map_imports = self._map_imports or MapImports()
            settings = [found.found(opened.compilation.model, asked) for asked in settings]
        if self._terminal.report(self._misplaced(job, opened, settings)):
            return WRONG
        files = self._emitted(job, opened, options, settings)
        if files is None:
            return WRONG
        # The object is the same whatever is written beside it: a header with more in it isn't used.
        plain = [
            made for made, asked in zip(files, settings, strict=True) if asked.keys() <= {STYLE}
        ]
        said: list[list[Diagnostic]] = []
        built = yield from self._verified(job, opened, options, files, plain, said)
        if built is None:
            return WRONG
        object, headers_read = built
        contents = [tuple(file.data for file in made) if made else (object,) for made in files]
        dependencies = dict.fromkeys((*opened.dependencies, *headers_read))
        return Product(job, tuple(contents), tuple(dependencies), tuple(said))

    def _misplaced(
        self, job: Job, opened: Opened, settings: Sequence[Settings]
    ) -> list[Diagnostic]:
        """Return what the tools of a language have against the places of its files."""
        assert opened.compilation is not None
        said: list[Diagnostic] = []
        for output, asked in zip(job.outputs, settings, strict=True):
            place = BACKENDS[output.form].placement if output.form in BACKENDS else ""
            if not place:
                continue
            if output.form not in self._placements:
                module, _, name = place.partition(":")
                self._placements[output.form] = getattr(
                    __import__(module, fromlist=(name,)), name
                )()
            model = opened.compilation.model
            said += self._placements[output.form].faults(output.files[0], model, asked)
        return said

    def _emitted(
        self, job: Job, opened: Opened, options: Options, settings: Sequence[Settings]
    ) -> list[list[OutputFile]] | None:
        """Return the files of each output under its *settings*, none for an object.

        None if one is refused, which has been reported.
        """
        if not job.outputs:
            return []
        from bpfgen.compiler import emit_files

        assert opened.compilation is not None
        files: list[list[OutputFile]] = []
        refused: list[Diagnostic] = []
        for output, asked in zip(job.outputs, settings, strict=True):
            if output.form == OBJECT:
                files.append([])
                continue
            try:
                files.append(emit_files(opened.compilation, options, output.form, asked))
            except OutputRefused as error:
                refused += (said for said in error.diagnostics if said not in refused)
        if opened.kind == SOURCE_OBJECT:
            refused = [_renamed_in_a_source(said, job.input) for said in refused]
        self._report(opened, job.input, refused)
        return None if refused else files

    def _verified(
        self,
        job: Job,
        opened: Opened,
        options: Options,
        files: list[list[OutputFile]],
        plain: list[list[OutputFile]],
        said: list[list[Diagnostic]],
    ) -> Steps[tuple[bytes, tuple[str, ...]] | None]:
        """Verify what clang can see of *files*, once, as far as that is wanted and possible.

        Those among them that are *plain* have what an object is made of, and nothing else. What
        there is to say of each is added to *said*.
        Return the object, which is empty where none is written, and the headers that it depends on;
        None where something is wrong, which has been reported.
        """
        compilation = opened.compilation
        assert compilation is not None
        headers: dict[bytes, OutputFile] = {}
        for output, made in zip(job.outputs, files, strict=True):
            if made and BACKENDS[output.form].verified:
                headers.setdefault(made[0].data, made[0])
        object = b""
        headers_read: tuple[str, ...] = ()
        if any(output.form == OBJECT for output in job.outputs):
            from bpfgen.building import building

            header = next((h for h in headers.values() if any(h in made for made in plain)), None)
            if compilation.variants:
                header = None  # it is of all variants, and the object of one
            built = yield from building(compilation, options, shipped=True, header=header)
            self.read += built.headers_read
            said.append(built.diagnostics)
            reported = self._report(opened, job.input, self._unsaid(built.diagnostics))
            if reported or built.object is None:
                return None
            if header is not None and built.assembler == CLANG:
                del headers[header.data]  # clang has seen it
            object, headers_read = built.object, built.headers_read
        # What is only checked is what a header would be.
        unverified = list(headers.values()) if job.outputs else [None]
        for header in unverified:
            if not (yield from self._is_verified(job, opened, options, header, said)):
                return None
        return object, headers_read

    def _is_verified(
        self,
        job: Job,
        opened: Opened,
        options: Options,
        header: OutputFile | None,
        said: list[list[Diagnostic]],
    ) -> Steps[bool]:
        """Return whether *header*, or what a header would be, may go out.

        Raises:
            ToolMissing: There is no clang, and it was asked for by name or by `--verify`.
        """
        if self._verify is False:
            return True
        from bpfgen.building import building_with_clang
        from bpfgen.clang import INSTALL_HINT, ToolMissing

        assert opened.compilation is not None
        try:
            built = yield from building_with_clang(opened.compilation, options, header=header)
        except ToolMissing as missing:
            if self._verify or missing.named:
                raise
            said.append([_unverified(INSTALL_HINT)])
            if self._warned_unverified or header is None:
                return True
            self._warned_unverified = True
            return not self._terminal.report(said[-1])
        said.append(built.diagnostics)
        return not self._report(opened, job.input, built.diagnostics) and built.object is not None

    def _unsaid(self, diagnostics: list[Diagnostic]) -> list[Diagnostic]:
        """Return *diagnostics*, but only once in a run that there was no clang for objects."""
        said = self._said_assembler
        self._said_assembler = said or any(map(_is_about_assembler, diagnostics))
        return [one for one in diagnostics if not (said and _is_about_assembler(one))]

    def _report(self, opened: Opened, path: str, diagnostics: list[Diagnostic]) -> bool:
        """Report *diagnostics* of the source *path*; return whether there is an error."""
        if opened.kind != LANGUAGE:
            diagnostics = without_places(diagnostics, path)
        return self._terminal.report(diagnostics)


def _is_about_assembler(said: Diagnostic) -> bool:
    """Whether *said* is the note that there was no clang, and bpfgen wrote the object itself."""
    return said.code == "assembler" and said.severity == NOTE


def _renamed_in_a_source(said: Diagnostic, path: str) -> Diagnostic:
    """Return *said* of the object *path* with the way to names that its output can have.

    Its program's author may be somebody else, or its types the kernel's.
    """
    if said.code != OUTPUT_NAME:
        return said
    from shlex import join

    command = join(["bpfgen", "import", path, "-o", f"{stem(path)}.dsl"])
    return replace(said, help=f"{said.help}, in the program or in what `{command}` writes")


def _unverified(advice: str) -> Diagnostic:
    """Return the warning that a header goes out that no compiler has seen."""
    message = "headers are unverified: no clang with the bpf target was found"
    help = f"{advice}; --no-verify does without"
    return Diagnostic("unverified", message, None, help=help, severity=WARNING)
