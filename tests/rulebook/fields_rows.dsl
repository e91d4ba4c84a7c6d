target kernel >= 5.0;
struct v { struct bpf_spin_lock field; };  //! special-field-version
map m: hash<__u32, v>[1];
---
target kernel >= 5.1;
struct v { struct bpf_spin_lock field; };
map m: hash<__u32, v>[1];
---
target kernel >= 6.14;
struct v { struct bpf_res_spin_lock field; };  //! special-field-version
map m: hash<__u32, v>[1];
---
target kernel >= 6.15;
struct v { struct bpf_res_spin_lock field; };
map m: hash<__u32, v>[1];
---
target kernel >= 5.14;
struct v { struct bpf_timer field; };  //! special-field-version
map m: hash<__u32, v>[1];
---
target kernel >= 5.15;
struct v { struct bpf_timer field; };
map m: hash<__u32, v>[1];
---
target kernel >= 6.9;
struct v { struct bpf_wq field; };  //! special-field-version
map m: hash<__u32, v>[1];
---
target kernel >= 6.10;
struct v { struct bpf_wq field; };
map m: hash<__u32, v>[1];
---
target kernel >= 6.17;
struct v { struct bpf_task_work field; };  //! special-field-version
map m: hash<__u32, v>[1];
---
target kernel >= 6.18;
struct v { struct bpf_task_work field; };
map m: hash<__u32, v>[1];
---
target kernel >= 6.3;
struct v { struct bpf_refcount field; };  //! special-field-version
map m: hash<__u32, v>[1];
---
target kernel >= 6.4;
struct v { struct bpf_refcount field; };
map m: hash<__u32, v>[1];
---
target kernel >= 5.18;
struct own { __u64 x; };
struct v { struct own __kptr_ref *field; };  //! special-field-version
map m: hash<__u32, v>[1];
---
target kernel >= 5.19;
struct prog_test_ref_kfunc;
struct v { struct prog_test_ref_kfunc __kptr_ref *field; };
map m: hash<__u32, v>[1];
---
target kernel >= 6.6;
struct own { __u64 x; };
struct v { struct own __percpu_kptr *field; };  //! special-field-version
map m: hash<__u32, v>[1];
---
target kernel >= 6.7;
struct own { __u64 x; };
struct v { struct own __percpu_kptr *field; };
map m: hash<__u32, v>[1];
---
target kernel >= 6.12;
struct own { __u64 x; };
struct v { struct own __uptr *field; };  //! special-field-version
map m: task_storage<int, v>;
---
target kernel >= 6.13;
struct own { __u64 x; };
struct v { struct own __uptr *field; };
map m: task_storage<int, v>;
---
target kernel >= 6.4;
struct task_struct;
struct v { struct task_struct __kptr_untrusted *field; };
map m: hash<__u32, v>[1];
---
target kernel >= 6.5;
struct item { struct bpf_rb_node node; };  //! special-field-version
struct v {
    struct bpf_spin_lock lock;
    __u32 pad;
    struct bpf_rb_root root __contains(item, node);
};
map m: hash<__u32, v>[1];
---
target kernel >= 6.6;
struct item { struct bpf_rb_node node; };
struct v {
    struct bpf_spin_lock lock;
    __u32 pad;
    struct bpf_rb_root root __contains(item, node);
};
map m: hash<__u32, v>[1];
---
target kernel >= 6.1;
struct item { struct bpf_list_node node; };  //! special-field-version
struct v {
    struct bpf_spin_lock lock;
    __u32 pad;
    struct bpf_list_head head __contains(item, node);  //! special-field-version
};
map m: hash<__u32, v>[1];
---
target kernel >= 6.2;
struct item { struct bpf_list_node node; };  //! special-field-version
struct v {
    struct bpf_spin_lock lock;
    __u32 pad;
    struct bpf_list_head head __contains(item, node);
};
map m: hash<__u32, v>[1];
---
target kernel >= 6.2;
struct item { struct bpf_rb_node node; };  //! special-field-version
struct v {
    struct bpf_spin_lock lock;
    __u32 pad;
    struct bpf_rb_root root __contains(item, node);  //! special-field-version
};
map m: hash<__u32, v>[1];
---
target kernel >= 6.3;
struct item { struct bpf_rb_node node; };  //! special-field-version
struct v {
    struct bpf_spin_lock lock;
    __u32 pad;
    struct bpf_rb_root root __contains(item, node);
};
map m: hash<__u32, v>[1];
---
target kernel >= 6.1;
struct prog_test_ref_kfunc;
struct v {
    struct prog_test_ref_kfunc __kptr_ref *p0;
    struct prog_test_ref_kfunc __kptr_ref *p1;
    struct prog_test_ref_kfunc __kptr_ref *p2;
    struct prog_test_ref_kfunc __kptr_ref *p3;
    struct prog_test_ref_kfunc __kptr_ref *p4;
    struct prog_test_ref_kfunc __kptr_ref *p5;
    struct prog_test_ref_kfunc __kptr_ref *p6;
    struct prog_test_ref_kfunc __kptr_ref *p7;
};
map m: hash<__u32, v>[1];
---
target kernel >= 6.1;
struct prog_test_ref_kfunc;
struct v {
    struct prog_test_ref_kfunc __kptr_ref *p0;
    struct prog_test_ref_kfunc __kptr_ref *p1;
    struct prog_test_ref_kfunc __kptr_ref *p2;
    struct prog_test_ref_kfunc __kptr_ref *p3;
    struct prog_test_ref_kfunc __kptr_ref *p4;
    struct prog_test_ref_kfunc __kptr_ref *p5;
    struct prog_test_ref_kfunc __kptr_ref *p6;
    struct prog_test_ref_kfunc __kptr_ref *p7;
    struct prog_test_ref_kfunc __kptr_ref *p8;  //! special-field-count
};
map m: hash<__u32, v>[1];
---
target kernel >= 6.9;
struct own { __u64 x; };
struct v {
    struct own __kptr *p0;
    struct own __kptr *p1;
    struct own __kptr *p2;
    struct own __kptr *p3;
    struct own __kptr *p4;
    struct own __kptr *p5;
    struct own __kptr *p6;
    struct own __kptr *p7;
    struct own __kptr *p8;
    struct own __kptr *p9;
};
map m: hash<__u32, v>[1];
---
target kernel >= 6.9;
struct own { __u64 x; };
struct v {
    struct own __kptr *p0;
    struct own __kptr *p1;
    struct own __kptr *p2;
    struct own __kptr *p3;
    struct own __kptr *p4;
    struct own __kptr *p5;
    struct own __kptr *p6;
    struct own __kptr *p7;
    struct own __kptr *p8;
    struct own __kptr *p9;
    struct own __kptr *p10;  //! special-field-count
};
map m: hash<__u32, v>[1];
---
target kernel >= 6.10;
struct own { __u64 x; };
struct v {
    struct own __kptr *p0;
    struct own __kptr *p1;
    struct own __kptr *p2;
    struct own __kptr *p3;
    struct own __kptr *p4;
    struct own __kptr *p5;
    struct own __kptr *p6;
    struct own __kptr *p7;
    struct own __kptr *p8;
    struct own __kptr *p9;
    struct own __kptr *p10;
};
map m: hash<__u32, v>[1];
---
target kernel >= 6.10;
struct own { __u64 x; };
struct v {
    struct own __kptr *p0;
    struct own __kptr *p1;
    struct own __kptr *p2;
    struct own __kptr *p3;
    struct own __kptr *p4;
    struct own __kptr *p5;
    struct own __kptr *p6;
    struct own __kptr *p7;
    struct own __kptr *p8;
    struct own __kptr *p9;
    struct own __kptr *p10;
    struct own __kptr *p11;  //! special-field-count
};
map m: hash<__u32, v>[1];
---
struct v {
    __u8 before[4];
    struct bpf_spin_lock field;
} __packed;
map m: hash<__u32, v>[1];
---
struct v {
    __u8 before[2];
    struct bpf_spin_lock field;  //! special-field-alignment
} __packed;
map m: hash<__u32, v>[1];
---
struct v {
    __u8 before[4];
    struct bpf_res_spin_lock field;
} __packed;
map m: hash<__u32, v>[1];
---
struct v {
    __u8 before[2];
    struct bpf_res_spin_lock field;  //! special-field-alignment
} __packed;
map m: hash<__u32, v>[1];
---
struct v {
    __u8 before[4];
    struct bpf_refcount field;
} __packed;
map m: hash<__u32, v>[1];
---
struct v {
    __u8 before[2];
    struct bpf_refcount field;  //! special-field-alignment
} __packed;
map m: hash<__u32, v>[1];
---
struct v {
    __u8 before[8];
    struct bpf_timer field;
} __packed;
map m: hash<__u32, v>[1];
---
struct v {
    __u8 before[4];
    struct bpf_timer field;  //! special-field-alignment
} __packed;
map m: hash<__u32, v>[1];
---
struct v {
    __u8 before[8];
    struct bpf_wq field;
} __packed;
map m: hash<__u32, v>[1];
---
struct v {
    __u8 before[4];
    struct bpf_wq field;  //! special-field-alignment
} __packed;
map m: hash<__u32, v>[1];
---
struct v {
    __u8 before[8];
    struct bpf_task_work field;
} __packed;
map m: hash<__u32, v>[1];
---
struct v {
    __u8 before[4];
    struct bpf_task_work field;  //! special-field-alignment
} __packed;
map m: hash<__u32, v>[1];
---
struct own { __u64 x; };
struct v {
    __u8 before[4];
    struct own __kptr *field;  //! special-field-alignment
} __packed;
map m: hash<__u32, v>[1];
---
struct own { __u64 x; };
struct v {
    __u8 before[8];
    struct own __kptr *field;
} __packed;
map m: hash<__u32, v>[1];
---
struct own { __u64 x; };
struct v {
    __u8 before[4];
    struct own __kptr_untrusted *field;  //! special-field-alignment
} __packed;
map m: hash<__u32, v>[1];
---
struct own { __u64 x; };
struct v {
    __u8 before[8];
    struct own __kptr_untrusted *field;
} __packed;
map m: hash<__u32, v>[1];
---
struct own { __u64 x; };
struct v {
    __u8 before[4];
    struct own __percpu_kptr *field;  //! special-field-alignment
} __packed;
map m: hash<__u32, v>[1];
---
struct own { __u64 x; };
struct v {
    __u8 before[8];
    struct own __percpu_kptr *field;
} __packed;
map m: hash<__u32, v>[1];
---
struct own { __u64 x; };
struct v {
    __u8 before[4];
    struct own __uptr *field;  //! special-field-alignment
} __packed;
map m: task_storage<int, v>;
---
struct item { struct bpf_list_node node; };
struct v {
    struct bpf_spin_lock lock;
    struct bpf_list_head root __contains(item, node);  //! special-field-alignment
} __packed;
map m: hash<__u32, v>[1];
---
struct item { struct bpf_rb_node node; };
struct v {
    struct bpf_spin_lock lock;
    struct bpf_rb_root root __contains(item, node);  //! special-field-alignment
} __packed;
map m: hash<__u32, v>[1];
---
target kernel >= 6.4;
struct task_struct;
struct v { struct task_struct __kptr *field; };
map m: hash<__u32, v>[1];
---
target kernel >= 6.4;
struct cgroup;
struct v { struct cgroup __kptr *field; };
map m: hash<__u32, v>[1];
---
target kernel >= 6.4;
struct bpf_cpumask;
struct v { struct bpf_cpumask __kptr *field; };
map m: hash<__u32, v>[1];
---
target kernel >= 6.4;
struct prog_test_ref_kfunc;
struct v { struct prog_test_ref_kfunc __kptr *field; };
map m: hash<__u32, v>[1];
---
target kernel >= 6.4;
struct prog_test_member;
struct v { struct prog_test_member __kptr *field; };
map m: hash<__u32, v>[1];
---
target kernel >= 6.9;
struct bpf_crypto_ctx;
struct v { struct bpf_crypto_ctx __kptr *field; };  //! kptr-destructor
map m: hash<__u32, v>[1];
---
target kernel >= 6.10;
struct bpf_crypto_ctx;
struct v { struct bpf_crypto_ctx __kptr *field; };
map m: hash<__u32, v>[1];
---
target kernel >= 7.2;
struct sk_buff;
struct v { struct sk_buff __kptr *field; };  //! kptr-destructor
map m: hash<__u32, v>[1];
---
target kernel >= 7.2;
struct file;
struct v { struct file __kptr *field; };  //! kptr-destructor
map m: hash<__u32, v>[1];
---
struct object { struct bpf_spin_lock a, b; };  //! special-field-twice
---
struct object { struct bpf_refcount a, b; };  //! special-field-twice
---
struct object { struct bpf_timer a, b; };
---
struct object { struct bpf_list_head head; struct bpf_spin_lock lock; };  //! special-field-contains
---
struct object { struct bpf_rb_root root; struct bpf_spin_lock lock; };  //! special-field-contains
---
struct own { __u64 x; };
struct object { struct own __kptr *p; __u32 a : 4, b : 28; };  //! special-field-bitfield
---
struct own { __u64 x; };
struct object { struct own __kptr_untrusted *p; __u32 a : 4, b : 28; };  //! special-field-bitfield
---
struct own { __u64 x; };
struct object { struct own __percpu_kptr *p; __u32 a : 4, b : 28; };  //! special-field-bitfield
---
struct own { __u64 x; };
struct object { struct own __uptr *p; __u32 a : 4, b : 28; };
---
target kernel >= 5.18;
struct own { __u64 x; };
struct v { struct own __kptr_untrusted *p; };  //! special-field-version
map m: hash<__u32, v>[1];
---
target kernel >= 5.19;
struct own { __u64 x; };
struct v { struct own __kptr_untrusted *p; };  //! kptr-tag
map m: hash<__u32, v>[1];
---
target kernel >= 6.6;
struct item { struct bpf_list_node node; };
struct v {
    struct bpf_spin_lock lock;
    __u32 pad;
    struct bpf_list_head heads[3] __contains(item, node);  //! special-field-version
};
map m: hash<__u32, v>[1];
---
struct in_list { struct bpf_list_node node; };
struct in_tree { struct bpf_rb_node node; };
struct v {
    struct bpf_spin_lock lock;
    __u32 pad;
    struct bpf_list_head heads[3] __contains(in_list, node);
    struct bpf_rb_root roots[3] __contains(in_tree, node);
};
map m: hash<__u32, v>[1];
---
struct own { __u64 x; };
struct v {
    struct own __kptr *a[3];
    struct own __kptr_untrusted *b[3];
    struct own __percpu_kptr *c[3];
};
map m: hash<__u32, v>[1];
---
struct own { __u64 x; };
struct v { __u64 x; struct own __uptr *p[3]; };
map m: task_storage<int, v>;
---
target kernel >= 6.3;
struct prog_test_ref_kfunc;
struct v { struct prog_test_ref_kfunc __kptr_ref *p; };
map a: hash<__u32, v>[1];
map b: lru_hash<__u32, v>[1];  //! lru-batches
map c: array<__u32, v>[1];
map d: percpu_array<__u32, v>[1];
map e: percpu_hash<__u32, v>[1];  //! special-field-version
map f: lru_percpu_hash<__u32, v>[1];  //! special-field-version lru-batches
map g: sk_storage<int, v>;  //! special-field-version
map h: inode_storage<int, v>;  //! special-field-version
map i: task_storage<int, v>;  //! special-field-version
map j: cgrp_storage<int, v>;  //! special-field-version
---
target kernel >= 6.4;
struct own { __u64 x; };
struct v { struct own __kptr *p; };
map e: percpu_hash<__u32, v>[1];
map f: lru_percpu_hash<__u32, v>[1];  //! lru-batches
map g: sk_storage<int, v>;
map h: inode_storage<int, v>;
map i: task_storage<int, v>;
map j: cgrp_storage<int, v>;
---
struct a { struct bpf_wq f; __u32 a : 4, b : 28; __u32 pad; };
struct b { struct bpf_timer f; __u32 a : 4, b : 28; __u32 pad; };
struct c { struct bpf_task_work f; __u32 a : 4, b : 28; __u32 pad; };
struct d { struct bpf_res_spin_lock f; __u32 a : 4, b : 28; };
---
struct v { struct bpf_spin_lock f; __u32 pad; };
struct w { struct bpf_res_spin_lock f; __u32 pad; };
struct x { struct bpf_refcount f; __u32 pad; };
map a: stack_trace<__u32, v>[1];  //! special-field-kind
map b: stack_trace<__u32, w>[1];  //! special-field-kind
map c: stack_trace<__u32, x>[1];  //! special-field-kind
