//? style initializer
map m: hash<__u32, __u64>[8] { pinning = by_name; };  //! initializer-style
map n: bloom_filter<__u64>[8] { map_extra = 3; };  //! initializer-style
map o: array_of_maps<__u32, hash<__u32, __u64>[8]>[8];  //! initializer-style
map p: hash<__u32, __u64>[8];
map q: stack_trace[8] { key_size = 4; value_size = 8; map_flags = BPF_F_NUMA_NODE; };
legacy map r: hash<__u32, __u64>[8];
