"""A whole project of C -> sources that import each other: found, read, put together, proved.

The import of many files in one screen. What goes wrong with one program is its own error, and the
others are imported all the same.
"""

from __future__ import annotations

import os

from bpfgen.importer.project.assembly import assemble
from bpfgen.importer.project.contexts import Reader
from bpfgen.importer.project.pieces import headers_of
from bpfgen.importer.project.proof import Prover
from bpfgen.importer.project.records import ProgramImport, Project, ProjectSource
from bpfgen.importer.project.writing import Place, Writer, first_line_left, taken_of
from bpfgen.record import TYPE_CHECKING
from bpfgen.text.diagnostics import NOTE, Diagnostic

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from bpfgen.compiler import Compilation
    from bpfgen.importer.project.assembly import Context, Part, Split
    from bpfgen.importer.project.contexts import Unread
    from bpfgen.importer.project.discovery import Found
    from bpfgen.importer.project.pieces import Header
    from bpfgen.importer.project.records import OptionsOf, PathsOf


def import_project(
    found: Found,
    options_of: OptionsOf,
    paths_of: PathsOf,
    *,
    base: str | None = None,
    move_types: bool = False,
    step: Callable[[str], None] = lambda _path: None,
) -> Project:
    """Return the sources of the programs and headers *found*.

    Args:
        found: The files.
        options_of: Says what the import of each program is asked for.
        paths_of: Says where the sources of C files are to be written.
        base: The directory that include names are seen from where they would mean two headers.
        move_types: The types of the project's headers are declared by sources, not included.
        step: Is told which program is read now.

    Raises:
        ToolMissing: There is no clang.
        OSError: A file can't be read.
    """
    reader = Reader(options_of, step, found.owns if move_types else None)
    best: _Project | None = None
    for _ in range(_MOST_ATTEMPTS):
        contexts, unread = reader.contexts(found.programs)
        known = {file for context in contexts for file in context.files}
        alone = [path for path in found.headers if os.path.realpath(path) not in known]
        more, wrong = reader.contexts(alone)
        project = _Project(contexts + more, unread + wrong, options_of, paths_of, base)
        if best is None or project.failures < best.failures:
            best = project
        # A header may say something else where it stands, or need what stands before it there.
        headers = {os.path.realpath(path) for path in project.doubtful if found.owns(path)}
        if not headers - reader.read_in:
            break
        reader.read_in |= headers
    assert best is not None, "there is at least one attempt"
    return best.project(found, move_types=move_types)


_MOST_ATTEMPTS = 3


class _Project:
    def __init__(
        self,
        contexts: list[Context],
        unread: list[Unread],
        options_of: OptionsOf,
        paths_of: PathsOf,
        base: str | None,
    ) -> None:
        self._contexts = contexts
        self._unread = unread
        self._sound = [context for context in contexts if not context.failed]
        self._assembly = assemble(self._sound)
        # What a file is called is how it was met first.
        names: dict[str, str] = {}
        for context in contexts:
            for path in context.imported.read:
                names.setdefault(os.path.realpath(path), path)
        parts = self._assembly.parts
        paths = paths_of([names[file] for file in parts])
        self._places = {file: Place(names[file], paths[names[file]]) for file in parts}
        given = [d for context in contexts for d in options_of(context.path).include_directories]
        self._writer = Writer(self._places, list(dict.fromkeys(given)), base)
        self._prover = Prover(self._writer.directories)
        self._options_of = options_of
        self._failed: dict[str, str] = {}
        self._sources = tuple(map(self._source, parts.values()))

    @property
    def failures(self) -> int:
        """How many sources have an error."""
        return sum(source.compilation is None for source in self._sources)

    @property
    def doubtful(self) -> set[str]:
        """The headers that sources include which have an error."""
        parts = [part for part in self._assembly.parts.values() if part.file in self._failed]
        return {header.path for part in parts for header in part.headers if header.path}

    def project(self, found: Found, *, move_types: bool) -> Project:
        """Return the project; where types moved, it is said what else stays in their headers."""
        reached = dict(found.reached)
        programs = [self._program(context, reached) for context in self._contexts]
        programs += (
            ProgramImport(
                unread.path,
                (),
                unread.diagnostics,
                (),
                is_held=False,
                is_read=False,
                read=reached.get(unread.path, ()),
            )
            for unread in self._unread
        )
        diagnostics = [*map(self._of_split, self._assembly.splits)]
        for header, other in self._assembly.merged.items():
            diagnostics.append(self._of_merged(header, other))
        if move_types:
            for file in self._assembly.parts:
                diagnostics += self._staying(file)
        return Project(
            self._sources,
            tuple(programs),
            diagnostics,
            tuple(self._writer.directories),
            found.passed_over,
        )

    def _compiled(self, part: Part) -> tuple[str, Compilation | None, list[Diagnostic]]:
        """Return the source of *part*, what it comes to, and what is wrong with it."""
        path, options = self._places[part.file].path, self._options_of(next(iter(part.contexts)))
        shared = _shared(part)
        if len(shared) < len(part.headers):
            # What only some programs include may not go with the others.
            text = self._writer.text_of(part, shared)
            compilation, _wrong = self._prover.compiled(path, text, options)
            if compilation is not None and not self._differences(part, compilation):
                return text, compilation, []
        text = self._writer.text_of(part)
        compilation, wrong = self._prover.compiled(path, text, options)
        if compilation is None:
            # A header that it includes may need others before it.
            context = next(iter(part.contexts.values()))
            every = dict.fromkeys(headers_of(context.imported), context) | part.headers
            again_text = self._writer.text_of(part, every)
            if again_text != text:
                again, _wrong = self._prover.compiled(path, again_text, options)
                if again is not None:
                    return again_text, again, []
        return text, compilation, wrong

    def _differences(self, part: Part, compilation: Compilation) -> list[Diagnostic]:
        """Return in what the source of *part* isn't what its programs have."""
        return [
            wrong
            for context in self._sound
            if part.file in context.files or part.file in self._merged_of(context)
            for wrong in self._prover.differences(compilation, context)
        ]

    def _source(self, part: Part) -> ProjectSource:
        place = self._places[part.file]
        broken = next((file for file in part.imports if file in self._failed), None)
        text, compilation, wrong = "", None, []
        if broken is not None:
            message = f"{place.path}: it imports {self._failed[broken]}, which isn't written"
            wrong = [Diagnostic("import-difference", message, None)]
        else:
            text, compilation, wrong = self._compiled(part)
        if compilation is not None:
            wrong += self._differences(part, compilation)
        if wrong:
            compilation = None
            self._failed[part.file] = place.path
            self._prover.opener.drop(place.path)
        return ProjectSource(
            place.file,
            place.path,
            text,
            compilation,
            wrong,
            taken_of(part),
            tuple(part.contexts),
            tuple(self._places[file].path for file in part.imports),
            tuple(entry.piece.names[0] for entry in part.entries if entry.piece.is_map),
            tuple(split.what for split in self._assembly.splits if split.file == part.file),
        )

    def _merged_of(self, context: Context) -> set[str]:
        """Return the headers whose sources have what stands in files of *context*."""
        merged = self._assembly.merged
        return {merged[file] for file in context.files if file in merged}

    def _program(self, context: Context, reached: Mapping[str, tuple[str, ...]]) -> ProgramImport:
        files = [self._assembly.merged.get(file, file) for file in context.files]
        sources = [self._places[file].file for file in files if file in self._places]
        imported = context.imported
        declared = {name for source in self._sources for name in source.maps}
        left = tuple(sorted(context.reported - declared))
        is_held = not (imported.object is None or isinstance(imported.object, str))
        read = [*imported.read, *(reached.get(context.path, ()) if context.failed else ())]
        return ProgramImport(
            context.path,
            tuple(dict.fromkeys(sources)),
            imported.diagnostics,
            left,
            is_held,
            read=tuple(dict.fromkeys(read)),
        )

    def _of_split(self, split: Split) -> Diagnostic:
        """Return the note that a declaration of a header isn't the same in all programs."""
        where = self._shown(split.file)
        forms = [", ".join(programs[:_MOST_NAMED]) for programs in split.programs]
        if len(forms) > 1:
            how = "isn't the same in all programs: " + " | ".join(forms[:_MOST_NAMED])
        else:
            without = ", ".join(split.without[:_MOST_NAMED])
            how = f"is there in {forms[0]}, and not in {without}"
        message = f"{where}: {split.what} {how}; each program's source has its own"
        return Diagnostic("import-context", message, None, severity=NOTE)

    def _of_merged(self, header: str, other: str) -> Diagnostic:
        message = (
            f"{self._shown(header)} and {self._shown(other)} need each other: "
            f"{self._places[other].path} has what both declare"
        )
        return Diagnostic("import-context", message, None, severity=NOTE)

    def _staying(self, file: str) -> list[Diagnostic]:
        """Return the note that something stays in the header *file*, if so."""
        shown = self._shown(file)
        taken = [t for source in self._sources for t in source.taken if t.path == shown]
        line = 0 if shown.endswith(".c") else first_line_left(shown, taken)
        if not line:
            return []
        message = f"{shown}:{line}: this, and what else no source declares, stays in the header"
        help_ = "include the generated header there, in the place of what moved"
        return [Diagnostic("import-context", message, None, help=help_, severity=NOTE)]

    def _shown(self, file: str) -> str:
        """Return the C file of the real path *file* as it was met."""
        if file in self._places:
            return self._places[file].file
        for context in self._contexts:
            for path in context.imported.read:
                if os.path.realpath(path) == file:
                    return path
        return file


def _shared(part: Part) -> dict[Header, Context]:
    """Return the headers that *part* needs and that all of its programs include."""
    several = (headers_of(context.imported) for context in part.contexts.values())
    common = frozenset.intersection(*(frozenset(map(_called, headers)) for headers in several))
    return {header: where for header, where in part.headers.items() if _called(header) in common}


def _called(header: Header) -> str:
    """Return what tells *header* from others, however a program comes to it."""
    return os.path.realpath(header.path) if header.path else header.name


_MOST_NAMED = 3
