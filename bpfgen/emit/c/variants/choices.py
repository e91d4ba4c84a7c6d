"""Which variants stand under which condition, as C says it.

Comes before :mod:`branches`, and is all that this room knows of conditions.
"""

from __future__ import annotations

from bpfgen.conditions import describe
from bpfgen.record import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import TypeAlias

    from bpfgen.conditions import Assignment, Condition

    Variants: TypeAlias = frozenset[int]
    """The numbers of some variants."""

    Conditions: TypeAlias = tuple[Condition, ...]


class Choices:
    """The variants of one source, by number, and what tells them from each other.

    Attributes:
        everything: The numbers of all variants.
        conditions: All that the source asks for, in its order.
    """

    def __init__(self, assignments: Sequence[Assignment], conditions: Conditions) -> None:
        self.everything: Variants = frozenset(range(len(assignments)))
        self.conditions = conditions
        self._assignments = assignments
        self._known: dict[tuple[Variants, Variants, Conditions], str] = {}

    def condition(self, chosen: Variants, among: Variants, own: Conditions = ()) -> str:
        """Return what holds in the variants *chosen*, and in no other *among* which they are.

        It is made of *own*, what decides of the text in question, if that is enough.
        """
        key = chosen, among, own
        known = self._known.get(key)
        if known is None:
            known = self._known[key] = self._described(chosen, among, own)
        return known

    def rank(self, chosen: Variants, among: Variants, own: Conditions = ()) -> tuple[int, str]:
        """Return where the variants *chosen* stand in an `#if`: as the source asks for them."""
        text = self.condition(chosen, among, own)
        texts = [condition.text for condition in (*own, *self.conditions)]
        return (texts.index(text) if text in texts else len(texts) + len(text)), text

    def _described(self, chosen: Variants, among: Variants, own: Conditions) -> str:
        inside = [self._assignments[number] for number in sorted(chosen)]
        all = [self._assignments[number] for number in sorted(among)]
        for conditions in dict.fromkeys((own, self.conditions)):
            try:
                return describe(inside, all, conditions).text
            except ValueError:
                continue  # these don't tell them apart
        raise AssertionError("variants differ that have the same conditions")
