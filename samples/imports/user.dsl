/// A file that uses the types, constants and templates of another.

import "common.dsl";

struct route {
    struct tenant_id tenant;
    __u32 ifindex;
    __u32 pad;
};

map routes: lru_hash<__be32, route>[MAX_TENANTS * 16];

map tenants_before: stats_table;

map snapshots: array_of_maps<__u32, stats_table>[2] = { [0] = tenants_before };
