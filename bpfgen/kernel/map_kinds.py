"""The table of map kinds: one row a kind, with all that the kernel asks of a map of that kind.

The rules read it, `bpfgen kinds` prints it, docs/map-kinds.md is generated from it. Each row was
tried on Linux 6.18 (x86-64, pages of 4 KiB) but for what newer kernels brought; what older kernels
did otherwise stands beside it with the version. What a column means is said in
bpfgen/kernel/map_kind.py.

Source: the functions of kernel/bpf and net/core named in each row; include/uapi/linux/bpf.h.
"""

from __future__ import annotations

from bpfgen.kernel.map_kind import (
    CGROUP_KEY,
    FOUR,
    HASH_BUCKETS,
    HASH_ELEMENT,
    INT32,
    INT_MAX,
    KMALLOC_MAX,
    MAX_CPUS,
    MAX_STACK_DEPTH,
    NO_ENTRIES,
    NO_SIZE,
    PER_CPU_VALUE,
    STORAGE_VALUE,
    STRUCT,
    U32_MAX,
    Entries,
    MapKind,
    Sizes,
)

_ACCESS = ("BPF_F_RDONLY", "BPF_F_WRONLY")
_ACCESS_PROG = ("BPF_F_RDONLY_PROG", "BPF_F_WRONLY_PROG")
_NUMA = ("BPF_F_NUMA_NODE",)
_PREALLOC = ("BPF_F_NO_PREALLOC",)
_STORAGE_FLAGS = (*_PREALLOC, "BPF_F_CLONE")

_LOCKS = ("bpf_spin_lock", "bpf_res_spin_lock")
_LATER = ("bpf_timer", "bpf_wq", "bpf_task_work")
_KPTRS = ("bpf_refcount", "kptr", "kptr_untrusted", "percpu_kptr")
_OWNERS = ("bpf_list_head", "bpf_rb_root")

_HASH_SIZE = Sizes(1, HASH_ELEMENT - 1, over="E2BIG")
_HASH_KEY = Sizes(1, HASH_ELEMENT - 1, over="E2BIG", before=((5, 11), 512))
_HASH_VALUE = Sizes(1, HASH_ELEMENT - 1, over="E2BIG", before=((5, 11), HASH_ELEMENT - 512))
_HASH_ENTRIES = Entries(most=HASH_BUCKETS)
_PER_CPU = Sizes(1, PER_CPU_VALUE, over="E2BIG")
_SOCKET_VALUE = Sizes(4, 8, 4, since=((8, (5, 7)),))
_DEVICE_VALUE = Sizes(4, 8, 4, since=((8, (5, 8)),))
_CGROUP_KEY = Sizes(8, 16, 8, since=((8, (5, 9)),))
_STORAGE = Sizes(1, STORAGE_VALUE, over="E2BIG")
_CGROUP_VALUE = Sizes(1, STORAGE_VALUE, over="E2BIG", before=((5, 15), 4096))
_PER_CPU_CGROUP_VALUE = Sizes(1, PER_CPU_VALUE, over="E2BIG", before=((5, 15), 4096))
_QUEUE_VALUE = Sizes(1, KMALLOC_MAX, over="E2BIG")
_RING = Entries(4096, 1 << 31, over="EINVAL", pages=True)

_HASH_CHECK = "htab_map_alloc_check"
_STORAGE_CHECK = "bpf_local_storage_map_alloc_check, bpf_local_storage_map_check_btf"
_FD_ARRAY_CHECK = "fd_array_map_alloc_check"

# A row begins with its name, number, version, source, sizes of keys and values, and entries, which
# the formatter would give a line each.
# fmt: off
MAP_KINDS: dict[str, MapKind] = {
    kind.name: kind
    for kind in (
        MapKind(
            "hash", 1, (3, 19), _HASH_CHECK, _HASH_KEY, _HASH_VALUE, _HASH_ENTRIES,
            compared_by="lookup_elem_raw",
            flags=(*_PREALLOC, *_NUMA, *_ACCESS, "BPF_F_ZERO_SEED", *_ACCESS_PROG),
            btf="optional",
            special_fields=(*_LOCKS, *_LATER, *_KPTRS, *_OWNERS),
            capability="",
            over_element=HASH_ELEMENT,
            meaning="values by keys of any bytes",
        ),
        MapKind(
            "array", 2, (3, 19), "array_map_alloc_check, array_map_check_btf", FOUR,
            Sizes(1, INT_MAX, over="E2BIG", before=((6, 0), KMALLOC_MAX)),
            indexed=True,
            flags=(*_NUMA, *_ACCESS, *_ACCESS_PROG, "BPF_F_MMAPABLE", "BPF_F_INNER_MAP"),
            btf="optional",
            key_type=INT32,
            special_fields=(*_LOCKS, *_LATER, *_KPTRS, *_OWNERS),
            mmap="with BPF_F_MMAPABLE",
            capability="",
            meaning="values by index, all there from the start",
        ),
        MapKind(
            "prog_array", 3, (4, 2), _FD_ARRAY_CHECK, FOUR, FOUR,
            indexed=True,
            flags=(*_NUMA, *_ACCESS),
            key_size=4,
            value_size=4,
            of_programs=True,
            may_be_inner=False,
            btf="optional",
            capability="",
            meaning="programs by index, for bpf_tail_call",
        ),
        MapKind(
            "perf_event_array", 4, (4, 3), _FD_ARRAY_CHECK, FOUR, FOUR,
            Entries(filled_by_loader=True),
            indexed=True,
            flags=(*_NUMA, *_ACCESS, "BPF_F_PRESERVE_ELEMS"),
            key_size=4,
            value_size=4,
            has_record=True,
            capability="",
            meaning="perf events by index, through which programs send records to user space",
        ),
        MapKind(
            "percpu_hash", 5, (4, 6), _HASH_CHECK, _HASH_KEY, _PER_CPU, _HASH_ENTRIES,
            compared_by="lookup_elem_raw",
            per_cpu=True,
            flags=(*_PREALLOC, *_ACCESS, "BPF_F_ZERO_SEED", *_ACCESS_PROG),
            btf="optional",
            special_fields=_KPTRS,
            kptr_since=(6, 4),
            capability="",
            over_element=HASH_ELEMENT,
            meaning="a hash with a value for each CPU",
        ),
        MapKind(
            "percpu_array", 6, (4, 6), "array_map_alloc_check, array_map_check_btf",
            FOUR, _PER_CPU,
            indexed=True,
            per_cpu=True,
            flags=(*_ACCESS, *_ACCESS_PROG),
            btf="optional",
            key_type=INT32,
            special_fields=_KPTRS,
            capability="",
            meaning="an array with a value for each CPU",
        ),
        MapKind(
            "stack_trace", 7, (4, 6), "stack_map_alloc", FOUR, Sizes(8, MAX_STACK_DEPTH * 8, 8),
            Entries(most=1 << 31),
            flags=(*_NUMA, *_ACCESS, "BPF_F_STACK_BUILD_ID"),
            meaning="stacks by their hash, for bpf_get_stackid",
        ),
        MapKind(
            "cgroup_array", 8, (4, 8), _FD_ARRAY_CHECK, FOUR, FOUR,
            indexed=True,
            flags=(*_NUMA, *_ACCESS),
            key_size=4,
            value_size=4,
            capability="",
            meaning="cgroups by index, to test membership in",
        ),
        MapKind(
            "lru_hash", 9, (4, 10), _HASH_CHECK, _HASH_KEY, _HASH_VALUE, _HASH_ENTRIES,
            compared_by="lookup_elem_raw",
            lru=True,
            flags=("BPF_F_NO_COMMON_LRU", *_NUMA, *_ACCESS, "BPF_F_ZERO_SEED", *_ACCESS_PROG),
            btf="optional",
            special_fields=(*_LATER, *_KPTRS),
            over_element=HASH_ELEMENT,
            meaning="a hash that drops the least recently used element when it is full",
        ),
        MapKind(
            "lru_percpu_hash", 10, (4, 10), _HASH_CHECK, _HASH_KEY, _PER_CPU, _HASH_ENTRIES,
            compared_by="lookup_elem_raw",
            lru=True,
            per_cpu=True,
            flags=("BPF_F_NO_COMMON_LRU", *_ACCESS, "BPF_F_ZERO_SEED", *_ACCESS_PROG),
            btf="optional",
            special_fields=_KPTRS,
            kptr_since=(6, 4),
            over_element=HASH_ELEMENT,
            meaning="an lru_hash with a value for each CPU",
        ),
        MapKind(
            "lpm_trie", 11, (4, 11), "trie_alloc, trie_check_btf",
            Sizes(5, 260), Sizes(1, KMALLOC_MAX - 24 - 256),
            compared_by="longest_prefix_match",
            flags=(*_PREALLOC, *_NUMA, *_ACCESS, *_ACCESS_PROG),
            required_flags=_PREALLOC,
            btf="optional",
            key_type=STRUCT,
            meaning="values by the longest prefix that matches",
        ),
        MapKind(
            "array_of_maps", 12, (4, 12), "array_of_map_alloc, bpf_map_meta_alloc", FOUR, FOUR,
            indexed=True,
            flags=(*_NUMA, *_ACCESS),
            key_size=4,
            value_size=4,
            of_maps=True,
            may_be_inner=False,
            capability="",
            meaning="maps by index",
        ),
        MapKind(
            "hash_of_maps", 13, (4, 12), "fd_htab_map_alloc_check, bpf_map_meta_alloc",
            Sizes(1, HASH_ELEMENT - 4, over="E2BIG", before=((5, 11), 512)), FOUR,
            _HASH_ENTRIES,
            compared_by="lookup_elem_raw",
            flags=(*_PREALLOC, *_NUMA, *_ACCESS, "BPF_F_ZERO_SEED", *_ACCESS_PROG),
            value_size=4,
            of_maps=True,
            slots_by_key=True,
            may_be_inner=False,
            capability="",
            meaning="maps by keys of any bytes",
        ),
        MapKind(
            "devmap", 14, (4, 14), "dev_map_alloc_check", FOUR, _DEVICE_VALUE,
            indexed=True,
            flags=(*_NUMA, *_ACCESS),
            capability="CAP_NET_ADMIN",
            meaning="network devices by index, for bpf_redirect_map",
        ),
        MapKind(
            "sockmap", 15, (4, 14), "sock_map_alloc", FOUR, _SOCKET_VALUE,
            Entries(most=INT_MAX, over="EINVAL"),
            indexed=True,
            flags=(*_NUMA, *_ACCESS),
            capability="CAP_NET_ADMIN",
            meaning="sockets by index",
        ),
        MapKind(
            "cpumap", 16, (4, 15), "cpu_map_alloc", FOUR, Sizes(4, 8, 4, since=((8, (5, 9)),)),
            Entries(most=MAX_CPUS),
            indexed=True,
            flags=_NUMA,
            meaning="CPUs by index, for bpf_redirect_map",
        ),
        MapKind(
            "xskmap", 17, (4, 18), "xsk_map_alloc", FOUR, FOUR,
            indexed=True,
            flags=(*_NUMA, *_ACCESS),
            key_size=4,
            value_size=4,
            capability="CAP_NET_ADMIN",
            meaning="AF_XDP sockets by index, for bpf_redirect_map",
        ),
        MapKind(
            "sockhash", 18, (4, 18), "sock_hash_alloc",
            Sizes(1, 512, over="E2BIG"), _SOCKET_VALUE,
            Entries(most=HASH_BUCKETS, over="EINVAL"),
            compared_by="sock_hash_lookup_elem_raw",
            flags=(*_NUMA, *_ACCESS),
            capability="CAP_NET_ADMIN",
            meaning="sockets by keys of any bytes",
        ),
        MapKind(
            "cgroup_storage", 19, (4, 19), "cgroup_storage_map_alloc, cgroup_storage_check_btf",
            _CGROUP_KEY, _CGROUP_VALUE, NO_ENTRIES,
            flags=(*_NUMA, *_ACCESS, *_ACCESS_PROG),
            may_be_inner=False,
            btf="optional",
            key_type=CGROUP_KEY,
            special_fields=_LOCKS,
            capability="",
            meaning="a value for each cgroup that a program is attached to; cgrp_storage is newer",
        ),
        MapKind(
            "reuseport_sockarray", 20, (4, 19), "reuseport_array_alloc_check",
            FOUR, Sizes(4, 8, 4),
            indexed=True,
            flags=(*_NUMA, *_ACCESS, *_ACCESS_PROG),
            btf="optional",
            meaning="sockets of a SO_REUSEPORT group by index",
        ),
        MapKind(
            "percpu_cgroup_storage", 21, (4, 20),
            "cgroup_storage_map_alloc, cgroup_storage_check_btf",
            _CGROUP_KEY, _PER_CPU_CGROUP_VALUE, NO_ENTRIES,
            per_cpu=True,
            flags=(*_NUMA, *_ACCESS, *_ACCESS_PROG),
            may_be_inner=False,
            btf="optional",
            key_type=CGROUP_KEY,
            capability="",
            meaning="a cgroup_storage with a value for each CPU",
        ),
        MapKind(
            "queue", 22, (4, 20), "queue_stack_map_alloc_check", NO_SIZE, _QUEUE_VALUE,
            flags=(*_NUMA, *_ACCESS, *_ACCESS_PROG),
            keyless=True,
            over_values=U32_MAX,
            meaning="values, first in first out",
        ),
        MapKind(
            "stack", 23, (4, 20), "queue_stack_map_alloc_check", NO_SIZE, _QUEUE_VALUE,
            flags=(*_NUMA, *_ACCESS, *_ACCESS_PROG),
            keyless=True,
            over_values=U32_MAX,
            meaning="values, last in first out",
        ),
        MapKind(
            "sk_storage", 24, (5, 2), _STORAGE_CHECK, FOUR, _STORAGE, NO_ENTRIES,
            flags=_STORAGE_FLAGS,
            required_flags=_PREALLOC,
            btf="required",
            key_type=INT32,
            special_fields=(*_LOCKS, *_KPTRS),
            kptr_since=(6, 4),
            meaning="a value for each socket, gone with it",
        ),
        MapKind(
            "devmap_hash", 25, (5, 4), "dev_map_alloc_check", FOUR, _DEVICE_VALUE,
            Entries(most=1 << 31, over="EINVAL"),
            flags=(*_NUMA, *_ACCESS),
            capability="CAP_NET_ADMIN",
            meaning="network devices by any 32-bit number, for bpf_redirect_map",
        ),
        MapKind(
            "struct_ops", 26, (5, 6), "bpf_struct_ops_map_alloc_check",
            FOUR, Sizes(1, INT_MAX), Entries(1, 1, over="EINVAL"),
            flags=("BPF_F_LINK", "BPF_F_VTYPE_BTF_OBJ_FD"),
            from_variable=True,
            may_be_inner=False,
            btf="none",
            meaning="the kernel's function pointers, implemented by programs",
        ),
        MapKind(
            "ringbuf", 27, (5, 8), "ringbuf_map_alloc", NO_SIZE, NO_SIZE, _RING,
            flags=(*_NUMA, "BPF_F_RB_OVERWRITE"),
            has_record=True,
            keyless=True,
            btf="none",
            mmap="always",
            capability="",
            meaning="records from programs to user space, one buffer for all CPUs",
        ),
        MapKind(
            "inode_storage", 28, (5, 10), _STORAGE_CHECK, FOUR, _STORAGE, NO_ENTRIES,
            flags=_STORAGE_FLAGS,
            required_flags=_PREALLOC,
            btf="required",
            key_type=INT32,
            special_fields=(*_LOCKS, *_KPTRS),
            kptr_since=(6, 4),
            meaning="a value for each inode, gone with it",
        ),
        MapKind(
            "task_storage", 29, (5, 11), _STORAGE_CHECK, FOUR, _STORAGE, NO_ENTRIES,
            flags=_STORAGE_FLAGS,
            required_flags=_PREALLOC,
            btf="required",
            key_type=INT32,
            special_fields=(*_LOCKS, *_KPTRS, "uptr"),
            kptr_since=(6, 4),
            meaning="a value for each task, gone with it",
        ),
        MapKind(
            "bloom_filter", 30, (5, 16), "bloom_map_alloc_check", NO_SIZE, _QUEUE_VALUE,
            compared_by="bloom_map_peek_elem",
            flags=(*_NUMA, *_ACCESS, "BPF_F_ZERO_SEED", *_ACCESS_PROG),
            keyless=True,
            map_extra="the number of hash functions, 1 to 15; 0 stands for 5",
            extra_most=15,  # the low 4 bits
            btf="optional",
            meaning="tells whether a value was probably seen before",
        ),
        MapKind(
            "user_ringbuf", 31, (6, 1), "ringbuf_map_alloc", NO_SIZE, NO_SIZE, _RING,
            flags=_NUMA,
            has_record=True,
            keyless=True,
            btf="none",
            mmap="always, its first page for reading only",
            capability="",
            meaning="records from user space to programs",
        ),
        MapKind(
            "cgrp_storage", 32, (6, 2), _STORAGE_CHECK, FOUR, _STORAGE, NO_ENTRIES,
            flags=_STORAGE_FLAGS,
            required_flags=_PREALLOC,
            btf="required",
            key_type=INT32,
            special_fields=(*_LOCKS, *_KPTRS),
            kptr_since=(6, 4),
            meaning="a value for each cgroup, gone with it",
        ),
        MapKind(
            "arena", 33, (6, 9), "arena_map_alloc", NO_SIZE, NO_SIZE,
            Entries(most=1 << 20, counts_pages=True),
            flags=("BPF_F_MMAPABLE", "BPF_F_SEGV_ON_FAULT", "BPF_F_NO_USER_CONV"),
            required_flags=("BPF_F_MMAPABLE",),
            map_extra="the address at which user space maps it; 0 stands for any",
            extra_is_address=True,
            btf="none",
            mmap="always",
            meaning="memory that programs and user space share, with pointers in it",
        ),
        MapKind(
            "insn_array", 34, (6, 19), "insn_array_alloc_check, insn_array_check_btf",
            FOUR, Sizes(16, 16),
            indexed=True,
            may_be_inner=False,
            btf="optional",
            key_type=INT32,
            meaning="offsets of a program's instructions, for indirect jumps",
        ),
        MapKind(
            "rhash", 35, (7, 2), "rhtab_map_alloc_check",
            Sizes(1, 65535, over="E2BIG"), _HASH_SIZE, Entries(most=1 << 31),
            compared_by="rhashtable_compare",
            flags=(*_PREALLOC, *_NUMA, *_ACCESS, *_ACCESS_PROG),
            required_flags=_PREALLOC,
            map_extra="the initial size of the table, at most max_entries and 65535",
            extra_most=65535,
            extra_over="E2BIG",
            extra_within_entries=True,
            btf="optional",
            special_fields=(*_LOCKS, *_LATER, *_KPTRS),
            capability="",
            meaning="a hash that grows with its elements",
        ),
    )
}
# fmt: on
"""Every map kind of libbpf's list, by name, in the order of enum bpf_map_type."""

KINDS_BY_NUMBER: dict[int, MapKind] = {kind.number: kind for kind in MAP_KINDS.values()}
"""The same rows by the number of the map type, as an object has it."""

ARRAY = MAP_KINDS["array"]
PROG_ARRAY = MAP_KINDS["prog_array"]
HASH_OF_MAPS = MAP_KINDS["hash_of_maps"]
STACK_TRACE = MAP_KINDS["stack_trace"]
XSKMAP = MAP_KINDS["xskmap"]
ARENA = MAP_KINDS["arena"]
