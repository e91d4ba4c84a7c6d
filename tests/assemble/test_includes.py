"""C headers with our own objects: a compiler says what is in them, and bpfgen writes the object."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from bpfgen.building import build_object
from bpfgen.clang import ASSEMBLERS, BUILTIN, CLANG, ToolMissing
from bpfgen.clang.finder import Finder
from bpfgen.compiler import Options, compile
from bpfgen.object import read_object
from bpfgen.record import replace
from bpfgen.text.source import Source
from bpfgen.verify import verify
from tests.assemble.batches import version
from tests.assemble.compare import Lacks, compare
from tests.assemble.proof import BYTE_ORDERS
from tests.assemble.readers import readers
from tests.imported import differences
from tests.tools import newest, require_clang, require_file

if TYPE_CHECKING:
    from pathlib import Path

HEADER = """\
#define OWN_MOST 128
#define OWN_FLAGS (1U << 3)
typedef unsigned int own_u32;
enum own_state { OWN_A, OWN_B = 7, OWN_C = -1 };
enum own_wide { OWN_W = 1ULL << 40 };
struct own_key { own_u32 address; unsigned short port; enum own_state state; };
typedef struct { unsigned long n; struct own_key key; } own_value_t;
struct own_packed { char c; long l; double d[2]; } __attribute__((packed));
struct own_list { struct own_list *next; struct unknown *u; int a : 3; int : 2; int b : 7; };
union own_union { int a; char b[OWN_MOST]; };
typedef int (*own_function)(struct own_key *key, int n);
struct own_all {
    own_function f;
    const char *name;
    volatile int v;
    union own_union u;
    enum own_wide wide;
    _Bool b;
    struct { int x; union { int y; float z; }; };
};
"""

TEXT = """\
include "own.h";

struct mine { struct own_key key; own_value_t value; struct own_all all; struct own_list list; };
map a: hash<struct own_key, own_value_t>[OWN_MOST];
map b: hash<__u32, struct own_packed>[OWN_B] { map_flags = BPF_F_NO_PREALLOC; }
map c: hash<own_u32, mine>[OWN_FLAGS];
map d: ringbuf<struct own_list>[4096];
map e: hash_of_maps<__u32, hash<enum own_state, struct own_all>[OWN_MOST]>[8];
map f: hash<__u32, struct own_list *>[4];
"""

OF_THE_SYSTEM = """\
include <linux/in.h>;

struct mine { struct in_addr address; struct sockaddr_in whole; };
map g: hash<struct in_addr, mine>[IPPROTO_MAX];
map h: hash<__u32, struct ip_mreqn>[INADDR_LOOPBACK & 0xff];
"""


def objects(text: str, directory: Path, target: str) -> dict[str, bytes]:
    """Return the object of *text* by each assembler, as both are verified."""
    (directory / "own.h").write_text(HEADER)
    options = Options(target=target, clang=Finder(require_clang(newest())))
    compilation = compile(Source(str(directory / "main.dsl"), text), options)
    assert not compilation.failed, compilation.diagnostics
    made = {}
    for assembler in ASSEMBLERS:
        object, said = build_object(compilation, replace(options, assembler=assembler))
        assert object is not None, said
        made[assembler] = object
    ours = read_object(made[BUILTIN])
    assert verify(compilation.model, ours, byteorder=BYTE_ORDERS[target], assembled=True) == []
    return made


@pytest.mark.parametrize("target", BYTE_ORDERS)
@pytest.mark.parametrize("text", [TEXT, OF_THE_SYSTEM], ids=["own", "linux/in.h"])
def test_types_of_headers_are_as_clang_writes_them(text: str, target: str, tmp_path: Path) -> None:
    """Structs, enums, macros in sizes, bit-fields, functions and what is only declared."""
    if text is OF_THE_SYSTEM:
        require_file("/usr/include/linux/in.h", "kernel headers")
    made = objects(text, tmp_path, target)
    for read in readers():
        result = compare(read(made[CLANG]), read(made[BUILTIN]), Lacks.of(version(newest())))
        assert result.differences == []
    one, other = read_object(made[CLANG]), read_object(made[BUILTIN])
    assert list(differences(one, other, result.whole)) == []


def test_a_header_needs_a_compiler(tmp_path: Path) -> None:
    """Whoever writes the object."""
    (tmp_path / "own.h").write_text(HEADER)
    options = Options(assembler=BUILTIN, clang=Finder(str(tmp_path / "none")))
    with pytest.raises(ToolMissing):
        compile(Source(str(tmp_path / "main.dsl"), TEXT), options)
