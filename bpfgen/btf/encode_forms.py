"""The form in which BTF has a type: what is written of it, and which two types have one record.

Beside :mod:`bpfgen.btf.encode`, which asks.
"""

from __future__ import annotations

from bpfgen.btf import kinds
from bpfgen.ctype.describe import is_address_space
from bpfgen.ctype.enums import is_wide
from bpfgen.ctype.types import (
    MODIFIERS,
    Array,
    Composite,
    Const,
    Enum,
    Float,
    FuncProto,
    Int,
    Named,
    Pointer,
    Restrict,
    Typedef,
    TypeTag,
    Unknown,
    Void,
    Volatile,
)
from bpfgen.record import TYPE_CHECKING, assert_never, replace

if TYPE_CHECKING:
    from typing import TypeAlias

    from bpfgen.ctype.types import Attributes, Modifier, Type

    Derived: TypeAlias = Pointer | Typedef | Modifier

DERIVED = (Pointer, Typedef, *MODIFIERS)
"""The types that are another one with something around it."""

KINDS: dict[type, int] = {
    Pointer: kinds.BTF_KIND_PTR,
    Typedef: kinds.BTF_KIND_TYPEDEF,
    Const: kinds.BTF_KIND_CONST,
    Volatile: kinds.BTF_KIND_VOLATILE,
    Restrict: kinds.BTF_KIND_RESTRICT,
    TypeTag: kinds.BTF_KIND_TYPE_TAG,
}


def key_of(type: Type) -> object:
    """Return what is the same for two types that clang has one record for."""
    type = written(type)
    match type:
        case Typedef():
            return ("typedef", type.name)
        case Composite() | Enum():
            return (type.kind if isinstance(type, Composite) else "enum", type.tag or id(type))
        case Pointer():
            return ("pointer", key_of(type.pointee))
        case Array():
            return ("array", key_of(type.element), 0 if type.flexible else type.length)
        case Const() | Volatile() | Restrict():
            return (type.__class__, key_of(type.underlying))
        case TypeTag():
            return ("tag", type.tag, type.attribute, key_of(type.underlying))
        case FuncProto():
            return (
                "function",
                key_of(type.returns),
                *(key_of(parameter.type) for parameter in type.parameters),
                type.variadic,
            )
        case Named():
            return (type.kind, type.name)
        case Int():
            return (type.name, type.size, type.signed, type.bool)
        case Float():
            return (type.name, type.size)
        case Void() | Unknown():
            return None
        case _:
            assert_never(type)


def declared_by(target: Type) -> tuple[str, str] | None:
    """Return the kind and tag of the struct or union that *target* is, if a declaration can do."""
    if isinstance(target, Composite) and target.tag:
        return target.kind, target.tag
    if isinstance(target, Named) and target.kind in ("struct", "union"):
        return target.kind, target.name
    return None


def enum_form(type: Enum) -> tuple[int, bool]:
    """Return the BTF_KIND_* of *type*, and whether its kind_flag says that it is signed.

    Of a base type that is a typedef clang knows neither size nor sign, and cuts values to 32 bits.
    """
    if isinstance(type.base, Typedef):
        return kinds.BTF_KIND_ENUM, False
    return kinds.BTF_KIND_ENUM64 if is_wide(type) else kinds.BTF_KIND_ENUM, type.signed


def tags_of(attributes: Attributes | None) -> list[tuple[str, bool]]:
    """Return what DECL_TAGs say of *attributes*, each once, and whether it is no decl tag."""
    if attributes is None:
        return []
    tags = [(tag, False) for tag in attributes.decl_tags]
    return list(dict.fromkeys((*tags, *((text, True) for text in attributes.others))))


def target_of(type: Derived) -> Type:
    """Return what *type* is something around of, as it is written."""
    if isinstance(type, Pointer):
        return written(type.pointee)
    if isinstance(type, Typedef):
        return written(untagged(type.underlying))
    return written(type.underlying)


def untagged(type: Type) -> Type:
    """Return *type*, which no pointer points to, without tags: clang keeps those of pointees."""
    if not isinstance(type, MODIFIERS):
        return type
    modifiers, type = _peeled(type)
    kept = [one for one in modifiers if not isinstance(one, TypeTag) or one.attribute]
    if len(kept) == len(modifiers):
        return modifiers[0]
    for modifier in reversed(kept):
        type = replace(modifier, underlying=type)
    return type


def written(type: Type) -> Type:
    """Return *type* with its tags and qualifiers as BTF has them.

    They come in clang's order, each qualifier once; nothing is written of an empty tag, and of an
    address space.
    """
    if not isinstance(type, MODIFIERS):
        return type
    modifiers, type = _peeled(type)
    if len(modifiers) == 1 and _is_written(modifiers[0]):
        return modifiers[0]
    for qualifier in (Restrict, Volatile, Const):
        if any(isinstance(modifier, qualifier) for modifier in modifiers):
            type = qualifier(type)
    for modifier in reversed(modifiers):
        if isinstance(modifier, TypeTag) and _is_written(modifier):
            type = replace(modifier, underlying=type)
    return type


def _peeled(type: Type) -> tuple[list[Modifier], Type]:
    """Return the qualifiers and tags of *type*, the outermost first, and what is inside them."""
    modifiers: list[Modifier] = []
    while isinstance(type, MODIFIERS):
        modifiers.append(type)
        type = type.underlying
    return modifiers, type


def _is_written(modifier: Modifier) -> bool:
    if not isinstance(modifier, TypeTag):
        return True
    return modifier.attribute or (bool(modifier.tag) and not is_address_space(modifier.tag))
