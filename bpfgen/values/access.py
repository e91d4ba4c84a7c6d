"""How values of a type are read and written as values of Python: see :mod:`bpfgen.values.views`."""

from __future__ import annotations

import struct

from bpfgen.record import TYPE_CHECKING, assert_never
from bpfgen.values.bits import bit_field
from bpfgen.values.shapes import (
    ORDER_CODES,
    REAL_CODES,
    Address,
    Choice,
    Group,
    Number,
    Opaque,
    Raw,
    Real,
    Row,
    Text,
    Truth,
)
from bpfgen.values.views import Access, EnumValue, GroupAccess, RowAccess
from bpfgen.values.wanted import a, bytes_of, int_of

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from bpfgen.ctype.types import Order
    from bpfgen.values.shapes import Field, Shape
    from bpfgen.values.views import Data


def access_of(shape: Shape, order: Order) -> Access:
    """Return how values of *shape* are read and written, where bytes are in *order*."""
    return _Accesses(order).of(shape)


class _Accesses:
    """The accesses of the shapes in one; those that are held twice are made once."""

    def __init__(self, order: Order) -> None:
        self._order = order
        self._known: dict[int, Access] = {}

    def of(self, shape: Shape) -> Access:
        """Return the access of *shape*."""
        found = self._known.get(id(shape))
        if found is None:
            found = self._known[id(shape)] = self._made(shape)
        return found

    def _made(self, shape: Shape) -> Access:
        match shape:
            case Number():
                order = shape.order or self._order
                return _integer(shape.size, order, int, int_of, signed=shape.signed)
            case Truth():
                return _integer(shape.size, self._order, bool, _truth)
            case Choice():
                return _integer(
                    shape.size,
                    self._order,
                    _enum_reader(shape),
                    _enum_writer(shape),
                    signed=shape.signed,
                )
            case Address():
                return _integer(shape.size, self._order, int, int_of)
            case Real():
                return _real(shape, self._order)
            case Text():
                return _text_access(shape)
            case Raw():
                return _raw(shape)
            case Opaque():
                return Access(shape.size, _hidden, _refused)
            case Row():
                row = RowAccess(shape, self.of(shape.element))
                return Access(row.size, row.get, row.put)
            case Group():
                members = {field.name: self._member(field) for field in shape.fields}
                group = GroupAccess(shape, self._order, members)
                return Access(group.size, group.get, group.put)
            case _:
                assert_never(shape)

    def _member(self, field: Field) -> Access:
        """Return the access of a member, by places from the start of its struct."""
        if field.width:
            return _bits(field, self._order)
        inner, offset = self.of(field.shape), field.bit_offset // 8
        if not offset:
            return inner
        get, put = inner.get, inner.put
        return Access(
            inner.size,
            lambda data, at: get(data, at + offset),
            lambda data, at, value: put(data, at + offset, value),
        )


def _integer(
    size: int,
    order: Order,
    read: Callable[[int], Any],
    written: Callable[[Any], int],
    *,
    signed: bool = False,
) -> Access:
    """Return the access of an integer that *read* makes a value of, and *written* makes of one."""

    def get(data: Data, at: int) -> Any:
        return read(int.from_bytes(data[at : at + size], order, signed=signed))

    def put(data: bytearray, at: int, value: Any) -> None:
        number = written(value)
        try:
            data[at : at + size] = number.to_bytes(size, order, signed=signed)
        except OverflowError:
            raise _too_large(number, 8 * size, signed=signed) from None

    return Access(size, get, put)


def _bits(field: Field, order: Order) -> Access:
    """Return the access of a bit-field; what else is in its bytes stays."""
    shape = field.shape
    read: Callable[[int], Any] = int
    written: Callable[[Any], int] = int_of
    signed = False
    if isinstance(shape, Number):
        signed = shape.signed
    elif isinstance(shape, Truth):
        read, written = bool, _truth
    elif isinstance(shape, Choice):
        read, written, signed = _enum_reader(shape), _enum_writer(shape), shape.signed
    place = bit_field(field.bit_offset, field.width, signed=signed, order=order)
    offset, size, width, shift = place.offset, place.size, place.width, place.shift
    mask = (1 << width) - 1 << shift
    least = -(1 << width - 1) if signed else 0
    value_of = place.reader()

    def get(data: Data, at: int) -> Any:
        at += offset
        return read(value_of(int.from_bytes(data[at : at + size], order)))

    def put(data: bytearray, at: int, value: Any) -> None:
        number = written(value)
        if not least <= number < least + (1 << width):
            raise _too_large(number, width, signed=signed)
        at += offset
        around = int.from_bytes(data[at : at + size], order) & ~mask
        data[at : at + size] = (around | number << shift & mask).to_bytes(size, order)

    return Access(size, get, put)


def _real(shape: Real, order: Order) -> Access:
    packed = struct.Struct(f"{ORDER_CODES[order]}{REAL_CODES[shape.size]}")

    def get(data: Data, at: int) -> float:
        number: float = packed.unpack_from(data, at)[0]
        return number

    def put(data: bytearray, at: int, value: Any) -> None:
        try:
            packed.pack_into(data, at, value)
        except struct.error:
            raise TypeError(f"a float is wanted, not {a(value)}") from None

    return Access(shape.size, get, put)


def _text_access(shape: Text) -> Access:
    size = shape.size

    def get(data: Data, at: int) -> bytes:
        return bytes(data[at : at + size]).partition(b"\0")[0]

    def put(data: bytearray, at: int, value: Any) -> None:
        text = value.encode() if isinstance(value, str) else value
        if not isinstance(text, (bytes, bytearray, memoryview)):
            raise TypeError(f"bytes or a str are wanted, not {a(value)}")
        if len(text) > size:
            raise ValueError(f"a `char[{size}]` has no room for {len(text)} bytes")
        data[at : at + size] = bytes(text).ljust(size, b"\0")

    return Access(size, get, put)


def _raw(shape: Raw) -> Access:
    size = shape.size

    def get(data: Data, at: int) -> bytes:
        return bytes(data[at : at + size])

    def put(data: bytearray, at: int, value: Any) -> None:
        data[at : at + size] = bytes_of(value, size)

    return Access(size, get, put)


def _hidden(_data: Data, _at: int) -> None:
    """Return what is seen of what the kernel keeps to itself."""


def _refused(_data: bytearray, _at: int, value: Any) -> None:
    if value is not None:
        raise TypeError("the kernel keeps this member to itself: it can't be written")


def _enum_reader(shape: Choice) -> Callable[[int], EnumValue]:
    name_of = shape.names.get
    return lambda number: EnumValue(number, name_of(number))


def _enum_writer(shape: Choice) -> Callable[[Any], int]:
    numbers = shape.numbers

    def written(value: Any) -> int:
        if not isinstance(value, str):
            return int_of(value)
        if value not in numbers:
            raise ValueError(f"there is no enumerator `{value}`: they are {', '.join(numbers)}")
        return numbers[value]

    return written


def _truth(value: Any) -> int:
    number = int_of(value)
    if number not in {0, 1}:
        raise ValueError(f"a bool is wanted, not {number}")
    return number


def _too_large(number: int, bits: int, *, signed: bool) -> OverflowError:
    sign = "a sign" if signed else "no sign"
    return OverflowError(f"{number} doesn't fit in {bits} bits that have {sign}")
