"""Types of one model against types of one object; what differs gets the code of its role."""

from __future__ import annotations

from bpfgen.btf import kinds
from bpfgen.ctype.compare import Comparison
from bpfgen.ctype.difference import ELEMENT
from bpfgen.ctype.types import Enum
from bpfgen.record import TYPE_CHECKING, Record
from bpfgen.text.diagnostics import FormatError
from bpfgen.verify.surely_emitted import SurelyEmitted

if TYPE_CHECKING:
    from collections.abc import Container

    from bpfgen.btf.decode import Btf
    from bpfgen.ctype.difference import Path
    from bpfgen.ctype.types import Type
    from bpfgen.model.model import Model
    from bpfgen.record import Uncompared
    from bpfgen.text.diagnostics import Subject
    from bpfgen.text.source import Span
    from bpfgen.verify.findings import Findings


class Role(Record):
    """What a type is the type of.

    Attributes:
        label: In words, for messages: "the key of map `flows`".
        subject: By name.
        span: Where it is declared.
    """

    label: str
    subject: Subject
    span: Uncompared[Span | None]


class TypeChecker:
    """Compares types and reports what differs.

    Attributes:
        findings: Where it is reported.
    """

    __slots__ = ("_comparison", "_renamed", "_surely_emitted", "findings")

    def __init__(
        self,
        findings: Findings,
        model: Model,
        renamed: Container[str] = frozenset(),
        unfolded: Container[str] = frozenset(),
        *,
        flavors: bool = False,
        assembled: bool = False,
    ) -> None:
        """Prepare for the types of *model*.

        *flavors* is as for :class:`Comparison`. With *assembled* no compiler and no header had a
        say: enums aren't clang 14's, and the kernel's types are the prelude's.

        That the source has one of the names *renamed* for what the object calls otherwise is no
        difference, nor that it has what the object's typedefs *unfolded* stand for.
        """
        self.findings = findings
        self._renamed = renamed
        btf = findings.object.btf
        kernel = frozenset() if assembled else kernel_types(model)
        old_enums = not assembled and btf is not None and has_old_enums(btf)
        self._surely_emitted: SurelyEmitted | None = None
        if btf is not None:
            self._surely_emitted = SurelyEmitted(btf, kernel, unfolded, old_enums=old_enums)
        self._comparison = Comparison(
            model.types, kernel, old_enums=old_enums, unfolded=unfolded, flavors=flavors
        )

    def is_surely(self, declared: Type, type_id: int) -> bool:
        """Return whether :meth:`check` of a type surely has nothing to report, in whatever role."""
        same = self._surely_emitted
        return same is not None and type_id != 0 and same(declared, type_id)

    def check(self, code: str, declared: Type, type_id: int, role: Role) -> None:
        """Compare *declared* with BTF type *type_id*, 0 where there is none, in the same *role*."""
        if self.is_surely(declared, type_id):
            return
        types = self.findings.object.types
        emitted: Type | None = None
        why = ""
        if types is not None and type_id:
            try:
                emitted = types.type(type_id)
            except FormatError as error:
                why = f": {error.what}"
        if emitted is None or types is None:
            message = f"{role.label} is declared, and the object has no such type{why}"
            self.findings.add(
                code, message, role.span, type_id=type_id or None, subject=role.subject
            )
            return
        for difference in self._comparison.differences(
            declared, emitted, role.label, role.span, role.subject
        ):
            if difference.names is not None and difference.names[0] in self._renamed:
                continue
            self.findings.add(
                "verify-forward" if difference.forward else code,
                difference.message,
                difference.span,
                type_id=type_at(types.btf, type_id, difference.path),
                help=difference.help,
                subject=difference.subject or role.subject,
            )


def kernel_types(model: Model) -> frozenset[tuple[str, str]]:
    """Return the (kind, name) of the prelude's types that *model* and its imports use."""
    names: set[tuple[str, str]] = set()
    for current in model.with_imports():
        for used in current.prelude_types:
            defines = used.declaration.defines
            if defines is not None and defines.tag is not None:
                names.add(("enum" if isinstance(defines, Enum) else defines.kind, defines.tag))
            names.update(("typedef", typedef.name) for typedef in used.declaration.typedefs)
    return frozenset(names)


def has_old_enums(btf: Btf) -> bool:
    """Whether all enums of *btf* are as clang 14 writes them: unsigned and of 32 bits."""
    if btf.ids_of_kind(kinds.BTF_KIND_ENUM64):
        return False
    return not any(btf.kind_flag(enum_id) for enum_id in btf.ids_of_kind(kinds.BTF_KIND_ENUM))


def type_at(btf: Btf, type_id: int, path: Path) -> int:
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
