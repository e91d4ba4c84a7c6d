"""What maps cost the kernel: figures that kernels were seen to show, and amounts in words.

The arithmetic is held against the running kernel by tests/kernel/test_memory.py.
"""

from __future__ import annotations

import pytest

from bpfgen.compiler import Options, compile
from bpfgen.kernel.map_kinds import MAP_KINDS
from bpfgen.kernel.memory import Machine, MapMemory, MapNumbers, map_memory, parsed_cpus
from bpfgen.text.quantities import parsed_bytes, spelled_bytes
from bpfgen.text.source import Source

TWO_CPUS = Machine(cpus=2)


@pytest.mark.parametrize(
    ("kind", "flags", "expected"),
    [
        ("hash", 0, MapMemory(81424)),
        ("hash", 1, MapMemory(17280, 72, 1000)),
        ("percpu_hash", 0, MapMemory(97280)),
        ("array", 0, MapMemory(8312)),
        ("array", 0x400, MapMemory(12288)),
        ("devmap", 0, MapMemory(8344, 64, 1000)),
    ],
)
def test_figures_of_a_kernel(kind: str, flags: int, expected: MapMemory) -> None:
    """Of maps with a key of 4, a value of 8 and 1000 entries, with 2 CPUs, as Linux 6.18 shows."""
    assert map_memory(MapNumbers(MAP_KINDS[kind], 4, 8, 1000, flags), TWO_CPUS) == expected


def test_every_kind_has_its_arithmetic() -> None:
    """More CPUs never cost less, and what is per CPU costs more."""
    for kind in MAP_KINDS.values():
        key, value = max(kind.key_sizes.least, 5 if kind.name == "lpm_trie" else 0), 8
        numbers = MapNumbers(kind, key, value, 65536)
        few, many = map_memory(numbers, Machine()), map_memory(numbers, Machine(cpus=64))
        assert many.created >= few.created
        if kind.per_cpu:
            assert (many.full or many.element) > (few.full or few.element), kind.name


def test_a_storage_has_no_bound() -> None:
    """There is an element for each object, and nobody says how many objects there are."""
    memory = map_memory(MapNumbers(MAP_KINDS["task_storage"], 4, 8, 0), TWO_CPUS)
    assert memory.element > 8
    assert memory.full is None


@pytest.mark.parametrize(
    ("cpus", "limit", "expected"),
    [(1, 1 << 30, 0), (64, 1 << 30, 1), (64, 4 << 30, 0), (1, 1 << 20, 1)],
)
def test_the_machine_decides(cpus: int, limit: int, expected: int) -> None:
    """Values are counted for each CPU, and the limit is the one that was asked for."""
    text = "map m: percpu_array<__u32, __u8[4096]>[8192];\n"
    options = Options(machine=Machine(cpus, limit=limit))
    said = [d.code for d in compile(Source("m.dsl", text), options).diagnostics]
    assert said == ["map-memory"] * expected


def test_an_lru_is_held_against_the_cpus() -> None:
    """Each CPU takes 128 elements at once."""
    source = Source("m.dsl", "map m: lru_hash<__u32, __u64>[1000];\n")
    for cpus, expected in ((7, []), (8, ["lru-batches"])):
        options = Options(kernel=(6, 1), machine=Machine(cpus))
        assert [d.code for d in compile(source, options).diagnostics] == expected


@pytest.mark.parametrize(
    ("size", "text"),
    [
        (0, "0 bytes"),
        (1, "1 byte"),
        (1023, "1023 bytes"),
        (1024, "1 KiB"),
        (1536, "1.5 KiB"),
        ((1 << 30) + 1, "1 GiB"),
        (1 << 40, "1 TiB"),
        (1 << 62, "4 EiB"),
        (1 << 75, "32768 EiB"),
    ],
)
def test_amounts_in_words(size: int, text: str) -> None:
    """The largest unit that makes it one or more; what isn't whole may have a decimal."""
    assert spelled_bytes(size) == text


@pytest.mark.parametrize(
    ("text", "size"),
    [
        ("64MiB", 64 << 20),
        ("64 MiB", 64 << 20),
        (" 2g", 2 << 30),
        ("1GB", 1 << 30),
        ("4096", 4096),
        ("4096 bytes", 4096),
        ("3 TiB", 3 << 40),
        ("", None),
        ("MiB", None),
        ("1.5GiB", None),
        ("-1", None),
        ("64 MiBs", None),
        ("9" * 5000, None),
    ],
)
def test_amounts_from_words(text: str, size: int | None) -> None:
    """What is no amount is None."""
    assert parsed_bytes(text) == size


@pytest.mark.parametrize(
    ("text", "cpus"),
    [("1", 1), ("8192", 8192), ("8193", None), ("0", None), ("x", None), ("²", None), ("", None)],
)
def test_numbers_of_cpus(text: str, cpus: int | None) -> None:
    """From one to what Linux can be built for."""
    assert parsed_cpus(text) == cpus
