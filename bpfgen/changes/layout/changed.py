"""What has become of one type: the cause that says so, and what an array or a typedef is made of.

Below the comparison, which asks for it where two types differ.
"""

from __future__ import annotations

from bpfgen.changes.layout.causes import Cause, Outcome
from bpfgen.changes.layout.fields import Field
from bpfgen.changes.layout.numbers import BYTE_ORDER, SIGN, SPECIAL, WIDTH, order, special_word
from bpfgen.changes.layout.words import typed, width
from bpfgen.ctype.describe import counted
from bpfgen.ctype.sizes import sizeof
from bpfgen.ctype.types import WRAPPERS, Array, Typedef, underlying
from bpfgen.record import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Container

    from bpfgen.changes.layout.causes import Where
    from bpfgen.ctype.types import Order, Type

ARRAY = "break-layout-array"


class Elements:
    """An array taken apart, arrays of arrays as one; what is none is one element of its own.

    What a name in *whole* stands for is one element, array or not.
    """

    def __init__(self, type: Type, whole: Container[str] = ()) -> None:
        self.lengths: list[int] = []
        self.flexible = False
        self.count = 1
        bare = underlying(type)
        while isinstance(bare, Array) and not any(
            one.name in whole for one in typedefs_around(type)
        ):
            self.lengths.append(bare.length)
            self.flexible = self.flexible or bare.flexible or not bare.length
            self.count *= 0 if bare.flexible else bare.length
            type = bare.element
            bare = underlying(type)
        self.type = type


def typedef_names(type: Type) -> set[str]:
    """Return the typedefs that *type* and the elements of an array are called by."""
    names = {one.name for one in typedefs_around(type)}
    bare = underlying(type)
    while isinstance(bare, Array):
        names |= {one.name for one in typedefs_around(bare.element)}
        bare = underlying(bare.element)
    return names


def whole(type: Type) -> Field:
    """Return *type* as what stands by itself."""
    return Field("", type, 0, 8 * (sizeof(type) or 0))


def typedefs_around(type: Type) -> list[Typedef]:
    """Return the typedefs around *type*, the outermost first."""
    found = []
    while isinstance(type, WRAPPERS):
        if isinstance(type, Typedef):
            found.append(type)
        type = type.underlying
    return found


def changed(code: str, old: Field, new: Field, where: Where) -> Outcome:
    """Return that *where* is something else, by the rule *code*."""
    cause = cause_of(code, old, new, where)
    return Outcome(((cause, ()),), resizing=(cause,) if old.bits != new.bits else ())


def cause_of(code: str, old: Field, new: Field, where: Where) -> Cause:
    """Return that *where* is something else, by the rule *code*, in words."""
    own, other = typed(old), typed(new)
    label = where.label
    happens: str
    if code == WIDTH:
        elements = _element(old), _element(new)
        widths = width(elements[0].bits), width(elements[1].bits)
        message = f"{label} had {widths[0]} and has {widths[1]}"
        if elements[0] is not old and elements[1] is not new:
            message = f"elements of {label} had {widths[0]} and have {widths[1]}"
        happens = f"{widths[1]} {_are(elements[1].bits)} read where {{old}} have {widths[0]}"
    elif code == SIGN:
        message = f"{label} is read with another sign"
        happens = "values with the highest bit set are read as others"
    elif code == BYTE_ORDER:
        orders = [_ordered(order(_element(one))) for one in (old, new)]
        message = f"{label} was {orders[0]} and is {orders[1]}"
        happens = "{old} are read with these bytes in another order"
    elif code == ARRAY:
        message, happens = _lengths(Elements(old.type), Elements(new.type), label)
    elif code == SPECIAL:
        kinds = special_word(old), special_word(new)
        message = f"to the kernel {label} was {kinds[0]} and is {kinds[1]}"
        happens = "maps that are there already keep the field that they were made with, and the "
        happens += "kernel refuses programs that use it as the new one"
    else:
        message = f"{label} is of another kind"
        happens = "{old} are taken for something else"
    values = f"`{own}`", f"`{other}`"
    if own != other:
        message += f": `{own}` became `{other}`"
    elif old.bits != new.bits:
        values = f"{values[0]} of {width(old.bits)}", f"{values[1]} of {width(new.bits)}"
    return Cause(code, where, message, values, (happens,))


def _are(bits: int) -> str:
    return "is" if bits in (1, 8) else "are"


def _lengths(own: Elements, other: Elements, label: str) -> tuple[str, str]:
    """Return how two arrays of *label* differ, and what happens."""
    if own.flexible != other.flexible:
        old, new = (
            "any number of elements" if one.flexible else counted(one.count, "element")
            for one in (own, other)
        )
        happens = "readers find more elements in {old} than there are, or fewer"
        return f"{label} had {old} and has {new}", happens
    if own.count == other.count:
        happens = "elements are read from other places than those they have in {old}"
        return f"{label} is an array of another form", happens
    message = f"{label} had {counted(own.count, 'element')} and has {other.count}"
    if own.count < other.count:
        return message, f"elements from {own.count} on are read from what follows in {{old}}"
    return message, f"elements from {other.count} on of {{old}} aren't read any more"


def _ordered(order: Order | None) -> str:
    return f"{order}-endian" if order else "in the machine's order of bytes"


def _element(field: Field) -> Field:
    """Return an element of *field* if it is an array, else itself."""
    element = Elements(field.type)
    return whole(element.type) if element.lengths else field
