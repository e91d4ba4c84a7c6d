"""When the kernel got what: the tables' dates, written down a second time.

From the kernel's history and from docs.ebpf.io, which names the commit of each.
"""

from __future__ import annotations

SINCE = """
    3.19 hash array
    4.2 prog_array
    4.3 perf_event_array
    4.6 percpu_hash percpu_array stack_trace
    4.8 cgroup_array
    4.10 lru_hash lru_percpu_hash
    4.11 lpm_trie
    4.12 array_of_maps hash_of_maps
    4.14 devmap sockmap
    4.15 cpumap
    4.18 xskmap sockhash
    4.19 cgroup_storage reuseport_sockarray
    4.20 percpu_cgroup_storage queue stack
    5.2 sk_storage
    5.4 devmap_hash
    5.6 struct_ops
    5.8 ringbuf
    5.10 inode_storage
    5.11 task_storage
    5.16 bloom_filter
    6.1 user_ringbuf
    6.2 cgrp_storage
    6.9 arena
    6.19 insn_array
    7.2 rhash
"""
"""The first kernel of each kind."""

FLAGS_SINCE = """
    4.6 NO_PREALLOC
    4.10 NO_COMMON_LRU
    4.14 NUMA_NODE
    4.15 RDONLY WRONLY
    4.17 STACK_BUILD_ID
    5.0 ZERO_SEED
    5.2 RDONLY_PROG WRONLY_PROG
    5.4 CLONE
    5.5 MMAPABLE
    5.10 PRESERVE_ELEMS INNER_MAP
    6.4 LINK
    6.5 PATH_FD
    6.9 VTYPE_BTF_OBJ_FD TOKEN_FD SEGV_ON_FAULT NO_USER_CONV
    6.19 RB_OVERWRITE
"""

FIELDS_SINCE = """
    5.1 bpf_spin_lock
    5.15 bpf_timer
    5.19 kptr kptr_untrusted
    6.2 bpf_list_head
    6.3 bpf_rb_root
    6.4 bpf_refcount
    6.7 percpu_kptr
    6.10 bpf_wq
    6.13 uptr
    6.15 bpf_res_spin_lock
    6.18 bpf_task_work
"""


def dates(text: str) -> dict[str, tuple[int, int]]:
    """Return the version of each name in *text*, which has the names of one version a line."""
    found = {}
    for line in text.split("\n"):
        version, *names = line.split() or [""]
        for name in names:
            major, minor = version.split(".")
            found[name] = int(major), int(minor)
    return found
