"""Generated headers against every clang, mode and set of kernel headers they may meet.

Each run is with -Wall -Wextra -Werror. What the header came to is asked of the compiler itself:
the assertions at the end of :data:`CHECKS` have numbers written by hand.
"""

from __future__ import annotations

import functools
import re
import subprocess
import sysconfig
from typing import TYPE_CHECKING

import pytest

from bpfgen.compiler import Options, compile
from bpfgen.emit import HeaderOptions
from bpfgen.emit.c import emit_anchored_unit, emit_header
from bpfgen.source import Source
from tests.compiled import COMPILERS, command
from tests.samples import GOOD, compiled
from tests.tools import require, require_file

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
#define IS(map, attribute, number) \\
	_Static_assert(sizeof(*map.attribute) / sizeof(int) == (number), #map "." #attribute)
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
    require_file("/usr/include/linux/bpf.h", "linux-libc-dev")
    multiarch = sysconfig.get_config_var("MULTIARCH")
    machine = require_file(f"/usr/include/{multiarch}/asm/types.h", "linux-libc-dev")
    return ("-idirafter", str(machine.parent.parent), "-idirafter", "/usr/include")


def libbpf_headers() -> tuple[str, ...]:
    """Return the flags for libbpf's headers and the kernel's."""
    require_file("/usr/include/bpf/bpf_helpers.h", "libbpf-dev")
    return system_headers()


def run(
    compiler: str, folder: Path, text: str, flags: Iterable[str], *, target: str = "bpfel"
) -> Path:
    """Compile *text*, which may include maps.h, without a warning; return the object."""
    triple = f"{target}-freestanding" if compiler == "ziglang" else target
    source, output = folder / "program.c", folder / "program.o"
    if not (folder / "maps.h").exists():
        (folder / "maps.h").write_text(header(), encoding="utf-8")
    source.write_text(text, encoding="utf-8")
    words = [*command(compiler), "-target", triple, "-g", "-O2", *WARNINGS, *flags]
    done = subprocess.run(
        [*words, "-c", str(source), "-o", str(output)], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return output


@pytest.mark.parametrize("compiler", COMPILERS)
@pytest.mark.parametrize("mode", ["gnu11", "gnu2x"])
def test_with_the_headers_of_the_machine(compiler: str, mode: str, tmp_path: Path) -> None:
    """GNU C takes types and macros from the kernel's and libbpf's headers."""
    text = INCLUDED + INCLUDED + CHECKS
    text += "#ifndef __BPF_HELPERS__\n#error libbpf's header was not used\n#endif\n"
    run(compiler, tmp_path, text, [f"-std={mode}", *libbpf_headers()])


@pytest.mark.parametrize("compiler", COMPILERS)
@pytest.mark.parametrize("mode", ["c11", "c2x"])
def test_strict_modes_use_our_macros(compiler: str, mode: str, tmp_path: Path) -> None:
    """Strict C, where libbpf's header doesn't compile, still takes the kernel's types."""
    text = INCLUDED + CHECKS + "#ifdef __BPF_HELPERS__\n#error\n#endif\n"
    run(compiler, tmp_path, text, [f"-std={mode}", *system_headers()])


@pytest.mark.parametrize("compiler", COMPILERS)
@pytest.mark.parametrize("mode", ["gnu11", "c11", "c2x"])
def test_without_any_header(compiler: str, mode: str, tmp_path: Path) -> None:
    """With neither the kernel's nor libbpf's headers the file brings all it needs."""
    text = INCLUDED + CHECKS + INCLUDED
    # What stood in for the kernel's names is gone behind the header: vmlinux.h may follow.
    text += "enum { BPF_MAP_TYPE_HASH = 1, BPF_F_NO_PREALLOC = 1, LIBBPF_PIN_BY_NAME = 1 };\n"
    run(compiler, tmp_path, text, [f"-std={mode}", "-nostdinc"])


@pytest.mark.parametrize("compiler", COMPILERS)
def test_without_the_multiarch_directory(compiler: str, tmp_path: Path) -> None:
    """Where linux/bpf.h is found and asm/types.h is not, our own types serve."""
    system_headers()
    run(compiler, tmp_path, INCLUDED + CHECKS, ["-nostdinc", "-isystem", "/usr/include"])


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


@pytest.mark.parametrize("compiler", COMPILERS)
def test_after_vmlinux_h(compiler: str, tmp_path: Path) -> None:
    """After vmlinux.h all types are the kernel's own, and libbpf's macros serve."""
    flags = [*libbpf_headers(), "-Wno-missing-declarations", "-Wno-ignored-attributes"]
    (tmp_path / "vmlinux.h").write_text(vmlinux(), encoding="utf-8")
    tag = "struct bpf_res_spin_lock {"
    lacks = [] if tag in vmlinux() else ["-DBPFGEN_HAVE_BPF_RES_SPIN_LOCK=0"]
    for name, macro in (("bpf_wq", "BPF_WQ"), ("bpf_task_work", "BPF_TASK_WORK")):
        if f"struct {name} {{" not in vmlinux():
            lacks.append(f"-DBPFGEN_HAVE_{macro}=0")
    text = '#include "vmlinux.h"\n' + INCLUDED + INCLUDED
    # The kernel's bpf_res_spin_lock may be larger than an empty kernel's: debugging adds to it.
    checks = CHECKS.replace("HAS(my_locks, value, 24);", "")
    run(compiler, tmp_path, text + checks, [*flags, *lacks])


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


@pytest.mark.parametrize("compiler", COMPILERS)
@pytest.mark.parametrize(
    ("version", "newer"),
    [((5, 15), False), ((7, 2), True), ((5, 14), True), ((6, 1), True), ((6, 12), False)],
    ids=["old", "new", "old-with-new-structs", "stable", "new-with-old-structs"],
)
def test_uapi_headers_of_any_age(
    compiler: str, version: tuple[int, int], newer: bool, tmp_path: Path
) -> None:
    """Old headers, new ones, and such whose version says one thing and their structs another."""
    flags = imitate_uapi(tmp_path, version, newer=newer)
    run(compiler, tmp_path, INCLUDED + INCLUDED + CHECKS, flags)


@pytest.mark.parametrize("compiler", COMPILERS)
@pytest.mark.parametrize(("version", "newer"), [((5, 15), False), ((7, 2), True)])
def test_after_linux_bpf_h(
    compiler: str, version: tuple[int, int], newer: bool, tmp_path: Path
) -> None:
    """Where linux/bpf.h was included before, its version tells what is in it."""
    flags = imitate_uapi(tmp_path, version, newer=newer)
    run(compiler, tmp_path, "#include <linux/bpf.h>\n" + INCLUDED + CHECKS, flags)


def test_user_knows_better_than_the_version(tmp_path: Path) -> None:
    """After a linux/bpf.h that has more than its version says, macros tell."""
    flags = imitate_uapi(tmp_path, (5, 14), newer=True)
    told = [
        f"-DBPFGEN_HAVE_{name}=1"
        for name in re.findall(r"#ifndef BPFGEN_HAVE_(\w+) /\* since", header())
    ]
    assert told
    run("clang-19", tmp_path, "#include <linux/bpf.h>\n" + INCLUDED + CHECKS, [*flags, *told])


@pytest.mark.parametrize("compiler", COMPILERS)
@pytest.mark.parametrize("target", ["bpfel", "bpfeb"])
def test_initializer_style(compiler: str, target: str, tmp_path: Path) -> None:
    """The form of the first commit compiles everywhere, in both byte orders."""
    text = "".join(
        f"{line}\n"
        for line in SOURCE.splitlines()
        if not re.match(r"map my_(slots|slot|inner|jumps|bloom|events|hash)\b", line)
    )
    text = re.sub(r"map my_arena.*?\n}\n", "", text, flags=re.DOTALL)
    compilation = compile(Source("maps.dsl", text), Options(style="initializer"))
    assert [d.message for d in compilation.diagnostics if d.severity == "error"] == []
    made = emit_header(compilation.model, HeaderOptions("initializer"))
    (tmp_path / "maps.h").write_text(made, encoding="utf-8")
    run(compiler, tmp_path, INCLUDED + INCLUDED, ["-nostdinc"], target=target)


@pytest.mark.parametrize("compiler", COMPILERS)
def test_extern_maps(compiler: str, tmp_path: Path) -> None:
    """With BPFGEN_EXTERN_MAPS nothing is defined, and what is used has whole types."""
    uses = "void *use(void) { return (void *)((long)&my_inner ^ (long)&my_hash); }\n"
    text = f"#define BPFGEN_EXTERN_MAPS\n{INCLUDED}{CHECKS}{uses}"
    output = run(compiler, tmp_path, text, ["-nostdinc", "-Wno-missing-prototypes"])
    symbols = subprocess.run(
        [require("readelf"), "-sW", output], capture_output=True, text=True, check=True
    ).stdout
    maps = re.findall(
        r"OBJECT +GLOBAL +\S+ +(\S+) (my_\w+)|GLOBAL DEFAULT +(UND) (my_\w+)", symbols
    )
    assert {name or other for _, name, _, other in maps} == {"my_inner", "my_hash"}
    assert all("UND" in entry for entry in maps)
    dump = btf_dump(output)
    for tag in ("my_inner_only", "my_value", "my_kptr_target", "my_list_item", "my_event"):
        assert re.search(rf"STRUCT '{tag}'", dump), tag
        assert not re.search(rf"FWD '{tag}'", dump), tag


def btf_dump(path: Path) -> str:
    """Return what bpftool sees in the BTF of the object *path*."""
    return subprocess.run(
        [require("bpftool"), "btf", "dump", "file", path],
        capture_output=True,
        text=True,
        check=True,
    ).stdout


@pytest.mark.parametrize("compiler", COMPILERS)
@pytest.mark.parametrize("target", ["bpfel", "bpfeb"])
def test_types_are_whole(compiler: str, target: str, tmp_path: Path) -> None:
    """Every struct that libbpf or the kernel must see whole is whole, in both byte orders."""
    dump = btf_dump(run(compiler, tmp_path, INCLUDED, ["-nostdinc"], target=target))
    tags = [
        "my_inner_only",
        "my_value",
        "my_kptr_target",
        "my_list_item",
        "my_list",
        "my_packed",
        "my_event",
    ]
    for tag in tags:
        assert re.search(rf"STRUCT '{tag}'", dump), tag
    assert set(re.findall(r"FWD '(\w+)'", dump)) - {"__sk_buff"} == {"my_unknown"}


PROGRAM = """
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>
#include "maps.h"
"""

LINKED = """
struct k { __u32 a; };
struct v { __u32 a; };
struct record { __u64 when; };
map plain: hash<k, v>[8];
map inner: hash_of_maps<__u32, hash<k, v>[4]>[8];
template shape: array<__u32, v>[2];
map slot: shape;
map slots: array_of_maps<__u32, shape>[4] = { [0] = slot };
int tail(struct __sk_buff *skb);
map jumps: prog_array[4] = { [0] = tail };
weak map tuning: array<__u32, __u64>[1];
map records: ringbuf<record>[4096];
"""


@pytest.mark.parametrize("compiler", COMPILERS)
def test_two_objects_are_linked(compiler: str, tmp_path: Path) -> None:
    """`bpftool gen object` joins an object that defines the maps with one that uses them.

    The defining one comes first, and `slots` isn't used by the other: libbpf 1.1's linker leaves
    the offsets of maps at 0 in the other order, and takes slots for no part of a map's size when
    a second object refers to it, whoever wrote the C.
    """
    bpftool = require("bpftool")
    made = emit_header(compile(Source("maps.dsl", LINKED)).model)
    (tmp_path / "maps.h").write_text(made, encoding="utf-8")
    flags = [*libbpf_headers(), "-Wno-unused-parameter"]
    defines = (
        f"{PROGRAM}"
        'SEC("tc") int tail(struct __sk_buff *skb) { return 0; }\n'
        'SEC("tc") int entry(struct __sk_buff *skb) { bpf_tail_call(skb, &jumps, 0); return 0; }\n'
        'char LICENSE[] SEC("license") = "GPL";\n'
    )
    uses = (
        f"#define BPFGEN_EXTERN_MAPS\n{PROGRAM}"
        'SEC("tc") int use(struct __sk_buff *skb) {\n'
        "  struct k key = {}; __u32 zero = 0;\n"
        "  void *map = bpf_map_lookup_elem(&inner, &zero);\n"
        "  if (map) bpf_map_lookup_elem(map, &key);\n"
        "  bpf_map_lookup_elem(&tuning, &zero);\n"
        "  void *room = bpf_ringbuf_reserve(&records, 8, 0);\n"
        "  if (room) bpf_ringbuf_discard(room, 0);\n"
        "  return !!bpf_map_lookup_elem(&plain, &key); }\n"
    )
    objects = []
    for name, text in (("defines", defines), ("uses", uses)):
        objects.append(run(compiler, tmp_path, text, flags).rename(tmp_path / f"{name}.o"))
    linked = str(tmp_path / "linked.o")
    for words in (["object", linked, *map(str, objects)], ["skeleton", linked]):
        done = subprocess.run([bpftool, "gen", *words], capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
    for name in ("plain", "inner", "slot", "slots", "jumps", "tuning", "records"):
        assert f"struct bpf_map *{name};" in done.stdout


@pytest.mark.parametrize("name", GOOD)
def test_samples_compile(name: str, tmp_path: Path) -> None:
    """The unit of every sample compiles as GNU C with libbpf's headers and as strict C."""
    model = compiled(name).model
    for item in model.imports:
        (tmp_path / item.header).write_text(emit_header(item.model), encoding="utf-8")
    text = emit_anchored_unit(model).text
    run("clang-19", tmp_path, text, ["-std=gnu11", *libbpf_headers()])
    flags = system_headers() if model.includes else ("-nostdinc",)
    run("clang-19", tmp_path, text, ["-std=c2x", *flags])


NASTY = r"""
/// */ #error out
/// ??/
/// \
/// /* /* //\
/// **/ ??/ */ \\

/// const */ ??/
const SAFE = 1;
/// struct \
struct safe {
    /// member */ int evil; /*
    __u32 a __attribute__((btf_decl_tag("*/ \" ??/ // /* %s")));
    /// ??/
    const char __attribute__((btf_type_tag("a\"b"))) *b;
};
/// map /* ??/
map safe_map: array<__u32, safe>[SAFE];
"""


@pytest.mark.parametrize("compiler", COMPILERS)
@pytest.mark.parametrize("mode", ["c11", "gnu11", "c2x"])
def test_text_of_the_source_does_not_act(compiler: str, mode: str, tmp_path: Path) -> None:
    """Comments and strings with `*/`, joined lines and trigraphs change nothing, not even -Wall."""
    compilation = compile(Source("safe_map.dsl", NASTY))
    assert not compilation.failed, compilation.diagnostics
    (tmp_path / "maps.h").write_text(emit_header(compilation.model), encoding="utf-8")
    text = INCLUDED + '_Static_assert(sizeof(struct safe) == 16 * SAFE, "");\n'
    flags = [f"-std={mode}", "-nostdinc", "-Wcomment", "-Wtrigraphs"]
    run(compiler, tmp_path, text, flags)


@pytest.mark.parametrize("first", ["x", "y"])
def test_equal_names_in_two_directories(first: str, tmp_path: Path) -> None:
    """`x/common.h` and `y/common.h` can be included together, in either order."""
    for name in ("x", "y"):
        (tmp_path / name).mkdir()
        text = f"struct {name}_key {{ int a; }};\nmap {name}_map: array<int, {name}_key>[1];\n"
        made = emit_header(compile(Source(f"{name}/common.dsl", text)).model)
        (tmp_path / name / "common.h").write_text(made, encoding="utf-8")
    second = "y" if first == "x" else "x"
    text = f'#include "{first}/common.h"\n#include "{second}/common.h"\n'
    text += '_Static_assert(sizeof(struct x_key) + sizeof(struct y_key) == 8, "");\n'
    run("clang-19", tmp_path, text, ["-nostdinc"])
