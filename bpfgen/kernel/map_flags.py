"""The flags of `map_flags`: one row a flag. Which kinds take which flag is a column of MAP_KINDS.

Source: include/uapi/linux/bpf.h, the enum with BPF_F_NO_PREALLOC; tests/conformance holds the
numbers against the headers and the BTF of the running kernel.
"""

from __future__ import annotations

from bpfgen.record import TYPE_CHECKING, Record

if TYPE_CHECKING:
    from bpfgen.kernel.version import KernelVersion


class MapFlag(Record):
    """One row of :data:`MAP_FLAGS`.

    Attributes:
        name: The enumerator.
        bit: `1 << bit` is its value.
        since: The first kernel that has it.
        meaning: What it does, in half a sentence.
        nowhere: Why no map definition can have it, or empty.
    """

    name: str
    bit: int
    since: KernelVersion
    meaning: str
    nowhere: str = ""

    @property
    def value(self) -> int:
        """The number that stands for it in `map_flags`."""
        return 1 << self.bit


MAP_FLAGS: dict[str, MapFlag] = {
    flag.name: flag
    for flag in (
        MapFlag("BPF_F_NO_PREALLOC", 0, (4, 6), "elements are allocated when they are stored"),
        MapFlag("BPF_F_NO_COMMON_LRU", 1, (4, 10), "an LRU list on each CPU"),
        MapFlag("BPF_F_NUMA_NODE", 2, (4, 14), "memory of the NUMA node `numa_node`"),
        MapFlag("BPF_F_RDONLY", 3, (4, 15), "user space can't write"),
        MapFlag("BPF_F_WRONLY", 4, (4, 15), "user space can't read"),
        MapFlag("BPF_F_STACK_BUILD_ID", 5, (4, 17), "stacks as build ids and offsets"),
        MapFlag("BPF_F_ZERO_SEED", 6, (5, 0), "the hash function is not seeded at random"),
        MapFlag("BPF_F_RDONLY_PROG", 7, (5, 2), "programs can't write"),
        MapFlag("BPF_F_WRONLY_PROG", 8, (5, 2), "programs can't read"),
        MapFlag("BPF_F_CLONE", 9, (5, 4), "a cloned socket gets a copy of the storage"),
        MapFlag("BPF_F_MMAPABLE", 10, (5, 5), "user space can map the memory"),
        MapFlag(
            "BPF_F_PRESERVE_ELEMS", 11, (5, 10), "events outlive the file that they were stored by"
        ),
        MapFlag("BPF_F_INNER_MAP", 12, (5, 10), "max_entries may differ between inner maps"),
        MapFlag("BPF_F_LINK", 13, (6, 4), "attached through a link"),
        MapFlag(
            "BPF_F_PATH_FD",
            14,
            (6, 5),
            "the path to pin at is relative to a file descriptor",
            "it is a flag of pinning (BPF_OBJ_PIN, BPF_OBJ_GET), not of a map",
        ),
        MapFlag("BPF_F_VTYPE_BTF_OBJ_FD", 15, (6, 9), "the value's type is in the BTF of a module"),
        MapFlag(
            "BPF_F_TOKEN_FD",
            16,
            (6, 9),
            "a BPF token vouches for the creator",
            "libbpf sets it itself, with the token's file descriptor",
        ),
        MapFlag("BPF_F_SEGV_ON_FAULT", 17, (6, 9), "a page that isn't there is a fault"),
        MapFlag("BPF_F_NO_USER_CONV", 18, (6, 9), "stored pointers are not made user space's"),
        MapFlag("BPF_F_RB_OVERWRITE", 19, (6, 19), "new records overwrite the oldest"),
    )
}
"""Every flag of BPF_MAP_CREATE by name, in the order of their bits."""

OTHER_FLAGS: dict[str, str] = {
    "BPF_NOEXIST": "bpf_map_update_elem",
    "BPF_EXIST": "bpf_map_update_elem",
    "BPF_F_LOCK": "bpf_map_update_elem",
    "BPF_F_CPU": "BPF_MAP_UPDATE_ELEM",
    "BPF_F_ALL_CPUS": "BPF_MAP_UPDATE_ELEM",
    "BPF_LOCAL_STORAGE_GET_F_CREATE": "bpf_task_storage_get",
    "BPF_SK_STORAGE_GET_F_CREATE": "bpf_sk_storage_get",
    "BPF_F_CURRENT_CPU": "bpf_perf_event_output",
    "BPF_F_INDEX_MASK": "bpf_perf_event_output",
    "BPF_RB_NO_WAKEUP": "bpf_ringbuf_output",
    "BPF_RB_FORCE_WAKEUP": "bpf_ringbuf_output",
    "BPF_F_SKIP_FIELD_MASK": "bpf_get_stackid",
    "BPF_F_USER_STACK": "bpf_get_stackid",
    "BPF_F_FAST_STACK_CMP": "bpf_get_stackid",
    "BPF_F_REUSE_STACKID": "bpf_get_stackid",
    "BPF_F_USER_BUILD_ID": "bpf_get_stack",
    "BPF_F_BROADCAST": "bpf_redirect_map",
    "BPF_F_EXCLUDE_INGRESS": "bpf_redirect_map",
    "BPF_F_INGRESS": "bpf_sk_redirect_map",
}
"""Flags by name that belong to the use of a map, and the helper or command that takes each.

Their bits are other flags of BPF_MAP_CREATE (include/uapi/linux/bpf.h).
"""

EXCLUSIVE_FLAGS: tuple[tuple[str, str, str], ...] = (
    ("BPF_F_RDONLY", "BPF_F_WRONLY", "bpf_get_file_flag"),
    ("BPF_F_RDONLY_PROG", "BPF_F_WRONLY_PROG", "bpf_map_flags_access_ok"),
    ("BPF_F_NO_COMMON_LRU", "BPF_F_NUMA_NODE", "htab_map_alloc_check"),
)
"""Pairs that the kernel refuses with EINVAL though it takes each alone, and the function that does.

All pairs were tried on Linux 6.18; there are no others.
"""


def flag_names(value: int) -> list[str]:
    """Return the names of the bits set in *value*, and `bit N` for one that has none."""
    by_bit = {flag.bit: flag.name for flag in MAP_FLAGS.values()}
    return [by_bit.get(bit, f"bit {bit}") for bit in range(value.bit_length()) if value >> bit & 1]


def described_flags(value: int) -> str:
    """Return *value* as a source has it: `BPF_F_NO_PREALLOC | BPF_F_NUMA_NODE`, or `0`."""
    return " | ".join(flag_names(value)) or "0"


def flags_value(names: tuple[str, ...]) -> int:
    """Return the number of *names* together."""
    value = 0
    for name in names:
        value |= MAP_FLAGS[name].value
    return value
