"""Go: modules that are built offline, against the sources that `.ci/toolchains` fetched."""

from __future__ import annotations

import functools
import os
import re
from typing import TYPE_CHECKING

from tests.tools import LIBRARIES, TOOLCHAINS, missing, require, require_library
from tests.user_space.commands import run, write_files
from tests.user_space.kept import kept_directory

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Mapping
    from pathlib import Path

OLDEST = (1, 23)
"""The oldest Go that generated files are for."""

CILIUM = "github.com/cilium/ebpf"
"""The module that typed access goes through, and the one that it needs itself."""

SYSTEM_CALLS = "golang.org/x/sys"


@functools.cache
def _version(program: str) -> tuple[int, ...]:
    printed = run([program, "env", "GOVERSION"], environment=environment()).stdout
    return tuple(map(int, re.findall(r"\d+", printed)[:2]))


def environment(**variables: str) -> dict[str, str]:
    """Return the environment that Go runs in: no network, and what it compiles is kept.

    *variables* are added: GOARCH="arm64" and the like.
    """
    return {
        **{name: value for name, value in os.environ.items() if not name.startswith(("GO", "CGO"))},
        "GOCACHE": str(kept_directory("go-build")),
        "GOPATH": str(kept_directory("gopath")),
        "GOENV": "off",
        "GOFLAGS": "-mod=mod",
        "GOPROXY": "off",
        "GOSUMDB": "off",
        "GOTELEMETRY": "off",
        "GOTOOLCHAIN": "local",
        "GOWORK": "off",
        "STATICCHECK_CACHE": str(kept_directory("staticcheck")),
        "PATH": f"{TOOLCHAINS / 'bin'}{os.pathsep}{os.environ.get('PATH', os.defpath)}",
        **variables,
    }


def require_go() -> str:
    """Return the path of `go`; skip or fail where there is none, or one that is too old."""
    program = require("go")
    if _version(program) < OLDEST:
        missing("go", f"is older than {OLDEST[0]}.{OLDEST[1]} on this machine")
    return program


def go_module(
    folder: Path,
    files: Mapping[str, str],
    *,
    needs_cilium: bool = False,
    name: str = "example.com/maps",
    version: str = "1.23",
) -> Path:
    """Write a module with *files* to *folder*, with a go.mod that asks for Go *version*.

    With *needs_cilium*, cilium/ebpf and what it needs are replaced with their sources here, and Go
    raises the version to what they ask for. Returns *folder*.
    """
    require_go()
    folder.mkdir(parents=True, exist_ok=True)
    write_files(folder, files)
    (folder / "go.mod").write_text(f"module {name}\n\ngo {version}\n")
    if needs_cilium:
        replace_modules(folder)
    return folder


def replace_modules(folder: Path) -> None:
    """Have the module in *folder* take cilium/ebpf and what it needs from their sources here."""
    require_library("cilium-ebpf")
    sources = LIBRARIES["cilium-ebpf"].parents[2]
    words = []
    for module in (CILIUM, SYSTEM_CALLS):
        words += [f"-require={module}@v0.0.0", f"-replace={module}={sources / module}"]
    go(folder, "mod", "edit", *words)


def go(
    folder: Path, *words: str, check: bool = True, **variables: str
) -> subprocess.CompletedProcess[str]:
    """Run `go` with *words* in *folder*; *variables* are added to its environment."""
    return run(
        [require_go(), *words], folder=folder, environment=environment(**variables), check=check
    )


def go_build(folder: Path, package: str = ".", **variables: str) -> Path:
    """Build the program *package* of the module in *folder*; return the program."""
    built = folder / "built"
    built.mkdir(exist_ok=True)
    program = built / "program"
    command = [require_go(), "build", "-o", str(program), package]
    run(command, folder=folder, environment=environment(**variables))
    return program


def gofmt(text: str) -> str:
    """Return what gofmt makes of a file with *text*; a syntax error fails the test."""
    return run([require("gofmt"), "-s"], text=text).stdout


def staticcheck(folder: Path, *words: str) -> None:
    """Fail with what staticcheck, with its default checks, finds in the module in *folder*.

    *words* are its arguments, `./...` if there are none.
    """
    require_go()
    run(
        [require("staticcheck"), *(words or ("./...",))],
        folder=folder,
        environment=environment(),
    )


def bpf2go() -> str:
    """Return the path of cilium's bpf2go; skip or fail where there is none."""
    return require("bpf2go")
