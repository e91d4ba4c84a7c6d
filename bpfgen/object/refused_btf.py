"""What the kernel refuses in an object that libbpf opens: its types.

Comes after reading: `inspect` and `import` say so, since a loader doesn't.
"""

from __future__ import annotations

from bpfgen.btf.check import btf_faults
from bpfgen.btf.check_fields import forward_kptrs
from bpfgen.btf.faults import spelled_fault, subject_of
from bpfgen.kernel.btf_loss import loss
from bpfgen.record import TYPE_CHECKING
from bpfgen.text.diagnostics import WARNING, Diagnostic

if TYPE_CHECKING:
    from bpfgen.object.records import ObjectFile

_MOST = 20
"""How many are listed: one is enough for the kernel."""


def refused_btf(object: ObjectFile, place: str = "") -> list[Diagnostic]:
    """Return a warning for each type of *object* that the newest kernel known refuses.

    Each message begins with *place*. There are some twenty at most.
    """
    btf = object.btf
    if btf is None or object.running:  # what the kernel has, it has taken
        return []
    faults = btf_faults(btf) or forward_kptrs(btf)
    if not faults:
        return []
    needing = [
        map.name
        for map in object.maps
        if map.definition.kind is not None and map.definition.kind.btf == "required"
    ]
    what = loss(needing, struct_ops=bool(object.struct_ops))
    return [
        Diagnostic(
            "btf-refused",
            f"{place}the kernel refuses the types of the object: {spelled_fault(btf, fault)}",
            None,
            notes=(f"EINVAL ({fault.function} in kernel/bpf/btf.c)", what),
            severity=WARNING,
            subject=subject_of(btf, fault),
        )
        for fault in faults[:_MOST]
    ]
