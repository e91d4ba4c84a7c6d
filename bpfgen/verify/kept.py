"""Types that no map holds, and that must be in BTF all the same.

The kernel looks for the struct behind a `__kptr` and for the one that `__contains(type, member)`
names; a forward declaration there it ignores without a word, and the member is no longer what it
was declared to be (btf_find_kptr, btf_find_graph_root in kernel/bpf/btf.c).
"""

from __future__ import annotations

from bpfgen.btf import kinds
from bpfgen.ctype.types import (
    MODIFIERS,
    Array,
    Composite,
    Named,
    Pointer,
    Typedef,
    TypeTag,
    underlying,
)
from bpfgen.kernel.tags import WHOLE_POINTEE_TAGS, contained_struct
from bpfgen.model.model import ProgramDeclaration, TypeDeclaration
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


class _Target(Record):
    """A struct that must be whole: its tag, and the member that asks for it."""

    tag: str
    reason: str
    span: Uncompared[Span | None]


def verify_kept_types(findings: Findings, types: TypeChecker, model: Model) -> None:
    """Tell which structs that the kernel looks for are not there, or not as declared."""
    btf = findings.object.btf
    if btf is None:
        return
    defined: frozenset[str] | None = None
    walked: set[int] = set()
    checked: set[str] = set()
    for declared in model.maps:
        if declared.legacy or declared.linkage == "extern":
            continue
        emitted = findings.maps.get(declared.name)
        if emitted is None:
            continue
        pending = [target for type_ in _held(declared) for target in _targets(type_, model, walked)]
        while pending:
            target = pending.pop(0)
            if defined is None:
                defined = _defined_structs(model)
            type_ = model.types.get(("struct", target.tag))
            if target.tag in checked or target.tag not in defined or type_ is None:
                continue
            checked.add(target.tag)
            pending.extend(_targets(type_, model, walked))
            findings.begin(declared, emitted)
            type_id = btf.find(target.tag, kinds.BTF_KIND_STRUCT)
            if type_id is None:
                forward_id = btf.find(target.tag, kinds.BTF_KIND_FWD)
                how = "is not emitted" if forward_id is None else "emitted as a forward declaration"
                findings.add(
                    "verify-forward",
                    f"`struct {target.tag}` is declared with a body, which {target.reason} needs, "
                    f"and {how}",
                    target.span,
                    type_id=forward_id,
                    subject=Subject("struct", target.tag),
                )
                continue
            role = Role(f"`struct {target.tag}`", Subject("struct", target.tag), target.span)
            types.check("verify-type", type_, None, type_id, role)


def verify_typedef_tags(findings: Findings, model: Model) -> None:
    """Tell which decl tags of typedefs are lost; one that nothing uses isn't in BTF at all."""
    btf = findings.object.btf
    if btf is None:
        return
    findings.begin(None, None)
    for declaration in model.declarations:
        if not isinstance(declaration, TypeDeclaration) or not any(declaration.decl_tags):
            continue
        for typedef, tags in zip(declaration.typedefs, declaration.decl_tags, strict=False):
            type_id = btf.find(typedef.name, kinds.BTF_KIND_TYPEDEF)
            if type_id is None:
                continue
            emitted = btf.decl_tags(type_id)
            for tag in dict.fromkeys(tags):
                if tag not in emitted:
                    findings.add(
                        "verify-type",
                        f"`{typedef.name}` is declared with the decl tag `{tag}`, which isn't "
                        "emitted",
                        declaration.span,
                        type_id=type_id,
                        subject=Subject("typedef", typedef.name),
                    )


def verify_programs(findings: Findings, types: TypeChecker, model: Model) -> None:
    """Compare the prototypes of programs; one that no slot names isn't in BTF."""
    btf = findings.object.btf
    if btf is None:
        return
    findings.begin(None, None)
    for declaration in model.declarations:
        if not isinstance(declaration, ProgramDeclaration):
            continue
        type_id = btf.find(declaration.name, kinds.BTF_KIND_FUNC)
        if type_id is not None:
            name = declaration.name
            role = Role(f"program `{name}`", Subject("program", name), declaration.span)
            function_id = btf.target(type_id)
            types.check("verify-program", declaration.type, None, function_id, role)


def _held(declared: Map) -> Iterator[Type]:
    """Yield the types of the keys, values and records of *declared* and of its inner map."""
    shape: Shape | None = declared.shape
    while shape is not None:
        for argument in (shape.key, shape.value, shape.record):
            if argument is not None:
                yield argument.type
        shape = shape.inner


def _targets(type_: Type, model: Model, walked: set[int]) -> Iterator[_Target]:
    """Yield the structs that the members of *type_* make the kernel look for."""
    pending = [type_]
    while pending:
        held = underlying(pending.pop())
        if isinstance(held, Array):
            pending.append(held.element)
        elif isinstance(held, Composite) and id(held) not in walked:
            walked.add(id(held))
            for member in held.members:
                yield from _of_member(held, member, model)
            pending.extend(member.type for member in reversed(held.members))


def _of_member(composite: Composite, member: Member, model: Model) -> Iterator[_Target]:
    reason = f"member `{member.name or ''}` of `{composite.kind} {composite.tag or ''}`"
    if member.attributes is not None:
        for tag in member.attributes.decl_tags:
            struct = contained_struct(tag)
            if struct is not None:
                yield _Target(struct, reason, member.span)
    pointer = member.type
    while isinstance(pointer, Array):
        pointer = pointer.element
    pointer = underlying(pointer)
    if not isinstance(pointer, Pointer):
        return
    pointee = pointer.target
    is_kept = False
    typedefs: set[str] = set()
    while True:
        if isinstance(pointee, (*MODIFIERS, Typedef)):
            if isinstance(pointee, TypeTag):
                is_kept = is_kept or pointee.tag in WHOLE_POINTEE_TAGS
            pointee = pointee.target
        elif isinstance(pointee, Named) and pointee.kind == "typedef":
            typedef = model.types.get(("typedef", pointee.name))
            if typedef is None or pointee.name in typedefs:
                return
            typedefs.add(pointee.name)
            pointee = typedef
        else:
            break
    if not is_kept:
        return
    if isinstance(pointee, Named) and pointee.kind == "struct":
        yield _Target(pointee.name, reason, member.span)
    elif isinstance(pointee, Composite) and pointee.kind == "struct" and pointee.tag is not None:
        yield _Target(pointee.tag, reason, member.span)


def _defined_structs(model: Model) -> frozenset[str]:
    """Return the tags of the structs that *model* and its imports define, nested ones too.

    What C headers and the kernel define is for the program to bring along.
    """
    found: set[str] = set()
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
                    found.add(type_.tag)
                pending.extend(member.type for member in type_.members if member.defines)
    return frozenset(found)
