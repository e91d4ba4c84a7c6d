"""`bpfgen.live` on the running kernel, with bpftool on the other side of each map."""

from __future__ import annotations

import ctypes
import errno
import json
import os
import re
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from bpfgen import compiler, live
from bpfgen.ctype.sizes import sizeof
from bpfgen.kernel.map_kinds import KINDS_BY_NUMBER, MAP_KINDS
from bpfgen.kernel.map_operations import MAP_OPERATIONS
from bpfgen.live.fingerprint import fingerprint_of
from bpfgen.live.syscall import ENOTSUPP, Bpf
from bpfgen.model.fingerprint import fingerprint_of_map
from bpfgen.text.source import Source
from tests.conformance import libbpf
from tests.kernel.bpf_syscall import create_map, load_btf
from tests.kernel.btf_encoder import BtfEncoder
from tests.kernel.random_maps import btf, plain
from tests.kernel.test_differential_maps import open_map
from tests.kernel.test_samples_kernel import running_kernel
from tests.samples import built, compiled
from tests.tools import CHECKOUT, missing, require, require_root

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from bpfgen.kernel.map_kind import MapKind
    from bpfgen.live.syscall import Command
    from tests.kernel.bpf_syscall import Descriptor

pytestmark = pytest.mark.kernel

NOBODY = 65534

TAKE_SINCE = {
    "hash": (5, 14),
    "percpu_hash": (5, 14),
    "lru_hash": (5, 14),
    "lru_percpu_hash": (5, 14),
    "stack_trace": (6, 18),
}
"""Kernels that can take an element, where that is younger than the kind; of the last, or a little
older: it is missing in 6.12."""


def can_take(kind: str) -> bool:
    """Whether the running kernel reads and removes an element of *kind* in one step."""
    return TAKE_SINCE.get(kind, (0, 0)) <= running_kernel()


@pytest.fixture(autouse=True)
def _root() -> None:
    require_root()


def taken(map: Descriptor) -> live.Map:
    """Return an open map of our own with the descriptor of *map*."""
    return live.Map(os.dup(map.fd))


def bpftool(*words: str) -> Any:
    """Return the JSON that bpftool prints."""
    command = [require("bpftool"), "-j", *words]
    run = subprocess.run(command, check=False, capture_output=True, text=True)
    assert run.returncode == 0, run.stdout + run.stderr
    return json.loads(run.stdout or "null")


def in_hex(data: bytes) -> list[str]:
    """Return bytes as bpftool takes and prints them."""
    return [f"{byte:#04x}" for byte in data]


def number(value: int, size: int = 4) -> bytes:
    """Return an integer in this machine's byte order."""
    return value.to_bytes(size, sys.byteorder)


@contextmanager
def nobody() -> Iterator[None]:
    """Give all rights up for the time of the block."""
    os.seteuid(NOBODY)
    try:
        yield
    finally:
        os.seteuid(0)


WITNESSED = (
    "hash",
    "array",
    "percpu_hash",
    "percpu_array",
    "lru_hash",
    "lru_percpu_hash",
    "lpm_trie",
)


def keys_of(kind: str) -> list[bytes]:
    """Return some keys for a map of *kind*."""
    if kind == "lpm_trie":
        return [number(32) + bytes((10, 0, 0, n)) for n in range(3)]
    return [number(n) for n in range(3)]


@pytest.mark.parametrize("kind", WITNESSED)
def test_what_bpftool_writes_is_read(kind: str, pins: Path) -> None:
    """A map that bpftool made and filled has the same elements here; of all CPUs, its own."""
    path = pins / kind
    keys = keys_of(kind)
    flags = "1" if kind == "lpm_trie" else "0"
    bpftool(
        *("map", "create", str(path), "type", kind, "key", str(len(keys[0])), "value", "12"),
        *("entries", "3", "name", "written", "flags", flags),
    )
    with live.open_map(str(path)) as map:
        assert (map.info.kind_name, map.info.name) == (kind, "written")
        assert (map.info.key_size, map.info.value_size, map.info.max_entries) == (
            len(keys[0]),
            12,
            3,
        )
        values = {key: bytes(range(index, index + 12)) for index, key in enumerate(keys)}
        for key, value in values.items():
            words = [*in_hex(key), "value", *in_hex(value)]
            bpftool("map", "update", "pinned", str(path), "key", *words)
        assert [map.parts(map.lookup(key) or b"") for key in keys] == [
            [value] * (len(map.cpus) or 1) for value in values.values()
        ]
        assert sorted(map.keys()) == sorted(keys)
        assert {key: map.parts(value)[-1] for key, value in map.items()} == values


@pytest.mark.parametrize("kind", WITNESSED)
def test_bpftool_reads_what_is_written(kind: str) -> None:
    """What is written here, one by one and many at once, is what bpftool dumps."""
    keys = keys_of(kind)
    flags = 1 if kind == "lpm_trie" else 0
    with create_map(
        MAP_KINDS[kind].number,
        key_size=len(keys[0]),
        value_size=12,
        max_entries=3,
        map_flags=flags,
    ) as made:
        map = taken(made)
        values = {}
        for index, key in enumerate(keys):
            parts = [bytes([index + cpu] * 12) for cpu in map.cpus or (0,)]
            values[key] = map.joined(parts) if map.cpus else parts[0]
        map.update(keys[0], values[keys[0]])
        map.update_many((key, values[key]) for key in keys[1:])
        dumped = bpftool("map", "dump", "id", str(map.info.id))
        for element in dumped:
            key = bytes(int(byte, 16) for byte in element["key"])
            dumped_parts = element["values"] if map.cpus else [element]
            read = [bytes(int(b, 16) for b in part["value"])[:12] for part in dumped_parts]
            assert read == map.parts(values.pop(key))
        assert values == {}
        map.close()


@pytest.mark.parametrize("name", [name for name, row in MAP_OPERATIONS.items() if row.operations])
def test_every_kind_answers_or_refuses_in_its_own_words(name: str) -> None:
    """Each operation on a map of each kind does what the table says, or is an OSError for it."""
    kind = MAP_KINDS[name]
    if kind.since > running_kernel() or kind.from_variable or name == "struct_ops":
        return
    definition = plain(name)
    with load_btf(btf()) as types:
        inner = open_map(definition.inner, types.fd) if definition.inner else None
        with open_map(definition, types.fd, inner.fd if inner else 0) as made:
            map = taken(made)
            assert map.info.kind is kind
            _try_all(map, kind)
            map.close()
        if inner:
            inner.close()


def _try_all(map: live.Map, kind: MapKind) -> None:
    row = MAP_OPERATIONS[kind.name]
    key = bytes(map.info.key_size)
    operations: list[tuple[bool, Callable[[], object]]] = [
        (row.lookup, lambda: map.lookup(key)),
        (row.update, lambda: map.update(key, b"\xff" * map.value_length)),
        (row.delete, lambda: map.delete(key)),
        (row.walk, lambda: list(map.keys())),
        (row.walk and row.lookup, lambda: list(map.items())),
        (row.take and can_take(kind.name), lambda: map.take(key)),
    ]
    for can, operation in operations:
        error = _error_of(operation)
        if error is not None:
            assert f"of {map.info}: " in str(error)
            # What was given may be wrong: no descriptor, no such cgroup.
            assert not can or error.errno not in {ENOTSUPP, errno.EOPNOTSUPP}, error
    for data in (key + b"\0", key[:-1]):
        if len(data) != len(key):
            with pytest.raises(ValueError, match="a key of map"):
                map.lookup(data)
    with pytest.raises(ValueError, match="a value of map"):
        map.update(key, bytes(map.value_length + 1))


def _error_of(operation: Callable[[], object]) -> OSError | None:
    try:
        operation()
    except OSError as error:
        return error
    return None


def test_typed_elements() -> None:
    """Keys, values and errors of a typed map are those of a mapping."""
    with create_map(1, key_size=4, value_size=8, max_entries=2) as made:
        facts: dict[str, Any] = {"key": ctypes.c_uint32, "value": ctypes.c_uint64}
        map = live.TypedMap[int, int].open(taken(made), name="flows", kind="hash", **facts)
        with map:
            map[1] = 10
            map.update(2, 20, live.NOEXIST)
            assert (map[1], map.get(2), map.get(3), map.get(3, -1)) == (10, 20, None, -1)
            assert (1 in map, 3 in map) == (True, False)
            assert dict(map.items()) == {1: 10, 2: 20}
            assert (sorted(map), sorted(map.values())) == ([1, 2], [10, 20])
            with pytest.raises(FileExistsError):
                map.update(2, 20, live.NOEXIST)
            with pytest.raises(KeyError, match="3"):
                map.update(3, 30, live.EXIST)
            with pytest.raises(OSError, match="it is full") as full:
                map[3] = 30
            assert full.value.errno == errno.E2BIG
            with pytest.raises(KeyError, match="3"):
                del map[3]
            with pytest.raises(OverflowError, match="doesn't fit"):
                map[-1] = 0
            assert (map.take(1) if can_take("hash") else map.delete(1) and 10) == 10
            assert (map.delete(2), map.delete(2)) == (True, False)
            map.update_many([(1, 1), (2, 2)])
            assert map.delete_many(iter([1, 5, 2, 6])) == 2
            assert list(map) == []
            with pytest.raises(KeyError, match="7"):
                _ = map[7]
        with pytest.raises(ValueError, match="was closed"):
            map.get(1)


@pytest.mark.parametrize("kind", ["percpu_hash", "percpu_array", "lru_percpu_hash"])
def test_a_value_for_each_cpu(kind: str) -> None:
    """A value is a list, one for each possible CPU; another number of them is refused."""
    number = MAP_KINDS[kind].number
    with create_map(number, key_size=4, value_size=2, max_entries=4) as made:
        facts: dict[str, Any] = {"key": ctypes.c_uint32, "value": ctypes.c_uint16}
        with live.PerCpuMap[int, int].open(taken(made), name="hits", kind=kind, **facts) as map:
            values = list(range(len(map.cpus)))
            map[1] = values
            assert map[1] == values
            assert map.map.value_length == 8 * len(values)
            with pytest.raises(ValueError, match="one for each CPU"):
                map[1] = [*values, 7]


@pytest.mark.parametrize(("kind", "order"), [("queue", [1, 2, 3]), ("stack", [3, 2, 1])])
def test_values_without_keys(kind: str, order: list[int]) -> None:
    """A queue gives the oldest, a stack the newest; EXIST makes room."""
    number = MAP_KINDS[kind].number
    facts: dict[str, Any] = {"name": "q", "kind": kind, "value": ctypes.c_uint32}
    with create_map(number, value_size=4, max_entries=3) as made:
        map = taken(made)
        with live.Queue[int].open(map, **facts) as queue:
            assert (queue.peek(), queue.pop()) == (None, None)
            for value in (1, 2, 3):
                queue.push(value)
            assert (queue.peek(), list(queue.drain())) == (order[0], order)
            for value in range(3):
                queue.push(value)
            with pytest.raises(OSError, match="it is full"):
                queue.push(4)
            queue.push(4, live.EXIST)
            assert 4 in list(queue.drain())


def test_a_bloom_filter() -> None:
    """What was added is there; what is said not to be there was not added."""
    if MAP_KINDS["bloom_filter"].since > running_kernel():
        missing("bloom_filter", "isn't known to this kernel")
    with (
        create_map(30, value_size=4, max_entries=100) as made,
        live.BloomFilter[int].open(
            taken(made), name="seen", kind="bloom_filter", value=ctypes.c_uint32
        ) as seen,
    ):
        for value in range(50):
            seen.add(value)
        assert all(value in seen for value in range(50))
        assert sum(value in seen for value in range(1000, 2000)) < 500


@pytest.mark.parametrize(("kind", "number"), [("array_of_maps", 12), ("hash_of_maps", 13)])
def test_maps_in_a_map(kind: str, number: int) -> None:
    """A map is put in by its descriptor, read as its id, and opened from there."""
    with (
        create_map(2, key_size=4, value_size=8, max_entries=1) as made,
        create_map(number, key_size=4, value_size=4, max_entries=4, inner_map_fd=made.fd) as outer,
    ):
        inner = taken(made)
        with live.MapOfMaps[int].open(
            taken(outer), name="slots", kind=kind, key=ctypes.c_uint32, value=ctypes.c_uint32
        ) as maps:
            maps[2] = inner
            maps[3] = made.fd
            assert dict(maps.items()) == {2: inner.info.id, 3: inner.info.id}
            with maps.inner(2) as again:
                again.update(bytes(4), b"12345678")
            assert inner.lookup(bytes(4)) == b"12345678"
            with pytest.raises(KeyError):
                maps.inner(0)
        inner.close()


class Facts:
    """What generated Python says of a map."""

    name, kind, key, value = "hits", "hash", ctypes.c_uint32, ctypes.c_uint64


class Jumps:
    """What it says of one without types."""

    name, kind, key_size, value_size = "jumps", "prog_array", 4, 4


def test_facts_of_generated_code() -> None:
    """A class of facts opens its map; which class of ours that is, its kind decides."""
    with create_map(1, key_size=4, value_size=8, max_entries=2) as made:
        with live.typed(Facts, taken(made)) as map:
            assert type(map) is live.TypedMap
            map[1] = 2
            assert dict(map.items()) == {1: 2}
        with pytest.raises(live.MapMismatchError, match="is not `jumps`"):
            live.typed(Jumps, taken(made))
    with create_map(3, key_size=4, value_size=4, max_entries=2) as made:
        jumps = live.TypedMap[int, int].of(Jumps, taken(made))
        assert (list(jumps), list(jumps.items()), 0 in jumps) == ([0, 1], [], False)
    with pytest.raises(NotImplementedError, match="no typed access to a map of kind `arena`"):
        live.typed(type("Arena", (), {"name": "a", "kind": "arena"}), 1)


def test_another_map_is_refused() -> None:
    """A map of another kind or size is closed and refused, in words that say both sides."""
    with create_map(1, key_size=4, value_size=8, max_entries=2, map_name="other") as made:
        for facts, words in (
            ({"kind": "array"}, "it is of kind `hash`, and `array` is declared"),
            ({"kind": "hash", "key": ctypes.c_uint64}, "its keys have 4 bytes, and 8 are"),
            ({"kind": "hash", "value": 4}, "its values have 8 bytes, and 4 are"),
        ):
            map = taken(made)
            with pytest.raises(live.MapMismatchError, match=words) as refused:
                live.TypedMap.open(map, name="flows", **facts)
            assert (refused.value.name, refused.value.info.name) == ("flows", "other")
            with pytest.raises(ValueError, match="was closed"):
                map.fileno()
        # Without types in the kernel, nothing is known of the layout.
        map = taken(made)
        with live.TypedMap[bytes, bytes].open(
            map, name="flows", kind="hash", fingerprint=1
        ) as same:
            assert not same.has_fingerprint


SAMPLES = ("flows.dsl", "kinds.dsl", "quickstart.dsl", "special_fields.dsl", "types.dsl")


@pytest.mark.parametrize("name", SAMPLES)
def test_the_kernel_has_the_fingerprints_of_the_source(name: str) -> None:
    """Of each map whose types the kernel has, the fingerprint is that of the source."""
    maps = {map.name: map for map in compiled(name).model.maps}
    known = []
    with (
        create_map(2, key_size=4, value_size=8, max_entries=1) as inner,
        libbpf.open_object(built(name)) as opened,
    ):
        for map in maps.values():
            if map.shape.kind.since > running_kernel():
                opened.set_autocreate(map.name, autocreate=False)
            if map.shape.kind.of_maps and map.shape.inner is None:
                opened.set_inner_map_fd(map.name, inner.fd)
            opened.forget_pin_path(map.name)
        for map_name, descriptor in opened.load().items():
            running = live.Map(os.dup(descriptor))
            own = fingerprint_of_map(maps[map_name]) if map_name in maps else None
            found = fingerprint_of(running)
            kind = KINDS_BY_NUMBER[running.info.number]
            if found is None:
                # Before 6.0, libbpf replaces types that the kernel doesn't know.
                whole = running_kernel() >= (6, 0) and running.info.btf_id
                assert kind.btf != "optional" or not whole, map_name
            else:
                assert own is None or found == own, map_name
                known.append(map_name)
                if own is not None:
                    facts: dict[str, Any] = {"name": map_name, "kind": kind.name}
                    with live.TypedMap[bytes, bytes].open(
                        running, fingerprint=own, **facts
                    ) as typed:
                        assert typed.has_fingerprint
                        with pytest.raises(live.MapMismatchError, match="the fingerprint 0x"):
                            live.TypedMap.open(
                                live.Map(os.dup(descriptor)), fingerprint=own ^ 1, **facts
                            )
            running.close()
    assert known or running_kernel() < (6, 0)


def test_keys_that_come_and_go() -> None:
    """A walk sees what stays exactly once, whatever else is deleted and put in, and ends."""
    with create_map(1, key_size=4, value_size=4, max_entries=4096) as made:
        map = taken(made)
        map.update_many((number(n), number(n)) for n in range(2048))
        seen = []
        for count, (key, _) in enumerate(map.items()):
            seen.append(key)
            other = number(2 * (count % 1024) + 1)
            if not map.delete(other):
                map.update(other, other)
        stayed = {number(n) for n in range(0, 2048, 2)}
        assert len(seen) == len(set(seen))
        assert stayed <= set(seen)
        for key in map:  # what is handed out may be deleted
            map.delete(key)
        assert list(map.items()) == []
        map.close()


@pytest.mark.parametrize("count", [0, 1, 2, 3, 1023, 1024, 1025, 5000])
def test_all_elements_in_batches(count: int) -> None:
    """However many elements there are, each is there once: the end of a batch loses none."""
    for kind in (1, 2, 9, 11):
        flags, key_size = (1, 8) if kind == 11 else (0, 4)
        entries = max(count, 1)
        sizes = {"key_size": key_size, "value_size": 4, "max_entries": entries}
        with create_map(kind, map_flags=flags, **sizes) as made:  # type: ignore[arg-type]
            map = taken(made)
            prefix = number(32) if kind == 11 else b""
            expected = {prefix + number(n): number(n + 1) for n in range(count)}
            map.update_many(expected.items())
            if kind == 2 and count == 0:
                expected = {number(0): number(0)}
            items = list(map.items())
            if kind == 9:  # it drops some when it is nearly full
                assert set(items) <= set(expected.items())
            else:
                assert sorted(items) == sorted(expected.items())
            assert len(set(map.keys())) == len(items)
            map.close()


@pytest.mark.parametrize("kind", ["hash", "array", "percpu_hash", "lpm_trie"])
def test_small_batches_and_none(kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """One element at a time comes to the same: by batches that grow, and where there are none."""
    flags = 1 if kind == "lpm_trie" else 0
    prefix = number(32) if kind == "lpm_trie" else b""
    key_size = 4 + len(prefix)
    with create_map(
        MAP_KINDS[kind].number,
        map_flags=flags,
        key_size=key_size,
        value_size=8,
        max_entries=61,  # on 5.10 a full lpm_trie refuses to replace an element
    ) as made:
        map = taken(made)
        expected = {prefix + number(n): bytes([n] * map.value_length) for n in range(60)}

        def all_is_there() -> None:
            map.update_many(expected.items())
            items = list(map.items())
            if kind == "array":
                assert items.pop() == (number(60), bytes(8))
            assert len(items) == 60
            assert dict(items) == expected
            if kind != "array":
                gone = list(expected)[:40:3]
                assert map.delete_many([prefix + number(1000), *gone, *gone[:2]]) == len(gone)
                assert set(map.keys()) == set(expected) - set(gone)

        all_is_there()
        monkeypatch.setattr("bpfgen.live.batches._MOST", 1)
        all_is_there()
        attempt = Bpf.attempt

        def without_batches(bpf: Bpf, command: Command, attributes: Any) -> tuple[int, int]:
            if command.name.endswith("_BATCH"):
                return 0, ENOTSUPP
            return attempt(bpf, command, attributes)

        monkeypatch.setattr(Bpf, "attempt", without_batches)
        all_is_there()
        map.close()


def test_pins(pins: Path) -> None:
    """A map is pinned, opened by its path, and unpinned; what isn't a map is refused."""
    path = pins / "flows"
    with create_map(1, key_size=4, value_size=8, max_entries=2) as made:
        map = taken(made)
        map.pin(path)
        with pytest.raises(FileExistsError, match="BPF_OBJ_PIN of map"):
            map.pin(path)
        with pytest.raises(OSError, match="BPF_OBJ_PIN"):
            map.pin(CHECKOUT / "flows")
        assert bpftool("map", "show", "pinned", str(path))["id"] == map.info.id
        map.close()
    with live.open_map(path) as again:
        again.update(number(1), bytes(8))
        os.unlink(path)
    with pytest.raises(ValueError, match="was closed"):
        again.fileno()
    with pytest.raises(FileNotFoundError, match=f"BPF_OBJ_GET of `{path}`"):
        live.open_map(path)


@pytest.mark.parametrize("opened", [live.open, live.open_map])
def test_what_is_no_pin(opened: Callable[..., Any], pins: Path, tmp_path: Path) -> None:
    """The kernel says EACCES of all of these; the error says what is there, to root as well."""
    file = tmp_path / "flows"
    file.touch()
    for directory in (pins, tmp_path):
        with pytest.raises(IsADirectoryError, match=f"`{directory}` is no map: it is a directory"):
            opened(directory)
    for other in (file, "/dev/null"):
        with pytest.raises(OSError, match="is no map: it is not in a BPF filesystem") as caught:
            opened(str(other))
        assert caught.value.errno == errno.EINVAL
    with pytest.raises(FileNotFoundError, match="nothing is pinned there"):
        opened(str(pins / "none"))
    with pytest.raises(FileNotFoundError, match="have no dot"):
        opened(str(pins / "flows.old"))
    with pytest.raises(FileNotFoundError, match="there is no directory"):
        opened(str(tmp_path / "none" / "flows"))
    with pytest.raises(NotADirectoryError, match=f"`{file}` is no directory"):
        opened(str(file / "flows"))


def test_access_in_one_direction(pins: Path) -> None:
    """A map that is opened for reading isn't written to, and the other way round."""
    path = pins / "flows"
    with create_map(1, key_size=4, value_size=4, max_entries=2) as made:
        map = taken(made)
        map.pin(path)
        map.close()
    with live.open_map(path, access="r") as reading:
        assert reading.lookup(number(1)) is None
        with pytest.raises(PermissionError, match="the other direction, or the map is frozen"):
            reading.update(number(1), number(1))
    with live.open_map(path, access="w") as writing:
        writing.update(number(1), number(1))
        with pytest.raises(PermissionError, match="BPF_MAP_LOOKUP_ELEM"):
            writing.lookup(number(1))
    with live.open_map(path) as map:
        map.freeze()
        with pytest.raises(PermissionError, match="frozen"):
            map.update(number(1), number(2))
        assert map.lookup(number(1)) == number(1)


def test_without_rights(pins: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without a right, the error names it; the layout isn't compared then, kind and sizes are."""
    pins.chmod(0o755)
    monkeypatch.chdir(pins)  # the directories above are root's alone
    path = Path("flows")
    with load_btf(btf()) as types:
        definition = plain("hash")._replace(key="u32", value="u64", key_size=4, value_size=8)
        with open_map(definition, types.fd) as made:
            map = taken(made)
            map.pin(path)
    with nobody():
        with pytest.raises(PermissionError, match=r"BPF_OBJ_GET.*takes read and write permission"):
            live.open_map(path)
        with pytest.raises(PermissionError, match=r"BPF_MAP_GET_FD_BY_ID.*takes CAP_SYS_ADMIN"):
            live.open_map(map.info.id)
    path.chmod(0o444)
    own = fingerprint_of(map)
    assert own is not None
    with nobody():
        with pytest.raises(PermissionError, match=r"BPF_BTF_GET_FD_BY_ID.*takes CAP_SYS_ADMIN"):
            fingerprint_of(map)
        facts: dict[str, Any] = {"name": "flows", "kind": "hash", "access": "r"}
        if running_kernel() <= (5, 10):
            with pytest.raises(PermissionError, match=r"up to Linux 5\.10 it takes CAP_BPF"):
                live.TypedMap[bytes, bytes].open(path, fingerprint=own ^ 1, **facts)
        else:
            with live.TypedMap[bytes, bytes].open(path, fingerprint=own ^ 1, **facts) as typed:
                assert not typed.has_fingerprint
    with pytest.raises(live.MapMismatchError):
        live.TypedMap.open(path, fingerprint=own ^ 1, **facts)
    map.close()


TYPES_OF_THE_PAGE = """
enum verdict { PASS, DROP };
struct flow_key { __be32 saddr; __be16 dport; __u16 pad; };
struct flow { __u64 packets; enum verdict verdict; __u32 sizes[2]; };
"""


def typed_map(source: str, key: str, value: str) -> Descriptor:
    """Return a hash of two structs of *source*, whose types the kernel has."""
    types = compiler.compile(Source("page.dsl", source)).model.types
    encoder = BtfEncoder(types)
    ids = [encoder.add(types["struct", name]) for name in (key, value)]
    key_size, value_size = (sizeof(types["struct", name]) or 0 for name in (key, value))
    with load_btf(encoder.data()) as loaded:
        return create_map(
            1,
            key_size=key_size,
            value_size=value_size,
            max_entries=8,
            btf_fd=loaded.fd,
            btf_key_type_id=ids[0],
            btf_value_type_id=ids[1],
        )


def test_the_page_runs(pins: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The blocks of docs/live.md run in order, and print what stands in the blocks below them."""
    path = str(pins / "traffic")
    with create_map(1, key_size=4, value_size=16, max_entries=2) as made:
        map = taken(made)
        map.pin(path)
        map.close()
    flows = str(pins / "flows")
    with typed_map(TYPES_OF_THE_PAGE, "flow_key", "flow") as made:
        map = taken(made)
        map.pin(flows)
        map.close()
    page = (CHECKOUT / "docs" / "live.md").read_text()
    names: dict[str, object] = {"PIN": path, "FLOWS": flows}
    blocks = re.findall(r"^```([\w ]*)\n(.*?)^```$", page, re.MULTILINE | re.DOTALL)
    assert len(blocks) >= 4
    for language, text in blocks:
        if language == "python":
            assert capsys.readouterr().out == ""
            exec(compile(text, "docs/live.md", "exec"), names)  # noqa: S102 -- our own document
        elif not language:
            assert capsys.readouterr().out == text
