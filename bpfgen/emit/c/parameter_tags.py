"""Tags that a parameter list would be the first to name, and that so need a declaration before it.

Comes before the header: a tag that is declared inside a parameter list is unknown outside it.
"""

from __future__ import annotations

from bpfgen.ctype.children import children
from bpfgen.ctype.types import MODIFIERS, Array, Composite, FuncProto, Int, Named, Pointer, Typedef
from bpfgen.record import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bpfgen.ctype.types import Type
    from bpfgen.model.model import TypeDeclaration


def types_in(declaration: TypeDeclaration) -> list[Type]:
    """Return the types that *declaration* is made of."""
    types: list[Type] = [typedef.underlying for typedef in declaration.typedefs]
    if isinstance(declaration.defines, Composite):
        types.append(declaration.defines)
    return types


def parameter_tags(types: list[Type]) -> Iterator[tuple[str, str]]:
    """Yield the struct and union tags that parameter lists in *types* mention, in order."""
    pending = [(type, False) for type in reversed(types)]
    while pending:
        type, inside = pending.pop()
        if isinstance(type, FuncProto):
            pending.extend((p.type, True) for p in reversed(type.parameters))
            pending.append((type.returns, inside))
        elif isinstance(type, Composite):
            if inside and type.tag is not None:
                yield type.kind, type.tag
            elif not inside:
                pending.extend(
                    (m.type, False) for m in reversed(type.members) if m.defines or _derived(m.type)
                )
        elif isinstance(type, Named):
            if inside and type.kind in {"struct", "union"}:
                yield type.kind, type.name
        elif not isinstance(type, Typedef):  # its own declaration came before
            pending.extend((part, inside) for part in children(type))


def _derived(type: Type) -> bool:
    """Whether *type* can hold a parameter list or a body written in place."""
    if isinstance(type, (Typedef, Int)):  # what most are
        return False
    return isinstance(type, (Pointer, Array, *MODIFIERS)) or (
        isinstance(type, Composite) and type.tag is None
    )
