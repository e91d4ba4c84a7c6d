"""Many models -> clang's objects, in few processes.

clang's own compiler (`-cc1`) takes many files at once and writes an object beside each of them.
Which flags it gets is asked of the driver, so that they are those of a run of bpfgen.
"""

from __future__ import annotations

import functools
import os
import shlex
import subprocess
from typing import TYPE_CHECKING

from bpfgen.clang.flags import DEFAULT_FLAGS, REQUIRED_FLAGS
from bpfgen.emit.c.header import emit_anchored_unit
from bpfgen.emit.c.imports import headers_of_imports
from bpfgen.emit.c.options import HeaderOptions
from tests.tools import require_clang

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from bpfgen.model.model import Model

AT_ONCE = 50
"""Files that one process compiles."""


def compiled(
    models: Sequence[Model], compiler: str, target: str, directory: Path
) -> list[bytes | str]:
    """Return clang's object of each of *models*, or what it says where it refuses one.

    *compiler* is one of tests.tools.compilers(), or the path of a program that takes clang's
    options. No header of the machine is read: what the units need they bring along.
    """
    made: list[bytes | str] = []
    for start in range(0, len(models), AT_ONCE):
        made += _compiled(models[start : start + AT_ONCE], compiler, target, directory)
    return made


@functools.cache
def version(compiler: str) -> int:
    """Return the major version of *compiler*."""
    said = subprocess.run([*_program(compiler), "--version"], check=True, capture_output=True)
    return int(said.stdout.split(b"version ")[1].split(b".")[0])


def _program(compiler: str) -> list[str]:
    path = compiler if os.path.isabs(compiler) else require_clang(compiler)
    return [path, "clang"] if os.path.basename(path) == "zig" else [path]


def _compiled(
    models: Sequence[Model], compiler: str, target: str, directory: Path
) -> list[bytes | str]:
    sources = [_written(model, directory / str(n)) for n, model in enumerate(models)]
    words = _words(compiler, target)
    said = _run(words, sources)
    objects = [source.with_suffix(".o") for source in sources]
    made: list[bytes | str] = []
    for source, object in zip(sources, objects, strict=True):
        if not object.exists():  # the compiler leaves those after a fatal error alone
            said = _run(words, [source])
        made.append(object.read_bytes() if object.exists() else said)
        object.unlink(missing_ok=True)
    return made


def _run(words: Sequence[str], sources: Sequence[Path]) -> str:
    """Compile *sources*, and return what the compiler says."""
    done = subprocess.run([*words, *sources], check=False, capture_output=True, text=True)
    return done.stderr[:2000]


def _written(model: Model, directory: Path) -> Path:
    """Write the unit of *model*, and the headers that it includes, into *directory*."""
    directory.mkdir(parents=True, exist_ok=True)
    style = HeaderOptions()
    for name, text in headers_of_imports(model, style).items():
        path = directory / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8", errors="surrogateescape")
    source = directory / "unit.c"
    text = emit_anchored_unit(model, style).text
    source.write_text(text, encoding="utf-8", errors="surrogateescape")
    return source


@functools.cache
def _words(compiler: str, target: str) -> tuple[str, ...]:
    """Return the command that compiles the files which are named after it."""
    program = _program(compiler)
    flags = [flag for flag, _why in (*REQUIRED_FLAGS, *DEFAULT_FLAGS)]
    command = [*program, "-###", "-target", target, *flags, "-nostdinc", "-c", "-"]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    line = next(line for line in done.stderr.splitlines() if ' "-cc1" ' in line)
    words = shlex.split(line)
    words = [*program, *words[words.index("-cc1") :]]
    for name in ("-main-file-name", "-o"):
        place = words.index(name)
        del words[place : place + 2]
    assert words[-1] == "-"
    return tuple(words[:-1])
