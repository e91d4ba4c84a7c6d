"""Inner maps: what may be one, what it may have, and what may stand in a slot."""

from __future__ import annotations

from bpfgen.ctype.types import Composite, underlying
from bpfgen.kernel.map_flags import MAP_FLAGS, flags_value
from bpfgen.kernel.map_kinds import ARRAY, XSKMAP
from bpfgen.record import TYPE_CHECKING
from bpfgen.rules.fields.uses import FieldFinder
from bpfgen.rules.maps.bpf_attr import bpf_attrs_of, subject_of, with_article
from bpfgen.text.diagnostics import Diagnostic, Label

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bpfgen.model.maps import Map, Shape
    from bpfgen.model.model import Model
    from bpfgen.rules.maps.bpf_attr import BpfAttr
    from bpfgen.rules.target import Target

_INNER_MAP = MAP_FLAGS["BPF_F_INNER_MAP"].value
_OF_THE_FILE = flags_value(("BPF_F_RDONLY", "BPF_F_WRONLY"))
"""Flags that the map itself doesn't keep: they restrict the file descriptor that creates it
(bpf_map_flags_retain_permanent)."""

_SIZES_SINCE = (5, 10)

_NOT_STORED = "Linux refuses to store it with EINVAL (bpf_map_meta_equal), and libbpf loads nothing"


def inner_map_kind(_model: Model, target: Target) -> Iterator[Diagnostic]:
    """Not every kind can be the inner map of a map of maps.

    What it does: refuses a map of maps, prog_array, the cgroup storages of 4.19 and 4.20,
    struct_ops and insn_array as inner maps.
    Why: libbpf reads one level of inner maps (parse_btf_map_def); the kernel refuses the outer map
    with EINVAL for a map of maps in it, with ENOTSUPP for kinds without a map_meta_equal
    (bpf_map_meta_alloc).

    Wrong:
        map m: array_of_maps<__u32, prog_array[4]>[2];
    Right:
        map m: array_of_maps<__u32, array<__u32, __u64>[4]>[2];
    """
    for attr in target.attrs:
        kind = attr.kind
        if not attr.is_inner or kind.may_be_inner:
            continue
        errno = "EINVAL" if kind.of_maps else "ENOTSUPP"
        notes = [f"Linux refuses it with {errno} (bpf_map_meta_alloc)"]
        if kind.of_maps and attr.shape.inner is not None:
            notes.append("libbpf refuses it: multi-level inner maps (parse_btf_map_def)")
        yield attr.diagnostic(
            "inner-map-kind",
            f"{with_article(kind)} can't be an inner map",
            "",
            notes=tuple(notes),
            help="an `array` or a `hash` can be one",
        )


def inner_map_pinning(_model: Model, target: Target) -> Iterator[Diagnostic]:
    """An inner definition has no name, so that it can't be pinned.

    What it does: refuses `pinning` in the definition of an inner map, and a template that has it.
    Why: libbpf refuses the object: inner def can't be pinned (parse_btf_map_def).

    Wrong:
        map m: array_of_maps<__u32, array<__u32, __u64>[4] { pinning = by_name; }>[2];
    Right:
        map m: array_of_maps<__u32, array<__u32, __u64>[4]>[2] { pinning = by_name; };
    """
    for attr in target.attrs:
        pinning = attr.shape.attributes.get("pinning") if attr.is_inner else None
        if pinning is not None:
            yield attr.diagnostic(
                "inner-map-pinning",
                "an inner map can't be pinned",
                "pinning",
                span=pinning.span or attr.declared.span,
                notes=("libbpf refuses it: inner def can't be pinned (parse_btf_map_def)",),
                help="leave it out here; maps that are stored in it can be pinned",
            )


def slot_map(model: Model, target: Target) -> Iterator[Diagnostic]:
    """The maps in the slots of a map of maps are like its inner definition.

    What it does: compares each map that is an initial value with the inner definition: kind, sizes
    of key and value, map_flags (but for BPF_F_RDONLY and BPF_F_WRONLY, which are not kept) and the
    special fields of the value are equal. `max_entries` is equal too where the inner kind is
    xskmap, or array without BPF_F_INNER_MAP, and on kernels before 5.10 everywhere. A legacy map
    can't be stored, since libbpf finds maps in section `.maps` only.
    Why: libbpf stores the maps after it has created them, and the kernel refuses a map that differs
    with EINVAL (bpf_map_meta_equal, array_map_meta_equal, xsk_map_meta_equal): nothing is loaded.

    Wrong:
        map red: hash<__u32, __u64>[64];
        map all: array_of_maps<__u32, hash<__u32, __u32>[64]>[2] = { [0] = red };
    Right:
        map red: hash<__u32, __u64>[64];
        map all: array_of_maps<__u32, hash<__u32, __u64>[64]>[2] = { [0] = red };
    """
    visible: dict[str, Map] | None = None
    for declared in model.maps:
        inner = declared.shape.inner
        if not declared.slots or inner is None:
            continue
        if visible is None:
            visible = _visible_maps(model)
        wanted = bpf_attrs_of(declared)[1]
        for slot in declared.slots:
            stored = visible.get(slot.name)
            if stored is not None and stored.legacy:
                yield Diagnostic(
                    "slot-map",
                    f"`{slot.name}` is a legacy map, and a slot holds BTF-defined ones only",
                    slot.span or declared.span,
                    labels=(Label(stored.span, "declared here"),) if stored.span else (),
                    notes=("libbpf refuses it (bpf_object__collect_map_relos)",),
                    help="make it a BTF-defined map: leave out `legacy`",
                    map=declared.name,
                    subject=subject_of(declared, f"values[{slot.index}]"),
                )
                continue
            if stored is None or _same_template(stored.shape, declared.shape):
                continue
            difference = _difference(slot.name, bpf_attrs_of(stored)[0], wanted, target)
            if not difference:
                continue
            labels = [Label(stored.span, "declared here")] if stored.span else []
            if inner.span is not None:
                labels.append(Label(inner.span, "the inner map"))
            yield Diagnostic(
                "slot-map",
                difference,
                slot.span or declared.span,
                labels=tuple(labels),
                notes=(_NOT_STORED,),
                help="use one template for both",
                map=declared.name,
                subject=subject_of(declared, f"values[{slot.index}]"),
            )


def _difference(name: str, stored: BpfAttr, wanted: BpfAttr, target: Target) -> str:
    """Return how the map *name* differs from the inner definition, or an empty text."""
    if stored.kind != wanted.kind:
        kinds = with_article(stored.kind), with_article(wanted.kind)
        return f"`{name}` is {kinds[0]}, and the inner map is {kinds[1]}"
    compared = ["key_size", "value_size", "map_flags"]
    if _entries_count(wanted, target):
        compared.append("max_entries")
    for attribute in compared:
        ours, theirs = getattr(wanted, attribute), getattr(stored, attribute)
        if ours is None or theirs is None:
            continue
        differ = (ours ^ theirs) & ~_OF_THE_FILE if attribute == "map_flags" else ours != theirs
        if differ:
            shown = (hex(theirs), hex(ours)) if attribute == "map_flags" else (theirs, ours)
            return f"`{attribute}` of `{name}` is {shown[0]}, that of the inner map is {shown[1]}"
    if _record(stored) != _record(wanted):
        return f"the special fields of the value of `{name}` are not those of the inner map"
    return ""


def _record(attr: BpfAttr) -> list[tuple[str, int, int]]:
    """Return the special fields of the value as the kernel finds them: name, offset, number."""
    shape = attr.shape
    if shape.value is None or shape.key is None or not attr.kind.special_fields:
        return []
    value = underlying(shape.value.type)
    if not isinstance(value, Composite):
        return []
    uses = FieldFinder().of(value).uses
    return [(use.name, use.bit_offset, use.count) for use in uses if not use.hidden]


def _entries_count(wanted: BpfAttr, target: Target) -> bool:
    """Return whether `max_entries` of a stored map must be that of the inner definition."""
    if target.kernel < _SIZES_SINCE or wanted.kind == XSKMAP:
        return True
    return wanted.kind == ARRAY and not (wanted.map_flags or 0) & _INNER_MAP


def _same_template(stored: Shape, outer: Shape) -> bool:
    return bool(stored.template) and stored.template == outer.inner_template


def _visible_maps(model: Model) -> dict[str, Map]:
    """Return the maps of *model* and of what it imports, by name."""
    visible: dict[str, Map] = {}
    for file in model.with_imports():
        for declared in file.maps:
            visible.setdefault(declared.name, declared)
    return visible


def slot_key_size(model: Model, _target: Target) -> Iterator[Diagnostic]:
    """Initial values of a hash_of_maps need a key of 4 bytes.

    What it does: compares the key of a hash_of_maps that has initial values with 4 bytes.
    Why: libbpf stores them under the numbers of their slots, and refuses any other key:
    hash-of-maps should have key size 4 (bpf_object__collect_map_relos).

    Wrong:
        template t: array<__u32, __u64>[1];
        map a: t;
        map m: hash_of_maps<__u64, t>[4] = { [0] = a };
    Right:
        template t: array<__u32, __u64>[1];
        map a: t;
        map m: hash_of_maps<__u32, t>[4] = { [0] = a };
    """
    for declared in model.maps:
        if not declared.slots or not declared.shape.kind.slots_by_key:
            continue
        outer = bpf_attrs_of(declared)[0]
        if outer.key_size not in (None, 4):
            yield outer.diagnostic(
                "slot-key-size",
                f"initial values need a key of 4 bytes, and this one has {outer.key_size}",
                "key_size",
                labels=(Label(declared.slots[0].span, "the first of them"),)
                if declared.slots[0].span
                else (),
                notes=("libbpf refuses it (bpf_object__collect_map_relos)",),
                help="use `__u32`, or store the maps at run time",
            )
