"""The structs that a type needs whole though it doesn't hold them, because a tag names them.

A list or tree names what it holds in a decl tag, `contains:TYPE:MEMBER`; a pointer with one of the
tags of :data:`bpfgen.kernel.tags.WHOLE_POINTEE_TAGS` may point to an object of the program's own.
The kernel's own structs stay names: their members are not the program's business.

Source: btf_find_graph_root and btf_find_kptr in kernel/bpf/btf.c.
"""

from __future__ import annotations

from bpfgen.btf import kinds
from bpfgen.ctype.children import held_members, pointer_in
from bpfgen.ctype.types import (
    MODIFIERS,
    Named,
    TypeTag,
)
from bpfgen.kernel.objects import KERNEL_STRUCTS
from bpfgen.kernel.tags import WHOLE_POINTEE_TAGS, contained_struct
from bpfgen.record import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bpfgen.btf.decode import Btf
    from bpfgen.ctype.types import Member, Type

_OF_OBJECTS = frozenset(("bpf_list_node", "bpf_rb_node", "bpf_refcount"))
"""Held by objects of a program's own, and by none of the kernel's."""

_PAGE = 4096


def whole_structs(btf: Btf, type: Type) -> Iterator[int]:
    """Yield the BTF ids of the structs that the members of *type* need whole, in order."""
    for _owner, member in held_members(type, set()):
        yield from _of_member(btf, member)


def _of_member(btf: Btf, member: Member) -> Iterator[int]:
    if member.attributes is not None:
        for tag in member.attributes.decl_tags:
            name = contained_struct(tag)
            struct_id = None if name is None else btf.find(name, kinds.BTF_KIND_STRUCT)
            if struct_id is not None:
                yield struct_id
    pointer = pointer_in(member.type)
    if pointer is None:
        return
    pointee = pointer.pointee
    tags = set()
    while isinstance(pointee, MODIFIERS):
        if isinstance(pointee, TypeTag):
            tags.add(pointee.tag)
        pointee = pointee.underlying
    if not tags & WHOLE_POINTEE_TAGS or not isinstance(pointee, Named) or pointee.kind != "struct":
        return
    if pointee.type_id is None or pointee.forward or pointee.name in KERNEL_STRUCTS:
        return
    if "uptr" in tags or _is_own(btf, pointee.type_id):
        yield pointee.type_id


def _is_own(btf: Btf, struct_id: int) -> bool:
    """Whether a struct that is there with its members is the program's own, as far as can be told.

    What came with the kernel's types is flat where a program reads one member of it, or large; the
    objects of programs are small.
    """
    members = btf.members(struct_id)
    if any(btf.name(btf.skip_modifiers(type_id)) in _OF_OBJECTS for _n, type_id, _o, _w in members):
        return True
    return btf.size(struct_id) <= _PAGE
