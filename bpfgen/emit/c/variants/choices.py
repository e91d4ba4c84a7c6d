"""Which variants stand under which condition, as C says it.

Comes before :mod:`branches`, and is all that this room knows of conditions.
"""

from __future__ import annotations

from bpfgen.conditions import conjunction, describe, guard_holds, holds
from bpfgen.record import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from typing import TypeAlias

    from bpfgen.conditions import Assignment, Condition, Guard, Places

    Variants: TypeAlias = frozenset[int]
    """The numbers of some variants."""

    Conditions: TypeAlias = tuple[Condition, ...]
    Context: TypeAlias = frozenset[tuple[Condition, bool]]
    """What is known to hold, or not, where something stands."""


def in_source_order(assignments: Sequence[Assignment], places: Places) -> list[int]:
    """Return the numbers of *assignments*, sorted by which conditions hold in them.

    What comes first is what the first condition holds in.
    """
    conditions = places.conditions

    def row(number: int) -> list[bool]:
        return [not holds(condition, assignments[number]) for condition in conditions]

    return sorted(range(len(assignments)), key=row)


class Choices:
    """The variants of one source, by number, and what tells them from each other.

    Attributes:
        everything: The numbers of all variants.
    """

    def __init__(self, assignments: Sequence[Assignment], places: Places) -> None:
        self.everything: Variants = frozenset(range(len(assignments)))
        self._assignments = assignments
        self._places = places
        self._conditions = places.conditions
        self._known: dict[tuple[Variants, Variants, Conditions], str] = {}

    def guard_at(self, offset: int) -> Guard:
        """Return what decides about whether the declaration at *offset* of the source is there."""
        return self._places.guard_at(offset)

    def conditions_at(self, offset: int) -> Conditions:
        """Return what decides about what it is, where it is."""
        own = self._places.guard_at(offset)
        guards = (
            tuple(literal for literal in guard if literal not in own)
            for guard in self._places.guards_of(offset)
        )
        return tuple(dict.fromkeys(conjunction(guard) for guard in guards if guard))

    def condition(self, chosen: Variants, among: Variants, own: Conditions = ()) -> str:
        """Return what holds in the variants *chosen*, and in no other *among* which they are.

        It is made of *own*, what decides about the text in question, if that is enough.
        """
        key = chosen, among, own
        known = self._known.get(key)
        if known is None:
            known = self._known[key] = self._described(chosen, among, own)
        return known

    def guarded(
        self, chosen: Variants, among: Variants, guard: Guard, context: Collection[object]
    ) -> str:
        """Return the same as the source has it, or nothing: *guard* without what *context* says."""
        rest = tuple(literal for literal in guard if literal not in context)
        holding = {one for one in among if guard_holds(guard, self._assignments[one])}
        return conjunction(rest).text if rest and holding == chosen else ""

    def halves(self, variants: Variants, own: Conditions) -> tuple[str, Variants]:
        """Return a condition that divides *variants* as evenly as any, and where it holds."""
        best: tuple[int, str, Variants] | None = None
        for condition in (*own, *self._conditions):
            holding = frozenset(one for one in variants if holds(condition, self._assignments[one]))
            least = min(len(holding), len(variants) - len(holding))
            if least and (best is None or least > best[0]):
                best = least, condition.text, holding
        assert best is not None, "variants differ that have the same conditions"
        return best[1:]

    def _described(self, chosen: Variants, among: Variants, own: Conditions) -> str:
        inside = [self._assignments[number] for number in sorted(chosen)]
        all = [self._assignments[number] for number in sorted(among)]
        for conditions in dict.fromkeys((own, self._conditions)):
            try:
                return describe(inside, all, conditions).text
            except ValueError:
                continue  # these don't tell them apart
        raise AssertionError("variants differ that have the same conditions")
