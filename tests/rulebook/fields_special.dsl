struct v { struct bpf_spin_lock lock; __u32 x; };
map m: hash<__u32, v>[1];
map a: array<__u32, v>[1];
map s: sk_storage<int, v>;
map i: inode_storage<int, v>;
map t: task_storage<int, v>;
map c: cgrp_storage<int, v>;
map o: cgroup_storage<struct bpf_cgroup_storage_key, v>;
map r: rhash<__u32, v>[1];
---
struct v { struct bpf_spin_lock lock; __u32 x; };
map m: lru_hash<__u32, v>[1];  //! special-field-kind
map p: percpu_array<__u32, v>[1];  //! special-field-kind
map q: queue<v>[1];  //! special-field-kind
map d: percpu_cgroup_storage<struct bpf_cgroup_storage_key, v>;  //! special-field-kind
---
struct v { struct bpf_spin_lock lock; __u32 x; };
template t: lru_hash<__u32, v>[1];  //! special-field-kind
map m: t;
map n: t { map_flags = BPF_F_NO_COMMON_LRU; };
---
struct v { struct bpf_timer timer; __u64 x; };
map m: lru_hash<__u32, v>[1];
map s: sk_storage<int, v>;  //! special-field-kind
---
struct v { struct bpf_spin_lock lock; __u32 x; };
// bpfgen: allow special-field-kind because a private kernel takes it
map m: lru_hash<__u32, v>[1];
---
struct v { struct bpf_spin_lock lock; __u32 x; };
map m: hash<__u32, v>[1] { map_flags = BPF_F_RDONLY_PROG; };  //! special-field-access
map n: hash<__u32, v>[1] { map_flags = BPF_F_WRONLY_PROG; };  //! special-field-access
map o: hash<__u32, v>[1] { map_flags = BPF_F_RDONLY; };
map p: hash<__u32, v>[1] { map_flags = runtime; };
---
struct v { struct bpf_spin_lock lock; __u32 x; };
map m: array<__u32, v>[1] { map_flags = BPF_F_MMAPABLE; };  //! special-field-mmap
---
struct v { struct bpf_spin_lock lock; __u32 x; };
legacy map m: array<__u32, v>[1];  //! special-field-kind
---
struct v { struct bpf_spin_lock a; struct bpf_spin_lock b; };  //! special-field-twice
map m: hash<__u32, v>[1];
map n: array<__u32, v>[1];
---
struct v { struct bpf_spin_lock locks[2]; };  //! special-field-twice
map m: hash<__u32, v>[1];
---
struct v { struct bpf_spin_lock locks[1]; };
map m: hash<__u32, v>[1];
---
struct v { struct bpf_spin_lock locks[0]; __u32 x; };
map m: lru_hash<__u32, v>[1];
---
struct v { struct bpf_timer a, b; };  //! special-field-twice
map m: hash<__u32, v>[1];
---
struct v { struct bpf_wq a, b; };  //! special-field-twice
map m: hash<__u32, v>[1];
---
struct v { struct bpf_task_work a, b; };  //! special-field-twice
map m: hash<__u32, v>[1];
---
struct v { struct bpf_refcount a, b; };  //! special-field-twice
map m: hash<__u32, v>[1];
---
struct v { struct bpf_res_spin_lock a, b; };  //! special-field-twice
map m: hash<__u32, v>[1];
---
struct inner { struct bpf_spin_lock lock; __u32 x; };  //! special-field-twice
struct v { struct inner a; struct inner b; };
map m: hash<__u32, v>[1];
---
struct inner { struct bpf_spin_lock lock; __u32 x; };
struct v { struct inner a; };
map m: hash<__u32, v>[1];
---
struct v {
    struct bpf_spin_lock a;
    struct bpf_res_spin_lock b;  //! special-field-locks
};
map m: hash<__u32, v>[1];
---
struct item { struct bpf_list_node node; __u64 x; };
struct v {
    struct bpf_spin_lock lock;
    __u32 pad;
    struct bpf_list_head head __contains(item, node);
};
map m: hash<__u32, v>[1];
map n: lru_hash<__u32, v>[1];  //! special-field-kind special-field-kind
---
struct item { struct bpf_list_node node; __u64 x; };
struct v {
    struct bpf_list_head head __contains(item, node);  //! special-field-lock
};
map m: hash<__u32, v>[1];
---
struct item { struct bpf_rb_node node; __u64 x; };
struct v {
    struct bpf_res_spin_lock lock;
    __u32 pad;
    struct bpf_rb_root root __contains(item, node);  //! special-field-lock
};
map m: hash<__u32, v>[1];
---
struct v {
    struct bpf_spin_lock lock;
    __u32 pad;
    struct bpf_list_head head;  //! special-field-contains
};
map m: hash<__u32, v>[1];
---
struct v {
    struct bpf_spin_lock lock;
    __u32 pad;
    struct bpf_list_head head __contains(item, node);  //! special-field-contains
};
map m: hash<__u32, v>[1];
---
struct item { struct bpf_list_node node; __u64 x; };
struct v {
    struct bpf_spin_lock lock;
    __u32 pad;
    struct bpf_list_head head __contains(item, nodes);  //! special-field-contains
};
map m: hash<__u32, v>[1];
---
struct item { struct bpf_list_node node; __u64 x; };
struct v {
    struct bpf_spin_lock lock;
    __u32 pad;
    struct bpf_rb_root root __contains(item, node);  //! special-field-contains
};
map m: hash<__u32, v>[1];
---
typedef struct bpf_list_node node_t;
struct item { node_t node; __u64 x; };
struct v {
    struct bpf_spin_lock lock;
    __u32 pad;
    struct bpf_list_head head __contains(item, node);  //! special-field-contains
};
map m: hash<__u32, v>[1];
---
struct item { struct bpf_list_node node; __u64 x; };
struct v {
    struct bpf_spin_lock lock;
    __u32 pad;
    struct bpf_list_head head __attribute__((btf_decl_tag("contains:item")));  //! special-field-contains
};
map m: hash<__u32, v>[1];
---
struct item { struct bpf_list_node node; __u64 x; };
struct v {
    struct bpf_spin_lock lock;
    __u32 pad;
    struct bpf_list_head head __contains(item, node) __contains(item, node);  //! special-field-contains
};
map m: hash<__u32, v>[1];
---
struct item {
    struct bpf_list_node in_list;
    struct bpf_rb_node in_tree;  //! special-field-nodes
};
---
struct item {
    struct bpf_list_node in_list;
    struct bpf_rb_node in_tree;
    struct bpf_refcount refs;
    __u32 x;
};
---
struct leaf { struct bpf_list_node node; };
struct branch {
    struct bpf_list_node node;
    struct bpf_spin_lock lock;
    __u32 pad;
    struct bpf_list_head leaves __contains(leaf, node);
};
struct v {
    struct bpf_spin_lock lock;
    __u32 pad;
    struct bpf_list_head branches __contains(branch, node);
};
map m: hash<__u32, v>[1];
---
struct leaf { struct bpf_list_node node; };
struct twig {
    struct bpf_list_node node;
    struct bpf_spin_lock lock;
    __u32 pad;
    struct bpf_list_head leaves __contains(leaf, node);
};
struct branch {
    struct bpf_list_node node;
    struct bpf_spin_lock lock;
    __u32 pad;
    struct bpf_list_head twigs __contains(twig, node);  //! special-field-cycle
};
---
struct v { __u8 x; struct bpf_timer t; __u8 pad[7]; } __attribute__((packed));  //! special-field-alignment
map m: hash<__u32, v>[1];
---
struct v { struct bpf_spin_lock lock; __u32 a : 4, b : 28; };  //! special-field-bitfield
map m: hash<__u32, v>[1];
---
struct v { struct bpf_spin_lock lock; __u32 a : 8, b : 24; };
map m: hash<__u32, v>[1];
---
struct v { __u32 a : 4, b : 28; };
map m: hash<__u32, v>[1];
---
struct bits { __u32 a : 4, b : 28; };  //! special-field-bitfield
struct v { struct bpf_timer t; struct bits in; __u32 x; };
map m: hash<__u32, v>[1];
---
typedef struct bpf_spin_lock lock_t;
struct v { lock_t lock; };  //! special-field-hidden
map m: hash<__u32, v>[1];
---
struct v { const struct bpf_spin_lock lock; };  //! special-field-hidden
map m: hash<__u32, v>[1];
---
typedef struct { struct bpf_spin_lock lock; } inner_t;  //! special-field-hidden
struct v { inner_t inner; };
map m: hash<__u32, v>[1];
---
union u { struct bpf_spin_lock lock; __u32 x; };  //! special-field-hidden
struct v { union u u; };
map m: hash<__u32, v>[1];
---
union v { struct bpf_spin_lock lock; __u32 x; };
map m: hash<__u32, union v>[1];  //! special-field-hidden
---
struct v { struct bpf_spin_lock lock; __u32 x; };
map m: hash<__u32, v[2]>[1];  //! special-field-hidden
---
map m: hash<__u32, struct bpf_spin_lock>[1];  //! special-field-hidden
---
typedef struct { struct bpf_spin_lock lock; } v_t;
map m: hash<__u32, v_t>[1];
map n: hash<__u32, const v_t>[1];
---
struct task_struct;
struct v { struct task_struct __kptr *tasks[11]; };
map m: hash<__u32, v>[1];
---
struct task_struct;
struct v { struct task_struct __kptr *tasks[12]; };  //! special-field-count
map m: hash<__u32, v>[1];
---
target kernel >= 5.0;
struct v { struct bpf_spin_lock lock; };  //! special-field-version
map m: hash<__u32, v>[1];
---
target kernel >= 5.1;
struct v { struct bpf_spin_lock lock; };
map m: hash<__u32, v>[1];
---
target kernel >= 6.10;
struct inner { struct bpf_spin_lock lock; __u32 x; };  //! special-field-version
struct v { struct inner a; };
map m: hash<__u32, v>[1];
---
target kernel >= 6.11;
struct inner { struct bpf_spin_lock lock; __u32 x; };
struct v { struct inner a; };
map m: hash<__u32, v>[1];
---
target kernel >= 6.5;
struct item { struct bpf_list_node node; __u64 x; };  //! special-field-version
struct v {
    struct bpf_spin_lock lock;
    __u32 pad;
    struct bpf_list_head head __contains(item, node);
};
map m: hash<__u32, v>[1];
---
target kernel >= 6.1;
struct v { struct bpf_spin_lock lock; };
map n: array_of_maps<__u32, hash<__u32, v>[1]>[1];  //! special-field-version inner-map-types
---
target kernel >= 6.2;
struct v { struct bpf_spin_lock lock; };
map n: array_of_maps<__u32, hash<__u32, v>[1]>[1];
---
struct bpf_timer { __u64 x; };  //! duplicate-name
struct v { struct bpf_timer timer; };  //! special-field-size
map m: hash<__u32, v>[1];
---
struct locked { struct bpf_spin_lock lock; __u32 x; };  //! special-field-hidden
map m: hash<locked, __u64>[1];
map n: hash<__u32, locked>[1];
---
struct own { __u64 x; };
struct event { struct own __kptr *p; };  //! special-field-hidden
map m: ringbuf<event>[64 KiB];
---
struct inner { struct bpf_timer t; };  //! special-field-hidden
struct event { struct inner both[2]; };
map m: perf_event_array<event>;
---
map m: hash<struct bpf_spin_lock, __u64>[1];  //! special-field-hidden
---
struct own { struct bpf_list_node node; };
map m: ringbuf<own>[64 KiB];
---
target kernel >= 6.1;
struct prog_test_ref_kfunc;
struct v {
    struct bpf_spin_lock lock;
    __u32 pad;
    struct prog_test_ref_kfunc __kptr_ref *a, *b, *c, *d, *e, *f, *g, *h;
    struct bpf_timer timer;
};
map m: hash<__u32, v>[1];
---
// Aligned in its own struct, which stands in an odd place: Linux takes it.
struct inner { struct bpf_timer t; };  //! special-field-alignment
struct v { __u8 x; struct inner i; __u8 pad[7]; } __attribute__((packed));
map m: hash<__u32, v>[1];
