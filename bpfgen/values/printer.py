"""What others ask of this room: values of a type as JSON and as text, one or many."""

from __future__ import annotations

from bpfgen.record import TYPE_CHECKING
from bpfgen.values.columns import chunks, table_of
from bpfgen.values.shapes import shape_of
from bpfgen.values.styles import JSON, TEXT

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import TypeAlias

    from bpfgen.ctype.types import Order, Type
    from bpfgen.values.columns import Bytes, Table
    from bpfgen.values.shapes import Shape

    Lines: TypeAlias = Callable[[Bytes, Bytes, int, int, int], str]


class Printer:
    """How values of one type look.

    Attributes:
        size: Of a value, in bytes.
        shape: What it is.
    """

    __slots__ = ("_byteorder", "_tables", "shape", "size")

    def __init__(self, shape: Shape, byteorder: Order, size: int) -> None:
        self.shape = shape
        self.size = size
        self._byteorder = byteorder
        self._tables: dict[tuple[bool, bool], Table] = {}

    def json(self, data: Bytes) -> str:
        """Return the JSON text of the value in *data*, on one line; what is longer is cut.

        Raises:
            ValueError: It is shorter than a value.
        """
        return next(self.jsons(self._whole(data), 1, self.size))

    def text(self, data: Bytes) -> str:
        """Return the value in *data* for people, on one line; see :meth:`json`."""
        return next(self.texts(self._whole(data), 1, self.size))

    def jsons(self, data: Bytes, count: int, stride: int) -> Iterator[str]:
        """Yield the JSON texts of *count* values in *data*, which are *stride* bytes apart."""
        return self.table(is_json=True).rows(data, count, stride)

    def texts(self, data: Bytes, count: int, stride: int) -> Iterator[str]:
        """Yield the texts for people of *count* values that are *stride* bytes apart."""
        return self.table(is_json=False).rows(data, count, stride)

    def json_sum(self, data: Bytes, count: int, stride: int) -> str:
        """Return the JSON text of the sum of *count* values that are *stride* bytes apart.

        Numbers are added, member by member, and don't wrap; what is no number is null.
        """
        return self.table(is_json=True, adding=True).added(data, count, stride)

    def text_sum(self, data: Bytes, count: int, stride: int) -> str:
        """Return the same for people; what is no number is `-`."""
        return self.table(is_json=False, adding=True).added(data, count, stride)

    def table(self, *, is_json: bool, adding: bool = False) -> Table:
        """Return what renders many values."""
        table = self._tables.get((is_json, adding))
        if table is None:
            style = JSON if is_json else TEXT
            table = table_of(self.shape, style, self._byteorder, adding=adding)
            self._tables[is_json, adding] = table
        return table

    def _whole(self, data: Bytes) -> memoryview:
        view = memoryview(data)
        if len(view) < self.size:
            raise ValueError(f"a value has {self.size} bytes, and these are {len(view)}")
        return view[: self.size]


def printer_of(type: Type | None, byteorder: Order, size: int) -> Printer:
    """Return the printer for values of *type* that have *size* bytes in a map.

    What has no type, or one that doesn't fit *size*, is printed as bytes.

    Args:
        type: Of keys, values or records.
        byteorder: `little` or `big`: that of the machine with the map.
        size: In bytes; a flexible array at the end of the type has what is left.
    """
    return Printer(shape_of(type, size), byteorder, size)


def lines_of(key: Printer, value: Printer) -> Lines:
    r"""Return a function that renders a batch of elements as JSON lines.

    It takes keys, values, their number, and from one to the next the bytes of keys and of values,
    and returns `{"key": …, "value": …}\n` for each.
    """
    keys, values = key.table(is_json=True), value.table(is_json=True)
    template = f'{{"key": {keys.template}, "value": {values.template}}}\n'
    width = len(keys.leaves) + len(values.leaves)

    def lines(key_data: Bytes, value_data: Bytes, count: int, key_size: int, stride: int) -> str:
        if not width:
            return template % () * count
        key_view, value_view = memoryview(key_data), memoryview(value_data)
        texts: list[str] = []
        for start, end in chunks(count, width):
            columns = keys.columns(key_view[start * key_size : end * key_size], key_size)
            columns += values.columns(value_view[start * stride : end * stride], stride)
            texts += map(template.__mod__, zip(*columns, strict=True))
        return "".join(texts)

    return lines
