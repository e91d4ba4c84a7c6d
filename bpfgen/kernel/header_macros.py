"""Words that are macros in every BPF program that includes a generated header.

What has the name of one is no declaration there. Macros that :mod:`bpfgen.providers.prelude` has as
constants aren't among them.

Source: include/uapi/linux/{types,bpf,bpf_common}.h, libbpf's bpf_helpers.h.
"""

from __future__ import annotations

KERNEL_MACROS = frozenset(
    """
    BPF_ABS BPF_ADD BPF_ALU BPF_ALU64 BPF_AND BPF_ARSH BPF_ATOMIC BPF_B BPF_CALL BPF_CMPXCHG
    BPF_DIV BPF_DW BPF_END BPF_EXIT BPF_FETCH BPF_FROM_BE BPF_FROM_LE BPF_F_ALLOW_MULTI
    BPF_F_ALLOW_OVERRIDE BPF_F_ANY_ALIGNMENT BPF_F_KPROBE_MULTI_RETURN BPF_F_QUERY_EFFECTIVE
    BPF_F_REDIRECT_FLAGS BPF_F_REPLACE BPF_F_SLEEPABLE BPF_F_STRICT_ALIGNMENT
    BPF_F_TEST_RND_HI32 BPF_F_TEST_RUN_ON_CPU BPF_F_TEST_SKB_CHECKSUM_COMPLETE
    BPF_F_TEST_STATE_FREQ BPF_F_TEST_XDP_LIVE_FRAMES BPF_F_XDP_HAS_FRAGS BPF_H BPF_IMM BPF_IND
    BPF_JA BPF_JEQ BPF_JGE BPF_JGT BPF_JLE BPF_JLT BPF_JMP BPF_JMP32 BPF_JNE BPF_JSET BPF_JSGE
    BPF_JSGT BPF_JSLE BPF_JSLT BPF_K BPF_LD BPF_LDX BPF_LEN BPF_LSH BPF_MAXINSNS BPF_MEM
    BPF_MISC BPF_MOD BPF_MOV BPF_MSH BPF_MUL BPF_NEG BPF_OR BPF_PSEUDO_BTF_ID
    BPF_PSEUDO_CALL BPF_PSEUDO_FUNC BPF_PSEUDO_KFUNC_CALL BPF_PSEUDO_MAP_FD BPF_PSEUDO_MAP_IDX
    BPF_PSEUDO_MAP_IDX_VALUE BPF_PSEUDO_MAP_VALUE BPF_RET BPF_RSH BPF_ST BPF_STX BPF_SUB
    BPF_TO_BE BPF_TO_LE BPF_W BPF_X BPF_XADD BPF_XCHG BPF_XOR MAX_BPF_ATTACH_TYPE MAX_BPF_REG
    XDP_PACKET_HEADROOM
    """.split()
)
"""Macros of <linux/bpf.h> that take no arguments."""

LIBBPF_MACROS = frozenset(
    """
    BPF_PRINTK_FMT_MOD KERNEL_VERSION NULL SEC __aligned_be64 __aligned_le64 __aligned_s64
    __aligned_u64 __always_inline __arg_ctx __array __bitwise __bitwise__ __bpf_unreachable __hidden
    __kconfig __kptr __kptr_ref __kptr_untrusted __ksym __noinline __percpu_kptr __type __uint
    __ulong __uptr __weak barrier barrier_var bpf_printk container_of offsetof
    """.split()
)
"""Macros of libbpf's <bpf/bpf_helpers.h>, and of <linux/types.h>."""

_OWN = "BPFGEN_"
"""How the macros of the generated header itself begin."""


def macro_owner(name: str) -> str:
    """Return whose macro *name* is where a generated header is compiled; empty if nobody's."""
    if name.startswith(_OWN):
        return "the generated header"
    if name in LIBBPF_MACROS:
        return "libbpf"
    return "the kernel's <linux/bpf.h>" if name in KERNEL_MACROS else ""
