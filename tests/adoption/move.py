"""Programs moved: what `bpfgen import --replace` makes of them, and what stood in the way.

Second of the adoption. `--diff` writes nothing, and the proof runs all the same: programs are
compiled before and after, and their maps and instructions are compared.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from bpfgen.object import read_object
from bpfgen.text.diagnostics import FormatError
from tests.adoption.programs import compiled, included

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.adoption.programs import Program

UNAIDED, BY_HAND, FAILED = "unaided", "by hand", "failed"
"""The program was moved; bpfgen says what is to be done by hand; anything else."""

NO_MAPS, NOT_COMPILED = "no maps", "not compiled"
"""What doesn't count: nothing to move, or nothing to prove it with."""

TIMEOUT = 1800
"""Seconds that a move may take, the compiler's included."""

_WRONG = 1

_PLACE = re.compile(r"^(\S+?\.[ch])(?::\d+)?: ")
"""What messages that have no place in a text begin with."""


class Moved(NamedTuple):
    """What came of one program.

    Attributes:
        outcome: One of the five words above.
        causes: The codes and messages of the errors.
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
    """Return what becomes of *program* by itself, which *clang* compiles."""
    before = compile_first(program, clang)
    if before.outcome:
        return before
    began = time.monotonic()
    words = [*program.arguments, str(program.path)]
    errors, has_failed, is_changed = _run(words, program.directory, clang)
    seconds = time.monotonic() - began
    causes = tuple(message for _file, message in errors)
    if has_failed:
        return before._replace(outcome=FAILED, causes=causes, seconds=seconds)
    # Nothing to cut is nothing moved: its maps are those of headers that stay.
    outcome = UNAIDED if is_changed and not errors else BY_HAND
    return before._replace(outcome=outcome, causes=causes, seconds=seconds)


def move_all(commands: Path, programs: list[Program], clang: str) -> list[Moved]:
    """Return what becomes of *programs* in one run, those of *commands*, a compile_commands.json.

    A program is moved where neither it nor a header that it includes is left as it was.
    """
    directory = commands.parent
    moved = [compile_first(program, clang) for program in programs]
    began = time.monotonic()
    errors, has_failed, _is_changed = _run(["-p", str(directory), "."], directory, clang)
    seconds = (time.monotonic() - began) / len(programs)
    left: dict[str, list[str]] = {}
    for file, message in errors:
        left.setdefault(os.path.realpath(directory / file), []).append(message)
    for number, program in enumerate(programs):
        if not moved[number].outcome:
            files = [str(program.path), *included(program, clang)]
            causes = [cause for file in files for cause in left.get(os.path.realpath(file), ())]
            outcome = FAILED if has_failed else BY_HAND if causes else UNAIDED
            moved[number] = moved[number]._replace(
                outcome=outcome, causes=tuple(causes), seconds=seconds
            )
    return moved


def compile_first(program: Program, clang: str) -> Moved:
    """Return what is known of *program* before it is moved; the outcome is empty if it can be."""
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
    return Moved("" if maps else NO_MAPS, (), maps, 0.0, compiling)


def _run(words: list[str], directory: Path, clang: str) -> tuple[list[tuple[str, str]], bool, bool]:
    """Replace what *words* name; return the errors by file, failure, and if there is a diff."""
    command = [sys.executable, "-m", "bpfgen", "import", "--replace", "--diff", "--no-config"]
    try:
        done = subprocess.run(
            [*command, "--diagnostics", "json", "--clang", clang, *words],
            check=False,
            capture_output=True,
            text=True,
            errors="replace",
            timeout=TIMEOUT,
            cwd=directory,
        )
    except subprocess.TimeoutExpired:
        return [("", f"takes more than {TIMEOUT} s")], True, False
    errors = list(_errors(done.stderr))
    is_told = done.returncode == 0 or (done.returncode == _WRONG and bool(errors))
    if not is_told and not errors:
        errors = [("", done.stderr[-300:] or f"status {done.returncode}, and no word why")]
    return errors, not is_told, bool(done.stdout)


def _errors(messages: str) -> Iterator[tuple[str, str]]:
    """Yield the errors among *messages*, records of JSON: the file, and what is wrong with it.

    Names that a program chose are left out, so that causes can be counted.
    """
    for line in messages.splitlines():
        try:
            record = json.loads(line)
        except ValueError:
            continue
        if record["severity"] == "error":
            place = _PLACE.match(record["message"])
            message = _PLACE.sub("", record["message"])
            file = record["file"] or (place[1] if place is not None else "")
            yield file, f"{record['code']}: {re.sub('`[^`]*`', '`…`', message)}"
