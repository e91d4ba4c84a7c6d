"""The helpers through which a BPF program reaches a map, as C sees them: one row a helper.

Typed access on the BPF side calls them by number, as libbpf's bpf_helper_defs.h does, so that it
doesn't matter which version of that header there is, if any.

Source: enum bpf_func_id and the comments above it in include/uapi/linux/bpf.h.
"""

from __future__ import annotations

from bpfgen.record import TYPE_CHECKING, Record

if TYPE_CHECKING:
    from bpfgen.kernel.version import KernelVersion


class Helper(Record):
    """One row of :data:`HELPERS`.

    Attributes:
        name: As the kernel has it, without `bpf_`.
        number: Its value in enum bpf_func_id.
        since: The first kernel that has it.
        type: The C type of a pointer to it; numbers are spelled without typedefs.
    """

    name: str
    number: int
    since: KernelVersion
    type: str


_STORAGE_GET = "void *(*)(void *map, {} *{}, void *value, unsigned long long flags)"
_REDIRECT = "long (*)({0} *{1}, void *map, unsigned int key, unsigned long long flags)"
_REDIRECT_HASH = "long (*)({0} *{1}, void *map, void *key, unsigned long long flags)"
_SOCK_UPDATE = _REDIRECT_HASH.format("struct bpf_sock_ops", "skops")

HELPERS: dict[str, Helper] = {
    helper.name: helper
    for helper in (
        Helper("map_lookup_elem", 1, (3, 19), "void *(*)(void *map, const void *key)"),
        Helper(
            "map_update_elem",
            2,
            (3, 19),
            "long (*)(void *map, const void *key, const void *value, unsigned long long flags)",
        ),
        Helper("map_delete_elem", 3, (3, 19), "long (*)(void *map, const void *key)"),
        Helper("tail_call", 12, (4, 2), "long (*)(void *ctx, void *map, unsigned int index)"),
        Helper(
            "perf_event_output",
            25,
            (4, 4),
            "long (*)(void *ctx, void *map, unsigned long long flags, void *data,"
            " unsigned long long size)",
        ),
        Helper(
            "get_stackid", 27, (4, 6), "long (*)(void *ctx, void *map, unsigned long long flags)"
        ),
        Helper(
            "skb_under_cgroup",
            33,
            (4, 8),
            "long (*)(struct __sk_buff *skb, void *map, unsigned int index)",
        ),
        Helper("current_task_under_cgroup", 37, (4, 9), "long (*)(void *map, unsigned int index)"),
        Helper(
            "redirect_map",
            51,
            (4, 14),
            "long (*)(void *map, unsigned long long key, unsigned long long flags)",
        ),
        Helper("sk_redirect_map", 52, (4, 14), _REDIRECT.format("struct __sk_buff", "skb")),
        Helper("sock_map_update", 53, (4, 14), _SOCK_UPDATE),
        Helper("msg_redirect_map", 60, (4, 17), _REDIRECT.format("struct sk_msg_md", "msg")),
        Helper("sock_hash_update", 70, (4, 18), _SOCK_UPDATE),
        Helper("msg_redirect_hash", 71, (4, 18), _REDIRECT_HASH.format("struct sk_msg_md", "msg")),
        Helper("sk_redirect_hash", 72, (4, 18), _REDIRECT_HASH.format("struct __sk_buff", "skb")),
        Helper("get_local_storage", 81, (4, 19), "void *(*)(void *map, unsigned long long flags)"),
        Helper(
            "sk_select_reuseport",
            82,
            (4, 19),
            _REDIRECT_HASH.format("struct sk_reuseport_md", "reuse"),
        ),
        Helper(
            "map_push_elem",
            87,
            (4, 20),
            "long (*)(void *map, const void *value, unsigned long long flags)",
        ),
        Helper("map_pop_elem", 88, (4, 20), "long (*)(void *map, void *value)"),
        Helper("map_peek_elem", 89, (4, 20), "long (*)(void *map, void *value)"),
        Helper("sk_storage_get", 107, (5, 2), _STORAGE_GET.format("void", "sk")),
        Helper("sk_storage_delete", 108, (5, 2), "long (*)(void *map, void *sk)"),
        Helper(
            "ringbuf_output",
            130,
            (5, 8),
            "long (*)(void *map, void *data, unsigned long long size, unsigned long long flags)",
        ),
        Helper(
            "ringbuf_reserve",
            131,
            (5, 8),
            "void *(*)(void *map, unsigned long long size, unsigned long long flags)",
        ),
        Helper("ringbuf_submit", 132, (5, 8), "void (*)(void *data, unsigned long long flags)"),
        Helper("ringbuf_discard", 133, (5, 8), "void (*)(void *data, unsigned long long flags)"),
        Helper(
            "ringbuf_query",
            134,
            (5, 8),
            "unsigned long long (*)(void *map, unsigned long long flags)",
        ),
        Helper("inode_storage_get", 145, (5, 10), _STORAGE_GET.format("void", "inode")),
        Helper("inode_storage_delete", 146, (5, 10), "int (*)(void *map, void *inode)"),
        Helper("task_storage_get", 156, (5, 11), _STORAGE_GET.format("struct task_struct", "task")),
        Helper(
            "task_storage_delete", 157, (5, 11), "long (*)(void *map, struct task_struct *task)"
        ),
        Helper(
            "for_each_map_elem",
            164,
            (5, 13),
            "long (*)(void *map, void *callback, void *ctx, unsigned long long flags)",
        ),
        Helper(
            "map_lookup_percpu_elem",
            195,
            (5, 19),
            "void *(*)(void *map, const void *key, unsigned int cpu)",
        ),
        Helper(
            "user_ringbuf_drain",
            209,
            (6, 1),
            "long (*)(void *map, void *callback, void *ctx, unsigned long long flags)",
        ),
        Helper("cgrp_storage_get", 210, (6, 2), _STORAGE_GET.format("struct cgroup", "cgroup")),
        Helper("cgrp_storage_delete", 211, (6, 2), "long (*)(void *map, struct cgroup *cgroup)"),
    )
}
"""Every helper that takes a map, or a record that came from one, by name."""

_ELEMENTS = ("map_lookup_elem", "map_update_elem", "map_delete_elem")
_HASH = (*_ELEMENTS, "for_each_map_elem")
_ARRAY = ("map_lookup_elem", "map_update_elem", "for_each_map_elem")
_PER_CPU = ("map_lookup_percpu_elem",)
_QUEUE = ("map_push_elem", "map_pop_elem", "map_peek_elem")
_DEVICES = ("redirect_map", "map_lookup_elem")

MAP_HELPERS: dict[str, tuple[str, ...]] = {
    "hash": _HASH,
    "array": _ARRAY,
    "prog_array": ("tail_call",),
    "perf_event_array": ("perf_event_output",),
    "percpu_hash": (*_HASH, *_PER_CPU),
    "percpu_array": (*_ARRAY, *_PER_CPU),
    "stack_trace": ("get_stackid",),
    "cgroup_array": ("skb_under_cgroup", "current_task_under_cgroup"),
    "lru_hash": _HASH,
    "lru_percpu_hash": (*_HASH, *_PER_CPU),
    "lpm_trie": _ELEMENTS,
    "array_of_maps": ("map_lookup_elem",),
    "hash_of_maps": ("map_lookup_elem",),
    "devmap": _DEVICES,
    "sockmap": (
        "map_lookup_elem",
        "map_delete_elem",
        "sock_map_update",
        "sk_redirect_map",
        "msg_redirect_map",
        "sk_select_reuseport",
    ),
    "cpumap": ("redirect_map",),
    "xskmap": ("redirect_map", "map_lookup_elem"),
    "sockhash": (
        "map_lookup_elem",
        "map_delete_elem",
        "sock_hash_update",
        "sk_redirect_hash",
        "msg_redirect_hash",
        "sk_select_reuseport",
    ),
    "cgroup_storage": ("get_local_storage",),
    "reuseport_sockarray": ("sk_select_reuseport",),
    "percpu_cgroup_storage": ("get_local_storage",),
    "queue": _QUEUE,
    "stack": _QUEUE,
    "sk_storage": ("sk_storage_get", "sk_storage_delete"),
    "devmap_hash": _DEVICES,
    "struct_ops": (),
    "ringbuf": (
        "ringbuf_reserve",
        "ringbuf_submit",
        "ringbuf_discard",
        "ringbuf_output",
        "ringbuf_query",
    ),
    "inode_storage": ("inode_storage_get", "inode_storage_delete"),
    "task_storage": ("task_storage_get", "task_storage_delete"),
    "bloom_filter": ("map_push_elem", "map_peek_elem"),
    "user_ringbuf": ("user_ringbuf_drain",),
    "cgrp_storage": ("cgrp_storage_get", "cgrp_storage_delete"),
    "arena": (),
    "insn_array": (),
    "rhash": _HASH,
}
"""The helpers that the verifier lets a program call with a map of each kind.

Left out are those that say nothing of a map's types (bpf_perf_event_read, bpf_kptr_xchg), and
bpf_dynptr's. Source: check_map_func_compatibility in kernel/bpf/verifier.c.
"""
