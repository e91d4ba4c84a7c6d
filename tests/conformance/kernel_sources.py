"""linux/bpf.h as a witness: that of the machine, and that of the kernel sources which Debian has.

The package linux-source-6.12 is an archive of 150 MB, of which one header is wanted. Reading as far
as that takes xz some ten seconds, so that it is done once for all processes of a test run.
"""

from __future__ import annotations

import fcntl
import os
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

from tests.tools import require, require_file

if TYPE_CHECKING:
    import pytest

SOURCES = "linux-source-6.12"
SOURCES_VERSION = (6, 12)

HEADERS = ("linux-libc-dev", SOURCES)
"""The packages that :func:`bpf_header` takes the header from."""


def bpf_header(package: str, directories: pytest.TempPathFactory) -> Path:
    """Return linux/bpf.h of *package*, one of :data:`HEADERS`; skip or fail where it isn't here."""
    if package != SOURCES:
        return require_file("/usr/include/linux/bpf.h", package)
    member = f"{SOURCES}/include/uapi/linux/bpf.h"
    unpacked = Path("/usr/src") / member
    if unpacked.exists():
        return unpacked
    archive = require_file(f"/usr/src/{SOURCES}.tar.xz", SOURCES)
    shared = directories.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        shared = shared.parent
    with (shared / f"{SOURCES}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (shared / member).exists():
            # xz reads the blocks of the archive with all processors; tar stops at the header.
            subprocess.run(
                [
                    *(require("tar"), "--extract", "--file", archive, "--directory", shared),
                    *(f"--use-compress-program={require('xz')} --threads=0", "--occurrence=1"),
                    member,
                ],
                check=True,
            )
    return shared / member
