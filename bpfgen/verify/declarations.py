"""What a source declares beside maps and BTF keeps: tags of typedefs, prototypes of programs."""

from __future__ import annotations

from bpfgen.btf import kinds
from bpfgen.model.model import ProgramDeclaration, TypeDeclaration
from bpfgen.record import TYPE_CHECKING
from bpfgen.text.diagnostics import Subject
from bpfgen.verify.types import Role

if TYPE_CHECKING:
    from bpfgen.model.model import Model
    from bpfgen.verify.findings import Findings
    from bpfgen.verify.types import TypeChecker


def verify_typedef_tags(findings: Findings, model: Model) -> None:
    """Report which decl tags of typedefs are lost; one that nothing uses isn't in BTF at all."""
    btf = findings.object.btf
    if btf is None:
        return
    findings.begin(None, None)
    for declaration in model.declarations:
        if not isinstance(declaration, TypeDeclaration) or not any(declaration.decl_tags):
            continue
        for typedef, tags in zip(declaration.typedefs, declaration.decl_tags, strict=False):
            type_id = btf.find(typedef.name, kinds.BTF_KIND_TYPEDEF)
            if type_id is None:
                continue
            emitted = btf.decl_tags(type_id)
            for tag in dict.fromkeys(tags):
                if tag not in emitted:
                    findings.add(
                        "verify-type",
                        f"`{typedef.name}` is declared with the decl tag `{tag}`, which isn't "
                        "emitted",
                        declaration.span,
                        type_id=type_id,
                        subject=Subject("typedef", typedef.name),
                    )


def verify_programs(findings: Findings, types: TypeChecker, model: Model) -> None:
    """Compare the prototypes of programs; one that no slot names isn't in BTF."""
    btf = findings.object.btf
    if btf is None:
        return
    findings.begin(None, None)
    for declaration in model.declarations:
        if not isinstance(declaration, ProgramDeclaration):
            continue
        type_id = btf.find(declaration.name, kinds.BTF_KIND_FUNC)
        if type_id is not None:
            name = declaration.name
            role = Role(f"program `{name}`", Subject("program", name), declaration.span)
            function_id = btf.target(type_id)
            types.check("verify-program", declaration.type, function_id, role)
