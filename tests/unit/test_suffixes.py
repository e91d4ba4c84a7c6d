"""`.dsl` and `.bpfmap` mean the same, wherever the name of a file decides anything."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from bpfgen.cli import main
from bpfgen.compiler import compile
from bpfgen.emit import BACKENDS
from bpfgen.files import SUFFIXES, is_source_name, without_suffix
from bpfgen.files.formats import SOURCE, format_of
from bpfgen.text.source import Source
from tests.tools import CHECKOUT

if TYPE_CHECKING:
    from bpfgen.emit import OutputFile

COMMON = "/// Shared.\nstruct key { __u32 a; };\nmap shared: hash<key, __u64>[8];\n"
MAPS = 'import "common.{}";\n\nmap own: hash<struct key, __u64>[16];\n'


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Work in a directory with a file and its import, of each suffix."""
    monkeypatch.chdir(tmp_path)
    for suffix in SUFFIXES:
        directory = tmp_path / suffix.removeprefix(".")
        directory.mkdir()
        (directory / f"common{suffix}").write_text(COMMON)
        (directory / f"maps{suffix}").write_text(MAPS.format(suffix.removeprefix(".")))
    return tmp_path


def test_a_name() -> None:
    """What ends so is a source, and loses that ending alone."""
    for suffix in SUFFIXES:
        assert is_source_name(f"a/b{suffix}")
        assert without_suffix(f"a{suffix}/b{suffix}") == f"a{suffix}/b"
        assert format_of(f"b{suffix}", b"nothing that anybody knows") == SOURCE
    assert not is_source_name("a.bpf.c")
    assert without_suffix("a.bpf.c") == "a.bpf.c"
    assert without_suffix("a.dsl.bpfmap") == "a.dsl"


@pytest.mark.parametrize("form", BACKENDS)
def test_each_output_is_the_same(form: str, here: Path) -> None:
    """But for the names of the files: what they are called, and what they call each other."""

    def outputs(suffix: str) -> list[tuple[str, str | bytes]]:
        path = here / suffix.removeprefix(".") / f"maps{suffix}"
        compilation = compile(Source(str(path), path.read_text()))
        assert not compilation.diagnostics
        assert compilation.model is not None
        files: list[OutputFile] = BACKENDS[form].emit(compilation.model)
        return [(file.name, _without(file.content, suffix)) for file in files]

    first, *others = (outputs(suffix) for suffix in SUFFIXES)
    assert all(other == first for other in others)


def _without(content: str | bytes, suffix: str) -> str | bytes:
    """Return *content* without the suffix, and without the checksum over the names of imports."""
    if isinstance(content, bytes):
        return content
    return re.sub(r"MAPS_[0-9A-F]{8}_H", "MAPS_H", content.replace(suffix, ""))


def test_the_tree_of_outputs() -> None:
    """`--out-dir` leaves out either suffix; two sources of one header are refused."""
    sources = [f"{s[1:]}/maps{s}" for s in SUFFIXES]
    assert main([*sources, "--out-dir", "gen", "--no-verify"]) == 0
    assert sorted(map(str, Path("gen").rglob("*.h"))) == ["gen/bpfmap/maps.h", "gen/dsl/maps.h"]


def test_two_sources_of_one_header(capfd: pytest.CaptureFixture[str]) -> None:
    """They are refused before anything is written."""
    for suffix in SUFFIXES:
        Path(f"a{suffix}").write_text("map m: array<__u32, __u64>[1];\n")
    names = [f"a{suffix}" for suffix in SUFFIXES]
    assert main([*names, "--out-dir", "gen"]) == 2
    assert "`a.dsl` and `a.bpfmap` would both be written to `gen/a.h`" in capfd.readouterr().err
    assert not Path("gen").exists()
    text = "".join(f'import "{name}";\n' for name in names)
    compilation = compile(Source("b.dsl", text))
    assert [d.code for d in compilation.diagnostics] == ["import"]
    assert "`a.bpfmap` and `a.dsl` would have one name" in compilation.diagnostics[0].message


def test_directories_are_compared() -> None:
    """`breaking` finds both kinds of names below a directory."""
    assert main(["breaking", "bpfmap", "bpfmap"]) == 0
    Path("new").mkdir()
    for path in Path("bpfmap").iterdir():
        changed = path.read_text().replace("[16]", "[32]").replace("__u64", "__u32")
        Path("new", path.name).write_text(changed)
    assert main(["breaking", "bpfmap", "new", "--all"]) == 1


def test_what_else_names_suffixes() -> None:
    """Files that can't ask the table have each of it: hooks, CMake's functions, completions."""
    hooks = (CHECKOUT / ".pre-commit-hooks.yaml").read_text()
    patterns = re.findall(r"^  files: (.*)$", hooks, re.MULTILINE)
    assert len(patterns) >= 3
    for pattern in patterns:
        assert all(re.search(pattern, f"maps/a{suffix}") for suffix in SUFFIXES), pattern
        assert not re.search(pattern, "maps/a.dslx")
    assert all(f'"*{suffix}"' in hooks for suffix in SUFFIXES)
    cmake = (CHECKOUT / "bpfgen/cmake/bpfgen-config.cmake").read_text()
    words = "|".join(suffix.removeprefix(".") for suffix in SUFFIXES)
    assert cmake.count(f'"\\\\.({words})$"') == cmake.count('"\\\\.') == 2
    for script in ("bash-completion/completions/bpfgen", "zsh/site-functions/_bpfgen"):
        text = (CHECKOUT / "share" / script).read_text()
        assert all(suffix in text for suffix in SUFFIXES)
