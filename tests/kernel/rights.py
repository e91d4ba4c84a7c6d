"""A process of the command with the capabilities that a test gives it, and no other right."""

from __future__ import annotations

import functools
import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import NamedTuple

from tests.tools import CHECKOUT, find, is_required, require

_REFUSED = re.compile(r"\bbpf\((BPF_\w+), .* = -1 (?:EPERM|EACCES) ")


class Ended(NamedTuple):
    """How a run ended; *refused* has the commands of bpf(2) that the kernel refused, in order.

    Where strace isn't there to see, and needn't be, *refused* is empty and *traced* is false.
    """

    status: int
    output: str
    errors: str
    refused: list[str]
    traced: bool = True


@functools.cache
def _readable() -> tempfile.TemporaryDirectory[str]:
    """Return where there is a copy of the package that everybody may read."""
    place = tempfile.TemporaryDirectory()
    for name in ("bpfgen", "grammar", "templates"):
        shutil.copytree(CHECKOUT / name, Path(place.name, name))
    for directory, _names, files in os.walk(place.name):
        Path(directory).chmod(0o755)
        for file in files:
            Path(directory, file).chmod(0o644)
    return place


def environment_for_all() -> dict[str, str]:
    """Return the environment of a command for who may not read the checkout."""
    return {**os.environ, "PYTHONPATH": _readable().name, "BPFGEN_CACHE": "off"}


def run_with(capabilities: tuple[str, ...], words: tuple[str, ...], trace: Path) -> Ended:
    """Run the command as nobody with *capabilities*, as setpriv names them; *trace* is a file."""
    rights = ",".join(("-all", *(f"+{name}" for name in capabilities)))
    traced = is_required("strace") or find("strace") is not None
    command = [require("strace"), "-f", "-e", "trace=bpf", "-o", str(trace)] if traced else []
    command += [require("setpriv"), "--reuid=65534", "--regid=65534", "--clear-groups"]
    command += [f"--inh-caps={rights}", f"--ambient-caps={rights}", f"--bounding-set={rights}"]
    command += [sys.executable, "-m", "bpfgen", *words]
    environment = environment_for_all()
    done = subprocess.run(
        command, capture_output=True, text=True, check=False, env=environment, cwd="/"
    )
    refused = _REFUSED.findall(trace.read_text()) if traced else []
    return Ended(done.returncode, done.stdout, done.stderr, refused, traced)
