/// Streams of records: the types of the records are kept in the object's BTF.

enum event_kind : __u32 { EVENT_EXEC = 1, EVENT_EXIT, EVENT_OPEN = 16 };

struct event_header {
    enum event_kind kind;
    __u32 pid;
    __u64 when;
};

struct event {
    struct event_header header;
    char comm[TASK_COMM_LEN];
    union {
        struct { __s32 code; __u32 signal; } exit;
        char path[64];
    };
};

/// All events, in order.
map events: ringbuf<event>[1 MiB];

/// Records from user space. Pages have up to 64 KiB on some machines.
map commands: user_ringbuf<event_header>[64 KiB];

/// For kernels before 5.8.
map events_per_cpu: perf_event_array<event>;
