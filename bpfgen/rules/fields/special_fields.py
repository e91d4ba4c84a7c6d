"""Special fields of values: locks, timers, lists, trees, counts of references.

BPF_BTF_LOAD refuses the types of a whole object for some mistakes, BPF_MAP_CREATE refuses the map
for others, and the rest make the kernel forget what it found without a word, so that the verifier
refuses the first program that uses the field. libbpf hides the first two: it creates the map again
without types. All are refused here, once a struct.

Source: btf_parse_struct_metas, btf_parse_fields, btf_find_field_one and btf_get_field_type in
kernel/bpf/btf.c; read in 6.1 and 6.12, tried on 6.18.
"""

from __future__ import annotations

from bpfgen.ctype.describe import counted
from bpfgen.ctype.types import Composite, Named, Pointer
from bpfgen.kernel.special_fields import (
    METAS_SINCE,
    NESTED_FIELDS_SINCE,
    NODE_SIZES,
    SPECIAL_FIELDS,
    most_fields,
)
from bpfgen.kernel.version import format_version
from bpfgen.record import TYPE_CHECKING
from bpfgen.rules.fields.holders import (
    DROPPED,
    alignment,
    element,
    holders,
    is_aligned,
    lost_value,
    place,
)
from bpfgen.rules.fields.uses import NODES, STRUCTS, row_name
from bpfgen.rules.maps.bpf_attr import map_name, subject_of
from bpfgen.rules.maps.definitions import shapes
from bpfgen.rules.target import lacking
from bpfgen.text.diagnostics import ERROR, WARNING, Diagnostic, Subject

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bpfgen.model.maps import Map, Template, TypeArgument
    from bpfgen.model.model import Model
    from bpfgen.rules.fields.holders import Holder
    from bpfgen.rules.fields.uses import FieldFinder, FieldUse
    from bpfgen.rules.target import Target
    from bpfgen.text.diagnostics import Label

AT_LOAD = "Linux refuses the types of the whole object (btf_parse_struct_metas in kernel/bpf/btf.c)"
_BY_POINTEE = (
    "Linux refuses all types of an object that has the pointee with its members, as from vmlinux.h"
    " (btf_parse_struct_metas in kernel/bpf/btf.c); else it forgets the special fields without a"
    " word"
)
_ODD_PLACE = (
    "Linux looks at offsets within the nested struct alone (btf_find_nested_struct), and takes it;"
    " a lock that isn't aligned is no lock on every processor"
)
UNSEEN = "Linux doesn't see the field (btf_find_field_one), and the verifier refuses its use"

LOCKS = ("bpf_spin_lock", "bpf_res_spin_lock")


def special_fields(model: Model, target: Target) -> Iterator[Diagnostic]:
    """The special fields of a struct must be such that the kernel finds and takes them.

    What it does: checks each struct that is a map's value, and each that gets into BTF with its
    members: that no
    typedef, qualifier, union or array of values hides a field; at most one of each that counts
    once, and one kind of lock; a bpf_spin_lock beside bpf_list_head and bpf_rb_root, with the tag
    `contains:TYPE:MEMBER`; alignment; no bit-field that begins within a byte; no more than 11 in
    all; that the target kernel knows them; and that pointers have one tag, which the kernel knows,
    and a pointee that it can look after.
    Why: Linux refuses the types of a whole object for some mistakes, the map for others, and with
    the rest it forgets what it found without a word; libbpf hides the first two, since it creates
    the map again without types. Then the verifier refuses the first program that uses the field.
    A struct with such a field as a key or record is only bytes to Linux: that is a warning.
    Two counts of references, both locks, or a list under a bpf_res_spin_lock even make Linux 6.18
    print a warning with a stack trace.
    """
    finder = target.fields
    reported: set[int] = set()  # by identity
    reported_pointers: set[int] = set()  # by identity
    reported_arguments: set[int] = set()  # by identity
    for shape, declared in shapes(model):
        for argument, role in ((shape.key, "a key"), (shape.record, "a record")):
            if argument is None or id(argument.type) in reported_arguments:
                continue
            reported_arguments.add(id(argument.type))
            yield from _outside_values(argument, role, declared, finder)
        reason = lost_value(shape.value.type, finder) if shape.value is not None else ""
        if reason and shape.value is not None:
            yield Diagnostic(
                "special-field-hidden",
                f"the kernel looks for special fields in a value that is a struct, and this is "
                f"{reason}",
                shape.value.span,
                notes=(UNSEEN,),
                help="make the value a struct with the field as a member",
                map=map_name(declared),
                subject=subject_of(declared, "value"),
            )
    for holder in holders(model, finder, target.kernel):
        seen = holder.seen()
        yield from _hidden(holder, reported)
        yield from _counts(holder, seen, target)
        yield from _layout(holder, seen, model)
        yield from _versions(holder, seen, target, reported)
        # Most files have no special fields, and needn't load what looks at them.
        from bpfgen.rules.fields.graph_roots import graph_root_problems
        from bpfgen.rules.fields.kptr import pointer_problems

        yield from graph_root_problems(holder, seen, model, finder)
        yield from pointer_problems(holder, model, target, reported_pointers)


def _outside_values(
    argument: TypeArgument, role: str, declared: Map | Template, finder: FieldFinder
) -> Iterator[Diagnostic]:
    """Yield the first special field of *argument*, which is no value but a key or a record."""
    bare = element(argument.type)
    if not isinstance(bare, Composite):
        return
    uses = [use for use in finder.of(bare).uses if use.name in SPECIAL_FIELDS]
    is_itself = bare.tag in STRUCTS
    if not uses and not is_itself:
        return
    what = f"`struct {bare.tag}`" if is_itself else spelled_field(uses[0])
    span = argument.span
    labels: tuple[Label, ...] = ()
    if not is_itself:
        span, labels = place(uses[0].member.span, argument, f"in {role}")
    yield Diagnostic(
        "special-field-hidden",
        f"the kernel looks for special fields in values, and {what} is in {role}",
        span,
        label="the kernel takes it for plain bytes",
        labels=labels,
        notes=(UNSEEN,),
        help="leave it out, or give the map a struct of its own without it",
        severity=WARNING,
        map=map_name(declared),
        subject=subject_of(declared, role.removeprefix("a ")),
    )


def _hidden(holder: Holder, reported: set[int]) -> Iterator[Diagnostic]:
    """Yield the fields of a value that the kernel doesn't see."""
    if not holder.is_value:
        return
    for use in holder.fields.uses:
        if not use.hidden or use.name not in SPECIAL_FIELDS or id(use.member) in reported:
            continue
        reported.add(id(use.member))
        yield holder.error(
            "special-field-hidden",
            f"{use.hidden} hides {spelled_field(use)} from the kernel",
            use,
            label="the kernel takes it for plain bytes",
            note=UNSEEN,
            help="make it a member of the struct, of its own type: no typedef, no qualifier, no"
            " union",
        )


def _counts(holder: Holder, seen: list[FieldUse], target: Target) -> Iterator[Diagnostic]:
    """Yield what there are too many of."""
    numbers: dict[str, int] = {}
    at_load = holder.at_load()
    for use in seen:
        number = numbers[use.name] = numbers.get(use.name, 0) + use.count
        field = SPECIAL_FIELDS.get(use.name)
        if field is None or field.most is None:
            continue
        if number > field.most >= number - use.count:
            yield holder.error(
                "special-field-twice",
                f"{holder.name} has {number} of `struct {use.name}`, and a value may have"
                f" {field.most}",
                use,
                label="one too many",
                note=AT_LOAD
                if use in at_load and (is_aligned(use) or number > use.count)
                else DROPPED,
                help="leave one, or make it two maps",
            )
    if all(lock in numbers for lock in LOCKS):
        last = [use for use in seen if use.name in LOCKS][-1]
        yield holder.error(
            "special-field-locks",
            f"{holder.name} has both `struct bpf_spin_lock` and `struct bpf_res_spin_lock`",
            last,
            label="the second kind of lock",
            note="Linux refuses the types of the whole object and prints a warning"
            " (btf_parse_fields)",
            help="use one kind of lock",
        )
    yield from _total(holder, max(at_load, holder.at_creation(), key=_number), target)
    if target.kernel < NESTED_FIELDS_SINCE:
        return  # reported as an array that the target doesn't look into
    for use in at_load:
        if use.name in NODES and use.count > 1 and is_aligned(use):
            yield holder.error(
                "special-field-nodes",
                f"{holder.name} has an array of {use.count} nodes, {spelled_field(use)}, among its"
                " special fields",
                use,
                note="Linux refuses the types of the whole object with EINVAL (btf_repeat_fields in"
                " kernel/bpf/btf.c)",
                help="write the nodes one by one, each with a name of its own",
            )


def _number(uses: list[FieldUse]) -> int:
    """Return how many fields *uses* are, elements of arrays counted."""
    return sum(use.count for use in uses)


def _total(holder: Holder, found: list[FieldUse], target: Target) -> Iterator[Diagnostic]:
    """Yield that there are too many of all fields that are *found* at once."""
    most = most_fields(target.kernel)
    counted_fields, limit = "special fields", "BTF_FIELDS_MAX"
    if target.kernel < METAS_SINCE:  # a lock and a timer were no part of the table then
        found = [use for use in found if use.tags]
        counted_fields, limit = "pointers with a tag", "BPF_MAP_VALUE_OFF_MAX"
    total = _number(found)
    if total <= most:
        return
    so_far = 0
    for use in found:
        so_far += use.count
        if so_far > most:
            yield holder.error(
                "special-field-count",
                f"{holder.name} has {total} {counted_fields}, and a value may have {most}",
                use,
                label=f"{counted(total - most, 'field')} too many, elements of arrays counted",
                note=f"{limit} in include/linux/bpf.h; a larger number is E2BIG,"
                " which the kernel doesn't report for a map's value",
                help="use several maps",
            )
            return


def _layout(holder: Holder, seen: list[FieldUse], model: Model) -> Iterator[Diagnostic]:
    """Yield what isn't where, or as large as, the kernel wants it."""
    at_load = holder.at_load()
    # A struct that is looked at, and in which nothing is found, is refused with EFAULT.
    is_fatal = bool(at_load) and not any(map(is_aligned, at_load))
    for use in seen:
        field = SPECIAL_FIELDS.get(use.name)
        align = alignment(use)
        offset = use.bit_offset // 8
        if offset % align:
            is_unseen = is_aligned(use)
            note = AT_LOAD if is_fatal else UNSEEN
            yield holder.error(
                "special-field-alignment",
                f"{spelled_field(use)} is at offset {offset}, and must be at a multiple of {align}",
                use,
                note=_ODD_PLACE if is_unseen else note,
                help="put it in front, or leave out `packed`",
                severity=WARNING if is_unseen else ERROR,
            )
        if field is None or not isinstance(use.type, Composite):
            continue
        if use.type.size != field.size:
            yield holder.error(
                "special-field-size",
                f"`struct {use.name}` has {counted(use.type.size, 'byte')} here, and"
                f" {field.size} in the kernel",
                use,
                note=UNSEEN,
                help=f"leave the definition of `struct {use.name}` to bpfgen or to vmlinux.h",
            )
    if seen and holder.fields.unaligned is not None:
        path, member = holder.fields.unaligned
        span, labels = place(member.span, holder.argument)
        yield Diagnostic(
            "special-field-bitfield",
            f"{holder.name} has special fields, and its bit-field `{path}` begins within a byte",
            span,
            labels=labels,
            notes=(
                _fate(holder, model),
                (
                    "looking for fields it answers EINVAL to a member that begins within a byte"
                    " (btf_find_struct_field)"
                ),
            ),
            help="make it a whole byte, and take it apart with masks",
            map=holder.map,
            subject=Subject(holder.composite.kind, holder.composite.tag or "", path),
        )


def _fate(holder: Holder, model: Model) -> str:
    """Return what becomes of a mistake anywhere in *holder*."""
    if not holder.runs_at_load:
        return DROPPED
    # Only a mistake pays for this import.
    from bpfgen.rules.fields.kptr import pointee_of

    direct = [use.type for use in holder.at_load() if not use.nested]
    is_named_only = [
        isinstance(type_, Pointer) and isinstance(pointee_of(type_, model), Named)
        for type_ in direct
    ]
    return _BY_POINTEE if all(is_named_only) else AT_LOAD


def _versions(
    holder: Holder, seen: list[FieldUse], target: Target, reported: set[int]
) -> Iterator[Diagnostic]:
    """Yield what the target kernel doesn't know, each member once."""
    for use in seen:
        field = SPECIAL_FIELDS.get(row_name(use.name))
        since = field.since if field is not None else NODE_SIZES[use.name][0][0]
        what = spelled_field(use)
        for first, size in NODE_SIZES.get(use.name, ()):
            if isinstance(use.type, Composite) and use.type.size == size:
                since = first
                what = f"{what} of {size} bytes"
        if use.nested and since < NESTED_FIELDS_SINCE:
            since = NESTED_FIELDS_SINCE
            what = f"{what} in an array or a nested struct"
        if since <= target.kernel or id(use.member) in reported:
            continue
        reported.add(id(use.member))
        complaint = holder.error(
            "special-field-version",
            f"{what} needs Linux {format_version(since)}, and the target is"
            f" {format_version(target.kernel)}",
            use,
            label=f"since Linux {format_version(since)}",
            note="older kernels take it for plain bytes",
            help=f"write `target kernel >= {format_version(since)};`, or do without it",
        )
        yield lacking(complaint, what, target, since)


def spelled_field(use: FieldUse) -> str:
    """Return what *use* is and where, for a message."""
    if use.tags:
        return f"the `{use.name}` pointer `{use.path}`"
    return f"`struct {use.name}` (`{use.path}`)" if "." in use.path else f"`struct {use.name}`"
