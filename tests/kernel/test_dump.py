"""`bpfgen dump` on the running kernel: bpftool reads the same, of every kind that it can read."""

from __future__ import annotations

import ctypes
import errno
import json
import os
import re
import signal
import socket
import struct
import subprocess
import sys
from contextlib import contextmanager, suppress
from random import Random
from typing import TYPE_CHECKING, Any

import jsonschema
import pytest

from bpfgen import live
from bpfgen.btf.decode import Btf
from bpfgen.btf.kinds import BTF_KIND_FUNC
from bpfgen.cli import main
from bpfgen.kernel.map_kinds import MAP_KINDS
from bpfgen.kernel.map_operations import MAP_OPERATIONS
from bpfgen.live import walk
from bpfgen.live.batches import UnknownBatchError
from bpfgen.live.contents import contents_of
from bpfgen.live.syscall import Bpf, Command
from tests.conformance import libbpf
from tests.kernel.bpf_programs import load_program
from tests.kernel.bpf_syscall import Descriptor, create_map, load_btf, update_element
from tests.kernel.random_maps import btf, plain
from tests.kernel.test_differential_maps import open_map
from tests.kernel.test_live import bpftool, number, taken
from tests.kernel.test_samples_kernel import running_kernel
from tests.tools import CHECKOUT, clang_program, require, require_file, require_root

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = pytest.mark.kernel

SCHEMA = json.loads((CHECKOUT / "docs" / "dump.schema.json").read_text(encoding="utf-8"))


@pytest.fixture(autouse=True)
def _root() -> None:
    require_root()


class Dump:
    """What a run of the command came to.

    Attributes:
        head: The first line.
        elements: The others.
    """

    def __init__(self, status: int, out: str, err: str) -> None:
        self.status, self.out, self.err = status, out, err
        lines = [json.loads(line) for line in out.splitlines() if out.startswith("{")]
        validator = jsonschema.Draft202012Validator(SCHEMA)
        for line in lines:
            validator.validate(line)
        self.head: Any = lines[0] if lines else None
        self.elements: list[Any] = lines[1:]


class Dumper:
    """Runs the command in this process."""

    def __init__(self, capfd: pytest.CaptureFixture[str]) -> None:
        self._capfd = capfd

    def __call__(self, map: live.Map | str, *words: str) -> Dump:
        """Return what the command prints of *map*, JSON unless *words* ask for text."""
        word = map if isinstance(map, str) else f"id:{map.info.id}"
        if "--format" not in words:
            words = (*words, "--format", "json")
        self._capfd.readouterr()
        status = main(["dump", word, *words])
        return Dump(status, *self._capfd.readouterr())


@pytest.fixture
def dump(capfd: pytest.CaptureFixture[str]) -> Dumper:
    """Return what runs the command."""
    return Dumper(capfd)


def raw(words: list[str]) -> bytes:
    """Return the bytes that bpftool prints as a list of numbers."""
    return bytes(int(word, 16) for word in words)


def read_by_bpftool(map: live.Map) -> dict[bytes, list[bytes]]:
    """Return the values under each key, one for each CPU, as bpftool prints them."""
    found = {}
    for element in bpftool("map", "dump", "id", str(map.info.id)):
        parts = element["values"] if map.cpus else [element]
        size = map.info.value_size
        found[raw(element["key"])] = [raw(part["value"])[:size] for part in parts]
    return found


def read_by_us(map: live.Map, dumped: Dump) -> dict[bytes, list[bytes]]:
    """Return the same of a map without types, as we print it."""
    found = {}
    for element in dumped.elements:
        key = element["key"]
        parts = element["values"] if map.cpus else [element]
        if map.cpus:
            assert [part["cpu"] for part in parts] == list(map.cpus)
        raw_key = number(key) if isinstance(key, int) else bytes.fromhex(key)
        found[raw_key] = [bytes.fromhex(part["value"]) for part in parts]
    assert len(found) == len(dumped.elements)
    return found


RANDOM = ("hash", "array", "percpu_hash", "percpu_array", "lru_hash", "lru_percpu_hash", "lpm_trie")


def random_elements(map: live.Map, chance: Random) -> dict[bytes, bytes]:
    """Return keys and values for *map*, at most as many as it takes."""
    info = map.info
    elements = {}
    for index in range(chance.randrange(info.max_entries + 1)):
        key = chance.randbytes(info.key_size)
        if info.kind is not None and info.kind.indexed:
            key = number(index)
        elif info.kind_name == "lpm_trie":
            length = chance.randrange(8 * (info.key_size - 4) + 1)
            bits = int.from_bytes(key[4:], "big") >> (8 * (info.key_size - 4) - length)
            bits <<= 8 * (info.key_size - 4) - length
            key = number(length) + bits.to_bytes(info.key_size - 4, "big")
        parts = [chance.randbytes(info.value_size) for _ in map.cpus or (0,)]
        elements[key] = map.joined(parts) if map.cpus else parts[0]
    return elements


@contextmanager
def random_map(kind: str, chance: Random, pins: Path | None = None) -> Iterator[live.Map]:
    """Yield a map of *kind* of a random shape: of our own, or with *pins* one that libbpf made."""
    key_size = 4 if MAP_KINDS[kind].indexed else chance.choice((1, 2, 3, 5, 8, 13, 20))
    key_size = chance.choice((5, 8, 11, 20)) if kind == "lpm_trie" else key_size
    value_size = chance.choice((1, 2, 3, 4, 7, 8, 9, 24, 100))
    entries = chance.choice((1, 2, 7, 64, 300))
    flags = 1 if kind == "lpm_trie" else 0
    if pins is None:
        with create_map(
            MAP_KINDS[kind].number,
            key_size=key_size,
            value_size=value_size,
            max_entries=entries,
            map_flags=flags,
            map_name="test_dump",
        ) as made:
            map = taken(made)
            with map:
                yield map
        return
    path = pins / kind
    bpftool(
        *("map", "create", str(path), "type", kind, "key", str(key_size)),
        *("value", str(value_size), "entries", str(entries), "name", "test_dump"),
        *("flags", str(flags)),
    )
    with live.open_map(str(path)) as map:
        yield map
    path.unlink()


@pytest.mark.parametrize("maker", ["bpf(2)", "libbpf"])
@pytest.mark.parametrize("kind", RANDOM)
def test_bpftool_reads_the_same(kind: str, maker: str, dump: Dumper, pins: Path) -> None:
    """Random maps have the same elements for both, whoever made them."""
    chance = Random(f"{kind} {maker}")  # noqa: S311 -- a test that can be repeated
    for _ in range(4):
        with random_map(kind, chance, pins if maker == "libbpf" else None) as map:
            elements = random_elements(map, chance)
            map.update_many(elements.items())
            dumped = dump(map)
            assert dumped.status == 0
            assert dumped.head["map"] == {
                "id": map.info.id,
                "name": "test_dump",
                "kind": kind,
                "key_size": map.info.key_size,
                "value_size": map.info.value_size,
                "max_entries": map.info.max_entries,
            }
            ours = read_by_us(map, dumped)
            assert ours == read_by_bpftool(map)
            if "lru" not in kind:
                assert ours.keys() >= elements.keys()


def test_one_by_one_reads_the_same(monkeypatch: pytest.MonkeyPatch, dump: Dumper) -> None:
    """A kernel without batches gives the same."""

    def no_batches(_map: object) -> None:
        raise UnknownBatchError

    monkeypatch.setattr(walk, "read", no_batches)
    chance = Random(5)  # noqa: S311 -- a test that can be repeated
    for kind in RANDOM:
        with random_map(kind, chance) as map:
            map.update_many(random_elements(map, chance).items())
            assert read_by_us(map, dump(map)) == read_by_bpftool(map)


@pytest.mark.parametrize("name", list(MAP_KINDS))
def test_every_kind_is_dumped_or_refused(name: str, dump: Dumper) -> None:
    """A kind that can be read is; of another it is said why not, and what to do."""
    kind = MAP_KINDS[name]
    if kind.since > running_kernel() or kind.from_variable or name == "struct_ops":
        return
    definition = plain(name)
    row = MAP_OPERATIONS[name]
    with load_btf(btf()) as types:
        inner = open_map(definition.inner, types.fd) if definition.inner else None
        with (
            open_map(definition, types.fd, inner.fd if inner else 0) as made,
            taken(made) as map,
        ):
            dumped = dump(map)
            text = dump(map, "--format", "text")
        if inner:
            inner.close()
    hides = row.lookup_gives == "cookie" and map.info.value_size < 8
    if row.lookup and (row.walk or row.take) and not hides:
        assert (dumped.status, text.status) == (0, 0)
        assert dumped.head["shown"] == ("all" if row.walk else "next")
        indexed = kind.indexed and row.lookup_gives != "id" and name not in ("devmap", "cpumap")
        if indexed and "sock" not in name and name != "stack_trace":
            assert len(dumped.elements) == 4
        else:
            assert dumped.elements == []
    else:
        assert (dumped.status, text.status) == (1, 1)
        assert dumped.out == text.out == ""
        assert f"error[running-map]: {map.info}" in dumped.err
        assert "= help: " in dumped.err


@pytest.mark.parametrize(("kind", "next"), [("queue", 1), ("stack", 3)])
def test_a_queue_is_only_peeked_at(kind: str, next: int, dump: Dumper) -> None:
    """What is next is shown, and that it is all that is; everything stays there."""
    with (
        create_map(MAP_KINDS[kind].number, value_size=4, max_entries=3) as made,
        taken(made) as map,
    ):
        for value in (1, 2, 3):
            map.update(b"", number(value))
        dumped = dump(map)
        assert dumped.status == 0
        assert dumped.elements == [{"value": number(next).hex()}]
        assert "the element that is next is shown" in dumped.err
        assert [map.take() for _ in range(4)].count(None) == 1


@pytest.mark.parametrize("kind", ["array_of_maps", "hash_of_maps"])
def test_which_map_is_in_a_map(kind: str, dump: Dumper) -> None:
    """The value is the inner map's id, name and kind; bpftool has the id alone."""
    with (
        create_map(2, key_size=4, value_size=8, max_entries=1, map_name="test_inner") as inner,
        create_map(
            MAP_KINDS[kind].number,
            key_size=4,
            value_size=4,
            max_entries=4,
            inner_map_fd=inner.fd,
        ) as outer,
        taken(outer) as map,
    ):
        update_element(outer.fd, number(2), number(inner.fd))
        with taken(inner) as held:
            id = held.info.id
        key = 2 if kind == "array_of_maps" else number(2).hex()
        value = {"id": id, "name": "test_inner", "kind": "array"}
        assert dump(map).elements == [{"key": key, "value": value}]
        text = dump(map, "--format", "text")
        assert f"id {id} (array test_inner)" in text.out
        listed = json.dumps(bpftool("map", "dump", "id", str(map.info.id)))
        assert all(f'"{byte:#04x}"' in listed for byte in number(id))


def test_which_program_is_in_a_prog_array(dump: Dumper) -> None:
    """The value is the program's id, name and type."""
    with (
        load_program(name="test_tail") as program,
        create_map(3, key_size=4, value_size=4, max_entries=3) as made,
        taken(made) as map,
    ):
        update_element(made.fd, number(1), number(program.fd))
        (element,) = dump(map).elements
        shown = bpftool("prog", "show", "id", str(element["value"]["id"]))
        assert element == {
            "key": 1,
            "value": {"id": shown["id"], "name": "test_tail", "type": shown["type"]},
        }
        assert f"id {shown['id']} (socket_filter test_tail)" in dump(map, "--format", "text").out


@pytest.mark.parametrize(("kind", "key"), [("devmap", 0), ("devmap_hash", 7), ("cpumap", 0)])
def test_devices_and_cpus(kind: str, key: int, dump: Dumper) -> None:
    """A devmap has interfaces, a cpumap queues; with 8 bytes a program too, where there is one."""
    name = "qsize" if kind == "cpumap" else "ifindex"
    value = 192 if kind == "cpumap" else socket.if_nametoindex("lo")
    for size in (4, 8):
        with (
            create_map(MAP_KINDS[kind].number, key_size=4, value_size=size, max_entries=2) as made,
            taken(made) as map,
        ):
            map.update(number(key), number(value).ljust(size, b"\0"))
            assert dump(map).elements == [{"key": key, "value": {name: value, "program": None}}]
            assert f"{name} {value}" in dump(map, "--format", "text").out


def test_sockets_by_their_cookie(dump: Dumper) -> None:
    """A sockmap shows the cookie that the socket itself has."""
    with (
        create_map(15, key_size=4, value_size=8, max_entries=4) as made,
        taken(made) as map,
        socket.socket() as listening,
        socket.socket() as own,
    ):
        listening.bind(("127.0.0.1", 0))
        listening.listen()
        own.connect(listening.getsockname())
        map.update(number(3), number(own.fileno(), 8))
        so_cookie = 57
        cookie = struct.unpack("=Q", own.getsockopt(socket.SOL_SOCKET, so_cookie, 8))[0]
        assert dump(map).elements == [{"key": 3, "value": {"cookie": cookie}}]


@pytest.mark.parametrize(
    ("length", "data", "prefix"),
    [
        (8, bytes((10, 0, 0, 0)), "10.0.0.0/8"),
        (32, bytes((192, 168, 1, 255)), "192.168.1.255/32"),
        (0, bytes(4), "0.0.0.0/0"),
        (32, bytes.fromhex("20010db8") + bytes(12), "2001:db8::/32"),
        (12, bytes((0x0A, 0xB0)), "0ab0/12"),
        (40, bytes(5), "0000000000/40"),
    ],
)
def test_keys_of_an_lpm_trie_are_prefixes(
    length: int, data: bytes, prefix: str, dump: Dumper
) -> None:
    """Four and sixteen bytes are addresses; others are what they are."""
    with (
        create_map(11, key_size=4 + len(data), value_size=1, max_entries=4, map_flags=1) as made,
        taken(made) as map,
    ):
        key = number(length) + data
        map.update(key, b"\7")
        assert dump(map).elements == [{"key": key.hex(), "prefix": prefix, "value": "07"}]
        if len(data) in (4, 16):
            assert prefix in dump(map, "--format", "text").out
            import ipaddress

            assert str(ipaddress.ip_network(prefix)) == prefix


STRUCT_OPS = """
#include "vmlinux.h"
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>
char LICENSE[] SEC("license") = "GPL";
SEC("struct_ops/test_ssthresh")
__u32 BPF_PROG(test_ssthresh, struct sock *sk) { return 2; }
SEC("struct_ops/test_undo_cwnd")
__u32 BPF_PROG(test_undo_cwnd, struct sock *sk) { return 2; }
SEC("struct_ops/test_cong_avoid")
void BPF_PROG(test_cong_avoid, struct sock *sk, __u32 ack, __u32 acked) {}
SEC(".struct_ops")
struct tcp_congestion_ops test_dump_cc = {
    .ssthresh = (void *)test_ssthresh,
    .undo_cwnd = (void *)test_undo_cwnd,
    .cong_avoid = (void *)test_cong_avoid,
    .name = "test_dump_cc",
};
"""

TYPED = """
enum verdict : __u8 {{ PASS, DROP = 4 }};
struct dump_key {{ __u32 first; __u16 second; __u8 pad[2]; }};
struct dump_value {{ __u64 packets; enum verdict last; _Bool seen; char name[6]; __s64 balance; }};
map dump_flows: {kind}<{key}, dump_value>[8];
"""


def typed_value(packets: int, last: int, name: bytes, balance: int) -> bytes:
    """Return the bytes of a `struct dump_value`."""
    return struct.pack("=QBB6sq", packets, last, 1, name, balance)


@contextmanager
def loaded(folder: Path, source: str) -> Iterator[dict[str, Descriptor]]:
    """Yield the descriptors of the maps that libbpf makes of *source*, by name."""
    path = folder / "typed.dsl"
    path.write_text(source)
    target = folder / "typed.o"
    assert main([str(path), "-o", str(target)]) == 0
    with libbpf.open_object(target.read_bytes()) as opened:
        maps = {name: Descriptor(os.dup(fd)) for name, fd in opened.load().items()}
        try:
            yield maps
        finally:
            for map in maps.values():
                map.close()


@pytest.mark.parametrize("kind", ["hash", "array", "percpu_array", "percpu_hash"])
def test_values_have_the_kernels_types(kind: str, dump: Dumper, tmp_path: Path) -> None:
    """Numbers, enumerators, truth and names are bpftool's, whose forms of them differ."""
    indexed = MAP_KINDS[kind].indexed
    source = TYPED.format(kind=kind, key="__u32" if indexed else "dump_key")
    with loaded(tmp_path, source) as maps, taken(maps["dump_flows"]) as map:
        key = number(1) if indexed else struct.pack("=IHH", 1, 2, 0)
        value = typed_value(1 << 60, 4, b"ab", -5)
        map.update(key, map.joined([value] * len(map.cpus)) if map.cpus else value)
        dumped = dump(map)
        assert dumped.head["types"] == "kernel"
        assert dumped.head["value"] == "struct dump_value"
        elements = [e for e in dumped.elements if not indexed or e["key"] == 1]
        (element,) = elements
        assert element["key"] == (1 if indexed else {"first": 1, "second": 2, "pad": [0, 0]})
        expected = {
            "packets": 1 << 60,
            "last": "DROP",
            "seen": True,
            "name": "ab",
            "balance": -5,
        }
        parts = element["values"] if map.cpus else [element]
        assert [part["value"] for part in parts] == [expected] * len(parts)
        (theirs,) = (
            e["formatted"]
            for e in bpftool("map", "dump", "id", str(map.info.id))
            if raw(e["key"]) == key
        )
        parts = theirs["values"] if map.cpus else [theirs]
        assert [part["value"] for part in parts] == [expected] * len(parts)


def test_sums_over_cpus(dump: Dumper, tmp_path: Path) -> None:
    """Numbers are added exactly, beyond the range of their type too; what is none is null."""
    with (
        loaded(tmp_path, TYPED.format(kind="percpu_array", key="__u32")) as maps,
        taken(maps["dump_flows"]) as map,
    ):
        parts = [typed_value((1 << 64) - 1, 0, b"x", -cpu) for cpu in range(len(map.cpus))]
        map.update(number(3), map.joined(parts))
        dumped = dump(map, "--sum")
        count = len(map.cpus)
        assert dumped.elements[3] == {
            "key": 3,
            "sum": {
                "packets": count * ((1 << 64) - 1),
                "last": None,
                "seen": None,
                "name": None,
                "balance": -sum(range(count)),
            },
        }
        text = dump(map, "--sum", "--format", "text")
        assert f".packets = {count * ((1 << 64) - 1)}" in text.out


def test_sums_need_cpus_and_numbers(dump: Dumper) -> None:
    """One value under each key isn't added up, nor are bytes of which nothing is known."""
    with create_map(2, key_size=4, value_size=8, max_entries=1) as made, taken(made) as map:
        refused = dump(map, "--sum")
        assert (refused.status, refused.out) == (1, "")
        assert "has one value under each key" in refused.err
    with create_map(6, key_size=4, value_size=8, max_entries=1) as made, taken(made) as map:
        refused = dump(map, "--sum")
        assert (refused.status, refused.out) == (1, "")
        assert "none are known in the values" in refused.err


def test_variables_of_a_program(dump: Dumper, tmp_path: Path) -> None:
    """A map that libbpf makes of variables has their names."""
    source = tmp_path / "vars.c"
    source.write_text(
        'int counter = 5; const volatile unsigned long limit = 77; char name[8] = "ab";\n'
        "struct { int a; unsigned b : 3; } pair = {1, 2};\n"
    )
    target = tmp_path / "vars.o"
    command = [clang_program(), "-g", "-O2", "-target", "bpf", "-c", str(source), "-o", str(target)]
    subprocess.run(command, check=True)
    with libbpf.open_object(target.read_bytes()) as opened:
        for name, fd in opened.load().items():
            with live.Map(os.dup(fd)) as map:
                dumped = dump(map)
                (element,) = dumped.elements
                if name.endswith(".rodata"):
                    assert element == {"key": 0, "value": {"limit": 77}}
                    continue
                value = {"counter": 5, "name": "ab", "pair": {"a": 1, "b": 2}}
                assert element == {"key": 0, "value": value}
                assert dumped.head["value"] == ".data"


def test_functions_of_struct_ops_are_programs(dump: Dumper, tmp_path: Path) -> None:
    """What is registered shows which programs it consists of, as bpftool lists them."""
    header = subprocess.run(
        [
            *(require("bpftool"), "btf", "dump", "file"),
            *(str(require_file("/sys/kernel/btf/vmlinux", "the kernel's BTF")), "format", "c"),
        ],
        check=True,
        capture_output=True,
    )
    (tmp_path / "vmlinux.h").write_bytes(header.stdout)
    require_file("/usr/include/bpf/bpf_tracing.h", "libbpf's headers")
    source = tmp_path / "ops.c"
    source.write_text(STRUCT_OPS)
    target = tmp_path / "ops.o"
    command = [clang_program(), "-g", "-O2", "-target", "bpf", "-idirafter", "/usr/include"]
    subprocess.run([*command, "-c", str(source), "-o", str(target)], check=True)
    registered = [require("bpftool"), "struct_ops", "register", str(target)]
    subprocess.run(registered, check=True, capture_output=True)
    try:
        (element,) = dump("name:test_dump_cc").elements
        text = dump("name:test_dump_cc", "--format", "text")
    finally:
        removed = [require("bpftool"), "struct_ops", "unregister", "name", "test_dump_cc"]
        subprocess.run(removed, check=True, capture_output=True)
    data = element["value"]["data"]
    common = element["value"].get("common", element["value"])  # a struct of its own from 6.9 on
    assert common["state"] == "BPF_STRUCT_OPS_STATE_INUSE"
    assert data["name"] == "test_dump_cc"
    assert data["get_info"] is None
    for member in ("ssthresh", "undo_cwnd", "cong_avoid"):
        program = data[member]
        assert (program["name"], program["type"]) == (f"test_{member}", "struct_ops")
        assert f".{member} = program id {program['id']} (struct_ops test_{member})" in text.out


def test_the_pages_of_an_arena(dump: Dumper) -> None:
    """Pages that a process has touched are shown, none is made, and none where nobody has any."""
    if MAP_KINDS["arena"].since > running_kernel():
        return
    libc = ctypes.CDLL(None, use_errno=True)
    libc.mmap.restype = ctypes.c_void_p
    page, count = os.sysconf("SC_PAGE_SIZE"), 64
    with create_map(33, max_entries=count, map_flags=0x400) as made, taken(made) as map:
        refused = dump(map)
        assert (refused.status, "--arena" in refused.err) == (1, True)
        unsettled = dump(map, "--arena")
        assert (unsettled.status, unsettled.out) == (1, "")
        assert "would fix its address" in unsettled.err
        child = os.fork()
        if not child:
            with suppress(BaseException):
                size = ctypes.c_size_t(count * page)
                start = libc.mmap(None, size, 3, 1, made.fd, ctypes.c_long(0))
                ctypes.memset(start + 3 * page, 0x41, 10)
                ctypes.memset(start + 60 * page, 0x42, page)
                os.kill(os.getpid(), signal.SIGSTOP)
            os._exit(0)
        try:
            os.waitpid(child, os.WUNTRACED)
            for _ in range(2):
                dumped = dump(map, "--arena")
                assert (dumped.status, dumped.head["shown"]) == (0, "pages")
                third, last = dumped.elements
                assert (third["page"], last["page"]) == (3, 60)
                assert bytes.fromhex(third["data"]) == b"A" * 10 + bytes(page - 10)
                assert bytes.fromhex(last["data"]) == b"B" * page
                assert int(last["address"], 16) - int(third["address"], 16) == 57 * page
            text = dump(map, "--arena", "--format", "text")
            assert "|AAAAAAAAAA......|" in text.out
            assert "2 pages" in text.out
        finally:
            os.kill(child, signal.SIGKILL)
            os.waitpid(child, 0)


def run_program(type: int, *instructions: bytes, flags: int = 0) -> int:
    """Load a program, run it once, and return what it returned (BPF_PROG_TEST_RUN)."""
    kernel = Bpf()
    code, license = kernel.buffer(b"".join(instructions)), kernel.buffer(b"GPL\0")
    count = sum(map(len, instructions)) // 8
    addresses = kernel.address(code), kernel.address(license)
    attributes = struct.pack("=IIQQIIQII", type, count, *addresses, 0, 0, 0, 0, flags)
    with Descriptor(kernel.call(Command("PROG_LOAD", 5), attributes, "a program")) as program:
        run = kernel.buffer(struct.pack("=I", program.fd).ljust(64, b"\0"))
        kernel.call(Command("PROG_TEST_RUN", 10), run, "a program")
    returned: int = struct.unpack_from("=i", run.raw, 4)[0]
    return returned


def instruction(operation: int, registers: int, operand: int) -> bytes:
    """Return an instruction without an offset; *registers* are the source's, times 16, and ours."""
    return struct.pack("=BBhi", operation, registers, 0, operand)


def map_into(register: int, map: Descriptor) -> bytes:
    """Return the two instructions that put *map* into *register*."""
    return instruction(0x18, 1 << 4 | register, map.fd) + bytes(8)


MOVE, CALL, EXIT = 0xB7, 0x85, 0x95


def stack_taken_by(map: Descriptor, flags: int) -> int:
    """Have a program put this thread's stack into *map*; return its number, or an errno below 0."""
    raw_tracepoint, get_stackid = 17, 27
    return run_program(
        raw_tracepoint,
        map_into(2, map),
        instruction(MOVE, 3, flags),
        instruction(CALL, 0, get_stackid),
        instruction(EXIT, 0, 0),
    )


def test_pages_of_a_program(dump: Dumper) -> None:
    """Where asking for a page that isn't there is an error, pages of programs are shown, too."""
    if MAP_KINDS["arena"].since > running_kernel():
        return
    vmlinux = require_file("/sys/kernel/btf/vmlinux", "the kernel's BTF")
    allocate = Btf(vmlinux.read_bytes()).find("bpf_arena_alloc_pages", BTF_KIND_FUNC)
    assert allocate is not None
    mmapable, faults, address = 1 << 10, 1 << 17, 1 << 44
    syscall, sleepable = 31, 1 << 4
    with (
        create_map(
            33,
            max_entries=40,
            map_flags=mmapable | faults,
            map_name="test_arena",
            map_extra=address,
        ) as made,
        taken(made) as map,
    ):
        assert dump(map, "--arena").elements == []
        arguments = [
            instruction(MOVE, at, value) for at, value in ((2, 0), (3, 2), (4, -1), (5, 0))
        ]
        done = run_program(
            syscall,
            map_into(1, made),
            *arguments,
            instruction(CALL, 2 << 4, allocate),
            instruction(MOVE, 0, 7),
            instruction(EXIT, 0, 0),
            flags=sleepable,
        )
        assert done == 7
        for _ in range(2):
            dumped = dump(map, "--arena")
            assert [element["page"] for element in dumped.elements] == [0, 1]
            assert dumped.elements[0]["address"] == f"{address:#x}"
            assert dumped.err == ""


@pytest.mark.parametrize("has_build_ids", [False, True])
def test_stacks(dump: Dumper, *, has_build_ids: bool) -> None:
    """A stack is its addresses, or places in files; the zeros behind it aren't."""
    size = 32 if has_build_ids else 8
    user_stack, build_id_flag = 0x100, 0x20
    with (
        create_map(
            7,
            key_size=4,
            value_size=64 * size,
            max_entries=8,
            map_flags=build_id_flag if has_build_ids else 0,
        ) as made,
        taken(made) as map,
    ):
        key = stack_taken_by(made, user_stack)
        assert key >= 0
        (element,) = dump(map).elements
        assert element["key"] == key
        (theirs,) = read_by_bpftool(map).values()
        frames = list(struct.iter_unpack("=i20sQ" if has_build_ids else "=Q", theirs[0]))
        assert element["value"]
        if not has_build_ids:
            shown = [int(address, 16) for address in element["value"]]
            assert [*shown, *[0] * (64 - len(shown))] == [frame for (frame,) in frames]
            return
        expected = []
        for status, build_id, where in frames:
            if status == 1:
                place = {"build_id": build_id.hex(), "offset": where, "address": None}
                expected.append(place)
            elif status == 2:
                expected.append({"build_id": None, "offset": None, "address": f"{where:#x}"})
        assert element["value"] == expected
        assert f" {frames[0][1].hex()}+" in dump(map, "--format", "text").out or frames[0][0] == 2


def test_a_dump_that_is_incomplete_says_so(monkeypatch: pytest.MonkeyPatch, dump: Dumper) -> None:
    """Where keys go faster than they are read, what was read is printed, and the status is 1."""
    monkeypatch.setattr(walk, "_STEPS", 0)
    monkeypatch.setattr(walk, "_MORE_STEPS", 1500)
    with (
        create_map(11, key_size=8, value_size=4, max_entries=4000, map_flags=1) as made,
        taken(made) as map,
    ):
        map.update_many((number(32) + number(n), bytes(4)) for n in range(4000))
        dumped = dump(map)
        assert dumped.status == 1
        assert 0 < len(dumped.elements) < 4000
        assert "error[running-map]: the dump is incomplete" in dumped.err


def test_a_source_knows_more(dump: Dumper, tmp_path: Path) -> None:
    """Types of a source are used where it fits, and refused where it doesn't."""
    source = tmp_path / "more.dsl"
    source.write_text(
        "enum verdict : __u8 { PASS, DROP = 4 };\n"
        "struct dump_value { __be32 from; enum verdict last; __u8 pad[3]; };\n"
        "map test_dump: hash<__be16, dump_value>[4];\n"
        "map other: hash<__u16, __u64>[4];\n"
        "map wrong: hash<__u16, __u16>[4];\n"
    )
    with (
        create_map(1, key_size=2, value_size=8, max_entries=4, map_name="test_dump") as made,
        taken(made) as map,
    ):
        map.update(b"\1\2", bytes((10, 0, 0, 1, 4, 0, 0, 0)))
        dumped = dump(map, str(source))
        assert (dumped.status, dumped.err) == (0, "")
        assert dumped.head["types"] == "source"
        value = {"from": 0x0A000001, "last": "DROP", "pad": [0, 0, 0]}
        assert dumped.elements == [{"key": 0x0102, "value": value}]
        (element,) = dump(map, str(source), "--map", "other").elements
        assert element["key"] == int.from_bytes(b"\1\2", sys.byteorder)
        for words in (("--map", "wrong"), ("--map", "missing")):
            refused = dump(map, str(source), *words)
            assert (refused.status, refused.out) == (1, "")
            assert "error[verify-" in refused.err
        sized = tmp_path / "sized.dsl"
        sized.write_text("map test_dump: hash[4] { key = __be16; value_size = 8; };\n")
        (element,) = dump(map, str(sized)).elements
        assert element == {"key": 0x0102, "value": "0a00000104000000"}
        assert main([str(source), "-o", str(tmp_path / "more.o")]) == 0
        (element,) = dump(map, str(tmp_path / "more.o")).elements
        assert element["value"] == value
        refused = dump(map, str(tmp_path / "more.o"), "--map", "wrong")
        assert (refused.status, " --> " in refused.err) == (1, False)
        broken = tmp_path / "broken.dsl"
        broken.write_text("map x: hash<\n")
        assert dump(map, str(broken)).status == 1
        assert dump(map, str(tmp_path / "none.dsl")).status == 1


def test_a_pin_and_a_name(dump: Dumper, pins: Path) -> None:
    """A map is reached by its pin, its name and its id."""
    with create_map(2, key_size=4, value_size=1, max_entries=1, map_name="dump_by_name") as made:
        with taken(made) as map:
            map.pin(pins / "here")
            id = map.info.id
        for word in (str(pins / "here"), "name:dump_by_name", f"id:{id}"):
            assert dump(word).elements == [{"key": 0, "value": "00"}]


@pytest.mark.parametrize(
    ("words", "status", "code"),
    [
        ([], 2, "usage"),
        (["id:"], 2, "usage"),
        (["id:1", "a.dsl", "b.dsl"], 2, "usage"),
        (["README.md"], 2, "usage"),
        (["maps.dsl", "id:1"], 2, "usage"),
        (["id:1", "--map", "x"], 2, "usage"),
        (["id:4294967295"], 1, "running-map"),
        (["name:no-such-map"], 1, "running-map"),
    ],
)
def test_words_that_name_no_map(
    words: list[str], status: int, code: str, capfd: pytest.CaptureFixture[str]
) -> None:
    """One message says what is wrong, for people and for programs; nothing is printed."""
    for form in ("text", "json"):
        assert main(["dump", *words, "--diagnostics", form]) == status
        out, err = capfd.readouterr()
        assert out == ""
        if form == "json":
            assert [json.loads(line)["code"] for line in err.splitlines()] == [code]


def test_without_rights(dump: Dumper, pins: Path) -> None:
    """Without CAP_SYS_ADMIN an id can't be opened: one sentence, and status 3."""
    with create_map(2, key_size=4, value_size=1, max_entries=1) as made, taken(made) as map:
        map.pin(pins / "closed")
        os.seteuid(65534)
        try:
            for word in (f"id:{map.info.id}", str(pins / "closed")):
                refused = dump(word)
                assert (refused.status, refused.out) == (3, "")
                assert refused.err.startswith("error[no-right]: ")
        finally:
            os.seteuid(0)


def test_without_the_right_to_read_types(
    dump: Dumper, pins: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who may read a pin and not its types sees bytes, and why."""
    if running_kernel() < (6, 1):  # there is a capability for each call
        return
    text = TYPED.format(kind="array", key="__u32")
    with loaded(tmp_path, text) as maps, taken(maps["dump_flows"]) as map:
        assert dump(map).status == 0  # nobody may not import modules of root's
        map.pin(pins / "open")
        (pins / "open").chmod(0o444)
        pins.chmod(0o755)
        monkeypatch.chdir(pins)
        os.seteuid(65534)
        try:
            dumped = dump("open")
        finally:
            os.seteuid(0)
        assert dumped.status == 0, dumped.err
        assert dumped.head["types"] is None
        assert dumped.elements[0] == {"key": 0, "value": bytes(24).hex()}
        assert "note[no-right]" in dumped.err
        assert "CAP_SYS_ADMIN" in dumped.err


def test_names_of_maps_take_a_right(
    dump: Dumper, pins: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who may read a map of maps and not open what is in it sees the ids, and why no names."""
    if running_kernel() < (6, 1):
        return
    with (
        create_map(2, key_size=4, value_size=8, max_entries=1) as inner,
        create_map(12, key_size=4, value_size=4, max_entries=2, inner_map_fd=inner.fd) as outer,
        taken(outer) as map,
        taken(inner) as held,
    ):
        for slot in range(2):
            update_element(outer.fd, number(slot), number(inner.fd))
        assert dump(map).status == 0  # nobody may not import modules of root's
        map.pin(pins / "open")
        (pins / "open").chmod(0o444)
        pins.chmod(0o755)
        monkeypatch.chdir(pins)
        os.seteuid(65534)
        try:
            dumped = dump("open")
        finally:
            os.seteuid(0)
        assert dumped.status == 0
        value = {"id": held.info.id, "name": None, "kind": None}
        assert dumped.elements == [{"key": slot, "value": value} for slot in range(2)]
        assert dumped.err.count("ids are shown without names") == 1


def test_nothing_is_written(dump: Dumper) -> None:
    """The descriptor is read-only: the kernel refuses what we would never ask."""
    with create_map(2, key_size=4, value_size=1, max_entries=1) as made, taken(made) as map:
        with (
            live.open_map(map.info.id, access="r") as read,
            pytest.raises(OSError, match="UPDATE") as no,
        ):
            read.update(number(0), b"\1")
        assert no.value.errno == errno.EPERM
        assert sum(batch.count for batch in contents_of(map)) == 1
        assert dump(map).status == 0


def test_what_was_deleted_in_between_is_left_out() -> None:
    """A map that changes is read to its end, and nothing comes twice."""
    with (
        create_map(11, key_size=8, value_size=4, max_entries=4096, map_flags=1) as made,
        taken(made) as map,
    ):
        keys = [struct.pack("=I4s", 32, n.to_bytes(4, "big")) for n in range(4096)]
        map.update_many((key, bytes(4)) for key in keys)
        seen: list[bytes] = []
        for batch in contents_of(map):
            got = [batch.keys[at : at + 8] for at in range(0, len(batch.keys), 8)]
            seen += got
            map.delete_many(got)
        assert len(seen) == len(set(seen))
        assert set(seen) <= set(keys)


@pytest.mark.parametrize("form", ["json", "text"])
def test_a_reader_that_goes_away(form: str) -> None:
    """`bpfgen dump … | head` ends as a process that SIGPIPE ended; a full disk is an error."""
    command = [sys.executable, "-m", "bpfgen", "dump", "--format", form]
    with create_map(2, key_size=4, value_size=1, max_entries=5000) as made, taken(made) as map:
        words = [*command, f"id:{map.info.id}"]
        reader, writer = os.pipe()
        os.close(reader)
        run = subprocess.run(
            words, cwd=CHECKOUT, stdout=writer, stderr=subprocess.PIPE, check=False
        )
        os.close(writer)
        assert (run.returncode, run.stderr) == (128 + signal.SIGPIPE, b"")
        with open("/dev/full", "wb") as full:
            run = subprocess.run(
                words, cwd=CHECKOUT, stdout=full, stderr=subprocess.PIPE, check=False
            )
        assert run.returncode == 1
        assert run.stderr == b"error[file]: standard output: No space left on device\n"


DOCUMENTED = """
enum verdict : __u8 { ALLOWED, BLOCKED };
struct flow_id { __be32 saddr; __be16 dport; __u16 : 16; };
struct flow_total { __u64 packets, bytes; char device[8]; enum verdict last; };
map flows: hash<flow_id, flow_total>[1024];
"""


def test_the_example_of_the_documents(dump: Dumper, tmp_path: Path) -> None:
    """docs/running.md shows what is printed, but for the id."""
    text = (CHECKOUT / "docs" / "running.md").read_text(encoding="utf-8")
    block = re.search(
        r"^```\n\$ bpfgen dump \S+\n(.*?)^\$ [^\n]+\n(.*?)^```$", text, re.MULTILINE | re.DOTALL
    )
    assert block is not None
    with loaded(tmp_path, DOCUMENTED) as maps, taken(maps["flows"]) as map:
        key = bytes((10, 0, 0, 1)) + (443).to_bytes(2, "big") + bytes(2)
        map.update(key, struct.pack("=QQ8sB7x", 7, 420, b"eth0", 1))
        id = map.info.id
        shown = dump(map, "--format", "text").out
        assert shown.replace(f"(id {id})", "(id 42)") == block[1]
        assert dump(map).out.replace(f'"id": {id},', '"id": 42,') == block[2]


def test_many_elements_take_no_more_memory(tmp_path: Path) -> None:
    """A dump of 200,000 elements takes hardly more memory than one of none."""
    peak = (
        "import sys; from bpfgen.cli import main; status = main(sys.argv[1:])\n"
        "lines = open('/proc/self/status').read().splitlines()\n"
        "print(*[line.split()[1] for line in lines if 'VmHWM' in line], file=sys.stderr)\n"
        "sys.exit(status)"
    )
    with create_map(1, key_size=4, value_size=16, max_entries=200_000) as made, taken(made) as map:
        peaks = []
        for count in (0, 200_000):
            map.update_many((number(at), bytes(16)) for at in range(count))
            words = ["dump", f"id:{map.info.id}", "--format", "json"]
            with (tmp_path / "out").open("wb") as out:
                run = subprocess.run(
                    [sys.executable, "-c", peak, *words],
                    cwd=CHECKOUT,
                    stdout=out,
                    stderr=subprocess.PIPE,
                    check=True,
                )
            with (tmp_path / "out").open("rb") as written:
                assert sum(1 for _ in written) == count + 1
            peaks.append(int(run.stderr))
    assert peaks[1] - peaks[0] < 10_000, "kilobytes"


@pytest.mark.parametrize("key_size", [1, 31, 200])
def test_heads_stand_above_their_columns(key_size: int, capsys: pytest.CaptureFixture[str]) -> None:
    """However wide the keys are that are known when they are printed."""
    made = create_map(1, key_size=key_size, value_size=4, max_entries=1)
    with made, taken(made) as map:
        map.update(b"\xaa" * key_size, b"\xbb" * 4)
        assert main(["dump", f"id:{map.info.id}"]) == 0
    _, heads, row, *_ = capsys.readouterr().out.splitlines()
    assert row[heads.index("value") :].removeprefix("0x").replace(" ", "") == "bb" * 4
