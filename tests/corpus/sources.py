"""The kernel's sources for the corpus: the selftests, and libbpf of the same tree.

First of the corpus. Debian's package linux-source-6.12 has a tarball of 150 MB, of which a few
directories are needed.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

PACKAGE = "linux-source-6.12"
TARBALL = Path(f"/usr/src/{PACKAGE}.tar.xz")

PARTS = (
    "include/uapi",
    "scripts/bpf_doc.py",
    "tools/arch",
    "tools/include",
    "tools/lib/bpf",
    "tools/testing/selftests/bpf",
)
"""What the corpus is made of, relative to the top of the tree."""

SELFTESTS = "tools/testing/selftests/bpf"

VMLINUX = Path("/sys/kernel/btf/vmlinux")


class UnpreparedError(Exception):
    """Something is missing that the corpus can't do without; the text says what."""


def fetch(directory: Path, *, install: bool) -> Path:
    """Return the kernel's tree below *directory*, unpacked there unless it already is.

    Raises:
        UnpreparedError: The package isn't there, and with *install* apt doesn't have it either.
    """
    tree = directory / PACKAGE
    if all((tree / part).exists() for part in PARTS):
        return tree
    directory.mkdir(parents=True, exist_ok=True)
    if TARBALL.exists():
        _unpack(TARBALL, directory)
        return tree
    if not install:
        raise UnpreparedError(f"package {PACKAGE} is not installed (make corpus fetches it)")
    if shutil.which("apt-get") is None:
        raise UnpreparedError(f"there is no apt-get to fetch {PACKAGE} with")
    # Fetching and unpacking needs no root, and leaves the machine as it was.
    with tempfile.TemporaryDirectory(dir=directory) as scratch:
        run(["apt-get", "download", PACKAGE], directory=Path(scratch))
        package = next(Path(scratch).glob("*.deb"))
        run(["dpkg-deb", "--extract", package, scratch])
        _unpack(Path(scratch) / TARBALL.relative_to("/"), directory)
    return tree


def _unpack(tarball: Path, directory: Path) -> None:
    members = [f"{PACKAGE}/{part}" for part in PARTS]
    run(["tar", "-xJf", tarball, "-C", directory, *members])


def run(command: Iterable[object], *, directory: Path | None = None) -> bytes:
    """Run a command that has to succeed; return what it printed.

    Raises:
        UnpreparedError: It isn't there, or it fails; the text says how.
    """
    words = [str(word) for word in command]
    try:
        done = subprocess.run(words, check=False, capture_output=True, cwd=directory)
    except OSError as error:
        raise UnpreparedError(f"{words[0]}: {error.strerror}") from None
    if done.returncode != 0:
        lines = done.stderr.decode(errors="replace").splitlines()
        wrong = [line for line in lines if "error" in line.lower()] or lines or ["no word why"]
        raise UnpreparedError(f"{words[0]} fails: {wrong[0]}")
    return done.stdout


def prepare_headers(tree: Path, directory: Path, bpftool: str) -> Path:
    """Return the directory with what the programs include: libbpf's headers and vmlinux.h."""
    include = directory / "include"
    headers = include / "bpf"
    headers.mkdir(parents=True, exist_ok=True)
    for header in sorted((tree / "tools/lib/bpf").glob("*.h")):
        shutil.copy(header, headers)
    defs = headers / "bpf_helper_defs.h"
    if not defs.exists():
        uapi = tree / "tools/include/uapi/linux/bpf.h"
        script = tree / "scripts/bpf_doc.py"
        defs.write_bytes(run([sys.executable, script, "--header", "--file", uapi]))
    vmlinux = include / "vmlinux.h"
    if not vmlinux.exists():
        if not VMLINUX.exists():
            raise UnpreparedError(f"the running kernel has no {VMLINUX}")
        vmlinux.write_bytes(run([bpftool, "btf", "dump", "file", VMLINUX, "format", "c"]))
    return include


def build_libbpf(tree: Path, directory: Path, compiler: str = "gcc") -> Path:
    """Return the directory with libbpf.so.1 of *tree*: the yardstick, newer than Debian's own."""
    made = directory / "libbpf"
    library = made / "libbpf.so.1"
    if library.exists():
        return made
    made.mkdir(parents=True, exist_ok=True)
    include = tree / "tools/include"
    sources = sorted((tree / "tools/lib/bpf").glob("*.c"))
    script = tree / "tools/lib/bpf/libbpf.map"
    run(
        [
            *(compiler, "-shared", "-fPIC", "-O2", "-w", "-D_GNU_SOURCE"),
            *("-D_LARGEFILE64_SOURCE", "-D_FILE_OFFSET_BITS=64"),
            *("-I", include, "-I", include / "uapi", "-Wl,-soname,libbpf.so.1"),
            f"-Wl,--version-script={script}",
            *(*sources, "-o", library, "-lelf", "-lz"),  # libelf-dev, zlib1g-dev
        ]
    )
    return made


def jobs() -> int:
    """Return how many compilers may run side by side."""
    return len(os.sched_getaffinity(0))
