"""What other tools read in an object of bpfgen's is what they read in clang's, and without a word.

None of them shares anything with bpfgen's own reader: libbpf, binutils, LLVM, pahole.
"""

from __future__ import annotations

import re
import subprocess
from itertools import product
from typing import TYPE_CHECKING

import pytest

from tests.assemble.made import ASKING, TAILS, WHOLE, made, maps_for_libbpf
from tests.tools import require, require_file, witnessed

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

ASSEMBLERS = ("builtin", "clang")
TARGETS = ("bpfel", "bpfeb")
SOURCES = {"whole": WHOLE, "asking": ASKING, "tails": TAILS}
CASES = list(product(SOURCES, TARGETS))
LLVM = ("llvm-readelf-19", "llvm-objdump-19")


TAG = '__attribute__((btf_decl_tag("counted")))'


def written(folder: Path, source: str, target: str, without: str = "") -> list[Path]:
    """Write what each assembler makes of *source* to *folder*, under the same name."""
    text = SOURCES[source].replace(without, "")
    paths = []
    for assembler in ASSEMBLERS:
        path = folder / assembler / f"{source}.o"
        path.parent.mkdir()
        path.write_bytes(made(text, assembler, target))
        paths.append(path)
    return paths


def printed(words: Sequence[str], path: Path, *more: str) -> str:
    """Return what a tool prints of *path*, of which it complains in no way."""
    words = [*words, path.name, *more]
    done = subprocess.run(words, cwd=path.parent, capture_output=True, check=False)
    assert (done.returncode, done.stderr) == (0, b"")
    return done.stdout.decode()


def blocks(text: str) -> list[str]:
    """Return the paragraphs of *text*, each once, without regard to their order."""
    return sorted({block.strip() for block in re.split(r"\n\s*\n", text)})


@pytest.mark.parametrize(("source", "target"), witnessed(CASES, "readelf"))
def test_binutils(source: str, target: str, tmp_path: Path) -> None:
    """`readelf` has the same symbols and relocations, and nothing to warn of."""
    rows = []
    for path in written(tmp_path, source, target):
        text = printed([require("readelf"), "-aW"], path)
        assert "Warning" not in text
        assert "corrupt" not in text
        rows.append(_of_maps(printed([require("readelf"), "-SsrW"], path)))
    assert rows[0] == rows[1] != []


@pytest.mark.parametrize("tool", witnessed(LLVM, *LLVM))
@pytest.mark.parametrize(("source", "target"), witnessed(CASES, *LLVM))
def test_llvm(source: str, target: str, tmp_path: Path, tool: str) -> None:
    """LLVM's readers have nothing to say but what is there."""
    flags = ["-a"] if "readelf" in tool else ["-h", "-t", "-r", "-s"]
    for path in written(tmp_path, source, target):
        assert "warning" not in printed([require(tool), *flags], path)


@pytest.mark.parametrize(("source", "target"), witnessed(CASES, "bpftool"))
def test_bpftool_prints_the_types(source: str, target: str, tmp_path: Path) -> None:
    """libbpf's btf_dump has the same C for both."""
    words = [require("bpftool"), "btf", "dump", "file"]
    ours, clangs = (
        blocks(printed(words, path, "format", "c")) for path in written(tmp_path, source, target)
    )
    assert ours == clangs


@pytest.mark.parametrize(("source", "target"), witnessed(CASES, "pahole"))
def test_pahole_prints_the_types(source: str, target: str, tmp_path: Path) -> None:
    """pahole lays them out alike; it doesn't know of decl tags before 1.25."""
    ours, clangs = (
        blocks(printed([require("pahole"), "-F", "btf"], path))
        for path in written(tmp_path, source, target, without=TAG)
    )
    assert ours == clangs


def _of_maps(text: str) -> list[str]:
    """Return what `readelf` has of symbols and relocations of maps, whatever their numbers are.

    Debug information has some of its own, and so has clang's .BTF, whose offsets are to be filled
    in; ours are there.
    """
    sections = dict(re.findall(r"^ +\[ *(\d+)\] (\S+) ", text, re.MULTILINE))
    rows = []
    place = ""
    for line in text.splitlines():
        symbol = re.match(r" +\d+: ([0-9a-f]+) +(\d+) (\w+) +(\w+) +\w+ +(\w+) (\S+)$", line)
        if symbol and symbol[3] in {"OBJECT", "NOTYPE"}:
            at, size, *words, section, name = symbol.groups()
            rows.append(f"{name} {at} {size} {words} {sections.get(section, section)}")
        place = line.split("'")[1] if line.startswith("Relocation section") else place
        relocation = re.match(r"([0-9a-f]{16}) +[0-9a-f]+(\w{8}) .* (\S+)$", line)
        if relocation and place in {".rel.maps", ".relbpfgen.anchor"}:
            rows.append(" ".join((place, *relocation.groups())))
    return sorted(rows)


def test_a_skeleton_compiles(tmp_path: Path) -> None:
    """`bpftool gen skeleton` has the same members for both, and the C compiler takes them."""
    require_file("/usr/include/bpf/libbpf.h", "libbpf-dev")
    members = []
    for path in written(tmp_path, "whole", "bpf"):
        header = path.with_name("whole.skel.h")
        header.write_text(printed([require("bpftool"), "gen", "skeleton"], path))
        program = path.with_name("loader.c")
        program.write_text(
            '#include "whole.skel.h"\nint main(void) { return !whole__open_and_load(); }\n'
        )
        words = [require("cc"), "-Wall", "-Werror", "-fsyntax-only"]
        printed(words, program)
        members.append(re.findall(r"struct bpf_map \*(\w+);", header.read_text()))
    assert sorted(members[0]) == sorted(members[1])
    assert len(members[0]) == WHOLE.count("map ")


def test_libbpf_has_the_same_numbers() -> None:
    """Every getter says the same of each map, whatever the ids of types are."""
    ours, clangs = (maps_for_libbpf(made(WHOLE, assembler)) for assembler in ASSEMBLERS)
    assert ours == clangs
