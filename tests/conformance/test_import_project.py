"""A project of C imported as a whole: the sources' headers make the objects that the C makes.

The witness is clang: each program is compiled as it is, and once more as no more than the generated
headers that a program would include, in C's order. The maps of the two objects are compared by
:mod:`tests.imported`, which knows nothing of the sources.
"""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING

import pytest

from bpfgen.cli import main
from bpfgen.object import read_object
from tests.compiled import MACROS
from tests.imported import differences
from tests.tools import clang_program

if TYPE_CHECKING:
    from pathlib import Path

DEFS = f"#ifndef DEFS_H\n#define DEFS_H\n{MACROS}#endif\n"

SHARED = {
    "defs.h": DEFS,
    "types.h": """
#ifndef TYPES_H
#define TYPES_H
#include "defs.h"
#define NAME_LENGTH 16
/* User space has it, too. */
struct event { __u32 pid; char name[NAME_LENGTH]; };
#endif
""",
    "maps.h": """
#ifndef MAPS_H
#define MAPS_H
#include "types.h"
#define MAX_FLOWS 1024	/* at once */
struct flow_key { __u32 source, destination; };
/* All flows. */
struct {
	__uint(type, 1);
	__uint(max_entries, MAX_FLOWS);
	__type(key, struct flow_key);
	__type(value, struct event);
} flows SEC(".maps");
static inline void *look(struct flow_key *key)
{
	void *(*lookup)(void *, void *) = (void *)1;
	return lookup(&flows, key);
}
#endif
""",
    "one.bpf.c": """
#include "defs.h"
#include "maps.h"
struct own { struct flow_key key; __u64 hits; };
struct {
	__uint(type, 1);
	__uint(max_entries, MAX_FLOWS * 2);
	__type(key, struct own);
	__type(value, struct event);
} only_one SEC(".maps");
SEC("xdp") int one(void *ctx) { return look(ctx) != 0; }
""",
    "sub/two.bpf.c": """
#include "../maps.h"
SEC("xdp") int two(void *ctx) { return look(ctx) != 0; }
""",
}
"""A map that two programs share, and a program that has one of its own."""

LENT = {
    "defs.h": DEFS,
    "maps.h": """
struct {
	__uint(type, 2);
	__uint(max_entries, ENTRIES);
	__type(key, int);
	__type(value, struct value);
} values SEC(".maps");
""",
    "one.bpf.c": """
#include "defs.h"
#define ENTRIES 7
struct value { __u64 sum; };
#include "maps.h"
struct { __uint(type, 2); __uint(max_entries, 1); __type(key, int); __type(value, struct value); }
	total SEC(".maps");
""",
    "two.bpf.c": """
#include "defs.h"
#define ENTRIES 7
struct value { __u64 sum; };
#include "maps.h"
""",
}
"""A header that can't be read alone, and a type that it and a program need."""

DISAGREEING = LENT | {
    "two.bpf.c": LENT["two.bpf.c"].replace("7", "9"),
    "maps.h": LENT["maps.h"]
    + """
struct { __uint(type, 2); __uint(max_entries, 3); __type(key, int); __type(value, __u32); }
	same SEC(".maps");
#ifdef ENTRIES
#if ENTRIES > 8
struct { __uint(type, 2); __uint(max_entries, 4); __type(key, int); __type(value, __u32); }
	large SEC(".maps");
#endif
#endif
""",
}
"""A map with other entries in each program, one in both, and one in the second alone."""

NESTED = {
    "defs.h": DEFS,
    "inner.h": """
#ifndef INNER_H
#define INNER_H
struct counters {
	__uint(type, 2);
	__uint(max_entries, 8);
	__type(key, __u32);
	__type(value, __u64);
};
struct counters slot SEC(".maps");
#endif
""",
    "outer.h": """
#ifndef OUTER_H
#define OUTER_H
#include "inner.h"
struct {
	__uint(type, 12);
	__uint(key_size, 4);
	__uint(max_entries, 2);
	__array(values, struct counters);
} outer SEC(".maps") = { .values = { [1] = (void *)&slot } };
#endif
""",
    "a/prog.bpf.c": '#include "../defs.h"\n#include "../outer.h"\n#include "../inner.h"\n',
    "b/prog.bpf.c": """
#include "../defs.h"
#include "../inner.h"
struct counters mine SEC(".maps");
int tail(void *ctx);
struct {
	__uint(type, 3);
	__uint(key_size, 4);
	__uint(max_entries, 2);
	__array(values, int (void *));
} jumps SEC(".maps") = { .values = { [0] = (void *)&tail } };
SEC("xdp") int tail(void *ctx) { return 0; }
""",
}
"""Headers that include headers; a definition struct that several share; one name in two places."""

CIRCLE = {
    "defs.h": DEFS,
    "one.h": """
#ifndef ONE_H
#define ONE_H
struct first { __u32 a; };
#include "two.h"
struct { __uint(type, 2); __uint(max_entries, 1); __type(key, int); __type(value, struct second); }
	ones SEC(".maps");
#endif
""",
    "two.h": """
#ifndef TWO_H
#define TWO_H
struct second { struct first first; };
struct { __uint(type, 2); __uint(max_entries, 1); __type(key, int); __type(value, struct first); }
	twos SEC(".maps");
#endif
""",
    "prog.bpf.c": '#include "defs.h"\n#include "one.h"\n',
}
"""Two headers that need each other."""

MACRO = {
    "defs.h": DEFS,
    "make.h": """
#ifndef MAKE_H
#define MAKE_H
#define COUNTERS(name, entries) \\
	struct { \\
		__uint(type, 2); \\
		__uint(max_entries, entries); \\
		__type(key, __u32); \\
		__type(value, struct count); \\
	} name SEC(".maps")
struct count { __u64 packets, bytes; };
COUNTERS(everything, 1);
#endif
""",
    "one.bpf.c": '#include "defs.h"\n#include "make.h"\nCOUNTERS(by_one, 16);\n',
    "two.c": '#include "defs.h"\n#include "part.c"\n',
    "part.c": '#include "make.h"\nCOUNTERS(by_two, 32);\n',
}
"""A macro that makes maps, in a header that has one; and a program that includes another C file."""

USE = """
__attribute__((section("xdp"), used)) int use(void *ctx)
{
	void *(*lookup)(void *, void *) = (void *)1;
	return lookup(&shared_flows, ctx) != 0;
}
"""

EXTERN = {
    "defs.h": DEFS,
    "shared.h": """
#ifndef SHARED_H
#define SHARED_H
struct flows {
	__uint(type, 1);
	__uint(max_entries, 16);
	__type(key, __u32);
	__type(value, __u64);
};
extern struct flows shared_flows SEC(".maps");
#endif
""",
    "owner.bpf.c": """
#include "defs.h"
#include "shared.h"
struct flows shared_flows SEC(".maps");
""",
    "user.bpf.c": '#include "defs.h"\n#include "shared.h"\n' + USE,
}
"""A map that one program defines, and its header declares for the others."""

CONDITIONS = {
    "defs.h": DEFS,
    "wide.h": "#ifndef WIDE_H\n#define WIDE_H\nstruct shape { long a, b; };\n#endif\n",
    "narrow.h": "#ifndef NARROW_H\n#define NARROW_H\nstruct shape { int a; };\n#endif\n",
    "maps.h": """
#ifndef MAPS_H
#define MAPS_H
#include "defs.h"
#ifdef WIDE
#include "wide.h"
#define ENTRIES 64
#else
#include "narrow.h"
#define ENTRIES 8
#endif
struct flow { struct shape shape;
#ifdef COUNTED
	__u64 count;
#endif
};
struct { __uint(type, 1); __uint(max_entries, ENTRIES); __type(key, __u32);
	__type(value, struct flow); } flows SEC(".maps");
#ifdef COUNTED
struct { __uint(type, 2); __uint(max_entries, 1); __type(key, __u32);
	__type(value, struct flow); } counts SEC(".maps");
#endif
#endif
""",
    "one.bpf.c": """
#include "maps.h"
#if defined(COUNTED) && LEVEL > 2
struct { __uint(type, 1); __uint(max_entries, ENTRIES); __type(key, struct flow);
	__type(value, __u32); } own SEC(".maps");
#endif
""",
    "two.bpf.c": '#include "maps.h"\nint nothing;\n',
}
"""A header of maps with branches, which the builds of its programs decide."""

CONDITIONAL = {
    "defs.h": DEFS,
    "maps.h": """
#ifndef MAPS_H
#define MAPS_H
struct { __uint(type, 2); __uint(max_entries, 1); __type(key, int); __type(value, __u32); }
	always SEC(".maps");
#ifdef WITH_STATS
struct { __uint(type, 2); __uint(max_entries, 2); __type(key, int); __type(value, __u64); }
	stats SEC(".maps");
#endif
#endif
""",
    "one.bpf.c": '#include "defs.h"\n#include "maps.h"\n',
    "two.bpf.c": '#include "defs.h"\n#define WITH_STATS\n#include "maps.h"\n',
}
"""A map under a condition that one of the programs decides on."""

FAMILIES = {
    "defs.h": DEFS,
    "address.h": """
#ifndef ADDRESS_H
#define ADDRESS_H
#ifdef VERSION_6
struct address6 { __u32 words[4]; };
#define address_t struct address6
#else
#define address_t __u32
#endif
struct { __uint(type, 2); __uint(max_entries, 1); __type(key, int); __type(value, address_t); }
	own_address SEC(".maps");
#endif
""",
    "routes.h": """
#ifndef ROUTES_H
#define ROUTES_H
#include "address.h"
struct route_key { __u32 length; address_t address; };
struct {
	__uint(type, 1);
	__uint(max_entries, 9);
	__type(key, struct route_key);
	__type(value, __u64);
} routes SEC(".maps");
#endif
""",
    "one.bpf.c": '#include "defs.h"\n#include "routes.h"\n',
    "two.bpf.c": '#include "defs.h"\n#define VERSION_6\n#include "routes.h"\n',
}
"""A macro of a type that a condition decides on: the layouts that use it differ with it."""

PROJECTS = {
    "families": FAMILIES,
    "conditional": CONDITIONAL,
    "conditions": CONDITIONS,
    "extern": EXTERN,
    "shared": SHARED,
    "lent": LENT,
    "disagreeing": DISAGREEING,
    "nested": NESTED,
    "circle": CIRCLE,
    "macro": MACRO,
}

HEADERS = {
    "families": {
        "one.bpf.c": ["address.h", "routes.h"],
        "two.bpf.c": ["#define VERSION_6", "address.h", "routes.h"],
    },
    "conditional": {"one.bpf.c": ["maps.h"], "two.bpf.c": ["#define WITH_STATS", "maps.h"]},
    "conditions": {"one.bpf.c": ["maps.h", "one.h"], "two.bpf.c": ["maps.h"]},
    "extern": {"owner.bpf.c": ["shared.h", "owner.h"], "user.bpf.c": ["shared.h", "user.h"]},
    "shared": {"one.bpf.c": ["maps.h", "one.h"], "sub/two.bpf.c": ["maps.h"]},
    "lent": {"one.bpf.c": ["maps.h", "one.h"], "two.bpf.c": ["maps.h"]},
    "disagreeing": {"one.bpf.c": ["maps.h", "one.h"], "two.bpf.c": ["maps.h", "two.h"]},
    "nested": {"a/prog.bpf.c": ["inner.h", "outer.h"], "b/prog.bpf.c": ["inner.h", "b/prog.h"]},
    "circle": {"prog.bpf.c": ["one.h"]},
    "macro": {"one.bpf.c": ["make.h", "one.h"], "two.c": ["make.h", "part.h"]},
}
"""What each program includes of the generated headers, as it included the C's."""

BUILDS = {
    "conditions": [
        (),
        ("-DWIDE",),
        ("-DCOUNTED", "-DLEVEL=2"),
        ("-DCOUNTED", "-DLEVEL=3"),
        ("-DWIDE", "-DCOUNTED", "-DLEVEL=9"),
    ]
}
"""The macros that programs are compiled with."""


def write(files: dict[str, str], directory: Path) -> None:
    """Write *files* below *directory*."""
    for name, text in files.items():
        path = directory / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)


def compiled(path: Path, *flags: str) -> bytes:
    """Return the object that clang makes of the C file *path*."""
    output = path.with_suffix(".o")
    words = [clang_program(), "-target", "bpfel", "-g", "-O2", "-c", *flags, str(path)]
    subprocess.run([*words, "-o", str(output)], check=True)
    return output.read_bytes()


@pytest.mark.parametrize("name", PROJECTS)
def test_the_headers_make_the_same_maps(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Each source compiles, and the programs' objects have the maps that they had."""
    clang_program()
    monkeypatch.chdir(tmp_path)
    write(PROJECTS[name], tmp_path / "src")
    monkeypatch.chdir(tmp_path / "src")
    assert main(["import", ".", "--out-dir", "../dsl"]) == 0, capsys.readouterr().err
    monkeypatch.chdir(tmp_path / "dsl")
    sources = sorted(
        str(p.relative_to(tmp_path / "dsl")) for p in (tmp_path / "dsl").rglob("*.dsl")
    )
    assert main([*sources, "--out-dir", "../gen", "-I", "../src"]) == 0, capsys.readouterr().err
    used: set[str] = set()
    for program, headers in HEADERS[name].items():
        after = tmp_path / "gen" / f"{program.replace('/', '-')}.c"
        lines = [line if line.startswith("#") else f'#include "{line}"' for line in headers]
        text = "".join(f"{line}\n" for line in lines)
        after.write_text(text + (USE if program == "user.bpf.c" else ""))
        for macros in BUILDS.get(name, [()]):
            before = read_object(compiled(tmp_path / "src" / program, *macros))
            found = read_object(compiled(after, "-I", str(tmp_path / "src"), *macros))
            assert sorted(each.name for each in found.maps) == sorted(
                each.name for each in before.maps
            ), (name, program)
            assert differences(before, found) == [], (name, program)
        used.update(header for header in headers if not header.startswith("#"))
    assert used == {path.removesuffix(".dsl") + ".h" for path in sources}


def test_a_shared_map_is_written_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its header's source has it, with what stood beside it; the program's imports that."""
    clang_program()
    write(SHARED, tmp_path)
    monkeypatch.chdir(tmp_path)
    assert main(["import", ".", "--out-dir", "."]) == 0
    assert (tmp_path / "maps.dsl").read_text() == (
        "/// The maps of maps.h.\n\n"
        'include "types.h";\n\n'
        "const MAX_FLOWS = 1024;  // at once\n\n"
        "struct flow_key { __u32 source, destination; };\n\n"
        "/// All flows.\n"
        "map flows: hash<struct flow_key, struct event>[MAX_FLOWS];\n"
    )
    assert (tmp_path / "one.dsl").read_text() == (
        "/// The maps of one.bpf.c.\n\n"
        'include "types.h";\n'
        'import "maps.dsl";\n\n'
        "struct own { struct flow_key key; __u64 hits; };\n\n"
        "map only_one: hash<struct own, struct event>[MAX_FLOWS * 2];\n"
    )
    assert not (tmp_path / "sub/two.dsl").exists()
