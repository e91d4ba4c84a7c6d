struct v { struct bpf_list_node n; __u32 a : 4, b : 28; };  //! special-field-bitfield value-padding
map m: hash<__u32, v>[4];
---
struct v { struct bpf_rb_node n; __u32 a : 4, b : 28; };  //! special-field-bitfield value-padding
map m: hash<__u32, v>[4];
---
struct v { struct bpf_list_node n; __u32 a : 8, b : 24; };  //! value-padding
map m: hash<__u32, v>[4];
---
struct v { struct bpf_list_node n[1]; __u32 a : 4, b : 28; };  //! value-padding
map m: hash<__u32, v>[4];
---
struct v { struct bpf_rb_node n; __u32 a : 4, b : 28; };  //! special-field-bitfield value-padding
map m: queue<v>[4];
---
struct v { struct bpf_rb_node n; __u32 a : 4, b : 28; };  //! special-field-bitfield value-padding
map m: sk_storage<int, v>;
---
struct z { __u32 a : 4, b : 4; };  //! special-field-bitfield value-padding
struct v { struct bpf_rb_node n; struct z z; };  //! value-padding
map m: hash<__u32, v>[4];
---
struct v { int a; struct bpf_list_node n; } __attribute__((packed));  //! special-field-alignment
map m: hash<__u32, v>[4];
---
struct v { __u64 a; struct bpf_list_node n; } __attribute__((packed));
map m: hash<__u32, v>[4];
---
struct v { struct bpf_list_node n; struct bpf_rb_node r; };  //! special-field-nodes
map m: hash<__u32, v>[4];
---
struct v { struct { struct bpf_list_node n; } a; struct { struct bpf_rb_node r; } b; };
map m: hash<__u32, v>[4];
---
struct n { struct bpf_rb_node a; struct bpf_rb_node b[2]; };  //! special-field-nodes
struct v { struct bpf_rb_root r __contains(n, a); struct bpf_spin_lock l; };  //! value-padding
map m: hash<__u32, v>[4];
---
struct n { struct bpf_rb_node a; struct bpf_rb_node b[1]; };
struct v { struct bpf_rb_root r __contains(n, a); struct bpf_spin_lock l; };  //! value-padding
map m: hash<__u32, v>[4];
---
struct v { struct bpf_refcount r; struct bpf_rb_node x[2]; };  //! special-field-nodes value-padding
map m: hash<__u32, v>[4];
---
struct v { int r; struct bpf_rb_node x[2]; };  //! value-padding
map m: hash<__u32, v>[4];
---
struct i { struct bpf_rb_node n; };  //! special-field-nodes
struct k { struct bpf_rb_node n; struct i z[2]; };
map m: hash<k, __u32>[4];
---
struct i { struct bpf_rb_node n; };
struct k { struct bpf_rb_node n; struct i z; };
map m: hash<k, __u32>[4];
---
struct n { struct bpf_rb_node a; struct bpf_rb_node b[2]; };  //! special-field-nodes
struct v { struct n __kptr *p; };
map m: hash<__u32, v>[4];
---
typedef struct { struct bpf_spin_lock lock; __u32 a : 4, b : 4; } state_t;  //! special-field-bitfield
struct v { state_t *s; };  //! pointer-in-value
map m: hash<__u32, v>[4];
---
typedef struct { struct bpf_spin_lock lock; __u32 a : 8, b : 8; } state_t;
struct v { state_t *s; };  //! pointer-in-value
map m: hash<__u32, v>[4];
---
typedef struct { struct bpf_spin_lock lock; __u32 a : 4, b : 4; } state_t;  //! special-field-bitfield special-field-hidden
map m: hash<state_t, __u32>[4];  //! key-padding
---
typedef struct { struct bpf_spin_lock lock; __u32 a : 8, b : 8; } state_t;  //! special-field-hidden
map m: hash<state_t, __u32>[4];  //! key-padding
---
struct v { struct { struct bpf_spin_lock l, k; } *p; };  //! pointer-in-value special-field-twice
map m: hash<__u32, v>[4];
---
struct v { struct { struct bpf_spin_lock l; struct bpf_res_spin_lock k; } *p; };  //! pointer-in-value special-field-locks
map m: hash<__u32, v>[4];
---
struct v { struct { char c; struct bpf_spin_lock l; } __attribute__((packed)) *p; };  //! pointer-in-value special-field-alignment
map m: hash<__u32, v>[4];
---
struct v { struct { struct bpf_list_head h; } *p; };  //! pointer-in-value special-field-contains special-field-lock
map m: hash<__u32, v>[4];
---
struct v { int (*f)(struct { struct bpf_spin_lock l, k; } *p); };  //! pointer-in-value special-field-twice
map m: hash<__u32, v>[4];
---
struct k { struct { struct bpf_rb_node n; struct bpf_list_node m; } z; __u64 x; };  //! special-field-nodes
map m: hash<k, __u32>[4];
---
struct k { struct { struct bpf_rb_node n; struct bpf_list_node m; struct bpf_refcount r; int x; } z; };  //! special-field-hidden
map m: hash<k, __u32>[4];
---
// Only its name gets into BTF.
struct state_of { struct bpf_spin_lock lock; __u32 a : 4, b : 4; };
struct v { struct state_of *s; };  //! pointer-in-value
map m: hash<__u32, v>[4];
---
struct state_of { struct bpf_spin_lock lock; struct bpf_res_spin_lock k; };
struct v { struct state_of *s; };  //! pointer-in-value
map m: hash<__u32, v>[4];
---
struct state_of { struct bpf_spin_lock lock; __u32 a : 4, b : 4; };
struct v { struct state_of *s; struct state_of *t; };  //! pointer-in-value pointer-in-value
map m: hash<__u32, v>[4];
---
// From the second pointer to a typedef on, in an array or a function, clang writes it whole.
struct state_of { struct bpf_spin_lock lock; __u32 a : 4, b : 4; };  //! special-field-bitfield
typedef struct state_of st;
struct v { st *s; st *t; };  //! pointer-in-value pointer-in-value
map m: hash<__u32, v>[4];
---
struct state_of { struct bpf_spin_lock lock; __u32 a : 4, b : 4; };  //! special-field-bitfield
struct v { struct state_of *s[3]; };  //! pointer-in-value
map m: hash<__u32, v>[4];
---
struct state_of { struct bpf_spin_lock lock; __u32 a : 4, b : 4; };  //! special-field-bitfield
struct v { int (*f)(struct state_of *s); };  //! pointer-in-value
map m: hash<__u32, v>[4];
---
struct state_of { struct bpf_spin_lock lock; __u32 a : 4, b : 4; };  //! special-field-bitfield
struct v { struct state_of *s; };  //! pointer-in-value
map m: hash<__u32, v>[4];
map o: hash<__u32, struct state_of *>[4];  //! pointer-in-value
---
struct own { int x; };
struct v { struct own __kptr *p[2]; __u32 a : 4, b : 28; };  //! special-field-bitfield value-padding
map m: hash<__u32, v>[4];
---
struct n { struct bpf_list_node n; };
struct v { struct bpf_list_head m[2] __contains(n, n); };  //! special-field-lock
map m: hash<__u32, v>[4];
---
struct v { struct bpf_refcount m[2]; };  //! special-field-twice
map m: hash<__u32, v>[4];
---
// What a list behind a pointer holds is written as well.
struct item { struct bpf_list_node node; __u64 x; };
struct v { struct { struct bpf_list_head h __contains(item, node); struct bpf_spin_lock l; } *p; };  //! pointer-in-value
map m: hash<__u32, v>[1];
---
struct item { struct bpf_list_node node; __u64 x; };
struct v { int (*f)(struct { struct bpf_list_head h __contains(item, node); struct bpf_spin_lock l; } *p); };  //! pointer-in-value
map m: hash<__u32, v>[1];
---
struct item { struct bpf_list_node node; __u64 x; };
struct q { struct bpf_list_head h __contains(item, node); struct bpf_spin_lock l; };
struct v { struct q *p[2]; };  //! pointer-in-value
map m: hash<__u32, v>[1];
---
struct own { int x; };
struct v { struct { struct own __kptr *o; struct bpf_spin_lock l; } *p; };  //! pointer-in-value
map m: hash<__u32, v>[1];
---
// The kernel sees nothing of what isn't aligned.
struct item { struct bpf_list_node node; __u64 x; };
struct k { struct bpf_list_node n; __u8 c; struct bpf_res_spin_lock l; } __attribute__((packed));  //! special-field-alignment special-field-hidden
map m: hash<k, __u32>[1];
---
struct item { struct bpf_list_node node; __u64 x; };
struct k { struct bpf_list_node n; __u8 c; struct bpf_list_head l; } __attribute__((packed));  //! special-field-alignment special-field-hidden
map m: hash<k, __u32>[1];
---
struct task_struct;
struct v { struct task_struct __kptr *p; __u32 a : 4, b : 28; };  //! special-field-bitfield value-padding
map m: hash<__u32, v>[4];
---
struct own { int x; };
struct v { struct own __kptr *p; __u32 a : 4, b : 28; };  //! special-field-bitfield value-padding
map m: hash<__u32, v>[4];
---
struct v { struct later __kptr *p; __u32 a : 4, b : 28; };  //! special-field-bitfield value-padding
struct later { int x; };
map m: hash<__u32, v>[4];
