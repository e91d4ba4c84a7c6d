"""Programs of a project, each compiled as it is and as it would be: what `--replace` goes by.

Seventh of a replacement. Before is compiled once; after with every set of files that is tried.
"""

from __future__ import annotations

from bpfgen.files.reading import FILES
from bpfgen.importer.replacing.changes import decoded
from bpfgen.importer.replacing.proof import (
    Unproved,
    compiled_program,
    program_differences,
    with_macros,
)
from bpfgen.record import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bpfgen.compiler import Options
    from bpfgen.conditions import Assignment
    from bpfgen.importer.project.records import OptionsOf, ProgramImport
    from bpfgen.importer.replacing.moves import Moves
    from bpfgen.object.records import ObjectFile


class Prover:
    """Compiles programs with files changed, and remembers what they were before."""

    def __init__(self, options_of: OptionsOf) -> None:
        """Compile each program with what *options_of* says."""
        self._options_of = options_of
        self._before: dict[tuple[str, Assignment], ObjectFile | Unproved] = {}
        self._texts: dict[str, str] = {}

    def unproved(self, program: ProgramImport, moves: Moves) -> Unproved | None:
        """Return why nothing can be proved of *program*, or None."""
        if not program.is_read and not program.diagnostics:
            return Unproved("nothing says with which flags")
        before = self._compiled_before(program, (), moves)
        return before if isinstance(before, Unproved) else None

    def differences(self, program: ProgramImport, moves: Moves) -> list[str]:
        """Return in what *program* differs with *moves*, whose way for it is chosen: the best.

        A program that doesn't differ gives nothing.
        """
        cases: list[tuple[Options, ObjectFile]] = []
        for assignment in self._assignments(program, moves):
            before = self._compiled_before(program, assignment, moves)
            if not isinstance(before, Unproved):
                cases.append((self._options(program, assignment), before))
        real = moves.real(program.path)
        change = moves.changes.get(real)
        numbers = [0]
        if change is not None:
            # Where a way is known, others that include the program rely on it.
            numbers = list(dict.fromkeys((moves.ways[real], *range(len(change.ways)))))
        first: list[str] = []
        for number in numbers:
            if change is not None:
                moves.ways[real] = number
            why = next((w for each in cases if (w := self._difference(program, moves, *each))), [])
            if not why:
                return []
            first = first or why
        if change is not None:
            moves.ways[real] = 0
        return first

    def _options(self, program: ProgramImport, assignment: Assignment) -> Options:
        options = self._options_of(program.path)
        return with_macros(options, assignment) if assignment else options

    def _text(self, program: ProgramImport, moves: Moves) -> str:
        """Return the text of *program* as it is."""
        if program.path not in self._texts:
            change = moves.changes.get(moves.real(program.path))
            data = FILES.read(program.path) if change is None else change.data
            self._texts[program.path] = decoded(data)[0]
        return self._texts[program.path]

    def _compiled_before(
        self, program: ProgramImport, assignment: Assignment, moves: Moves
    ) -> ObjectFile | Unproved:
        known = program.path, assignment
        if known not in self._before:
            text = self._text(program, moves)
            options = self._options(program, assignment)
            self._before[known] = compiled_program(text, program.path, options)
        return self._before[known]

    @staticmethod
    def _assignments(program: ProgramImport, moves: Moves) -> Iterator[Assignment]:
        """Yield what *program* is compiled with: as it is, and as its sources ask for macros."""
        yield ()
        files = set(map(moves.real, (program.path, *program.sources, *program.read)))
        assignments = (
            variant.assignment
            for part in moves.parts
            if moves.real(part.file) in files
            for variant in part.compilation.variants
        )
        yield from dict.fromkeys(each for each in assignments if each)

    def _difference(
        self, program: ProgramImport, moves: Moves, options: Options, before: ObjectFile
    ) -> list[str]:
        """Return in what *program* differs, with the files changed in the ways chosen now."""
        after = self._compiled_after(program, moves, options, keep_lines=False)
        why = program_differences(before, after)
        # Line numbers may be what differs, in the code itself.
        if why and not isinstance(after, Unproved):
            after = self._compiled_after(program, moves, options, keep_lines=True)
            why = why if program_differences(before, after) else []
        return why

    def _compiled_after(
        self, program: ProgramImport, moves: Moves, options: Options, *, keep_lines: bool
    ) -> ObjectFile | Unproved:
        texts = moves.texts(keep_lines=keep_lines)
        change = moves.changes.get(moves.real(program.path))
        text = self._text(program, moves) if change is None else texts.pop(change.path)
        return compiled_program(text, program.path, options, {**moves.headers, **texts})
