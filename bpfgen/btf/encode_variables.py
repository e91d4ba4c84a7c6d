"""What an object has beside types: its variables and functions, and which section has which.

After :mod:`bpfgen.btf.encode`, whose records these join. clang writes them after the types, and a
DATASEC after its variables.

Source: Documentation/bpf/btf.rst; clang's BTFDebug.cpp (visitMapDefType, processGlobals,
processFuncPrototypes).
"""

from __future__ import annotations

from bpfgen.btf import kinds
from bpfgen.ctype.types import Array, Composite, Pointer
from bpfgen.record import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from bpfgen.btf.encode import BtfEncoder
    from bpfgen.ctype.types import FuncProto

_ALL = 0xFFFFFFFF
"""The component that a DECL_TAG of a variable or function names: all of it."""


def add_definition(encoder: BtfEncoder, definition: Composite) -> int:
    """Add the struct of a map in `.maps`, and return its id.

    What its members point to comes before it and is whole, that of an inner definition likewise:
    clang does so before the members, which don't ask for what they point to.
    """
    for member in definition.members:
        inner = member.type
        if isinstance(inner, Array) and isinstance(inner.element, Pointer):
            inner = inner.element.pointee
            if isinstance(inner, Composite):
                add_definition(encoder, inner)
        encoder.add_type(member.type)
    return encoder.add_type(definition)


def add_variable(
    encoder: BtfEncoder, name: str, type_id: int, linkage: int, decl_tags: Sequence[str] = ()
) -> int:
    """Add a VAR of the type *type_id* with a BTF_VAR_* *linkage* and its tags; return its id."""
    var_id = encoder.append(kinds.BTF_KIND_VAR, name, type_id, words=(linkage,))
    _add_tags(encoder, var_id, decl_tags)
    return var_id


def add_function(
    encoder: BtfEncoder, name: str, type: FuncProto, linkage: int, decl_tags: Sequence[str] = ()
) -> int:
    """Add a FUNC with its FUNC_PROTO and a BTF_FUNC_* *linkage*; return the id of the FUNC.

    One that is defined elsewhere has a prototype without the names of parameters.
    """
    is_named = linkage != kinds.BTF_FUNC_EXTERN
    prototype_id = encoder.add_prototype(type, is_named=is_named)
    function_id = encoder.append(kinds.BTF_KIND_FUNC, name, prototype_id, linkage)
    _add_tags(encoder, function_id, decl_tags)
    return function_id


def add_section(
    encoder: BtfEncoder, name: str, entries: Iterable[tuple[int, int, int]], size: int
) -> int:
    """Add a DATASEC of *size* bytes and return its id.

    *entries* are (the id of a VAR or FUNC, its offset, its size), both in bytes, in the order of
    the offsets, which the kernel wants.
    """
    words = tuple(word for entry in entries for word in entry)
    return encoder.append(kinds.BTF_KIND_DATASEC, name, size, len(words) // 3, words)


def add_typedef_tags(encoder: BtfEncoder, name: str, decl_tags: Sequence[str]) -> None:
    """Add the DECL_TAGs of the typedef called *name*, if it is there: its type doesn't say them."""
    typedef_id = encoder.typedef_id(name)
    if typedef_id is not None:
        _add_tags(encoder, typedef_id, decl_tags)


def _add_tags(encoder: BtfEncoder, type_id: int, decl_tags: Sequence[str]) -> None:
    for tag in dict.fromkeys(decl_tags):
        encoder.append(kinds.BTF_KIND_DECL_TAG, tag, type_id, words=(_ALL,))
