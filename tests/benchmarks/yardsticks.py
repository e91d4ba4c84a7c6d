"""What is measured, against what, and how much is allowed.

Each measurement is a ratio of medians: the runs of both sides alternate, so that a busy machine
slows both alike. Processes are measured whole, from start to exit.
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
    from collections.abc import Iterable, Sequence
    from pathlib import Path

MANY = 10_000
"""Structs, and maps, of the large input."""


class Row(NamedTuple):
    """One line of the table: a number, what it is a multiple of, and the most it may be."""

    what: str
    measured: str
    yardstick: str
    ratio: float
    limit: float

    @property
    def holds(self) -> bool:
        """Whether the limit is kept."""
        return self.ratio <= self.limit


class Run(NamedTuple):
    """One process: seconds by the clock and of the processor; the most resident memory in bytes."""

    seconds: float
    processor_seconds: float
    memory: int


def start_up(directory: Path, repeat: int = 21) -> Row:
    """Measure the header of btf_map.dsl, unverified, against a bare interpreter."""
    sample = CHECKOUT / "samples" / "btf_map.dsl"
    command = (*_bpfgen(), str(sample), "-o", str(directory / "btf_map.h"), "--no-verify")
    bare = (sys.executable, "-c", "pass")
    _run(command)  # writes the bytecode
    ours, theirs = _medians(_alternate(command, bare, repeat))
    return Row(
        "header of btf_map.dsl, whole process",
        f"{ours * 1000:.0f} ms",
        f"python -c pass: {theirs * 1000:.0f} ms",
        ours / theirs,
        12,
    )


def many_maps(directory: Path, clang: str, repeat: int = 3) -> list[Row]:
    """Measure the header of 10,000 structs and 10,000 maps: time, memory and growth."""
    source, header, small = (directory / name for name in ("many.dsl", "many.h", "few.dsl"))
    source.write_text(many_source(MANY))
    small.write_text(many_source(MANY // 10))
    unit = directory / "many.bpf.c"
    unit.write_text('#include "many.h"\n')

    command = (*_bpfgen(), str(source), "-o", str(header), "--no-verify")
    fewer = (*_bpfgen(), str(small), "-o", str(directory / "few.h"), "--no-verify")
    compile_header = (
        *(clang, "-target", "bpf", "-g", "-O2", f"-I/usr/include/{os.uname().machine}-linux-gnu"),
        *("-c", str(unit), "-o", str(directory / "many.o")),
    )
    _run(command)
    pairs = _alternate(command, compile_header, repeat)
    ours, theirs = _medians(pairs)
    whole = statistics.median(run.processor_seconds for run, _ in pairs)
    tenth = statistics.median(_run(fewer).processor_seconds for _ in range(repeat))
    memory = max(run.memory for run, _ in pairs)
    return [
        Row(
            f"header of {MANY:,} structs and {MANY:,} maps",
            f"{ours:.2f} s",
            f"clang compiling that header: {theirs:.2f} s",
            ours / theirs,
            6,
        ),
        Row("memory for it", f"{memory >> 20} MB", "1 GB", memory / (1 << 30), 1),
        Row(
            "ten times the input, processor time",
            f"{whole:.2f} s",
            f"{MANY // 10:,} structs and maps: {tenth:.2f} s",
            whole / tenth,
            11,
        ),
    ]


def many_source(number: int) -> str:
    """Return a source of *number* structs and as many maps, each a little different."""
    return "\n".join(
        f"struct value_{index} {{\n"
        f"    __u64 packets, bytes;\n"
        f"    __u32 flags : {index % 31 + 1};\n"
        f"    struct {{ __be32 saddr, daddr; __be16 ports[2]; }} flow;\n"
        f"    __u8 payload[{index % 64 + 1}];\n"
        f"    const struct value_{index} *next;\n"
        f"}};\n"
        f"map map_{index}: hash<__u32, value_{index}>[{index} + 1];\n"
        for index in range(number)
    )


def _bpfgen() -> tuple[str, ...]:
    return (sys.executable, "-m", "bpfgen")


def _run(command: Sequence[str]) -> Run:
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
    assert process.returncode == 0, complaint.decode(errors="replace")
    return Run(seconds, usage.ru_utime + usage.ru_stime, usage.ru_maxrss * 1024)


def _alternate(one: Sequence[str], other: Sequence[str], repeat: int) -> list[tuple[Run, Run]]:
    return [(_run(one), _run(other)) for _ in range(repeat)]


def _medians(pairs: Iterable[tuple[Run, Run]]) -> tuple[float, float]:
    ours, theirs = zip(*pairs, strict=True)
    return (
        statistics.median(run.seconds for run in ours),
        statistics.median(run.seconds for run in theirs),
    )
