"""The language as a dialect of C's declarations: libbpf's macros for attributes."""

from __future__ import annotations

from bpfgen.emit.c import literals, type_bodies
from bpfgen.emit.c.declarators import Dialect
from bpfgen.emit.c.type_bodies import on_one_line
from bpfgen.kernel.tags import POINTER_TAGS
from bpfgen.record import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from bpfgen.ctype.types import Attributes, Expression, TypeTag

INDENT = "    "

TAG_MACROS = {row.tag: row.macro for row in POINTER_TAGS.values()} | {"address_space(1)": "__arena"}
"""The macros of libbpf's headers that the language has, by the tag that each stands for."""


def type_tag(tag: TypeTag) -> str:
    """Return the macro, or the attribute, that gives a type *tag*."""
    return TAG_MACROS.get(tag.tag) or type_bodies.type_tag(tag)


def attributes(attributes: Attributes, spell: Callable[[Expression], str]) -> str:
    """Return *attributes* as the macros of libbpf's headers, a space before each."""
    words = ["__packed"] if attributes.packed else []
    words.extend(
        "__attribute__((aligned))" if argument is None else f"__aligned({spell(argument)})"
        for argument in attributes.aligned
    )
    if attributes.mode:
        words.append(f"__attribute__((mode({attributes.mode})))")
    if attributes.preserve_access_index:
        words.append("__attribute__((preserve_access_index))")
    words.extend(_decl_tag(tag) for tag in attributes.decl_tags)
    return "".join(f" {word}" for word in words)


def _decl_tag(tag: str) -> str:
    """Return `__contains(type, member)`, or the attribute for any other tag."""
    words = tag.split(":")
    if len(words) == 3 and words[0] == "contains" and all(w.isidentifier() for w in words[1:]):
        return f"__contains({words[1]}, {words[2]})"
    return f"__attribute__((btf_decl_tag({literals.string(tag)})))"


DSL = Dialect(INDENT, type_tag, attributes, on_one_line, by_name=True)
