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


class Unprepared(Exception):
    """Something is missing that the corpus can't do without; the text says what."""


def fetch(directory: Path, *, install: bool) -> Path:
    """Return the kernel's tree below *directory*, unpacked there unless it already is.

    Raises:
        Unprepared: The package isn't there, and with *install* apt doesn't have it either.
    """
    tree = directory / PACKAGE
    if all((tree / part).exists() for part in PARTS):
        return tree
    directory.mkdir(parents=True, exist_ok=True)
    if TARBALL.exists():
        _unpack(TARBALL, directory)
        return tree
    if not install:
        raise Unprepared(f"package {PACKAGE} is not installed (make corpus fetches it)")
    if shutil.which("apt-get") is None:
        raise Unprepared(f"there is no apt-get to fetch {PACKAGE} with")
    # Fetching and unpacking needs no root, and leaves the machine as it was.
    with tempfile.TemporaryDirectory(dir=directory) as scratch:
        subprocess.run(["apt-get", "download", PACKAGE], cwd=scratch, check=True)
        package = next(Path(scratch).glob("*.deb"))
        subprocess.run(["dpkg-deb", "--extract", package, scratch], check=True)
        _unpack(Path(scratch) / TARBALL.relative_to("/"), directory)
    return tree


def _unpack(tarball: Path, directory: Path) -> None:
    members = [f"{PACKAGE}/{part}" for part in PARTS]
    subprocess.run(["tar", "-xJf", tarball, "-C", directory, *members], check=True)


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
        command = [sys.executable, tree / "scripts/bpf_doc.py", "--header", "--file", uapi]
        made = subprocess.run(command, check=True, capture_output=True)
        defs.write_bytes(made.stdout)
    vmlinux = include / "vmlinux.h"
    if not vmlinux.exists():
        if not VMLINUX.exists():
            raise Unprepared(f"the running kernel has no {VMLINUX}")
        command = [bpftool, "btf", "dump", "file", str(VMLINUX), "format", "c"]
        vmlinux.write_bytes(subprocess.run(command, check=True, capture_output=True).stdout)
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
    command = [
        *(compiler, "-shared", "-fPIC", "-O2", "-w", "-D_GNU_SOURCE"),
        *("-D_LARGEFILE64_SOURCE", "-D_FILE_OFFSET_BITS=64"),
        *("-I", include, "-I", include / "uapi", "-Wl,-soname,libbpf.so.1"),
        f"-Wl,--version-script={script}",
        *(*sources, "-o", library, "-lelf", "-lz"),
    ]
    done = subprocess.run(command, check=False, capture_output=True, text=True)
    if done.returncode != 0:
        first = next((line for line in done.stderr.splitlines() if "error:" in line), "")
        raise Unprepared(f"libbpf doesn't compile (it needs libelf-dev and zlib1g-dev): {first}")
    return made


def jobs() -> int:
    """Return how many compilers may run side by side."""
    return len(os.sched_getaffinity(0))
