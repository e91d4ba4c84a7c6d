"""`bpfgen import DIR --out-dir OUT`, and `--in`: files, exit status, what is told."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from bpfgen.cli import main
from tests.compiled import MACROS
from tests.tools import clang_program

if TYPE_CHECKING:
    from pathlib import Path

DEFS = f"#ifndef DEFS_H\n#define DEFS_H\n{MACROS}#endif\n"


def array(name: str, value: str = "__u64", entries: str = "4") -> str:
    """Return the definition of an array of *value*."""
    return (
        "struct { __uint(type, 2); __uint(max_entries, "
        f'{entries}); __type(key, __u32); __type(value, {value}); }} {name} SEC(".maps");\n'
    )


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give a directory with a header that maps need, which is the working one; there is a clang."""
    clang_program()
    monkeypatch.chdir(tmp_path)
    (tmp_path / "defs.h").write_text(DEFS)
    return tmp_path


def test_a_header_in_a_program(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """It may use what stands before it; maps of the program stay there."""
    (project / "inc").mkdir()
    (project / "inc/near.h").write_text('#include "../defs.h"\nstruct near { __u64 a; };\n')
    (project / "inc/maps.h").write_text(
        '#include "near.h"\n'
        + array("shared", "struct lent", "ENTRIES")
        + array("n", "struct near")
    )
    (project / "prog.bpf.c").write_text(
        '#include "defs.h"\n#define ENTRIES 12\nstruct lent { __u32 a; };\n#include "inc/maps.h"\n'
        + array("own")
        + 'struct { __uint(type, 999); } unknown SEC(".maps");\n'
    )
    assert main(["import", "inc/maps.h", "--in", "prog.bpf.c", "-o", "-"]) == 0
    told = capsys.readouterr()
    assert told.out == (
        "/// The maps of maps.h.\n\n"
        'include "near.h";\n\n'
        "const ENTRIES = 12;\n\n"
        "struct lent { __u32 a; };\n\n"
        "map shared: array<__u32, struct lent>[ENTRIES];\n"
        "map n: array<__u32, struct near>[4];\n"
    )
    assert "warning[include-guard]: inc/maps.h:1: " in told.err
    assert "unknown" not in told.err


def test_a_program_that_doesn_t_include_the_header(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Is an error, and nothing is written."""
    (project / "maps.h").write_text(array("shared"))
    (project / "prog.bpf.c").write_text('#include "defs.h"\n' + array("own"))
    assert main(["import", "maps.h", "--in", "prog.bpf.c", "-o", "maps.dsl"]) == 1
    assert "error[import-context]: prog.bpf.c doesn't include maps.h" in capsys.readouterr().err
    assert not (project / "maps.dsl").exists()


def test_one_file_is_wrong(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Its own source isn't written, the others are, and the status says so."""
    (project / "good.bpf.c").write_text('#include "defs.h"\n' + array("good"))
    (project / "bad.bpf.c").write_text(
        '#include "defs.h"\n#pragma pack(2)\nstruct odd { __u32 a; __u64 b; };\n#pragma pack()\n'
        + array("bad", "struct odd")
    )
    (project / "lost.bpf.c").write_text(
        '#include "defs.h"\n' + array("kept") + array("lost", "struct nowhere")
    )
    assert main(["import", ".", "--out-dir", "out"]) == 1
    told = capsys.readouterr().err
    assert "error[import-difference]" in told
    assert "bad.bpf.c" in told
    assert "map `lost` is left out" in told
    assert (project / "out/good.dsl").read_text().endswith("map good: array<__u32, __u64>[4];\n")
    assert (project / "out/lost.dsl").exists()
    assert not (project / "out/bad.dsl").exists()
    assert "1 of 3 programs unaided" in told
    assert "not written, with the error above: bad.bpf.c" in told


def test_names_of_sources(project: Path) -> None:
    """As compile's for outputs; no two alike, and no generated header hides one that is there."""
    for directory in ("a", "b"):
        (project / directory).mkdir()
        (project / directory / "prog.bpf.c").write_text(f'#include "../defs.h"\n{array("m")}')
    (project / "a/prog.h").write_text("struct flow { int a; };\n")
    (project / "both.h").write_text("#ifndef BOTH\n#define BOTH\n" + array("shared") + "#endif\n")
    (project / "both.bpf.c").write_text('#include "defs.h"\n#include "both.h"\n' + array("own"))
    assert main(["import", ".", "--out-dir", "out"]) == 0
    found = sorted(
        str(path.relative_to(project / "out")) for path in (project / "out").rglob("*.*")
    )
    assert found == ["a/prog.maps.dsl", "b/prog.dsl", "both.dsl", "both.maps.dsl"]
    assert main(["import", "a/prog.bpf.c", "--out-dir", "other", "--base", "a"]) == 0
    assert (project / "other/prog.maps.dsl").exists()


@pytest.mark.parametrize("link", ["out/in/prog.dsl", "out"])
def test_a_link_that_leads_out_is_not_written_through(
    project: Path, capsys: pytest.CaptureFixture[str], link: str
) -> None:
    """What the link leads to is somebody else's; the directory itself is the user's word."""
    (project / "in").mkdir()
    (project / "in/prog.bpf.c").write_text('#include "../defs.h"\n' + array("m"))
    (project / "elsewhere").mkdir()
    if link == "out":
        (project / link).symlink_to("elsewhere")
        assert main(["import", "in", "--out-dir", "out"]) == 0
        assert (project / "elsewhere/in/prog.dsl").exists()
        return
    (project / "out/in").mkdir(parents=True)
    (project / link).symlink_to(project / "elsewhere/rc")
    assert main(["import", "in", "--out-dir", "out"]) == 1
    assert f"cannot write `{link}`: a link leads out of `out`" in capsys.readouterr().err
    assert not list((project / "elsewhere").iterdir())


def test_check_writes_nothing(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """It compares; what was written before is current."""
    (project / "prog.bpf.c").write_text('#include "defs.h"\n' + array("m"))
    assert main(["import", ".", "--out-dir", "out", "--check"]) == 1
    assert not (project / "out").exists()
    assert main(["import", ".", "--out-dir", "out"]) == 0
    capsys.readouterr()
    assert main(["import", ".", "--out-dir", "out", "--check"]) == 0
    assert capsys.readouterr().out == ""


def test_what_is_told_once(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """What is wrong with a header is, whatever the number of programs; places are whole paths."""
    (project / "sub").mkdir()
    (project / "sub/maps.h").write_text(
        '#include "nowhere.h"\n' + array("m") + 'struct { __uint(type, 999); } odd SEC(".maps");\n'
    )
    for name in ("one", "two"):
        text = '#include "defs.h"\n#include "sub/maps.h"\n'
        (project / f"{name}.bpf.c").write_text(text)
    assert main(["import", ".", "--out-dir", "out"]) == 0
    told = capsys.readouterr().err
    assert told.count("map `odd` is left out") == 1
    assert "warning[import-map]: sub/maps.h:3: map `odd`" in told
    assert told.count("the header `nowhere.h` isn't found") == 1


def test_a_header_that_no_program_includes(project: Path) -> None:
    """Is imported by itself."""
    (project / "lone.h").write_text('#include "defs.h"\n' + array("m"))
    assert main(["import", ".", "--out-dir", "out"]) == 0
    assert (project / "out/lone.dsl").read_text().endswith("map m: array<__u32, __u64>[4];\n")


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["a.c", "b.c"], "the sources of several files go into a directory"),
        (["."], "the sources of several files go into a directory"),
        ([".", "--out-dir", "out", "-o", "x.dsl"], "-o and --out-dir exclude each other"),
        ([".", "--out-dir", "out", "--in", "a.c"], "--in is for one header"),
        (["x.o", "--out-dir", "out"], "`x.o` is neither C nor a directory"),
        (["a.c", "--in", "b.c", "-o", "x.dsl"], "--in is for a header"),
        (["a.h", "--in", "b.o", "-o", "x.dsl"], "--in names the C file that includes the header"),
        (["a.c", "--move-types", "-o", "x.dsl"], "--move-types is for --out-dir"),
        (["a.c", "--base", ".", "-o", "x.dsl"], "--base is for --out-dir"),
    ],
)
def test_wrong_usage(
    words: list[str], message: str, project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Each says what is wrong."""
    del project
    assert main(["import", *words]) == 2
    assert message in capsys.readouterr().err


def test_nothing_to_import(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Is an error, as for one file."""
    del project
    assert main(["import", ".", "--out-dir", "out"]) == 1
    assert "error[import-map]: .: there is no map" in capsys.readouterr().err


def test_types_move(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Those of the headers that maps need, all of them; what else is there is told."""
    (project / "base.h").write_text(
        '#ifndef BASE_H\n#define BASE_H\n#include "defs.h"\nenum verdict { PASS, DROP };\n'
        "typedef __u32 ident;\n#endif\n"
    )
    (project / "types.h").write_text(
        '#ifndef TYPES_H\n#define TYPES_H\n#include "base.h"\nstruct flow { ident id; __u32 b; };\n'
        "struct unused { enum verdict last; };\n"
        "static inline int twice(int a)\n{\n\treturn 2 * a;\n}\n#endif\n"
    )
    (project / "prog.bpf.c").write_text('#include "types.h"\n' + array("m", "struct flow"))
    assert main(["import", ".", "--out-dir", "out"]) == 0
    assert 'include "types.h";' in (project / "out/prog.dsl").read_text()
    assert main(["import", ".", "--out-dir", "moved", "--move-types"]) == 0
    told = capsys.readouterr().err
    assert "types.h:6: this, and what else no source declares, stays in the header" in told
    assert told.count("stays in the header") == 1 + told.count("defs.h:")
    assert (project / "moved/base.dsl").read_text() == (
        "/// The types of base.h.\n\nenum verdict { PASS, DROP };\ntypedef __u32 ident;\n"
    )
    assert (project / "moved/types.dsl").read_text() == (
        "/// The types of types.h.\n\n"
        'import "base.dsl";\n\n'
        "struct flow { ident id; __u32 b; };\n"
        "struct unused { enum verdict last; };\n"
    )
    assert (project / "moved/prog.dsl").read_text() == (
        "/// The maps of prog.bpf.c.\n\n"
        'import "types.dsl";\n\n'
        "map m: array<__u32, struct flow>[4];\n"
    )


def test_each_program_has_its_own_flags(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Those of its build; a program that the build doesn't have is left out, with a warning."""
    commands = []
    (project / "maps.h").write_text(array("shared", entries="ENTRIES") + array("same"))
    for name, entries in (("one", "5"), ("two", "6"), ("three", "")):
        (project / f"{name}.bpf.c").write_text('#include "defs.h"\n#include "maps.h"\n')
        words = ["clang", f"-DENTRIES={entries}", "-c", f"{name}.bpf.c"]
        entry = {"directory": str(project), "file": f"{name}.bpf.c", "arguments": words}
        commands += [entry] if entries else []
    (project / "compile_commands.json").write_text(json.dumps(commands))
    assert main(["import", ".", "-p", ".", "--out-dir", "out"]) == 0
    told = capsys.readouterr().err
    assert "warning[compile-commands]: `three.bpf.c` isn't among" in told
    assert "2 of 2 programs unaided" in told
    assert "not written" not in told
    assert (
        "const ENTRIES = 5;\n\nmap shared: array<__u32, __u64>[ENTRIES];\n"
        in (project / "out/one.dsl").read_text()
    )
    assert (
        "const ENTRIES = 6;\n\nmap shared: array<__u32, __u64>[ENTRIES];\n"
        in (project / "out/two.dsl").read_text()
    )
    assert (project / "out/maps.dsl").read_text() == (
        "/// The maps of maps.h.\n\nmap same: array<__u32, __u64>[4];\n"
    )


def test_headers_are_looked_for(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Where nobody says in which directory; it is told, since the sources need it as well."""
    (project / "include/lib").mkdir(parents=True)
    (project / "include/lib/types.h").write_text(
        "#ifndef TYPES_H\n#define TYPES_H\nstruct flow { unsigned int a; };\n#endif\n"
    )
    (project / "prog.bpf.c").write_text(
        '#include "defs.h"\n#include <lib/types.h>\n' + array("m", "struct flow")
    )
    assert main(["import", ".", "--out-dir", "out"]) == 0
    assert "to compile them, add -I include\n" in capsys.readouterr().err
    assert "include <lib/types.h>;" in (project / "out/prog.dsl").read_text()


def test_a_named_program_that_the_build_leaves_out(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Is wrong usage: nobody has flags for it."""
    (project / "one.bpf.c").write_text('#include "defs.h"\n' + array("m"))
    (project / "compile_commands.json").write_text("[]")
    assert main(["import", "-p", ".", "one.bpf.c", "--out-dir", "out"]) == 2
    assert "`one.bpf.c` isn't listed" in capsys.readouterr().err
