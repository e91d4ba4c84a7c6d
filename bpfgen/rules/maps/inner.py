"""Inner maps: what may be one, what it may have, and what may stand in a slot."""

from __future__ import annotations

from bpfgen.kernel.map_flags import MAP_FLAGS
from bpfgen.kernel.special_fields import RECORDS_COMPARED_SINCE
from bpfgen.kernel.version import format_version
from bpfgen.model.maps import Map
from bpfgen.record import TYPE_CHECKING
from bpfgen.rules.maps.bpf_attr import bpf_attrs_of, subject_of, with_article
from bpfgen.rules.target import lacking
from bpfgen.text.diagnostics import WARNING, Diagnostic, Label

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bpfgen.model.maps import Shape, Template
    from bpfgen.model.model import Model
    from bpfgen.rules.fields.uses import FieldFinder
    from bpfgen.rules.maps.bpf_attr import BpfAttr
    from bpfgen.rules.target import Target

_TIMER_OFF = "Linux 5.15 to 6.1 compare timer_off, which a struct's type changes"

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
                edits=attr.without("pinning"),
            )


def slot_map(model: Model, target: Target) -> Iterator[Diagnostic]:
    """The maps in the slots of a map of maps are like its inner definition.

    What it does: compares each map that is an initial value with the inner definition: kind, sizes
    of key and value, map_flags (but for BPF_F_RDONLY and BPF_F_WRONLY, which are not kept) and the
    special fields of the value are equal. `max_entries` is equal too where the inner kind is
    xskmap, or array without BPF_F_INNER_MAP, and on kernels before 5.10 everywhere. Where the
    target is older than 6.2, both have a struct as the type of their values, or neither has: Linux
    5.15 to 6.1 tell a struct from an integer, and from no type. A legacy map can't be stored, since
    libbpf finds maps in section `.maps` only.
    Why: libbpf stores the maps after it has created them, and the kernel refuses a map that differs
    with EINVAL (bpf_map_meta_equal, array_map_meta_equal, xsk_map_meta_equal): nothing is loaded.

    Wrong:
        map red: hash<__u32, __u64>[64];
        map both: array_of_maps<__u32, hash<__u32, __u32>[64]>[2] = { [0] = red };
    Right:
        map red: hash<__u32, __u64>[64];
        map both: array_of_maps<__u32, hash<__u32, __u64>[64]>[2] = { [0] = red };
    """
    visible: dict[str, Map] | None = None
    finder = target.fields
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
                    edits=(edits := bpf_attrs_of(stored)[0].modern()),
                    changes_meaning=bool(edits),
                )
                continue
            if stored is None or _same_template(stored.shape, declared.shape):
                continue
            offered = bpf_attrs_of(stored)[0]
            difference, is_old = _difference(slot.name, offered, wanted, target, finder), False
            if not difference and target.kernel < RECORDS_COMPARED_SINCE:
                difference, is_old = _type_difference(slot.name, offered, wanted), True
            if not difference:
                continue
            labels = [Label(stored.span, "declared here")] if stored.span else []
            if inner.span is not None:
                labels.append(Label(inner.span, "the inner map"))
            help_ = "use one template for both"
            if is_old:
                help_ += f", or write `target kernel >= {format_version(RECORDS_COMPARED_SINCE)};`"
            complaint = Diagnostic(
                "slot-map",
                difference,
                slot.span or declared.span,
                labels=tuple(labels),
                notes=(_TIMER_OFF, _NOT_STORED) if is_old else (_NOT_STORED,),
                help=help_,
                map=declared.name,
                subject=subject_of(declared, f"values[{slot.index}]"),
            )
            what = f"`{slot.name}` in a slot whose inner map has another type of value"
            if is_old:
                complaint = lacking(complaint, what, target, RECORDS_COMPARED_SINCE)
            yield complaint


def _difference(
    name: str, stored: BpfAttr, wanted: BpfAttr, target: Target, finder: FieldFinder
) -> str:
    """Return how the map *name* differs from the inner definition, or an empty text."""
    from bpfgen.rules.maps.meta_equal import FIELDS, KIND, unequal  # for slots alone

    first = next(unequal(stored, wanted, target.kernel, finder), None)
    if first is None:
        return ""
    if first.what == KIND:
        kinds = with_article(stored.kind), with_article(wanted.kind)
        return f"`{name}` is {kinds[0]}, and the inner map is {kinds[1]}"
    if first.what == FIELDS:
        return f"the special fields of the value of `{name}` are not those of the inner map"
    theirs, ours = first.offered or 0, first.wanted or 0
    shown = (hex(theirs), hex(ours)) if first.what == "map_flags" else (theirs, ours)
    return f"`{first.what}` of `{name}` is {shown[0]}, that of the inner map is {shown[1]}"


def _type_difference(name: str, stored: BpfAttr, wanted: BpfAttr) -> str:
    """Return how the types of *name*'s values differ for Linux 5.15 to 6.1, or an empty text."""
    from bpfgen.rules.maps.meta_equal import has_struct_in_btf

    theirs, ours = has_struct_in_btf(stored), has_struct_in_btf(wanted)
    if theirs == ours:
        return ""
    has, lacks = (f"`{name}`", "the inner map") if theirs else ("the inner map", f"`{name}`")
    return f"the kernel knows the struct that is the value of {has}, and none of {lacks}"


def inner_map_types(_model: Model, target: Target) -> Iterator[Diagnostic]:
    """Linux 5.15 to 6.1 refuse an inner map that has no types where its definition has a struct.

    What it does: warns of an inner definition whose value is a struct, where the target is older
    than 6.2 and not every slot has its initial map, so that user space stores others.
    Why: those kernels compare timer_off, which is ENOENT for a struct without a bpf_timer, and
    EINVAL for an integer and for no type at all (bpf_map_meta_equal, btf_find_timer). A map that
    user space makes without BTF, as bpf_map_create() does unless it is given ids of types, gets
    EINVAL when it is stored, although kind, sizes and flags are right. Sizes instead of the types,
    in the definition too, work with all kernels.

    Wrong:
        target kernel >= 5.15;
        struct session { __u64 seen; };
        map tenants: hash_of_maps<__u32, hash<__u32, session>[64]>[8];
    Right:
        target kernel >= 6.2;
        struct session { __u64 seen; };
        map tenants: hash_of_maps<__u32, hash<__u32, session>[64]>[8];
    """
    if target.kernel >= RECORDS_COMPARED_SINCE:
        return
    from bpfgen.rules.maps.meta_equal import has_struct_in_btf

    since = format_version(RECORDS_COMPARED_SINCE)
    for attr in target.attrs:
        if not attr.is_inner or not has_struct_in_btf(attr) or _all_slots_filled(attr.declared):
            continue
        yield attr.diagnostic(
            "inner-map-types",
            "an inner map that user space makes without types is refused by Linux 5.15 to 6.1",
            "value_size",
            notes=(f"{_TIMER_OFF}: EINVAL for a map without one (bpf_map_meta_equal)",),
            help="give user space's maps these types, write `key_size` and `value_size` here"
            f" instead, or `target kernel >= {since};`",
            severity=WARNING,
        )


def _all_slots_filled(declared: Map | Template) -> bool:
    """Return whether each slot of *declared* has a map in the source, and user space adds none."""
    if not isinstance(declared, Map):
        return False
    entries = declared.shape.attributes.get("max_entries")
    return entries is not None and len(declared.slots) == entries.value


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
                replacement="4" if outer.shape.key is None else "__u32",
            )


def slot_access(model: Model, _target: Target) -> Iterator[Diagnostic]:
    """A map with initial values must let user space write.

    What it does: refuses BPF_F_RDONLY on a map that has initial values.
    Why: libbpf stores them through the descriptor that the flag makes read-only, which Linux
    refuses with EPERM (map_update_elem in kernel/bpf/syscall.c): the object doesn't load.

    Wrong:
        template t: array<__u32, __u64>[1];
        map a: t;
        map m: array_of_maps<__u32, t>[1] { map_flags = BPF_F_RDONLY; } = { [0] = a };
    Right:
        template t: array<__u32, __u64>[1];
        map a: t;
        map m: array_of_maps<__u32, t>[1] { map_flags = BPF_F_WRONLY; } = { [0] = a };
    """
    flag = MAP_FLAGS["BPF_F_RDONLY"].value
    for declared in model.maps:
        if not declared.slots:
            continue
        outer = bpf_attrs_of(declared)[0]
        if (outer.map_flags or 0) & flag:
            span = declared.slots[0].span
            yield outer.diagnostic(
                "slot-access",
                "libbpf can't store initial values in a map with BPF_F_RDONLY",
                "map_flags",
                part="BPF_F_RDONLY",
                labels=(Label(span, "the first of them"),) if span else (),
                notes=("Linux refuses it with EPERM (map_update_elem), and nothing is loaded",),
                help="leave out BPF_F_RDONLY, or store the values at run time",
                edits=outer.without_flags(("BPF_F_RDONLY",)),
            )
