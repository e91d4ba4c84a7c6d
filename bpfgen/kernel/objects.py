"""Structs of the kernel that programs keep pointers to, and which of them can be kept by reference.

A list of names can't be whole: modules bring their own. The rules warn where it decides.

Source: the BTF_ID_LIST before each register_btf_id_dtor_kfuncs: kernel/bpf/helpers.c (task_struct,
cgroup), kernel/bpf/cpumask.c, kernel/bpf/crypto.c, net/bpf/test_run.c.
"""

from __future__ import annotations

from bpfgen.record import TYPE_CHECKING

if TYPE_CHECKING:
    from bpfgen.kernel.version import KernelVersion

DESTRUCTORS: dict[str, KernelVersion] = {
    "task_struct": (6, 2),
    "cgroup": (6, 2),
    "bpf_cpumask": (6, 3),
    "bpf_crypto_ctx": (6, 10),
    "prog_test_ref_kfunc": (5, 19),
    "prog_test_member": (6, 0),
}
"""Structs whose references a map can hold, with the first kernel that has the destructor."""

KERNEL_STRUCTS = frozenset(
    {
        *DESTRUCTORS,
        "bpf_prog",
        "bpf_map",
        "cred",
        "css_set",
        "dentry",
        "file",
        "inode",
        "mm_struct",
        "net_device",
        "nf_conn",
        "page",
        "path",
        "pid",
        "request_sock",
        "rq",
        "sk_buff",
        "sk_buff_head",
        "sock",
        "socket",
        "super_block",
        "tcp_sock",
        "vm_area_struct",
        "xdp_buff",
    }
)
"""Structs that every kernel has; a struct of the program's own must not share a name with one."""
