"""`make bench`: measure, print a table, row by row, and exit 1 where a limit is exceeded."""

from __future__ import annotations

import os
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from tests.benchmarks.comparing import comparisons
from tests.benchmarks.dumping import dumps
from tests.benchmarks.editing import keys
from tests.benchmarks.importing import imports
from tests.benchmarks.yardsticks import many, many_outputs, outputs, several, small, stages
from tests.tools import find, newest_clang

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.benchmarks.yardsticks import Row


def main() -> int:
    """Print each row of medians as soon as it is measured; return the exit status."""
    print(_line("", "median", "yardstick", "ratio", "limit", ""), flush=True)
    holds = True
    for row in _rows():
        limit = "" if row.limit is None else f"{row.limit:g}"
        verdict = "" if row.holds else "exceeded"
        cells = row.what, row.measured, row.yardstick, f"{row.ratio:.2f}", limit, verdict
        print(_line(*cells), flush=True)
        holds = holds and row.holds
    return 0 if holds else 1


def _rows() -> Iterator[Row]:
    clang = newest_clang()
    if clang is None:
        print("no clang here: what needs one is not measured", file=sys.stderr)
    with tempfile.TemporaryDirectory(prefix="bpfgen-bench-") as name:
        yield from small(Path(name), clang)
        yield from outputs(Path(name))
        yield from several(Path(name), clang)
        yield from comparisons(Path(name))
        if clang is not None:
            yield from imports(Path(name), clang)
            yield from many(Path(name), clang)
            yield from many_outputs(Path(name))
        yield from stages()
        yield from keys(Path(name))
    bpftool = find("bpftool")
    if bpftool is None or os.geteuid() != 0:
        print("no bpftool, or no right to make maps: no dump is measured", file=sys.stderr)
    else:
        yield from dumps(bpftool)


def _line(*cells: str) -> str:
    cells_ = (cell.ljust(width) for cell, width in zip(cells, _WIDTHS, strict=True))
    return "  ".join(cells_).rstrip()


_WIDTHS = (44, 8, 46, 6, 5, 8)


if __name__ == "__main__":
    raise SystemExit(main())
