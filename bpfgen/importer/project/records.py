"""What the import of a whole project comes to: which source each of its files gave."""

from __future__ import annotations

from bpfgen.record import TYPE_CHECKING, Record

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from typing import TypeAlias

    from bpfgen.compiler import Compilation, Options
    from bpfgen.importer.items import Taken
    from bpfgen.record import Uncompared
    from bpfgen.text.diagnostics import Diagnostic

    OptionsOf: TypeAlias = Callable[[str], Options]
    """What the import of a program is asked for; the definitions are macros of the C."""

    PathsOf: TypeAlias = Callable[[Sequence[str]], Mapping[str, str]]
    """Where the sources of C files are to be written, by file."""


class OptionsRefused(Exception):  # noqa: N818 -- what happened, which is no mistake of ours
    """Nobody can tell with which options a file is to be imported; that has been reported."""


class ProjectSource(Record):
    """One source of a project.

    Attributes:
        file: The C file whose declarations these are, as it was found.
        path: Where the source is to be written.
        text: The source.
        compilation: What it came to, its imports included; None where there are errors.
        diagnostics: What is wrong with it; where there is an error, it isn't to be written.
        taken: What of C files it was taken from: of *file*, and of programs that a header needs.
        programs: Those that it was read in.
        imports: Paths of the sources that it imports.
        maps: The maps that it declares.
        differs_in: Declarations of *file* that aren't the same in all programs, so that they stand
            in the sources of the programs: `map `flows``.
    """

    file: str
    path: str
    text: str
    compilation: Uncompared[Compilation | None]
    diagnostics: list[Diagnostic]
    taken: Uncompared[tuple[Taken, ...]]
    programs: tuple[str, ...]
    imports: tuple[str, ...]
    maps: tuple[str, ...]
    differs_in: tuple[str, ...] = ()


class ProgramImport(Record):
    """What the import of one program came to.

    Attributes:
        path: As it was found.
        sources: The C files whose sources have something of the program: its own, and headers.
        diagnostics: What is said of it; with an error, it has no part in the sources.
        left_out: The maps that no source has.
        is_held: Its maps were held against those of the object that clang makes of it.
        is_read: It was read; else the diagnostics say why not, or its flags weren't to be had.
        read: The files that are part of it, as they were found; where it has an error, those that
            it may include, by their names, too.
    """

    path: str
    sources: tuple[str, ...]
    diagnostics: list[Diagnostic]
    left_out: tuple[str, ...]
    is_held: bool
    is_read: bool = True
    read: tuple[str, ...] = ()


class Project(Record):
    """What a project came to.

    Attributes:
        sources: Each after those that it imports.
        programs: In the order in which they were given.
        diagnostics: What concerns no program and no source alone.
        directories: Where the sources look for headers, `-I`, besides those that were given.
        passed_over: Directories that were not looked into, and why.
    """

    sources: tuple[ProjectSource, ...]
    programs: tuple[ProgramImport, ...]
    diagnostics: list[Diagnostic]
    directories: tuple[str, ...]
    passed_over: tuple[tuple[str, str], ...] = ()

    def source_of(self, file: str) -> ProjectSource | None:
        """Return the source that the C file *file*, as it was found, gave, or None."""
        return next((source for source in self.sources if source.file == file), None)
