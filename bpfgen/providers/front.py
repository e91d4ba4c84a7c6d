"""From text to model, for a file and all that it imports: parse, find foreign names, resolve.

The first half of :mod:`bpfgen.compiler`; what checks, writes and verifies comes after it.
"""

from __future__ import annotations

from bpfgen.providers.prelude import Prelude
from bpfgen.record import TYPE_CHECKING, Record, replace
from bpfgen.resolve.file import resolve
from bpfgen.syntax.parser import names_in, parse
from bpfgen.syntax.tree import ImportItem, IncludeItem
from bpfgen.text.diagnostics import ERROR

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Protocol

    from bpfgen.btf.kernel import KernelBtf
    from bpfgen.clang.finder import Finder
    from bpfgen.files.reading import Opener
    from bpfgen.model.model import Import, Model
    from bpfgen.providers.cases import Cases
    from bpfgen.providers.imports import FileImports, SharedImport
    from bpfgen.providers.includes import Headers
    from bpfgen.resolve.definitions import Definitions
    from bpfgen.resolve.provider import Provider
    from bpfgen.resolve.references import References
    from bpfgen.syntax.tree import File
    from bpfgen.text.diagnostics import Diagnostic, Report
    from bpfgen.text.source import Source

    class FrontOptions(Protocol):
        """The members of :class:`bpfgen.compiler.Options` that matter up to the model."""

        @property
        def include_directories(self) -> tuple[str, ...]:
            """Where `import` and `include` look, in order."""

        @property
        def definitions(self) -> Mapping[str, str]:
            """The values of `-D`, as text."""

        @property
        def undefined(self) -> tuple[str, ...]:
            """The names of `-U`."""

        @property
        def relax_compat(self) -> bool:
            """Whether unknown attributes of maps are warnings."""

        @property
        def keep_repeated(self) -> bool:
            """Whether a name that nobody declares is reported at each of its places."""

        @property
        def keep_references(self) -> bool:
            """Whether it is noted which name means which declaration."""

        @property
        def clang(self) -> Finder:
            """What finds the compiler that headers are asked through."""

        @property
        def btf(self) -> KernelBtf | None:
            """The file that has the kernel's types."""

        @property
        def opener(self) -> Opener:
            """What imports are read through."""

        @property
        def headers(self) -> Headers | None:
            """Who says what C headers define."""


class Compiled(Record):
    """What one run through the pipeline came to, up to the checked model.

    Attributes:
        model: What is there in the case that was compiled.
        trees: The file's tree, and those of all that it imports.
        report: What is to be said of it.
        dependencies: The files read on the way: imports, then C headers.
    """

    model: Model
    trees: list[File]
    report: Report
    dependencies: list[str]


class Front:
    """The stages from text to model, which a file and all that it imports go through alike.

    Attributes:
        imports: The imports of the file; None as long as there is none.
        references: Which name means which declaration; None where nobody wants to know.
        cases: The conditions of the file and its imports; None where they have none.
        vmlinux: Makes the vmlinux.h that C texts need, by their paths; whoever compiles sets it
            where there is a kernel's BTF, since what writes C comes after this room.
    """

    def __init__(
        self,
        options: FrontOptions,
        report: Report,
        shared: dict[str, SharedImport] | None,
        cases: Cases | None = None,
        references: References | None = None,
    ) -> None:
        self._options = options
        self._report = report
        self._definitions: Definitions | None = None
        # Which constants `-D` replaces is noted while a file is compiled.
        self._shared = None if options.definitions else shared
        self.references = references
        self.cases = cases
        self.vmlinux: Callable[[Mapping[str, str]], str] | None = None
        if options.keep_references and references is None:
            from bpfgen.resolve.references import References

            self.references = References()
        self.imports: FileImports | None = None
        if options.definitions:
            from bpfgen.providers.definitions import parse_definitions

            self._definitions = parse_definitions(options.definitions, report)

    def compile_file(self, source: Source) -> tuple[Model, File, list[str]]:
        """Return the model of *source*, its tree, and the C headers that it includes itself.

        The tree is all of it, the model what is there in the case that is compiled.
        """
        report = self._report
        before = len(report.diagnostics)
        tree = whole = self._parse(source)
        known = len(report.diagnostics)
        if tree.whens:
            tree = self._active(tree, report.diagnostics[before:])
        imports = self._imports_of(tree)
        providers: list[Provider] = []
        if imports:
            from bpfgen.providers.imports import ImportedFile

            providers.extend(ImportedFile(item.model, item.path) for item in imports)
        headers: list[str] = []
        if any(isinstance(item, IncludeItem) for item in tree.items):
            headers, pending = self._include(tree, providers)
            if pending:
                tree = replace(tree, lost_names=tree.lost_names | pending)
        if any(diagnostic.severity == ERROR for diagnostic in report.diagnostics[known:]):
            # What is missing now is most likely what would have come from there.
            tree = replace(tree, lost_names=tree.lost_names | names_in(source))
        model = resolve(
            tree,
            report,
            Prelude.shared(),
            imports=imports,
            providers=providers,
            definitions=self._definitions,
            relax_compat=self._options.relax_compat,
            references=self.references,
            keep_repeated=self._options.keep_repeated,
        )
        return model, whole, headers

    def _parse(self, source: Source) -> File:
        """Return the tree of *source*; one with conditions is parsed for the first case alone."""
        known = None if self.cases is None else self.cases.files.get(source.name)
        if known is not None:
            self._report.extend(known.mistakes)
            return known.tree
        return parse(source, self._report)

    def _include(self, tree: File, providers: list[Provider]) -> tuple[list[str], frozenset[str]]:
        """Add what *tree* includes to *providers*; return the C headers that were read for it.

        And the names that these may have and aren't known to have yet.
        """
        report, options = self._report, self._options
        includes = [item for item in tree.items if isinstance(item, IncludeItem)]
        kernels = [item for item in includes if item.is_kernel]
        kernel = None
        if kernels:
            from bpfgen.providers.kernel import KernelNames, kernel_of

            kernel = kernel_of(options.btf, report, kernels[0].span)
            if kernel is not None:
                providers.append(KernelNames(kernel, report, kernels[0].span))
        if len(kernels) == len(includes):
            return [], frozenset()
        from bpfgen.providers.includes import names_from_headers

        # What is wrong with the file has been said where the source itself takes types from it.
        vmlinux = self.vmlinux if options.btf is not None and (kernel or not kernels) else None
        included = names_from_headers(
            tree,
            providers,
            self._clang(),
            options.include_directories,
            report,
            vmlinux,
            opener=options.opener,
            headers=options.headers,
        )
        if included is None:
            return [], frozenset()
        providers.append(included)
        return included.dependencies, included.pending

    def _clang(self) -> Finder:
        """Return what finds the compiler, which sees the macros of the case that is compiled."""
        finder = self._options.clang
        return finder if self.cases is None else finder.with_more(self.cases.flags())

    def _active(self, tree: File, mistakes: list[Diagnostic]) -> File:
        """Return what is there of *tree*, which has conditions, in the case that is compiled.

        *mistakes* are what was said of its text.
        """
        if self.cases is None:
            from bpfgen.providers.cases import Cases

            self.cases = Cases(self._definitions, self._options.undefined)

        def imports(tree: File) -> list[Provider]:
            from bpfgen.providers.imports import ImportedFile

            return [ImportedFile(item.model, item.path) for item in self._imports_of(tree)]

        def headers(tree: File) -> list[Provider]:
            from bpfgen.providers.includes import names_from_headers
            from bpfgen.text.diagnostics import Report

            options = self._options
            found = names_from_headers(
                tree,
                imports(tree),
                self._clang(),
                options.include_directories,
                Report(),
                headers=options.headers,
            )
            return [] if found is None else [found]

        return self.cases.active(tree, mistakes, self._definitions, imports, headers)

    def _imports_of(self, tree: File) -> list[Import]:
        """Return what *tree* imports, compiled."""
        if not any(isinstance(item, ImportItem) for item in tree.items):
            return []
        if self.imports is None:
            from bpfgen.providers.imports import FileImports

            directories, opener = self._options.include_directories, self._options.opener
            self.imports = FileImports(
                directories, opener, self.compile_file, self._shared, self.references
            )
            self.imports.begin(tree.source.name)
        return self.imports.load(tree, self._report)

    def report_unused_definitions(self) -> None:
        """Warn of `-D` options that no file has a constant for."""
        if self._definitions is not None:
            from bpfgen.providers.definitions import report_unused

            report_unused(self._definitions, self._report)
