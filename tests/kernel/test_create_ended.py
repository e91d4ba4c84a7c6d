"""`bpfgen create` and signals: all is there and said, or nothing is."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from bpfgen.cli import main
from bpfgen.live.pin_lock import pins_locked
from tests.tools import CHECKOUT, require_root

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.kernel

SOURCE = """\
map ended_leaf: hash<__u32, __u64>[4];
map ended_outer: array_of_maps<__u32, hash<__u32, __u64>[4]>[4] = { [1] = ended_leaf };
"""


def test_a_signal_at_any_step(pins: Path, tmp_path: Path) -> None:
    """What the status says, what is written and what stays is one thing; nothing is a traceback."""
    require_root()
    (tmp_path / "maps.dsl").write_text(SOURCE)
    words = [str(pins), "create", "maps.dsl", "--no-config", "--pin-dir", "PINS"]
    done = subprocess.run(
        [sys.executable, "-m", "tests.kernel.ended_at_each_step", *words],
        cwd=tmp_path,
        env={"PYTHONPATH": str(CHECKOUT), "PATH": "/usr/bin:/bin"},
        capture_output=True,
        text=True,
        check=True,
    )
    seen = []
    for line in done.stdout.splitlines():
        if not line.startswith('{"at"'):
            continue  # of the trial
        run = json.loads(line)
        assert run["errors"] == "", run
        place = f"at{run['at']}"
        if run["status"]:
            assert (run["status"], run["output"], run["left"]) == (143, "", []), run
        else:
            assert "2 maps made, 2 pinned" in run["output"], run
            assert run["left"] == [place, f"{place}/ended_leaf", f"{place}/ended_outer"], run
        seen.append(run["status"])
    assert sorted(seen, reverse=True) == seen  # there is one point of no return
    assert len(seen) > 30
    assert {*seen} == {0, 143}


MANY = "".join(f"map ended_{n}: hash<__u32, __u32>[4];\n" for n in range(40))


def test_runs_at_the_same_time(pins: Path, tmp_path: Path) -> None:
    """A run that fails takes away no pin that another one counts on, and leaves no directory."""
    (tmp_path / "maps.dsl").write_text(MANY)
    command = [sys.executable, "-m", "bpfgen", "create", "maps.dsl", "--no-config", "--pin-dir"]
    environment = {"PYTHONPATH": str(CHECKOUT), "PATH": "/usr/bin:/bin"}

    def status_of_each(place: Path, *outputs: str) -> list[int]:
        runs = []
        for name in outputs:
            with open(name, "wb") as output:
                run = subprocess.Popen(
                    [*command, str(place)],
                    cwd=tmp_path,
                    env=environment,
                    stdout=output,
                    stderr=subprocess.DEVNULL,
                )
            runs.append(run)
        return [run.wait() for run in runs]

    for at in range(3):
        place = pins / f"ended{at}" / "below"
        assert status_of_each(place, "/dev/full", "/dev/full") == [1, 1]
        assert not place.parent.exists()
        assert status_of_each(place, "/dev/full", "/dev/null", "/dev/full") == [1, 0, 1]
        assert len(list(place.iterdir())) == 40


def test_somebody_else_pins_without_an_end(
    pins: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    """It is said after a while, nothing is made; a trial has no need to wait."""
    (tmp_path / "maps.dsl").write_text(SOURCE)
    words = ["create", str(tmp_path / "maps.dsl"), "--no-config", "--pin-dir", str(pins / "new")]
    waits: list[float] = []
    monkeypatch.setattr("bpfgen.live.pin_lock.time.sleep", waits.append)
    monkeypatch.setattr("bpfgen.live.pin_lock.time.monotonic", lambda: 4.0 * len(waits))
    with pins_locked(str(pins / "other")):
        assert main(words) == 1
        said = capfd.readouterr()
        assert (said.out, len(waits)) == ("", 3)
        assert f"error[pin-refused]: somebody else is pinning below `{pins}`" in said.err
        assert not (pins / "new").exists()
        assert main([*words, "--dry-run"]) == 0
    assert main(words) == 0
