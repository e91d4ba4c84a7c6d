"""Reductions of files and maps; see :mod:`bpfgen.syntax.build`."""

from __future__ import annotations

from bpfgen.record import TYPE_CHECKING, Record, replace
from bpfgen.syntax.build import Spliced, flat, string_text
from bpfgen.syntax.tree import (
    ArraySuffix,
    BranchNode,
    ConditionNode,
    ConstItem,
    DeclarationItem,
    ImportItem,
    IncludeItem,
    MapAttributeNode,
    MapItem,
    ShapeNode,
    SlotNode,
    TargetItem,
    TemplateItem,
    Token,
    WhenNode,
)
from bpfgen.text.source import NESTING_LIMIT

if TYPE_CHECKING:
    from typing import Any

    from bpfgen.syntax.build import Builder, Children
    from bpfgen.syntax.tree import (
        AttributeNode,
        ExpressionNode,
        Item,
        Specifiers,
        TypeNode,
    )
    from bpfgen.text.source import Span


def start(_b: Builder, children: Children, _first: int, _after: int) -> list[Any]:
    return list(children)


def include(b: Builder, children: Children, first: int, after: int) -> IncludeItem:
    text = b.tokens.texts[children[0]]
    return IncludeItem(text.removeprefix("include").strip(), b.span(first, after))


def import_(b: Builder, children: Children, first: int, after: int) -> ImportItem:
    path = string_text(b.tokens.texts[children[1]])
    return ImportItem(path, b.span(first, after))


def target(b: Builder, children: Children, first: int, after: int) -> TargetItem:
    kinds, texts = b.tokens.kinds, b.tokens.texts
    relation: Token | None = None
    version: Token | None = None
    at, end = children[1] + 1, after - 1
    if at < end and kinds[at] not in {"NAME", "NUMBER", "STRING"}:
        relation = b.token(at)
        at += 1
    if at < end:  # `5.15-rc1` is three tokens
        version = Token(kinds[at], "".join(texts[at:end]), b.span(at, end))
    return TargetItem(b.token(children[1]), relation, version, b.span(first, after))


def macros(b: Builder, children: Children, _first: int, _after: int) -> Spliced:
    b.macros += (b.token(name) for name in children[1:])
    return Spliced()


def condition(b: Builder, _children: Children, first: int, after: int) -> ConditionNode:
    parts = (b.token(at) for at in range(first + 1, after - 1) if b.tokens.texts[at])
    return ConditionNode(tuple(parts), b.span(first, after))


class _Block(list["Item | MapAttributeNode"]):
    """What stands between the braces of a branch, and where they are."""

    __slots__ = ("span",)

    span: Span


class _Branch(Record):
    """One branch of a `when`, on its way to it."""

    node: BranchNode
    block: _Block


def block(b: Builder, children: Children, first: int, after: int) -> _Block:
    result = _Block(children)
    result.span = b.span(first, after)
    return result


def else_block(_b: Builder, children: Children, _first: int, _after: int) -> _Branch:
    return _Branch(BranchNode(None, children[-1].span), children[-1])


def else_when(_b: Builder, children: Children, _first: int, _after: int) -> _Branch:
    return _Branch(BranchNode(children[-2], children[-1].span), children[-1])


def when(b: Builder, children: Children, first: int, after: int) -> Spliced:
    """The contents of all branches: a `when` itself is no item, nor an attribute."""
    branches = [_Branch(BranchNode(children[1], children[2].span), children[2]), *children[3:]]
    nodes = tuple(branch.node for branch in branches)
    b.whens.append(WhenNode(nodes, b.span(first, after)))
    doc = b.doc(first)
    if doc:
        for branch in branches:
            _document(branch.block, doc)
    return Spliced(item for branch in branches for item in branch.block)


def _document(block: _Block, doc: str) -> None:
    """Give the first declaration of *block* the doc comment above the `when`, if it has none."""
    for at, item in enumerate(block[:1]):
        if isinstance(item, (MapItem, TemplateItem, ConstItem, DeclarationItem)) and not item.doc:
            block[at] = replace(item, doc=doc)


def map_(b: Builder, children: Children, first: int, after: int) -> MapItem:
    linkage = ""
    if isinstance(children[0], str):
        linkage, *children = children
    name, *rest = children[1:]
    at = next(at for at, child in enumerate(rest) if isinstance(child, ShapeNode))
    attributes: tuple[AttributeNode, ...] = flat(rest[:at])
    slots_ = rest[at + 1] if at + 1 < len(rest) else None
    doc, span = b.doc(first), b.span(first, after)
    return MapItem(linkage, b.token(name), attributes, rest[at], slots_, doc, span)


def linkage(b: Builder, children: Children, _first: int, _after: int) -> str:
    return b.tokens.texts[children[0]]


def template(b: Builder, children: Children, first: int, after: int) -> TemplateItem:
    return TemplateItem(b.token(children[1]), children[2], b.doc(first), b.span(first, after))


class _Arguments(tuple["TypeNode | ShapeNode", ...]):  # noqa: SLOT001 -- a tuple has no slots of its own
    """The types and shapes between angle brackets, and how deep shapes are nested in them."""

    depth = 1


class _MapAttributes(tuple[MapAttributeNode, ...]):
    """What stands in the braces after a shape."""

    __slots__ = ()


def shape(b: Builder, children: Children, first: int, after: int) -> ShapeNode:
    arguments = None
    entries_ = None
    attributes: tuple[MapAttributeNode, ...] = ()
    for child in children[1:]:
        if type(child) is _Arguments:
            arguments = child
        elif type(child) is _MapAttributes:
            attributes = child
        else:
            entries_ = child
    return ShapeNode(b.token(children[0]), arguments, entries_, attributes, b.span(first, after))


def type_arguments(b: Builder, children: Children, first: int, _after: int) -> _Arguments:
    inner = (
        child.arguments.depth
        for child in children
        if isinstance(child, ShapeNode) and isinstance(child.arguments, _Arguments)
    )
    depth = 1 + max(inner, default=0)
    if depth == NESTING_LIMIT + 1:
        b.report.error(
            "nesting",
            f"maps are nested more than {NESTING_LIMIT} levels deep",
            b.span(first, first + 1),
            help="the kernel allows maps of maps, and no deeper",
        )
    result = _Arguments(children if depth <= NESTING_LIMIT else ())
    if depth > 1:
        result.depth = depth
    return result


def type_argument(_b: Builder, children: Children, _first: int, _after: int) -> Any:
    return children[0]


def named_shape(b: Builder, children: Children, first: int, after: int) -> ShapeNode:
    """`counters[4] { … }`: it reads like a type, but the braces make it a shape."""
    specifiers: Specifiers = children[0]
    abstract = children[1] if len(children) == 3 else None
    attributes = children[-1]
    base = specifiers.base
    entries_ = None
    plain = isinstance(base, Token) and not specifiers.qualifiers
    if plain and abstract is not None:
        suffixes = abstract.suffixes
        plain = not abstract.pointers and abstract.inner is None and len(suffixes) == 1
        plain = plain and isinstance(suffixes[0], ArraySuffix) and suffixes[0].length is not None
        if plain:
            entries_ = suffixes[0].length
    if not plain:
        b.report.error(
            "syntax",
            "attributes in braces belong to a map, and this is a type",
            b.span(first, after),
        )
    kind = base if isinstance(base, Token) else b.token(first)
    return ShapeNode(kind, None, entries_, attributes, b.span(first, after))


def entries(_b: Builder, children: Children, _first: int, _after: int) -> ExpressionNode:
    node: ExpressionNode = children[0]
    return node


def map_attributes(_b: Builder, children: Children, _first: int, _after: int) -> _MapAttributes:
    return _MapAttributes(children)


def type_attribute(b: Builder, children: Children, first: int, after: int) -> MapAttributeNode:
    return MapAttributeNode(b.token(children[0]), children[1], b.span(first, after))


def slots(_b: Builder, children: Children, _first: int, _after: int) -> tuple[SlotNode, ...]:
    return tuple(children)


def slot_at(b: Builder, children: Children, first: int, after: int) -> SlotNode:
    return SlotNode(children[0], b.token(children[-1]), b.span(first, after))


def slot_next(b: Builder, children: Children, first: int, after: int) -> SlotNode:
    return SlotNode(None, b.token(children[-1]), b.span(first, after))
