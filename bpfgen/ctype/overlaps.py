"""Which of many ranges of bits share some with another: numbers of a type, members."""

from __future__ import annotations

from bisect import bisect_left

from bpfgen.record import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import TypeAlias

    Bits: TypeAlias = tuple[int, int]
    """From which bit, and before which."""


class Overlaps:
    """Ranges of bits, to be asked which of them share some with another."""

    __slots__ = ("_ends", "_placed")

    def __init__(self, bits: Iterable[Bits]) -> None:
        self._placed = sorted((start, end, at) for at, (start, end) in enumerate(bits))
        self._ends: list[int] = []  # the largest up to here: those of unions overlap themselves
        largest = 0
        for _, end, _ in self._placed:
            largest = max(largest, end)
            self._ends.append(largest)

    def with_bits_of(self, bits: Bits) -> list[int]:
        """Return the numbers, counted from 0, of the ranges that share bits with *bits*.

        Those that start first come first.
        """
        start, end = bits
        found = []
        at = bisect_left(self._ends, start + 1)
        while at < len(self._placed) and self._placed[at][0] < end:
            if self._placed[at][1] > start:
                found.append(self._placed[at][2])
            at += 1
        return found
