"""C headers that a source or a C file includes: which file is meant, and that none comes twice."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from bpfgen.object import read_object
from tests.conformance.c_round_trip import MULTIARCH
from tests.tools import clang_program, require_file

if TYPE_CHECKING:
    from pathlib import Path

TAG = "struct value { int a; };\n"
MAP = (
    "struct { int (*type)[2]; int (*max_entries)[sizeof(struct value)]; int *key;"
    ' struct value *value; } m __attribute__((section(".maps"), used));\n'
)


def bpfgen(cwd: Path, *words: str) -> str:
    """Run the command in *cwd*, successfully; return what it printed and said."""
    done = subprocess.run(
        [sys.executable, "-m", "bpfgen", *words],
        cwd=cwd,
        capture_output=True,
        check=False,
        text=True,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout + done.stderr


@pytest.mark.parametrize("header", ["../pipe.h", "/dev/zero"])
def test_a_pipe_or_a_device_is_no_header(tmp_path: Path, header: str) -> None:
    """The compiler would wait for it, or read without end."""
    os.mkfifo(tmp_path / "pipe.h")
    (tmp_path / "src").mkdir()
    (tmp_path / "src/maps.dsl").write_text(f'include "{header}";\n')
    (tmp_path / "src/prog.bpf.c").write_text(f'\n#include "{header}"\n{TAG}{MAP}')
    words = ("--clang", clang_program())
    shown = header.removeprefix("../")

    def said(*typed: str) -> str:
        return subprocess.run(
            [sys.executable, "-m", "bpfgen", *typed, *words],
            cwd=tmp_path,
            capture_output=True,
            check=False,
            text=True,
            timeout=30,
        ).stderr

    assert f"`{shown}` is no regular file\n --> src/maps.dsl:1:1" in said(
        "src/maps.dsl", "-o", "x.h"
    )
    assert f"prog.bpf.c:2: `{shown}` is no reg" in said("import", "src/prog.bpf.c", "-o", "x.dsl")


def test_quotes_look_beside_the_file_first(tmp_path: Path) -> None:
    """`"shared.h"` is the one of the file's own directory, and of `-I` where that has none."""
    for directory, members in (("own", "int a;"), ("other", "int a, b;")):
        (tmp_path / directory).mkdir()
        (tmp_path / directory / "shared.h").write_text(
            f"#pragma once\nstruct value {{ {members} }};\n"
        )
    text = 'include "shared.h";\nmap m: array<int, struct value>[sizeof(struct value)];\n'
    for directory, size in (("own", 4), (".", 8)):
        (tmp_path / directory / "maps.dsl").write_text(text)
        (tmp_path / directory / "program.c").write_text(f'#include "shared.h"\n{MAP}')
        bpfgen(tmp_path, f"{directory}/maps.dsl", "-I", "other", "-o", "maps.o")
        (found,) = read_object((tmp_path / "maps.o").read_bytes()).maps
        assert found.definition.numbers["max_entries"] == size
        words = ("import", f"{directory}/program.c", "-I", "other", "-o", f"{directory}/back.dsl")
        assert bpfgen(tmp_path, *words) == ""
        imported = (tmp_path / directory / "back.dsl").read_text()
        assert imported.endswith(text.replace("\nmap", "\n\nmap")), imported


def test_a_header_that_a_macro_names(tmp_path: Path) -> None:
    """The source includes it as the C does, not by the path where it was found."""
    (tmp_path / "types.h").write_text("struct value { int a; };\n")
    (tmp_path / "program.c").write_text(f"#define HEADER(x) #x\n#include HEADER(types.h)\n{MAP}")
    bpfgen(tmp_path, "import", "program.c", "-o", "maps.dsl")
    assert 'include "types.h";\n' in (tmp_path / "maps.dsl").read_text()


def test_a_header_without_guards_comes_once(tmp_path: Path) -> None:
    """Whether a source names it twice, or imports another source that includes it, too."""
    (tmp_path / "plain.h").write_text("struct value { int a; };\n")
    include = 'include "plain.h";\n'
    (tmp_path / "common.dsl").write_text(f"{include}map c: array<int, struct value>[1];\n")
    (tmp_path / "twice.dsl").write_text(f"{include * 2}map t: array<int, struct value>[1];\n")
    (tmp_path / "importing.dsl").write_text(
        f'import "common.dsl";\n{include}map i: array<int, struct value>[1];\n'
    )
    for name in ("twice", "importing"):
        bpfgen(tmp_path, f"{name}.dsl", "-o", f"{name}.o")
        assert len(read_object((tmp_path / f"{name}.o").read_bytes()).maps) == 1


def test_a_header_that_declares_the_maps_is_not_included(tmp_path: Path) -> None:
    """The map of the generated header has a type of its own: the declaration would be another."""
    (tmp_path / "shared.h").write_text(
        "typedef struct { int (*type)[2]; int (*max_entries)[1]; int *key, *value; } counter_map;\n"
        "extern counter_map rx;\nstruct value { int a; };\n"
    )
    (tmp_path / "program.c").write_text(
        f'#include "shared.h"\n{MAP}counter_map rx __attribute__((section(".maps"), used));\n'
    )
    said = bpfgen(tmp_path, "import", "program.c", "-o", "maps.dsl")
    assert "shared.h is read as part of the file" in said
    bpfgen(tmp_path, "maps.dsl", "-o", "maps.o")
    found = read_object((tmp_path / "maps.o").read_bytes()).maps
    assert sorted(each.name for each in found) == ["m", "rx"]


def test_a_name_in_a_header_that_is_no_variable(tmp_path: Path) -> None:
    """A member, a parameter or a tag of a map's name is no declaration of the map."""
    (tmp_path / "shared.h").write_text(
        "#pragma once\nstruct m;\nstatic long (*const look)(int fd,\n    int m, int m_too);\n"
        "struct value {\n    int a, m;\n};\n"
    )
    (tmp_path / "program.c").write_text(f'#include "shared.h"\n{MAP}')
    said = bpfgen(tmp_path, "import", "program.c", "-o", "maps.dsl")
    assert "read as part" not in said
    assert 'include "shared.h";\n' in (tmp_path / "maps.dsl").read_text()


def test_a_typedef_of_a_struct_of_a_header(tmp_path: Path) -> None:
    """It holds the struct by value where somebody holds it; a typedef by itself needs none."""
    (tmp_path / "types.h").write_text("#pragma once\nstruct in6 { char bytes[16]; };\n")
    (tmp_path / "maps.dsl").write_text(
        'include "types.h";\ntypedef struct in6 address_t;\ntypedef address_t other_t;\n'
        "typedef struct nowhere opaque_t;\n"
        "struct pair { other_t from, to; opaque_t *owner; };\n"
        "map pairs: hash<pair, __u64>[1];\n"
        "map addresses: hash<address_t, __u64>[sizeof(address_t)];\n"
    )
    bpfgen(tmp_path, "maps.dsl", "-o", "maps.o")
    found = read_object((tmp_path / "maps.o").read_bytes()).maps
    sizes = {each.name: each.definition.key_size for each in found}
    assert sizes == {"pairs": 40, "addresses": 16}


def test_an_enum_that_only_the_header_knows(tmp_path: Path) -> None:
    """It has a size, though the source never asks for it; one of nobody has none, for clang."""
    (tmp_path / "types.h").write_text(
        "#pragma once\nenum verdict { PASS };\nstruct value { enum verdict (*judge)(void); };\n"
    )
    own = "struct value { enum verdict (*judge)(void); };\n"
    one = "map m: hash<__u32, struct value>[1];\n"
    (tmp_path / "theirs.dsl").write_text(f'include "types.h";\n{one}')
    (tmp_path / "nobodys.dsl").write_text(f"{own}{one}")
    assert "btf-refused" not in bpfgen(tmp_path, "theirs.dsl")
    assert "btf-refused" in bpfgen(tmp_path, "nobodys.dsl")


def test_a_header_that_needs_others(tmp_path: Path) -> None:
    """Those before it are included as well, but none that has maps of the source."""
    (tmp_path / "base.h").write_text("typedef unsigned int number;\n")
    (tmp_path / "maps.h").write_text(
        "struct own { int x; };\n" + MAP.replace("struct value", "struct own").replace("} m", "} n")
    )
    (tmp_path / "types.h").write_text("struct value { number a; struct own b; };\n")
    (tmp_path / "program.c").write_text(
        f'#include "base.h"\n#include "maps.h"\n#include "types.h"\n{MAP}'
    )
    bpfgen(tmp_path, "import", "program.c", "-o", "maps.dsl")
    assert "maps.h" not in (tmp_path / "maps.dsl").read_text()
    bpfgen(tmp_path, "maps.dsl", "-o", "maps.o")
    found = read_object((tmp_path / "maps.o").read_bytes()).maps
    assert sorted(each.name for each in found) == ["m", "n"]


PROGRAM = (
    '#include <linux/bpf.h>\n#include <bpf/bpf_helpers.h>\n#include "types.h"\n'
    "struct { __uint(type, BPF_MAP_TYPE_ARRAY); __uint(max_entries, 1); __type(key, int);"
    ' __type(value, struct pkt); } m SEC(".maps");\n'
)
BODY = "#include <linux/types.h>\nstruct pkt { __u32 source; };\n"


@pytest.mark.parametrize(
    "header",
    [
        BODY,
        f"/* #pragma once */\n{BODY}",
        f"#ifndef OTHER\n#define OTHER\n#endif\n{BODY}",
        f"#ifndef TYPES_H\n{BODY}#define TYPES_H\n#endif\n",
        f"/* a\n b */\n// c\n\n# ifndef T_H // d\n/* e */\n#define T_H\n{BODY}#endif /* f */\n",
        f"#if !defined(T_H)\n#define T_H 1\n{BODY}#endif",
        f"#ifdef T_H\n#else\n#define T_H 1\n{BODY}#endif\n// end\n",
        f"#pragma once\n{BODY}",
        f"{BODY}#pragma once\n",
        "#include <linux/bpf.h>\n#define pkt bpf_spin_lock\ntypedef __u32 number;\n",
    ],
)
def test_a_header_without_a_guard_is_named(header: str, tmp_path: Path) -> None:
    """Whether a program that includes it, and the generated header, compiles: clang says."""
    require_file("/usr/include/linux/bpf.h", "linux-libc-dev")
    (tmp_path / "types.h").write_text(header)
    (tmp_path / "program.c").write_text(PROGRAM)
    imported = bpfgen(tmp_path, "import", "program.c", "-o", "maps.dsl")
    made = bpfgen(tmp_path, "maps.dsl", "-o", "maps.h")
    includes, _, _map = PROGRAM.partition("struct {")
    (tmp_path / "new.c").write_text(f'{includes}#include "maps.h"\n')
    words = [clang_program(), "-g", "-O2", "--target=bpf", *MULTIARCH, "-fsyntax-only", "new.c"]
    done = subprocess.run(words, cwd=tmp_path, capture_output=True, check=False, text=True)
    assert ("redefinition of" in done.stderr) == (done.returncode != 0), done.stderr
    assert ("[include-guard]: program.c:3: " in imported) == (done.returncode != 0), imported
    assert ("[include-guard]" in made) == (done.returncode != 0), made


def test_an_import_that_includes_vmlinux(tmp_path: Path) -> None:
    """Comes before the kernel's own headers, which vmlinux.h doesn't go with."""
    clang_program()
    (tmp_path / "vmlinux.h").write_text(
        "#ifndef __VMLINUX_H__\n#define __VMLINUX_H__\n"
        "typedef signed char __s8; typedef unsigned char __u8;\n"
        "typedef short __s16; typedef unsigned short __u16, __be16, __sum16;\n"
        "typedef int __s32; typedef unsigned int __u32, __be32, __wsum;\n"
        "typedef long long __s64; typedef unsigned long long __u64, __be64;\n"
        "enum { BPF_ANY = 0, BPF_NOEXIST = 1 };\n"
        "enum bpf_map_type { BPF_MAP_TYPE_HASH = 1, BPF_MAP_TYPE_ARRAY = 2 };\n"
        "struct task_struct { int pid; };\n#endif\n"
    )
    (tmp_path / "first.dsl").write_text(
        'include "vmlinux.h";\nstruct held { struct task_struct task; __u64 count; };\n'
        "map first: array<__u32, held>[1];\n"
    )
    (tmp_path / "second.dsl").write_text(
        'include "vmlinux.h";\nimport "first.dsl";\nmap second: hash<__u32, held>[8];\n'
    )
    (tmp_path / "third.dsl").write_text('import "first.dsl";\nmap third: hash<__u32, held>[8];\n')
    bpfgen(tmp_path, "first.dsl", "second.dsl", "third.dsl", "--out-dir", "gen", "--verify")


def test_a_header_that_comes_twice_leaves_nothing_out(tmp_path: Path) -> None:
    """Its guard hides the second time, which is no branch that anybody misses."""
    (tmp_path / "maps.h").write_text(
        f"#ifndef MAPS_H\n#define MAPS_H\nstruct value {{ int a; }};\n{MAP}#endif\n"
    )
    (tmp_path / "prog.c").write_text('#include "maps.h"\n#include "maps.h"\n')
    said = bpfgen(tmp_path, "import", "prog.c", "-o", "maps.dsl")
    assert "leaves out" not in said
