"""Generated Python opens the maps of its own object in the running kernel, and no others."""

from __future__ import annotations

import os
import sys
from importlib.util import module_from_spec, spec_from_file_location
from typing import TYPE_CHECKING, Any

import pytest

from bpfgen import live
from bpfgen.cli import main
from bpfgen.kernel.map_kinds import MAP_KINDS
from tests.conformance import libbpf
from tests.kernel.test_samples_kernel import running_kernel
from tests.tools import require_clang, require_root

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

pytestmark = pytest.mark.kernel

SOURCE = """\
enum outcome : __u8 { PASSED, DROPPED = 4 };
struct stream_key { __be32 saddr, daddr; __be16 sport, dport; __u8 proto; __u8 pad[3]; };
struct stream {
    struct bpf_spin_lock lock;
    __u32 number; __u32 version : 8, mode : 24;
    enum outcome outcome;
    char name[7];
    union { __u64 bytes; __u32 halves[2]; };
    bool live; __u8 rest[7];
};
struct event { __u64 when; struct stream_key key; };
struct route { __u32 prefixlen; __be32 address; };

map streams: hash<stream_key, stream>[64];
map hits: percpu_array<__u32, __u64>[4];
map todo: queue<__u32>[8];
map seen: bloom_filter<__u32>[100];
map events: ringbuf<event>[4096];
map samples: perf_event_array<event>;
map inner_a: array<__u32, __u64>[1];
map slots: array_of_maps<__u32, array<__u32, __u64>[1]>[4] = { [0] = inner_a };
map numbers: array<__u32, int>[1];
map sized: hash[8] { key_size = 4; value_size = 12; }
map jumps: prog_array[4];
map by_address: lru_hash<__be32, outcome>[16];
map tags: hash<__u8[4], __u16[2]>[16];
map routes: lpm_trie<route, __s64>[16];
"""

HAS_BLOOM_FILTERS = MAP_KINDS["bloom_filter"].since <= running_kernel()

CHANGED = SOURCE.replace("__u64 bytes;", "__s64 bytes;").replace("int>[1]", "unsigned int>[1]")


def generated(folder: Path, name: str, text: str) -> Any:
    """Return the module that is generated for the source *text*."""
    (folder / f"{name}.dsl").write_text(text)
    words = [f"{name}.dsl", "-o", f"{name}.py", "--accessors", "-W", "no-vmlinux-clash"]
    assert main([*words, "--no-verify"]) == 0
    spec = spec_from_file_location(name, folder / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = sys.modules[name] = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def running(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[str], live.Map]]:
    """Yield what opens a map of the source, loaded by libbpf, by its name."""
    require_root()
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("BPFGEN_CLANG", require_clang())
    (tmp_path / "source.dsl").write_text(SOURCE)
    assert main(["source.dsl", "-o", "source.o", "-W", "no-vmlinux-clash"]) == 0
    with libbpf.open_object((tmp_path / "source.o").read_bytes()) as opened:
        if not HAS_BLOOM_FILTERS:
            opened.set_autocreate("seen", autocreate=False)
        descriptors = opened.load()
        yield lambda name: live.Map(os.dup(descriptors[name]))
    sys.modules.pop("maps", None)


def test_elements_of_every_form(running: Callable[[str], live.Map], tmp_path: Path) -> None:
    """What is written through a generated type is read back through it, whatever the kind."""
    maps = generated(tmp_path, "maps", SOURCE)
    with maps.streams_map.open(running("streams")) as streams:
        assert streams.has_fingerprint
        key = maps.stream_key(saddr=0x7F000001, sport=443, proto=6)
        stream = maps.stream(bytes=1 << 40, live=True)
        stream.mode, stream.outcome = 5, maps.outcome.DROPPED
        streams[key] = stream
        assert streams[key] == stream
        assert [(k.saddr, k.sport, v.mode) for k, v in streams.items()] == [(0x7F000001, 443, 5)]
        (raw,) = streams.map
        assert raw[:4] == b"\x7f\0\0\1"
        assert raw[8:10] == b"\1\xbb"
        with pytest.raises(KeyError):
            _ = streams[maps.stream_key()]
    with maps.hits_map.open(running("hits")) as hits:
        hits[1] = list(range(len(hits.cpus)))
        assert (hits[1], hits.has_fingerprint) == (list(range(len(hits.cpus))), True)
    with maps.todo_map.open(running("todo")) as todo:
        todo.push(5)
        assert (todo.pop(), todo.pop(), todo.has_fingerprint) == (5, None, False)
    if HAS_BLOOM_FILTERS:
        with maps.seen_map.open(running("seen")) as seen:
            seen.add(5)
            assert (5 in seen, 6 in seen) == (True, False)
    for name in ("events", "samples"):
        with getattr(maps, f"{name}_map").open(running(name)) as records:
            assert list(records.records(0)) == []
    with maps.numbers_map.open(running("numbers")) as numbers:
        numbers[0] = -5
        assert (numbers[0], numbers.has_fingerprint) == (-5, True)
    with maps.sized_map.open(running("sized")) as sized:
        sized[b"abcd"] = b"x" * 12
        assert dict(sized.items()) == {b"abcd": b"x" * 12}
    with maps.jumps_map.open(running("jumps")) as jumps:
        assert (list(jumps), dict(jumps.items())) == ([0, 1, 2, 3], {})
    with maps.by_address_map.open(running("by_address")) as by_address:
        by_address[0x7F000001] = maps.outcome.DROPPED
        assert dict(by_address.items()) == {0x7F000001: maps.outcome.DROPPED}
        assert list(by_address.map) == [b"\x7f\0\0\1"]
    with maps.tags_map.open(running("tags")) as tags:
        tags[b"abcd"] = (1, 2)
        assert [(key, list(value)) for key, value in tags.items()] == [(b"abcd", [1, 2])]
    with maps.routes_map.open(running("routes")) as routes:
        routes[maps.route(prefixlen=8, address=0x0A000000)] = -1
        assert routes[maps.route(prefixlen=32, address=0x0A010203)] == -1
        assert maps.route(prefixlen=32, address=0x0B000000) not in routes


def test_maps_in_a_map(running: Callable[[str], live.Map], tmp_path: Path) -> None:
    """The map in a slot is opened with the type of the maps there."""
    maps = generated(tmp_path, "maps", SOURCE)
    with maps.slots_map.open(running("slots")) as slots:
        with maps.slots_map.inner.open(slots.inner(0)) as inner:
            inner[0] = 77
            assert inner.has_fingerprint
        assert list(slots) == [0, 1, 2, 3]
        with maps.inner_a_map.open(slots[0]) as same:
            assert same[0] == 77
        with pytest.raises(KeyError):
            slots.inner(1)


def test_another_version_of_the_source_is_refused(
    running: Callable[[str], live.Map], tmp_path: Path
) -> None:
    """Where the layout is another one of the same size, the fingerprint tells; else kind and size.

    A map that is as it was can be opened all the same.
    """
    maps = generated(tmp_path, "maps", CHANGED)
    for name in ("streams", "numbers"):
        with pytest.raises(live.MapMismatchError, match="made from other types"):
            getattr(maps, f"{name}_map").open(running(name))
    with pytest.raises(live.MapMismatchError, match="its keys have 4 bytes, and 16"):
        maps.streams_map.open(running("sized"))
    with pytest.raises(live.MapMismatchError, match="of kind `array`, and `hash`"):
        maps.streams_map.open(running("numbers"))
    with maps.routes_map.open(running("routes")) as routes:
        assert routes.has_fingerprint
