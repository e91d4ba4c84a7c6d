"""Processes, measured whole, from start to exit.

What is compared runs alternately, so that a busy machine slows both alike; medians are taken.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import time
from typing import TYPE_CHECKING, NamedTuple

from tests.tools import CHECKOUT

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

BARE = (sys.executable, "-c", "pass")
"""The interpreter, doing nothing."""


class Run(NamedTuple):
    """One process: seconds by the clock and of the processor; the most resident memory in bytes."""

    seconds: float
    processor_seconds: float
    memory: int


class Measured(NamedTuple):
    """The medians of several runs of one command, and the most memory that one of them took.

    `seconds` is by the clock; `processor_seconds` is the time of the processor, children included.
    """

    seconds: float
    processor_seconds: float
    memory: int


def bpfgen(*words: str) -> tuple[str, ...]:
    """Return the command `bpfgen WORDS` of this checkout, as it is installed."""
    installed = os.path.join(os.path.dirname(sys.executable), "bpfgen")
    if os.access(installed, os.X_OK):
        return (sys.executable, installed, *words)
    return (sys.executable, "-m", "bpfgen", *words)


def clang_command(clang: str, header: str, output: str) -> tuple[str, ...]:
    """Return the command that compiles *header* by itself to the object *output*."""
    multiarch = f"-I/usr/include/{os.uname().machine}-linux-gnu"
    return (clang, *"-target bpf -g -O2 -x c".split(), multiarch, "-c", header, "-o", output)


def measure(
    commands: Sequence[Sequence[str]], repeat: int, statuses: Collection[int] = (0,)
) -> list[Measured]:
    """Run *commands* in turn, *repeat* times after one that doesn't count, and return medians.

    Each has to exit with one of *statuses*.
    """
    for command in commands:
        run(command, statuses)  # the first one writes bytecode, and fills the cache of files
    rounds = [[run(command, statuses) for command in commands] for _ in range(repeat)]
    return [
        Measured(
            statistics.median(each.seconds for each in runs),
            statistics.median(each.processor_seconds for each in runs),
            max(each.memory for each in runs),
        )
        for runs in zip(*rounds, strict=True)
    ]


def run(command: Sequence[str], statuses: Collection[int] = (0,)) -> Run:
    """Run *command*, which must succeed, as *statuses* say; its bytecode is written and used."""
    environment = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}
    started = time.perf_counter()
    process = subprocess.Popen(
        command, cwd=CHECKOUT, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE
    )
    assert process.stderr is not None
    complaint = process.stderr.read()
    process.stderr.close()
    _, status, usage = os.wait4(process.pid, 0)
    seconds = time.perf_counter() - started
    process.returncode = os.waitstatus_to_exitcode(status)
    assert process.returncode in statuses, complaint.decode(errors="replace")
    return Run(seconds, usage.ru_utime + usage.ru_stime, usage.ru_maxrss * 1024)
