"""Rust: projects that are built offline, against the crates that `.ci/toolchains` fetched.

All projects of a machine share one target directory, so that a crate is compiled once. What is of
the project itself is taken out of it again: the directory doesn't grow with the number of runs, and
two projects of one name don't meet.
"""

from __future__ import annotations

import functools
import os
import re
import shutil
from types import MappingProxyType
from typing import TYPE_CHECKING

from tests.tools import missing, require, require_library
from tests.user_space.commands import run, write_files
from tests.user_space.kept import kept_directory, locked

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Mapping, Sequence
    from pathlib import Path

OLDEST = (1, 82)
"""The oldest Rust that the crates can be compiled with; generated files are for 1.77 and later."""

CRATES = {
    "zerocopy": '{ version = "*", features = ["derive"] }',
    "bytemuck": '{ version = "*", features = ["derive", "min_const_generics"] }',
    "aya": '"*"',
    "libbpf-rs": '"*"',
}
"""The crates that a project can ask for, with the features that generated files need of them."""

SETTINGS = """\
[source.crates-io]
replace-with = "here"

[source.here]
directory = "{crates}"

[net]
offline = true
"""
"""Where cargo takes crates from."""


def require_cargo() -> str:
    """Return the path of `cargo`; skip or fail where there is none, or one that is too old."""
    program = require("cargo")
    if _version(require("rustc")) < OLDEST:
        missing("cargo", f"is older than {OLDEST[0]}.{OLDEST[1]} on this machine")
    return program


@functools.cache
def _version(program: str) -> tuple[int, ...]:
    return tuple(map(int, re.findall(r"\d+", run([program, "--version"]).stdout)[:2]))


def cargo_project(
    folder: Path,
    files: Mapping[str, str],
    *,
    crates: Sequence[str] = (),
    name: str = "maps",
    more: str = "",
) -> Path:
    """Write a package with *files*, `src/lib.rs` or `src/main.rs` among them, to *folder*.

    *crates* are some of :data:`CRATES`; *more* is the rest of Cargo.toml: features and the like.
    *name* is that of no crate. Returns *folder*.
    """
    require_cargo()
    needs = "".join(f"{crate} = {CRATES[crate]}\n" for crate in crates)
    package = f'[package]\nname = "{name}"\nversion = "0.0.0"\nedition = "2021"\n'
    folder.mkdir(parents=True, exist_ok=True)
    write_files(folder, {"Cargo.toml": f"{package}\n[dependencies]\n{needs}\n{more}", **files})
    take_crates_from_here(folder)
    return folder


def take_crates_from_here(folder: Path) -> None:
    """Have cargo in *folder* take crates from their sources here, and none from a registry."""
    crates = require_library("crates")
    write_files(folder, {".cargo/config.toml": SETTINGS.format(crates=crates)})


def environment(**variables: str) -> dict[str, str]:
    """Return the environment that cargo runs in, with *variables* added."""
    return {
        **os.environ,
        "CARGO_TARGET_DIR": str(kept_directory("cargo-target")),
        "CARGO_INCREMENTAL": "0",
        "CARGO_TERM_COLOR": "never",
        # Line tables of the crates are most of what is written, and nobody reads them.
        "CARGO_PROFILE_DEV_DEBUG": "0",
        **variables,
    }


def cargo(
    folder: Path, *words: str, check: bool = True, **variables: str
) -> subprocess.CompletedProcess[str]:
    """Run `cargo` with *words* in *folder*; *variables* are added to its environment."""
    return _alone(folder, words, variables, check=check)


def cargo_build(folder: Path, program: str = "", **variables: str) -> Path:
    """Build the project in *folder*; return its *program*, the package's own if empty."""
    name = program or package_name(folder)
    with locked(kept_directory("cargo-target")):
        try:
            _cargo(folder, ["build"], variables)
            built = folder / "built" / name
            built.parent.mkdir(exist_ok=True)
            shutil.copy2(kept_directory("cargo-target") / "debug" / name, built)
            return built
        finally:
            _take_out(folder)


def package_name(folder: Path) -> str:
    """Return the name of the package in *folder*, as its Cargo.toml has it."""
    found = re.search(r'^name = "([\w-]+)"', (folder / "Cargo.toml").read_text(), re.MULTILINE)
    assert found, folder
    return found[1]


def clippy(
    folder: Path,
    *words: str,
    check: bool = True,
    variables: Mapping[str, str] = MappingProxyType({}),
) -> subprocess.CompletedProcess[str]:
    """Run clippy on the project in *folder*; a warning of it is an error."""
    require("cargo-clippy")
    words = ("clippy", "--all-targets", *words, "--", "-D", "warnings")
    return _alone(folder, words, variables, check=check)


def rustfmt(text: str, edition: str = "2021") -> str:
    """Return what rustfmt makes of a file with *text*; a syntax error fails the test."""
    return run([require("rustfmt"), "--emit", "stdout", "--edition", edition], text=text).stdout


def rustc(source: Path, *words: str, check: bool = True) -> subprocess.CompletedProcess[str]:
    """Compile *source*, a file that needs no crate, beside itself."""
    return run([require("rustc"), *words, source], folder=source.parent, check=check)


def _alone(
    folder: Path, words: Sequence[str], variables: Mapping[str, str], *, check: bool
) -> subprocess.CompletedProcess[str]:
    with locked(kept_directory("cargo-target")):
        try:
            return _cargo(folder, words, variables, check=check)
        finally:
            _take_out(folder)


def _cargo(
    folder: Path, words: Sequence[str], variables: Mapping[str, str], *, check: bool = True
) -> subprocess.CompletedProcess[str]:
    command = [require_cargo(), *words]
    return run(command, folder=folder, environment=environment(**variables), check=check)


def _take_out(folder: Path) -> None:
    """Remove what the shared directory has of the package in *folder*.

    A directory below `.fingerprint` has the package's name and the hash that its files end in.
    """
    name, target = package_name(folder), kept_directory("cargo-target")
    for mark in [path.name for path in target.glob(f"**/.fingerprint/{name}-*")]:
        for path in [*target.glob(f"**/*-{mark.rpartition('-')[2]}*")]:
            if path.is_dir():
                shutil.rmtree(path)
            else:
                path.unlink(missing_ok=True)  # it may have been in such a directory
