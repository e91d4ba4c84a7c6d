"""Where each output goes: `-o FILE`, or the tree of the inputs once more below `--out-dir DIR`."""

from __future__ import annotations

import os

from bpfgen.commands import UsageError
from bpfgen.commands.arguments import is_same_file
from bpfgen.commands.options import SUFFIXES
from bpfgen.record import TYPE_CHECKING, Record

if TYPE_CHECKING:
    import argparse


class Job(Record):
    """One input and what comes out of it.

    Attributes:
        input: The path as typed, or `-`.
        output: The path to write, or `-`; empty for the form `none`.
        form: `header`, `object`, `json` or `none`.
    """

    input: str
    output: str
    form: str


def jobs_of(arguments: argparse.Namespace) -> list[Job]:
    """Return what is to be done.

    Raises:
        UsageError: It can't be told, or something that is read would be written over.
    """
    inputs: list[str] = arguments.inputs
    if not inputs:
        raise UsageError("there is nothing to compile", "bpfgen maps.dsl -o maps.h")
    if "" in inputs:
        raise UsageError("the name of an input is empty")
    if arguments.depfile_target is not None and arguments.depfile is None:
        raise UsageError("--depfile-target is for --depfile")
    if arguments.emit == "none":
        jobs = _unwritten(arguments)
    elif arguments.out_dir is None:
        jobs = [_single(arguments)]
    else:
        if arguments.output is not None:
            raise UsageError("-o and --out-dir exclude each other")
        form: str = arguments.emit or "header"
        jobs = [
            Job(name, output, form)
            for name, output in zip(
                inputs, _mirrored(inputs, arguments.out_dir, arguments.base, form), strict=True
            )
        ]
        _refuse_clashes(jobs)
    _refuse_overwriting(jobs, arguments.depfile)
    return jobs


def _unwritten(arguments: argparse.Namespace) -> list[Job]:
    """Return jobs that only check their inputs."""
    places = {"-o": arguments.output, "--out-dir": arguments.out_dir, "--base": arguments.base}
    for option, place in places.items():
        if place is not None:
            raise UsageError(f"--emit none writes nothing, so that {option} has no meaning")
    if arguments.check:
        raise UsageError("--emit none writes nothing that --check could compare")
    if arguments.depfile is not None and arguments.depfile_target is None:
        raise UsageError(
            "--depfile says what a file depends on, and none is written",
            "--depfile-target names one",
        )
    twice = _given_twice(arguments.inputs)
    if twice is not None:
        raise twice
    return [Job(name, "", "none") for name in arguments.inputs]


def _single(arguments: argparse.Namespace) -> Job:
    inputs: list[str] = arguments.inputs
    output: str | None = arguments.output
    if arguments.base is not None:
        raise UsageError("--base is for --out-dir")
    if output is None:
        raise UsageError("where to write is missing", "-o FILE, or --out-dir DIR")
    if len(inputs) > 1:
        twice = _given_twice(inputs)
        if twice is not None:
            raise twice
        raise UsageError("several inputs need --out-dir", "--out-dir DIR instead of -o")
    form: str | None = arguments.emit or SUFFIXES.get(os.path.splitext(output)[1])
    if output == "-" and arguments.check:
        raise UsageError("--check compares with a file, and -o - is none")
    if output == "-" and arguments.depfile is not None:
        raise UsageError("--depfile says what a file depends on, and -o - is none")
    if form is None:
        if output == "-":
            raise UsageError("-o - doesn't say what to write", "--emit header, object or json")
        raise UsageError(
            f"the name `{output}` doesn't say what to write",
            "end it in .h, .o or .json, or say --emit header, object or json",
        )
    return Job(inputs[0], output, form)


def _mirrored(inputs: list[str], directory: str, base: str | None, form: str) -> list[str]:
    """Return the output of each input: its path from the base on, below *directory*.

    The base is *base*; else, for what is below it, the working directory, and for the rest the
    deepest directory that all of the rest share.
    """
    if not directory:
        raise UsageError("the name of --out-dir is empty", "--out-dir . is the working directory")
    twice = _given_twice(inputs)
    if twice is not None:
        raise twice
    suffix = next(suffix for suffix, meant in SUFFIXES.items() if meant == form)
    root = os.path.abspath(base or "")
    paths: list[str] = []
    outside: dict[int, str] = {}
    for number, name in enumerate(inputs):
        if name == "-":
            raise UsageError("standard input has no name for --out-dir", "-o FILE")
        path = _absolute(name)
        below = _below(path, root)
        if below is None:
            if base is not None:
                raise UsageError(f"`{name}` is not below `{base}`, which --base names")
            outside[number] = path
        paths.append(below or "")
    if outside:
        shared = os.path.commonpath([os.path.dirname(path) for path in outside.values()])
        for number, path in outside.items():
            paths[number] = os.path.relpath(path, shared)
    return [os.path.join(directory, os.path.splitext(path)[0] + suffix) for path in paths]


def _absolute(name: str) -> str:
    """Return the absolute path of the input *name*, without `.`, `..` and repeated slashes.

    A symbolic link stays one, unless a `..` behind it leads out of where it points to.
    """
    path = os.path.abspath(name)
    if ".." in name.split("/") and not is_same_file(os.path.dirname(path), _directory(name)):
        return os.path.join(os.path.realpath(_directory(name)), os.path.basename(path))
    return path


def _directory(name: str) -> str:
    return os.path.dirname(name) or "."


def _below(path: str, root: str) -> str | None:
    """Return *path* from the directory *root* on, or None if it isn't below it.

    Either may have been reached through a symbolic link to a directory.
    """
    real = os.path.join(os.path.realpath(os.path.dirname(path)), os.path.basename(path))
    for one, other in ((path, root), (real, os.path.realpath(root))):
        prefix = other if other.endswith("/") else f"{other}/"
        if one.startswith(prefix):
            return one[len(prefix) :]
    return None


def _given_twice(inputs: list[str]) -> UsageError | None:
    """Return what is wrong where an input is given twice, spelt the same or not."""
    seen: dict[str, str] = {}
    for name in inputs:
        path = name if name == "-" else _absolute(name)
        if path in seen:
            also = "" if seen[path] == name else f", as `{seen[path]}` and `{name}`"
            return UsageError(f"`{seen[path]}` is given twice{also}")
        seen[path] = name
    return None


def _refuse_clashes(jobs: list[Job]) -> None:
    """Refuse two inputs that would be written to one file."""
    seen: dict[str, Job] = {}
    for job in jobs:
        first = seen.setdefault(os.path.realpath(job.output), job)
        if first is not job:
            also = "" if first.output == job.output else f", which is `{first.output}` too"
            raise UsageError(
                f"`{first.input}` and `{job.input}` would both be written to `{job.output}`{also}",
                "rename one, or run bpfgen twice with different --out-dir",
            )


def _refuse_overwriting(jobs: list[Job], depfile: str | None) -> None:
    """Refuse to write over anything that is read, or over an output."""
    written = [job.output for job in jobs if job.output not in {"", "-"}]
    read = {_identity(job.input): job.input for job in jobs if job.input != "-"}
    read.pop(None, "")
    if depfile is not None:
        real = os.path.realpath(depfile)
        if any(os.path.realpath(output) == real for output in written):
            raise UsageError(f"`{depfile}` would be both an output and the depfile")
        written.append(depfile)
    for output in written:
        name = read.get(_identity(output))
        if name is not None:
            if output in {name, depfile} or len(jobs) == 1:
                raise UsageError(f"`{output}` is the input; it would be written over")
            raise UsageError(f"`{output}` is the input `{name}`; it would be written over")


def _identity(path: str) -> tuple[int, int] | None:
    """Return what tells the file *path* from every other, or None if there is none."""
    try:
        status = os.stat(path)
    except (OSError, ValueError):
        return None
    return status.st_dev, status.st_ino


def overwritten(output: str, dependencies: tuple[str, ...]) -> str | None:
    """Return the one of *dependencies* that is the file *output*, or None."""
    found = _identity(output)
    if found is None:
        return None
    return next((name for name in dependencies if _identity(name) == found), None)
