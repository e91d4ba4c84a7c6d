"""The tools that tests hold bpfgen against, and what happens where one is missing.

A missing tool is a skip that names it. Where the environment variable `BPFGEN_REQUIRE` lists the
tool (names separated by commas; `all` for every one, `-name` for all but that), the same is a
failure: continuous integration must not turn green because a witness stayed away.
"""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import NoReturn

import pytest

CHECKOUT = Path(__file__).resolve().parents[1]
"""The directory that holds pyproject.toml, samples/ and tests/."""

SYSTEM_DIRECTORIES = ("/usr/sbin", "/sbin", "/usr/local/sbin")
"""Where bpftool lives; an ordinary user's PATH leaves these out."""

CLANGS = ("clang-14", "clang-16", "clang-19")
"""The Debian packages of clang that generated code is compiled with, the oldest first."""


def find(name: str) -> str | None:
    """Return the path of the program *name*, system directories included, or None."""
    path = os.pathsep.join((os.environ.get("PATH", os.defpath), *SYSTEM_DIRECTORIES))
    return shutil.which(name, path=path)


def is_required(name: str) -> bool:
    """Whether `BPFGEN_REQUIRE` makes the absence of *name* a failure."""
    required = {part.strip() for part in os.environ.get("BPFGEN_REQUIRE", "").split(",")}
    return name in required or ("all" in required and f"-{name}" not in required)


def missing(name: str, why: str = "is not on this machine") -> NoReturn:
    """Skip the running test, naming what it lacks; fail it where that is required."""
    if is_required(name):
        pytest.fail(f"{name} {why}, and BPFGEN_REQUIRE asks for it", pytrace=False)
    pytest.skip(f"{name} {why}")


def require(name: str) -> str:
    """Return the path of the program *name*; skip or fail the test where there is none."""
    path = find(name)
    if path is None:
        missing(name)
    return path


def require_file(path: str | Path, name: str) -> Path:
    """Return *path* if it is there; else skip or fail, calling it *name* (a package, say)."""
    found = Path(path)
    if not found.exists():
        missing(name, f"is not on this machine ({found} is missing)")
    return found


def require_clang() -> str:
    """Return the newest clang of :data:`CLANGS` that is here."""
    for name in reversed(CLANGS):
        path = find(name)
        if path is not None:
            return path
    missing(CLANGS[-1])


def require_root(name: str = "root") -> None:
    """Skip or fail unless the test runs with the right to create BPF maps."""
    if os.geteuid() != 0:
        missing(name, "rights are needed to create BPF maps")


def newest_clang() -> str | None:
    """Return the newest clang of :data:`CLANGS` that is here, or None: for use at collection."""
    return next((path for name in reversed(CLANGS) if (path := find(name))), None)
