struct own { __u64 x; };
struct list_item { struct bpf_list_node node; };
struct tree_item { struct bpf_rb_node node; };
struct prefix { __u32 prefixlen, address; };
struct v { struct bpf_spin_lock f; };
map a_hash: hash<__u32, v>[1];
map a_array: array<__u32, v>[1];
map a_percpu_hash: percpu_hash<__u32, v>[1];  //! special-field-kind percpu-value-size
map a_percpu_array: percpu_array<__u32, v>[1];  //! special-field-kind percpu-value-size
map a_lru_hash: lru_hash<__u32, v>[1];  //! special-field-kind
map a_lru_pc_hash: lru_percpu_hash<__u32, v>[1];  //! special-field-kind percpu-value-size
map a_lpm_trie: lpm_trie<prefix, v>[1];  //! special-field-kind
map a_queue: queue<v>[1];  //! special-field-kind
map a_stack: stack<v>[1];  //! special-field-kind
map a_bloom_filter: bloom_filter<v>[1];  //! special-field-kind
map a_sk_storage: sk_storage<int, v>;
map a_inode_storage: inode_storage<int, v>;
map a_task_storage: task_storage<int, v>;
map a_cgrp_storage: cgrp_storage<int, v>;
map a_cgroup: cgroup_storage<struct bpf_cgroup_storage_key, v>;
map a_pc_cgroup: percpu_cgroup_storage<struct bpf_cgroup_storage_key, v>;  //! special-field-kind percpu-value-size
map a_rhash: rhash<__u32, v>[1];
map a_devmap: devmap<__u32, v>[1];  //! special-field-kind
map a_devmap_hash: devmap_hash<__u32, v>[1];  //! special-field-kind
map a_sockmap: sockmap<__u32, v>[1];  //! special-field-kind
map a_sockhash: sockhash<__u32, v>[1];  //! special-field-kind
map a_cpumap: cpumap<__u32, v>[1];  //! special-field-kind
map a_reuseport: reuseport_sockarray<__u32, v>[1];  //! special-field-kind
map a_cgroup_array: cgroup_array<__u32, v>[1];  //! special-field-kind
map a_xskmap: xskmap<__u32, v>[1];  //! special-field-kind
map a_prog_array: prog_array<__u32, v>[1];  //! special-field-kind
---
struct own { __u64 x; };
struct list_item { struct bpf_list_node node; };
struct tree_item { struct bpf_rb_node node; };
struct prefix { __u32 prefixlen, address; };
struct v { struct bpf_res_spin_lock f; };
map a_hash: hash<__u32, v>[1];
map a_array: array<__u32, v>[1];
map a_percpu_hash: percpu_hash<__u32, v>[1];  //! special-field-kind percpu-value-size
map a_percpu_array: percpu_array<__u32, v>[1];  //! special-field-kind percpu-value-size
map a_lru_hash: lru_hash<__u32, v>[1];  //! special-field-kind
map a_lru_pc_hash: lru_percpu_hash<__u32, v>[1];  //! special-field-kind percpu-value-size
map a_lpm_trie: lpm_trie<prefix, v>[1];  //! special-field-kind
map a_queue: queue<v>[1];  //! special-field-kind
map a_stack: stack<v>[1];  //! special-field-kind
map a_bloom_filter: bloom_filter<v>[1];  //! special-field-kind
map a_sk_storage: sk_storage<int, v>;
map a_inode_storage: inode_storage<int, v>;
map a_task_storage: task_storage<int, v>;
map a_cgrp_storage: cgrp_storage<int, v>;
map a_cgroup: cgroup_storage<struct bpf_cgroup_storage_key, v>;
map a_pc_cgroup: percpu_cgroup_storage<struct bpf_cgroup_storage_key, v>;  //! special-field-kind percpu-value-size
map a_rhash: rhash<__u32, v>[1];
map a_devmap: devmap<__u32, v>[1];  //! special-field-kind
map a_devmap_hash: devmap_hash<__u32, v>[1];  //! special-field-kind
map a_sockmap: sockmap<__u32, v>[1];  //! special-field-kind
map a_sockhash: sockhash<__u32, v>[1];  //! special-field-kind
map a_cpumap: cpumap<__u32, v>[1];  //! special-field-kind
map a_reuseport: reuseport_sockarray<__u32, v>[1];  //! special-field-kind
map a_cgroup_array: cgroup_array<__u32, v>[1];  //! special-field-kind
map a_xskmap: xskmap<__u32, v>[1];  //! special-field-kind
map a_prog_array: prog_array<__u32, v>[1];  //! special-field-kind
---
struct own { __u64 x; };
struct list_item { struct bpf_list_node node; };
struct tree_item { struct bpf_rb_node node; };
struct prefix { __u32 prefixlen, address; };
struct v { struct bpf_timer f; };
map a_hash: hash<__u32, v>[1];
map a_array: array<__u32, v>[1];
map a_percpu_hash: percpu_hash<__u32, v>[1];  //! special-field-kind
map a_percpu_array: percpu_array<__u32, v>[1];  //! special-field-kind
map a_lru_hash: lru_hash<__u32, v>[1];
map a_lru_pc_hash: lru_percpu_hash<__u32, v>[1];  //! special-field-kind
map a_lpm_trie: lpm_trie<prefix, v>[1];  //! special-field-kind
map a_queue: queue<v>[1];  //! special-field-kind
map a_stack: stack<v>[1];  //! special-field-kind
map a_bloom_filter: bloom_filter<v>[1];  //! special-field-kind
map a_sk_storage: sk_storage<int, v>;  //! special-field-kind
map a_inode_storage: inode_storage<int, v>;  //! special-field-kind
map a_task_storage: task_storage<int, v>;  //! special-field-kind
map a_cgrp_storage: cgrp_storage<int, v>;  //! special-field-kind
map a_cgroup: cgroup_storage<struct bpf_cgroup_storage_key, v>;  //! special-field-kind
map a_pc_cgroup: percpu_cgroup_storage<struct bpf_cgroup_storage_key, v>;  //! special-field-kind
map a_rhash: rhash<__u32, v>[1];
map a_stack_trace: stack_trace<__u32, v>[1];  //! special-field-kind
---
struct own { __u64 x; };
struct list_item { struct bpf_list_node node; };
struct tree_item { struct bpf_rb_node node; };
struct prefix { __u32 prefixlen, address; };
struct v { struct bpf_wq f; };
map a_hash: hash<__u32, v>[1];
map a_array: array<__u32, v>[1];
map a_percpu_hash: percpu_hash<__u32, v>[1];  //! special-field-kind
map a_percpu_array: percpu_array<__u32, v>[1];  //! special-field-kind
map a_lru_hash: lru_hash<__u32, v>[1];
map a_lru_pc_hash: lru_percpu_hash<__u32, v>[1];  //! special-field-kind
map a_lpm_trie: lpm_trie<prefix, v>[1];  //! special-field-kind
map a_queue: queue<v>[1];  //! special-field-kind
map a_stack: stack<v>[1];  //! special-field-kind
map a_bloom_filter: bloom_filter<v>[1];  //! special-field-kind
map a_sk_storage: sk_storage<int, v>;  //! special-field-kind
map a_inode_storage: inode_storage<int, v>;  //! special-field-kind
map a_task_storage: task_storage<int, v>;  //! special-field-kind
map a_cgrp_storage: cgrp_storage<int, v>;  //! special-field-kind
map a_cgroup: cgroup_storage<struct bpf_cgroup_storage_key, v>;  //! special-field-kind
map a_pc_cgroup: percpu_cgroup_storage<struct bpf_cgroup_storage_key, v>;  //! special-field-kind
map a_rhash: rhash<__u32, v>[1];
map a_stack_trace: stack_trace<__u32, v>[1];  //! special-field-kind
---
struct own { __u64 x; };
struct list_item { struct bpf_list_node node; };
struct tree_item { struct bpf_rb_node node; };
struct prefix { __u32 prefixlen, address; };
struct v { struct bpf_task_work f; };
map a_hash: hash<__u32, v>[1];
map a_array: array<__u32, v>[1];
map a_percpu_hash: percpu_hash<__u32, v>[1];  //! special-field-kind
map a_percpu_array: percpu_array<__u32, v>[1];  //! special-field-kind
map a_lru_hash: lru_hash<__u32, v>[1];
map a_lru_pc_hash: lru_percpu_hash<__u32, v>[1];  //! special-field-kind
map a_lpm_trie: lpm_trie<prefix, v>[1];  //! special-field-kind
map a_queue: queue<v>[1];  //! special-field-kind
map a_stack: stack<v>[1];  //! special-field-kind
map a_bloom_filter: bloom_filter<v>[1];  //! special-field-kind
map a_sk_storage: sk_storage<int, v>;  //! special-field-kind
map a_inode_storage: inode_storage<int, v>;  //! special-field-kind
map a_task_storage: task_storage<int, v>;  //! special-field-kind
map a_cgrp_storage: cgrp_storage<int, v>;  //! special-field-kind
map a_cgroup: cgroup_storage<struct bpf_cgroup_storage_key, v>;  //! special-field-kind
map a_pc_cgroup: percpu_cgroup_storage<struct bpf_cgroup_storage_key, v>;  //! special-field-kind
map a_rhash: rhash<__u32, v>[1];
map a_stack_trace: stack_trace<__u32, v>[1];  //! special-field-kind
map a_devmap: devmap<__u32, v>[1];  //! special-field-kind
map a_devmap_hash: devmap_hash<__u32, v>[1];  //! special-field-kind
map a_sockmap: sockmap<__u32, v>[1];  //! special-field-kind
map a_sockhash: sockhash<__u32, v>[1];  //! special-field-kind
map a_cpumap: cpumap<__u32, v>[1];  //! special-field-kind
map a_reuseport: reuseport_sockarray<__u32, v>[1];  //! special-field-kind
---
struct own { __u64 x; };
struct list_item { struct bpf_list_node node; };
struct tree_item { struct bpf_rb_node node; };
struct prefix { __u32 prefixlen, address; };
struct v { struct bpf_refcount f; };
map a_hash: hash<__u32, v>[1];
map a_array: array<__u32, v>[1];
map a_percpu_hash: percpu_hash<__u32, v>[1];  //! percpu-value-size
map a_percpu_array: percpu_array<__u32, v>[1];  //! percpu-value-size
map a_lru_hash: lru_hash<__u32, v>[1];
map a_lru_pc_hash: lru_percpu_hash<__u32, v>[1];  //! percpu-value-size
map a_lpm_trie: lpm_trie<prefix, v>[1];  //! special-field-kind
map a_queue: queue<v>[1];  //! special-field-kind
map a_stack: stack<v>[1];  //! special-field-kind
map a_bloom_filter: bloom_filter<v>[1];  //! special-field-kind
map a_sk_storage: sk_storage<int, v>;
map a_inode_storage: inode_storage<int, v>;
map a_task_storage: task_storage<int, v>;
map a_cgrp_storage: cgrp_storage<int, v>;
map a_cgroup: cgroup_storage<struct bpf_cgroup_storage_key, v>;  //! special-field-kind
map a_pc_cgroup: percpu_cgroup_storage<struct bpf_cgroup_storage_key, v>;  //! special-field-kind percpu-value-size
map a_rhash: rhash<__u32, v>[1];
map a_devmap: devmap<__u32, v>[1];  //! special-field-kind
map a_devmap_hash: devmap_hash<__u32, v>[1];  //! special-field-kind
map a_sockmap: sockmap<__u32, v>[1];  //! special-field-kind
map a_sockhash: sockhash<__u32, v>[1];  //! special-field-kind
map a_cpumap: cpumap<__u32, v>[1];  //! special-field-kind
map a_reuseport: reuseport_sockarray<__u32, v>[1];  //! special-field-kind
map a_cgroup_array: cgroup_array<__u32, v>[1];  //! special-field-kind
map a_xskmap: xskmap<__u32, v>[1];  //! special-field-kind
map a_prog_array: prog_array<__u32, v>[1];  //! special-field-kind
---
struct own { __u64 x; };
struct list_item { struct bpf_list_node node; };
struct tree_item { struct bpf_rb_node node; };
struct prefix { __u32 prefixlen, address; };
struct v { struct bpf_list_head f __contains(list_item, node); struct bpf_spin_lock lock; __u32 pad; };
map a_hash: hash<__u32, v>[1];
map a_array: array<__u32, v>[1];
map a_percpu_hash: percpu_hash<__u32, v>[1];  //! special-field-kind special-field-kind
map a_percpu_array: percpu_array<__u32, v>[1];  //! special-field-kind special-field-kind
map a_lru_hash: lru_hash<__u32, v>[1];  //! special-field-kind special-field-kind
map a_lru_pc_hash: lru_percpu_hash<__u32, v>[1];  //! special-field-kind special-field-kind
map a_lpm_trie: lpm_trie<prefix, v>[1];  //! special-field-kind special-field-kind
map a_queue: queue<v>[1];  //! special-field-kind special-field-kind
map a_stack: stack<v>[1];  //! special-field-kind special-field-kind
map a_bloom_filter: bloom_filter<v>[1];  //! special-field-kind special-field-kind
map a_sk_storage: sk_storage<int, v>;  //! special-field-kind
map a_inode_storage: inode_storage<int, v>;  //! special-field-kind
map a_task_storage: task_storage<int, v>;  //! special-field-kind
map a_cgrp_storage: cgrp_storage<int, v>;  //! special-field-kind
map a_cgroup: cgroup_storage<struct bpf_cgroup_storage_key, v>;  //! special-field-kind
map a_pc_cgroup: percpu_cgroup_storage<struct bpf_cgroup_storage_key, v>;  //! special-field-kind special-field-kind
map a_rhash: rhash<__u32, v>[1];  //! special-field-kind
map a_stack_trace: stack_trace<__u32, v>[1];  //! special-field-kind special-field-kind
---
struct own { __u64 x; };
struct list_item { struct bpf_list_node node; };
struct tree_item { struct bpf_rb_node node; };
struct prefix { __u32 prefixlen, address; };
struct v { struct bpf_rb_root f __contains(tree_item, node); struct bpf_spin_lock lock; __u32 pad; };
map a_hash: hash<__u32, v>[1];
map a_array: array<__u32, v>[1];
map a_percpu_hash: percpu_hash<__u32, v>[1];  //! special-field-kind special-field-kind
map a_percpu_array: percpu_array<__u32, v>[1];  //! special-field-kind special-field-kind
map a_lru_hash: lru_hash<__u32, v>[1];  //! special-field-kind special-field-kind
map a_lru_pc_hash: lru_percpu_hash<__u32, v>[1];  //! special-field-kind special-field-kind
map a_lpm_trie: lpm_trie<prefix, v>[1];  //! special-field-kind special-field-kind
map a_queue: queue<v>[1];  //! special-field-kind special-field-kind
map a_stack: stack<v>[1];  //! special-field-kind special-field-kind
map a_bloom_filter: bloom_filter<v>[1];  //! special-field-kind special-field-kind
map a_sk_storage: sk_storage<int, v>;  //! special-field-kind
map a_inode_storage: inode_storage<int, v>;  //! special-field-kind
map a_task_storage: task_storage<int, v>;  //! special-field-kind
map a_cgrp_storage: cgrp_storage<int, v>;  //! special-field-kind
map a_cgroup: cgroup_storage<struct bpf_cgroup_storage_key, v>;  //! special-field-kind
map a_pc_cgroup: percpu_cgroup_storage<struct bpf_cgroup_storage_key, v>;  //! special-field-kind special-field-kind
map a_rhash: rhash<__u32, v>[1];  //! special-field-kind
map a_stack_trace: stack_trace<__u32, v>[1];  //! special-field-kind special-field-kind
---
struct own { __u64 x; };
struct list_item { struct bpf_list_node node; };
struct tree_item { struct bpf_rb_node node; };
struct prefix { __u32 prefixlen, address; };
struct v { struct own __kptr *f; };
map a_hash: hash<__u32, v>[1];
map a_array: array<__u32, v>[1];
map a_percpu_hash: percpu_hash<__u32, v>[1];
map a_percpu_array: percpu_array<__u32, v>[1];
map a_lru_hash: lru_hash<__u32, v>[1];
map a_lru_pc_hash: lru_percpu_hash<__u32, v>[1];
map a_lpm_trie: lpm_trie<prefix, v>[1];  //! special-field-kind
map a_queue: queue<v>[1];  //! special-field-kind
map a_stack: stack<v>[1];  //! special-field-kind
map a_bloom_filter: bloom_filter<v>[1];  //! special-field-kind
map a_sk_storage: sk_storage<int, v>;
map a_inode_storage: inode_storage<int, v>;
map a_task_storage: task_storage<int, v>;
map a_cgrp_storage: cgrp_storage<int, v>;
map a_cgroup: cgroup_storage<struct bpf_cgroup_storage_key, v>;  //! special-field-kind
map a_pc_cgroup: percpu_cgroup_storage<struct bpf_cgroup_storage_key, v>;  //! special-field-kind
map a_rhash: rhash<__u32, v>[1];
map a_stack_trace: stack_trace<__u32, v>[1];  //! special-field-kind
map a_devmap: devmap<__u32, v>[1];  //! special-field-kind
map a_devmap_hash: devmap_hash<__u32, v>[1];  //! special-field-kind
map a_sockmap: sockmap<__u32, v>[1];  //! special-field-kind
map a_sockhash: sockhash<__u32, v>[1];  //! special-field-kind
map a_cpumap: cpumap<__u32, v>[1];  //! special-field-kind
map a_reuseport: reuseport_sockarray<__u32, v>[1];  //! special-field-kind
---
struct own { __u64 x; };
struct list_item { struct bpf_list_node node; };
struct tree_item { struct bpf_rb_node node; };
struct prefix { __u32 prefixlen, address; };
struct v { struct own __kptr_untrusted *f; };
map a_hash: hash<__u32, v>[1];
map a_array: array<__u32, v>[1];
map a_percpu_hash: percpu_hash<__u32, v>[1];
map a_percpu_array: percpu_array<__u32, v>[1];
map a_lru_hash: lru_hash<__u32, v>[1];
map a_lru_pc_hash: lru_percpu_hash<__u32, v>[1];
map a_lpm_trie: lpm_trie<prefix, v>[1];  //! special-field-kind
map a_queue: queue<v>[1];  //! special-field-kind
map a_stack: stack<v>[1];  //! special-field-kind
map a_bloom_filter: bloom_filter<v>[1];  //! special-field-kind
map a_sk_storage: sk_storage<int, v>;
map a_inode_storage: inode_storage<int, v>;
map a_task_storage: task_storage<int, v>;
map a_cgrp_storage: cgrp_storage<int, v>;
map a_cgroup: cgroup_storage<struct bpf_cgroup_storage_key, v>;  //! special-field-kind
map a_pc_cgroup: percpu_cgroup_storage<struct bpf_cgroup_storage_key, v>;  //! special-field-kind
map a_rhash: rhash<__u32, v>[1];
map a_stack_trace: stack_trace<__u32, v>[1];  //! special-field-kind
map a_devmap: devmap<__u32, v>[1];  //! special-field-kind
map a_devmap_hash: devmap_hash<__u32, v>[1];  //! special-field-kind
map a_sockmap: sockmap<__u32, v>[1];  //! special-field-kind
map a_sockhash: sockhash<__u32, v>[1];  //! special-field-kind
map a_cpumap: cpumap<__u32, v>[1];  //! special-field-kind
map a_reuseport: reuseport_sockarray<__u32, v>[1];  //! special-field-kind
---
struct own { __u64 x; };
struct list_item { struct bpf_list_node node; };
struct tree_item { struct bpf_rb_node node; };
struct prefix { __u32 prefixlen, address; };
struct v { struct own __percpu_kptr *f; };
map a_hash: hash<__u32, v>[1];
map a_array: array<__u32, v>[1];
map a_percpu_hash: percpu_hash<__u32, v>[1];
map a_percpu_array: percpu_array<__u32, v>[1];
map a_lru_hash: lru_hash<__u32, v>[1];
map a_lru_pc_hash: lru_percpu_hash<__u32, v>[1];
map a_lpm_trie: lpm_trie<prefix, v>[1];  //! special-field-kind
map a_queue: queue<v>[1];  //! special-field-kind
map a_stack: stack<v>[1];  //! special-field-kind
map a_bloom_filter: bloom_filter<v>[1];  //! special-field-kind
map a_sk_storage: sk_storage<int, v>;
map a_inode_storage: inode_storage<int, v>;
map a_task_storage: task_storage<int, v>;
map a_cgrp_storage: cgrp_storage<int, v>;
map a_cgroup: cgroup_storage<struct bpf_cgroup_storage_key, v>;  //! special-field-kind
map a_pc_cgroup: percpu_cgroup_storage<struct bpf_cgroup_storage_key, v>;  //! special-field-kind
map a_rhash: rhash<__u32, v>[1];
map a_stack_trace: stack_trace<__u32, v>[1];  //! special-field-kind
map a_devmap: devmap<__u32, v>[1];  //! special-field-kind
map a_devmap_hash: devmap_hash<__u32, v>[1];  //! special-field-kind
map a_sockmap: sockmap<__u32, v>[1];  //! special-field-kind
map a_sockhash: sockhash<__u32, v>[1];  //! special-field-kind
map a_cpumap: cpumap<__u32, v>[1];  //! special-field-kind
map a_reuseport: reuseport_sockarray<__u32, v>[1];  //! special-field-kind
---
struct own { __u64 x; };
struct list_item { struct bpf_list_node node; };
struct tree_item { struct bpf_rb_node node; };
struct prefix { __u32 prefixlen, address; };
struct v { struct own __uptr *f; };
map a_hash: hash<__u32, v>[1];  //! special-field-kind
map a_array: array<__u32, v>[1];  //! special-field-kind
map a_percpu_hash: percpu_hash<__u32, v>[1];  //! special-field-kind
map a_percpu_array: percpu_array<__u32, v>[1];  //! special-field-kind
map a_lru_hash: lru_hash<__u32, v>[1];  //! special-field-kind
map a_lru_pc_hash: lru_percpu_hash<__u32, v>[1];  //! special-field-kind
map a_lpm_trie: lpm_trie<prefix, v>[1];  //! special-field-kind
map a_queue: queue<v>[1];  //! special-field-kind
map a_stack: stack<v>[1];  //! special-field-kind
map a_bloom_filter: bloom_filter<v>[1];  //! special-field-kind
map a_sk_storage: sk_storage<int, v>;  //! special-field-kind
map a_inode_storage: inode_storage<int, v>;  //! special-field-kind
map a_task_storage: task_storage<int, v>;
map a_cgrp_storage: cgrp_storage<int, v>;  //! special-field-kind
map a_cgroup: cgroup_storage<struct bpf_cgroup_storage_key, v>;  //! special-field-kind
map a_pc_cgroup: percpu_cgroup_storage<struct bpf_cgroup_storage_key, v>;  //! special-field-kind
map a_rhash: rhash<__u32, v>[1];  //! special-field-kind
map a_stack_trace: stack_trace<__u32, v>[1];  //! special-field-kind
map a_devmap: devmap<__u32, v>[1];  //! special-field-kind
map a_devmap_hash: devmap_hash<__u32, v>[1];  //! special-field-kind
map a_sockmap: sockmap<__u32, v>[1];  //! special-field-kind
map a_sockhash: sockhash<__u32, v>[1];  //! special-field-kind
map a_cpumap: cpumap<__u32, v>[1];  //! special-field-kind
map a_reuseport: reuseport_sockarray<__u32, v>[1];  //! special-field-kind
