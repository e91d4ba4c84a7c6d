"""What value the bytes of a type are: the step between types and all that prints or reads values.

A shape has no names of types, no qualifiers and no anonymous members: what C calls `v.x` is the
field `x`, however deep it was declared. It depends on the type, its size and the byte order alone,
never on contents.

| type | shape |
|---|---|
| integers | :class:`Number`; `__be32` and its like are read in the order that they are named for |
| `_Bool` | :class:`Truth` |
| enums | :class:`Choice` |
| `char[N]` | :class:`Text` |
| other arrays | :class:`Row` |
| structs, unions | :class:`Group` |
| pointers | :class:`Address` |
| locks, timers, kptrs | :class:`Opaque`: the kernel shows zeros for them |
| what has no layout | :class:`Raw` |
"""

from __future__ import annotations

from bpfgen.ctype.children import pointee_tags
from bpfgen.ctype.sizes import sizeof
from bpfgen.ctype.types import (
    MODIFIERS,
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
    underlying,
)
from bpfgen.kernel.special_fields import OPAQUE_STRUCTS
from bpfgen.kernel.tags import POINTER_TAGS
from bpfgen.record import TYPE_CHECKING, Record, assert_never

if TYPE_CHECKING:
    from typing import Literal, TypeAlias

    from bpfgen.ctype.types import Member, Type

    Order: TypeAlias = Literal["little", "big"]

MAX_PIECES = 1 << 18
"""Pieces of one value, elements of arrays not counted; what has more is shown as bytes."""

_ORDERS: tuple[Order, ...] = ("little", "big")
_NAMED_ORDERS = {f"__{order[0]}e{bits}": order for order in _ORDERS for bits in (16, 32, 64)}
"""Typedefs that say the order of their bytes, whatever the machine's (uapi/linux/types.h)."""


class Number(Record):
    """An integer of *size* bytes; *order* is its own byte order, or None for that of the map."""

    size: int
    signed: bool
    order: Order | None = None


class Truth(Record):
    """A `_Bool` of *size* bytes: false where all are zero."""

    size: int


class Choice(Record):
    """An enum: *names* has the first enumerator of each value."""

    size: int
    signed: bool
    names: dict[int, str]


class Real(Record):
    """A floating-point number of 2, 4 or 8 bytes."""

    size: int


class Text(Record):
    """A `char[size]`: a string up to the first NUL, or to the end."""

    size: int


class Address(Record):
    """A pointer, to data or a function."""

    size: int


class Opaque(Record):
    """What the kernel keeps to itself; it reads as zeros."""

    size: int


class Raw(Record):
    """Bytes of which nothing more is known."""

    size: int


class Row(Record):
    """An array of *count* elements that are *stride* bytes apart."""

    element: Shape
    count: int
    stride: int

    @property
    def size(self) -> int:
        """In bytes."""
        return self.count * self.stride


class Field(Record):
    """A member of a :class:`Group`.

    Attributes:
        name: In C; of two that are called the same, the second is `name@OFFSET`, in bytes.
        bit_offset: From the start of the group.
        width: Of a bit-field, in bits; 0 for an ordinary member.
    """

    name: str
    bit_offset: int
    width: int
    shape: Shape


class Group(Record):
    """A struct or union with what its anonymous members hold, in the order of the source."""

    fields: tuple[Field, ...]
    size: int


if TYPE_CHECKING:
    Shape: TypeAlias = Number | Truth | Choice | Real | Text | Address | Opaque | Raw | Row | Group


def shape_of(type: Type | None, size: int) -> Shape:
    """Return the shape of values of *type* that have *size* bytes in a map.

    A flexible array at the end, or one of length 0, has as many elements as there is room for.
    Without a type, with one that isn't *size* bytes long, or that is too large to be shown, it is
    :class:`Raw`.
    """
    if type is None:
        return Raw(size)
    shape = _Shapes().of(type, size)
    type_size = sizeof(type)
    fits = type_size == size or (_ends_open(type) and (type_size or 0) <= size)
    measures = Measures()
    if not fits or measures.pieces(shape) > MAX_PIECES or measures.end(shape) > size:
        return Raw(size)
    return shape


class Measures:
    """What shapes measure, worked out once for each."""

    def __init__(self) -> None:
        self._pieces: dict[int, int] = {}  # by identity: shapes that are held twice are one object
        self._ends: dict[int, int] = {}

    def pieces(self, shape: Shape) -> int:
        """Return how many values *shape* is made of, where each array counts as one element."""
        found = self._pieces.get(id(shape))
        if found is None:
            found = 1
            if isinstance(shape, Row):
                found += self.pieces(shape.element)
            elif isinstance(shape, Group):
                found += sum(self.pieces(field.shape) for field in shape.fields)
            self._pieces[id(shape)] = found
        return found

    def end(self, shape: Shape) -> int:
        """Return where the last byte that *shape* reads is; a table of types may be damaged."""
        found = self._ends.get(id(shape))
        if found is None:
            if isinstance(shape, Row):
                before = (shape.count - 1) * shape.stride
                found = before + self.end(shape.element) if shape.count else 0
            elif isinstance(shape, Group):
                found = max((self._end_of(field) for field in shape.fields), default=0)
            else:
                found = shape.size
            self._ends[id(shape)] = found
        return found

    def _end_of(self, field: Field) -> int:
        if field.width:
            return -(-(field.bit_offset + field.width) // 8)
        return field.bit_offset // 8 + self.end(field.shape)


def _ends_open(type: Type) -> bool:
    """Return whether values of *type* may be longer than it: the last member is `[]` or `[0]`."""
    while True:
        bare = underlying(type)
        if isinstance(bare, Array):
            return bare.flexible or bare.length == 0
        if not isinstance(bare, Composite) or not bare.members:
            return False
        if bare.kind == "union":
            return any(_ends_open(member.type) for member in bare.members)
        type = bare.members[-1].type


class _Shapes:
    """The shapes of one type, each worked out once.

    Types that are held more than once are the same object, and so are their shapes: a struct that
    holds two of the one that holds two of the next is walked once for each struct.
    """

    def __init__(self) -> None:
        self._known: dict[int, Shape] = {}

    def of(self, type: Type, room: int | None = None) -> Shape:
        """Return the shape of *type*; *room* is the bytes up to the end of the value.

        It is None where something follows, or nothing may be longer than its type.
        """
        if room is not None:
            return self._made(type, room)
        shape = self._known.get(id(type))
        if shape is None:
            shape = self._known[id(type)] = self._made(type, None)
        return shape

    def _made(self, type: Type, room: int | None) -> Shape:
        match type:
            case Int():
                return Truth(type.size) if type.bool else Number(type.size, type.signed)
            case Float():
                return Real(type.size) if type.size in (2, 4, 8) else Raw(type.size)
            case Enum():
                return _choice(type)
            case Pointer():
                is_kernels = any(tag in POINTER_TAGS for tag in pointee_tags(type))
                return Opaque(POINTER_SIZE) if is_kernels else Address(POINTER_SIZE)
            case Typedef():
                return self._typedef(type, room)
            case Const() | Volatile() | Restrict() | TypeTag():
                return self.of(type.underlying, room)
            case Array():
                return self._array(type, room)
            case Composite():
                if type.tag in OPAQUE_STRUCTS:
                    return Opaque(type.size)
                size = type.size if room is None else max(room, type.size)
                return Group(self._fields(type, room), size)
            case Void() | FuncProto() | Named() | Unknown():
                return Raw(room or 0)
            case _:
                assert_never(type)

    def _typedef(self, type: Typedef, room: int | None) -> Shape:
        shape = self.of(type.underlying, room)
        order = _NAMED_ORDERS.get(type.name)
        if order is not None and isinstance(shape, Number):
            return Number(shape.size, shape.signed, order)
        return shape

    def _array(self, type: Array, room: int | None) -> Shape:
        stride = sizeof(type.element) or 0
        count = 0 if type.flexible else type.length
        if count == 0 and room is not None and stride:
            count = room // stride
        if _is_char(type.element):
            return Text(count)
        if not stride:  # elements without bytes say nothing, and there may be billions
            count = 0
        return Row(self.of(type.element), count, stride)

    def _fields(self, type: Composite, room: int | None) -> tuple[Field, ...]:
        fields: list[Field] = []
        names: set[str] = set()
        last = len(type.members) - 1
        for index, member in enumerate(type.members):
            open_room = None
            if room is not None and (index == last or type.kind == "union"):
                open_room = max(0, room - member.bit_offset // 8)
            for field in self._named(member, open_room):
                name = field.name
                if name in names:
                    name = f"{name}@{field.bit_offset // 8}"
                names.add(name)
                fields.append(Field(name, field.bit_offset, field.width, field.shape))
        return tuple(fields)

    def _named(self, member: Member, room: int | None) -> tuple[Field, ...]:
        """Return the fields that *member* is: itself, or what is in it where it has no name."""
        width = member.bitfield_size
        if member.name is not None:
            if member.is_bitfield or width:
                return (Field(member.name, member.bit_offset, width, self._bits(member.type)),)
            return (Field(member.name, member.bit_offset, 0, self.of(member.type, room)),)
        if width or not isinstance(underlying(member.type), Composite):
            return ()
        shape = self.of(member.type, room)
        if not isinstance(shape, Group):
            return ()
        return tuple(
            Field(inner.name, member.bit_offset + inner.bit_offset, inner.width, inner.shape)
            for inner in shape.fields
        )

    def _bits(self, type: Type) -> Shape:
        """Return the shape of a bit-field: its bits are a number, and have no order of bytes."""
        shape = self.of(type)
        return Number(shape.size, shape.signed) if isinstance(shape, Number) else shape


def _choice(type: Enum) -> Choice:
    names: dict[int, str] = {}
    for enumerator in type.enumerators:
        names.setdefault(enumerator.value, enumerator.name)
    # clang before 16 calls an enum unsigned that has negative values.
    return Choice(type.size, type.signed or any(value < 0 for value in names), names)


def _is_char(type: Type) -> bool:
    while isinstance(type, (Typedef, *MODIFIERS)):
        type = type.underlying
    return isinstance(type, Int) and type.name == "char" and type.size == 1
