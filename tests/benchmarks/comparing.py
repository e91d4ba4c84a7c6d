"""What it costs to find what a change breaks, against compiling both sides of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.benchmarks.processes import bpfgen, measure
from tests.benchmarks.yardsticks import MANY, Row, many_source

if TYPE_CHECKING:
    from pathlib import Path

LIMIT = 2
"""Times what headers of both take: one for opening both, one for comparing them."""


def comparisons(directory: Path, number: int = MANY, repeat: int = 1) -> list[Row]:
    """Measure a change of *number* structs and as many maps that are pinned."""
    old, new = directory / "old.dsl", directory / "new.dsl"
    source = many_source(number).replace(" + 1];", " + 1] { pinning = by_name; };")
    old.write_text(source, encoding="utf-8")
    new.write_text(changed(source), encoding="utf-8")
    headers = [bpfgen(str(one), "-o", f"{one}.h", "--no-verify") for one in (old, new)]
    usual = bpfgen("breaking", str(old), str(new))
    everything = bpfgen("breaking", str(old), str(new), "--all")
    first, second, *compared = measure([*headers, usual, everything], repeat, (0, 1))
    both = first.processor_seconds + second.processor_seconds
    what = f"what a change of {number:,} structs and maps breaks"
    return [
        Row(
            name,
            f"{one.processor_seconds:.2f} s",
            f"headers of both: {both:.2f} s",
            one.processor_seconds / both,
            LIMIT,
        )
        for name, one in zip((what, "the same with --all"), compared, strict=True)
    ]


def changed(source: str) -> str:
    """Return what :func:`many_source` gives with another member, map or name here and there."""
    lines = source.splitlines(keepends=True)
    for at, line in enumerate(lines):
        if at % 11 == 0:
            lines[at] = (
                line.replace("packets, bytes", "bytes, packets")
                .replace("__be32 saddr", "__u32 saddr")
                .replace("map map_", "map other_map_")
                .replace("hash<", "lru_hash<")
            )
    return "".join(lines)
