"""Types of user space in the words of C, for messages."""

from __future__ import annotations

from bpfgen.emit.user_space.types import (
    ADDRESS,
    BIG,
    BOOLEAN,
    CHARACTER,
    FLOATING,
    NATIVE,
    Alias,
    Enumeration,
    Number,
    Opaque,
    Sequence,
    Structure,
)
from bpfgen.record import TYPE_CHECKING, assert_never

if TYPE_CHECKING:
    from bpfgen.emit.user_space.types import UserType


def described(type: UserType | None) -> str:
    """Return *type* as C would call it, in backticks; empty for none."""
    return "" if type is None else f"`{_described(type)}`"


def _described(type: UserType) -> str:
    lengths = ""
    while isinstance(type, Sequence):
        lengths += f"[{'' if type.flexible else type.length}]"
        type = type.element
    match type:
        case Number():
            return f"{_number(type)}{lengths}"
        case Opaque():
            return f"{type.name}{lengths}"
        case Structure():
            return f"{type.c_name or ('union {…}' if type.is_union else 'struct {…}')}{lengths}"
        case Enumeration():
            return f"{type.c_name or 'enum {…}'}{lengths}"
        case Alias():
            return f"{type.c_name}{lengths}"
        case _:
            assert_never(type)


def _number(number: Number) -> str:
    bits = 8 * number.size
    if number.byte_order != NATIVE:
        return f"__{'be' if number.byte_order == BIG else 'le'}{bits}"
    if number.kind == FLOATING:
        return "float" if number.size == 4 else "double"
    words = {ADDRESS: "a pointer", BOOLEAN: "bool", CHARACTER: "char"}
    if number.kind in words:
        return words[number.kind]
    if number.size == 16:
        return "__int128" if number.signed else "unsigned __int128"
    return f"__{'s' if number.signed else 'u'}{bits}"
