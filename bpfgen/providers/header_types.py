"""Types of C headers as BTF has them: with the alignment that clang says, or with a part missing.

Used by :mod:`bpfgen.providers.c_headers` on what clang answers.
"""

from __future__ import annotations

from bpfgen.ctype.children import held, walk
from bpfgen.ctype.layout import alignof
from bpfgen.ctype.types import (
    INT,
    POINTER_SIZE,
    WRAPPERS,
    Attributes,
    Composite,
    Enum,
    Expression,
    Pointer,
    Typedef,
    Void,
    underlying,
)
from bpfgen.record import TYPE_CHECKING, replace

if TYPE_CHECKING:
    from bpfgen.ctype.types import Const, Restrict, Type, TypeTag, Volatile


def has_lost(type: Type, align: int) -> bool:
    """Whether something that *type* holds is `void` in BTF: no object of C is.

    A typedef of `void` has the alignment 1, as far as clang is concerned.
    """
    return any(isinstance(inner, Void) for inner in walk(type, held)) and (
        align > 1 or not isinstance(underlying(type), Void)
    )


def with_align(type: Type, align: int) -> Type:
    """Return *type* with the alignment that the compiler says; BTF has none."""
    wrappers: list[Typedef | Const | Volatile | Restrict | TypeTag] = []
    bare = type
    while isinstance(bare, WRAPPERS):
        wrappers.append(bare)
        bare = bare.underlying
    if isinstance(bare, Composite):
        if wrappers and bare.align:
            return type
        bare = replace(bare, align=align)
        for wrapper in reversed(wrappers):
            bare = replace(wrapper, underlying=bare)
        return bare
    if isinstance(type, Typedef):
        # A pointer's own alignment needs no word; it stands for most typedefs of pointers.
        is_natural = isinstance(bare, Pointer) and align == POINTER_SIZE
        return type if is_natural else replace(type, align=align)
    if isinstance(type, Enum) and align != alignof(type):
        aligned = Expression((str(align),), align, INT)
        return replace(type, attributes=Attributes(aligned=(aligned,)))
    return type
