"""The kinds of programs and of links, by their numbers, with libbpf's names.

Source: include/uapi/linux/bpf.h, enum bpf_prog_type and enum bpf_link_type; tools/lib/bpf/libbpf.c,
prog_type_name and link_type_name. tests/kernel holds them against the running kernel's.
"""

from __future__ import annotations

PROGRAM_TYPES = (
    "unspec",
    "socket_filter",
    "kprobe",
    "sched_cls",
    "sched_act",
    "tracepoint",
    "xdp",
    "perf_event",
    "cgroup_skb",
    "cgroup_sock",
    "lwt_in",
    "lwt_out",
    "lwt_xmit",
    "sock_ops",
    "sk_skb",
    "cgroup_device",
    "sk_msg",
    "raw_tracepoint",
    "cgroup_sock_addr",
    "lwt_seg6local",
    "lirc_mode2",
    "sk_reuseport",
    "flow_dissector",
    "cgroup_sysctl",
    "raw_tracepoint_writable",
    "cgroup_sockopt",
    "tracing",
    "struct_ops",
    "ext",
    "lsm",
    "sk_lookup",
    "syscall",
    "netfilter",
)

LINK_TYPES = (
    "unspec",
    "raw_tracepoint",
    "tracing",
    "cgroup",
    "iter",
    "netns",
    "xdp",
    "perf_event",
    "kprobe_multi",
    "struct_ops",
    "netfilter",
    "tcx",
    "uprobe_multi",
    "netkit",
    "sockmap",
)


def program_type_name(number: int) -> str:
    """Return libbpf's name of a type of programs; of one that is newer than this, its number."""
    return PROGRAM_TYPES[number] if number < len(PROGRAM_TYPES) else str(number)


def link_type_name(number: int) -> str:
    """Return libbpf's name of a type of links; of one that is newer than this, its number."""
    return LINK_TYPES[number] if number < len(LINK_TYPES) else str(number)
