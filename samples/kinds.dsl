/// Every kind of map that a source file can define, in the order of enum bpf_map_type.
/// (struct_ops maps come from variables in section ".struct_ops", not from map definitions.)

struct address { __be32 network, host; };
struct counters { __u64 packets, bytes; };
struct prefix { __u32 prefixlen; __u8 data[16]; };
struct cpu_sample { __u64 when; __u32 cpu, pid; };

map a_hash: hash<address, counters>[1024];

map an_array: array<__u32, counters>[256];

map a_prog_array: prog_array[8];

/// Without a number of entries: libbpf takes the number of CPUs.
map perf_events: perf_event_array<cpu_sample>;

map a_percpu_hash: percpu_hash<address, counters>[1024] {
    map_flags = BPF_F_NO_PREALLOC;
};

map a_percpu_array: percpu_array<__u32, counters>[64];

map a_stack_trace: stack_trace[512] {
    key_size = sizeof(__u32);
    value_size = PERF_MAX_STACK_DEPTH * sizeof(__u64);
};

map cgroup_fds: cgroup_array[4];

map an_lru_hash: lru_hash<address, counters>[4096];

map lru_percpu: lru_percpu_hash<address, counters>[4096] {
    map_flags = BPF_F_NO_COMMON_LRU;
};

/// BPF_F_NO_PREALLOC is filled in: the kernel accepts no lpm_trie without it.
map an_lpm_trie: lpm_trie<prefix, __u32>[2048];

map arrays: array_of_maps<__u32, array<__u32, counters>[16]>[8];

map hashes: hash_of_maps<__u32, hash<address, counters>[128]>[8];

map a_devmap: devmap<__u32, struct bpf_devmap_val>[16];

map a_sockmap: sockmap<__u32, __u64>[32];

map a_cpumap: cpumap<__u32, struct bpf_cpumap_val>[2];

map an_xskmap: xskmap[16];

map a_sockhash: sockhash<address, __u64>[32];

map cgroups: cgroup_storage<struct bpf_cgroup_storage_key, counters>;

map reuseport: reuseport_sockarray<__u32, __u64>[8];

map percpu_cgroups: percpu_cgroup_storage<struct bpf_cgroup_storage_key, counters>;

/// A queue has no key.
map a_queue: queue[128] {
    value = struct cpu_sample;
};

map a_stack: stack[128] {
    value = struct cpu_sample;
};

map sockets: sk_storage<int, counters>;

map a_devmap_hash: devmap_hash<__u32, __u32>[16];

map a_ringbuf: ringbuf<cpu_sample>[256 KiB];

map inodes: inode_storage<int, counters>;

map tasks: task_storage<int, counters>;

/// `map_extra` is the number of hash functions.
map a_bloom_filter: bloom_filter[1000] {
    value = struct address;
    map_extra = 3;
};

map a_user_ringbuf: user_ringbuf<cpu_sample>[64 KiB];

map cgrps: cgrp_storage<int, counters>;

/// A hundred pages that programs and user space share.
map an_arena: arena[100];

map an_insn_array: insn_array<__u32, struct bpf_insn_array_value>[16];

map an_rhash: rhash<address, counters>[1024];
