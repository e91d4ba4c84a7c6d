"""What is gone and what is new, brought together where it is the same under another name.

Below :mod:`bpfgen.changes.pairs`, which says what "the same" is. Work grows with the number of
things, however many of them are the same.
"""

from __future__ import annotations

from bpfgen.record import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
    from typing import TypeVar

    Thing = TypeVar("Thing")

_MOST_COMPARED = 64
"""Things that are the same whose names are compared, each with each; more are taken in order."""


def matched(
    gone: Iterable[Thing],
    added: Iterable[Thing],
    same: Callable[[Thing], Hashable],
    name: Callable[[Thing], str],
) -> Iterator[tuple[Thing, Thing]]:
    """Yield which of *gone* is which of *added*, each at most once.

    Args:
        gone: In order; so are the results, as far as names don't decide otherwise.
        added: In order.
        same: What is equal of a thing and of what it became; None for what is like nothing else.
        name: By which the nearest is chosen where several are the same.
    """
    groups: dict[Hashable, tuple[list[Thing], list[Thing]]] = {}
    for side, things in enumerate((gone, added)):
        for thing in things:
            key = same(thing)
            if key is not None:
                groups.setdefault(key, ([], []))[side].append(thing)
    for old, new in groups.values():
        if max(len(old), len(new)) == 1 or max(len(old), len(new)) > _MOST_COMPARED:
            yield from zip(old, new, strict=False)
        elif old and new:
            yield from _nearest(old, new, name)


def _nearest(
    old: Sequence[Thing], new: Sequence[Thing], name: Callable[[Thing], str]
) -> Iterator[tuple[Thing, Thing]]:
    """Yield the pairs of *old* and *new* whose names are most alike, the first of equals first."""
    from difflib import SequenceMatcher

    ranked = []
    for at, one in enumerate(old):
        for place, other in enumerate(new):
            likeness = SequenceMatcher(None, name(one), name(other), autojunk=False).ratio()
            ranked.append((-likeness, at, place))
    chosen: dict[int, int] = {}
    taken: set[int] = set()
    for _likeness, at, place in sorted(ranked):
        if at not in chosen and place not in taken:
            chosen[at] = place
            taken.add(place)
    for at in sorted(chosen):
        yield old[at], new[chosen[at]]
