"""The command where there is no clang at all: what is made, and what is said of the rest."""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from bpfgen.cli import main
from bpfgen.object import read_object
from tests.samples import GOOD, SAMPLES
from tests.tools import require_file

if TYPE_CHECKING:
    from collections.abc import Callable

    from bpfgen.object.records import ObjectFile

    Run = Callable[..., tuple[int, str]]

TAKING_A_CLANG = ("includes.dsl", "legacy.dsl")
PLAIN = [name for name in GOOD if name not in TAKING_A_CLANG and "conditions" not in name]


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> Run:
    """Give the command in an empty directory, on a machine that has no clang."""
    (tmp_path / "bin").mkdir()
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    monkeypatch.delenv("BPFGEN_CLANG", raising=False)
    monkeypatch.setitem(sys.modules, "ziglang", None)  # there is no package of that name
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")

    def command(*words: str) -> tuple[int, str]:
        status = main([*words, "--color", "never"])
        output, errors = capfd.readouterr()
        return status, output + errors

    return command


def read(path: str) -> ObjectFile:
    """Return the object at *path* as a loader would have it."""
    return read_object(Path(path).read_bytes())


@pytest.mark.parametrize("target", ["bpfel", "bpfeb"])
@pytest.mark.parametrize("name", PLAIN)
def test_a_sample_becomes_an_object(run: Run, name: str, target: str) -> None:
    """It is written in either byte order, a note says by whom, and `verify` finds it equal."""
    shutil.copytree(SAMPLES, "samples")
    source = f"samples/{name}"
    status, said = run(source, "-o", "maps.o", "--target", target, "-W", "no-libbpf-open")
    assert status == 0
    assert said.count("note[") == said.count("note[assembler]") == 1
    assert read("maps.o").byteorder == {"bpfel": "little", "bpfeb": "big"}[target]
    status, said = run("verify", "maps.o", source)
    assert status == 0, said
    assert run(source, "-o", "maps.o", "--target", target, "--check")[0] == 0


def test_an_object_is_made_anew_from_itself(run: Run) -> None:
    """An object is a source, and so is C that includes nothing; neither takes a clang."""
    assert run(str(SAMPLES / "map_in_map.dsl"), "-o", "first.o")[0] == 0
    assert run("first.o", "-o", "again.o")[0] == 0
    first, again = read("first.o"), read("again.o")
    assert {map.name: map.definition for map in first.maps} == {
        map.name: map.definition for map in again.maps
    }
    Path("prog.c").write_text(
        "#define SEC(name) __attribute__((section(name), used))\n"
        "struct { int (*type)[1]; int *key; long *value; int (*max_entries)[8]; }"
        ' m SEC(".maps");\n'
    )
    status, said = run("prog.c", "-o", "prog.maps.o")
    assert status == 0, said
    assert [map.name for map in read("prog.maps.o").maps] == ["m"]


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("legacy.dsl", []),
        ("btf_map.dsl", ["--style", "initializer"]),
    ],
)
def test_what_takes_a_clang(run: Run, name: str, words: list[str]) -> None:
    """Status 3 says what it is; asked for by name, the assembler refuses it as an error."""
    source = str(SAMPLES / name)
    status, said = run(source, "-o", "maps.o", *words)
    assert status == 3
    assert said.startswith("error[tool-missing]: ")
    assert "by clang alone" in said
    assert "apt install clang" in said
    status, said = run(source, "-o", "maps.o", "--assembler", "builtin", *words)
    assert status == 1
    assert said.startswith("error[assembler]: ")
    assert "`--assembler clang`" in said
    assert os.listdir() == []


def test_a_source_with_headers(run: Run) -> None:
    """It can't be read without a clang, whoever is to make the object."""
    for words in ([], ["--assembler", "builtin"]):
        status, said = run(str(SAMPLES / "includes.dsl"), "-o", "maps.o", *words)
        assert status == 3
        assert "error[tool-missing]: " in said
        assert "; it reads `include <linux/in.h>` (" in said
        assert "includes.dsl:" in said
    assert os.listdir() == []


def test_what_is_checked_is_not_said_to_be_written(run: Run) -> None:
    """The notes of a run with `--check` are about what would be."""
    Path("maps.dsl").write_text("map m: hash<__u32, __u64>[8];\n")
    words = ["maps.dsl", "-o", "maps.h", "-o", "maps.o"]
    assert run(*words)[0] == 0
    status, said = run(*words, "--check", "--no-cache")
    assert status == 0, said
    assert "note[assembler]: the object is made by bpfgen itself: no clang " in said
    assert "warning[unverified]: headers are unverified: no clang " in said


def test_of_many_files_some_take_one(run: Run) -> None:
    """Each that does is named, and the others are made."""
    names = ("types.dsl", "includes.dsl", "legacy.dsl", "kinds.dsl")
    words = [str(SAMPLES / name) for name in names]
    status, said = run(*words, "--emit", "object", "--out-dir", "gen")
    assert status == 3
    for name in ("includes.dsl", "legacy.dsl"):
        assert f"error[tool-missing]: {SAMPLES / name}: no clang " in said
    assert said.count("note[assembler]") == 1
    assert sorted(os.listdir("gen")) == ["kinds.o", "types.o"]


def test_one_variant_is_made(run: Run) -> None:
    """A source with conditions wants each macro said, as for clang."""
    source = str(SAMPLES / "conditions/filter.dsl")
    status, said = run(source, "-o", "maps.o")
    assert status == 1
    assert "error[when-undecided]: " in said
    words = ["-D", "FILTER=2", "-D", "HAVE_RINGBUF", "-U", "KEEP_FLOWS", "-D", "SMALL"]
    status, said = run(source, "-o", "maps.o", "--assembler", "builtin", *words)
    assert (status, said) == (0, "")
    assert run("verify", "maps.o", source)[0] == 0


def test_the_kernels_types(run: Run) -> None:
    """`include kernel;` takes them from BTF, and no clang."""
    btf = require_file("/sys/kernel/btf/vmlinux", "the kernel's BTF")
    Path("maps.dsl").write_text("include kernel;\nmap by_task: hash<__u32, struct list_head>[8];\n")
    status, said = run("maps.dsl", "-o", "maps.o", "--btf", str(btf))
    assert status == 0, said
    status, said = run("verify", "maps.o", "maps.dsl", "--btf", str(btf))
    assert status == 0, said


def test_all_that_a_source_has(run: Run) -> None:
    """A header goes out unverified beside the object, other languages as ever."""
    names = ["maps.h", "maps.o", "maps.json", "maps.go", "maps.rs", "maps.py"]
    words = [word for name in names for word in ("-o", name)]
    status, said = run(str(SAMPLES / "quickstart.dsl"), *words, "--depfile", "maps.d")
    assert status == 0, said
    assert "warning[unverified]: " in said
    assert "note[assembler]: " in said
    assert sorted(os.listdir()) == sorted([*names, "maps.d"])
    rule = Path("maps.d").read_text()
    assert "quickstart.dsl" in rule
    assert "/usr/" not in rule.replace(str(SAMPLES), "")
