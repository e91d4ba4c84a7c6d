enum place { A, B };
struct four { __u32 x; };
map m: array<enum place, __u64>[2];  //! map-key-type
map n: array<struct four, __u64>[2];  //! map-key-type
map o: array<const volatile int, __u64>[2];
map p: percpu_array<enum place, __u64>[2];  //! map-key-type
map q: hash<enum place, __u64>[2];
map r: devmap<enum place, __u32>[2];
map s: array[2] { key = enum place; value_size = 8; };  //! half-typed-map
---
enum place : __s32 { A, B };
map m: task_storage<enum place, __u64>;  //! map-key-type
map n: task_storage<__u32, __u64>;
---
struct prefix { __u32 prefixlen; __be32 address; };
typedef struct prefix prefix_t;
map m: lpm_trie<prefix, __u64>[2];
map n: lpm_trie<prefix_t, __u64>[2];
map o: lpm_trie<__u64, __u64>[2];  //! map-key-type
map p: lpm_trie<__u8[8], __u64>[2];  //! map-key-type
---
struct pair { __u64 a; __u64 b; };
struct odd { __u64 a; __u32 b, c; };
struct own { __u64 cgroup_inode_id; __u32 attach_type; };
map m: cgroup_storage<struct bpf_cgroup_storage_key, __u64>;
map n: cgroup_storage<__u64, __u64>;
map o: cgroup_storage<struct pair, __u64>;  //! map-key-type
map p: cgroup_storage<struct odd, __u64>;  //! map-key-type
map q: percpu_cgroup_storage<struct own, __u64>;
map r: percpu_cgroup_storage<__u8[8], __u64>;  //! map-key-type
---
map m: task_storage { key_size = 4; value_size = 8; };  //! map-types-required map-types-required
map n: task_storage { key = int; value_size = 8; };  //! map-types-required
map o: task_storage { key = int; value = __u64; };
---
map m: hash[8] { key_size = 4; value = __u64; };  //! half-typed-map
map n: hash[8] { key = __u32; value_size = 8; };  //! half-typed-map
map o: devmap[8] { key = __u32; value_size = 4; };
map p: queue[8] { value = __u64; };
map q: bloom_filter<__u64>[8];
map r: hash[8] { key_size = 4; value_size = 8; };
---
enum place { A, B };
legacy map m: array<enum place, __u64>[2];
---
map m0: sk_storage { key = int; value_size = 8; };  //! map-types-required
map m1: inode_storage { key = int; value_size = 8; };  //! map-types-required
map m2: cgrp_storage { key = int; value_size = 8; };  //! map-types-required
enum place { A, B };
map n0: sk_storage<enum place, __u64>;  //! map-key-type
map n1: inode_storage<enum place, __u64>;  //! map-key-type
map n2: cgrp_storage<enum place, __u64>;  //! map-key-type
---
legacy map m0: sk_storage<int, __u64>;  //! map-types-required
legacy map m1: inode_storage<int, __u64>;  //! map-types-required
legacy map m2: task_storage<int, __u64>;  //! map-types-required
legacy map m3: cgrp_storage<int, __u64>;  //! map-types-required
---
struct nothing {};
map m: bloom_filter[8] { key = struct nothing; value = __u64; };  //! map-key-type
map n: bloom_filter[8] { key_size = 0; value = __u64; };
---
struct late { __u8 address[4]; __u32 bits; };
struct short_bits { __u16 bits; __u8 address[6]; };
struct bits { __u32 prefixlen : 8; __u32 address : 24; __u32 pad; };
struct own { __u32 bits; __be32 address; };
struct outer { struct own inner; __u64 more; };
struct choice { union { __u32 bits; __u8 all[8]; }; };
struct kernels { struct bpf_lpm_trie_key trie; __u8 data[4]; };
map m: lpm_trie<late, __u64>[8];  //! lpm-key-prefix
map n: lpm_trie<short_bits, __u64>[8];  //! lpm-key-prefix
map o: lpm_trie<bits, __u64>[8];  //! lpm-key-prefix
map p: lpm_trie<own, __u64>[8];
map q: lpm_trie<outer, __u64>[8];
map r: lpm_trie<choice, __u64>[8];
map s: lpm_trie<kernels, __u64>[8];
map t: hash<late, __u64>[8];
---
map m: array<float, __u64>[8];  //! map-key-type
map n: array<__u8[4], __u64>[8];  //! map-key-type
map o: perf_event_array<__u32, __u64>;  //! map-value-size
map p: perf_event_array<__u64>;
