/// System calls of chosen processes: an agent writes which, the program counts and reports them.

import "task.dsl";

const MAX_RULES = 64;

enum action : __u8 { COUNT, REPORT };

/// One system call of one process.
struct call_key {
    __u32 pid;
    __u16 number;
} __attribute__((packed));

/// What is done about it.
struct rule {
    enum action action;
    __u8 urgent : 1;
    __u8 level : 7;
    __be16 label;  // the agent's own, in network order
};

struct count {
    __u64 calls;
    __u64 last;  // when, in ns since boot
};

/// One record per reported call.
struct call {
    __u64 when;
    struct task who;
    struct call_key key;
    struct rule rule;
    __u8 pad[2];
    __u32 cpu;
};

map rules: hash<call_key, rule>[MAX_RULES] { pinning = by_name; };
map counts: percpu_hash<call_key, count>[MAX_RULES] { pinning = by_name; };
map calls: ringbuf<call>[64 KiB] { pinning = by_name; };
