"""A few programs of the kernel's, where its sources are here; `make adoption` has all."""

from __future__ import annotations

import re
import subprocess
import sys
from typing import TYPE_CHECKING

from tests.corpus.sources import TARBALL, VMLINUX
from tests.tools import CHECKOUT, missing, require, require_file

if TYPE_CHECKING:
    from pathlib import Path

PROGRAMS = (
    "htab_reuse",
    "test_pinning",
    "map_kptr",
    "test_map_lock",
    "test_ringbuf_multi",
    "timer",
)
"""Definitions of several shapes, special fields, macros of other headers, vmlinux.h."""

UNPREPARED = 3


def test_programs_of_the_kernel(tmp_path: Path) -> None:
    """All of them are moved unaided: maps and instructions are the same before and after."""
    for tool in ("clang-19", "bpftool"):
        require(tool)
    require_file(TARBALL, "linux-source-6.12")
    require_file(VMLINUX, "BTF of the running kernel")
    words = [word for name in PROGRAMS for word in ("--only", name)]
    done = subprocess.run(
        [
            *(sys.executable, "-m", "tests.adoption", "--directory", str(tmp_path)),
            *("--project", "selftests", *words),
        ],
        check=False,
        capture_output=True,
        text=True,
        cwd=CHECKOUT,
    )
    if done.returncode == UNPREPARED:
        missing("the kernel's sources", done.stderr.strip())
    assert done.returncode == 0, done.stdout + done.stderr
    count = len(PROGRAMS)
    assert re.search(rf"^unaided: {count} of {count}: 100.0%$", done.stdout, re.MULTILINE)
