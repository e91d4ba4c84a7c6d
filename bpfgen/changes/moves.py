"""Where each member of OLD stands in NEW: what a program needs to know that rewrites old entries.

Beside the categories, which say what of it breaks; `bpfgen breaking --format json` has it.
"""

from __future__ import annotations

from bpfgen.changes.layout.fields import Field
from bpfgen.changes.layout.leaves import leaves
from bpfgen.changes.layout.numbers import is_same_number
from bpfgen.ctype.sizes import sizeof
from bpfgen.ctype.types import Array, Enum, underlying
from bpfgen.record import TYPE_CHECKING, Record, replace

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bpfgen.changes.pairs import MapPair, Pairs
    from bpfgen.ctype.types import Type
    from bpfgen.model.maps import Shape, TypeArgument


class Move(Record):
    """A member of a key, value or record; an array of numbers is one.

    Attributes:
        old: Where it is in OLD; None for one that is new.
        new: Where it is in NEW; None for one that is gone.
    """

    old: Field | None
    new: Field | None

    @property
    def is_same(self) -> bool:
        """Whether its bits stand where they stood, under the name that they had."""
        old, new = self.old, self.new
        if old is None or new is None:
            return False
        if (old.path, old.offset, old.bits) != (new.path, new.offset, new.bits):
            return False
        return _is_alike(old, new)


class MovedMembers(Record):
    """What has become of the members of one part of a map.

    Attributes:
        map: The two maps.
        part: `key`, `value` or `record`; of the maps in a map, with `inner.` before it.
        old_size: Of the whole part in OLD, in bytes.
        new_size: The same in NEW.
        moves: In the order of OLD, then what is new.
    """

    map: MapPair
    part: str
    old_size: int | None
    new_size: int | None
    moves: tuple[Move, ...]


class Rename(Record):
    """What has another name and is otherwise the same.

    Attributes:
        kind: `map`, `struct`, `union`, `enum`, `typedef` or `enumerator`.
        old: Its name in OLD; of a typedef that was a struct and the like, both kinds differ.
        new: Its name in NEW.
        new_kind: Its kind in NEW.
    """

    kind: str
    old: str
    new: str
    new_kind: str


def renames(pairs: Pairs) -> Iterator[Rename]:
    """Yield the maps, types and enumerators of *pairs* that have another name."""
    for map in pairs.maps:
        if map.is_renamed and map.old is not None and map.new is not None:
            yield Rename("map", map.old.name, map.new.name, "map")
    for pair in pairs.types:
        if pair.is_renamed and pair.old_name is not None and pair.new_name is not None:
            (kind, old), (new_kind, new) = pair.old_name, pair.new_name
            yield Rename(kind, old, new, new_kind)
        if isinstance(pair.old, Enum) and isinstance(pair.new, Enum):
            yield from _renamed_enumerators(pair.old, pair.new)


def _renamed_enumerators(old: Enum, new: Enum) -> Iterator[Rename]:
    names = {one.name for one in old.enumerators}
    kept = {one.name for one in new.enumerators}
    fresh = {one.value: one.name for one in reversed(new.enumerators) if one.name not in names}
    for one in old.enumerators:
        if one.name not in kept and one.value in fresh:
            yield Rename("enumerator", one.name, fresh.pop(one.value), "enumerator")


def moved_members(pairs: Pairs) -> Iterator[MovedMembers]:
    """Yield the parts of the maps of *pairs* of which a member has moved, is new or is gone."""
    for pair in pairs.maps:
        if pair.old is not None and pair.new is not None:
            yield from _of_shapes(pair, pair.old.shape, pair.new.shape, "")


def _of_shapes(pair: MapPair, old: Shape, new: Shape, prefix: str) -> Iterator[MovedMembers]:
    if not (old.is_layout_known and new.is_layout_known):
        return
    for part in ("key", "value", "record"):
        own: TypeArgument | None = getattr(old, part)
        other: TypeArgument | None = getattr(new, part)
        if own is None or other is None:
            continue
        moves = moves_between(own.type, other.type)
        sizes = sizeof(own.type), sizeof(other.type)
        if sizes[0] != sizes[1] or not all(move.is_same for move in moves):
            yield MovedMembers(pair, f"{prefix}{part}", *sizes, moves)
    if old.inner is not None and new.inner is not None:
        yield from _of_shapes(pair, old.inner, new.inner, f"{prefix}inner.")


def moves_between(old: Type, new: Type) -> tuple[Move, ...]:
    """Return what has become of each member of *old* in *new*: by its name, else by its place."""
    own, others = _members(old), _members(new)
    names = {field.path: field for field in others}
    found: dict[str, Field | None] = {field.path: names.pop(field.path, None) for field in own}
    places = {(field.offset, field.end): field for field in names.values()}
    for field in own:
        candidate = places.get((field.offset, field.end))
        if found[field.path] is None and candidate is not None and _is_alike(field, candidate):
            found[field.path] = candidate
            del places[field.offset, field.end], names[candidate.path]
    return (
        *(Move(field, found[field.path]) for field in own),
        *(Move(None, field) for field in names.values()),
    )


def _members(type: Type) -> list[Field]:
    whole = Field("", type, 0, 8 * (sizeof(type) or 0))
    return leaves(whole, whole_arrays=True)


def _is_alike(old: Field, new: Field) -> bool:
    """Return whether the bits of *old* and *new*, which are as many, are the same numbers."""
    one, other = _element(old), _element(new)
    return one.bits == other.bits and is_same_number(one, other)


def _element(field: Field) -> Field:
    """Return *field*, or what it is an array of."""
    bare = underlying(field.type)
    while isinstance(bare, Array):
        field = replace(field, type=bare.element, bits=8 * (sizeof(bare.element) or 0))
        bare = underlying(bare.element)
    return field
