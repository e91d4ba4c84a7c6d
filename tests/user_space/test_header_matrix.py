"""The header in programs of user space: compilers, standards, the headers before and after it.

What it has there and what it hasn't is asked of the preprocessor and of the object; layouts are the
business of `test_header_types.py`.
"""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING

import pytest

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
	struct TAG(class) *same = value;
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
