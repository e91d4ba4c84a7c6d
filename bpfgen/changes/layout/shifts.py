"""Why members of a struct stand elsewhere: each reason once, with all that it moved.

The first member that moved by some bits more than the one before it has its reason between the two:
a new member, one that is gone, one that has another size. What has moved as far follows from the
same. What stands in another order is a reason of its own, and so is what shares its bytes now.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import deque
from itertools import chain

from bpfgen.changes.layout.causes import Cause
from bpfgen.changes.layout.fields import is_reserved
from bpfgen.changes.layout.words import listed, moved, place, placed
from bpfgen.ctype.overlaps import Overlaps
from bpfgen.record import TYPE_CHECKING, Record, replace

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from bpfgen.changes.layout.causes import Told, Where
    from bpfgen.changes.layout.fields import Field
    from bpfgen.changes.layout.pairing import Pair
    from bpfgen.ctype.overlaps import Bits

OFFSET = "break-layout-offset"
UNION = "break-layout-union"


class Event(Record):
    """Something that may move the members after it.

    Attributes:
        start: Where, in bits: in OLD if it is of OLD, else in NEW.
        end: The bit after its last one.
        name: The member's.
        cause: What is reported if something moves; None of a member that is new or only keeps bytes
            free.
        is_old: It is a member of OLD.
    """

    start: int
    end: int
    name: str
    cause: Cause | None = None
    is_old: bool = False

    def is_over(self, pair: Pair) -> bool:
        """Whether it ends before *pair* starts."""
        return self.end <= (pair.old if self.is_old else pair.new).offset


class Shifts:
    """Finds the reasons of one struct or union.

    Attributes:
        told: They, each with what moved.
        inserted: The new members that moved others.
    """

    __slots__ = (
        *("_beside", "_old", "_old_end", "_packing", "_pairs", "_places", "_united", "_where"),
        *("inserted", "told"),
    )

    def __init__(
        self, pairs: Sequence[Pair], where: Where, old: list[Field], old_end: int, packing: str
    ) -> None:
        """Prepare.

        Args:
            pairs: The members that are on both sides.
            where: The struct.
            old: All members of OLD.
            old_end: The bit after the last one of OLD.
            packing: A clause that says whether it is packed, if that has changed.
        """
        self.told: list[Told] = []
        self.inserted: set[str] = set()
        self._pairs = sorted(pairs, key=lambda pair: (pair.old.offset, pair.new.offset))
        self._where = where
        self._old = old
        self._old_end = old_end
        self._packing = packing
        self._united: Cause | None = None
        self._places = Overlaps(map(_bits, old))
        sides = [pair.old for pair in self._pairs], [pair.new for pair in self._pairs]
        self._beside = [Overlaps(map(_bits, side)) for side in sides]

    def find(self, events: list[Event]) -> None:
        """Find why members have moved, of which some have; *events* may be why."""
        ahead = [
            deque(sorted((e for e in events if e.is_old == is_old), key=lambda event: event.start))
            for is_old in (True, False)
        ]
        stay = _in_order(self._pairs)
        reordered = self._reordered([pair for pair in self._pairs if id(pair) not in stay])
        current = reordered
        last = 0
        before: list[Event] = []
        for pair in self._pairs:
            if id(pair) not in stay:
                continue
            for coming, at in zip(ahead, (pair.old.offset, pair.new.offset), strict=True):
                while coming and coming[0].start <= at:
                    before.append(coming.popleft())
            if not pair.shift:
                before = [event for event in before if not event.is_over(pair)]
                current, last = reordered, 0
                continue
            if pair.shift != last or current is None:
                current = self._reason(before, pair, current, chain(*ahead))
                before = []
            last = pair.shift
            own = self._of(pair)
            self.told.append((current, () if current.where == own else (_moved(pair),)))

    def _reordered(self, movers: list[Pair]) -> Cause | None:
        """Report that *movers* stand in another order; None if there are none."""
        if not movers:
            return None
        shifted = [pair for pair in self._pairs if pair.shift]
        first, other = shifted[0], shifted[-1]
        label = self._where.label
        is_swap = len(shifted) == 2 and (first.old.offset, other.old.offset) == (
            other.new.offset,
            first.new.offset,
        )
        if is_swap:
            names = listed([first.old.path, other.old.path])
            message = f"{names} of {label} have changed places"
            happens = [f"{{old}} are read with {names} swapped"]
            if first.old.bits != other.old.bits:
                happens = [self._read_from(pair) for pair in shifted]
            movers = [first]
        else:
            names = listed([pair.old.path for pair in movers])
            verb = "stands" if len(movers) == 1 else "stand"
            message = f"{names} of {label} {verb} in another order among the members"
            happens = [self._read_from(pair) for pair in movers[:3]]
        values = placed(movers[0].old), placed(movers[0].new)
        cause = Cause(OFFSET, self._of(movers[0]), message, values, tuple(happens))
        self.told.append((cause, tuple(map(_moved, movers))))
        return cause

    def _reason(
        self, before: list[Event], pair: Pair, current: Cause | None, after: Iterable[Event]
    ) -> Cause:
        """Return why *pair* has moved.

        Something of *before*; or that it shares bytes; or what moved those in front of it,
        *current*; or that it is something else itself; or something of *after*.
        """
        for event in before:
            if event.cause is not None:
                return event.cause
        fresh = [event.name for event in before if not event.is_old]
        lost = [event.name for event in before if event.is_old]
        if current is None or fresh:
            united = self._other_union(pair)
            if united is not None:
                return united
        name, label = pair.old.path, self._where.label
        is_new = any(not is_reserved(one) for one in fresh)
        if current is not None and not is_new:
            return current
        if is_new or (fresh and not lost):
            self.inserted |= set(fresh)
            verb = "was" if len(fresh) == 1 else "were"
            message = f"{listed(fresh)} {verb} inserted before `{name}` in {label}"
            return replace(self._offset(pair, OFFSET, message), is_addition=True)
        if fresh:
            message = f"{listed(fresh)} before `{name}` in {label} has another size"
            return self._offset(pair, OFFSET, message)
        if lost:
            message = f"{listed(lost)} before `{name}` in {label} is gone"
            return self._offset(pair, OFFSET, message)
        if pair.outcome.resizing:
            return pair.outcome.resizing[0]
        if pair.outcome.told:
            return pair.outcome.told[0][0]
        # What stands after it may have had the alignment of an anonymous struct around both.
        for event in after:
            if event.cause is not None:
                return event.cause
        message = f"`{name}` of {label} stands at {place(pair.new)} instead of {place(pair.old)}"
        return self._offset(pair, OFFSET, f"{message}{self._packing}")

    def _other_union(self, pair: Pair) -> Cause | None:
        """Return that *pair* shares bytes with other members than before; None if it doesn't."""
        beside = [
            set(overlaps.with_bits_of(_bits(one)))
            for overlaps, one in zip(self._beside, (pair.old, pair.new), strict=True)
        ]
        if beside[0] == beside[1]:
            return None
        if self._united is None:
            is_now = not beside[0] > beside[1]
            other = self._pairs[min(beside[1] - beside[0] if is_now else beside[0] - beside[1])]
            names = f"`{other.old.path}` and `{pair.old.path}` of {self._where.label}"
            what = "share their bytes now" if is_now else "no longer share their bytes"
            self._united = self._offset(pair, UNION, f"{names} {what}")
        return self._united

    def _offset(self, pair: Pair, code: str, message: str) -> Cause:
        values = placed(pair.old), placed(pair.new)
        return Cause(code, self._of(pair), message, values, (self._read_from(pair),))

    def _of(self, pair: Pair) -> Where:
        return self._where.part(pair.old.path, pair.old.span, pair.new.span)

    def _read_from(self, pair: Pair) -> str:
        """Return what *pair* of an old entry is read from."""
        was = [self._old[at] for at in self._places.with_bits_of(_bits(pair.new))]
        named = [one.path for one in was if not one.is_reserved]
        name = pair.old.path
        others = [path for path in named if path != name]
        if others:
            return f"{{old}} are read with the bytes of {listed(others)} as `{name}`"
        if named:
            return f"{{old}} are read with `{name}` taken from other bytes than its own"
        if pair.new.offset >= self._old_end:
            return f"{{old}} end before the bytes from which `{name}` is read"
        if was:
            kept = listed([one.path for one in was])
            return f"{{old}} are read with the reserved bytes of {kept} as `{name}`"
        return f"{{old}} are read with padding as `{name}`"


def _bits(field: Field) -> Bits:
    """Return the bits of *field*; what has none shares none with anything."""
    return (field.offset, field.end) if field.bits else (0, 0)


def _moved(pair: Pair) -> str:
    return moved(pair.old, pair.new)


def without_same(events: list[Event]) -> list[Event]:
    """Return *events* without members that keep as many bytes free in both."""
    kept: dict[tuple[str, int], int] = {}
    for event in events:
        if event.cause is None:
            key = event.name, event.end - event.start
            kept[key] = kept.get(key, 0) + 1
    return [
        event
        for event in events
        if event.cause is not None or kept[event.name, event.end - event.start] == 1
    ]


def _in_order(pairs: Sequence[Pair]) -> set[int]:
    """Return the members that stand in the same order in both, by identity; the others moved.

    Those that are where they were are among them, and of the rest as many as can be.
    """
    still = sorted(pair.old.offset for pair in pairs if not pair.shift)
    stay = {id(pair) for pair in pairs if not pair.shift}
    gaps: dict[int, list[Pair]] = {}
    for pair in pairs:
        if not pair.shift:
            continue
        old, new = pair.old.offset, pair.new.offset
        # Between which of those it is, in both; at the very place of one it may count as either.
        low = max(bisect_left(still, old), bisect_left(still, new))
        if low <= min(bisect_right(still, old), bisect_right(still, new)):
            gaps.setdefault(low, []).append(pair)
    for gap in gaps.values():
        stay |= {id(pair) for pair in _longest_row(gap)}
    return stay


def _longest_row(pairs: Sequence[Pair]) -> list[Pair]:
    """Return the largest part of *pairs*, which are in OLD's order, that is in NEW's order, too."""
    ends: list[int] = []  # the smallest new offset at which a row of that length ends
    rows: list[int] = []  # the index of the pair that ends it
    before: list[int] = []
    for index, pair in enumerate(pairs):
        at = bisect_right(ends, pair.new.offset)
        before.append(rows[at - 1] if at else -1)
        ends[at : at + 1] = [pair.new.offset]
        rows[at : at + 1] = [index]
    found: list[Pair] = []
    index = rows[-1] if rows else -1
    while index >= 0:
        found.append(pairs[index])
        index = before[index]
    return found
