"""What a map costs the kernel: what it takes at once, and what each element adds.

The rules ask, with the numbers that union bpf_attr will have. The arithmetic is that of the
kernel's own map_mem_usage functions (Linux 6.4 and later), whose answer is the line `memlock` of
/proc/PID/fdinfo/FD: it was compared with that of Linux 6.18 for all kinds that it has. What the
kernel leaves out there is left out here too, but for what comes with each element: elements of
local storages, pages of arenas. Allocators' caches, counters and what page tables take are in
neither.

Sizes are those of 64-bit kernels; structs differ by tens of bytes between releases.
"""

from __future__ import annotations

from bpfgen.kernel.map_flags import MAP_FLAGS
from bpfgen.kernel.map_kind import MAX_CPUS
from bpfgen.record import TYPE_CHECKING, Record

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import TypeAlias

    from bpfgen.kernel.map_kind import MapKind
    from bpfgen.kernel.version import KernelVersion

SIZEOF = {
    "bpf_array": 312,
    "bpf_bloom_filter": 312,
    "bpf_cgroup_storage": 104,
    "bpf_cgroup_storage_map": 328,
    "bpf_cpu_map": 304,
    "bpf_dtab": 344,
    "bpf_dtab_netdev": 64,
    "bpf_htab": 832,
    "bpf_local_storage_elem": 128,
    "bpf_local_storage_map": 448,
    "bpf_local_storage_map_bucket": 16,
    "bpf_queue_stack": 312,
    "bpf_ringbuf_map": 304,
    "bpf_shtab": 384,
    "bpf_shtab_bucket": 16,
    "bpf_shtab_elem": 48,
    "bpf_stab": 376,
    "bpf_stack_map": 320,
    "bucket": 16,
    "htab_elem": 48,
    "lpm_trie_node": 24,
    "reuseport_array": 296,
    "stack_map_bucket": 16,
    "xsk_map": 304,
}
"""Bytes of the kernel's structs, by tag: those of Linux 6.18 on x86-64."""

POINTER = 8
RINGBUF_META_PAGES = 3
"""RINGBUF_NR_META_PAGES in kernel/bpf/ringbuf.c: the positions of consumer and producer, and one
more."""

HASH_LOCKS = 8
"""HASHTAB_MAP_LOCK_COUNT: counters for each CPU that a hash of before 7.0 is said to have."""

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
    """

    cpus: int = 1
    page: int = 4096
    limit: int = 1 << 30


def parsed_cpus(text: str) -> int | None:
    """Return the number of CPUs that *text* says; None if it says none that Linux can have."""
    if not (text.isascii() and text.isdigit() and len(text) <= len(str(MAX_CPUS))):
        return None
    return int(text) if 0 < int(text) <= MAX_CPUS else None


class MapMemory(Record):
    """Bytes of kernel memory that a map takes.

    Attributes:
        created: From its creation on.
        element: What each element adds when it is stored; 0 where all are there from the start.
        most: How many elements may be added, or None where nothing limits them: a local storage has
            one for each object, a cgroup storage for each cgroup.
    """

    created: int
    element: int = 0
    most: int | None = 0

    @property
    def full(self) -> int | None:
        """What it takes with all its elements; None where nothing limits them."""
        if not self.element:
            return self.created
        return None if self.most is None else self.created + self.element * self.most


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
    head, values = SIZEOF["bpf_array"], numbers.max_entries * _r8(numbers.value_size)
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
    created = SIZEOF["bpf_htab"] + SIZEOF["bucket"] * _power_of_two(entries)
    created += 4 * cpus * HASH_LOCKS
    value = _r8(numbers.value_size)
    element = SIZEOF["htab_elem"] + _r8(numbers.key_size) + (POINTER if kind.per_cpu else value)
    if numbers.map_flags & _NO_PREALLOC:
        element += POINTER
        if kind.per_cpu:
            element += 2 * POINTER + value * cpus
        return MapMemory(created, element, entries)
    if kind.per_cpu:
        return MapMemory(created + (element + value * cpus) * entries)
    if kind.lru:
        return MapMemory(created + element * entries)
    extra = 0 if kind.of_maps else cpus  # elements that replace others (htab_has_extra_elems)
    return MapMemory(created + element * (entries + extra) + POINTER * cpus)


def _growing_hash(numbers: MapNumbers, _machine: Machine) -> MapMemory:
    """rhtab_map_mem_usage, which leaves out the buckets; here each element has one.

    The size of struct bpf_rhtab is that of bpf_htab, for want of a kernel that was asked.
    """
    element = POINTER + _r8(numbers.key_size) + _r8(numbers.value_size) + POINTER
    return MapMemory(SIZEOF["bpf_htab"], element, numbers.max_entries)


def _trie(numbers: MapNumbers, _machine: Machine) -> MapMemory:
    """trie_mem_usage, which leaves out the map itself and the nodes between prefixes."""
    data = numbers.key_size - 4
    return MapMemory(0, SIZEOF["lpm_trie_node"] + data + numbers.value_size, numbers.max_entries)


def _stack_trace(numbers: MapNumbers, _machine: Machine) -> MapMemory:
    """stack_map_mem_usage."""
    entries = numbers.max_entries
    buckets = POINTER * _power_of_two(entries)
    elements = entries * (SIZEOF["stack_map_bucket"] + numbers.value_size)
    return MapMemory(SIZEOF["bpf_stack_map"] + buckets + elements)


def _queue(numbers: MapNumbers, _machine: Machine) -> MapMemory:
    """queue_stack_map_mem_usage."""
    return MapMemory(SIZEOF["bpf_queue_stack"] + (numbers.max_entries + 1) * numbers.value_size)


def _ringbuf(numbers: MapNumbers, machine: Machine) -> MapMemory:
    """ringbuf_map_mem_usage: the data is mapped twice, and there once."""
    data = numbers.max_entries // machine.page
    pages = (RINGBUF_META_PAGES + data) * machine.page
    pointers = (RINGBUF_META_PAGES + 2 * data) * POINTER
    return MapMemory(SIZEOF["bpf_ringbuf_map"] + pages + pointers)


def _bloom_filter(numbers: MapNumbers, _machine: Machine) -> MapMemory:
    """bloom_map_mem_usage; bloom_map_alloc decides how many bits there are."""
    hashes = numbers.map_extra & 15 or 5
    bits = numbers.max_entries * hashes
    if bits >= 1 << 32 or bits // 5 * 7 > 1 << 31:
        bits = 1 << 32
    else:
        bits = _power_of_two(max(bits // 5 * 7, 64))
    return MapMemory(SIZEOF["bpf_bloom_filter"] + bits // 8)


def _devmap(numbers: MapNumbers, _machine: Machine) -> MapMemory:
    """dev_map_mem_usage."""
    slots = numbers.max_entries if numbers.kind.indexed else _power_of_two(numbers.max_entries)
    created = SIZEOF["bpf_dtab"] + POINTER * slots
    return MapMemory(created, SIZEOF["bpf_dtab_netdev"], numbers.max_entries)


def _sockhash(numbers: MapNumbers, _machine: Machine) -> MapMemory:
    """sock_hash_mem_usage, which leaves out the elements' rounding."""
    created = SIZEOF["bpf_shtab"] + SIZEOF["bpf_shtab_bucket"] * _power_of_two(numbers.max_entries)
    return MapMemory(created, SIZEOF["bpf_shtab_elem"] + numbers.key_size, numbers.max_entries)


def _local_storage(numbers: MapNumbers, machine: Machine) -> MapMemory:
    """bpf_local_storage_map_mem_usage, which leaves out the elements."""
    buckets = max(2, _power_of_two(machine.cpus)) * SIZEOF["bpf_local_storage_map_bucket"]
    element = SIZEOF["bpf_local_storage_elem"] + numbers.value_size
    return MapMemory(SIZEOF["bpf_local_storage_map"] + buckets, element, None)


def _cgroup_storage(numbers: MapNumbers, machine: Machine) -> MapMemory:
    """cgroup_storage_map_usage, which leaves out the elements."""
    copies = machine.cpus if numbers.kind.per_cpu else 1
    element = SIZEOF["bpf_cgroup_storage"] + _r8(numbers.value_size) * copies
    return MapMemory(SIZEOF["bpf_cgroup_storage_map"], element, None)


def _arena(numbers: MapNumbers, machine: Machine) -> MapMemory:
    """arena_map_mem_usage is 0; a page comes when it is touched."""
    return MapMemory(0, machine.page, numbers.max_entries)


def _insn_array(numbers: MapNumbers, _machine: Machine) -> MapMemory:
    """insn_array_mem_usage; the size of struct bpf_insn_array is taken for bpf_array's."""
    return MapMemory(SIZEOF["bpf_array"] + numbers.max_entries * (POINTER + numbers.value_size))


def _pointers(struct: str) -> Usage:
    """Return the usage of a map that is *struct* and a pointer for each entry."""

    def usage(numbers: MapNumbers, _machine: Machine) -> MapMemory:
        return MapMemory(SIZEOF[struct] + POINTER * numbers.max_entries)

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
    "cpumap": _pointers("bpf_cpu_map"),
    "xskmap": _pointers("xsk_map"),
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
