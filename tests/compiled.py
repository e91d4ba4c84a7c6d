"""C text -> BPF objects, with every clang at hand, each compiled once a run.

The texts are small programs that the tests of the reading side share. They use none of bpfgen's
output: their macros are those of libbpf's bpf_helpers.h.
"""

from __future__ import annotations

import functools
import subprocess
import tempfile
from pathlib import Path

from tests.tools import ZIGLANG, clang_program, compilers, newest

COMPILERS = compilers()
"""The clangs that the reading side is tried with, the oldest first."""

TARGETS = ("bpfel", "bpfeb")

MACROS = """
#define __uint(name, val) int (*name)[val]
#define __type(name, val) __typeof__(val) *name
#define __array(name, val) __typeof__(val) *name[]
#define __ulong(name, val) enum { unique_##name = val } name
#define SEC(name) __attribute__((section(name), used))
typedef unsigned char __u8; typedef unsigned short __u16; typedef unsigned int __u32;
typedef unsigned long long __u64; typedef __u32 __be32;
"""

MODERN = (
    MACROS
    + """
struct key { __be32 a; __u16 b : 3, c : 5; __u8 pad; };
struct value { __u64 bytes; struct value *next; const char name[16]; };
struct {
    __uint(type, 1);
    __type(key, struct key);
    __type(value, struct value);
    __uint(max_entries, 128);
    __uint(map_flags, 1);
    __uint(numa_node, 3);
    __uint(pinning, 1);
} flows SEC(".maps");
struct counters {
    __uint(type, 2);
    __type(key, int);
    __type(value, __u64[4]);
    __uint(max_entries, 3);
};
struct counters slot_a SEC(".maps"), slot_b SEC(".maps") __attribute__((weak));
struct {
    __uint(type, 12);
    __uint(key_size, 4);
    __uint(max_entries, 9);
    __array(values, struct counters);
} outer SEC(".maps") = { .values = { [1] = (void *)&slot_a, [7] = (void *)&slot_b } };
struct {
    __uint(type, 13);
    __type(key, __u64);
    __uint(max_entries, 9);
    __array(values, struct { __uint(type, 1); __type(key, struct key); __uint(value_size, 12);
                             __uint(max_entries, 2); });
} by_id SEC(".maps");
SEC("xdp") int tail(void *context) { return 1; }
SEC("xdp") int tail_too(void *context) { return 2; }
struct {
    __uint(type, 3);
    __uint(key_size, 4);
    __uint(max_entries, 9);
    __array(values, int(void *));
} jumps SEC(".maps") = { .values = { [2] = (void *)&tail_too, [0] = (void *)&tail } };
struct {
    __uint(type, 7);
    __uint(key_size, sizeof(__u32));
    __uint(value_size, 127 * 8);
    __uint(max_entries, 128);
} stackmap SEC(".maps");
typedef struct { __uint(type, 30); __uint(value_size, 8); __uint(max_entries, 64);
                 __uint(map_extra, 5); } bloom_t;
volatile bloom_t bloom SEC(".maps");
struct { __uint(type, 1); __type(key, int[0]); __uint(key_size, 4); __type(value, int);
         __uint(max_entries, 0); } strange SEC(".maps");
struct event { __u64 when; struct key key; };
struct { __uint(type, 27); __uint(max_entries, 4096); } events SEC(".maps");
static const struct event *bpfgen_record_events SEC("bpfgen.anchor");
int global_data = 3;
SEC("xdp") int reads(void *context) { return global_data; }
"""
)
"""What libbpf 1.0 and later opens, of every shape."""

INITIALIZER = (
    MACROS
    + """
struct my_value { int x, y, z; };
struct {
    int type;
    int max_entries;
    int *key;
    struct my_value *value;
} btf_map SEC(".maps") = { .type = 2, .max_entries = 16 };
struct {
    int type;
    int max_entries;
    __u32 map_flags;
    int key_size;
    int value_size;
} stackmap SEC(".maps") = { .type = 7, .max_entries = 128, .map_flags = 1 << 5, .key_size = 4,
                            .value_size = 127 * 32 };
"""
)
"""The examples of the commit that proposed maps of this kind, in its own form."""

LEGACY = (
    MACROS
    + """
struct bpf_map_def { unsigned int type, key_size, value_size, max_entries, map_flags; };
struct bpf_elf_map { __u32 type, size_key, size_value, max_elem, flags, id, pinning; };
struct bpf_map_def first SEC("maps") = { 1, 4, 8, 16, 1 };
struct bpf_elf_map second SEC("maps") = { 2, 4, 16, 32, 0, 77, 2 };
struct bpf_map_def third SEC("maps") = { 9, 8, 8, 1024 };
struct ____btf_map_first { int key; __u64 value; };
struct ____btf_map_first __attribute__((section(".maps.first"), used)) ____btf_map_first = {};
"""
)
"""Section `maps` as it was before BTF, with maps of two lengths."""

EXTERN = (
    MACROS
    + """
extern struct { __uint(type, 1); __type(key, int); __type(value, __u64); __uint(max_entries, 5); }
    shared __attribute__((section(".maps")));
struct { __uint(type, 2); __type(key, int); __type(value, int); __uint(max_entries, 1); }
    own SEC(".maps");
static void *anchor SEC("bpfgen.anchor") = &shared;
"""
)
"""A map that another object defines."""

TYPES = (
    MACROS
    + """
struct outer;
union either { int i; float f; };
enum color { RED, GREEN = 7, BLUE };
enum negative { MINUS = -5, PLUS = 5 };
enum wide { SMALL = 1, BIG = 0x123456789aULL };
typedef int (*callback)(struct outer *self, const char *name, ...);
typedef __u64 counter_t;
struct inner { volatile int v; counter_t count; long double ld; };
struct outer {
    struct outer *next;
    const struct outer *const parent;
    struct never_defined *hidden;
    union never_defined_either *hidden_too;
    callback call;
    struct { int anonymous_a; union { int b; char c; }; };
    struct { int x, y; } *points;
    int matrix[3][5];
    double d;
    _Bool flag;
    char ch;
    signed char sch;
    __int128 big;
    enum color color : 4;
    __u32 bits : 27;
    int sbits : 1;
    enum negative negative;
    enum wide wide;
    enum color *where;
    struct inner held[2];
    int *restrict r;
    int flexible[];
} value SEC(".data");
int function(struct outer *self, counter_t n) { return self->color + n; }
"""
)
"""Every kind of type that clang 14 knows."""

TAGS = (
    MACROS
    + """
#define __kptr __attribute__((btf_type_tag("kptr")))
struct task;
struct node { int data; } __attribute__((btf_decl_tag("of the struct")));
struct holder {
    struct task __kptr *task;
    int list __attribute__((btf_decl_tag("contains:node:link"), btf_decl_tag("second")));
} holder SEC(".data");
typedef struct node node_t __attribute__((btf_decl_tag("of the typedef")));
node_t typed SEC(".data") __attribute__((btf_decl_tag("of the variable")));
"""
)
"""Tags of types and declarations."""


def command(compiler: str) -> list[str]:
    """Return the command that runs *compiler*; skip or fail where it is missing."""
    # Unwind tables, which zig adds, are more than bpftool can link.
    tables = ["-fno-unwind-tables", "-fno-asynchronous-unwind-tables"]
    return [clang_program(compiler), *(tables if compiler == ZIGLANG else ())]


@functools.cache
def compile_c(text: str, compiler: str = "", target: str = "bpfel") -> bytes:
    """Return the object that *compiler*, the newest if empty, makes of *text*, with BTF."""
    with tempfile.TemporaryDirectory() as directory:
        source, output = Path(directory, "program.c"), Path(directory, "program.o")
        source.write_text(text)
        words = [*command(compiler or newest()), "-target", target, "-g", "-O2", "-w", "-c"]
        done = subprocess.run(
            [*words, source, "-o", output], capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr
        return output.read_bytes()


__all__ = ["COMPILERS", "TARGETS", "command", "compile_c", "newest"]
