"""How the bytes of a struct or union are divided: members, shared storage, padding.

Comes after the view. A language says at which alignment it has a type by itself; what it can't have
at its place is storage of bytes, read and written through accessors.
"""

from __future__ import annotations

from bpfgen.emit.user_space.types import size_of
from bpfgen.record import TYPE_CHECKING, Record

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import TypeAlias

    from bpfgen.emit.user_space.types import Structure, UserMember, UserType


class Direct(Record):
    """A member that stands at its place as it is."""

    member: UserMember

    @property
    def offset(self) -> int:
        """In bytes from the start of the struct."""
        return self.member.offset

    @property
    def size(self) -> int:
        """In bytes."""
        return size_of(self.member.type)


class Storage(Record):
    """Bytes that one or more members share, in the order of the source.

    Attributes:
        offset: In bytes from the start of the struct.
        size: In bytes, at least 1.
    """

    offset: int
    size: int
    members: tuple[UserMember, ...]

    @property
    def is_bitfields(self) -> bool:
        """Whether there is nothing in it but bit-fields."""
        return all(member.bit_width is not None for member in self.members)


class Padding(Record):
    """Bytes that no member has: *offset* and *size* in bytes."""

    offset: int
    size: int


class Empty(Record):
    """A member without bytes: an empty struct, an array of none, a flexible array."""

    member: UserMember

    @property
    def offset(self) -> int:
        """In bytes from the start of the struct."""
        return self.member.offset

    @property
    def size(self) -> int:
        """None at all."""
        return 0


if TYPE_CHECKING:
    Piece: TypeAlias = Direct | Storage | Padding | Empty


def pieces_of(
    structure: Structure, native_align: Callable[[UserType], int | None]
) -> tuple[Piece, ...]:
    """Return what *structure* consists of, by rising offset, without a gap or an overlap.

    An :class:`Empty` member may lie within what comes before it, where members share bytes.

    Args:
        structure: One whose members are known.
        native_align: The bytes to which the language aligns a type of its own for this one, at
            least 1; None where it has none, so that it is always storage.
    """
    pieces: list[Piece] = []
    end = 0
    for group in _groups(structure):
        if group.offset > end:
            pieces.append(Padding(end, group.offset - end))
            end = group.offset
        if group.size == 0:
            pieces.append(Empty(group.members[0]))
            continue
        pieces.append(_direct(structure, group, native_align) or group)
        end = group.offset + group.size
    if structure.size > end:
        pieces.append(Padding(end, structure.size - end))
    return tuple(pieces)


def _direct(
    structure: Structure, group: Storage, native_align: Callable[[UserType], int | None]
) -> Direct | None:
    """Return the only member of *group*, if the language can have it where it is."""
    if len(group.members) > 1 or group.members[0].bit_width is not None:
        return None
    member = group.members[0]
    align = native_align(member.type)
    if align is None or align > structure.align or member.offset % align:
        return None
    return Direct(member)


def _groups(structure: Structure) -> list[Storage]:
    """Return the members of *structure* that share bytes together, by rising offset.

    Bit-fields that follow one another are together, too, as long as no byte is between them. What
    has no bytes is alone. Within a union all that has bytes is one group, of the whole size.
    """
    sized = [member for member in structure.members if member.end > member.offset]
    empty = [member for member in structure.members if member.end == member.offset]
    groups = [Storage(member.offset, 0, (member,)) for member in empty]
    if structure.is_union and len(sized) > 1:
        groups.append(Storage(0, structure.size, tuple(sized)))
    else:
        groups += _sharing(structure, sized)
    # What has no bytes comes before what begins at the same place.
    return sorted(groups, key=lambda group: (group.offset, group.size > 0))


def _sharing(structure: Structure, sized: list[UserMember]) -> list[Storage]:
    """Return the members *sized*, which have bytes, in groups that share none."""
    order = {id(member): index for index, member in enumerate(structure.members)}
    groups: list[Storage] = []
    shared: list[UserMember] = []
    start = end = 0
    for member in sorted(sized, key=lambda m: (m.bit_offset, m.end)):
        touches = bool(shared) and (
            member.offset < end
            or (member.offset == end and _is_bitfield(member) and _is_bitfield(shared[-1]))
        )
        if shared and not touches:
            groups.append(_storage(start, end, shared, order))
            shared = []
        if not shared:
            start = end = member.offset
        shared.append(member)
        end = max(end, member.end)
    if shared:
        groups.append(_storage(start, end, shared, order))
    return groups


def _storage(start: int, end: int, members: list[UserMember], order: dict[int, int]) -> Storage:
    in_order = sorted(members, key=lambda member: order[id(member)])
    return Storage(start, end - start, tuple(in_order))


def _is_bitfield(member: UserMember) -> bool:
    return member.bit_width is not None


def bit_shifts(member: UserMember) -> tuple[int, int]:
    """Return by how many bits a bit-field is shifted in the bytes that have something of it.

    Those bytes, from `member.offset` to `member.end`, are read as one integer, of up to 9 bytes (17
    for `__int128`). The first number is for a little-endian integer on a little-endian machine, the
    second for a big-endian one on a big-endian machine: what C compilers do there.
    """
    assert member.bit_width is not None
    first = member.bit_offset - 8 * member.offset
    return first, 8 * (member.end - member.offset) - first - member.bit_width
