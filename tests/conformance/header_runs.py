"""One source with all that can go wrong in a header, and the headers that it may meet.

Each run of a compiler is with -Wall -Wextra -Werror. The headers of kernels of other ages are
imitations: the names and structs that the tests ask for, as linux/bpf.h of that age has them.
"""

from __future__ import annotations

import functools
import subprocess
from typing import TYPE_CHECKING

from bpfgen.compiler import Options, compile
from bpfgen.emit.c.header import emit_header
from bpfgen.emit.c.options import HeaderOptions
from bpfgen.text.source import Source
from tests.compiled import command
from tests.tools import header_flags, require, require_file

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

SOURCE = """
/// What can go wrong in a header. */ ??/

const MY_SIZE = 1 << 10;
const MY_FLAGS = BPF_F_NO_PREALLOC | BPF_F_RDONLY_PROG;
const MY_PRECEDENCE = 1 << 2 + 1 & 7 | 16;

enum my_verdict : __u8 { MY_PASS, MY_DROP = MY_PASS + 4 };
enum my_wide { MY_WIDE = 0x8000000000000000 };

struct my_list_item { struct bpf_list_node node; __u64 payload; };
struct my_kptr_target { __u32 number; };
struct my_value {
    struct bpf_spin_lock lock;
    enum my_verdict last : 3;
    __u64 stamp __attribute__((aligned(16)));
    struct my_kptr_target __kptr *target;
    struct my_list_item *pointer;
    int (*callback)(struct my_unknown *self, const char *name);
    struct { __be16 a, b; union { __u8 c; __u8 d[2]; }; } inside[2];
    bool flag;
};
struct my_list { struct bpf_spin_lock lock;
                 struct bpf_list_head head __contains(my_list_item, node); };
struct my_timers { struct bpf_timer timer; struct bpf_wq work; };
struct my_task_work { struct bpf_task_work work; };
struct my_res { struct bpf_res_spin_lock lock; u32 small; uint64_t standard; size_t size; };
struct my_packed { __u8 a; __u32 b; } __packed;
struct my_inner_only { __u32 number; };
struct my_event { __u64 when; char name[TASK_COMM_LEN]; };

template my_counters: array<__u32, __u64>[8];

map my_hash: hash<my_packed, my_value>[MY_SIZE] { pinning = by_name; }
map my_lists: array<__u32, my_list>[4];
map my_timers_map: hash<__u32, my_timers>[4] { map_flags = BPF_F_NO_PREALLOC; }
map my_works: array<__u32, my_task_work>[4];
map my_locks: array<__u32, my_res>[4];
// bpfgen: allow map-key-size because only the struct matters here, whose data has no length
map my_trie: lpm_trie<struct bpf_lpm_trie_key_u8, __u32>[16];
map my_stacks: stack_trace[128] {
    map_flags = BPF_F_STACK_BUILD_ID;
    key_size = sizeof(__u32);
    value_size = PERF_MAX_STACK_DEPTH * sizeof(struct bpf_stack_build_id);
}
map my_arena: arena[100] {
    map_flags = BPF_F_MMAPABLE | BPF_F_SEGV_ON_FAULT;
    map_extra = 1ULL << 44;
}
map my_bloom: bloom_filter[1000] { value = __u64; map_extra = 3; }
map my_cgrp: cgrp_storage<int, __u64>;
map my_huge: array<__u32, __u8>[0xffffffff];
map my_events: ringbuf<my_event>[256 KiB];
map my_slot: my_counters;
map my_slots: array_of_maps<__u32, my_counters>[4] = { [0] = my_slot };
map my_inner: hash_of_maps<__u32, hash<my_inner_only, my_value>[64]>[8];
int my_tail(struct __sk_buff *skb);
map my_jumps: prog_array[4] = { [1] = my_tail };
weak map my_weak: array<__u32, __u64>[1];
extern map my_extern: hash<__u32, my_inner_only>[runtime];
legacy map my_legacy: array<__u32, __u64>[4];
"""

CHECKS = """
#define LENGTH(array) (sizeof(array) / sizeof((array)[0]))
#define IS(map, attribute, number) \\
	_Static_assert(LENGTH(*map.attribute) == (number), #map "." #attribute)
#define HAS(map, attribute, length) \\
	_Static_assert(sizeof(*map.attribute) == (length), #map "." #attribute)
IS(my_hash, type, 1); IS(my_hash, max_entries, 1024); IS(my_hash, pinning, 1);
HAS(my_hash, key, 5); HAS(my_hash, value, 64);
IS(my_lists, type, 2); HAS(my_lists, value, 24);
IS(my_timers_map, map_flags, 1); HAS(my_timers_map, value, 32);
HAS(my_works, value, 8); HAS(my_locks, value, 24);
IS(my_trie, type, 11); IS(my_trie, map_flags, 1); HAS(my_trie, key, 4);
IS(my_stacks, type, 7); IS(my_stacks, map_flags, 32); IS(my_stacks, key_size, 4);
IS(my_stacks, value_size, 4064);
IS(my_arena, type, 33); IS(my_arena, map_flags, 0x20400); IS(my_arena, max_entries, 100);
_Static_assert((unsigned long)bpfgen_map_extra_my_arena == 1UL << 44, "map_extra");
IS(my_bloom, type, 30); IS(my_bloom, map_extra, 3); IS(my_cgrp, type, 32);
IS(my_huge, max_entries, 4294967295UL);
IS(my_events, type, 27); IS(my_events, max_entries, 262144);
IS(my_slot, type, 2); IS(my_slots, type, 12); IS(my_inner, type, 13); IS(my_jumps, type, 3);
IS(my_weak, type, 2); IS(my_extern, type, 1);
_Static_assert(MY_FLAGS == 0x81, "MY_FLAGS, behind the end of the header");
_Static_assert(MY_PRECEDENCE == 16, "MY_PRECEDENCE");
_Static_assert(MY_DROP == 4, "MY_DROP");
_Static_assert(sizeof(enum my_verdict) == 1, "enum my_verdict");
"""

INCLUDED = '#include "maps.h"\n'
WARNINGS = ("-Wall", "-Wextra", "-Werror")


@functools.cache
def header(style: str = "modern") -> str:
    """Return the header of :data:`SOURCE`."""
    compilation = compile(Source("maps.dsl", SOURCE), Options())
    assert [d.message for d in compilation.diagnostics if d.severity == "error"] == []
    return emit_header(compilation.model, HeaderOptions(style))


@functools.cache
def system_headers() -> tuple[str, ...]:
    """Return the flags for the machine's UAPI headers, the multiarch directory among them."""
    return tuple(header_flags())


def libbpf_headers() -> tuple[str, ...]:
    """Return the flags for libbpf's headers and the kernel's."""
    require_file("/usr/include/bpf/bpf_helpers.h", "libbpf-dev")
    return system_headers()


def run(
    compiler: str, folder: Path, text: str, flags: Iterable[str], *, target: str = "bpfel"
) -> Path:
    """Compile *text*, which may include maps.h, without a warning; return the object."""
    source, output = folder / "program.c", folder / "program.o"
    if not (folder / "maps.h").exists():
        (folder / "maps.h").write_text(header(), encoding="utf-8")
    source.write_text(text, encoding="utf-8")
    words = [*command(compiler), "-target", target, "-g", "-O2", *WARNINGS, *flags]
    done = subprocess.run(
        [*words, "-c", str(source), "-o", str(output)], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return output


@functools.cache
def vmlinux() -> str:
    """Return vmlinux.h of the running kernel."""
    require_file("/sys/kernel/btf/vmlinux", "the kernel's BTF")
    done = subprocess.run(
        [require("bpftool"), "btf", "dump", "file", "/sys/kernel/btf/vmlinux", "format", "c"],
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout


def btf_dump(path: Path) -> str:
    """Return what bpftool sees in the BTF of the object *path*."""
    return subprocess.run(
        [require("bpftool"), "btf", "dump", "file", path],
        capture_output=True,
        text=True,
        check=True,
    ).stdout


NEWER_STRUCTS = """
struct bpf_dynptr { __u64 __opaque[2]; } __attribute__((aligned(8)));
struct bpf_list_head { __u64 __opaque[2]; } __attribute__((aligned(8)));
struct bpf_list_node { __u64 __opaque[3]; } __attribute__((aligned(8)));
struct bpf_rb_root { __u64 __opaque[2]; } __attribute__((aligned(8)));
struct bpf_rb_node { __u64 __opaque[4]; } __attribute__((aligned(8)));
struct bpf_refcount { __u32 __opaque[1]; } __attribute__((aligned(4)));
struct bpf_wq { __u64 __opaque[2]; } __attribute__((aligned(8)));
struct bpf_task_work { __u64 __opaque; } __attribute__((aligned(8)));
struct bpf_lpm_trie_key_hdr { __u32 prefixlen; };
struct bpf_lpm_trie_key_u8 {
	union { struct bpf_lpm_trie_key_hdr hdr; __u32 prefixlen; };
	__u8 data[];
};
"""
"""The structs newer than 5.15 that :data:`SOURCE` uses, as the newest linux/bpf.h has them."""


def imitate_uapi(folder: Path, version: tuple[int, int], *, newer: bool) -> list[str]:
    """Write headers such as a kernel of *version* has; return the flags that find them.

    An old one has the names up to 5.15; with *newer* it has the kinds, flags and structs of the
    newest. The version need not fit: distributions bring new structs to old kernels.
    """
    for name in ("linux", "asm"):
        (folder / name).mkdir()
    code = (version[0] << 16) + (version[1] << 8)
    (folder / "linux/version.h").write_text(f"#define LINUX_VERSION_CODE {code}\n")
    integers = (
        "typedef unsigned char __u8; typedef unsigned short __u16; typedef unsigned int __u32;\n"
        "typedef int __s32; typedef unsigned long long __u64;\n"
    )
    (folder / "asm/types.h").write_text(f"#ifndef ASM_TYPES\n#define ASM_TYPES\n{integers}#endif\n")
    (folder / "linux/types.h").write_text(
        "#include <asm/types.h>\ntypedef __u16 __be16; typedef __u32 __be32;\n"
    )
    kinds = [
        "UNSPEC",
        "HASH",
        "ARRAY",
        "PROG_ARRAY",
        "PERF_EVENT_ARRAY",
        "PERCPU_HASH",
        "PERCPU_ARRAY",
        "STACK_TRACE",
        "CGROUP_ARRAY",
        "LRU_HASH",
        "LRU_PERCPU_HASH",
        "LPM_TRIE",
        "ARRAY_OF_MAPS",
        "HASH_OF_MAPS",
        "DEVMAP",
        "SOCKMAP",
        "CPUMAP",
        "XSKMAP",
        "SOCKHASH",
        "CGROUP_STORAGE",
        "REUSEPORT_SOCKARRAY",
        "PERCPU_CGROUP_STORAGE",
        "QUEUE",
        "STACK",
        "SK_STORAGE",
        "DEVMAP_HASH",
        "STRUCT_OPS",
        "RINGBUF",
        "INODE_STORAGE",
        "TASK_STORAGE",
    ]
    flags = [
        "NO_PREALLOC",
        "NO_COMMON_LRU",
        "NUMA_NODE",
        "RDONLY",
        "WRONLY",
        "STACK_BUILD_ID",
        "ZERO_SEED",
        "RDONLY_PROG",
        "WRONLY_PROG",
        "CLONE",
        "MMAPABLE",
        "PRESERVE_ELEMS",
        "INNER_MAP",
    ]
    if newer:
        kinds += ["BLOOM_FILTER", "USER_RINGBUF", "CGRP_STORAGE", "ARENA", "INSN_ARRAY", "RHASH"]
        flags += [
            "LINK",
            "PATH_FD",
            "VTYPE_BTF_OBJ_FD",
            "TOKEN_FD",
            "SEGV_ON_FAULT",
            "NO_USER_CONV",
        ]
    enumerators = ", ".join(f"BPF_MAP_TYPE_{kind}" for kind in kinds)
    bits = ", ".join(f"BPF_F_{flag} = 1U << {bit}" for bit, flag in enumerate(flags))
    (folder / "linux/bpf.h").write_text(
        "#ifndef _UAPI__LINUX_BPF_H__\n#define _UAPI__LINUX_BPF_H__\n#include <linux/types.h>\n"
        f"enum bpf_map_type {{ {enumerators} }};\nenum {{ {bits} }};\n"
        "struct bpf_spin_lock { __u32 val; };\n"
        "struct bpf_timer { __u64 __opaque[2]; } __attribute__((aligned(8)));\n"
        "struct bpf_stack_build_id { __s32 status; unsigned char build_id[20];\n"
        "  union { __u64 offset; __u64 ip; }; };\n"
        f"{NEWER_STRUCTS if newer else ''}#endif\n"
    )
    return ["-nostdinc", "-isystem", str(folder)]
