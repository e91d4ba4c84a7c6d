"""`bpfgen create` on maps that are pinned already: a trial, or a run that fails, changes none."""

from __future__ import annotations

import json
import mmap
import os
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest

from bpfgen import live
from bpfgen.building import build_object
from bpfgen.cli import main
from bpfgen.compiler import compile
from bpfgen.live.fdinfo import fdinfo_of
from bpfgen.live.map import Map
from bpfgen.text.source import Source
from tests.conformance import libbpf
from tests.kernel.creations import runner, since
from tests.tools import require, require_root

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.kernel.creations import Outcome

pytestmark = pytest.mark.kernel

SOURCE = """\
struct locked { struct bpf_spin_lock lock; __u32 number; };
map reused_one: array<__u32, __u32>[2];
map reused_two: array<__u32, __u32>[1] { map_flags = BPF_F_MMAPABLE; };
map reused_lock: array<__u32, locked>[1];
map reused_leaf: hash<__u32, __u64>[4];
map reused_outer: array_of_maps<__u32, hash<__u32, __u64>[4]>[4] = { [1] = reused_leaf };
"""
PINNED = """\
map reused_leaf: hash<__u32, __u64>[4] { pinning = by_name; };
map reused_outer: array_of_maps<__u32, hash<__u32, __u64>[4]>[4] { pinning = by_name; } = {
    [1] = reused_leaf };
"""
NEW = "map reused_new: array<__u32, __u32>[1];\n"


@pytest.fixture(autouse=True)
def _place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    require_root()
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def create(capfd: pytest.CaptureFixture[str]) -> Callable[..., Outcome]:
    """Give a function that runs the command in an empty directory."""
    return runner(capfd)


def state_of(pins: Path) -> dict[str, Any]:
    """Return all that can be read of what is in *pins*: bpftool's view, fdinfo and contents."""
    state: dict[str, Any] = {}
    for path in sorted(pins.rglob("*")):
        if "." in path.name:  # the kernel's own
            continue
        status = path.stat()
        state[str(path)] = (status.st_ino, status.st_mode)
        if path.is_dir():
            continue
        state[str(path)] += (status.st_mtime_ns, status.st_ctime_ns)
        said = subprocess.run(
            [require("bpftool"), "-j", "map", "show", "pinned", str(path)],
            capture_output=True,
            check=True,
            text=True,
        ).stdout
        shown = json.loads(said.splitlines()[-1])
        shown.pop("pids", None)
        with live.open_map(str(path), access="r") as map, map.in_use() as fd:
            state[f"{path}:"] = (shown, fdinfo_of(fd), list(map.items()))
    return state


@pytest.fixture
def there(create: Callable[..., Outcome], pins: Path) -> dict[str, Any]:
    """Give the state of maps that are pinned, and not as they were made."""
    assert create(SOURCE, "--pin-dir", str(pins)).status == 0
    with live.open_map(str(pins / "reused_one")) as one:
        one.update(bytes(4), b"1234")
    with live.open_map(str(pins / "reused_outer")) as outer:
        assert outer.delete((1).to_bytes(4, sys.byteorder))
    return state_of(pins)


def is_frozen(path: Path) -> bool:
    """Return whether nobody in user space may write to the map at *path*."""
    with live.open_map(str(path), access="r") as map, map.in_use() as fd:
        return bool(fdinfo_of(fd).frozen)


ALL = ("reused_one", "reused_two", "reused_leaf", "reused_outer", "reused_new")
FREEZE_ALL = tuple(word for name in ALL for word in ("--freeze", name))


def test_a_trial_freezes_nothing_that_is_there(
    create: Callable[..., Outcome], pins: Path, there: dict[str, Any]
) -> None:
    """It says what would become of it; what is new is frozen, to see that the kernel does it."""
    words = (*FREEZE_ALL, "--pin-dir", str(pins), "--dry-run")
    done = create(SOURCE + NEW, *words)
    assert done.status == 0, done.errors
    assert "pinned already, and would be frozen by a run: `" in done.errors
    record = create(SOURCE + NEW, *words, "--format", "json").record
    assert [one["name"] for one in record["maps"] if one["frozen"]] == ["reused_new"]
    assert state_of(pins) == there


def test_libbpf_leaves_them_alone_too(
    create: Callable[..., Outcome], pins: Path, there: dict[str, Any]
) -> None:
    """It fills no slot of an outer map that is pinned already, and neither does a run of ours."""
    data, diagnostics = build_object(compile(Source("maps.dsl", PINNED)))
    assert data is not None, diagnostics
    with libbpf.open_object(data, pin_root_path=str(pins)) as opened:
        opened.load()
    assert state_of(pins) == there
    assert create(PINNED, "--pin-dir", str(pins)).status == 0
    assert state_of(pins) == there


@since(6, 2)
@pytest.mark.parametrize("more", [(), ("--dry-run",)])
def test_what_is_known_to_be_refused_is_found_before_anything_is_frozen(
    create: Callable[..., Outcome], pins: Path, there: dict[str, Any], more: tuple[str, ...]
) -> None:
    """A map with a lock is told by its types; the others stay as they were."""
    done = create(
        SOURCE + NEW, *FREEZE_ALL, "--freeze", "reused_lock", "--pin-dir", str(pins), *more
    )
    assert done.status == 1
    assert "doesn't freeze map `reused_lock`" in done.errors
    assert "would say ENOTSUPP" in done.errors
    assert state_of(pins) == there


@pytest.mark.parametrize(
    "broken",
    [
        "map reused_new: hash<__u32, __u32>[0x40000000];\n",
        "map reused_new: array_of_maps<__u32, hash<__u32, __u64>[4]>[1] = { [7] = reused_leaf };\n",
        "map reused_new: array<__u32, __u32>[1];\nmap reused_last: array<__u32, __u32>[1];\n",
    ],
)
def test_a_run_that_fails_changes_nothing_that_is_there(
    create: Callable[..., Outcome], pins: Path, there: dict[str, Any], broken: str
) -> None:
    """A new map is refused, a slot of it, or its place is taken by something else."""
    if "reused_last" in broken:
        (pins / "reused_last").mkdir()
        there = state_of(pins)
    done = create(SOURCE + broken, *FREEZE_ALL, "--pin-dir", str(pins))
    assert done.status in (1, 3)
    assert state_of(pins) == there


def test_nobody_reads_what_is_written(pins: Path, there: dict[str, Any]) -> None:
    """The last thing that can fail comes before maps are frozen that were there."""
    for output in ("/dev/full", None):
        reader, writer = os.pipe()
        os.close(reader)
        if output is not None:
            os.close(writer)
            writer = os.open(output, os.O_WRONLY)
        (pins.parent / "maps.dsl").write_text(SOURCE + NEW)
        words = ["bpfgen", "create", "maps.dsl", *FREEZE_ALL, "--pin-dir", str(pins)]
        ran = subprocess.run(
            [sys.executable, "-m", *words], stdout=writer, stderr=subprocess.PIPE, check=False
        )
        os.close(writer)
        assert ran.returncode not in (0, None), ran.stderr
        assert state_of(pins) == there


def test_maps_that_are_there_are_frozen_last(
    create: Callable[..., Outcome], pins: Path, there: dict[str, Any]
) -> None:
    """All of them, at the end of a run that succeeds, with their contents as they were."""
    words = (*FREEZE_ALL, "--pin-dir", str(pins), "--format", "json")
    done = create(SOURCE + NEW, *words)
    assert done.status == 0, done.errors
    assert {one["name"] for one in done.record["maps"] if one["frozen"]} == set(ALL)
    left, last = (one["message"] for one in done.record["diagnostics"])
    assert left == f"pinned already, and left as it was: `{pins}/reused_lock`"
    assert last.startswith(f"pinned already, and frozen last of all: `{pins}/reused_one`")
    assert all(is_frozen(pins / name) for name in ALL)
    now = state_of(pins)
    for key, (*_, contents) in there.items():
        assert now[key][-1] == contents
    assert create(SOURCE + NEW, *words).status == 0  # they are frozen already


def test_one_that_somebody_writes_to(
    create: Callable[..., Outcome], pins: Path, there: dict[str, Any]
) -> None:
    """It can't be foreseen: the run fails at its end, and its own pins go."""
    with live.open_map(str(pins / "reused_two")) as two, two.in_use() as fd:
        memory = mmap.mmap(fd, mmap.PAGESIZE)
        done = create(SOURCE + NEW, "--freeze", "reused_two", "--pin-dir", str(pins))
        memory.close()
    assert done.status == 1
    assert "(EBUSY)" in done.errors
    assert "gone again" in done.errors
    assert state_of(pins) == there


def test_new_maps_are_frozen_before_they_are_pinned(
    create: Callable[..., Outcome], pins: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever finds one finds it frozen, and its slots filled."""
    pin = Map.pin
    seen = []

    def looked_at(map: Map, path: str) -> None:
        with map.in_use() as fd:
            seen.append(bool(fdinfo_of(fd).frozen))
        pin(map, path)

    monkeypatch.setattr(Map, "pin", looked_at)
    assert create(SOURCE + NEW, *FREEZE_ALL, "--pin-dir", str(pins)).status == 0
    assert sorted(seen) == [False, *[True] * 5]
    assert main(["verify", str(pins), "maps.dsl", "--no-config"]) == 0


def warnings_of(done: Outcome) -> dict[str, str]:
    """Return what is warned of, by map."""
    assert done.status == 0, done.errors
    said = done.record["diagnostics"]
    assert {one["code"] for one in said} == {"pin-reused"}
    return {one["map"]: one["message"] for one in said if one["severity"] == "warning"}


def test_a_map_that_is_there_is_compared_as_verify_does(
    create: Callable[..., Outcome], pins: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    """It is warned of what differs, and of what isn't known; nothing is said of what is equal."""
    text = """\
    struct reused_lock { struct bpf_spin_lock lock; __u32 number; };
    struct reused_pair { __u32 first; __u32 second; };
    map reused_locks: hash<__u32, struct reused_lock>[4];
    map reused_pairs: hash<__u32, struct reused_pair>[4];
    map reused_queue: queue<struct reused_pair>[4];
    map reused_dev: devmap<__u32, __u32>[4];
    map reused_ring: ringbuf<struct reused_pair>[4096];
    map reused_leaf: hash<__u32, struct reused_pair>[4];
    map reused_outer: array_of_maps<__u32, hash<__u32, struct reused_pair>[4]>[4] = {
        [1] = reused_leaf };
    """
    place = ("--pin-dir", str(pins), "--format", "json")
    words = "type hash key 4 value 8 entries 4 name".split()
    for name in ("reused_locks", "reused_pairs"):
        command = [require("bpftool"), "map", "create", str(pins / name), *words, name]
        subprocess.run(command, check=True)
    said = warnings_of(create(text, *place))
    assert set(said) == {"reused_locks", "reused_pairs"}
    assert "has a `bpf_spin_lock`, and the running map has no types" in said["reused_locks"]
    assert "isn't known, of `key`, `value`: the map was made without types" in said["reused_pairs"]
    for name in said:
        (pins / name).unlink()
    assert create(text, *place).status == 0
    assert warnings_of(create(text, *place)) == {}
    assert main(["verify", str(pins), "maps.dsl", "--no-config"]) == 0
    capfd.readouterr()
    other = warnings_of(create(text.replace("__u32 second", "__s32 second"), *place))
    assert set(other) == {"reused_pairs", "reused_leaf", "reused_outer"}
    assert all("member `second`" in message for message in other.values())
