map m: hsah<__u32, __u64>[8];  //! map-kind
---
map m: BPF_MAP_TYPE_HASH<__u32, __u64>[8];  //! map-kind
---
map m: struct_ops[1];  //! map-kind
---
map m: hash<__u32, __u64>[8];
map m: hash<__u32, __u64>[8];  //! duplicate-name
---
struct m { int x; };
map m: hash<__u32, m>[8];
---
map m: hash<__u32, __u64>[8] { max_entries = 8; };  //! attribute-twice
---
map m: hash<__u32, __u64>[8] { key = int; };  //! attribute-twice
---
map m: hash { key = int; value = __u64; max_entries = 8; };
---
map m: hash<__u32>[8];  //! type-arguments
---
map m: hash<__u32, __u64, __u64>[8];  //! type-arguments
---
map m: queue<__u64>[8];
map n: queue[8] { value = __u64; };
---
map m: hash<__u32, 5>[8];  //! syntax
---
map m: hash<__u32, __u64>[8] { map_flag = 1; };  //! unknown-attribute
---
map m: hash<__u32, __u64>[8] { type = 1; };  //! unknown-attribute
---
map m: hash<__u32, __u64>[8] { values = 1; };  //! unknown-attribute
---
map m: hash<__u32, __u64>[0x100000000];  //! attribute-range
---
map m: array<__u32, __u64>[0xffffffff];  //! map-memory
---
map m: hash<__u32, __u64>[-1];  //! attribute-range
---
map m: arena[8] { map_extra = 0xffffffffffff0000; };
---
map m: hash<__u32, __u64>[8] { map_flags = 0x1ffffffff; };  //! attribute-range
---
map m: hash<__u32, __u64>[8] { pinning = 5; };  //! pinning
---
map m: hash<__u32, __u64>[8] { pinning = by_name; };
map n: hash<__u32, __u64>[8] { pinning = none; };
---
map m: hash<__u32, __u64>[8] { pinning = runtime; };  //! runtime
---
map m: hash<__u32, __u64>[runtime] { map_flags = runtime; numa_node = runtime; };
---
map m: hash<__u32, __u64>[runtime + 1];  //! runtime
---
map m: hash<__u32, __u64>[8] { key_size = 8; };  //! key-size-conflict
---
map m: hash<__u32, __u64>[8] { key_size = 4; value_size = sizeof(__u64); };
---
map m: hash<__u32, __u64>[8] { value_size = 4; };  //! value-size-conflict
---
// bpfgen: allow key-size-conflict because a private kernel takes it
map m: hash<__u32, __u64>[8] { key_size = 8; };
---
// bpfgen: allow key-size-conflict   //! allowance
map m: hash<__u32, __u64>[8] { key_size = 8; };  //! key-size-conflict
---
// bpfgen: allow key-size-conflict because nothing here needs it //! unused-allowance
map m: hash<__u32, __u64>[8];
---
template t: array<__u32, __u64>[8];
map m: t;
map n: t { map_flags = BPF_F_MMAPABLE; };
---
template t: array<__u32, __u64>[8];
map m: t[16];  //! template-attribute
---
template t: array<__u32, __u64>;
map m: t[16];
---
template t: array<__u32, __u64>[8];
map m: t<__u32, __u32>;  //! template-attribute
---
struct prefix { __u32 prefixlen; __be32 address; };
template t: lpm_trie<prefix, __u64>[8];
map m: t { map_flags = BPF_F_NO_PREALLOC | BPF_F_RDONLY; };
---
template t: hash<__u32, __u64>[8] { map_flags = BPF_F_NO_PREALLOC; };
map m: t { map_flags = BPF_F_RDONLY; };  //! template-attribute
---
struct t { int x; };
template t: array<__u32, __u64>[8];  //! duplicate-name
---
template t: t;  //! recursive-map
---
map inner: array<__u32, __u64>[8];
map m: array_of_maps<__u32, array<__u32, __u64>[8]>[2] = { [1] = inner };
---
template shape: array<__u32, __u64>[8];
map inner: shape;
map m: array_of_maps<__u32, shape>[2] = { inner, inner };
map n: array_of_maps<__u32>[2];
---
map m: array_of_maps<__u32, __u64>[2];  //! inner-map
---
struct s { int x; };
map m: array_of_maps<__u32, s>[2];  //! inner-map
---
map m: array_of_maps<__u32, struct s *>[2];  //! inner-map
---
map m: hash<__u32, array<__u32, __u64>[8]>[2];  //! type-arguments
---
map inner: array<__u32, __u64>[8];
map m: array_of_maps<__u32, array<__u32, __u64>[8]>[2] = { [2] = inner };  //! slot-range
---
map inner: array<__u32, __u64>[8];
map m: array_of_maps<__u32, array<__u32, __u64>[8]>[2] = { [0] = inner, [0] = inner };  //! slot-twice
---
map m: array_of_maps<__u32, array<__u32, __u64>[8]>[2] = { [0] = nowhere };  //! slot-target
---
int program(struct __sk_buff *skb);
map m: array_of_maps<__u32, array<__u32, __u64>[8]>[2] = { program };  //! slot-target
---
int program(struct __sk_buff *skb);
map m: prog_array[2] = { [1] = program };
---
map inner: array<__u32, __u64>[8];
map m: prog_array[2] = { inner };  //! slot-target
---
map inner: array<__u32, __u64>[8];
map m: array<__u32, __u64>[8] = { inner };  //! slots
---
map inner: array<__u32, __u64>[8];
map m: array_of_maps<__u32>[2] = { inner };  //! slots
---
map inner: array<__u32, __u64>[8];
extern map m: array_of_maps<__u32, array<__u32, __u64>[8]>[2] = { inner };  //! slots
---
legacy map m: hash<__u32, __u64>[8] { pinning = by_name; };  //! legacy-attribute
---
legacy map m: hash<__u32, __u64>[8] { map_flags = BPF_F_NO_PREALLOC; };
weak map n: hash<__u32, __u64>[8];
extern map o: hash<__u32, __u64>[8];
---
target kernel >= 5.15;
map m: hash<__u32, __u64>[8]
---
target kernel >= 5;  //! target
map m: hash<__u32, __u64>[8];
---
target kernal >= 5.15;  //! target
map m: hash<__u32, __u64>[8];
---
import "nowhere.dsl";  //! import
map m: hash<__u32, __u64>[8];
---
map map: hash<__u32, __u64>[8];
map template: hash<__u32, __u64>[8];
map key: hash<__u32, __u64>[8];
---
// bpfgen: allow key-size-conflict because one
// bpfgen: allow value-size-conflict because two
/// Both are off in all of what follows.
map m: hash<__u32, __u64>[8] {
    key_size = 8;
    value_size = 4;
};
---
map m: hash<__u32, __u64>[8] {
    // bpfgen: allow key-size-conflict because of the next line alone
    key_size = 8;
    value_size = 4;  //! value-size-conflict
};
---
map m: hash<__u32, __u64>[8] { key_size = 8; };  // bpfgen: allow key-size-conflict because of it
map n: hash<__u32, __u64>[8] {
    key_size = 8;  //! key-size-conflict
};
---
// bpfgen: allow key-size-conflict because it is the next declaration's  //! unused-allowance
struct s { int x; };
map m: hash<__u32, s>[8] { key_size = 8; };  //! key-size-conflict
---
target kernel >= 5.15;
target kernel >= 6.1;  //! target
map m: hash<__u32, __u64>[8];
---
map m: hash<__u32, void>[8];  //! incomplete-type
map n: hash<int[], __u64>[8];  //! incomplete-type
map o: hash<int[1], __u64>[8];
---
struct fwd;
map m: ringbuf<struct fwd>[64 KiB];  //! incomplete-type
map n: hash<__u32, struct fwd *>[8];  //! pointer-in-value
---
template counters: array<__u32, __u64>[8];
map m __attribute__((btf_decl_tag("a"), btf_decl_tag("b"))) __attribute__((btf_decl_tag("a"))): counters;
weak map w __attribute__((btf_decl_tag("a"))): array_of_maps<__u32, counters>[4] = { [0] = m };
map n __attribute__((unused)): counters;  //! ignored-attribute
extern map e __attribute__((btf_decl_tag("a"))): counters;  //! ignored-attribute
---
map m __attribute__((packed)): hash<__u32, __u64>[8];  //! attribute
---
map m __attribute__((aligned(8))): hash<__u32, __u64>[8];  //! attribute
---
map m __attribute__((btf_decl_tag(1))): hash<__u32, __u64>[8];  //! attribute
---
map m __attribute__((section("x"))): hash<__u32, __u64>[8];  //! attribute
---
map inner: array<__u32, __u64>[8];
map m: hash_of_maps<__u32, array<__u32, __u64>[8]>[1] = {
    [7] = inner,
    [9] = inner,  //! slot-range
    [11] = inner
};
---
map inner: array<__u32, __u64>[8];
map m: hash_of_maps<__u32, array<__u32, __u64>[8]>[2] = { [7] = inner, [9] = inner };
---
int program(struct __sk_buff *skb);
map m: prog_array[2] { map_flags = BPF_F_RDONLY; } = { program };  //! slot-access
---
int program(struct __sk_buff *skb);
map m: prog_array[2] = { program };
map n: prog_array[2] { map_flags = BPF_F_RDONLY; };
---
map inner: array<__u32, __u64>[8];
map m: array_of_maps<__u32, array<__u32, __u64>[8]>[1] { map_flags = BPF_F_RDONLY; } = { inner };  //! slot-access
map n: hash_of_maps<__u32, array<__u32, __u64>[8]>[1] { map_flags = BPF_F_RDONLY; } = { inner };  //! slot-access
map o: array_of_maps<__u32, array<__u32, __u64>[8]>[1] { map_flags = BPF_F_WRONLY; } = { inner };
