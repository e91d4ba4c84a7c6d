"""The order of declarations in C: that of the source, but for what is needed earlier."""

from __future__ import annotations

from bpfgen.record import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping


def in_c_order(
    items: Iterable[int], needs: Mapping[int, Iterable[int]]
) -> tuple[list[int], list[tuple[int, int]]]:
    """Return *items* so that each stands after all that it *needs*, and otherwise as given.

    Where items need each other, the cycle is cut; the second value has each such (item, need), to
    be reported unless the cycle was found when the items were resolved. A walk with a stack of its
    own, linear in items and needs.
    """
    wanted = list(items)
    known = set(wanted)
    placed: set[int] = set()
    opened: set[int] = set()
    result: list[int] = []
    cut: list[tuple[int, int]] = []
    for item in wanted:
        stack = [item]
        while stack:
            current = stack[-1]
            if current in placed:
                stack.pop()
                continue
            if current not in opened:
                opened.add(current)
                missing = []
                for need in sorted(needs.get(current, ())):
                    if need not in known or need in placed:
                        continue
                    # What is opened and not placed waits for this one.
                    if need in opened:
                        cut.append((current, need))
                    else:
                        missing.append(need)
                if missing:
                    stack.extend(reversed(missing))
                    continue
            stack.pop()
            placed.add(current)
            result.append(current)
    return result, cut
