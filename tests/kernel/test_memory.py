"""What a map costs, computed, against the line `memlock` that the running kernel shows of it."""

from __future__ import annotations

import os
import struct
from random import Random
from typing import TYPE_CHECKING

import pytest

from bpfgen.kernel.map_kinds import MAP_KINDS
from bpfgen.kernel.memory import Machine, MapNumbers, map_memory
from tests.kernel.bpf_syscall import load_btf, update_element
from tests.kernel.random_maps import NUMBERS, btf, memory, plain, random_definition
from tests.kernel.test_differential_maps import open_map, possible_cpus
from tests.tools import require_root

if TYPE_CHECKING:
    from tests.kernel.random_maps import Definition

pytestmark = pytest.mark.kernel

MOST = 32 << 20
SHAPES = int(os.environ.get("BPFGEN_MEMORY_SHAPES", "1500"))
SEED = 12
EXACT = (6, 18)
"""The kernel whose structs the sizes are of; others may differ by this much:"""
SLACK = 256


def _kernel() -> tuple[int, int]:
    major, minor = os.uname().release.split(".")[:2]
    return int(major), int(minor)


def _memlock(descriptor: int) -> int:
    """Return what the kernel says that a map takes."""
    with open(f"/proc/self/fdinfo/{descriptor}", encoding="ascii") as file:
        lines = dict(line.split(":", 1) for line in file)
    return int(lines["memlock"])


def _numbers(definition: Definition) -> MapNumbers:
    entries = definition.max_entries
    if definition.kind == "perf_event_array" and entries == 0:
        entries = possible_cpus()
    return MapNumbers(
        MAP_KINDS[definition.kind],
        definition.key_size,
        definition.value_size,
        entries,
        definition.map_flags,
        definition.map_extra,
    )


def _machine() -> Machine:
    return Machine(possible_cpus(), os.sysconf("SC_PAGE_SIZE"))


def _agree(counted: int, computed: int) -> bool:
    return abs(counted - computed) <= (0 if _kernel() == EXACT else SLACK)


def test_memory_of_random_maps() -> None:
    """Of each map that the kernel takes, it counts what is computed, to the byte."""
    require_root()
    if _kernel() < (6, 4):
        pytest.skip("the kernel is older than 6.4, which counts memory")
    source = Random(SEED)  # noqa: S311 -- reproducible, nothing secret
    drafts = [plain(kind) for kind in NUMBERS]
    drafts += (random_definition(source) for _ in range(SHAPES))
    compared: dict[str, int] = {}
    wrong = []
    with load_btf(btf()) as types:
        for definition in drafts:
            parts = [part for part in (definition, definition.inner) if part]
            if any(memory(part, possible_cpus()) > MOST for part in parts):
                continue
            try:
                inner = None
                if definition.kind.endswith("_of_maps"):
                    inner = open_map(definition.inner or plain("array"), types.fd)
                created = open_map(definition, types.fd, inner.fd if inner else 0)
            except OSError:
                continue
            finally:
                if inner is not None:
                    inner.close()
            with created:
                counted = _memlock(created.fd)
            computed = map_memory(_numbers(definition), _machine()).created
            compared[definition.kind] = compared.get(definition.kind, 0) + 1
            if not _agree(counted, computed):
                wrong.append(f"{definition.shape()}: {counted} counted, {computed} computed")
    assert not wrong, "\n".join([*wrong[:20], f"{len(wrong)} in all"])
    assert len(compared) >= 30, compared


@pytest.mark.parametrize(
    ("kind", "flags", "key_size", "value_size"),
    [
        *(("hash", 1, key, value) for key, value in ((4, 8), (3, 5), (20, 200))),
        *(("percpu_hash", 1, key, value) for key, value in ((4, 8), (3, 5), (20, 200))),
        *(("lpm_trie", 1, key, value) for key, value in ((8, 8), (5, 3), (20, 200))),
        ("hash", 0, 4, 8),
        ("lru_hash", 0, 4, 8),
    ],
)
def test_memory_of_elements(kind: str, flags: int, key_size: int, value_size: int) -> None:
    """What is stored adds what is computed; nothing where the elements are there from the start."""
    require_root()
    if _kernel() < (6, 4):
        pytest.skip("the kernel is older than 6.4, which counts memory")
    definition = plain(kind)._replace(
        key_size=key_size, value_size=value_size, max_entries=1000, map_flags=flags
    )
    computed = map_memory(_numbers(definition), _machine())
    copies = possible_cpus() if "percpu" in kind else 1
    value = bytes((value_size + -value_size % 8 if copies > 1 else value_size) * copies)
    with load_btf(btf()) as types, open_map(definition, types.fd) as created:
        assert _agree(_memlock(created.fd), computed.created)
        before = _memlock(created.fd)
        for number in range(40):
            key = struct.pack("<I", 8 * (key_size - 4) if kind == "lpm_trie" else number)
            key += bytes([number]) * max(key_size - 4, 0)
            key = key[:key_size] if kind == "lpm_trie" else number.to_bytes(key_size, "little")
            update_element(created.fd, key, value)
        assert _memlock(created.fd) - before == 40 * computed.element
    assert computed.full == computed.created + computed.element * 1000
