"""Types of one model against types of one object; what differs gets the code of its role."""

from __future__ import annotations

from bpfgen.btf import kinds
from bpfgen.ctype.compare import Comparison
from bpfgen.ctype.difference import ELEMENT
from bpfgen.ctype.types import Enum
from bpfgen.record import TYPE_CHECKING
from bpfgen.text.diagnostics import FormatError

if TYPE_CHECKING:
    from bpfgen.btf.decode import Btf
    from bpfgen.ctype.difference import Path
    from bpfgen.ctype.types import Type
    from bpfgen.model.model import Model
    from bpfgen.text.source import Span
    from bpfgen.verify.findings import Findings


class TypeChecker:
    """Compares types and tells what differs.

    Attributes:
        findings: Where it is told.
    """

    __slots__ = ("_comparison", "findings")

    def __init__(self, findings: Findings, model: Model) -> None:
        self.findings = findings
        btf = findings.object.btf
        self._comparison = Comparison(
            model.types,
            kernel_types(model),
            old_enums=btf is not None and has_old_enums(btf),
        )

    def check(
        self,
        code: str,
        declared: Type,
        emitted: Type | None,
        type_id: int,
        subject: str,
        span: Span | None,
    ) -> None:
        """Compare *declared* with *emitted*, BTF type *type_id*, of which *subject* is the role."""
        types = self.findings.object.types
        if emitted is None or types is None:
            why = ""
            if types is not None and type_id:
                try:
                    emitted = types.type(type_id)
                except FormatError as error:
                    why = f": {error.what}"
            if emitted is None or types is None:
                message = f"{subject} is declared, and the object has no such type{why}"
                self.findings.add(code, message, span, type_id=type_id or None)
                return
        for difference in self._comparison.differences(declared, emitted, subject, span):
            self.findings.add(
                "verify-forward" if difference.forward else code,
                difference.message,
                difference.span,
                type_id=_at(types.btf, type_id, difference.path),
                help=difference.help,
            )


def kernel_types(model: Model) -> frozenset[tuple[str, str]]:
    """Return the (kind, name) of the prelude's types that *model* and its imports use."""
    found: set[tuple[str, str]] = set()
    for current in model.with_imports():
        for used in current.prelude_types:
            defines = used.declaration.defines
            if defines is not None and defines.tag is not None:
                found.add(("enum" if isinstance(defines, Enum) else defines.kind, defines.tag))
            found.update(("typedef", typedef.name) for typedef in used.declaration.typedefs)
    return frozenset(found)


def has_old_enums(btf: Btf) -> bool:
    """Whether all enums of *btf* are as clang 14 writes them: unsigned and of 32 bits."""
    if btf.ids_of_kind(kinds.BTF_KIND_ENUM64):
        return False
    return not any(btf.kind_flag(enum_id) for enum_id in btf.ids_of_kind(kinds.BTF_KIND_ENUM))


def _at(btf: Btf, type_id: int, path: Path) -> int:
    """Return the id of the type at the end of *path*, as far as it can be gone."""
    steps = []
    while path is not None:
        path, step = path
        steps.append(step)
    for step in reversed(steps):
        kind = btf.kind(type_id)
        if step == ELEMENT:
            type_id = btf.array(type_id)[0]
        elif step < 0:
            type_id = btf.target(type_id)
        elif kind == kinds.BTF_KIND_FUNC_PROTO:
            type_id = btf.parameters(type_id)[step][1]
        else:
            type_id = btf.members(type_id)[step][1]
    return type_id
