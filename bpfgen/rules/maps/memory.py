"""How much memory a map takes as soon as it is created, and what no kernel gives it."""

from __future__ import annotations

from bpfgen.kernel.map_flags import MAP_FLAGS
from bpfgen.kernel.memory import (
    CHARGED_BEFORE,
    LARGEST_MEMORY,
    LRU_BATCH,
    LRU_BATCH_FITS_SINCE,
    MOST_CHARGED,
    Machine,
    map_memory,
)
from bpfgen.kernel.version import format_version
from bpfgen.record import TYPE_CHECKING
from bpfgen.rules.maps.bpf_attr import numbers_of, with_article
from bpfgen.rules.target import lacking
from bpfgen.text.diagnostics import WARNING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bpfgen.kernel.memory import MapMemory, MapNumbers
    from bpfgen.model.model import Model
    from bpfgen.rules.maps.bpf_attr import BpfAttr
    from bpfgen.rules.target import Target
    from bpfgen.text.diagnostics import Diagnostic

_NO_PREALLOC = "BPF_F_NO_PREALLOC"
_NO_COMMON_LRU = MAP_FLAGS["BPF_F_NO_COMMON_LRU"].value


def memory_at_once(_model: Model, target: Target) -> Iterator[Diagnostic]:
    """A map takes its memory when it is created, all elements at once.

    What it does: computes what a map takes with the kernel's own arithmetic (map_mem_usage of each
    kind), and warns of more than 1 GiB; --memory-limit and `memory-limit` in [tool.bpfgen] name
    another limit, --cpus and `cpus` the number of CPUs that per-CPU values are counted for, which
    is 1 otherwise. It refuses what Linux refuses whatever its memory: more than 4 PiB, which no
    machine addresses, and for targets before 5.11 what has 4 GiB.
    Why: arrays, hashes without BPF_F_NO_PREALLOC, queues, stacks and ring buffers are allocated
    whole (bpf_map_area_alloc, bpf_map_alloc_percpu), and get ENOMEM where that much isn't there.
    With that flag a hash still has its table from the start, 16 bytes for each entry.
    Kernels before 5.11 charge a map to RLIMIT_MEMLOCK, elements that may come later included, and
    refuse 4 GiB with E2BIG (bpf_map_charge_init).

    Wrong:
        map pages: array<__u32, __u8[4096]>[1 << 28];
    Right:
        map pages: hash<__u32, __u8[4096]>[1 << 20] { map_flags = BPF_F_NO_PREALLOC; };
    """
    # With one CPU and small pages: what a map takes at least.
    smallest = Machine(kernel=target.kernel)
    for attr in target.attrs:
        numbers = numbers_of(attr)
        if numbers is None or not _is_taken(numbers):
            continue
        least = map_memory(numbers, smallest)
        # The elements of a devmap or a local storage are objects of their own, not charged with it.
        charged = (least.counted if attr.kind.compared_by else None) or least.created
        memory = map_memory(numbers, target.machine)
        if least.created > LARGEST_MEMORY:
            yield _refused(
                attr,
                least.created,
                "no machine addresses that much",
                "Linux answers ENOMEM (bpf_map_area_alloc)",
                "",
            )
        elif target.kernel < CHARGED_BEFORE and charged >= MOST_CHARGED:
            since = format_version(CHARGED_BEFORE)
            yield lacking(
                _refused(
                    attr,
                    charged,
                    f"a map has less than 4 GiB before Linux {since}",
                    "older kernels refuse it with E2BIG (bpf_map_charge_init)",
                    f", or `target kernel >= {since};`",
                ),
                "a map of 4 GiB or more",
                target,
                CHARGED_BEFORE,
            )
        elif memory.created > target.machine.limit:
            yield _warned(attr, memory, target.machine)


def _is_taken(numbers: MapNumbers) -> bool:
    """Whether other rules have nothing to say about *numbers*."""
    kind = numbers.kind
    if numbers.key_size not in kind.key_sizes or numbers.value_size not in kind.value_sizes:
        return False
    return numbers.max_entries <= kind.entries.most


def _refused(attr: BpfAttr, size: int, fact: str, refusal: str, way_out: str) -> Diagnostic:
    from bpfgen.text.quantities import spelled_bytes

    return attr.diagnostic(
        "map-memory",
        f"this takes {spelled_bytes(size)}, and {fact}",
        "max_entries",
        notes=(refusal,),
        help=f"write a smaller `max_entries`, or a smaller value{way_out}",
    )


def _warned(attr: BpfAttr, memory: MapMemory, machine: Machine) -> Diagnostic:
    from bpfgen.ctype.describe import counted
    from bpfgen.text.quantities import spelled_bytes

    kind = attr.kind
    on_cpus = f" on {counted(machine.cpus, 'CPU')}" if kind.per_cpu else ""
    help_ = "write a smaller `max_entries`, or move the limit: `memory-limit` in [tool.bpfgen], or"
    help_ += " `--memory-limit` when compiling"
    if _NO_PREALLOC in kind.flags and not memory.element:
        help_ += f"; with `{_NO_PREALLOC}` elements take memory when they are stored"
    return attr.diagnostic(
        "map-memory",
        f"this takes {spelled_bytes(memory.created)} of memory{on_cpus} as soon as it is created",
        "max_entries",
        label=f"the limit is {spelled_bytes(machine.limit)}",
        notes=(
            (
                f"Linux makes {'the table' if memory.element else 'all elements'} of"
                f" {with_article(kind)} at once, and answers ENOMEM where there is no room"
                " (bpf_map_area_alloc)"
            ),
        ),
        help=help_,
        severity=WARNING,
    )


def lru_batches(_model: Model, target: Target) -> Iterator[Diagnostic]:
    """An LRU hash is smaller than what its CPUs take from it at once.

    What it does: warns, for targets before 6.17, of an lru_hash or lru_percpu_hash with fewer than
    128 entries for each CPU; --cpus and `cpus` in [tool.bpfgen] say how many CPUs there are, 1
    otherwise.
    Why: each CPU keeps a list of its own with 128 free elements (LOCAL_FREE_TARGET), and where
    there are no more, 128 are dropped at once (bpf_lru_list_pop_free_to_local). A map with fewer
    drops all that it holds, elements that were used a moment ago too. Linux 6.17, and stable
    kernels of 2025, take half of a CPU's share at most (bpf_common_lru_populate). With
    BPF_F_NO_COMMON_LRU, 4 are dropped at once.

    Wrong:
        target kernel >= 5.15;
        map recent: lru_hash<__u32, __u64>[64];
    Right:
        target kernel >= 5.15;
        map recent: lru_hash<__u32, __u64>[1024];
    """
    if target.kernel >= LRU_BATCH_FITS_SINCE:
        return
    least = LRU_BATCH * target.machine.cpus
    since = format_version(LRU_BATCH_FITS_SINCE)
    for attr in target.attrs:
        entries, flags = attr.max_entries, attr.map_flags
        if not attr.kind.lru or not entries or entries >= least:
            continue
        if flags is None or flags & _NO_COMMON_LRU:
            continue
        # Only a mistake pays for this import.
        from bpfgen.ctype.describe import counted

        yield attr.diagnostic(
            "lru-batches",
            f"an LRU of {counted(entries, 'element')} is smaller than what"
            f" {counted(target.machine.cpus, 'CPU')} may take or drop at once: {least}",
            "max_entries",
            notes=(
                (
                    f"before Linux {since} each CPU takes {LRU_BATCH} free elements"
                    " (bpf_lru_list_pop_free_to_local), and drops as many where there are none: the"
                    " newest go with the oldest"
                ),
            ),
            help=f"write `[{least}]` at least, `map_flags = BPF_F_NO_COMMON_LRU;`, or `target"
            f" kernel >= {since};`",
            replacement=str(least),
            severity=WARNING,
        )
