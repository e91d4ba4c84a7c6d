"""`make bench`: measure, print a table, and exit 1 where a limit is exceeded."""

from __future__ import annotations

import os
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from tests.benchmarks.comparing import comparisons
from tests.benchmarks.dumping import dumps
from tests.benchmarks.importing import imports
from tests.benchmarks.yardsticks import many, many_outputs, outputs, several, small, stages
from tests.tools import find, newest_clang

if TYPE_CHECKING:
    from tests.benchmarks.yardsticks import Row


def main() -> int:
    """Print the table of medians; return the exit status."""
    clang = newest_clang()
    if clang is None:
        print("no clang here: what needs one is not measured", file=sys.stderr)
    rows: list[Row] = []
    with tempfile.TemporaryDirectory(prefix="bpfgen-bench-") as name:
        rows += small(Path(name), clang)
        rows += outputs(Path(name))
        rows += several(Path(name), clang)
        rows += comparisons(Path(name))
        if clang is not None:
            rows += imports(Path(name), clang)
            rows += many(Path(name), clang)
            rows += many_outputs(Path(name))
        rows += stages()
    bpftool = find("bpftool")
    if bpftool is None or os.geteuid() != 0:
        print("no bpftool, or no right to make maps: no dump is measured", file=sys.stderr)
    else:
        rows += dumps(bpftool)
    table = [("", "median", "yardstick", "ratio", "limit", "")]
    table += [
        (
            row.what,
            row.measured,
            row.yardstick,
            f"{row.ratio:.2f}",
            "" if row.limit is None else f"{row.limit:g}",
            "" if row.holds else "exceeded",
        )
        for row in rows
    ]
    widths = [max(len(line[column]) for line in table) for column in range(len(table[0]))]
    for line in table:
        cells = zip(line, widths, strict=True)
        print("  ".join(cell.ljust(width) for cell, width in cells).rstrip())
    return 0 if all(row.holds for row in rows) else 1


if __name__ == "__main__":
    raise SystemExit(main())
