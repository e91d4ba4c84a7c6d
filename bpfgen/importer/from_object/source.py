"""An object -> the source of its maps: types and maps are made, written, repaired, compared."""

from __future__ import annotations

from bpfgen.btf import kinds
from bpfgen.btf.convert import BtfTypes
from bpfgen.btf.decode import Btf
from bpfgen.compiler import Options
from bpfgen.ctype.restore import InexpressibleError
from bpfgen.emit.backend import base_name
from bpfgen.emit.c.declarators import Speller
from bpfgen.emit.c.type_bodies import declare_types
from bpfgen.emit.dsl.dialect import DSL
from bpfgen.emit.dsl.maps import MapWriter
from bpfgen.importer.differences import differences
from bpfgen.importer.from_object import kernel_types
from bpfgen.importer.from_object.maps import ObjectMaps
from bpfgen.importer.from_object.running import left_out, said_of_running
from bpfgen.importer.from_object.types import KERNEL, ObjectTypes
from bpfgen.importer.items import INCLUDES, MAPS, PROGRAMS, TEMPLATES, TYPES, Imported, Item
from bpfgen.importer.names import Names
from bpfgen.importer.repair import repaired, warning
from bpfgen.importer.wanted import item_of, member_of, unknown, wanted_type, without_holders
from bpfgen.object.records import INITIALIZER
from bpfgen.object.refused_btf import refused_btf
from bpfgen.providers.prelude import Prelude
from bpfgen.record import TYPE_CHECKING, Record, replace
from bpfgen.text.diagnostics import NOTE, Diagnostic, FormatError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bpfgen.importer.from_object.headers import ProjectHeaders
    from bpfgen.importer.from_object.vmlinux_types import VmlinuxTypes
    from bpfgen.importer.wanted import Wanted
    from bpfgen.object.records import ObjectFile, ObjectMap
    from bpfgen.object.running import RunningMap

_NO_BTF = b"\x9f\xeb\x01\x00\x18\x00\x00\x00" + bytes(12) + b"\x01\x00\x00\x00\x00"


def import_object(
    object: ObjectFile,
    path: str,
    options: Options | None = None,
    types: Sequence[str] = (),
    headers: Sequence[str] = (),
    directory: str = "",
) -> Imported:
    """Return the source that compiles back to the maps of *object*, which was read from *path*.

    The diagnostics are warnings and notes. *options* are those that the source is going to be
    compiled with. *types* are wanted whether a map needs them or not, `flow` or `struct flow`;
    there is an error for each that the object hasn't.

    *headers* are those of the project, in quotes or angle brackets as the source, which is going to
    stand in *directory*, includes them: what they define of the object's types is included instead
    of declared. Only they need a clang.

    Raises:
        ToolMissing: There is none.
    """
    options = options or Options()
    if object.is_windows:
        message = (
            "the object is for eBPF for Windows, whose map kinds have other numbers; a source "
            "declares Linux's"
        )
        return Imported("", [warning("import-refused", message)])
    wanted = [wanted_type(typed) for typed in types]
    if object.running and not (object.maps or wanted):
        return Imported("", left_out(object))
    project = None
    if headers:
        project = _read_headers(object, wanted, headers, options, directory)
        if project.failed:
            return Imported("", project.diagnostics, None, tuple(project.dependencies))
        kept = tuple(map for map in object.maps if map.name not in project.maps)
        project.diagnostics += (
            project.left_out(map.name) for map in object.maps if map.name in project.maps
        )
        object = replace(object, maps=kept, running=_running_of(object, kept))
    asked = _Asked(path, options, wanted, project, directory)
    notes: list[Diagnostic] = []
    if options.btf is not None:
        from bpfgen.btf.kernel import BtfFileError
        from bpfgen.btf.kernel_types import Kernel
        from bpfgen.importer.from_object.vmlinux_types import VmlinuxTypes

        try:
            vmlinux = VmlinuxTypes(Kernel(options.btf))
        except BtfFileError as error:
            return Imported("", [Diagnostic("kernel-btf", error.what, None, help=error.advice)])
        imported = _imported(object, asked, with_header=True, vmlinux=vmlinux)
        if imported is not None:
            return imported
        notes = vmlinux.notes()
    imported = _imported(object, asked, with_header=True)
    # The object may have been compiled with another version of linux/bpf.h than the one here.
    again = imported or _imported(object, asked, with_header=False)
    if again is None:
        return Imported("", notes)
    return replace(again, diagnostics=[*notes, *again.diagnostics])


class _Asked(Record):
    """What is asked for: see :func:`import_object`."""

    path: str
    options: Options
    wanted: list[Wanted]
    project: ProjectHeaders | None
    directory: str


def _running_of(object: ObjectFile, kept: tuple[ObjectMap, ...]) -> tuple[RunningMap, ...]:
    """Return the running maps of *object* without those whose maps aren't *kept*."""
    count = len(object.maps)
    pairs = zip(object.running, object.maps, strict=False)
    return (*(running for running, map in pairs if map in kept), *object.running[count:])


def _read_headers(
    object: ObjectFile,
    wanted: Sequence[Wanted],
    headers: Sequence[str],
    options: Options,
    directory: str,
) -> ProjectHeaders:
    """Return what *headers* define of what the maps of *object*, and *wanted*, need."""
    from bpfgen.importer.from_object.headers import Place, ProjectHeaders, named_types

    prelude = Prelude.shared()
    names = Names(prelude)
    btf_types = object.types or BtfTypes(Btf(_NO_BTF))
    types = ObjectTypes(btf_types, names, prelude)
    maps = ObjectMaps(object, types, names)
    maps.walk()
    _wanted(btf_types, types, wanted)
    needed = named_types(types.visited())
    needed |= {("struct", template.name): None for template in maps.templates.values()}
    own = {pair: None for pair in needed if prelude.find_type(*pair) is None}
    project = ProjectHeaders(btf_types.btf)
    project.read(headers, own, Place.of(options, directory))
    return project


def _imported(
    object: ObjectFile,
    asked: _Asked,
    *,
    with_header: bool,
    vmlinux: VmlinuxTypes | None = None,
) -> Imported | None:
    """Return what *object* comes to; None where types of linux/bpf.h are others *with_header*.

    Likewise where the types of *vmlinux*, of which some are needed, can't stand beside others.
    """
    path, options, wanted, project = asked.path, asked.options, asked.wanted, asked.project
    prelude = Prelude.shared()
    reserved = frozenset() if with_header else kernel_types.TAGS
    ordinary: frozenset[str] = frozenset()
    if project is not None:
        reserved, ordinary = reserved | project.tags, project.ordinary
    names = Names(prelude, reserved, ordinary)
    btf_types = object.types or BtfTypes(Btf(_NO_BTF))
    types = ObjectTypes(
        btf_types, names, prelude, with_header=with_header, headers=project, vmlinux=vmlinux
    )
    maps = ObjectMaps(object, types, names)
    maps.walk()
    holders, wrong = _wanted(btf_types, types, wanted)
    if (
        vmlinux is not None
        and KERNEL in types.includes
        and (vmlinux.others or kernel_types.HEADER in types.includes)
    ):
        return None
    items = [*_items(types, maps, names), *holders]
    dependencies: tuple[str, ...] = ()
    diagnostics = [*refused_btf(object), *wrong, *said_of_running(object)]
    if object.running and object.maps:  # else somebody asks for the types in them
        diagnostics += left_out(object)
    if project is not None:
        items[:0] = (_include(spelled) for spelled in project.includes)
        diagnostics += project.diagnostics
        dependencies = tuple(dict.fromkeys(project.dependencies))
    diagnostics += [*types.losses.diagnostics, *maps.diagnostics]
    whole = all(map.error is None and map.section == ".maps" for map in object.maps)
    if object.error is not None and whole and not object.externs:  # else a map's own reason is said
        diagnostics.append(warning("import-refused", f"libbpf refuses the object: {object.error}"))
    name = "".join(c if c.isprintable() else "?" for c in base_name(path))
    sound = repaired(items, name, options, diagnostics, asked.directory)
    compilation = None if sound is None else sound[0]
    compiled = [] if compilation is None else compilation.model.maps
    known = {declared.name for declared in compiled}
    known.update(said.map for said in diagnostics if said.code == "import-map" and said.map)
    diagnostics += (
        warning("import-map", f"map `{declared.name}` got lost", declared.name)
        for declared in maps.maps
        if declared.name not in known
    )
    if compilation is None or not (compiled or holders):
        return Imported("", diagnostics, None, dependencies)
    compilation = without_holders(compilation, diagnostics, len(holders))
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
    return Imported(compilation.source.text, diagnostics, compilation, dependencies)


def _wanted(
    btf_types: BtfTypes, types: ObjectTypes, wanted: Sequence[Wanted]
) -> tuple[list[Item], list[Diagnostic]]:
    """Return what holds each type of the object that is *wanted*, and what is wrong."""
    btf = btf_types.btf
    items: list[Item] = []
    wrong: list[Diagnostic] = []
    for one in wanted:
        kinds_of = [kind for word in one.kinds for kind in _KINDS[word]]
        ids = btf.find_all(one.name, *kinds_of)
        if not ids:
            names = {btf.name(id) for id in btf.ids_of_kind(*kinds_of)}
            if btf.find_all(one.name, *(kind for kinds in _KINDS.values() for kind in kinds)):
                names.add(one.name)
            wrong.append(unknown(one, names))
        for type_id in ids:
            try:
                type = types.of(btf_types.type(type_id))
            except (InexpressibleError, FormatError) as error:
                why = error.what if isinstance(error, FormatError) else str(error)
                message = f"`{one.typed}`, which --types asks for, can't be declared: {why}"
                wrong.append(Diagnostic("unknown-type", message, None))
                continue
            member = Speller(DSL).declaration(type, member_of(one))
            items.append(item_of(len(items), one, member))
    return items, wrong


_KINDS = {
    "typedef": (kinds.BTF_KIND_TYPEDEF,),
    "struct": (kinds.BTF_KIND_STRUCT,),
    "union": (kinds.BTF_KIND_UNION,),
    "enum": (kinds.BTF_KIND_ENUM, kinds.BTF_KIND_ENUM64),
}
"""The kinds of BTF that a word of C means."""


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
    items = [_include(header) for header in types.includes]
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


def _include(spelled: str) -> Item:
    return Item(f"include {spelled};\n", "", f"`include {spelled}`", INCLUDES)


def _type_item(text: str) -> Item:
    """Return the declaration *text* of a type, which is called by how it begins."""
    heading = text.split(" {", maxsplit=1)[0].split(";", maxsplit=1)[0]
    return Item(text, "", f"`{heading}`", TYPES)
