"""`bpfgen import OBJ --headers`: types that the project's headers have are included."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from bpfgen.ctype.types import INT, Composite, Typedef
from bpfgen.importer.from_object.headers import named_types
from tests import compiled
from tests.tools import require_file

if TYPE_CHECKING:
    from pathlib import Path

TYPES = """
#ifndef TYPES_H
#define TYPES_H
enum verdict { PASS, DROP = 4 };
struct inner { unsigned int a; };
typedef struct { unsigned long long x; struct inner in; unsigned int y; } pair_t;
typedef pair_t pairs_t[2];
struct flow_key { unsigned int saddr, daddr; unsigned short sport, dport; };
#endif
"""

MORE = """
#ifndef MORE_H
#define MORE_H
struct stats { struct flow_key key; enum verdict last; };
struct unused { int x; };
#endif
"""

MAPS = """
struct own { pairs_t p; struct stats *next; const pair_t *pair; unsigned long long n; };
struct { __uint(type, 1); __uint(max_entries, 4);
    __type(key, struct flow_key); __type(value, struct stats); } flows SEC(".maps");
struct { __uint(type, 1); __uint(max_entries, 4);
    __type(key, int); __type(value, struct own); } owns SEC(".maps");
struct { __uint(type, 1); __uint(max_entries, 4);
    __type(key, pair_t); __type(value, enum verdict); } verdicts SEC(".maps");
"""

OWN = """\
struct own {
    pairs_t p;
    struct stats *next;
    const pair_t *pair;
    unsigned long long n;
};
"""


def bpfgen(*words: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    """Run the command in *cwd*."""
    return subprocess.run(
        [sys.executable, "-m", "bpfgen", *words],
        cwd=cwd,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """Give a folder with headers, and the object of a program that includes them."""
    (tmp_path / "include").mkdir()
    (tmp_path / "include" / "types.h").write_text(TYPES)
    (tmp_path / "include" / "more.h").write_text(MORE)
    program = compiled.MACROS + TYPES + MORE + MAPS
    (tmp_path / "prog.o").write_bytes(compiled.compile_c(program, compiled.newest()))
    return tmp_path


def test_types_of_headers_are_included(project: Path) -> None:
    """Structs, typedefs and enums; the source compiles back to the maps of the object."""
    words = ("--headers", "types.h,more.h", "-I", "include", "-o", "maps.dsl")
    done = bpfgen("import", "prog.o", *words, cwd=project)
    assert (done.returncode, done.stderr) == (0, "")
    assert (project / "maps.dsl").read_text() == (
        '/// The maps of prog.o.\n\ninclude "types.h";\ninclude "more.h";\n\n'
        f"{OWN}\nmap flows: hash<flow_key, stats>[4];\nmap owns: hash<int, own>[4];\n"
        "map verdicts: hash<pair_t, verdict>[4];\n"
    )
    verified = bpfgen("verify", "prog.o", "maps.dsl", "-I", "include", cwd=project)
    assert verified.returncode == 0, verified.stderr
    header = bpfgen("maps.dsl", "-I", "include", "-o", "maps.h", "--verify", cwd=project)
    assert header.returncode == 0, header.stderr


def test_headers_are_spelled_from_where_the_source_stands(project: Path) -> None:
    """A path from the working directory becomes one from the source; what isn't needed is out."""
    (project / "maps").mkdir()
    words = ("--headers", "include/types.h", "--headers", "include/more.h", "-o", "maps/m.dsl")
    done = bpfgen("import", "prog.o", *words, cwd=project)
    assert done.returncode == 0, done.stderr
    text = (project / "maps" / "m.dsl").read_text()
    assert 'include "../include/types.h";\ninclude "../include/more.h";\n' in text
    assert bpfgen("maps/m.dsl", "-o", "maps/m.h", cwd=project).returncode == 0
    (project / "include" / "other.h").write_text("struct other { int x; };\n")
    done = bpfgen("import", "prog.o", "--headers", "include/other.h", "-o", "-", cwd=project)
    assert "include" not in done.stdout
    assert "struct flow_key {" in done.stdout


def test_a_header_comes_with_what_it_needs(project: Path) -> None:
    """`more.h` compiles after `types.h` alone, so that this is included for it."""
    (project / "few.o").write_bytes(
        compiled.compile_c(
            compiled.MACROS
            + TYPES
            + MORE
            + "struct { __uint(type, 2); __uint(max_entries, 4); __type(key, int);"
            ' __type(value, struct stats); } m SEC(".maps");',
            compiled.newest(),
        )
    )
    words = ("--headers", "include/types.h,include/more.h", "-o", "-")
    text = bpfgen("import", "few.o", *words, cwd=project).stdout
    assert text.splitlines()[2:] == [
        'include "include/types.h";',
        'include "include/more.h";',
        "",
        "map m: array<int, stats>[4];",
    ]
    done = bpfgen("import", "few.o", "--headers", "include/more.h", "-o", "-", cwd=project)
    assert done.returncode == 1
    assert "error[include]: --headers include/more.h: clang: " in done.stderr
    assert "name what it needs before it" in done.stderr


def test_another_type_of_that_name_is_kept(project: Path) -> None:
    """The object's own gets another name, and it is said how the header's differs."""
    path = project / "include" / "types.h"
    path.write_text(
        TYPES.replace("DROP = 4", "DROP = 5").replace("dport;", "dport; unsigned int more;")
    )
    words = ("--headers", "include/types.h", "-o", "maps.dsl")
    done = bpfgen("import", "prog.o", *words, cwd=project)
    assert done.returncode == 0
    text = (project / "maps.dsl").read_text()
    assert "enum verdict___2 {\n    PASS___2,\n    DROP___2 = 4,\n};\n" in text
    assert "hash<flow_key___2, stats>" in text
    assert 'include "include/types.h";' in text  # of pair_t
    said = '`enum verdict` is another type in "include/types.h": enumerator `DROP` of'
    assert said in done.stderr
    assert '`struct flow_key` is another type in "include/types.h": ' in done.stderr
    assert bpfgen("maps.dsl", "-o", "maps.h", cwd=project).returncode == 0
    assert bpfgen("verify", "prog.o", "maps.dsl", cwd=project).returncode == 1  # of enumerators


def test_maps_of_headers_are_left_out(project: Path) -> None:
    """The header that defines them would define them twice."""
    (project / "include" / "maps.h").write_text(compiled.MACROS + TYPES + MORE + MAPS)
    done = bpfgen("import", "prog.o", "--headers", "include/maps.h", "-o", "-", cwd=project)
    assert done.returncode == 1
    assert done.stderr.count('is defined by "include/maps.h", and left out') == 3
    assert "there is no map that a source could declare" in done.stderr


def test_templates_keep_out_of_the_way(project: Path) -> None:
    """A definition struct of a header leaves its tag to the header."""
    struct = (
        "struct counters { __uint(type, 2); __uint(max_entries, 4);"
        " __type(key, int); __type(value, struct flow_key); };\n"
    )
    (project / "include" / "defs.h").write_text(compiled.MACROS + TYPES + struct)
    program = compiled.MACROS + TYPES + struct
    program += 'struct counters a SEC(".maps"), b SEC(".maps");\n'
    (project / "defs.o").write_bytes(compiled.compile_c(program, compiled.newest()))
    words = ("--headers", "include/defs.h", "-o", "maps.dsl")
    done = bpfgen("import", "defs.o", *words, cwd=project)
    assert done.returncode == 0, done.stderr
    text = (project / "maps.dsl").read_text()
    assert "template counters___2: array<int, flow_key>[4];" in text
    assert "map a: counters___2;\nmap b: counters___2;\n" in text


def test_a_name_alone_may_be_a_typedef_of_the_header(project: Path) -> None:
    """vmlinux.h has `typedef int key_t`, which a `struct key_t` of the program has to live with."""
    text = "typedef int key_t;\nstruct key_t { unsigned int a, b; };\n"
    (project / "include" / "keys.h").write_text(f"#pragma once\n{text}")
    program = compiled.MACROS + text
    program += "struct { __uint(type, 1); __uint(max_entries, 4);"
    program += ' __type(key, struct key_t); __type(value, int); } m SEC(".maps");\n'
    (project / "keys.o").write_bytes(compiled.compile_c(program, compiled.newest()))
    words = ("--headers", "include/keys.h", "-o", "maps.dsl")
    assert bpfgen("import", "keys.o", *words, cwd=project).returncode == 0
    assert "map m: hash<struct key_t, int>[4];" in (project / "maps.dsl").read_text()
    verified = bpfgen("verify", "keys.o", "maps.dsl", cwd=project)
    assert verified.returncode == 0, verified.stderr


def test_a_header_may_need_libbpfs_macros(project: Path) -> None:
    """Helper functions of a project are written with them; a program has them from before."""
    require_file("/usr/include/bpf/bpf_helpers.h", "libbpf-dev")
    function = "static __noinline int f(void) { return 0; }\n#endif\n"
    path = project / "include" / "types.h"
    path.write_text(TYPES.replace("#endif\n", function))
    words = ("--headers", "include/types.h,include/more.h", "-o", "maps.dsl")
    done = bpfgen("import", "prog.o", *words, cwd=project)
    assert done.returncode == 0, done.stderr
    text = (project / "maps.dsl").read_text()
    assert 'include <bpf/bpf_helpers.h>;\ninclude "include/types.h";\n' in text
    assert bpfgen("verify", "prog.o", "maps.dsl", cwd=project).returncode == 0


def test_names_of_an_object_are_no_c() -> None:
    """What clang is asked about are names, whatever the strings of the object's BTF are."""
    integer = INT
    types = (Typedef("x; int y", integer), Typedef("Option<u32>", integer), Typedef("int", integer))
    assert named_types((*types, Typedef("plain", integer))) == {("typedef", "plain"): None}
    assert named_types((Composite("struct", 'a"\n#error', (), 0), Typedef("", integer))) == {}


@pytest.mark.parametrize(
    ("words", "status", "said"),
    [
        (("--headers", "none.h"), 1, "'none.h' file not found"),
        (("--headers", 'a"b.h'), 1, "no header can have a double quote in its name"),
        (("--headers", "broken.h"), 1, "error[include]: --headers broken.h: clang: "),
    ],
)
def test_headers_that_cannot_be_read(
    words: tuple[str, ...], status: int, said: str, project: Path
) -> None:
    """Nothing is written."""
    (project / "broken.h").write_text("struct {\n")
    done = bpfgen("import", "prog.o", *words, "-o", "maps.dsl", cwd=project)
    assert (done.returncode, done.stdout) == (status, "")
    assert said in done.stderr
    assert not (project / "maps.dsl").exists()


def test_c_includes_its_headers_itself(project: Path) -> None:
    """The option is for objects."""
    (project / "prog.c").write_text(compiled.MACROS + MAPS)
    done = bpfgen("import", "prog.c", "--headers", "types.h", "-o", "-", cwd=project)
    assert done.returncode == 2
    assert "--headers is for objects" in done.stderr
