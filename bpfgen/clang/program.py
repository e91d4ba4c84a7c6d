"""A compiler as it was found: what starts it, and what it says it is.

Beside `compiler`, which runs it over texts.
"""

from __future__ import annotations

import re

from bpfgen.record import TYPE_CHECKING, Record

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import TypeAlias

    from bpfgen.clang.cache import Cache
    from bpfgen.clang.dependencies import Runs
    from bpfgen.record import Uncompared

    Rejected: TypeAlias = dict[tuple[object, ...], set[tuple[str, str, int]]]
    """Questions by the headers, flags and directories that they were asked with."""

FOUND = ("PATH", "ziglang")
"""The origins of a compiler that nobody named: the PATH, or the Python package `ziglang`."""

_VERSION = r"(?i:clang version |clang-|llvm[-/])(\d+)"


class Program(Record):
    """A clang that can be run.

    Attributes:
        command: The words that start it, without flags.
        origin: Who named it: `--clang`, `BPFGEN_CLANG`, a place in a project file; or where it was
            found, one of :data:`FOUND`.
        alternatives: What to try, in this order, should it not know the bpf target. Asking it
            beforehand would cost every run a process.
        arguments: The user's flags, as :func:`bpfgen.clang.arguments.read_flags` makes them.
        cache: Returns what keeps its answers to questions; None where nothing does.
        runs: What notes what its runs depend on, or None.
        rejected: What it has rejected in this run of what was asked of headers, or None where
            that isn't remembered.
    """

    command: tuple[str, ...]
    origin: str
    alternatives: tuple[Program, ...] = ()
    arguments: tuple[str, ...] = ()
    cache: Uncompared[Callable[[], Cache] | None] = None
    runs: Uncompared[Runs | None] = None
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


def version_in(text: str) -> int | None:
    """Return the version that *text* (a path, or the first line of `--version`) names, or None."""
    numbers = re.findall(_VERSION, text)
    return int(numbers[-1]) if numbers else None
