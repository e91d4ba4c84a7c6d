"""Where each output goes: `-o FILE`, or the tree of the inputs once more below `--out-dir DIR`."""

from __future__ import annotations

import os

from bpfgen.commands import UsageError
from bpfgen.commands.arguments import is_same_file
from bpfgen.commands.forms import (
    NONE,
    alternatives,
    files_of,
    form_of,
    main_suffixes,
    suffixes_of,
    written_forms,
)
from bpfgen.record import TYPE_CHECKING, Record

if TYPE_CHECKING:
    import argparse


class Job(Record):
    """One input and what comes out of it.

    Attributes:
        input: The path as typed, or `-`.
        form: As `--emit` has it.
        outputs: The paths to write, the main one first, or `-` alone; empty for the form `none`.
    """

    input: str
    form: str
    outputs: tuple[str, ...]

    @property
    def written(self) -> tuple[str, ...]:
        """The files that are written, or compared."""
        return () if self.outputs == ("-",) else self.outputs


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
    if arguments.emit == NONE or _says_nothing_of_outputs(arguments):
        jobs = _unwritten(arguments)
    elif arguments.out_dir is None:
        jobs = [_single(arguments)]
    else:
        if arguments.output is not None:
            raise UsageError("-o and --out-dir exclude each other")
        form: str = arguments.emit or written_forms()[0]
        jobs = [
            Job(name, form, tuple(stem + suffix for suffix in suffixes_of(form)))
            for name, stem in zip(
                inputs, _mirrored(inputs, arguments.out_dir, arguments.base), strict=True
            )
        ]
    _refuse_clashes(jobs)
    _refuse_overwriting(jobs, arguments.depfile)
    return jobs


def _says_nothing_of_outputs(arguments: argparse.Namespace) -> bool:
    """Return whether neither a place nor a form is asked for: then the inputs are checked."""
    asked = (arguments.output, arguments.out_dir, arguments.base, arguments.emit)
    return not arguments.check and all(word is None for word in asked)


def _unwritten(arguments: argparse.Namespace) -> list[Job]:
    """Return jobs that only check their inputs: `--emit none`, or nowhere to write."""
    given = {"-o": arguments.output, "--out-dir": arguments.out_dir, "--base": arguments.base}
    for option, path in given.items():
        if path is not None:
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
    return [Job(name, NONE, ()) for name in arguments.inputs]


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
    form: str | None = arguments.emit or form_of(output)
    if output == "-" and arguments.check:
        raise UsageError("--check compares with a file, and -o - is none")
    if output == "-" and arguments.depfile is not None:
        raise UsageError("--depfile says what a file depends on, and -o - is none")
    if form is None:
        forms = f"--emit {alternatives(written_forms())}"
        if output == "-":
            raise UsageError("-o - doesn't say what to write", forms)
        raise UsageError(
            f"the name `{output}` doesn't say what to write",
            f"end it in {alternatives(main_suffixes())}, or say {forms}",
        )
    if output != "-":
        return Job(inputs[0], form, files_of(output, form))
    if len(suffixes_of(form)) > 1:
        suffixes = ", ".join(suffixes_of(form))
        raise UsageError(f"`{form}` is several files ({suffixes}), and -o - is one", "-o FILE")
    return Job(inputs[0], form, ("-",))


def _mirrored(inputs: list[str], directory: str, base: str | None) -> list[str]:
    """Return where the outputs of each input are: its path from the base on, below *directory*.

    The suffix is left out.

    The base is *base*; else, for what is below it, the working directory, and for the rest the
    deepest directory that all of the rest share.
    """
    if not directory:
        raise UsageError("the name of --out-dir is empty", "--out-dir . is the working directory")
    twice = _given_twice(inputs)
    if twice is not None:
        raise twice
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
    return [os.path.join(directory, os.path.splitext(path)[0]) for path in paths]


def _absolute(name: str) -> str:
    """Return the absolute path of the input *name*, without `.`, `..` and repeated slashes.

    A symbolic link stays one, unless a `..` after it leads out of where it points to.
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
    """Refuse two outputs that would be one file."""
    seen: dict[str, tuple[Job, str]] = {}
    for job in jobs:
        real = [os.path.realpath(output) for output in job.written]
        if len(set(real)) < len(real):
            raise UsageError(f"two outputs of `{job.input}` would be one file", "another -o FILE")
        for output, place in zip(job.written, real, strict=True):
            first, path = seen.setdefault(place, (job, output))
            if first is job:
                continue
            also = "" if path == output else f", which is `{path}` too"
            raise UsageError(
                f"`{first.input}` and `{job.input}` would both be written to `{output}`{also}",
                "rename one, or run bpfgen twice with different --out-dir",
            )


def _refuse_overwriting(jobs: list[Job], depfile: str | None) -> None:
    """Refuse to write over anything that is read, or over an output."""
    written = [output for job in jobs for output in job.written]
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


def overwritten(job: Job, dependencies: tuple[str, ...]) -> str | None:
    """Return the output of *job* that is one of the files *dependencies*, or None."""
    for output in job.written:
        identity = _identity(output)
        if identity is not None and any(_identity(name) == identity for name in dependencies):
            return output
    return None
