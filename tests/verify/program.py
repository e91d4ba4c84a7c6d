"""The program that is damaged: at least one of everything that verification looks at."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING

from bpfgen.emit.c.header import emit_anchored_unit
from bpfgen.emit.c.options import HeaderOptions
from bpfgen.object import read_object
from bpfgen.providers.prelude import Prelude
from bpfgen.resolve.file import resolve
from bpfgen.syntax.parser import parse
from bpfgen.text.diagnostics import Report
from bpfgen.text.source import Source
from bpfgen.verify import verify
from tests.compiled import compile_c

if TYPE_CHECKING:
    from bpfgen.model.model import Model
    from bpfgen.text.diagnostics import Diagnostic

PROGRAM = """\
enum verdict : __u8 { PASS, DROP = 4 };
enum direction { INGRESS = -1, EGRESS = 1 };
enum shift { DOWN = -2, UP = 2 };
enum huge { HUGE = 0x8000000000000000 };

typedef __u32 counter_t __attribute__((btf_decl_tag("counts")));

struct flow_key { __be32 saddr, daddr; __be16 sport, dport; };
union either { __u32 number; char text[8]; };
struct item { struct bpf_list_node node; __u64 payload; };
struct held { struct bpf_rb_node node; __u32 when; };

struct flow {
    struct bpf_spin_lock lock;
    counter_t packets;
    __u64 bytes;
    unsigned int version : 3, mode : 5;
    enum verdict verdict;
    enum direction direction;
    enum shift shift;
    enum huge huge;
    char name[16];
    const char *label;
    struct flow *next;
    int (*callback)(struct flow *self, const char *name);
    union { int v4; int v6[4]; };
    volatile int live;
    int hidden : 7;
    int : 4;
    int : 0;
    struct bpf_list_head items __contains(item, node);
    struct held __kptr *held;
    __u32 id __attribute__((btf_decl_tag("user id")));
    bool flag;
    double ratio;
    union either either;
};

struct session { __u64 started; __u32 count; __u32 pad; };
struct event { __u64 when; struct flow_key flow; };

map flows: hash<flow_key, flow>[1024] {
    map_flags = BPF_F_NO_PREALLOC | BPF_F_NUMA_NODE;
    numa_node = 1;
    pinning = by_name;
};
map counters: array<__u32, __u64>[16];
map sized: hash[8] { key_size = 4; value_size = 12; }
map bloom: bloom_filter[100] { value = __u32; map_extra = 3; }
map loader __attribute__((btf_decl_tag("of the map"))): hash<__u32, __u64>[runtime];
map events: ringbuf<event>[4096];

template table: hash<__u64, session>[256] { map_flags = BPF_F_NO_PREALLOC; }
map red: table;
map blue: table;
map slots: array_of_maps<__u32, table>[4] = { [0] = red, [2] = blue };
map nested: hash_of_maps<__u32, array<__u32, session>[8]>[64];
map bare: array_of_maps<__u32>[2];

int tail_first(struct __sk_buff *skb);
int tail_second(struct __sk_buff *skb);
map jumps: prog_array[4] = { [0] = tail_first, [1] = tail_second };

weak map tuning: array<__u32, __u64>[1];
extern map shared: hash<__u32, __u64>[1024];
legacy map old: array<__u32, __u64>[4] { map_flags = BPF_F_NUMA_NODE; }
"""


def model_of(text: str) -> Model:
    """Return the model of a source without errors; what rules would say of it doesn't matter."""
    report = Report()
    model = resolve(parse(Source("damage.dsl", text), report), report, Prelude.shared())
    assert not report.failed, report.diagnostics
    return model


@functools.cache
def program() -> tuple[Model, str]:
    """Return the model of :data:`PROGRAM` and the C text that is compiled for it."""
    model = model_of(PROGRAM)
    return model, emit_anchored_unit(model, HeaderOptions()).text


def verified(data: bytes, **options: bool | str) -> list[Diagnostic]:
    """Return what verification says of the object *data*, held against :data:`PROGRAM`."""
    return verify(program()[0], read_object(data), **options)  # type: ignore[arg-type]


def built(compiler: str, target: str = "bpfel") -> bytes:
    """Return the undamaged object."""
    return compile_c(program()[1], compiler, target)


def told(diagnostics: list[Diagnostic]) -> str:
    """Return diagnostics as text, one a line, for assertions and their failures."""
    return "\n".join(f"{d.code}: {d.message}" for d in diagnostics)
