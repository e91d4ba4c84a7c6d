struct entry { __u64 seen; struct bpf_timer expire; };
map a: hash[1024] { key_size = 4; value_size = sizeof(struct entry); };  //! special-field-untyped
map b: hash[1024] { key_size = sizeof(__u32); value_size = 2 * sizeof(struct entry); };  //! special-field-untyped
map c: hash[1024] { key = __u32; value_size = sizeof(struct entry); };  //! half-typed-map special-field-untyped
map d: hash[1024] { key_size = 4; value = struct entry; };  //! half-typed-map special-field-untyped
map e: hash<__u32, struct entry>[1024];
map f: hash[1024] { key_size = 4; value_size = 24; };
map g: hash[1024] { key_size = 4; value_size = runtime; };
map h: hash[1024] { key_size = 4; value_size = sizeof(struct entry *); };
map i: percpu_array[16] { key_size = 4; value_size = sizeof(struct entry); };  //! special-field-untyped
map j: queue[16] { value_size = sizeof(struct entry); };  //! special-field-untyped
map k: lru_hash[16] { key_size = sizeof(struct entry); value_size = 8; };  //! special-field-hidden
map l: array[16] { key_size = 4; value_size = sizeof(struct bpf_timer) + 8; };  //! special-field-untyped
legacy map m: hash[16] { key_size = 4; value_size = sizeof(struct entry); };  //! special-field-untyped
---
// Through a typedef, an array, a member, a constant, an enumerator, a constant of a constant.
struct entry { __u64 seen; struct bpf_timer expire; };
struct holder { struct entry inner[2]; };
typedef struct entry entry_t;
const ENTRY = sizeof(struct entry);
const ROUNDED = (ENTRY + 7) / 8 * 8;
enum { ENTRIES = 4 * ROUNDED };
map a: array[1] { key_size = 4; value_size = sizeof(entry_t); };  //! special-field-untyped
map b: array[1] { key_size = 4; value_size = sizeof(struct entry[4]); };  //! special-field-untyped
map c: array[1] { key_size = 4; value_size = sizeof(struct holder); };  //! special-field-untyped
map d: array[1] { key_size = 4; value_size = ENTRY; };  //! special-field-untyped
map e: array[1] { key_size = 4; value_size = ROUNDED; };  //! special-field-untyped
map f: array[1] { key_size = 4; value_size = ENTRIES; };  //! special-field-untyped
---
// Each kind of field once; a lock and a timer are two.
struct task_struct;
struct v {
    struct bpf_spin_lock lock;
    struct bpf_refcount count;
    struct bpf_timer timer;
    struct bpf_wq work;
    struct task_struct __kptr *first, *second;
};
map a: array[1] { key_size = 4; value_size = sizeof(struct v); };  //! special-field-untyped special-field-untyped special-field-untyped special-field-untyped special-field-untyped
---
struct v { struct bpf_spin_lock lock; __u32 count; };
template counters: hash[8] { key_size = 4; value_size = sizeof(struct v); };  //! special-field-untyped
map a: counters;
map b: array_of_maps<__u32, hash[8] { key_size = 4; value_size = sizeof(struct v); }>[2];  //! special-field-untyped
---
struct v { struct bpf_spin_lock lock; __u32 count; };
template half: hash[8] { value = struct v; };
map a: half { key = __u32; };
map b: half { key_size = 4; };  //! half-typed-map special-field-untyped
---
struct v { struct bpf_spin_lock lock; __u32 count; };
map a: task_storage { key_size = 4; value_size = sizeof(struct v); };  //! map-types-required map-types-required
---
struct v { struct bpf_spin_lock lock; __u32 count; };
// bpfgen: allow special-field-untyped because no program takes the lock
map a: hash[8] { key_size = 4; value_size = sizeof(struct v); };
