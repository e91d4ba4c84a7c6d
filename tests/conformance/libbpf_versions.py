"""Which libbpf does what: every release, built from its sources, is handed the same objects.

Each in two ways, by clang and by bpfgen's own assembler.

    git clone https://github.com/libbpf/libbpf /tmp/libbpf
    python -m tests.conformance.libbpf_versions /tmp/libbpf

Wants make, a C compiler, libelf's headers, clang and root; takes some two minutes. Prints a row for
each program of tests/loader_programs.py and what differs from the dates there; the status is 1 if
anything does. What fails only when a pinned map is taken up again, or is linked, isn't tried here.
"""

from __future__ import annotations

import ctypes
import re
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from bpfgen.assemble.refusals import refusals
from bpfgen.building import build_object
from bpfgen.clang import ASSEMBLERS, BUILTIN
from bpfgen.compiler import Options, compile
from bpfgen.text.source import Source
from tests.loader_programs import LIBBPF, LOAD, OPEN
from tests.tools import require

OLDEST = (0, 1)
"""Older ones have no version that a target could name."""

OF_ALL = frozenset({("weak maps", BUILTIN)})
"""What works with every version: before 0.8 libbpf doesn't find where a weak variable is, and our
own objects say so."""

FLAGS = ("CFLAGS=-O1 -w -fPIC", "NO_PKG_CONFIG=1", "BUILD_STATIC_ONLY=")


def main(words: list[str]) -> int:
    """Try all releases of the clone that *words* names; or one of them, in a process of its own."""
    if words[0] == "--one":
        return _outcome(words[1], words[2])
    clone = words[0]
    different = 0
    with tempfile.TemporaryDirectory() as folder:
        made = [(feature, assembler) for feature in LIBBPF for assembler in ASSEMBLERS]
        objects = {which: _object(folder, *which) for which in made}
        for version, tag in releases(clone).items():
            library = _built(clone, tag, Path(folder, tag))
            for (feature, assembler), path in objects.items():
                if path is None:
                    continue
                works = _works(library, path)
                program = LIBBPF[feature]
                assert program.since is not None
                expected = program.since <= version < (program.until or (99, 0))
                expected = expected or (feature, assembler) in OF_ALL
                if program.broken is not None and version < program.broken:
                    expected = True
                word = "" if works == expected else "  other than tests/loader_programs.py says"
                different += bool(word)
                does = "works" if works else "fails"
                sys.stdout.write(
                    f"{version[0]}.{version[1]:<3} {does} {feature}, by {assembler}{word}\n"
                )
    sys.stdout.write(f"{different} differences\n")
    return int(different > 0)


def releases(clone: str) -> dict[tuple[int, int], str]:
    """Return the first tag of each (major, minor) of the repository *clone*, the oldest first."""
    tags = subprocess.run(
        [require("git"), "-C", clone, "tag"], capture_output=True, text=True, check=True
    ).stdout.split()
    found: dict[tuple[int, int], str] = {}
    for tag in sorted(tags, key=lambda tag: [int(n) for n in re.findall(r"\d+", tag)]):
        numbers = [int(number) for number in re.findall(r"\d+", tag)]
        if len(numbers) >= 2 and tuple(numbers[:2]) >= OLDEST:
            found.setdefault((numbers[0], numbers[1]), tag)
    last = max(found)
    found[last[0], last[1] + 1] = "HEAD"
    return found


def _built(clone: str, tag: str, folder: Path) -> str:
    """Return the path of the shared library of *tag*, built in *folder*."""
    folder.mkdir()
    archive = subprocess.run(
        [require("git"), "-C", clone, "archive", tag, "src", "include"],
        capture_output=True,
        check=True,
    )
    subprocess.run([require("tar"), "x", "-C", folder], input=archive.stdout, check=True)
    words = [require("make"), "-s", "-C", str(folder / "src"), *FLAGS]
    words += [f"OBJDIR={folder / 'built'}", "all"]
    subprocess.run(words, check=True, capture_output=True)
    return str(next((folder / "built").glob("libbpf.so.*.*")))


def _object(folder: str, feature: str, assembler: str) -> str | None:
    """Return the path of the object of *feature*'s program; None if it can't be opened alone.

    Nor is there one of a program that *assembler* leaves to the other.
    """
    program = LIBBPF[feature]
    if program.fails not in {OPEN, LOAD} or program.kernel is not None:
        return None
    options = Options(kernel=(6, 18), assembler=assembler)
    compilation = compile(Source("maps.dsl", program.text), options)
    if assembler == BUILTIN and refusals(compilation.model, options.style):
        return None
    data, diagnostics = build_object(compilation, options)
    assert data is not None, diagnostics
    path = Path(folder, re.sub(r"\W", "_", f"{feature} {assembler}") + ".o")
    path.write_bytes(data)
    return str(path)


def _works(library: str, path: str) -> bool:
    """Return whether *library* opens and loads the object at *path*, in a process of its own."""
    words = [sys.executable, "-m", __spec__.name, "--one", library, path]
    return subprocess.run(words, capture_output=True, check=False).returncode == 0


def _outcome(library_path: str, path: str) -> int:
    """Return 0 if the library opens and loads the object."""
    library: Any = ctypes.CDLL(library_path)
    library.bpf_object__open.restype = ctypes.c_void_p
    library.bpf_object__load.argtypes = [ctypes.c_void_p]
    opened = library.bpf_object__open(path.encode())
    if not opened or opened > (1 << 64) - 4096:  # before 1.0 errors were pointers
        return 1
    return int(library.bpf_object__load(opened) != 0)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
