"""Structs that no map holds, and that must be in BTF with their members all the same.

The kernel looks for the struct that a `__kptr` points to and for the one that `__contains(type,
member)` names; a forward declaration there it ignores without a word, and the member is no longer
what it was declared to be.

Source: btf_find_kptr and btf_find_graph_root in kernel/bpf/btf.c.
"""

from __future__ import annotations

from bpfgen.btf import kinds
from bpfgen.ctype.children import held_members, pointer_in
from bpfgen.ctype.types import (
    MODIFIERS,
    Composite,
    Int,
    Named,
    Typedef,
    TypeTag,
    underlying,
)
from bpfgen.kernel.tags import WHOLE_POINTEE_TAGS, contained_struct
from bpfgen.model.model import TypeDeclaration
from bpfgen.record import TYPE_CHECKING, Record
from bpfgen.text.diagnostics import Subject
from bpfgen.verify.types import Role

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bpfgen.ctype.types import Member, Type
    from bpfgen.model.maps import Map, Shape
    from bpfgen.model.model import Model
    from bpfgen.record import Uncompared
    from bpfgen.text.source import Span
    from bpfgen.verify.findings import Findings
    from bpfgen.verify.types import TypeChecker


class _Wanted(Record):
    """A struct that must be whole: its tag, and the member that asks for it."""

    tag: str
    reason: str
    span: Uncompared[Span | None]


def verify_whole_types(findings: Findings, types: TypeChecker, model: Model) -> None:
    """Report which structs that the kernel looks for are not there, or not as declared."""
    if findings.object.btf is None:
        return
    defined: frozenset[str] | None = None
    walked: set[int] = set()
    checked: set[str] = set()
    for declared in model.maps:
        emitted = findings.maps.get(declared.name)
        if declared.legacy or declared.linkage == "extern" or emitted is None:
            continue
        pending = [
            wanted
            for type in _argument_types(declared)
            for wanted in _wanted_by(type, model, walked)
        ]
        for wanted in pending:  # grows on the way: what is whole may want more
            if defined is None:
                defined = _defined_structs(model)
            struct = model.types.get(("struct", wanted.tag))
            if wanted.tag in checked or wanted.tag not in defined or struct is None:
                continue
            checked.add(wanted.tag)
            pending.extend(_wanted_by(struct, model, walked))
            findings.begin(declared, emitted)
            _verify(findings, types, struct, wanted)


def _verify(findings: Findings, types: TypeChecker, struct: Type, wanted: _Wanted) -> None:
    """Compare *struct* with the one that the object has by that name."""
    btf = findings.object.btf
    type_id = None if btf is None else btf.find(wanted.tag, kinds.BTF_KIND_STRUCT)
    subject = Subject("struct", wanted.tag)
    if type_id is not None:
        role = Role(f"`struct {wanted.tag}`", subject, wanted.span)
        types.check("verify-type", struct, type_id, role)
        return
    forward_id = None if btf is None else btf.find(wanted.tag, kinds.BTF_KIND_FWD)
    how = "is not emitted" if forward_id is None else "emitted as a forward declaration"
    findings.add(
        "verify-forward",
        f"`struct {wanted.tag}` is declared with a body, which {wanted.reason} needs, and {how}",
        wanted.span,
        type_id=forward_id,
        subject=subject,
    )


def _argument_types(declared: Map) -> Iterator[Type]:
    """Yield the types of the keys, values and records of *declared* and of its inner map."""
    shape: Shape | None = declared.shape
    while shape is not None:
        for argument in (shape.key, shape.value, shape.record):
            if argument is not None:
                yield argument.type
        shape = shape.inner


def _wanted_by(type: Type, model: Model, walked: set[int]) -> Iterator[_Wanted]:
    """Yield the structs that the members of *type* make the kernel look for, once for *walked*."""
    for composite, member in held_members(type, walked):
        if member.attributes is None and isinstance(underlying(member.type), Int):  # most are
            continue
        yield from _wanted_by_member(composite, member, model)


def _wanted_by_member(composite: Composite, member: Member, model: Model) -> Iterator[_Wanted]:
    reason = f"member `{member.name or ''}` of `{composite.kind} {composite.tag or ''}`"
    if member.attributes is not None:
        for tag in member.attributes.decl_tags:
            contained = contained_struct(tag)
            if contained is not None:
                yield _Wanted(contained, reason, member.span)
    struct = _whole_pointee(member, model)
    if struct is not None:
        yield _Wanted(struct, reason, member.span)


def _whole_pointee(member: Member, model: Model) -> str | None:
    """Return the tag of the struct that *member* points to by a tag that asks for it whole."""
    pointer = pointer_in(member.type)
    if pointer is None:
        return None
    pointee: Type | None = pointer.pointee
    is_tagged = False
    typedefs: set[str] = set()
    while isinstance(pointee, (*MODIFIERS, Typedef)) or (
        isinstance(pointee, Named) and pointee.kind == "typedef"
    ):
        if isinstance(pointee, Named):
            if pointee.name in typedefs:
                return None
            typedefs.add(pointee.name)
            pointee = model.types.get(("typedef", pointee.name))
            continue
        if isinstance(pointee, TypeTag):
            is_tagged = is_tagged or pointee.tag in WHOLE_POINTEE_TAGS
        pointee = pointee.underlying
    if not is_tagged or not isinstance(pointee, (Named, Composite)) or pointee.kind != "struct":
        return None
    return pointee.name if isinstance(pointee, Named) else pointee.tag


def _defined_structs(model: Model) -> frozenset[str]:
    """Return the tags of the structs that *model* and its imports define, nested ones too.

    What C headers and the kernel define is for the program to bring along.
    """
    tags: set[str] = set()
    for current in model.with_imports():
        pending: list[Type] = [
            declaration.defines
            for declaration in current.declarations
            if isinstance(declaration, TypeDeclaration) and declaration.defines is not None
        ]
        while pending:
            type_ = underlying(pending.pop())
            if isinstance(type_, Composite):
                if type_.tag is not None and type_.kind == "struct":
                    tags.add(type_.tag)
                pending.extend(member.type for member in type_.members if member.defines)
    return frozenset(tags)
