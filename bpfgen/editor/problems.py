"""What is reported of a document: its own diagnostics, and that something it imports is wrong.

After the analysis, before the server. Also what clang makes of it, which a job finds out.
"""

from __future__ import annotations

import os

from bpfgen.building import build_with_clang
from bpfgen.clang import NoTemporaryFile, ToolMissing
from bpfgen.record import TYPE_CHECKING, replace
from bpfgen.syntax.tree import ImportItem
from bpfgen.text.diagnostics import ERROR, Diagnostic, Label
from bpfgen.text.source import Span

if TYPE_CHECKING:
    from collections.abc import Iterable

    from bpfgen.editor.analysis import Analysis
    from bpfgen.editor.workspace import Configured
    from bpfgen.model.model import Model

_MOST_OF_A_FILE = 3
"""Errors of one imported file that are reported where it is imported."""


def problems(
    analysis: Analysis, configured: Configured, more: Iterable[Diagnostic] = ()
) -> list[Diagnostic]:
    """Return what is reported of the document, in the order of its text; all places are in it.

    Args:
        analysis: What is known of the document.
        configured: What holds for it, and decides what is reported.
        more: What else is to be said of it: what clang says, say.
    """
    name = analysis.source.name
    wanted = configured.wanted([*analysis.diagnostics, *more])
    own: list[Diagnostic] = [_of_configuration(said) for said in configured.diagnostics]
    counts: dict[str, int] = {}
    for said in wanted:
        if said.span is None or said.span.source.name == name:
            own.append(said)
        elif said.severity == ERROR:
            file = said.span.source.name
            counts[file] = counts.get(file, 0) + 1
            if counts[file] <= _MOST_OF_A_FILE:
                own.append(_of_import(analysis, said, said.span))
    return sorted(own, key=lambda said: said.span.start if said.span is not None else 0)


def _of_configuration(said: Diagnostic) -> Diagnostic:
    """Return *said*, which is about a project's file, as something to be said of a document."""
    where = "" if said.span is None else f"{said.span}: "
    labels = () if said.span is None else (Label(said.span, said.message),)
    return replace(said, message=f"{where}{said.message}", span=None, labels=labels, edits=())


def _of_import(analysis: Analysis, said: Diagnostic, span: Span) -> Diagnostic:
    """Return that *said*, at *span* in another file, is wrong where that file is imported."""
    path, name = span.source.name, os.path.relpath(span.source.name, os.path.dirname(analysis.path))
    return replace(
        said,
        message=f"in `{name}`: {said.message}",
        span=_import_of(analysis, path),
        label="",
        labels=(Label(span, said.message), *said.labels),
        edits=(),
    )


def _import_of(analysis: Analysis, path: str) -> Span:
    """Return the place of the import that leads to the file *path*."""
    for imported in analysis.compilation.model.imports:
        if imported.span is not None and path in _names(imported.model):
            return imported.span
    items = [item for item in analysis.tree.items if isinstance(item, ImportItem)]
    for item in items:
        if os.path.basename(item.path) == os.path.basename(path):
            return item.span
    return items[0].span if items else Span(analysis.source, 0, 0)


def _names(model: Model) -> set[str]:
    """Return the paths of the file that came to *model* and of all that it imports."""
    names, models = set(), [model]
    while models:
        model = models.pop()
        if model.name not in names:
            names.add(model.name)
            models += [imported.model for imported in model.imports]
    return names


def clang_view(analysis: Analysis) -> list[Diagnostic]:
    """Return what clang, and a comparison of what it makes with the model, say of *analysis*.

    It has no errors. This waits for the compiler; where there is none, that is no news.
    """
    try:
        built = build_with_clang(analysis.compilation, analysis.options, is_kept=True)
    except ToolMissing as missing:
        if not missing.named:
            return []
        return [Diagnostic("tool-missing", str(missing), None)]
    except NoTemporaryFile as error:
        return [Diagnostic("file", error.strerror or str(error), None)]
    return built.diagnostics
