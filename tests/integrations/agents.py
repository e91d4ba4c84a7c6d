"""The agents of samples/projects/agents, each built by the real tools of its language."""

from __future__ import annotations

import os
import shlex
import sys
from typing import TYPE_CHECKING

from tests.tools import (
    LIBRARIES,
    find,
    header_flags,
    is_here,
    missing,
    require,
    require_library,
)
from tests.user_space import go as go_tools
from tests.user_space import rust as rust_tools
from tests.user_space.commands import run

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.integrations.workplace import Workplace


class Agent:
    """An agent that was built.

    Attributes:
        command: What starts it.
        environment: Its variables.
    """

    def __init__(self, command: list[str], environment: dict[str, str]) -> None:
        self.command = command
        self.environment = environment

    def __call__(self, pins: Path, *words: object) -> str:
        """Run it with *words* on the maps below *pins*; return what it printed."""
        command = [*self.command, str(pins), *map(str, words)]
        return run(command, environment=self.environment).stdout


def require_tools() -> None:
    """Skip or fail, before anything is built, where something is missing for one of the agents."""
    for name in ("make", "gcc", "bpftool"):
        require(name)
    go_tools.require_go()
    require("staticcheck")
    rust_tools.require_cargo()
    require("cargo-clippy")
    for name in LIBRARIES:
        require_library(name)
    if not is_here("libbpf.so.1"):
        missing("libbpf1")


def build_c(place: Workplace, project: Path) -> Agent:
    """Run make in `c`."""
    done = run([require("make")], folder=project / "c", environment=place.environment)
    assert "warning" not in done.stderr, done.stderr
    return Agent([str(project / "c" / "build" / "agent")], place.environment)


def build_go(place: Workplace, project: Path) -> Agent:
    """Run `go generate`, which runs bpf2go, and vet, staticcheck and `go build` in `go`."""
    folder = project / "go"
    go_tools.replace_modules(folder)
    generate = [go_tools.require_go(), "generate"]
    run(generate, folder=folder, environment=go_tools.environment(**_variables(place)))
    go_tools.go(folder, "vet", "./...")
    go_tools.staticcheck(folder)
    return Agent([str(go_tools.go_build(folder))], place.environment)


def build_rust(place: Workplace, project: Path) -> Agent:
    """Run clippy and `cargo build` in `rust`."""
    folder = project / "rust"
    rust_tools.take_crates_from_here(folder)
    variables = _variables(place)
    rust_tools.clippy(folder, variables=variables)
    return Agent([str(rust_tools.cargo_build(folder, **variables))], place.environment)


def build_python(place: Workplace, project: Path) -> Agent:
    """Build a wheel of `python`, install it into a directory of its own, and check its types."""
    folder = project / "python"
    build = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", "dist"]
    run(build, folder=folder, environment=place.environment)
    wheel = next((folder / "dist").glob("*.whl"))
    installed = folder / "installed"
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--no-index"]
    run([*pip, "--target", installed, wheel], environment=place.environment)
    mypy = [sys.executable, "-m", "mypy", "--strict", "--cache-dir", str(folder / "mypy")]
    run([*mypy, "src/agent"], folder=folder, environment=place.environment)
    path = f"{installed}{os.pathsep}{place.environment['PYTHONPATH']}"
    return Agent([sys.executable, "-m", "agent"], {**place.environment, "PYTHONPATH": path})


def _variables(place: Workplace) -> dict[str, str]:
    """Return what the environment of a build needs, so that it finds `bpfgen` and `clang`."""
    programs = place.environment["PATH"].split(os.pathsep)[0]
    names = ("PYTHONPATH", "BPFGEN_CLANG")
    return {
        "PATH": f"{programs}{os.pathsep}{go_tools.environment()['PATH']}",
        "BPF2GO_CFLAGS": shlex.join(header_flags()),
        "BPF2GO_STRIP": find("llvm-strip-19") or require("llvm-strip"),
        **{name: place.environment[name] for name in names},
    }


AGENTS: dict[str, Callable[[Workplace, Path], Agent]] = {
    "c": build_c,
    "go": build_go,
    "rust": build_rust,
    "python": build_python,
}
"""What builds the agent of each language."""
