"""The header in programs of user space: compilers, standards, the headers before and after it.

What it has there and what it hasn't is asked of the preprocessor and of the object; layouts are the
business of `test_header_types.py`.
"""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING

import pytest

from bpfgen.cli import main
from bpfgen.compiler import compile
from bpfgen.emit.c.header import emit_header
from bpfgen.text.source import Source
from tests.compiled import command
from tests.conformance.header_runs import SOURCE
from tests.tools import ZIGLANG, newest, require, require_file
from tests.user_space.commands import run

if TYPE_CHECKING:
    from pathlib import Path

WARNINGS = ("-Wall", "-Wextra", "-Wpedantic", "-Wconversion", "-Werror")

WORDS = """
import "common.dsl";

typedef _Bool bool;

/// What C++ has other words for, or other rules.
enum operator : __u8 { and, or = 200 };
enum tiny : __s8 { SMALL, LARGE = 100 };
struct class {
    enum operator new;
    enum tiny tiny : 3;
    struct inner { __u8 this; } inner;
    enum { RED, GREEN = 7 } color[2];
    struct nothing {} nothing;
    mac_t mac_t;
    __u32 bits : 3;
    __u32 : 13;
    __u32 rest : 16;
    struct class *next;
    void (*call)(struct class *this);
    bool linux;
    struct bpf_wq work;
    struct bpf_spin_lock lock;
    size_t size;
    uint64_t bytes;
};
struct number { int n; };
typedef int number;
struct of_number { struct number tagged; number plain; struct common common; };
struct lpm { __u32 prefixlen; __u8 data[]; };
const MANY = 1 << 7;
const delete = 3;
const unix = delete + 1;
const MORE = sizeof(struct class) * and + or;

map words: hash<__u32, struct class>[MANY];
map numbers: percpu_hash<__u32, of_number>[runtime] { map_flags = BPF_F_NO_PREALLOC; };
map records: ringbuf<struct class>[4096];
map slots: array_of_maps<__u32, hash<mac_t, __u32 *>[3]>[2];
int program(struct __sk_buff *skb);
map programs: prog_array[2] = { [0] = program };
"""

COMMON = """
typedef struct { __u8 octets[6]; } mac_t;
struct common { struct common *next; };
map commons: array<__u32, struct common>[1];
"""

USED = """
#ifdef SEC
#error a macro of BPF programs in user space
#endif
#if words__max_entries != MANY || words__key_size != 4 || words__map_flags
#error facts
#endif
#ifdef numbers__max_entries
#error a loader decides
#endif
#if numbers__value_stride != 16 || numbers__map_flags != 1 || records__type != 27
#error more facts
#endif
#if slots__inner__max_entries != 3 || slots__inner__key_size != 6 || slots__value_size != 4
#error facts of inner maps
#endif
#ifdef __cplusplus
#define NEW new_
#define TAG(name) name##_
#else
#define NEW new
#define TAG(name) name
#endif
words__value *use(words__value *value, slots__inner__value *address);
words__value *use(words__value *value, slots__inner__value *address)
{
	struct TAG(class) *same = TAG(delete) == 3 && unix_ == 4 ? value : 0;
	struct TAG(number) *tagged = &((numbers__value *)0)->tagged;
	number plain = GREEN;
	const char *name = words__name;
	unsigned long long print = words__fingerprint;

	(void)tagged; (void)name; (void)print;
	value->NEW = (enum TAG(operator))200;
	value->tiny = (enum tiny)-1;
	value->linux_ = 1;
	value->next = *address + (unsigned long long)plain;
	return MORE == 200 && value->tiny < 0 && value->NEW == 200 && print ? same : 0;
}
"""

ORDERS = {
    "alone": '#include "words.h"\n',
    "first": '#include "words.h"\n#include <linux/bpf.h>\n#include <bpf/bpf.h>\n'
    "#include <bpf/libbpf.h>\n#include <stdbool.h>\n#include <sys/param.h>\n",
    "last": "#include <sys/types.h>\n#include <stdint.h>\n#include <bpf/libbpf.h>\n"
    '#include <bpf/bpf.h>\n#include <linux/bpf.h>\n#include "words.h"\n#include "maps.h"\n',
}
"""What goes before the program, by name."""

C = ("c11", "gnu11", "c17", "gnu2x", "c2x")
CPLUSPLUS = ("c++17", "gnu++20", "c++2b")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the headers, and a program for each order."""
    require_file("/usr/include/bpf/libbpf.h", "libbpf-dev")
    directory = tmp_path_factory.mktemp("matrix")
    (directory / "common.dsl").write_text(COMMON)
    for name, text in (("common", COMMON), ("words", WORDS), ("maps", SOURCE)):
        compilation = compile(Source(str(directory / f"{name}.dsl"), text))
        errors = [d for d in compilation.diagnostics if d.severity == "error"]
        assert not errors, errors
        (directory / f"{name}.h").write_text(emit_header(compilation.model), encoding="utf-8")
    for order, includes in ORDERS.items():
        (directory / f"{order}.c").write_text(includes + USED)
        (directory / f"{order}.cc").write_text(includes + USED)
    return directory


@pytest.mark.parametrize("compiler", ["gcc", "clang-14", "clang-19", ZIGLANG])
def test_c(compiler: str, folder: Path) -> None:
    """Every standard and every order, without a warning."""
    words = [require("gcc")] if compiler == "gcc" else command(compiler)
    system = ["-isystem", "/usr/include", "-isystem", "/usr/include/x86_64-linux-gnu"]
    flags = [*WARNINGS, "-fsyntax-only", *(system if compiler == ZIGLANG else ())]
    for standard in C:
        run([*words, f"-std={standard}", *flags, *(folder / f"{order}.c" for order in ORDERS)])


@pytest.mark.parametrize("compiler", ["g++", "clang++-14", "clang++-19"])
def test_cplusplus(compiler: str, folder: Path) -> None:
    """Every standard and every order, without a warning."""
    words = [require(compiler), *WARNINGS, "-fsyntax-only"]
    for standard in CPLUSPLUS:
        run([*words, f"-std={standard}", *(folder / f"{order}.cc" for order in ORDERS)])


def test_zigs_cplusplus(folder: Path) -> None:
    """The newest clang, as C++; without the headers of the machine's C++."""
    words = [*command(ZIGLANG), "-x", "c++", *WARNINGS, "-fsyntax-only", "-nostdinc++"]
    system = ["-isystem", "/usr/include", "-isystem", "/usr/include/x86_64-linux-gnu"]
    run([*words, "-std=c++2b", *system, folder / "alone.cc"])


@pytest.mark.parametrize("language", ["c", "cc"])
def test_two_units_of_one_program(language: str, folder: Path, tmp_path: Path) -> None:
    """Nothing in the header is defined twice, and nothing of it is in the object."""
    text = '#include "words.h"\n#include "common.h"\nvoid *unit{}(void) {{ return 0; }}\n'
    units = []
    for number in (1, 2):
        unit = tmp_path / f"unit{number}.{language}"
        declared = f"void *unit{number}(void);\n"
        unit.write_text(declared + text.format(number))
        units.append(unit)
    main = tmp_path / f"main.{language}"
    main.write_text("int main(void) { return 0; }\n")
    program = tmp_path / "program"
    compiler = require("gcc" if language == "c" else "g++")
    run([compiler, f"-I{folder}", *WARNINGS, *units, main, "-o", program])
    names = subprocess.run(
        [require("nm"), str(program)], capture_output=True, text=True, check=True
    ).stdout
    assert "unit2" in names
    assert "words" not in names
    assert "commons" not in names


def test_bpf_side(folder: Path) -> None:
    """What makes a header a BPF program's: the target, what was included before, a macro."""
    beginnings = {
        "-DBPFGEN_BPF": "",
        "-DOTHER": "#define __VMLINUX_H__\n#include <linux/types.h>\n",
        "-DANOTHER": "#include <linux/types.h>\n#include <bpf/bpf_helpers.h>\n",
        "-DNONE": "",
    }
    for macro, before in beginnings.items():
        text = f'{before}#include "common.h"\n'
        words = [require("gcc"), "-E", "-P", f"-I{folder}", macro, "-x", "c", "-"]
        done = subprocess.run(words, input=text, capture_output=True, text=True, check=True)
        assert ("commons __attribute__((section" in done.stdout) == (macro != "-DNONE"), macro


def test_make_sees_all_headers(folder: Path, tmp_path: Path) -> None:
    """What silences -Wpedantic hides neither the header nor an imported one from `-MMD`."""
    rules = tmp_path / "rules.d"
    words: list[str | Path] = [require("gcc"), f"-I{folder}", "-MMD", "-MF", rules]
    run([*words, "-fsyntax-only", folder / "alone.c"])
    read = rules.read_text()
    assert "words.h" in read
    assert "common.h" in read


def test_the_host_that_aligns_otherwise_is_stopped(folder: Path) -> None:
    """i386 aligns 64 bits to 4: a struct that differs there doesn't compile, any other does."""
    sources = {
        "differs": "struct s { __u32 a; __u64 b; };\nmap differs: array<__u32, s>[1];",
        "agrees": "struct t { __u64 a; __u32 b, c; };\nmap agrees: array<__u32, t>[1];",
    }
    stopped = {}
    for name, text in sources.items():
        header = emit_header(compile(Source(f"{name}.dsl", text)).model)
        (folder / f"{name}.h").write_text(header)
        words = [*command(newest()), "--target=i386-linux-gnu", "-nostdinc", "-fsyntax-only"]
        done = subprocess.run(
            [*words, f"-I{folder}", "-x", "c", "-"],
            input=f'#include "{name}.h"\n',
            capture_output=True,
            text=True,
            check=False,
        )
        stopped[name] = "the compiler disagrees with bpfgen" in done.stderr
    assert stopped == {"differs": True, "agrees": False}


VMLINUX = """
#ifndef __VMLINUX_H__
#define __VMLINUX_H__
typedef unsigned char __u8; typedef unsigned short __u16; typedef unsigned int __u32;
typedef unsigned long long __u64; typedef __u8 u8; typedef __u32 u32; typedef __u64 u64;
typedef __u16 __be16; typedef __u32 __be32; typedef __u32 __wsum; typedef _Bool bool;
typedef long long __s64; typedef int __s32; typedef struct { int counter; } atomic_t;
enum bpf_map_type { BPF_MAP_TYPE_HASH = 1, BPF_MAP_TYPE_ARRAY = 2 };
enum pid_type { PIDTYPE_PID, PIDTYPE_TGID, PIDTYPE_MAX = 5 };
enum { NAME_LENGTH = 12 };
struct list_head { struct list_head *next, *prev; };
union value { u32 a; struct { u8 class; u64 x __attribute__((packed)); }; };
struct tight { u8 a; u64 b; u32 flag : 3; u32 : 7; u32 rest : 5; } __attribute__((packed));
struct work {
	struct list_head list; atomic_t refs; enum pid_type type; bool on; union value value;
	struct tight tight[2]; struct { u8 bits : 3; u32 : 0; u8 more : 4; };
};
struct cache { u64 hits; } __attribute__((aligned(64)));
#endif
"""

OF_THE_KERNEL = """
include "vmlinux.h";
struct mine { struct work work; u64 when; char name[NAME_LENGTH + 4]; };
const LONG = NAME_LENGTH * 2;
map mine: hash<u32, struct mine>[LONG];
map tight: array<u32, struct tight>[4];
map cache: array<u32, struct cache>[4];
map kinds: array<u32, enum pid_type>[4];
"""

WITHOUT_THE_KERNEL = """
#include "mine.h"
#include <sys/time.h>
#if LONG != 24 || defined(__VMLINUX_H__)
#error
#endif
struct work { int not_the_kernel; };
mine__value *use(mine__value *value, tight__value *tight, kinds__value kind);
mine__value *use(mine__value *value, tight__value *tight, kinds__value kind)
{
	value->work.refs.counter = (int)kind;
	value->work.tight[1] = *tight;
	value->work.list.next = sizeof(cache__value) == 64 && sizeof(struct work) == 4;
	return value;
}
"""


def test_no_vmlinux(tmp_path: Path) -> None:
    """What a source holds of vmlinux.h's types is defined in user space, in clang's layout."""
    (tmp_path / "vmlinux.h").write_text(VMLINUX)
    (tmp_path / "mine.dsl").write_text(OF_THE_KERNEL)
    assert main([str(tmp_path / "mine.dsl"), "-o", str(tmp_path / "mine.h"), "--verify"]) == 0
    for name in ("mine.c", "mine.cc"):
        (tmp_path / name).write_text(WITHOUT_THE_KERNEL)
    for compiler in (require("gcc"), *command(newest())):
        run([compiler, "-std=c11", *WARNINGS, "-fsyntax-only", tmp_path / "mine.c"])
    run([require("g++"), "-std=c++17", *WARNINGS, "-fsyntax-only", tmp_path / "mine.cc"])
    for target in ("aarch64", "riscv64", "s390x"):
        words = [*command(newest()), f"--target={target}-linux-gnu", "-nostdlibinc", "-x", "c"]
        run(
            [
                *words,
                "-Wno-pragma-system-header-outside-header",
                "-fsyntax-only",
                tmp_path / "mine.h",
            ]
        )


@pytest.mark.parametrize(
    ("source", "words"),
    [
        (
            "struct k { __u32 m__key; };\nmap m: array<__u32, k>[1];",
            ("`m__key`", "says of the map `m`"),
        ),
        (
            "const m__inner__type = 1;\nmap m: hash_of_maps<__u32, array<__u32, __u64>[2]>[1];",
            ("`m__inner__type`", "says of the map `m`"),
        ),
        (
            "struct k { __u32 class; __u32 class_; };\nmap m: array<__u32, k>[1];",
            ("`class` is `class_` in C++",),
        ),
    ],
    ids=["member", "constant", "keyword"],
)
def test_a_name_of_two_things(
    source: str, words: tuple[str, ...], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """It is one error, and nothing is written."""
    (tmp_path / "m.dsl").write_text(source)
    assert main([str(tmp_path / "m.dsl"), "-o", str(tmp_path / "m.h"), "--no-verify"]) == 1
    said = capsys.readouterr().err
    assert said.count("error[output-name]") == 1
    assert all(word in said for word in words), said
    assert not (tmp_path / "m.h").exists()


LIKE_LIBC = """
typedef _Bool bool;
typedef __u32 dev_t;
typedef unsigned int uintptr_t;
typedef struct { unsigned long sig[1]; } sigset_t;
struct opened { dev_t device; bool writable; uintptr_t hint; sigset_t mask; pid_t owner; };
struct key_t { pid_t owner; };
map opened: hash<struct key_t, struct opened>[1];
"""

USES_THEM = """
#include <sys/types.h>
#include <stdint.h>
#include <signal.h>
#include <stdbool.h>
_Static_assert(sizeof(struct opened) == 32 && sizeof(dev_t) == 8 && sizeof(sigset_t) == 128, "");
bool is_writable(const struct opened *opened, dev_t device);
bool is_writable(const struct opened *opened, dev_t device)
{
	dev_t_ kernels = opened->device;
	opened__key key = { opened->owner };

	return key.owner && opened->writable && kernels == device && opened->hint == (uintptr_t_)1;
}
"""


@pytest.mark.parametrize("compiler", ["gcc", "g++", "clang-19", "clang++-19"])
def test_typedefs_that_the_c_library_has_otherwise(compiler: str, tmp_path: Path) -> None:
    """They get an underscore, whichever is included first; `bool` is that of C++."""
    compilation = compile(Source("opened.dsl", LIKE_LIBC))
    assert not [d for d in compilation.diagnostics if d.severity == "error"]
    (tmp_path / "opened.h").write_text(emit_header(compilation.model))
    is_c = "++" not in compiler
    standards = ("gnu11", "gnu2x") if is_c else ("gnu++17", "c++2b")
    include, name = '#include "opened.h"\n', f"opened.{'c' if is_c else 'cc'}"
    before, _, program = USES_THEM.partition("_Static_assert")
    for text in (f"{include}{before}", f"{before}{include}"):
        (tmp_path / name).write_text(f"{text}_Static_assert{program}")
        for standard in standards:
            words = [require(compiler), *WARNINGS, f"-std={standard}", "-fsyntax-only", name]
            run(words, folder=tmp_path)
