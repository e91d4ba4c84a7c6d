"""From a name to where it is declared, to its type, and to all places where it is used.

Spans that come back may be in other files: the name of their source is the path, absolute or as
the import made it, and its text is what was read there.
"""

from __future__ import annotations

from bpfgen.editor.names import UNKNOWN, Names
from bpfgen.editor.occurrences import LOOSE, TAGS, occurrences
from bpfgen.files.reading import read_source
from bpfgen.providers.imports import find_import
from bpfgen.record import TYPE_CHECKING
from bpfgen.resources import prelude_names, prelude_path, prelude_text
from bpfgen.syntax.parser import parse
from bpfgen.syntax.tree import CompositeNode, DeclarationItem, EnumNode, ImportItem, IncludeItem
from bpfgen.text.diagnostics import Report
from bpfgen.text.source import Source, Span

if TYPE_CHECKING:
    from collections.abc import Iterable

    from bpfgen.editor.analysis import Analysis
    from bpfgen.editor.names import Name, Use
    from bpfgen.resolve.references import Declared


def definition(analysis: Analysis, offset: int) -> tuple[Span, ...]:
    """Return where what is named at *offset* is declared.

    For a path of an import or an include that is the beginning of the file. Nothing for what the
    language itself has, and for what nobody declares.
    """
    for item in analysis.tree.items:
        if isinstance(item, (ImportItem, IncludeItem)) and _is_in(item.span, offset):
            return _file(analysis, item)
    names = Names(analysis)
    name = names.at(offset)
    return () if name is None else _declarations(analysis, name)


def type_definition(analysis: Analysis, offset: int) -> tuple[Span, ...]:
    """Return where the types are declared with which what is named at *offset* is declared.

    Of a map they are those of its key and value, and its template; of a member, a parameter or a
    typedef its type; of an enumerator its enum; of a type that is made of no other, itself.
    """
    names = Names(analysis)
    name = names.at(offset)
    if name is None:
        return ()
    found: dict[tuple[str, int], Span] = {}
    for type_ in names.in_types(name):
        for span in _declarations(analysis, type_):
            found[span.source.name, span.start] = span
    if not found and name.declaration.kind in (*TAGS, "typedef"):
        return _declarations(analysis, name)
    return tuple(found.values())


def references(
    analysis: Analysis,
    offset: int,
    others: Iterable[Analysis] = (),
    *,
    with_declarations: bool = True,
) -> tuple[Use, ...]:
    """Return all places where what is named at *offset* is named, by file and place.

    *others* are as :class:`bpfgen.editor.names.Names` wants them.
    """
    names = Names(analysis, others)
    name = names.at(offset)
    if name is None:
        return ()
    uses = names.uses(name)
    return tuple(use for use in uses if with_declarations or not use.is_declaration)


def highlights(analysis: Analysis, offset: int) -> tuple[Use, ...]:
    """Return the places in the text itself where what is named at *offset* is named."""
    uses = references(analysis, offset)
    return tuple(use for use in uses if use.span.source.text == analysis.source.text)


def _is_in(span: Span, offset: int) -> bool:
    return span.start <= offset <= span.end


def _file(analysis: Analysis, item: ImportItem | IncludeItem) -> tuple[Span, ...]:
    """Return the beginning of the file that *item* names, if there is one."""
    directories, opener = analysis.options.include_directories, analysis.options.opener
    path = item.path
    found: str | None = None
    if isinstance(item, ImportItem):
        found = find_import(analysis.path, path, directories, opener)
    elif not item.is_kernel:
        path, is_quoted = path[1:-1], path.startswith('"')
        found = find_import(analysis.path, path, directories, opener) if is_quoted else None
        headers = (one for one in analysis.compilation.dependencies if one.endswith(f"/{path}"))
        found = found or next(headers, None)
    if found is None:
        return ()
    try:
        source, _wrong = read_source(found, opener)
    except OSError:
        return ()
    return (Span(source, 0, 0),)


def _declarations(analysis: Analysis, name: Name) -> tuple[Span, ...]:
    """Return where what *name* means is declared."""
    found = [meaning.span for meaning in name.meanings if meaning.span is not None]
    if found:
        return tuple(found)
    declared = name.declaration
    if declared.origin == "prelude":
        return _in_prelude(declared)
    if declared.origin == "included":
        from bpfgen.editor.headers_text import in_headers

        return in_headers(declared, analysis.compilation.dependencies, analysis.options.opener)
    if declared.origin == UNKNOWN and declared.kind != LOOSE:
        return _announced(analysis, declared)
    return ()


def _in_prelude(declared: Declared) -> tuple[Span, ...]:
    """Return where the prelude, which is written in the language, declares *declared*."""
    roles = (declared.kind,) if declared.kind in (*TAGS, "typedef") else ("const", "enumerator")
    for file in prelude_names():
        text = prelude_text(file)
        if declared.name not in text:
            continue
        tree = parse(Source(prelude_path(file), text), Report())
        for one in occurrences(tree):
            if one.is_declaration and one.name == declared.name and one.role in roles:
                return (one.span,)
    return ()


def _announced(analysis: Analysis, declared: Declared) -> tuple[Span, ...]:
    """Return where the text has `struct NAME;` for *declared*, which nobody defines."""
    for item in analysis.tree.items:
        if not isinstance(item, DeclarationItem) or item.declarators:
            continue
        base = item.specifiers.base
        tag = base.tag if isinstance(base, (CompositeNode, EnumNode)) else None
        if tag is not None and tag.text == declared.name:
            return (tag.span,)
    return ()
