"""An object -> the source of its maps: types and maps are made, written, repaired, compared."""

from __future__ import annotations

from bpfgen.btf.convert import BtfTypes
from bpfgen.btf.decode import Btf
from bpfgen.compiler import Options
from bpfgen.emit.backend import base_name
from bpfgen.emit.c.declarators import Speller
from bpfgen.emit.c.type_bodies import declare_types
from bpfgen.emit.dsl.dialect import DSL
from bpfgen.emit.dsl.maps import MapWriter
from bpfgen.importer.differences import differences
from bpfgen.importer.from_object import kernel_types
from bpfgen.importer.from_object.maps import ObjectMaps
from bpfgen.importer.from_object.types import ObjectTypes
from bpfgen.importer.items import INCLUDES, MAPS, PROGRAMS, TEMPLATES, TYPES, Imported, Item
from bpfgen.importer.names import Names
from bpfgen.importer.repair import repaired, warning
from bpfgen.object.records import INITIALIZER
from bpfgen.object.refused_btf import refused_btf
from bpfgen.providers.prelude import Prelude
from bpfgen.record import TYPE_CHECKING
from bpfgen.text.diagnostics import NOTE, Diagnostic

if TYPE_CHECKING:
    from bpfgen.object.records import ObjectFile

_NO_BTF = b"\x9f\xeb\x01\x00\x18\x00\x00\x00" + bytes(12) + b"\x01\x00\x00\x00\x00"


def import_object(object: ObjectFile, path: str, options: Options | None = None) -> Imported:
    """Return the source that compiles back to the maps of *object*, which was read from *path*.

    The diagnostics are warnings and notes. *options* are those that the source is going to be
    compiled with.
    """
    options = options or Options()
    if object.is_windows:
        message = (
            "the object is for eBPF for Windows, whose map kinds have other numbers; a source "
            "declares Linux's"
        )
        return Imported("", [warning("import-refused", message)])
    imported = _imported(object, path, options, with_header=True)
    # The object may have been compiled with another version of linux/bpf.h than the one here.
    return imported or _imported(object, path, options, with_header=False) or Imported("", [])


def _imported(
    object: ObjectFile, path: str, options: Options, *, with_header: bool
) -> Imported | None:
    """Return what *object* comes to; None where types of linux/bpf.h are others *with_header*."""
    prelude = Prelude.shared()
    names = Names(prelude, frozenset() if with_header else kernel_types.TAGS)
    btf_types = object.types or BtfTypes(Btf(_NO_BTF))
    types = ObjectTypes(btf_types, names, prelude, with_header=with_header)
    maps = ObjectMaps(object, types, names)
    maps.walk()
    items = _items(types, maps, names)
    diagnostics = [*refused_btf(object), *types.losses.diagnostics, *maps.diagnostics]
    whole = all(map.error is None and map.section == ".maps" for map in object.maps)
    if object.error is not None and whole and not object.externs:  # else a map's own reason is said
        diagnostics.append(warning("import-refused", f"libbpf refuses the object: {object.error}"))
    name = "".join(c if c.isprintable() else "?" for c in base_name(path))
    compilation = repaired(items, name, options, diagnostics)
    compiled = [] if compilation is None else compilation.model.maps
    known = {declared.name for declared in compiled}
    known.update(said.map for said in diagnostics if said.code == "import-map" and said.map)
    diagnostics += (
        warning("import-map", f"map `{declared.name}` got lost", declared.name)
        for declared in maps.maps
        if declared.name not in known
    )
    if compilation is None or not compiled:
        return Imported("", diagnostics)
    different = differences(compilation.model, object, types.renamed)
    if types.includes and any(_is_of_kernel(difference) for difference in different):
        return None
    diagnostics += different
    initialized = [m.name for m in object.maps if m.definition.style == INITIALIZER]
    if initialized:
        diagnostics.append(
            Diagnostic(
                "import-style",
                f"`{initialized[0]}` has its numbers in the section's data; `--style initializer` "
                "writes such definitions",
                None,
                severity=NOTE,
                map=initialized[0],
            )
        )
    return Imported(compilation.source.text, diagnostics)


def _is_of_kernel(difference: Diagnostic) -> bool:
    """Whether *difference* is in a type that linux/bpf.h declares."""
    subject = difference.subject
    return (
        subject is not None
        and subject.kind in ("struct", "union", "enum")
        and subject.name in kernel_types.TAGS
    )


def _items(types: ObjectTypes, maps: ObjectMaps, names: Names) -> list[Item]:
    """Return everything that is declared, in the order of the text."""
    speller = Speller(DSL)
    writer = MapWriter(speller, names.bare_tag)
    items = [
        Item(f"include {header};\n", "", f"`include {header}`", INCLUDES)
        for header in types.includes
    ]
    items += (_type_item(declare_types(speller, declared, {})) for declared in types.declarations)
    items += (
        Item(writer.template(template), "", f"template `{template.name}`", TEMPLATES)
        for template in maps.templates.values()
    )
    items += (
        Item(writer.program(program), "", f"program `{program.name}`", PROGRAMS)
        for program in maps.programs.values()
    )
    items += (
        Item(writer.map(declared), declared.name, f"map `{declared.name}`", MAPS)
        for declared in maps.maps
    )
    return items


def _type_item(text: str) -> Item:
    """Return the declaration *text* of a type, which is called by how it begins."""
    heading = text.split(" {", maxsplit=1)[0].split(";", maxsplit=1)[0]
    return Item(text, "", f"`{heading}`", TYPES)
