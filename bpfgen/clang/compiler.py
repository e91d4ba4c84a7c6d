"""Running clang."""

from __future__ import annotations

import contextlib
import os
import re
import signal
import subprocess

from bpfgen.clang import INSTALL_HINT, ToolMissing
from bpfgen.clang.flags import (
    DEFAULT_FLAGS,
    REQUIRED_FLAGS,
    own_directories,
    prefix_maps,
    target_flags,
)
from bpfgen.clang.messages import ClangMessage, parse_messages
from bpfgen.clang.workspace import Workspace, read_bytes, write_bytes
from bpfgen.clang.ziglang import zig_of, ziglang_program
from bpfgen.record import TYPE_CHECKING, Record, replace

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from typing import TypeAlias

    from bpfgen.clang.cache import Cache
    from bpfgen.files.janitor import Janitor
    from bpfgen.record import Uncompared

    Rejected: TypeAlias = dict[tuple[object, ...], set[tuple[str, str, int]]]
    """Questions by the headers, flags and directories that they were asked with."""

TIMEOUT_SECONDS = 60.0
"""A clang that takes longer is taken for hung and killed."""

FOUND = ("PATH", "ziglang")
"""The origins of a compiler that nobody named: the PATH, or the Python package `ziglang`."""

_VERSION = re.compile(r"(?:clang version |clang-|llvm[-/])(\d+)", re.IGNORECASE)
_NO_BPF = re.compile(r"unknown target triple|unable to create target|No available targets")


class CompileResult(Record):
    """What one run of clang came to.

    Attributes:
        object: The ELF object, or None where clang failed.
        messages: What clang said, in its order; notes follow what they belong to.
        dependencies: Headers that were read, in clang's order, without our own temporary files.
    """

    object: bytes | None
    messages: list[ClangMessage]
    dependencies: list[str]


class PreprocessResult(Record):
    """What one run of the preprocessor came to.

    Attributes:
        text: The preprocessed text, or None where clang failed.
        messages: As in :class:`CompileResult`.
        dependencies: As in :class:`CompileResult`.
    """

    text: str | None
    messages: list[ClangMessage]
    dependencies: list[str]


class Compiler(Record):
    """A clang that can be run.

    Attributes:
        command: The words that start it, without flags.
        origin: Who named it: `--clang`, `BPFGEN_CLANG`, a place in a project file; or where it was
            found, one of :data:`FOUND`.
        alternatives: What to try, in this order, should it not know the bpf target. Asking it
            beforehand would cost every run a process.
        arguments: The user's flags, as :func:`bpfgen.clang.arguments.read_flags` makes them.
        cache: What keeps its answers to questions, or None.
        rejected: What it has rejected in this run of what was asked of headers, or None where
            that isn't remembered.
    """

    command: tuple[str, ...]
    origin: str
    alternatives: tuple[Compiler, ...] = ()
    arguments: tuple[str, ...] = ()
    cache: Uncompared[Cache | None] = None
    rejected: Uncompared[Rejected | None] = None

    @property
    def description(self) -> str:
        """The first line of `--version`, or the command where there is none; runs the compiler."""
        try:
            run = _run([*self.command, "--version"], timeout=10.0)
        except OSError:
            return " ".join(self.command)
        return (run.stdout or run.stderr).partition("\n")[0].strip() or " ".join(self.command)

    @property
    def version(self) -> int | None:
        """The major version, from the name where it says it, else from `--version`."""
        return version_in(self.command[0]) or version_in(self.description)

    def compile_object(  # noqa: PLR0913 -- the text, and all that decides what it means
        self,
        text: str,
        *,
        target: str = "bpf",
        include_directories: Sequence[str] = (),
        quote_directories: Sequence[str] = (),
        name: str = "<stdin>",
        headers: Mapping[str, str] | None = None,
        flags: Sequence[str] = (),
        is_kept: bool = False,
    ) -> CompileResult:
        """Compile C *text* for BPF.

        Args:
            text: The C source.
            target: One of :data:`TARGETS`.
            include_directories: The `-I` directories, relative to the working directory or not.
            quote_directories: Where `#include "…"` looks besides: where *headers* would lie.
            name: The file that *text* comes from; `#include "…"` also looks beside it.
            headers: Texts that `#include "…"` finds before any file of the disk, by their paths
                relative to *text*.
            flags: More flags, after ours and the user's.
            is_kept: The answer is kept in the cache, and taken from there, if there is one.

        The object depends on *text*, the headers, the flags and clang's version, not on the
        working directory, *name*'s directory or the time.

        Raises:
            ToolMissing: No compiler that was found knows the bpf target.
        """
        with Workspace(name, text, headers or {}, include_directories, quote_directories) as place:
            output = os.path.join(place.directory, "object")
            words = ["-c", *_flags(place), *self.arguments, *flags]
            words += ["-MD", "-MF", place.depfile, "-o", output, place.main]
            object, messages = self._compile(words, place, target, output if is_kept else None)
            data: bytes | None = None
            if object:
                data = read_bytes(output)
                if data is None or data[:4] != b"\x7fELF":
                    why = "ended with status 0 and wrote no object; is it a clang?"
                    messages.append(self._failure(self.command, why))
                    data = None
            return CompileResult(data, messages, place.dependencies())

    def preprocess(  # noqa: PLR0913 -- as above
        self,
        text: str,
        *,
        target: str = "bpf",
        include_directories: Sequence[str] = (),
        name: str = "<stdin>",
        headers: Mapping[str, str] | None = None,
        flags: Sequence[str] = ("-P",),
        stand_ins: Iterable[str] = (),
        is_kept: bool = False,
    ) -> PreprocessResult:
        """Run the preprocessor over C *text*; `flags=("-dM",)` gives the macros instead.

        Arguments and errors are those of :meth:`compile_object`; the headers *stand_ins* are empty
        where they aren't found.
        """
        with Workspace(
            name, text, headers or {}, include_directories, stand_ins=stand_ins
        ) as place:
            output = os.path.join(place.directory, "text")
            words = ["-E", *_flags(place), *self.arguments, *flags]
            words += ["-MD", "-MF", place.depfile, "-o", output, place.main]
            made, messages = self._compile(words, place, target, output if is_kept else None)
            data = read_bytes(output) if made else None
            preprocessed = data.decode("utf-8", "replace") if data is not None else None
            return PreprocessResult(preprocessed, messages, place.dependencies())

    def _compile(
        self, words: Sequence[str], place: Workspace, target: str, kept: str | None
    ) -> tuple[bool, list[ClangMessage]]:
        """Run the first compiler that knows the target; return whether it made the file.

        *kept* is the file that it writes, if the answer is kept.
        """
        endless = place.endless()
        if endless is not None:
            line, path = endless
            return False, [ClangMessage(line, 0, "error", f"`{path}` is no regular file")]
        for command in self._commands():
            zig = zig_of(command)
            own = target_flags(target, command, zig, self.arguments)
            directories = [*place.directories, *self._directories()]
            own += prefix_maps([*directories, *own_directories(command, zig)])
            try:
                status, said = self._answered(command, [*own, *words], place, kept)
            except subprocess.TimeoutExpired:
                why = f"did not end within {TIMEOUT_SECONDS:g} seconds"
                return False, [self._failure(command, why)]
            except OSError as error:
                return False, [self._failure(command, f"can't be run: {error.strerror or error}")]
            if status and _NO_BPF.search(said):
                continue
            messages = parse_messages(said, place.main, place.base)
            if status < 0:
                number = -status
                crash = f"was ended by signal {number} ({signal.strsignal(number)})"
                messages.append(self._failure(command, crash))
            elif status and not any(
                message.is_error and (message.line or message.file) for message in messages
            ):
                # It isn't about the text: a flag it doesn't know, say, or no compiler at all.
                first = next((line for line in said.splitlines() if line.strip()), "")
                why = f"failed with status {status}" + (f": {first}" if first else "")
                messages = [self._failure(command, why)]
            return status == 0, messages
        raise ToolMissing(
            f"`{' '.join(self.command)}`{self._named_by} doesn't know the target {target}: "
            f"{INSTALL_HINT}",
            named=self.origin not in FOUND,
        )

    def _answered(
        self, command: tuple[str, ...], words: list[str], place: Workspace, kept: str | None
    ) -> tuple[int, str]:
        """Return how *command* with *words* ends and what it says; it has written its files then.

        If there is a file *kept* that it writes, that may have been an earlier run.

        Raises:
            OSError: It can't be started.
            subprocess.TimeoutExpired: It took too long.
        """
        if self.cache is None or kept is None:
            run = _run_in(place, [*command, *words])
            return run.returncode, run.stderr
        # Only what is kept pays for this import.
        from bpfgen.clang import cache

        version = replace(self, command=command)
        question = self.cache.question(command, words, place, lambda: version.description)
        answer = self.cache.answer(question, place)
        if answer is not None:
            for path, data in ((kept, answer.output), (place.depfile, answer.depfile)):
                if data is not None:
                    write_bytes(path, data)
            return answer.status, answer.errors
        run = _run_in(place, [*command, *cache.FLAGS, *words])
        said, looked = cache.said_by_clang(run.stderr)
        output, depfile = read_bytes(kept), read_bytes(place.depfile)
        answer = cache.Answer(run.returncode, said, output, depfile)
        self.cache.keep(question, answer, looked, place)
        return run.returncode, said

    def _directories(self) -> list[str]:
        """Return the directories that the user's flags name, and those of files that they do."""
        if not self.arguments:
            return []
        # Few runs have such flags, and only they pay for the table.
        from bpfgen.clang.arguments import directories_in, files_in

        beside = (os.path.dirname(path) for path in files_in(self.arguments))
        return [*directories_in(self.arguments), *filter(None, beside)]

    @property
    def _named_by(self) -> str:
        """Who asked for this compiler, to be put after its name; empty if nobody did."""
        return "" if self.origin in FOUND else f", which {self.origin} names,"

    def _failure(self, command: Sequence[str], why: str) -> ClangMessage:
        """Return the message for a compiler that is itself at fault."""
        text = f"the compiler `{' '.join(command)}`{self._named_by} {why}"
        return ClangMessage(0, 0, "error", text)

    def _commands(self) -> Iterator[tuple[str, ...]]:
        """Yield the command, then what to try where it doesn't know the target."""
        yield self.command
        for compiler in self.alternatives:
            yield compiler.command
        if self.origin == "PATH":
            zig = ziglang_program()
            if zig is not None:
                yield (zig, "clang")


def version_in(text: str) -> int | None:
    """Return the version that *text* (a path, or the first line of `--version`) names, or None."""
    numbers = _VERSION.findall(text)
    return int(numbers[-1]) if numbers else None


def _flags(place: Workspace) -> list[str]:
    """Return the flags that are the same for every clang."""
    words = [flag for flag, _ in (*REQUIRED_FLAGS, *DEFAULT_FLAGS)]
    for directory in place.quote_directories:
        words += ("-iquote", directory)
    for directory in place.include_directories:
        words += ("-I", directory)
    if place.header_directory:
        words += ("-idirafter", place.header_directory)
    return words


def _run_in(place: Workspace, command: Sequence[str]) -> subprocess.CompletedProcess[str]:
    """Run *command* in the private directory *place*; return what it said.

    Raises:
        OSError: It can't be started.
        subprocess.TimeoutExpired: It took too long.
    """
    cache = None if zig_of(command[:2]) is None else place.directory
    return _run(command, timeout=TIMEOUT_SECONDS, cache=cache, janitor=place.janitor)


def _run(
    command: Sequence[str],
    *,
    timeout: float,
    cache: str | None = None,
    janitor: Janitor | None = None,
) -> subprocess.CompletedProcess[str]:
    """Run *command* and return what it said; it and its children are gone afterwards.

    With a *janitor* they are even if this process is killed meanwhile.

    Raises:
        OSError: It can't be started.
        subprocess.TimeoutExpired: It took longer than *timeout* seconds.
    """
    environment = dict(os.environ, LC_ALL="C")
    if cache is not None and zig_of(command[:2]) is not None:
        environment["ZIG_GLOBAL_CACHE_DIR"] = environment["ZIG_LOCAL_CACHE_DIR"] = cache
    process = subprocess.Popen(
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        encoding="utf-8",
        errors="surrogateescape",
        env=environment,
        process_group=0,  # so that a wrapper's child can be ended too
    )
    try:
        if janitor is not None:
            janitor.watches_group(process.pid)
        output, errors = process.communicate(timeout=timeout)
        if janitor is not None:
            janitor.watches_group(0)
    except BaseException:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.communicate()
        raise
    return subprocess.CompletedProcess(command, process.returncode, output, errors)
