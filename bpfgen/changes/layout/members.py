"""Two structs or unions: what has become of each member, and of the bytes that none had.

Which member is which, :mod:`bpfgen.changes.layout.pairing` says; why some have moved,
:mod:`bpfgen.changes.layout.shifts`. What is left of OLD is gone, and what is left of NEW is new: it
may stand in bytes that only members called `reserved…` or `pad…` had, and not in padding.
"""

from __future__ import annotations

from bisect import bisect_right

from bpfgen.changes.layout.causes import SAME, Beyond, Cause, Outcome, merged
from bpfgen.changes.layout.fields import spread, united, without
from bpfgen.changes.layout.leaves import leaves
from bpfgen.changes.layout.numbers import SPECIAL, is_same_number, number_in, special
from bpfgen.changes.layout.pairing import paired
from bpfgen.changes.layout.shifts import Event, Shifts, without_same
from bpfgen.changes.layout.words import listed, placed, width
from bpfgen.ctype.overlaps import Overlaps
from bpfgen.ctype.types import Enum, underlying
from bpfgen.record import TYPE_CHECKING, replace

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from bpfgen.changes.layout.causes import Told, Walk, Where
    from bpfgen.changes.layout.fields import Field
    from bpfgen.ctype.overlaps import Bits
    from bpfgen.ctype.types import Composite

GONE = "break-layout-gone"
PADDING = "break-layout-padding"
SIZE = "break-layout-size"


class MemberComparison:
    """Compares the members of one struct or union with those of its counterpart."""

    __slots__ = (
        *("_beyond", "_compare", "_fresh", "_gone", "_inserted", "_kept_free", "_new", "_old"),
        *("_old_bits", "_old_end", "_pairs", "_promised", "_resizing", "_told", "_where"),
    )

    def __init__(self, compare: Callable[[Field, Field, Where], Walk], where: Where) -> None:
        """Prepare; *compare* compares what two members are, and *where* is the struct."""
        self._compare = compare
        self._where = where
        self._told: list[Told] = []
        self._beyond: list[Beyond] = []
        self._resizing: list[Cause] = []
        self._inserted: set[str] = set()

    def walk(self, old: Composite, new: Composite) -> Walk:
        """Compare *old* and *new*, asking for the comparison of what they hold."""
        self._old, self._new = spread(old), spread(new)
        self._old_end = 8 * old.size
        found = yield from paired(self._old, self._new, self._compare_fields)
        self._pairs, self._gone, self._fresh = found.pairs, found.gone, found.fresh
        self._promised = [one for one in (*self._new, *found.promised) if one.is_promised]
        moves = any(pair.shift for pair in self._pairs)
        is_same = not moves and all(pair.outcome.is_same for pair in self._pairs)
        is_known = not (self._gone or self._fresh or self._promised)
        if is_same and old.size == new.size and is_known:
            return SAME
        reserved = [(field.offset, field.end) for field in self._old if field.is_reserved]
        self._kept_free = united(reserved + found.free)
        named = (*(pair.old for pair in self._pairs), *self._gone)
        self._old_bits = united((field.offset, field.end) for field in named)
        events = [*self._tell_gone(), *self._take_outcomes()]
        if moves:
            self._tell_moves(events, _packing(old, new))
        self._judge_beyond()
        self._tell_fresh(new, [] if moves else self._promised)
        return self._outcome(old, new)

    def _compare_fields(self, old: Field, new: Field) -> Walk:
        # Most are the same number, and no words are needed for that.
        if is_same_number(old, new) and not isinstance(underlying(old.type), Enum):
            return SAME
        return (yield from self._compare(old, new, self._where.part(old.path, old.span, new.span)))

    def _tell(self, cause: Cause, *, is_resizing: bool = False) -> None:
        self._told.append((cause, ()))
        if is_resizing:
            self._resizing.append(cause)

    def _tell_gone(self) -> Iterable[Event]:
        """Report the members of OLD that NEW hasn't, and what has their bytes now."""
        if not self._gone:
            return
        new = Overlaps((field.offset, field.end) for field in self._new)
        kept = Overlaps((pair.old.offset, pair.old.end) for pair in self._pairs)
        for field in self._gone:
            bits = field.offset, field.end
            beside = {self._pairs[at].new.path for at in kept.with_bits_of(bits)}
            there = [self._new[at] for at in new.with_bits_of(bits)]
            cause = self._gone_cause(field, [one for one in there if one.path not in beside])
            self._tell(cause, is_resizing=True)
            yield Event(*bits, field.path, cause, is_old=True)

    def _gone_cause(self, field: Field, now: list[Field]) -> Cause:
        message = f"`{field.path}` of {self._where.label} is gone"
        value = ""
        happens = [f"what {{old}} have in `{field.path}` isn't read any more"]
        named = [one.path for one in now if not one.is_reserved]
        if now:
            value = f"`{now[0].path}`, {placed(now[0])}"
            what = f"those of {listed(named)} now" if named else "reserved now"
            message += f", and its bytes are {what}"
        if named:
            happens.append(f"{{old}} are read with the bytes of `{field.path}` as `{named[0]}`")
        code = GONE if _special_in(field) is None else SPECIAL
        where = self._where.part(field.path, field.span, now[0].span if now else None)
        return Cause(code, where, message, (placed(field), value), tuple(happens))

    def _take_outcomes(self) -> Iterable[Event]:
        """Take up what the comparison of each member came to."""
        for pair in self._pairs:
            self._told += pair.outcome.told
            if pair.old.bits != pair.new.bits and pair.outcome.resizing:
                end = max(pair.new.offset + pair.old.bits, pair.new.end)
                cause = pair.outcome.resizing[0]
                self._resizing.append(cause)
                yield Event(pair.new.offset + 1, end, pair.old.path, cause)

    def _tell_moves(self, events: list[Event], packing: str) -> None:
        """Report why members stand elsewhere, each reason once."""
        events += [
            Event(field.offset, field.end, field.path)
            for field in (*self._fresh, *(one for one in self._new if one.is_reserved))
        ]
        events += [
            Event(field.offset, field.end, field.path, is_old=True)
            for field in self._old
            if field.is_reserved
        ]
        shifts = Shifts(self._pairs, self._where, self._old, self._old_end, packing)
        shifts.find(without_same(events))
        self._told += shifts.told
        self._resizing += [cause for cause, _ in shifts.told]
        self._inserted = shifts.inserted

    def _judge_beyond(self) -> None:
        """Decide for what is new at the end of a member whether those bytes were free."""
        told = {cause for cause, _ in self._told}
        for pair in self._pairs:
            for late in pair.outcome.beyond:
                if late.cause in told:
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

    def _tell_fresh(self, new: Composite, promised: list[Field]) -> None:
        """Report new members that lie in padding, or after the end; other bytes are explained.

        So are *promised* ones, in whose bytes later members are to find zeros.
        """
        padding: list[Field] = []
        after: list[Field] = []
        free = united([*self._kept_free, *self._moved_free()])
        for field in self._fresh:
            found = _special_in(field)
            if found is not None:
                self._tell(self._special(found), is_resizing=field.end > self._old_end)
                continue
            if field.path in self._inserted:
                continue
            numbers = [leaf for leaf in leaves(field) if not leaf.is_reserved]
            left = [bits for leaf in numbers for bits in self._not_old(leaf, free)]
            if left:
                (after if left[0][0] >= self._old_end else padding).append(field)
        padding += [
            field
            for field in promised
            if any(start < self._old_end for start, _ in self._not_old(field, free))
        ]
        # What has a lost member's bytes was reported with that.
        lost = Overlaps((field.offset, field.end) for field in self._gone)
        padding = [one for one in padding if not lost.with_bits_of((one.offset, one.end))]
        added = sorted((*self._fresh, *promised), key=lambda field: field.offset)
        for group in _adjacent(padding, added):
            names = listed([field.path for field in group])
            verb = "stands" if len(group) == 1 else "stand"
            message = f"{names} of {self._where.label} {verb} where there was padding"
            happens = f"{names} of {{old}} is what the padding held: zero, or anything"
            cause = self._added(PADDING, group[0], message, happens, "padding")
            if all(field.is_reserved for field in group):
                happens += ", which a later member in its bytes would take for its value"
                cause = replace(cause, happens=(happens,), is_addition=False)
            self._tell(cause, is_resizing=group[-1].end > self._old_end)
        if after:
            names = listed([field.path for field in after])
            verb = "was" if len(after) == 1 else "were"
            message = f"{names} {verb} added at the end of {self._where.label}, which has "
            message += f"{width(8 * new.size)} instead of {width(self._old_end)}"
            happens = f"{{old}} end before {names}"
            cause = self._added(SIZE, after[0], message, happens, "")
            is_alternative = all(field.is_alternative for field in after)
            end = max(field.end for field in (*after, *self._promised))
            self._beyond.append(Beyond(after[0].offset, end, cause, is_alternative))

    def _not_old(self, field: Field, free: list[Bits]) -> list[Bits]:
        """Return the bits of *field* that are neither in *free* nor any member's of OLD."""
        left = without((field.offset, field.end), free)
        return [bits for part in left for bits in without(part, self._old_bits)]

    def _moved_free(self) -> Iterable[Bits]:
        """Yield where bytes that were kept free have moved to, with the member before them."""
        pairs = sorted(self._pairs, key=lambda pair: pair.old.offset)
        starts = [pair.old.offset for pair in pairs]
        for field in self._old:
            at = bisect_right(starts, field.offset) - 1
            shift = pairs[at].new.end - pairs[at].old.end if at >= 0 else 0
            if field.is_reserved and shift:
                yield field.offset + shift, field.end + shift

    def _special(self, field: Field) -> Cause:
        message = f"`{field.path}` of {self._where.label} is new, and the kernel looks after it"
        happens = "maps that are there already have no such field: the kernel knows nothing of it "
        happens += "in them, and refuses programs that use it"
        return self._added(SPECIAL, field, message, happens, "")

    def _added(self, code: str, field: Field, message: str, happens: str, was: str) -> Cause:
        where = self._where.part(field.path, None, field.span)
        return Cause(code, where, message, (was, placed(field)), (happens,), is_addition=True)

    def _outcome(self, old: Composite, new: Composite) -> Outcome:
        """Return all that was found, and why the sizes differ."""
        told = merged(self._told)
        if old.size == new.size:
            return Outcome(told, tuple(self._beyond))
        reported = {cause for cause, _ in told}
        resizing = [late.cause for late in self._beyond]
        resizing += [cause for cause in self._resizing if cause in reported]
        # Of members that have more bytes at their end, and moved nothing by that.
        late = [pair.outcome.tail for pair in self._pairs if pair.outcome.tail is not None]
        if not resizing and late:
            return Outcome(told, (), late[0], (late[0],))
        sizes = f"{width(8 * new.size)} instead of {width(8 * old.size)}"
        tail = None
        if not resizing:
            tail = self._tail(old, new, f"{self._where.label} has {sizes}")
            resizing = [tail]
            past = [field for field in self._promised if field.end > self._old_end]
            if past:
                # What holds this type has to have such bytes there.
                start = max(past[0].offset, self._old_end)
                is_alternative = all(field.is_alternative for field in past)
                self._beyond.append(Beyond(start, past[-1].end, tail, is_alternative))
                tail = None
        elif resizing[0] in reported:
            told = merged([*told, (resizing[0], (f"{self._where.label} has {sizes}",))])
        return Outcome(told, tuple(self._beyond), tail, tuple(resizing))

    def _tail(self, old: Composite, new: Composite, message: str) -> Cause:
        """Return why the sizes differ, where no finding says so; *message* says that they do."""
        values = width(8 * old.size), width(8 * new.size)
        happens = f"{{old}} have {values[0]}, and {values[1]} are read"
        packing = _packing(old, new)
        if self._resizing:
            # It has bytes that were free, and what was in them is after it now.
            grown = self._resizing[0]
            message += f", since {grown.message}"
            return Cause(SIZE, grown.where, message, grown.values, (happens,))
        added = [field.path for field in self._new if field.end > self._old_end]
        if added:
            message += f", with {listed(added)} at the end"
        elif packing:
            message += packing
        else:
            message += ", at the end"
        return Cause(SIZE, self._where, message, values, (happens,))


def _packing(old: Composite, new: Composite) -> str:
    """Return whether *new* is packed while *old* isn't, or the other way round, as a clause."""
    packed = [one.attributes is not None and one.attributes.packed for one in (old, new)]
    if packed[0] == packed[1]:
        return ""
    return (
        f", since the {new.kind} is packed now" if packed[1] else ", since it is no longer packed"
    )


def _special_in(field: Field) -> Field | None:
    """Return the first field in *field* that the kernel looks after; None if there is none."""
    for leaf in leaves(field):
        number = number_in(leaf.type)
        if number is not None and special(number, leaf):
            return leaf
    return None


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
