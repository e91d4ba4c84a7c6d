"""Two types that give the same bytes the same form, whatever they are called.

A weaker question than that of :mod:`bpfgen.ctype.compare`: whether values that were stored with one
type can be read with the other. Names, typedefs, qualifiers and tags don't count; one side may know
more than the other: enumerators of an integer, members of an array of bytes, what an integer counts
in, what is in a hole. Where both have a number, it has the same bits on both sides, and both or
neither are floating; two plain integers have the same sign.

A type is taken apart into its numbers, each with its place. Of a union all members are there at
once, and of the numbers that share bits one has to be on the other side.
"""

from __future__ import annotations

from bpfgen.ctype.describe import counted, described
from bpfgen.ctype.identity import canonical
from bpfgen.ctype.overlaps import Overlaps
from bpfgen.ctype.sizes import sizeof
from bpfgen.ctype.types import (
    POINTER_SIZE,
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
    order_of,
    underlying,
)
from bpfgen.kernel.special_fields import OPAQUE_STRUCTS
from bpfgen.record import TYPE_CHECKING, Record, assert_never
from bpfgen.text.diagnostics import Subject

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from bpfgen.ctype.types import Order, Type
    from bpfgen.record import Uncompared
    from bpfgen.text.source import Span

_MOST_LEAVES = 1024
"""Numbers into which an array is taken apart; a larger one is compared as an array."""

_LISTED = 2
"""Numbers of the other side that a message names."""

PLACEHOLDER = "enum64_placeholder"
"""What libbpf calls the integer that it puts in the place of an enum of 64 bits, for kernels before
6.0 (bpf_object__sanitize_btf)."""


class Disagreement(Record):
    """One place at which two types have something else.

    Attributes:
        message: Both sides in words.
        subject: The member of the declared type, by name, where it has one.
        span: Where that is declared.
        is_order: The two have the same number there, with its bytes in another order.
    """

    message: str
    subject: Subject | None = None
    span: Uncompared[Span | None] = None
    is_order: bool = False


class _Leaf(Record):
    """A number in a type, or a large array of something.

    Attributes:
        offset: In bits from the start.
        bits: How many it has.
        type: Of the number, without modifiers and typedefs; of the array.
        path: How C says where it is: `key.saddr`; empty for the type itself.
        holder: The member that it is, or is in, by name, with the innermost struct that has one.
        span: Where that is declared.
        order: That of its bytes, where its type says one.
    """

    offset: int
    bits: int
    type: Type
    path: str
    holder: Subject | None
    span: Uncompared[Span | None]
    order: Order | None = None

    @property
    def end(self) -> int:
        return self.offset + self.bits


def disagreements(
    declared: Type, other: Type, subject: str, word: str, byteorder: Order | None = None
) -> list[Disagreement]:
    """Return where *declared* and *other* give the same bytes another form; empty if nowhere.

    Args:
        declared: What the source says.
        other: What it is held against.
        subject: What they are the types of: "the value of map `flows`".
        word: What *other* is, in messages: "running".
        byteorder: That of the machine, to find as well where *other* says an order of bytes
            (`__be32`) which *declared* would read otherwise; None where that doesn't matter.
    """
    found: list[Disagreement] = []
    pairs: list[tuple[Type, Type, str]] = [(declared, other, subject)]
    while pairs:
        own, theirs, where = pairs.pop()
        sizes = sizeof(own), sizeof(theirs)
        if sizes[0] != sizes[1]:
            texts = [_in_bytes(size) for size in sizes]
            what = f"{where} is declared with {texts[0]}, and the {word} one has {texts[1]}"
            found.append(Disagreement(what))
            continue
        if _is_opaque(own) or _is_opaque(theirs):
            continue
        leaves = _leaves(own), _leaves(theirs)
        pairs += _compare_leaves(*leaves, where, word, found)
        if byteorder is not None:
            found += _misread(*leaves, where, word, byteorder)
    return found


def _compare_leaves(
    own: list[_Leaf],
    theirs: list[_Leaf],
    subject: str,
    word: str,
    found: list[Disagreement],
) -> Iterator[tuple[Type, Type, str]]:
    """Add to *found* where the numbers of two types disagree; yield what is left to compare."""
    places: dict[tuple[int, int], list[_Leaf]] = {}
    for leaf in theirs:
        places.setdefault((leaf.offset, leaf.bits), []).append(leaf)
    matched = set()
    arrays = []
    for leaf in own:
        for counterpart in places.get((leaf.offset, leaf.bits), ()):
            if isinstance(leaf.type, Array) and isinstance(counterpart.type, Array):
                if leaf.type.length == counterpart.type.length:
                    matched.add((leaf.offset, leaf.bits))
                    arrays.append((leaf, counterpart))
                    break
            elif _same_form(leaf.type, counterpart.type):
                matched.add((leaf.offset, leaf.bits))
                break
    for leaf, counterpart in arrays:
        assert isinstance(leaf.type, Array)
        assert isinstance(counterpart.type, Array)
        element = f"an element of {_called(leaf, subject)}"
        yield leaf.type.element, counterpart.type.element, element
    overlaps = Overlaps((leaf.offset, leaf.end) for leaf in theirs)
    for leaf in own:
        if (leaf.offset, leaf.bits) in matched:
            continue
        others = [theirs[at] for at in overlaps.with_bits_of((leaf.offset, leaf.end))]
        if not others or any((one.offset, one.bits) in matched for one in others):
            continue
        what = f"{_called(leaf, subject)} is declared as {_described(leaf)}, and the {word} map has"
        what += f" {_listed(others)} there"
        found.append(Disagreement(what, leaf.holder, leaf.span))


def _misread(
    own: list[_Leaf], theirs: list[_Leaf], subject: str, word: str, byteorder: Order
) -> Iterator[Disagreement]:
    """Yield where the other side says an order of bytes, and no declared number there has it."""
    orders: dict[tuple[int, int], set[Order | None]] = {}
    for leaf in theirs:
        orders.setdefault((leaf.offset, leaf.bits), set()).add(leaf.order)
    read: dict[tuple[int, int], set[Order]] = {}
    for leaf in own:
        read.setdefault((leaf.offset, leaf.bits), set()).add(leaf.order or byteorder)
    for leaf in own:
        place = leaf.offset, leaf.bits
        said = orders.get(place)
        # Once a place; where the other side says nothing, the declaration may know more.
        if said is None or None in said or said & read.pop(place, said):
            continue
        if isinstance(leaf.type, (Int, Enum)):
            order = "big" if "big" in said else "little"
            what = f"{_called(leaf, subject)} isn't declared as {order}-endian, and the {word} map"
            what += f" has a `__{order[0]}e{leaf.bits}` there"
            yield Disagreement(what, leaf.holder, leaf.span, is_order=True)


def _same_form(own: Type, other: Type) -> bool:
    """Return whether two numbers of the same bits have the same values, as far as both say."""
    if isinstance(own, Array) or isinstance(other, Array):
        return False
    if isinstance(own, Float) or isinstance(other, Float):
        return isinstance(own, Float) and isinstance(other, Float)
    if isinstance(own, Int) and isinstance(other, Int):
        plain = all(not one.bool and canonical(one.name) != "char" for one in (own, other))
        return not plain or own.signed == other.signed
    return True


def _leaves(type: Type) -> list[_Leaf]:
    """Return the numbers of *type*: what is only bytes, a hole or the kernel's own has none."""
    found: list[_Leaf] = []
    # A type, its offset and width in bits, how to say where it is, its member, and its place.
    pending: list[tuple[Type, int, int, str, Subject | None, Span | None]]
    pending = [(type, 0, 0, "", None, None)]
    while pending:
        current, offset, width, path, holder, span = pending.pop()
        bare = underlying(current)
        match bare:
            case Int() if bare.name == PLACEHOLDER:
                continue
            case Int() | Enum() | Float() | Pointer():
                size = POINTER_SIZE if isinstance(bare, Pointer) else bare.size
                order = None if width else order_of(current)
                found.append(_Leaf(offset, width or size * 8, bare, path, holder, span, order))
            case Array():
                if _is_bytes(bare):
                    continue
                count = _count(bare)
                if count is None:
                    bits = (sizeof(bare) or 0) * 8
                    found.append(_Leaf(offset, bits, bare, path, holder, span))
                    continue
                step = (sizeof(bare.element) or 0) * 8
                for index in range(bare.length - 1, -1, -1):
                    at = offset + index * step
                    pending.append((bare.element, at, 0, f"{path}[{index}]", holder, span))
            case Composite():
                if _is_opaque(bare):
                    continue
                for member in reversed(bare.members):
                    if member.name is None and member.is_bitfield:
                        continue
                    below, inside = path, holder
                    if member.name is not None:
                        below = f"{path}.{member.name}" if path else member.name
                        if bare.tag is not None:
                            inside = Subject(bare.kind, bare.tag, member.name)
                    at = offset + member.bit_offset
                    place = member.span or span
                    pending.append((member.type, at, member.bitfield_size, below, inside, place))
            case Void() | FuncProto() | Named() | Unknown():
                continue
            case Typedef() | Const() | Volatile() | Restrict() | TypeTag():
                raise AssertionError(bare)  # it was taken off
            case _:
                assert_never(bare)
    return found


def _count(array: Array) -> int | None:
    """Return how many numbers there are in *array*; None where it is too large to count them."""
    count = 1
    type: Type = array
    while isinstance(type, Array):
        count *= type.length
        type = underlying(type.element)
        if count > _MOST_LEAVES:
            return None
    if isinstance(type, Composite):
        inside = len(_leaves(type)) if count else 0
        return count * inside if count * inside <= _MOST_LEAVES else None
    return count


def _is_bytes(array: Array) -> bool:
    """Return whether *array* says nothing of what is in it: bytes, however many dimensions."""
    element = underlying(array.element)
    while isinstance(element, Array):
        element = underlying(element.element)
    return isinstance(element, Int) and element.size == 1


def _is_opaque(type: Type) -> bool:
    """Return whether *type* is bytes to whoever reads them: an array of them, the kernel's own."""
    bare = underlying(type)
    if isinstance(bare, Composite):
        return bare.tag in OPAQUE_STRUCTS
    return isinstance(bare, Array) and _is_bytes(bare)


def _called(leaf: _Leaf, subject: str) -> str:
    return f"`{leaf.path}` in {subject}" if leaf.path else subject


def _described(leaf: _Leaf) -> str:
    return f"`{described(leaf.type)}` of {_width(leaf)} at {_place(leaf)}"


def _listed(leaves: Sequence[_Leaf]) -> str:
    """Return in words what is at a place; the first few where there is much."""
    shown = [
        f"`{leaf.path}`, {_described(leaf)}" if leaf.path else _described(leaf)
        for leaf in leaves[:_LISTED]
    ]
    if len(leaves) > len(shown):
        shown.append(f"{len(leaves) - len(shown)} more")
    return " and ".join(shown)


def _width(leaf: _Leaf) -> str:
    if leaf.bits % 8:
        return counted(leaf.bits, "bit")
    return _in_bytes(leaf.bits // 8)


def _place(leaf: _Leaf) -> str:
    return f"bit {leaf.offset}" if leaf.offset % 8 or leaf.bits % 8 else f"byte {leaf.offset // 8}"


def _in_bytes(size: int | None) -> str:
    return "no size" if size is None else counted(size, "byte")
