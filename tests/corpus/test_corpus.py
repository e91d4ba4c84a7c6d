"""A fixed part of the corpus, as far as the kernel's sources are on this machine.

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
from tests.corpus.sources import PACKAGE, PARTS, TARBALL
from tests.tools import CHECKOUT, require

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    """Give the directory of the corpus: the one of `make corpus`, or a new one from the package."""
    if all((DIRECTORY / PACKAGE / part).exists() for part in PARTS):
        return DIRECTORY
    if not TARBALL.exists():
        pytest.skip(f"package {PACKAGE} is not installed, and `make corpus` was never run")
    return tmp_path


def test_a_part_of_the_selftests(directory: Path) -> None:
    """Programs of every shape: inspect says what libbpf of the same tree says, map for map."""
    for tool in ("clang-19", "bpftool", "llvm-strip-19", "gcc"):
        require(tool)
    command = [sys.executable, "-m", "tests.corpus", "--part", "--directory", str(directory)]
    done = subprocess.run(command, check=False, capture_output=True, text=True, cwd=CHECKOUT)
    assert done.returncode == 0, done.stdout + done.stderr
    rows = dict(re.findall(r"^(el|eb|linked|stripped) +(\d+) ", done.stdout, re.MULTILINE))
    assert int(rows["el"]) > len(PART) - 3
    assert set(rows) == {"el", "eb", "linked", "stripped"}
