"""Which types user space has, where others are those of a header for BPF programs alone.

Comes before :mod:`bpfgen.emit.c.both_sides`; loaded where a source includes such a header.
"""

from __future__ import annotations

from bpfgen.ctype.types import Composite, Enum
from bpfgen.emit.c.declarators import base_of
from bpfgen.emit.c.type_bodies import defined_by
from bpfgen.model.model import TypeDeclaration
from bpfgen.record import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bpfgen.ctype.types import Type
    from bpfgen.model.model import Model


def declared_types(model: Model) -> frozenset[tuple[str, str]]:
    """Return the kind and name of each type that a source declares, or of the prelude is used."""
    declared: set[tuple[str, str]] = set()
    for current in model.with_imports():
        for declaration in current.declarations:
            if isinstance(declaration, TypeDeclaration):
                declared.update(_declared(declaration, current))
    for used in model.prelude_types:
        declared.update(_declared(used.declaration, model))
    return frozenset(declared)


def _declared(declaration: TypeDeclaration, model: Model) -> Iterator[tuple[str, str]]:
    """Yield the kind and the name of each type in *declaration*."""
    pending: list[Type] = []
    for typedef in declaration.typedefs:
        yield "typedef", typedef.name
        pending.append(typedef.underlying)
    if declaration.defines is not None:
        pending.append(declaration.defines)
    while pending:
        type = base_of(pending.pop())
        if isinstance(type, (Composite, Enum)) and type.tag is not None:
            yield (type.kind if isinstance(type, Composite) else "enum"), type.tag
        if isinstance(type, Composite):
            bodies = (defined_by(member, model.types) for member in type.members)
            pending.extend(body for body in bodies if body is not None)
