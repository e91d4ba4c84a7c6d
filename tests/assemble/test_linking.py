"""libbpf's linker takes objects of either assembler for each other, in any order.

What comes out is held against what it makes of clang's objects alone: opened by libbpf, whose
getters say what the maps are, and loaded into the running kernel.
"""

from __future__ import annotations

import struct
import subprocess
import sys
from itertools import product
from typing import TYPE_CHECKING

import pytest

from tests.assemble.made import ASKING, DEFINING, TAILS, WEAK, WHOLE, made, maps_for_libbpf
from tests.compiled import compile_c, newest
from tests.conformance import libbpf
from tests.kernel.bpf_syscall import lookup_element, map_id, map_info
from tests.tools import require, require_root, witnessed

if TYPE_CHECKING:
    from pathlib import Path

ASSEMBLERS = ("builtin", "clang")

PAIRS = {
    "definition and use": (DEFINING, ASKING),
    "weak and strong": (WEAK, DEFINING),
    "weak twice": (WEAK, WEAK.replace("mine", "yours")),
    "weak and use": (WEAK, ASKING),
    "two that ask, one that has": (ASKING, ASKING.replace("own", "mine"), DEFINING),
    "strangers": (WHOLE, DEFINING),
}

PROGRAMS = """
struct packet;
#define SEC(name) __attribute__((section(name), used))
SEC("tc") int tail_a(struct packet *skb) { return 1; }
SEC("tc") int tail_b(struct packet *skb) { return 2; }
SEC("license") char LICENSE[] = "GPL";
"""


def linked(folder: Path, objects: list[bytes]) -> bytes:
    """Return what `bpftool gen object` makes of *objects*, in this order."""
    names = []
    for number, data in enumerate(objects):
        names.append(f"{number}.o")
        (folder / names[-1]).write_bytes(data)
    words = [require("bpftool"), "gen", "object", "linked.o", *names]
    done = subprocess.run(words, cwd=folder, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    return (folder / "linked.o").read_bytes()


@pytest.mark.parametrize("pair", witnessed(PAIRS, "bpftool", "libbpf.so.1"))
def test_objects_link_whoever_made_them(pair: str, tmp_path: Path) -> None:
    """Ours with ours, ours with clang's and clang's with ours, in both orders."""
    texts = PAIRS[pair]
    expected = maps_for_libbpf(linked(tmp_path, [made(text, "clang") for text in texts]))
    for assemblers in product(ASSEMBLERS, repeat=len(texts)):
        objects = [made(text, who) for text, who in zip(texts, assemblers, strict=True)]
        assert maps_for_libbpf(linked(tmp_path, objects)) == expected, assemblers
        assert maps_for_libbpf(linked(tmp_path, objects[::-1])) == expected, assemblers


def test_linked_twice_is_linked_once(tmp_path: Path) -> None:
    """What the linker makes of one object of ours goes into the next link."""
    once = linked(tmp_path, [made(DEFINING, "builtin")])
    both = [once, made(ASKING, "builtin")]
    assert maps_for_libbpf(linked(tmp_path, both)) == maps_for_libbpf(linked(tmp_path, both[::-1]))


@pytest.mark.parametrize("first", witnessed([True, False], "bpftool", "libbpf.so.1"))
def test_a_map_that_nobody_defines_is_refused(tmp_path: Path, *, first: bool) -> None:
    """libbpf says the same of an `extern` map that is left, whoever made the object."""
    said = []
    for assembler in ASSEMBLERS:
        objects = [made(ASKING, assembler), made(TAILS, assembler)]
        with pytest.raises(libbpf.LibbpfError) as refused:
            maps_for_libbpf(linked(tmp_path, objects if first else objects[::-1]))
        said.append(refused.value.number)
    assert said[0] == said[1]


@pytest.mark.parametrize("assembler", witnessed(ASSEMBLERS, "bpftool", "libbpf.so.1"))
def test_slots_are_lost_where_another_object_asks_for_the_map(
    assembler: str, tmp_path: Path
) -> None:
    """The link succeeds, and libbpf opens what it makes only without that: docs/builds.md."""
    asking = made("extern map jumps: prog_array[4];", assembler)
    own = [made(TAILS, assembler), compile_c(PROGRAMS, newest())]
    assert [map.name for map in maps_for_libbpf(linked(tmp_path, own))] == ["jumps"]
    for objects in ([*own, asking], [asking, *own]):
        with pytest.raises(libbpf.LibbpfError):
            maps_for_libbpf(linked(tmp_path, objects))


TIMERS = "struct v { struct bpf_timer t; }; map m: array<__u32, v>[1];"


@pytest.mark.parametrize("members", witnessed(["own", "none"], "bpftool", "libbpf.so.1"))
def test_a_timer_links_with_a_program_whose_headers_have_the_same(
    members: str, tmp_path: Path
) -> None:
    """Ours has the members of the prelude: docs/command-line.md."""
    fields = {"own": "__u64 __opaque[2];", "none": "__u64 : 64; __u64 : 64;"}[members]
    text = f"""
        typedef unsigned long long __u64; typedef unsigned int __u32;
        struct bpf_timer {{ {fields} }} __attribute__((aligned(8)));
        struct v {{ struct bpf_timer t; }};
        extern struct {{ int (*type)[2]; int (*max_entries)[1]; __u32 *key; struct v *value; }} m
            __attribute__((section(".maps")));
        __attribute__((section("tc"), used)) int prog(void *skb) {{
            return ((void *(*)(void *, __u32 *))1)(&m, &(__u32){{0}}) != 0;
        }}
    """
    (tmp_path / "m.o").write_bytes(made(TIMERS, "builtin"))
    (tmp_path / "p.o").write_bytes(compile_c(text, newest()))
    words = [require("bpftool"), "gen", "object", "linked.o", "m.o", "p.o"]
    done = subprocess.run(words, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert (done.returncode == 0) == (members == "own"), done.stderr


@pytest.mark.kernel
@pytest.mark.parametrize("assembler", witnessed(ASSEMBLERS, "libbpf.so.1"))
def test_the_kernel_stores_the_programs(assembler: str, tmp_path: Path) -> None:
    """Programs of clang's fill the slots of our prog_array, in either order."""
    require_root()
    programs = compile_c(PROGRAMS, newest())
    objects = [made(TAILS, assembler), programs]
    for order in (objects, objects[::-1]):
        with libbpf.open_object(linked(tmp_path, order)) as object:
            descriptors = object.load()
            stored = _stored(descriptors["jumps"])
            assert [number is not None for number in stored] == [False, True, False, True]
            assert stored[1] != stored[3]


@pytest.mark.kernel
@pytest.mark.parametrize("assembler", witnessed(ASSEMBLERS, "libbpf.so.1"))
def test_the_kernel_stores_the_maps(assembler: str) -> None:
    """The slots of a map of maps hold the maps that the source says; all have their types."""
    require_root()
    with libbpf.open_object(made(WHOLE, assembler)) as object:
        object.set_max_entries("set_later", 16)
        descriptors = object.load()
        named = [map_id(descriptors["slot_a"]), None, None, map_id(descriptors["slot_b"])]
        assert _stored(descriptors["slots"]) == named
        for name, is_typed in (("flows", True), ("slot_a", True), ("by_index", True)):
            assert bool(map_info(descriptors[name]).btf_id) == is_typed
        assert len(descriptors) == WHOLE.count("map ")


def _stored(descriptor: int) -> list[int | None]:
    """Return the ids that are stored in the four slots of a map; None where there is none."""
    found = [lookup_element(descriptor, struct.pack("=I", slot), 4) for slot in range(4)]
    return [None if value is None else int.from_bytes(value, sys.byteorder) for value in found]
