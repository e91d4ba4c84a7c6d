"""Special fields of values whose types the kernel isn't given: sizes alone, or half of the types.

All that such a definition says of its value is a number; but `sizeof(struct entry)` names a type,
and whoever writes it means one. :func:`bpfgen.rules.fields.places.field_places` asks.

Source: map_create and map_check_btf in kernel/bpf/syscall.c: without types there is no record of
fields, and the verifier refuses what needs one (process_timer_func, process_spin_lock and
map_kptr_match_type in kernel/bpf/verifier.c).
"""

from __future__ import annotations

from bpfgen.ctype.describe import described
from bpfgen.ctype.operands import sized_types
from bpfgen.ctype.sizes import sizeof
from bpfgen.ctype.types import Composite
from bpfgen.kernel.map_kinds import MAP_KINDS
from bpfgen.kernel.special_fields import SPECIAL_FIELDS
from bpfgen.record import TYPE_CHECKING
from bpfgen.rules.fields.holders import element, spelled
from bpfgen.rules.fields.uses import STRUCTS, row_name
from bpfgen.text.diagnostics import ERROR, WARNING, Label

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bpfgen.ctype.types import Type
    from bpfgen.model.maps import Attribute
    from bpfgen.rules.fields.uses import FieldFinder, FieldUse
    from bpfgen.rules.maps.bpf_attr import BpfAttr
    from bpfgen.text.diagnostics import Diagnostic
    from bpfgen.text.source import Span

UNTYPED = "without types Linux doesn't find it (map_check_btf), and the verifier refuses its use"
BYTES = "Linux looks for special fields in values, and takes it for plain bytes (btf_find_field)"


def untyped_fields(attr: BpfAttr, finder: FieldFinder) -> Iterator[Diagnostic]:
    """Yield each kind of field in a type whose size is all that *attr* has of its key or value."""
    for role in ("key", "value"):
        attribute = attr.shape.attributes.get(f"{role}_size")
        if attribute is None or getattr(attr.shape, role) is not None:
            continue
        reported: set[str] = set()
        for name, path, type_, use in _sized_fields(attribute, finder):
            if row_name(name) in reported:
                continue
            reported.add(row_name(name))
            where = f" (`{path}` of {spelled(use.owner)})" if use is not None else ""
            is_key = role == "key"
            yield attr.diagnostic(
                "special-field-hidden" if is_key else "special-field-untyped",
                f"the {role} is given by its size only, and would hold a `{name}`{where}",
                f"{role}_size",
                part=f"{role}.{path or name}",
                labels=_label(use.member.span, f"the `{name}`") if use is not None else (),
                notes=(BYTES if is_key else UNTYPED,),
                help="leave it out of the key"
                if is_key
                else _remedy(attr, row_name(name), type_ if use is not None else None),
                severity=WARNING if is_key or attr.kind.is_untyped else ERROR,
                edits=()
                if is_key
                or attr.legacy
                or use is None
                or row_name(name) not in attr.kind.special_fields
                or sizeof(type_) != attr.value_size
                else attr.types_for_sizes(),
            )


def half_typed_fields(attr: BpfAttr, uses: list[FieldUse]) -> Iterator[Diagnostic]:
    """Yield the first of *uses*, the fields of a value with a type beside a key without one."""
    yield attr.diagnostic(
        "special-field-untyped",
        "the key has a size only, so that the kernel isn't given the type of the value either, and"
        f" doesn't find its `{uses[0].name}`",
        "key_size",
        part=f"value.{uses[0].path}",
        labels=_label(uses[0].member.span, f"the `{uses[0].name}`"),
        notes=("Linux refuses half of the types with EINVAL (map_check_btf)", UNTYPED),
        help=f"write the key's type: `key = {_key_type(attr)};` instead of `key_size`",
        edits=attr.typed("key"),
    )


def _sized_fields(
    attribute: Attribute, finder: FieldFinder
) -> Iterator[tuple[str, str, Type, FieldUse | None]]:
    """Yield the fields in the types that *attribute*'s number was made of.

    Each comes with its name, its path, that type, and its use; None where the type is the field.
    """
    if attribute.expression is None:
        return
    for type_ in sized_types(attribute.expression):
        bare = element(type_)
        if not isinstance(bare, Composite):
            continue
        if bare.tag in STRUCTS:
            yield bare.tag or "", "", type_, None
            continue
        for use in finder.of(bare).uses:
            if row_name(use.name) in SPECIAL_FIELDS:
                yield use.name, use.path, type_, use


def _remedy(attr: BpfAttr, row: str, type_: Type | None) -> str:
    """Return what to type so that the kernel finds field *row* in the value, which is *type_*."""
    kind = attr.kind
    if row not in kind.special_fields:
        # Only a mistake pays for this import.
        from bpfgen.text.spelling import expected_list

        takers = [f"`{k.name}`" for k in MAP_KINDS.values() if row in k.special_fields]
        return f"use {expected_list(takers)}, and give it types"
    moved = "leave out `legacy`, and " if attr.legacy else ""
    if type_ is None or sizeof(type_) != attr.value_size:
        return f"{moved}write a struct with the field as a member, and give the map types"
    types = f"{kind.name}<{_key_type(attr)}, {described(type_)}>"
    return f"{moved}write the types instead of the sizes: `{types}`"


def _key_type(attr: BpfAttr) -> str:
    """Return the key's type as the source might write it: what is known, `K` where nothing is."""
    if attr.shape.key is not None:
        return described(attr.shape.key.type)
    attribute = attr.shape.attributes.get("key_size")
    expression = attribute.expression if attribute is not None else None
    types = list(sized_types(expression)) if expression is not None else []
    if len(types) == 1 and sizeof(types[0]) == attr.key_size:
        return described(types[0])
    return {4: "__u32", 8: "__u64"}.get(attr.key_size or 0, "K")


def _label(span: Span | None, text: str) -> tuple[Label, ...]:
    return (Label(span, text),) if span is not None else ()
