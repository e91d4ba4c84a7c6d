"""Parameters that are arrays or functions by way of a typedef are pointers, as in C.

The witness is clang: the same declarations are compiled as C, and its object is as declared.
"""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

from bpfgen.assemble.object import assemble
from bpfgen.cli import main
from bpfgen.compiler import compile
from bpfgen.ctype.describe import described
from bpfgen.ctype.types import Composite
from bpfgen.object import read_object
from bpfgen.text.source import Source
from bpfgen.verify import verify
from tests.tools import clang_program
from tests.verify.program import told

if TYPE_CHECKING:
    import pytest

INTEGERS = "typedef unsigned char __u8; typedef unsigned int __u32;\n"

DECLARATIONS = """
typedef __u8 mac[6]; typedef mac mac2; typedef mac list[4]; typedef __u8 grid[2][3];
typedef const __u8 constant[6]; typedef const mac held; typedef __u8 open[];
typedef int function(int); typedef function other; struct s { int a; }; typedef struct s structs[2];
enum e { E }; typedef enum e enums[2]; typedef __u32 *pointers[4];
typedef int (*call)(mac m); typedef call calls[2];
struct v {
    int (*a)(mac m); int (*b)(const mac m); int (*c)(mac2 m); int (*d)(const list m);
    int (*e)(volatile constant m); int (*f)(const held m); int (*g)(function f); int (*h)(other f);
    int (*i)(open m); int (*j)(list m); int (*k)(grid m); int (*l)(mac m[2]);
    int (*n)(structs s); int (*o)(enums e); int (*p)(pointers p); int (*q)(const calls c);
    int (*r)(int (*)(mac)); function *s; call t; int (*u)(mac *); int (*w)(call);
};
"""

C = (
    INTEGERS
    + DECLARATIONS
    + """
struct { int (*type)[2]; int (*max_entries)[1]; __u32 *key; struct v *value; } m
    __attribute__((section(".maps"), used));
"""
)

SOURCE = DECLARATIONS + "map m: array<__u32, v>[1];\n"


def compiled(folder: Path) -> bytes:
    """Return the object that clang makes of the declarations, in *folder*."""
    (folder / "m.c").write_text(C)
    words = [clang_program(), "--target=bpf", "-g", "-O2", "-c", "m.c", "-o", "m.o"]
    subprocess.run(words, cwd=folder, check=True, timeout=60)
    return (folder / "m.o").read_bytes()


def test_they_are_what_clang_makes_of_them(tmp_path: Path) -> None:
    """Element by element: qualifiers of the array are those of its elements."""
    model = compile(Source("m.dsl", SOURCE)).model
    of_clang = read_object(compiled(tmp_path))
    assert told(verify(model, of_clang, exact=False, foreign=True)) == ""
    assert told(verify(model, read_object(assemble(model, "little")), assembled=True)) == ""


def test_what_is_imported_is_what_clang_makes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    """C keeps its typedefs, an object has pointers; both become clang's object again."""
    monkeypatch.chdir(tmp_path)
    compiled(tmp_path)
    for name in ("m.c", "m.o"):
        assert main(["import", name, "-o", f"{name}.dsl"]) == 0
        assert main([f"{name}.dsl", "-o", f"{name}.own.o", "--assembler", "builtin"]) == 0
        assert main(["verify", "--exact", "m.o", f"{name}.dsl"]) == 0
        assert main(["verify", f"{name}.own.o", "m.c.dsl"]) == 0
        assert "difference" not in capfd.readouterr().err
    assert "int (*b)(const mac m);" in Path("m.c.dsl").read_text()


def test_imported_typedefs_are_seen_through(tmp_path: Path) -> None:
    """Also where the element's own name isn't visible: an import of the import declares it."""
    (tmp_path / "far.dsl").write_text("typedef __u16 part;")
    (tmp_path / "near.dsl").write_text('import "far.dsl";\ntypedef part mac[3];')
    text = 'import "near.dsl";\nstruct v { int (*f)(const mac m); };\nmap m: array<__u32, v>[1];'
    compilation = compile(Source(str(tmp_path / "m.dsl"), text))
    assert not compilation.failed
    struct = compilation.model.types["struct", "v"]
    assert isinstance(struct, Composite)
    assert described(struct.members[0].type) == "int (*)(const part *)"
    object = read_object(assemble(compilation.model, "little"))
    assert told(verify(compilation.model, object, assembled=True)) == ""


def test_a_typedef_of_the_struct_itself_may_be_a_parameter() -> None:
    """C needs no more of it than its name."""
    text = "typedef struct v v_t; struct v { int (*f)(v_t v, v_t *p); }; map m: array<__u32, v>[1];"
    assert not compile(Source("m.dsl", text)).failed
