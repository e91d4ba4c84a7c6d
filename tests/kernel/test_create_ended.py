"""`bpfgen create` and signals: all is there and said, or nothing is."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

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
