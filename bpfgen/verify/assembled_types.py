"""BTF that bpfgen has written itself: its anchors, its functions, and what no type says.

A part of :mod:`bpfgen.verify.assembled`.
"""

from __future__ import annotations

from bpfgen.btf import kinds
from bpfgen.ctype.types import CHAR, INT, INTEGERS
from bpfgen.model import anchors
from bpfgen.model.model import ProgramDeclaration, TypeDeclaration
from bpfgen.record import TYPE_CHECKING
from bpfgen.text.diagnostics import Subject

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from bpfgen.btf.decode import Btf
    from bpfgen.model.model import Model
    from bpfgen.object.records import Definition
    from bpfgen.verify.findings import Findings

_INDEX = ("__ARRAY_SIZE_TYPE__", 4, (0, 0, 32))
_INTEGERS = frozenset(
    (
        one.name,
        one.size,
        (kinds.BTF_INT_SIGNED * one.signed | kinds.BTF_INT_BOOL * one.bool, 0, 8 * one.size),
    )
    for one in INTEGERS
)
_POINTER = 8

_COMPOSITES = (kinds.BTF_KIND_STRUCT, kinds.BTF_KIND_UNION)

_QUALIFIERS = dict(
    zip(
        (anchors.TYPE_PREFIX, *anchors.OTHER_TYPE_PREFIXES),
        (
            {kinds.BTF_KIND_CONST},
            set[int](),
            {kinds.BTF_KIND_VOLATILE},
            {kinds.BTF_KIND_CONST, kinds.BTF_KIND_VOLATILE},
        ),
        strict=True,
    )
)
"""How the type is qualified that an anchor of a type points to, by what its name begins with."""

_MOST_INTS = 0xFFFFFFFF // 4
"""More of them are larger than what the kernel takes for an array."""


def verify_assembled_types(findings: Findings, model: Model) -> None:
    """Report what is in the object's BTF beside types and maps that *model* doesn't ask for."""
    btf = findings.object.btf
    if btf is None:
        return
    definitions = [one.definition for one in findings.object.maps]
    for found in (_forms(btf), _numbers(btf, definitions), _names(btf, model), _tags(btf, model)):
        for type_id, what in found:
            message = f"BTF type {type_id} {what}"
            findings.add("verify-btf", message, type_id=type_id, subject=Subject("section", ".BTF"))
    for name, what in _anchors(findings, btf, model):
        message = f"the anchor `{name}` {what}"
        findings.add("verify-btf", message, subject=Subject("variable", name))


def _forms(btf: Btf) -> Iterator[tuple[int, str]]:
    """Yield the ids of types that say more than C does, and what."""
    words, places = btf.records
    indexes = {words[places[i] + 4] for i in btf.ids_of_kind(kinds.BTF_KIND_ARRAY)}
    for type_id in indexes:
        is_integer = btf.kind(type_id) == kinds.BTF_KIND_INT
        if not is_integer or _integer(btf, type_id) != _INDEX:
            yield type_id, "is the index of an array, and not the one that clang has"
    for type_id in btf.ids_of_kind(kinds.BTF_KIND_INT):
        integer = _integer(btf, type_id)
        if integer not in _INTEGERS and type_id not in indexes:
            yield type_id, f"is an integer `{integer[0]}` that C doesn't have"
    for type_id in btf.ids_of_kind(*_COMPOSITES):
        # There are thousands, and next to none has either.
        at = places[type_id]
        end = at + 3 + 3 * btf.vlen(type_id)
        if btf.kind_flag(type_id) and not any(word >> 24 for word in words[at + 5 : end : 3]):
            yield type_id, "says that it has bit-fields, and has none"
        if 0 in words[at + 3 : end : 3]:
            members = btf.members(type_id)
            if any(btf.name(member_id) for name, member_id, _at, _width in members if not name):
                yield type_id, "has a member without a name, of a type with one"
    for type_id in btf.ids_of_kind(kinds.BTF_KIND_FUNC_PROTO):
        if any(name for name, _type_id in btf.parameters(type_id)):
            yield type_id, "has names of parameters, which C gives to no type"


def _integer(btf: Btf, type_id: int) -> tuple[str, int, tuple[int, int, int]]:
    return btf.name(type_id), btf.size(type_id), btf.int_encoding(type_id)


def _numbers(btf: Btf, definitions: Iterable[Definition]) -> Iterator[tuple[int, str]]:
    """Yield the ids of members of *definitions* that aren't numbers as bpfgen writes them."""
    words, places = btf.records
    seen = set()
    pending = list(definitions)
    while pending:
        definition = pending.pop()
        if definition.inner is not None:
            pending.append(definition.inner)
        if definition.struct_id in seen or not definition.struct_id:
            continue
        seen.add(definition.struct_id)
        at = places[definition.struct_id]
        ids = words[at + 4 : at + 3 + 3 * btf.vlen(definition.struct_id) : 3]
        for name, type_id in zip(definition.declared, ids, strict=False):
            if name == "values" and definition.values == "programs":
                if not _is_program(btf, btf.target(btf.array(type_id)[0])):
                    yield definition.struct_id, "has `values` that aren't of type `int (void *)`"
                continue
            if name not in definition.numbers or name == "type":
                continue  # what the type's array holds are the records
            if btf.kind(type_id) == kinds.BTF_KIND_PTR:
                element, _index, length = btf.array(btf.target(type_id))
                is_right = btf.name(element) == (CHAR if length > _MOST_INTS else INT).name
            else:
                is_right = btf.kind(type_id) == kinds.BTF_KIND_ENUM64 and name == "map_extra"
            if not is_right:
                yield (
                    definition.struct_id,
                    f"has a number `{name}` in another form than bpfgen's",
                )


def _is_program(btf: Btf, type_id: int) -> bool:
    """Whether a type is `int (void *)`, which stands for any program."""
    parameters = [parameter for _name, parameter in btf.parameters(type_id)]
    is_pointer = len(parameters) == 1 and btf.kind(parameters[0]) == kinds.BTF_KIND_PTR
    returned = btf.target(type_id)
    is_int = btf.kind(returned) == kinds.BTF_KIND_INT and btf.name(returned) == INT.name
    return is_int and is_pointer and btf.target(parameters[0]) == 0


def _names(btf: Btf, model: Model) -> Iterator[tuple[int, str]]:
    """Yield the ids of sections, variables and functions that nothing asks for, and what is."""
    datasecs = btf.datasecs()
    listed = [entry[0] for datasec in datasecs for entry in btf.variables(datasec)]
    for type_id, name in datasecs.items():
        if name not in (".maps", anchors.SECTION) or btf.datasec(name) != type_id:
            yield type_id, f"is a section `{name}`, and nothing is in it"
    if sorted(listed) != btf.ids_of_kind(kinds.BTF_KIND_VAR):
        yield listed[0] if listed else 0, "isn't the only variable that is in no section, or two"
    programs = {
        declaration.name
        for one in model.with_imports()
        for declaration in one.declarations
        if isinstance(declaration, ProgramDeclaration)
    }
    wanted = {slot.name for map in model.maps for slot in map.slots} & programs
    functions = btf.ids_of_kind(kinds.BTF_KIND_FUNC)
    for type_id in functions:
        if btf.name(type_id) not in wanted or btf.linkage(type_id) != kinds.BTF_FUNC_EXTERN:
            yield type_id, f"is the function `{btf.name(type_id)}`, which no slot names"
        wanted.discard(btf.name(type_id))
    for name in sorted(wanted):
        yield 0, f"isn't there for the program `{name}`, which a slot names"


def _tags(btf: Btf, model: Model) -> Iterator[tuple[int, str]]:
    """Yield the ids of DECL_TAGs that no declaration asks for; those of members are compared."""
    declared: dict[str, set[str]] = {}
    for one in model.with_imports():
        for declaration in one.declarations:
            if isinstance(declaration, TypeDeclaration) and declaration.decl_tags:
                for typedef, tags in zip(declaration.typedefs, declaration.decl_tags, strict=True):
                    declared.setdefault(typedef.name, set()).update(tags)
    for type_id in btf.ids_of_kind(kinds.BTF_KIND_DECL_TAG):
        target = btf.target(type_id)
        kind, name = btf.kind(target), btf.name(type_id)
        if kind in _COMPOSITES:
            continue
        if kind == kinds.BTF_KIND_VAR:
            is_right = not btf.name(target).startswith(anchors.PREFIXES)
        else:
            is_right = name in declared.get(btf.name(target), ())
        if not is_right or btf.component_index(type_id) != -1:
            yield type_id, f"is the tag `{name}` of what isn't declared with it"


def _anchors(findings: Findings, btf: Btf, model: Model) -> Iterator[tuple[str, str]]:
    """Yield the name of each anchor that isn't what its name says, and what is wrong."""
    datasec = btf.datasec(anchors.SECTION)
    externs = {map.name for map in model.maps if map.linkage == "extern"}
    records = {map.name for map in model.maps if map.shape.record is not None}
    places = _relocated(findings)
    for var_id, offset, size in () if datasec is None else btf.variables(datasec):
        name = btf.name(var_id)
        pointee = btf.target(btf.target(var_id))
        bare, qualifiers = _unqualified(btf, pointee)
        prefix = next((one for one in _QUALIFIERS if name.startswith(one)), None)
        if size != _POINTER or btf.linkage(var_id) != kinds.BTF_VAR_STATIC:
            yield name, "is no static pointer"
        if prefix is not None:
            tag = btf.name(bare) if btf.kind(bare) in _COMPOSITES else None
            is_right = tag == name.removeprefix(prefix) and qualifiers == _QUALIFIERS[prefix]
        elif name.startswith(anchors.RECORD_PREFIX):
            is_right = name.removeprefix(anchors.RECORD_PREFIX) in records
        else:
            map = name.removeprefix(anchors.EXTERN_PREFIX)
            is_const_void = btf.kind(pointee) == kinds.BTF_KIND_CONST and not bare
            is_right = map in externs and is_const_void and places.pop(offset, "") == map
            externs.discard(map)
        if not is_right:
            yield name, "keeps something else than it is called"
    for name in (*sorted(externs), *places.values()):
        yield name, "isn't there, or is twice"


def _unqualified(btf: Btf, type_id: int) -> tuple[int, set[int]]:
    """Return what is inside the `const` and `volatile` of a type, and which of the two it has."""
    qualifiers = set()
    while (kind := btf.kind(type_id)) in (kinds.BTF_KIND_CONST, kinds.BTF_KIND_VOLATILE):
        qualifiers.add(kind)
        type_id = btf.target(type_id)
    return type_id, qualifiers


def _relocated(findings: Findings) -> dict[int, str]:
    """Return the names of the symbols that anchors refer to, by the byte of the section."""
    elf = findings.object.file
    section = elf.section_named(anchors.SECTION)
    if section is None:
        return {}
    return {one.offset: elf.symbol(one.symbol).name for one in elf.relocations(section)}
