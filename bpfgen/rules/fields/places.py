"""On which maps special fields may be: kinds, flags, inner maps, and how user space sees them.

Source: map_check_btf in kernel/bpf/syscall.c, bpf_map_meta_alloc in kernel/bpf/map_in_map.c,
array_map_mmap in kernel/bpf/arraymap.c; read in 6.1 and 6.12, tried on 6.18.
"""

from __future__ import annotations

from bpfgen.kernel.map_flags import MAP_FLAGS
from bpfgen.kernel.map_kinds import ARRAY, MAP_KINDS
from bpfgen.kernel.special_fields import INNER_LOCK_SINCE, SPECIAL_FIELDS
from bpfgen.kernel.version import format_version
from bpfgen.record import TYPE_CHECKING
from bpfgen.rules.fields.holders import value_struct
from bpfgen.rules.fields.uses import NODES, row_name
from bpfgen.rules.maps.bpf_attr import map_name, subject_of, with_article
from bpfgen.rules.maps.definitions import shapes
from bpfgen.rules.target import lacking
from bpfgen.text.diagnostics import ERROR, WARNING, Diagnostic, Label

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bpfgen.ctype.types import Type
    from bpfgen.kernel.map_kind import MapKind
    from bpfgen.model.maps import Map, Shape, Template
    from bpfgen.model.model import Model
    from bpfgen.rules.fields.uses import FieldFinder, FieldUse
    from bpfgen.rules.maps.bpf_attr import BpfAttr
    from bpfgen.rules.target import Target
    from bpfgen.text.diagnostics import Edit


def field_places(model: Model, target: Target) -> Iterator[Diagnostic]:
    """A value with special fields needs a kind of map that takes each, and types in BTF.

    What it does: holds the fields of each map's value against the column of its kind; refuses
    BPF_F_RDONLY_PROG and BPF_F_WRONLY_PROG beside them, legacy maps, values and keys that are given
    by sizes only (of `sizeof(T)` it looks at T), and on kernels before 6.2 inner maps with a
    bpf_spin_lock; warns of BPF_F_MMAPABLE.
    Why: map_check_btf answers EOPNOTSUPP and EACCES, upon which libbpf creates the map without its
    types (a local storage can't do without them, so that nothing is loaded); without types the
    verifier refuses the first program that uses the field.
    Kinds whose types libbpf never hands on (a queue, a sockmap) take the value for plain bytes, and
    store it as it is: that is a warning.
    """
    finder = target.fields
    legacy = {id(declared.shape) for declared in model.maps if declared.legacy}  # by identity
    for shape, declared in shapes(model):
        if shape.inner is not None:
            yield from _inner(shape, declared, finder, target)
        uses = found_fields(shape, finder)
        if not uses or shape.value is None:
            continue
        span = shape.value.span
        if id(shape) in legacy:
            yield Diagnostic(
                "special-field-kind",
                f"a legacy map has no types in BTF, so that the kernel doesn't find its"
                f" `{uses[0].name}`",
                span,
                labels=_declared(uses[0]),
                help="leave out `legacy`",
                map=map_name(declared),
                subject=subject_of(declared, f"value.{uses[0].path}"),
                edits=(edits := _modern(declared)),
                changes_meaning=bool(edits),
            )
            continue
        yield from _kind(shape, declared, uses, target)
        yield from _flags(shape, declared, uses)
    for attr in target.attrs:
        yield from _untyped(attr, finder)


def _modern(declared: Map | Template) -> tuple[Edit, ...]:
    """Return the edits that leave out `legacy` before *declared*."""
    # Only a mistake pays for this import.
    from bpfgen.rules.maps.edits import modern

    return modern(declared)


def _untyped(attr: BpfAttr, finder: FieldFinder) -> Iterator[Diagnostic]:
    """Yield the fields of a value whose type isn't given, or not given to the kernel."""
    shape = attr.shape
    if attr.is_template or shape.kind.btf == "required":  # map-types-required asks for types
        return
    sizes = (shape.attributes.get("key_size"), shape.attributes.get("value_size"))
    if any(size is not None and size.expression is not None for size in sizes):
        # Most maps have types, and needn't load what looks at sizes.
        from bpfgen.rules.fields.untyped import half_typed_fields, untyped_fields

        yield from untyped_fields(attr, finder)
        if shape.key is None and shape.kind.takes_both_types and not attr.legacy:
            uses = found_fields(shape, finder)
            if uses:
                yield from half_typed_fields(attr, uses)


def found_fields(shape: Shape, finder: FieldFinder) -> list[FieldUse]:
    """Return the special fields that the kernel finds in the value of *shape*."""
    return [] if shape.value is None else fields_of_value(shape.value.type, finder)


def fields_of_value(value: Type, finder: FieldFinder) -> list[FieldUse]:
    """Return the special fields that the kernel finds in a value of type *value*."""
    composite = value_struct(value)
    if composite is None:
        return []
    return [
        use
        for use in finder.of(composite).uses
        if not use.hidden and use.name not in NODES and len(use.tags) < 2
    ]


def _kind(
    shape: Shape, declared: Map | Template, uses: list[FieldUse], target: Target
) -> Iterator[Diagnostic]:
    """Yield each kind of field once that the kind of map doesn't take."""
    assert shape.value is not None
    kind = shape.kind
    reported: set[str] = set()
    for use in uses:
        row = row_name(use.name)
        if row in reported:
            continue
        reported.add(row)
        if row not in kind.special_fields:
            # Only a mistake pays for this import.
            from bpfgen.text.spelling import expected_list

            takers = [k.name for k in MAP_KINDS.values() if row in k.special_fields]
            yield Diagnostic(
                "special-field-kind",
                f"the value of {with_article(kind)} can't hold a `{row}`",
                shape.value.span,
                label=f"holds a `{row}`",
                labels=_declared(use),
                notes=(_what_becomes_of_it(kind),),
                help=f"use {expected_list([f'`{taker}`' for taker in takers])}",
                severity=WARNING if kind.is_untyped else ERROR,
                map=map_name(declared),
                subject=subject_of(declared, f"value.{use.path}"),
            )
        elif SPECIAL_FIELDS[row].pointer and SPECIAL_FIELDS[row].since <= target.kernel < (
            kind.kptr_since
        ):
            since = format_version(kind.kptr_since)
            what = f"{with_article(kind)} takes a `{row}` pointer in its value since Linux {since}"
            complaint = Diagnostic(
                "special-field-version",
                f"{what}, and the target is {format_version(target.kernel)}",
                shape.value.span,
                labels=_declared(use),
                notes=("older kernels refuse it with EOPNOTSUPP (map_check_btf)",),
                help=f"write `target kernel >= {since};`, or use `hash` or `array`",
                map=map_name(declared),
                subject=subject_of(declared, f"value.{use.path}"),
            )
            yield lacking(complaint, what, target, kind.kptr_since)


def _what_becomes_of_it(kind: MapKind) -> str:
    """Return the note on a map of *kind* whose value has a field that the kind doesn't take."""
    if kind.btf == "required":
        return (
            "Linux refuses it with EOPNOTSUPP (map_check_btf), and then without types with EINVAL"
            " (bpf_local_storage_map_alloc_check): libbpf loads nothing"
        )
    if kind.is_untyped:
        return (
            "libbpf keeps the types of such a map back: Linux takes the field for plain bytes, and"
            " no program can use it there"
        )
    return (
        "Linux refuses it with EOPNOTSUPP (map_check_btf), and libbpf creates the map without types"
    )


def _flags(shape: Shape, declared: Map | Template, uses: list[FieldUse]) -> Iterator[Diagnostic]:
    """Yield what the flags of *shape* do to its fields."""
    attribute = shape.attributes.get("map_flags")
    flags = attribute.value if attribute is not None else None
    if attribute is None or not flags:
        return
    # Most maps have no special fields, and needn't load what edits them.
    from bpfgen.rules.maps.edits import without_flags

    for flag in ("BPF_F_RDONLY_PROG", "BPF_F_WRONLY_PROG"):
        if flags & MAP_FLAGS[flag].value:
            yield Diagnostic(
                "special-field-access",
                f"a map whose value holds a `{uses[0].name}` can't have {flag}",
                attribute.span or shape.span,
                labels=_declared(uses[0]),
                notes=(
                    (
                        "Linux refuses it with EACCES (map_check_btf), and libbpf creates the map"
                        " without types"
                    ),
                ),
                help=f"leave out {flag}, or move the field to another map",
                map=map_name(declared),
                subject=subject_of(declared, f"map_flags.{flag}"),
                edits=(left := without_flags(shape, (flag,))),
                changes_meaning=bool(left),
            )
    if flags & MAP_FLAGS["BPF_F_MMAPABLE"].value and shape.kind == ARRAY:
        yield Diagnostic(
            "special-field-mmap",
            f"user space can't map a value that holds a `{uses[0].name}`",
            attribute.span or shape.span,
            labels=_declared(uses[0]),
            notes=("mmap() answers ENOTSUPP (bpf_map_mmap in kernel/bpf/syscall.c)",),
            help="leave out BPF_F_MMAPABLE, or move the field to another map",
            severity=WARNING,
            map=map_name(declared),
            subject=subject_of(declared, "map_flags"),
            edits=(left := without_flags(shape, ("BPF_F_MMAPABLE",))),
            changes_meaning=bool(left),
        )


def _inner(
    outer: Shape, declared: Map | Template, finder: FieldFinder, target: Target
) -> Iterator[Diagnostic]:
    """Yield a lock in the inner map of *outer*, where the target kernel can't have one."""
    inner = outer.inner
    if inner is None or target.kernel >= INNER_LOCK_SINCE:
        return
    lock = next((use for use in found_fields(inner, finder) if use.name == "bpf_spin_lock"), None)
    if lock is not None and target.kernel >= SPECIAL_FIELDS["bpf_spin_lock"].since:
        since = format_version(INNER_LOCK_SINCE)
        what = f"an inner map takes a `bpf_spin_lock` in its value since Linux {since}"
        complaint = Diagnostic(
            "special-field-version",
            f"{what}, and the target is {format_version(target.kernel)}",
            inner.span or outer.span,
            labels=_declared(lock),
            notes=("older kernels refuse the outer map with ENOTSUPP (bpf_map_meta_alloc)",),
            help=f"write `target kernel >= {since};`, or do without the lock",
            map=map_name(declared),
            subject=subject_of(declared, "values.value"),
        )
        yield lacking(complaint, what, target, INNER_LOCK_SINCE)


def _declared(use: FieldUse) -> tuple[Label, ...]:
    span = use.member.span
    return (Label(span, f"the `{use.name}`"),) if span is not None else ()
