"""Maps as aya declares them in Rust."""

from __future__ import annotations

from bpfgen.record import TYPE_CHECKING
from bpfgen.syntax.mistakes.place import mistake

if TYPE_CHECKING:
    from bpfgen.syntax.mistakes.place import Mistake, Place

_KINDS = {
    "Array": "array",
    "BloomFilter": "bloom_filter",
    "CpuMap": "cpumap",
    "DevMap": "devmap",
    "DevMapHash": "devmap_hash",
    "HashMap": "hash",
    "LpmTrie": "lpm_trie",
    "LruHashMap": "lru_hash",
    "LruPerCpuHashMap": "lru_percpu_hash",
    "PerCpuArray": "percpu_array",
    "PerCpuHashMap": "percpu_hash",
    "PerfEventArray": "perf_event_array",
    "ProgramArray": "prog_array",
    "Queue": "queue",
    "RingBuf": "ringbuf",
    "SockHash": "sockhash",
    "SockMap": "sockmap",
    "Stack": "stack",
    "StackTrace": "stack_trace",
    "XskMap": "xskmap",
}
"""The types of aya_ebpf::maps, and the kinds that they are."""


def map_of_aya(place: Place) -> Mistake | None:
    """Recognise `static FLOWS: HashMap<u32, u64> = HashMap::with_max_entries(1024, 0);`."""
    first = place.first
    ends = place.end(first)
    colon = next((at for at in range(first, ends) if place.texts[at] == ":"), -1)
    kind = _KINDS.get(place.texts[colon + 1]) if colon > first else None
    words = {"pub", "static", "mut", "const", "let"}
    is_rust = place.texts[first] in words and all(
        place.texts[at] in words for at in range(first, colon - 1)
    )
    if kind is None or not is_rust or place.kinds[colon - 1] != "NAME":
        return None
    name = place.texts[colon - 1]
    entries = next((place.texts[at] for at in range(colon, ends) if _is_first(place, at)), "")
    after = colon + 2
    types = ""
    if place.texts[after] == "<":
        types = place.written(after, place.closing(after) + 1)
    if kind in {"array", "percpu_array"} and types and "," not in types:
        types = f"<u32, {types[1:]}"
    right = f"map {name}: {kind}{types}{f'[{entries}]' if entries else ''};"
    return mistake(
        "this is a map of aya, in Rust",
        place.span(first, colon + 2),
        help=f"write `{right}`",
        edits=(place.replace(first, ends, right),) if types and entries else (),
        resume=ends,
    )


def _is_first(place: Place, at: int) -> bool:
    """Return whether token *at* is a number or name right after `(`: how many entries there are."""
    return place.texts[at - 1] == "(" and place.kinds[at] in {"NUMBER", "NAME"}
