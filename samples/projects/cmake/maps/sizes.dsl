/// How long packets are: their number for each power of two.

const BUCKETS = 16;

map packet_sizes: percpu_array<__u32, __u64>[BUCKETS];
