"""One program moved: what `bpfgen import --replace` makes of it, and what stood in the way.

Second of the adoption. `--diff` writes nothing, and the proof runs all the same: the program is
compiled before and after, and its maps and instructions are compared.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from bpfgen.object import read_object
from bpfgen.text.diagnostics import FormatError
from tests.adoption.programs import compiled

if TYPE_CHECKING:
    from tests.adoption.programs import Program

UNAIDED, BY_HAND, FAILED = "unaided", "by hand", "failed"
"""The program was moved; bpfgen says what is to be done by hand; anything else."""

NO_MAPS, NOT_COMPILED = "no maps", "not compiled"
"""What doesn't count: nothing to move, or nothing to prove it with."""

TIMEOUT = 600
"""Seconds that a move may take, the compiler's included."""

_WRONG = 1


class Moved(NamedTuple):
    """What came of one program.

    Attributes:
        outcome: One of the five words above.
        causes: The codes and messages of the errors, one a line; names that the program chose are
            left out of them, so that causes can be counted.
        maps: How many maps its object has.
        seconds: What it took.
        compiling: What clang alone takes for the program.
    """

    outcome: str
    causes: tuple[str, ...] = ()
    maps: int = 0
    seconds: float = 0.0
    compiling: float = 0.0


def move(program: Program, clang: str) -> Moved:
    """Return what becomes of *program*, which *clang* compiles."""
    with tempfile.TemporaryDirectory() as directory:
        made = Path(directory, "program.o")
        began = time.monotonic()
        why = compiled(program, clang, made)
        compiling = time.monotonic() - began
        if why:
            return Moved(NOT_COMPILED, (why,))
        try:
            maps = len(read_object(made.read_bytes()).maps)
        except FormatError as error:
            return Moved(NOT_COMPILED, (str(error),))
    if not maps:
        return Moved(NO_MAPS)
    began = time.monotonic()
    try:
        done = subprocess.run(
            [
                *(sys.executable, "-m", "bpfgen", "import", "--replace", "--diff"),
                *("--no-config", "--diagnostics", "json", "--clang", clang),
                *(*program.arguments, str(program.path)),
            ],
            check=False,
            capture_output=True,
            text=True,
            errors="replace",
            timeout=TIMEOUT,
            cwd=program.directory,
        )
    except subprocess.TimeoutExpired:
        return Moved(FAILED, (f"takes more than {TIMEOUT} s",), maps)
    seconds = time.monotonic() - began
    if done.returncode == 0:
        # Nothing to cut is nothing moved: its maps are those of headers that stay.
        return Moved(UNAIDED if done.stdout else BY_HAND, (), maps, seconds, compiling)
    causes = tuple(_causes(done.stderr))
    is_told = done.returncode == _WRONG and bool(causes)
    return Moved(BY_HAND if is_told else FAILED, causes or ("no word why",), maps, seconds)


def _causes(messages: str) -> list[str]:
    """Return the errors among *messages*, records of JSON; what is none is one by itself."""
    causes = []
    for line in messages.splitlines():
        try:
            record = json.loads(line)
        except ValueError:
            causes.append(line)
            continue
        if record["severity"] == "error":
            message = re.sub(r"`[^`]*`", "`…`", record["message"])
            message = re.sub(r"^\S+:\d+: ", "", message)
            causes.append(f"{record['code']}: {message}")
    return causes
