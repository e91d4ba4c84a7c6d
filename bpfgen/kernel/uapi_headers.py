"""Which header has what people use by name: types and constants of the UAPI, and the kernel's own.

A table for advice alone: what a name means is read from the header, never from here. Headers that
bring in those of the C library (linux/icmp.h does) are left out, since programs can't include them.
Source: Linux 6.12, include/uapi; tests/conformance/test_uapi_headers.py asks clang.
"""

from __future__ import annotations

STRUCTS = {
    "linux/if_ether.h": "ethhdr",
    "linux/ip.h": "iphdr ip_auth_hdr ip_esp_hdr ip_comp_hdr",
    "linux/ipv6.h": "ipv6hdr ipv6_opt_hdr ipv6_rt_hdr",
    "linux/in.h": "in_addr sockaddr_in ip_mreq in_pktinfo",
    "linux/in6.h": "in6_addr sockaddr_in6 ipv6_mreq",
    "linux/tcp.h": "tcphdr tcp_info",
    "linux/udp.h": "udphdr",
    "linux/icmpv6.h": "icmp6hdr",
    "linux/igmp.h": "igmphdr",
    "linux/mpls.h": "mpls_label",
    "linux/un.h": "sockaddr_un",
    "linux/netlink.h": "nlmsghdr nlattr sockaddr_nl",
    "linux/rtnetlink.h": "ifinfomsg rtmsg ndmsg",
    "linux/time_types.h": "__kernel_timespec",
    "linux/uio.h": "iovec",
    "linux/stat.h": "statx",
    "linux/perf_event.h": "perf_event_attr perf_event_header",
    "linux/capability.h": "__user_cap_header_struct __user_cap_data_struct",
    "linux/seccomp.h": "seccomp_data",
    "linux/virtio_net.h": "virtio_net_hdr",
    "linux/pkt_cls.h": "tc_u32_sel",
    "linux/fib_rules.h": "fib_rule_hdr",
}
"""Header to the structs that it defines, divided by blanks."""

CONSTANTS = {
    "linux/if_ether.h": "ETH_ALEN ETH_HLEN ETH_DATA_LEN ETH_P_IP ETH_P_IPV6 ETH_P_ARP ETH_P_8021Q"
    " ETH_P_8021AD ETH_P_MPLS_UC",
    "linux/in.h": "IPPROTO_TCP IPPROTO_UDP IPPROTO_ICMP IPPROTO_IP IPPROTO_IPV6 IPPROTO_GRE"
    " IPPROTO_SCTP INADDR_ANY INADDR_LOOPBACK",
    "linux/in6.h": "IPPROTO_ICMPV6 IPPROTO_HOPOPTS IPPROTO_ROUTING IPPROTO_FRAGMENT",
    "linux/ip.h": "IPVERSION IPDEFTTL",
    "linux/pkt_cls.h": "TC_ACT_OK TC_ACT_SHOT TC_ACT_UNSPEC TC_ACT_PIPE TC_ACT_REDIRECT",
    "linux/limits.h": "PATH_MAX NAME_MAX",
    "linux/icmpv6.h": "ICMPV6_ECHO_REQUEST ICMPV6_ECHO_REPLY",
    "linux/capability.h": "CAP_BPF CAP_NET_ADMIN CAP_SYS_ADMIN CAP_LAST_CAP",
    "linux/perf_event.h": "PERF_TYPE_HARDWARE PERF_TYPE_SOFTWARE PERF_COUNT_HW_CPU_CYCLES",
    "linux/un.h": "UNIX_PATH_MAX",
    "linux/netlink.h": "NETLINK_ROUTE",
}
"""Header to the constants that it defines, divided by blanks."""

KERNEL_STRUCTS = frozenset(
    "bio blk_mq_hw_ctx block_device cgroup cred css_set dentry file inode io_kiocb kernfs_node"
    " linux_binprm mm_struct mount msghdr nd net net_device nf_conn nsproxy page path pid request"
    " rq seq_file signal_struct sk_buff sock sock_common socket super_block task_struct tcp_sock"
    " tty_struct udp_sock vfsmount vm_area_struct work_struct xdp_buff".split()
)
"""Structs of the kernel's own, which no header for programs has: vmlinux.h has them."""


def header_of(name: str, *, constant: bool = False) -> str | None:
    """Return the header that defines the struct, or the *constant*, *name*; None if none is known.

    `linux/ip.h`, as between the brackets of an `include`.
    """
    for header, names in (CONSTANTS if constant else STRUCTS).items():
        if name in names.split():
            return header
    return None
