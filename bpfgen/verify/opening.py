"""What libbpf 1.0 and later can't open by itself, of an object that is as its model says.

Comes after the comparison, for an object that is going to be used.
"""

from __future__ import annotations

from bpfgen.model.model import ProgramDeclaration
from bpfgen.record import TYPE_CHECKING
from bpfgen.text.diagnostics import NOTE, Diagnostic

if TYPE_CHECKING:
    from bpfgen.model.model import Model
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
