"""The order of declarations in C: that of the source, but for what is needed earlier."""

from __future__ import annotations

from bpfgen.record import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping


def in_c_order(items: Iterable[int], needs: Mapping[int, Iterable[int]]) -> list[int]:
    """Return *items* so that each stands behind all that it *needs*, and otherwise as given.

    What needs itself through others was reported when it was resolved; here the cycle is cut at
    the item that closes it. A walk with a stack of its own, linear in items and needs.
    """
    wanted = list(items)
    known = set(wanted)
    placed: set[int] = set()
    opened: set[int] = set()
    result: list[int] = []
    for item in wanted:
        stack = [item]
        while stack:
            current = stack[-1]
            if current in placed:
                stack.pop()
                continue
            if current not in opened:
                opened.add(current)
                missing = [
                    need
                    for need in sorted(needs.get(current, ()))
                    if need in known and need not in placed and need not in opened
                ]
                if missing:
                    stack.extend(reversed(missing))
                    continue
            stack.pop()
            placed.add(current)
            result.append(current)
    return result
