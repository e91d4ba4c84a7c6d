"""The category `inner`: whether an inner map may still stand in its slot.

A map of maps takes what is like the inner definition that it was created with. The inner maps of a
running system were made by one version of a program, and the map that holds them perhaps by the
other: the kernel refuses to store the one in the other where the two definitions differ in what it
compares (:mod:`bpfgen.rules.maps.meta_equal`). It is the same in both directions.
"""

from __future__ import annotations

from bpfgen.changes.definitions import called, follows_from_kind, subject_of
from bpfgen.changes.finding import Finding, Side
from bpfgen.changes.merging import merged
from bpfgen.ctype.describe import counted, described
from bpfgen.ctype.identity import name_of
from bpfgen.ctype.types import Composite, Enum, underlying
from bpfgen.kernel.map_flags import described_flags
from bpfgen.kernel.map_kinds import ARRAY
from bpfgen.kernel.special_fields import RECORDS_COMPARED_SINCE
from bpfgen.kernel.version import KERNEL, NEWEST, format_version
from bpfgen.record import TYPE_CHECKING, Record
from bpfgen.rules.fields.uses import FieldFinder
from bpfgen.rules.maps.bpf_attr import bpf_attrs_of, with_article
from bpfgen.rules.maps.meta_equal import FIELDS, KIND, has_struct_in_btf, special_fields, unequal
from bpfgen.text.diagnostics import Subject
from bpfgen.text.spelling import expected_list

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bpfgen.changes.categories import Asked
    from bpfgen.changes.pairs import Pairs
    from bpfgen.kernel.version import KernelVersion
    from bpfgen.model.maps import Map, TypeArgument
    from bpfgen.model.model import Model
    from bpfgen.rules.maps.bpf_attr import BpfAttr
    from bpfgen.rules.maps.meta_equal import RecordField, Unequal
    from bpfgen.text.source import Span

_CODES = {
    KIND: "break-inner-kind",
    "key_size": "break-inner-key-size",
    "value_size": "break-inner-value-size",
    "map_flags": "break-inner-map-flags",
    "max_entries": "break-inner-max-entries",
    FIELDS: "break-inner-fields",
}

_REFUSED = (
    (
        "an inner map of the old definition can't be stored in the map that NEW declares: EINVAL"
        " from Linux (bpf_map_meta_equal)"
    ),
    "nor can one of the new definition, in an old map that is pinned or still in use",
)

_WAYS = (
    "give the outer map another name, so that old inner maps and new ones never meet",
    "unpin the old outer map, and load all programs that make inner maps together with the new one",
)

_ENTRIES = (
    "with BPF_F_INNER_MAP in `map_flags` of both, Linux lets `max_entries` differ from 5.10 on;"
    " to set it later is a change of `map_flags`"
)

_TIMER_OFF = "Linux 5.15 to 6.1 compare timer_off, which a struct's type changes"


def findings(pairs: Pairs, asked: Asked) -> Iterator[Finding]:
    """Yield where the inner maps of OLD and of NEW can't take each other's place."""
    kernel = _target(pairs.new, asked)
    finders = FieldFinder()
    found: list[Finding] = []
    for pair in pairs.maps:
        old, new = pair.old, pair.new
        if old is None or new is None or not old.shape.kind.of_maps:
            continue
        if not new.shape.kind.of_maps:
            found.append(_no_outer(old, new))
        elif old.shape.inner is not None and new.shape.inner is not None:
            found += _compared(bpf_attrs_of(old)[1], bpf_attrs_of(new)[1], kernel, finders)
    yield from merged(found)


def _target(model: Model, asked: Asked) -> KernelVersion:
    """Return the oldest kernel that the maps of *model* must work on."""
    own = model.targets.get(KERNEL)
    return asked.kernel or (NEWEST if own is None else own.version)


def _no_outer(old: Map, new: Map) -> Finding:
    kinds = with_article(old.shape.kind), with_article(new.shape.kind)
    return Finding(
        "break-inner-outer",
        f"`{old.name}` is {kinds[1]} now and was {kinds[0]}: it holds no maps any more",
        Side(old.shape.kind.name, old.shape.span or old.span),
        Side(new.shape.kind.name, new.shape.span or new.span),
        Subject("map", old.name, KIND),
        (old.name,),
        ("whoever stores inner maps in it gets EINVAL, or stores numbers as values",),
        ("give the new map another name",),
    )


def _compared(
    old: BpfAttr, new: BpfAttr, kernel: KernelVersion, finder: FieldFinder
) -> Iterator[Finding]:
    """Yield what the inner definitions *old* and *new* differ in, as *kernel* compares them."""
    found = {one.what: one for one in unequal(old, new, kernel, finder)}
    if KIND in found:
        yield _attribute(old, new, found.pop(KIND))
        for what in [FIELDS, "max_entries", *(w for w in found if follows_from_kind(old, new, w))]:
            found.pop(what, None)
    for role in ("key", "value"):
        size = found.pop(f"{role}_size", None)
        if size is not None:
            yield _of_sizes(old, new, role, size)
            if role == "value" and _moved_alone(old, new, finder):
                found.pop(FIELDS, None)
    are_types_known = old.shape.is_layout_known and new.shape.is_layout_known
    has_fields = found.pop(FIELDS, None) is not None
    for one in found.values():
        yield _attribute(old, new, one)
    if has_fields and are_types_known:
        yield _of_fields(old, new, finder)
    elif kernel < RECORDS_COMPARED_SINCE and old.kind == new.kind and are_types_known:
        yield from _of_types(old, new)


def _attribute(old: BpfAttr, new: BpfAttr, one: Unequal) -> Finding:
    """Return that two inner definitions are of other kinds, or have other flags or entries."""
    if one.what == KIND:
        values = old.kind.name, new.kind.name
        kinds = with_article(new.kind), with_article(old.kind)
        message = f"each of {called(old, new)} is {kinds[0]} now and was {kinds[1]}"
    else:
        own, other = one.offered or 0, one.wanted or 0
        is_flags = one.what == "map_flags"
        values = (
            (described_flags(own), described_flags(other)) if is_flags else (str(own), str(other))
        )
        message = f"`{one.what}` of {called(old, new)} is {values[1]} now and was {values[0]}"
    place = "" if one.what == KIND else one.what
    return Finding(
        _CODES[one.what],
        message,
        Side(values[0], old.place(place)),
        Side(values[1], new.place(place)),
        subject_of(old, new, one.what),
        (old.declared.name,),
        _REFUSED,
        (*_WAYS, _ENTRIES) if one.what == "max_entries" and new.kind == ARRAY else _WAYS,
    )


class _Held(Record):
    """The key or value of inner maps, as it is called.

    Attributes:
        words: "`struct session`, the value of inner maps,": a type that both sides have is that of
            all maps that hold it.
        subject: The same by name.
        old: Where it is in OLD: that type, or what the definition says of it.
        new: The same in NEW.
    """

    words: str
    subject: Subject
    old: Span | None
    new: Span | None


def _held(old: BpfAttr, new: BpfAttr, role: str) -> _Held:
    size = f"{role}_size"
    own: TypeArgument | None = getattr(old.shape, role)
    other: TypeArgument | None = getattr(new.shape, role)
    places = old.place(size), new.place(size)
    if own is None or other is None:
        words = f"the {role} of {called(old, new)}"
        return _Held(words, subject_of(old, new, size), *places)
    name = name_of(own.type)
    if name is None or not name[1] or name != name_of(other.type):
        return _Held(f"the {role} of {called(old, new)}", subject_of(old, new, role), *places)
    words = f"`{described(own.type)}`, the {role} of inner maps,"
    types = underlying(own.type), underlying(other.type)
    spans = [one.span if isinstance(one, (Composite, Enum)) else None for one in types]
    return _Held(words, Subject(*name), spans[0] or places[0], spans[1] or places[1])


def _of_sizes(old: BpfAttr, new: BpfAttr, role: str, one: Unequal) -> Finding:
    """Return that the keys or values (*role*) have other sizes."""
    held = _held(old, new, role)
    sizes = counted(one.offered or 0, "byte"), counted(one.wanted or 0, "byte")
    return Finding(
        _CODES[one.what],
        f"{held.words} has {sizes[1]} now and had {sizes[0]}",
        Side(sizes[0], held.old),
        Side(sizes[1], held.new),
        held.subject,
        (old.declared.name,),
        _REFUSED,
        _WAYS,
    )


def _moved_alone(old: BpfAttr, new: BpfAttr, finder: FieldFinder) -> bool:
    """Return whether the special fields are the same ones, at other places or not."""
    own, other = special_fields(old, finder), special_fields(new, finder)
    return [(one.row, one.of) for one in own] == [(one.row, one.of) for one in other]


def _of_fields(old: BpfAttr, new: BpfAttr, finder: FieldFinder) -> Finding:
    """Return that the kernel manages other fields in the values, or has them at other places."""
    own, other = special_fields(old, finder), special_fields(new, finder)
    gone = [one for one in own if one not in other]
    added = [one for one in other if one not in own]
    sides = _listed(gone), _listed(added)
    held = _held(old, new, "value")
    if not added:
        message = f"{held.words} has no {sides[0]} any more"
    elif not gone:
        message = f"{held.words} has {sides[1]}, which it hadn't"
    else:
        message = f"{held.words} has {sides[1]} now and had {sides[0]}"
    return Finding(
        _CODES[FIELDS],
        message,
        Side(sides[0], gone[0].span if gone and gone[0].span is not None else held.old),
        Side(sides[1], added[0].span if added and added[0].span is not None else held.new),
        held.subject,
        (old.declared.name,),
        _REFUSED,
        _WAYS,
    )


def _listed(fields: list[RecordField]) -> str:
    """Return *fields* in words: "`bpf_spin_lock` at byte 0"; empty if there are none."""
    words = [
        f"`{field.row}`{f' of `{field.of}`' if field.of else ''} at byte {field.offset // 8}"
        for field in fields
    ]
    return expected_list(words, "and")


def _of_types(old: BpfAttr, new: BpfAttr) -> Iterator[Finding]:
    """Yield that one side has a struct where the other has none, for Linux 5.15 to 6.1."""
    structs = has_struct_in_btf(old), has_struct_in_btf(new)
    if structs[0] == structs[1]:
        return
    own, other = ("a struct" if one else "no struct" for one in structs)
    held = _held(old, new, "value")
    since = f"Linux {format_version(RECORDS_COMPARED_SINCE)}"
    yield Finding(
        _CODES[FIELDS],
        f"{held.words} is {other} to the kernel now and was {own}",
        Side(own, held.old),
        Side(other, held.new),
        held.subject,
        (old.declared.name,),
        (_TIMER_OFF, *_REFUSED),
        (*_WAYS, f"{since} and later don't mind: raise `target kernel` where that is enough"),
    )
