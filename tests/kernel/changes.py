"""A source with maps of all kinds, each of its single changes, and in what two models differ.

What differs is found by looking at both models, with no regard to how maps are verified.
"""

from __future__ import annotations

import re
from collections import defaultdict
from typing import TYPE_CHECKING

from bpfgen.ctype.describe import described
from bpfgen.model.model import TypeDeclaration

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bpfgen.model.maps import Shape, TypeArgument
    from bpfgen.model.model import Model

SOURCE = """\
enum verdict : __u8 { PASS, DROP = 4 };
enum direction { INGRESS = -1, EGRESS = 1 };
enum huge { HUGE = 0x8000000000000000 };

typedef __u32 counter_t __attribute__((btf_decl_tag("counts")));
typedef struct { __u16 low, high; } pair_t;

struct flow_key { __be32 saddr, daddr; __be16 sport, dport; };
union either { __u32 number; char text[8]; };
struct item { struct bpf_list_node node; __u64 payload; };
struct held { struct bpf_rb_node node; __u32 when; };

struct flow {
    struct bpf_spin_lock lock;
    counter_t packets;
    __u64 bytes;
    enum verdict verdict;
    enum direction direction;
    enum huge huge;
    char name[16];
    const char *label;
    struct flow *next;
    int (*callback)(struct flow *self, const char *name);
    union { int v4; int v6[4]; };
    volatile int live;
    struct bpf_list_head items __contains(item, node);
    struct held __kptr *held;
    __u32 id __attribute__((btf_decl_tag("user id")));
    bool flag;
    double ratio;
    union either either;
    pair_t pair;
};

struct session { __u64 started; __u32 count; unsigned int version : 3, mode : 5, : 24; };
struct event { __u64 when; struct flow_key flow; };
struct prefix { __u32 prefixlen; __u8 data[4]; };

map flows: hash<flow_key, flow>[1024] {
    map_flags = BPF_F_NO_PREALLOC;
    pinning = by_name;
};
map counters: array<__u32, session>[16] { map_flags = BPF_F_MMAPABLE; }
map sized: hash[8] { key_size = 4; value_size = 12; }
map own_lists: lru_hash<__u64, session>[100] { map_flags = BPF_F_NO_COMMON_LRU; }
map per_cpu: percpu_hash<counter_t, session>[8] { map_flags = BPF_F_NO_PREALLOC; }
map per_cpu_array: percpu_array<__u32, __u64>[8];
map routes: lpm_trie<prefix, __u32>[64];
map stacks: stack_trace[128] { key_size = 4; value_size = 1016; }
map queued: queue<session>[32];
map stacked: stack<__u64>[32];
map bloom: bloom_filter[100] { value = __u32; map_extra = 3; }
map events: ringbuf<event>[8192];
map user_events: user_ringbuf<event>[4096];
map perf: perf_event_array<event>;
map cgroups: cgroup_array[4];
map sockets: sk_storage<int, session>;
map tasks: task_storage<int, __u64>;
map devices: devmap<__u32, struct bpf_devmap_val>[16];
map cpus: cpumap<__u32, __u32>[2];
map xsks: xskmap[16];
map socks: sockhash<__u32, __u64>[32];
map reuse: reuseport_sockarray<__u32, __u64>[8];
map pages: arena[4];
map later: hash<__u32, __u64>[runtime];
map jumps: prog_array[4];

template table: hash<__u64, session>[256] { map_flags = BPF_F_NO_PREALLOC; }
map red: table;
map blue: table;
map slots: array_of_maps<__u32, table>[4] { pinning = by_name; } = { [0] = red, [2] = blue };
map nested: hash_of_maps<__u32, array<__u32, session>[8]>[64];
map arrays: array_of_maps<__u32, array<__u32, session>[8]>[2] = { [1] = eight };
map eight: array<__u32, session>[8];
"""

_OTHER_WORDS = {
    "__u64": ("__s64", "__u32", "__be64"),
    "__u32": ("__s32", "__u64", "__be32", "unsigned int", "counter_t"),
    "__u16": ("__s16", "__u32"),
    "__u8": ("char", "__u16"),
    "__be32": ("__u32", "__le32"),
    "__be16": ("__u16",),
    "counter_t": ("__u32",),
    "int": ("unsigned int", "long"),
    "char": ("__u8", "signed char"),
    "double": ("float", "__u64"),
    "bool": ("__u8",),
    "const": ("",),
    "volatile": ("", "const volatile"),
    "union": ("struct",),
    "__kptr": ("", "__kptr_untrusted"),
    "BPF_F_NO_PREALLOC": ("BPF_F_ZERO_SEED", "0", "BPF_F_NO_PREALLOC | BPF_F_RDONLY"),
    "BPF_F_MMAPABLE": ("0", "BPF_F_MMAPABLE | BPF_F_WRONLY_PROG"),
    "BPF_F_NO_COMMON_LRU": ("0",),
    "session": ("event",),
    "event": ("session",),
    "by_name": ("none",),
    "runtime": ("7",),
    "hash": ("lru_hash", "percpu_hash"),
    "array": ("hash",),
    "lru_hash": ("hash",),
    "percpu_hash": ("lru_percpu_hash",),
    "percpu_array": ("array",),
    "queue": ("stack",),
    "stack": ("queue",),
    "ringbuf": ("user_ringbuf",),
    "user_ringbuf": ("ringbuf",),
    "hash_of_maps": ("array_of_maps",),
    "array_of_maps": ("hash_of_maps",),
    "sk_storage": ("inode_storage",),
    "devmap": ("devmap_hash",),
    "red": ("blue",),
    "map_flags": (),
    "map": ("weak map", "legacy map"),
}
_KEPT = frozenset(
    (
        *("struct", "enum", "typedef", "template", "self", "node", "attribute", "btf_decl_tag"),
        *("map_extra", "pinning", "key_size", "value_size", "value"),
        *("bpf_list_node", "bpf_rb_node", "bpf_list_head", "bpf_spin_lock", "bpf_devmap_val"),
    )
)
_TOKEN = re.compile(r"0x[0-9a-f]+|[0-9]+|[A-Za-z_][A-Za-z_0-9]*")


def changes() -> Iterator[tuple[str, str]]:
    """Yield what is changed, and the source with that one change; not all of them compile."""
    renamed = set()
    for found in _TOKEN.finditer(SOURCE):
        word = found[0]
        line = SOURCE[: found.start()].count("\n") + 1
        others: tuple[str, ...] = _OTHER_WORDS.get(word, ())
        if word[0].isdigit():
            number = int(word, 0)
            others = (str(number + 1), str(number * 2 or 3), "runtime")
        for other in others:
            yield (
                f"line {line}: `{word}` -> `{other}`",
                SOURCE[: found.start()] + other + SOURCE[found.end() :],
            )
        if others or word in _KEPT or word.startswith("BPF_F") or word in renamed:
            continue
        renamed.add(word)
        yield f"`{word}` renamed", re.sub(rf"\b{word}\b", f"{word[:10]}_x", SOURCE)
    for name in ("numa_node = 1", "map_flags = BPF_F_WRONLY", "map_extra = 1", "pinning = by_name"):
        yield (
            f"queued {{ {name} }}",
            SOURCE.replace(
                "queued: queue<session>[32];", f"queued: queue<session>[32] {{ {name}; }}"
            ),
        )


def differing(before: Model, after: Model) -> dict[str, set[str]]:
    """Return in which parts the maps of two models differ, by the name of the map in *after*.

    A part is called as a comparison calls what it can't compare.
    """
    found: dict[str, set[str]] = {}
    retagged = {name for name, tags in _typedefs(after).items() if _typedefs(before)[name] != tags}
    others = {map.name: map for map in before.maps}
    for map in after.maps:
        other = others.get(map.name)
        if other is None:
            found[map.name] = {"name"}
            continue
        parts = _of_shapes(other.shape, map.shape)
        for name, argument in (("key", map.shape.key), ("value", map.shape.value)):
            if any(f"Typedef(name={typedef!r}" in _spelled(argument) for typedef in retagged):
                parts.add(name)
        if map.slots != other.slots:
            parts.add("slots")
        if (map.linkage, map.legacy) != (other.linkage, other.legacy):
            parts.add("linkage")
        if map.decl_tags != other.decl_tags:
            parts.add("btf_decl_tag")
        if parts:
            found[map.name] = parts
    return found


def _typedefs(model: Model) -> defaultdict[str, tuple[str, ...]]:
    """Return the decl tags of each typedef."""
    found: defaultdict[str, tuple[str, ...]] = defaultdict(tuple)
    for one in model.declarations:
        if isinstance(one, TypeDeclaration):
            for typedef, tags in zip(one.typedefs, one.decl_tags, strict=False):
                found[typedef.name] = tags
    return found


def _of_shapes(before: Shape, after: Shape) -> set[str]:
    parts = set()
    if before.kind != after.kind:
        parts.add("type")
    for name in {**before.attributes, **after.attributes}:
        one, other = before.attributes.get(name), after.attributes.get(name)
        values = (None if one is None else one.value, None if other is None else other.value)
        if (one is None) != (other is None) or values[0] != values[1]:
            parts.add(name)
    for name in ("key", "value", "record"):
        if _spelled(getattr(before, name)) != _spelled(getattr(after, name)):
            parts.add(name)
    if before.inner is not None and after.inner is not None:
        parts |= {f"inner.{part}" for part in _of_shapes(before.inner, after.inner)}
    elif (before.inner is None) != (after.inner is None):
        parts.add("inner")
    return parts


def _spelled(argument: TypeArgument | None) -> str:
    """Return all that a type is, in words that places in the source don't change."""
    return "" if argument is None else f"{described(argument.type)} {argument.type!r}"
