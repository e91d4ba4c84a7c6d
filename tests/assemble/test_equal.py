"""bpfgen's own objects are clang's: every map, section, symbol, relocation and type.

`BPFGEN_EQUAL=7:3000` proves it for other random programs, the seed before the colon, and more of
them; `python -m tests.assemble` at length, with what other objects come to as sources.
"""

from __future__ import annotations

import os
import struct
from typing import TYPE_CHECKING

import pytest

from bpfgen.elf.constants import SHT_SYMTAB, STT_FILE, STT_SECTION
from bpfgen.elf.read import ElfFile
from tests.assemble import sources
from tests.assemble.batches import compiled
from tests.assemble.compare import compare
from tests.assemble.proof import BYTE_ORDERS, prove
from tests.assemble.readers import by_bpfgen, readers
from tests.assemble.view import DATASEC
from tests.tools import compilers, newest

if TYPE_CHECKING:
    from pathlib import Path

    from tests.assemble.sources import Subject

FIRST, COUNT = map(int, os.environ.get("BPFGEN_EQUAL", "0:24").split(":"))

WAYS = [(compiler, target) for compiler in compilers() for target in BYTE_ORDERS]
"""Every clang, in either byte order."""

PART = 2
"""One program of the rule book in this many is compared, in one of the ways."""

NOTICED = """
struct inside { int a : 3, b : 5; };
struct value { struct inside *next; const char name[4]; enum color { RED, GREEN = 7 } color; };
template counters: array<__u32, __u64>[8];
map slot: counters;
map slots: array_of_maps<__u32, counters>[2] = { [1] = slot };
map inner: hash_of_maps<__u32, hash<__u32, value>[4]>[2];
weak map values: hash<__u32, value>[4];
extern map elsewhere: hash<__u32, __u64>[4];
int tail(struct __sk_buff *skb);
map jumps: prog_array[4] = { [3] = tail };
map events: ringbuf<inside>[64 KiB];
"""
"""A program with a bit of everything."""


@pytest.fixture(scope="module")
def written() -> list[Subject]:
    """Give the programs of the rule book."""
    return list(sources.rulebook())


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> list[Subject]:
    """Give random models."""
    directory = tmp_path_factory.mktemp("programs")
    each = max(COUNT // 3, 1)
    return [
        *sources.programs(FIRST, each, directory),
        *sources.linked(FIRST, each, directory),
        *sources.types(FIRST, each),
        *sources.conditions(FIRST, max(COUNT // 12, 1)),
    ]


@pytest.mark.parametrize(("compiler", "target"), WAYS)
def test_what_is_written_comes_out_alike(
    compiler: str, target: str, written: list[Subject], tmp_path: Path
) -> None:
    """The samples and more do, of every clang and in both byte orders; so does the rule book."""
    chosen = written[WAYS.index((compiler, target)) :: PART * len(WAYS)]
    samples = [*sources.samples(), *sources.by_hand()]
    proof = prove([*samples, *chosen], compiler, target, tmp_path)
    assert proof.told == []
    assert proof.compared >= len(samples)


@pytest.mark.parametrize(("compiler", "target"), WAYS)
def test_random_programs_come_out_alike(
    compiler: str, target: str, made: list[Subject], tmp_path: Path
) -> None:
    """Maps, types, imports and conditions at random."""
    proof = prove(made, compiler, target, tmp_path)
    assert proof.told == []
    assert proof.refused == []


def test_the_comparison_notices_every_word(tmp_path: Path) -> None:
    """Whatever word of the types, symbols, relocations or contents is another is a difference."""
    (subject,) = sources.of_text("noticed.dsl", NOTICED)
    (data,) = compiled([subject.model], newest(), "bpfel", tmp_path)
    assert isinstance(data, bytes)
    view = by_bpfgen(data)
    assert compare(view, view).differences == []
    for place in _words(data)[FIRST % 3 :: 3]:
        damaged = bytearray(data)
        (value,) = struct.unpack_from("<I", damaged, place)
        struct.pack_into("<I", damaged, place, value ^ 1)
        for read in readers():
            try:
                other = read(bytes(damaged))
            except Exception:  # noqa: BLE001, S112 -- what can't be read is noticed as well
                continue
            assert compare(view, other).differences, (read.__name__, place)


def _words(data: bytes) -> list[int]:
    """Return the places in *data* of the words that mean something to loaders.

    Not the size of a DATASEC, which clang leaves to them.
    """
    file = ElfFile(data)
    places: list[int] = []
    for section in file.sections:
        start, end = section.offset, section.offset + section.size
        if section.name == ".BTF":
            header = struct.unpack_from("<HBBIIIII", data, start)
            start += header[3] + header[4]
            end = start + header[5]
        elif section.type == SHT_SYMTAB:
            for symbol in file.symbols():
                if symbol.name and symbol.type not in (STT_SECTION, STT_FILE):
                    at = start + symbol.index * section.entsize
                    places += range(at, at + section.entsize, 4)
            continue
        elif section.name not in (".maps", ".rel.maps", "bpfgen.anchor", ".relbpfgen.anchor"):
            continue
        places += range(start, end, 4)
    return [place for place in places if place not in _sizes_of_sections(data)]


def _sizes_of_sections(data: bytes) -> set[int]:
    """Return where in *data* DATASECs have their sizes: a word of 0 after one of their kind."""
    kind = DATASEC << 24
    found = set()
    for vlen in range(1, 20):
        at = data.find(struct.pack("<II", kind | vlen, 0))
        if at >= 0:
            found.add(at + 4)
    return found
