"""The samples as the tests see them: which there are, compiled and built once for a run."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from bpfgen.building import build_object
from bpfgen.clang import CLANG
from bpfgen.compiler import Options, compile
from bpfgen.text.source import Source
from tests.tools import CHECKOUT, require_clang

if TYPE_CHECKING:
    from pathlib import Path

    from bpfgen.compiler import Compilation

SAMPLES = CHECKOUT / "samples"
GOOD = sorted(
    str(path.relative_to(SAMPLES))
    for path in SAMPLES.rglob("*.dsl")
    if path.relative_to(SAMPLES).parts[0] not in {"broken", "projects"}
)
"""Every sample that compiles, relative to samples/; samples/projects has tests of its own."""

BROKEN = sorted(path.name for path in (SAMPLES / "broken").glob("*.dsl"))
"""Every sample that is wrong on purpose."""


@cache
def compiled(name: str) -> Compilation:
    """Return the compilation of samples/*name*, which has no errors."""
    path = SAMPLES / name
    compilation = compile(Source(str(path), path.read_text(encoding="utf-8")), Options())
    assert [d for d in compilation.diagnostics if d.severity == "error"] == []
    return compilation


@cache
def built(name: str, assembler: str = CLANG) -> bytes:
    """Return the verified object of samples/*name*; skip where that takes a clang that isn't there.

    *assembler* is who makes it, as after `--assembler`.
    """
    if assembler == CLANG:
        require_clang()
    data, diagnostics = build_object(compiled(name), Options(assembler=assembler))
    assert data is not None, diagnostics
    return data


def write_object(name: str, folder: Path, assembler: str = CLANG) -> Path:
    """Write the object of samples/*name* by *assembler* into *folder* and return its path."""
    path = folder / name.replace("/", "_").replace(".dsl", ".o")
    path.write_bytes(built(name, assembler))
    return path
