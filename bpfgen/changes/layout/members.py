"""Two structs or unions: which member of one is which of the other, and why what moved has moved.

Members go together by name; of the others those that stand at the same place and are of the same
type: they were renamed. What is left of OLD is gone, what is left of NEW is new. Bytes that only
members called `reserved…` or `pad…` had are free for new ones.

Of members that moved, the first one's reason is looked for between it and the one before: a new
member, one that is gone, one of another size. The others that moved with it follow from the same
reason, and what has none is its own.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right

from bpfgen.changes.layout.causes import SAME, Beyond, Cause, Outcome, merged
from bpfgen.changes.layout.fields import is_reserved, spread, united, without
from bpfgen.changes.layout.leaves import leaves
from bpfgen.changes.layout.numbers import SPECIAL, is_same_number, number_in, special
from bpfgen.changes.layout.words import listed, moved, place, placed, width
from bpfgen.record import TYPE_CHECKING, Record

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from bpfgen.changes.layout.causes import Told, Walk, Where
    from bpfgen.changes.layout.fields import Bits, Field
    from bpfgen.ctype.types import Composite

OFFSET = "break-layout-offset"
UNION = "break-layout-union"
GONE = "break-layout-gone"
PADDING = "break-layout-padding"
SIZE = "break-layout-size"


class _Pair(Record):
    """A member of OLD and the same one of NEW."""

    old: Field
    new: Field
    outcome: Outcome

    @property
    def shift(self) -> int:
        return self.new.offset - self.old.offset


class _Event(Record):
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

    def is_before(self, pair: _Pair) -> bool:
        return self.start <= (pair.old if self.is_old else pair.new).offset

    def is_over(self, pair: _Pair) -> bool:
        return self.end <= (pair.old if self.is_old else pair.new).offset


class MemberComparison:
    """Compares the members of one struct or union with those of its counterpart."""

    __slots__ = (
        *("_beyond", "_compare", "_events", "_fresh", "_gone", "_inserted", "_kept_free"),
        *("_old", "_old_bits", "_old_end", "_packing", "_pairs", "_resizing", "_told"),
        *("_united", "_where"),
    )

    def __init__(self, compare: Callable[[Field, Field, Where], Walk], where: Where) -> None:
        """Prepare; *compare* compares what two members are, and *where* is the struct."""
        self._compare = compare
        self._where = where
        self._told: list[Told] = []
        self._beyond: list[Beyond] = []
        self._resizing: list[Cause] = []
        self._events: list[_Event] = []
        self._pairs: list[_Pair] = []
        self._gone: list[Field] = []
        self._fresh: list[Field] = []
        self._inserted: set[str] = set()
        self._united: Cause | None = None

    def walk(self, old: Composite, new: Composite) -> Walk:
        """Compare *old* and *new*, asking for the comparison of what they hold."""
        self._old = spread(old)
        others = spread(new)
        self._old_end = 8 * old.size
        self._packing = _packing(old, new)
        kept_free = [(field.offset, field.end) for field in self._old if field.is_reserved]
        names = {field.path: field for field in others}
        for field in self._old:
            if field.is_reserved:
                continue
            counterpart = names.pop(field.path, None)
            if counterpart is None:
                self._gone.append(field)
                continue
            where = self._of(field, counterpart)
            outcome = yield from self._compare(field, counterpart, where)
            self._pairs.append(_Pair(field, counterpart, outcome))
        self._fresh = [field for field in names.values() if not field.is_reserved]
        if self._gone and self._fresh:
            yield from self._find_renamed()
            kept_free += self._find_regrouped()
        moves = any(pair.shift for pair in self._pairs)
        is_same = not moves and all(pair.outcome.is_same for pair in self._pairs)
        if is_same and old.size == new.size and not self._gone and not self._fresh:
            return SAME
        self._kept_free = united(kept_free)
        named = (*(pair.old for pair in self._pairs), *self._gone)
        self._old_bits = united((field.offset, field.end) for field in named)
        self._tell_gone(others)
        self._take_outcomes()
        if moves:
            self._tell_moves(others)
        self._judge_beyond()
        self._tell_fresh(new)
        return self._outcome(old, new, others)

    def _find_renamed(self) -> Walk:
        """Pair what stands at the same place, is the same, and has another name."""
        fresh: dict[Bits, list[Field]] = {}
        for field in self._fresh:
            fresh.setdefault((field.offset, field.end), []).append(field)
        for field in self._gone[:]:
            for candidate in fresh.get((field.offset, field.end), ()):
                where = self._of(field, candidate)
                outcome = yield from self._compare(field, candidate, where)
                if outcome.is_same:
                    self._pairs.append(_Pair(field, candidate, outcome))
                    self._gone.remove(field)
                    self._fresh.remove(candidate)
                    fresh[field.offset, field.end].remove(candidate)
                    break
        return SAME

    def _find_regrouped(self) -> list[Bits]:
        """Pair numbers that are in a struct or array on one side only, each at its place.

        Return the bits that were free in what is gone.
        """
        parts = [leaves(field) for field in self._gone]
        others = [leaves(field) for field in self._fresh]
        if all(len(one) == 1 and one[0].path.isidentifier() for one in (*parts, *others)):
            return []
        free = [(leaf.offset, leaf.end) for part in parts for leaf in part if leaf.is_reserved]
        places: dict[Bits, list[Field]] = {}
        for leaf in (leaf for other in others for leaf in other if not leaf.is_reserved):
            places.setdefault((leaf.offset, leaf.end), []).append(leaf)
        matched: set[int] = set()  # by identity, of leaves of both sides
        for leaf in (leaf for part in parts for leaf in part if not leaf.is_reserved):
            for counterpart in places.get((leaf.offset, leaf.end), ()):
                if is_same_number(leaf, counterpart):
                    self._pairs.append(_Pair(leaf, counterpart, SAME))
                    matched |= {id(leaf), id(counterpart)}
                    places[leaf.offset, leaf.end].remove(counterpart)
                    break
        self._gone = _unmatched(self._gone, parts, matched)
        self._fresh = _unmatched(self._fresh, others, matched)
        return free

    def _of(self, old: Field, new: Field) -> Where:
        return self._where.part(old.path, old.span, new.span)

    def _tell(self, cause: Cause, *follows: str) -> None:
        self._told.append((cause, follows))

    def _tell_gone(self, others: list[Field]) -> None:
        """Report the members of OLD that NEW hasn't, and what has their bytes now."""
        for field in self._gone:
            beside = {pair.new.path for pair in self._pairs if _share(pair.old, field)}
            now = [one for one in _overlapping(field, others) if one.path not in beside]
            where = self._where.part(field.path, field.span, now[0].span if now else None)
            message = f"`{field.path}` of {self._where.label} is gone"
            value = ""
            named = [one.path for one in now if not one.is_reserved]
            happens = [f"what {{old}} have in `{field.path}` isn't read any more"]
            if now:
                value = f"`{now[0].path}`, {placed(now[0])}"
                what = f"those of {listed(named)} now" if named else "reserved now"
                message += f", and its bytes are {what}"
            if named:
                happens.append(f"{{old}} are read with the bytes of `{field.path}` as `{named[0]}`")
            number = number_in(field.type)
            code = SPECIAL if number is not None and special(number, field) else GONE
            cause = Cause(code, where, message, (placed(field), value), tuple(happens))
            self._tell(cause)
            self._resizing.append(cause)
            self._events.append(_Event(field.offset, field.end, field.path, cause, is_old=True))

    def _take_outcomes(self) -> None:
        """Take up what the comparison of each member came to."""
        for pair in self._pairs:
            self._told += pair.outcome.told
            if pair.old.bits != pair.new.bits and pair.outcome.resizing:
                end = max(pair.new.offset + pair.old.bits, pair.new.end)
                cause = pair.outcome.resizing[0]
                self._events.append(_Event(pair.new.offset + 1, end, pair.old.path, cause))
                self._resizing += pair.outcome.resizing[:1]

    def _tell_moves(self, others: list[Field]) -> None:
        """Report why members stand elsewhere, each reason once."""
        self._events += [
            _Event(field.offset, field.end, field.path)
            for field in (*self._fresh, *(one for one in others if one.is_reserved))
        ]
        self._events += [
            _Event(field.offset, field.end, field.path, is_old=True)
            for field in self._old
            if field.is_reserved
        ]
        self._events = _without_same(self._events)
        pairs = sorted(self._pairs, key=lambda pair: (pair.old.offset, pair.new.offset))
        stay = _in_order(pairs)
        reordered = self._reordered(pairs, stay)
        current = reordered
        last = 0
        for pair in pairs:
            if id(pair) not in stay:
                continue
            if not pair.shift:
                self._events = [event for event in self._events if not event.is_over(pair)]
                current, last = reordered, 0
                continue
            if pair.shift != last or current is None:
                before = [event for event in self._events if event.is_before(pair)]
                self._events = [event for event in self._events if event not in before]
                current = self._reason(before, pair, current)
            last = pair.shift
            own = self._of(pair.old, pair.new)
            self._tell(current, *([moved(pair.old, pair.new)] if current.where != own else []))
            if current not in self._resizing:
                self._resizing.append(current)

    def _reordered(self, pairs: list[_Pair], stay: set[int]) -> Cause | None:
        """Report that members stand in another order; None if they don't."""
        movers = [pair for pair in pairs if id(pair) not in stay]
        if not movers:
            return None
        shifted = [pair for pair in pairs if pair.shift]
        first, other = shifted[0], shifted[-1]
        label = self._where.label
        is_swap = len(shifted) == 2 and (first.old.offset, other.old.offset) == (
            other.new.offset,
            first.new.offset,
        )
        names = listed([first.old.path, other.old.path])
        if is_swap:
            message = f"{names} of {label} have changed places"
            happens = [f"{{old}} are read with {names} swapped"]
            if first.old.bits != other.old.bits:
                happens = [self._read_from(pair) for pair in shifted]
        else:
            names = listed([pair.old.path for pair in movers])
            verb = "stands" if len(movers) == 1 else "stand"
            message = f"{names} of {label} {verb} in another order among the members"
            happens = [self._read_from(pair) for pair in movers[:3]]
        pair = first if is_swap else movers[0]
        where = self._of(pair.old, pair.new)
        values = placed(pair.old), placed(pair.new)
        cause = Cause(OFFSET, where, message, values, tuple(happens))
        self._tell(cause, *(moved(pair.old, pair.new) for pair in movers if not is_swap))
        self._resizing.append(cause)
        return cause

    def _reason(self, events: list[_Event], pair: _Pair, current: Cause | None) -> Cause:
        """Return why *pair* has moved.

        Something of *events*, which are before it, or what moved those before it, *current*, or
        that it is something else itself.
        """
        for event in events:
            if event.cause is not None:
                return event.cause
        fresh = [event.name for event in events if not event.is_old]
        lost = [event.name for event in events if event.is_old]
        if current is None or fresh:
            united = self._other_union(pair)
            if united is not None:
                return united
        name, label = pair.old.path, self._where.label
        is_new = any(not is_reserved(one) for one in fresh)
        if current is not None and not is_new:
            return current
        if is_new or (fresh and not lost):
            self._inserted |= set(fresh)
            verb = "was" if len(fresh) == 1 else "were"
            message = f"{listed(fresh)} {verb} inserted before `{name}` in {label}"
            return self._offset(pair, OFFSET, message)
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
        for event in self._events:
            if event.cause is not None:
                return event.cause
        message = f"`{name}` of {label} stands at {place(pair.new)} instead of {place(pair.old)}"
        return self._offset(pair, OFFSET, f"{message}{self._packing}")

    def _other_union(self, pair: _Pair) -> Cause | None:
        """Return that *pair* shares bytes with other members than before; None if it doesn't."""
        for other in self._pairs:
            together = _share(pair.old, other.old), _share(pair.new, other.new)
            if (
                other is pair
                or together[0] == together[1]
                or not (other.old.bits and pair.old.bits)
            ):
                continue
            if self._united is None:
                names = f"`{other.old.path}` and `{pair.old.path}` of {self._where.label}"
                what = "share their bytes now" if together[1] else "no longer share their bytes"
                self._united = self._offset(pair, UNION, f"{names} {what}")
            return self._united
        return None

    def _offset(self, pair: _Pair, code: str, message: str) -> Cause:
        values = placed(pair.old), placed(pair.new)
        where = self._of(pair.old, pair.new)
        return Cause(code, where, message, values, (self._read_from(pair),))

    def _read_from(self, pair: _Pair) -> str:
        """Return what *pair* of an old entry is read from."""
        was = [field for field in _overlapping(pair.new, self._old) if not field.is_reserved]
        name = pair.old.path
        others = [field.path for field in was if field.path != name]
        if others:
            return f"{{old}} are read with the bytes of {listed(others)} as `{name}`"
        if was:
            return f"{{old}} are read with `{name}` taken from other bytes than its own"
        if pair.new.offset >= self._old_end:
            return f"{{old}} end before the bytes from which `{name}` is read"
        return f"{{old}} are read with padding as `{name}`"

    def _judge_beyond(self) -> None:
        """Decide for what is new at the end of a member whether those bytes were free."""
        told = {id(cause) for cause, _ in self._told}
        for pair in self._pairs:
            for late in pair.outcome.beyond:
                if id(late.cause) in told:
                    continue
                bits = pair.new.offset + late.start, pair.new.offset + late.end
                left = without(bits, self._kept_free)
                if late.is_alternative:
                    left = [rest for part in left for rest in without(part, self._old_bits)]
                if not left:
                    continue
                if left[0][0] >= self._old_end:
                    self._beyond.append(Beyond(*bits, late.cause, late.is_alternative))
                else:
                    self._tell(late.cause)

    def _tell_fresh(self, new: Composite) -> None:
        """Report new members that lie in padding, or after the end; other bytes are explained."""
        padding: list[Field] = []
        after: list[Field] = []
        for field in self._fresh:
            if field.path in self._inserted:
                continue
            number = number_in(field.type)
            if number is not None and special(number, field):
                self._tell(self._special(field))
                continue
            left = [
                bits
                for leaf in leaves(field)
                if not leaf.is_reserved
                for part in without((leaf.offset, leaf.end), self._kept_free)
                for bits in without(part, self._old_bits)
            ]
            if left:
                (after if left[0][0] >= self._old_end else padding).append(field)
        for group in _adjacent(padding, self._fresh):
            names = listed([field.path for field in group])
            verb = "stands" if len(group) == 1 else "stand"
            message = f"{names} of {self._where.label} {verb} where there was padding"
            happens = f"{names} of {{old}} is what the padding held: zero, or anything"
            cause = self._new(PADDING, group[0], message, happens, "padding")
            self._tell(cause)
            if group[-1].end > self._old_end:
                self._resizing.append(cause)
        if after:
            names = listed([field.path for field in after])
            verb = "was" if len(after) == 1 else "were"
            message = f"{names} {verb} added at the end of {self._where.label}, which has "
            message += f"{width(8 * new.size)} instead of {width(self._old_end)}"
            happens = f"{{old}} end before {names}"
            cause = self._new(SIZE, after[0], message, happens, "")
            is_alternative = all(field.is_alternative for field in after)
            self._beyond.append(Beyond(after[0].offset, after[-1].end, cause, is_alternative))

    def _special(self, field: Field) -> Cause:
        message = f"`{field.path}` of {self._where.label} is new, and the kernel looks after it"
        happens = "maps that are there already have no such field: the kernel knows nothing of it "
        happens += "in them, and refuses programs that use it"
        return self._new(SPECIAL, field, message, happens, "")

    def _new(self, code: str, field: Field, message: str, happens: str, was: str) -> Cause:
        where = self._where.part(field.path, None, field.span)
        return Cause(code, where, message, (was, placed(field)), (happens,))

    def _outcome(self, old: Composite, new: Composite, others: list[Field]) -> Outcome:
        """Return all that was found, and why the sizes differ."""
        told = merged(self._told)
        if old.size == new.size:
            return Outcome(told, tuple(self._beyond))
        reported = {id(cause) for cause, _ in told}
        resizing = [late.cause for late in self._beyond]
        resizing += [cause for cause in self._resizing if id(cause) in reported]
        # Of members that have more bytes at their end, and moved nothing by that.
        late = [pair.outcome.tail for pair in self._pairs if pair.outcome.tail is not None]
        if not resizing and late:
            return Outcome(told, (), late[0], (late[0],))
        sizes = f"{width(8 * new.size)} instead of {width(8 * old.size)}"
        tail = None
        if not resizing:
            added = [field.path for field in others if field.end > self._old_end]
            what = "at the end"
            if added:
                what = f"with {listed(added)} at the end"
            message = f"{self._where.label} has {sizes}, {what}"
            values = width(8 * old.size), width(8 * new.size)
            happens = f"{{old}} have {values[0]}, and {values[1]} are read"
            tail = Cause(SIZE, self._where, message, values, (happens,))
            resizing = [tail]
        elif any(cause is resizing[0] for cause, _ in told):
            told = merged([*told, (resizing[0], (f"{self._where.label} has {sizes}",))])
        return Outcome(told, tuple(self._beyond), tail, tuple(resizing))


def _packing(old: Composite, new: Composite) -> str:
    """Return whether *new* is packed while *old* isn't, or the other way round, as a clause."""
    packed = [one.attributes is not None and one.attributes.packed for one in (old, new)]
    if packed[0] == packed[1]:
        return ""
    return (
        f", since the {new.kind} is packed now" if packed[1] else ", since it is no longer packed"
    )


def _unmatched(fields: list[Field], parts: list[list[Field]], matched: set[int]) -> list[Field]:
    """Return what is left of *fields* without the numbers in *matched*: whole, or in parts."""
    left: list[Field] = []
    for field, numbers in zip(fields, parts, strict=True):
        named = [number for number in numbers if not number.is_reserved]
        rest = [number for number in named if id(number) not in matched]
        if rest:
            left += [field] if len(rest) == len(named) else rest
        elif not numbers:
            left.append(field)
    return left


def _overlapping(field: Field, others: Iterable[Field]) -> list[Field]:
    return [other for other in others if _share(field, other)]


def _share(one: Field, other: Field) -> bool:
    return one.offset < other.end and other.offset < one.end


def _without_same(events: list[_Event]) -> list[_Event]:
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


def _in_order(pairs: Sequence[_Pair]) -> set[int]:
    """Return the members that stand in the same order in both, by identity; the others moved.

    Those that are where they were are among them, and of the rest as many as can be.
    """
    still = sorted(pair.old.offset for pair in pairs if not pair.shift)
    stay = {id(pair) for pair in pairs if not pair.shift}
    gaps: dict[int, list[_Pair]] = {}
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


def _longest_row(pairs: Sequence[_Pair]) -> list[_Pair]:
    """Return the largest part of *pairs*, which are in OLD's order, that is in NEW's order, too."""
    ends: list[int] = []  # the smallest new offset at which a row of that length ends
    rows: list[int] = []  # the index of the pair that ends it
    before: list[int] = []
    for index, pair in enumerate(pairs):
        at = bisect_right(ends, pair.new.offset)
        before.append(rows[at - 1] if at else -1)
        ends[at : at + 1] = [pair.new.offset]
        rows[at : at + 1] = [index]
    found: list[_Pair] = []
    index = rows[-1] if rows else -1
    while index >= 0:
        found.append(pairs[index])
        index = before[index]
    return found


def _adjacent(some: list[Field], all_: list[Field]) -> list[list[Field]]:
    """Return *some* in groups of those that follow one another in *all_*."""
    groups: list[list[Field]] = []
    chosen = {id(field) for field in some}
    is_open = False
    for field in all_:
        if id(field) not in chosen:
            is_open = False
            continue
        if is_open:
            groups[-1].append(field)
        else:
            groups.append([field])
        is_open = True
    return groups
