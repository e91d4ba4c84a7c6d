"""The pipeline in one screen: source, syntax, model, rules; then output.

    compile       text -> checked model
    emit          model -> header or JSON

What becomes an object goes on in :mod:`bpfgen.building`. Nothing here prints or writes; the user's
mistakes are diagnostics, never exceptions.
"""

from __future__ import annotations

from bpfgen.clang.finder import Finder
from bpfgen.files.reading import FILES
from bpfgen.kernel.memory import Machine
from bpfgen.record import TYPE_CHECKING, Record, replace
from bpfgen.text.diagnostics import ERROR, Report
from bpfgen.text.source import Span

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from bpfgen.btf.kernel import KernelBtf
    from bpfgen.conditions import Assignment, Places
    from bpfgen.emit.backend import OutputFile, Settings, SourceVariants
    from bpfgen.files.reading import Opener
    from bpfgen.kernel.version import KernelVersion
    from bpfgen.model.model import Model
    from bpfgen.providers.front import Compiled, Front
    from bpfgen.providers.imports import SharedImport
    from bpfgen.providers.includes import Headers
    from bpfgen.record import Uncompared
    from bpfgen.resolve.references import References
    from bpfgen.syntax.tree import File
    from bpfgen.text.diagnostics import Diagnostic
    from bpfgen.text.source import Source


class Options(Record):
    """What a compilation can be asked for; the command line's options of the same names.

    Attributes:
        include_directories: Where `include "…"`, `include <…>` and `import` look, in order.
        definitions: `-D NAME=VALUE`, the value as text.
        undefined: `-U NAME`: macros that `when` asks for and that aren't defined.
        kernel: Overrides `target kernel`; None leaves it to the file.
        loaders: Overrides `target libbpf` and the like, by name; None in it says that the maps
            aren't checked for that loader.
        machine: Where the maps are loaded: what per-CPU values are counted for, and how much memory
            one map may take there without a warning.
        target: `bpf`, `bpfel` or `bpfeb`.
        style: `modern` or `initializer`.
        relax_compat: Unknown attributes of maps are warnings.
        assembler: Who makes objects, `clang` or `builtin`; empty for clang where there is one, and
            else bpfgen itself.
        clang: Finds the compiler when one is needed.
        btf: What has the kernel's types, for `include kernel;`; programs are taken to include its
            vmlinux.h.
        opener: What imports are read through; C headers are read by the compiler.
        headers: Who says what C headers define, without having anybody wait; None asks the
            compiler.
        keep_references: The compilation says which name means which declaration.
        keep_repeated: A name that nobody declares is reported wherever an edit repairs it, and not
            only where it stands first.
        jobs: How many compilers may run at a time, where there is work for several.
        is_ruled: The rules are asked. Without, only what can't be resolved is an error.
    """

    include_directories: tuple[str, ...] = ()
    definitions: dict[str, str] = {}  # noqa: RUF012 -- read only, as every record
    undefined: tuple[str, ...] = ()
    kernel: KernelVersion | None = None
    loaders: dict[str, KernelVersion | None] = {}  # noqa: RUF012 -- read only, as every record
    machine: Machine = Machine()
    target: str = "bpf"
    style: str = "modern"
    relax_compat: bool = False
    assembler: str = ""
    clang: Finder = Finder()
    btf: KernelBtf | None = None
    opener: Opener = FILES
    headers: Headers | None = None
    keep_references: bool = False
    keep_repeated: bool = False
    jobs: int = 1
    is_ruled: bool = True


class Variant(Record):
    """What a source with conditions is for one program that includes its header.

    Attributes:
        assignment: What each macro is there that the source, or what it imports, asks for.
        model: The model of what is left once the other branches are cut out.
    """

    assignment: Assignment
    model: Model


class Compilation(Record):
    """What a source came to.

    Attributes:
        source: What was compiled.
        model: The checked model; it is there even if there are errors, but then incomplete. Of a
            source with variants it is that of the first.
        diagnostics: All that is to be said, in source order.
        dependencies: The files read on the way: imports, then C headers.
        references: Which name means which declaration, here and in imported files; None unless
            `keep_references` is asked for.
        variants: What the source is for which macros, where `when` asks for listed macros: every
            part is there in at least one of them, and parts that have to do with each other in
            every combination. `-D` and `-U` don't make them fewer: they say which is the first, and
            one C header is for all. Empty where nothing depends on a macro.
        undecided: The macros that decide about something and that neither `-D` nor `-U` gives, in
            the order of the text; where there is none, `model` is what was asked for.
        places: Which conditions decide about which part of the text; None without variants.
        break_trees: Those of the file and of what it imports in which something is allowed that
            `bpfgen breaking` finds.
        case: Compiles the source for any other values of its macros, which changes none of what is
            here; None without variants.
        trees: Those of the file and of what it imports, the file's own first; empty unless
            `keep_references` is asked for.
    """

    source: Source
    model: Model
    diagnostics: list[Diagnostic]
    dependencies: tuple[str, ...]
    references: Uncompared[References | None] = None
    variants: tuple[Variant, ...] = ()
    undecided: tuple[str, ...] = ()
    places: Places | None = None
    break_trees: Uncompared[tuple[File, ...]] = ()
    case: Uncompared[Callable[[Assignment], Model] | None] = None
    trees: Uncompared[tuple[File, ...]] = ()

    @property
    def models(self) -> tuple[Model, ...]:
        """What the source may be with what `-D` and `-U` say: one model if they decide it all."""
        if not self.undecided:
            return (self.model,)
        return tuple(variant.model for variant in self.variants)

    @property
    def failed(self) -> bool:
        """Whether there is an error among the diagnostics."""
        return any(diagnostic.severity == ERROR for diagnostic in self.diagnostics)


def compile(
    source: Source,
    options: Options | None = None,
    shared: dict[str, SharedImport] | None = None,
) -> Compilation:
    """Return *source* as a checked model, with all that is to be said about it.

    A mistake in the program never raises. Compilations with the same options and the same dict
    *shared*, empty at first, compile what they import once; the files mustn't change meanwhile.

    Raises:
        ToolMissing: The file includes C headers and there is no clang.
    """
    options = options or Options()
    front, first = _compiled(source, options, shared)
    if front.cases is not None:
        return _compile_cases(source, options, front, first)
    diagnostics = _to_be_said(first.report.in_source_order(), first.trees, options)
    dependencies = tuple(first.dependencies)
    break_trees = tuple(tree for tree in first.trees if tree.break_allowances)
    return Compilation(
        source,
        first.model,
        diagnostics,
        dependencies,
        front.references,
        break_trees=break_trees,
        trees=tuple(first.trees) if options.keep_references else (),
    )


def _to_be_said(
    diagnostics: list[Diagnostic], trees: list[File], options: Options
) -> list[Diagnostic]:
    """Return what is left of *diagnostics* for a user, none with edits that do harm."""
    left = _allowed(diagnostics, trees, options)
    if not any(said.edits for said in left):
        return left
    from bpfgen.syntax.harmless_edits import with_harmless_edits

    return with_harmless_edits(left)


def _allowed(
    diagnostics: list[Diagnostic], trees: list[File], options: Options
) -> list[Diagnostic]:
    """Return what the allowances of *trees* leave of *diagnostics*."""
    if not any(tree.allowances for tree in trees):
        return diagnostics
    from bpfgen.rules.allowances import allowed

    left = allowed(diagnostics, trees)
    if options.is_ruled:
        return left
    # What they allow hasn't been looked for.
    return [said for said in left if said.code != "unused-allowance"]


def _compiled(
    source: Source,
    options: Options,
    shared: dict[str, SharedImport] | None = None,
    before: Front | None = None,
) -> tuple[Front, Compiled]:
    """Compile *source* once: whole, or for the case that is set in the conditions of *before*."""
    # A run that finds nothing changed doesn't load the pipeline.
    from bpfgen.providers.front import Compiled, Front

    report = Report()
    if before is None:
        front = Front(options, report, shared)
    else:
        front = Front(options, report, None, before.cases, before.references)
    front.vmlinux = lambda texts: vmlinux_header(texts, options)
    model, tree, headers = front.compile_file(source)
    front.report_unused_definitions()
    if options.is_ruled and not tree.items and not report.diagnostics:
        report.error(
            "empty",
            "this file declares nothing",
            Span(source, len(source.text), len(source.text)),
            help="declare a map, as in `map counters: array<__u32, __u64>[4];`",
        )
    vmlinux = None
    if options.btf is not None:
        from bpfgen.providers.kernel import vmlinux_of

        vmlinux = vmlinux_of(options.btf, model, report)
    if options.is_ruled:
        from bpfgen.rules import check

        report.extend(
            check(model, options.kernel, options.style, options.loaders, options.machine, vmlinux)
        )
    trees, dependencies = [tree], [*headers]
    if front.imports is not None:
        trees += front.imports.trees
        dependencies = [*front.imports.files, *dict.fromkeys([*front.imports.headers, *headers])]
    if options.btf is not None:
        dependencies += options.btf.paths
    return front, Compiled(model, trees, report, dependencies)


def vmlinux_header(texts: Mapping[str, str], options: Options) -> str:
    """Return the vmlinux.h that C *texts*, by their paths, need of the kernel in *options*."""
    from bpfgen.vmlinux import vmlinux_for

    assert options.btf is not None
    return vmlinux_for(texts, options.btf, options.include_directories, options.opener)


def _compile_cases(source: Source, options: Options, front: Front, first: Compiled) -> Compilation:
    """Return what *source* comes to, which depends on conditions."""
    from bpfgen.providers.variants import compile_cases

    assert front.cases is not None
    done = compile_cases(
        source, front.cases, first, lambda: _compiled(source, options, before=front)[1]
    )
    diagnostics = _to_be_said(done.diagnostics, done.trees, options)
    variants = [Variant(assignment, run.model) for assignment, run in done.cases if assignment]

    def case(assignment: Assignment) -> Model:
        assert front.cases is not None
        front.cases.macros = dict(assignment)
        return _compiled(source, options, before=front)[1].model

    return Compilation(
        source,
        done.cases[0][1].model,
        diagnostics,
        tuple(done.dependencies),
        front.references,
        tuple(variants),
        done.undecided,
        done.places if variants else None,
        tuple(tree for tree in done.trees if tree.break_allowances),
        case if variants else None,
        tuple(done.trees) if options.keep_references else (),
    )


def emit(compilation: Compilation, options: Options | None = None, form: str = "header") -> str:
    """Return the output *form* (`header` or `json`) of a compilation without errors.

    Of an output of several files it is the main one.

    Raises:
        TypeError: That file is no text.
    """
    return emit_files(compilation, options, form)[0].text


def emit_files(
    compilation: Compilation,
    options: Options | None = None,
    form: str = "header",
    settings: Settings | None = None,
) -> list[OutputFile]:
    """Return all files of the output *form*, the main one first.

    Args:
        compilation: One without errors.
        options: What it was compiled with.
        form: A name in :data:`bpfgen.emit.BACKENDS`.
        settings: What the backend is asked for besides: values by the names of its options.

    Raises:
        OutputRefused: The language of the output can't say what the source says, or it is for one
            variant of the source, and nothing says which.
    """
    from bpfgen.emit import BACKENDS

    options = options or Options()
    backend = BACKENDS[form]
    asked = {"style": (options.style,), **(settings or {})}
    if compilation.variants and backend.variants:
        return backend.emit_variants(_variants_of(compilation), asked)
    if compilation.undecided:
        from bpfgen.emit.backend import OutputRefused
        from bpfgen.emit.undecided import undecided

        raise OutputRefused([undecided(compilation.undecided, backend.name)])
    model = compilation.model
    if compilation.variants:
        model = replace(model, macros=compilation.variants[0].assignment)
    return backend.emit(model, asked)


def _variants_of(compilation: Compilation) -> SourceVariants:
    """Return all variants of *compilation*, which has some."""
    from bpfgen.emit.backend import SourceVariants

    assert compilation.places is not None
    return SourceVariants(
        tuple(variant.model for variant in compilation.variants),
        tuple(variant.assignment for variant in compilation.variants),
        compilation.places,
    )
