"""A fixed part of the corpus, where the kernel's sources are on this machine.

`make corpus` is the whole of it. The package linux-source-6.12 is 150 MB, so that no run of the
tests fetches it.
"""

from __future__ import annotations

import re
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from tests.corpus.__main__ import DIRECTORY, PART
from tests.corpus.sources import PACKAGE, PARTS, TARBALL, VMLINUX
from tests.tools import CHECKOUT, missing, require, require_file

if TYPE_CHECKING:
    from pathlib import Path

UNPREPARED = 3
"""The exit status of a corpus that can't be made; what is missing is said."""


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    """Give the directory of the corpus: the one of `make corpus`, or a new one from the package."""
    if all((DIRECTORY / PACKAGE / part).exists() for part in PARTS):
        return DIRECTORY
    require_file(TARBALL, PACKAGE)
    return tmp_path


def test_a_part_of_the_selftests(directory: Path) -> None:
    """Programs of every shape: inspect says what libbpf of the same tree says, map for map.

    Import brings maps and types back, verification finds each object as its source declares it, and
    notices a changed word of the source.
    """
    for tool in ("clang-19", "bpftool", "llvm-strip-19", "gcc"):
        require(tool)
    require_file(VMLINUX, "BTF of the running kernel")
    command = [sys.executable, "-m", "tests.corpus", "--part", "--directory", str(directory)]
    done = subprocess.run(command, check=False, capture_output=True, text=True, cwd=CHECKOUT)
    if done.returncode == UNPREPARED:
        missing("the corpus", done.stderr.strip())
    assert done.returncode == 0, done.stdout + done.stderr
    inspected, imported = done.stdout.split("import ")[-2:]
    rows = dict(re.findall(r"^(el|eb|linked|stripped) +(\d+) ", inspected, re.MULTILINE))
    assert int(rows["el"]) > len(PART) - 3
    assert set(rows) == {"el", "eb", "linked", "stripped"}
    returned = re.findall(r"^(?:el|eb|linked|stripped) +\d+ +(\d+) ", imported, re.MULTILINE)
    assert sum(map(int, returned)) > len(PART)
