"""bpfgen's verdict on random maps against the running kernel's.

The kernel is asked as libbpf would ask it: BTF ids are kept back for the kinds that libbpf keeps
them back for, a perf_event_array without entries gets the number of CPUs, the inner map is created
first. Where the two disagree, the case must be listed below with its reason.
"""

from __future__ import annotations

import errno
import os
import platform
import random
import re
import struct
import time
from typing import TYPE_CHECKING

import pytest

from bpfgen.compiler import Options, compile
from bpfgen.source import Source
from tests.kernel.bpf_syscall import Descriptor, bpf, load_btf
from tests.kernel.random_maps import (
    DECLARATIONS,
    NUMBERS,
    TYPES,
    Definition,
    btf,
    memory,
    random_definition,
)
from tests.tools import missing, require_root

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from bpfgen.diagnostics import Diagnostic

pytestmark = pytest.mark.kernel

MAPS = int(os.environ.get("BPFGEN_RANDOM_MAPS", "20000"))
SEED = int(os.environ.get("BPFGEN_RANDOM_SEED", "6"))
BATCH = 500
MEMORY_LIMIT = 32 << 20
"""Bytes for one map; freed memory comes back late, so a few of them may be alive at once."""

KEPT_BACK = {
    *("perf_event_array", "cgroup_array", "stack_trace", "array_of_maps", "hash_of_maps"),
    *("devmap", "devmap_hash", "cpumap", "xskmap", "sockmap", "sockhash", "queue", "stack"),
    "arena",
}
"""The kinds for which libbpf drops the BTF ids (bpf_object__create_map)."""

STRICTER: tuple[tuple[str, Callable[[Definition, set[str]], bool]], ...] = (
    (
        "padding in a key is hashed: the kernel can't see it, lookups miss",
        lambda d, codes: codes == {"key-padding"},
    ),
    (
        "a sockmap of more than INT_MAX entries: refused by 6.1 and 6.12, not by 6.18.44",
        lambda d, codes: d.kind == "sockmap" and d.max_entries > 0x7FFFFFFF,
    ),
    (
        "values of a queue or stack of more than 32 bits together: refused by 6.12",
        lambda d, codes: d.kind in ("queue", "stack") and codes == {"map-element-size"},
    ),
    (
        "BPF_F_NUMA_NODE with numa_node -1 is no node: per-CPU and LRU maps ignore the flag then",
        lambda d, codes: (
            d.numa_node == 0xFFFFFFFF
            and bool(codes & {"map-flags", "map-flags-pair"})
            and ("percpu" in d.kind or "lru" in d.kind)
        ),
    ),
)
"""What bpfgen refuses and this kernel may take, each with its reason."""

LAXER: tuple[tuple[str, Callable[[Definition], bool]], ...] = (
    (
        "the limit of a cpumap is CONFIG_NR_CPUS, which differs between kernels",
        lambda d: d.kind == "cpumap" and _kernel_cpus() < d.max_entries <= 8192,
    ),
)
"""What this kernel refuses and bpfgen can't know about."""


def test_bpfgen_and_the_kernel_agree_on_random_maps() -> None:
    """No random map is accepted by one and refused by the other, listed cases apart.

    What is refused has the kernel's errno in one of its notes.
    """
    require_root()
    if os.sysconf("SC_PAGE_SIZE") != 4096:
        missing("pages of 4 KiB", "differ here")
    source = random.Random(SEED)
    accepted = tried = 0
    disagreements: list[str] = []
    excused: dict[str, int] = {}
    with load_btf(btf()) as types:
        for definition, diagnostics in _judged(source):
            refusals = [d for d in diagnostics if _refuses(d)]
            if memory(definition, _possible_cpus()) > MEMORY_LIMIT:
                continue
            if definition.inner and memory(definition.inner, _possible_cpus()) > MEMORY_LIMIT:
                continue
            tried += 1
            error = _create(definition, types.fd)
            accepted += error == 0
            found = _disagreement(definition, refusals, error)
            if found in {reason for reason, _ in (*STRICTER, *LAXER)}:
                excused[found] = excused.get(found, 0) + 1
            elif found:
                disagreements.append(found)
    assert not disagreements, "\n".join(disagreements[:20])
    assert tried > MAPS * 0.8
    assert accepted > MAPS * 0.2


def _judged(source: random.Random) -> Iterator[tuple[Definition, list[Diagnostic]]]:
    """Yield random maps with what bpfgen says of each, many maps to a file."""
    kernel = tuple(int(n) for n in platform.release().split(".")[:2])
    for start in range(0, MAPS, BATCH):
        found = [random_definition(source) for _ in range(min(BATCH, MAPS - start))]
        text = DECLARATIONS + "".join(
            f"map m{index}: {definition.shape()}\n" for index, definition in enumerate(found)
        )
        options = Options(kernel=(kernel[0], kernel[1]))
        said: dict[str | None, list[Diagnostic]] = {}
        for diagnostic in compile(Source("random.dsl", text), options).diagnostics:
            said.setdefault(diagnostic.map, []).append(diagnostic)
        assert None not in said or all(d.severity != "error" for d in said[None]), said[None]
        for index, definition in enumerate(found):
            yield definition, said.get(f"m{index}", [])


def _refuses(diagnostic: Diagnostic) -> bool:
    """Whether *diagnostic* says that the kernel refuses the map as it stands, with its types."""
    if diagnostic.code == "arena-twice":  # libbpf's rule, about the whole object
        return False
    return diagnostic.severity == "error" or diagnostic.code == "half-typed-map"


def _disagreement(definition: Definition, refusals: list[Diagnostic], error: int) -> str:
    """Return what is to be told, the reason of a listed case, or nothing."""
    codes = {diagnostic.code for diagnostic in refusals}
    name = _error_name(error)
    if bool(refusals) != bool(error):
        if refusals:
            for reason, holds in STRICTER:
                if holds(definition, codes):
                    return reason
        else:
            for reason, lax in LAXER:
                if lax(definition):
                    return reason
        said = "; ".join(f"{d.code}: {d.message}" for d in refusals) or "nothing"
        return f"{definition.shape()}\n    kernel: {name}, bpfgen: {said}"
    named = {n for d in refusals for note in d.notes for n in re.findall(r"\bE[A-Z0-9]+\b", note)}
    if error and name not in named:
        return f"{definition.shape()}\n    kernel: {name}, bpfgen says {sorted(named)}: {codes}"
    return ""


def _error_name(error: int) -> str:
    return "ENOTSUPP" if error == 524 else errno.errorcode.get(error, str(error))


def _create(definition: Definition, btf_fd: int, name: bytes = b"random") -> int:
    """Create the map and forget it; return 0 or the kernel's errno, a positive number."""
    inner_fd = 0
    inner: Descriptor | None = None
    try:
        if definition.inner is not None:
            inner = _open(definition.inner, btf_fd, 0, name)
            inner_fd = inner.fd
        _open(definition, btf_fd, inner_fd, name).close()
    except OSError as error:
        return error.errno or -1
    finally:
        if inner is not None:
            inner.close()
    return 0


_outstanding = 0


def _open(definition: Definition, btf_fd: int, inner_fd: int, name: bytes) -> Descriptor:
    global _outstanding  # noqa: PLW0603 -- the kernel frees maps later than we close them
    _outstanding += memory(definition, _possible_cpus())
    if _outstanding > 4 * MEMORY_LIMIT:
        time.sleep(0.05)
        _outstanding = 0
    entries = definition.max_entries
    if definition.kind == "perf_event_array" and entries == 0:
        entries = _possible_cpus()
    key = TYPES[definition.key].id if definition.key else 0
    value = TYPES[definition.value].id if definition.value else 0
    if definition.kind in KEPT_BACK:
        key = value = 0
    return Descriptor(
        bpf(
            0,
            struct.pack(
                "=IIIIIII16sIIIIIQ",
                NUMBERS[definition.kind],
                definition.key_size,
                definition.value_size,
                entries,
                definition.map_flags,
                inner_fd,
                definition.numa_node,
                name,
                0,
                btf_fd if key or value else 0,
                key,
                value,
                0,
                definition.map_extra,
            ),
        )
    )


def _possible_cpus() -> int:
    with open("/sys/devices/system/cpu/possible", encoding="ascii") as file:
        ranges = [part.split("-") for part in file.read().strip().split(",")]
    return sum(int(part[-1]) - int(part[0]) + 1 for part in ranges)


def _kernel_cpus() -> int:
    with open("/sys/devices/system/cpu/kernel_max", encoding="ascii") as file:
        return int(file.read()) + 1
