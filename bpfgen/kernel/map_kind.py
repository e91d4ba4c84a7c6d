"""What a row of the table of map kinds says: sizes, entries, flags, types, fields, and since when.

The rows are bpfgen/kernel/map_kinds.py's. The limits below are those of x86-64 with pages of 4 KiB
and a KMALLOC_MAX_SIZE of 4 MiB; a kernel with larger pages has other upper limits.
"""

from __future__ import annotations

from bpfgen.record import TYPE_CHECKING, Record

if TYPE_CHECKING:
    from bpfgen.kernel.version import KernelVersion

ATTRIBUTES = (
    "type",
    "key",
    "key_size",
    "value",
    "value_size",
    "max_entries",
    "map_flags",
    "numa_node",
    "map_extra",
    "pinning",
    "values",
)
"""Every member that libbpf's parse_btf_map_def understands, by libbpf's names."""

NAME_BYTES = 15
"""Bytes of a map's name that the kernel keeps: BPF_OBJ_NAME_LEN without its NUL."""

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
        counts_pages: It counts pages.
        filled_by_loader: 0 and nothing are fine, since libbpf takes the number of CPUs.
    """

    least: int = 1
    most: int = U32_MAX
    over: str = "E2BIG"
    pages: bool = False
    counts_pages: bool = False
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
        slots_by_key: A slot is named by its key, which may be any number; else it is one of
            `max_entries` in a row.
        indexed: A key is an index below `max_entries`.
        compared_by: The kernel function that finds an element by all bytes of its key, padding
            included; where there is no key, of its value. Empty where no bytes are compared.
        per_cpu: There is a value for each CPU under each key.
        lru: When it is full, it drops the element that was least recently used.
        from_variable: libbpf makes it from a variable in a section of its own, so that there is no
            definition of such a map.
        has_record: `<T>` names the type of the records, not of a value.
        keyless: There is no key, so `<T>` is the type of the values (or of the records).
        map_extra: What it means; empty where it must be 0.
        extra_most: The largest `map_extra`, or None.
        extra_over: The errno of a `map_extra` of 32 bits above `extra_most`; any other wrong one is
            EINVAL, that of an address apart.
        extra_within_entries: It is no larger than `max_entries` either.
        extra_is_address: It is where user space maps the pages: the start of one, and all of them
            between two multiples of 4 GiB.
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
        over_values: The most bytes that all values and one more may have together, or None.
        meaning: What it is for, in half a sentence.
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
    slots_by_key: bool = False
    indexed: bool = False
    compared_by: str = ""
    per_cpu: bool = False
    lru: bool = False
    from_variable: bool = False
    has_record: bool = False
    keyless: bool = False
    map_extra: str = ""
    extra_most: int | None = None
    extra_over: str = "EINVAL"
    extra_within_entries: bool = False
    extra_is_address: bool = False
    may_be_inner: bool = True
    btf: str = "dropped"
    key_type: str = ANY
    special_fields: tuple[str, ...] = ()
    kptr_since: KernelVersion = (5, 19)
    mmap: str = ""
    capability: str = "CAP_BPF"
    over_element: int | None = None
    over_values: int | None = None
    meaning: str = ""

    @property
    def constant(self) -> str:
        """The enumerator of enum bpf_map_type."""
        return f"BPF_MAP_TYPE_{self.name.upper()}"

    @property
    def is_untyped(self) -> bool:
        """Whether the kernel never sees the types of its values: they are plain bytes to it."""
        return not self.special_fields and self.btf != "optional"

    @property
    def has_no_types(self) -> bool:
        """Whether there is nothing that could have a type: neither key, value nor record."""
        return NO_SIZE == self.key_sizes == self.value_sizes and not self.has_record

    @property
    def takes_both_types(self) -> bool:
        """Whether libbpf passes its types on, and the kernel takes both of them or neither."""
        if self.keyless:
            return self.btf == "none" and self.has_record
        return self.btf == "optional"
