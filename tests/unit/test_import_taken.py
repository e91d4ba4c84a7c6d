"""What of C a source was taken from: cut out, it is gone, and what is left is all else."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING

import pytest

from bpfgen.clang.finder import Finder
from bpfgen.compiler import Options
from bpfgen.importer.from_c import import_c
from tests.tools import clang_program

if TYPE_CHECKING:
    from pathlib import Path

    from bpfgen.importer.items import Taken

SHARED = """\
#define SEC(name) __attribute__((section(name), used))
#define __uint(name, val) int (*name)[val]
#define __type(name, val) __typeof__(val) *name
#define __array(name, val) __typeof__(val) *name[]
typedef unsigned int __u32;
typedef unsigned long long __u64;
typedef unsigned char __u8;
"""

PROGRAM = """\
/* SPDX-License-Identifier: GPL-2.0 */
[[ ]]#define SIZE \\
\t(1 << 4)[[SIZE]]\t/* of both */
#define ARRAY_OF(name, type_) struct { \\
\t__uint(type, 2); __uint(max_entries, SIZE); \\
\t__type(key, __u32); __type(value, type_); } name SEC(".maps")
#define COUNTED(name) ARRAY_OF(name, __u64); static int size_of_##name(void) { return SIZE; }
/* nobody's */

/* A key,
 * said at length. */
[[ ]]struct key { __u32 a; /* first */ };[[struct key]]
struct value [[ ]]{ __u64 b; } __attribute__((aligned(16)))[[struct value]] unset;
[[ ]]typedef struct { __u8 c; } other_t;[[other_t]] // stays
int before; [[ ]]ARRAY_OF(seen,
\tother_t);;[[seen]] int between; [[ ]]ARRAY_OF(known, struct key);[[known]]
[[ ]]struct {
#ifdef SIZE
\t__uint(type, 1);
#endif
\t__uint(max_entries, 8);
\t__type(key, struct key);
\t__type(value, struct value);
} a SEC(".maps"), b SEC(".maps");[[a b]]
[[ ]]COUNTED(counted)[[counted]]
static int use(void) { return sizeof(other_t); }
"""


def _marked(text: str) -> tuple[str, dict[str, str]]:
    """Return *text* without its marks, and the stretches that they name."""
    stretches: dict[str, str] = {}
    plain = ""
    for part in text.split("[[ ]]"):
        stretch, mark, rest = part.partition("[[")
        names, _mark, rest = rest.partition("]]")
        if mark:
            stretches[names] = stretch
        plain += stretch + rest
    return plain, stretches


def _taken(text: str, path: str) -> tuple[Taken, ...]:
    return import_c(text, path, Options(clang=Finder(clang_program()))).taken


def _named(taken: tuple[Taken, ...], text: str) -> dict[str, str]:
    """Return the stretches of *text* by what was taken from them."""
    named: dict[str, str] = {}
    for each in taken:
        stretch = text[each.start : each.end]
        same = next((names for names, other in named.items() if other == stretch), "")
        named.pop(same, None)
        named[f"{same} {each.name}".strip()] = stretch
    return named


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_each_stretch_is_the_declaration_itself(end: str, tmp_path: Path) -> None:
    """Macros, continued lines and neighbours on one line are no obstacle, nor are line ends."""
    plain, stretches = _marked(SHARED + PROGRAM)
    text = plain.replace("\n", end)
    taken = _taken(text, str(tmp_path / "program.bpf.c"))
    expected = {names: stretch.replace("\n", end) for names, stretch in stretches.items()}
    assert _named(taken, text) == expected
    assert {each.path for each in taken} == {str(tmp_path / "program.bpf.c")}
    assert all(each.is_own for each in taken)


def test_a_doc_comment_is_said_apart(tmp_path: Path) -> None:
    """Only the comment that became one: not what stands further up, or at the end of a line."""
    text, _stretches = _marked(SHARED + PROGRAM)
    docs = {each.name: each.doc for each in _taken(text, str(tmp_path / "program.bpf.c"))}
    span = docs.pop("struct key")
    assert span is not None
    assert text[slice(*span)] == "/* A key,\n * said at length. */"
    assert set(docs.values()) == {None}


def test_what_a_macro_makes_beside_a_map_is_named(tmp_path: Path) -> None:
    """Who cuts the map would cut that, too."""
    text, _stretches = _marked(SHARED + PROGRAM)
    shares = {each.name: each.shares for each in _taken(text, str(tmp_path / "program.bpf.c"))}
    assert shares.pop("counted") == ("function `size_of_counted`",)
    assert set(shares.values()) == {()}


def test_a_header_that_is_read_as_part_of_the_file_is_named(tmp_path: Path) -> None:
    """Its declarations are taken from there."""
    header = textwrap.dedent("""\
        #define SIZE 8
        struct { __uint(type, 2); __uint(max_entries, SIZE);
        \t __type(key, __u32); __type(value, __u64); } counts SEC(".maps");
    """)
    (tmp_path / "include").mkdir()
    (tmp_path / "include/counts.h").write_text(header)
    text = SHARED + '#include "include/counts.h"\nint x;\n'
    taken = _taken(text, str(tmp_path / "program.bpf.c"))
    assert {each.path for each in taken} == {str(tmp_path / "include/counts.h")}
    assert not any(each.is_own for each in taken)
    assert _named(taken, header) == {
        "SIZE": "#define SIZE 8",
        "counts": header.partition("\n")[2].rstrip("\n"),
    }


def test_a_legacy_map_has_its_annotation_and_a_slot_its_prototype(tmp_path: Path) -> None:
    """Both are C that the source says."""
    program = SHARED + textwrap.dedent("""\
        #define BPF_ANNOTATE_KV_PAIR(name, type_key, type_val) \\
        \tstruct ____btf_map_##name { type_key key; type_val value; }; \\
        \tstruct ____btf_map_##name SEC(".maps." #name) ____btf_map_##name = {}
        struct bpf_map_def { unsigned int type, key_size, value_size, max_entries, map_flags; };
        [[ ]]struct bpf_map_def SEC("maps") old = { .type = 1, .key_size = 4, .value_size = 8,
        \t.max_entries = 2 };[[old]]
        [[ ]]BPF_ANNOTATE_KV_PAIR(old, __u32, __u64);[[old pair]]
        [[ ]]int tail(void *);[[tail]]
        [[ ]]struct { __uint(type, 3); __uint(max_entries, 1); __uint(key_size, 4);
        \t__array(values, int (void *)); } jumps SEC(".maps") =
        \t\t{ .values = { (void *)&tail } };[[jumps]]
    """)
    text, stretches = _marked(program)
    taken = _taken(text, str(tmp_path / "program.bpf.c"))
    assert {f"{t.name} {t.what}" for t in taken} == {
        "old map", "old pair", "tail prototype", "jumps map",
    }  # fmt: skip
    assert {t.what: text[t.start : t.end] for t in taken if t.name == "old"} == {
        "map": stretches["old"],
        "pair": stretches["old pair"],
    }
    assert text[taken[-2].start : taken[-2].end] == stretches["tail"]
