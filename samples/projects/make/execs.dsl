/// Who starts what.

import "task.dsl";

/// One record per exec.
struct exec {
    __u64 when;
    struct task who;
};

map execs: ringbuf<exec>[256 KiB];
map execs_by_uid: hash<__u32, __u64>[4096];
