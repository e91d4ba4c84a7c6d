"""The `_fields_` of a struct or union: ctypes is given each byte where C has it.

Comes after the view, before the text. ctypes is asked for no layout of its own: padding is written
out, fields follow one another without a gap, and what it has no field for (bit-fields, `__int128`,
enums, bool) is bytes or an integer that a property reads. Members that share bytes stand in unions
of their own, which ctypes calls anonymous.
"""

from __future__ import annotations

from bpfgen.emit.user_space.storage import Empty, Padding, Storage, pieces_of
from bpfgen.emit.user_space.types import (
    BOOLEAN,
    CHARACTER,
    FLOATING,
    IMPORTED,
    INTEGER,
    Alias,
    Enumeration,
    Number,
    Opaque,
    Sequence,
    Structure,
    resolved,
    size_of,
)
from bpfgen.record import TYPE_CHECKING, Record, assert_never

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import TypeAlias

    from bpfgen.emit.user_space.types import UserMember, UserType

BYTE = Number(INTEGER, 1, signed=False)

UNKNOWN = 1 << 40
"""The alignment of a type whose fields another module has: whoever holds it by value is packed."""


class Overlay(Record):
    """A nested class without a name in C: members that share bytes, or one choice of them."""

    class_name: str
    body: Body


class Field(Record):
    """One entry of `_fields_`: *offset* and *size* in bytes, from the start of the outermost."""

    name: str
    type: UserType | Overlay
    offset: int
    size: int


class Body(Record):
    """The fields of a class.

    Attributes:
        align: What ctypes aligns the class to; 1 if *packed*.
        packed: Whether ctypes would lay it out otherwise if it weren't asked for `_pack_`.
    """

    is_union: bool
    fields: tuple[Field, ...]
    align: int
    packed: bool

    def overlays(self) -> Iterator[Field]:
        """Yield the fields that are overlays."""
        return (field for field in self.fields if isinstance(field.type, Overlay))


class BitStorage(Record):
    """Where the bits of an accessor are: in the field *name*, from bit *first* on, *width* bits."""

    name: str
    first: int
    width: int


if TYPE_CHECKING:
    Place: TypeAlias = str | BitStorage | None
    """Where a member is: in a field, in bits of one, or (None) in none: it has no bytes."""


def is_bytes(number: Number) -> bool:
    """Return whether ctypes has no number like *number*, so that it is bytes."""
    return number.size not in ((4, 8) if number.kind == FLOATING else (1, 2, 4, 8))


def has_accessor(type: UserType) -> bool:
    """Return whether a member of *type* is a property over a field, and not a field."""
    bare = resolved(type)
    if isinstance(bare, Enumeration):
        return bool(bare.words)
    if isinstance(bare, Number):
        return bare.kind == BOOLEAN or (bare.kind != FLOATING and is_bytes(bare))
    return False


def is_flexible(member: UserMember, structure: Structure) -> bool:
    """Return whether *member* is an array that goes on to the end of what was read.

    So is `[0]` at the end, which is how it was written before C had a word for it.
    """
    bare = resolved(member.type)
    if not isinstance(bare, Sequence) or not size_of(bare.element):
        return False
    at_end = bare.length == 0 and structure.members[-1] is member
    return bare.flexible or at_end


def is_text(type: UserType) -> bool:
    """Return whether *type* is an array of `char`."""
    bare = resolved(type)
    if not isinstance(bare, Sequence):
        return False
    element = resolved(bare.element)
    return isinstance(element, Number) and element.kind == CHARACTER


class FieldBuilder:
    """Makes the fields of structs and unions, those that others hold before these.

    Attributes:
        places: Where each member of the last one is, by its name in C.
    """

    def __init__(self) -> None:
        self.places: dict[str, Place] = {}
        self._aligns: dict[tuple[str, ...], int] = {}
        self._names: dict[str, str] = {}
        self._free: Callable[[str], str] = str

    def body(self, structure: Structure, names: dict[str, str], free: Callable[[str], str]) -> Body:
        """Return the fields of *structure*, and remember how ctypes aligns it.

        Args:
            structure: One that this output declares.
            names: The names of its members in Python.
            free: Makes a name that nobody has of one that is wanted.
        """
        self.places = {}
        self._names = names
        self._free = free
        if structure.is_union:
            sized = tuple(m for m in structure.members if not is_flexible(m, structure))
            fields = self._choices(sized, 0, structure.size)
        else:
            fields = self._sequence(structure)
        body = self._body(fields, 0, structure.size, is_union=structure.is_union)
        self._aligns[structure.words] = body.align
        return body

    def _body(self, fields: list[Field], start: int, size: int, *, is_union: bool) -> Body:
        align = 1
        is_natural = True
        for field in fields:
            own = self._align(field.type)
            align = max(align, own)
            is_natural = is_natural and (field.offset - start) % own == 0
        if not is_natural or size % align:
            return Body(is_union, tuple(fields), 1, packed=True)
        return Body(is_union, tuple(fields), align, packed=False)

    def _align(self, type: UserType | Overlay) -> int:
        """Return what ctypes aligns its class for *type* to."""
        while True:
            match type:
                case Overlay():
                    return type.body.align
                case Number():
                    return 1 if is_bytes(type) else type.size
                case Enumeration():
                    return type.size
                case Opaque():
                    return 1
                case Structure():
                    return UNKNOWN if type.origin == IMPORTED else self._aligns[type.words]
                case Sequence():
                    type = type.element
                case Alias():
                    type = type.target
                case _:
                    assert_never(type)

    def _sequence(self, structure: Structure) -> list[Field]:
        """Return the fields of a struct."""
        fields: list[Field] = []
        pieces = pieces_of(structure, lambda _type: 1)
        end = 0
        for index, piece in enumerate(pieces):
            if isinstance(piece, Padding):
                fields.append(self._bytes(f"_pad{piece.offset}", piece.offset, piece.size))
            elif isinstance(piece, Empty):
                # One within what comes before it was taken up there.
                if piece.offset >= end and not is_flexible(piece.member, structure):
                    fields.append(self._member(piece.member))
            elif isinstance(piece, Storage):
                end = piece.offset + piece.size
                within = []
                for later in pieces[index + 1 :]:
                    if later.offset >= end:
                        break
                    assert isinstance(later, Empty)
                    if not is_flexible(later.member, structure):
                        within.append(later.member)
                if piece.is_bitfields and not within:
                    fields.append(self._bits(piece))
                else:
                    members = (*piece.members, *within)
                    fields.append(self._overlay("union", members, piece.offset, piece.size))
            else:
                fields.append(self._member(piece.member))
            end = max(end, piece.offset + piece.size)
        return fields

    def _overlay(self, kind: str, members: tuple[UserMember, ...], start: int, size: int) -> Field:
        """Return an anonymous union of *members*, or (*kind*) a struct that is one choice of it."""
        name = self._free(f"_{kind}{start}")
        class_name = self._free(f"_{kind.title()}{start}")
        if kind == "union":
            fields = self._choices(members, start, size)
        else:
            fields = self._in_a_row(members, start)
        body = self._body(fields, start, size, is_union=kind == "union")
        return Field(name, Overlay(class_name, body), start, size)

    def _choices(self, members: tuple[UserMember, ...], start: int, size: int) -> list[Field]:
        """Return the fields of a union: each of *members*, or several that stand in a row.

        Those that stand in a row were a nameless struct in C, or could have been.
        """
        rows: list[list[UserMember]] = []
        end = 0
        for member in members:
            follows_bits = bool(rows) and _is_bitfield(rows[-1][-1]) and _is_bitfield(member)
            if rows and (
                member.bit_offset >= _bit_end(rows[-1][-1])
                if follows_bits
                else member.offset >= end and member.offset > rows[-1][0].offset
            ):
                rows[-1].append(member)
            else:
                rows.append([member])
                end = 0
            end = max(end, member.end)
        fields: list[Field] = []
        for row in rows:
            stop = max(member.end for member in row)
            if row[0].offset == start and all(map(_is_bitfield, row)):
                fields.append(self._bits(Storage(start, stop - start, tuple(row))))
            elif row[0].offset == start and len(row) == 1:
                fields.append(self._member(row[0]))
            else:
                fields.append(self._overlay("struct", tuple(row), start, stop - start))
        if all(field.size < size for field in fields):
            fields.append(self._bytes(f"_bytes{start}", start, size))
        return fields

    def _in_a_row(self, members: tuple[UserMember, ...], start: int) -> list[Field]:
        """Return the fields of a struct of *members*, which don't overlap and rise."""
        fields: list[Field] = []
        end = start
        index = 0
        while index < len(members):
            member = members[index]
            if member.offset > end:
                fields.append(self._bytes(f"_pad{end}", end, member.offset - end))
            if not _is_bitfield(member):
                fields.append(self._member(member))
                end = member.end
                index += 1
                continue
            run = [member]
            stop = member.end
            index += 1
            while (
                index < len(members)
                and _is_bitfield(members[index])
                and (members[index].offset <= stop)
            ):
                run.append(members[index])
                stop = members[index].end
                index += 1
            fields.append(self._bits(Storage(member.offset, stop - member.offset, tuple(run))))
            end = stop
        return fields

    def _bytes(self, name: str, offset: int, size: int) -> Field:
        return Field(self._free(name), Sequence(BYTE, size), offset, size)

    def _bits(self, storage: Storage) -> Field:
        """Return the bytes that hold the bit-fields of *storage*."""
        field = self._bytes(f"_bits{storage.offset}", storage.offset, storage.size)
        for member in storage.members:
            assert member.bit_width is not None
            first = member.bit_offset - 8 * storage.offset
            self.places[member.name] = BitStorage(field.name, first, member.bit_width)
        return field

    def _member(self, member: UserMember) -> Field:
        """Return the field of a member that isn't a bit-field."""
        name = self._names[member.name]
        size = size_of(member.type)
        type: UserType = member.type
        if not has_accessor(type):
            self.places[member.name] = name
            return Field(name, type, member.offset, size)
        name = self._free(f"_{name.lstrip('_')}")
        bare = resolved(type)
        if isinstance(bare, Number) and is_bytes(bare):
            self.places[member.name] = BitStorage(name, 0, 8 * size)
            type = Sequence(BYTE, size)
        else:
            self.places[member.name] = name
            assert isinstance(bare, (Number, Enumeration))
            type = Number(INTEGER, size, bare.signed)
        return Field(name, type, member.offset, size)


def _is_bitfield(member: UserMember) -> bool:
    return member.bit_width is not None


def _bit_end(member: UserMember) -> int:
    return member.bit_offset + (member.bit_width or 0)
