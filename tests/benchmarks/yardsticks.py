"""What is measured, against what, and how much is allowed."""

from __future__ import annotations

import os
import statistics
import time
from typing import TYPE_CHECKING, NamedTuple

from bpfgen.emit import BACKENDS
from tests.benchmarks.processes import BARE, bpfgen, clang_command, measure
from tests.tools import CHECKOUT

if TYPE_CHECKING:
    from pathlib import Path

    from tests.benchmarks.processes import Measured

MANY = 10_000
"""Structs, and maps, of the large input."""

FILES = 10
"""Files of one run, and objects of one inspection."""

PROCESSORS = len(os.sched_getaffinity(0))
"""On which compilers run side by side."""

UNCHANGED = 100
"""Files that are checked, and are as they were."""

SHARE_OF = 1_000
"""Structs, and maps, of the input whose stages are timed one by one."""


OUTPUTS = [backend for backend in BACKENDS.values() if backend.name != "header"]
"""What is measured against the header of the same source, of which it may cost no more."""

OUTPUT_LIMIT = 1.15
"""No more than the header, and what two measurements of one thing differ by."""


class Row(NamedTuple):
    """One line of the table: a number, what it is a multiple of, and the most it may be.

    A row without a limit is for information.
    """

    what: str
    measured: str
    yardstick: str
    ratio: float
    limit: float | None = None

    @property
    def holds(self) -> bool:
        """Whether the limit is kept."""
        return self.limit is None or self.ratio <= self.limit


def timed(
    what: str, ours: Measured, name: str, theirs: Measured, limit: float | None = None
) -> Row:
    """Return how many times as long as *theirs*, which is called *name*, *ours* takes."""
    ratio = ours.seconds / theirs.seconds
    return Row(what, _time(ours), f"{name}: {_time(theirs)}", ratio, limit)


def _time(measured: Measured) -> str:
    if measured.seconds < 1:
        return f"{measured.seconds * 1000:.0f} ms"
    return f"{measured.seconds:.2f} s"


def small(directory: Path, clang: str | None, repeat: int = 21) -> list[Row]:
    """Measure what a small file costs: its header, verified or not, and its object."""
    sample = str(CHECKOUT / "samples" / "btf_map.dsl")
    header, made, other = (str(directory / name) for name in ("btf_map.h", "btf_map.o", "clang.o"))
    own = str(directory / "own.o")
    commands = [
        BARE,
        bpfgen(sample, "-o", header, "--no-verify"),
        bpfgen(sample, "-o", own, "--assembler", "builtin", "--no-cache"),
    ]
    if clang is not None:
        commands += [
            bpfgen(sample, "-o", header, "--verify", "--clang", clang, "--no-cache"),
            bpfgen(sample, "-o", made, "--clang", clang, "--no-cache"),
            clang_command(clang, header, other),
        ]
        measure(commands[1:2], 1)  # clang's command needs the header
    bare, plain, assembled, *rest = measure(commands, repeat)
    rows = [
        timed("header of btf_map.dsl", plain, "python -c pass", bare, 5),
        timed("object of btf_map.dsl without clang", assembled, "its header", plain, 1.3),
    ]
    if rest:
        verified, built, alone = rest
        name = "clang compiling it"
        rows += [
            timed("header of btf_map.dsl", plain, name, alone, 2),
            timed("the same, verified (clang runs inside)", verified, name, alone, 2.5),
            timed("object of btf_map.dsl, verified", built, name, alone, 2.5),
            timed("the same without clang", assembled, "through clang", built, 0.8),
        ]
    return rows


def outputs(directory: Path, repeat: int = 15) -> list[Row]:
    """Measure what each output of a small file costs, and all in one run."""
    sample = str(CHECKOUT / "samples" / "btf_map.dsl")
    names = [f"btf_map{backend.suffixes[0]}" for backend in OUTPUTS]
    words = [("-o", str(directory / name)) for name in ("btf_map.h", *names)]
    commands = [bpfgen(sample, *one, "--no-verify") for one in words]
    everything = bpfgen(sample, *(word for one in words for word in one), "--no-verify")
    header, *others, whole = measure([*commands, everything], repeat)
    rows = [
        timed(f"{backend.name} of btf_map.dsl", one, "its header", header, OUTPUT_LIMIT)
        for backend, one in zip(OUTPUTS, others, strict=True)
    ]
    return [*rows, timed("all of them in one run", whole, "its header", header, len(words))]


def many_outputs(directory: Path) -> list[Row]:
    """Measure what each output of 10,000 structs and maps costs."""
    source = str(directory / "many.dsl")
    words = [("-o", str(directory / f"many{backend.suffixes[0]}")) for backend in OUTPUTS]
    commands = [bpfgen(source, *one, "--no-verify") for one in words]
    header = bpfgen(source, "-o", str(directory / "many.h"), "--no-verify")
    first, *others = measure([header, *commands], 1)
    what = f"{MANY:,} structs and maps"
    return [
        timed(f"{backend.name} of {what}", one, "the header", first, OUTPUT_LIMIT)
        for backend, one in zip(OUTPUTS, others, strict=True)
    ]


def several(directory: Path, clang: str | None, repeat: int = 7) -> list[Row]:
    """Measure ten files in one run, and ten objects in one, against one."""
    names = [str(directory / f"file_{index}.dsl") for index in range(FILES)]
    for index, name in enumerate(names):
        with open(name, "w", encoding="utf-8") as stream:
            stream.write(many_source(3, prefix=f"file_{index}_"))
    out = ("--out-dir", str(directory / "gen"), "--no-verify", "--no-cache")
    one, ten = measure([bpfgen(names[0], *out), bpfgen(*names, *out)], repeat)
    rows = [timed(f"headers of {FILES} files in one run", ten, "of one file", one, 2)]
    if clang is not None:
        rows += _verified_files(directory, names, clang, repeat)
        objects = ("--out-dir", str(directory / "gen"), "--emit", "object", "--clang", clang)
        measure([bpfgen(*names, *objects)], 1)
        made = [str(directory / "gen" / f"file_{index}.o") for index in range(FILES)]
        one, ten = measure([bpfgen("inspect", made[0]), bpfgen("inspect", *made)], repeat)
        rows.append(timed(f"inspection of {FILES} objects in one run", ten, "of one", one, 2))
    return rows


def _verified_files(directory: Path, names: list[str], clang: str, repeat: int) -> list[Row]:
    """Measure ten verified files in one run against one, and what is unchanged against that."""
    out = ("--out-dir", str(directory / "gen"), "--verify", "--clang", clang)
    one, ten = measure(
        [bpfgen(names[0], *out, "--no-cache"), bpfgen(*names, *out, "--no-cache")], repeat
    )
    rows = [timed(f"the same, verified, on {PROCESSORS} processors", ten, "of one file", one)]
    many = [str(directory / f"unchanged_{index}.dsl") for index in range(UNCHANGED)]
    for index, name in enumerate(many):
        with open(name, "w", encoding="utf-8") as stream:
            stream.write(many_source(3, prefix=f"unchanged_{index}_"))
    # The cache of the measurement is nobody's: the runs that don't count fill it.
    os.environ["XDG_CACHE_HOME"] = str(directory / "cache")
    measure([bpfgen(*many, *out)], 1)
    first, all = measure([bpfgen(many[0], *out, "--check"), bpfgen(*many, *out, "--check")], repeat)
    what = f"--check of {UNCHANGED} unchanged files"
    return [*rows, timed(what, all, "of one unchanged file", first, 3)]


def many(directory: Path, clang: str, repeat: int = 3) -> list[Row]:
    """Measure the header of 10,000 structs and 10,000 maps: time, memory and growth."""
    source, few = directory / "many.dsl", directory / "few.dsl"
    source.write_text(many_source(MANY), encoding="utf-8")
    few.write_text(many_source(MANY // 10), encoding="utf-8")
    header, made = str(directory / "many.h"), str(directory / "many.o")
    command = bpfgen(str(source), "-o", header, "--no-verify")
    measure([command], 1)
    # Without the cache, or all but the first run would find what they are asked for.
    with_clang = ("--clang", clang, "--no-cache")
    objects = ("-o", str(directory / "made.o"), *with_clang, "--assembler")
    whole, tenth, alone, verified, compiled, builtin, formatted = measure(
        [
            command,
            bpfgen(str(few), "-o", str(directory / "few.h"), "--no-verify"),
            clang_command(clang, header, made),
            bpfgen(str(source), "-o", header, "--verify", *with_clang),
            bpfgen(str(source), *objects, "clang"),
            bpfgen(str(source), *objects, "builtin"),
            bpfgen("fmt", "--check", str(source)),
        ],
        repeat,
    )
    name = "clang compiling it"
    through = "through clang"
    return [
        timed(f"header of {MANY:,} structs and maps", whole, name, alone, 1.2),
        timed("the same, verified (clang runs inside)", verified, name, alone, 2.5),
        timed("object of them, written by bpfgen", builtin, through, compiled, 0.5),
        Row(
            "memory for the header",
            f"{whole.memory >> 20} MB",
            f"{name}: {alone.memory >> 20} MB",
            whole.memory / alone.memory,
            0.7,
        ),
        Row(
            "ten times the input, processor time",
            f"{whole.processor_seconds:.2f} s",
            f"{MANY // 10:,} structs and maps: {tenth.processor_seconds:.2f} s",
            whole.processor_seconds / tenth.processor_seconds,
            11,
        ),
        Row(
            "formatting them, processor time",
            f"{formatted.processor_seconds:.2f} s",
            f"header of them: {whole.processor_seconds:.2f} s",
            formatted.processor_seconds / whole.processor_seconds,
            0.5,
        ),
    ]


def stages(repeat: int = 3) -> list[Row]:
    """Measure what part of the time each stage takes, in this process, on a larger input."""
    rounds = [_stage_seconds() for _ in range(repeat)]
    seconds = {name: statistics.median(each[name] for each in rounds) for name in rounds[0]}
    whole = sum(seconds.values())
    total = f"all of {SHARE_OF:,} structs and maps: {whole * 1000:.0f} ms"
    return [
        Row(f"share of the {name}", f"{taken * 1000:.0f} ms", total, taken / whole)
        for name, taken in seconds.items()
    ]


def _stage_seconds() -> dict[str, float]:
    import gc

    from bpfgen.emit.c.header import emit_header
    from bpfgen.providers.prelude import Prelude
    from bpfgen.resolve.file import resolve
    from bpfgen.rules import check
    from bpfgen.syntax.parser import parse
    from bpfgen.text.diagnostics import STYLE, Report
    from bpfgen.text.source import Source

    report = Report()
    source = Source("many.dsl", many_source(SHARE_OF))
    gc.disable()  # as the command does
    try:
        times = [time.process_time()]
        tree = parse(source, report)
        times.append(time.process_time())
        model = resolve(tree, report, Prelude.shared())
        times.append(time.process_time())
        report.extend(check(model, None, "modern"))
        times.append(time.process_time())
        emit_header(model)
        times.append(time.process_time())
    finally:
        gc.enable()
    assert all(said.severity == STYLE for said in report.diagnostics)  # the pointer is one
    names = ("parser", "model", "rules", "emitter")
    return {name: times[i + 1] - times[i] for i, name in enumerate(names)}


def many_source(number: int, prefix: str = "") -> str:
    """Return a source of *number* structs and as many maps, each a little different.

    Nothing in it is worth a warning. The pointer stays: it is what clang takes most of its time
    for, three quarters of it with 10,000 of them.
    """
    return "\n".join(
        f"struct {prefix}value_{index} {{\n"
        f"    __u64 packets, bytes;\n"
        f"    __u32 flags : {index % 31 + 1}, rest : {32 - (index % 31 + 1)};\n"
        f"    struct {{ __be32 saddr, daddr; __be16 ports[2]; }} flow;\n"
        f"    __u8 payload[{index % 64 + 1}], pad[{8 - (index % 64 + 1) % 8}];\n"
        f"    const struct {prefix}value_{index} *next;\n"
        f"}};\n"
        f"map {prefix}map_{index}: hash<__u32, {prefix}value_{index}>[{index} + 1];\n"
        for index in range(number)
    )
