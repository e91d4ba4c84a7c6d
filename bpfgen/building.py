"""Model -> object, read back and compared with the model.

    build_object  model -> header -> clang -> object -> read back -> compared with the model

After :mod:`bpfgen.compiler`. Nothing here prints or writes; the user's mistakes are diagnostics,
never exceptions.
"""

from __future__ import annotations

from bpfgen.compiler import Options, Variant, emit_files, vmlinux_header
from bpfgen.record import TYPE_CHECKING, Record
from bpfgen.text.diagnostics import ERROR, Diagnostic

if TYPE_CHECKING:
    from bpfgen.compiler import Compilation
    from bpfgen.emit.backend import OutputFile, PlacedText
    from bpfgen.text.source import Source


class Build(Record):
    """What building an object came to.

    Attributes:
        object: The verified object, or None where there is an error among the diagnostics.
        diagnostics: What clang and the comparison with the model say.
        headers_read: The paths of the C headers that clang read, the kernel's among them.
    """

    object: bytes | None
    diagnostics: list[Diagnostic]
    headers_read: tuple[str, ...]


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
    compiler read are added to *headers_read*; :func:`build` returns them.

    Raises:
        ToolMissing: There is no clang with the bpf target.
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
    is_kept: bool = False,
) -> Build:
    """Return what :func:`build_object` does, and which C headers were read for it.

    Whoever has emitted the header with the same options passes it on: it isn't made twice. That of
    a source with variants is verified for each of them, and what is going to be used is one.
    *is_kept* lets the compiler's cache answer: not where an output is verified.
    """
    options = options or Options()
    if compilation.variants and not shipped:
        return _build_variants(compilation, options, header, is_kept=is_kept)
    if compilation.undecided:
        from bpfgen.emit.undecided import undecided

        return Build(None, [undecided(compilation.undecided, "object")], ())
    if compilation.variants:
        first = compilation.variants[0]
        return _build(compilation.source, first, options, shipped=shipped, is_kept=is_kept)
    placed = header.placed if header is not None else None
    only = Variant((), compilation.model)
    return _build(compilation.source, only, options, placed, shipped=shipped, is_kept=is_kept)


def _build(
    source: Source,
    variant: Variant,
    options: Options,
    header: PlacedText | None = None,
    *,
    shipped: bool = False,
    is_kept: bool = False,
) -> Build:
    """Build the object of *variant* of *source*, from its own header or one of all variants."""
    from bpfgen.clang.finder import byteorder_of
    from bpfgen.clang.messages import diagnostics_from_messages
    from bpfgen.emit.c.header import emit_anchored_unit
    from bpfgen.emit.c.imports import directories_of_imports, headers_of_imports
    from bpfgen.emit.c.options import HeaderOptions
    from bpfgen.object import read_object
    from bpfgen.text.diagnostics import FormatError
    from bpfgen.verify import verify

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
    result = options.clang.find().compile_object(
        unit.text,
        target=options.target,
        include_directories=options.include_directories,
        quote_directories=directories_of_imports(model),
        name=source.name,
        headers=headers,
        flags=flags,
        is_kept=is_kept,
    )
    headers_read = tuple(result.dependencies)
    diagnostics = diagnostics_from_messages(result.messages, unit.places, unit.text)
    if result.object is None:
        return Build(None, diagnostics, headers_read)
    try:
        read = read_object(result.object)
    except FormatError as error:
        message = f"the object that clang wrote can't be read: {error}"
        diagnostics.append(Diagnostic("object-format", message, None))
        return Build(None, diagnostics, headers_read)
    byteorder = byteorder_of(options.target)
    diagnostics += verify(model, read, style=options.style, byteorder=byteorder)
    if any(diagnostic.severity == ERROR for diagnostic in diagnostics):
        return Build(None, diagnostics, headers_read)
    if shipped:
        from bpfgen.verify.opening import notes_on_opening, warnings_on_loading

        diagnostics += notes_on_opening(model, options.style)
        diagnostics += warnings_on_loading(model, read)
    return Build(result.object, diagnostics, headers_read)


def _build_variants(
    compilation: Compilation, options: Options, header: OutputFile | None, *, is_kept: bool
) -> Build:
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
    builds = [
        _build(compilation.source, variant, options, header.placed, is_kept=is_kept)
        for variant in variants
    ]
    diagnostics = said_once(
        [variant.assignment for variant in variants],
        [one.diagnostics for one in builds],
        {compilation.source.name: compilation.places},
    )
    object = builds[0].object if all(one.object is not None for one in builds) else None
    headers_read = dict.fromkeys(path for one in builds for path in one.headers_read)
    return Build(object, diagnostics, tuple(headers_read))
