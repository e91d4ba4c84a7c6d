"""Many values at once: bytes → columns of numbers → lines.

A shape is flattened into a `%` template and the leaves in it, each with its place in the bytes.
:mod:`struct` reads all values of a batch, what needs more than reading is converted column by
column, and the template makes a text of each row; what takes time is done by C for whole columns.
A struct of struct reads what doesn't overlap: members of unions, bit-fields that share a byte, and
numbers of another byte order are read in passes of their own.

A long array is a single leaf, whose text is rendered in the same way.
"""

from __future__ import annotations

import struct
from functools import partial
from heapq import heappop, heappush
from itertools import repeat

from bpfgen.record import TYPE_CHECKING, Record, assert_never
from bpfgen.values.bits import bit_field
from bpfgen.values.shapes import (
    ORDER_CODES,
    REAL_CODES,
    Address,
    Choice,
    Group,
    Number,
    Opaque,
    Pieces,
    Raw,
    Real,
    Row,
    Text,
    Truth,
)
from bpfgen.values.styles import Form, literal

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from typing import Any

    from bpfgen.ctype.types import Order
    from bpfgen.values.shapes import Shape
    from bpfgen.values.styles import Style

    Bytes = bytes | bytearray | memoryview

_UNSIGNED = {1: "B", 2: "H", 4: "I", 8: "Q"}

_INLINE = 64
"""An array of so many pieces, at most, has a place in the template for each."""

_CELLS = 1 << 12
"""So many numbers are in memory at once, more or less."""

_AS_IT_IS = Form(None, "%d")


class Leaf(Record):
    """A part of a text that comes from bytes.

    Attributes:
        offset: In bytes.
        code: How :mod:`struct` reads it.
        order: `<` or `>`.
        convert: Makes what the template takes of what was read; None where that is the same.
        add: Makes it of what was read in several values; None where that can't be added.
    """

    offset: int
    code: str
    order: str
    convert: Callable[[Any], object] | None
    add: Callable[[Sequence[Any]], object] | None = None


class Pass(Record):
    """Leaves that one struct of :mod:`struct` reads: *indices* are theirs, *length* their bytes."""

    format: str
    indices: tuple[int, ...]
    length: int


class Table:
    """A template and its leaves.

    Attributes:
        template: For `%`.
        leaves: In the order of the template.
    """

    __slots__ = ("_passes", "_structs", "leaves", "template")

    def __init__(self, template: str, leaves: tuple[Leaf, ...]) -> None:
        self.template = template
        self.leaves = leaves
        self._passes = _passes(leaves)
        self._structs: dict[tuple[int, int], struct.Struct] = {}

    def _struct(self, index: int, stride: int) -> struct.Struct:
        made = self._structs.get((index, stride))
        if made is None:
            one = self._passes[index]
            made = struct.Struct(f"{one.format}{stride - one.length}x")
            self._structs[index, stride] = made
        return made

    def raw_columns(self, data: memoryview, stride: int) -> list[Iterable[Any]]:
        """Return what was read for each leaf: one item for every *stride* bytes of *data*."""
        columns: list[Iterable[Any]] = [()] * len(self.leaves)
        for number, one in enumerate(self._passes):
            read = zip(*self._struct(number, stride).iter_unpack(data), strict=True)
            for index, column in zip(one.indices, read, strict=True):
                columns[index] = column
        return columns

    def columns(self, data: memoryview, stride: int) -> list[Iterable[Any]]:
        """Return what the template takes: one item for every *stride* bytes of *data*."""
        return [
            column if leaf.convert is None else map(leaf.convert, column)
            for leaf, column in zip(self.leaves, self.raw_columns(data, stride), strict=True)
        ]

    def rows(self, data: Bytes, count: int, stride: int) -> Iterator[str]:
        """Yield the texts of *count* values that are *stride* bytes apart."""
        if not self.leaves:
            yield from repeat(self.template % (), count)
            return
        view = memoryview(data)
        for start, end in chunks(count, len(self.leaves)):
            columns = self.columns(view[start * stride : end * stride], stride)
            yield from map(self.template.__mod__, zip(*columns, strict=True))

    def added(self, data: Bytes, count: int, stride: int) -> str:
        """Return the text of the sum of *count* values that are *stride* bytes apart."""
        columns = self.raw_columns(memoryview(data)[: count * stride], stride)
        return self.template % tuple(
            leaf.add(tuple(column)) if leaf.add is not None else None
            for leaf, column in zip(self.leaves, columns, strict=True)
        )


def chunks(count: int, columns: int) -> Iterator[tuple[int, int]]:
    """Yield from where to where *count* rows of so many *columns* are rendered in one go."""
    at_once = max(1, _CELLS // max(columns, 1))
    for start in range(0, count, at_once):
        yield start, min(count, start + at_once)


def _passes(leaves: Sequence[Leaf]) -> tuple[Pass, ...]:
    """Return the passes that read *leaves*: as few as there are that overlap, for each order."""
    ends: dict[str, list[tuple[int, int]]] = {}
    members: list[list[int]] = []
    for index in sorted(range(len(leaves)), key=lambda index: leaves[index].offset):
        leaf = leaves[index]
        free = ends.setdefault(leaf.order, [])
        if free and free[0][0] <= leaf.offset:
            number = heappop(free)[1]
        else:
            number = len(members)
            members.append([])
        members[number].append(index)
        heappush(free, (leaf.offset + struct.calcsize(f"<{leaf.code}"), number))
    made = []
    for indices in members:
        at, codes = 0, [leaves[indices[0]].order]
        for index in indices:
            leaf = leaves[index]
            codes.append(f"{leaf.offset - at}x{leaf.code}")
            at = leaf.offset + struct.calcsize(f"<{leaf.code}")
        made.append(Pass("".join(codes), tuple(indices), at))
    return tuple(made)


def table_of(shape: Shape, style: Style, byteorder: Order, *, adding: bool = False) -> Table:
    """Return the table that renders values of *shape*.

    Args:
        shape: What a value is.
        style: How it looks.
        byteorder: `little` or `big`.
        adding: Whether it is for sums: then what can't be added is literal text.
    """
    building = _Building(style, byteorder, adding=adding)
    building.add(shape, 0)
    return Table("".join(building.template), tuple(building.leaves))


class _Building:
    def __init__(self, style: Style, byteorder: Order, *, adding: bool) -> None:
        self.style = style
        self.byteorder = byteorder
        self.adding = adding
        self.template: list[str] = []
        self.leaves: list[Leaf] = []
        self._pieces = Pieces()

    def add(self, shape: Shape, at: int) -> None:
        """Append a value of *shape* at *at*, in bytes."""
        style = self.style
        match shape:
            case Number():
                self._number(shape, at)
            case Truth():
                self._integer(at, shape.size, style.truth)
            case Choice():
                self._integer(at, shape.size, style.choice(shape), signed=shape.signed)
            case Address():
                self._integer(at, shape.size, style.address)
            case Real():
                convert = style.real.convert or float
                add = lambda column: convert(sum(column))  # noqa: E731 -- of this one
                self._leaf(at, REAL_CODES[shape.size], style.real, add=add)
            case Text():
                self._leaf(at, f"{shape.size}s", style.text)
            case Raw():
                self._leaf(at, f"{shape.size}s", style.raw)
            case Opaque():
                self.template.append(literal(style.opaque))
            case Row():
                self._row(shape, at)
            case Group():
                self._group(shape, at)
            case _:
                assert_never(shape)

    def _leaf(
        self,
        at: int,
        code: str,
        form: Form,
        *,
        add: Callable[[Sequence[Any]], object] | None = None,
        order: Order | None = None,
    ) -> None:
        if self.adding and add is None:
            self.template.append(literal(self.style.unadded))
            return
        if code == "0s":  # nothing is read
            read = b"" if form.convert is None else form.convert(b"")
            self.template.append(literal(form.format % read))
            return
        self.template.append(form.format)
        self.leaves.append(Leaf(at, code, ORDER_CODES[order or self.byteorder], form.convert, add))

    def _number(self, shape: Number, at: int) -> None:
        self._integer(
            at, shape.size, _AS_IT_IS, signed=shape.signed, order=shape.order, is_number=True
        )

    def _integer(
        self,
        at: int,
        size: int,
        form: Form,
        *,
        signed: bool = False,
        order: Order | None = None,
        is_number: bool = False,
    ) -> None:
        """Append what is an integer in the bytes, as *form* says."""
        code = _UNSIGNED.get(size)
        if code is not None:
            code = code.lower() if signed else code
            add = sum if is_number else None
            self._leaf(at, code, form, add=add, order=order)
            return
        read = partial(int.from_bytes, byteorder=order or self.byteorder, signed=signed)
        self._leaf(
            at,
            f"{size}s",
            _after(read, form),
            add=(lambda column: sum(map(read, column))) if is_number else None,
        )

    def _bits(self, shape: Shape, bit_offset: int, width: int) -> None:
        """Append a bit-field."""
        style, signed, is_number = self.style, False, False
        match shape:
            case Number():
                form, signed, is_number = _AS_IT_IS, shape.signed, True
            case Truth():
                form = style.truth
            case Choice():
                form, signed = style.choice(shape), shape.signed
            case _:  # no C: a damaged table of types
                form, is_number = _AS_IT_IS, True
        field = bit_field(bit_offset, width, signed=signed, order=self.byteorder)
        code = _UNSIGNED.get(field.size)
        read: Callable[[Any], int] = field.reader()
        if code is None:
            code = f"{field.size}s"
            read = _composed(partial(int.from_bytes, byteorder=self.byteorder), read)
        add = (lambda column: sum(map(read, column))) if is_number else None
        self._leaf(field.offset, code, _after(read, form), add=add)

    def _row(self, shape: Row, at: int) -> None:
        style = self.style
        if not shape.count:
            self.template.append(literal(style.empty_row))
            return
        element = shape.element
        if shape.count * self._pieces.of(element) <= _INLINE:
            for index in range(shape.count):
                self.template.append(", " if index else literal(style.row_opening))
                self.add(element, at + index * shape.stride)
            self.template.append(literal(style.row_closing))
            return
        code = f"{shape.size}s"
        if isinstance(element, Number) and element.size in _UNSIGNED:
            numbers = _Numbers(element, style, element.order or self.byteorder)
            self._leaf(at, code, Form(numbers.text, "%s"), add=numbers.added)
            return
        table = table_of(element, style, self.byteorder, adding=self.adding)
        row = _Row(table, style, shape)
        self._leaf(at, code, Form(row.text, "%s"), add=row.added)

    def _group(self, shape: Group, at: int) -> None:
        style = self.style
        if not shape.fields:
            self.template.append(literal(style.empty))
            return
        self.template.append(literal(style.opening))
        for index, field in enumerate(shape.fields):
            self.template.append(", " if index else "")
            self.template.append(literal(style.name(field.name)))
            if field.width:
                self._bits(field.shape, 8 * at + field.bit_offset, field.width)
            else:
                self.add(field.shape, at + field.bit_offset // 8)
        self.template.append(literal(style.closing))


class _Row:
    """A long array, whose elements have a table of their own."""

    def __init__(self, table: Table, style: Style, shape: Row) -> None:
        self.table = table
        self.style = style
        self.shape = shape

    def text(self, data: bytes) -> str:
        """Return the text of the array."""
        return self.style.row(self.table.rows(data, self.shape.count, self.shape.stride))

    def added(self, column: Sequence[bytes]) -> str:
        """Return the text of the sum of several arrays."""
        stride = self.shape.stride
        return self.style.row(
            self.table.added(
                b"".join(data[at : at + stride] for data in column), len(column), stride
            )
            for at in range(0, self.shape.size, stride)
        )


class _Numbers:
    """A long array of integers."""

    def __init__(self, element: Number, style: Style, order: Order) -> None:
        code = _UNSIGNED[element.size]
        self._code = code.lower() if element.signed else code
        self._order = ORDER_CODES[order]
        self._size = element.size
        self._style = style

    def text(self, data: bytes) -> str:
        """Return the text of the array."""
        at_once = _CELLS * self._size
        return self._style.row(
            _listed(self._numbers(data[at : at + at_once])) for at in range(0, len(data), at_once)
        )

    def added(self, column: Sequence[bytes]) -> str:
        """Return the text of the sum of several arrays."""
        return self._style.row(map(str, map(sum, zip(*map(self._numbers, column), strict=True))))

    def _numbers(self, data: bytes) -> tuple[int, ...]:
        return struct.unpack(f"{self._order}{len(data) // self._size}{self._code}", data)


def _listed(numbers: tuple[int, ...]) -> str:
    """Return *numbers*, at least one, with commas between them."""
    return str(numbers)[1:-1] if len(numbers) > 1 else str(numbers[0])


def _composed(first: Callable[[Any], Any], second: Callable[[Any], Any]) -> Callable[[Any], Any]:
    return lambda value: second(first(value))


def _after(read: Callable[[Any], Any], form: Form) -> Form:
    """Return *form* of what *read* makes of what was read."""
    if form.convert is None:
        return Form(read, form.format)
    return Form(_composed(read, form.convert), form.format)
