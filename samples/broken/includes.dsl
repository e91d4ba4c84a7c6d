/// Wrong on purpose: C headers.

include <linux/in.h>;

map by_address: hash<struct in_adr, __u64>[8];
map by_protocol: array<__u32, __u64>[IPPROTO_MAXX];
