"""Structs, unions, enums and typedefs as C declarations, with the assertions that go with them.

The bodies of nested types stand where the source wrote them. Recursion follows the nesting of the
source, which the parser holds below 200.
"""

from __future__ import annotations

from bpfgen.ctype.types import Composite, Enum, Named
from bpfgen.emit.c import literals
from bpfgen.emit.c.comments import comment
from bpfgen.emit.c.declarators import base_of, is_plain
from bpfgen.record import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from bpfgen.ctype.types import Attributes, Member, Type
    from bpfgen.emit.c.declarators import Speller
    from bpfgen.model.model import TypeDeclaration

    Known = Mapping[tuple[str, str], Type]

DISAGREES = "the compiler disagrees with bpfgen"
"""What every static assertion says when it fails."""

NATURAL_ALIGNMENT = 8
"""Alignments beyond this are asserted; up to it the size tells."""


def attribute_list(speller: Speller, attributes: Attributes | None) -> str:
    """Return *attributes* as one `__attribute__((…))` with a space before it, or nothing."""
    if attributes is None:
        return ""
    spelled = ["packed"] if attributes.packed else []
    spelled.extend(
        "aligned" if argument is None else f"aligned({speller.expression(argument)})"
        for argument in attributes.aligned
    )
    if attributes.preserve_access_index:
        spelled.append("preserve_access_index")
    spelled.extend(f"btf_decl_tag({literals.string(tag)})" for tag in attributes.decl_tags)
    return f" __attribute__(({', '.join(spelled)}))" if spelled else ""


def body_of(speller: Speller, type: Composite | Enum, indent: str, known: Known) -> str:
    """Return the definition of *type*, from its keyword to its attributes; no semicolon."""
    if isinstance(type, Enum):
        return _enum_body(speller, type, indent)
    tag = f"{type.kind} {type.tag}" if type.tag else type.kind
    attributes = attribute_list(speller, type.attributes)
    if not type.members:
        return f"{tag} {{}}{attributes}"
    members = "".join(_members(speller, type, f"{indent}\t", known))
    return f"{tag} {{\n{members}{indent}}}{attributes}"


def _enum_body(speller: Speller, enum: Enum, indent: str) -> str:
    tag = f"enum {enum.tag}" if enum.tag else "enum"
    if enum.base is not None:
        tag += f" : {speller.type_name(enum.base)}"
    lines = []
    for enumerator in enum.enumerators:
        lines.append(comment(enumerator.doc, f"{indent}\t"))
        value = enumerator.expression
        given = f" = {speller.expression(value)}" if value is not None else ""
        lines.append(f"{indent}\t{enumerator.name}{given},\n")
    attributes = attribute_list(speller, enum.attributes)
    return f"{tag} {{\n{''.join(lines)}{indent}}}{attributes}"


def defined_by(member: Member, known: Known) -> Composite | Enum | None:
    """Return the type whose body the declaration of *member* holds, or None."""
    base = base_of(member.type)
    if isinstance(base, (Composite, Enum)):
        return base if member.defines or base.tag is None else None
    if member.defines and isinstance(base, Named):
        found = known.get((base.kind, base.name))
        return found if isinstance(found, (Composite, Enum)) else None
    return None


def _members(speller: Speller, composite: Composite, indent: str, known: Known) -> Iterator[str]:
    members = composite.members
    index = 0
    doc = ""
    while index < len(members):
        member = members[index]
        index += 1
        if member.doc and member.doc is not doc:  # `int x, y;` has one comment for both
            yield comment(member.doc, indent)
        doc = member.doc
        body = defined_by(member, known)
        if body is None:
            yield f"{indent}{speller.declaration(member.type, member.name or '')}"
        else:
            text = body_of(speller, body, indent, known)
            yield f"{indent}{speller.declaration(member.type, member.name or '', text)}"
        yield _behind_declarator(speller, member)
        # `struct { … } a, b;` declares both with one anonymous type: it is written once.
        while (
            body is not None
            and body.tag is None
            and index < len(members)
            and members[index].name is not None
            and _is_same_text(base_of(members[index].type), body)
        ):
            member = members[index]
            index += 1
            yield f", {speller.declarator(member.type, member.name or '')}"
            yield _behind_declarator(speller, member)
        yield ";\n"


def _is_same_text(type: Type, body: Composite | Enum) -> bool:
    """Whether *type* was declared by the very text that declared *body*."""
    if type is body:
        return True
    if not isinstance(type, (Composite, Enum)) or type.span is None:
        return False
    return type.span is body.span and type == body


def _behind_declarator(speller: Speller, member: Member) -> str:
    width = ""
    if member.is_bitfield:
        width = f" : {speller.value(member.bitfield_size, member.width)}"
    return f"{width}{attribute_list(speller, member.attributes)}"


def declare_types(speller: Speller, declaration: TypeDeclaration, known: Known) -> str:
    """Return the C text of *declaration*: a definition, a typedef, both, or `struct foo;`."""
    doc = comment(declaration.doc)
    defines = _defined_type(declaration)
    if not declaration.typedefs:
        if declaration.forward is not None:
            return f"{doc}{speller.type_name(declaration.forward)};\n"
        if defines is None:
            return ""
        return f"{doc}{body_of(speller, defines, '', known)};\n"
    first, *others = declaration.typedefs
    body = body_of(speller, defines, "", known) if defines is not None else ""
    spelled = [speller.declaration(first.target, first.name, body)]
    spelled.extend(speller.declarator(other.target, other.name) for other in others)
    for index, typedef in enumerate(declaration.typedefs):
        tags = declaration.decl_tags[index] if index < len(declaration.decl_tags) else ()
        attributes = [f"aligned({typedef.align})"] if typedef.align else []
        attributes.extend(f"btf_decl_tag({literals.string(tag)})" for tag in tags)
        if attributes:
            spelled[index] += f" __attribute__(({', '.join(attributes)}))"
    return f"{doc}typedef {', '.join(spelled)};\n"


def _defined_type(declaration: TypeDeclaration) -> Composite | Enum | None:
    """Return the type whose body *declaration* holds; an anonymous one is a typedef's alone."""
    if declaration.defines is not None:
        return declaration.defines
    for typedef in declaration.typedefs:
        base = base_of(typedef.target)
        if isinstance(base, (Composite, Enum)) and base.tag is None:
            return base
    return None


def assertion(condition: str, subject: str) -> str:
    """Return the line that stops the compiler where *condition* doesn't hold."""
    return f'_Static_assert({condition}, "{subject}: {DISAGREES}");\n'


def assert_types(declaration: TypeDeclaration, known: Known) -> str:
    """Return the assertions about every type that *declaration* defines, nested ones first."""
    defines = _defined_type(declaration)
    lines: list[str] = []
    if defines is not None:
        _assert_nested(defines, known, lines)
        name = f"{_keyword(defines)} {defines.tag}" if defines.tag else ""
        if not name:
            name = next((t.name for t in declaration.typedefs if t.target == defines), "")
        _assert_type(defines, name, lines)
    lines.extend(
        assertion(f"_Alignof({typedef.name}) == {typedef.align}", typedef.name)
        for typedef in declaration.typedefs
        if typedef.align
    )
    return "".join(lines)


def _keyword(type: Composite | Enum) -> str:
    return type.kind if isinstance(type, Composite) else "enum"


def _assert_nested(type: Composite | Enum, known: Known, lines: list[str]) -> None:
    if isinstance(type, Enum):
        return
    previous: Composite | Enum | None = None
    for member in type.members:
        inner = defined_by(member, known)
        if inner is None or inner is previous:
            continue
        previous = inner
        _assert_nested(inner, known, lines)
        _assert_type(inner, f"{_keyword(inner)} {inner.tag}" if inner.tag else "", lines)


def _assert_type(type: Composite | Enum, name: str, lines: list[str]) -> None:
    if isinstance(type, Enum):
        if name and type.size != 4:
            lines.append(assertion(f"sizeof({name}) == {type.size}", name))
        for enumerator in type.enumerators:
            if not is_plain(enumerator.expression):
                number = literals.number(enumerator.value)
                lines.append(assertion(f"{enumerator.name} == {number}", enumerator.name))
        return
    if not name:
        return
    lines.append(assertion(f"sizeof({name}) == {type.size}", name))
    moved = _moves(type.attributes) or any(_moves(m.attributes) for m in type.members)
    if type.align and (moved or type.align > NATURAL_ALIGNMENT):
        lines.append(assertion(f"_Alignof({name}) == {type.align}", name))
    if moved:
        for member in type.members:
            if member.name is not None and not member.is_bitfield:
                offset = f"__builtin_offsetof({name}, {member.name}) == {member.bit_offset // 8}"
                lines.append(assertion(offset, name))


def _moves(attributes: Attributes | None) -> bool:
    return attributes is not None and (attributes.packed or bool(attributes.aligned))
