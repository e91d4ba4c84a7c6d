"""Structs, unions, enums and typedefs in the language: C, with libbpf's macros for attributes.

Recursion follows the nesting of types, which everyone who makes them holds below 200.
"""

from __future__ import annotations

from bpfgen.ctype.types import Composite, Enum, Int
from bpfgen.emit.c import literals
from bpfgen.emit.c.declarators import Speller, base_of
from bpfgen.kernel.tags import POINTER_TAGS
from bpfgen.record import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bpfgen.ctype.types import Attributes, Member, TypeTag
    from bpfgen.emit.c.declarators import Base
    from bpfgen.model.model import TypeDeclaration

INDENT = "    "

TAG_MACROS = {row.tag: row.macro for row in POINTER_TAGS.values()} | {"address_space(1)": "__arena"}
"""The macros of libbpf's headers that the language has, by the tag that each stands for."""


class DslSpeller(Speller):
    """Spells types as the language has them: macros for tags, and `bool`."""

    __slots__ = ()

    def __init__(self) -> None:
        super().__init__(by_name=True)

    def type_tag(self, tag: TypeTag) -> str:
        """Return the macro, or the attribute, that gives a type *tag*."""
        return TAG_MACROS.get(tag.tag) or super().type_tag(tag)

    def specifiers(self, base: Base) -> str:
        """Return the name of *base*, or its body on one line where it has no name."""
        if isinstance(base, (Composite, Enum)) and base.tag is None:
            return " ".join(body(self, base).split())
        if isinstance(base, Int) and base.bool:
            return "bool"
        return super().specifiers(base)


def body(speller: Speller, type: Composite | Enum, indent: str = "") -> str:
    """Return the definition of *type*, from its keyword to its attributes; no semicolon."""
    if isinstance(type, Enum):
        return _enum_body(speller, type, indent)
    head = f"{type.kind} {type.tag}" if type.tag else type.kind
    behind = attribute_list(speller, type.attributes)
    if not type.members:
        return f"{head} {{}}{behind}"
    inside = "".join(_members(speller, type, f"{indent}{INDENT}"))
    return f"{head} {{\n{inside}{indent}}}{behind}"


def _enum_body(speller: Speller, enum: Enum, indent: str) -> str:
    head = f"enum {enum.tag}" if enum.tag else "enum"
    if enum.base is not None:
        head += f" : {speller.type_name(enum.base)}"
    lines = []
    following = 0
    for enumerator in enum.enumerators:
        given = ""
        if enumerator.expression is not None:
            given = f" = {speller.expression(enumerator.expression)}"
        elif enumerator.value != following:
            given = f" = {literals.number(enumerator.value)}"
        lines.append(f"{indent}{INDENT}{enumerator.name}{given},\n")
        following = enumerator.value + 1
    return f"{head} {{\n{''.join(lines)}{indent}}}{attribute_list(speller, enum.attributes)}"


def _members(speller: Speller, composite: Composite, indent: str) -> Iterator[str]:
    """Yield the lines of the members; those that share one type without a name share a line."""
    members = composite.members
    index = 0
    while index < len(members):
        member = members[index]
        index += 1
        base = base_of(member.type)
        text = ""
        if isinstance(base, (Composite, Enum)) and base.tag is None:
            text = body(speller, base, indent)
        line = f"{indent}{speller.declaration(member.type, member.name or '', text)}"
        line += _behind(speller, member)
        while text and index < len(members) and base_of(members[index].type) is base:
            member = members[index]
            index += 1
            line += f", {speller.declarator(member.type, member.name or '')}"
            line += _behind(speller, member)
        yield f"{line};\n"


def _behind(speller: Speller, member: Member) -> str:
    """Return what follows the declarator of *member*: width and attributes."""
    width = ""
    if member.is_bitfield:
        width = f" : {speller.value(member.bitfield_size, member.width)}"
    return f"{width}{attribute_list(speller, member.attributes)}"


def attribute_list(speller: Speller, attributes: Attributes | None) -> str:
    """Return *attributes* as the macros of libbpf's headers, a space before each."""
    if attributes is None:
        return ""
    spelled = ["__packed"] if attributes.packed else []
    spelled.extend(
        "__attribute__((aligned))"
        if argument is None
        else f"__aligned({speller.expression(argument)})"
        for argument in attributes.aligned
    )
    if attributes.preserve_access_index:
        spelled.append("__attribute__((preserve_access_index))")
    spelled.extend(_decl_tag(tag) for tag in attributes.decl_tags)
    return "".join(f" {each}" for each in spelled)


def _decl_tag(tag: str) -> str:
    """Return `__contains(type, member)`, or the attribute for any other tag."""
    words = tag.split(":")
    if len(words) == 3 and words[0] == "contains" and all(w.isidentifier() for w in words[1:]):
        return f"__contains({words[1]}, {words[2]})"
    return f"__attribute__((btf_decl_tag({literals.string(tag)})))"


def declaration(speller: Speller, declared: TypeDeclaration) -> str:
    """Return the text of *declared*: a definition, or a typedef."""
    if not declared.typedefs:
        if declared.defines is not None:
            return f"{body(speller, declared.defines)};\n"
        assert declared.forward is not None
        return f"{speller.type_name(declared.forward)};\n"
    first, *others = declared.typedefs
    base = base_of(first.target)
    text = ""
    if declared.defines is not None:
        text = body(speller, declared.defines)
    elif isinstance(base, (Composite, Enum)) and base.tag is None:
        text = body(speller, base)
    spelled = [speller.declaration(first.target, first.name, text)]
    spelled.extend(speller.declarator(other.target, other.name) for other in others)
    for index, typedef in enumerate(declared.typedefs):
        tags = declared.decl_tags[index] if index < len(declared.decl_tags) else ()
        attributes = [f"__aligned({typedef.align})"] if typedef.align else []
        attributes.extend(_decl_tag(tag) for tag in tags)
        spelled[index] += "".join(f" {each}" for each in attributes)
    return f"typedef {', '.join(spelled)};\n"
