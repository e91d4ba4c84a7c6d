"""Many files in one run: the tree of the inputs, once more below --out-dir."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from bpfgen.cli import main

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.cli.conftest import Outcome

    Run = Callable[..., Outcome]


def tree(*names: str) -> None:
    """Write a source under each name, with the directories that it needs."""
    for name in names:
        path = Path(name)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("map m;")


def below(directory: str) -> list[str]:
    """Return the paths of all files below *directory*."""
    top = Path(directory)
    return sorted(str(path.relative_to(top)) for path in top.rglob("*") if not path.is_dir())


def test_one_place_for_every_spelling(bpfgen: Run) -> None:
    """A path below the working directory is normalised: there is one output for one input."""
    tree("a.dsl", "sub/deep/b.dsl")
    for name in ("a.dsl", "./a.dsl", ".//a.dsl", "sub/../a.dsl", f"{Path.cwd()}/a.dsl"):
        assert bpfgen(name, "--out-dir", "gen/").status == 0
        assert below("gen") == ["a.h"]
    assert bpfgen("sub/./deep//b.dsl", "a.dsl", "--out-dir", "gen").status == 0
    assert below("gen") == ["a.h", "sub/deep/b.h"]
    os.chdir("sub")
    assert bpfgen("deep/b.dsl", "--out-dir", "../gen2").status == 0
    assert below("../gen2") == ["deep/b.h"]


def test_inputs_outside_share_their_deepest_directory(bpfgen: Run) -> None:
    """Those inside keep their paths; one alone outside stands at the top."""
    tree("work/a.dsl", "lib/x/b.dsl", "lib/x/y/c.dsl", "lib/z/d.dsl")
    os.chdir("work")
    assert bpfgen("../lib/x/y/c.dsl", "--out-dir", "one").status == 0
    assert below("one") == ["c.h"]
    names = ["a.dsl", "../lib/x/b.dsl", "../lib/x/y/c.dsl"]
    assert bpfgen(*names, "--out-dir", "two").status == 0
    assert below("two") == ["a.h", "b.h", "y/c.h"]
    assert bpfgen(*names, "../lib/z/d.dsl", "--out-dir", "three").status == 0
    assert below("three") == ["a.h", "x/b.h", "x/y/c.h", "z/d.h"]


def test_base(bpfgen: Run) -> None:
    """--base says what paths are relative to, inside or outside the working directory."""
    tree("src/maps/a.dsl", "src/b.dsl", "other/c.dsl")
    assert bpfgen("src/maps/a.dsl", "src/b.dsl", "--base", "src/", "--out-dir", "gen").status == 0
    assert below("gen") == ["b.h", "maps/a.h"]
    assert bpfgen("src/b.dsl", "--base", "..", "--out-dir", "up").status == 0
    assert below("up") == [f"{Path.cwd().name}/src/b.h"]
    outcome = bpfgen("other/c.dsl", "src/b.dsl", "--base", "src", "--out-dir", "no")
    assert outcome.status == 2
    assert "`other/c.dsl` is not below `src`, which --base names" in outcome.errors
    assert not Path("no").exists()
    assert bpfgen("src/b.dsl", "--base", "sr", "--out-dir", "no").status == 2


def test_symbolic_links(bpfgen: Run) -> None:
    """A link keeps its own path; `..` behind one means where it points to."""
    tree("real/deep/a.dsl", "real/b.dsl", "b.dsl")
    Path("link").symlink_to("real/deep")
    assert bpfgen("link/a.dsl", "--out-dir", "gen").status == 0
    assert below("gen") == ["link/a.h"]
    Path("real/b.dsl").write_text("map of_real;")
    assert bpfgen("link/../b.dsl", "--out-dir", "up").status == 0
    assert below("up") == ["real/b.h"]
    assert "of_real" in Path("up/real/b.h").read_text()
    os.chdir("link")
    here = f"{Path.cwd().parent.parent}/link"
    assert bpfgen(f"{here}/a.dsl", "--out-dir", "there").status == 0
    assert below("there") == ["a.h"]


@pytest.mark.parametrize(
    ("names", "said"),
    [
        (["a.dsl", "a.map"], "`a.dsl` and `a.map` would both be written to `gen/a.h`"),
        (["a.dsl", "./a.dsl"], "`a.dsl` is given twice, as `a.dsl` and `./a.dsl`"),
        (["a.dsl", "../x/a.dsl"], "`a.dsl` and `../x/a.dsl` would both be written to `gen/a.h`"),
        (["s/a.dsl", "t/a.dsl"], "would both be written to `gen/t/a.h`, which is `gen/s/a.h` too"),
    ],
)
def test_two_inputs_for_one_output(bpfgen: Run, names: list[str], said: str) -> None:
    """Refused before anything is written, links below the output directory included."""
    tree("x/a.dsl", "w/a.dsl", "w/a.map", "w/s/a.dsl", "w/t/a.dsl")
    os.chdir("w")
    Path("gen/s").mkdir(parents=True)
    Path("gen/t").symlink_to("s")
    outcome = bpfgen(*names, "--out-dir", "gen")
    assert outcome.status == 2
    assert said in outcome.errors
    assert below("gen") == []


def test_an_output_that_is_an_input(bpfgen: Run) -> None:
    """Refused through the mirror and through links, its own input or another one's."""
    tree("a.h", "x/b.dsl", "x/c.h")
    for words in (
        ["a.h", "--out-dir", "."],
        ["x/b.dsl", "x/c.h", "--base", "x", "--out-dir", "x"],
        ["x/b.dsl", "a.h", "--out-dir", "linked"],
    ):
        Path("linked").mkdir(exist_ok=True)
        if not Path("linked/a.h").exists():
            Path("linked/a.h").symlink_to("../a.h")
        outcome = bpfgen(*words)
        assert outcome.status == 2
        assert "it would be written over" in outcome.errors
        assert Path("a.h").read_text() == Path("x/c.h").read_text() == "map m;"
        assert not Path("x/b.h").exists()


def test_what_is_imported_is_not_written_over(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    """An output that the input imports is refused when that is known."""
    monkeypatch.chdir(tmp_path)
    Path("common.h").write_text("struct k { __u32 id; };\n")
    Path("a.dsl").write_text('import "common.h";\nmap m: hash<k, __u64>[4];\n')
    assert main(["a.dsl", "-o", "common.h", "--no-verify"]) == 2
    assert "`common.h` is read for `a.dsl`; it would be written over" in capfd.readouterr().err
    assert Path("common.h").read_text().startswith("struct k")


def test_directories_come_with_their_files(bpfgen: Run) -> None:
    """A file that has errors leaves no directory; the others are written, all errors told."""
    tree("good/a.dsl", "bad/b.dsl", "worse/c.dsl")
    for name in ("bad/b.dsl", "worse/c.dsl"):
        Path(name).write_text("bad")
    outcome = bpfgen("bad/b.dsl", "good/a.dsl", "worse/c.dsl", "no/d.dsl", "--out-dir", "gen")
    assert outcome.status == 1
    for name in ("bad/b.dsl", "worse/c.dsl", "no/d.dsl"):
        assert name in outcome.errors
    assert sorted(os.listdir("gen")) == ["good"]
    assert bpfgen("bad/b.dsl", "--out-dir", "none").status == 1
    assert not Path("none").exists()
    assert bpfgen("good/a.dsl", "--out-dir", "checked/x", "--check").status == 1
    assert not Path("checked").exists()


@pytest.mark.parametrize(
    "name",
    ["a b.dsl", "$x.dsl", "#.dsl", "a:b.dsl", "a\nb.dsl", "\udcff\udcfe.dsl", "-.dsl", "*.dsl"],
)
def test_odd_names(bpfgen: Run, name: str) -> None:
    """Blanks, signs of make, line ends and bytes that are no text are names like others."""
    tree(f"d/{name}")
    assert bpfgen(f"d/{name}", "--out-dir", "gen").status == 0
    assert below("gen") == [f"d/{name.removesuffix('.dsl')}.h"]
    assert bpfgen(f"d/{name}", "--out-dir", "gen", "-v").errors.endswith(".h: unchanged\n")


def test_a_trailing_slash(bpfgen: Run) -> None:
    """`a.dsl/` is no file, and says so."""
    tree("a.dsl")
    outcome = bpfgen("a.dsl/", "--out-dir", "gen")
    assert outcome.status == 1
    assert "cannot read `a.dsl/`: `a.dsl` is no directory" in outcome.errors


def test_many_files_come_out_as_one_by_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    """What they import is compiled once, and headers, messages and dependencies are the same."""
    monkeypatch.chdir(tmp_path)
    tree("a.dsl")
    Path("c.dsl").write_text("struct k { __u32 id; };\n")
    Path("b.dsl").write_text('import "c.dsl";\nstruct v { struct k k; __u8 b[4]; };\n')
    Path("bad.dsl").write_text("struct oops { int x y; };\n")
    for number, (imports, type_) in enumerate(
        [("c b", "k"), ("b", "v"), ("bad b", "v"), ("bad", "oops"), ("b c", "v"), ("b bad", "k")]
    ):
        lines = [f'import "{name}.dsl";' for name in imports.split()]
        Path(f"m{number}.dsl").write_text(
            "\n".join([*lines, f"map m{number}: hash<{type_}, int>[4];"])
        )
    names = [f"m{number}.dsl" for number in range(6)]
    alone = []
    for name in names:
        status = main([name, "--out-dir", "alone", "--no-verify", "--depfile", f"{name}.d"])
        alone.append((status, capfd.readouterr().err))
    assert [status for status, _errors in alone] == [0, 0, 1, 1, 0, 1]
    assert main([*names, "--out-dir", "all", "--no-verify"]) == 1
    each = "".join(errors.replace("1 error\n", "") for _status, errors in alone)
    assert capfd.readouterr().err == f"{each}3 errors\n"
    assert below("all") == below("alone") == ["m0.h", "m1.h", "m4.h"]
    for name in below("all"):
        assert Path("all", name).read_bytes() == Path("alone", name).read_bytes()
    good = ["m1.dsl", "m0.dsl", "m4.dsl"]
    assert main([*good, "--out-dir", "all", "--no-verify", "--depfile", "all.d"]) == 0
    named = Path("all.d").read_text().partition("\n\n")[0].replace("\\\n", " ").split()
    assert set(named) == {"all/m1.h", "all/m0.h", "all/m4.h:", *good, "b.dsl", "c.dsl"}
    assert main(["m1.dsl", "m0.dsl", "--out-dir", "all", "--no-verify", "--depfile", "two.d"]) == 0
    assert "c.dsl" in Path("two.d").read_text()


def test_a_definition_that_one_of_many_needs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    """-D is told to be useless only where no input has such a constant."""
    monkeypatch.chdir(tmp_path)
    Path("a.dsl").write_text("const MAX = 4;\nmap a: hash<int, int>[MAX];\n")
    Path("b.dsl").write_text("map b: hash<int, int>[4];\n")
    words = ["a.dsl", "b.dsl", "--out-dir", "gen", "--no-verify"]
    assert main([*words, "-D", "MAX=8"]) == 0
    assert capfd.readouterr().err == ""
    assert "8" in Path("gen/a.h").read_text()
    assert main([*words, "-D", "MAXX=8"]) == 0
    errors = capfd.readouterr().err
    assert errors.count("`-D MAXX` replaces no constant") == 1
    assert main(["b.dsl", "-o", "b.h", "--no-verify", "-D", "MAX=8", "-Werror"]) == 1
