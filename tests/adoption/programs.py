"""What is moved: programs and how each is compiled, of Debian's source packages or of a person's.

First of the adoption. A person names a compile_commands.json; for Debian's sources the table below
says what clang has to be given, and what doesn't compile here is left out and counted.
"""

from __future__ import annotations

import json
import os
import shlex
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from tests.corpus.sources import PACKAGE, TARBALL, UnpreparedError, run

if TYPE_CHECKING:
    from collections.abc import Iterable

KERNEL_PARTS = (
    *("include/uapi", "samples/bpf", "scripts/bpf_doc.py", "tools/arch", "tools/bpf"),
    *("tools/include", "tools/lib/bpf", "tools/perf/util/bpf_skel"),
    "tools/testing/selftests/bpf",
)
"""What is needed of the kernel's tree, relative to its top."""

ALWAYS = ("-g", "-O2", "-w", "-target", "bpf", "-mcpu=v3", "-D__TARGET_ARCH_x86")
"""Flags that every program of Debian's gets."""

SYSTEM = ("-idirafter", "/usr/include/x86_64-linux-gnu", "-idirafter", "/usr/include")
"""Where the headers of the C library are; the bpf target doesn't look there."""


class Program(NamedTuple):
    """One program.

    Attributes:
        project: What it belongs to.
        path: Of the C file.
        directory: Where its compiler runs.
        arguments: What that compiler gets, without the compiler, `-c`, the input and the output.
    """

    project: str
    path: Path
    directory: Path
    arguments: tuple[str, ...]


class Project(NamedTuple):
    """Programs of one directory of a source package.

    Attributes:
        name: In the table of figures.
        package: Debian's source package, or :data:`tests.corpus.sources.PACKAGE`.
        directory: Below the top of the sources.
        patterns: Of the programs, below *directory*.
        flags: More of them; `{include}` has libbpf's headers and vmlinux.h.
        is_whole: All are moved in one run, with the headers that they share.
    """

    name: str
    package: str
    directory: str
    patterns: tuple[str, ...]
    flags: tuple[str, ...]
    is_whole: bool = True


PROJECTS = (
    Project(
        "selftests",
        PACKAGE,
        "tools/testing/selftests/bpf/progs",
        ("*.c",),
        ("-I..", "-I.", "-I{include}", "-I../../../../include/uapi", "-DENABLE_ATOMICS_TESTS"),
        is_whole=False,
    ),
    Project(
        "samples",
        PACKAGE,
        "samples/bpf",
        ("*.bpf.c", "*_kern.c"),
        (
            *("-I.", "-I../../tools/testing/selftests/bpf", "-I../../tools/include"),
            *("-I../../tools/include/uapi", "-I{include}", "-I../../tools/lib"),
        ),
    ),
    Project("bpftool", PACKAGE, "tools/bpf", ("**/*.bpf.c",), ("-I../include/uapi", "-I{include}")),
    Project(
        "perf",
        PACKAGE,
        "tools/perf/util/bpf_skel",
        ("*.bpf.c",),
        ("-I../../../include/uapi", "-I{include}"),
    ),
    Project(
        "libbpf-tools",
        "bpfcc",
        "libbpf-tools",
        ("*.bpf.c",),
        ("-I.", "-Ix86", "-I{include}"),
    ),
    Project("suricata", "suricata", "ebpf", ("*.c",), ("-I.", "-Iinclude", "-I{include}")),
    Project(
        "systemd",
        "systemd",
        "src",
        ("**/*.bpf.c",),
        ("-I.", "-Ibasic", "-Icore/bpf", "-I{include}"),
    ),
    Project(
        "cilium-ebpf",
        "golang-github-cilium-ebpf",
        ".",
        ("testdata/*.c", "*/testdata/*.c", "examples/**/*.c"),
        ("-Iexamples/headers", "-Itestdata", "-I{include}"),
    ),
    Project("pwru", "pwru", "bpf", ("*.c",), ("-I.", "-Iheaders", "-I{include}")),
    Project("bpftune", "bpftune", "src", ("*.bpf.c",), ("-I.", "-I../include", "-I{include}")),
)
"""What Debian has of programs with maps, as far as it compiles without a build of its own."""


def listed(path: Path) -> list[Program]:
    """Return the programs of the compile_commands.json *path*, for BPF or not.

    Raises:
        UnpreparedError: It is no such file.
    """
    try:
        entries = json.loads(path.read_text())
        return [_listed(path, entry) for entry in entries if entry["file"].endswith(".c")]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise UnpreparedError(f"{path}: {error}") from None


def _listed(path: Path, entry: dict[str, str]) -> Program:
    directory = Path(path.parent, entry["directory"])
    words = entry.get("arguments") or shlex.split(entry["command"])
    return Program(
        path.parent.name, Path(directory, entry["file"]), directory, _flags(words, entry["file"])
    )


def _flags(words: Iterable[str], file: str) -> tuple[str, ...]:
    """Return *words* of a compiler without itself, the input and the output."""
    kept = []
    rest = iter(list(words)[1:])
    for word in rest:
        if word == "-o":
            next(rest, None)
        elif word not in {"-c", file}:
            kept.append(word)
    return tuple(kept)


def of_debian(project: Project, sources: Path, include: Path) -> list[Program]:
    """Return the programs of *project*, whose *sources* are unpacked there."""
    directory = sources / project.directory
    found = sorted({path for pattern in project.patterns for path in directory.glob(pattern)})
    flags = tuple(flag.replace("{include}", str(include)) for flag in project.flags)
    return [
        Program(project.name, path, directory, (*ALWAYS, *flags, f"-I{path.parent}", *SYSTEM))
        for path in found
        if path.is_file()
    ]


def fetch(package: str, directory: Path, *, install: bool, suite: str = "") -> Path:
    """Return the sources of Debian's *package* below *directory*, fetched unless they are there.

    They are those of *suite*, of the machine's own without one.

    Raises:
        UnpreparedError: They aren't, and may not (*install*) or can't be fetched.
    """
    tree = directory / package
    if tree.exists():
        return tree
    directory.mkdir(parents=True, exist_ok=True)
    if package == PACKAGE and TARBALL.exists():
        with tempfile.TemporaryDirectory(dir=directory) as scratch:
            members = [f"{PACKAGE}/{part}" for part in KERNEL_PARTS]
            run(["tar", "-xJf", TARBALL, "-C", scratch, *members])
            Path(scratch, PACKAGE).rename(tree)
        return tree
    if not install or shutil.which("apt-get") is None:
        raise UnpreparedError(f"the sources of {package} aren't here")
    with tempfile.TemporaryDirectory(dir=directory) as scratch:
        apt = ["apt-get", "-qq", *_of_sources(directory, suite)]
        run([*apt, "source", "--download-only", package], directory=Path(scratch))
        description = next(Path(scratch).glob("*.dsc"))
        unpacked = Path(scratch, "unpacked")
        run(["dpkg-source", "--no-check", "-x", description, unpacked])
        unpacked.rename(tree)
    return tree


def _of_sources(directory: Path, suite: str) -> list[str]:
    """Return options with which apt knows source packages, whatever the machine's own lists say."""
    state = directory / "apt"
    options = [
        *("-o", f"Dir::Etc::SourceList={state / 'sources.list'}", "-o", "Dir::Etc::SourceParts=-"),
        *("-o", f"Dir::State::lists={state / 'lists'}", "-o", f"Dir::Cache={state / 'cache'}"),
        *("-o", "APT::Sandbox::User=root"),
    ]
    if not state.exists():
        form = "$(SITE) $(CODENAME) $(COMPONENT)"
        targets = run(["apt-get", "indextargets", "--format", form, "Created-By: Packages"])
        (state / "lists/partial").mkdir(parents=True)
        lines = sorted(set(targets.decode().splitlines()))
        if suite:  # updates and security lie elsewhere, and name themselves after it
            words = [line.split() for line in lines]
            lines = [f"{site} {suite} {part}" for site, name, part in words if "-" not in name]
        (state / "sources.list").write_text("".join(f"deb-src {line}\n" for line in lines))
        try:
            run(["apt-get", "-qq", *options, "update"])
        except UnpreparedError:
            shutil.rmtree(state)
            raise
    return options


def compiled(program: Program, clang: str, made: Path) -> str:
    """Compile *program* to the object *made*; return why it doesn't, or nothing."""
    try:
        done = subprocess.run(
            [clang, *program.arguments, "-c", str(program.path), "-o", str(made)],
            check=False,
            capture_output=True,
            text=True,
            errors="replace",
            timeout=300,
            cwd=program.directory,
        )
    except subprocess.TimeoutExpired:
        return "clang takes more than 300 s"
    if done.returncode == 0:
        return ""
    wrong = [line for line in done.stderr.splitlines() if "error:" in line]
    return wrong[0] if wrong else f"status {done.returncode}"


def included(program: Program, clang: str) -> list[str]:
    """Return the paths of the headers that *program* includes, but for the system's."""
    done = subprocess.run(
        [clang, *program.arguments, "-MM", str(program.path)],
        check=False,
        capture_output=True,
        text=True,
        errors="replace",
        cwd=program.directory,
    )
    names = done.stdout.replace("\\\n", " ").partition(": ")[2].split()
    return [os.path.join(program.directory, name) for name in names[1:]]


def written_commands(programs: list[Program], clang: str, path: Path) -> list[Program]:
    """Write a compile_commands.json of those of *programs* that compile; return them."""
    made = path.with_suffix(".o")
    good = [program for program in programs if not compiled(program, clang, made)]
    made.unlink(missing_ok=True)
    entries = [
        {
            "directory": str(program.directory),
            "file": str(program.path),
            "arguments": ["clang", *program.arguments, "-c", str(program.path), "-o", "program.o"],
        }
        for program in good
    ]
    path.write_text(json.dumps(entries, indent=1))
    return good
