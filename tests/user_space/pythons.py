"""The Pythons that generated modules are tried on: this one, and those that `.ci/pythons` fetched.

Each is unpacked and installed nowhere, so it is started through the dynamic loader that came with
it; one of a big-endian machine, through an emulator.
"""

from __future__ import annotations

import functools
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from tests.tools import TOOLCHAINS, missing
from tests.user_space.commands import run

if TYPE_CHECKING:
    import subprocess

OWN = "own"
OLDEST = "3.9"
OF_32_BITS = "i386"
BIG_ENDIAN = "s390x"
PYTHONS = (OWN, OLDEST, "3.13", "3.14", OF_32_BITS, BIG_ENDIAN)
"""The names that :func:`python` takes: this one, versions on x86-64, and those of others.

One of 32 bits aligns numbers of 64 to 4.
"""


@functools.cache
def python_command(name: str) -> tuple[tuple[str, ...], dict[str, str]]:
    """Return how the Python *name* is started and its environment; skip or fail without it."""
    clean = {key: value for key, value in os.environ.items() if not key.startswith("PYTHON")}
    if name == OWN:
        return (sys.executable,), clean
    kind = f"*-{name}" if name in {OF_32_BITS, BIG_ENDIAN} else f"{name}-amd64"
    roots = sorted((TOOLCHAINS / "pythons").glob(kind))
    programs = [program for root in roots for program in (root / "usr/bin").glob("python3.*")]
    if not programs:
        missing(f"python{name}")
    root, program = roots[0], str(programs[0])
    clean["PYTHONHOME"] = str(root / "usr")
    if name == BIG_ENDIAN:
        emulator = root.parent / "qemu/usr/bin/qemu-s390x"
        return (str(emulator), "-L", str(root), program), clean
    machine = "i386-linux-gnu" if name == OF_32_BITS else "x86_64-linux-gnu"
    libraries = [root / "usr/lib" / machine, root / "lib" / machine]
    loaders = [loader for place in libraries for loader in Path(place).glob("ld-*.so*")]
    if not loaders:
        missing(f"python{name}")
    path = os.pathsep.join(map(str, libraries))
    return (str(loaders[0]), "--library-path", path, program), clean


def python(name: str, *words: str | Path, text: str = "") -> subprocess.CompletedProcess[str]:
    """Run the Python *name* with *words*; warnings are errors, and so is a status other than 0."""
    command, environment = python_command(name)
    return run([*command, "-W", "error", *words], environment=environment, text=text)
