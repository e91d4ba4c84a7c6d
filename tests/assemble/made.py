"""Objects of one source by each assembler, for tests that hand both to the same tool."""

from __future__ import annotations

from functools import cache

from bpfgen.building import build_object
from bpfgen.clang.finder import Finder
from bpfgen.compiler import Options, compile
from bpfgen.text.source import Source
from tests.conformance import libbpf
from tests.tools import require_clang

WHOLE = """
struct inner_key { __be32 address; __u16 port : 3, rest : 13; };
enum verdict : __u8 { PASS, DROP = 4 };
enum huge { HUGE = 1ULL << 40 };
union word { __u32 all; __u8 bytes[4]; };
struct value {
    struct bpf_spin_lock lock;
    enum verdict verdict;
    enum huge huge;
    union word word;
    struct { __s16 a; __s16 b; };
    const char *name;
    int (*call)(struct value *self, const void *);
    __u64 by_cpu[2][3] __attribute__((btf_decl_tag("counted")));
    double mean;
} __attribute__((aligned(16)));
struct event { __u64 when; struct inner_key key; };
typedef struct event record_t;

map flows: hash<inner_key, value>[128] { map_flags = BPF_F_NO_PREALLOC; };
map by_index: array<int, __u8[24]>[4];
map sized: stack_trace[16] {
    key_size = sizeof(__u32);
    value_size = PERF_MAX_STACK_DEPTH * sizeof(__u64);
};
map events: ringbuf<record_t>[4 KiB];
map set_later: lru_hash<__u64, record_t>[runtime];
template counters: array<__u32, __u64>[8];
map slot_a: counters;
map slot_b: counters;
map slots: array_of_maps<__u32, counters>[4] = { [0] = slot_a, [3] = slot_b };
map by_id: hash_of_maps<__u64, hash<__u32, union word>[64]>[8];
weak map tuning: array<__u32, __u64>[1];
"""
"""Maps of many forms, whose types are of many kinds; it opens and loads as it is."""

ASKING = "extern map shared: hash<__u32, __u64>[64];\nmap own: array<__u32, __u32>[2];\n"
DEFINING = "map shared: hash<__u32, __u64>[64];\nmap other: array<__u32, __u64>[3];\n"
WEAK = "weak map shared: hash<__u32, __u64>[64];\nmap mine: array<__u32, __u16>[5];\n"
TAILS = """
int tail_a(struct packet *packet);
int tail_b(struct packet *packet);
map jumps: prog_array[4] = { [1] = tail_a, [3] = tail_b };
"""
"""No context of the kernel's: of `struct __sk_buff` clang has what the machine's headers have."""


@cache
def made(text: str, assembler: str, target: str = "bpf", name: str = "maps.dsl") -> bytes:
    """Return the verified object of *text* by *assembler*, with the newest clang for `clang`."""
    clang = Finder(require_clang()) if assembler == "clang" else Finder("/there/is/no/clang")
    options = Options(assembler=assembler, target=target, kernel=(6, 18), clang=clang)
    compilation = compile(Source(name, text), options)
    assert not compilation.failed, compilation.diagnostics
    data, said = build_object(compilation, options)
    assert data is not None, said
    return data


def maps_for_libbpf(data: bytes) -> list[libbpf.LibbpfMap]:
    """Return what libbpf's getters say of the maps of *data*, in the order of their names.

    Types are there or not: their ids depend on what else is in the object.
    """
    with libbpf.open_object(data) as object:
        return sorted(map(_without_ids, object.maps()))


def _without_ids(map: libbpf.LibbpfMap) -> libbpf.LibbpfMap:
    return map._replace(
        btf_key_type_id=bool(map.btf_key_type_id),
        btf_value_type_id=bool(map.btf_value_type_id),
        inner=None if map.inner is None else _without_ids(map.inner),
    )
