"""A clang that can be run: over a text, to an object or to preprocessed text."""

from __future__ import annotations

import re

from bpfgen.clang.started import Started, StartedObject, flags_in
from bpfgen.clang.workspace import Workspace, read_bytes
from bpfgen.record import TYPE_CHECKING, Record, replace

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from typing import TypeAlias

    from bpfgen.clang.cache import Cache
    from bpfgen.clang.messages import ClangMessage
    from bpfgen.clang.started import CompileResult
    from bpfgen.record import Uncompared

    Rejected: TypeAlias = dict[tuple[object, ...], set[tuple[str, str, int]]]
    """Questions by the headers, flags and directories that they were asked with."""

_VERSION = r"(?i:clang version |clang-|llvm[-/])(\d+)"


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
        cache: Returns what keeps its answers to questions; None where nothing does.
        rejected: What it has rejected in this run of what was asked of headers, or None where
            that isn't remembered.
    """

    command: tuple[str, ...]
    origin: str
    alternatives: tuple[Compiler, ...] = ()
    arguments: tuple[str, ...] = ()
    cache: Uncompared[Callable[[], Cache] | None] = None
    rejected: Uncompared[Rejected | None] = None

    @property
    def description(self) -> str:
        """The first line of `--version`, or the command where there is none; runs the compiler."""
        # Rarely asked for, and no other run of a compiler has its words at once.
        import subprocess

        command = [*self.command, "--version"]
        try:
            run = subprocess.run(
                command,
                stdin=subprocess.DEVNULL,
                capture_output=True,
                encoding="utf-8",
                errors="surrogateescape",
                check=False,
                timeout=10.0,
            )
        except (OSError, subprocess.TimeoutExpired):
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
        """Compile C *text* for BPF, as :meth:`start_object` does, and wait for it.

        Raises:
            ToolMissing: No compiler that was found knows the bpf target.
        """
        started = self.start_object(
            text,
            target=target,
            include_directories=include_directories,
            quote_directories=quote_directories,
            name=name,
            headers=headers,
            flags=flags,
            is_kept=is_kept,
        )
        with started:
            return started.finish()

    def start_object(  # noqa: PLR0913 -- as above
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
    ) -> StartedObject:
        """Begin to compile C *text* for BPF.

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
        working directory, *name*'s directory or the time. Several may run at once. Whatever
        happens, the caller closes what comes back.
        """
        place = Workspace(name, text, headers or {}, include_directories, quote_directories)
        words = ["-c", *flags_in(place), *self.arguments, *flags]
        return StartedObject(Started(self._asked(is_kept), words, place, target, "object"))

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
        place = Workspace(name, text, headers or {}, include_directories, stand_ins=stand_ins)
        words = ["-E", *flags_in(place), *self.arguments, *flags]
        with Started(self._asked(is_kept), words, place, target, "text") as run:
            is_made, messages = run.finish()
            data = read_bytes(run.output) if is_made else None
            preprocessed = data.decode("utf-8", "replace") if data is not None else None
            return PreprocessResult(preprocessed, messages, place.dependencies())

    def _asked(self, is_kept: bool) -> Compiler:
        """Return this, with its cache only if the answer *is_kept*."""
        return self if is_kept or self.cache is None else replace(self, cache=None)


def version_in(text: str) -> int | None:
    """Return the version that *text* (a path, or the first line of `--version`) names, or None."""
    numbers = re.findall(_VERSION, text)
    return int(numbers[-1]) if numbers else None
