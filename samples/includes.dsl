/// Types and constants that C headers define: clang reads them, with their exact layout.

include <linux/in.h>;
include <linux/in6.h>;
include <linux/if_ether.h>;

struct endpoint6 {
    struct in6_addr address;
    __be16 port;
    __u8 protocol;
    __u8 pad;
};

struct frame {
    struct ethhdr ethernet;
    __be16 vlan;
};

map by_endpoint6: lru_hash<endpoint6, __u64>[4096];

/// Indexed by IP protocol number.
map by_protocol: percpu_array<__u32, __u64>[IPPROTO_MAX];

map last_frame: array<__u32, frame>[ETH_DATA_LEN / 100];
