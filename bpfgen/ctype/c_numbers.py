"""The numbers of BTF -> C's: integers by whatever name, floats, bases of enums.

gcc and DWARF say `long unsigned int` where clang says `unsigned long`; Rust has names of its own.
"""

from __future__ import annotations

from bpfgen.ctype.enums import enum_size
from bpfgen.ctype.identity import canonical
from bpfgen.ctype.layout import LayoutError
from bpfgen.ctype.types import (
    BOOL,
    CHAR,
    DOUBLE,
    FLOAT,
    INT,
    INT128,
    LLONG,
    LONG,
    LONG_DOUBLE,
    SCHAR,
    SHORT,
    UCHAR,
    UINT,
    UINT128,
    ULLONG,
    ULONG,
    USHORT,
    Enum,
    Enumerator,
    Typedef,
)
from bpfgen.record import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import Literal

    from bpfgen.ctype.types import Float, Int

_OF_C = (
    BOOL,
    CHAR,
    SCHAR,
    UCHAR,
    SHORT,
    USHORT,
    INT,
    UINT,
    LONG,
    ULONG,
    LLONG,
    ULLONG,
    INT128,
    UINT128,
)
_BY_NAME = {integer.name: integer for integer in _OF_C}
_BY_SIZE = {
    (integer.size, integer.signed): integer
    for integer in (SCHAR, UCHAR, SHORT, USHORT, INT, UINT, LLONG, ULLONG, INT128, UINT128)
}
_TYPEDEFS = {
    base.name: Typedef(name, base)
    for name, base in (("__u8", UCHAR), ("__u16", USHORT), ("__u32", UINT))
}
_FLOATS = {number.name: number for number in (FLOAT, DOUBLE, LONG_DOUBLE)}


def c_integer(type: Int) -> Int | None:
    """Return the integer type of C that *type* is: the one of that name, else one of its size.

    None where BPF's C has no integer of that size.
    """
    if type.bool:
        return BOOL if type.size == BOOL.size else None
    named = _BY_NAME.get(canonical(type.name))
    if named is not None and (named.size, named.signed) == (type.size, type.signed):
        return named
    if named is CHAR and type.size == CHAR.size:
        return CHAR  # some compilers leave out that it is signed
    return _BY_SIZE.get((type.size, type.signed))


def c_float(type: Float) -> Float | None:
    """Return the floating type of C that *type* is, or None."""
    named = _FLOATS.get(type.name)
    if named is not None and named.size == type.size:
        return named
    return next((number for number in (FLOAT, DOUBLE) if number.size == type.size), None)


def reread(type: Enum) -> Enum:
    """Return *type* with the values that its size asks for.

    Old BTF has no signs, and 32 bits for each value: -3 in an enum of 2 bytes is 4294967293 there.
    """
    limit = 1 << 8 * min(type.size, 4)
    if (
        type.signed
        or type.size > 4
        or all(enumerator.value < limit for enumerator in type.enumerators)
    ):
        return type
    enumerators = tuple(
        Enumerator(enumerator.name, enumerator.value - ((enumerator.value >> 31) << 32))
        for enumerator in type.enumerators
    )
    return Enum(type.tag, type.size, signed=True, enumerators=enumerators)


def enum_base(type: Enum) -> Int | Typedef | Literal[False] | None:
    """Return the base that gives *type* its size and sign; None if it needs none.

    False where there is no such base. A typedef serves for the unsigned ones only: clang takes an
    enum based on a typedef for unsigned, and cuts its values to 32 bits.
    """
    values = [enumerator.value for enumerator in type.enumerators]
    try:
        if values and enum_size(values) == (type.size, type.signed):
            return None
        base = _BY_SIZE.get((type.size, type.signed))
        if not values or base is None or enum_size(values, base) != (type.size, type.signed):
            return False
    except LayoutError:
        return False
    return _TYPEDEFS.get(base.name, base)
