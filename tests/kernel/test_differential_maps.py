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
from functools import cache
from typing import TYPE_CHECKING

import pytest

from bpfgen.compiler import Options, compile
from bpfgen.text.source import Source
from tests.kernel.bpf_syscall import Descriptor, bpf, load_btf
from tests.kernel.random_maps import (
    DECLARATIONS,
    NUMBERS,
    TYPES,
    boundaries,
    btf,
    memory,
    plain,
    random_definition,
)
from tests.tools import missing, require_root

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from bpfgen.text.diagnostics import Diagnostic
    from tests.kernel.random_maps import Definition

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

WORKED_AROUND = frozenset({"half-typed-map", "map-key-type", "max-entries", "ringbuf-size"})
"""Warnings of what the kernel refuses as it stands: libbpf or another loader gets it made."""

STRICTER: tuple[tuple[str, Callable[[Definition, set[str]], bool]], ...] = (
    (
        "a sockmap of more than INT_MAX entries: refused by 6.1 and 6.12, not by 6.18.44",
        lambda d, _: d.kind == "sockmap" and d.max_entries > 0x7FFFFFFF,
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


@cache
def possible_cpus() -> int:
    """Return the number of CPUs that per-CPU maps have values for."""
    with open("/sys/devices/system/cpu/possible", encoding="ascii") as file:
        ranges = [part.split("-") for part in file.read().strip().split(",")]
    return sum(int(part[-1]) - int(part[0]) + 1 for part in ranges)


@cache
def _kernel_cpus() -> int:
    with open("/sys/devices/system/cpu/kernel_max", encoding="ascii") as file:
        return int(file.read()) + 1


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
    source = random.Random(SEED)  # noqa: S311 -- reproducible, nothing secret
    tried, accepted = _held_against_the_kernel([random_definition(source) for _ in range(MAPS)])
    assert tried > MAPS * 0.8
    assert accepted > MAPS * 0.2


def test_bpfgen_and_the_kernel_agree_on_every_boundary() -> None:
    """The same, for a plain map of each kind with one thing changed: each bit, size and number."""
    found = list(boundaries())
    tried, accepted = _held_against_the_kernel(found)
    assert tried > len(found) * 0.8
    assert accepted > len(found) * 0.15


def _held_against_the_kernel(definitions: Sequence[Definition]) -> tuple[int, int]:
    """Fail where bpfgen and the kernel disagree; return how many were tried, how many accepted."""
    require_root()
    if os.sysconf("SC_PAGE_SIZE") != 4096:
        missing("pages of 4 KiB", "differ here")
    accepted = tried = 0
    disagreements: list[str] = []
    listed = {reason for reason, _ in (*STRICTER, *LAXER)}
    with load_btf(btf()) as types:
        for definition, diagnostics in _judged(definitions):
            refusals = [d for d in diagnostics if refuses(d)]
            parts = [part for part in (definition, definition.inner) if part]
            if any(memory(part, possible_cpus()) > MEMORY_LIMIT for part in parts):
                continue
            tried += 1
            error = _create(definition, types.fd)
            accepted += error == 0
            found = _disagreement(definition, refusals, error)
            if found and found not in listed:
                disagreements.append(found)
    assert not disagreements, "\n".join([*disagreements[:20], f"{len(disagreements)} in all"])
    return tried, accepted


def _judged(definitions: Sequence[Definition]) -> Iterator[tuple[Definition, list[Diagnostic]]]:
    """Yield *definitions* with what bpfgen says of each, many maps to a file."""
    kernel = tuple(int(n) for n in platform.release().split(".")[:2])
    options = Options(kernel=(kernel[0], kernel[1]))
    for start in range(0, len(definitions), BATCH):
        batch = definitions[start : start + BATCH]
        text = DECLARATIONS + "".join(
            f"map m{index}: {definition.shape()}\n" for index, definition in enumerate(batch)
        )
        said: dict[str | None, list[Diagnostic]] = {}
        for diagnostic in compile(Source("random.dsl", text), options).diagnostics:
            said.setdefault(diagnostic.map, []).append(diagnostic)
        assert None not in said or all(d.severity != "error" for d in said[None]), said[None]
        for index, definition in enumerate(batch):
            yield definition, said.get(f"m{index}", [])


def refuses(diagnostic: Diagnostic) -> bool:
    """Whether *diagnostic* says that the kernel refuses the map as it stands, with its types."""
    if diagnostic.code == "arena-twice":  # libbpf's rule, about the whole object
        return False
    return diagnostic.severity == "error" or diagnostic.code in WORKED_AROUND


def _disagreement(definition: Definition, refusals: list[Diagnostic], error: int) -> str:
    """Return what is to be told, the reason of a listed case, or nothing."""
    codes = {diagnostic.code for diagnostic in refusals}
    name = _error_name(error)
    if bool(refusals) != bool(error):
        if refusals:
            for reason, holds in STRICTER:
                if any(holds(part, codes) for part in (definition, definition.inner) if part):
                    return reason
        else:
            for reason, lax in LAXER:
                if any(lax(part) for part in (definition, definition.inner) if part):
                    return reason
        said = "; ".join(f"{d.code}: {d.message}" for d in refusals) or "nothing"
        return f"{definition.shape()}\n    kernel: {name}, bpfgen: {said}"
    named = {n for d in refusals for note in d.notes for n in re.findall(r"\bE[A-Z0-9]+\b", note)}
    if error and name not in named:
        return f"{definition.shape()}\n    kernel: {name}, bpfgen says {sorted(named)}: {codes}"
    return ""


def _error_name(error: int) -> str:
    return "ENOTSUPP" if error == 524 else errno.errorcode.get(error, str(error))


def _create(definition: Definition, btf_fd: int) -> int:
    """Create the map and forget it; return 0 or the kernel's errno, a positive number."""
    inner: Descriptor | None = None
    try:
        if definition.kind.endswith("_of_maps"):  # a loader sets what has no definition
            inner = open_map(definition.inner or plain("array"), btf_fd)
        open_map(definition, btf_fd, inner.fd if inner else 0).close()
    except OSError as error:
        return error.errno or -1
    finally:
        if inner is not None:
            inner.close()
    return 0


_asked_for = 0


def open_map(definition: Definition, btf_fd: int, inner_fd: int = 0) -> Descriptor:
    """Create a map as libbpf would. Raises OSError with the kernel's errno."""
    global _asked_for  # noqa: PLW0603 -- the kernel frees maps later than we close them
    _asked_for += memory(definition, possible_cpus())
    if _asked_for > 4 * MEMORY_LIMIT:
        time.sleep(0.05)
        _asked_for = 0
    entries = definition.max_entries
    if definition.kind == "perf_event_array" and entries == 0:
        entries = possible_cpus()
    key = TYPES[definition.key].id if definition.key else 0
    value = TYPES[definition.value].id if definition.value else 0
    if definition.kind in KEPT_BACK:
        key = value = 0
    attributes = struct.pack(
        "=IIIIIII16sIIIIIQ",
        NUMBERS[definition.kind],
        definition.key_size,
        definition.value_size,
        entries,
        definition.map_flags,
        inner_fd,
        definition.numa_node,
        b"random",
        0,  # map_ifindex
        btf_fd if key or value else 0,
        key,
        value,
        0,  # btf_vmlinux_value_type_id
        definition.map_extra,
    )
    return Descriptor(bpf(0, attributes))
