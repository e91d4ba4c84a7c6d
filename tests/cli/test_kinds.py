"""`bpfgen kinds`: the table for people and machines, and what a file needs of the kernel."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from bpfgen.cli import main
from bpfgen.kernel.map_flags import MAP_FLAGS
from bpfgen.kernel.map_kinds import MAP_KINDS
from bpfgen.kernel.special_fields import SPECIAL_FIELDS
from tests.tools import CHECKOUT, require_clang

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    import pytest

    from tests.cli.conftest import Outcome

    Run = Callable[..., Outcome]


def test_the_document_is_current(bpfgen: Run) -> None:
    """docs/map-kinds.md is what `bpfgen kinds --format markdown` prints."""
    printed = bpfgen("kinds", "--format", "markdown").output
    assert (CHECKOUT / "docs" / "map-kinds.md").read_text(encoding="utf-8") == printed


def test_json_has_the_whole_table(bpfgen: Run) -> None:
    """Every kind, flag and special field, with sizes as numbers."""
    document = json.loads(bpfgen("kinds", "--format=json").output)
    assert [kind["name"] for kind in document["kinds"]] == list(MAP_KINDS)
    assert [flag["name"] for flag in document["flags"]] == list(MAP_FLAGS)
    assert [field["name"] for field in document["special_fields"]] == list(SPECIAL_FIELDS)
    trie = next(kind for kind in document["kinds"] if kind["name"] == "lpm_trie")
    assert trie["key_size"]["least"] == 5
    assert trie["required_flags"] == ["BPF_F_NO_PREALLOC"]
    assert trie["key_type"] == "struct"


def test_one_kind_in_every_form(bpfgen: Run) -> None:
    """One row: text, JSON and Markdown."""
    text = bpfgen("kinds", "devmap")
    assert "value size      4 or 8 (8 since Linux 5.8)" in text.output
    document = json.loads(bpfgen("kinds", "devmap", "--format", "json").output)
    assert list(document) == ["format", "kinds"]
    assert document["kinds"][0]["number"] == 14
    assert bpfgen("kinds", "devmap", "--format", "markdown").output.startswith("### devmap\n")


def test_wrong_options(bpfgen: Run) -> None:
    """Unknown formats and options get status 2."""
    assert bpfgen("kinds", "--format", "xml").status == 2
    assert bpfgen("kinds", "--format").status == 2
    assert bpfgen("kinds", "--colour").status == 2
    assert bpfgen("kinds", "hash", "--needs", "x.dsl").status == 2


def test_needs_names_the_oldest_kernel_and_the_lines(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The newest thing decides; every other is listed with its line, the newest first."""
    path = tmp_path / "maps.dsl"
    path.write_text(
        "target kernel >= 4.9;\n"
        "map a: array<__u32, __u64>[1] { map_flags = BPF_F_MMAPABLE; };\n"
        "map b: ringbuf[64 KiB];\n"
        "map c: devmap<__u32, __u64>[4];\n"
    )
    assert main(["kinds", "--needs", str(path)]) == 0
    assert capsys.readouterr().out.splitlines() == [
        f"{path} needs Linux 5.8",
        f"    5.8  {path}:3: a `ringbuf`",
        f"    5.8  {path}:4: a value of 8 bytes in a `devmap`",
        f"    5.5  {path}:2: `BPF_F_MMAPABLE`",
        f"   4.14  {path}:4: a `devmap`",
        f"{path} needs cilium/ebpf 0.8",
        f"    0.8  {path}:4: the type of a key or value of a `devmap`",
        f"{path} needs aya 0.12",
        f"   0.12  {path}:2: a map in section `.maps`",
    ]
    assert main(["kinds", "--needs", str(path), "--format", "json"]) == 0
    document = json.loads(capsys.readouterr().out)
    assert document["kernel"] == "5.8"
    assert (document["cilium"], document["aya"], document["libbpf"]) == ("0.8", "0.12", None)
    assert [need["map"] for need in document["needs"]] == ["b", "c", "a", "c", "c", "a"]


def test_needs_of_old_and_wrong_files(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A file that every kernel takes needs none; one with errors gets them and status 1."""
    path = tmp_path / "maps.dsl"
    path.write_text("map a: array<__u32, __u64>[1];\n")
    assert main(["kinds", "--needs", str(path)]) == 0
    assert "every kernel" in capsys.readouterr().out
    path.write_text("map a: array<__u64, __u64>[1];\n")
    assert main(["kinds", "--needs", str(path)]) == 1
    assert "map-key-size" in capsys.readouterr().err
    assert main(["kinds", "--needs", str(tmp_path / "none.dsl")]) == 1


def test_needs_names_the_oldest_libbpf(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """What libbpf learnt after its first releases is told like what the kernel learnt.

    Of a file that aims at loaders, only these are told.
    """
    path = tmp_path / "maps.dsl"
    path.write_text(
        "target libbpf >= 1.8;\n"
        "int tail(struct __sk_buff *skb);\n"
        "enum huge { HUGE = 1ULL << 40 };\n"
        "struct value { enum huge size; };\n"
        "map a: prog_array[2] = { tail };\n"
        "map b: bloom_filter<__u64>[8] { map_extra = 3; };\n"
        "map c: array<__u32, value>[8];\n"
        "map d: arena[1] { map_extra = 1ULL << 40; };\n"
    )
    assert main(["kinds", "--needs", str(path)]) == 0
    printed = capsys.readouterr().out.splitlines()
    assert printed[0] == f"{path} needs Linux 6.9"
    assert printed[printed.index(f"{path} needs libbpf 1.4") :] == [
        f"{path} needs libbpf 1.4",
        f"    1.4  {path}:8: an `arena`",
        f"    1.4  {path}:8: map_extra of more than 32 bits",
        f"    1.0  {path}:4: an enum of 64 bits (`size`)",
        f"    0.6  {path}:5: initial programs of a prog_array",
        f"    0.6  {path}:6: map_extra",
    ]
    assert main(["kinds", "--needs", str(path), "--format", "json"]) == 0
    document = json.loads(capsys.readouterr().out)
    assert (document["kernel"], document["libbpf"]) == ("6.9", "1.4")
    assert [need["map"] for need in document["needs"] if "libbpf" in need] == [
        *("d", "d", "c", "a", "b")
    ]


def test_needs_of_loaders(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """What no version does is said so; what is only lost doesn't rule the loader out."""
    path = tmp_path / "maps.dsl"
    path.write_text(
        "target cilium;\ntarget aya;\n"
        "map a: hash<__u32, __u64>[16] { map_flags = BPF_F_NUMA_NODE; numa_node = 1; };\n"
        "map b: devmap<__u32, __u32>[4];\n"
    )
    assert main(["kinds", "--needs", str(path)]) == 0
    assert capsys.readouterr().out.splitlines()[-7:] == [
        f"{path} works with no cilium/ebpf",
        f"   none  {path}:3: numa_node",
        f"    0.8  {path}:4: the type of a key or value of a `devmap`",
        f"{path} needs aya 0.12",
        f"   none  {path}:3: numa_node 1",
        f"   none  {path}:4: a `devmap` of values of 4 bytes",
        f"   0.12  {path}:3: a map in section `.maps`",
    ]
    assert main(["kinds", "--needs", str(path), "--format", "json"]) == 0
    document = json.loads(capsys.readouterr().out)
    assert "libbpf" not in document
    assert (document["cilium"], document["aya"]) == (None, "0.12")
    assert document["refused_by"] == ["cilium"]
    assert {n["severity"] for n in document["needs"] if "aya" in n} == {"error", "warning"}


def test_needs_of_any_source(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """An object and C are sources, too; what asks is named by its map, since lines are nobody's."""
    source = tmp_path / "maps.dsl"
    source.write_text("map m: devmap<__u32, __u64>[4];\nmap r: ringbuf[4096];\n")
    built = tmp_path / "maps.o"
    assert main([str(source), "-o", str(built), "--clang", require_clang()]) == 0
    header = tmp_path / "maps.h"
    header.write_text(
        "struct { __uint(type, BPF_MAP_TYPE_RINGBUF); __uint(max_entries, 4096); }"
        ' r SEC(".maps");\n'
    )
    capsys.readouterr()
    assert main(["kinds", "--needs", str(built)]) == 0
    printed = capsys.readouterr().out.splitlines()
    assert printed[:2] == [
        f"{built} needs Linux 5.8",
        "    5.8  map `m`: a value of 8 bytes in a `devmap`",
    ]
    assert main(["kinds", "--needs", str(header), "--format", "json"]) == 0
    document = json.loads(capsys.readouterr().out)
    assert (document["file"], document["kernel"], document["aya"]) == (str(header), "5.8", "0.12")
    assert [need["line"] for need in document["needs"]] == [None, None]
    (tmp_path / "no.o").write_bytes(b"\x7fELF")
    assert main(["kinds", "--needs", str(tmp_path / "no.o")]) == 1
    assert "object-format" in capsys.readouterr().err


def test_every_kind_is_told_in_lines_that_fit_a_terminal(bpfgen: Run) -> None:
    """Each has a meaning, and no line is longer than 100 columns."""
    for name in MAP_KINDS:
        lines = bpfgen("kinds", name).output.splitlines()
        assert lines[1].startswith("what  ")
        assert max(map(len, lines)) <= 100
