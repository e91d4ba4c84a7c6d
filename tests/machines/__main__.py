"""`python -m tests.machines`: boot kernels one after another, run tests there, print a table."""

from __future__ import annotations

import argparse
import re
import signal
import subprocess
import sys
from typing import TYPE_CHECKING

from tests.machines.machine import KERNELS, boot
from tests.tools import CHECKOUT, find

if TYPE_CHECKING:
    from pathlib import Path

    from tests.machines.machine import Outcome

CHECKS = (
    *("live*", "running*", "verify_running*", "dump*", "create*", "size"),
    *("rights", "churn", "leaks"),
)
"""The tests that run on each kernel if none are named: their names in tests/kernel, as patterns."""

QEMU = "qemu-system-x86_64"


def main() -> int:
    """Return the status: 1 where a test failed or a machine had no result, 3 if none can boot."""
    parser = argparse.ArgumentParser(prog="python -m tests.machines", description=__doc__)
    parser.add_argument("--install", action="store_true", help="fetch Debian's kernels first")
    parser.add_argument(
        "--kernel", action="append", default=[], help="the name of one; more than once; all if not"
    )
    parser.add_argument(
        "--accel", default="tcg", help="qemu's accelerator: tcg, which is slow and runs anywhere"
    )
    parser.add_argument("--limit", type=float, default=1800, help="seconds that one may take")
    parser.add_argument("words", nargs="*", help="for pytest, after --")
    arguments = parser.parse_args()
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda number, _: sys.exit(128 + number))  # and qemu is ended
    if arguments.install:
        subprocess.run([CHECKOUT / ".ci/kernels"], check=True)
    qemu = find(QEMU)
    kernels = _kernels(arguments.kernel)
    if qemu is None or not kernels:
        _say(f"skipped: {QEMU} is not on this machine" if qemu is None else "skipped: no kernel")
        return 3
    words = arguments.words or [
        str(path.relative_to(CHECKOUT))
        for check in CHECKS
        for path in sorted(CHECKOUT.glob(f"tests/kernel/test_{check}.py"))
    ]
    status = 0
    for kernel in kernels:
        results = CHECKOUT / "build/machines" / kernel.name
        outcome = boot(
            kernel, qemu, words, results, accelerator=arguments.accel, limit=arguments.limit
        )
        _report(kernel.name, outcome, results)
        status |= bool(outcome.failed or outcome.incident)
    return status


def _kernels(names: list[str]) -> list[Path]:
    """Return the folders of the kernels that are here, the oldest first; of *names*, if any."""
    there = {path.name: path for path in KERNELS.glob("[0-9]*")}
    for name in names:
        if name not in there:
            _say(f"skipped: kernel {name} is not on this machine (.ci/kernels fetches them)")
    by_version = sorted(there, key=lambda name: [int(part) for part in re.findall("[0-9]+", name)])
    return [there[name] for name in by_version if not names or name in names]


def _report(name: str, outcome: Outcome, results: Path) -> None:
    skipped = sum(outcome.skipped.values())
    _say(
        f"{outcome.release or name:28} {outcome.passed:5} passed {skipped:5} skipped"
        f" {len(outcome.failed):5} failed {outcome.seconds:6.0f} s"
    )
    for reason, count in sorted(outcome.skipped.items()):
        _say(f"    skipped, {count}: {reason}")
    for test in outcome.failed:
        _say(f"    failed: {test}")
    if outcome.incident:
        _say(f"    no result: {outcome.incident}; {results / 'console'} has its last words")
    elif outcome.failed:
        _say(f"    {results / 'output'} has the whole of it")


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
