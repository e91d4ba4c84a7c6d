"""Any bytes give maps or one FormatError: objects of all shapes, damaged at random and with a plan.

The default run takes some seconds. `BPFGEN_FUZZ_MUTANTS` makes it as long as one likes; the mutants
come from seeds, so that a failure can be had again.
"""

from __future__ import annotations

import os
import random
import struct
import time
from contextlib import suppress
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bpfgen.btf.decode import Btf
from bpfgen.btf.dump import lines
from bpfgen.diagnostics import FormatError
from bpfgen.elf.read import ElfFile
from bpfgen.object import read_object
from tests import compiled

if TYPE_CHECKING:
    from collections.abc import Callable

    from bpfgen.object import ObjectFile

MUTANTS = int(os.environ.get("BPFGEN_FUZZ_MUTANTS", "3500"))
"""Mutants of the seeded tests, all shapes together."""

SLOWEST = 2.0
"""Seconds that a single mutant may take."""

SHAPES = {
    "modern": (compiled.MODERN, "bpfel"),
    "modern, big-endian": (compiled.MODERN, "bpfeb"),
    "initializer": (compiled.INITIALIZER, "bpfel"),
    "legacy": (compiled.LEGACY, "bpfeb"),
    "extern": (compiled.EXTERN, "bpfel"),
    "types": (compiled.TYPES, "bpfeb"),
    "tags": (compiled.TAGS, "bpfel"),
}

INTERESTING = (
    *(0, 1, 2, 3, 4, 7, 8, 0x7F, 0x80, 0xFF, 0xFFFF, 0x10000),
    *(0x7FFFFFFF, 0x80000000, 0xFFFFFF00, 0xFFFFFFFF),
)
"""Words that break readers."""


def shape(name: str) -> bytes:
    """Return the object of a shape, without the debug sections that nobody reads."""
    text, target = SHAPES[name]
    return compiled.compile_c(text, compiled.newest(), target)


def read(data: bytes) -> ObjectFile | None:
    """Read all that can be read of *data*: None for a FormatError, else the object."""
    try:
        found = read_object(data)
    except FormatError:
        return None
    assert found.error is None or found.error
    for each in found.maps:
        assert len(each.data) <= max(each.size, 0)
        assert each.linkage in {"global", "weak", "static", "extern"}
    if found.btf is not None:
        read_types(found.btf)
    return found


def read_types(btf: Btf) -> None:
    """Ask for each type in every way; FormatErrors are answers."""
    for type_id in range(len(btf)):
        for ask in (btf.type, btf.size_of, btf.skip_modifiers, btf.decl_tags):
            with suppress(FormatError):
                ask(type_id)
    with suppress(FormatError):
        for line in lines(btf):
            assert "\n" not in line


def order_of(data: bytearray) -> str:
    """Return the struct order of an object."""
    return "<" if data[5:6] == b"\1" else ">"


def flip(data: bytearray, chance: random.Random) -> None:
    """Change a few bytes anywhere."""
    for _ in range(chance.randint(1, 8)):
        data[chance.randrange(len(data))] = chance.randrange(256)


def cut(data: bytearray, chance: random.Random) -> None:
    """End too soon."""
    del data[chance.randrange(len(data)) :]


def insert(data: bytearray, chance: random.Random) -> None:
    """Shift what follows."""
    at = chance.randrange(len(data))
    data[at:at] = chance.randbytes(chance.choice((1, 2, 4, 8, 24)))


def repeat(data: bytearray, chance: random.Random) -> None:
    """Copy a piece over another one."""
    size = chance.choice((4, 8, 12, 24, 64))
    source, target = (chance.randrange(len(data)) for _ in range(2))
    data[target : target + size] = data[source : source + size]


def header(data: bytearray, chance: random.Random) -> None:
    """Put a breaking number into the ELF header or a section header."""
    order = order_of(data)
    at: int = struct.unpack_from(order + "Q", data, 40)[0]
    count: int = struct.unpack_from(order + "H", data, 60)[0]
    index = chance.randrange(count)
    place, form = chance.choice(
        ((0, "I"), (4, "I"), (8, "Q"), (24, "Q"), (32, "Q"), (40, "I"), (44, "I"), (56, "Q"))
    )
    value = chance.choice((*INTERESTING, index, count, len(data)))
    struct.pack_into(order + form, data, at + 64 * index + place, value)


def btf_word(data: bytearray, chance: random.Random) -> None:
    """Put a breaking number, or another type's id, into the BTF."""
    section_word(data, chance, ".BTF")


def symbol_word(data: bytearray, chance: random.Random) -> None:
    """Put a breaking number into the symbol table."""
    section_word(data, chance, ".symtab")


def relocation_word(data: bytearray, chance: random.Random) -> None:
    """Put a breaking number into the relocations of the maps."""
    section_word(data, chance, ".rel.maps")


def section_word(data: bytearray, chance: random.Random, name: str) -> None:
    """Change one to four words of the section *name*, if the object has it."""
    section = ElfFile(bytes(data)).section_named(name)
    if section is None or section.size < 4:
        return
    for _ in range(chance.randint(1, 4)):
        at = section.offset + 4 * chance.randrange(section.size // 4)
        value = chance.choice((chance.choice(INTERESTING), chance.randrange(120)))
        if chance.random() < 0.3:
            # vlen, kind and kind_flag of a type
            value = chance.randrange(2) << 31 | chance.randrange(21) << 24 | chance.randrange(8)
        struct.pack_into(order_of(data) + "I", data, at, value)


MUTATIONS: tuple[Callable[[bytearray, random.Random], None], ...] = (
    *(flip, cut, insert, repeat, header),
    *(btf_word, btf_word, btf_word, symbol_word, relocation_word),
)


@pytest.mark.parametrize("name", SHAPES)
def test_mutants_are_read_or_refused(name: str) -> None:
    """Thousands of damaged objects: no other exception, and none takes long."""
    whole = shape(name)
    outcomes = {"read": 0, "refused": 0}
    for seed in range(MUTANTS // len(SHAPES)):
        chance = random.Random(seed)  # noqa: S311 -- test data
        data = bytearray(whole)
        MUTATIONS[seed % len(MUTATIONS)](data, chance)
        start = time.process_time()
        try:
            found = read(bytes(data))
        except Exception as error:
            raise AssertionError(f"seed {seed} of {name}: {error!r}") from error
        assert time.process_time() - start < SLOWEST, f"seed {seed} of {name} takes too long"
        outcomes["read" if found is not None else "refused"] += 1
    # Mutations that are all refused, or all read, would try nothing.
    assert min(outcomes.values()) > 0, outcomes


@given(st.binary(max_size=600))
@settings(max_examples=200)
def test_any_bytes_as_an_object(data: bytes) -> None:
    """Bytes that were never an object, with and without a header in front."""
    read(data)
    read(b"\x7fELF\2\1\1" + data)
    read(b"\x7fELF\1\2\1" + data)


@given(
    st.lists(st.sampled_from((*INTERESTING, 5, 6, 9)) | st.integers(0, 0xFFFFFFFF), max_size=60),
    st.binary(max_size=20),
    st.sampled_from("<>"),
)
@settings(max_examples=300)
def test_any_words_as_types(words: list[int], strings: bytes, order: str) -> None:
    """Words of any kind behind a header that is right."""
    strings = b"\0" + strings + b"\0"
    packed = struct.pack(f"{order}{len(words)}I", *words)
    head = struct.pack(
        order + "HBBIIIII", 0xEB9F, 1, 0, 24, 0, len(packed), len(packed), len(strings)
    )
    try:
        btf = Btf(head + packed + strings)
    except FormatError:
        return
    read_types(btf)


TYPE = st.tuples(
    st.integers(0, 24),
    st.sampled_from(range(1, 20)),
    st.booleans(),
    st.lists(st.integers(0, 40), max_size=4),
    st.integers(0, 40) | st.sampled_from(INTERESTING),
)


@given(st.lists(TYPE, max_size=40))
@settings(max_examples=300)
def test_any_graph_of_types(graph: list[tuple[int, int, bool, list[int], int]]) -> None:
    """Well-formed records that refer to each other at random: circles, nesting, wrong kinds."""
    from bpfgen.btf.kinds import ELEMENT_WORDS, INFO_WORDS

    words: list[int] = []
    for name, kind, flag, elements, third in graph:
        each = ELEMENT_WORDS[kind]
        vlen = len(elements) if each else 0
        words += [name, flag << 31 | kind << 24 | vlen, third]
        words += ([*elements, 1, 2, 3])[: INFO_WORDS[kind]]
        if each:
            words += [word for element in elements for word in (name, element, element)[:each]]
    strings = b"\0type\0key\0value\0values\0max\0"
    packed = struct.pack(f"<{len(words)}I", *words)
    head = struct.pack("<HBBIIIII", 0xEB9F, 1, 0, 24, 0, len(packed), len(packed), len(strings))
    btf = Btf(head + packed + strings)
    assert len(btf) == len(graph) + 1
    read_types(btf)
