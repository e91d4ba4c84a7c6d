"""Which cilium/ebpf and aya do what: releases, built from clones, are handed the same objects.

    git clone https://github.com/cilium/ebpf /tmp/ebpf
    git clone https://github.com/aya-rs/aya /tmp/aya
    python -m tests.conformance.loader_versions cilium /tmp/ebpf
    python -m tests.conformance.loader_versions aya /tmp/aya

Wants what `.ci/toolchains` fetches (Go, golang.org/x/sys, crates), clang and root; takes some ten
minutes. Each release is built against the libraries that are there, not those that it asks for.
Prints a row for each program of tests/loader_programs.py, and what differs from the dates there;
the status is 1 if anything does. What only older kernels refuse, and what needs a linked program,
isn't tried.
"""

from __future__ import annotations

import re
import subprocess
import sys
import tempfile
from pathlib import Path

from bpfgen.building import build_object
from bpfgen.compiler import Options, compile
from bpfgen.text.source import Source
from tests.loader_programs import AGAIN, LINK, NEVER, PROGRAMS
from tests.tools import LIBRARIES, require, require_library
from tests.user_space import go, loaders, rust
from tests.user_space.commands import run, write_files
from tests.user_space.loaders import GO_PROGRAM, RUST_PROGRAM

OLDEST = {"cilium": (0, 4), "aya": (0, 12)}
"""aya 0.11 reads no maps of section `.maps` and calls its loader otherwise."""

_AYA_NEEDS = """
assert_matches = "*"
bitflags = "2"
bytes = "1"
lazy_static = "1"
libc = "0.2"
log = "0.4"
object = { version = "*", default-features = false, features = [
    "elf", "read_core", "std", "write"
] }
once_cell = "1"
parking_lot = { version = "*", features = ["send_guard"] }
scopeguard = "1"
"""


def main(words: list[str]) -> int:
    """Try the releases of the clone that *words* names; return 1 if anything differs."""
    loader, clone = words
    different = 0
    with tempfile.TemporaryDirectory() as folder:
        objects = _objects(loader, Path(folder))
        for version, tag in releases(loader, clone).items():
            program = _BUILDERS[loader](clone, tag, Path(folder, tag))
            different += _compare(loader, version, program, objects, Path(folder))
    sys.stdout.write(f"{different} differences\n")
    return int(different > 0)


def releases(loader: str, clone: str) -> dict[tuple[int, int], str]:
    """Return the first tag of each (major, minor) of the repository *clone*, the oldest first."""
    words = [require("git"), "-C", clone, "tag"]
    tags = subprocess.run(words, capture_output=True, text=True, check=True).stdout.split()
    prefix = "v" if loader == "cilium" else "aya-v"
    found: dict[tuple[int, int], list[tuple[int, str]]] = {}
    for tag in tags:
        match = re.fullmatch(rf"{prefix}(\d+)\.(\d+)\.(\d+)", tag)
        if match and (int(match[1]), int(match[2])) >= OLDEST[loader]:
            patch = (int(match[3]), tag)
            found.setdefault((int(match[1]), int(match[2])), []).append(patch)
    return {version: min(tagged)[1] for version, tagged in sorted(found.items())}


def _objects(loader: str, folder: Path) -> dict[str, Path]:
    """Return the objects of the programs, by feature."""
    objects = {}
    for feature, program in PROGRAMS[loader].items():
        if program.fails in {LINK, NEVER} or program.kernel is not None:
            continue
        data, said = build_object(compile(Source("maps.dsl", program.text), Options(kernel=(7, 2))))
        assert data is not None, said
        objects[feature] = folder / (re.sub(r"\W", "_", feature) + ".o")
        objects[feature].write_bytes(data)
    return objects


def _compare(
    loader: str, version: tuple[int, int], program: Path, objects: dict[str, Path], folder: Path
) -> int:
    """Print what *program* makes of *objects*; return how often that isn't what is written down."""
    place = folder / f"pins-{version[0]}.{version[1]}"
    place.mkdir()
    subprocess.run([require("mount"), "-t", "bpf", "bpfgen-test", str(place)], check=True)
    try:
        pins = {}
        for feature, path in objects.items():
            if PROGRAMS[loader][feature].fails == AGAIN:
                pins[path] = place / path.stem
                pins[path].mkdir()
        found = loaders.outcomes_of(program, [*objects.values()], pins)
    finally:
        subprocess.run([require("umount"), str(place)], check=True)
    different = 0
    for feature, path in objects.items():
        written = PROGRAMS[loader][feature]
        expected = written.since is not None and written.since <= version
        if written.broken is not None and version < written.broken:
            expected = True
        works = not found[path].stage
        word = "" if works == expected else "  other than tests/loader_programs.py says"
        different += bool(word)
        does = "works" if works else "fails"
        sys.stdout.write(f"{version[0]}.{version[1]:<3} {does} {feature}{word}\n")
    return different


def _unpacked(clone: str, tag: str, folder: Path, *paths: str) -> Path:
    folder.mkdir(parents=True)
    words = [require("git"), "-C", clone, "archive", tag, *paths]
    archive = subprocess.run(words, capture_output=True, check=True)
    subprocess.run([require("tar"), "x", "-C", folder], input=archive.stdout, check=True)
    return folder


def _built_cilium(clone: str, tag: str, folder: Path) -> Path:
    sources = _unpacked(clone, tag, folder / "sources")
    minor = int(tag.split(".")[1])
    language = "1.24" if minor >= 18 else "1.22" if minor >= 12 else "1.18"
    (sources / "go.mod").write_text(f"module {go.CILIUM}\n\ngo {language}\n")
    module = go.go_module(folder / "program", {"main.go": GO_PROGRAM}, version=language)
    words = [f"-require={go.CILIUM}@v0.0.0", f"-replace={go.CILIUM}={sources}"]
    libraries = require_library("cilium-ebpf").parents[2]
    for name in (go.SYSTEM_CALLS, "golang.org/x/exp", "golang.org/x/xerrors"):
        if (libraries / name).exists():
            words += [f"-require={name}@v0.0.0", f"-replace={name}={libraries / name}"]
    go.go(module, "mod", "edit", *words)
    return go.go_build(module)


def _built_aya(clone: str, tag: str, folder: Path) -> Path:
    _unpacked(clone, tag, folder, "aya", "aya-obj")
    minor = int(tag.split(".")[1])
    edition, errors = ("2024", "2") if minor >= 14 else ("2021", "1")
    hashes = next(LIBRARIES["crates"].glob("hashbrown-*")).name.rpartition("-")[2]
    needs = f'{_AYA_NEEDS}thiserror = "{errors}"\nhashbrown = "{hashes}"\ncore-error = "0.0.0"\n'
    head = '[package]\nname = "{}"\nversion = "0.0.1"\nedition = "{}"\n'
    features = "[features]\nasync_tokio = []\nasync_std = []\ntest-helpers = []\nstd = []\n"
    feature = "" if minor >= 14 else ', features = ["std"]'
    aya = f'aya-obj = {{ path = "../aya-obj"{feature} }}\n'
    text = RUST_PROGRAM if minor >= 13 else RUST_PROGRAM.replace("EbpfLoader", "BpfLoader")
    if minor >= 14:
        text = text.replace("map_pin_path(", "default_map_pin_directory(")
    write_files(
        folder,
        {
            "aya/Cargo.toml": (
                f"{head.format('aya', edition)}[dependencies]\n{aya}{needs}{features}"
            ),
            "aya-obj/Cargo.toml": (
                f"{head.format('aya-obj', edition)}[dependencies]\n{needs}{features}"
            ),
            "Cargo.toml": f"{head.format('loading', '2021')}[dependencies]\n"
            f'aya = {{ path = "aya" }}\naya-obj = {{ path = "aya-obj"{feature} }}\n[workspace]\n',
            "src/main.rs": text,
        },
    )
    rust.take_crates_from_here(folder)
    target = {"CARGO_TARGET_DIR": str(folder / "target"), "RUSTFLAGS": "--cap-lints allow"}
    command = [rust.require_cargo(), "build", "--quiet"]
    run(command, folder=folder, environment=rust.environment(**target))
    return folder / "target" / "debug" / "loading"


_BUILDERS = {"cilium": _built_cilium, "aya": _built_aya}


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
