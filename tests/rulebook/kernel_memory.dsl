map a: array<__u32, __u8[4096]>[1 << 28];  //! map-memory
map b: hash<__u32, __u8[4000000]>[1 << 27];  //! map-memory
map c: hash<__u32, __u8[4000000]>[1 << 27] { map_flags = BPF_F_NO_PREALLOC; };  //! map-memory
map d: array<__u32, __u64>[1 << 26];
map e: array<__u32, __u64>[1 << 27];  //! map-memory
map f: array<__u32, __u64>[runtime];
map g: hash<__u32, __u64>[1 << 27] { map_flags = runtime; };
map h: arena[1 << 20];
map i: ringbuf[1U << 31];  //! map-memory
map j: ringbuf[512 MiB];
map k: queue<__u8[4000]>[1 << 20];  //! map-memory
map l: lru_hash<__u64, __u8[200]>[1 << 23];  //! map-memory
map m: array_of_maps<__u32, array<__u32, __u8[1 << 20]>[4096]>[2];  //! map-memory
map n: bloom_filter<__u64>[0xffffffff];
map o: task_storage<int, __u8[60000]>;
map p: lpm_trie<__u8[8], __u64>[1U << 31];  //! map-key-type
map q: stack_trace[1 << 22] { key_size = 4; value_size = 1016; };  //! map-memory
map r: percpu_hash<__u32, __u8[32768]>[1 << 15];  //! map-memory
map s: percpu_hash<__u32, __u8[32768]>[1 << 14];
---
// No machine has so much, whatever its kernel.
map a: array<__u32, __u8[1 << 30]>[1 << 23];  //! map-memory
map b: array<__u32, __u8[2147483647]>[0xffffffff];  //! map-memory
map c: array<__u32, __u8[1 << 20]>[0xffffffff];  //! map-memory
---
// Kernels before 5.11 refuse 4 GiB, elements that may come later included.
target kernel >= 5.10;
struct prefix { __u32 prefixlen; __be32 address; };
map a: array<__u32, __u64>[1 << 29];  //! map-memory
map b: hash<__u32, __u64>[1 << 26] { map_flags = BPF_F_NO_PREALLOC; };  //! map-memory
map c: hash<__u32, __u64>[1 << 25] { map_flags = BPF_F_NO_PREALLOC; };
map d: lpm_trie<prefix, __u64>[1 << 27];  //! map-memory
map e: lpm_trie<prefix, __u64>[1 << 26];
map f: devmap_hash<__u32, __u32>[1 << 26];
---
target kernel >= 5.11;
map b: hash<__u32, __u64>[1 << 26] { map_flags = BPF_F_NO_PREALLOC; };  //! map-memory
---
target kernel >= 6.16;
map a: lru_hash<__u32, __u64>[127];  //! lru-batches
map b: lru_hash<__u32, __u64>[128];
map c: lru_percpu_hash<__u32, __u64>[64];  //! lru-batches
map d: lru_hash<__u32, __u64>[64] { map_flags = BPF_F_NO_COMMON_LRU; };
map e: lru_hash<__u32, __u64>[runtime];
map f: lru_hash<__u32, __u64>[64] { map_flags = runtime; };
map g: hash<__u32, __u64>[64];
---
target kernel >= 6.17;
map a: lru_hash<__u32, __u64>[16];
---
template large: array<__u32, __u8[4096]>[1 << 20];  //! map-memory
map a: large;
map b: large;
