"""C as a header has it: GNU attributes in one list, tabs, the kernel's constants with care."""

from __future__ import annotations

from bpfgen.ctype.describe import is_address_space
from bpfgen.emit.c import literals
from bpfgen.emit.c.declarators import Dialect
from bpfgen.emit.c.type_bodies import on_one_line
from bpfgen.record import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from bpfgen.ctype.types import Attributes, Expression, TypeTag


def type_tag(tag: TypeTag) -> str:
    """Return the attribute that gives a type *tag*."""
    if is_address_space(tag.tag):
        return f"__attribute__(({tag.tag}))"
    return f"__attribute__((btf_type_tag({literals.string(tag.tag)})))"


def attributes(attributes: Attributes, spell: Callable[[Expression], str]) -> str:
    """Return *attributes* as one `__attribute__((…))` with a space before it, or nothing."""
    words = ["packed"] if attributes.packed else []
    words.extend(
        "aligned" if argument is None else f"aligned({spell(argument)})"
        for argument in attributes.aligned
    )
    if attributes.preserve_access_index:
        words.append("preserve_access_index")
    words.extend(f"btf_decl_tag({literals.string(tag)})" for tag in attributes.decl_tags)
    return f" __attribute__(({', '.join(words)}))" if words else ""


C = Dialect("\t", "_Bool", type_tag, attributes, on_one_line)
