/// Which user connects where, and which addresses nobody may connect to.

import "address.dsl";

enum answer : __u32 { REFUSE, ALLOW };

map blocked: hash<struct address, __u8>[1024];
map connects: lru_hash<struct address, __u64>[16 * 1024];
