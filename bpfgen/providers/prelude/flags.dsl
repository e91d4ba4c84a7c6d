/// Linux 4.6, linux/bpf.h
enum { BPF_F_NO_PREALLOC = 1U << 0 };

/// Linux 4.10, linux/bpf.h
enum { BPF_F_NO_COMMON_LRU = 1U << 1 };

/// Linux 4.14, linux/bpf.h
enum { BPF_F_NUMA_NODE = 1U << 2 };

/// Linux 4.15, linux/bpf.h
enum { BPF_F_RDONLY = 1U << 3 };

/// Linux 4.15, linux/bpf.h
enum { BPF_F_WRONLY = 1U << 4 };

/// Linux 4.17, linux/bpf.h
enum { BPF_F_STACK_BUILD_ID = 1U << 5 };

/// Linux 5.0, linux/bpf.h
enum { BPF_F_ZERO_SEED = 1U << 6 };

/// Linux 5.2, linux/bpf.h
enum { BPF_F_RDONLY_PROG = 1U << 7 };

/// Linux 5.2, linux/bpf.h
enum { BPF_F_WRONLY_PROG = 1U << 8 };

/// Linux 5.4, linux/bpf.h
enum { BPF_F_CLONE = 1U << 9 };

/// Linux 5.5, linux/bpf.h
enum { BPF_F_MMAPABLE = 1U << 10 };

/// Linux 5.10, linux/bpf.h
enum { BPF_F_PRESERVE_ELEMS = 1U << 11 };

/// Linux 5.10, linux/bpf.h
enum { BPF_F_INNER_MAP = 1U << 12 };

/// Linux 6.4, linux/bpf.h
enum { BPF_F_LINK = 1U << 13 };

/// Linux 6.5, linux/bpf.h
enum { BPF_F_PATH_FD = 1U << 14 };

/// Linux 6.9, linux/bpf.h
enum { BPF_F_VTYPE_BTF_OBJ_FD = 1U << 15 };

/// Linux 6.9, linux/bpf.h
enum { BPF_F_TOKEN_FD = 1U << 16 };

/// Linux 6.9, linux/bpf.h
enum { BPF_F_SEGV_ON_FAULT = 1U << 17 };

/// Linux 6.9, linux/bpf.h
enum { BPF_F_NO_USER_CONV = 1U << 18 };

/// Linux 6.19, linux/bpf.h
enum { BPF_F_RB_OVERWRITE = 1U << 19 };

/// Linux 3.19, linux/bpf.h
enum { BPF_ANY = 0 };

/// Linux 3.19, linux/bpf.h
enum { BPF_NOEXIST = 1 };

/// Linux 3.19, linux/bpf.h
enum { BPF_EXIST = 2 };

/// Linux 5.1, linux/bpf.h
enum { BPF_F_LOCK = 4 };
