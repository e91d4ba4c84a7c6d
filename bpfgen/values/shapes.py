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
from bpfgen.kernel.tags import POINTER_TAGS
from bpfgen.record import TYPE_CHECKING, Record, assert_never

if TYPE_CHECKING:
    from typing import TypeAlias

    from bpfgen.ctype.types import Member, Order, Type

MAX_DEPTH = 64
"""Structs and arrays in each other; what goes deeper is shown as bytes."""

MAX_PIECES = 1 << 16
"""Pieces of one value, elements of arrays not counted; what has more is shown as bytes."""

AT = "@"
"""Before the offset in the name of a member that has none of its own."""

REAL_CODES = {2: "e", 4: "f", 8: "d"}
"""Floating-point numbers that :mod:`struct` reads, by their size."""

ORDER_CODES: dict[Order, str] = {"little": "<", "big": ">"}
"""How :mod:`struct` calls the byte orders."""


class Number(Record):
    """An integer of *size* bytes; *order* is its own byte order, or None for that of the map."""

    size: int
    signed: bool
    order: Order | None = None


class Truth(Record):
    """A `_Bool` of *size* bytes: false where all are zero."""

    size: int


class Choice(Record):
    """An enum: *names* has the first enumerator of each number, *numbers* that of each name."""

    size: int
    signed: bool
    names: dict[int, str]
    numbers: dict[str, int]


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
        if not self.count:
            return 0
        return (self.count - 1) * self.stride + max(self.stride, self.element.size)


class Field(Record):
    """A member of a :class:`Group`.

    Attributes:
        name: In C; of two that are called the same, the second is `name@OFFSET`, in bytes, and one
            without a name, which C doesn't have, is `@OFFSET`.
        bit_offset: From the start of the group.
        width: Of a bit-field, in bits; 0 for an ordinary member.
    """

    name: str
    bit_offset: int
    width: int
    shape: Shape

    @property
    def end(self) -> int:
        """Where the byte after its last one is."""
        if self.width:
            return -(-(self.bit_offset + self.width) // 8)
        return self.bit_offset // 8 + self.shape.size


class Group(Record):
    """A struct or union with what its anonymous members hold, in the order of the source.

    *size* is in bytes, up to the end of what is in it: a flexible array counts.
    """

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
    shapes = _Shapes()
    try:
        shape = shapes.of(type, size)
    except _TooDeepError:
        return Raw(size)
    type_size = sizeof(type)
    fits = type_size == size or (shapes.is_open and (type_size or 0) <= size)
    is_shown = fits and shape.size <= size and Pieces().of(shape) <= MAX_PIECES
    return shape if is_shown else Raw(size)


class _TooDeepError(Exception):
    """Structs and arrays are in each other more than :data:`MAX_DEPTH` deep."""


class Pieces:
    """How many values shapes are made of, counted once for each."""

    def __init__(self) -> None:
        self._known: dict[int, int] = {}  # by identity: what is held twice is one object

    def of(self, shape: Shape) -> int:
        """Return how many values *shape* is made of, where an array has one element."""
        found = self._known.get(id(shape))
        if found is None:
            found = 1
            if isinstance(shape, Row):
                found += self.of(shape.element)
            elif isinstance(shape, Group):
                found += sum(self.of(field.shape) for field in shape.fields)
            self._known[id(shape)] = found
        return found


class _Shapes:
    """The shapes of one type, each worked out once.

    Types that are held more than once are the same object, and so are their shapes: a struct that
    holds two of the one that holds two of the next is walked once for each struct.

    Attributes:
        is_open: Whether values may be longer than the type: the last member is `[]` or `[0]`.
    """

    def __init__(self) -> None:
        self._known: dict[tuple[int, int | None], Shape] = {}
        self._depth = 0
        self.is_open = False

    def of(self, type: Type, room: int | None = None) -> Shape:
        """Return the shape of *type*; *room* is the bytes up to the end of the value.

        It is None where something follows.

        Raises:
            _TooDeepError: What it holds goes too deep.
        """
        shape = self._known.get((id(type), room))
        if shape is not None:
            return shape
        if self._depth == MAX_DEPTH:
            raise _TooDeepError
        self._depth += 1
        order = order_of(type)
        shape = self._made(underlying(type), room)
        if order is not None and isinstance(shape, Number):
            shape = Number(shape.size, shape.signed, order)
        self._depth -= 1
        self._known[id(type), room] = shape
        return shape

    def _made(self, type: Type, room: int | None) -> Shape:
        """Return the shape of *type*, which is no typedef and not qualified."""
        match type:
            case Int():
                return Truth(type.size) if type.bool else Number(type.size, type.signed)
            case Float():
                return Real(type.size) if type.size in REAL_CODES else Raw(type.size)
            case Enum():
                return _choice(type) if type.size else Raw(0)
            case Pointer():
                is_kernels = any(tag in POINTER_TAGS for tag in pointee_tags(type))
                return Opaque(POINTER_SIZE) if is_kernels else Address(POINTER_SIZE)
            case Array():
                return self._array(type, room)
            case Composite():
                if type.tag in OPAQUE_STRUCTS:
                    return Opaque(type.size)
                fields = self._fields(type, room)
                return Group(fields, max((type.size, *(field.end for field in fields))))
            case Void() | FuncProto() | Named() | Unknown():
                return Raw(room or 0)
            case Typedef() | Const() | Volatile() | Restrict() | TypeTag():
                return self._made(type.underlying, room)
            case _:
                assert_never(type)

    def _array(self, type: Array, room: int | None) -> Shape:
        stride = sizeof(type.element) or 0
        count = 0 if type.flexible else type.length
        if count == 0 and room is not None and stride:
            count = room // stride
            self.is_open = True
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
                while name in names:
                    name = f"{name}{AT}{field.bit_offset // 8}"
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
        if width or member.is_bitfield:
            return ()
        shape = self.of(member.type, room)
        start = member.bit_offset
        if not isinstance(shape, Group) or not isinstance(underlying(member.type), Composite):
            return (Field(f"{AT}{start // 8}", start, 0, shape),)
        return tuple(
            Field(_moved(inner, start), start + inner.bit_offset, inner.width, inner.shape)
            for inner in shape.fields
        )

    def _bits(self, type: Type) -> Shape:
        """Return the shape of a bit-field: its bits are a number, and have no order of bytes."""
        shape = self.of(type)
        return Number(shape.size, shape.signed) if isinstance(shape, Number) else shape


def _moved(field: Field, start: int) -> str:
    """Return the name of *field* in the group that holds its own, which begins at bit *start*."""
    if not field.name.startswith(AT):
        return field.name
    return f"{AT}{(start + field.bit_offset) // 8}"


def _choice(type: Enum) -> Choice:
    # clang before 16 calls an enum unsigned that has negative values; every clang does where the
    # base is a typedef, and has those values as of 32 bits.
    signed = type.signed or any(one.value < 0 for one in type.enumerators)
    whole, sign = 1 << 8 * type.size, 1 << 8 * type.size - 1
    numbers: dict[str, int] = {}
    names: dict[int, str] = {}
    for enumerator in type.enumerators:
        number = enumerator.value % whole
        numbers[enumerator.name] = number - whole if signed and number >= sign else number
        names.setdefault(numbers[enumerator.name], enumerator.name)
    return Choice(type.size, signed, names, numbers)


def _is_char(type: Type) -> bool:
    bare = underlying(type)
    return isinstance(bare, Int) and bare.name == "char" and bare.size == 1
