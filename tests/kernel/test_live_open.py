"""Maps of the running kernel, opened with the types that the kernel itself has of them."""

from __future__ import annotations

import os
import subprocess
import sys
from contextlib import ExitStack
from typing import TYPE_CHECKING

import pytest

from bpfgen import live
from bpfgen.cli import main
from bpfgen.kernel.map_kinds import MAP_KINDS
from bpfgen.kernel.map_operations import COOKIE, MAP_OPERATIONS
from bpfgen.values.views import View
from tests.compiled import MACROS, command
from tests.conformance import libbpf
from tests.kernel.bpf_syscall import load_btf
from tests.kernel.random_maps import btf, plain
from tests.kernel.test_differential_maps import open_map
from tests.kernel.test_live import bpftool, nobody, taken
from tests.kernel.test_samples_kernel import running_kernel
from tests.tools import newest, require_clang, require_root

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

pytestmark = pytest.mark.kernel

SOURCE = """\
enum outcome : __u8 { PASSED, DROPPED = 4 };
struct stream_key { __be32 saddr; __be16 dport; __u8 proto, pad; };
struct stream {
    struct bpf_spin_lock lock;
    __u32 number; __u32 version : 8, mode : 24;
    enum outcome outcome;
    char name[7];
    union { __u64 bytes; __u32 halves[2]; };
};
struct route { __u32 prefixlen; __u8 address[4]; };

map streams: hash<stream_key, stream>[64];
map hits: percpu_hash<__u32, stream_key>[4];
map todo: queue<stream_key>[8];
map events: ringbuf<stream>[4096];
map inner_a: array<__u32, __u64>[1];
map slots: array_of_maps<__u32, array<__u32, __u64>[1]>[4] = { [0] = inner_a };
map sized: hash[8] { key_size = 4; value_size = 12; }
map by_outcome: array<__u32, __s16[3]>[5];
map routes: lpm_trie<route, __s64>[16];
map arena: arena[1];
"""

GLOBALS = (
    MACROS
    + """
struct pair { __u32 a; __be32 b; };
int counter = -7;
struct pair pairs[2] = { { 1, 2 }, { 3, 4 } };
char greeting[8] = "hello";
static volatile __u64 total = 5;
SEC("socket") int program(void *context)
{ static volatile int calls = 9; return ++calls + (int)total; }
char _license[] SEC("license") = "GPL";
"""
)


@pytest.fixture
def running(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[str], live.Map]]:
    """Yield what opens a map of the source, loaded by libbpf, by its name."""
    require_root()
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("BPFGEN_CLANG", require_clang())
    (tmp_path / "source.dsl").write_text(SOURCE)
    assert main(["source.dsl", "-o", "source.o", "-W", "no-vmlinux-clash"]) == 0
    with libbpf.open_object((tmp_path / "source.o").read_bytes()) as opened:
        if MAP_KINDS["arena"].since > running_kernel():
            opened.set_autocreate("arena", autocreate=False)
        descriptors = opened.load()
        yield lambda name: live.Map(os.dup(descriptors[name]))


def test_elements_by_the_kernels_types(running: Callable[[str], live.Map]) -> None:
    """Members are written and read by name; bpftool, which has the same types, prints the same."""
    with live.open(running("streams")) as streams:
        assert streams.has_types
        assert isinstance(streams, live.TypedMap)
        key = {"saddr": 0x7F000001, "dport": 443, "proto": 6}
        streams[key] = {"number": 2, "version": 3, "mode": 5, "outcome": "DROPPED", "name": "web"}
        stream = streams[key]
        stream.bytes += 1 << 33 | 7
        streams.put(key, stream)
        again = streams[key]
        assert (again.mode, again.outcome, again.name, list(again.halves)) == (5, 4, b"web", [7, 2])
        assert (again.outcome.name, again.lock) == ("DROPPED", None)
        (shown,) = bpftool("map", "dump", "id", str(streams.map.info.id))
        value = shown["formatted"]["value"]
        assert value["number"] == 2
        assert value["mode"] == "0x5"
        assert value[""]["bytes"] == 1 << 33 | 7
        ((its_key, its_value),) = streams.items()
        assert (its_key.saddr, its_key.dport, its_value.version) == (0x7F000001, 443, 3)
        assert {its_key: 1} == {next(iter(streams)): 1}
        assert its_key in streams
        assert bytes(its_key)[:4] == b"\x7f\0\0\1"
        streams.update_many(({"saddr": n}, {"number": n}) for n in range(9))
        assert sorted(one.number for one in streams.values()) == [0, 1, 2, 2, *range(3, 9)]
        assert streams.delete_many([its_key, {"saddr": 1}]) == 2
        assert streams.get(its_key) is None


def test_maps_of_every_form(running: Callable[[str], live.Map]) -> None:
    """The class is that of the kind; what the kernel has no types of is bytes or numbers."""
    with live.open(running("hits")) as hits:
        assert isinstance(hits, live.PerCpuMap)
        hits[7] = [{"saddr": cpu} for cpu in hits.cpus]
        assert [one.saddr for one in hits[7]] == list(hits.cpus)
    with live.open(running("todo")) as todo:
        assert isinstance(todo, live.Queue)
        assert not todo.has_types
        todo.push(b"12345678")
        assert todo.pop() == b"12345678"
    with live.open(running("events")) as events:
        assert isinstance(events, live.RingBuffer)
        assert list(events.records(0)) == []
    with live.open(running("slots")) as slots, live.open(slots.inner(0)) as inner:
        inner[0] = 77
        with live.open(slots[0]) as same:
            assert same[0] == 77
    with live.open(running("sized")) as sized:
        assert not sized.has_types
        sized[b"abcd"] = b"x" * 12
        assert dict(sized.items()) == {b"abcd": b"x" * 12}
    with live.open(running("by_outcome")) as by_outcome:
        by_outcome[4] = [-1, 2, -3]
        assert (by_outcome[4], list(by_outcome)) == ([-1, 2, -3], [0, 1, 2, 3, 4])
        changed = by_outcome[4]
        changed[1] = -2
        assert (list(changed), by_outcome[4][1]) == ([-1, -2, -3], 2)
    with live.open(running("routes")) as routes:
        routes[{"prefixlen": 8, "address": [10, 0, 0, 0]}] = -1
        assert routes[{"prefixlen": 32, "address": b"\x0a\1\2\3"}] == -1
    if MAP_KINDS["arena"].since > running_kernel():
        return
    arena = running("arena")
    with pytest.raises(NotImplementedError, match="no typed access to a map of kind `arena`"):
        live.open(arena)
    with pytest.raises(ValueError, match="was closed"):
        arena.fileno()


@pytest.mark.parametrize("name", [name for name, row in MAP_KINDS.items() if not row.from_variable])
def test_every_kind_of_map(name: str) -> None:
    """A map of each kind that this kernel makes is opened with the class of its kind."""
    require_root()
    if MAP_KINDS[name].since > running_kernel():
        return
    definition = plain(name)
    with ExitStack() as held:
        types = held.enter_context(load_btf(btf()))
        inner = definition.inner
        inner_fd = held.enter_context(open_map(inner, types.fd)).fd if inner else 0
        made = taken(held.enter_context(open_map(definition, types.fd, inner_fd)))
        own = live.class_of(name)
        if own is None:
            with pytest.raises(NotImplementedError, match="no typed access"):
                live.open(made)
            return
        with live.open(made) as map:
            assert type(map) is own
            row = MAP_OPERATIONS[name]
            if row.walk and row.lookup and row.lookup_gives != COOKIE:
                assert isinstance(map, live.TypedMap)
                assert all(map.get(key) == value for key, value in map.items())


def test_global_data_by_variable(tmp_path: Path) -> None:
    """A map of variables has one value, with a member for each."""
    require_root()
    text, built = tmp_path / "globals.c", tmp_path / "globals.o"
    text.write_text(GLOBALS)
    words = [*command(newest()), "-target", "bpf", "-g", "-O2", "-c", str(text), "-o", str(built)]
    subprocess.run(words, check=True)
    with libbpf.open_object(built.read_bytes()) as opened:
        for name, descriptor in opened.load().items():
            if not name.endswith(".data"):
                continue
            with live.open(live.Map(os.dup(descriptor))) as data:
                value = data[0]
                assert isinstance(value, View)
                assert (value.counter, value.greeting, value.total, value["program.calls"]) == (
                    -7,
                    b"hello",
                    5,
                    9,
                )
                order = sys.byteorder
                net = int.from_bytes((2).to_bytes(4, order), "big")
                assert next((one.a, one.b) for one in value.pairs) == (1, net)
                value.counter = 8
                data[0] = value
                (shown,) = bpftool("map", "dump", "id", str(data.map.info.id))
                assert {"counter": 8} in next(iter(shown["formatted"]["value"].values()))
                break
        else:
            pytest.fail("there is no map of variables")


def test_how_a_map_is_named(running: Callable[[str], live.Map], pins: Path) -> None:
    """A path, an id, `id:42` and `name:flows` open the same map."""
    path = pins / "streams"
    with running("streams") as map:
        map.pin(path)
        id = map.info.id
        for source in (path, str(path), id, f"id:{id}"):
            with live.open(source) as streams:
                assert streams.map.info.id == id
        with live.open(path, access="r") as reading, pytest.raises(PermissionError):
            reading.put({}, {})
    with pytest.raises(FileNotFoundError):
        live.open(pins / "other")
    with pytest.raises(OSError, match="no number of a map"):
        live.open("id:x")
    with pytest.raises(OSError, match="no map that the kernel calls"):
        live.open("name:none_of_this")


def test_without_the_right_to_read_types(
    running: Callable[[str], live.Map], pins: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Elements are bytes then."""
    path = pins / "streams"
    with running("streams") as map:
        map.pin(path)
        map.update(b"12345678", bytes(map.info.value_size))
    pins.chmod(0o755)
    path.chmod(0o444)
    with monkeypatch.context() as there:
        there.chdir(pins)  # the directories above are root's alone
        if running_kernel() <= (5, 10):
            with nobody(), pytest.raises(PermissionError, match="CAP_BPF"):
                live.open("streams", access="r")
            return
        with nobody(), live.open("streams", access="r") as streams:
            assert not streams.has_types
            assert list(streams) == [b"12345678"]


def test_nothing_of_the_language_is_loaded(running: Callable[[str], live.Map], pins: Path) -> None:
    """No parser, no templates, no compiler's stages: what reads BTF and values is all."""
    path = pins / "streams"
    with running("streams") as map:
        map.pin(path)
    program = (
        "import sys; from bpfgen import live\n"
        "before = set(sys.modules)\n"
        f"with live.open({str(path)!r}) as map: map.put({{}}, {{}}); list(map.items())\n"
        "print(*sorted(sys.modules))"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], check=True, capture_output=True, text=True
    )
    loaded = done.stdout.split()
    for name in ("lark", "jinja2", "bpfgen.syntax", "bpfgen.resolve", "bpfgen.compiler"):
        assert name not in loaded
    assert "bpfgen.values.columns" not in loaded
