"""libbpf opens what bpfgen builds, and its getters report the model's numbers.

What libbpf can't open by itself is opened after `bpftool gen object` has linked it with a
companion, or its symbol's bytes are read: each such sample says here why.
"""

from __future__ import annotations

import os
import re
import struct
import subprocess
from typing import TYPE_CHECKING

import pytest

from bpfgen.clang import ASSEMBLERS
from bpfgen.ctype.sizes import sizeof
from bpfgen.model.maps import PINNING
from tests.conformance import libbpf
from tests.samples import GOOD, SAMPLES, built, compiled, write_object
from tests.tools import clang_program, require, require_file, witnessed

if TYPE_CHECKING:
    from pathlib import Path

    from bpfgen.model.maps import Map, Shape

LINKED = {
    "linkage.dsl": "a map is extern",
    "tail_calls.dsl": "the programs of the slots are in another object",
}
LEGACY = {"legacy.dsl": 'libbpf 1.0 refuses section "maps"'}
NEEDS_LIBBPF = {"arena.dsl": (1, 4)}
"""Samples with a `map_extra` of more than 32 bits, which older versions of libbpf can't read."""

MAP_FD_SIZE = 4
"""What libbpf takes for the value_size of a map-in-map that describes its inner maps."""

BY_EACH = pytest.mark.parametrize("assembler", witnessed(ASSEMBLERS, "libbpf.so.1", "bpftool"))
"""Objects are made in two ways, and libbpf makes no difference between them."""

BY_THEMSELVES = [name for name in GOOD if name not in LINKED and name not in LEGACY]


def _expected(map: Map) -> libbpf.LibbpfMap:
    """What libbpf has to report of *map*, by the model alone; BTF ids are left 0."""
    attributes = map.shape.attributes
    pinned = "pinning" in attributes and attributes["pinning"].value == PINNING["by_name"]
    path = f"/sys/fs/bpf/{map.name}" if pinned else None
    return _shape(map.name, map.shape)._replace(pin_path=path)


def _shape(name: str, shape: Shape) -> libbpf.LibbpfMap:
    def number(attribute: str) -> int:
        found = shape.attributes.get(attribute)
        return found.value or 0 if found else 0

    key = sizeof(shape.key.type) if shape.key else None
    value = sizeof(shape.value.type) if shape.value else None
    inner = _shape(f"{name}.inner", shape.inner) if shape.inner else None
    if inner is not None:
        value = MAP_FD_SIZE
    return libbpf.LibbpfMap(
        name=name,
        type=shape.kind.number,
        key_size=number("key_size") if key is None else key,
        value_size=number("value_size") if value is None else value,
        max_entries=number("max_entries"),
        map_flags=number("map_flags"),
        map_extra=number("map_extra"),
        numa_node=number("numa_node"),
        btf_key_type_id=0,
        btf_value_type_id=0,
        pin_path=None,
        inner=inner,
    )


def _reported(data: bytes) -> list[libbpf.LibbpfMap]:
    with libbpf.open_object(data) as opened:
        return [_without_btf_ids(map) for map in opened.maps()]


def _without_btf_ids(map: libbpf.LibbpfMap) -> libbpf.LibbpfMap:
    inner = _without_btf_ids(map.inner) if map.inner else None
    return map._replace(btf_key_type_id=0, btf_value_type_id=0, inner=inner)


def _by_name(maps: list[libbpf.LibbpfMap]) -> dict[str, libbpf.LibbpfMap]:
    return {map.name: map for map in maps}


def _link(folder: Path, *objects: Path) -> bytes:
    linked = folder / "linked.o"
    subprocess.run(
        [require("bpftool"), "gen", "object", str(linked), *map(str, objects)], check=True
    )
    return linked.read_bytes()


def _compile_c(source: Path, output: Path, *flags: str) -> Path:
    require_file("/usr/include/bpf/bpf_helpers.h", "libbpf-dev")
    multiarch = f"-I/usr/include/{os.uname().machine}-linux-gnu"
    subprocess.run(
        [
            *(clang_program(), "-target", "bpf", "-g", "-O2", "-Wall", "-Werror", multiarch),
            *(*flags, "-c", str(source), "-o", str(output)),
        ],
        check=True,
    )
    return output


@BY_EACH
@pytest.mark.parametrize("name", witnessed(BY_THEMSELVES, "libbpf.so.1"))
def test_libbpf_reports_the_models_numbers(name: str, assembler: str) -> None:
    """Every getter of libbpf says of every map what the model says."""
    needed = NEEDS_LIBBPF.get(name, (1, 0))
    if libbpf.version() < needed:
        with pytest.raises(libbpf.LibbpfError, match=r"expected PTR, got enum"):
            _reported(built(name, assembler))
        return
    expected = [_expected(map) for map in compiled(name).model.maps]
    assert _by_name(_reported(built(name, assembler))) == _by_name(expected)


@BY_EACH
@pytest.mark.parametrize(
    "name", witnessed([name for name in BY_THEMSELVES if name not in NEEDS_LIBBPF], "bpftool")
)
def test_bpftool_makes_a_skeleton(name: str, assembler: str, tmp_path: Path) -> None:
    """`bpftool gen skeleton` accepts the object and has a member for each map."""
    path = write_object(name, tmp_path, assembler)
    done = subprocess.run(
        [require("bpftool"), "gen", "skeleton", str(path), "name", "sample"],
        check=False,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    members = set(re.findall(r"struct bpf_map \*(\w+);", done.stdout))
    assert {map.name for map in compiled(name).model.maps} <= members


@BY_EACH
def test_programs_of_another_object_fill_the_slots(assembler: str, tmp_path: Path) -> None:
    """tail_calls.o, linked with an object that has the programs, is what libbpf opens."""
    source = tmp_path / "programs.c"
    source.write_text(
        "struct __sk_buff;\n"
        + "".join(
            f'__attribute__((section("tc"), used)) int {name}(struct __sk_buff *skb)'
            " { return 0; }\n"
            for name in ("tail_ipv4", "tail_ipv6", "tail_arp")
        )
        + '__attribute__((section("license"), used)) char LICENSE[] = "GPL";\n'
    )
    programs = _compile_c(source, tmp_path / "programs.o")
    linked = _link(tmp_path, write_object("tail_calls.dsl", tmp_path, assembler), programs)
    expected = [_expected(map) for map in compiled("tail_calls.dsl").model.maps]
    assert _reported(linked) == expected


def test_a_program_includes_the_header_with_slots(tmp_path: Path) -> None:
    """tail_calls.bpf.c, which defines the programs and includes the header, opens as it is."""
    _write_header("tail_calls.dsl", tmp_path)
    built = _compile_c(SAMPLES / "tail_calls.bpf.c", tmp_path / "whole.o", f"-I{tmp_path}")
    expected = [_expected(map) for map in compiled("tail_calls.dsl").model.maps]
    assert _reported(built.read_bytes()) == expected


@BY_EACH
def test_an_extern_map_is_found_in_a_companion(assembler: str, tmp_path: Path) -> None:
    """linkage.o, linked with an object that defines `shared` (and `tuning` too), opens."""
    companion = tmp_path / "companion.dsl"
    companion.write_text(
        "weak map tuning: array<__u32, __u64>[1];\nmap shared: hash<__u32, __u64>[1024];\n"
    )
    other = write_object(str(companion), tmp_path)
    linked = _link(tmp_path, write_object("linkage.dsl", tmp_path, assembler), other)
    expected = [_expected(map) for map in compiled("linkage.dsl").model.maps]
    assert _by_name(_reported(linked)) == _by_name(expected)


def test_legacy_maps_have_the_bytes_of_struct_bpf_map_def(tmp_path: Path) -> None:
    """libbpf refuses section `maps`; its bytes are the five numbers of each definition."""
    with pytest.raises(libbpf.LibbpfError, match="legacy map definitions"):
        _reported(built("legacy.dsl"))
    path, section = write_object("legacy.dsl", tmp_path), tmp_path / "section"
    subprocess.run(
        [require("llvm-objcopy-19"), f"--dump-section=maps={section}", str(path), os.devnull],
        check=True,
    )
    maps = [_expected(map) for map in compiled("legacy.dsl").model.maps if map.legacy]
    assert len(maps) == 2
    assert section.read_bytes() == b"".join(
        struct.pack("=5I", m.type, m.key_size, m.value_size, m.max_entries, m.map_flags)
        for m in maps
    )


def test_the_flow_tracker_is_whole(tmp_path: Path) -> None:
    """flows.bpf.c compiles with the generated header; libbpf sees its maps and programs."""
    _write_header("flows.dsl", tmp_path)
    program = _compile_c(SAMPLES / "flows.bpf.c", tmp_path / "flows.o", f"-I{tmp_path}")
    with libbpf.open_object(program.read_bytes()) as opened:
        assert opened.programs() == ["flows_ingress", "flows_egress"]
        maps = _by_name([_without_btf_ids(map) for map in opened.maps()])
    expected = {map.name: _expected(map) for map in compiled("flows.dsl").model.maps}
    assert expected.items() <= maps.items()


def _write_header(name: str, folder: Path) -> None:
    from bpfgen.compiler import Options, emit

    text = emit(compiled(name), Options(), "header")
    (folder / name.replace(".dsl", ".h")).write_text(text)
