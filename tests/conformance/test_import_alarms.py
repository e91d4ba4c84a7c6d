"""What import of C says of definitions that are unusual: the right thing, once, or nothing."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from bpfgen.importer.from_c import import_c
from tests.compiled import MACROS

if TYPE_CHECKING:
    from pathlib import Path

BPF_MAP_DEF = "struct bpf_map_def { unsigned int type, key_size, value_size, max_entries; };\n"
OUTER = """
struct { __uint(type, 12); __uint(max_entries, 4); __type(key, int);
         __array(values, struct inner); } outer SEC(".maps");
"""

UNREADABLE = "this C can't be read (at `a:1`)"

CASES: dict[str, tuple[str, list[str]]] = {
    "a section of its own": (
        BPF_MAP_DEF + 'struct bpf_map_def SEC("maps/events") events = { 4, 4, 4, 8 };\n',
        ["`events` stands in section `maps/events`, now `maps`"],
    ),
    "a section that is none": (
        'struct { __uint(type, 1); } odd SEC(".maps.odd");\n',
        ["map `odd` is left out: section `.maps.odd` is none of maps"],
    ),
    "a struct that only its use makes a definition": (
        "struct inner { int *key, *value; int (*max_entries)[1]; int (*(type))[2]; };" + OUTER,
        [],
    ),
    "a typedef of one": (
        "typedef struct inner { int *key, *value; int (*max_entries)[1]; int (*(type))[2]; } i_t;"
        + OUTER.replace("struct inner", "i_t"),
        [],
    ),
    "a definition without a type": (
        "struct inner { __type(key, int); __type(value, int); __uint(max_entries, 1); };" + OUTER,
        ["map `outer` is left out: its type is missing, which is no map kind"],
    ),
    "a definition that can't be read": (
        "struct inner { int a:1; };" + OUTER,
        [f"map `outer` is left out: its struct `inner` can't be read: {UNREADABLE}"],
    ),
    "a struct that is elsewhere": (
        "struct inner;" + OUTER,
        ["map `outer` is left out: the struct `inner` isn't defined in this file"],
    ),
    "a branch that defines macros": (
        "#ifndef __uint\n#define __uint(n, v) int (*n)[v]\nextern int maps;\n#endif\n",
        [],
    ),
    "a typedef that is another integer": (
        """typedef __u32 pid_t; struct task { pid_t of[2]; };
struct { __uint(type, 1); __type(key, pid_t); __type(value, struct task); } m SEC(".maps");\n""",
        ["`pid_t` is another integer here than in the C; the source has `__u32`"],
    ),
    "a branch with a map": (
        '#if 0\nstruct { __uint(type, 1); } gone SEC(".maps");\n#endif\n',
        ["`#if 0` leaves out map `gone`; `-D` decides otherwise"],
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_what_is_said(name: str, tmp_path: Path) -> None:
    """Each message is about what is there, and none has a name that is ours."""
    text, expected = CASES[name]
    path = tmp_path / "program.c"
    kept = 'struct { __uint(type, 1); __type(key, int); __type(value, int); } kept SEC(".maps");\n'
    path.write_text(MACROS + text + kept)
    found = import_c(path.read_text(), str(path))
    messages = [re.sub(r"^program\.c:\d+: ", "", d.message) for d in found.diagnostics]
    assert messages == expected
    assert "map kept: hash<int, int>[runtime];" in found.text
    assert not [d for d in found.diagnostics if "bpfgen" in " ".join((d.message, *d.notes))]
