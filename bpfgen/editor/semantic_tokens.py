"""What each word of a text is, for an editor that colours by meaning.

Keywords of the language are names anywhere else, and only resolution knows whether a name is a
struct or a template: a text's own grammar is what colours before this answer is there. Operators
and brackets have no tokens, since they mean nothing that their characters don't show.
"""

from __future__ import annotations

from bpfgen.editor.names import LANGUAGE, UNKNOWN, Names
from bpfgen.editor.occurrences import (
    ATTRIBUTE,
    CONDITION,
    CONSTANT,
    HELD,
    HOLDER,
    INNER,
    MAP_ATTRIBUTE,
    SHAPE,
    SLOT,
    TARGET,
    TYPE,
    VARIABLE,
    WORD,
)
from bpfgen.record import TYPE_CHECKING, Record
from bpfgen.syntax.trivia import COMMENTS, DOC_COMMENT, trivia
from bpfgen.text.source import Span

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bpfgen.editor.analysis import Analysis
    from bpfgen.editor.names import Name
    from bpfgen.syntax.tree import Tokens

TYPES = (
    "keyword",
    "type",
    "struct",
    "enum",
    "class",
    "enumMember",
    "variable",
    "function",
    "parameter",
    "property",
    "macro",
    "decorator",
    "string",
    "number",
    "comment",
)
"""The types of tokens, all of them the protocol's own: kinds of maps and templates are classes,
maps and constants variables, attributes of C decorators, those of a map properties."""

MODIFIERS = ("declaration", "readonly", "defaultLibrary", "documentation")
"""What may be said of a token besides: it declares the name; a constant; the language, the prelude
or a header has it; a doc comment."""


class SemanticToken(Record):
    """Characters of one line that are one thing.

    Attributes:
        span: Where they are; tokens don't overlap.
        type: One of :data:`TYPES`.
        modifiers: Of :data:`MODIFIERS`.
    """

    span: Span
    type: str
    modifiers: tuple[str, ...] = ()


_OF_TERMINALS = {
    **dict.fromkeys(
        ("MAP", "TEMPLATE", "IMPORT", "TARGET", "WEAK", "LEGACY", "MACRO", "WHEN", "ELSE"),
        "keyword",
    ),
    **dict.fromkeys(("EXTERN", "TYPEDEF", "SIZEOF", "ENUM", "COMPOSITE", "QUALIFIER"), "keyword"),
    **dict.fromkeys(("ATTRIBUTE", "ALIGNAS"), "keyword"),
    **dict.fromkeys(("TAG_MACRO", "PACKED", "ALIGNED", "CONTAINS"), "macro"),
    "BUILTIN": "type",
    "TYPE_ATTRIBUTE": "property",
    "UNIT": "number",
    "NUMBER": "number",
    "CHARACTER": "string",
    "STRING": "string",
}
"""What a terminal of the grammar is, where it isn't a name."""

_OF_KINDS = {
    "struct": ("struct",),
    "union": ("struct",),
    "enum": ("enum",),
    "typedef": ("type",),
    "enumerator": ("enumMember", "readonly"),
    "const": ("variable", "readonly"),
    "constant": ("variable", "readonly"),
    "member": ("property",),
    "map": ("variable",),
    "program": ("function",),
    "template": ("class",),
    "kind": ("class",),
    "parameter": ("parameter",),
    "macro": ("macro",),
    VARIABLE: ("variable",),
    MAP_ATTRIBUTE: ("property",),
    ATTRIBUTE: ("decorator",),
    TARGET: ("keyword",),
    WORD: ("keyword",),
    TYPE: ("type",),
    INNER: ("type",),
    SHAPE: ("class",),
    CONSTANT: ("variable", "readonly"),
    CONDITION: ("macro",),
    SLOT: ("variable",),
    HOLDER: ("struct",),
    HELD: ("property",),
}
"""What a name is by the kind of its declaration; where nobody declares it, by its part."""


def semantic_tokens(analysis: Analysis, span: Span | None = None) -> list[SemanticToken]:
    """Return the tokens of *analysis* in order; with *span* those that have characters in it."""
    first, after = (0, len(analysis.source.text)) if span is None else (span.start, span.end)
    named = {name.span.start: name for name in Names(analysis).own()}
    found = [*_tokens(analysis.tokens, named), *_comments(analysis)]
    return sorted(
        (one for one in found if one.span.start < after and one.span.end > first),
        key=lambda one: one.span.start,
    )


def _tokens(tokens: Tokens, named: dict[int, Name]) -> Iterator[SemanticToken]:
    """Yield what is at each of *tokens*; *named* has the names by where they start."""
    inside = sorted(start for start, name in named.items() if name.occurrence.role in _IN_STRINGS)
    for at, kind in enumerate(tokens.kinds):
        start, end = tokens.starts[at], tokens.ends[at]
        if start == end:
            continue
        name = named.get(start)
        if kind == "NAME":
            token = None if name is None else _of_name(name)
            if token is not None:
                yield token
        elif kind == "INCLUDE":
            yield from _include(tokens.span(at, at + 1))
        elif kind == "STRING":
            held = [named[place] for place in inside if start < place < end]
            yield from _string(tokens.span(at, at + 1), held)
        elif kind in _OF_TERMINALS:
            library = ("defaultLibrary",) if kind in ("TYPE_ATTRIBUTE", "BUILTIN") else ()
            yield SemanticToken(tokens.span(at, at + 1), _OF_TERMINALS[kind], library)


_IN_STRINGS = frozenset((HOLDER, HELD))
"""The parts that names play which may stand in a string."""


def _of_name(name: Name) -> SemanticToken | None:
    """Return what *name* is; None where that can't be told."""
    declared = name.declaration
    if name.occurrence.role == WORD and declared.name == "KERNEL_VERSION":
        return SemanticToken(name.span, "macro", ("defaultLibrary",))
    known = _OF_KINDS.get(declared.kind)
    if known is None:
        return None
    type, *modifiers = known
    if name.occurrence.is_declaration:
        modifiers.insert(0, "declaration")
    if declared.origin in (LANGUAGE, "prelude", "included") and type not in (
        "keyword",
        "decorator",
    ):
        modifiers.append("defaultLibrary")
    if declared.origin == UNKNOWN:
        modifiers.clear()
    return SemanticToken(name.span, type, tuple(modifiers))


def _include(span: Span) -> Iterator[SemanticToken]:
    """Yield the word and the path of `include <linux/in.h>`, which are one token of the text."""
    word = span.start + len("include")
    path = word + len(span.text[len("include") :]) - len(span.text[len("include") :].lstrip())
    yield SemanticToken(Span(span.source, span.start, word), "keyword")
    rest = Span(span.source, path, span.end)
    yield SemanticToken(rest, "string" if rest.text[:1] in '<"' else "keyword")


def _string(span: Span, names: list[Name]) -> Iterator[SemanticToken]:
    """Yield the string *span*, and the *names* that stand in it."""
    position = span.start
    for name in names:
        token = _of_name(name)
        if token is not None:
            yield SemanticToken(Span(span.source, position, name.span.start), "string")
            yield token
            position = name.span.end
    yield SemanticToken(Span(span.source, position, span.end), "string")


def _comments(analysis: Analysis) -> Iterator[SemanticToken]:
    """Yield the comments, line by line: a token is of one line."""
    source = analysis.source
    for comment in trivia(analysis.tree).comments():
        if comment.kind not in COMMENTS:
            continue
        modifiers = ("documentation",) if comment.kind == DOC_COMMENT else ()
        position = comment.span.start
        for line in comment.span.text.splitlines(keepends=True):
            length = len(line.rstrip("\r\n"))
            if length:
                yield SemanticToken(Span(source, position, position + length), "comment", modifiers)
            position += len(line)
