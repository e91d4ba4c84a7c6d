"""C -> source -> object, held against the object that clang makes of the same C.

The C is compiled as its own build would, functions and all; import sees the file alone.
"""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING, NamedTuple

from bpfgen.building import build_object
from bpfgen.compiler import Options, compile
from bpfgen.importer.from_c import import_c
from bpfgen.object import read_object
from bpfgen.text.source import Source
from bpfgen.verify.types import kernel_types
from tests.imported import differences
from tests.tools import clang_program

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from bpfgen.importer import Imported
    from bpfgen.object import ObjectFile

MULTIARCH = ("-idirafter", "/usr/include/x86_64-linux-gnu", "-idirafter", "/usr/include")


class RoundTrip(NamedTuple):
    """What came of one C file.

    Attributes:
        compiled: clang's object of the C itself.
        imported: What import says of it.
        differences: Between the maps of the two objects; empty texts where there are none.
    """

    compiled: ObjectFile
    imported: Imported
    differences: list[str]


def compiled_by_clang(
    path: Path, target: str, directories: Sequence[Path], definitions: Mapping[str, str]
) -> bytes:
    """Return the object of the C file *path*, by the newest clang and none of bpfgen's flags."""
    made = path.with_suffix(f".{target}.o")
    command = [clang_program(), "-g", "-O2", "-w", f"--target={target}", "-mcpu=v3"]
    command += (f"-D{name}={value}" for name, value in definitions.items())
    for directory in directories:
        command += ("-I", str(directory))
    done = subprocess.run(
        [*command, *MULTIARCH, "-c", str(path), "-o", str(made)],
        check=False,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    return made.read_bytes()


def round_trip(
    path: Path,
    data: bytes,
    directories: Sequence[Path] = (),
    definitions: Mapping[str, str] | None = None,
    style: str = "modern",
) -> RoundTrip:
    """Import the C file *path*, compile what comes out, and compare it with the object *data*."""
    before = read_object(data)
    target = "bpfel" if before.byteorder == "little" else "bpfeb"
    found = tuple(map(str, directories))
    options = Options(include_directories=found, target=target, definitions=dict(definitions or {}))
    imported = import_c(path.read_text(), str(path), options)
    if not imported.text:
        return RoundTrip(before, imported, [f"{each.name}: missing" for each in before.maps])
    found = (*found, str(path.parent))
    options = Options(include_directories=found, target=target, style=style)
    compilation = compile(Source("imported.dsl", imported.text), options)
    errors = [each.message for each in compilation.diagnostics if each.severity == "error"]
    assert errors == []
    if compilation.undecided:  # the C was compiled without these macros
        options = Options(
            include_directories=found,
            target=target,
            style=style,
            undefined=compilation.undecided,
        )
        compilation = compile(Source("imported.dsl", imported.text), options)
    after, diagnostics = build_object(compilation, options)
    assert after is not None, [each.message for each in diagnostics]
    different = differences(before, read_object(after), kernel_types(compilation.model))
    return RoundTrip(before, imported, different)
