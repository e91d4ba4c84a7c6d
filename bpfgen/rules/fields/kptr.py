"""Pointers to kernel objects in values: `__kptr`, `__kptr_untrusted`, `__percpu_kptr`, `__uptr`.

A type tag makes them, and the kernel is silent about one that it can't use: it forgets all special
fields of the value (btf_find_kptr in kernel/bpf/btf.c), or, where a destructor is missing, refuses
the types of the whole object (btf_parse_kptr). Up to Linux 6.3 the tags had other names: `kptr` was
what is `kptr_untrusted` since, and `kptr_ref` what is `kptr`.
"""

from __future__ import annotations

from bpfgen.ctype.describe import described
from bpfgen.ctype.types import Composite, Named, Pointer, underlying
from bpfgen.kernel.objects import DESTRUCTORS, KERNEL_STRUCTS
from bpfgen.kernel.special_fields import KPTR_RENAMED, OWN_KPTR_SINCE, SPECIAL_FIELDS
from bpfgen.kernel.version import format_version
from bpfgen.record import TYPE_CHECKING
from bpfgen.rules.fields.uses import row_name
from bpfgen.rules.target import lacking
from bpfgen.text.diagnostics import WARNING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bpfgen.ctype.types import Type
    from bpfgen.model.model import Model
    from bpfgen.rules.fields.holders import Holder
    from bpfgen.rules.fields.uses import FieldUse
    from bpfgen.rules.target import Target
    from bpfgen.text.diagnostics import Diagnostic, Edit

UPTR_MOST = 4096
"""Bytes of the largest struct that a uptr points to: a page; 4 KiB is that of most machines."""

IGNORED = "Linux forgets all special fields of the value without a word (btf_find_kptr)"


def pointer_problems(
    holder: Holder, model: Model, target: Target, reported: set[int]
) -> Iterator[Diagnostic]:
    """Yield what is wrong with the tagged pointers of *holder*, each member of *reported* once."""
    for use in holder.seen():
        if use.tags and id(use.member) not in reported:
            reported.add(id(use.member))
            yield from _pointer(holder, use, model, target)
    for use in holder.fields.strange_pointers:
        if not use.hidden and id(use.member) not in reported:
            reported.add(id(use.member))
            yield holder.error(
                "kptr-tag",
                f"{holder.name} has special fields, and its pointer `{use.path}` has the type"
                f" tag `{use.tags[0]}`",
                use,
                note=IGNORED,
                help="leave out the tag, or keep the pointer in another map",
            )


def _pointer(holder: Holder, use: FieldUse, model: Model, target: Target) -> Iterator[Diagnostic]:
    if len(use.tags) > 1:
        yield holder.error(
            "kptr-tag",
            f"the pointer `{use.path}` has {len(use.tags)} type tags, and the kernel takes one",
            use,
            note=IGNORED,
            help=f"leave `{use.name}` alone",
        )
        return
    renamed = _renamed(holder, use, target)
    if renamed is not None:
        yield renamed
        if renamed.severity != WARNING:
            return
    assert isinstance(use.type, Pointer)
    struct = pointee_of(use.type, model)
    name = struct.tag if isinstance(struct, Composite) else getattr(struct, "name", "")
    is_struct = isinstance(struct, (Composite, Named)) and struct.kind == "struct"
    if not is_struct:
        yield holder.error(
            "kptr-target",
            f"a `{use.name}` pointer points to a struct, and this to `{described(struct)}`",
            use,
            note=IGNORED,
            help="point to a struct, of the kernel or of your own",
        )
        return
    if use.name == "uptr":
        yield from _uptr(holder, use, struct, name or "")
        return
    if target.kernel < SPECIAL_FIELDS[row_name(use.name)].since:
        return  # reported as a field that the target doesn't know
    own = isinstance(struct, Composite) and struct.span is not None and name not in KERNEL_STRUCTS
    if own and target.kernel < OWN_KPTR_SINCE:
        since = format_version(OWN_KPTR_SINCE)
        what = f"a `{use.name}` pointer to a struct of the program's own"
        complaint = holder.error(
            "special-field-version",
            f"{what} needs Linux {since}, and the target is {format_version(target.kernel)}",
            use,
            label=f"`struct {name}` is declared here, not by the kernel",
            note="older kernels don't find the struct among their own (btf_parse_kptrs), and forget"
            " all such pointers of the value",
            help=f"write `target kernel >= {since};`, or point to a struct of the kernel",
        )
        yield lacking(complaint, what, target, OWN_KPTR_SINCE)
    elif not own and (use.name == "kptr_ref" or _is_reference(use, target)):
        yield from _reference(holder, use, name or "", target)


def _is_reference(use: FieldUse, target: Target) -> bool:
    """Return whether the tag of *use* makes a reference on the target's kernel."""
    return use.name == "kptr" and target.kernel >= KPTR_RENAMED


def pointee_of(pointer: Pointer, model: Model) -> Type:
    """Return what *pointer* points to without tags, qualifiers and typedefs; defined if it is."""
    pointee: Type = pointer.pointee
    while True:
        pointee = underlying(pointee)
        if not isinstance(pointee, Named):
            return pointee
        definition = model.types.get((pointee.kind, pointee.name))
        if definition is None or definition == pointee:
            return pointee
        if pointee.kind != "typedef":
            return definition
        pointee = definition


def _renamed(holder: Holder, use: FieldUse, target: Target) -> Diagnostic | None:
    """Return what the target's kernel takes the tag of *use* for, if that isn't what it says."""
    kernel, renamed = format_version(target.kernel), format_version(KPTR_RENAMED)
    if target.kernel < SPECIAL_FIELDS["kptr"].since:
        return None  # reported as a field that the target doesn't know
    if use.name == "kptr_ref" and target.kernel >= KPTR_RENAMED:
        return holder.error(
            "kptr-tag",
            f"since Linux {renamed} the tag `kptr_ref` is called `kptr`, and the target is"
            f" {kernel}",
            use,
            note=IGNORED,
            help="write `__kptr`",
            edits=_tagged(use, "__kptr"),
            is_certain=True,
        )
    if target.kernel >= KPTR_RENAMED:
        return None
    if use.name == "kptr_untrusted":
        what = f"before Linux {renamed} there is no tag `kptr_untrusted`"
        complaint = holder.error(
            "kptr-tag",
            f"{what}, and the target is {kernel}",
            use,
            note=IGNORED,
            help=f"write `__kptr`, which means the same there, or `target kernel >= {renamed};`",
        )
        return lacking(complaint, what, target, KPTR_RENAMED)
    if use.name == "kptr":
        what = f"before Linux {renamed} the tag `kptr` makes a pointer without a reference"
        complaint = holder.error(
            "kptr-meaning",
            f"{what}, and the target is {kernel}",
            use,
            note=f"since {renamed} the same tag makes a reference, so that no file means the same"
            " on both",
            help=f"write `target kernel >= {renamed};`, or allow this where no newer kernel counts",
            severity=WARNING,
        )
        return lacking(complaint, what, target, KPTR_RENAMED)
    return None


def _tagged(use: FieldUse, macro: str) -> tuple[Edit, ...]:
    """Return the edits that write *macro* in the place of that of the pointer *use*."""
    # Only a mistake pays for these imports.
    from bpfgen.text.diagnostics import Edit
    from bpfgen.text.statements import word_before

    span = use.member.span
    place = None if span is None else word_before(span, f"__{use.name}")
    return () if place is None else (Edit(place, macro),)


def _uptr(holder: Holder, use: FieldUse, struct: Type, name: str) -> Iterator[Diagnostic]:
    """Yield what is wrong with the pointee of a uptr."""
    if name in KERNEL_STRUCTS or not isinstance(struct, Composite):
        problem = f"a `uptr` points to a struct of the program's own, and `struct {name}` "
        problem += "is the kernel's" if name in KERNEL_STRUCTS else "is only named here"
        note = "Linux refuses the kernel's types with EINVAL (btf_parse_kptr)"
    elif struct.size == 0:
        problem = f"a `uptr` points to memory of user space, and `struct {name}` is empty"
        note = "Linux refuses it with EINVAL (btf_parse_kptr)"
    elif struct.size > UPTR_MOST:
        problem = f"a `uptr` points to at most a page, and `struct {name}` has {struct.size} bytes"
        note = "Linux refuses it with E2BIG (btf_parse_kptr)"
    else:
        return
    yield holder.error(
        "kptr-target",
        problem,
        use,
        note=note,
        help=f"declare a struct of 1 to {UPTR_MOST} bytes, and point to that",
    )


def _reference(holder: Holder, use: FieldUse, name: str, target: Target) -> Iterator[Diagnostic]:
    """Yield a reference to a struct of the kernel's that the kernel can't give up."""
    since = DESTRUCTORS.get(name)
    if since is None:
        what = ""
        message = f"`struct {name}` has no destructor that bpfgen knows of"
    elif since > target.kernel:
        what = f"`struct {name}` has a destructor since Linux {format_version(since)}"
        message = f"{what}, and the target is {format_version(target.kernel)}"
    else:
        return
    complaint = holder.error(
        "kptr-destructor",
        message,
        use,
        note="a reference to a struct of the kernel's needs one: Linux "
        + (
            "refuses the types of the whole object with ENOENT (btf_find_dtor_kfunc)"
            if target.kernel >= KPTR_RENAMED
            else "forgets all such pointers of the value without a word (btf_parse_kptrs)"
        ),
        help="use `__kptr_untrusted`; or allow this if a module registers a destructor",
        edits=_tagged(use, "__kptr_untrusted") if target.kernel >= KPTR_RENAMED else (),
        severity=WARNING,
    )
    yield lacking(complaint, what) if what else complaint
