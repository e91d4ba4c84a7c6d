"""Whether what is in a running map can be read with the types of a source.

A weaker question than whether the map was made as declared: a source may know more than the kernel,
and need not know what the map was made with. Kind and sizes have to be the same, and where the
kernel has types, the same bytes have to be the same numbers (:mod:`bpfgen.ctype.agreement`).
"""

from __future__ import annotations

import sys

from bpfgen.ctype.agreement import disagreements
from bpfgen.ctype.sizes import sizeof
from bpfgen.record import TYPE_CHECKING
from bpfgen.text.diagnostics import WARNING, Diagnostic, FormatError
from bpfgen.verify.running import verify_kind, verify_sizes
from bpfgen.verify.running_findings import RunningFindings
from bpfgen.verify.running_types import Side
from bpfgen.verify.sought import sought

if TYPE_CHECKING:
    from bpfgen.ctype.agreement import Disagreement
    from bpfgen.model.model import Model
    from bpfgen.object.running import RunningMap
    from bpfgen.text.diagnostics import Subject
    from bpfgen.text.source import Span
    from bpfgen.verify.sought import Sought


def fits(
    model: Model, running: RunningMap, map_name: str | None = None, *, pin: str = ""
) -> list[Diagnostic]:
    """Return why values of *running* can't be read with the types of *model*; empty if they can.

    Where they can, and a number would be another one than by the kernel's types, which know the
    order of its bytes, that is a warning.

    Args:
        model: What was declared; :func:`bpfgen.verify.sought.sought` says which map of it is meant.
        running: The running map.
        map_name: The map of the source; None to go by the kernel's name.
        pin: The name of the file by which it is pinned, or empty.
    """
    found = sought(model, running, map_name, pin)
    if isinstance(found, Diagnostic):
        return [found]
    findings = RunningFindings(found, running)
    side = Side(found, found.shape, running)
    verify_kind(findings, side)
    verify_sizes(findings, side)
    misread: list[Diagnostic] = []
    for name, argument, type_id, size in (
        ("key", found.shape.key, running.key_type_id, running.key_size),
        ("value", found.shape.value, running.value_type_id, running.value_size),
    ):
        if argument is None or running.types is None or not type_id:
            continue
        if sizeof(argument.type) != size:  # reported above, or is no type of what is stored
            continue
        try:
            loaded = running.types.type(type_id)
        except FormatError:
            continue  # a type that nothing can be said of; the sizes are right
        label = f"the {name} of {side.label}"
        for one in disagreements(argument.type, loaded, label, "running", sys.byteorder):
            if one.is_order:
                misread.append(_misread(found, one, argument.span, side.part(name)))
                continue
            findings.add(
                side.code(f"verify-{name}-type"),
                one.message,
                one.span or argument.span,
                running=running,
                type_id=type_id,
                subject=one.subject or side.part(name),
            )
    return [*findings.finished(), *misread]


def _misread(found: Sought, one: Disagreement, span: Span | None, part: Subject) -> Diagnostic:
    place = one.span or span or found.span
    return Diagnostic(
        "byte-order",
        one.message,
        place,
        label="declared here" if place is not None else "",
        help="the numbers are those of the machine's order; without a source they are the kernel's",
        severity=WARNING,
        map=found.map.name,
        subject=one.subject or part,
    )
