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
from bpfgen.ctype.describe import described
from bpfgen.ctype.identity import name_of
from bpfgen.kernel.map_flags import described_flags
from bpfgen.kernel.map_kinds import ARRAY
from bpfgen.kernel.special_fields import RECORDS_COMPARED_SINCE
from bpfgen.kernel.version import KERNEL, NEWEST, format_version
from bpfgen.record import TYPE_CHECKING
from bpfgen.rules.fields.uses import FieldFinder
from bpfgen.rules.maps.bpf_attr import bpf_attrs_of, with_article
from bpfgen.rules.maps.meta_equal import FIELDS, KIND, has_struct_in_btf, special_fields, unequal
from bpfgen.text.diagnostics import Subject

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bpfgen.changes.categories import Asked
    from bpfgen.changes.pairs import Pairs
    from bpfgen.kernel.version import KernelVersion
    from bpfgen.model.maps import Map
    from bpfgen.model.model import Model
    from bpfgen.rules.maps.bpf_attr import BpfAttr
    from bpfgen.rules.maps.meta_equal import RecordField

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
    is_other_kind = old.kind != new.kind
    is_known = old.shape.is_layout_known and new.shape.is_layout_known
    has_fields = False
    for one in unequal(old, new, kernel, finder):
        if one.what == KIND:
            yield _finding(old, new, KIND, (old.kind.name, new.kind.name))
        elif is_other_kind and (
            one.what in (FIELDS, "max_entries") or follows_from_kind(old, new, one.what)
        ):
            continue
        elif one.what == FIELDS:
            has_fields = True
            if is_known:
                yield _of_fields(old, new, finder)
        else:
            values = one.offered or 0, one.wanted or 0
            shown = map(described_flags if one.what == "map_flags" else str, values)
            yield _finding(old, new, one.what, (next(shown), next(shown)))
    if kernel < RECORDS_COMPARED_SINCE and not has_fields and not is_other_kind and is_known:
        yield from _of_types(old, new)


def _finding(old: BpfAttr, new: BpfAttr, what: str, values: tuple[str, str]) -> Finding:
    """Return that the inner definitions *old* and *new* have other *values* of *what*."""
    if what == KIND:
        kinds = with_article(new.kind), with_article(old.kind)
        message = f"each of {called(old, new)} is {kinds[0]} now and was {kinds[1]}"
    else:
        message = f"`{what}` of {called(old, new)} is {values[1]} now and was {values[0]}"
    place = "" if what == KIND else what
    return Finding(
        _CODES[what],
        message,
        Side(values[0], old.place(place)),
        Side(values[1], new.place(place)),
        subject_of(old, new, what),
        (old.declared.name,),
        _REFUSED,
        (*_WAYS, _ENTRIES) if what == "max_entries" and new.kind == ARRAY else _WAYS,
    )


def _of_fields(old: BpfAttr, new: BpfAttr, finder: FieldFinder) -> Finding:
    """Return that the kernel manages other fields in the values, or has them at other places."""
    sides = [_listed(special_fields(attr, finder)) for attr in (old, new)]
    return _of_values(old, new, (sides[0], sides[1]), "special fields", _REFUSED, _WAYS)


def _of_types(old: BpfAttr, new: BpfAttr) -> Iterator[Finding]:
    """Yield that one side has a struct where the other has none, for Linux 5.15 to 6.1."""
    structs = has_struct_in_btf(old), has_struct_in_btf(new)
    if structs[0] != structs[1]:
        own, other = ("a struct" if one else "no struct" for one in structs)
        happens = (f"{_TIMER_OFF}; {_REFUSED[0]}", _REFUSED[1])
        since = f"Linux {format_version(RECORDS_COMPARED_SINCE)}"
        ways = (*_WAYS, f"{since} and later don't mind: raise `target kernel` where that is enough")
        yield _of_values(old, new, (own, other), "type", happens, ways)


def _of_values(
    old: BpfAttr,
    new: BpfAttr,
    sides: tuple[str, str],
    what: str,
    happens: tuple[str, ...],
    ways: tuple[str, ...],
) -> Finding:
    """Return that *what* of the inner maps' values is another one: *sides*."""
    name, own, other = old.declared.name, old.shape.value, new.shape.value
    subject, of = subject_of(old, new, "value"), f"of {called(old, new)}"
    named = None if own is None else name_of(own.type)
    if own is not None and other is not None and named == name_of(other.type) and named:
        subject, of = Subject(*named), f"in inner maps, `{described(own.type)}`"
    return Finding(
        _CODES[FIELDS],
        f"{what} of the value {of}: {sides[1]} now, {sides[0]} before",
        Side(sides[0], old.place("value_size")),
        Side(sides[1], new.place("value_size")),
        subject,
        (name,),
        happens,
        ways,
    )


def _listed(fields: tuple[RecordField, ...]) -> str:
    """Return *fields* in words: "`bpf_spin_lock` at byte 0", or "none"."""
    words = [
        f"`{field.row}`{f' of `{field.of}`' if field.of else ''} at byte {field.offset // 8}"
        for field in fields
    ]
    return ", ".join(words) or "none"
