"""Programs of a project that share nothing: imported by themselves, with their conditions.

Before a replacement. The import of a project decides conditions, since programs that share a header
may define other macros; that of one file keeps those that concern its maps, as `when`, which is
what a program needs that keeps its own.
"""

from __future__ import annotations

import os

from bpfgen.compiler import compile
from bpfgen.files.reading import FILES, c_text
from bpfgen.importer.from_c import import_c
from bpfgen.importer.items import MAP
from bpfgen.importer.replacing.placing import Layout
from bpfgen.record import TYPE_CHECKING, replace
from bpfgen.text.diagnostics import ERROR
from bpfgen.text.source import Source

if TYPE_CHECKING:
    from bpfgen.importer.items import Imported
    from bpfgen.importer.project.records import OptionsOf, Project, ProjectSource


def with_conditions(project: Project, options_of: OptionsOf) -> Project:
    """Return *project* with sources that have conditions, of programs that share none with others.

    Raises:
        ToolMissing: There is no clang.
        OSError: A file can't be read.
    """
    imported_by = {path for source in project.sources for path in source.imports}
    sources = list(project.sources)
    programs = {program.path: program for program in project.programs}
    for number, source in enumerate(sources):
        if source.imports or source.path in imported_by or source.programs != (source.file,):
            continue
        text, wrong = c_text(source.file, FILES.read(source.file))
        if wrong is not None or not _has_conditions(source, text):
            continue
        imported = import_c(text, source.file, options_of(source.file))
        alone = _source(source, imported, options_of)
        if alone is not None and source.file in programs:
            sources[number] = alone
            program = programs[source.file]
            programs[source.file] = replace(program, diagnostics=imported.diagnostics)
    return replace(project, sources=tuple(sources), programs=tuple(programs.values()))


def _has_conditions(source: ProjectSource, text: str) -> bool:
    """Whether something of *source* stands under a condition of its file, or has one in it."""
    layout = Layout(text)
    lines = [(layout.line_of(taken.start), layout.line_of(taken.end)) for taken in source.taken]
    return any(
        each.first < last and first < each.last
        for each in layout.conditionals
        for first, last in lines
    )


def _source(
    source: ProjectSource, imported: Imported, options_of: OptionsOf
) -> ProjectSource | None:
    """Return *source* as *imported* by itself; None where that has no conditions, or errors."""
    compilation = imported.compilation
    if compilation is None or not compilation.variants:
        return None
    own = os.path.realpath(source.file)
    if any(os.path.realpath(taken.path) != own for taken in imported.taken):
        return None
    options = replace(options_of(source.file), definitions={}, undefined=())
    compilation = compile(Source(source.path, imported.text), options)
    if any(said.severity == ERROR for said in (*compilation.diagnostics, *imported.diagnostics)):
        return None
    return replace(
        source,
        text=imported.text,
        compilation=compilation,
        diagnostics=[],
        taken=imported.taken,
        maps=tuple(dict.fromkeys(t.name for t in imported.taken if t.what == MAP)),
    )
