/// How many sockets were made, on each processor.

map sockets: percpu_array<__u32, __u64>[1];
