"""What a map costs, computed, against the line `memlock` that the running kernel shows of it."""

from __future__ import annotations

import functools
import mmap
import os
import socket
import struct
from contextlib import ExitStack
from random import Random
from typing import TYPE_CHECKING

import pytest

from bpfgen.btf.kernel import KernelBtf
from bpfgen.btf.struct_sizes import struct_sizes_in
from bpfgen.kernel.map_kinds import MAP_KINDS
from bpfgen.kernel.memory import Machine, MapNumbers, map_memory
from bpfgen.kernel.struct_sizes import KERNELS, STRUCTS, struct_size
from tests.kernel.bpf_syscall import load_btf, update_element
from tests.kernel.random_maps import NUMBERS, btf, memory, plain, random_definition
from tests.kernel.test_differential_maps import open_map, possible_cpus
from tests.tools import require_file, require_root

if TYPE_CHECKING:
    from tests.kernel.random_maps import Definition

pytestmark = pytest.mark.kernel

MOST = 32 << 20
SHAPES = int(os.environ.get("BPFGEN_MEMORY_SHAPES", "1500"))
SEED = 12
VMLINUX = "/sys/kernel/btf/vmlinux"
AF_XDP = 44
NO_PREALLOC = 1

NEW_STRUCTS = {"bpf_insn_array": (6, 19), "bpf_rhtab": (7, 2), "rhtab_elem": (7, 2)}
"""The first kernels that have them."""


@functools.cache
def _kernel() -> tuple[int, int]:
    major, minor = os.uname().release.split(".")[:2]
    return int(major), int(minor)


@functools.cache
def _machine() -> Machine:
    """Return this machine, with the structs that its kernel's BTF has."""
    structs = struct_sizes_in(KernelBtf(VMLINUX).open())
    page = os.sysconf("SC_PAGE_SIZE")
    return Machine(possible_cpus(), page, kernel=_kernel(), structs=structs)


def require_counting() -> None:
    """Skip the test where the kernel counts no memory, or doesn't say how large its structs are."""
    require_root()
    require_file(VMLINUX, "the kernel's BTF")
    if _kernel() < (6, 4):
        pytest.skip("the kernel is older than 6.4, which counts memory")


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


def test_memory_of_random_maps() -> None:
    """Of each map that the kernel takes, it counts what is computed, to the byte."""
    require_counting()
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
            if counted != computed:
                wrong.append(f"{definition.shape()}: {counted} counted, {computed} computed")
    assert not wrong, "\n".join([*wrong[:20], f"{len(wrong)} in all"])
    assert len(compared) >= 30, compared


@pytest.mark.parametrize(
    "kind", ["hash", "percpu_hash", "lpm_trie", "devmap", "devmap_hash", "rhash"]
)
def test_memory_of_elements(kind: str) -> None:
    """Each element that is stored adds what is computed, whatever the sizes."""
    require_counting()
    if MAP_KINDS[kind].since > _kernel():
        pytest.skip(f"the kernel has no {kind}")
    source = Random(kind)  # noqa: S311 -- reproducible, nothing secret
    copies = possible_cpus() if kind == "percpu_hash" else 1
    with load_btf(btf()) as types:
        for _ in range(1 if kind.startswith("devmap") else 12):
            key_size, value_size = source.randint(2, 300), source.randint(1, 300)
            if kind == "lpm_trie":
                key_size = source.randint(5, 200)
            definition = plain(kind)
            if not kind.startswith("devmap"):
                definition = definition._replace(
                    key_size=key_size, value_size=value_size, map_flags=NO_PREALLOC
                )
            definition = definition._replace(max_entries=64)
            memory = map_memory(_numbers(definition), _machine())
            with open_map(definition, types.fd) as created:
                assert _memlock(created.fd) == memory.created, definition.shape()
                for number in range(40):
                    key = number.to_bytes(definition.key_size, "little")
                    if kind == "lpm_trie":
                        key = struct.pack("<IB", 8 * (key_size - 4), number).ljust(key_size, b"x")
                    value = bytes((value_size + -value_size % 8) * copies)
                    if kind.startswith("devmap"):
                        value = struct.pack("=I", socket.if_nametoindex("lo"))
                    update_element(created.fd, key, value)
                counted = _memlock(created.fd)
            assert counted == memory.created + 40 * memory.element, definition.shape()
            assert memory.counted == memory.created + memory.element * 64


@pytest.mark.parametrize("kind", ["hash", "lru_hash", "percpu_hash", "array", "sockmap"])
def test_elements_that_are_there_from_the_start(kind: str) -> None:
    """What is stored adds nothing."""
    require_counting()
    definition = plain(kind)
    memory = map_memory(_numbers(definition), _machine())
    with load_btf(btf()) as types, open_map(definition, types.fd) as created:
        if kind != "sockmap":
            update_element(created.fd, bytes(definition.key_size), bytes(8 * possible_cpus()))
            assert _memlock(created.fd) == memory.created
            return
        with socket.socket() as listening:
            listening.bind(("127.0.0.1", 0))
            listening.listen()
            update_element(created.fd, bytes(4), struct.pack("=Q", listening.fileno()))
            assert _memlock(created.fd) == memory.created
    assert memory.full == memory.created


def test_sockets_in_a_hash() -> None:
    """A sockhash has an element for each socket, with the key rounded up to 8 bytes."""
    require_counting()
    for key_size in (4, 5, 8, 17):
        definition = plain("sockhash")._replace(key_size=key_size, max_entries=64)
        memory = map_memory(_numbers(definition), _machine())
        with load_btf(btf()) as types, open_map(definition, types.fd) as created, ExitStack() as on:
            for number in range(5):
                listening = on.enter_context(socket.socket())
                listening.bind(("127.0.0.1", 0))
                listening.listen()
                value = struct.pack("=Q", listening.fileno())[: definition.value_size]
                update_element(created.fd, number.to_bytes(key_size, "little"), value)
            assert _memlock(created.fd) == memory.created + 5 * memory.element, key_size


def test_pages_of_an_arena() -> None:
    """A page comes when it is touched; kernels from 7.3 on count it."""
    require_counting()
    if MAP_KINDS["arena"].since > _kernel():
        pytest.skip("the kernel has no arena")
    memory = map_memory(_numbers(plain("arena")), _machine())
    assert memory.element + memory.uncounted == mmap.PAGESIZE
    with (
        load_btf(btf()) as types,
        open_map(plain("arena"), types.fd) as created,
        mmap.mmap(created.fd, 4 * mmap.PAGESIZE) as pages,
    ):
        assert _memlock(created.fd) == memory.created
        pages[0] = pages[2 * mmap.PAGESIZE] = 1
        assert _memlock(created.fd) == memory.created + 2 * memory.element


def test_sockets_of_xdp() -> None:
    """An xskmap has a node for each socket that is in it."""
    require_counting()
    definition = plain("xskmap")
    memory = map_memory(_numbers(definition), _machine())
    try:
        xdp = socket.socket(AF_XDP, socket.SOCK_RAW)
    except OSError:
        pytest.skip("the kernel has no AF_XDP sockets")
    with xdp, load_btf(btf()) as types, open_map(definition, types.fd) as created:
        try:
            for index in range(3):
                key, value = struct.pack("=I", index), struct.pack("=I", xdp.fileno())
                update_element(created.fd, key, value)
        except OSError:
            pytest.skip("this kernel takes only sockets of AF_XDP that have their rings")
        assert _memlock(created.fd) == memory.created + 3 * memory.element


@pytest.mark.parametrize("kind", ["task_storage", "cpumap"])
def test_elements_that_the_kernel_does_not_count(kind: str) -> None:
    """They take memory, and the kernel's figure stays as it is."""
    require_counting()
    definition = plain(kind)
    memory = map_memory(_numbers(definition), _machine())
    assert memory.uncounted > definition.value_size
    with load_btf(btf()) as types, open_map(definition, types.fd) as created:
        if kind == "task_storage":
            task = os.pidfd_open(os.getpid())
            try:
                update_element(created.fd, struct.pack("=I", task), bytes(8))
            finally:
                os.close(task)
        else:
            update_element(created.fd, bytes(4), struct.pack("=I", 64).ljust(8, b"\0"))
        assert _memlock(created.fd) == memory.created


def test_the_table_of_structs() -> None:
    """The running kernel's structs are those of the table, of Debian's builds to the byte."""
    require_file(VMLINUX, "the kernel's BTF")
    here = struct_sizes_in(KernelBtf(VMLINUX).open())
    expected = {tag for tag in STRUCTS if NEW_STRUCTS.get(tag, (0, 0)) <= _kernel()}
    if _kernel() <= (7, 2):
        assert expected <= set(here) | set(NEW_STRUCTS)
    is_in_the_table = _kernel() in KERNELS and "deb" in os.uname().release
    slack = 0 if is_in_the_table else 64
    for tag, size in here.items():
        assert abs(size - struct_size(tag, _kernel(), {})) <= slack, tag
