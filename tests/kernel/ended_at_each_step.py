"""Runs of `bpfgen create`, each ended at another of its steps, and what they leave: lines of JSON.

`python -m tests.kernel.ended_at_each_step DIRECTORY WORD…` runs the command again and again, each
time in a process of its own that gets SIGTERM at a call or return in the modules that make and pin
maps: at steps from all of the run, most of them from its end. The word `PINS` stands for a
directory below DIRECTORY, which is removed each time.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bpfgen.cli import main

if TYPE_CHECKING:
    from types import FrameType

STEPS = ("bpfgen/live/", "bpfgen/commands/create", "bpfgen/commands/creation")
SPREAD, AT_END, DENSE = 23, 100, 3


def end_at(at: int) -> list[int]:
    """Send this process SIGTERM at step number *at*; return how many there were."""
    steps = [0]

    def reached(frame: FrameType, event: str, _argument: object) -> None:
        if event in ("call", "return") and any(one in frame.f_code.co_filename for one in STEPS):
            steps[0] += 1
            if steps[0] == at:
                signal.raise_signal(signal.SIGTERM)

    sys.setprofile(reached)
    return steps


def run(at: int, words: list[str], folder: Path) -> None:
    """Be the command, and end."""
    for fd, name in ((1, "output"), (2, "errors")):
        os.dup2(os.open(folder / name, os.O_RDWR | os.O_CREAT | os.O_TRUNC), fd)
    sys.argv[1:] = words
    steps = end_at(at)
    status = main()
    sys.setprofile(None)
    (folder / "steps").write_text(str(steps[0]))
    os._exit(status)


def result(at: int, words: list[str], pins: Path, folder: Path) -> dict[str, Any]:
    """Run the command, ended at *at*, and return what came of it."""
    place = pins / f"at{at}"
    pid = os.fork()
    if not pid:
        run(at, [str(place) if word == "PINS" else word for word in words], folder)
    _pid, status = os.waitpid(pid, 0)
    left = [str(path.relative_to(pins)) for path in sorted(pins.rglob("*"))]
    shutil.rmtree(place, ignore_errors=True)
    return {
        "at": at,
        "status": os.waitstatus_to_exitcode(status),
        "output": (folder / "output").read_text(),
        "errors": (folder / "errors").read_text(),
        "left": [path for path in left if "." not in path],  # the kernel's own have one
    }


def runs(pins: Path, words: list[str]) -> None:
    """Write the result of each run."""
    folder = Path.cwd()
    result(0, words, pins, folder)
    total = int((folder / "steps").read_text())
    dense = max(1, total - AT_END)
    for at in (*range(1, dense, max(1, dense // SPREAD)), *range(dense, total + 1, DENSE)):
        sys.stdout.write(f"{json.dumps(result(at, words, pins, folder))}\n")
        sys.stdout.flush()  # else the next process has it, too


if __name__ == "__main__":
    main([*sys.argv[2:4], "--no-config", "--dry-run"])  # loads what all of them need
    runs(Path(sys.argv[1]), sys.argv[2:])
