"""A program for each feature that loaders tell apart, and when libbpf got it, written down again.

The dates were read off libbpf itself: tests/conformance/libbpf_versions.py builds every release
from its sources and hands it the objects.
"""

from __future__ import annotations

from typing import NamedTuple

OPEN, LOAD, AGAIN, LINK, NEVER = "open", "load", "load again", "link", "never"


class LoaderProgram(NamedTuple):
    """A program that uses one feature.

    Attributes:
        since: The first libbpf that does what is meant; None if none does.
        text: The program; what it needs of the kernel Linux 6.18 has.
        fails: Where an older libbpf fails: as it opens the object, loads it, loads it again with
            its maps pinned, or links it; never where it does less than is meant.
        until: The first libbpf that no longer does it.
        kernel: The newest kernel with which an older libbpf fails, where it doesn't with all.
        broken: The first libbpf that fails, where still older ones don't, or not with Linux 6.18.
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

NOT_TRIED = {"inner definitions and initial maps", "insn_array", "rhash", "initializer style"}
"""The rows without a program."""
