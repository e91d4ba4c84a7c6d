"""cilium/ebpf and aya refuse, fill in and pass over what the tables say, with the running kernel.

Both are those of `.ci/toolchains`: the newest cilium/ebpf that the tables know, and aya 0.13.
"""

from __future__ import annotations

import os
import re
import subprocess
from typing import TYPE_CHECKING

import pytest

from bpfgen.building import build_object
from bpfgen.commands.verify_running import RunningMaps
from bpfgen.compiler import Options, compile
from bpfgen.inspection.loaders import AT_MOST_CPUS, CPUS, seen_by
from bpfgen.kernel.loaders import LOADERS
from bpfgen.kernel.targets import TARGETS
from bpfgen.kernel.version import parse_version
from bpfgen.object import read_object
from bpfgen.text.diagnostics import ERROR
from bpfgen.text.source import Source
from tests import compiled
from tests.loader_programs import AGAIN, LINK, LOAD, NEVER, OPEN, PROGRAMS
from tests.tools import missing, require, require_library, require_root
from tests.user_space.loaders import outcomes

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.user_space.loaders import Outcome

pytestmark = pytest.mark.kernel

KEPT = {
    "cilium": """
        struct v { __u64 x; struct task_struct __kptr *p; double d; };
        enum e { HUGE = 1ULL << 40 };
        map a: hash<__u32, v>[16] { pinning = none; };
        weak map b: hash<__u32, enum e>[16];
        map c: ringbuf[64 KiB];
        map d: bloom_filter<__u32>[8] { map_extra = 2; };
        map f: array_of_maps<__u32, perf_event_array>[2];
        map g: devmap<__u32, __u32>[4];
        map h: sk_storage<__u32, __u64>;
        legacy map i: hash<__u32, __u64>[4];
        template t: array<__u32, __u64>[8];
        map j: t;
        map k: hash_of_maps<__u32, t>[2] = { [1] = j };
        """,
    "aya": """
        struct v { __u64 x; struct task_struct __kptr *p; double d; };
        enum e { HUGE = 1ULL << 40 };
        map a: hash<__u32, v>[16] { key_size = 4; };
        weak map b: hash<__u32, enum e>[16];
        map c: ringbuf[5000]; // bpfgen: allow ringbuf-size because aya rounds it up
        map g: devmap<__u32, bpf_devmap_val>[4];
        map i: perf_event_array[1024];
        map j: cpumap<__u32, bpf_cpumap_val>[2];
        legacy map k: hash<__u32, __u64>[4];
        """,
}
"""A program with what each loader does."""

_PINNED = """
    struct v { __u64 x; enum e : __u8 { A = 3 } e; char name[7]; struct { __u32 a : 3, b : 29; }; };
    map by_key: hash<__be32, v>[16] { pinning = by_name; map_flags = BPF_F_NO_PREALLOC; }
    map by_index: array<__u32, v>[4] { pinning = by_name; }
    map of_each_cpu: percpu_hash<__u32, v>[8] { pinning = by_name; }
    map used: lru_hash<__u32, __s64>[64] { pinning = by_name; }
    map devices: devmap<__u32, bpf_devmap_val>[4] { pinning = by_name; }
    map many_events: perf_event_array<v>[1024] { pinning = by_name; }
    map events: perf_event_array<v> { pinning = by_name; }
    map a_name_longer_than_the_kernel_keeps: queue<v>[4] { pinning = by_name; }
    """
RUNNING = {
    "cilium": f"""{_PINNED}
        map records: ringbuf<v>[64 KiB] {{ pinning = by_name; }}
        map processors: cpumap<__u32, bpf_cpumap_val>[512] {{ pinning = by_name; }}
        map seen: bloom_filter<__u32>[8] {{ map_extra = 2; pinning = by_name; }}
        map tables: array_of_maps<__u32, hash<__u32, v>[2]>[2] {{ pinning = by_name; }}
        """,
    "aya": f"""{_PINNED}
        map processors: cpumap<__u32, bpf_cpumap_val>[2] {{ pinning = by_name; }}
        map records: ringbuf<v>[5000] {{ pinning = by_name; }}
        // bpfgen: allow ringbuf-size because aya rounds it up
        """,
}
"""Maps that are held against their source once the loader has made them."""

C_PROGRAMS = {
    "pin 2": "__uint(type, 1); __uint(max_entries, 4); __type(key, int); __type(value, int);"
    " __uint(pinning, 2);",
    "unknown": "__uint(type, 1); __uint(max_entries, 4); __type(key, int); __type(value, int);"
    " __uint(frobs, 2);",
    "both": "__uint(type, 1); __uint(max_entries, 4); __type(key, int); __uint(key_size, 4);"
    " __type(value, int);",
    "records": "__uint(type, 27); __uint(max_entries, 4096); __type(value, long);",
    "perf": "__uint(type, 4); __uint(key_size, 4); __uint(value_size, 4);",
    "many": "__uint(type, 4); __uint(key_size, 4); __uint(value_size, 4);"
    " __uint(max_entries, 4096);",
}
"""Definitions that no source could say, or that loaders fill in."""


def _version(loader: str) -> tuple[int, int]:
    """Return the version of *loader* that tests are built against."""
    if loader == "cilium":
        require_library("cilium-ebpf")
        return TARGETS["cilium"].newest
    crates = require_library("crates")
    names = [path.name for path in crates.glob("aya-0.*")]
    version = parse_version(names[0].removeprefix("aya-")) if names else None
    return version or missing("crates", "have no aya")


class Tried:
    """Objects, and what a loader made of them."""

    def __init__(self, loader: str, folder: Path) -> None:
        self.loader = loader
        self.version = _version(loader)
        self.paths: dict[str, Path] = {}
        pins: dict[Path, Path] = {}
        for feature, program in PROGRAMS[loader].items():
            if program.fails != LINK:
                options = Options(kernel=(7, 2))
                data, said = build_object(compile(Source("maps.dsl", program.text), options))
                assert data is not None, said
                self._add(f"feature {feature}", data, folder)
        data, said = build_object(compile(Source("maps.dsl", KEPT[loader]), Options(kernel=(7, 2))))
        assert data is not None, said
        self._add("kept", data, folder)
        for name, members in C_PROGRAMS.items():
            text = f'{compiled.MACROS}\nstruct {{ {members} }} m SEC(".maps");\n'
            self._add(name, compiled.compile_c(text, compiled.newest()), folder)
        for feature, program in PROGRAMS[loader].items():
            if program.fails == AGAIN:
                place = folder / "pins" / re.sub(r"\W", "_", feature)
                place.mkdir()
                pins[self.paths[f"feature {feature}"]] = place
        self.compilation = compile(Source("maps.dsl", RUNNING[loader]), Options(kernel=(7, 2)))
        data, said = build_object(self.compilation, Options(kernel=(7, 2)))
        assert data is not None, said
        self._add("running", data, folder)
        self.pins = folder / "pins" / "running"
        self.pins.mkdir()
        pins[self.paths["running"]] = self.pins
        self.outcomes = outcomes(loader, [*self.paths.values()], pins)

    def _add(self, name: str, data: bytes, folder: Path) -> None:
        path = folder / (re.sub(r"\W", "_", name) + ".o")
        path.write_bytes(data)
        self.paths[name] = path

    def of(self, name: str) -> Outcome:
        """Return what came of the object *name*."""
        return self.outcomes[self.paths[name]]


@pytest.fixture(scope="module", params=["cilium", "aya"])
def tried(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Tried]:
    """Give what one loader makes of everything; its pins go with their filesystem."""
    require_root()
    folder = tmp_path_factory.mktemp("loaders")
    pins = folder / "pins"
    pins.mkdir()
    mount = [require("mount"), "-t", "bpf", "bpfgen-test", str(pins)]
    if subprocess.run(mount, capture_output=True, check=False).returncode:
        missing("root", "rights are needed to mount a filesystem for pins")
    try:
        yield Tried(request.param, folder)
    finally:
        subprocess.run([require("umount"), str(pins)], check=True)


def test_each_row_fails_where_the_table_says(tried: Tried) -> None:
    """What this version doesn't do fails at the stage that is written down, the rest loads."""
    wrong = []
    for feature, program in PROGRAMS[tried.loader].items():
        if program.fails == LINK or program.kernel is not None:
            continue
        row = LOADERS[tried.loader][feature]
        is_done = row.since is not None and row.since <= tried.version
        outcome = tried.of(f"feature {feature}")
        expected = "" if is_done or program.fails == NEVER else program.fails
        if not is_done and (tried.loader, feature) in LATER:
            expected = LATER[tried.loader, feature]
        if outcome.stage != expected:
            wrong.append((feature, expected, outcome.stage, outcome.why))
        if expected == program.fails and expected in {OPEN, LOAD}:
            assert row.severity == ERROR
    assert wrong == []


LATER = {
    ("aya", "map_extra of more than 32 bits"): LOAD,
    ("aya", "initial maps"): LOAD,
}
"""Refused at another stage by the aya of the tests: 0.14 is the first that reads the attribute, and
the inner definition that has to be there."""


def test_what_a_loader_does_loads(tried: Tried) -> None:
    """No rule of the tables has a word about it, and it is there."""
    options = Options(kernel=(7, 2), loaders={tried.loader: tried.version})
    said = compile(Source("maps.dsl", KEPT[tried.loader]), options).diagnostics
    assert [one.message for one in said if one.code == "loader-version"] == []
    outcome = tried.of("kept")
    assert (outcome.stage, outcome.why) == ("", "")
    assert len(outcome.made) == KEPT[tried.loader].count("map ")


def test_inspect_shows_what_is_created(tried: Tried) -> None:
    """`inspect --as`: the numbers are those of the kernel, and refused is what is refused."""
    cpus = os.sysconf("SC_NPROCESSORS_CONF")
    compared = 0
    for name, path in tried.paths.items():
        seen = seen_by(tried.loader, tried.version, read_object(path.read_bytes()))
        outcome = tried.outcomes[path]
        refused = outcome.stage in {OPEN, LOAD}
        assert (seen.error is not None) == refused, (name, outcome)
        if refused or outcome.stage:
            continue
        left = [*outcome.made]
        for one in seen.maps:
            entries = one.max_entries
            if one.entries == CPUS:
                entries = cpus
            elif one.entries == AT_MOST_CPUS:
                entries = min(entries, cpus)
            flags = one.map_flags | (1 << 7 if (one.type or "").startswith("devmap") else 0)
            numbers = (one.type_id, one.key_size, one.value_size, entries, flags, one.map_extra)
            same = [m for m in left if (*m[:5], m.map_extra) == numbers]
            assert same, (name, one, left)
            left.remove(same[0])
            compared += 1
    assert compared > 10


def test_what_a_loader_makes_is_as_declared(tried: Tried) -> None:
    """Its maps differ in nothing from their source, though it fills in and rounds what it likes."""
    outcome = tried.of("running")
    assert (outcome.stage, outcome.why) == ("", "")
    maps, model = RunningMaps(str(tried.pins)), tried.compilation.model
    held = maps.held(model, None, exact=True)
    assert [(one.path, one.result.differences) for one in held if one.result.differences] == []
    assert list(maps.missing(model, held)) == []
    typed = {one.result.map for one in held if one.running.types is not None}
    assert typed >= {"by_key", "by_index", "of_each_cpu", "used"}
    cut = {
        one.result.map
        for one in held
        if "max_entries" in {part.what for part in one.result.uncompared}
    }
    # Both cut the one to the number of CPUs, and the other is of two entries for aya.
    assert cut == {"many_events", *(["processors"] if tried.loader == "cilium" else [])}
