"""How large the kernel's own structs of maps are, by its version: what maps cost is made of them.

The numbers are those of the BTF of Debian's kernels for x86-64. Another configuration moves all
that begin with a struct bpf_map by a few bytes; the exact sizes of one kernel are in its BTF
(:func:`bpfgen.btf.struct_sizes.struct_sizes_in`).
"""

from __future__ import annotations

from bisect import bisect_right

from bpfgen.record import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bpfgen.kernel.version import KernelVersion

KERNELS: tuple[KernelVersion, ...] = (
    *((6, 12), (6, 16), (6, 17), (6, 18), (6, 19)),
    *((7, 0), (7, 1), (7, 2), (7, 3)),
)
"""The kernels that were looked at: a column of :data:`STRUCTS` each. One in between has the sizes
of the column before it, an older one those of the first."""

STRUCTS: dict[str, tuple[int, ...]] = {
    "bpf_array": (264, 264, 264, 304, 304, 304, 304, 304, 296),
    "bpf_bloom_filter": (264, 264, 264, 304, 304, 304, 304, 304, 296),
    "bpf_cgroup_storage": (104, 104, 104, 104, 104, 104, 104, 104, 104),
    "bpf_cgroup_storage_map": (280, 280, 280, 320, 320, 320, 320, 320, 312),
    "bpf_cpu_map": (256, 256, 256, 296, 296, 296, 296, 296, 288),
    "bpf_cpu_map_entry": (136, 360, 360, 360, 360, 360, 360, 360, 360),
    "bpf_dtab": (296, 296, 296, 336, 336, 336, 336, 336, 328),
    "bpf_dtab_netdev": (64, 64, 64, 64, 64, 64, 64, 64, 64),
    "bpf_htab": (896, 832, 832, 832, 832, 896, 896, 896, 896),
    "bpf_insn_array": (304, 304, 304, 304, 304, 304, 304, 304, 296),
    "bpf_local_storage_map": (432, 400, 400, 440, 312, 312, 304, 304, 296),
    "bpf_local_storage_map_bucket": (16, 16, 16, 16, 16, 16, 16, 16, 16),
    "bpf_queue_stack": (264, 264, 264, 304, 304, 304, 304, 304, 296),
    "bpf_rhtab": (536, 536, 536, 536, 536, 536, 536, 536, 528),
    "bpf_ringbuf_map": (256, 256, 256, 296, 296, 296, 296, 296, 288),
    "bpf_shtab": (336, 336, 336, 376, 376, 376, 376, 376, 368),
    "bpf_shtab_bucket": (16, 16, 16, 16, 16, 16, 16, 16, 16),
    "bpf_shtab_elem": (48, 48, 48, 48, 48, 48, 48, 48, 48),
    "bpf_stab": (328, 328, 328, 368, 368, 368, 368, 368, 360),
    "bpf_stack_map": (288, 272, 272, 312, 312, 312, 312, 328, 320),
    "bpf_storage_buffer": (16, 16, 16, 16, 16, 16, 16, 16, 16),
    "bucket": (16, 16, 16, 16, 16, 16, 16, 16, 16),
    "htab_elem": (48, 48, 48, 48, 48, 48, 48, 48, 48),
    "lpm_trie_node": (40, 24, 24, 24, 24, 24, 24, 24, 24),
    "reuseport_array": (248, 248, 248, 288, 288, 288, 288, 288, 280),
    "rhtab_elem": (8, 8, 8, 8, 8, 8, 8, 8, 8),
    "stack_map_bucket": (16, 16, 16, 16, 16, 16, 16, 16, 16),
    "xsk_map": (256, 256, 256, 296, 296, 296, 296, 296, 288),
    "xsk_map_node": (32, 32, 32, 32, 32, 32, 32, 32, 32),
}
"""Bytes of each struct, by its tag, for each of :data:`KERNELS`. One that came later has the size
that it came with in the columns before, too."""


def struct_size(tag: str, kernel: KernelVersion, known: Mapping[str, int]) -> int:
    """Return the bytes of struct *tag*: as *known* has it, else as *kernel* has it by the table."""
    if tag in known:
        return known[tag]
    column = bisect_right(KERNELS, kernel) - 1
    return STRUCTS[tag][max(column, 0)]
