"""`bpfgen create`: what is in the kernel afterwards, and what never is.

bpftool says what is pinned; `test_create_libbpf` holds samples and random maps against libbpf, and
`test_create_refused` has what is refused.
"""

from __future__ import annotations

import ctypes
import errno
import json
import re
import struct
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest

from bpfgen import live
from bpfgen.btf.decode import Btf
from bpfgen.btf.write import features_of
from bpfgen.cli import main
from bpfgen.live.map import Map
from bpfgen.live.syscall import Bpf
from tests.kernel.bpf_syscall import create_map
from tests.kernel.creations import runner, since
from tests.tools import CHECKOUT, require, require_clang, require_root

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.kernel.creations import Outcome

pytestmark = pytest.mark.kernel

SOURCE = """\
struct flow { __be32 source; __u16 port; __u16 kind; };
struct stats { __u64 packets; struct bpf_spin_lock lock; __u32 ttl; };
map create_flows: hash<flow, stats>[runtime];
map create_events: ringbuf<flow>[5000];
map create_leaf: array<__u32, __u64>[4];
map create_outer: array_of_maps<__u32, array<__u32, __u64>[4]>[8] = { [3] = create_leaf };
"""

SET = ("--set", "create_flows.max_entries=100", "-W", "no-ringbuf-size")


@pytest.fixture(autouse=True)
def _place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    require_root()
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def create(capfd: pytest.CaptureFixture[str]) -> Callable[..., Outcome]:
    """Give a function that runs the command in an empty directory."""
    return runner(capfd)


def bpftool(*words: str) -> Any:
    """Return what bpftool says, as JSON; what it complains of about older kernels comes before."""
    command = [require("bpftool"), "-j", *words]
    said = subprocess.run(command, capture_output=True, check=True, text=True).stdout
    return json.loads(f"[{said}]")[-1]


def test_all_maps_are_pinned_below_the_directory(
    create: Callable[..., Outcome], pins: Path
) -> None:
    """bpftool finds them with the names, numbers and types of the source, and the slot filled."""
    done = create(SOURCE, *SET, "--pin-dir", str(pins / "a" / "b"), "--format", "json")
    assert (done.status, done.errors) == (0, "")
    found = {
        path.name: bpftool("map", "show", "pinned", str(path)) for path in (pins / "a/b").iterdir()
    }
    assert main(["verify", str(pins / "a" / "b"), "maps.dsl", "--no-config"]) == 0
    assert {m["name"]: m["id"] for m in done.record["maps"]} == {
        n: m["id"] for n, m in found.items()
    }
    assert found["create_flows"]["max_entries"] == 100
    assert found["create_events"]["max_entries"] == 8192
    types = bpftool("btf", "dump", "id", str(found["create_flows"]["btf_id"]))["types"]
    flow = next(t for t in types if t["name"] == "flow")
    assert [(m["name"], m["bits_offset"]) for m in flow["members"]] == [
        ("source", 0),
        ("port", 32),
        ("kind", 48),
    ]
    with live.open_map(str(pins / "a/b/create_outer")) as outer:
        inside = outer.lookup((3).to_bytes(4, sys.byteorder))
    assert int.from_bytes(inside or b"", sys.byteorder) == found["create_leaf"]["id"]
    with live.open_map(str(pins / "a/b/create_flows")) as flows:
        key = bytes(8)
        flows.update(key, bytes(16), live.LOCK)  # the lock is there: the kernel knows the types


def test_warnings_are_about_maps(create: Callable[..., Outcome]) -> None:
    """What programs have to look out for isn't said again each time; what a map becomes is."""
    text = """\
    target kernel >= 5.10;
    struct task_struct { __u8 kind; __u32 id; };
    map create_padded: hash<task_struct, __u64>[8];
    map create_ring: ringbuf[5000];
    """
    done = create(text, "--dry-run")
    assert done.status == 0
    assert [line for line in done.errors.splitlines() if "warning[" in line] == [
        line for line in done.errors.splitlines() if "warning[ringbuf-size]" in line
    ]
    assert "warning[ringbuf-size]" in done.errors


def test_pinned_by_name_in_the_source(create: Callable[..., Outcome], pins: Path) -> None:
    """Without --pin-dir only such a map stays; of the others it is said that they go."""
    text = """\
    map create_kept: array<__u32, __u32>[1] { pinning = by_name; };
    map create_gone: array<__u32, __u32>[1];
    """
    from bpfgen.commands import creation_wanted

    before = creation_wanted.BPFFS
    creation_wanted.BPFFS = str(pins)
    try:
        done = create(text, "--format", "json")
    finally:
        creation_wanted.BPFFS = before
    assert done.status == 0
    kept, gone = done.record["maps"]
    assert (kept["pin"], gone["pin"]) == (str(pins / "create_kept"), None)
    (said,) = done.record["diagnostics"]
    assert (said["code"], said["map"]) == ("map-gone", "create_gone")


def test_what_is_pinned_is_taken(create: Callable[..., Outcome], pins: Path) -> None:
    """A second run makes nothing, and what is in the maps stays."""
    place = ("--pin-dir", str(pins), "--format", "json")
    first = create(SOURCE, *SET, *place).record
    with live.open_map(str(pins / "create_leaf")) as leaf:
        leaf.update(bytes(4), b"12345678")
    with live.open_map(str(pins / "create_outer")) as outer:
        assert outer.delete((3).to_bytes(4, sys.byteorder))
    again = create(SOURCE, *SET, *place)
    assert again.status == 0
    second = again.record
    assert [m["id"] for m in first["maps"]] == [m["id"] for m in second["maps"]]
    assert [m["reused"] for m in first["maps"] + second["maps"]] == [False] * 4 + [True] * 4
    assert second["maps"][3]["slots"] == [{"index": 3, "name": "create_leaf", "filled": False}]
    with live.open_map(str(pins / "create_leaf")) as leaf:
        assert leaf.lookup(bytes(4)) == b"12345678"
    other = create(SOURCE.replace("__u64 packets", "__s64 packets"), *SET, *place)
    assert other.status == 0
    said = [one for one in other.record["diagnostics"] if one["severity"] == "warning"]
    assert [(one["code"], one["map"]) for one in said] == [("pin-reused", "create_flows")]


def test_a_devmap_has_a_flag_that_nobody_gave_it(
    create: Callable[..., Outcome], pins: Path
) -> None:
    """BPF_F_RDONLY_PROG, which the kernel adds, keeps no devmap from being taken again."""
    text = (
        "map create_dev: devmap<__u32, __u32>[4];\nmap create_devh: devmap_hash<__u32, __u32>[4];\n"
    )
    for _ in range(2):
        assert create(text, "--pin-dir", str(pins)).status == 0


@pytest.mark.parametrize("at", [1, 2, 3])
def test_the_end_in_the_middle_leaves_no_pin(
    create: Callable[..., Outcome], pins: Path, monkeypatch: pytest.MonkeyPatch, at: int
) -> None:
    """An exception after some pins, as that of a signal: all of them are taken away."""
    done = []
    pin = Map.pin

    def ended(map: Map, path: str) -> None:
        pin(map, path)
        done.append(path)
        if len(done) == at:
            raise KeyboardInterrupt

    monkeypatch.setattr(Map, "pin", ended)
    assert create(SOURCE, *SET, "--pin-dir", str(pins / "new" / "er")).status == 130
    assert len(done) == at
    assert not (pins / "new").exists()


def test_somebody_pins_the_same_at_the_same_moment(
    create: Callable[..., Outcome], pins: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Theirs is taken then, as libbpf does, and is what the slot has."""
    pin = Map.pin
    theirs: list[int] = []

    def late(map: Map, path: str) -> None:
        if path.endswith("create_leaf") and not theirs:
            with Map(create_map(2, key_size=4, value_size=8, max_entries=4).fd) as other:
                theirs.append(other.info.id)
                pin(other, path)
        pin(map, path)

    monkeypatch.setattr(Map, "pin", late)
    done = create(SOURCE, *SET, "--pin-dir", str(pins), "--format", "json")
    assert (done.status, done.errors) == (0, "")
    leaf = done.record["maps"][2]
    assert (leaf["reused"], leaf["id"]) == (True, theirs[0])
    with live.open_map(str(pins / "create_outer")) as outer:
        inside = outer.lookup((3).to_bytes(4, sys.byteorder))
    assert int.from_bytes(inside or b"", sys.byteorder) == theirs[0]


def test_a_trial_keeps_nothing(create: Callable[..., Outcome], pins: Path) -> None:
    """The maps were there, and aren't; what is pinned already is compared."""
    done = create(
        SOURCE, *SET, "--pin-dir", str(pins / "x"), "--dry-run", "--freeze", "create_leaf"
    )
    assert done.status == 0
    assert "takes 4 maps; nothing was kept" in done.output
    assert "frozen" in done.output
    assert "map-gone" not in done.errors
    assert not (pins / "x").exists()


@since(6, 1)
def test_frozen_maps(create: Callable[..., Outcome], pins: Path) -> None:
    """Nobody can write to one afterwards; one that can't be frozen undoes it all."""
    text = """\
    map create_const: array<__u32, __u32>[1];
    map create_timed: array<__u32, struct { struct bpf_timer timer; }>[1];
    """
    place = ("--pin-dir", str(pins))
    done = create(text, *place, "--freeze", "create_const", "--freeze", "create_timed")
    assert (done.status, done.output) == (1, "")
    assert "doesn't freeze map `create_timed`" in done.errors
    assert "(ENOTSUPP)" in done.errors
    assert not (pins / "create_const").exists()
    for _ in range(2):  # it may be frozen already
        record = create(text, *place, "--freeze", "create_const", "--format", "json").record
        assert [one["frozen"] for one in record["maps"]] == [True, False]
    with live.open_map(str(pins / "create_const")) as const, pytest.raises(PermissionError):
        const.update(bytes(4), bytes(4))
    wrong = create(text, *place, "--freeze", "create_constt")
    assert wrong.status == 2
    assert "did you mean `create_const`" in wrong.errors


def test_a_kernel_that_knows_fewer_kinds_of_types(
    create: Callable[..., Outcome], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Older kinds stand for them, as with libbpf, and the map has types all the same."""
    attempt = Bpf.attempt

    def older(bpf: Bpf, command: Any, attributes: Any) -> tuple[int, int]:
        if command.name == "BTF_LOAD":
            address, _log, size = struct.unpack_from("=QQI", attributes)
            btf = Btf(ctypes.string_at(address, size))
            if features_of(btf.words(id) for id in range(1, len(btf))):
                return 0, errno.EINVAL
        return attempt(bpf, command, attributes)

    monkeypatch.setattr(Bpf, "attempt", older)
    text = """\
    enum create_large { SMALL, LARGE = 0x100000000 };
    enum create_sign { BELOW = -1, ABOVE };
    struct create_new {
        enum create_large large; enum create_sign sign; float number;
        struct task_struct __kptr *task; __u32 kept;
    };
    map create_m: hash<__u32, struct create_new>[4];
    """
    done = create(text, "--dry-run", "--format", "json", "-W", "no-value-padding")
    (made,) = done.record["maps"]
    assert (done.status, made["types"], made["value_size"]) == (0, "kept", 32)
    replaced = ["ENUM64", "FLOAT", "TYPE_TAG", "sign of an ENUM"]
    assert done.record["types_replaced"] == replaced


def test_what_is_not_there_to_be_put_in(create: Callable[..., Outcome], pins: Path) -> None:
    """Programs and maps of other objects: their slots stay empty, and it is said."""
    text = """\
    int create_prog(struct xdp_md *ctx);
    extern map create_elsewhere: array<__u32, __u64>[4];
    map create_jumps: prog_array[4] = { [1] = create_prog };
    """
    done = create(text, "--pin-dir", str(pins), "--format", "json")
    assert done.status == 0
    (made,) = done.record["maps"]
    assert made["slots"] == [{"index": 1, "name": "create_prog", "filled": False}]
    said = {(one["code"], one["map"]) for one in done.record["diagnostics"]}
    assert said >= {("not-made", "create_elsewhere"), ("not-made", "create_jumps")}


def test_any_source(create: Callable[..., Outcome], pins: Path) -> None:
    """An object, C, a pin and an id give the same map again."""
    require_clang()
    (pins.parent / "maps.dsl").write_text("map create_m: lru_hash<__u64, __u32>[7];\n")
    assert main(["maps.dsl", "-o", "maps.o", "-o", "maps.h"]) == 0
    made = create("maps.o", "--pin-dir", str(pins), "--format", "json").record["maps"][0]
    same = ("kind", "key_size", "value_size", "max_entries", "types", "kernel_name")
    for source in (str(pins / "create_m"), f"id:{made['id']}", "maps.h"):
        done = create(source, "--dry-run", "--format", "json")
        assert done.status == 0, done
        (again,) = done.record["maps"]
        assert [again[name] for name in same] == [made[name] for name in same]
        assert again["id"] != made["id"]


def test_what_the_page_shows(
    create: Callable[..., Outcome], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The example of docs/running.md, but for ids and the version of the kernel."""
    monkeypatch.chdir(CHECKOUT)
    text = (CHECKOUT / "docs" / "running.md").read_text()
    shown = re.search(r"\$ bpfgen create (\S+) --dry-run\n(.*?)```", text, re.DOTALL)
    assert shown is not None
    done = create(shown[1], "--dry-run")

    def without(said: str) -> list[list[str]]:
        said = re.sub(r"Linux [0-9.]+", "Linux", re.sub(r"\b[0-9]+(?=  [lr])", "ID", said))
        return [line.split() for line in said.splitlines()]

    assert without(done.output) == without(shown[2])
