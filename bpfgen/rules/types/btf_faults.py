"""What the kernel refuses of the types of a source, each at its place in it."""

from __future__ import annotations

from array import array

from bpfgen.btf.check import faults_of
from bpfgen.btf.encode import BtfEncoder
from bpfgen.btf.faults import BtfFault
from bpfgen.btf.raw import RawType
from bpfgen.ctype.layout import BTF_MEMBERS
from bpfgen.ctype.sizes import spelled
from bpfgen.ctype.types import Composite, Enum, Typedef
from bpfgen.elf.strings import StringTable
from bpfgen.kernel import btf_limits
from bpfgen.kernel.btf_loss import loss
from bpfgen.kernel.tags import contained_struct
from bpfgen.model.maps import Map, Template
from bpfgen.record import TYPE_CHECKING, Record
from bpfgen.rules.fields.holders import place
from bpfgen.rules.fields.places import found_fields
from bpfgen.rules.fields.uses import FieldFinder
from bpfgen.rules.maps.bpf_attr import map_name, subject_of
from bpfgen.rules.maps.definitions import shapes
from bpfgen.text.diagnostics import ERROR, WARNING, Diagnostic, Subject

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bpfgen.ctype.types import Member, Type
    from bpfgen.model.maps import TypeArgument
    from bpfgen.model.model import Model
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


class _Holder(Record):
    """The key, value or record of the map or template that a type came in with."""

    argument: TypeArgument
    declared: Map | Template
    role: str


def faults(model: Model, target: Target) -> Iterator[Diagnostic]:
    """Yield what *target*'s kernel refuses of the types and names that *model* brings along."""
    finder = FieldFinder()
    needing = [d.name for d in model.maps if d.shape.kind.btf == "required"]
    with_fields = [d.name for d in model.maps if not d.legacy and found_fields(d.shape, finder)]
    lost = _Loss(loss(needing, with_fields), bool(needing or with_fields))
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
    encoder = BtfEncoder(_known(model))
    holders: list[_Holder] = []
    for shape, declared in shapes(model):
        if isinstance(declared, Map) and declared.legacy:
            continue
        for argument, role in (
            (shape.key, "key"),
            (shape.value, "value"),
            (shape.record, "record"),
        ):
            if argument is not None:
                encoder.add(argument.type)
                _add_contained(encoder, model)
                holder = _Holder(argument, declared, role)
                holders += [holder] * (len(encoder.records) - len(holders))
                for enum in encoder.left_out:
                    yield _diagnostic(_left_out(enum), enum, None, holder, lost)
                if encoder.left_out:
                    return  # what has such an enum would be said to have nothing
    encoder.finish()
    holders += holders[-1:] * (len(encoder.records) - len(holders))
    types = [RawType(number, array("I", words)) for number, words in enumerate(encoder.records, 1)]
    strings = StringTable(bytes(encoder.strings), 0, len(encoder.strings))
    for fault in faults_of(types, strings, target.kernel):
        origin = encoder.origins[fault.type_id - 1]
        member = None
        if fault.member:
            member = encoder.members[fault.type_id][fault.member - 1]
        yield _diagnostic(fault, origin, member, holders[fault.type_id - 1], lost)


def _known(model: Model) -> dict[tuple[str, str], Type]:
    """Return what names mean in *model*, those of the prelude included."""
    known: dict[tuple[str, str], Type] = {}
    for used in model.prelude_types:
        defined = used.declaration.defines
        if isinstance(defined, Composite) and defined.tag:
            known[(defined.kind, defined.tag)] = defined
        known.update((("typedef", typedef.name), typedef) for typedef in used.declaration.typedefs)
    return {**known, **model.types}


def _named(model: Model) -> Iterator[Map | Template]:
    """Yield what gives its name to a variable or a struct."""
    for declared in model.declarations:
        if isinstance(declared, Template) or (isinstance(declared, Map) and not declared.legacy):
            yield declared


def _add_contained(encoder: BtfEncoder, model: Model) -> None:
    """Add the structs that only a tag `contains:TYPE:MEMBER` names: the header keeps them whole."""
    added = True
    while added:
        before = len(encoder.records)
        for members in list(encoder.members.values()):
            for member in members:
                for tag in member.attributes.decl_tags if member.attributes else ():
                    struct = model.types.get(("struct", contained_struct(tag) or ""))
                    if struct is not None:
                        encoder.add(struct)
        added = len(encoder.records) > before


def _diagnostic(
    fault: BtfFault, origin: Type | None, member: Member | None, holder: _Holder, lost: _Loss
) -> Diagnostic:
    """Return *fault* of a type that came in with *holder*, at its place in the source."""
    subject = subject_of(holder.declared, holder.role)
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
        what = f"{what} in the {holder.role}"
    span, labels = place(span, holder.argument, f"in this {holder.role}")
    return Diagnostic(
        "btf-refused",
        f"the kernel refuses the types of the object: {what} {fault.why}",
        span,
        labels=labels,
        notes=(_note(fault.function), lost.note),
        help=_ADVICE.get(fault.function, _IN_GENERAL),
        severity=ERROR if lost.is_fatal else WARNING,
        map=map_name(holder.declared),
        subject=subject,
    )


def _left_out(enum: Enum) -> BtfFault:
    """Return the fault that clang writes no BTF of *enum*: what has it has a member of `void`."""
    why = (
        f"has {len(enum.enumerators)} enumerators, and clang leaves types of more than"
        f" {BTF_MEMBERS} out of BTF"
    )
    return BtfFault(0, why, "btf_struct_check_meta")


def _note(function: str) -> str:
    return f"Linux refuses it with EINVAL ({function} in kernel/bpf/btf.c)"
