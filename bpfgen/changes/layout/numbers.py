"""Two numbers at one place: whether the bits of one are read as the other's value.

What counts of a number is its kind (an integer, a truth value, a floating one, a field that the
kernel looks after), its width, the order of its bytes, and its sign. Of an enum the values of its
enumerators count, a `char` is a byte of either sign, and an address is a number as any other.
"""

from __future__ import annotations

from bpfgen.ctype.agreement import PLACEHOLDER
from bpfgen.ctype.children import pointee_tags
from bpfgen.ctype.identity import canonical, name_of
from bpfgen.ctype.types import (
    MODIFIERS,
    POINTER_SIZE,
    Composite,
    Enum,
    Float,
    Int,
    Pointer,
    order_of,
    underlying,
)
from bpfgen.kernel.special_fields import OPAQUE_STRUCTS
from bpfgen.kernel.tags import POINTER_TAGS, contained_struct
from bpfgen.record import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import TypeAlias

    from bpfgen.changes.layout.fields import Field
    from bpfgen.ctype.types import Order, Type

    Number: TypeAlias = Int | Enum | Float | Pointer | Composite

KIND = "break-layout-kind"
WIDTH = "break-layout-width"
BYTE_ORDER = "break-layout-byte-order"
SIGN = "break-layout-sign"
SPECIAL = "break-layout-special-field"


def number_in(type: Type) -> Number | None:
    """Return the number that *type* is: what isn't made of others; None for what is.

    A struct whose members are the kernel's own affair is one.
    """
    bare = underlying(type)
    if isinstance(bare, (Int, Enum, Float, Pointer)):
        return bare
    if isinstance(bare, Composite) and bare.tag in OPAQUE_STRUCTS:
        return bare
    return None


def changed_code(old: Field, new: Field) -> str | None:
    """Return the rule by which one number isn't the other wherever it stands; None if it is.

    Both are numbers, of whose enumerators nothing is said here.
    """
    own, other = number_in(old.type), number_in(new.type)
    assert own is not None
    assert other is not None
    if isinstance(own, Int) and old.bits == new.bits and own == other:
        return BYTE_ORDER if old.bits > 8 and _order(own, old) != _order(other, new) else None
    if special(own, old) != special(other, new):
        return SPECIAL
    if isinstance(own, Float) != isinstance(other, Float):
        return KIND
    if old.bits != new.bits:
        return SPECIAL if isinstance(own, Composite) else WIDTH
    if isinstance(own, (Float, Composite)) or isinstance(other, (Float, Composite)):
        return None
    if old.bits > 1 and _is_bool(own) != _is_bool(other):
        return KIND
    if old.bits > 8 and _order(own, old) != _order(other, new):
        return BYTE_ORDER
    return None if _has_same_sign(own, other, old.bits) else SIGN


def is_same_number(old: Field, new: Field) -> bool:
    """Return whether both are numbers, and of one form."""
    if number_in(old.type) is None or number_in(new.type) is None:
        return False
    return changed_code(old, new) is None


def special(number: Number, field: Field) -> tuple[str, ...]:
    """Return what the kernel makes of *number* in a value; empty for what is only bytes to it.

    Its kind, then what it points to or holds, as far as that has a name.
    """
    if isinstance(number, Composite):
        held = [tag for tag in field.decl_tags if contained_struct(tag) is not None]
        return (number.tag or "", *held)
    if isinstance(number, Pointer):
        for tag in pointee_tags(number):
            if tag in POINTER_TAGS:
                pointee = number.pointee
                while isinstance(pointee, MODIFIERS):
                    pointee = pointee.underlying
                called = name_of(pointee)
                return (POINTER_TAGS[tag].field, "" if called is None else called[1])
    return ()


def special_word(field: Field) -> str:
    """Return what the kernel makes of *field*, a number, in a few words."""
    number = number_in(field.type)
    assert number is not None
    words = special(number, field)
    if not words:
        return "a plain pointer" if isinstance(number, Pointer) else "plain bytes"
    name, *rest = words
    if isinstance(number, Pointer):
        return f"a `{name}` to `{rest[0]}`"
    held = [f" with `{tag}`" for tag in rest]
    return f"a `{name}`{''.join(held)}"


def order(field: Field) -> Order | None:
    """Return the order of bytes that the type of *field*, a number, says; None if it says none."""
    number = number_in(field.type)
    return None if number is None else _order(number, field)


def _order(number: Number, field: Field) -> Order | None:
    size = POINTER_SIZE if isinstance(number, Pointer) else number.size
    return order_of(field.type) if field.bits == 8 * size else None


def _is_bool(number: Number) -> bool:
    return isinstance(number, Int) and number.bool


def _has_same_sign(own: Number, other: Number, bits: int) -> bool:
    """Return whether the same bits are the same value to both, as far as both say."""
    if isinstance(own, Enum) or isinstance(other, Enum):
        values = [
            enumerator.value
            for number in (own, other)
            if isinstance(number, Enum)
            for enumerator in number.enumerators
        ]
        if isinstance(own, Enum) and isinstance(other, Enum):
            return True  # whether an enum is signed follows from its enumerators
        number = other if isinstance(own, Enum) else own
        if not _has_sign(number):
            return True
        assert isinstance(number, Int)
        lowest, highest = (
            (-1 << bits - 1, (1 << bits - 1) - 1) if number.signed else (0, (1 << bits) - 1)
        )
        return all(lowest <= value <= highest for value in values)
    if not (_has_sign(own) and _has_sign(other)):
        return True
    assert isinstance(own, Int)
    assert isinstance(other, Int)
    return own.signed == other.signed


def _has_sign(number: Number) -> bool:
    if not isinstance(number, Int) or number.name == PLACEHOLDER:
        return False
    return number.bool or canonical(number.name) != "char"
