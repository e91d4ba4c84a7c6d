"""A clang that can be run: over a text, to an object or to preprocessed text."""

from __future__ import annotations

import os

from bpfgen.clang.process import is_script
from bpfgen.clang.program import Program
from bpfgen.clang.started import Started, StartedObject, flags_in
from bpfgen.clang.workspace import Workspace, read_bytes
from bpfgen.record import TYPE_CHECKING, Record, replace

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from bpfgen.clang.messages import ClangMessage
    from bpfgen.clang.started import CompileResult


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


class Compiler(Program, Record):
    """A program that is a clang, and compiles."""

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

    def start_before_text(
        self, name: str, target: str, include_directories: Sequence[str]
    ) -> StartedObject | None:
        """Begin to compile a text that isn't there yet: `run.give` gives it.

        Half of the time of a small compilation passes before a compiler looks at its text. None
        where nobody could end it should this process be killed, and for what may read the text
        more than once before a compiler does: ccache, a script.

        Raises:
            OSError: There is no such program.
        """
        program = os.path.realpath(self.command[0])
        if len(self.command) > 1 or not os.path.basename(program).startswith("clang"):
            return None
        if is_script(program):
            return None
        place = Workspace(name, None, {}, include_directories)
        if not place.janitor.is_employed:
            place.close()
            return None
        words = ["-c", *flags_in(place), *self.arguments]
        return StartedObject(Started(self._asked(is_kept=False), words, place, target, "object"))

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
