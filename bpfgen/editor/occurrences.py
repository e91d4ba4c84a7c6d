"""Every name in a tree, and what part it plays: what it declares, or what it must be.

The first step of all that an editor does with names. Nothing is looked up here: that is
:mod:`bpfgen.editor.names`. Built-in words that stand where names do are here as well: kinds of
maps, their attributes.
"""

from __future__ import annotations

import re

from bpfgen.kernel.map_kinds import MAP_KINDS
from bpfgen.record import TYPE_CHECKING, Record, assert_never
from bpfgen.resolve.references import contained
from bpfgen.resolve.scope import declared_name, declares_function
from bpfgen.syntax.names import ATTRIBUTES_OF_EXPRESSIONS
from bpfgen.syntax.tree import (
    ArraySuffix,
    AttributeNode,
    CastNode,
    CompositeNode,
    ConstItem,
    DeclarationItem,
    Declarator,
    EnumNode,
    ExpressionNode,
    FunctionSuffix,
    ImportItem,
    IncludeItem,
    MapItem,
    ShapeNode,
    SizeofNode,
    Specifiers,
    TargetItem,
    TemplateItem,
    Token,
    TypeNode,
)
from bpfgen.text.source import Span

if TYPE_CHECKING:
    from collections.abc import Container, Iterator, Sequence
    from typing import TypeAlias

    from bpfgen.syntax.tree import (
        File,
        Item,
        MemberNode,
        Qualifier,
        Tokens,
        Value,
    )

    _Node: TypeAlias = (
        Specifiers | Declarator | ExpressionNode | TypeNode | ShapeNode | AttributeNode | None
    )

TAGS = ("struct", "union", "enum", "template")
"""What is declared among the tags."""

ORDINARY = ("typedef", "enumerator", "const", "program", "map")
"""What is declared among the ordinary names."""

TYPE = "type"
"""A type without a keyword: a typedef, else a struct, union or enum."""

INNER = "inner"
"""What an inner map is: a template or a kind; also a type, where maps of maps take one."""

SHAPE = "shape"
"""The kind of a map, or a template."""

CONSTANT = "constant"
"""A constant, an enumerator; in `(T)x` a type."""

SLOT = "slot"
"""A map or a program that is an initial value."""

CONDITION = "condition"
"""What a `when` asks for: a macro, a constant, a name of the command line."""

HOLDER, HELD = "holder", "held"
"""The struct and its member in `__contains(STRUCT, MEMBER)`."""

MAP_ATTRIBUTE = "map attribute"
"""`max_entries`, `key`."""

ATTRIBUTE = "attribute"
"""`aligned` in `__attribute__((aligned(8)))`."""

TARGET = "target"
"""`kernel`, `libbpf`."""

WORD = "word"
"""A word that means something only where it stands: `runtime`, `by_name`, `QI` of a mode."""

LOOSE = "loose"
"""A name in a part of the text that can't be read: it may be anything."""

VARIABLE = "variable"
"""What is declared and may not be: a variable that is no map."""

_NAME = re.compile(r"[A-Za-z_]\w*")


class Occurrence(Record):
    """A name in a text.

    Attributes:
        span: Its characters.
        role: What it declares (`struct`, `union`, `enum`, `typedef`, `enumerator`, `const`,
            `member`, `map`, `program`, `template`, `parameter`, `macro`, `variable`), or what it
            must be: one of the constants above, or `struct`, `union`, `enum` after that keyword.
        is_declaration: It declares what it names.
        owner: Of a member, an enumerator or a parameter: the tag or the name of what it is part of;
            of the member in `__contains`, the struct. None where that has none.
        types: Of what has a type: what it is written with.
        is_certain: The text around it could be read; else what it is was guessed.
    """

    span: Span
    role: str
    is_declaration: bool = False
    owner: Span | None = None
    types: tuple[Span, ...] = ()
    is_certain: bool = True

    @property
    def name(self) -> str:
        """The name itself."""
        return self.span.text


def occurrences(tree: File) -> list[Occurrence]:
    """Return every name in *tree*, in the order of the text.

    In what could not be read a name is what the word before it and the sign after it say.
    """
    walk = _Walk()
    for item in tree.items:
        walk.item(item)
    for name in tree.macros:
        walk.declare(name, "macro")
    for when in tree.whens:
        for branch in when.branches:
            if branch.condition is not None:
                walk.condition(branch.condition.parts)
    found = {occurrence.span.start: occurrence for occurrence in walk.found}
    if tree.tokens is not None:
        for loose in _loose(tree.tokens, found):
            found[loose.span.start] = loose
    return [found[start] for start in sorted(found)]


def _loose(tokens: Tokens, found: Container[int]) -> Iterator[Occurrence]:
    """Yield the names among *tokens* that aren't *found* in the tree, by where they start."""
    kinds, texts = tokens.kinds, tokens.texts
    for at, start in enumerate(tokens.starts):
        if kinds[at] != "NAME" or start in found:
            continue
        before, after = kinds[at - 1] if at else "", texts[at + 1]
        role = LOOSE
        is_tag = before in ("COMPOSITE", "ENUM") and after in ("{", ":")
        if is_tag or before in ("MAP", "TEMPLATE"):
            role = texts[at - 1]
        elif before == "QUALIFIER" and after == "=":
            role = "const"
        span = tokens.span(at, at + 1)
        yield Occurrence(span, role, role != LOOSE, is_certain=False)


class _Walk:
    """The names found so far, and the nodes that are still to be looked at; nothing recurses."""

    __slots__ = ("_pending", "found")

    def __init__(self) -> None:
        self.found: list[Occurrence] = []
        # A node; what its name declares, or its type must be; what that is part of, and its types.
        self._pending: list[tuple[_Node, str, Span | None, tuple[Span, ...]]] = []

    def item(self, item: Item) -> None:
        """Note the names in *item*."""
        if isinstance(item, MapItem):
            types = _type_spans(item.shape)
            self.declare(item.name, "map", types=types)
            self._attributes(item.attributes)
            self._push(item.shape)
            for slot in item.slots or ():
                self._push(slot.index)
                self._use(slot.target, SLOT)
        elif isinstance(item, TemplateItem):
            self.declare(item.name, "template", types=_type_spans(item.shape))
            self._push(item.shape)
        elif isinstance(item, ConstItem):
            self.declare(item.name, "const")
            self._push(item.value)
        elif isinstance(item, DeclarationItem):
            self._push(item.specifiers, TYPE)
            types = _base_spans(item.specifiers)
            for declarator in item.declarators:
                role = "program" if declares_function(declarator) else VARIABLE
                role = "typedef" if item.storage == "typedef" else role
                self._push(declarator, role, None, types)
        elif isinstance(item, TargetItem):
            self._use(item.name, TARGET)
        elif not isinstance(item, (IncludeItem, ImportItem)):
            assert_never(item)
        while self._pending:
            self._visit(*self._pending.pop())

    def condition(self, parts: Sequence[Token]) -> None:
        """Note the names in a condition."""
        for part in parts:
            if part.kind == "NAME":
                is_word = part.text in ("defined", "KERNEL_VERSION")
                self._use(part, WORD if is_word else CONDITION)

    def declare(
        self, name: Token, role: str, owner: Span | None = None, types: tuple[Span, ...] = ()
    ) -> None:
        """Note that *name* is declared."""
        self.found.append(Occurrence(name.span, role, True, owner, types))  # noqa: FBT003 -- a record's member

    def _use(self, name: Token, role: str) -> None:
        self.found.append(Occurrence(name.span, role))

    def _push(
        self,
        node: _Node,
        role: str = "",
        owner: Span | None = None,
        types: tuple[Span, ...] = (),
    ) -> None:
        if node is not None:
            self._pending.append((node, role, owner, types))

    def _visit(self, node: _Node, role: str, owner: Span | None, types: tuple[Span, ...]) -> None:
        if isinstance(node, Specifiers):
            self._specifiers(node, role)
        elif isinstance(node, Declarator):
            self._declarator(node, role, owner, types)
        elif isinstance(node, ExpressionNode):
            for part in node.parts:
                if isinstance(part, (SizeofNode, CastNode)):
                    self._push(part.type, TYPE)
                elif part.kind == "NAME":
                    self._use(part, CONSTANT)
        elif isinstance(node, TypeNode):
            self._push(node.specifiers, role)
            self._push(node.declarator)
        elif isinstance(node, ShapeNode):
            self._shape(node)
        elif isinstance(node, AttributeNode):
            self._attribute(node)
        elif node is not None:
            assert_never(node)

    def _specifiers(self, node: Specifiers, role: str) -> None:
        base = node.base
        if isinstance(base, Token):
            self._use(base, role)
        elif isinstance(base, CompositeNode):
            self._attributes(base.attributes)
            if base.tag is not None:
                if base.members is None:
                    self._use(base.tag, base.kind)
                else:
                    self.declare(base.tag, base.kind)
            for member in base.members or ():
                self._member(member, None if base.tag is None else base.tag.span)
        elif isinstance(base, EnumNode):
            self._enum(base)
        elif not isinstance(base, tuple):
            assert_never(base)
        self._attributes(node.qualifiers)

    def _enum(self, node: EnumNode) -> None:
        self._attributes(node.attributes)
        self._push(node.base, TYPE)
        if node.tag is not None:
            if node.enumerators is None:
                self._use(node.tag, "enum")
            else:
                self.declare(node.tag, "enum")
        owner = None if node.tag is None else node.tag.span
        for enumerator in node.enumerators or ():
            self.declare(enumerator.name, "enumerator", owner, () if owner is None else (owner,))
            self._push(enumerator.value)

    def _member(self, node: MemberNode, owner: Span | None) -> None:
        self._push(node.specifiers, TYPE)
        types = _base_spans(node.specifiers)
        for declarator in node.declarators:
            self._push(declarator.declarator, "member", owner, types)
            self._push(declarator.width)
            self._attributes(declarator.attributes)

    def _declarator(
        self, node: Declarator, role: str, owner: Span | None, types: tuple[Span, ...]
    ) -> None:
        name = declared_name(node)
        if name is not None and role:
            self.declare(name, role, owner, types)
        function = None if name is None else name.span
        current: Declarator | None = node
        while current is not None:
            self._attributes(current.attributes)
            for pointer in current.pointers:
                self._attributes(pointer.qualifiers)
            for suffix in current.suffixes:
                if isinstance(suffix, ArraySuffix):
                    self._push(suffix.length)
                elif isinstance(suffix, FunctionSuffix):
                    for parameter in suffix.parameters:
                        self._push(parameter.specifiers, TYPE)
                        base = _base_spans(parameter.specifiers)
                        self._push(parameter.declarator, "parameter", function, base)
                else:
                    assert_never(suffix)
            current = current.inner if isinstance(current.inner, Declarator) else None

    def _shape(self, node: ShapeNode) -> None:
        self._use(node.kind, SHAPE)
        kind = MAP_KINDS.get(node.kind.text)
        of_maps = kind is not None and kind.of_maps
        for position, argument in enumerate(node.arguments or ()):
            self._push(argument, INNER if of_maps and position else TYPE)
        self._value("max_entries", node.entries, "")
        for attribute in node.attributes:
            name = attribute.name.text
            self._use(attribute.name, MAP_ATTRIBUTE)
            self._value(name, attribute.value, INNER if of_maps and name == "value" else TYPE)

    def _value(self, attribute: str, value: Value | None, role: str) -> None:
        """Note the names in the *value* of an *attribute*; `runtime` is a word there."""
        parts = value.parts if isinstance(value, ExpressionNode) else ()
        only = parts[0] if len(parts) == 1 else None
        if isinstance(only, Token) and only.kind == "NAME":
            is_word = only.text == "runtime" or attribute == "pinning"
            self._use(only, WORD if is_word else CONSTANT)
            return
        self._push(value, role)

    def _attributes(self, qualifiers: Sequence[Qualifier]) -> None:
        for qualifier in qualifiers:
            if isinstance(qualifier, AttributeNode):
                self._push(qualifier)

    def _attribute(self, node: AttributeNode) -> None:
        argument = node.arguments[0] if node.arguments else None
        if isinstance(argument, str) and argument.startswith("contains:"):
            places = contained(node.span, argument)
            if places is not None:
                holder, held = places
                self.found.append(Occurrence(holder, HOLDER))
                self.found.append(Occurrence(held, HELD, owner=holder))
        match = _NAME.match(node.span.text)
        if not node.macro and match is not None:
            start = node.span.start
            name = Span(node.span.source, start, start + match.end())
            self.found.append(Occurrence(name, ATTRIBUTE))
        for part in node.arguments:
            if isinstance(part, str):
                continue
            if node.name in ATTRIBUTES_OF_EXPRESSIONS:
                self._push(part, TYPE)
            elif isinstance(part, ExpressionNode):
                for word in part.parts:
                    if isinstance(word, Token) and word.kind == "NAME":
                        self._use(word, WORD)


def _base_spans(specifiers: Specifiers) -> tuple[Span, ...]:
    """Return the name of the type that *specifiers* name; nothing for what has none."""
    base = specifiers.base
    if isinstance(base, Token):
        return (base.span,)
    if isinstance(base, (CompositeNode, EnumNode)) and base.tag is not None:
        return (base.tag.span,)
    return ()


def _type_spans(shape: ShapeNode) -> tuple[Span, ...]:
    """Return the names that a map of *shape* is made of: its template, its key and value."""
    spans: list[Span] = []
    pending: list[object] = [shape]
    while pending:
        node = pending.pop()
        if isinstance(node, ShapeNode):
            if node.kind.text not in MAP_KINDS:
                spans.append(node.kind.span)
            values = [a.value for a in node.attributes if a.name.text in ("key", "value")]
            pending += reversed([*(node.arguments or ()), *values])
        elif isinstance(node, TypeNode):
            spans += _base_spans(node.specifiers)
    return tuple(spans)
