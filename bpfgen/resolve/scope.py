"""Names of one file: what declares each, and what it came to once somebody asked.

Declarations may stand in any order, so a name is resolved when it is first used; an entry knows
whether that is still under way, which is how a type that holds itself is found. C's two name
spaces are kept: tags (structs, unions, enums, and here templates, which become named structs) and
ordinary names (typedefs, enumerators, constants, programs and maps).
"""

from __future__ import annotations

from bpfgen.ctype.types import Unknown
from bpfgen.record import TYPE_CHECKING, Record, assert_never
from bpfgen.syntax.tree import (
    AttributeNode,
    CompositeNode,
    ConstItem,
    DeclarationItem,
    Declarator,
    EnumNode,
    FunctionSuffix,
    ImportItem,
    IncludeItem,
    MapItem,
    TargetItem,
    TemplateItem,
    Token,
)
from bpfgen.text.diagnostics import Label

if TYPE_CHECKING:
    from typing import Any, TypeAlias

    from bpfgen.syntax.tree import (
        EnumeratorNode,
        Item,
        MemberNode,
        Specifiers,
    )
    from bpfgen.text.diagnostics import Report
    from bpfgen.text.source import Span

WAITING, UNDER_WAY, DONE = "waiting", "under way", "done"

UNKNOWN = Unknown()
"""What a type comes to after an error, which was reported."""

C_KEYWORDS = frozenset(
    [
        "alignas",
        "alignof",
        "auto",
        "bool",
        "break",
        "case",
        "char",
        "const",
        "constexpr",
        "continue",
        "default",
        "do",
        "double",
        "else",
        "enum",
        "extern",
        "false",
        "float",
        "for",
        "goto",
        "if",
        "inline",
        "int",
        "long",
        "nullptr",
        "register",
        "restrict",
        "return",
        "short",
        "signed",
        "sizeof",
        "static",
        "static_assert",
        "struct",
        "switch",
        "thread_local",
        "true",
        "typedef",
        "typeof",
        "typeof_unqual",
        "union",
        "unsigned",
        "void",
        "volatile",
        "while",
        "_Alignas",
        "_Alignof",
        "_Atomic",
        "_BitInt",
        "_Bool",
        "_Complex",
        "_Generic",
        "_Imaginary",
        "_Noreturn",
        "_Static_assert",
        "_Thread_local",
        "asm",
    ]
)
"""The keywords of C11 and C23, and `asm`: none of them can name anything in the output."""


class TypedefNode(Record):
    """One declarator of a `typedef`, with the specifiers that it shares with its neighbours."""

    specifiers: Specifiers
    declarator: Declarator


class ProgramNode(Record):
    """One declarator of a function, with the specifiers that it shares with its neighbours."""

    specifiers: Specifiers
    declarator: Declarator


if TYPE_CHECKING:
    EntryNode: TypeAlias = (
        CompositeNode
        | EnumNode
        | EnumeratorNode
        | TypedefNode
        | ProgramNode
        | ConstItem
        | MapItem
        | TemplateItem
    )


class Entry:
    """A declared name.

    Attributes:
        kind: `struct`, `union`, `enum`, `typedef`, `enumerator`, `const`, `program`, `map` or
            `template`.
        name: Where it is declared; None for an anonymous enum.
        node: The syntax that declares it.
        item: The index of the item of the file that it is part of.
        owner: For an enumerator, the entry of its enum.
        value: What it came to, once `state` is done.
        depth: How many types are nested in it by value.
    """

    __slots__ = ("depth", "item", "kind", "name", "node", "owner", "state", "trailing", "value")

    def __init__(self, kind: str, name: Token | None, node: EntryNode, item: int) -> None:
        self.kind = kind
        self.name = name
        self.node = node
        self.item = item
        self.owner: Entry | None = None
        self.trailing: tuple[AttributeNode, ...] = ()
        self.state = WAITING
        self.value: Any = None
        self.depth = 0

    @property
    def span(self) -> Span:
        """Where the name stands."""
        assert self.name is not None
        return self.name.span


class Scope:
    """The names that one file declares."""

    __slots__ = ("enums", "item_entries", "ordinary", "report", "tags")

    def __init__(self, report: Report) -> None:
        self.report = report
        self.tags: dict[str, Entry] = {}
        self.ordinary: dict[str, Entry] = {}
        self.enums: dict[int, Entry] = {}  # by the identity of the node: two may be equal
        self.item_entries: dict[int, list[Entry]] = {}

    def collect(self, items: list[Item]) -> None:
        """Enter the names of all *items*; a name that is declared twice is reported."""
        for number, item in enumerate(items):
            if isinstance(item, DeclarationItem):
                self._declaration(item, number)
            elif isinstance(item, MapItem):
                self._enter(self.ordinary, Entry("map", item.name, item, number))
            elif isinstance(item, TemplateItem):
                self._enter(self.tags, Entry("template", item.name, item, number))
            elif isinstance(item, ConstItem):
                self._enter(self.ordinary, Entry("const", item.name, item, number))
            elif not isinstance(item, (IncludeItem, ImportItem, TargetItem)):
                assert_never(item)

    def _declaration(self, item: DeclarationItem, number: int) -> None:
        self._specifiers(item.specifiers, number)
        if item.storage == "broken":
            return
        for declarator in item.declarators:
            name = declared_name(declarator)
            if name is None:
                continue
            if item.storage == "typedef":
                type_node = TypedefNode(item.specifiers, declarator)
                self._enter(self.ordinary, Entry("typedef", name, type_node, number))
            elif declares_function(declarator):
                program_node = ProgramNode(item.specifiers, declarator)
                self._enter(self.ordinary, Entry("program", name, program_node, number))
            else:
                self._refuse_variable(item, name)

    def _refuse_variable(self, item: DeclarationItem, name: Token) -> None:
        """Report the declaration *item* of *name*, which is a variable, or a map without words."""
        base = item.specifiers.base
        # Only a mistake pays for this import.
        from bpfgen.model.maps import MAP_KINDS
        from bpfgen.text.diagnostics import Edit

        if name.text in MAP_KINDS and isinstance(base, Token):
            text = item.span.text.removesuffix(";").removeprefix(base.text).strip()
            self.report.error(
                "declaration",
                f"`{base.text}` looks like a map without the word `map`",
                base.span,
                help=f"write `map {base.text}: {text}`",
                edits=(Edit(base.span, f"map {base.text}:"),),
            )
            return
        self.report.error(
            "declaration",
            f"`{name.text}` would be a variable, and only maps are variables here",
            name.span,
            help=f"for a map, write `map {name.text}: …`",
        )

    def _specifiers(self, specifiers: Specifiers, number: int) -> None:
        """Enter the tags and enumerators that *specifiers* and the members in them declare."""
        pending: list[Specifiers] = [specifiers]
        while pending:
            current = pending.pop()
            base = current.base
            if isinstance(base, CompositeNode):
                if base.members is None:
                    continue
                if base.tag is not None:
                    entry = Entry(base.kind, base.tag, base, number)
                    entry.trailing = trailing_attributes(current)
                    self._enter(self.tags, entry)
                pending.extend(_nested(base.members))
            elif isinstance(base, EnumNode) and base.enumerators is not None:
                entry = Entry("enum", base.tag, base, number)
                entry.trailing = trailing_attributes(current)
                self.enums[id(base)] = entry
                twin = None
                if base.tag is not None:
                    twin = self.tags.get(base.tag.text)
                    self._enter(self.tags, entry)
                for enumerator in base.enumerators:
                    child = Entry("enumerator", enumerator.name, enumerator, number)
                    child.owner = entry
                    earlier = self.ordinary.get(enumerator.name.text)
                    if twin is None or earlier is None or earlier.owner is not twin:
                        self._enter(self.ordinary, child)

    def _enter(self, names: dict[str, Entry], entry: Entry) -> None:
        assert entry.name is not None
        text = entry.name.text
        if not declares_bool(entry.node):
            check_word(entry.name, self.report)
        earlier = names.get(text)
        if earlier is None:
            names[text] = entry
            self.item_entries.setdefault(entry.item, []).append(entry)
            return
        if earlier.kind == entry.kind == "program":
            return
        # Only a mistake pays for this import.
        from bpfgen.text.spelling import with_article

        what = "tag" if names is self.tags else "name"
        note = (
            ("a template becomes a named struct in C, so it shares the name space of tags",)
            if "template" in (earlier.kind, entry.kind) and earlier.kind != entry.kind
            else ()
        )
        self.report.error(
            "duplicate-name",
            f"the {what} `{text}` is declared twice",
            entry.span,
            labels=(Label(earlier.span, f"first declared here, as {with_article(earlier.kind)}"),),
            notes=note,
        )


def _nested(members: tuple[MemberNode, ...]) -> list[Specifiers]:
    """Return the specifiers of *members* that may declare tags or enumerators."""
    return [
        member.specifiers
        for member in members
        if isinstance(member.specifiers.base, (CompositeNode, EnumNode))
    ]


def check_word(token: Token, report: Report, *, is_member: bool = False) -> None:
    """Report *token* if C keeps it for itself; nothing else in the file names a member."""
    if token.text in C_KEYWORDS:
        # Only a mistake pays for this import.
        from bpfgen.text.diagnostics import Edit

        name = f"{token.text}_"
        is_free = is_member and name not in token.span.source.text
        report.error(
            "reserved-word",
            f"`{token.text}` is a keyword of C, so nothing can have that name in the output",
            token.span,
            help=f"rename it, to `{name}` perhaps",
            edits=(Edit(token.span, name),) if is_free else (),
            changes_meaning=is_free,
        )


def announced_kind(tag: str, items: list[Item]) -> str | None:
    """Return `struct` or `union` where *items* declare that, by itself, as in `struct tag;`."""
    bases = [item.specifiers.base for item in items if isinstance(item, DeclarationItem)]
    for base in bases:
        if isinstance(base, CompositeNode) and base.tag is not None and base.tag.text == tag:
            return base.kind
    return None


def declares_nothing(item: DeclarationItem) -> bool:
    """Return whether *item* is the name of a type and no more, or a body that has no name.

    `struct s;` and `enum e;` announce the type, whose body may be elsewhere; an enum without a tag
    declares its constants.
    """
    base = item.specifiers.base
    if isinstance(base, CompositeNode):
        return base.members is not None and base.tag is None and item.storage != "typedef"
    return not (item.storage or item.declarators or isinstance(base, EnumNode))


def declares_bool(node: EntryNode) -> bool:
    """Return whether *node* is `typedef _Bool bool;`, as in vmlinux.h: a keyword only since C23."""
    if not isinstance(node, TypedefNode) or not isinstance(node.specifiers.base, tuple):
        return False
    words = [word.text for word in node.specifiers.base]
    return words == ["_Bool"] and not node.specifiers.qualifiers and _is_plain(node.declarator)


def names_tag(node: EntryNode, tag: str) -> bool:
    """Return whether *node* is a typedef of the struct, union or enum *tag* and of nothing else."""
    if not isinstance(node, TypedefNode):
        return False
    base = node.specifiers.base
    return (
        isinstance(base, (CompositeNode, EnumNode))
        and base.tag is not None
        and base.tag.text == tag
        and _is_plain(node.declarator)
    )


def _is_plain(declarator: Declarator) -> bool:
    """Return whether *declarator* is a name and no more."""
    is_nested = isinstance(declarator.inner, Declarator)
    return not (is_nested or declarator.pointers or declarator.suffixes)


def trailing_attributes(specifiers: Specifiers) -> tuple[AttributeNode, ...]:
    """Return the attributes after a body; they are the type's own, but for type tags."""
    if not specifiers.trailing:
        return ()
    return tuple(
        attribute
        for attribute in specifiers.qualifiers[-specifiers.trailing :]
        if isinstance(attribute, AttributeNode)
        and attribute.name not in ("btf_type_tag", "address_space")
    )


def declared_name(declarator: Declarator) -> Token | None:
    """Return the name inside *declarator*, or None in an abstract one."""
    inner = declarator.inner
    while isinstance(inner, Declarator):
        inner = inner.inner
    return inner


def declares_function(declarator: Declarator) -> bool:
    """Return whether what *declarator* declares is a function (not a pointer to one)."""
    while isinstance(declarator.inner, Declarator):
        inner = declarator.inner
        if inner.pointers or inner.suffixes:
            declarator = inner
            continue
        if isinstance(inner.inner, Declarator):
            declarator = inner
            continue
        break
    return bool(declarator.suffixes) and isinstance(declarator.suffixes[0], FunctionSuffix)
