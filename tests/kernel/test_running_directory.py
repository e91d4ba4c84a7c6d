"""Several running maps as one source: those that are pinned in a directory, and those named."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, NamedTuple

import pytest

from bpfgen import live
from bpfgen.cli import main
from bpfgen.inspection.memory_report import MEMLOCK_SINCE
from tests.kernel.test_samples_kernel import running_kernel
from tests.tools import require_clang, require_root

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.kernel

FIRST = """\
struct flow { __be32 source; __u16 port; __u16 kind; };
struct stats { __u64 packets; __u64 bytes; };
map directory_of_flows_by_source: hash<flow, stats>[64];
map directory_cpus: percpu_array<__u32, stats>[4];
map directory_queue: queue<stats>[4];
map directory_leaf: array<__u32, stats>[2];
map directory_outer: array_of_maps<__u32, array<__u32, stats>[2]>[8] = { [3] = directory_leaf };
"""
SECOND = """\
struct flow { __be32 source; __u16 port; __u16 kind; };
struct stats { __u32 drops; };
enum verdict { DIRECTORY_PASS, DIRECTORY_DROP };
map directory_drops: hash<flow, stats>[64];
map directory_verdicts: array<__u32, verdict>[4];
map directory_ring: ringbuf[4096];
"""


class Outcome(NamedTuple):
    """What came of a command."""

    status: int
    output: str
    errors: str


@pytest.fixture(autouse=True)
def _place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    require_root()
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("BPFGEN_CLANG", require_clang())


@pytest.fixture
def app(pins: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Path:
    """Return a directory with the pins of two objects, whose `struct stats` differ."""
    for name, text in {"first": FIRST, "second": SECOND}.items():
        (tmp_path / f"{name}.dsl").write_text(text, encoding="utf-8")
        assert main(["create", f"{name}.dsl", "--pin-dir", str(pins / "app")]) == 0
    capsys.readouterr()
    return pins / "app"


def run(capsys: pytest.CaptureFixture[str], *words: str) -> Outcome:
    """Run the command."""
    status = main(list(words))
    return Outcome(status, *capsys.readouterr())


def test_a_directory_is_a_source(app: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """All maps are in it with their types, so that each runs as it says."""
    done = run(capsys, "import", str(app), "-o", "maps.dsl", "--diagnostics", "json")
    assert done.status == 0
    said = [json.loads(line) for line in done.errors.splitlines()]
    warnings = [one for one in said if one["severity"] != "note"]
    assert [one["code"] for one in warnings] == ["import-name"]  # the second struct stats
    with open("maps.dsl", encoding="utf-8") as file:
        text = file.read()
    assert text.count("struct flow {") == 1
    assert "map directory_of_flows_by_source: hash<flow, stats" in text
    again = run(capsys, "verify", str(app), "maps.dsl", "--exact", "--format", "json")
    record = json.loads(again.output)
    names = sorted(path.name for path in app.iterdir())
    assert sorted(record["maps"]) == names
    codes = {one["code"] for one in record["diagnostics"] if one["severity"] == "error"}
    assert codes <= {"verify-type", "verify-value-type"}  # of the struct that has another name
    fingerprints = {}
    for name in ("first", "second", "maps"):
        assert main([f"{name}.dsl", "-o", f"{name}.json"]) == 0
        with open(f"{name}.json", encoding="utf-8") as file:
            fingerprints[name] = {
                one["name"]: one["fingerprint"] for one in json.load(file)["maps"]
            }
    capsys.readouterr()
    declared = {**fingerprints["first"], **fingerprints["second"]}
    for name in ("directory_of_flows_by_source", "directory_cpus", "directory_leaf"):
        assert fingerprints["maps"][name] == declared[name]


def test_every_command_takes_it(app: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """inspect, size, kinds and outputs; a program and what is below isn't asked for."""
    names = sorted(path.name for path in app.iterdir())
    record = json.loads(run(capsys, "inspect", str(app), "--format", "json").output)
    assert [map["name"] for map in record["maps"]] == names
    assert record["running"] is None
    assert len(record["running_maps"]) == len(names)
    table = run(capsys, "inspect", f"{app}/").output
    assert table.startswith(f"{app}/: 8 maps of the running kernel\n")
    sized = json.loads(run(capsys, "size", str(app), "--format", "json").output)
    outside = [map for map in sized["maps"] if not map["inner"]]
    assert [map["name"] for map in outside] == names
    if running_kernel() >= MEMLOCK_SINCE:
        assert [map["created"] for map in outside] == [map["now"] for map in outside]
    assert run(capsys, "kinds", "--needs", str(app)).status == 0
    for form in ("app.go", "app.h", "app.rs", "app.py"):
        assert run(capsys, str(app), "-o", form, "--depfile", "app.d").status == 0
    with open("app.d", encoding="utf-8") as file:
        assert str(app) not in file.read()  # nothing that make could look at
    assert run(capsys, "create", str(app), "--dry-run").status == 0


def test_several_maps_by_name(app: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Each once, in the order of the words; one that isn't there is the one that is named."""
    words = []
    for name in ("directory_drops", "directory_cpus"):
        with live.open_map(str(app / name)) as map:
            words.append(f"id:{map.info.id}")
    done = run(capsys, "import", *words, words[0], str(app / "directory_ring"), "-o", "-")
    assert done.status == 0
    maps = [line.split(":")[0] for line in done.output.splitlines() if line.startswith("map ")]
    assert sorted(maps) == ["map directory_cpus", "map directory_drops", "map directory_ring"]
    assert done.output.startswith(f"/// The maps of {words[0]}, {words[1]}, directory_ring.\n")
    done = run(capsys, "import", words[0], "id:4294967295", "-o", "-")
    assert (done.status, done.output) == (1, "")
    assert "cannot read `id:4294967295`: " in done.errors


def test_what_makes_no_sense(app: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """What to type is said."""
    done = run(capsys, "import", str(app), "--out-dir", "out")
    assert (done.status, f"bpfgen import {app} -o maps.dsl" in done.errors) == (2, True)
    done = run(capsys, "import", str(app.parent), "-o", "-")
    assert (done.status, "no map is pinned in it" in done.errors) == (1, True)
    done = run(capsys, "import", str(app), "first.o", "-o", "-")
    assert (done.status, done.output) == (2, "")
