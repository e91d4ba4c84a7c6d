"""A declared shape against an emitted definition: kind, attributes, key, value, inner map."""

from __future__ import annotations

from bpfgen.btf import kinds
from bpfgen.ctype.describe import described
from bpfgen.ctype.layout import sizeof
from bpfgen.ctype.types import POINTER_SIZE, without_const
from bpfgen.kernel.map_flags import described_flags
from bpfgen.model.maps import FILLED_IN, PINNING
from bpfgen.record import TYPE_CHECKING, Record
from bpfgen.text.diagnostics import FormatError, Subject
from bpfgen.verify.types import Role

if TYPE_CHECKING:
    from bpfgen.model.maps import Attribute, Shape
    from bpfgen.object.records import Definition
    from bpfgen.record import Uncompared
    from bpfgen.text.source import Span
    from bpfgen.verify.findings import Findings
    from bpfgen.verify.types import TypeChecker

LEGACY_MEMBERS = ("key_size", "value_size", "max_entries", "map_flags")
"""The members of struct bpf_map_def after `type`."""

_U32 = 1 << 32
_PIN_NAMES = {number: name for name, number in PINNING.items()}


class Place(Record):
    """Which definition is looked at.

    Attributes:
        map: The name of the map.
        label: `map x` or `the inner map of map x`, as messages say it.
        span: Where it is declared.
        is_inner: It is that of the maps in a map.
        has_slots: Slots are declared.
        own: The object was made from the model alone.
        has_data: The numbers can be known; those of an extern map in the initializer style are in
            another object.
    """

    map: str
    label: str
    span: Uncompared[Span | None]
    is_inner: bool = False
    has_slots: bool = False
    own: bool = True
    has_data: bool = True

    def code(self, code: str) -> str:
        """Return the code of a difference, *code* where it isn't about an inner map."""
        return "verify-inner" if self.is_inner else code

    def part(self, name: str = "") -> Subject:
        """Return the attribute *name* of the definition, or all of it, by name."""
        inner = f"inner.{name}" if name else "inner"
        return Subject("map", self.map, inner if self.is_inner else name)


def verify_definition(
    types: TypeChecker, place: Place, declared: Shape, emitted: Definition
) -> None:
    """Report all differences between *declared* and *emitted*, a definition of `.maps`."""
    findings = types.findings
    _kind(findings, place, declared, emitted)
    _attributes(findings, place, declared, emitted)
    for name, argument, type_id in (
        ("key", declared.key, emitted.key_type_id),
        ("value", declared.value, emitted.value_type_id),
    ):
        if argument is not None and types.is_surely(argument.type, type_id):  # as a rule
            continue
        code = place.code(f"verify-{name}-type")
        if argument is not None:
            span = argument.span or place.span
            role = Role(f"the {name} of {place.label}", place.part(name), span)
            types.check(code, argument.type, type_id, role)
        elif name in emitted.declared:
            message = f"{place.label} is emitted with a {name} type, and none is declared"
            emitted_type = emitted.key if name == "key" else emitted.value
            if emitted_type is not None:
                message = f"{place.label} is emitted with the {name} type "
                message += f"`{described(emitted_type)}`, and none is declared"
            findings.add(
                code, message, place.span, type_id=type_id or None, subject=place.part(name)
            )
    if place.is_inner and declared.record is not None and emitted.record is not None:
        span = declared.record.span or place.span  # objects of older headers don't say it
        role = Role(f"the record type of {place.label}", place.part("record"), span)
        bare = without_const(declared.record.type)
        types.check("verify-inner", bare, emitted.record_type_id, role)
    _values(types, place, declared, emitted)
    _layout(findings, place, emitted)
    if place.own and emitted.struct_name != declared.template:
        findings.add(
            place.code("verify-definition"),
            f"the definition of {place.label} is declared as {_struct(declared.template)} and "
            f"emitted as {_struct(emitted.struct_name)}",
            place.span,
            type_id=emitted.struct_id or None,
            subject=place.part(),
        )


def verify_legacy(types: TypeChecker, place: Place, declared: Shape, emitted: Definition) -> None:
    """Report all differences between *declared* and *emitted*, a struct bpf_map_def.

    Its five numbers are all there is: types and the other attributes have no place in it.
    """
    findings = types.findings
    _kind(findings, place, declared, emitted)
    sizes = {"key_size": declared.key, "value_size": declared.value}
    for name in LEGACY_MEMBERS:
        attribute = declared.attributes.get(name)
        argument = sizes.get(name)
        span = place.span
        if attribute is not None:
            expected, span = attribute.value or 0, attribute.span
        elif argument is not None:
            expected, span = sizeof(argument.type) or 0, argument.span
        else:
            expected = 0
        # A loader takes what a shorter struct lacks for 0 (bpf_object__init_user_maps, libbpf 0.8).
        value = emitted.numbers.get(name, None if place.own else 0)
        if value != expected % _U32:
            emitted_as = "not emitted" if value is None else f"emitted as {_said(name, value)}"
            findings.add(
                "verify-attribute",
                f"`{name}` of {place.label} is declared as {_said(name, expected)} and"
                f" {emitted_as}",
                span,
                subject=place.part(name),
            )


def _kind(findings: Findings, place: Place, declared: Shape, emitted: Definition) -> None:
    number = declared.kind.number
    if emitted.type == number or not place.has_data:
        return
    if emitted.type is None:
        emitted_as = "emitted without a type"
    else:
        name = f"`{emitted.kind.name}`" if emitted.kind is not None else "a kind that isn't known"
        emitted_as = f"emitted as {name} ({emitted.type})"
    findings.add(
        place.code("verify-kind"),
        f"{place.label} is declared as `{declared.kind.name}` ({number}) and {emitted_as}",
        declared.span or place.span,
        subject=place.part("type"),
        type_id=emitted.struct_id or None,
    )


def _attributes(findings: Findings, place: Place, declared: Shape, emitted: Definition) -> None:
    """Compare the numbers: each that was declared or filled in, and none that was not."""
    for name, attribute in declared.attributes.items():
        value = emitted.numbers.get(name)
        is_there = name in emitted.declared
        expected = _expected(attribute)
        if is_there == (expected is not None) and (value == expected or not place.has_data):
            continue
        emitted_as = "not emitted" if value is None else f"emitted as {_said(name, value)}"
        if is_there and value is None:
            emitted_as = "emitted as something else than a number"
        findings.add(
            place.code("verify-attribute"),
            f"`{name}` of {place.label} {_declared_as(attribute)} and {emitted_as}",
            attribute.span or place.span,
            type_id=emitted.struct_id or None,
            help=_advice(attribute, value),
            subject=place.part(name),
        )
    for name in dict.fromkeys(emitted.declared):
        if name in declared.attributes or name in {"type", "key", "value", "values"}:
            continue
        value = emitted.numbers.get(name)
        emitted_as = "" if value is None else f" as {_said(name, value)}"
        findings.add(
            place.code("verify-attribute"),
            f"`{name}` of {place.label} isn't declared and is emitted{emitted_as}",
            place.span,
            type_id=emitted.struct_id or None,
            subject=place.part(name),
        )


def _expected(attribute: Attribute) -> int | None:
    if attribute.value is None or attribute.value >= 0:
        return attribute.value
    return attribute.value % (1 << 64 if attribute.name == "map_extra" else _U32)


def _said(name: str, value: int | None) -> str:
    if name == "pinning" and value in _PIN_NAMES:
        return f"`{_PIN_NAMES[value]}`"
    if name == "map_flags" and value is not None:
        return described_flags(value)
    return str(value)


def _declared_as(attribute: Attribute) -> str:
    if attribute.value is None:
        return "is left to the loader"
    verb = "is filled in as" if attribute.origin == FILLED_IN else "is declared as"
    return f"{verb} {_said(attribute.name, attribute.value)}"


def _advice(attribute: Attribute, emitted: int | None) -> str:
    value = attribute.value or 0
    if attribute.name == "map_extra" and value >= _U32 and emitted == value % _U32:
        return "clang before 15 keeps 32 bits of it: compile with a newer one"
    return ""


def _values(types: TypeChecker, place: Place, declared: Shape, emitted: Definition) -> None:
    """Compare what `values` says: the inner map, or that there are programs."""
    findings = types.findings
    code = place.code("verify-inner")
    id_ = emitted.struct_id or None
    if declared.inner is not None:
        if emitted.inner is not None:
            inner = Place(
                place.map,
                f"the inner map of {place.label}",
                declared.inner.span or place.span,
                is_inner=True,
                own=place.own,
            )
            verify_definition(types, inner, declared.inner, emitted.inner)
            return
        pointee = _pointee_of_values(types, emitted)
        btf = findings.object.btf
        if btf is not None and pointee and btf.kind(pointee) == kinds.BTF_KIND_FWD:
            findings.add(
                "verify-forward",
                f"the inner map of {place.label} is declared with its definition and emitted as "
                f"the forward declaration `struct {btf.name(pointee)}`",
                declared.inner.span or place.span,
                type_id=pointee,
                subject=Subject("map", place.map, "inner"),
            )
            return
        words = {"": "no `values`", "maps": "`values` that are no map definitions"}
        what = words.get(emitted.values, f"`values` of {emitted.values}")
        findings.add(
            code,
            f"{place.label} is declared with an inner map and emitted with {what}",
            declared.inner.span or place.span,
            type_id=pointee or id_,
            subject=Subject("map", place.map, "inner"),
        )
    elif declared.kind.of_programs and (place.has_slots or declared.template):
        if place.has_slots and emitted.values != "programs":
            findings.add(
                "verify-slot",
                f"{place.label} is declared with programs in its slots and emitted with "
                f"{'`values` of ' + emitted.values if emitted.values else 'no `values`'}",
                place.span,
                type_id=id_,
                subject=place.part("values"),
            )
    elif emitted.values or "values" in emitted.declared:
        findings.add(
            code,
            f"{place.label} is declared without an inner map and emitted with `values`"
            + (f" of {emitted.values}" if emitted.values else ""),
            place.span,
            type_id=id_,
            subject=place.part("values"),
        )


def _layout(findings: Findings, place: Place, emitted: Definition) -> None:
    """Report where the definition struct isn't laid out as C lays it out.

    libbpf looks at the place of `values` alone, the kernel at all of them: a member out of place
    makes it refuse the BTF (btf_struct_check_meta).
    """
    btf = findings.object.btf
    if btf is None or not emitted.struct_id:
        return
    struct_id = emitted.struct_id
    end, align = 0, 1
    for name, type_id, bit_offset, width in btf.members(struct_id):
        size: int | None = POINTER_SIZE
        plain = type_id
        if btf.kind(type_id) != kinds.BTF_KIND_PTR:  # what most are
            size = btf.size_of(type_id)
            plain = btf.skip_modifiers(type_id)
        if size is None or width:
            findings.add(
                place.code("verify-definition"),
                f"`{name}` of {place.label} is emitted with no whole size",
                place.span,
                type_id=struct_id,
                subject=place.part(name),
            )
            return
        own_align = POINTER_SIZE
        if btf.kind(plain) == kinds.BTF_KIND_ARRAY:
            if btf.array(plain)[2]:
                findings.add(
                    place.code("verify-definition"),
                    f"`{name}` of {place.label} is emitted as an array of {btf.array(plain)[2]}",
                    place.span,
                    type_id=plain,
                    subject=place.part(name),
                )
                return
        elif btf.kind(plain) != kinds.BTF_KIND_PTR:
            own_align = size or 1
        align = max(align, own_align)
        start = -(-end // own_align) * own_align
        if bit_offset != start * 8:
            findings.add(
                place.code("verify-definition"),
                f"`{name}` of {place.label} is emitted at bit {bit_offset} of the definition, and "
                f"should be at bit {start * 8}",
                place.span,
                type_id=struct_id,
                subject=place.part(name),
            )
            return
        end = start + size
    # The initializer style rounds up to 8 where clang 16 couldn't fill the gap at the end (emit).
    if btf.size(struct_id) not in {-(-end // align) * align, -(-end // 8) * 8}:
        findings.add(
            place.code("verify-definition"),
            f"the definition of {place.label} is emitted with {btf.size(struct_id)} bytes, and "
            f"its members take {end}",
            place.span,
            type_id=struct_id,
            subject=place.part(),
        )


def _pointee_of_values(types: TypeChecker, emitted: Definition) -> int:
    """Return the BTF id of what the elements of `values` point to, 0 if that can't be said."""
    btf = types.findings.object.btf
    if btf is None or not emitted.struct_id:
        return 0
    try:
        for name, type_id, _offset, _width in btf.members(emitted.struct_id):
            if name == "values":
                element = btf.skip_modifiers(btf.array(btf.skip_modifiers(type_id))[0])
                return btf.skip_modifiers(btf.target(element))
    except FormatError:
        return 0
    return 0


def _struct(name: str) -> str:
    return f"`struct {name}`" if name else "an anonymous struct"
