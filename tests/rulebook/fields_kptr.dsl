struct task_struct;
struct own { __u64 x; };
struct v {
    struct task_struct __kptr *task;
    struct task_struct __kptr_untrusted *hint;
    struct own __kptr *mine;
    struct own __percpu_kptr *each;
    struct own __kptr *volatile changing;
    const struct own __kptr *fixed;
    struct own __kptr *many[2];
};
map m: hash<__u32, v>[1];
map l: lru_hash<__u32, v>[1];
map p: percpu_array<__u32, v>[1];
map s: sk_storage<int, v>;
map q: queue<v>[1];  //! special-field-kind special-field-kind special-field-kind
---
struct v { int __kptr *p; };  //! kptr-target
map m: hash<__u32, v>[1];
---
struct v { void __kptr *p; };  //! kptr-target
map m: hash<__u32, v>[1];
---
union u { int x; };
struct v { union u __kptr *p; };  //! kptr-target
map m: hash<__u32, v>[1];
---
struct own { __u64 x; };
typedef struct own own_t;
struct v { own_t __kptr *p; };
map m: hash<__u32, v>[1];
---
struct own { __u64 x; };
typedef struct own __kptr *own_p;
struct v { own_p p; };  //! special-field-hidden
map m: hash<__u32, v>[1];
---
struct own { __u64 x; };
struct v { struct own __kptr *const p; };  //! special-field-hidden
map m: hash<__u32, v>[1];
---
struct own { __u64 x; };
map m: hash<__u32, struct own __kptr *>[1];  //! special-field-hidden
---
struct own { __u64 x; };
struct v { struct own __kptr __attribute__((btf_type_tag("user"))) *p; };  //! kptr-tag
map m: hash<__u32, v>[1];
---
struct own { __u64 x; };
struct v { struct bpf_spin_lock lock; __u32 pad; const char __attribute__((btf_type_tag("user"))) *p; };  //! kptr-tag
map m: hash<__u32, v>[1];
---
struct v { const char __attribute__((btf_type_tag("user"))) *p; };
map m: hash<__u32, v>[1];
---
struct own { __u64 x; };
struct v { struct own __kptr_ref *p; };  //! kptr-tag
map m: hash<__u32, v>[1];
---
target kernel >= 6.3;
struct task_struct;
struct v { struct task_struct __kptr_ref *p; };
map m: hash<__u32, v>[1];
---
target kernel >= 6.3;
struct task_struct;
struct v { struct task_struct __kptr *p; };  //! kptr-meaning
map m: hash<__u32, v>[1];
---
target kernel >= 6.3;
struct task_struct;
struct v { struct task_struct __kptr_untrusted *p; };  //! kptr-tag
map m: hash<__u32, v>[1];
---
target kernel >= 5.18;
struct task_struct;
struct v { struct task_struct __kptr *p; };  //! special-field-version
map m: hash<__u32, v>[1];
---
target kernel >= 6.3;
struct task_struct;
struct v { struct task_struct __kptr_ref *p; };
map m: percpu_hash<__u32, v>[1];  //! special-field-version
map n: sk_storage<int, v>;  //! special-field-version
map o: percpu_array<__u32, v>[1];
---
target kernel >= 6.6;
struct own { __u64 x; };
struct v { struct own __percpu_kptr *p; };  //! special-field-version
map m: hash<__u32, v>[1];
---
struct sk_buff_head;
struct v { struct sk_buff_head __kptr *p; };  //! kptr-destructor
map m: hash<__u32, v>[1];
---
struct sk_buff_head;
struct v { struct sk_buff_head __kptr_untrusted *p; };
map m: hash<__u32, v>[1];
---
target kernel >= 6.9;
struct bpf_crypto_ctx;
struct v { struct bpf_crypto_ctx __kptr *p; };  //! kptr-destructor
map m: hash<__u32, v>[1];
---
struct own { __u64 x; };
struct v { struct own __uptr *p; };
map m: task_storage<int, v>;
map n: hash<__u32, v>[1];  //! special-field-kind
---
struct own { __u8 x[4096]; };
struct v { struct own __uptr *p; };
map m: task_storage<int, v>;
---
struct own { __u8 x[4097]; };
struct v { struct own __uptr *p; };  //! kptr-target
map m: task_storage<int, v>;
---
struct own {};
struct v { struct own __uptr *p; };  //! kptr-target
map m: task_storage<int, v>;
---
struct task_struct;
struct v { struct task_struct __uptr *p; };  //! kptr-target
map m: task_storage<int, v>;
---
struct task_struct { int pid; };  //! vmlinux-clash
struct v { struct task_struct __uptr *p; };  //! kptr-target
map m: task_storage<int, v>;
---
target kernel >= 6.3;
struct own { __u64 x; };
struct v { struct own __kptr *a; struct own __kptr_ref *b; };  //! kptr-meaning special-field-version special-field-version
map m: hash<__u32, v>[1];
---
target kernel >= 6.4;
struct own { __u64 x; };
struct v { struct own __kptr *a; struct own __kptr_untrusted *b; };
map m: hash<__u32, v>[1];
---
target kernel >= 6.1;
struct task_struct;
struct v { struct task_struct __kptr_ref *p; };  //! kptr-destructor
map m: hash<__u32, v>[1];
---
target kernel >= 6.2;
struct task_struct;
struct cgroup;
struct v { struct task_struct __kptr_ref *p; struct cgroup __kptr_ref *q; };
map m: hash<__u32, v>[1];
---
target kernel >= 6.2;
struct bpf_cpumask;
struct v { struct bpf_cpumask __kptr_ref *p; };  //! kptr-destructor
map m: hash<__u32, v>[1];
---
target kernel >= 6.3;
struct bpf_cpumask;
struct v { struct bpf_cpumask __kptr_ref *p; };
map m: hash<__u32, v>[1];
---
target kernel >= 6.1;
struct cgroup;
struct prog_test_member;
struct v { struct prog_test_member __kptr_ref *p; struct cgroup __kptr_ref *q; };  //! kptr-destructor
map m: hash<__u32, v>[1];
---
target kernel >= 5.19;
struct prog_test_member;
struct prog_test_ref_kfunc;
struct v { struct prog_test_member __kptr_ref *p; };  //! kptr-destructor
struct w { struct prog_test_ref_kfunc __kptr_ref *p; };
map m: hash<__u32, v>[1];
map n: hash<__u32, w>[1];
---
target kernel >= 6.0;
struct prog_test_member;
struct v { struct prog_test_member __kptr_ref *p; };
map m: hash<__u32, v>[1];
---
target kernel >= 6.9;
struct bpf_crypto_ctx;
struct v { struct bpf_crypto_ctx __kptr *p; };  //! kptr-destructor
map m: hash<__u32, v>[1];
---
target kernel >= 6.10;
struct bpf_crypto_ctx;
struct v { struct bpf_crypto_ctx __kptr *p; };
map m: hash<__u32, v>[1];
