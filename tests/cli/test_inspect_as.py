"""`bpfgen inspect --as`: the maps as libbpf, cilium/ebpf and aya create them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from bpfgen.cli import main
from tests import compiled

if TYPE_CHECKING:
    from pathlib import Path

PROGRAM = (
    compiled.MACROS
    + """
struct { __uint(type, 4); __uint(key_size, 4); __uint(value_size, 4); } events SEC(".maps");
struct { __uint(type, 27); __uint(max_entries, 5000); } packets SEC(".maps");
struct { __uint(type, 14); __uint(max_entries, 64); __type(key, int); __type(value, int); }
    ports SEC(".maps");
"""
)


@pytest.fixture
def program(tmp_path: Path) -> Path:
    """Give an object whose maps each loader completes in a way of its own."""
    path = tmp_path / "prog.o"
    path.write_bytes(compiled.compile_c(PROGRAM, compiled.newest()))
    return path


@pytest.mark.parametrize(
    ("loader", "status", "packets", "ports"),
    [
        ("libbpf", 0, 8192, 4),
        ("libbpf=0.7", 1, 5000, 4),
        ("cilium", 1, 5000, 4),
        ("aya", 0, 8192, 8),
    ],
)
def test_numbers_are_those_of_the_loader(
    loader: str,
    status: int,
    packets: int,
    ports: int,
    program: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """In JSON: sizes and entries filled in, and why one is refused."""
    assert main(["inspect", str(program), "--as", loader, "--format", "json"]) == status
    document = json.loads(capsys.readouterr().out)
    assert document["as"] == loader.partition("=")[0]
    maps = {one["name"]: one for one in document["maps"]}
    assert maps["events"]["entries"] == "the number of CPUs"
    assert maps["packets"]["max_entries"] == packets
    assert maps["ports"]["value_size"] == ports
    assert (document["error"] is not None) == (maps["packets"]["refused"] is not None)
    assert (document["error"] is not None) == bool(status)
    assert ("max_entries" in maps["packets"]["filled_in"]) == (packets == 8192)


def test_a_table_for_people(program: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """What is filled in has a star; refused is on standard error."""
    assert main(["inspect", str(program), "--as", "aya=0.13"]) == 0
    printed = capsys.readouterr().out
    assert f"{program} as aya 0.13: 3 maps\n" in printed
    assert "ports    devmap              4    8 *  64\n" in printed
    assert "* filled in by the loader" in printed
    assert "ports: values of 4 bytes: these versions make the values 8 bytes long" in printed
    assert main(["inspect", str(program), "--as", "cilium"]) == 1
    told = capsys.readouterr().err
    assert "error[loader-refuses]" in told
    assert "map `packets`: a size of 5000 bytes: these versions pass its size on" in told


def test_what_is_no_loader(program: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Names and versions that there aren't, options that don't fit, files that can't be read."""
    for word in ("bcc", "cilium=x", "libbpf=0.9"):
        assert main(["inspect", str(program), "--as", word]) == 2
        assert "is no loader" in capsys.readouterr().err
    assert main(["inspect", str(program), "--as", "aya", "--types"]) == 2
    missing = str(program.with_name("none.o"))
    assert main(["inspect", missing, "--as", "aya"]) == 1
    assert main(["inspect", missing, "--as", "aya", "--format", "json"]) == 1
    captured = capsys.readouterr()
    assert json.loads(captured.out)["error"].startswith("cannot read")


@pytest.mark.parametrize(("loader", "flags"), [("libbpf=1.0", 1 << 10), ("libbpf=1.1", 0)])
def test_variables_that_nobody_may_map(
    loader: str, flags: int, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """libbpf before 1.1 let user space map every section (its commit 3cd45b660ce2)."""
    source = "static volatile int st;\nint f(void *c) { return st++; }\n"
    (tmp_path / "prog.o").write_bytes(compiled.compile_c(source, compiled.newest()))
    assert main(["inspect", str(tmp_path / "prog.o"), "--as", loader, "--format", "json"]) == 0
    [bss] = json.loads(capsys.readouterr().out)["internal_maps"]
    assert (bss["section"], bss["map_flags"]) == (".bss", flags)
