/// Members that the kernel itself looks after: locks, timers, lists, trees, kernel pointers.

struct task_struct;
struct cgroup;

struct list_item {
    struct bpf_list_node node;
    struct bpf_refcount refs;
    __u64 payload;
};

struct tree_item {
    struct bpf_rb_node node;
    __u64 key;
};

struct locked_list {
    struct bpf_spin_lock lock;
    __u32 length;
    struct bpf_list_head head __contains(list_item, node);
};

struct locked_tree {
    struct bpf_spin_lock lock;
    __u32 count;
    struct bpf_rb_root root __contains(tree_item, node);
};

struct with_timer {
    struct bpf_timer timer;
    __u64 deadline;
};

struct with_work {
    struct bpf_wq work;
    __u64 runs;
};

struct with_kptrs {
    struct task_struct __kptr *task;
    struct cgroup __kptr_untrusted *cgroup;
};

map lists: array<__u32, locked_list>[4];
map trees: array<__u32, locked_tree>[4];
map timers: hash<__u32, with_timer>[64];
map works: hash<__u32, with_work>[64];
map references: hash<__u32, with_kptrs>[64];
