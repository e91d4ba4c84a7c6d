"""What maps cost the kernel: figures that kernels were seen to show, and amounts in words.

The arithmetic is held against the running kernel by tests/kernel/test_memory.py.
"""

from __future__ import annotations

import pytest

from bpfgen.compiler import Options, compile
from bpfgen.kernel.map_kinds import MAP_KINDS
from bpfgen.kernel.memory import Machine, MapNumbers, map_memory, parsed_cpus
from bpfgen.kernel.struct_sizes import KERNELS, STRUCTS, struct_size
from bpfgen.record import replace
from bpfgen.text.quantities import parsed_bytes, spelled_bytes
from bpfgen.text.source import Source

TWO_CPUS = Machine(cpus=2)
NO_PREALLOC, MMAPABLE = 1, 0x400
RING = 64 << 10


@pytest.mark.parametrize(
    ("kind", "flags", "entries", "on_6_12", "on_7_2"),
    [
        ("hash", 0, 1000, 81488, 81424),
        ("hash", NO_PREALLOC, 1000, 17344, 17280),
        ("percpu_hash", 0, 1000, 97344, 97280),
        ("array", 0, 1000, 8264, 8304),
        ("array", MMAPABLE, 1000, 12288, 12288),
        ("ringbuf", 0, RING, 78360, 78400),
        ("lpm_trie", NO_PREALLOC, 1000, 0, 0),
        ("devmap", 0, 1000, 8296, 8336),
    ],
)
def test_figures_of_kernels(kind: str, flags: int, entries: int, on_6_12: int, on_7_2: int) -> None:
    """Of maps with a key of 4 and a value of 8, with 2 CPUs, as two kernels of Debian show."""
    numbers = MapNumbers(MAP_KINDS[kind], 4, 8, entries, flags)
    for kernel, expected in (((6, 12), on_6_12), ((7, 2), on_7_2)):
        assert map_memory(numbers, replace(TWO_CPUS, kernel=kernel)).created == expected, kernel


def test_figures_of_elements() -> None:
    """100 elements made a hash of 6.12 grow from 17344 to 24544 bytes."""
    memory = map_memory(MapNumbers(MAP_KINDS["hash"], 4, 8, 1000, NO_PREALLOC), TWO_CPUS)
    assert memory.element == (24544 - 17344) // 100
    assert memory.full == memory.counted == memory.created + 1000 * memory.element


def test_what_the_kernel_leaves_out() -> None:
    """It is in what a full map takes, and not in what the kernel counts."""
    trie = map_memory(MapNumbers(MAP_KINDS["lpm_trie"], 8, 8, 100, NO_PREALLOC), TWO_CPUS)
    assert (trie.counted, trie.full) == (100 * (24 + 4 + 8), 200 * (24 + 4 + 8))
    arena = MapNumbers(MAP_KINDS["arena"], 0, 0, 10, MMAPABLE)
    for kernel, counted in (((7, 2), 0), ((7, 3), 10 << 12)):
        memory = map_memory(arena, replace(TWO_CPUS, kernel=kernel))
        assert (memory.counted, memory.full) == (counted, 10 << 12)


def test_the_structs_of_one_kernel() -> None:
    """What a kernel's BTF says counts; what it doesn't say is the table's."""
    numbers = MapNumbers(MAP_KINDS["array"], 4, 8, 1)
    assert map_memory(numbers, replace(TWO_CPUS, structs={"bpf_array": 999})).created == 999 + 8
    assert {len(sizes) for sizes in STRUCTS.values()} == {len(KERNELS)}
    assert list(KERNELS) == sorted(KERNELS)
    for kernel, size in (((5, 10), 264), ((6, 14), 264), ((6, 18), 304), ((9, 0), 296)):
        assert struct_size("bpf_array", kernel, {}) == size


def test_every_kind_has_its_arithmetic() -> None:
    """More CPUs never cost less, and what is per CPU costs more."""
    for kind in MAP_KINDS.values():
        key, value = max(kind.key_sizes.least, 5 if kind.name == "lpm_trie" else 0), 8
        numbers = MapNumbers(kind, key, value, 65536)
        few, many = map_memory(numbers, Machine()), map_memory(numbers, Machine(cpus=64))
        assert many.created >= few.created
        if kind.per_cpu:
            parts = [(m.created, m.element, m.uncounted) for m in (many, few)]
            assert parts[0] > parts[1], kind.name


def test_a_storage_has_no_bound() -> None:
    """There is an element for each object, and nobody says how many objects there are."""
    memory = map_memory(MapNumbers(MAP_KINDS["task_storage"], 4, 8, 0), TWO_CPUS)
    assert memory.uncounted > 8
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
