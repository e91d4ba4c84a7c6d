"""What an expression was made of: its constants and the types whose sizes it has.

The rules ask: of a key or value that is given by its size alone, this is all that is known.
"""

from __future__ import annotations

from bpfgen.ctype.types import Constant, TypeOperand
from bpfgen.record import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bpfgen.ctype.types import Expression, Type


def operands(expression: Expression) -> Iterator[Constant | TypeOperand]:
    """Yield the named constants and the types in *expression*, and in what its constants are.

    Each constant comes up once, and what it was made of after it.
    """
    pending, seen = [expression], set[int]()
    while pending:
        for part in pending.pop().parts:
            if isinstance(part, str):
                continue
            if isinstance(part, Constant):
                if id(part) in seen:
                    continue
                seen.add(id(part))
                if part.expression is not None:
                    pending.append(part.expression)
            yield part


def constants_in(expression: Expression) -> Iterator[Constant]:
    """Yield the constants by which *expression* comes to its number, at any depth."""
    return (part for part in operands(expression) if isinstance(part, Constant))


def sized_types(expression: Expression) -> Iterator[Type]:
    """Yield each `T` of a `sizeof(T)` in *expression*, those of its constants included."""
    for part in operands(expression):
        if isinstance(part, TypeOperand) and part.operator == "sizeof":
            yield part.type
