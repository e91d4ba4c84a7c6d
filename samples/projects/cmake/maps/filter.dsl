/// Which networks are shut out, and what came from them.

import "prefix.dsl";

const MAX_NETWORKS = 1024;

struct dropped {
    __u64 packets;
    __u64 bytes;
};

map networks: lpm_trie<prefix, __u32>[MAX_NETWORKS];  // to an index into drops
map drops: percpu_array<__u32, dropped>[MAX_NETWORKS];
