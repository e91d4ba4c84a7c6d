"""Which member of NEW is which of OLD's: by name, then by place and type, then number by number."""

from __future__ import annotations

from bpfgen.changes.layout.causes import SAME
from bpfgen.changes.layout.leaves import leaves
from bpfgen.changes.layout.numbers import is_same_number
from bpfgen.record import TYPE_CHECKING, Record

if TYPE_CHECKING:
    from collections.abc import Callable, Generator

    from bpfgen.changes.layout.causes import Outcome, Request, Walk
    from bpfgen.changes.layout.fields import Field
    from bpfgen.ctype.overlaps import Bits


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
    fresh = [field for field in left.values() if not field.is_reserved]
    if not (gone and fresh):
        return Paired(pairs, gone, fresh, [], [])
    renamed = yield from _renamed(gone, fresh, compare)
    gone = _without(gone, [pair.old for pair in renamed])
    fresh = _without(fresh, [pair.new for pair in renamed])
    return _regrouped(pairs + renamed, gone, fresh)


def _renamed(
    gone: list[Field], fresh: list[Field], compare: Callable[[Field, Field], Walk]
) -> Generator[Request, Outcome, list[Pair]]:
    """Return what stands at the same place, is the same, and has another name."""
    found: list[Pair] = []
    places: dict[Bits, list[Field]] = {}
    for field in fresh:
        places.setdefault((field.offset, field.end), []).append(field)
    for field in gone:
        candidates = places.get((field.offset, field.end), [])
        for at, candidate in enumerate(candidates):
            outcome = yield from compare(field, candidate)
            if outcome.is_same:
                found.append(Pair(field, candidate, outcome))
                del candidates[at]
                break
    return found


def _regrouped(pairs: list[Pair], gone: list[Field], fresh: list[Field]) -> Paired:
    """Pair numbers that are in a struct or array on one side alone, each at its place."""
    parts, others = [[leaves(field) for field in fields] for fields in (gone, fresh)]
    whole = all(len(one) == 1 and one[0].path.isidentifier() for one in (*parts, *others))
    if not gone or not fresh or whole:
        return Paired(pairs, gone, fresh, [], [])
    free = [(leaf.offset, leaf.end) for part in parts for leaf in part if leaf.is_reserved]
    places: dict[Bits, list[Field]] = {}
    for leaf in (leaf for other in others for leaf in other if not leaf.is_reserved):
        places.setdefault((leaf.offset, leaf.end), []).append(leaf)
    found: list[Pair] = []
    for leaf in (leaf for part in parts for leaf in part if not leaf.is_reserved):
        candidates = places.get((leaf.offset, leaf.end), [])
        for at, candidate in enumerate(candidates):
            if is_same_number(leaf, candidate):
                found.append(Pair(leaf, candidate, SAME))
                del candidates[at]
                break
    found = _of_whole_arrays(found, [*parts, *others])
    numbers = (leaf for field in fresh for leaf in leaves(field, whole_arrays=True))
    promised = [leaf for leaf in numbers if leaf.is_promised]
    gone = _without_parts(gone, parts, [pair.old for pair in found])
    fresh = _without_parts(fresh, others, [pair.new for pair in found])
    return Paired(pairs + found, gone, fresh, free, promised)


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
