"""One question to a compiler, started and not waited for: which command, its flags, its answer.

Beside `compiler`, which starts it. Between start and finish there is time for what comes after.
"""

from __future__ import annotations

import os
import re
import signal
from errno import EDQUOT, ENOSPC

from bpfgen.clang import INSTALL_HINT, ToolMissing
from bpfgen.clang.flags import (
    DEFAULT_FLAGS,
    REQUIRED_FLAGS,
    own_directories,
    prefix_maps,
    target_flags,
)
from bpfgen.clang.messages import ClangMessage, parse_messages
from bpfgen.clang.process import Process
from bpfgen.clang.program import FOUND
from bpfgen.clang.workspace import read_bytes
from bpfgen.clang.ziglang import zig_of, ziglang_program
from bpfgen.record import TYPE_CHECKING, Record, replace

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from typing import Self

    from bpfgen.clang.cache import Cache, Question
    from bpfgen.clang.dependencies import Dependencies
    from bpfgen.clang.program import Program
    from bpfgen.clang.workspace import Workspace

TIMEOUT_SECONDS = 60.0
"""A clang that takes longer is taken for hung and killed."""

_EARLY_SECONDS = 10.0
"""So long may one take that has waited for its text: should it have missed it, it waits on.

That is one that has found the pipe, and comes to open it when the text is in a file already.
"""

_NO_BPF = r"unknown target triple|unable to create target|No available targets"


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


class Started:
    """A run of the compiler over one text, in the private directory that it has for itself.

    It is finished once, and closed in any case, which ends a compiler that is still running.

    Attributes:
        place: The directory.
        output: The file in it that the compiler writes.
    """

    __slots__ = (
        *("_answer", "_asked", "_command", "_commands", "_dependencies", "_failure", "_kept"),
        *("_process", "_program", "_target", "_words", "output", "place"),
    )

    def __init__(
        self, program: Program, words: Sequence[str], place: Workspace, target: str, output: str
    ) -> None:
        """Start the first of the commands; closing it removes *place*.

        Args:
            program: Has the commands, the user's flags and, if the answer is kept, the cache.
            words: What is asked, after the flags that the command and *target* ask for.
            place: Where the text is.
            target: One of :data:`bpfgen.clang.TARGETS`.
            output: The name of what the compiler writes there.
        """
        self.place = place
        self.output = os.path.join(place.directory, output)
        self._program = program
        self._target = target
        files = ("-MD", "-MF", place.depfile, "-o", self.output, place.main)
        self._words = (*words, *files)
        self._commands = _commands(program)
        self._command = program.command
        self._process: Process | None = None
        self._asked: Sequence[str] = ()
        self._kept: tuple[Cache, Question] | None = None
        self._dependencies: Dependencies | None = None
        self._answer: tuple[int, str] | None = None
        self._failure: ClangMessage | None = None
        try:
            # What was written first is the text, if it is there.
            if not place.written or not self._is_endless():
                self._start_next()
        except BaseException:
            self.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_exception: object) -> None:
        self.close()

    def close(self) -> None:
        """End what is still running, and remove the directory."""
        if self._process is not None:
            self._process.close()
        self.place.close()

    def give(self, text: str) -> bool:
        """Let the compiler have *text*, for which it was started in a place without one.

        Return False, and close it, where it may have the beginning of a long text: what it would
        make of that is of no use.
        """
        try:
            is_given = self.place.give(text)
            if is_given and not self._is_endless() and self._process is not None:
                self._process.grant(_EARLY_SECONDS)
        except BaseException:
            self.close()
            raise
        if not is_given:
            self.close()
        return is_given

    def _is_endless(self) -> bool:
        """Return whether the text includes what a compiler might never finish, which fails then."""
        endless = self.place.endless()
        if endless is not None:
            line, path = endless
            self._failure = ClangMessage(line, 0, "error", f"`{path}` is no regular file")
        return endless is not None

    def finish(self) -> tuple[bool, list[ClangMessage]]:
        """Wait for the first compiler that knows the target; return whether it made the file.

        Raises:
            ToolMissing: No compiler that was found knows it.
        """
        while self._failure is None:
            answer = self._answered()
            if answer is None:
                break
            status, said = answer
            if status and re.search(_NO_BPF, said):
                self._start_next()
                continue
            if self._program.runs is not None:
                self._program.runs.note(self._dependencies)
            return status == 0, self._messages(status, said)
        assert self._failure is not None
        return False, [self._failure]

    def wrote_nothing(self) -> ClangMessage:
        """Return the message for a compiler that says that it made the file, and didn't."""
        return self._fault("ended with status 0 and wrote no object; is it a clang?")

    def _messages(self, status: int, said: str) -> list[ClangMessage]:
        """Return what the compiler *said*, and how it ended where it doesn't say so itself."""
        messages = parse_messages(said, self.place.main, self.place.base)
        if status < 0:
            number = -status
            messages.append(
                self._fault(f"was ended by signal {number} ({signal.strsignal(number)})")
            )
        elif status and not any(
            message.is_error and (message.line or message.file) for message in messages
        ):
            # It isn't about the text: a flag it doesn't know, say, or no compiler at all.
            first = next((line for line in said.splitlines() if line.strip()), "")
            messages = [
                self._fault(f"failed with status {status}" + (f": {first}" if first else ""))
            ]
        return messages

    def _start_next(self) -> None:
        """Start the next command.

        Raises:
            ToolMissing: There is none.
        """
        program = self._program
        command = next(self._commands, None)
        if command is None:
            raise ToolMissing(
                f"`{' '.join(program.command)}`{_named_by(program)} doesn't know the target "
                f"{self._target}: {INSTALL_HINT}",
                named=program.origin not in FOUND,
            )
        self._start(command)

    def _start(self, command: tuple[str, ...]) -> None:
        """Start *command*; from the cache its answer is there at once."""
        program = self._program
        self._command = command
        self._answer = None
        zig = zig_of(command)
        words = target_flags(self._target, command, zig, program.arguments)
        directories = [*self.place.directories, *_directories(program.arguments)]
        words += prefix_maps([*directories, *own_directories(command, zig)])
        words += self._words
        if program.cache is not None:
            # Only what is kept pays for this import.
            from bpfgen.clang.looked import FLAGS

            version = replace(program, command=command)
            cache, place = program.cache(), self.place
            question = cache.question(command, words, place, lambda: version.description)
            self._kept = cache, question
            found = cache.answer(question, place)
            if found is not None:
                answer, self._dependencies = found
                for path, data in ((self.output, answer.output), (place.depfile, answer.depfile)):
                    if data is not None:
                        place.put(path, data)
                self._answer = answer.status, answer.errors
                return
            words = [*FLAGS, *words]
        elif program.runs is not None:
            from bpfgen.clang.looked import FLAGS

            words = [*FLAGS, *words]
        self._asked = words
        variables = {}
        if zig_of(command[:2]) is not None:
            variables = dict.fromkeys(_ZIG_CACHES, self.place.directory)
        said = os.path.join(self.place.directory, "said")
        self._process = Process(said, self.place.janitor)
        try:
            self._process.start((*command, *words), TIMEOUT_SECONDS, variables)
        except OSError as error:
            if error.errno in (ENOSPC, EDQUOT):  # what it says has no place
                raise self.place.refused(error) from error
            self._failure = self._fault(f"can't be run: {error.strerror or error}")

    def _answered(self) -> tuple[int, str] | None:
        """Return how the command ends and what it says; None where there is no waiting for it."""
        if self._answer is not None:
            return self._answer
        assert self._process is not None
        try:
            status, said = self._process.finish()
        except TimeoutError:
            why = f"did not end within {TIMEOUT_SECONDS:g} seconds"
            self._failure = self._fault(why)
            return None
        runs = self._program.runs
        if self._kept is None and runs is None:
            return status, said
        from bpfgen.clang.looked import dependencies_of, said_by_clang

        said, looked = said_by_clang(said)
        depfile = read_bytes(self.place.depfile)
        if self._kept is not None:
            from bpfgen.clang.cache import Answer

            cache, question = self._kept
            answer = Answer(status, said, read_bytes(self.output), depfile)
            self._dependencies = cache.keep(question, answer, looked, self.place)
        elif runs is not None and looked.tells_all(self._asked, status):
            self._dependencies = dependencies_of(looked, depfile, self.place, runs.known)
        return status, said

    def _fault(self, why: str) -> ClangMessage:
        """Return the message for a compiler that is itself at fault."""
        command = " ".join(self._command)
        text = f"the compiler `{command}`{_named_by(self._program)} {why}"
        return ClangMessage(0, 0, "error", text)


class StartedObject:
    """An object that a compiler makes meanwhile.

    Attributes:
        run: The compiler's run.
    """

    __slots__ = ("run",)

    def __init__(self, run: Started) -> None:
        self.run = run

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_exception: object) -> None:
        self.close()

    def close(self) -> None:
        """End what is still running, and remove what there is of it; safe to do again."""
        self.run.close()

    def finish(self) -> CompileResult:
        """Wait for the compiler, and return what it came to; once.

        Nothing is left of its directory; closing this waits for who has looked after it.

        Raises:
            ToolMissing: No compiler that was found knows the bpf target.
        """
        run = self.run
        is_made, messages = run.finish()
        data: bytes | None = None
        if is_made:
            data = read_bytes(run.output)
            if data is None or data[:4] != b"\x7fELF":
                messages.append(run.wrote_nothing())
                data = None
        result = CompileResult(data, messages, run.place.dependencies())
        run.place.release()
        return result


_ZIG_CACHES = ("ZIG_GLOBAL_CACHE_DIR", "ZIG_LOCAL_CACHE_DIR")


def flags_in(place: Workspace) -> list[str]:
    """Return the flags that are the same for every clang, for a text in *place*."""
    words = [flag for flag, _ in (*REQUIRED_FLAGS, *DEFAULT_FLAGS)]
    for directory in place.quote_directories:
        words += ("-iquote", directory)
    for directory in place.include_directories:
        words += ("-I", directory)
    if place.header_directory:
        words += ("-idirafter", place.header_directory)
    return words


def _commands(program: Program) -> Iterator[tuple[str, ...]]:
    """Yield the command, then what to try where it doesn't know the target."""
    yield program.command
    for other in program.alternatives:
        yield other.command
    if program.origin == "PATH":
        zig = ziglang_program()
        if zig is not None:
            yield (zig, "clang")


def _directories(arguments: Sequence[str]) -> list[str]:
    """Return the directories that the user's flags name, and those of files that they do."""
    if not arguments:
        return []
    # Few runs have such flags, and only they pay for the table.
    from bpfgen.clang.arguments import directories_in, files_in

    beside = (os.path.dirname(path) for path in files_in(arguments))
    return [*directories_in(arguments), *filter(None, beside)]


def _named_by(program: Program) -> str:
    """Who asked for this compiler, to be put after its name; empty if nobody did."""
    return "" if program.origin in FOUND else f", which {program.origin} names,"
