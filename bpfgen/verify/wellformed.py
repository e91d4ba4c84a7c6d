"""BTF that the kernel would load, by the checks of :mod:`bpfgen.btf.check`.

A type that the kernel refuses makes it refuse the whole BTF; libbpf then loads the maps without
any, and the types that were declared are gone without an error.
"""

from __future__ import annotations

from bpfgen.btf.check import btf_faults
from bpfgen.btf.check_fields import forward_kptrs
from bpfgen.btf.faults import spelled_fault, subject_of
from bpfgen.record import TYPE_CHECKING
from bpfgen.rules.target import Target
from bpfgen.rules.types.btf_load import btf_refused

if TYPE_CHECKING:
    from bpfgen.model.model import Model
    from bpfgen.verify.findings import Findings


def verify_btf(findings: Findings, model: Model, *, own: bool) -> None:
    """Report which types of the object's BTF the kernel would refuse that *model* aims at.

    Nothing is reported if the types are refused already as the source, or one that it imports, has
    them: the rule `btf-refused` says so of the file that declares them, or that file allows it.
    With *own* the object was made from the model alone, and what is only declared in it is for the
    program to bring along.
    """
    btf = findings.object.btf
    if btf is None:
        return
    findings.begin(None, None)
    target = Target.of(model, None, "modern")
    faults = btf_faults(btf, target.kernel)
    if faults and any(any(btf_refused(one, target)) for one in model.with_imports()):
        return
    if not faults and not own:
        faults = forward_kptrs(btf, target.kernel)
    for fault in faults:
        findings.add(
            "verify-btf",
            spelled_fault(btf, fault),
            type_id=fault.type_id,
            subject=subject_of(btf, fault),
        )
