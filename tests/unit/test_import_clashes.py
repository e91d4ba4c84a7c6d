"""What names a header has, by its text; and that a source that meets one of them is compiled."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from bpfgen.clang.finder import Finder
from bpfgen.compiler import Options
from bpfgen.importer.from_c import import_c
from bpfgen.importer.from_c.preprocessing import Header
from tests.tools import clang_program

if TYPE_CHECKING:
    from pathlib import Path

TEXT = """\
struct task { int flows; enum state state; };
enum state { RUNNING, STOPPED = 4, GONE __attribute__((deprecated)) };
typedef unsigned int u32;
typedef struct { int inside; } outer_t;
extern int kfunc(struct task *param, int other);
int variable; struct task *pointer, array[4];
int (*call)(int given);
"""


def header(text: str = TEXT) -> Header:
    """Return a header with *text*."""
    return Header("x.h", False, [text], [], {})  # noqa: FBT003 -- it is no system header


@pytest.mark.parametrize("name", ["task", "state", "u32", "outer_t", "kfunc", "variable", "array"])
def test_names_of_a_header(name: str) -> None:
    """Tags, typedefs, functions and variables, wherever their declarations have them."""
    assert header().has_any([name])
    assert header().has_any(["nothing", name])


@pytest.mark.parametrize("name", ["RUNNING", "STOPPED", "GONE"])
def test_enumerators_of_a_header(name: str) -> None:
    """They stand in braces as members do."""
    assert header().has_any([name])


@pytest.mark.parametrize("name", ["flows", "inside", "param", "other", "given", "tas", "ask", "x"])
def test_what_no_name_of_a_header_is(name: str) -> None:
    """Members, parameters and parts of words."""
    assert not header().has_any([name])


@pytest.mark.parametrize(
    ("name", "is_declared"),
    [("variable", True), ("pointer", True), ("array", True), ("kfunc", False), ("flows", False)],
)
def test_variables_of_a_header(name: str, is_declared: bool) -> None:
    """What a map of the same name would meet; a function is said by its call."""
    assert header().declares([name]) is is_declared


PROGRAM = """\
#include "vmlinux.h"
struct { int (*type)[1]; int (*max_entries)[4]; u32 *key; struct value *value; }
NAME __attribute__((section(".maps"), used));
"""
VMLINUX = """\
#ifndef __VMLINUX_H__
#define __VMLINUX_H__
typedef unsigned int u32;
typedef u32 __u32;
typedef unsigned char __u8; typedef unsigned short __u16; typedef unsigned long long __u64;
typedef signed char __s8; typedef short __s16; typedef int __s32; typedef long long __s64;
typedef __u16 __be16; typedef __u32 __be32; typedef __u64 __be64; typedef __u32 __wsum;
enum bpf_map_type { BPF_MAP_TYPE_UNSPEC, BPF_MAP_TYPE_HASH };
struct value { u32 flows; };
extern int clash(u32);
MORE
#endif
"""


@pytest.mark.parametrize(
    ("name", "more", "is_wrong"),
    [
        ("flows", "", False),
        ("clash", "", True),
        ("flows", "#define flows streams", True),
        ("flows", "enum { flows };", True),
    ],
)
def test_a_map_with_a_name_of_vmlinux_h(
    tmp_path: Path,
    name: str,
    more: str,
    is_wrong: bool,
) -> None:
    """The source is compiled with the header where they could meet, and clang says what is wrong.

    The C is read where the header is another one, as it is where a project's vmlinux.h is newer.
    """
    header = tmp_path / "vmlinux.h"
    header.write_text(VMLINUX.replace("MORE", ""))
    program = PROGRAM.replace("NAME", name)
    if is_wrong and more:
        header.write_text(VMLINUX.replace("MORE", more))
        program = program.replace("\nstruct {", "\n#undef flows\nstruct {")
    options = Options(clang=Finder(clang_program()))
    found = import_c(program, str(tmp_path / "prog.c"), options)
    wrong = [said for said in found.diagnostics if said.code == "import-difference"]
    left_out = [said for said in found.diagnostics if said.code in {"import-map", "import-lost"}]
    assert bool(wrong or left_out) is is_wrong, found.diagnostics
