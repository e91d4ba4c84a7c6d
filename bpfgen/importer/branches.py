"""`when` in a source that is being written: which branches a declaration stands in, as text.

Used by :mod:`items`. Declarations come in order, each with the branches around it; what closes and
what opens between two of them follows from those. A branch of which nothing is left goes, and those
after it say what it said.
"""

from __future__ import annotations

from bpfgen.record import TYPE_CHECKING, Record

if TYPE_CHECKING:
    from collections.abc import Iterable

    from bpfgen.conditions import Condition

INDENT = "    "


class Within(Record):
    """A branch around a declaration.

    Attributes:
        chain: What the branches of one conditional have in common, and no other conditional.
        branch: Its place among them.
        conditions: Of the branches before it, and its own, which an `else` hasn't.
    """

    chain: tuple[int, ...]
    branch: int
    conditions: tuple[Condition, ...]

    @property
    def is_of_c(self) -> bool:
        """Whether it is a branch of a conditional of C, and none that tells forms apart."""
        return self.chain[0] >= 0

    def said_after(self, branch: int) -> str:
        """Return its condition where *branch* is the last before it, or -1; nothing for `else`."""
        from bpfgen.conditions import conjunction

        passed = [(condition, False) for condition in self.conditions[branch + 1 : self.branch]]
        own = [(condition, True) for condition in self.conditions[self.branch :]]
        return conjunction([*passed, *own]).text if passed or own else ""


def said(path: Iterable[Within]) -> str:
    """Return what has to hold for all of *path*, or nothing."""
    return " && ".join(f"({within.said_after(-1)})" for within in path)


def moved(before: tuple[Within, ...], after: tuple[Within, ...]) -> tuple[list[str], list[str]]:
    """Return the lines that close the branches *before*, and those that open the ones *after*.

    The first of the latter begins with the brace that closes the branch it is the `else` of.
    """
    common = 0
    for one, other in zip(before, after, strict=False):
        if one != other:
            break
        common += 1
    closing = [f"{INDENT * depth}}}" for depth in range(len(before) - 1, common - 1, -1)]
    opening: list[str] = []
    depth = common
    if common < min(len(before), len(after)):
        last, following = before[common], after[common]
        is_next = last.chain == following.chain and last.branch < following.branch
        if is_next and following.conditions[: len(last.conditions)] == last.conditions:
            closing.pop()
            said = following.said_after(last.branch)
            opening.append(f"{INDENT * depth}}} else {f'when ({said}) ' if said else ''}{{")
            depth += 1
    opening += (
        f"{INDENT * level}when ({after[level].said_after(-1)}) {{"
        for level in range(depth, len(after))
    )
    return closing, opening


def macros_of(path: Iterable[Within]) -> list[str]:
    """Return the macros that the conditions of *path* ask for, in the order of first use."""
    conditions = (condition for within in path for condition in within.conditions)
    return list(dict.fromkeys(name for condition in conditions for name in condition.macros))
