"""Two types, as one: whether bytes that were written with OLD's mean the same to NEW's.

The walk goes from what holds to what is held, and each struct, union, enum and typedef is compared
with its counterpart once, however many things hold it, so that work grows with the length of the
sources. It keeps a stack of its own: what compares one pair asks for those below it.

What differs is a cause at the innermost place that has it: the typedef whose number became wider,
not each member of that type. What moved since then follows from it.
"""

from __future__ import annotations

from bpfgen.changes.layout.causes import SAME, Beyond, Outcome, Request, Where, merged
from bpfgen.changes.layout.changed import (
    ARRAY,
    Elements,
    cause_of,
    changed,
    typedef_names,
    typedefs_around,
    whole,
)
from bpfgen.changes.layout.enumerators import enumerator_causes
from bpfgen.changes.layout.leaves import leaves
from bpfgen.changes.layout.members import MemberComparison
from bpfgen.changes.layout.numbers import (
    KIND,
    WIDTH,
    changed_code,
    is_same_number,
    number_in,
)
from bpfgen.changes.layout.pairing import are_alike, names_in
from bpfgen.changes.layout.words import width
from bpfgen.ctype.children import pointee_tags
from bpfgen.ctype.identity import name_of
from bpfgen.ctype.types import (
    Array,
    Composite,
    Enum,
    FuncProto,
    Named,
    Pointer,
    Unknown,
    Void,
    order_of,
    underlying,
    unqualified,
)
from bpfgen.record import TYPE_CHECKING
from bpfgen.text.diagnostics import Subject

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import TypeAlias

    from bpfgen.changes.layout.causes import Told, Walk
    from bpfgen.changes.layout.fields import Field
    from bpfgen.changes.type_pairs import Name
    from bpfgen.ctype.types import Type
    from bpfgen.text.source import Span

    Spans: TypeAlias = Callable[[str, str], tuple[Span | None, Span | None]]


class Comparison:
    """Compares types of two models."""

    __slots__ = ("_are_others", "_both", "_cut", "_in_bits", "_known", "_spans", "_walked")

    def __init__(
        self,
        spans: Spans,
        are_others: Callable[[Name, Name], bool],
        both: Callable[[Name, Name], tuple[Type, Type] | None],
        *,
        cut: bool = False,
    ) -> None:
        """Prepare a comparison.

        Args:
            spans: Where a typedef of OLD and one of NEW are declared.
            are_others: Whether a type of OLD and one of NEW are on both sides, each by its name.
            both: What a name of OLD and one of NEW stand for, where both are known.
            cut: A side is of BTF, which has only the lower 32 bits of enumerators where an old
                clang wrote it.
        """
        self._spans = spans
        self._are_others = are_others
        self._both = both
        self._cut = cut
        # By identity, which the models keep: equality would look through what types hold.
        self._known: dict[tuple[int, int], Outcome] = {}
        self._in_bits: set[tuple[int, int]] = set()
        self._walked: set[tuple[int, int]] = set()

    def outcome(self, old: Type, new: Type, where: Where) -> Outcome:
        """Return what the comparison of *old* and *new* comes to, which are those of *where*."""
        first = self._values(whole(old), whole(new), where)
        stack: list[tuple[Walk, tuple[int, int] | None]] = [(first, None)]
        result: Outcome | None = None
        while stack:
            walk, key = stack[-1]
            try:
                request = next(walk) if result is None else walk.send(result)
            except StopIteration as stop:
                stack.pop()
                result = stop.value
                assert result is not None
                if key is not None:
                    self._known[key] = result
                continue
            key = id(request.old), id(request.new)
            result = self._known.get(key)
            if result is None:
                stack.append((self._pair(request), key))
        assert result is not None
        return result

    def has_compared(self, old: Type, new: Type) -> bool:
        """Return whether the struct, union or enum *old* was held against *new* already."""
        key = id(underlying(old)), id(underlying(new))
        return key in self._known or key in self._in_bits

    def _pair(self, request: Request) -> Walk:
        """Compare two types of *request*, which are no typedefs of one name."""
        old, new, where = request.old, request.new, request.where
        if isinstance(old, Composite) and isinstance(new, Composite):
            if old.tag is not None:
                where = _tagged(old.kind, old.tag, old.span, new.span)
            return (yield from MemberComparison(self._values, where).walk(old, new))
        if isinstance(old, Enum) and isinstance(new, Enum):
            return self._enums(old, new, where)
        return (yield from self._values(whole(old), whole(new), where))

    def _enums(self, old: Enum, new: Enum, where: Where, *, in_bits: bool = False) -> Outcome:
        """Compare two enums; of those of bit-fields, *in_bits*, the size doesn't matter."""
        if old.tag is not None:
            where = _tagged("enum", old.tag, old.span, new.span)
        if old.size != new.size and not in_bits:
            return changed(WIDTH, whole(old), whole(new), where)
        causes = enumerator_causes(old, new, where, cut=self._cut)
        return Outcome(tuple((cause, ()) for cause in causes))

    def _values(self, old: Field, new: Field, where: Where) -> Walk:
        """Compare what is in *old* and *new*, wherever they stand; *where* is what they are."""
        outcome = yield from self._contents(old, new, where)
        # A type that both sides have isn't another one under a new name.
        if self._is_other(old.type, new.type) and not (
            outcome.told and are_alike(old.type, new.type)
        ):
            return changed(KIND, old, new, where)
        return outcome

    def _is_other(self, old: Type, new: Type) -> bool:
        """Return whether two structs, unions or enums are two, that name other things."""
        own, other = underlying(old), underlying(new)
        if own is other or isinstance(number_in(own) or number_in(other), Composite):
            return False  # what the kernel looks after says so itself
        if not (
            (isinstance(own, Composite) and isinstance(other, Composite))
            or (isinstance(own, Enum) and isinstance(other, Enum))
        ):
            return False
        names = _name(old), _name(new)
        if names[0] is None or names[1] is None or names[0] == names[1]:
            return False
        return self._are_others(names[0], names[1]) and not names_in(own) <= names_in(other)

    def _contents(self, old: Field, new: Field, where: Where) -> Walk:
        """Compare what *old* and *new* are made of, whatever their types are called."""
        own, other = number_in(old.type), number_in(new.type)
        if own is not None and other is not None:
            code = changed_code(old, new)
            if code is None:
                if isinstance(own, Pointer) and isinstance(other, Pointer):
                    return (yield from self._shared_memory(own, other))
                if not (isinstance(own, Enum) and isinstance(other, Enum)):
                    return SAME
                if own.size != other.size:
                    self._in_bits.add((id(own), id(other)))
                    return self._enums(own, other, where, in_bits=True)
                return (yield Request(own, other, where))
            if not old.is_bitfield and not new.is_bitfield:
                inside = self._common_typedef(old.type, new.type)
                if inside is not None:
                    return (yield inside)
                if isinstance(own, Enum) and isinstance(other, Enum) and code == WIDTH:
                    return (yield Request(own, other, where))
            return changed(code, old, new, where)
        bare = underlying(old.type), underlying(new.type)
        if bare[0] is bare[1] or any(_is_nothing(one) for one in bare):
            return SAME
        both_structs = isinstance(bare[0], Composite) and isinstance(bare[1], Composite)
        if both_structs and own is None and other is None:
            inside = self._common_typedef(old.type, new.type)
            return (yield inside or Request(bare[0], bare[1], where))
        if isinstance(bare[0], Array) or isinstance(bare[1], Array):
            inside = self._common_typedef(old.type, new.type)
            if inside is not None:
                return (yield inside)
            return (yield from self._arrays(old, new, where))
        inside = self._common_typedef(old.type, new.type)
        return (yield inside) if inside else (yield from self._regrouped(old, new, where))

    def _shared_memory(self, old: Pointer, new: Pointer) -> Walk:
        """Compare what two pointers are to, where user space writes that."""
        if not all("uptr" in pointee_tags(pointer) for pointer in (old, new)):
            return SAME
        names = [name_of(unqualified(pointer.pointee)) for pointer in (old, new)]
        if names[0] is None or names[1] is None:
            return SAME
        pointees = self._both(names[0], names[1])
        if pointees is None:
            return SAME
        key = id(pointees[0]), id(pointees[1])
        if key in self._walked:  # it points to its like
            return SAME
        self._walked.add(key)
        where = Where(Subject(*names[0]), f"`{' '.join(names[0])}`")
        inside = yield from self._values(whole(pointees[0]), whole(pointees[1]), where)
        self._walked.discard(key)
        told = [*inside.told, *((late.cause, ()) for late in inside.beyond)]
        if inside.tail is not None:
            told.append((inside.tail, ()))
        return Outcome(merged(told))

    def _common_typedef(self, old: Type, new: Type) -> Request | None:
        """Return what stands behind the innermost name that both have and that says all of it."""
        others = {one.name: one for one in typedefs_around(new)}
        for own in reversed(typedefs_around(old)):
            other = others.get(own.name)
            if other is None:
                continue
            if order_of(own) == order_of(old) and order_of(other) == order_of(new):
                subject = Subject("typedef", own.name)
                where = Where(subject, f"`{own.name}`", self._spans(own.name, other.name))
                return Request(own.underlying, other.underlying, where)
        return None

    def _arrays(self, old: Field, new: Field, where: Where) -> Walk:
        """Compare two arrays, or an array and one thing that may be its only element."""
        common = typedef_names(old.type) & typedef_names(new.type)
        own, other = Elements(old.type, common), Elements(new.type, common)
        structs = [isinstance(underlying(one.type), Composite) for one in (own, other)]
        if structs[0] != structs[1] and own.lengths != other.lengths:
            return (yield from self._regrouped(old, new, where))
        if len(own.lengths) == len(other.lengths) and own.lengths[1:] != other.lengths[1:]:
            return changed(ARRAY, old, new, where)
        element = whole(own.type), whole(other.type)
        inside = yield from self._values(*element, where)
        if number_in(own.type) is not None and any(one.where is where for one, _ in inside.told):
            # Of another number the array has another length as well, mostly.
            code = inside.told[0][0].code if own.lengths and other.lengths else KIND
            return changed(code, old, new, where)
        told = list(inside.told)
        resizing = list(inside.resizing)
        beyond = list(inside.beyond)
        tail = inside.tail
        count = min(own.count, other.count)
        if element[0].bits != element[1].bits and (count > 1 or own.flexible or other.flexible):
            # From the second element on all stand elsewhere.
            told += [(late.cause, ()) for late in beyond]
            if tail is not None:
                told.append((tail, ()))
            beyond, tail = [], None
            sizes = f"{width(element[1].bits)} instead of {width(element[0].bits)}"
            said = {text for _, texts in told for text in texts}
            if f"{where.label} has {sizes}" not in said:  # of a struct without a name it was
                follows = f"elements of {where.label} have {sizes}"
                told += [(cause, (follows,)) for cause in resizing[:1]]
        if own.count != other.count or own.flexible != other.flexible:
            cause = cause_of(ARRAY, old, new, where)
            if own.count > other.count or own.flexible:
                told.append((cause, ()))
            else:
                beyond.append(Beyond(own.count * element[0].bits, new.bits, cause))
            resizing.append(cause)
        return Outcome(merged(told), tuple(beyond), tail, tuple(resizing))

    def _regrouped(self, old: Field, new: Field, where: Where) -> Walk:
        """Compare two types that are made up otherwise: number by number, each at its place."""
        own, other = leaves(old), leaves(new)
        if len(own) != len(other) or old.bits != new.bits:
            return changed(KIND, old, new, where)
        places = {(leaf.offset, leaf.bits): leaf for leaf in other}
        told: list[Told] = []
        for leaf in own:
            if leaf.is_reserved:
                continue
            counterpart = places.get((leaf.offset, leaf.bits))
            if counterpart is None or counterpart.is_reserved:
                return changed(KIND, old, new, where)
            if not is_same_number(leaf, counterpart):
                return changed(KIND, old, new, where)
            if isinstance(underlying(leaf.type), Enum):
                told += (yield from self._values(leaf, counterpart, where)).told
        return Outcome(merged(told))


def _tagged(kind: str, tag: str, old: Span | None, new: Span | None) -> Where:
    return Where(Subject(kind, tag), f"`{kind} {tag}`", (old, new))


def _is_nothing(bare: Type) -> bool:
    """Return whether nothing can be said of *bare*: it isn't known, or has no bytes."""
    return isinstance(bare, (Void, FuncProto, Named, Unknown))


def _name(type: Type) -> Name | None:
    """Return the kind and name of *type*, a struct, union or enum: its tag, or else its typedef."""
    bare = underlying(type)
    if isinstance(bare, (Composite, Enum)) and bare.tag is not None:
        return "enum" if isinstance(bare, Enum) else bare.kind, bare.tag
    found = typedefs_around(type)
    return ("typedef", found[-1].name) if found else None
