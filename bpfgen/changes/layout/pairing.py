"""Which member of NEW is which of OLD's: by name, then by place and type, then number by number.

Of two that are one under another name, what is in them is compared by name as well.
"""

from __future__ import annotations

from bpfgen.changes.layout.causes import SAME
from bpfgen.changes.layout.fields import spread
from bpfgen.changes.layout.leaves import innermost, leaves
from bpfgen.changes.layout.numbers import is_same_number, number_in
from bpfgen.ctype.types import Array, Composite, Enum, underlying
from bpfgen.record import TYPE_CHECKING, Record

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterator

    from bpfgen.changes.layout.causes import Outcome, Request, Walk
    from bpfgen.changes.layout.fields import Field
    from bpfgen.ctype.overlaps import Bits
    from bpfgen.ctype.types import Type


class Pair(Record):
    """A member of OLD, the same one of NEW, and what the comparison of the two came to."""

    old: Field
    new: Field
    outcome: Outcome

    @property
    def shift(self) -> int:
        """By how many bits it has moved."""
        return self.new.offset - self.old.offset


class Paired(Record):
    """The members of two structs or unions, those that only keep bytes free left out.

    Attributes:
        pairs: What is on both sides, under whatever name, in the order of OLD.
        gone: What is left of OLD; of a struct whose numbers aren't all gone, those that are.
        fresh: What is left of NEW, likewise.
        free: Bits that were kept free in what isn't a struct of its own any more.
        promised: What is kept free for later members in a struct of NEW that OLD hasn't.
    """

    pairs: list[Pair]
    gone: list[Field]
    fresh: list[Field]
    free: list[Bits]
    promised: list[Field]


def paired(
    old: list[Field], new: list[Field], compare: Callable[[Field, Field], Walk]
) -> Generator[Request, Outcome, Paired]:
    """Return which of *old* is which of *new*; *compare* is asked for what they are."""
    pairs: list[Pair] = []
    gone: list[Field] = []
    left = {field.path: field for field in new}
    for field in old:
        if field.is_reserved:
            continue
        counterpart = left.pop(field.path, None)
        if counterpart is None:
            gone.append(field)
        else:
            outcome = yield from compare(field, counterpart)
            pairs.append(Pair(field, counterpart, outcome))
    gone = _with_bytes(gone, old)
    fresh = _with_bytes([field for field in left.values() if not field.is_reserved], new)
    if not (gone and fresh):
        return Paired(pairs, gone, fresh, [], [])
    renamed = yield from _renamed(gone, fresh, compare)
    gone = _without(gone, [pair.old for pair in renamed])
    fresh = _without(fresh, [pair.new for pair in renamed])
    return (yield from _regrouped(pairs + renamed, gone, fresh, compare))


def _with_bytes(fields: list[Field], all_: list[Field]) -> list[Field]:
    """Return *fields* without those of no bytes; an array at the end of *all_* has some."""
    end = max((field.end for field in all_), default=0)
    return [
        field
        for field in fields
        if field.bits or (isinstance(underlying(field.type), Array) and field.offset >= end)
    ]


def _renamed(
    gone: list[Field], fresh: list[Field], compare: Callable[[Field, Field], Walk]
) -> Generator[Request, Outcome, list[Pair]]:
    """Return what stands at the same place, is the same thing, and has another name.

    What is a struct on one side alone is none of them: the names in it come first.
    """
    found: list[Pair] = []
    places: dict[Bits, list[Field]] = {}
    for field in fresh:
        places.setdefault((field.offset, field.end), []).append(field)
    for field in gone:
        candidates = places.get((field.offset, field.end), [])
        for at, candidate in enumerate(candidates):
            if _is_struct(field) != _is_struct(candidate):
                continue
            outcome = yield from compare(field, candidate)
            if outcome.is_same or are_alike(field.type, candidate.type):
                found.append(Pair(field, candidate, outcome))
                del candidates[at]
                break
    return found


def are_alike(old: Type, new: Type) -> bool:
    """Return whether *new* may be *old* although not all in it is the same.

    Both are structs, unions or enums, or arrays of them, and of one tag, or half of the names in
    one are in the other.
    """
    own, other = innermost(underlying(old)), innermost(underlying(new))
    if isinstance(own, Composite) and isinstance(other, Composite):
        is_tag = own.kind == other.kind and own.tag == other.tag
    elif isinstance(own, Enum) and isinstance(other, Enum):
        is_tag = own.tag == other.tag
    else:
        return False
    names = names_in(own), names_in(other)
    common = len(names[0] & names[1])
    return (is_tag and own.tag is not None) or 0 < max(map(len, names)) <= 2 * common


def names_in(type: Composite | Enum) -> set[str]:
    """Return the names of the members or enumerators of *type*, but those that keep bytes free."""
    if isinstance(type, Enum):
        return {one.name for one in type.enumerators}
    return {field.path for field in spread(type) if not field.is_reserved}


def _is_struct(field: Field) -> bool:
    bare = underlying(field.type)
    return isinstance(bare, Composite) and number_in(bare) is None


def _regrouped(
    pairs: list[Pair],
    gone: list[Field],
    fresh: list[Field],
    compare: Callable[[Field, Field], Walk],
) -> Generator[Request, Outcome, Paired]:
    """Pair what is in a struct or array on one side alone: by its name in there, then by place."""
    parts, others = [
        [leaves(field, whole_arrays=True) for field in fields] for fields in (gone, fresh)
    ]
    free = [(leaf.offset, leaf.end) for part in parts for leaf in part if leaf.is_reserved]
    promised = [leaf for other in others for leaf in other if leaf.is_promised]
    named: list[Pair] = []
    for own, other in _of_one_name(parts, others):
        outcome = yield from compare(own, other)
        named.append(Pair(own, other, outcome))
    gone = _without_parts(gone, parts, [pair.old for pair in named])
    fresh = _without_parts(fresh, others, [pair.new for pair in named])
    pairs = pairs + named
    parts, others = [[leaves(field) for field in fields] for fields in (gone, fresh)]
    whole = all(len(one) == 1 and one[0].path.isidentifier() for one in (*parts, *others))
    if not gone or not fresh or whole:
        return Paired(pairs, gone, fresh, *((free, promised) if named else ([], [])))
    places: dict[Bits, list[Field]] = {}
    for leaf in (leaf for other in others for leaf in other if not leaf.is_reserved):
        places.setdefault((leaf.offset, leaf.end), []).append(leaf)
    found: list[Pair] = []
    for leaf in (leaf for part in parts for leaf in part if not leaf.is_reserved):
        candidates = places.get((leaf.offset, leaf.end), [])
        for at, candidate in enumerate(candidates):
            if not is_same_number(leaf, candidate):
                continue
            outcome = SAME
            if isinstance(underlying(leaf.type), Enum):
                outcome = yield from compare(leaf, candidate)
            if outcome.is_same or are_alike(leaf.type, candidate.type):
                found.append(Pair(leaf, candidate, outcome))
                del candidates[at]
                break
    found = _of_whole_arrays(found, [*parts, *others])
    gone = _without_parts(gone, parts, [pair.old for pair in found])
    fresh = _without_parts(fresh, others, [pair.new for pair in found])
    return Paired(pairs + found, gone, fresh, free, promised)


def _of_one_name(old: list[list[Field]], new: list[list[Field]]) -> Iterator[tuple[Field, Field]]:
    """Yield what structs around it alone tell apart: `src` and `key.src`.

    Of names that several have, the longest part that only one has on each side counts.
    """
    sides = [
        [(field, *_parts(field.path)) for fields in side for field in fields] for side in (old, new)
    ]
    sides = [[part for part in side if not part[0].is_reserved] for side in sides]
    longest = min(max((len(names) for _, _, names in side), default=0) for side in sides)
    for length in range(longest, 0, -1):
        ends: list[dict[tuple[tuple[str, ...], ...], list[Field]]] = [{}, {}]
        for side, found in zip(sides, ends, strict=True):
            for field, indices, names in side:
                if len(names) >= length:
                    found.setdefault((indices, names[-length:]), []).append(field)
        taken: set[int] = set()
        for end, fields in ends[0].items():
            others = ends[1].get(end, [])
            if len(fields) == len(others) == 1:
                yield fields[0], others[0]
                taken |= {id(fields[0]), id(others[0])}
        sides = [[part for part in side if id(part[0]) not in taken] for side in sides]


def _parts(path: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the indices in *path*, and the names."""
    names, indices = [], []
    for part in path.split("."):
        name, *rest = part.split("[")
        names.append(name)
        indices += rest
    return tuple(indices), tuple(names)


def _of_whole_arrays(found: list[Pair], members: list[list[Field]]) -> list[Pair]:
    """Return those of *found* that belong to no array of which only some elements are there.

    An element alone isn't what a member of another name was. *members* are given by their numbers.
    """
    arrays = [
        {id(number) for number in numbers if not number.is_reserved}
        for numbers in members
        if any("[" in number.path for number in numbers)
    ]
    while True:
        there = {id(side) for pair in found for side in (pair.old, pair.new)}
        partly = [array for array in arrays if not array <= there]
        apart = set[int]().union(*partly) & there
        if not apart:
            return found
        found = [pair for pair in found if not {id(pair.old), id(pair.new)} & apart]
        arrays = [array for array in arrays if array <= there]


def _without(fields: list[Field], taken: list[Field]) -> list[Field]:
    """Return *fields* without *taken*, which are some of them."""
    identities = {id(field) for field in taken}
    return [field for field in fields if id(field) not in identities]


def _without_parts(
    fields: list[Field], parts: list[list[Field]], taken: list[Field]
) -> list[Field]:
    """Return what is left of *fields*, which consist of *parts*: whole, or those not *taken*."""
    identities = {id(field) for field in taken}
    left: list[Field] = []
    for field, numbers in zip(fields, parts, strict=True):
        named = [number for number in numbers if not number.is_reserved]
        rest = [number for number in named if id(number) not in identities]
        if rest:
            left += [field] if len(rest) == len(named) else rest
        elif not numbers:
            left.append(field)
    return left
