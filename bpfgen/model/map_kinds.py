"""The table of map kinds: one row a kind, with all that the kernel asks of a map of that kind.

The rules read it, `bpfgen kinds` prints it, docs/map-kinds.md is generated from it. Each row was
tried on Linux 6.18 (x86-64, pages of 4 KiB) but for what newer kernels brought; what older kernels
did otherwise stands beside it with the version. A kernel with larger pages or another
KMALLOC_MAX_SIZE has other upper limits; those here are those of 4 KiB and 4 MiB.

Source: the functions of kernel/bpf and net/core named in each row; include/uapi/linux/bpf.h.
"""

from __future__ import annotations

from bpfgen.record import TYPE_CHECKING, Record

if TYPE_CHECKING:
    from bpfgen.model.kernel import KernelVersion

U32_MAX = 0xFFFFFFFF
INT_MAX = 0x7FFFFFFF

KMALLOC_MAX = 4 << 20
"""Bytes of the largest allocation (KMALLOC_MAX_SIZE with pages of 4 KiB)."""

HASH_ELEMENT = KMALLOC_MAX - 48 - 1
"""The most that key and value of a hash may have together: 48 is sizeof(struct htab_elem)."""

STORAGE_VALUE = 0xFFFF - 128
"""BPF_LOCAL_STORAGE_MAX_VALUE_SIZE: 128 is sizeof(struct bpf_local_storage_elem)."""

PER_CPU_VALUE = 32 << 10
"""PCPU_MIN_UNIT_SIZE, which a value rounded up to 8 bytes must not exceed."""

HASH_BUCKETS = 1 << 27
"""The most entries whose buckets, a power of two of them, fit in 32 bits."""

MAX_CPUS = 8192
"""The largest CONFIG_NR_CPUS of any architecture; a kernel's own may be smaller."""

BUILD_ID_SIZE = 32
"""sizeof(struct bpf_stack_build_id): a frame of a stack_trace with BPF_F_STACK_BUILD_ID."""

MAX_STACK_DEPTH = 127
"""PERF_MAX_STACK_DEPTH; the sysctl kernel.perf_event_max_stack may change it."""


class Sizes(Record):
    """The sizes that a key or value may have, in bytes.

    Attributes:
        least: The smallest.
        most: The largest.
        multiple: All are multiples of it.
        over: The errno of a size above `most`; any other wrong size is EINVAL.
        since: Sizes that only newer kernels take, with the first that does.
        before: (version, most): until that kernel the largest was another.
    """

    least: int
    most: int
    multiple: int = 1
    over: str = "EINVAL"
    since: tuple[tuple[int, KernelVersion], ...] = ()
    before: tuple[KernelVersion, int] | None = None

    def __contains__(self, size: int) -> bool:
        return self.least <= size <= self.most and size % self.multiple == 0


class Entries(Record):
    """The values that `max_entries` may have.

    Attributes:
        least: The smallest.
        most: The largest.
        over: The errno of a number above `most`; any other wrong number is EINVAL.
        pages: It counts bytes: a power of two, and whole pages.
        filled_by_loader: 0 and nothing are fine, since libbpf takes the number of CPUs.
    """

    least: int = 1
    most: int = U32_MAX
    over: str = "E2BIG"
    pages: bool = False
    filled_by_loader: bool = False


NO_SIZE = Sizes(0, 0)
FOUR = Sizes(4, 4)
NO_ENTRIES = Entries(0, 0, over="EINVAL")

INT32 = "int32"
STRUCT = "struct"
CGROUP_KEY = "cgroup key"
ANY = "any"


class MapKind(Record):
    """One row of :data:`MAP_KINDS`.

    Attributes:
        name: libbpf's name, as `bpftool map help` prints it.
        number: The value of `constant` in enum bpf_map_type (include/uapi/linux/bpf.h).
        since: The first kernel that has it.
        source: The kernel functions that check its definition.
        key_sizes: The sizes that a key may have.
        value_sizes: The sizes that a value may have.
        entries: What `max_entries` may be.
        flags: Names of the flags that it takes.
        required_flags: Names of the flags without which the kernel refuses it; filled in.
        key_size: Bytes that the kernel insists on and bpfgen fills in, or None.
        value_size: The same for the value.
        of_maps: The values are maps.
        of_programs: The values are programs, so that it may be initialised with some.
        has_record: `<T>` names the type of the records, not of a value.
        keyless: There is no key, so `<T>` is the type of the values (or of the records).
        map_extra: What it means; empty where it must be 0.
        may_be_inner: It may be the inner map of a map-in-map (it has a map_meta_equal).
        btf: What becomes of the types of key and value: `optional`, `required` (the kernel refuses
            the map without them), `dropped` (the kernel refuses them, so libbpf keeps them back)
            or `none` (there is neither a key nor a value).
        key_type: What BTF type the key must have: `any`, `int32` (an integer of 32 bits, no enum),
            `struct`, `cgroup key` (a 64-bit integer or struct bpf_cgroup_storage_key).
        special_fields: Names of the special fields that its value may hold.
        kptr_since: The first kernel that takes pointers with a kptr tag in its value.
        mmap: How user space can map it; empty if not at all.
        capability: The capability that creating one asks for even where unprivileged users may use
            bpf(2); empty if none.
        over_element: The most bytes that key and value may have together, or None.
    """

    name: str
    number: int
    since: KernelVersion
    source: str
    key_sizes: Sizes
    value_sizes: Sizes
    entries: Entries = Entries()
    flags: tuple[str, ...] = ()
    required_flags: tuple[str, ...] = ()
    key_size: int | None = None
    value_size: int | None = None
    of_maps: bool = False
    of_programs: bool = False
    has_record: bool = False
    keyless: bool = False
    map_extra: str = ""
    may_be_inner: bool = True
    btf: str = "dropped"
    key_type: str = ANY
    special_fields: tuple[str, ...] = ()
    kptr_since: KernelVersion = (5, 19)
    mmap: str = ""
    capability: str = "CAP_BPF"
    over_element: int | None = None

    @property
    def constant(self) -> str:
        """The enumerator of enum bpf_map_type."""
        return f"BPF_MAP_TYPE_{self.name.upper()}"


_ACCESS = ("BPF_F_RDONLY", "BPF_F_WRONLY")
_ACCESS_PROG = ("BPF_F_RDONLY_PROG", "BPF_F_WRONLY_PROG")
_NUMA = ("BPF_F_NUMA_NODE",)
_PREALLOC = ("BPF_F_NO_PREALLOC",)
_STORAGE_FLAGS = (*_PREALLOC, "BPF_F_CLONE")

_LOCKS = ("bpf_spin_lock", "bpf_res_spin_lock")
_LATER = ("bpf_timer", "bpf_wq", "bpf_task_work")
_KPTRS = ("bpf_refcount", "kptr", "kptr_untrusted", "percpu_kptr")
_OWNERS = ("bpf_list_head", "bpf_rb_root")

_HASH_SIZE = Sizes(1, HASH_ELEMENT - 1, over="E2BIG")
_HASH_KEY = Sizes(1, HASH_ELEMENT - 1, over="E2BIG", before=((5, 11), 512))
_HASH_ENTRIES = Entries(most=HASH_BUCKETS)
_PER_CPU = Sizes(1, PER_CPU_VALUE, over="E2BIG")
_SOCKET_VALUE = Sizes(4, 8, 4, since=((8, (5, 7)),))
_DEVICE_VALUE = Sizes(4, 8, 4, since=((8, (5, 8)),))
_CGROUP_KEY = Sizes(8, 16, 8, since=((8, (5, 9)),))
_STORAGE = Sizes(1, STORAGE_VALUE, over="E2BIG")
_CGROUP_VALUE = Sizes(1, STORAGE_VALUE, over="E2BIG", before=((5, 15), 4096))
_QUEUE_VALUE = Sizes(1, KMALLOC_MAX, over="E2BIG")
_RING = Entries(4096, 1 << 31, over="EINVAL", pages=True)

_HASH_CHECK = "htab_map_alloc_check"
_STORAGE_CHECK = "bpf_local_storage_map_alloc_check, bpf_local_storage_map_check_btf"
_FD_ARRAY_CHECK = "fd_array_map_alloc_check"

MAP_KINDS: dict[str, MapKind] = {
    kind.name: kind
    for kind in (
        MapKind(
            *("hash", 1, (3, 19), _HASH_CHECK, _HASH_KEY, _HASH_SIZE, _HASH_ENTRIES),
            flags=(*_PREALLOC, *_NUMA, *_ACCESS, "BPF_F_ZERO_SEED", *_ACCESS_PROG),
            btf="optional",
            special_fields=(*_LOCKS, *_LATER, *_KPTRS, *_OWNERS),
            capability="",
            over_element=HASH_ELEMENT,
        ),
        MapKind(
            *("array", 2, (3, 19), "array_map_alloc_check, array_map_check_btf", FOUR),
            Sizes(1, INT_MAX, over="E2BIG"),
            flags=(*_NUMA, *_ACCESS, *_ACCESS_PROG, "BPF_F_MMAPABLE", "BPF_F_INNER_MAP"),
            btf="optional",
            key_type=INT32,
            special_fields=(*_LOCKS, *_LATER, *_KPTRS, *_OWNERS),
            mmap="with BPF_F_MMAPABLE",
            capability="",
        ),
        MapKind(
            *("prog_array", 3, (4, 2), _FD_ARRAY_CHECK, FOUR, FOUR),
            flags=(*_NUMA, *_ACCESS),
            key_size=4,
            value_size=4,
            of_programs=True,
            may_be_inner=False,
            btf="optional",
            capability="",
        ),
        MapKind(
            *("perf_event_array", 4, (4, 3), _FD_ARRAY_CHECK, FOUR, FOUR),
            Entries(filled_by_loader=True),
            flags=(*_NUMA, *_ACCESS, "BPF_F_PRESERVE_ELEMS"),
            key_size=4,
            value_size=4,
            has_record=True,
            capability="",
        ),
        MapKind(
            *("percpu_hash", 5, (4, 6), _HASH_CHECK, _HASH_KEY, _PER_CPU, _HASH_ENTRIES),
            flags=(*_PREALLOC, *_ACCESS, "BPF_F_ZERO_SEED", *_ACCESS_PROG),
            btf="optional",
            special_fields=_KPTRS,
            kptr_since=(6, 4),
            capability="",
            over_element=HASH_ELEMENT,
        ),
        MapKind(
            *("percpu_array", 6, (4, 6), "array_map_alloc_check, array_map_check_btf"),
            *(FOUR, _PER_CPU),
            flags=(*_ACCESS, *_ACCESS_PROG),
            btf="optional",
            key_type=INT32,
            special_fields=_KPTRS,
            capability="",
        ),
        MapKind(
            *("stack_trace", 7, (4, 6), "stack_map_alloc", FOUR, Sizes(8, MAX_STACK_DEPTH * 8, 8)),
            Entries(most=1 << 31),
            flags=(*_NUMA, *_ACCESS, "BPF_F_STACK_BUILD_ID"),
        ),
        MapKind(
            *("cgroup_array", 8, (4, 8), _FD_ARRAY_CHECK, FOUR, FOUR),
            flags=(*_NUMA, *_ACCESS),
            key_size=4,
            value_size=4,
            capability="",
        ),
        MapKind(
            *("lru_hash", 9, (4, 10), _HASH_CHECK, _HASH_KEY, _HASH_SIZE, _HASH_ENTRIES),
            flags=("BPF_F_NO_COMMON_LRU", *_NUMA, *_ACCESS, "BPF_F_ZERO_SEED", *_ACCESS_PROG),
            btf="optional",
            special_fields=(*_LATER, *_KPTRS),
            over_element=HASH_ELEMENT,
        ),
        MapKind(
            *("lru_percpu_hash", 10, (4, 10), _HASH_CHECK, _HASH_KEY, _PER_CPU, _HASH_ENTRIES),
            flags=("BPF_F_NO_COMMON_LRU", *_ACCESS, "BPF_F_ZERO_SEED", *_ACCESS_PROG),
            btf="optional",
            special_fields=_KPTRS,
            kptr_since=(6, 4),
            over_element=HASH_ELEMENT,
        ),
        MapKind(
            *("lpm_trie", 11, (4, 11), "trie_alloc, trie_check_btf"),
            *(Sizes(5, 260), Sizes(1, KMALLOC_MAX - 24 - 256)),
            flags=(*_PREALLOC, *_NUMA, *_ACCESS, *_ACCESS_PROG),
            required_flags=_PREALLOC,
            btf="optional",
            key_type=STRUCT,
        ),
        MapKind(
            *("array_of_maps", 12, (4, 12), "array_of_map_alloc, bpf_map_meta_alloc", FOUR, FOUR),
            flags=(*_NUMA, *_ACCESS),
            key_size=4,
            value_size=4,
            of_maps=True,
            may_be_inner=False,
            capability="",
        ),
        MapKind(
            *("hash_of_maps", 13, (4, 12), "fd_htab_map_alloc_check, bpf_map_meta_alloc"),
            *(Sizes(1, HASH_ELEMENT - 4, over="E2BIG", before=((5, 11), 512)), FOUR),
            _HASH_ENTRIES,
            flags=(*_PREALLOC, *_NUMA, *_ACCESS, "BPF_F_ZERO_SEED", *_ACCESS_PROG),
            value_size=4,
            of_maps=True,
            may_be_inner=False,
            capability="",
        ),
        MapKind(
            *("devmap", 14, (4, 14), "dev_map_alloc_check", FOUR, _DEVICE_VALUE),
            flags=(*_NUMA, *_ACCESS),
            capability="CAP_NET_ADMIN",
        ),
        MapKind(
            *("sockmap", 15, (4, 14), "sock_map_alloc", FOUR, _SOCKET_VALUE),
            Entries(most=INT_MAX, over="EINVAL"),
            flags=(*_NUMA, *_ACCESS),
            capability="CAP_NET_ADMIN",
        ),
        MapKind(
            *("cpumap", 16, (4, 15), "cpu_map_alloc", FOUR, Sizes(4, 8, 4, since=((8, (5, 9)),))),
            Entries(most=MAX_CPUS),
            flags=_NUMA,
        ),
        MapKind(
            *("xskmap", 17, (4, 18), "xsk_map_alloc", FOUR, FOUR),
            flags=(*_NUMA, *_ACCESS),
            key_size=4,
            value_size=4,
            capability="CAP_NET_ADMIN",
        ),
        MapKind(
            *("sockhash", 18, (4, 18), "sock_hash_alloc"),
            *(Sizes(1, 512, over="E2BIG"), _SOCKET_VALUE),
            Entries(most=HASH_BUCKETS, over="EINVAL"),
            flags=(*_NUMA, *_ACCESS),
            capability="CAP_NET_ADMIN",
        ),
        MapKind(
            *("cgroup_storage", 19, (4, 19), "cgroup_storage_map_alloc, cgroup_storage_check_btf"),
            *(_CGROUP_KEY, _CGROUP_VALUE, NO_ENTRIES),
            flags=(*_NUMA, *_ACCESS, *_ACCESS_PROG),
            may_be_inner=False,
            btf="optional",
            key_type=CGROUP_KEY,
            special_fields=_LOCKS,
            capability="",
        ),
        MapKind(
            *("reuseport_sockarray", 20, (4, 19), "reuseport_array_alloc_check"),
            *(FOUR, Sizes(4, 8, 4)),
            flags=(*_NUMA, *_ACCESS, *_ACCESS_PROG),
            btf="optional",
        ),
        MapKind(
            *("percpu_cgroup_storage", 21, (4, 20)),
            "cgroup_storage_map_alloc, cgroup_storage_check_btf",
            *(_CGROUP_KEY, _PER_CPU, NO_ENTRIES),
            flags=(*_NUMA, *_ACCESS, *_ACCESS_PROG),
            may_be_inner=False,
            btf="optional",
            key_type=CGROUP_KEY,
            capability="",
        ),
        MapKind(
            *("queue", 22, (4, 20), "queue_stack_map_alloc_check", NO_SIZE, _QUEUE_VALUE),
            flags=(*_NUMA, *_ACCESS, *_ACCESS_PROG),
            keyless=True,
        ),
        MapKind(
            *("stack", 23, (4, 20), "queue_stack_map_alloc_check", NO_SIZE, _QUEUE_VALUE),
            flags=(*_NUMA, *_ACCESS, *_ACCESS_PROG),
            keyless=True,
        ),
        MapKind(
            *("sk_storage", 24, (5, 2), _STORAGE_CHECK, FOUR, _STORAGE, NO_ENTRIES),
            flags=_STORAGE_FLAGS,
            required_flags=_PREALLOC,
            btf="required",
            key_type=INT32,
            special_fields=(*_LOCKS, *_KPTRS),
            kptr_since=(6, 4),
        ),
        MapKind(
            *("devmap_hash", 25, (5, 4), "dev_map_alloc_check", FOUR, _DEVICE_VALUE),
            Entries(most=1 << 31, over="EINVAL"),
            flags=(*_NUMA, *_ACCESS),
            capability="CAP_NET_ADMIN",
        ),
        MapKind(
            *("struct_ops", 26, (5, 6), "bpf_struct_ops_map_alloc_check"),
            *(FOUR, Sizes(1, INT_MAX), Entries(1, 1, over="EINVAL")),
            flags=("BPF_F_LINK", "BPF_F_VTYPE_BTF_OBJ_FD"),
            may_be_inner=False,
            btf="none",
        ),
        MapKind(
            *("ringbuf", 27, (5, 8), "ringbuf_map_alloc", NO_SIZE, NO_SIZE, _RING),
            flags=(*_NUMA, "BPF_F_RB_OVERWRITE"),
            has_record=True,
            keyless=True,
            btf="none",
            mmap="always",
            capability="",
        ),
        MapKind(
            *("inode_storage", 28, (5, 10), _STORAGE_CHECK, FOUR, _STORAGE, NO_ENTRIES),
            flags=_STORAGE_FLAGS,
            required_flags=_PREALLOC,
            btf="required",
            key_type=INT32,
            special_fields=(*_LOCKS, *_KPTRS),
            kptr_since=(6, 4),
        ),
        MapKind(
            *("task_storage", 29, (5, 11), _STORAGE_CHECK, FOUR, _STORAGE, NO_ENTRIES),
            flags=_STORAGE_FLAGS,
            required_flags=_PREALLOC,
            btf="required",
            key_type=INT32,
            special_fields=(*_LOCKS, *_KPTRS, "uptr"),
            kptr_since=(6, 4),
        ),
        MapKind(
            *("bloom_filter", 30, (5, 16), "bloom_map_alloc_check", NO_SIZE, _QUEUE_VALUE),
            flags=(*_NUMA, *_ACCESS, "BPF_F_ZERO_SEED", *_ACCESS_PROG),
            keyless=True,
            map_extra="the number of hash functions, 1 to 15; 0 stands for 5",
            btf="optional",
        ),
        MapKind(
            *("user_ringbuf", 31, (6, 1), "ringbuf_map_alloc", NO_SIZE, NO_SIZE, _RING),
            flags=_NUMA,
            has_record=True,
            keyless=True,
            btf="none",
            mmap="always, its first page for reading only",
            capability="",
        ),
        MapKind(
            *("cgrp_storage", 32, (6, 2), _STORAGE_CHECK, FOUR, _STORAGE, NO_ENTRIES),
            flags=_STORAGE_FLAGS,
            required_flags=_PREALLOC,
            btf="required",
            key_type=INT32,
            special_fields=(*_LOCKS, *_KPTRS),
            kptr_since=(6, 4),
        ),
        MapKind(
            *("arena", 33, (6, 9), "arena_map_alloc", NO_SIZE, NO_SIZE, Entries(most=1 << 20)),
            flags=("BPF_F_MMAPABLE", "BPF_F_SEGV_ON_FAULT", "BPF_F_NO_USER_CONV"),
            required_flags=("BPF_F_MMAPABLE",),
            map_extra="the address at which user space maps it; 0 stands for any",
            btf="none",
            mmap="always",
        ),
        MapKind(
            *("insn_array", 34, (6, 19), "insn_array_alloc_check, insn_array_check_btf"),
            *(FOUR, Sizes(16, 16)),
            may_be_inner=False,
            btf="optional",
            key_type=INT32,
        ),
        MapKind(
            *("rhash", 35, (7, 2), "rhtab_map_alloc_check"),
            *(Sizes(1, 65535, over="E2BIG"), _HASH_SIZE, Entries(most=1 << 31)),
            flags=(*_PREALLOC, *_NUMA, *_ACCESS, *_ACCESS_PROG),
            required_flags=_PREALLOC,
            map_extra="the initial size of the table, at most max_entries and 65535",
            btf="optional",
            special_fields=(*_LOCKS, *_LATER, *_KPTRS),
            capability="",
        ),
    )
}
"""Every map kind of libbpf's list, by name, in the order of enum bpf_map_type."""
