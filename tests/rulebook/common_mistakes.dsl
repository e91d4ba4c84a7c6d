// Twenty mistakes of which C compilers and libbpf's open step let thirteen pass. Three of them can't
// be made in this language: forgetting -g, a static map, a hidden one.
map m: hash<struct nowhere, __u64>[8];  //! unknown-type
---
map m: array<__u64, __u64>[8];  //! map-key-size
---
struct prefix { __u32 prefixlen; __u8 data[4]; };
map m: lpm_trie<prefix, __u64>[8] { map_flags = 0; };  //! map-flags-missing
map n: lpm_trie<prefix, __u64>[8];
---
map m: lpm_trie<__u16, __u64>[8];  //! map-key-size
---
map m: ringbuf[5000];  //! ringbuf-size
---
map m: hash<__u32, __u64>;  //! max-entries
map n: hash<__u32, __u64>[runtime];
---
map connections_by_source: hash<__u32, __u64>[8];  //! map-name-length
map connections_by_target: hash<__u32, __u64>[8];  //! map-name-length map-name-clash
---
map m: hash<__u32, __u64>[8] { max_entris = 8; };  //! unknown-attribute
---
struct ident { __u64 a; __u32 b; };
map m: hash<ident, __u64>[8];  //! key-padding
---
struct inner_key { __u32 a, b; };
map m: hash_of_maps<__u32, hash<inner_key, __u64>[8]>[8];
---
map m: percpu_array<__u32, __u8[40000]>[8];  //! map-value-size
---
map m: hash<__u32, __u64>[-1];  //! attribute-range
---
map m: hash<__u32, __u64>[0x100000000];  //! attribute-range
---
map m: hash<__u32, __u64>[8] { pinning = 5; };  //! pinning
---
map m: 99<__u32, __u64>[8];  //! syntax
---
map m: array<__u32, __u64>[8] { map_flags = BPF_F_NO_PREALLOC; };  //! map-flags
---
struct locked { struct bpf_spin_lock lock; __u32 count; };
map m: lru_hash<__u32, locked>[8];  //! special-field-kind
