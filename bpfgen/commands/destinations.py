"""Where each output goes: `-o FILE`, or the tree of the inputs once more below `--out-dir DIR`."""

from __future__ import annotations

import os

from bpfgen.commands import UsageError
from bpfgen.commands.arguments import is_same_file
from bpfgen.commands.forms import (
    NONE,
    alternatives,
    emitted,
    files_of,
    form_of,
    main_suffixes,
    suffixes_of,
    written_forms,
)
from bpfgen.emit.backend import SOURCE_SUFFIXES
from bpfgen.record import TYPE_CHECKING, Record
from bpfgen.sources import is_file

if TYPE_CHECKING:
    import argparse

    from bpfgen.emit.backend import Settings


class Output(Record):
    """One output of an input.

    Attributes:
        form: As `--emit` has it.
        files: The paths to write, the main one first, or `-` alone.
        settings: What a project's file asks of this output, by the names of options.
    """

    form: str
    files: tuple[str, ...]
    settings: Settings = {}  # noqa: RUF012 -- read only, as every record


class Job(Record):
    """One input and what comes out of it, by one compilation: all of it, or nothing.

    Attributes:
        input: The path as typed, or `-`.
        outputs: Empty where the input is only checked.
        types: Those that are wanted beside what maps need, as after `--types`.
        has_directories: The directories of its outputs are made where they are missing.
    """

    input: str
    outputs: tuple[Output, ...]
    types: tuple[str, ...] = ()
    has_directories: bool = False

    @property
    def files(self) -> tuple[str, ...]:
        """The paths of all outputs, in order; `-` is standard output."""
        return tuple(file for output in self.outputs for file in output.files)

    @property
    def written(self) -> tuple[str, ...]:
        """The files that are written, or compared."""
        return tuple(file for file in self.files if file != "-")


def jobs_of(arguments: argparse.Namespace) -> list[Job]:
    """Return what is to be done.

    Raises:
        UsageError: It can't be told, or something that is read would be written over.
    """
    inputs: list[str] = arguments.inputs
    if "" in inputs:
        raise UsageError("the name of an input is empty")
    if arguments.depfile_target is not None and arguments.depfile is None:
        raise UsageError("--depfile-target is for --depfile")
    forms = _forms_of(arguments)
    types = types_of(arguments)
    if NONE in forms or _says_nothing_of_outputs(arguments):
        jobs = _unwritten(arguments, types)
    elif arguments.out_dir is None:
        jobs = [Job(inputs[0], _single(arguments, forms), types)]
    else:
        if arguments.output:
            raise UsageError("-o and --out-dir exclude each other")
        forms = forms or written_forms()[:1]
        stems = mirrored(inputs, arguments.out_dir, arguments.base)
        jobs = [
            Job(
                name,
                tuple(
                    Output(form, tuple(stem + end for end in suffixes_of(form))) for form in forms
                ),
                types,
                has_directories=True,
            )
            for name, stem in zip(inputs, stems, strict=True)
        ]
    refuse_conflicts(jobs, arguments.depfile)
    return jobs


def refuse_places(arguments: argparse.Namespace) -> None:
    """Refuse what says of named inputs what comes out of them: none is named.

    Raises:
        UsageError: There is such an option.
    """
    given = {
        "-o": arguments.output,
        "--emit": arguments.emit,
        "--out-dir": arguments.out_dir,
        "--base": arguments.base,
        "--types": arguments.types,
    }
    for option, value in given.items():
        if value is not None and value != []:
            advice = "without one, `bpfgen` makes the outputs that pyproject.toml lists"
            raise UsageError(f"{option} is for inputs, and none is named", advice)
    if arguments.depfile_target is not None and arguments.depfile is None:
        raise UsageError("--depfile-target is for --depfile")


def refuse_conflicts(jobs: list[Job], depfile: str | None) -> None:
    """Refuse two outputs that would be one file, and one that is read or is the depfile.

    Raises:
        UsageError: There is such an output.
    """
    _refuse_clashes(jobs)
    _refuse_overwriting(jobs, depfile)


def _forms_of(arguments: argparse.Namespace) -> list[str]:
    """Return the forms after `--emit`, each once; several words, or one with commas.

    Raises:
        UsageError: One is none.
    """
    forms: dict[str, None] = {}
    for word in arguments.emit:
        for form in word.split(","):
            if form not in emitted():
                from bpfgen.text.spelling import did_you_mean

                listed = f"there are {', '.join(emitted())}"
                advice = did_you_mean(form, emitted()) or listed
                raise UsageError(f"--emit has no form `{form}`", advice)
            forms[form] = None
    if NONE in forms and len(forms) > 1:
        raise UsageError("--emit none writes nothing, and other forms are asked for", "--emit none")
    return list(forms)


def types_of(arguments: argparse.Namespace) -> tuple[str, ...]:
    """Return the types after `--types`, each once.

    Raises:
        UsageError: The name of one is empty.
    """
    types = [type.strip() for word in arguments.types for type in word.split(",")]
    if not all(types):
        raise UsageError("--types has an empty name", "--types flow,event")
    return tuple(dict.fromkeys(types))


def _says_nothing_of_outputs(arguments: argparse.Namespace) -> bool:
    """Return whether neither a place nor a form is asked for: then the inputs are checked."""
    asked = (arguments.output, arguments.out_dir, arguments.base, arguments.emit)
    return not arguments.check and not any(word is not None and word != [] for word in asked)


def _unwritten(arguments: argparse.Namespace, types: tuple[str, ...]) -> list[Job]:
    """Return jobs that only check their inputs: `--emit none`, or nowhere to write."""
    given = {"-o": arguments.output, "--out-dir": arguments.out_dir, "--base": arguments.base}
    for option, path in given.items():
        if path is not None and path != []:
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
    return [Job(name, (), types) for name in arguments.inputs]


def _single(arguments: argparse.Namespace, forms: list[str]) -> tuple[Output, ...]:
    """Return the outputs of the one input, a file after each `-o`."""
    inputs: list[str] = arguments.inputs
    paths: list[str] = arguments.output
    if arguments.base is not None:
        raise UsageError("--base is for --out-dir")
    if not paths:
        raise UsageError("where to write is missing", "-o FILE, or --out-dir DIR")
    if len(inputs) > 1:
        twice = _given_twice(inputs)
        if twice is not None:
            raise twice
        raise UsageError("several inputs need --out-dir", "--out-dir DIR instead of -o")
    if len(forms) > 1:
        raise UsageError(
            "--emit with several forms needs --out-dir",
            "-o FILE once more for each, without --emit",
        )
    if forms and len(paths) > 1:
        raise UsageError(
            "--emit says what one file is, and -o names several",
            f"leave it out: names that end in {alternatives(main_suffixes())} say it",
        )
    if "-" in paths:
        if len(paths) > 1:
            raise UsageError("standard output takes one output alone", "-o FILE instead of -o -")
        if arguments.check:
            raise UsageError("--check compares with a file, and -o - is none")
        if arguments.depfile is not None:
            raise UsageError("--depfile says what a file depends on, and -o - is none")
    return tuple(_output(path, forms[0] if forms else form_of(path)) for path in paths)


def _output(output: str, form: str | None) -> Output:
    """Return the output at the path *output*."""
    if form is None:
        forms = f"--emit {alternatives(written_forms())}"
        if output == "-":
            raise UsageError("-o - doesn't say what to write", forms)
        raise UsageError(
            f"the name `{output}` doesn't say what to write",
            f"end it in {alternatives(main_suffixes())}, or say {forms}",
        )
    if output != "-":
        return Output(form, files_of(output, form))
    if len(suffixes_of(form)) > 1:
        suffixes = ", ".join(suffixes_of(form))
        raise UsageError(f"`{form}` is several files ({suffixes}), and -o - is one", "-o FILE")
    return Output(form, ("-",))


def mirrored(inputs: list[str], directory: str, base: str | None) -> list[str]:
    """Return where the outputs of each input are: its path from the base on, below *directory*.

    The suffix is left out, of `prog.bpf.o` both.

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
        path = _absolute(name if is_file(name) else name.replace(":", "_"))
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
    return [os.path.join(directory, _without_suffix(path)) for path in paths]


def _without_suffix(path: str) -> str:
    """Return *path* without the suffix of a source, or without any other."""
    bare = next((path.removesuffix(end) for end in SOURCE_SUFFIXES if path.endswith(end)), "")
    return bare if os.path.basename(bare) else os.path.splitext(path)[0]


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
    """Refuse two outputs that would be one file, and one in a directory that is to be a file."""
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
    for place, (_job, output) in seen.items():
        directory = os.path.dirname(place)
        while directory not in seen and directory != os.path.dirname(directory):
            directory = os.path.dirname(directory)
        if directory in seen:
            file = seen[directory][1]
            raise UsageError(f"`{file}` would be both an output and the directory of `{output}`")


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
