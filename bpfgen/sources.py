"""A source is a source: what a word names -> a checked model, whatever it is.

A source of the language is compiled. An object, a file of C and a map of the running kernel are
imported first, and what comes out is compiled as any other source, so that rules, outputs and
verification make no difference between them; of what import has to say only that is left which
matters to an output.
"""

from __future__ import annotations

import os
import stat

from bpfgen.files import ELFMAG, ID, NAME
from bpfgen.files.reading import FILES, STDIN, c_text, decode_source
from bpfgen.record import TYPE_CHECKING, Record, replace
from bpfgen.text.diagnostics import ERROR, NOTE, WARNING, Diagnostic

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from mmap import mmap
    from typing import TypeAlias

    from bpfgen.compiler import Compilation, Options
    from bpfgen.importer.items import Imported
    from bpfgen.model.maps import Shape
    from bpfgen.object.records import Definition, ObjectFile
    from bpfgen.object.running import RunningMap
    from bpfgen.providers.imports import SharedImport

    Contents: TypeAlias = bytes | mmap | ObjectFile

LANGUAGE, OBJECT, C, RUNNING = "language", "object", "C", "running"
"""What a source may be."""

C_SUFFIXES = (".c", ".h")
"""Names of C files end so."""

OBJECT_SUFFIX = ".o"
"""Names of objects do as a rule, and nothing else does."""

_TOLD = frozenset(("import-map", "import-type", "import-name", "import-difference", "no-right"))
"""The codes of import's warnings that change what an output has; others are about the object."""


_MISSED = frozenset(("import-map", "import-lost"))
"""The codes of what import says where there may be a map that it couldn't see."""


class Opened(Record):
    """What a source came to.

    Attributes:
        kind: `language`, `object`, `C` or `running`.
        compilation: None where nothing came of it, and the diagnostics say why. That of anything
            but the language has places in the text that was imported, which is in no file; see
            :func:`without_places`.
        diagnostics: All that is to be said, in order; a note is for whoever asks.
        dependencies: The files read on the way.
        pins: Of maps of the running kernel that were opened by a pin: its path, by the map's name.
        is_empty: Nothing came of it since it has no map, and neither of what it has nor of what it
            includes anything was left out; the only error says so.
        refused: What clang refuses in C of which something came all the same: what isn't there may
            have been missed. Errors, for whoever asks what is gone.
        left_out: Maps that it has and the model hasn't, by their names: why.
        refusals: Why libbpf refuses an object of which something came all the same.
    """

    kind: str
    compilation: Compilation | None
    diagnostics: list[Diagnostic]
    dependencies: tuple[str, ...] = ()
    pins: Mapping[str, str] = {}
    is_empty: bool = False
    refused: tuple[Diagnostic, ...] = ()
    left_out: Mapping[str, str] = {}
    refusals: tuple[Diagnostic, ...] = ()

    @property
    def failed(self) -> bool:
        """Whether there is an error, or nothing at all."""
        errors = (diagnostic.severity == ERROR for diagnostic in self.diagnostics)
        return self.compilation is None or any(errors)


def is_file(path: str) -> bool:
    """Return whether the source *path* is called so by a file, whether that is there or not."""
    return path != "-" and not path.startswith((ID, NAME))


def contents_of(path: str) -> Contents:
    """Return what the source *path* holds, `-` being standard input.

    An object is mapped; of a running map, or of those that are pinned in a directory, it is what
    the kernel says of them.

    Raises:
        OSError: It can't be read. Of a running map, also that there is none; see
            :func:`bpfgen.live.places.opened`.
    """
    if path == "-":
        return FILES.read(path)
    if not is_file(path):
        return running_of((path,))
    # A pipe must not be opened to look: who writes to it would lose the reader.
    status = os.stat(path)
    if stat.S_ISDIR(status.st_mode) and names_running(path):
        return running_of((path,))
    if not stat.S_ISREG(status.st_mode):
        return FILES.read(path)
    if not status.st_size:
        from bpfgen.files.pins import is_like_a_pin

        return running_of((path,)) if is_like_a_pin(status) else FILES.read(path)
    if not _begins_like_an_object(path):
        return FILES.read(path)
    from bpfgen.files.mapping import mapped

    return mapped(path)


def _begins_like_an_object(path: str) -> bool:
    descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC)
    try:
        return os.read(descriptor, len(ELFMAG)) == ELFMAG
    finally:
        os.close(descriptor)


def running_at(path: str) -> ObjectFile | None:
    """Return the running map that *path* names, as an object; None where that is a file.

    A directory of pins is one with all maps in it.

    Raises:
        OSError: There is no such map, or one may not read it.
    """
    return running_of((path,)) if names_running(path) else None


def names_running(path: str) -> bool:
    """Return whether *path* names running maps, of which there may be none."""
    if path == "-":
        return False
    if not is_file(path):
        return True
    from bpfgen.files.pins import is_pin, is_pin_directory

    return is_pin(path) or is_pin_directory(path)


def running_of(words: Iterable[str]) -> ObjectFile:
    """Return the running maps that *words* name, each once, as one object.

    Raises:
        OSError: There is none of one of them, or one may not read it; its *filename* says which.
    """
    from bpfgen.files.pins import is_pin_directory
    from bpfgen.live.places import opened_all
    from bpfgen.live.running import LoadedTypes, running_map
    from bpfgen.live.source import object_of_several
    from bpfgen.live.syscall import Bpf

    loaded = LoadedTypes(Bpf())
    found: dict[int, tuple[str, RunningMap]] = {}
    for word in words:
        try:
            for pin, map in opened_all(word):
                if map.info.id not in found:
                    path = os.path.join(word, pin) if is_pin_directory(word) else word
                    running = replace(running_map(map, loaded), pin=path if pin else "")
                    found[map.info.id] = pin, running
        except OSError as error:
            error.filename = error.filename if is_pin_directory(word) else word
            raise
    return object_of_several(list(found.values()))


def kind_of(path: str, contents: Contents) -> str:
    """Return what the source *path* is, by how its *contents* begin and by its name."""
    if not isinstance(contents, bytes):
        from bpfgen.object.records import ObjectFile

        if isinstance(contents, ObjectFile):
            return RUNNING
    if contents[: len(ELFMAG)] == ELFMAG or path.endswith(OBJECT_SUFFIX):
        return OBJECT
    return C if path.endswith(C_SUFFIXES) else LANGUAGE


def open_source(
    path: str,
    contents: Contents,
    options: Options | None = None,
    types: Sequence[str] = (),
    shared: dict[str, SharedImport] | None = None,
) -> Opened:
    """Return what the source *path* comes to, which holds *contents*.

    Args:
        path: As the user typed it; `-` is standard input. Outputs say that they come from it.
        contents: The bytes of it, or what :func:`contents_of` has made of a running map.
        options: As for :func:`bpfgen.compiler.compile`; the definitions are macros of C.
        types: What is wanted of anything but the language beside what its maps need; see
            :func:`bpfgen.import_object`.
        shared: As for :func:`bpfgen.compiler.compile`.

    Raises:
        FormatError: It is an object, and can't be read.
        ToolMissing: It needs a clang, and there is none.
        ValueError: *types* are asked of a source of the language, which declares what it has.
    """
    kind = kind_of(path, contents)
    name = STDIN if path == "-" else path
    if not isinstance(contents, bytes):
        from bpfgen.object.records import ObjectFile

        if isinstance(contents, ObjectFile):
            return compile_object(contents, name, options, types)
    if kind == OBJECT:
        from bpfgen.object import read_object

        object = read_object(contents, relax_compat=options is not None and options.relax_compat)
        return compile_object(object, name, options, types)
    if kind == C:
        return compile_c(bytes(contents), name, options, types)
    if types:
        raise ValueError(f"`{name}` is a source of the language, which declares its types itself")
    from bpfgen.compiler import compile

    source, wrong = decode_source(name, bytes(contents))
    if wrong is not None:
        return Opened(kind, None, [wrong])
    compilation = compile(source, options, shared)
    return Opened(kind, compilation, compilation.diagnostics, compilation.dependencies)


def options_of_outputs(kind: str, options: Options) -> Options:
    """Return what outputs of a source of *kind* are verified under, opened with *options*.

    The macros of C are no definitions any more; what it includes sees them all the same.
    """
    if kind != C:
        return options
    from bpfgen.importer.from_c.forced import finder_for_c

    return replace(options, clang=finder_for_c(options))


def compile_object(
    object: ObjectFile, path: str, options: Options | None = None, types: Sequence[str] = ()
) -> Opened:
    """Return what *object* comes to, which was read from *path*, or stands for a running map.

    Raises:
        ToolMissing: It has types of linux/bpf.h, and there is no clang to ask for them.
    """
    from bpfgen.importer import import_object

    imported = import_object(object, path, options, types)
    kind = RUNNING if object.running else OBJECT
    opened = _opened(kind, imported, path, options, object.error)
    if object.running:
        return _as_known(opened, object)  # what can't be declared of it was said
    left = [map.section for map in object.internal_maps]
    left += (f"struct_ops `{map.name}`" for map in object.struct_ops)
    if left:
        message = f"{path}: left out: {', '.join(left)}; a loader makes these maps of variables"
        note = Diagnostic("import-lost", message, None, severity=NOTE)
        return replace(opened, diagnostics=[*opened.diagnostics, note])
    return opened


def _as_known(opened: Opened, object: ObjectFile) -> Opened:
    """Return *opened*, of *object*, a running map: its maps know whether their layout is known."""
    compilation = opened.compilation
    if compilation is None:
        return opened
    from bpfgen.model.maps import Map
    from bpfgen.object.fingerprint import is_layout_known

    def known(shape: Shape, definition: Definition) -> Shape:
        inner = shape.inner
        if inner is not None and definition.inner is not None:
            inner = known(inner, definition.inner)
        return replace(shape, inner=inner, is_layout_known=is_layout_known(definition))

    definitions = {map.name: map.definition for map in object.maps}
    declarations = tuple(
        replace(one, shape=known(one.shape, definitions[one.name]))
        if isinstance(one, Map) and one.name in definitions
        else one
        for one in compilation.model.declarations
    )
    model = replace(compilation.model, declarations=declarations)
    pins = {
        map.name: running.pin
        for map, running in zip(object.maps, object.running, strict=False)
        if running.pin
    }
    return replace(opened, compilation=replace(compilation, model=model), pins=pins)


def compile_c(
    data: bytes, path: str, options: Options | None = None, types: Sequence[str] = ()
) -> Opened:
    """Return what the C file *path* comes to, which holds *data*.

    Raises:
        ToolMissing: The clang that was asked for isn't there.
    """
    from bpfgen.importer.from_c import import_c

    text, wrong = c_text(path, data)
    if wrong is not None:
        return Opened(C, None, [wrong])
    imported = import_c(text, path, options, types, is_decided=True)
    return _opened(C, imported, path, options)


def _opened(
    kind: str,
    imported: Imported,
    path: str,
    options: Options | None,
    refusal: str | None = None,
) -> Opened:
    """Return *imported* as a source, with what matters of what was said on the way.

    *refusal* is why libbpf would not open the object: if nothing came of it, this is the reason.
    """
    from bpfgen.emit.backend import base_name

    name = base_name(path)
    left_out = _left_out(imported)
    reported = [
        # Of C they have the line, and begin with the file.
        said if kind == C else replace(said, message=f"{name}: {said.message}")
        for said in imported.diagnostics
        if said.severity == ERROR or (said.severity == WARNING and said.code in _TOLD)
    ]
    compilation = imported.compilation
    if compilation is None:
        is_empty = False
        if refusal is not None:
            reported.insert(0, Diagnostic("libbpf-refuses", f"{name}: {refusal}", None))
        elif not any(said.severity == ERROR for said in reported):
            message = f"{name}: there is no map that an output could have"
            advice = "--types NAME asks for types that no map needs"
            why = tuple(said.message for said in imported.diagnostics if said.code in _MISSED)
            is_empty = not why
            reported.append(Diagnostic("import-map", message, None, notes=why[:3], help=advice))
        return Opened(
            kind,
            None,
            reported,
            imported.dependencies,
            is_empty=is_empty,
            refused=imported.refused,
            left_out=left_out,
        )
    if options is not None and options.definitions and kind != C:
        reported += (s for s in compilation.diagnostics if s.code == "unknown-definition")
    # The lines are those of a text that nobody has; what is wrong in it keeps them, for messages.
    declarations = tuple(replace(one, span=None) for one in compilation.model.declarations)
    model = replace(
        compilation.model, name=path, doc="", declarations=declarations, names_are_given=True
    )
    compilation = replace(compilation, model=model, diagnostics=reported)
    dependencies = dict.fromkeys((*imported.dependencies, *compilation.dependencies))
    return Opened(
        kind,
        compilation,
        reported,
        tuple(dependencies),
        refused=imported.refused,
        left_out=left_out,
        refusals=tuple(said for said in imported.diagnostics if said.code == "import-refused"),
    )


def _left_out(imported: Imported) -> dict[str, str]:
    """Return the maps that *imported* could not declare, by their names: why."""
    model = None if imported.compilation is None else imported.compilation.model
    known = set() if model is None else {map.name for map in model.maps}
    left_out = {
        said.map: said.message
        for said in imported.diagnostics
        if said.code == "import-map" and said.map is not None and said.map not in known
    }
    if imported.object is not None and not isinstance(imported.object, str):
        for emitted in imported.object.maps:
            if emitted.name not in known:
                left_out.setdefault(emitted.name, "it is in the compiled file, and wasn't found")
    return left_out


def without_places(diagnostics: Iterable[Diagnostic], path: str) -> list[Diagnostic]:
    """Return *diagnostics* of an imported source, for people who see the file *path* alone.

    Their places are in a text that nobody has; what stands there is said in words.
    """
    placed = []
    for said in diagnostics:
        if said.span is None and not said.labels:
            placed.append(said)
            continue
        message = f"{path}: {said.message}"
        placed.append(replace(said, message=message, span=None, label="", labels=(), edits=()))
    return placed
