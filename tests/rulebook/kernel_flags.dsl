map m: array<__u32, __u64>[8] { map_flags = BPF_F_NO_PREALLOC; };  //! map-flags
map n: array<__u32, __u64>[8] { map_flags = BPF_F_MMAPABLE | BPF_F_INNER_MAP; };
map o: hash<__u32, __u64>[8] { map_flags = BPF_F_MMAPABLE; };  //! map-flags
map p: lru_hash<__u32, __u64>[8] { map_flags = BPF_F_NO_PREALLOC; };  //! map-flags
map q: percpu_hash<__u32, __u64>[8] { map_flags = BPF_F_NUMA_NODE; };  //! map-flags
map r: cpumap<__u32, __u32>[8] { map_flags = BPF_F_RDONLY; };  //! map-flags
map s: hash<__u32, __u64>[8] { map_flags = runtime; };
---
map m: hash<__u32, __u64>[8] { map_flags = 1 << 20; };  //! map-flags
map n: hash<__u32, __u64>[8] { map_flags = 1U << 31; };  //! map-flags
map o: hash<__u32, __u64>[8] { map_flags = BPF_F_TOKEN_FD; };  //! map-flags
map p: hash<__u32, __u64>[8] { map_flags = BPF_F_PATH_FD; };  //! map-flags
map q: insn_array[8] { key_size = 4; value_size = 16; map_flags = BPF_F_RDONLY; };  //! map-flags
map r: ringbuf[64 KiB] { map_flags = BPF_F_RB_OVERWRITE; };
map s: user_ringbuf[64 KiB] { map_flags = BPF_F_RB_OVERWRITE; };  //! map-flags
---
struct prefix { __u32 prefixlen; __be32 address; };
map m: lpm_trie<prefix, __u64>[8];
map n: lpm_trie<prefix, __u64>[8] { map_flags = 0; };  //! map-flags-missing
map o: lpm_trie<prefix, __u64>[8] { map_flags = BPF_F_RDONLY; };  //! map-flags-missing
map p: lpm_trie<prefix, __u64>[8] { map_flags = BPF_F_NO_PREALLOC | BPF_F_RDONLY; };
map q: sk_storage<int, __u64> { map_flags = BPF_F_CLONE; };  //! map-flags-missing
map r: task_storage<int, __u64> { map_flags = BPF_F_NO_PREALLOC | BPF_F_CLONE; };
---
map m: arena[8] { map_flags = BPF_F_SEGV_ON_FAULT; };  //! map-flags-missing
---
map m: rhash<__u32, __u64>[8] { map_flags = BPF_F_RDONLY; };  //! map-flags-missing
map n: rhash<__u32, __u64>[8] { map_flags = BPF_F_NO_PREALLOC | BPF_F_ZERO_SEED; };  //! map-flags
---
map m: hash<__u32, __u64>[8] { map_flags = BPF_F_RDONLY | BPF_F_WRONLY; };  //! map-flags-pair
map n: hash<__u32, __u64>[8] { map_flags = BPF_F_RDONLY_PROG | BPF_F_WRONLY_PROG; };  //! map-flags-pair
map o: hash<__u32, __u64>[8] { map_flags = BPF_F_RDONLY | BPF_F_WRONLY_PROG; };
map p: lru_hash<__u32, __u64>[8] { map_flags = BPF_F_NO_COMMON_LRU | BPF_F_NUMA_NODE; };  //! map-flags-pair
---
map m: hash<__u32, __u64>[8] { map_flags = BPF_F_NUMA_NODE; numa_node = 0; };
map n: hash<__u32, __u64>[8] { numa_node = 0; };  //! numa-node
map o: hash<__u32, __u64>[8] { map_flags = BPF_F_NUMA_NODE; numa_node = 1024; };  //! numa-node
map p: hash<__u32, __u64>[8] { map_flags = BPF_F_NUMA_NODE; numa_node = 0xffffffff; };
map q: percpu_array<__u32, __u64>[8] { numa_node = 0; };  //! numa-node
map r: hash<__u32, __u64>[8] { map_flags = runtime; numa_node = 0; };
---
map m: bloom_filter<__u64>[8] { map_extra = 15; };
map n: bloom_filter<__u64>[8] { map_extra = 16; };  //! map-extra
map o: hash<__u32, __u64>[8] { map_extra = 1; };  //! map-extra
map p: hash<__u32, __u64>[8] { map_extra = 0; };
map q: rhash<__u32, __u64>[8] { map_extra = 8; };
map r: rhash<__u32, __u64>[8] { map_extra = 9; };  //! map-extra
map s: rhash<__u32, __u64>[1 << 20] { map_extra = 65536; };  //! map-extra
---
map m: arena[8] { map_extra = 4096; };
---
map m: arena[8] { map_extra = 4097; };  //! map-extra
---
map m: arena[2] { map_extra = (1ULL << 32) - 8192; };
---
map m: arena[3] { map_extra = (1ULL << 32) - 8192; };  //! map-extra
---
const KEEP = BPF_NOEXIST | BPF_F_NUMA_NODE;
map a: hash<__u32, __u64>[8] { map_flags = BPF_NOEXIST; };  //! map-flags-meaning
map b: lru_hash<__u32, __u64>[8] { map_flags = BPF_EXIST; };  //! map-flags-meaning
map c: array<__u32, __u64>[8] { map_flags = BPF_F_LOCK; numa_node = 0; };  //! map-flags-meaning
map d: hash<__u32, __u64>[8] { map_flags = BPF_F_RDONLY | BPF_F_LOCK | BPF_NOEXIST; };  //! map-flags-meaning map-flags-meaning
map e: array<__u32, __u64>[8] { map_flags = BPF_EXIST; };  //! map-flags-meaning map-flags
map f: hash<__u32, __u64>[8] { map_flags = KEEP; };  //! map-flags-meaning
map g: hash<__u32, __u64>[8] { map_flags = BPF_ANY; };
map h: hash<__u32, __u64>[8] { map_flags = 1; };
map i: hash<__u32, __u64>[8] { map_flags = BPF_F_NO_PREALLOC; };
