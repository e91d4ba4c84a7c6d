"""The names that a file uses, by what they must be; for asking a compiler about those it lacks."""

from __future__ import annotations

from bpfgen.record import TYPE_CHECKING
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
    MapItem,
    ShapeNode,
    SizeofNode,
    TemplateItem,
    Token,
    TypeNode,
)

if TYPE_CHECKING:
    from bpfgen.syntax.tree import File, Specifiers


class UsedNames:
    """Names in the order of their first use.

    Attributes:
        types: Names that stand for a type by themselves; a typedef, or, as a map's type
            argument or in `sizeof`, also a tag.
        tags: (kind, tag) pairs that are used by value.
        constants: Names in expressions; the `T` of a cast `(T)x` is among them.
    """

    __slots__ = ("constants", "tags", "types")

    def __init__(self) -> None:
        self.types: dict[str, None] = {}
        self.tags: dict[tuple[str, str], None] = {}
        self.constants: dict[str, None] = {}


def used_names(tree: File) -> UsedNames:
    """Return the names that *tree* uses, its own among them."""
    used = UsedNames()
    pending: list[object] = []
    for item in reversed(tree.items):
        if isinstance(item, (MapItem, TemplateItem)):
            if isinstance(item, MapItem):
                pending.extend(slot.index for slot in item.slots or [])
            pending.append(item.shape)
        elif isinstance(item, ConstItem):
            pending.append(item.value)
        elif isinstance(item, DeclarationItem):
            completes = item.storage != "typedef"
            declarators: list[Declarator | None] = [*item.declarators] or [None]
            pending.extend((item.specifiers, declarator, completes) for declarator in declarators)
    while pending:
        _visit(pending.pop(), used, pending)
    return used


def _visit(node: object, used: UsedNames, pending: list[object]) -> None:
    """Note the names in *node* and push what is inside it; no recursion."""
    if isinstance(node, tuple):
        specifiers, declarator, completes = node
        _specifiers(specifiers, used, pending, by_value=completes and holds_by_value(declarator))
        if declarator is not None:
            _declarator(declarator, pending)
    elif isinstance(node, ExpressionNode):
        for part in node.parts:
            if isinstance(part, Token):
                if part.kind == "NAME":
                    used.constants[part.text] = None
            else:
                pending.append(part)
    elif isinstance(node, (SizeofNode, CastNode)):
        pending.append(node.type)
    elif isinstance(node, TypeNode):
        pending.append((node.specifiers, node.declarator, True))
    elif isinstance(node, ShapeNode):
        pending.append(node.entries)
        pending.extend(node.arguments or [])
        pending.extend(attribute.value for attribute in node.attributes)


def _specifiers(
    specifiers: Specifiers, used: UsedNames, pending: list[object], *, by_value: bool
) -> None:
    base = specifiers.base
    attributes: list[Token | AttributeNode] = list(specifiers.qualifiers)
    if isinstance(base, Token):
        used.types[base.text] = None
    elif isinstance(base, CompositeNode):
        attributes.extend(base.attributes)
        if base.members is None:
            if by_value and base.tag is not None:
                used.tags[base.kind, base.tag.text] = None
        else:
            for member in base.members:
                for declarator in member.declarators:
                    pending.append((member.specifiers, declarator.declarator, True))
                    pending.append(declarator.width)
                    attributes.extend(declarator.attributes)
                if not member.declarators:
                    pending.append((member.specifiers, None, True))
    elif isinstance(base, EnumNode):
        attributes.extend(base.attributes)
        if base.base is not None:
            pending.append((base.base, None, True))
        if base.enumerators is None:
            if base.tag is not None:
                used.tags["enum", base.tag.text] = None
        else:
            pending.extend(enumerator.value for enumerator in base.enumerators)
    for attribute in attributes:
        if isinstance(attribute, AttributeNode):
            pending.extend(a for a in attribute.arguments if not isinstance(a, str))


def _declarator(declarator: Declarator, pending: list[object]) -> None:
    current: Declarator | None = declarator
    while current is not None:
        for attribute in current.attributes:
            pending.extend(a for a in attribute.arguments if not isinstance(a, str))
        for suffix in current.suffixes:
            if isinstance(suffix, ArraySuffix):
                pending.append(suffix.length)
            else:
                pending.extend((p.specifiers, p.declarator, False) for p in suffix.parameters)
        current = current.inner if isinstance(current.inner, Declarator) else None


def holds_by_value(declarator: Declarator | None) -> bool:
    """Return whether what is declared holds its base type by value: no pointer, no function."""
    while declarator is not None:
        if declarator.pointers or any(isinstance(s, FunctionSuffix) for s in declarator.suffixes):
            return False
        declarator = declarator.inner if isinstance(declarator.inner, Declarator) else None
    return True
