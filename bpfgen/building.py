"""Model -> object, read back and compared with the model.

    build_with_clang  model -> header -> clang ─┐
                                                ├─> object -> read back -> compared with the model
    assembled         model -> assembler ───────┘

After :mod:`bpfgen.compiler`. Nothing here prints or writes; the user's mistakes are diagnostics,
never exceptions.
"""

from __future__ import annotations

from bpfgen.clang import BUILTIN, CLANG, INSTALL_HINT, ToolMissing
from bpfgen.compiler import Options, Variant, emit_files, vmlinux_header
from bpfgen.record import TYPE_CHECKING, Record, replace
from bpfgen.steps import Begun, side_by_side
from bpfgen.text.diagnostics import ERROR, NOTE, Diagnostic

if TYPE_CHECKING:
    from bpfgen.clang.started import StartedObject
    from bpfgen.compiler import Compilation
    from bpfgen.emit.backend import OutputFile, PlacedText
    from bpfgen.model.model import Model
    from bpfgen.steps import Steps
    from bpfgen.text.source import Source


class Build(Record):
    """What building an object came to.

    Attributes:
        object: The verified object, or None where there is an error among the diagnostics.
        diagnostics: What clang and the comparison with the model say.
        headers_read: The paths of the C headers that clang read, the kernel's among them.
        assembler: Who has made it: `clang`, of the header, or `builtin`.
    """

    object: bytes | None
    diagnostics: list[Diagnostic]
    headers_read: tuple[str, ...]
    assembler: str = CLANG


def build_object(
    compilation: Compilation,
    options: Options | None = None,
    *,
    shipped: bool = False,
    headers_read: list[str] | None = None,
) -> tuple[bytes | None, list[Diagnostic]]:
    """Return the verified object of a compilation without errors, and what is to be said about it.

    Clang makes it, or bpfgen itself: see :attr:`bpfgen.compiler.Options.assembler`. The object is
    None where clang refuses the header, where what was made isn't what the source says, or where
    the assembler that was asked for leaves it to the other; then there are errors among the
    diagnostics. With *shipped* the object is going to be used, and notes say what libbpf can't open
    by itself. The paths of the C headers that the compiler read are added to *headers_read*;
    :func:`build` returns them.

    Raises:
        ToolMissing: There is no clang with the bpf target, and one was asked for or is needed.
    """
    built = build(compilation, options, shipped=shipped)
    if headers_read is not None:
        headers_read += built.headers_read
    return built.object, built.diagnostics


def build(
    compilation: Compilation,
    options: Options | None = None,
    *,
    shipped: bool = False,
    header: OutputFile | None = None,
) -> Build:
    """Return what :func:`build_object` does, who made it, and which C headers were read for it.

    Whoever has emitted the header with the same options passes it on: it isn't made twice.
    """
    built: Build = Begun(building(compilation, options, shipped=shipped, header=header)).finish()
    return built


def building(
    compilation: Compilation,
    options: Options | None = None,
    *,
    shipped: bool = False,
    header: OutputFile | None = None,
) -> Steps[Build]:
    """Do what :func:`build` does, and stop where a compiler has been started, if one is."""
    options = options or Options()
    if options.assembler == BUILTIN:
        return _assembled(compilation, options, shipped=shipped)
    try:
        steps = building_with_clang(compilation, options, shipped=shipped, header=header)
        return (yield from steps)
    except ToolMissing as missing:
        if options.assembler == CLANG or missing.named:
            raise
        return _without_clang(compilation, options, missing, shipped=shipped)


def build_with_clang(
    compilation: Compilation,
    options: Options | None = None,
    *,
    shipped: bool = False,
    header: OutputFile | None = None,
    is_kept: bool = False,
) -> Build:
    """Return what clang makes of the header of *compilation*, whoever is to make objects.

    That of a source with variants is verified for each of them, and what is going to be used is
    one. *is_kept* lets the compiler's cache answer: not where an output is verified.

    Raises:
        ToolMissing: There is no clang with the bpf target.
    """
    steps = building_with_clang(
        compilation, options, shipped=shipped, header=header, is_kept=is_kept
    )
    built: Build = Begun(steps).finish()
    return built


def building_with_clang(
    compilation: Compilation,
    options: Options | None = None,
    *,
    shipped: bool = False,
    header: OutputFile | None = None,
    is_kept: bool = False,
) -> Steps[Build]:
    """Do what :func:`build_with_clang` does, and stop where clang has been started."""
    options = options or Options()
    if compilation.variants and not shipped:
        return (yield from _build_variants(compilation, options, header, is_kept=is_kept))
    if compilation.undecided:
        return _undecided(compilation, CLANG)
    source, variant, placed = compilation.source, Variant((), compilation.model), None
    if compilation.variants:
        variant = compilation.variants[0]
    elif header is not None:
        placed = header.placed
    steps = _compiled(source, variant, options, placed, shipped=shipped, is_kept=is_kept)
    return (yield from steps)


def _undecided(compilation: Compilation, assembler: str) -> Build:
    """Return that nothing says which variant of *compilation* the object is to be."""
    from bpfgen.emit.undecided import undecided

    return Build(None, [undecided(compilation.undecided, "object")], (), assembler)


def _without_clang(
    compilation: Compilation, options: Options, missing: ToolMissing, *, shipped: bool
) -> Build:
    """Assemble *compilation*, since no clang is there, and say so.

    Raises:
        ToolMissing: It is what clang alone makes an object of.
    """
    from bpfgen.assemble.refusals import refusals

    for refusal in refusals(compilation.model, options.style):
        raise ToolMissing(f"{missing}; {refusal.message}") from missing
    built = _assembled(compilation, options, shipped=shipped)
    message = "the object is made by bpfgen itself: no clang with the bpf target was found"
    advice = f"`--assembler builtin` asks for that; or {INSTALL_HINT}"
    note = Diagnostic("assembler", message, None, help=advice, severity=NOTE)
    return replace(built, diagnostics=[*built.diagnostics, note])


def _assembled(compilation: Compilation, options: Options, *, shipped: bool) -> Build:
    """Return the object that bpfgen itself writes of *compilation*; of variants it is the first."""
    from bpfgen.assemble.refusals import refusals

    if compilation.undecided and shipped:
        return _undecided(compilation, BUILTIN)
    model = compilation.model
    refused = refusals(model, options.style)
    if refused:
        return Build(None, refused, (), BUILTIN)
    from bpfgen.assemble.object import assemble
    from bpfgen.clang.finder import byteorder_of

    built = Build(assemble(model, byteorder_of(options.target)), [], (), BUILTIN)
    return _read_back(built, model, options, shipped=shipped)


def _compiled(
    source: Source,
    variant: Variant,
    options: Options,
    header: PlacedText | None = None,
    *,
    shipped: bool = False,
    is_kept: bool = False,
) -> Steps[Build]:
    """Have clang compile *variant* of *source*, from its own header or one of all variants."""
    compiler = options.clang.find()
    from bpfgen.emit.c.header import emit_anchored_unit
    from bpfgen.emit.c.imports import directories_of_imports, headers_of_imports
    from bpfgen.emit.c.options import HeaderOptions

    flags: list[str] = []
    if variant.assignment:
        from bpfgen.conditions.macros import macro_flags

        flags = macro_flags(variant.assignment)
    model, style = variant.model, HeaderOptions(options.style)
    unit = emit_anchored_unit(model, style, header)
    headers = headers_of_imports(model, style)
    if options.btf is not None:
        from bpfgen.emit.c.imports import with_kernel_header
        from bpfgen.vmlinux import needs_vmlinux

        given = {source.name: unit.text, **headers}
        if model.uses_kernel or needs_vmlinux(given, options.include_directories, options.opener):
            headers = with_kernel_header(headers, vmlinux_header(given, options))
    target, directories = options.target, options.include_directories
    beside = directories_of_imports(model)
    if not (headers or beside or flags or is_kept):
        early = options.clang.early(source.name, target, directories)
        if early is not None and early.run.give(unit.text):
            built = yield from _finished(early, unit, model, options, shipped=shipped)
            if built.object is not None:
                return built
            # It may be one that wants its text in a file, whatever it has made of it.
    started = compiler.start_object(
        unit.text,
        target=target,
        include_directories=directories,
        quote_directories=beside,
        name=source.name,
        headers=headers,
        flags=flags,
        is_kept=is_kept,
    )
    return (yield from _finished(started, unit, model, options, shipped=shipped))


def _finished(
    started: StartedObject, unit: PlacedText, model: Model, options: Options, *, shipped: bool
) -> Steps[Build]:
    """Wait for the object of *unit*, read it back, and compare it with *model*."""
    with started:
        # What reads the object loads while clang is at work on it.
        from bpfgen.clang.messages import diagnostics_from_messages
        from bpfgen.object import read_object  # noqa: F401
        from bpfgen.verify import verify  # noqa: F401

        yield
        result = started.finish()
        diagnostics = diagnostics_from_messages(result.messages, unit.places, unit.text)
        built = Build(result.object, diagnostics, tuple(result.dependencies))
        return _read_back(built, model, options, shipped=shipped)


def _read_back(built: Build, model: Model, options: Options, *, shipped: bool) -> Build:
    """Return *built*, whose object is verified now; without one if it isn't that of *model*."""
    if built.object is None:
        return built
    from bpfgen.clang.finder import byteorder_of
    from bpfgen.object import read_object
    from bpfgen.text.diagnostics import FormatError
    from bpfgen.verify import verify

    try:
        read = read_object(built.object)
    except FormatError as error:
        writer = "clang" if built.assembler == CLANG else "bpfgen"
        message = f"the object that {writer} wrote can't be read: {error}"
        unread = Diagnostic("object-format", message, None)
        return replace(built, object=None, diagnostics=[*built.diagnostics, unread])
    byteorder = byteorder_of(options.target)
    diagnostics = [
        *built.diagnostics,
        *verify(
            model,
            read,
            style=options.style,
            byteorder=byteorder,
            assembled=built.assembler == BUILTIN,
        ),
    ]
    if any(diagnostic.severity == ERROR for diagnostic in diagnostics):
        return replace(built, object=None, diagnostics=diagnostics)
    if shipped:
        from bpfgen.verify.opening import notes_on_opening, warnings_on_loading

        diagnostics += notes_on_opening(model, options.style)
        diagnostics += warnings_on_loading(model, read)
    return replace(built, diagnostics=diagnostics)


def _build_variants(
    compilation: Compilation, options: Options, header: OutputFile | None, *, is_kept: bool
) -> Steps[Build]:
    """Verify the header of all variants of *compilation*, once for each of them.

    Of very many those that between them have every part of the source, and miss every part. The
    object is that of the first.
    """
    from bpfgen.conditions.assignments import MOST_COMPILED, showing_each
    from bpfgen.providers.variants import said_once

    if header is None:
        (header,) = emit_files(compilation, options)
    assert compilation.places is not None
    variants = compilation.variants
    if len(variants) > MOST_COMPILED:
        guards = [block.guard for block in compilation.places.blocks]
        shown = showing_each(guards, [variant.assignment for variant in variants])
        variants = tuple(variants[number] for number in shown)
    source, placed = compilation.source, header.placed
    builds = yield from side_by_side(
        [_compiled(source, variant, options, placed, is_kept=is_kept) for variant in variants],
        options.jobs,
    )
    diagnostics = said_once(
        [variant.assignment for variant in variants],
        [one.diagnostics for one in builds],
        {compilation.source.name: compilation.places},
    )
    object = builds[0].object if all(one.object is not None for one in builds) else None
    headers_read = dict.fromkeys(path for one in builds for path in one.headers_read)
    return Build(object, diagnostics, tuple(headers_read))
