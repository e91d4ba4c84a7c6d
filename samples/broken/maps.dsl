/// Wrong on purpose: map declarations.

struct event { __u64 when; };

map no_kind: hsah<__u32, __u64>[8];
map twice: hash<__u32, __u64>[8];
map twice: hash<__u32, __u64>[16];
map both: hash<__u32, __u64>[8] { max_entries = 16; };
map attribute: hash<__u32, __u64>[8] { map_flag = 1; };
map no_type: [8];
map three: hash<__u32, __u64, __u64>[8];
map pinned: hash<__u32, __u64>[8] { pinning = by_nmae; };
map conflicting: hash<__u32, __u64>[8] { key_size = 8; };
map late: hash<__u32, __u64>[runtime] { pinning = runtime; };

template shape: hash<__u32, __u64>[8];
map changed: shape { max_entries = 16; };
map shape: array<__u32, __u64>[8];

map while: array<__u32, __u64>[8];
