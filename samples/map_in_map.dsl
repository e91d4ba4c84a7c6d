/// Maps of maps: with a template, with a definition written inline, and with none.

struct session { __u64 started, bytes; };

/// The shape of a per-tenant table; no map by itself.
template tenant_table: hash<__u64, session>[256] {
    map_flags = BPF_F_NO_PREALLOC;
};

map tenant_red: tenant_table;
map tenant_blue: tenant_table;

/// Two of the four slots are filled when the object is loaded.
map tenants: array_of_maps<__u32, tenant_table>[4] = {
    [0] = tenant_red,
    [2] = tenant_blue
};

/// The inner definition stands where it is needed.
map counters_by_cpu: hash_of_maps<__u32, array<__u32, __u64>[8]>[64];

map windows: array_of_maps<__u32, lru_hash<__be32, session>[1024] {
    map_flags = BPF_F_NO_COMMON_LRU;
}>[2];

/// No inner definition: the loader sets it before load.
map bare: array_of_maps<__u32>[16];
