"""`bpfgen inspect` against libbpf.so.1, map for map; and each thing that libbpf refuses.

tests/corpus does the same for the kernel's selftests, with the libbpf of the same tree.
"""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING

import pytest

from bpfgen.model.maps import MAP_KINDS
from bpfgen.object import read_object
from tests import compiled
from tests.conformance import libbpf
from tests.conformance.map_programs import OPENED, REFUSED
from tests.corpus.compare import compare, compare_twins, differences, inspected
from tests.corpus.oracle import opened
from tests.tools import find, missing, require, witnessed

if TYPE_CHECKING:
    from pathlib import Path


def a(text: str, target: str = "bpfel") -> bytes:
    """Return the object of *text*."""
    return compiled.compile_c(text, compiled.newest(), target)


@pytest.mark.parametrize("name", witnessed(OPENED, "libbpf.so.1"))
def test_inspect_says_what_libbpf_says(name: str) -> None:
    """Numbers, BTF ids, slots, pinning, inner maps, C declarations, order: all the same."""
    compared = compare(a(OPENED[name]))
    assert compared.differences == []
    assert not compared.refused


@pytest.mark.parametrize("name", witnessed(OPENED, "libbpf.so.1"))
def test_both_byte_orders_say_the_same(name: str) -> None:
    """libbpf opens those of this machine; the others hold the same maps."""
    assert compare_twins(a(OPENED[name]), a(OPENED[name], "bpfeb")).differences == []


@pytest.mark.parametrize("name", witnessed(REFUSED, "libbpf.so.1"))
def test_inspect_refuses_what_libbpf_refuses(name: str) -> None:
    """Where libbpf refuses an object there is an error, in either byte order."""
    compared = compare(a(REFUSED[name]))
    assert compared.differences == []
    assert compared.refused
    assert inspected(a(REFUSED[name], "bpfeb"))[0]["error"] is not None


def test_slots_as_gas_writes_them() -> None:
    """gcc's assembler leaves the symbol's place in the slot, which means the symbol all the same.

    libbpf looks at the symbol alone.
    """
    data = a(OPENED["modern"])
    read = read_object(data)
    section = read.file.section_named(".maps")
    assert section is not None
    changed = bytearray(data)
    places = 0
    for relocation in read.file.relocations(section):
        value = read.file.symbol(relocation.symbol).value
        at = section.offset + relocation.offset
        changed[at : at + 8] = value.to_bytes(8, "little")
        places += bool(value)
    assert places
    assert [each.slots for each in read_object(bytes(changed)).maps] == [
        each.slots for each in read.maps
    ]
    assert compare(bytes(changed)).differences == []


def test_relaxed_maps() -> None:
    """With --relax-compat both pass over an attribute that libbpf doesn't know."""
    data = a(REFUSED["unknown attribute"])
    with opened(data, relaxed_maps=True) as witness:
        assert [each.name for each in witness.maps] == ["m"]
    assert read_object(data, relax_compat=True).error is None


def test_linked_and_stripped_objects(tmp_path: Path) -> None:
    """What `bpftool gen object` and strip make of an object says the same as libbpf."""
    bpftool = require("bpftool")
    strip = next((path for name in ("llvm-strip-19", "llvm-strip") if (path := find(name))), None)
    if strip is None:
        missing("llvm-strip-19")
    first, second = tmp_path / "first.o", tmp_path / "second.o"
    first.write_bytes(a(OPENED["modern"]))
    second.write_bytes(a(OPENED["shared definition"]))
    linked, stripped = tmp_path / "linked.o", tmp_path / "stripped.o"
    subprocess.run([bpftool, "gen", "object", linked, first, second], check=True)
    subprocess.run([strip, "-g", linked, "-o", stripped], check=True)
    assert compare(linked.read_bytes()).differences == []
    compared = compare(stripped.read_bytes())
    assert compared.differences == []
    assert compared.maps == len(inspected(first.read_bytes())[0]["maps"]) + 3


@pytest.mark.parametrize(
    "change",
    witnessed(
        [
            {"max_entries": 129},
            {"map_flags": 0},
            {"numa_node": 0},
            {"pinning": "none"},
            {"type": "array"},
            {"type_id": 2},
            {"key": "struct value"},
            {"value": None},
            {"values": [{"index": 0, "target": "slot_a"}]},
            {"inner": {}},
            {"name": "flow"},
        ],
        "libbpf.so.1",
    ),
    ids=lambda change: next(iter(change)),
)
def test_the_comparison_notices(change: dict[str, object]) -> None:
    """A changed number, slot, flag or type is a difference: the comparison can fail."""
    data = a(OPENED["modern"])
    record, read = inspected(data)
    assert read is not None
    with opened(data) as witness:
        assert differences(record, read, witness)[0] == []
        maps = [each | change if each["name"] == "flows" else each for each in record["maps"]]
        assert maps != record["maps"]
        assert differences({**record, "maps": maps}, read, witness)[0]


def test_libbpf_has_names_for_all_kinds() -> None:
    """The names of map types in the JSON are libbpf's own."""
    for kind in MAP_KINDS.values():
        assert libbpf.map_type_name(kind.number) in {None, kind.name}
