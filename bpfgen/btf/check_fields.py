"""Pointers that the kernel looks after, to structs of which an object has the name only.

BPF_BTF_LOAD goes through each struct that has a lock, a list, a tree, a count of references or such
a pointer, and refuses the whole BTF where the target of one isn't a struct: a forward declaration
isn't. The rest of what it asks of special fields depends on the kernel's own types, and is
:mod:`bpfgen.rules.fields`'s.

Source: btf_parse_struct_metas, btf_find_kptr in kernel/bpf/btf.c; read in 6.12, tried on 6.18.
"""

from __future__ import annotations

from bpfgen.btf import kinds
from bpfgen.btf.faults import BtfFault
from bpfgen.kernel.btf_limits import MAX_RESOLVE_DEPTH
from bpfgen.kernel.special_fields import KPTRS_CHECKED_SINCE, NODE_SIZES, SPECIAL_FIELDS
from bpfgen.kernel.version import NEWEST
from bpfgen.record import TYPE_CHECKING

if TYPE_CHECKING:
    from bpfgen.btf.decode import Btf
    from bpfgen.kernel.version import KernelVersion

_AT_LOAD = [field for field in SPECIAL_FIELDS.values() if field.runs_at_load]
_STRUCTS = (*(field.name for field in _AT_LOAD if not field.pointer), *NODE_SIZES)
"""The structs that make the kernel look at whatever has them as a member (alloc_obj_fields)."""
_TAGS = frozenset(field.name for field in _AT_LOAD if field.pointer)


def forward_kptrs(btf: Btf, kernel: KernelVersion | None = None) -> list[BtfFault]:
    """Return the members of *btf*, which has no other faults, for which *kernel* refuses it."""
    if (kernel or NEWEST) < KPTRS_CHECKED_SINCE or not btf.ids_of_kind(kinds.BTF_KIND_TYPE_TAG):
        return []
    checked = {
        type_id for name in _STRUCTS for type_id in btf.find_all(name, kinds.BTF_KIND_STRUCT)[:1]
    }
    checked |= {
        type_id
        for type_id in btf.ids_of_kind(kinds.BTF_KIND_PTR, kinds.BTF_KIND_VOLATILE)
        if _target(btf, type_id) == kinds.BTF_KIND_STRUCT
    }
    faults = []
    for struct_id in btf.ids_of_kind(kinds.BTF_KIND_STRUCT):
        members = btf.members(struct_id)
        if not any(type_id in checked for _name, type_id, _offset, _width in members):
            continue
        for number, (_name, type_id, _offset, _width) in enumerate(members, 1):
            if _holds_forward(btf, type_id):
                why = "points to a struct that is only declared, and the kernel looks after it"
                faults.append(BtfFault(struct_id, why, "btf_find_kptr", number))
    return faults


def _target(btf: Btf, type_id: int) -> int | None:
    """Return the kind of what a pointer with such a tag points to; None for another type."""
    if btf.kind(type_id) == kinds.BTF_KIND_VOLATILE:
        type_id = btf.target(type_id)
    if btf.kind(type_id) != kinds.BTF_KIND_PTR:
        return None
    tag_id = btf.target(type_id)
    if btf.kind(tag_id) != kinds.BTF_KIND_TYPE_TAG or btf.name(tag_id) not in _TAGS:
        return None
    return btf.kind(btf.skip_modifiers(tag_id))


def _holds_forward(btf: Btf, type_id: int) -> bool:
    """Whether such a pointer to a forward declaration is in *type_id*, at any depth."""
    pending = [(type_id, 0)]
    while pending:
        type_id, depth = pending.pop()
        while btf.kind(type_id) == kinds.BTF_KIND_ARRAY:
            type_id = btf.array(type_id)[0]
        if btf.kind(type_id) == kinds.BTF_KIND_STRUCT:
            if depth < MAX_RESOLVE_DEPTH:
                pending += ((member[1], depth + 1) for member in btf.members(type_id))
        elif _target(btf, type_id) == kinds.BTF_KIND_FWD:
            return True
    return False
