"""What libbpf 1.0 and later can't open by itself, of an object that is as its model says.

And what the kernel doesn't take without what a program would bring along. Comes after the
comparison, for an object that is going to be used.
"""

from __future__ import annotations

from bpfgen.btf.check_fields import forward_kptrs
from bpfgen.ctype.types import Composite
from bpfgen.kernel.btf_loss import loss
from bpfgen.model.model import ProgramDeclaration
from bpfgen.record import TYPE_CHECKING
from bpfgen.rules.fields.places import found_fields
from bpfgen.rules.fields.uses import FieldFinder
from bpfgen.rules.target import Target
from bpfgen.text.diagnostics import NOTE, WARNING, Diagnostic, Subject

if TYPE_CHECKING:
    from bpfgen.model.model import Model
    from bpfgen.object.records import ObjectFile
    from bpfgen.text.source import Span


def notes_on_opening(model: Model, style: str) -> list[Diagnostic]:
    """Return notes on what libbpf can't open by itself in the object of *model*."""
    notes: list[Diagnostic] = []

    def note(message: str, span: Span | None, name: str | None) -> None:
        notes.append(Diagnostic("libbpf-open", message, span, severity=NOTE, map=name))

    if style == "initializer" and model.maps:
        note(
            "libbpf can't open this object: it reads attributes from BTF, and in the initializer "
            "style they are in the section's data",
            model.maps[0].span,
            None,
        )
    programs = {d.name for d in model.declarations if isinstance(d, ProgramDeclaration)}
    for declared in model.maps:
        if declared.legacy:
            message = "libbpf 1.0 and later can't open an object with legacy maps"
        elif declared.linkage == "extern":
            message = "libbpf can't open this object before it is linked with the one that defines"
            message += f" `{declared.name}`: `bpftool gen object`"
        elif any(slot.name in programs for slot in declared.slots):
            message = "libbpf can't open this object before it is linked with the one that has the"
            message += " programs: `bpftool gen object`"
        else:
            continue
        note(message, declared.span, declared.name)
    return notes


def warnings_on_loading(model: Model, object: ObjectFile) -> list[Diagnostic]:
    """Return warnings of pointers that the kernel looks after, to structs that aren't in *object*.

    A program has them from vmlinux.h; in the object of a header alone the kernel refuses all types.
    """
    btf = object.btf
    if btf is None:
        return []
    finder = FieldFinder()
    needing = [declared.name for declared in model.maps if declared.shape.kind.btf == "required"]
    with_fields = [d.name for d in model.maps if not d.legacy and found_fields(d.shape, finder)]
    warnings = []
    for fault in forward_kptrs(btf, Target.of(model, None, "modern").kernel):
        name = btf.name(fault.type_id)
        member = btf.members(fault.type_id)[fault.member - 1][0]
        struct = model.types.get(("struct", name))
        members = struct.members if isinstance(struct, Composite) else ()
        warnings.append(
            Diagnostic(
                "btf-refused",
                f"the kernel refuses the types of this object: `{member}` of `struct {name}`"
                f" {fault.why}",
                next((each.span for each in members if each.name == member), None),
                notes=(
                    f"Linux refuses it with EINVAL ({fault.function} in kernel/bpf/btf.c)",
                    loss(needing, with_fields),
                ),
                help='include what defines it, as `include "vmlinux.h";`, or generate a header and'
                " include it after vmlinux.h",
                severity=WARNING,
                subject=Subject("struct", name, member),
            )
        )
    return warnings
