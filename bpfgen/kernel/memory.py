"""What a map costs the kernel: what it takes at once, and what each element adds.

The rules and `bpfgen size` ask, with the numbers that union bpf_attr will have. The arithmetic is
that of the kernel's own map_mem_usage functions (Linux 6.4 to 7.3), whose answer is the line
`memlock` of /proc/PID/fdinfo/FD, to the byte. What that leaves out although it comes with each
element is kept apart (:attr:`MapMemory.uncounted`): elements of local storages, pages of arenas.
Allocators' caches, counters and what page tables take are in neither.

Sizes are those of 64-bit kernels.
"""

from __future__ import annotations

from bpfgen.kernel.map_flags import MAP_FLAGS
from bpfgen.kernel.map_kind import MAX_CPUS
from bpfgen.kernel.struct_sizes import struct_size
from bpfgen.kernel.version import NEWEST
from bpfgen.record import TYPE_CHECKING, Record

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import TypeAlias

    from bpfgen.kernel.map_kind import MapKind
    from bpfgen.kernel.version import KernelVersion

POINTER = 8
RINGBUF_META_PAGES = 3
"""RINGBUF_NR_META_PAGES in kernel/bpf/ringbuf.c: the positions of consumer and producer, and one
more."""

HASH_LOCKS = 8
"""HASHTAB_MAP_LOCK_COUNT: counters for each CPU that the kernel says a hash has,"""
HASH_LOCKS_UNTIL: KernelVersion = (7, 0)
"""before this version."""

SPARE_INNER_MAPS_UNTIL: KernelVersion = (6, 16)
"""The first kernel whose hashes of maps have no spare element for each CPU (is_fd_htab)."""

ARENA_PAGES_SINCE: KernelVersion = (7, 3)
"""The first kernel that counts the pages of arenas (arena_map_mem_usage)."""

LOCAL_STORAGE_DATA = 72
"""Where the value begins in a struct bpf_local_storage_elem: in its second cache line, after a
pointer."""

LRU_BATCH = 128
"""LOCAL_FREE_TARGET in kernel/bpf/bpf_lru_list.c: how many elements a CPU takes from the list that
all share, and how many are dropped at once where there are no more."""

LRU_BATCH_FITS_SINCE: KernelVersion = (6, 17)
"""The first kernel whose batch is no larger than half of a CPU's share of the map
(bpf_common_lru_populate); stable kernels of 2025 have it too."""

LARGEST_MEMORY = 1 << 52
"""Bytes that x86-64 and arm64 can address at all: no machine has room for a larger map, so that
Linux answers ENOMEM (bpf_map_area_alloc)."""

CHARGED_BEFORE: KernelVersion = (5, 11)
"""The first kernel that doesn't charge maps to RLIMIT_MEMLOCK when they are created."""

MOST_CHARGED = 0xFFFFFFFF - 4096
"""Bytes from which on kernels before 5.11 refuse a map with E2BIG, elements that aren't there yet
included (bpf_map_charge_init; before 5.3 the map_alloc of each kind, some with ENOMEM)."""

_NO_PREALLOC = MAP_FLAGS["BPF_F_NO_PREALLOC"].value
_NO_COMMON_LRU = MAP_FLAGS["BPF_F_NO_COMMON_LRU"].value
_MMAPABLE = MAP_FLAGS["BPF_F_MMAPABLE"].value


class Machine(Record):
    """Where maps are loaded.

    Attributes:
        cpus: The CPUs that the kernel counts on: /sys/devices/system/cpu/possible.
        page: Bytes of a page.
        limit: Bytes that one map may take when it is created, before that is warned of.
        kernel: The version whose structs and arithmetic count.
        structs: The sizes of that very kernel's structs, by tag, where its BTF was asked; others
            are those of :data:`bpfgen.kernel.struct_sizes.STRUCTS`.
    """

    cpus: int = 1
    page: int = 4096
    limit: int = 1 << 30
    kernel: KernelVersion = NEWEST
    structs: Mapping[str, int] = {}

    def sizeof(self, tag: str) -> int:
        """Return the bytes of the kernel's struct *tag*."""
        return struct_size(tag, self.kernel, self.structs)


def parsed_cpus(text: str) -> int | None:
    """Return the number of CPUs that *text* says; None if it says none that Linux can have."""
    if not (text.isascii() and text.isdigit() and len(text) <= len(str(MAX_CPUS))):
        return None
    return int(text) if 0 < int(text) <= MAX_CPUS else None


class MapMemory(Record):
    """Bytes of kernel memory that a map takes.

    Attributes:
        created: From its creation on.
        element: What the kernel counts more for each element that is stored; 0 where all are there
            from the start.
        most: How many elements may be added, or None where nothing limits them: a local storage has
            one for each object, a cgroup storage for each cgroup.
        uncounted: What each element takes besides, at most, and the kernel doesn't count.
    """

    created: int
    element: int = 0
    most: int | None = 0
    uncounted: int = 0

    @property
    def counted(self) -> int | None:
        """What the kernel counts with all elements; None where nothing limits them."""
        if not self.element:
            return self.created
        return None if self.most is None else self.created + self.element * self.most

    @property
    def full(self) -> int | None:
        """What it takes with all its elements; None where nothing limits them."""
        more = self.element + self.uncounted
        if not more:
            return self.created
        return None if self.most is None else self.created + more * self.most


class MapNumbers(Record):
    """The numbers of a map, as union bpf_attr has them."""

    kind: MapKind
    key_size: int
    value_size: int
    max_entries: int
    map_flags: int = 0
    map_extra: int = 0


def map_memory(numbers: MapNumbers, machine: Machine) -> MapMemory:
    """Return what the map *numbers*, which the kernel takes, costs on *machine*."""
    return _USAGE[numbers.kind.name](numbers, machine)


def _r8(size: int) -> int:
    return size + -size % 8


def _power_of_two(number: int) -> int:
    """Return *number* or the next power of two (roundup_pow_of_two)."""
    return 1 << (number - 1).bit_length() if number > 1 else 1


def _pages(size: int, machine: Machine) -> int:
    return size + -size % machine.page


def _array(numbers: MapNumbers, machine: Machine) -> MapMemory:
    """array_map_mem_usage; arrays of file descriptors and of maps have it too."""
    head, values = machine.sizeof("bpf_array"), numbers.max_entries * _r8(numbers.value_size)
    if numbers.kind.per_cpu:
        return MapMemory(head + numbers.max_entries * POINTER + values * machine.cpus)
    if numbers.map_flags & _MMAPABLE:
        return MapMemory(_pages(head, machine) + _pages(values, machine))
    return MapMemory(head + values)


def _hash(numbers: MapNumbers, machine: Machine) -> MapMemory:
    """htab_map_mem_usage; htab_map_alloc rounds `max_entries`."""
    kind, cpus = numbers.kind, machine.cpus
    entries = numbers.max_entries
    if numbers.map_flags & _NO_COMMON_LRU:
        entries += -entries % cpus
    created = machine.sizeof("bpf_htab") + machine.sizeof("bucket") * _power_of_two(entries)
    if machine.kernel < HASH_LOCKS_UNTIL:
        created += 4 * cpus * HASH_LOCKS
    value = _r8(numbers.value_size)
    element = machine.sizeof("htab_elem") + _r8(numbers.key_size)
    element += POINTER if kind.per_cpu else value
    if numbers.map_flags & _NO_PREALLOC:
        element += POINTER
        if kind.per_cpu:
            element += 2 * POINTER + value * cpus
        return MapMemory(created, element, entries)
    if kind.per_cpu:
        return MapMemory(created + (element + value * cpus) * entries)
    if kind.lru:
        return MapMemory(created + element * entries)
    # Elements that replace others (htab_has_extra_elems).
    has_spare = not kind.of_maps or machine.kernel < SPARE_INNER_MAPS_UNTIL
    return MapMemory(created + element * (entries + has_spare * cpus) + POINTER * cpus)


def _growing_hash(numbers: MapNumbers, machine: Machine) -> MapMemory:
    """rhtab_map_mem_usage, which leaves out the buckets: there is about one for each element."""
    element = machine.sizeof("rhtab_elem") + _r8(numbers.key_size) + _r8(numbers.value_size)
    return MapMemory(machine.sizeof("bpf_rhtab"), element, numbers.max_entries, POINTER)


def _trie(numbers: MapNumbers, machine: Machine) -> MapMemory:
    """trie_mem_usage, which leaves out the map itself and the nodes between prefixes.

    Where two prefixes part, there is a node without a value; of n prefixes at most n - 1 are such.
    """
    element = machine.sizeof("lpm_trie_node") + numbers.key_size - 4 + numbers.value_size
    return MapMemory(0, element, numbers.max_entries, element)


def _stack_trace(numbers: MapNumbers, machine: Machine) -> MapMemory:
    """stack_map_mem_usage."""
    entries = numbers.max_entries
    buckets = POINTER * _power_of_two(entries)
    elements = entries * (machine.sizeof("stack_map_bucket") + numbers.value_size)
    return MapMemory(machine.sizeof("bpf_stack_map") + buckets + elements)


def _queue(numbers: MapNumbers, machine: Machine) -> MapMemory:
    """queue_stack_map_mem_usage."""
    head = machine.sizeof("bpf_queue_stack")
    return MapMemory(head + (numbers.max_entries + 1) * numbers.value_size)


def _ringbuf(numbers: MapNumbers, machine: Machine) -> MapMemory:
    """ringbuf_map_mem_usage: the data is mapped twice, and there once."""
    data = numbers.max_entries // machine.page
    pages = (RINGBUF_META_PAGES + data) * machine.page
    pointers = (RINGBUF_META_PAGES + 2 * data) * POINTER
    return MapMemory(machine.sizeof("bpf_ringbuf_map") + pages + pointers)


def _bloom_filter(numbers: MapNumbers, machine: Machine) -> MapMemory:
    """bloom_map_mem_usage; bloom_map_alloc decides how many bits there are."""
    hashes = numbers.map_extra & 15 or 5
    bits = numbers.max_entries * hashes
    if bits >= 1 << 32 or bits // 5 * 7 > 1 << 31:
        bits = 1 << 32
    else:
        bits = _power_of_two(max(bits // 5 * 7, 64))
    return MapMemory(machine.sizeof("bpf_bloom_filter") + bits // 8)


def _devmap(numbers: MapNumbers, machine: Machine) -> MapMemory:
    """dev_map_mem_usage."""
    slots = numbers.max_entries if numbers.kind.indexed else _power_of_two(numbers.max_entries)
    created = machine.sizeof("bpf_dtab") + POINTER * slots
    return MapMemory(created, machine.sizeof("bpf_dtab_netdev"), numbers.max_entries)


def _cpumap(numbers: MapNumbers, machine: Machine) -> MapMemory:
    """cpu_map_mem_usage, which leaves out the elements; a value says how long its queue is."""
    created = machine.sizeof("bpf_cpu_map") + POINTER * numbers.max_entries
    element = machine.sizeof("bpf_cpu_map_entry")
    return MapMemory(created, 0, numbers.max_entries, element)


def _xskmap(numbers: MapNumbers, machine: Machine) -> MapMemory:
    """xsk_map_mem_usage."""
    created = machine.sizeof("xsk_map") + POINTER * numbers.max_entries
    return MapMemory(created, machine.sizeof("xsk_map_node"), numbers.max_entries)


def _sockhash(numbers: MapNumbers, machine: Machine) -> MapMemory:
    """sock_hash_mem_usage."""
    buckets = machine.sizeof("bpf_shtab_bucket") * _power_of_two(numbers.max_entries)
    element = machine.sizeof("bpf_shtab_elem") + _r8(numbers.key_size)
    return MapMemory(machine.sizeof("bpf_shtab") + buckets, element, numbers.max_entries)


def _local_storage(numbers: MapNumbers, machine: Machine) -> MapMemory:
    """bpf_local_storage_map_mem_usage, which leaves out the elements (bpf_selem_alloc)."""
    buckets = max(2, _power_of_two(machine.cpus)) * machine.sizeof("bpf_local_storage_map_bucket")
    element = LOCAL_STORAGE_DATA + numbers.value_size
    return MapMemory(machine.sizeof("bpf_local_storage_map") + buckets, 0, None, element)


def _cgroup_storage(numbers: MapNumbers, machine: Machine) -> MapMemory:
    """cgroup_storage_map_usage, which leaves out the elements (bpf_cgroup_storage_alloc)."""
    element = machine.sizeof("bpf_cgroup_storage")
    if numbers.kind.per_cpu:
        element += _r8(numbers.value_size) * machine.cpus
    else:
        element += machine.sizeof("bpf_storage_buffer") + numbers.value_size
    return MapMemory(machine.sizeof("bpf_cgroup_storage_map"), 0, None, element)


def _arena(numbers: MapNumbers, machine: Machine) -> MapMemory:
    """arena_map_mem_usage; a page comes when it is touched."""
    if machine.kernel < ARENA_PAGES_SINCE:
        return MapMemory(0, 0, numbers.max_entries, machine.page)
    return MapMemory(0, machine.page, numbers.max_entries)


def _insn_array(numbers: MapNumbers, machine: Machine) -> MapMemory:
    """insn_array_mem_usage."""
    element = POINTER + numbers.value_size
    return MapMemory(machine.sizeof("bpf_insn_array") + numbers.max_entries * element)


def _pointers(struct: str) -> Usage:
    """Return the usage of a map that is *struct* and a pointer for each entry."""

    def usage(numbers: MapNumbers, machine: Machine) -> MapMemory:
        return MapMemory(machine.sizeof(struct) + POINTER * numbers.max_entries)

    return usage


def _nothing(_numbers: MapNumbers, _machine: Machine) -> MapMemory:
    """A struct_ops map has no definition whose numbers could be asked about."""
    return MapMemory(0)


if TYPE_CHECKING:
    Usage: TypeAlias = Callable[[MapNumbers, Machine], MapMemory]

_USAGE: dict[str, Usage] = {
    "hash": _hash,
    "array": _array,
    "prog_array": _array,
    "perf_event_array": _array,
    "percpu_hash": _hash,
    "percpu_array": _array,
    "stack_trace": _stack_trace,
    "cgroup_array": _array,
    "lru_hash": _hash,
    "lru_percpu_hash": _hash,
    "lpm_trie": _trie,
    "array_of_maps": _array,
    "hash_of_maps": _hash,
    "devmap": _devmap,
    "sockmap": _pointers("bpf_stab"),
    "cpumap": _cpumap,
    "xskmap": _xskmap,
    "sockhash": _sockhash,
    "cgroup_storage": _cgroup_storage,
    "reuseport_sockarray": _pointers("reuseport_array"),
    "percpu_cgroup_storage": _cgroup_storage,
    "queue": _queue,
    "stack": _queue,
    "sk_storage": _local_storage,
    "devmap_hash": _devmap,
    "struct_ops": _nothing,
    "ringbuf": _ringbuf,
    "inode_storage": _local_storage,
    "task_storage": _local_storage,
    "bloom_filter": _bloom_filter,
    "user_ringbuf": _ringbuf,
    "cgrp_storage": _local_storage,
    "arena": _arena,
    "insn_array": _insn_array,
    "rhash": _growing_hash,
}
"""The arithmetic of each kind, by its name."""

_EACH = "for each {} that has a value; the kernel doesn't count it"

UNCOUNTED: dict[str, str] = {
    "lpm_trie": "a node where two prefixes part, one for each at most; the kernel doesn't count it",
    "cpumap": "the kernel doesn't count it, nor the queue, whose length the value says",
    "cgroup_storage": _EACH.format("cgroup"),
    "percpu_cgroup_storage": _EACH.format("cgroup"),
    "sk_storage": _EACH.format("socket"),
    "inode_storage": _EACH.format("inode"),
    "task_storage": _EACH.format("task"),
    "cgrp_storage": _EACH.format("cgroup"),
    "arena": "a page, once it is touched; the kernel counts it from 7.3 on",
    "rhash": "about a bucket, which the kernel doesn't count",
}
"""What :attr:`MapMemory.uncounted` is, by kind."""
