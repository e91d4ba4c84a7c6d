"""Values of Python over bytes: members by name, read and written where they are.

A number, a bool, a string or an enumerator is a value of Python; a struct or union is a
:class:`View`, and an array an :class:`Items`, of the same bytes: what is assigned to a member
changes them. Nothing is copied but what is read at last, and any layout will do: bit-fields in
either byte order, packed and overlapping members, arrays of arrays. :mod:`bpfgen.values.access`
makes them for a type.

What is given must be the whole of a value: a number that doesn't fit is an OverflowError, a list of
another length a ValueError, what isn't of the type a TypeError, and then nothing is changed. A
struct is also given as a dict, whose missing members are zero, or as all of its bytes.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from operator import index
from typing import Any, Self, overload

from bpfgen.record import TYPE_CHECKING, Record
from bpfgen.values.wanted import bytes_of, list_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from bpfgen.ctype.types import Order
    from bpfgen.values.shapes import Group, Row, Shape

    Data = bytes | bytearray


class EnumValue(int):
    """The number of an enumerator.

    Attributes:
        name: Of the enumerator; None where none has this number.
    """

    name: str | None

    def __new__(cls, number: int, name: str | None) -> Self:
        """Return *number* with the *name* of its enumerator."""
        made = super().__new__(cls, number)
        made.name = name
        return made

    def __repr__(self) -> str:
        return str(int(self)) if self.name is None else self.name

    def __str__(self) -> str:
        return repr(self)


class Access(Record):
    """How values of one shape are read and written.

    Attributes:
        size: In bytes.
        get: Returns the value that is in some bytes from an offset on.
        put: Writes one there.
    """

    size: int
    get: Callable[[Data, int], Any]
    put: Callable[[Any, int, Any], None]


class View:
    """A struct or union: its members are attributes, and items by their names.

    `view["class"]` is for a name that Python has another meaning for, `view["keys"]` for one that
    this class has: what makes it a mapping is no member. `dict(view)` has all members,
    `bytes(view)` the bytes. Two views are equal where their bytes are, padding too, and a view and
    a dict where their members are. A view of bytes that can't change may be a key of a dict.
    """

    __slots__ = ("__at", "__data", "__group")

    def __init__(self, group: GroupAccess, data: Data, at: int) -> None:
        """Show what *group* describes in *data*, from *at* on."""
        object.__setattr__(self, "_View__group", group)
        object.__setattr__(self, "_View__data", data)
        object.__setattr__(self, "_View__at", at)

    def __getitem__(self, name: str) -> Any:
        return self.__group.members[name].get(self.__data, self.__at)

    def __setitem__(self, name: str, value: Any) -> None:
        self.__group.members[name].put(_writable(self.__data), self.__at, value)

    def __getattr__(self, name: str) -> Any:
        try:
            return self[name]
        except KeyError:
            raise AttributeError(self.__group.no_member(name)) from None

    def __setattr__(self, name: str, value: Any) -> None:
        if hasattr(View, name):
            raise AttributeError(
                f"`{name}` is no member as an attribute: view[{name!r}] may be one"
            )
        if name not in self.__group.members:
            raise AttributeError(self.__group.no_member(name))
        self[name] = value

    def __dir__(self) -> list[str]:
        return [name for name in self.__group.members if not hasattr(View, name)]

    def keys(self) -> list[str]:
        """Return the names of the members: what `dict(view)` asks for."""
        return list(self.__group.members)

    def __iter__(self) -> Iterator[tuple[str, Any]]:
        """Yield each member's name and value."""
        return ((name, self[name]) for name in self.__group.members)

    def __bytes__(self) -> bytes:
        return bytes(self.__data[self.__at : self.__at + self.__group.size])

    def __eq__(self, other: object) -> bool:
        if isinstance(other, Mapping):
            return dict(self) == other
        if not isinstance(other, View):
            return NotImplemented
        return self.__group.shape == other.__group.shape and bytes(self) == bytes(other)

    def __hash__(self) -> int:
        if not isinstance(self.__data, bytes):
            raise TypeError("a view of bytes that may change is no key of a dict")
        return hash(bytes(self))

    def __copy__(self) -> View:
        return View(self.__group, bytearray(bytes(self)), 0)

    def __deepcopy__(self, memo: object) -> View:
        return self.__copy__()

    def __repr__(self) -> str:
        return _text(self.__group.shape, self.__group.order, bytes(self))


class Items(Sequence[Any]):
    """An array: a sequence of a fixed length, whose items may be assigned."""

    __slots__ = ("_at", "_data", "_row")

    def __init__(self, row: RowAccess, data: Data, at: int) -> None:
        """Show what *row* describes in *data*, from *at* on."""
        self._row = row
        self._data = data
        self._at = at

    def __len__(self) -> int:
        return self._row.count

    @overload
    def __getitem__(self, at: int) -> Any: ...
    @overload
    def __getitem__(self, at: slice) -> list[Any]: ...
    def __getitem__(self, at: int | slice) -> Any:
        if isinstance(at, slice):
            return [self[each] for each in range(*at.indices(len(self)))]
        return self._row.element.get(self._data, self._place(at))

    def __setitem__(self, at: int, value: Any) -> None:
        self._row.element.put(_writable(self._data), self._place(at), value)

    def _place(self, at: int) -> int:
        position, count = index(at), self._row.count
        if not -count <= position < count:
            raise IndexError(f"an array of length {count} has no item {position}")
        return self._at + position % count * self._row.stride

    def __bytes__(self) -> bytes:
        return bytes(self._data[self._at : self._at + self._row.size])

    def __eq__(self, other: object) -> bool:
        if isinstance(other, (bytes, bytearray)):
            return bytes(self) == other
        if isinstance(other, list):
            return list(self) == other
        if isinstance(other, Items):
            return bytes(self) == bytes(other) and list(self) == list(other)
        return NotImplemented

    def __hash__(self) -> int:
        if not isinstance(self._data, bytes):
            raise TypeError("a view of bytes that may change is no key of a dict")
        return hash(bytes(self))

    def __repr__(self) -> str:
        return repr(list(self))


class GroupAccess:
    """How a struct or union is read and written.

    Attributes:
        shape: What it is.
        order: The byte order.
        members: By name, each with places from the start of the struct.
    """

    __slots__ = ("members", "order", "shape", "size")

    def __init__(self, shape: Group, order: Order, members: dict[str, Access]) -> None:
        self.shape = shape
        self.order = order
        self.size = shape.size
        self.members = members

    def no_member(self, name: str) -> str:
        """Return why there is no member *name*, and which there are."""
        return f"there is no member `{name}`: they are {', '.join(self.members) or 'none'}"

    def get(self, data: Data, at: int) -> View:
        """Return a view."""
        return View(self, data, at)

    def put(self, data: bytearray, at: int, value: Any) -> None:
        """Write a view of the same shape, a dict, or bytes."""
        size = self.size
        if isinstance(value, View):
            if value._View__group.shape != self.shape:  # noqa: SLF001 -- its own
                raise TypeError("this is a struct or union of another type")
            data[at : at + size] = bytes(value)
        elif isinstance(value, Mapping):
            unknown = [name for name in value if name not in self.members]
            if unknown:
                raise TypeError(self.no_member(str(unknown[0])))
            whole = bytearray(size)
            for name, member in value.items():
                self.members[name].put(whole, 0, member)
            data[at : at + size] = whole
        else:
            data[at : at + size] = bytes_of(value, size, " or a dict")


class RowAccess:
    """How an array is read and written."""

    __slots__ = ("count", "element", "size", "stride")

    def __init__(self, shape: Row, element: Access) -> None:
        self.element = element
        self.count = shape.count
        self.stride = shape.stride
        self.size = shape.size

    def get(self, data: Data, at: int) -> Items:
        """Return a view."""
        return Items(self, data, at)

    def put(self, data: bytearray, at: int, value: Any) -> None:
        """Write a sequence of the same length; bytes where the elements are."""
        if isinstance(value, (bytes, bytearray, memoryview)):
            if self.stride != 1:
                raise TypeError(f"a list of length {self.count} is wanted, not bytes")
            data[at : at + self.size] = bytes_of(value, self.size)
            return
        items = list_of(value, self.count)
        whole = bytearray(self.size)
        for number, item in enumerate(items):
            self.element.put(whole, number * self.stride, item)
        data[at : at + self.size] = whole


def _writable(data: Data) -> bytearray:
    if isinstance(data, bytes):
        raise TypeError("what was read as a key stays as it is: copy.copy() makes one to change")
    return data


def _text(shape: Shape, order: Order, data: bytes) -> str:
    from bpfgen.values.printer import Printer  # what only reads values prints none

    return Printer(shape, order, len(data)).text(data)
