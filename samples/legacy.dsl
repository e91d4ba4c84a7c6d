/// A definition of the old kind beside a BTF-defined one: sections "maps" and ".maps" in one object.
/// (libbpf 1.0 and later opens no object with section "maps"; iproute2 and cilium/ebpf do.)

struct flow_id { __be32 saddr, daddr; };

legacy map old_counters: array<__u32, __u64>[4];

legacy map old_flows: hash<flow_id, __u64>[1024] {
    map_flags = BPF_F_NO_PREALLOC;
};

map new_counters: array<__u32, __u64>[4];
