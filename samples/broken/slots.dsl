/// Wrong on purpose: initial values.

template inner: array<__u32, __u64>[4];
map slot: inner;
map other: hash<__u32, __u64>[4];

int program(struct __sk_buff *skb);

map beyond: array_of_maps<__u32, inner>[2] = { [2] = slot };
map again: array_of_maps<__u32, inner>[2] = { [0] = slot, [0] = slot };
map mismatch: array_of_maps<__u32, inner>[2] = { [0] = other };
map nowhere: array_of_maps<__u32, inner>[2] = { [0] = solt };
map programs: prog_array[2] = { [0] = program, [1] = slot };
map no_values: array<__u32, __u64>[2] = { [0] = slot };
map nested: array_of_maps<__u32, array_of_maps<__u32, inner>[2]>[2];
