"""The maps of OLD and NEW: which of their types are compared, and in which form their values are.

What has a type on both sides is compared by types, else by size, if both have one. A loader may set
a size later: of what is `runtime` nothing is known.
"""

from __future__ import annotations

from bpfgen.changes.layout.causes import Cause, Outcome, Where
from bpfgen.changes.layout.members import SIZE
from bpfgen.ctype.describe import counted
from bpfgen.ctype.sizes import sizeof
from bpfgen.ctype.types import Array, Composite, underlying
from bpfgen.kernel.map_flags import flags_value
from bpfgen.kernel.map_forms import (
    ELEMENTS,
    FILTER,
    MAPS,
    NOTHING,
    PER_CPU,
    PERF,
    QUEUE,
    RINGBUF,
    USER_RINGBUF,
    form_of,
)
from bpfgen.kernel.map_operations import MAP_OPERATIONS
from bpfgen.record import TYPE_CHECKING, Record
from bpfgen.text.diagnostics import Subject

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bpfgen.changes.layout.compare import Comparison
    from bpfgen.changes.pairs import MapPair
    from bpfgen.model.maps import Map, Shape, TypeArgument

FORM = "break-layout-form"

KEY, VALUE, RECORD = "key", "value", "record"
"""What a type is that of."""

_FORMS = {
    ELEMENTS: "values under keys",
    PER_CPU: "a value for each CPU under each key",
    MAPS: "maps under keys",
    QUEUE: "values in a row, without keys",
    FILTER: "values that are there or not, without keys",
    RINGBUF: "records in one buffer",
    PERF: "records in a buffer for each CPU",
    USER_RINGBUF: "records that user space writes",
    NOTHING: "pages",
}


class Use(Record):
    """What the comparison of a type of a map came to.

    Attributes:
        map: The map of OLD; None of a type that was compared without one.
        role: `key`, `value` or `record`; empty for the map itself.
        where: The key or value, as what it is of.
        outcome: What differs.
        unknown: OLD or NEW, whichever doesn't know the type while the other does; else empty.
        is_compared_whole: The map finds an element by all bytes of the type.
        sizes: Bytes of both types, where the kernel copies one to a reader; else None.
    """

    map: Map | None
    role: str
    where: Where
    outcome: Outcome
    unknown: str = ""
    is_compared_whole: bool = False
    sizes: tuple[int, int] | None = None


def uses_of(pair: MapPair, comparison: Comparison) -> Iterator[Use]:
    """Yield what has become of each type of a map that is on both sides; not what is the same."""
    assert pair.old is not None
    assert pair.new is not None
    old, new, inner = pair.old.shape, pair.new.shape, ""
    whose = f"map `{pair.old.name}`"
    while True:
        yield from _of_shapes(pair, old, new, whose, inner, comparison)
        if old.inner is None or new.inner is None:
            return
        old, new = old.inner, new.inner
        whose, inner = f"the inner maps of {whose}", f"inner.{inner}"


def _of_shapes(
    pair: MapPair, old: Shape, new: Shape, whose: str, inner: str, comparison: Comparison
) -> Iterator[Use]:
    assert pair.old is not None
    assert pair.new is not None
    spans = old.span or pair.old.span, new.span or pair.new.span
    form = _changed_form(old, new, whose)
    if form is not None:
        where = Where(Subject("map", pair.old.name, f"{inner}type"), whose, spans)
        cause = Cause(FORM, where, *form)
        yield Use(pair.old, "", where, Outcome(((cause, ()),)))
    for role, own, other in (
        (KEY, old.key, new.key),
        (VALUE, old.value, new.value),
        (RECORD, old.record, new.record),
    ):
        if role == VALUE and (old.kind.of_maps or old.kind.of_programs):
            continue
        label = f"the {role} of {whose}" if role != RECORD else f"the records of {whose}"
        subject = Subject("map", pair.old.name, f"{inner}{role}")
        places = [
            span if argument is None else argument.span or span
            for argument, span in ((own, spans[0]), (other, spans[1]))
        ]
        where = Where(subject, label, (places[0], places[1]))
        whole = old.kind.compared_by != "" and role == (VALUE if old.kind.keyless else KEY)
        if own is not None and other is not None:
            outcome = comparison.outcome(own.type, other.type, where)
            if not outcome.is_same:
                sizes = None if role == RECORD else (sizeof(own.type) or 0, sizeof(other.type) or 0)
                yield Use(pair.old, role, where, outcome, "", whole, sizes)
            continue
        yield from _of_sizes(pair.old, role, where, (old, new), (own, other))


def _of_sizes(
    map: Map,
    role: str,
    where: Where,
    shapes: tuple[Shape, Shape],
    types: tuple[TypeArgument | None, TypeArgument | None],
) -> Iterator[Use]:
    """Compare what has a type on one side at most, and a size."""
    if role == RECORD:
        # No size stands for it; a kind without records has none to know.
        is_known = types[0] is not None or types[1] is not None
        if is_known and all(shape.kind.has_record for shape in shapes):
            yield Use(map, role, where, Outcome(), "NEW" if types[1] is None else "OLD")
        return
    sizes = [_size(shape, role, type) for shape, type in zip(shapes, types, strict=True)]
    if None in sizes:
        return
    if sizes[0] != sizes[1]:
        values = counted(sizes[0] or 0, "byte"), counted(sizes[1] or 0, "byte")
        message = f"{where.label} had {values[0]} and has {values[1]}"
        happens = f"{{old}} have {values[0]}, and {values[1]} are read"
        cause = Cause(SIZE, where, message, values, (happens,))
        copied = (sizes[0] or 0, sizes[1] or 0)
        outcome = Outcome(((cause, ()),), resizing=(cause,))
        yield Use(map, role, where, outcome, sizes=copied)
        return
    known = types[0] or types[1]
    if known is not None and isinstance(underlying(known.type), (Composite, Array)):
        yield Use(map, role, where, Outcome(), "NEW" if types[1] is None else "OLD")


def _size(shape: Shape, role: str, type: TypeArgument | None) -> int | None:
    if type is not None:
        return sizeof(type.type)
    attribute = shape.attributes.get(f"{role}_size")
    return None if attribute is None else attribute.value


def _changed_form(
    old: Shape, new: Shape, whose: str
) -> tuple[str, tuple[str, str], tuple[str, ...]] | None:
    """Return the message, both values and what happens if values come in another form."""
    forms = form_of(old.kind), form_of(new.kind)
    values = f"`{old.kind.name}`", f"`{new.kind.name}`"
    message = f"{whose} was {values[0]} and is {values[1]}"
    if forms[0] != forms[1]:
        words = [_FORMS[form] for form in forms]
        return message, values, (f"a reader of the old map expects {words[0]}, not {words[1]}",)
    rows = MAP_OPERATIONS[old.kind.name], MAP_OPERATIONS[new.kind.name]
    taken = [(row.key_of, row.value_of, row.lookup_gives) for row in rows]
    if taken[0] != taken[1]:
        return message, values, ("keys or values are other things to user space",)
    flags = [_flags(shape) for shape in (old, new)]
    if None in flags:
        return None
    build_id = flags_value(("BPF_F_STACK_BUILD_ID",))
    stacks = [bool((one or 0) & build_id) for one in flags]
    if old.kind.name == "stack_trace" and stacks[0] != stacks[1]:
        words = ["addresses", "offsets in files"]
        was, now = words[stacks[0]], words[stacks[1]]
        message = f"{whose} held {was} and holds {now}: `BPF_F_STACK_BUILD_ID`"
        return message, (was, now), (f"a reader of the old map expects {was}",)
    return None


def _flags(shape: Shape) -> int | None:
    """Return the map_flags of *shape*; None where a loader sets them."""
    attribute = shape.attributes.get("map_flags")
    return 0 if attribute is None else attribute.value
