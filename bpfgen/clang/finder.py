"""What is known of the compiler before anybody needs it: how it will be found, and its flags.

This module is cheap: a run that needs no compiler imports it, too.
"""

from __future__ import annotations

import os

from bpfgen.record import TYPE_CHECKING, replace

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from typing import Literal

    from bpfgen.clang import ToolMissing
    from bpfgen.clang.cache import Cache
    from bpfgen.clang.compiler import Compiler
    from bpfgen.clang.dependencies import Runs
    from bpfgen.clang.program import Rejected
    from bpfgen.clang.started import StartedObject


def byteorder_of(target: str) -> Literal["little", "big"]:
    """Return the byte order of the objects for *target*, `little` or `big`."""
    import sys

    orders: dict[str, Literal["little", "big"]] = {"bpfel": "little", "bpfeb": "big"}
    return orders.get(target, sys.byteorder)


def cache_directory() -> str | None:
    """Return where the command line keeps the compiler's answers; None where there is no place.

    It is `bpfgen` in $XDG_CACHE_HOME, by default ~/.cache (XDG Base Directory Specification, which
    has relative paths ignored).
    """
    place = os.environ.get("XDG_CACHE_HOME", "")
    if not place.startswith("/"):
        home = os.environ.get("HOME", "")
        if not home.startswith("/"):
            return None
        place = os.path.join(home, ".cache")
    return os.path.join(place, "bpfgen")


class Finder:
    """Finds the compiler when it is first needed, once.

    Attributes:
        path: The name or path of the compiler, where somebody gives it, or None.
        named_by: Who gives it: `--clang`, or the place in a project file.
        directory: What *path* is relative to, if there is a slash in it; empty for the working
            directory.
        arguments: The user's flags, which every run of the compiler gets after ours, as
            :func:`bpfgen.clang.arguments.read_flags` makes them.
        cache: The directory in which the compiler's answers are kept, to what headers and imports
            ask; None: nothing is kept.
    """

    __slots__ = (
        "_answers",
        "_early",
        "_found",
        "_missing",
        "_outer",
        "_rejected",
        "_runs",
        "arguments",
        "cache",
        "directory",
        "named_by",
        "path",
    )

    def __init__(
        self,
        path: str | None = None,
        named_by: str = "--clang",
        directory: str = "",
        arguments: tuple[str, ...] = (),
        cache: str | None = None,
    ) -> None:
        self.path = path
        self.named_by = named_by
        self.directory = directory
        self.arguments = arguments
        self.cache = cache
        self._answers: Cache | None = None
        self._early: tuple[tuple[str, str, tuple[str, ...]], StartedObject] | None = None
        self._found: Compiler | None = None
        self._missing: ToolMissing | None = None
        self._outer: Finder | None = None
        self._rejected: Rejected | None = None
        self._runs: Runs | None = None

    def remembering(self) -> Finder:
        """Return this, and let it remember what headers aren't asked again: they don't change.

        That is for one run; who watches files asks anew.
        """
        self._rejected = {}
        return self

    def noting(self, runs: Runs) -> Finder:
        """Return what finds the same compiler, which notes in *runs* what its runs depend on."""
        other = Finder(self.path, self.named_by, self.directory, self.arguments, self.cache)
        other._outer, other._runs = self, runs
        return other

    def with_more(self, arguments: Iterable[str]) -> Finder:
        """Return what finds the same compiler, whose runs get *arguments* after the others."""
        return self.given((*self.arguments, *arguments))

    def find(self) -> Compiler:
        """Return the compiler.

        Raises:
            ToolMissing: There is none.
        """
        if self._missing is not None:
            raise self._missing
        if self._found is None and self._outer is not None:
            outer = self._outer.find()
            runs = outer.runs if self._runs is None else self._runs
            self._found = replace(outer, arguments=self.arguments, runs=runs)
        if self._found is None:
            # Only a run that needs a compiler loads what finds and runs one.
            from bpfgen.clang import ToolMissing
            from bpfgen.clang.search import find

            try:
                found = find(self.path, named_by=self.named_by, directory=self.directory)
                found = replace(found, arguments=self.arguments)
                if self.cache is not None:
                    found = replace(found, cache=self._kept)
                self._found = found
            except ToolMissing as missing:
                self._missing = missing
                raise
        if self._rejected is not None and self._found.rejected is not self._rejected:
            self._found = replace(self._found, rejected=self._rejected)
        return self._found

    def _kept(self) -> Cache:
        """Return the answers that are kept, where there is a place for them."""
        if self._answers is None:
            # Only a run that asks what may be kept loads this.
            from bpfgen.clang.cache import Cache

            assert self.cache is not None
            self._answers = Cache(self.cache)
        return self._answers

    def start_early(self, name: str, target: str, include_directories: Sequence[str]) -> None:
        """Start the compiler before the text of the file *name* is there, which it waits for.

        Whoever does so closes it with :meth:`close_early`, whatever comes of the text. Nothing is
        started where there is no compiler: that is reported where one is needed.
        """
        from bpfgen.clang import ToolMissing

        try:
            started = self.find().start_before_text(name, target, include_directories)
        except (ToolMissing, OSError):
            return
        if started is not None:
            self._early = ((name, target, tuple(include_directories)), started)

    def early(
        self, name: str, target: str, include_directories: Sequence[str]
    ) -> StartedObject | None:
        """Return the compiler that waits for just this text, for its caller to close; once."""
        if self._early is None or self._early[0] != (name, target, tuple(include_directories)):
            return None
        started, self._early = self._early[1], None
        return started

    def close_early(self) -> None:
        """End a compiler that still waits for its text."""
        if self._early is not None:
            self._early[1].close()
            self._early = None

    def given(self, arguments: tuple[str, ...]) -> Finder:
        """Return what finds the same compiler, for runs with *arguments* in the place of these."""
        if arguments == self.arguments:
            return self
        other = Finder(self.path, self.named_by, self.directory, arguments, self.cache)
        other._outer = self
        return other

    @property
    def files(self) -> tuple[str, ...]:
        """The files that the flags name, which every run of the compiler reads."""
        if not self.arguments:
            return ()
        from bpfgen.clang.arguments import files_in

        return tuple(files_in(self.arguments))
