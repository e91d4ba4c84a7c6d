"""The rule about slots against the running kernel: which maps may be stored in a map of maps."""

from __future__ import annotations

import os
import platform
import random
import struct
from typing import TYPE_CHECKING

import pytest

from bpfgen.compiler import Options, compile
from bpfgen.text.source import Source
from tests.kernel.bpf_syscall import load_btf, update_element
from tests.kernel.random_maps import DECLARATIONS, btf, memory, random_definition
from tests.kernel.test_differential_maps import LAXER, open_map, possible_cpus, refuses
from tests.tools import require_root

if TYPE_CHECKING:
    from tests.kernel.random_maps import Definition

pytestmark = pytest.mark.kernel

PAIRS = int(os.environ.get("BPFGEN_RANDOM_PAIRS", "1500"))
SEED = 12
MEMORY_LIMIT = 1 << 20


def _variant(source: random.Random, definition: Definition) -> Definition:
    """Return *definition*, or one that differs from it in a single thing."""
    change = source.randrange(6)
    if change == 0:
        return definition._replace(max_entries=definition.max_entries + 1)
    if change == 1:
        return definition._replace(
            map_flags=definition.map_flags ^ source.choice((1, 2, 8, 0x1000))
        )
    if change == 2 and not definition.key:
        return definition._replace(key_size=definition.key_size + source.choice((0, 4)))
    if change == 3 and not definition.value:
        return definition._replace(value_size=definition.value_size + source.choice((1, 4, 8)))
    if change == 4:
        return random_definition(source)
    return definition


def test_bpfgen_and_the_kernel_agree_on_what_a_slot_takes() -> None:
    """A map is stored if and only if bpfgen says nothing about the slot."""
    require_root()
    source = random.Random(SEED)  # noqa: S311 -- reproducible, nothing secret
    pairs: list[tuple[Definition, Definition]] = []
    while len(pairs) < PAIRS:
        inner = random_definition(source)
        stored = _variant(source, inner)
        if inner.inner is None and stored.inner is None:
            pairs.append((inner, stored))
    text = DECLARATIONS + "".join(
        f"map s{n}: {stored.shape()}\n"
        f"map o{n}: array_of_maps<unsigned int, {inner.shape().rstrip()}>[1] = {{ s{n} }};\n"
        for n, (inner, stored) in enumerate(pairs)
    )
    major, minor = platform.release().split(".")[:2]
    told: dict[str | None, set[str]] = {}
    for d in compile(
        Source("slots.dsl", text), Options(kernel=(int(major), int(minor)))
    ).diagnostics:
        if refuses(d):
            told.setdefault(d.map, set()).add(d.code)
    assert None not in told
    outcomes = {True: 0, False: 0}
    cpus = possible_cpus()
    with load_btf(btf()) as types:
        for n, (inner, stored) in enumerate(pairs):
            codes = told.get(f"o{n}", set())
            if codes - {"slot-map"} or told.get(f"s{n}"):
                continue  # one of the two can't be created, which is another test's business
            if any(holds(d) for d in (inner, stored) for _, holds in LAXER):
                continue
            if max(memory(inner, cpus), memory(stored, cpus)) > MEMORY_LIMIT:
                continue
            accepted = _stores(inner, stored, types.fd)
            outcomes[accepted] += 1
            assert accepted == (not codes), f"{inner.shape()}\n{stored.shape()}\n{codes}"
    assert min(outcomes.values()) > PAIRS // 50, outcomes


def _stores(inner: Definition, stored: Definition, btf_fd: int) -> bool:
    """Return whether the kernel stores a map like *stored* where *inner* is the definition."""
    outer = inner._replace(
        kind="array_of_maps",
        number=12,
        key="",
        value="",
        key_size=4,
        value_size=4,
        max_entries=1,
        map_flags=0,
        numa_node=0,
        map_extra=0,
    )
    with (
        open_map(inner, btf_fd) as template,
        open_map(stored, btf_fd) as map,
        open_map(outer, btf_fd, template.fd) as outer_map,
    ):
        try:
            update_element(outer_map.fd, bytes(4), struct.pack("=I", map.fd))
        except OSError:
            return False
    return True
