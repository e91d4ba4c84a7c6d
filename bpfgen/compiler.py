"""The pipeline in one screen: source, syntax, model, rules; then output, object, verification.

    compile       text -> checked model
    emit          model -> header or JSON
    build_object  model -> header -> clang -> object -> read back -> compared with the model

Nothing here prints or writes; the user's mistakes are diagnostics, never exceptions.
"""

from __future__ import annotations

import sys

from bpfgen.clang.finder import Finder
from bpfgen.record import TYPE_CHECKING, Record
from bpfgen.resolve.file import resolve
from bpfgen.syntax.parser import names_in, parse
from bpfgen.text.diagnostics import ERROR, NOTE, Diagnostic, Report
from bpfgen.text.source import Source, Span

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from bpfgen.ctype.types import Expression
    from bpfgen.emit.backend import OutputFile
    from bpfgen.kernel.version import KernelVersion
    from bpfgen.model.model import Model
    from bpfgen.providers.imports import Importer, SharedImport
    from bpfgen.resolve.lookup import Definitions
    from bpfgen.resolve.provider import Provider
    from bpfgen.syntax.tree import File, IncludeItem

DEEPEST_STACK = 10_000
"""Frames; types nest up to 200 deep by value, and each level takes some ten frames."""


class Options(Record):
    """What a compilation can be asked for; the command line's options of the same names.

    Attributes:
        include_directories: Where `include "…"`, `include <…>` and `import` look, in order.
        definitions: `-D NAME=VALUE`, the value as text.
        kernel: Overrides `target kernel`; None leaves it to the file.
        target: `bpf`, `bpfel` or `bpfeb`.
        style: `modern` or `initializer`.
        relax_compat: Unknown attributes of maps are warnings.
        clang: Finds the compiler when one is needed.
    """

    include_directories: tuple[str, ...] = ()
    definitions: dict[str, str] = {}  # noqa: RUF012 -- read only, as every record
    kernel: KernelVersion | None = None
    target: str = "bpf"
    style: str = "modern"
    relax_compat: bool = False
    clang: Finder = Finder()


class Compilation(Record):
    """What a source came to.

    Attributes:
        source: What was compiled.
        model: The checked model; it is there even if there are errors, but then incomplete.
        diagnostics: All that is to be said, in source order.
        dependencies: The files read on the way: imports, then C headers.
    """

    source: Source
    model: Model
    diagnostics: list[Diagnostic]
    dependencies: tuple[str, ...]

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
    from bpfgen.rules import check

    options = options or Options()
    if sys.getrecursionlimit() < DEEPEST_STACK:
        sys.setrecursionlimit(DEEPEST_STACK)
    report = Report()
    dependencies: list[str] = []
    definitions = _definitions(options, report)
    tree = parse(source, report)
    imported_trees: list[File] = []
    importer = _importer(tree, options, definitions, dependencies, imported_trees, shared)
    model = _resolved(tree, options, report, importer, definitions, dependencies)
    _unused_definitions(definitions, report)
    if not tree.items and not report.diagnostics:
        report.error(
            "empty",
            "this file declares nothing",
            Span(source, len(source.text), len(source.text)),
            help="declare a map, as in `map counters: array<__u32, __u64>[4];`",
        )
    report.extend(check(model, options.kernel, options.style))
    kept = report.in_source_order()
    trees = [tree, *imported_trees]
    if any(each.allowances for each in trees):
        from bpfgen.rules.allowances import allowed

        kept = allowed(kept, trees)
    imported = importer.dependencies if importer is not None else []
    return Compilation(source, model, kept, (*imported, *dict.fromkeys(dependencies)))


def _importer(
    tree: File,
    options: Options,
    definitions: Definitions,
    dependencies: list[str],
    trees: list[File],
    shared: dict[str, SharedImport] | None,
) -> Importer | None:
    """Return what loads the imports of *tree*, or None where it has none."""
    from bpfgen.syntax.tree import ImportItem

    if not any(isinstance(item, ImportItem) for item in tree.items):
        return None
    from bpfgen.providers.imports import Importer

    def compile_file(source: Source, importer: Importer, report: Report) -> Model:
        tree = parse(source, report)
        trees.append(tree)
        return _resolved(tree, options, report, importer, definitions, dependencies)

    # Which constants `-D` replaces is noted while a file is compiled.
    shared = None if options.definitions else shared
    importer = Importer(options.include_directories, compile_file, dependencies, trees, shared)
    importer.begin(tree.source.name)
    return importer


def _resolved(
    tree: File,
    options: Options,
    report: Report,
    importer: Importer | None,
    definitions: Definitions,
    dependencies: list[str],
) -> Model:
    """Return the model of *tree*, with the names that its imports and headers bring."""
    from bpfgen.syntax.tree import IncludeItem

    known = len(report.diagnostics)
    imports = importer.load(tree, report) if importer is not None else []
    providers: list[Provider] = []
    if imports:
        from bpfgen.providers.imports import ImportedNames

        providers.extend(ImportedNames(item.model) for item in imports)
    includes = [
        item
        for item in tree.items
        if isinstance(item, IncludeItem) and _can_be_included(item, report)
    ]
    if includes:
        providers.extend(_included(tree, includes, options, report, providers, dependencies))
    if any(diagnostic.severity == ERROR for diagnostic in report.diagnostics[known:]):
        # What is missing now is most likely what would have come from there.
        tree.lost_names |= names_in(tree.source)
    from bpfgen.providers.prelude.load import Prelude

    return resolve(
        tree,
        report,
        Prelude.shared(),
        imports=imports,
        providers=providers,
        definitions=definitions,
        relax_compat=options.relax_compat,
    )


def _can_be_included(item: IncludeItem, report: Report) -> bool:
    """Return whether C can name the header of *item*; else report what is wrong with its name."""
    from bpfgen.text.header_names import header_name_fault

    wrong = header_name_fault(item.path[1:-1])
    if wrong:
        message = f"no C header can be included by this name: it has {wrong}"
        report.error("include", message, item.span, help="rename it, or the directory that has it")
    return not wrong


def _included(
    tree: File,
    includes: list[IncludeItem],
    options: Options,
    report: Report,
    providers: list[Provider],
    dependencies: list[str],
) -> Iterable[Provider]:
    """Yield what the C headers of *tree* define, as far as the file needs it."""
    from bpfgen.model.maps import MAP_KINDS
    from bpfgen.providers.c_headers import ask
    from bpfgen.providers.prelude.load import Prelude
    from bpfgen.resolve.scope import Scope
    from bpfgen.syntax.names import used_names

    scope = Scope(Report())
    scope.collect(tree.items)
    known = {*scope.ordinary, *MAP_KINDS, "runtime", "by_name", "none", *tree.lost_names}
    tags = set(scope.tags)
    used = used_names(tree)
    prelude = Prelude.shared()
    for name in (*used.types, *used.constants):
        if prelude.find_constant(name) or prelude.find_type("typedef", name):
            known.add(name)
    # Headers may have a struct of newer kernels, and may not: only they can tell.
    for kind, tag in used.tags:
        if prelude.is_in_all_headers(kind, tag):
            tags.add(tag)
    for name in used.types:
        if any(prelude.is_in_all_headers(kind, name) for kind in ("struct", "union", "enum")):
            tags.add(name)
    for provider in providers:
        known.update(provider.constant_names())
        tags.update(provider.type_names())
        known.update(provider.type_names())
    included = ask(
        options.clang.find(),
        includes,
        used,
        known,
        tags,
        options.include_directories,
        tree.source.name,
        report,
    )
    if included is not None:
        dependencies.extend(included.dependencies)
        yield included


def _definitions(options: Options, report: Report) -> Definitions:
    """Return the values of `-D` options; each is one expression, of the prelude's names at most."""
    from bpfgen.resolve.lookup import Definitions

    if not options.definitions:
        return Definitions()
    from bpfgen.providers.prelude.load import Prelude
    from bpfgen.resolve.file import Resolver
    from bpfgen.syntax.tree import ConstItem

    values: dict[str, Expression] = {}
    for name, value in options.definitions.items():
        source = Source(f"-D {name}", f"const {name} = {value};")
        tree = parse(source, report)
        items = tree.items
        if len(items) == 1 and isinstance(items[0], ConstItem):
            resolver = Resolver(tree, report, [], Prelude.shared())
            expression = resolver.expression(items[0].value)
            if expression is not None:
                values[name] = expression
        elif items:
            message = f"`-D {name}` takes one expression as its value"
            report.error("unknown-definition", message, Span(source, 0, len(source.text)))
    return Definitions(values)


def _unused_definitions(definitions: Definitions, report: Report) -> None:
    """Warn of `-D` options that no file has a constant for."""
    if not definitions.unused:
        return
    from bpfgen.text.diagnostics import WARNING, Subject
    from bpfgen.text.spelling import did_you_mean

    for name in definitions.unused:
        report.error(
            "unknown-definition",
            f"`-D {name}` replaces no constant: there is none of that name",
            None,
            help=did_you_mean(name, definitions.known),
            severity=WARNING,
            subject=Subject("definition", name),
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
    settings: Mapping[str, str] | None = None,
) -> list[OutputFile]:
    """Return all files of the output *form*, the main one first.

    Args:
        compilation: One without errors.
        options: What it was compiled with.
        form: A name in :data:`bpfgen.emit.BACKENDS`.
        settings: What the backend is asked for besides, by the names of its options.
    """
    from bpfgen.emit import BACKENDS

    options = options or Options()
    return BACKENDS[form].emit(compilation.model, {"style": options.style, **(settings or {})})


def build_object(
    compilation: Compilation,
    options: Options | None = None,
    *,
    shipped: bool = False,
    headers_read: list[str] | None = None,
) -> tuple[bytes | None, list[Diagnostic]]:
    """Return the verified object of a compilation without errors, and what is to be said about it.

    The object is None where clang refuses the header or where what it made of it isn't what the
    source says; then there are errors among the diagnostics. With *shipped* the object is going to
    be used, and notes say what libbpf can't open by itself. The paths of the C headers that the
    compiler read, the kernel's among them, are added to *headers_read*.

    Raises:
        ToolMissing: There is no clang with the bpf target.
    """
    from bpfgen.clang.messages import diagnostics_from_messages
    from bpfgen.emit.c.header import emit_anchored_unit
    from bpfgen.emit.c.options import HeaderOptions
    from bpfgen.object import read_object
    from bpfgen.text.diagnostics import FormatError
    from bpfgen.verify import verify

    options = options or Options()
    model = compilation.model
    unit = emit_anchored_unit(model, HeaderOptions(options.style))
    result = options.clang.find().compile_object(
        unit.text,
        target=options.target,
        include_directories=options.include_directories,
        quote_directories=_import_directories(model),
        name=compilation.source.name,
        headers=_imported_headers(model, options),
    )
    if headers_read is not None:
        headers_read += result.dependencies
    diagnostics = diagnostics_from_messages(result.messages, unit.places, unit.text)
    if result.object is None:
        return None, diagnostics
    try:
        read = read_object(result.object)
    except FormatError as error:
        message = f"the object that clang wrote can't be read: {error}"
        return None, [*diagnostics, Diagnostic("object-format", message, None)]
    diagnostics += verify(model, read, style=options.style, byteorder=_byteorder(options.target))
    if any(diagnostic.severity == ERROR for diagnostic in diagnostics):
        return None, diagnostics
    if shipped:
        diagnostics += _notes(model, options)
    return result.object, diagnostics


def _byteorder(target: str) -> str:
    return {"bpfel": "little", "bpfeb": "big"}.get(target, sys.byteorder)


def _imported_headers(model: Model, options: Options) -> dict[str, str]:
    """Return the headers of all imports, by the paths under which the C text includes them."""
    from bpfgen.emit.c.header import emit_header
    from bpfgen.emit.c.options import HeaderOptions

    headers: dict[str, str] = {}
    pending = [("", model)]
    while pending:
        directory, importing = pending.pop()
        for item in importing.imports:
            path = f"{directory}{item.header}"
            if path not in headers:
                headers[path] = emit_header(item.model, HeaderOptions(options.style))
                pending.append((path.rpartition("/")[0] + "/" if "/" in path else "", item.model))
    return headers


def _import_directories(model: Model) -> list[str]:
    """Return the directories of the imports that include headers which lie beside them."""
    from os.path import dirname

    return [
        dirname(each.name)
        for each in model.with_imports()
        if each is not model and any(item.path.startswith('"') for item in each.includes)
    ]


def _notes(model: Model, options: Options) -> list[Diagnostic]:
    """Return notes on what libbpf 1.0 and later can't open by itself in the object."""
    from bpfgen.model.model import ProgramDeclaration

    notes: list[Diagnostic] = []

    def note(message: str, span: Span | None, name: str | None) -> None:
        notes.append(Diagnostic("libbpf-open", message, span, severity=NOTE, map=name))

    if options.style == "initializer" and model.maps:
        note(
            "libbpf can't open this object: it reads attributes from BTF, and in the initializer "
            "style they are in the section's data",
            model.maps[0].span,
            None,
        )
    programs = {d.name for d in model.declarations if isinstance(d, ProgramDeclaration)}
    for declared in model.maps:
        if declared.legacy:
            message = "libbpf 1.0 and later can't open an object with legacy maps"
        elif declared.linkage == "extern":
            message = "libbpf can't open this object before it is linked with the one that defines"
            message += f" `{declared.name}`: `bpftool gen object`"
        elif any(slot.target in programs for slot in declared.slots):
            message = "libbpf can't open this object before it is linked with the one that has the"
            message += " programs: `bpftool gen object`"
        else:
            continue
        note(message, declared.span, declared.name)
    return notes
