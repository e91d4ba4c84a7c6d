"""One declared map against the map of that name in the object."""

from __future__ import annotations

from bpfgen.btf import kinds
from bpfgen.ctype.describe import counted, described
from bpfgen.ctype.identity import changed_tags
from bpfgen.ctype.types import Attributes, without_const
from bpfgen.object.collected import is_legacy
from bpfgen.object.record_values import with_record
from bpfgen.object.records import INITIALIZER, RUNNING
from bpfgen.record import TYPE_CHECKING
from bpfgen.text.diagnostics import Subject
from bpfgen.verify.definitions import LEGACY_MEMBERS, Place, verify_definition, verify_legacy
from bpfgen.verify.types import Role

if TYPE_CHECKING:
    from bpfgen.btf.decode import Btf
    from bpfgen.model.maps import Map
    from bpfgen.model.model import Model
    from bpfgen.object.records import ObjectFile, ObjectMap
    from bpfgen.verify.findings import Findings
    from bpfgen.verify.types import TypeChecker

LEGACY_SIZE = 20
"""Bytes of struct bpf_map_def."""

SLOT_SIZE = 8
"""Bytes of a slot: a pointer."""


def extra_maps(model: Model, object: ObjectFile) -> list[ObjectMap]:
    """Return the maps of *object* that *model* and its imports don't declare, in their order.

    The second map of a name is extra too.
    """
    names = {declared.name for declared in (*model.maps, *imported_maps(model))}
    extra = []
    for emitted in object.maps:
        if emitted.name in names:
            names.discard(emitted.name)
        else:
            extra.append(emitted)
    return extra


def imported_maps(model: Model) -> list[Map]:
    """Return the maps of all files that *model* imports, each file's once."""
    maps: list[Map] = []
    # By identity: however many files import a file, its model is the same one.
    pending, seen = [item.model for item in reversed(model.imports)], {id(model)}
    while pending:
        current = pending.pop()
        if id(current) in seen:
            continue
        seen.add(id(current))
        maps.extend(current.maps)
        pending.extend(item.model for item in reversed(current.imports))
    return maps


def verify_map(  # noqa: PLR0913 -- two sides, and how they may differ
    findings: Findings,
    types: TypeChecker,
    declared: Map,
    emitted: ObjectMap | None,
    is_imported: bool,
    *,
    style: str,
    own: bool,
) -> None:
    """Report all differences between *declared* and *emitted*; None where there is no such map.

    *is_imported* says that another file declares it, so that it is extern in this object; *own*
    that the object was made from the model alone.
    """
    findings.begin(declared, emitted)
    if emitted is None:
        _missing(findings, declared)
        return
    if declared.shape.record is not None and not own:
        emitted = with_record(emitted)
    is_elsewhere = emitted.section != declared.section
    if is_elsewhere and (own or not (declared.legacy and is_legacy(emitted.section))):
        findings.add(
            "verify-section",
            f"map `{declared.name}` is declared for section `{declared.section}` and emitted in "
            f"`{emitted.section}`",
            subject="section",
        )
        return
    _linkage(findings, declared, emitted, own=own, is_imported=is_imported)
    if not is_imported and declared.linkage != "extern":
        _decl_tags(findings, declared, emitted)
    place = Place(
        declared.name,
        f"map `{declared.name}`",
        declared.span,
        has_slots=bool(declared.slots) or declared.has_room,
        own=own,
        has_data=emitted.linkage != "extern" or emitted.definition.style != INITIALIZER,
    )
    definition = emitted.definition
    if declared.legacy:
        verify_legacy(types, place, declared.shape, definition)
        if own:
            _legacy_struct(findings, declared, emitted)
        return
    is_running = definition.style == RUNNING  # nobody wrote it: there is no variable, no section
    if not definition.struct_id and not is_running:
        _no_definition(findings, declared, emitted)
        return
    if definition.style != style and definition.numbers:
        findings.add(
            "verify-definition",
            f"map `{declared.name}` is asked for in the {style} style and emitted in the "
            f"{definition.style} style",
            subject="style",
        )
    verify_definition(types, place, declared.shape, definition)
    if emitted.linkage != "extern" and not is_running:
        _slots(findings, declared, emitted)
        _size(findings, declared, emitted, own=own)
    _record(findings, types, declared, emitted)


def _missing(findings: Findings, declared: Map) -> None:
    """Report that the map isn't there, unless it is a legacy one that another object defines."""
    if declared.legacy and declared.linkage == "extern":
        if any(extern.name == declared.name for extern in findings.object.externs):
            return
        message = f"extern map `{declared.name}` is declared, and the object doesn't refer to it"
    else:
        message = f"map `{declared.name}` is declared and isn't in the object"
    findings.add("verify-missing-map", message)


def _decl_tags(findings: Findings, declared: Map, emitted: ObjectMap) -> None:
    """Compare the declaration tags of the variable; cilium/ebpf hands them to programs."""
    own = Attributes(decl_tags=declared.decl_tags)
    for sides in changed_tags(own, emitted.attributes):
        findings.add(
            "verify-attribute", f"map `{declared.name}` is {sides}", subject="btf_decl_tag"
        )


def _linkage(
    findings: Findings, declared: Map, emitted: ObjectMap, *, own: bool, is_imported: bool
) -> None:
    wanted = "extern" if is_imported else declared.linkage
    if emitted.linkage == wanted:
        _variable_linkage(findings, declared, emitted)
        return
    if wanted == "extern" and not own and emitted.linkage in {"global", "weak"}:
        # The object was linked with the one that defines the map.
        return
    where = " by import" if is_imported else ""
    findings.add(
        "verify-linkage",
        f"map `{declared.name}` is declared {wanted}{where} and emitted {emitted.linkage}",
        type_id=emitted.var_id or None,
        subject="linkage",
    )


def _variable_linkage(findings: Findings, declared: Map, emitted: ObjectMap) -> None:
    """Report that BTF says another linkage than the symbol; weak ones are global there."""
    btf = findings.object.btf
    if btf is None or not emitted.var_id or btf.kind(emitted.var_id) != kinds.BTF_KIND_VAR:
        return
    linkage = btf.linkage(emitted.var_id)
    name = "extern" if emitted.linkage == "extern" else "global"
    if linkage >= len(kinds.LINKAGE_NAMES) or kinds.LINKAGE_NAMES[linkage] != name:
        findings.add(
            "verify-linkage",
            f"map `{declared.name}` is declared {declared.linkage}, and its variable has linkage "
            f"{linkage} in BTF instead of {kinds.LINKAGE_NAMES.index(name)}",
            type_id=emitted.var_id,
            subject="linkage",
        )


def _legacy_struct(findings: Findings, declared: Map, emitted: ObjectMap) -> None:
    """Report that the variable isn't a struct bpf_map_def, whatever its bytes say.

    Loaders of their own have longer ones, and other names in them.
    """
    if emitted.linkage != "extern" and emitted.size != LEGACY_SIZE:
        findings.add(
            "verify-definition",
            f"map `{declared.name}` is declared as a `struct bpf_map_def` of {LEGACY_SIZE} "
            f"bytes and emitted with {emitted.size}",
            subject="size",
        )
    btf = findings.object.btf
    if btf is None or not emitted.var_type_id:
        return
    struct_id = btf.skip_modifiers(emitted.var_type_id)
    members = _members(btf, struct_id)
    names = [(name, offset) for name, _type_id, offset, _width in members]
    wanted = [("type", 0), *((name, 32 + 32 * at) for at, name in enumerate(LEGACY_MEMBERS))]
    sizes = [btf.size_of(type_id) for _name, type_id, _offset, _width in members]
    if (
        (names, sizes) != (wanted, [4] * len(wanted))
        or btf.name(struct_id) != "bpf_map_def"
        or btf.size(struct_id) != LEGACY_SIZE
    ):
        what = f"{btf.kind_name(struct_id)} `{btf.name(struct_id)}`"
        findings.add(
            "verify-definition",
            f"map `{declared.name}` is declared as a `struct bpf_map_def` and emitted as {what} "
            f"with {', '.join(f'`{name}` at bit {offset}' for name, offset in names) or 'nothing'}",
            type_id=struct_id,
        )


def _members(btf: Btf, type_id: int) -> list[tuple[str, int, int, int]]:
    return btf.members(type_id) if btf.kind(type_id) == kinds.BTF_KIND_STRUCT else []


def _no_definition(findings: Findings, declared: Map, emitted: ObjectMap) -> None:
    """Report that the variable's type is no struct at all."""
    btf = findings.object.btf
    if btf is None or btf.kind(emitted.var_id) != kinds.BTF_KIND_VAR:
        what = "something else than a variable"
    else:
        struct_id = btf.skip_modifiers(emitted.var_type_id)
        what = f"a {btf.kind_name(struct_id)}"
    findings.add(
        "verify-definition",
        f"map `{declared.name}` is declared as a map and emitted as {what}",
        type_id=emitted.var_type_id or emitted.var_id or None,
        notes=[emitted.error] if emitted.error else [],
    )


def _slots(findings: Findings, declared: Map, emitted: ObjectMap) -> None:
    """Compare the initial values, each by its index."""
    emitted_slots: dict[int, str] = {}
    for index, target in emitted.slots:
        if emitted_slots.setdefault(index, target) != target:
            findings.add(
                "verify-slot",
                f"slot {index} of map `{declared.name}` is emitted twice: with "
                f"`{emitted_slots[index]}` and with `{target}`",
                subject=f"[{index}]",
            )
    for slot in declared.slots:
        target = emitted_slots.pop(slot.index, "")
        if target == slot.name:
            continue
        emitted_as = f"emitted with `{target}`" if target else "emitted empty"
        findings.add(
            "verify-slot",
            f"slot {slot.index} of map `{declared.name}` is declared with `{slot.name}` and "
            f"{emitted_as}",
            slot.span,
            subject=f"[{slot.index}]",
        )
    for index, target in emitted_slots.items():
        findings.add(
            "verify-slot",
            f"slot {index} of map `{declared.name}` is declared empty and emitted with `{target}`",
            subject=f"[{index}]",
        )


def _size(findings: Findings, declared: Map, emitted: ObjectMap, *, own: bool) -> None:
    """Compare the variable's size with that of its struct and slots.

    Empty slots after the last, as `[9] = 0` makes them, are no difference in a program of others.
    """
    btf = findings.object.btf
    if btf is None:
        return
    last = max((slot.index for slot in declared.slots), default=-1)
    definition = emitted.definition
    least = size = btf.size(definition.struct_id)
    if declared.slots and definition.values_offset >= 0:
        size = max(size, definition.values_offset + (last + 1) * SLOT_SIZE)
    empty = emitted.size - size
    if not own and definition.values_offset >= 0 and empty > 0 and empty % SLOT_SIZE == 0:
        return
    if empty:
        slots = f" and {counted(last + 1, 'slot')}" if declared.slots else ""
        findings.add(
            "verify-datasec",
            f"map `{declared.name}` has a definition of {counted(least, 'byte')}"
            f"{slots}, and its symbol has {emitted.size}",
            type_id=definition.struct_id,
            subject="size",
        )


def _record(findings: Findings, types: TypeChecker, declared: Map, emitted: ObjectMap) -> None:
    """Compare the type of the records, which the definition or an anchor variable keeps."""
    record = declared.shape.record
    if record is not None:
        if not emitted.record_type_id:
            findings.add(
                "verify-record",
                f"the records of map `{declared.name}` are declared as `{described(record.type)}`, "
                "and the object doesn't say what they are",
                record.span,
                subject="record",
            )
            return
        types.check(
            "verify-record",
            # A const of their own is lost, whatever the record's is.
            without_const(record.type),
            emitted.record_type_id,
            Role(
                f"the record type of map `{declared.name}`",
                Subject("map", declared.name, "record"),
                record.span,
            ),
        )
    elif emitted.record_type_id:
        what = f" `{described(emitted.record)}`" if emitted.record is not None else ""
        findings.add(
            "verify-record",
            f"map `{declared.name}` is declared without records and emitted with the record "
            f"type{what}",
            type_id=emitted.record_type_id,
            subject="record",
        )
