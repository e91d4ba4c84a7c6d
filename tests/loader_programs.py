"""A program for each feature that loaders tell apart, and when each got it, written down again.

The dates were read off the loaders themselves: tests/conformance/libbpf_versions.py and
loader_versions.py build every release from its sources and hand it the objects.
"""

from __future__ import annotations

from typing import Any, NamedTuple

OPEN, LOAD, AGAIN, LINK, NEVER = "open", "load", "load again", "link", "never"


class LoaderProgram(NamedTuple):
    """A program that uses one feature.

    Attributes:
        since: The first version that does what is meant; None if none does.
        text: The program; what it needs of the kernel Linux 6.18 has.
        fails: Where an older one fails: as it opens the object, loads it, loads it again with
            its maps pinned, or links it; never where it does less than is meant.
        until: The first version that no longer does it.
        kernel: The newest kernel with which an older one fails, where it doesn't with all.
        broken: The first version that fails, where still older ones don't, or not with Linux 6.18.
    """

    since: tuple[int, int] | None
    text: str
    fails: str
    until: tuple[int, int] | None = None
    kernel: tuple[int, int] | None = None
    broken: tuple[int, int] | None = None


_ALLOWED = "// bpfgen: allow ringbuf-size because libbpf rounds it up"

LIBBPF: dict[str, LoaderProgram] = {
    "numa_node": LoaderProgram(
        (0, 1),
        "map m: hash<__u32, __u64>[16] { map_flags = BPF_F_NUMA_NODE; numa_node = 0; }",
        OPEN,
    ),
    "extern maps": LoaderProgram((0, 4), "extern map m: hash<__u32, __u64>[16];", LINK),
    "FLOAT": LoaderProgram((0, 4), "map m: hash<__u32, double>[16];", OPEN),
    "map_extra": LoaderProgram((0, 6), "map m: bloom_filter<__u32>[16] { map_extra = 3; }", OPEN),
    "initial programs of a prog_array": LoaderProgram(
        (0, 6), "int program(struct __sk_buff *skb);\nmap m: prog_array[4] = { program };", LINK
    ),
    "DECL_TAG": LoaderProgram(
        (0, 6),
        'struct v { __u64 x __attribute__((btf_decl_tag("t"))); };\nmap m: hash<__u32, v>[16];',
        OPEN,
        broken=(0, 4),
    ),
    "TYPE_TAG": LoaderProgram(
        (0, 6),
        "struct v { struct task_struct __kptr *p; };\nmap m: hash<__u32, v>[16];",
        OPEN,
        broken=(0, 4),
    ),
    "weak maps": LoaderProgram((0, 8), "weak map m: hash<__u32, __u64>[16];", OPEN),
    "ring buffers are rounded up": LoaderProgram((0, 8), f"map m: ringbuf[5000]; {_ALLOWED}", LOAD),
    "pinned perf_event_array without entries": LoaderProgram(
        (0, 8), "map m: perf_event_array { pinning = by_name; }", AGAIN
    ),
    "legacy maps": LoaderProgram(
        (0, 0), "legacy map m: hash<__u32, __u64>[16];", OPEN, until=(1, 0)
    ),
    "ENUM64": LoaderProgram(
        (1, 0), "enum e { HUGE = 1ULL << 40 };\nmap m: hash<__u32, enum e>[16];", OPEN
    ),
    "sign of an ENUM": LoaderProgram(
        (1, 0), "enum e { NEGATIVE = -1 };\nmap m: hash<__u32, enum e>[16];", NEVER, kernel=(5, 19)
    ),
    "user ring buffers are rounded up": LoaderProgram(
        (1, 1), f"map m: user_ringbuf[5000]; {_ALLOWED}", LOAD
    ),
    "arena": LoaderProgram((1, 4), "map m: arena[10];", NEVER),
    "map_extra of more than 32 bits": LoaderProgram(
        (1, 4), "map m: arena[10] { map_extra = 1ULL << 44; }", OPEN
    ),
    "inner perf_event_array without entries": LoaderProgram(
        (1, 4), "map m: array_of_maps<__u32, perf_event_array>[2];", LOAD, broken=(0, 8)
    ),
    "pinned devmap": LoaderProgram(
        (1, 7), "map m: devmap<__u32, __u32>[4] { pinning = by_name; }", AGAIN
    ),
}
"""By feature, as :data:`bpfgen.kernel.loaders.LIBBPF` names them; those of the first releases, and
those that only have a name since, need no program."""

NOT_TRIED = {
    "libbpf": {"inner definitions", "initial maps", "insn_array", "rhash", "initializer style"},
    "cilium": {"initializer style", "extern maps", "maps of maps without an inner definition"},
    "aya": {"initializer style", "extern maps", "pinned maps are compared", "numa_node"},
}
"""The rows without a program, by the loader."""

_MAP = "map m: {kind}<__u32, __u64>;"
_LIST = """\
struct n { __u64 x; struct bpf_list_node l; struct bpf_refcount r; };
struct v { struct bpf_spin_lock l; struct bpf_list_head h __contains(n, l); };
map m: array<__u32, v>[1];"""
_SLOTS = """\
template t: array<__u32, __u64>[8];
map a: t;
map m: array_of_maps<__u32, t>[2] = { [1] = a };"""


def _as(feature: str, since: tuple[int, int] | None, fails: str, **more: Any) -> LoaderProgram:
    """Return the program of *feature* as libbpf's, with another date."""
    return LoaderProgram(since, LIBBPF[feature].text, fails, **more)


CILIUM: dict[str, LoaderProgram] = {
    "FLOAT": _as("FLOAT", (0, 7), OPEN),
    "initial programs of a prog_array": _as("initial programs of a prog_array", (0, 7), LINK),
    "types of kinds that take none": LoaderProgram((0, 8), "map m: queue<__u64>[16];", LOAD),
    "DECL_TAG": _as("DECL_TAG", (0, 10), OPEN, broken=(0, 7)),
    "TYPE_TAG": _as("TYPE_TAG", (0, 10), OPEN, broken=(0, 7)),
    "ENUM64": _as("ENUM64", (0, 10), OPEN),
    "pinned perf_event_array without entries": _as(
        "pinned perf_event_array without entries", (0, 10), AGAIN
    ),
    "pinned devmap": _as("pinned devmap", (0, 11), AGAIN),
    "sign of an ENUM": _as("sign of an ENUM", (0, 12), LOAD, kernel=(5, 19)),
    "ENUM64 for older kernels": _as("ENUM64", (0, 12), LOAD, kernel=(5, 19)),
    "DECL_TAG for older kernels": _as("DECL_TAG", (0, 17), LOAD, kernel=(5, 15)),
    "TYPE_TAG for older kernels": _as("TYPE_TAG", (0, 17), LOAD, kernel=(5, 16)),
    "FLOAT for older kernels": _as("FLOAT", None, LOAD, kernel=(5, 12)),
    "arena": _as("arena", (0, 17), NEVER),
    "map_extra": _as("map_extra", (0, 20), OPEN),
    "map_extra of more than 32 bits": _as("map_extra of more than 32 bits", (0, 20), OPEN),
    "numa_node": _as("numa_node", None, OPEN),
    "both a type and a size": LoaderProgram(
        None, "map m: hash<__u32, __u64>[16] { key_size = 4; }", OPEN
    ),
    "ring buffers are rounded up": _as("ring buffers are rounded up", None, LOAD),
    "user ring buffers are rounded up": _as("user ring buffers are rounded up", None, LOAD),
    "fields that contain nodes": LoaderProgram(None, _LIST, LOAD, broken=(0, 7)),
}
"""As :data:`LIBBPF`, for cilium/ebpf; tried from 0.4 on."""

AYA: dict[str, LoaderProgram] = {
    "maps in section .maps": LoaderProgram((0, 12), "map m: hash<__u32, __u64>[16];", NEVER),
    "ENUM64": _as("ENUM64", (0, 12), OPEN),
    **{
        kind: LoaderProgram((0, 14), _MAP.format(kind=kind), LOAD)
        for kind in ("sk_storage", "inode_storage", "cgrp_storage")
    },
    **{
        kind: LoaderProgram((0, 14), f"map m: {kind}<bpf_cgroup_storage_key, __u64>;", LOAD)
        for kind in ("cgroup_storage", "percpu_cgroup_storage")
    },
    "cgroup_array": LoaderProgram((0, 14), "map m: cgroup_array[16];", LOAD),
    "reuseport_sockarray": LoaderProgram(
        (0, 14), "map m: reuseport_sockarray<__u32, __u64>[16];", LOAD
    ),
    "inner definitions": LoaderProgram(
        (0, 14), "map m: array_of_maps<__u32, hash<__u32, __u64>[8]>[2];", LOAD
    ),
    "map_extra": _as("map_extra", (0, 14), NEVER),
    "map_extra of more than 32 bits": _as("map_extra of more than 32 bits", None, OPEN),
    "task_storage": LoaderProgram(None, _MAP.format(kind="task_storage"), LOAD),
    "user_ringbuf": LoaderProgram(None, "map m: user_ringbuf[4096];", LOAD),
    "arena": _as("arena", None, LOAD),
    "insn_array": LoaderProgram(None, "map m: insn_array<__u32, __u64[2]>[16];", LOAD),
    "rhash": LoaderProgram(None, "map m: rhash<__u32, __u64>[16];", LOAD),
    "maps of maps without an inner definition": LoaderProgram(
        None, "map m: array_of_maps<__u32>[2];", LOAD
    ),
    "initial programs of a prog_array": _as("initial programs of a prog_array", None, LINK),
    "initial maps": LoaderProgram(None, _SLOTS, NEVER),
    "inner ring buffers are rounded up": LoaderProgram(
        None, f"map m: array_of_maps<__u32, ringbuf[5000]>[2]; {_ALLOWED}", LOAD
    ),
    "user ring buffers are rounded up": _as("user ring buffers are rounded up", None, LOAD),
    "a numa_node other than 0": LoaderProgram(
        None,
        "map m: hash<__u32, __u64>[16] { map_flags = BPF_F_NUMA_NODE; numa_node = 1; }",
        NEVER,
    ),
    "devices and CPUs in 4 bytes": LoaderProgram(None, "map m: devmap<__u32, __u32>[4];", NEVER),
    "attributes at run time": LoaderProgram(
        None, "map m: hash<__u32, __u64>[16] { map_flags = runtime; }", NEVER
    ),
}
"""As :data:`LIBBPF`, for aya; tried from 0.11 on."""

PROGRAMS = {"libbpf": LIBBPF, "cilium": CILIUM, "aya": AYA}
"""By the loader, then by the feature."""
