"""What a member is made of, number by number, each with its name and place."""

from __future__ import annotations

from bpfgen.changes.layout.fields import Field, spread
from bpfgen.changes.layout.numbers import number_in
from bpfgen.ctype.sizes import sizeof
from bpfgen.ctype.types import Array, Composite, underlying
from bpfgen.record import TYPE_CHECKING, replace

if TYPE_CHECKING:
    from bpfgen.ctype.types import Type

_MOST = 4096
"""Numbers into which a member is taken apart; what has more stays whole."""


def leaves(field: Field, *, whole_arrays: bool = False) -> list[Field]:
    """Return the numbers in *field*, at their places in what holds it.

    What is too large to be taken apart is given back as it is; with *whole_arrays*, so are arrays
    of numbers.
    """
    found: list[Field] = []
    pending = [field]
    while pending:
        current = pending.pop()
        bare = underlying(current.type)
        if number_in(innermost(bare) if whole_arrays else bare) is not None:
            found.append(current)
        elif isinstance(bare, Composite):
            for inner in reversed(spread(bare)):
                path = f"{current.path}.{inner.path}" if current.path else inner.path
                offset = current.offset + inner.offset
                pending.append(
                    replace(inner, path=path, offset=offset, span=inner.span or current.span)
                )
        elif isinstance(bare, Array):
            step = 8 * (sizeof(bare.element) or 0)
            if bare.length + len(found) + len(pending) > _MOST:
                return [field]
            for index in range(bare.length - 1, -1, -1):
                path, offset = f"{current.path}[{index}]", current.offset + index * step
                pending.append(Field(path, bare.element, offset, step, span=current.span))
        if len(found) + len(pending) > _MOST:
            return [field]
    return found


def innermost(bare: Type) -> Type:
    """Return what *bare* has as elements, of arrays of arrays too; itself if it is no array."""
    while isinstance(bare, Array):
        bare = underlying(bare.element)
    return bare
