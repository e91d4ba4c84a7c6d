"""Where two types differ for libbpf's linker: innermost, and of each cause once.

Between :mod:`bpfgen.changes.linked_types`, which says whether they do, and
:mod:`bpfgen.changes.link`, which makes findings of it.
"""

from __future__ import annotations

from bpfgen.changes.linked_types import btf_place, visible_members
from bpfgen.ctype.describe import called_member, counted, described
from bpfgen.ctype.difference import part_of
from bpfgen.ctype.identity import tag_of
from bpfgen.ctype.sizes import sizeof
from bpfgen.ctype.types import Array, Composite, Enum
from bpfgen.record import TYPE_CHECKING, Record
from bpfgen.text.diagnostics import Subject
from bpfgen.text.spelling import expected_list

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import TypeAlias

    from bpfgen.changes.linked_types import LinkedTypes
    from bpfgen.ctype.types import Member, Type
    from bpfgen.record import Uncompared
    from bpfgen.text.source import Span

    Both: TypeAlias = tuple[Member, Member]
    Name: TypeAlias = tuple[str, str]


class Place(Record):
    """What a type is of, on both sides.

    Attributes:
        words: "the key of map `flows`", "member `bytes` of `struct flow`".
        subject: The same by name.
        old: Where it stands in OLD.
        new: Where it stands in NEW.
        is_inside: It is inside a type with a name, and so the same for all that use that.
    """

    words: str
    subject: Subject
    old: Uncompared[Span | None] = None
    new: Uncompared[Span | None] = None
    is_inside: bool = False


class Difference(Record):
    """One thing in which two types differ.

    Attributes:
        message: Both sides, as a sentence.
        old: What OLD has, in a few words.
        new: What NEW has, in a few words.
        place: Where.
    """

    message: str
    old: str
    new: str
    place: Place


class _Level(Record):
    """Two structs or unions, or enums, that are one for all that it is called.

    Attributes:
        words: What it is called: "`struct flow`".
        subject: The same by name.
        is_inside: As that of :class:`Place`.
    """

    words: str
    subject: Subject
    is_inside: bool


def differences(types: LinkedTypes, old: Type, new: Type, place: Place) -> Iterator[Difference]:
    """Yield where *old* and *new* differ for the linker, in the order of OLD."""
    pending = [(old, new, place)]
    seen: set[tuple[int, int]] = set()
    while pending:
        old, new, place = pending.pop()
        if types.agree(old, new):
            continue
        own, other, typedef = _opened(types, old, new)
        if isinstance(own, Enum) and isinstance(other, Enum) and own.tag == other.tag:
            level = _level(own, typedef, place)
            sizes = counted(own.size, "byte"), counted(other.size, "byte")
            message = f"{level.words} has {sizes[1]} now and had {sizes[0]}"
            where = Place(level.words, level.subject, own.span, other.span, level.is_inside)
            yield Difference(message, *sizes, where)
        elif isinstance(own, Composite) and isinstance(other, Composite):
            if own.kind != other.kind or not _are_one(types, own, other):
                yield _other_type(old, new, place)
                continue
            if own.tag != other.tag:
                yield _renamed(tag_of(own), tag_of(other), own.span, other.span)
            if (id(own), id(other)) not in seen:
                seen.add((id(own), id(other)))
                members = _Members(types, own, other, _level(own, typedef, place))
                yield from members.differences()
                pending += members.pairs()[::-1]
        else:
            renames = types.renames(old, new)
            yield from (_renamed(*names, None, None) for names in renames)
            if not renames:
                yield _other_type(old, new, place)


def growth(types: LinkedTypes, old: Type, new: Type, place: Place) -> Difference:
    """Return why *old* and *new* have other sizes though the linker takes them for the same.

    It skips lengths of arrays, and what aligns the end of a struct.
    """
    while True:
        own, other, typedef = _opened(types, old, new)
        sizes = _bytes(old), _bytes(new)
        if not (isinstance(own, Composite) and isinstance(other, Composite)):
            break
        if own.size == other.size:
            break  # there are more of them, or fewer
        level = _level(own, typedef, place)
        place = Place(level.words, level.subject, own.span, other.span, level.is_inside)
        grown = [both for both in _in_order(own, other) if _sizes_differ(*both)]
        if not grown:
            sizes = _bytes(own), _bytes(other)
            break
        old, new = grown[-1][0].type, grown[-1][1].type
        place = _member_place(level, *grown[-1])
    return Difference(f"{place.words} has {sizes[1]} now and had {sizes[0]}", *sizes, place)


class _Members:
    """The members of two structs or unions that don't agree."""

    def __init__(self, types: LinkedTypes, old: Composite, new: Composite, level: _Level) -> None:
        self._types, self._level = types, level
        own, other = visible_members(old), visible_members(new)
        self._spans = old.span, new.span
        self._same = _same_names(own, other)
        paired = {id(member) for pair in self._same for member in pair}
        left, right = ([m for m in members if id(m) not in paired] for members in (own, other))
        self._renamed = self._renames(left, right)
        paired = {id(member) for pair in self._renamed for member in pair}
        self._gone = [m for m in left if id(m) not in paired]
        self._added = [m for m in right if id(m) not in paired]
        order = {id(member): index for index, member in enumerate(other)}
        places = [order[id(pair[1])] for pair in self._same]
        self._is_reordered = places != sorted(places)

    def _renames(self, left: list[Member], right: list[Member]) -> list[Both]:
        """Return which of *left* have another name in *right*: the same type at the same place."""
        places = {btf_place(member): member for member in reversed(right)}
        found = [(member, places.get(btf_place(member))) for member in left]
        return [
            (own, other)
            for own, other in found
            if other is not None and self._types.agree(own.type, other.type)
        ]

    def pairs(self) -> list[tuple[Type, Type, Place]]:
        """Return the types of the members that both sides have, to be compared."""
        return [(o.type, n.type, _member_place(self._level, o, n)) for o, n in self._same]

    def differences(self) -> Iterator[Difference]:
        """Yield in what the lists of members differ, apart from the members' types."""
        for own, other in self._renamed:
            names = own.name or "", other.name or ""
            place = _member_place(self._level, own, other)
            yield Difference(f"{place.words} is `{names[1]}` now", *names, place)
        if self._gone or self._added:
            yield self._other_members()
        elif self._is_reordered:
            place = Place(
                self._level.words, self._level.subject, *self._spans, self._level.is_inside
            )
            orders = [
                ", ".join(pair[side].name or "" for pair in self._ordered(side)) for side in (0, 1)
            ]
            message = f"{self._level.words} has its members in another order"
            yield Difference(message, orders[0], orders[1], place)
        else:
            yield from self._moved()

    def _ordered(self, side: int) -> list[Both]:
        return sorted(self._same, key=lambda pair: pair[side].bit_offset)

    def _other_members(self) -> Difference:
        gone, added = (
            [f"`{m.name}`" if m.name is not None else "an anonymous member" for m in members]
            for members in (self._gone, self._added)
        )
        parts = [f"has {expected_list(added, 'and')}, which it hadn't"] if added else []
        if gone:
            parts.append(f"{'' if added else 'has '}no {expected_list(gone, 'and')} any more")
        subject = self._level.subject
        first = (self._gone or self._added)[0]
        place = Place(
            self._level.words,
            part_of(subject, "member", first.name) if first.name is not None else subject,
            self._gone[0].span or self._spans[0] if self._gone else self._spans[0],
            self._added[0].span or self._spans[1] if self._added else self._spans[1],
            self._level.is_inside,
        )
        message = f"{self._level.words} {', and '.join(parts)}"
        return Difference(message, ", ".join(gone), ", ".join(added), place)

    def _moved(self) -> Iterator[Difference]:
        """Yield the widths of bit-fields that are others, and the first member that moved.

        What follows it moved with it; and it moved with what grew before it.
        """
        grown: Both | None = None
        has_moved = False
        pairs = sorted([*self._same, *self._renamed], key=lambda pair: pair[0].bit_offset)
        for own, other in pairs:
            place = _member_place(self._level, own, other)
            if own.bitfield_size != other.bitfield_size:
                widths = _width(own), _width(other)
                yield Difference(
                    f"{place.words} is {widths[1]} now and was {widths[0]}", *widths, place
                )
                has_moved = True
            elif own.bit_offset != other.bit_offset and not has_moved:
                has_moved = True
                if grown is None:
                    places = _at(own), _at(other)
                    yield Difference(
                        f"{place.words} is {places[1]} now and was {places[0]}", *places, place
                    )
                elif self._types.agree(grown[0].type, grown[1].type):
                    place = _member_place(self._level, *grown)
                    yield growth(self._types, grown[0].type, grown[1].type, place)
            if grown is None and _sizes_differ(own, other):
                grown = own, other


def _same_names(own: list[Member], other: list[Member]) -> list[Both]:
    """Return the members that have one name on both sides; those without one go in order."""
    names: dict[str | None, list[Member]] = {}
    for member in reversed(other):
        names.setdefault(member.name, []).append(member)
    return [(member, names[member.name].pop()) for member in own if names.get(member.name)]


def _in_order(old: Composite, new: Composite) -> list[Both]:
    return list(zip(visible_members(old), visible_members(new), strict=True))


def _sizes_differ(own: Member, other: Member) -> bool:
    return sizeof(own.type) != sizeof(other.type)


def _are_one(types: LinkedTypes, old: Composite, new: Composite) -> bool:
    """Return whether *new* is *old*, perhaps under another name."""
    names = tag_of(old), tag_of(new)
    return names[0] == names[1] or types.are_renamed(*names) or types.members_agree(old, new)


def _opened(types: LinkedTypes, old: Type, new: Type) -> tuple[Type, Type, str]:
    """Return what the linker compares of two types, and the typedef that names OLD's, if any."""
    (own, typedef), (other, _) = types.bare_old(old), types.bare_new(new)
    while isinstance(own, Array) and isinstance(other, Array):
        (own, typedef), (other, _) = types.bare_old(own.element), types.bare_new(other.element)
    return own, other, typedef


def _level(type: Composite | Enum, typedef: str, place: Place) -> _Level:
    kind, tag = tag_of(type)
    if tag:
        return _Level(f"`{kind} {tag}`", Subject(kind, tag), is_inside=True)
    if typedef:
        return _Level(f"`{typedef}`", Subject("typedef", typedef), is_inside=True)
    return _Level(f"the {kind} of {place.words}", place.subject, place.is_inside)


def _member_place(level: _Level, own: Member, other: Member) -> Place:
    subject = level.subject
    if own.name is not None:
        subject = part_of(subject, "member", own.name)
    words = called_member(own, level.words)
    return Place(words, subject, own.span, other.span, level.is_inside)


def _renamed(own: Name, other: Name, old: Span | None, new: Span | None) -> Difference:
    """Return that a struct, union or enum has another name."""
    names = [f"{kind} {name}" if name else f"{kind} {{…}}" for kind, name in (own, other)]
    subject = Subject(*own) if own[1] else Subject(*other)
    place = Place(f"`{names[0]}`", subject, old, new, is_inside=True)
    return Difference(f"`{names[0]}` is `{names[1]}` now", names[0], names[1], place)


def _other_type(old: Type, new: Type, place: Place) -> Difference:
    sides = described(old), described(new)
    if sides[0] == sides[1]:
        sides = f"{sides[0]} of {_bytes(old)}", f"{sides[1]} of {_bytes(new)}"
    return Difference(f"{place.words} is `{sides[1]}` now and was `{sides[0]}`", *sides, place)


def _bytes(type: Type) -> str:
    size = sizeof(type)
    return "no size" if size is None else counted(size, "byte")


def _width(member: Member) -> str:
    return (
        counted(member.bitfield_size, "bit") + " wide" if member.bitfield_size else "no bit-field"
    )


def _at(member: Member) -> str:
    if member.bit_offset % 8 or member.bitfield_size:
        return f"at bit {member.bit_offset}"
    return f"at byte {member.bit_offset // 8}"
