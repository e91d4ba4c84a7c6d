"""The tools that tests hold bpfgen against, and what happens where one is missing.

A missing tool is a skip that names it. Where the environment variable `BPFGEN_REQUIRE` lists the
tool (names separated by commas; `all` for every one, `-name` for all but that), the same is a
failure: continuous integration must not turn green because a witness stayed away.
"""

from __future__ import annotations

import atexit
import ctypes
import functools
import os
import shlex
import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn, TypeVar

import pytest

from bpfgen.clang.flags import kernel_headers, system_directories
from bpfgen.clang.ziglang import library_of, ziglang_program

if TYPE_CHECKING:
    from collections.abc import Iterable

Case = TypeVar("Case")

CHECKOUT = Path(__file__).resolve().parents[1]
"""The directory that holds pyproject.toml, samples/ and tests/."""

SYSTEM_DIRECTORIES = ("/usr/sbin", "/sbin", "/usr/local/sbin")
"""Where bpftool lives; an ordinary user's PATH leaves these out."""

DEFAULT_SIGNALS = ("env", "--default-signal=HUP,INT,TERM")
"""Stands before a command that a test sends signals to: under nohup some would be ignored."""

CLANGS = ("clang-14", "clang-16", "clang-19")
"""The Debian packages of clang that generated code is compiled with, the oldest first."""

TOOLCHAINS = Path(os.environ.get("BPFGEN_TOOLCHAINS", "/var/cache/bpfgen-toolchains"))
"""What `.ci/toolchains` made: Go and its tools in `bin`, sources of Go libraries and of crates.

In `pythons`, what `.ci/pythons` made: Pythons, and qemu for the machines of some. In `npm`, what
`.ci/npm` did: node, and packages of JavaScript.
"""

TOOL_DIRECTORIES = (
    TOOLCHAINS / "bin",
    TOOLCHAINS / "pythons/qemu/usr/bin",
    TOOLCHAINS / "npm/bin",
)
"""Where they have their programs."""

LIBRARIES = {
    "cilium-ebpf": TOOLCHAINS / "gocode/github.com/cilium/ebpf",
    "crates": TOOLCHAINS / "crates",
    "vscode-textmate": TOOLCHAINS / "npm/node_modules",
}
"""The libraries that programs in Go, Rust and JavaScript are built against, and where each is."""

ZIGLANG = "ziglang"
"""The Python package that brings a clang; the tests' own requirements have it."""


def find(name: str) -> str | None:
    """Return the path of the program *name*, or None.

    :data:`TOOL_DIRECTORIES` come before the PATH, and system directories after it.
    """
    path = os.environ.get("PATH", os.defpath)
    path = os.pathsep.join((*map(str, TOOL_DIRECTORIES), path, *SYSTEM_DIRECTORIES))
    return shutil.which(name, path=path)


def is_required(name: str) -> bool:
    """Whether `BPFGEN_REQUIRE` makes the absence of *name* a failure."""
    required = {part.strip() for part in os.environ.get("BPFGEN_REQUIRE", "").split(",")}
    return name in required or ("all" in required and f"-{name}" not in required)


@functools.cache
def is_here(name: str) -> bool:
    """Whether this machine has *name*: a program, one of :data:`LIBRARIES`, or a `.so` with number.

    The last as the loader names it: `libbpf.so.1`.
    """
    if name in LIBRARIES:
        return LIBRARIES[name].exists()
    if ".so." not in name:
        return find(name) is not None
    try:
        ctypes.CDLL(name)
    except OSError:
        return False
    return True


def witnessed(cases: Iterable[Case], *names: str) -> list[Case]:
    """Return the *cases* of a test that holds each of them against the witnesses *names*.

    Where one is missing, and needn't be here, that is the first case alone: it is skipped and says
    what is missing, which every other would only repeat.
    """
    listed = list(cases)
    return listed if all(is_here(name) or is_required(name) for name in names) else listed[:1]


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


def require_library(name: str) -> Path:
    """Return where the library *name* of :data:`LIBRARIES` is; skip or fail where it isn't."""
    return require_file(LIBRARIES[name], name)


def require_file(path: str | Path, name: str) -> Path:
    """Return *path* if it is there; else skip or fail, calling it *name* (a package, say)."""
    found = Path(path)
    if not found.exists():
        missing(name, f"is not on this machine ({found} is missing)")
    return found


@functools.cache
def clangs() -> tuple[str, ...]:
    """Return the :data:`CLANGS` that tests are about on this machine, the oldest first.

    Those that are here, and those that must be: a machine that has one clang, or none of Debian's,
    isn't told of the others in every test that each of them would do.
    """
    return tuple(name for name in CLANGS if find(name) or is_required(name))


@functools.cache
def compilers() -> tuple[str, ...]:
    """Return :func:`clangs` and, at the end, :data:`ZIGLANG`; never empty."""
    return (*clangs(), ZIGLANG)


def newest() -> str:
    """Return the newest of :func:`clangs` that is here, :data:`ZIGLANG` where there is none."""
    return next((name for name in reversed(CLANGS) if find(name)), ZIGLANG)


def require_clang(name: str = "") -> str:
    """Return the path of the compiler *name*, the newest if empty, as `--clang` takes it."""
    name = name or newest()
    if name != ZIGLANG:
        return require(name)
    zig = ziglang_program()
    if zig is None:
        missing("clang" if newest() == ZIGLANG else ZIGLANG)
    return zig


@functools.cache
def clang_program(name: str = "") -> str:
    """Return a program that takes clang's own options: the compiler *name*, the newest if empty.

    zig's clang is told where its own headers are. Those of the system it doesn't know either:
    :func:`header_flags` has them.
    """
    path = require_clang(name)
    if os.path.basename(path) != "zig":
        return path
    words = [path, "clang", "-resource-dir", library_of(path)]
    folder = tempfile.mkdtemp(prefix="bpfgen-tests-")
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    program = Path(folder, "clang-zig")
    program.write_text(
        f"#!/bin/sh\nexport ZIG_GLOBAL_CACHE_DIR={folder} ZIG_LOCAL_CACHE_DIR={folder}\n"
        f'exec {shlex.join(words)} "$@"\n'
    )
    program.chmod(0o755)
    return str(program)


def header_flags() -> list[str]:
    """Return the options that let any clang find the kernel's headers, for the bpf target.

    Those of the machine; where it has none, those that ziglang brings.
    """
    directories = system_directories(with_usr_include=True)
    directories += kernel_headers()
    if not any(Path(directory, "linux/bpf.h").exists() for directory in directories):
        missing("linux-libc-dev")
    return [word for directory in directories for word in ("-idirafter", directory)]


def require_root(name: str = "root") -> None:
    """Skip or fail unless the test runs with the right to create BPF maps."""
    if os.geteuid() != 0:
        missing(name, "rights are needed to create BPF maps")


def newest_clang() -> str | None:
    """Return what :func:`require_clang` does, or None: for use at collection."""
    return ziglang_program() if newest() == ZIGLANG else find(newest())
