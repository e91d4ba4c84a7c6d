/// What the programs of one project share.

const MAX_TENANTS = 64;

/// Who a packet belongs to.
struct tenant_id {
    __u32 number;
    __u32 generation;
};

struct tenant_stats {
    __u64 packets, bytes;
};

template stats_table: hash<tenant_id, tenant_stats>[MAX_TENANTS];

map tenants: stats_table;
