"""The structs that a type needs whole though it doesn't hold them, because a tag names them.

A list or tree names what it holds in a decl tag, `contains:TYPE:MEMBER`; a pointer with one of the
tags of :data:`bpfgen.kernel.tags.WHOLE_POINTEE_TAGS` may point to an object of the program's own.
The kernel's own structs stay names: their members are not the program's business.

Source: btf_find_graph_root and btf_find_kptr in kernel/bpf/btf.c.
"""

from __future__ import annotations

from bpfgen.btf import kinds
from bpfgen.ctype.types import (
    Array,
    Composite,
    Const,
    Named,
    Pointer,
    Restrict,
    TypeTag,
    Volatile,
    underlying,
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


def kept_structs(btf: Btf, type: Type) -> Iterator[int]:
    """Yield the BTF ids of the structs that the members of *type* need whole, in order."""
    pending = [type]
    walked: set[int] = set()
    while pending:
        held = underlying(pending.pop())
        if isinstance(held, Array):
            pending.append(held.element)
        elif isinstance(held, Composite) and id(held) not in walked:
            walked.add(id(held))
            for member in held.members:
                yield from _of_member(btf, member)
            pending.extend(member.type for member in reversed(held.members))


def _of_member(btf: Btf, member: Member) -> Iterator[int]:
    if member.attributes is not None:
        for tag in member.attributes.decl_tags:
            name = contained_struct(tag)
            struct_id = None if name is None else btf.find(name, kinds.BTF_KIND_STRUCT)
            if struct_id is not None:
                yield struct_id
    pointer = member.type
    while isinstance(pointer, Array):
        pointer = pointer.element
    pointer = underlying(pointer)
    if not isinstance(pointer, Pointer):
        return
    target = pointer.target
    tags = set()
    while isinstance(target, (TypeTag, Const, Volatile, Restrict)):
        if isinstance(target, TypeTag):
            tags.add(target.tag)
        target = target.target
    if not tags & WHOLE_POINTEE_TAGS or not isinstance(target, Named) or target.kind != "struct":
        return
    if target.type_id is None or target.forward or target.name in KERNEL_STRUCTS:
        return
    if "uptr" in tags or _is_own(btf, target.type_id):
        yield target.type_id


def _is_own(btf: Btf, struct_id: int) -> bool:
    """Whether a struct that is there with its members is the program's own, as far as can be told.

    What came with the kernel's types is flat where a program reads one member of it, or large; the
    objects of programs are small.
    """
    members = btf.members(struct_id)
    if any(btf.name(btf.skip_modifiers(type_id)) in _OF_OBJECTS for _n, type_id, _o, _w in members):
        return True
    return btf.size(struct_id) <= _PAGE


_PAGE = 4096
