"""A process of the command with the capabilities that a test gives it, and no other right."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from typing import TYPE_CHECKING, NamedTuple

from tests.tools import CHECKOUT, require

if TYPE_CHECKING:
    from pathlib import Path

_REFUSED = re.compile(r"\bbpf\((BPF_\w+), .* = -1 (?:EPERM|EACCES) ")


class Ended(NamedTuple):
    """How a run ended; *refused* has the commands of bpf(2) that the kernel refused, in order."""

    status: int
    output: str
    errors: str
    refused: list[str]


def run_with(capabilities: tuple[str, ...], words: tuple[str, ...], trace: Path) -> Ended:
    """Run the command as nobody with *capabilities*, as setpriv names them; *trace* is a file."""
    rights = ",".join(("-all", *(f"+{name}" for name in capabilities)))
    command = [require("strace"), "-f", "-e", "trace=bpf", "-o", str(trace)]
    command += [require("setpriv"), "--reuid=65534", "--regid=65534", "--clear-groups"]
    command += [f"--inh-caps={rights}", f"--ambient-caps={rights}", f"--bounding-set={rights}"]
    command += [sys.executable, "-m", "bpfgen", *words]
    environment = {**os.environ, "PYTHONPATH": str(CHECKOUT), "BPFGEN_CACHE": "off"}
    done = subprocess.run(
        command, capture_output=True, text=True, check=False, env=environment, cwd="/"
    )
    refused = _REFUSED.findall(trace.read_text())
    return Ended(done.returncode, done.stdout, done.stderr, refused)
