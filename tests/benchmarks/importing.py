"""What the import of a program costs that includes a vmlinux.h, against clang compiling it."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from tests.benchmarks.processes import bpfgen, measure
from tests.benchmarks.yardsticks import timed

if TYPE_CHECKING:
    from pathlib import Path

    from tests.benchmarks.yardsticks import Row

STRUCTS = 9_000
"""With those the header has the lines that a kernel's has, 135,000."""

HEADER = """\
#ifndef __VMLINUX_H__
#define __VMLINUX_H__
typedef unsigned char __u8; typedef unsigned short __u16; typedef unsigned int __u32;
typedef unsigned long long __u64; typedef signed char __s8; typedef short __s16;
typedef int __s32; typedef long long __s64; typedef __u16 __be16; typedef __u32 __be32;
typedef __u64 __be64; typedef __u32 __wsum; typedef __u32 u32; typedef __u64 u64;
enum bpf_map_type { BPF_MAP_TYPE_UNSPEC, BPF_MAP_TYPE_HASH };
"""
STRUCT = """\
struct kernel_{number} {{
	struct kernel_{before} *parent;
	unsigned int flags;
	union {{
		u64 whole;
		u32 parts[2];
	}};
	char name[16];
	long count;
	void (*release)(struct kernel_{number} *);
}};

enum kernel_state_{number} {{
	KERNEL_{number}_NEW = 0,
	KERNEL_{number}_OLD = 1,
}};
"""
PROGRAM = """\
#include "vmlinux.h"
#define SEC(name) __attribute__((section(name), used))
#define __uint(name, val) int (*name)[val]
#define __type(name, val) __typeof__(val) *name
struct event { u32 pid; struct kernel_7 state; enum kernel_state_9 last; };
struct { __uint(type, BPF_MAP_TYPE_HASH); __uint(max_entries, 1024); __type(key, u32);
	__type(value, struct event); } flows SEC(".maps");
"""


def imports(directory: Path, clang: str, repeat: int = 7) -> list[Row]:
    """Measure the import of such a program, without the cache and from it."""
    structs = (STRUCT.format(number=n, before=max(n - 1, 0)) for n in range(STRUCTS))
    (directory / "vmlinux.h").write_text(f"{HEADER}{''.join(structs)}#endif\n")
    program = directory / "prog.bpf.c"
    program.write_text(PROGRAM)
    words = ("import", str(program), "-o", str(directory / "prog.dsl"), "--clang", clang)
    alone = (clang, *"-target bpf -g -O2 -c".split(), str(program), "-o", str(directory / "p.o"))
    # The cache of the measurement is nobody's: its first run, which doesn't count, fills it.
    os.environ["XDG_CACHE_HOME"] = str(directory / "cache")
    first, again, theirs = measure([bpfgen(*words, "--no-cache"), bpfgen(*words), alone], repeat)
    name = "clang compiling it"
    return [
        timed("import of a program with a vmlinux.h", first, name, theirs, 3.5),
        timed("the same, from the cache of clang's answers", again, name, theirs, 1.5),
    ]
