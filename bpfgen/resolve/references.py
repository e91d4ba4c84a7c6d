"""Which name means which declaration: for an editor that goes to a definition, or renames one.

Filled in while names are looked up, where somebody asks for it (`Options.keep_references`); a
build doesn't, and pays nothing.
"""

from __future__ import annotations

import re

from bpfgen.record import TYPE_CHECKING, Record
from bpfgen.resolve.scope import declared_name
from bpfgen.syntax.tree import CompositeNode
from bpfgen.text.source import Span

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bpfgen.record import Uncompared
    from bpfgen.resolve.provider import Provider
    from bpfgen.resolve.scope import Entry, Scope
    from bpfgen.syntax.tree import Token

TAGS = ("struct", "union", "enum", "template")
"""The kinds of names in C's name space of tags; a template becomes a named struct."""


class Declared(Record):
    """What a name means.

    Attributes:
        kind: `struct`, `union`, `enum`, `typedef`, `enumerator`, `const`, `constant` (from
            elsewhere), `member`, `map`, `program` or `template`.
        name: The name itself.
        origin: `declared` in a file or one that it imports, `prelude`, or `included` from a C
            header.
        span: Where the name stands in its declaration; None for what no source text has.
    """

    kind: str
    name: str
    origin: str
    span: Span | None


class Reference(Record):
    """A use of a name: the characters, and what they mean."""

    span: Span
    declaration: Declared


class Noted(Record):
    """What was noted of one file.

    Attributes:
        scope: What it declares; None for one that was never resolved.
        uses: The uses of names in it.
    """

    scope: Uncompared[Scope | None]
    uses: tuple[Reference, ...]


class References:
    """The uses of names in a file and in all that it imports.

    A name whose declaration has a mistake is here, too; one that nobody declares isn't. In a source
    with conditions a use may mean a declaration in each of several branches: there is one for each.
    """

    __slots__ = ("_references", "_scopes")

    def __init__(self) -> None:
        # By the place of the use, then of the declaration: a name may have one in each branch.
        self._references: dict[tuple[str, int, str, int], Reference] = {}
        self._scopes: dict[str, Scope] = {}

    def __iter__(self) -> Iterator[Reference]:
        """Go through them in the order in which they were found."""
        return iter(self._references.values())

    def in_order(self) -> tuple[Reference, ...]:
        """Return them by file, in the order of the names of the files, and place."""
        return tuple(self._references[place] for place in sorted(self._references))

    def at(self, source: str, offset: int) -> Reference | None:
        """Return the use of a name in the file *source* that the character at *offset* is part of.

        The place just after the name counts, too: that is where a cursor stands.
        """
        for reference in self._references.values():
            span = reference.span
            if span.source.name == source and span.start <= offset <= span.end:
                return reference
        return None

    def of(self, source: str) -> Noted:
        """Return what was noted of the file *source* itself."""
        uses = tuple(one for one in self if one.span.source.name == source)
        return Noted(self._scopes.get(source), uses)

    def take(self, source: str, noted: Noted) -> None:
        """Note of the file *source* what was *noted* when it was compiled before."""
        if noted.scope is not None:
            self._scopes[source] = noted.scope
        for one in noted.uses:
            self._add(one.span, one.declaration)

    def enter(self, source: str, scope: Scope) -> None:
        """Note what the file *source* declares; the files that import it come later."""
        self._scopes[source] = scope

    def note(self, use: Span, entry: Entry) -> None:
        """Note that the name at *use* means *entry*."""
        if entry.name is not None:
            self._add(use, Declared(entry.kind, entry.name.text, "declared", entry.span))

    def note_foreign(self, use: Token, kind: str, provider: Provider) -> None:
        """Note that the name *use* is of *kind*, and is one of the names of *provider*."""
        scope = self._scopes.get(provider.source)
        if scope is None:
            self._add(use.span, Declared(kind, use.text, provider.source, None))
            return
        entry = (scope.tags if kind in TAGS else scope.ordinary).get(use.text)
        if entry is not None:
            self.note(use.span, entry)

    def note_contains(self, use: Span, tag: str, scopes: tuple[Scope, ...]) -> None:
        """Note the struct and the member that the BTF tag `contains:STRUCT:MEMBER` names.

        *use* is the attribute, or the macro that stands for it.
        """
        places = contained(use, tag)
        if places is None:
            return
        struct, member = places
        for scope in scopes:
            entry = scope.tags.get(struct.text)
            if entry is None:
                continue
            self.note(struct, entry)
            name = _member(entry, member.text)
            if name is not None:
                self._add(member, Declared("member", member.text, "declared", name.span))
            return

    def scopes_of(self, sources: list[str]) -> tuple[Scope, ...]:
        """Return what the files *sources* declare, as far as they were noted."""
        return tuple(self._scopes[source] for source in sources if source in self._scopes)

    def _add(self, use: Span, declaration: Declared) -> None:
        span = declaration.span
        declared = ("", -1) if span is None else (span.source.name, span.start)
        self._references[use.source.name, use.start, *declared] = Reference(use, declaration)


def contained(attribute: Span, tag: str) -> tuple[Span, Span] | None:
    """Return where the struct and the member of `contains:STRUCT:MEMBER` stand in *attribute*.

    It is the attribute with that *tag*, or the macro that stands for it; None where it doesn't have
    the two names as they are, as in a string of pieces.
    """
    struct, _, member = tag.removeprefix("contains:").partition(":")
    place = re.search(rf"\b({re.escape(struct)})\b\W+({re.escape(member)})\b", attribute.text)
    if place is None:
        return None
    source, start = attribute.source, attribute.start
    first, second = place.span(1), place.span(2)
    return (
        Span(source, start + first[0], start + first[1]),
        Span(source, start + second[0], start + second[1]),
    )


def _member(entry: Entry, name: str) -> Token | None:
    """Return where the struct *entry* declares the member *name* itself, or None."""
    if not isinstance(entry.node, CompositeNode):
        return None
    for member in entry.node.members or []:
        for declarator in member.declarators:
            if declarator.declarator is not None:
                token = declared_name(declarator.declarator)
                if token is not None and token.text == name:
                    return token
    return None
