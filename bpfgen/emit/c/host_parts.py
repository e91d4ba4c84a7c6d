"""What declarations are made of in user space, apart from any state: bodies, typedefs, integers.

Comes before :mod:`bpfgen.emit.c.host_types`.
"""

from __future__ import annotations

from bpfgen.ctype.types import (
    MODIFIERS,
    UCHAR,
    ULLONG,
    Array,
    Composite,
    FuncProto,
    Int,
    Pointer,
    Typedef,
    TypeTag,
    underlying,
)
from bpfgen.emit.c.declarators import base_of
from bpfgen.model.model import TypeDeclaration
from bpfgen.record import TYPE_CHECKING, replace

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bpfgen.ctype.types import Enum, Member, Type
    from bpfgen.emit.c.declarators import Body

_INTEGERS = {
    "__u8": "unsigned char",
    "__s8": "signed char",
    "__u16": "unsigned short",
    "__s16": "short",
    "__u32": "unsigned int",
    "__s32": "int",
    "__u64": "unsigned long long",
    "__s64": "long long",
}

UAPI_TYPEDEFS = frozenset(
    (*_INTEGERS, "__sum16", "__wsum", *(f"__{e}e{bits}" for e in "bl" for bits in (16, 32, 64)))
)
"""The integers of <linux/types.h>, which vmlinux.h has as well."""

NUMBER = Typedef("__u64", ULLONG)
BYTE = Typedef("__u8", UCHAR)
"""What stands for a pointer, and for a piece of an unnamed bit-field."""


def integer_of(enum: Enum) -> Typedef:
    """Return the integer of the size and the sign of *enum*."""
    name = f"__{'s' if enum.signed else 'u'}{8 * enum.size}"
    return Typedef(name, Int(_INTEGERS[name], enum.size, enum.signed))


def parts_of(
    declaration: TypeDeclaration,
    body: Body | None,
    typedefs: list[Typedef],
    forward: Type | None,
) -> Iterator[TypeDeclaration]:
    """Yield the declaration of *body* with the *typedefs* that may stand in it, then others.

    What was a pointer to the body is a number now, and has a declaration of its own. A typedef
    of a function has none: user space holds no functions.
    """
    together: list[int] = []
    alone: list[int] = []
    for index, typedef in enumerate(declaration.typedefs):
        if isinstance(underlying(typedef), FuncProto):
            continue
        is_number = base_of(typedefs[index].underlying) is NUMBER  # the source has another
        (alone if is_number else together).append(index)
    tags = declaration.decl_tags
    doc = declaration.doc
    if together or body is not None or forward is not None:
        yield TypeDeclaration(
            body,
            tuple([typedefs[index] for index in together]),
            forward,
            tuple([tags[index] for index in together if index < len(tags)]),
            doc,
            declaration.span,
        )
        doc = ""
    for index in alone:
        yield TypeDeclaration(
            None, (typedefs[index],), None, tags[index : index + 1], doc, declaration.span
        )
        doc = ""


def kind_of(type: Body) -> str:
    """Return the keyword of *type*."""
    return type.kind if isinstance(type, Composite) else "enum"


def key_of(type: Body) -> object:
    """Return what is one for what was written once.

    Of `struct { … } a, b;` the types may be two objects, and have one span.
    """
    return type if type.span is None or type.tag is not None else type.span


def name_after(body: Body, member: Member, owner: str) -> str:
    """Return what names things in *body*, which stands in *member* of what *owner* names."""
    if body.tag is not None:
        return body.tag
    return owner if member.name is None else f"{owner}__{member.name}"


def is_composite(type: Type) -> bool:
    """Return whether *type* is a struct or union, or an array of them."""
    while isinstance(bare := underlying(type), Array):
        type = bare.element
    return isinstance(bare, Composite)


def is_direct(type: Type) -> bool:
    """Return whether no pointer is between a declaration of *type* and its base."""
    while isinstance(type, (Array, *MODIFIERS)):
        type = type.element if isinstance(type, Array) else type.underlying
    return not isinstance(type, Pointer)


def untagged(type: Type) -> Type:
    """Return *type* without the type tags around it."""
    if isinstance(type, TypeTag):
        return untagged(type.underlying)
    if isinstance(type, MODIFIERS):
        return replace(type, underlying=untagged(type.underlying))
    return type
