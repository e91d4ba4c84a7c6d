"""The programs of the selftests as objects: of both byte orders, linked, stripped.

Second of the corpus. An object that is there is not made again.
"""

from __future__ import annotations

import subprocess
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, NamedTuple

from tests.corpus.sources import SELFTESTS, jobs

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

EVERY = 4
"""One program in this many is also compiled big-endian, linked, and stripped."""

PAIRS = ("test_static_linked", "linked_funcs", "linked_vars", "linked_maps")
"""Programs in two files, NAME1.c and NAME2.c, that only mean something together."""

TIMEOUT = 300
"""Seconds that a compiler may take for one program."""


class Toolchain(NamedTuple):
    """What objects are made with.

    Attributes:
        include: libbpf's headers and vmlinux.h.
    """

    clang: str
    bpftool: str
    strip: str
    tree: Path
    include: Path


class Built(NamedTuple):
    """The objects that there are, and the programs that didn't compile with the first error."""

    objects: list[Path]
    failed: dict[str, str]


def build(toolchain: Toolchain, directory: Path, *, only: Iterable[str] = ()) -> Built:
    """Return the objects of all programs, or of those called in *only*, made below *directory*."""
    wanted = set(only)
    programs = sorted((toolchain.tree / SELFTESTS / "progs").glob("*.c"))
    programs = [program for program in programs if not wanted or program.stem in wanted]
    failed: dict[str, str] = {}
    with ThreadPoolExecutor(jobs()) as pool:
        little = {
            program.stem: pool.submit(_compile, toolchain, program, directory / "el", "bpfel")
            for program in programs
        }
        big = [
            pool.submit(_compile, toolchain, program, directory / "eb", "bpfeb")
            for program in programs[::EVERY]
        ]
        objects: list[Path] = []
        for name, future in little.items():
            made = future.result()
            if isinstance(made, str):
                failed[name] = made
            else:
                objects.append(made)
        # What isn't written for the other byte order has been told of already, or has no business.
        objects += [made for future in big if not isinstance(made := future.result(), str)]
        chosen = [path for path in objects if path.parent.name == "el"][::EVERY]
        groups = [(path.stem, [path]) for path in chosen]
        for name in PAIRS:
            parts = [directory / "el" / f"{name}{number}.o" for number in (1, 2)]
            if all(part.exists() for part in parts):
                groups.append((name, parts))
        linked = [
            pool.submit(_link, toolchain, directory / "linked" / f"{name}.o", parts)
            for name, parts in groups
        ]
        for job in linked:
            path = job.result()
            if path is not None:
                objects += [path, _strip(toolchain, path, directory / "stripped" / path.name)]
    return Built(objects, failed)


def _compile(toolchain: Toolchain, program: Path, directory: Path, target: str) -> Path | str:
    """Return the object of *program*, or the first line of clang's complaint."""
    made = directory / f"{program.stem}.o"
    if made.exists():
        return made
    directory.mkdir(parents=True, exist_ok=True)
    here = toolchain.tree / SELFTESTS
    command: list[str | Path] = [
        *(toolchain.clang, "-g", "-O2", "-w", f"--target={target}", "-mcpu=v3", "-std=gnu11"),
        *("-D__TARGET_ARCH_x86", "-DENABLE_ATOMICS_TESTS", "-fno-strict-aliasing"),
        *("-I", toolchain.include, "-I", here, "-I", here / "progs"),
        *("-I", toolchain.tree / "tools/include/uapi"),
        # Where the C library's headers of this machine are; the bpf target doesn't look there.
        *("-idirafter", "/usr/include/x86_64-linux-gnu", "-idirafter", "/usr/include"),
        *("-c", program, "-o", made),
    ]
    try:
        done = subprocess.run(
            command, check=False, capture_output=True, text=True, timeout=TIMEOUT, cwd=here
        )
    except subprocess.TimeoutExpired:
        made.unlink(missing_ok=True)
        return f"clang takes more than {TIMEOUT} s"
    if done.returncode == 0:
        return made
    made.unlink(missing_ok=True)
    lines = [line for line in done.stderr.splitlines() if "error:" in line]
    return lines[0].replace(str(toolchain.tree), "") if lines else f"status {done.returncode}"


def _link(toolchain: Toolchain, made: Path, parts: list[Path]) -> Path | None:
    """Return *parts* as one object, or None where libbpf's linker refuses them."""
    made.parent.mkdir(parents=True, exist_ok=True)
    if not made.exists():
        command: list[str | Path] = [toolchain.bpftool, "gen", "object", made, *parts]
        if subprocess.run(command, check=False, capture_output=True).returncode != 0:
            made.unlink(missing_ok=True)
            return None
    return made


def _strip(toolchain: Toolchain, path: Path, made: Path) -> Path:
    """Return *path* without DWARF."""
    made.parent.mkdir(parents=True, exist_ok=True)
    if not made.exists():
        subprocess.run([toolchain.strip, "-g", path, "-o", made], check=True)
    return made
