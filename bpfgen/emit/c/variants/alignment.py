"""Sequences that are almost the same, as one sequence of columns.

Each column has what stands in one place, by the number of the sequence. Read in one sequence alone
the columns are that sequence, whatever was found to be the same: a column more is an `#if` more.
"""

from __future__ import annotations

from bpfgen.emit.c.variants.pieces import Group
from bpfgen.record import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterator, Mapping, Sequence
    from typing import TypeAlias, TypeVar

    from bpfgen.emit.c.variants.pieces import Piece

    Key = TypeVar("Key", bound=Hashable)
    Column: TypeAlias = dict[int, Piece]


def in_order(
    sequences: Mapping[int, Sequence[Key]], rank: Mapping[Key, int]
) -> Iterator[tuple[Key, tuple[int, ...]]]:
    """Yield each key of *sequences*, in an order that keeps that of each, and where it stands.

    A sequence has a key once. Of those that may come next the lowest by *rank* does. A key comes
    twice where two sequences have it in orders that contradict each other.
    """
    rests = {number: list(reversed(keys)) for number, keys in sequences.items()}
    waiting: dict[Key, int] = {}
    for keys in sequences.values():
        for key in keys:
            waiting[key] = waiting.get(key, 0) + 1
    while True:
        heads: dict[Key, list[int]] = {}
        for number, rest in rests.items():
            if rest:
                heads.setdefault(rest[-1], []).append(number)
        if not heads:
            return
        ready = [key for key, numbers in heads.items() if len(numbers) == waiting[key]]
        chosen = min(ready or heads, key=lambda key: rank[key])
        numbers = heads[chosen]
        for number in numbers:
            rests[number].pop()
        waiting[chosen] -= len(numbers)
        yield chosen, tuple(numbers)


def aligned(sequences: Mapping[int, Sequence[Piece]]) -> list[Column]:
    """Return the columns of *sequences*; in one stand the same lines, or groups of the same `#if`.

    One sequence after the other is held against what there is of those before it.
    """
    columns: list[Column] = []
    for number, pieces in sequences.items():
        columns = list(_with(columns, number, pieces))
    return columns


def _with(columns: list[Column], number: int, pieces: Sequence[Piece]) -> Iterator[Column]:
    """Yield *columns* and *pieces*, the sequence *number*, as one."""
    if not columns:
        yield from ({number: piece} for piece in pieces)
        return
    old = [_text(column) for column in columns]
    new = [piece.text for piece in pieces]
    for same, (i1, i2), (j1, j2) in _matches(old, new):
        if same:
            for column, piece in zip(columns[i1:i2], pieces[j1:j2], strict=True):
                yield {**column, number: piece}
        else:
            yield from _with_groups(columns[i1:i2], number, pieces[j1:j2])


def _with_groups(columns: list[Column], number: int, pieces: Sequence[Piece]) -> Iterator[Column]:
    """Yield *columns* and *pieces*, none of which are the same, with groups of the same `#if`s."""
    old = [_opened(next(iter(column.values())), index) for index, column in enumerate(columns)]
    new = [_opened(piece, ~index) for index, piece in enumerate(pieces)]
    for same, (i1, i2), (j1, j2) in _matches(old, new):
        if same:
            for column, piece in zip(columns[i1:i2], pieces[j1:j2], strict=True):
                yield {**column, number: piece}
        else:
            yield from columns[i1:i2]
            yield from ({number: piece} for piece in pieces[j1:j2])


def _text(column: Column) -> str:
    return next(iter(column.values())).text


def _opened(piece: Piece, index: int) -> Hashable:
    """Return what is the same for groups of the same `#if`s; *index* for anything else."""
    return piece.directives if isinstance(piece, Group) else index


def _matches(
    old: Sequence[Hashable], new: Sequence[Hashable]
) -> Iterator[tuple[bool, tuple[int, int], tuple[int, int]]]:
    """Yield whether the two stretches are the same, and where each is, to the end of both."""
    from difflib import SequenceMatcher

    begin, end = 0, 0
    while begin < min(len(old), len(new)) and old[begin] == new[begin]:
        begin += 1
    while end < min(len(old), len(new)) - begin and old[~end] == new[~end]:
        end += 1
    if begin:
        yield True, (0, begin), (0, begin)
    old_end, new_end = len(old) - end, len(new) - end
    matcher = SequenceMatcher(None, old[begin:old_end], new[begin:new_end], autojunk=False)
    for what, i1, i2, j1, j2 in matcher.get_opcodes():
        yield what == "equal", (begin + i1, begin + i2), (begin + j1, begin + j2)
    if end:
        yield True, (old_end, len(old)), (new_end, len(new))
