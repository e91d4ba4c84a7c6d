"""Generated Python on the running kernel: each map is opened by its facts, with its types."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, Any

import pytest

from bpfgen import live
from bpfgen.building import build_object
from bpfgen.compiler import Options, compile, emit_files
from bpfgen.text.source import Source
from tests.conformance import libbpf
from tests.tools import require_clang, require_root
from tests.user_space.test_python import loaded

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.kernel

SOURCE = """
enum verdict : __u8 { PASS, REFUSE = 4 };
struct flow_key { __be32 source; __u16 port; __u8 pad[2]; };
struct flow { __u64 packets; enum verdict verdict; char name[7]; __u32 flags : 3; __u32 pad : 29;
              __u32 pad2; };
struct other { __u64 a, b, c; };
struct event { __u32 length; char text[]; };
map flows: hash<flow_key, flow>[16];
map others: hash<flow_key, other>[16];
map per_cpu: percpu_array<__u32, __u32>[2] { map_flags = 0; };
map jobs: queue<flow>[4];
map seen: bloom_filter<__u64>[16];
map events: ringbuf<event>[4096];
map slots: array_of_maps<__u32, array<__u32, __u64>[8]>[2];
map wide: hash<unsigned __int128, __u8[16]>[2];
map totals: queue<__int128>[2];
map switches: array<__u32, bool>[2];
map untyped: array[2] { key_size = 4; value_size = 8; }
"""


@pytest.fixture(scope="module")
def maps(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Any, dict[str, int]]]:
    """Yield the module of the source, and a descriptor of each map that libbpf created."""
    require_root()
    require_clang()
    compilation = compile(Source("agent.dsl", SOURCE))
    data, diagnostics = build_object(compilation, Options())
    assert data is not None, diagnostics
    (file,) = emit_files(compilation, form="python", settings={"accessors": ("",)})
    folder = tmp_path_factory.mktemp("agent")
    with libbpf.open_object(data) as opened:
        yield loaded(file.text, folder, "agent"), opened.load()


def taken(descriptors: dict[str, int], name: str) -> live.Map:
    """Return an open map of our own."""
    return live.Map(os.dup(descriptors[name]))


def test_a_map_with_keys(maps: tuple[Any, dict[str, int]]) -> None:
    """Structs go in and come out; what isn't there is a KeyError."""
    agent, descriptors = maps
    key = agent.flow_key(source=0x0A000001, port=80)
    with agent.flows_map.open(taken(descriptors, "flows")) as flows:
        assert flows.has_fingerprint
        flows[key] = agent.flow(packets=7, verdict=agent.verdict.REFUSE, name_text="web", flags=5)
        flow = flows[key]
        assert (flow.packets, flow.verdict, flow.name_text) == (7, agent.verdict.REFUSE, "web")
        assert flow.flags == 5
        assert dict(flows.items()) == {key: flow}
        assert flows.map.lookup(bytes([10, 0, 0, 1]) + (80).to_bytes(2, sys.byteorder) + bytes(2))
        del flows[key]
        with pytest.raises(KeyError):
            flows[key]


def test_another_map_is_refused(maps: tuple[Any, dict[str, int]]) -> None:
    """Neither another kind nor another layout is taken for the source's map."""
    agent, descriptors = maps
    with pytest.raises(live.MapMismatchError, match="kind"):
        agent.flows_map.open(taken(descriptors, "jobs"))
    with pytest.raises(live.MapMismatchError, match="fingerprint"):
        agent.flows_map.open(taken(descriptors, "others"))
    with pytest.raises(FileNotFoundError):
        agent.flows_map.open("/sys/fs/bpf/nothing of that name")


def test_other_kinds(maps: tuple[Any, dict[str, int]]) -> None:
    """Values by CPU, queues, bloom filters, maps in maps, numbers of 128 bits."""
    agent, descriptors = maps
    with agent.per_cpu_map.open(taken(descriptors, "per_cpu")) as per_cpu:
        values = list(range(1, len(per_cpu.cpus) + 1))
        per_cpu[1] = values
        assert per_cpu[1] == values
        for wrong in (bytes(len(values)), 5):
            with pytest.raises(TypeError, match="values, one for each CPU, is wanted, not"):
                per_cpu[1] = wrong
    with agent.jobs_map.open(taken(descriptors, "jobs")) as jobs:
        jobs.push(agent.flow(packets=1))
        assert (jobs.pop(), jobs.pop()) == (agent.flow(packets=1), None)
    with agent.seen_map.open(taken(descriptors, "seen")) as seen:
        seen.add(17)
        assert 17 in seen
    with agent.slots_map.open(taken(descriptors, "slots")) as slots:
        assert slots.get(0) is None
    with agent.wide_map.open(taken(descriptors, "wide")) as wide:
        wide[1 << 100] = b"sixteen bytes..."
        assert list(wide.items()) == [(1 << 100, b"sixteen bytes...")]
        for value in (16, b"short"):
            with pytest.raises((TypeError, ValueError), match="bytes of length 16 are wanted"):
                wide[1] = value
        assert list(wide) == [1 << 100]
    with agent.totals_map.open(taken(descriptors, "totals")) as totals:
        totals.push(-(1 << 100))
        assert (totals.pop(), totals.pop()) == (-(1 << 100), None)
    with agent.switches_map.open(taken(descriptors, "switches")) as switches:
        switches.map.update(bytes(4), b"\2")
        switches[1] = 7
        assert list(switches.values()) == [True, True]
        assert switches.map.lookup((1).to_bytes(4, sys.byteorder)) == b"\1"
    with agent.untyped_map.open(taken(descriptors, "untyped")) as untyped:
        untyped[1] = b"8 bytes."
        with pytest.raises(TypeError, match="an int is wanted, not bytes"):
            untyped[bytes(4)] = bytes(8)
    with agent.events_map.open(taken(descriptors, "events")) as events:
        assert list(events.records(timeout=0)) == []
