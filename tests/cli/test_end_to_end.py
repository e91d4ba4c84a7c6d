"""The whole program on real sources: header, object, dependencies, and compilers that lie."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.tools import CHECKOUT, clang_program, require, require_clang, require_file

if TYPE_CHECKING:
    from collections.abc import Callable

    Run = Callable[..., subprocess.CompletedProcess[str]]

FLOWS = """\
struct flow_key { __u32 saddr; __u32 daddr; };
map flows: hash<flow_key, __u64>[1600];
"""


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Give a function that runs the program in an empty directory with a source `flows.dsl`."""
    monkeypatch.chdir(tmp_path)
    Path("flows.dsl").write_text(FLOWS)

    def program(*words: str, **environment: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "bpfgen", *words],
            env={**os.environ, "PYTHONPATH": str(CHECKOUT), **environment},
            capture_output=True,
            text=True,
            check=False,
        )

    return program


@pytest.fixture
def without_clang(tmp_path: Path) -> dict[str, str]:
    """Give an environment with no clang on the PATH, and a package ziglang without its program."""
    (tmp_path / "lib" / "ziglang").mkdir(parents=True)
    (tmp_path / "lib" / "ziglang" / "__init__.py").touch()
    (tmp_path / "bin").mkdir()
    return {
        "PATH": str(tmp_path / "bin"),
        "PYTHONPATH": f"{tmp_path / 'lib'}:{CHECKOUT}",
        "BPFGEN_CLANG": "",
    }


def lying_clang(path: Path, edit: str) -> str:
    """Write a compiler that runs sed over the C text before it compiles it."""
    path.write_text(
        "#!/bin/sh\n"
        "for last; do :; done\n"  # the source is the last argument
        f"sed -i '{edit}' \"$last\"\n"
        f'exec {clang_program()} "$@"\n'
    )
    path.chmod(0o755)
    return str(path)


def test_header_object_and_json(run: Run) -> None:
    """Three files from one source; a second run touches none; --check agrees."""
    require_clang()
    for name in ("flows.h", "flows.o", "flows.json"):
        made = run("flows.dsl", "-o", name)
        assert (made.returncode, made.stdout, made.stderr) == (0, "", "")
        os.utime(name, (1, 1))
        assert run("flows.dsl", "-o", name).returncode == 0
        assert Path(name).stat().st_mtime == 1
        assert run("flows.dsl", "-o", name, "--check").returncode == 0
    assert "flows SEC" in Path("flows.h").read_text()
    assert Path("flows.o").read_bytes()[:4] == b"\x7fELF"
    assert json.loads(Path("flows.json").read_text())
    assert sorted(os.listdir()) == ["flows.dsl", "flows.h", "flows.json", "flows.o"]


def test_bpftool_reads_the_object(run: Run) -> None:
    """A witness that shares nothing with us finds map and key type in it."""
    require_clang()
    bpftool = require("bpftool")
    assert run("flows.dsl", "-o", "flows.o").returncode == 0
    dump = subprocess.run(
        [bpftool, "btf", "dump", "file", "flows.o"], capture_output=True, text=True, check=True
    )
    assert "VAR 'flows'" in dump.stdout
    assert "STRUCT 'flow_key' size=8 vlen=2" in dump.stdout
    assert "nr_elems=1600" in dump.stdout


@pytest.mark.parametrize(
    ("edit", "said"),
    [
        ("s/1600/1601/", "max_entries"),
        ("s/BPF_MAP_TYPE_HASH)/BPF_MAP_TYPE_ARRAY)/", "type|kind"),
        ("s/daddr/dport/", "daddr"),
    ],
)
@pytest.mark.parametrize("name", ["flows.h", "flows.o"])
def test_a_compiler_that_makes_something_else(
    run: Run, tmp_path: Path, edit: str, said: str, name: str
) -> None:
    """What the object says is compared with the source: status 1, and no file of that name."""
    clang = lying_clang(tmp_path / "clang", edit)
    made = run("flows.dsl", "-o", name, "--clang", clang)
    assert made.returncode == 1
    assert any(word in made.stderr for word in said.split("|"))
    assert "flows.dsl:" in made.stderr
    assert not Path(name).exists()
    assert run("flows.dsl", "-o", "flows.h", "--clang", clang, "--no-verify").returncode == 0


def test_what_clang_refuses_is_told_at_the_source_line(run: Run, tmp_path: Path) -> None:
    """An error in the C that clang gets comes out at the declaration in the .dsl file."""
    clang = lying_clang(tmp_path / "clang", "s/__u32 daddr/nonsense daddr/")
    made = run("flows.dsl", "-o", "flows.o", "--clang", clang)
    assert made.returncode == 1
    assert "error[clang]: clang: unknown type name 'nonsense'" in made.stderr
    assert "--> flows.dsl:1:" in made.stderr
    assert "in the generated C: __u32 daddr;" in made.stderr
    assert not Path("flows.o").exists()


CALLED_AS_A_HELPER = "map bpf_map_lookup_elem: hash<__u32, __u64>[16];\n"
"""No rule of the language has a word against it; the header doesn't compile."""


@pytest.mark.parametrize("words", [("--emit", "none"), ()], ids=["none", "nowhere"])
def test_checking_asks_clang(
    run: Run, without_clang: dict[str, str], tmp_path: Path, words: tuple[str, ...]
) -> None:
    """Where there is a clang it is asked, too, when a file is only checked.

    `--no-verify` does without, and `--verify` insists. Nothing is written.
    """
    require_file("/usr/include/bpf/bpf_helpers.h", "libbpf-dev")  # it has the helper
    (tmp_path / "own.dsl").write_text(CALLED_AS_A_HELPER)
    before = sorted(os.listdir(tmp_path))
    checked = run("own.dsl", *words)
    assert checked.returncode == 1
    assert "bpf_map_lookup_elem" in checked.stderr
    assert "own.dsl:1:" in checked.stderr
    for more, environment in (((), without_clang), (("--no-verify",), {})):
        unchecked = run("own.dsl", *words, *more, **environment)
        assert (unchecked.returncode, unchecked.stderr) == (0, "")
    assert run("own.dsl", *words, "--verify", **without_clang).returncode == 3
    assert run("flows.dsl", *words, "--verify").returncode == 0
    assert sorted(os.listdir(tmp_path)) == before


def test_without_any_clang(run: Run, without_clang: dict[str, str]) -> None:
    """A header with a warning; status 3 and one sentence for all that needs a compiler."""
    made = run("flows.dsl", "-o", "flows.h", **without_clang)
    assert made.returncode == 0
    assert "warning[unverified]" in made.stderr
    assert Path("flows.h").exists()
    Path("inc.dsl").write_text("include <linux/in.h>;\nmap m: array<__u32, in_addr>[1];\n")
    for words in (
        ["flows.dsl", "-o", "f.o", "--assembler", "clang"],
        ["flows.dsl", "-o", "f.h", "--verify"],
        ["inc.dsl", "-o", "f.h", "--no-verify"],
        ["inc.dsl", "-o", "f.json"],
    ):
        made = run(*words, **without_clang)
        assert made.returncode == 3
        assert made.stderr.count("\n") == 1
        assert "`apt install clang` or `pip install ziglang`" in made.stderr
        assert not Path(words[2]).exists()


def test_the_header_needs_no_clang_to_be_the_same(run: Run, without_clang: dict[str, str]) -> None:
    """The bytes don't depend on whether they were verified."""
    require_clang()
    assert run("flows.dsl", "-o", "verified.h").returncode == 0
    assert run("flows.dsl", "-o", "unverified.h", **without_clang).returncode == 0
    assert Path("verified.h").read_bytes() == Path("unverified.h").read_bytes()


def test_dependencies_of_imports_and_includes(run: Run) -> None:
    """The depfile names the import and the C header that it asked the compiler about."""
    require_clang()
    Path("types").mkdir()
    Path("own.h").write_text("#pragma once\nstruct own { int a; };\n")
    Path("types/common.dsl").write_text("struct common { __u32 id; };\n")
    Path("m.dsl").write_text(
        'include "own.h";\nimport "common.dsl";\nmap m: hash<common, own>[1];\n'
    )
    made = run("m.dsl", "-o", "m.h", "-I", "types", "--depfile", "m.d")
    assert (made.returncode, made.stderr) == (0, "")
    rule = Path("m.d").read_text()
    words = rule.partition("\n\n")[0].replace("\\\n", "").split()
    assert words[:2] == ["m.h:", "m.dsl"]
    assert "types/common.dsl" in words
    assert any(word in {"own.h", "./own.h"} for word in words)
    assert not [word for word in words if "bpfgen" in word]


def test_the_same_bytes_from_anywhere(run: Run, tmp_path: Path) -> None:
    """Header and object don't depend on working directory, TMPDIR, locale or hash seed."""
    require_clang()
    made = set()
    for number, directory in enumerate((tmp_path, tmp_path / "a", tmp_path / "b b" / "c")):
        directory.mkdir(parents=True, exist_ok=True)
        if directory != tmp_path:
            shutil.copy("flows.dsl", directory)
        os.chdir(directory)
        for name in ("flows.h", "flows.o"):
            outcome = run(
                "flows.dsl",
                "-o",
                name,
                PYTHONHASHSEED=str(number),
                TMPDIR=str(directory),
                LC_ALL="C" if number else "C.UTF-8",
                TZ=f"X{number}",
            )
            assert outcome.returncode == 0, outcome.stderr
        made.add((Path("flows.h").read_bytes(), Path("flows.o").read_bytes()))
        os.chdir(tmp_path)
    assert len(made) == 1
