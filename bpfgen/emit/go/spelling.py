"""Types of user space as types of Go: how each is spelled, and where Go can have it.

An alignment of more than 8 bytes can't be had in Go, and on 32-bit machines it aligns 64-bit
numbers to 4: padding is explicit everywhere, so that the layout holds all the same.
"""

from __future__ import annotations

from bpfgen.emit.go.naming import joined
from bpfgen.emit.user_space.types import (
    ADDRESS,
    BOOLEAN,
    CHARACTER,
    FLOATING,
    IMPORTED,
    INTEGER,
    NATIVE,
    Alias,
    Enumeration,
    Number,
    Opaque,
    Sequence,
    Structure,
    resolved,
)
from bpfgen.record import TYPE_CHECKING, assert_never

if TYPE_CHECKING:
    from collections.abc import Callable

    from bpfgen.emit.user_space.types import Declared, UserType

LARGEST_ALIGN = 8
"""Bytes of the largest alignment that a type of Go has."""

_INTEGER_SIZES = (1, 2, 4, 8)
_FLOAT_SIZES = (4, 8)


def integer(size: int, *, signed: bool) -> str:
    """Return the type of an integer of *size* bytes, at most 8."""
    return f"{'' if signed else 'u'}int{8 * size}"


class Speller:
    """Spells types in one file.

    *qualified* takes the path of an imported source and returns what stands before its names there:
    `common.`, or nothing where they are in the same package.
    """

    __slots__ = ("_names", "_qualified")

    def __init__(self, qualified: Callable[[str], str]) -> None:
        self._qualified = qualified
        self._names: dict[tuple[tuple[str, ...], str], str] = {}

    def name(self, declared: Declared) -> str:
        """Return the name of a declared type; empty for an enum that has none."""
        key = (declared.words, declared.file)
        name = self._names.get(key)
        if name is None:
            name = joined(*declared.words)
            if declared.origin == IMPORTED:
                name = f"{self._qualified(declared.file)}{name}"
            self._names[key] = name
        return name

    def type(self, type: UserType) -> str:
        """Return how *type* is spelled."""
        match type:
            case Number():
                return number(type)
            case Opaque():
                return f"[{type.size}]byte"
            case Sequence():
                element = resolved(type.element)
                if isinstance(element, Number) and element.kind == CHARACTER and element.size == 1:
                    return f"[{type.length}]byte"
                return f"[{type.length}]{self.type(type.element)}"
            case Structure() | Alias():
                return self.name(type)
            case Enumeration():
                return self.name(type) or integer(type.size, signed=type.signed)
            case _:
                assert_never(type)


def number(number: Number) -> str:
    """Return the type of a number; bytes for what Go has no number for."""
    if number.byte_order == NATIVE:
        if number.kind in {INTEGER, CHARACTER, BOOLEAN, ADDRESS} and number.size in _INTEGER_SIZES:
            return integer(number.size, signed=number.signed)
        if number.kind == FLOATING and number.size in _FLOAT_SIZES:
            return f"float{8 * number.size}"
    return f"[{number.size}]byte"


def native_align(type: UserType) -> int:
    """Return the bytes to which Go aligns *type* on 64-bit machines."""
    while True:
        match type:
            case Number():
                return 1 if number(type).startswith("[") else type.size
            case Opaque():
                return 1
            case Structure():
                return min(type.align, LARGEST_ALIGN)
            case Enumeration():
                return type.size
            case Sequence():
                type = type.element
            case Alias():
                type = type.target
            case _:
                assert_never(type)
