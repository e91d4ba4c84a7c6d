/// Who sends how much: one entry per source address.

struct traffic {
    __u64 packets;
    __u64 bytes;
};

map by_source: lru_hash<__be32, traffic>[10000];

/// One record per new source.
struct hello { __be32 source; __u32 ifindex; };
map hellos: ringbuf<hello>[64 KiB];
