/// Linux 5.1, linux/bpf.h
struct bpf_spin_lock {
    __u32 val;
};

/// Linux 6.15, vmlinux
struct bpf_res_spin_lock {
    __u32 val;
};

/// Linux 5.15, linux/bpf.h
struct bpf_timer {
    __u64 __opaque[2];
} __attribute__((aligned(8)));

/// Linux 6.10, linux/bpf.h
struct bpf_wq {
    __u64 __opaque[2];
} __attribute__((aligned(8)));

/// Linux 6.18, linux/bpf.h
struct bpf_task_work {
    __u64 __opaque;
} __attribute__((aligned(8)));

/// Linux 5.19, linux/bpf.h
struct bpf_dynptr {
    __u64 __opaque[2];
} __attribute__((aligned(8)));

/// Linux 6.2, linux/bpf.h
struct bpf_list_head {
    __u64 __opaque[2];
} __attribute__((aligned(8)));

/// Linux 6.2, linux/bpf.h
struct bpf_list_node {
    __u64 __opaque[3];
} __attribute__((aligned(8)));

/// Linux 6.3, linux/bpf.h
struct bpf_rb_root {
    __u64 __opaque[2];
} __attribute__((aligned(8)));

/// Linux 6.3, linux/bpf.h
struct bpf_rb_node {
    __u64 __opaque[4];
} __attribute__((aligned(8)));

/// Linux 6.4, linux/bpf.h
struct bpf_refcount {
    __u32 __opaque[1];
} __attribute__((aligned(4)));

/// Linux 4.17, linux/bpf.h
struct bpf_stack_build_id {
    __s32 status;
    unsigned char build_id[20];
    union {
        __u64 offset;
        __u64 ip;
    };
};

/// Linux 5.8, linux/bpf.h
struct bpf_devmap_val {
    __u32 ifindex;
    union {
        int fd;
        __u32 id;
    } bpf_prog;
};

/// Linux 5.9, linux/bpf.h
struct bpf_cpumap_val {
    __u32 qsize;
    union {
        int fd;
        __u32 id;
    } bpf_prog;
};

/// Linux 4.11, linux/bpf.h
struct bpf_lpm_trie_key {
    __u32 prefixlen;
    __u8 data[0];
};

/// Linux 6.9, linux/bpf.h
struct bpf_lpm_trie_key_hdr {
    __u32 prefixlen;
};

/// Linux 6.9, linux/bpf.h
struct bpf_lpm_trie_key_u8 {
    union {
        struct bpf_lpm_trie_key_hdr hdr;
        __u32 prefixlen;
    };
    __u8 data[];
};

/// Linux 4.19, linux/bpf.h
struct bpf_cgroup_storage_key {
    __u64 cgroup_inode_id;
    __u32 attach_type;
};

/// Linux 4.20, linux/bpf.h
struct bpf_sock_tuple {
    union {
        struct {
            __be32 saddr;
            __be32 daddr;
            __be16 sport;
            __be16 dport;
        } ipv4;
        struct {
            __be32 saddr[4];
            __be32 daddr[4];
            __be16 sport;
            __be16 dport;
        } ipv6;
    };
};

/// Linux 4.15, linux/bpf.h
struct bpf_perf_event_value {
    __u64 counter;
    __u64 enabled;
    __u64 running;
};

/// Linux 6.19, linux/bpf.h
struct bpf_insn_array_value {
    __u32 orig_off;
    __u32 xlated_off;
    __u32 jitted_off;
    __u32 : 32;
};
