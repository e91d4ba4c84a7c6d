"""Special fields of values: what the kernel finds in a map's value and manages itself.

Which kinds take which field is a column of MAP_KINDS (`special_fields`); here is what holds on
every kind. The rules are bpfgen/rules/fields/special_fields.py's.

Source: kernel/bpf/btf.c (btf_get_field_type, btf_parse_fields), kernel/bpf/syscall.c
(map_check_btf); include/linux/bpf.h, enum btf_field_type.
"""

from __future__ import annotations

from bpfgen.record import TYPE_CHECKING, Record

if TYPE_CHECKING:
    from bpfgen.kernel.version import KernelVersion


class SpecialField(Record):
    """One row of :data:`SPECIAL_FIELDS`.

    Attributes:
        name: The struct's tag; for pointers the name of their type tag, `kptr` for both spellings
            of the referenced kind.
        since: The first kernel that knows it.
        most: How many of it one value may hold; None if only the limit of all counts.
        size: Bytes of the struct, or of the pointer.
        align: What its offset must be a multiple of.
        needs_lock: A `bpf_spin_lock` must stand in the same value.
        contains: It needs the declaration tag `contains:TYPE:MEMBER`.
        pointer: It is a pointer with a type tag, not a struct.
        runs_at_load: BPF_BTF_LOAD checks a struct that has it, so that the whole BTF is refused.
    """

    name: str
    since: KernelVersion
    most: int | None = None
    size: int = 8
    align: int = 8
    needs_lock: bool = False
    contains: bool = False
    pointer: bool = False
    runs_at_load: bool = False


SPECIAL_FIELDS: dict[str, SpecialField] = {
    field.name: field
    for field in (
        SpecialField("bpf_spin_lock", (5, 1), most=1, size=4, align=4, runs_at_load=True),
        SpecialField("bpf_res_spin_lock", (6, 15), most=1, size=4, align=4),
        SpecialField("bpf_timer", (5, 15), most=1, size=16),
        SpecialField("bpf_wq", (6, 10), most=1, size=16),
        SpecialField("bpf_task_work", (6, 18), most=1, size=8),
        SpecialField("bpf_refcount", (6, 4), most=1, size=4, align=4, runs_at_load=True),
        SpecialField(
            "bpf_list_head", (6, 2), size=16, needs_lock=True, contains=True, runs_at_load=True
        ),
        SpecialField(
            "bpf_rb_root", (6, 3), size=16, needs_lock=True, contains=True, runs_at_load=True
        ),
        SpecialField("kptr", (5, 19), pointer=True, runs_at_load=True),
        SpecialField("kptr_untrusted", (5, 19), pointer=True, runs_at_load=True),
        SpecialField("percpu_kptr", (6, 7), pointer=True, runs_at_load=True),
        SpecialField("uptr", (6, 13), pointer=True),
    )
}
"""Every special field by name: locks, then what runs later, then what owns objects."""

MAX_SPECIAL_FIELDS = 11
"""At most so many in one value, elements of arrays counted (BTF_FIELDS_MAX)."""

_EARLIER_LIMITS: tuple[tuple[KernelVersion, int], ...] = (((6, 2), 8), ((6, 10), 10))
"""(version, most): until that kernel the limit was another (BPF_MAP_VALUE_OFF_MAX up to 6.1)."""

NESTED_FIELDS_SINCE: KernelVersion = (6, 11)
"""The first kernel that looks for special fields in nested structs and in arrays."""

METAS_SINCE: KernelVersion = (6, 2)
"""The first kernel that looks for special fields in all structs when BTF is loaded
(btf_parse_struct_metas)."""

FREEZE_KNOWS_SINCE: KernelVersion = (6, 2)
"""The first kernel that freezes no map whose value has any special field; before, those with a
`bpf_timer` or pointers with tags (map_freeze)."""

KPTRS_CHECKED_SINCE: KernelVersion = (6, 12)
"""The first kernel that looks at pointers with tags when BTF is loaded, and not only when a map is
created (btf_parse_struct_metas)."""

OWN_KPTR_SINCE: KernelVersion = (6, 4)
"""The first kernel whose kptrs may point to a struct of the program's own; older ones look for it
among the kernel's structs only (btf_parse_kptrs)."""

INNER_LOCK_SINCE: KernelVersion = (6, 2)
"""The first kernel that takes an inner map with a bpf_spin_lock (bpf_map_meta_alloc)."""

RECORDS_COMPARED_SINCE: KernelVersion = (6, 2)
"""The first kernel that compares the special fields that inner maps have. From 5.15 on it compared
where a bpf_timer is or why there is none (timer_off), which is ENOENT in a struct and EINVAL in any
other value, and where there are no types (btf_find_timer). All pairs of a struct, a union, an
array, an integer and no type were tried on 6.1."""

NODE_SIZES: dict[str, tuple[tuple[KernelVersion, int], ...]] = {
    "bpf_list_node": (((6, 2), 16), ((6, 6), 24)),
    "bpf_rb_node": (((6, 3), 24), ((6, 6), 32)),
}
"""Bytes of the structs by which an object hangs in a list or tree, with the first such kernel."""

NODE_ALIGN = 8
"""What the offset of a node must be a multiple of."""


OPAQUE_STRUCTS = frozenset(
    (
        *(name for name, field in SPECIAL_FIELDS.items() if not field.pointer),
        *NODE_SIZES,
        "bpf_dynptr",
    )
)
"""Structs whose members are nobody's business; linux/bpf.h, vmlinux.h and older ones of either have
different ones (`__u64 :64` became `__u64 __opaque[2]` in Linux 6.7)."""


def most_fields(kernel: KernelVersion) -> int:
    """Return how many special fields *kernel* takes in one value."""
    for until, most in _EARLIER_LIMITS:
        if kernel < until:
            return most
    return MAX_SPECIAL_FIELDS


KPTR_RENAMED: KernelVersion = (6, 4)
"""The first kernel whose tag `kptr` makes a reference; before, `kptr` was what is `kptr_untrusted`
since, and `kptr_ref` was what is `kptr` (btf_find_kptr)."""
