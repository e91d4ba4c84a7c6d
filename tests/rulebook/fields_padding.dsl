struct ident { __u64 id; __u8 proto; };
map m: hash<ident, __u64>[1];  //! key-padding
---
struct ident { __u64 id; __u8 proto; __u8 pad[7]; };
map m: hash<ident, __u64>[1];
---
struct ident { __u8 proto; __u32 id; };
map a: lru_hash<ident, __u64>[1];  //! key-padding
map b: percpu_hash<ident, __u64>[1];  //! key-padding
map c: lru_percpu_hash<ident, __u64>[1];  //! key-padding
map d: hash_of_maps<ident, array<__u32, __u64>[1]>[1];  //! key-padding
map e: sockhash<ident, __u64>[1];  //! key-padding
map f: rhash<ident, __u64>[1];  //! key-padding
---
struct ident { __u32 prefixlen; __u8 family; __u16 port; };
map m: lpm_trie<ident, __u64>[1];  //! key-padding
---
struct item { __u64 id; __u8 proto; };
map m: bloom_filter<item>[1];  //! key-padding
---
struct item { __u64 id; __u64 proto; };
map m: bloom_filter<item>[1];
---
struct inner { __u8 a; __u16 b; };
struct ident { __u64 id; struct inner parts[2]; };
map m: hash<ident, __u64>[1];  //! key-padding
---
struct ident { __u64 id; __u8 proto; } __attribute__((packed));
map m: hash<ident, __u64>[1];
---
struct ident { __u32 a : 20; };
map m: hash<ident, __u64>[1];  //! key-padding
---
struct ident { __u32 a : 20, b : 12; };
map m: hash<ident, __u64>[1];
---
struct ident { __u32 a : 20; __u32 : 12; };
map m: hash<ident, __u64>[1];  //! key-padding
---
union ident { __u32 number; __u8 text[7]; };
map m: hash<union ident, __u64>[1];  //! key-padding
---
union ident { __u32 number; __u8 text[8]; };
map m: hash<union ident, __u64>[1];
---
template t: hash<union ident, __u64>[1];  //! key-padding
union ident { __u32 number; __u8 text[7]; };
map m: t;
map n: array_of_maps<__u32, t>[1];
---
union ident { __u32 number; __u8 text[7]; };
map n: array_of_maps<__u32, hash<union ident, __u64>[1]>[1];  //! key-padding
---
struct ident { __u64 id; __u8 proto; };
// bpfgen: allow key-padding because every program clears the key with memset first
map m: hash<ident, __u64>[1];
---
map m: cgroup_storage<struct bpf_cgroup_storage_key, __u64>;
---
struct event { __u64 when; __u32 pid; };  //! value-padding
map m: array<__u32, event>[1];
map n: hash<__u32, event>[1];
---
struct event { __u64 when; __u32 pid; };  //! value-padding
map m: ringbuf<event>[64 KiB];
---
struct event { __u64 when; __u32 pid, pad; };
map m: ringbuf<event>[64 KiB];
map n: array<__u32, event>[1];
---
struct bits { __u8 replied : 1; __u8 : 7; };  //! value-padding
map n: array<__u32, bits>[1];
---
struct bits { __u8 replied : 1; };  //! value-padding
map n: array<__u32, bits>[1];
---
struct event {
    __u64 when;
    // bpfgen: allow value-padding because user space clears it
    __u32 pid;
};
map m: array<__u32, event>[1];
---
struct event { __u64 when; __u32 pid; };
map m: stack_trace[1] { key_size = 4; value_size = 8; };
---
struct bits { __u8 replied : 1, pad : 7; };
map n: array<__u32, bits>[1];
---
// All holes of a struct in one diagnostic, and each struct its own.
struct inner { __u8 a; __u32 b; };  //! value-padding
struct outer {
    __u8 first;  //! value-padding
    __u64 second;
    __u16 third;
    __u32 fourth;
    __u8 fifth;
    struct inner inner;
};
map m: array<__u32, outer>[1];
map n: hash<outer, __u64>[1];  //! key-padding
---
// A union wants one member that fills it all; a member can't stand after one without a length.
union text { __u32 number; __u8 bytes[7]; };  //! value-padding
struct tail { __u64 n; __u32 count; __u8 rest[]; };  //! value-padding
map m: array<__u32, union text>[1];
map n: ringbuf<tail>[64 KiB];
---
struct many {
    __u8 a;  //! value-padding
    __u16 b;
    __u8 c;
    __u16 d;
    __u8 e;
    __u16 f;
    __u8 g;
    __u16 h;
    __u8 i;
    __u16 j;
    __u8 k;
    __u16 l;
    __u8 m;
    __u16 n;
    __u8 o;
    __u16 p;
    __u8 q;
    __u16 r;
    __u8 s;
    __u16 t;
};
map m: array<__u32, many>[1];
---
// Beside a lock no bit-field may begin within a byte, so that none is asked for.
struct v { struct bpf_spin_lock lock; __u8 replied : 1; __u8 : 7; __u8 pad[3]; };  //! value-padding
map m: array<__u32, v>[1];
---
struct v { struct bpf_spin_lock lock; __u8 replied : 8; __u8 pad[3]; };
map m: array<__u32, v>[1];
---
struct v { struct bpf_spin_lock lock; __u8 replied : 1; __u8 pad : 7; __u8 bytes[3]; };  //! special-field-bitfield
map m: array<__u32, v>[1];
