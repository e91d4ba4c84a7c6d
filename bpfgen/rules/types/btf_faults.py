"""What the kernel refuses of the types of a source, each at its place in it."""

from __future__ import annotations

from array import array

from bpfgen.btf.check import faults_of
from bpfgen.btf.faults import BtfFault
from bpfgen.btf.raw import RawType
from bpfgen.ctype.layout import BTF_MEMBERS
from bpfgen.ctype.sizes import spelled
from bpfgen.ctype.types import Composite, Enum, Typedef
from bpfgen.elf.strings import StringTable
from bpfgen.kernel import btf_limits
from bpfgen.kernel.btf_loss import loss
from bpfgen.model.maps import Map, Template
from bpfgen.record import TYPE_CHECKING, Record
from bpfgen.rules.fields.holders import place
from bpfgen.rules.fields.places import found_fields
from bpfgen.rules.fields.uses import FieldFinder
from bpfgen.rules.maps.bpf_attr import map_name, subject_of
from bpfgen.rules.maps.written_types import WrittenTypes
from bpfgen.text.diagnostics import ERROR, WARNING, Diagnostic, Subject

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bpfgen.ctype.types import Member, Type
    from bpfgen.model.model import Model
    from bpfgen.rules.maps.written_types import Bringer
    from bpfgen.rules.target import Target

_ADVICE = {
    "btf_float_check_member": "move it to an aligned place, or make it an array of one: those are"
    " not looked at",
    "btf_enum_check_kflag_member": "put bytes after it, use an integer of its size instead, or put"
    " the bit-fields in a struct of their own",
    "btf_int_check_kflag_member": "let it begin with a byte",
    "btf_func_proto_check": "give it types with members, and a plain `void`",
    "env_stack_push": "use fewer of them, or `void *`",
    "btf_check_type_tags": "write the tag next to the `*`",
    "btf_array_resolve": "use a smaller array",
    "btf_struct_check_meta": "use an integer of its size, or a shorter name",
}
"""What to do instead, by the kernel's function."""

_IN_GENERAL = "give it a shorter or a plain name"


class _Loss(Record):
    """What is lost with the types, in words, and whether maps or their fields are."""

    note: str
    is_fatal: bool


def faults(model: Model, target: Target) -> Iterator[Diagnostic]:
    """Yield what *target*'s kernel refuses of the types and names that *model* brings along."""
    finder = FieldFinder()
    needing = [d.name for d in model.maps if d.shape.kind.btf == "required"]
    with_fields = [d.name for d in model.maps if not d.legacy and found_fields(d.shape, finder)]
    lost = _Loss(loss(needing, with_fields), bool(needing or with_fields))
    yield from _too_many(model, target, lost)
    for declared in _named(model):
        if not btf_limits.is_identifier(declared.name.encode(), target.kernel):
            most = btf_limits.max_name(target.kernel)
            yield Diagnostic(
                "btf-refused",
                f"the kernel refuses a variable whose name is longer than {most} bytes",
                declared.span,
                notes=(_note("btf_var_check_meta"), lost.note),
                help="use a shorter name",
                severity=ERROR if lost.is_fatal else WARNING,
                map=map_name(declared),
                subject=subject_of(declared),
            )
    written = WrittenTypes(model)
    if written.left_out is not None:
        enum, bringer = written.left_out
        yield _diagnostic(_left_out(enum), enum, None, bringer, lost)
        return  # what has such an enum would be said to have nothing
    encoder = written.encoder
    types = [RawType(number, array("I", words)) for number, words in enumerate(encoder.records, 1)]
    strings = StringTable(bytes(encoder.strings), 0, len(encoder.strings))
    for fault in faults_of(types, strings, target.kernel):
        origin = encoder.origins[fault.type_id - 1]
        member = None
        if fault.member:
            member = encoder.members[fault.type_id][fault.member - 1]
        yield _diagnostic(fault, origin, member, written.bringers[fault.type_id - 1], lost)


def _too_many(model: Model, target: Target, lost: _Loss) -> Iterator[Diagnostic]:
    """Yield that section `.maps` has more maps than *target*'s kernel counts."""
    if target.kernel >= btf_limits.LONG_VLEN_SINCE:
        return
    maps = [one for one in _named(model) if isinstance(one, Map)]
    for first in maps[BTF_MEMBERS : BTF_MEMBERS + 1]:
        yield Diagnostic(
            "btf-refused",
            f"the kernel refuses the types of the object: section `.maps` has {len(maps)} maps, and"
            f" kernels before Linux 7.1 count to {BTF_MEMBERS}",
            first.span,
            notes=(_note("btf_check_meta"), "libbpf before 1.8 can't open it at all", lost.note),
            help="declare the rest in a file of its own, for another object",
            severity=ERROR if lost.is_fatal else WARNING,
            map=first.name,
            subject=subject_of(first),
        )


def _named(model: Model) -> Iterator[Map | Template]:
    """Yield what gives its name to a variable or a struct."""
    for declared in model.declarations:
        if isinstance(declared, Template) or (isinstance(declared, Map) and not declared.legacy):
            yield declared


def _diagnostic(
    fault: BtfFault, origin: Type | None, member: Member | None, bringer: Bringer, lost: _Loss
) -> Diagnostic:
    """Return *fault* of a type that came in with *bringer*, at its place in the source."""
    subject = subject_of(bringer.declared, bringer.role)
    span = getattr(origin, "span", None)
    if isinstance(origin, (Composite, Enum)) and origin.tag:
        kind = origin.kind if isinstance(origin, Composite) else "enum"
        subject = Subject(kind, origin.tag, "")
    if member is not None and isinstance(origin, Composite):
        what = f"`{member.name}` of {spelled(origin)}" if member.name else spelled(origin)
        subject = Subject(origin.kind, origin.tag or "", member.name or "")
        span = member.span or span
    elif isinstance(origin, (Composite, Enum, Typedef)):
        what = spelled(origin)
    else:
        what = "a type" if origin is None else spelled(origin)
        what = f"{what} in the {bringer.role}"
    span, labels = place(span, bringer.argument, f"in this {bringer.role}")
    return Diagnostic(
        "btf-refused",
        f"the kernel refuses the types of the object: {what} {fault.why}",
        span,
        labels=labels,
        notes=(_note(fault.function), lost.note),
        help=_ADVICE.get(fault.function, _IN_GENERAL),
        severity=ERROR if lost.is_fatal else WARNING,
        map=map_name(bringer.declared),
        subject=subject,
    )


def _left_out(enum: Enum) -> BtfFault:
    """Return the fault that clang writes no BTF of *enum*: what has it has a member of `void`.

    The builtin assembler writes it, for who reads 24 bits of vlen.
    """
    why = (
        f"has {len(enum.enumerators)} enumerators: clang leaves types of more than {BTF_MEMBERS}"
        " out of BTF, and Linux before 7.1 and libbpf before 1.8 read none"
    )
    return BtfFault(0, why, "btf_struct_check_meta")


def _note(function: str) -> str:
    return f"Linux refuses it with EINVAL ({function} in kernel/bpf/btf.c)"
