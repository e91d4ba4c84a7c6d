/// Linux 4.8, linux/perf_event.h
const PERF_MAX_STACK_DEPTH = 127;

/// Linux 4.8, linux/perf_event.h
const PERF_MAX_CONTEXTS_PER_STACK = 8;

/// Linux 4.15, linux/bpf.h
const BPF_OBJ_NAME_LEN = 16U;

/// Linux 4.17, linux/bpf.h
const BPF_BUILD_ID_SIZE = 20;

/// Linux 4.13, linux/bpf.h
const BPF_TAG_SIZE = 8;

/// Linux 5.8, linux/bpf.h
enum { BPF_RINGBUF_HDR_SZ = 8 };

/// Linux 5.17, vmlinux
enum { TASK_COMM_LEN = 16 };

/// Linux 2.6, linux/if_ether.h
const ETH_ALEN = 6;

/// Linux 2.6, linux/if.h
const IFNAMSIZ = 16;

/// Linux 2.6, linux/limits.h
const NAME_MAX = 255;

/// Linux 2.6, linux/limits.h
const PATH_MAX = 4096;
