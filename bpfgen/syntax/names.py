"""The names that a file uses, by what they must be; for asking a compiler about those it lacks."""

from __future__ import annotations

from bpfgen.record import TYPE_CHECKING, assert_never
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
    TargetItem,
    TemplateItem,
    Token,
    TypeNode,
)

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import TypeAlias

    from bpfgen.syntax.tree import (
        Base,
        File,
        MemberNode,
        PointerNode,
        Qualifier,
        Specifiers,
        Suffix,
    )

    _Pending: TypeAlias = (
        ExpressionNode
        | TypeNode
        | ShapeNode
        | tuple[Specifiers, Declarator | None, bool]  # what it declares may need the whole type
        | None
    )


class UsedNames:
    """Names in the order of their first use.

    Attributes:
        types: Names that stand for a type by themselves; a typedef, or, as a map's type
            argument or in `sizeof`, also a tag.
        tags: (kind, tag) pairs that are used by value, through typedefs of the file or not.
        held: Names of types without a keyword that are used by value.
        constants: Names in expressions; the `T` of a cast `(T)x` is among them.
    """

    __slots__ = ("constants", "held", "tags", "types")

    def __init__(self) -> None:
        self.types: dict[str, None] = {}
        self.tags: dict[tuple[str, str], None] = {}
        self.constants: dict[str, None] = {}
        self.held: dict[str, None] = {}


def used_names(tree: File) -> UsedNames:
    """Return the names that *tree* uses, its own among them."""
    used = UsedNames()
    pending: list[_Pending] = []
    for item in reversed(tree.items):
        if isinstance(item, MapItem):
            pending.extend(slot.index for slot in item.slots or [])
            pending.append(item.shape)
        elif isinstance(item, TemplateItem):
            pending.append(item.shape)
        elif isinstance(item, ConstItem):
            pending.append(item.value)
        elif isinstance(item, DeclarationItem):
            completes = item.storage != "typedef"
            declarators: list[Declarator | None] = [*item.declarators] or [None]
            pending.extend((item.specifiers, declarator, completes) for declarator in declarators)
        elif isinstance(item, (IncludeItem, ImportItem, TargetItem)):
            pass  # they use no name of the language's
        else:
            assert_never(item)
    while pending:
        _visit(pending.pop(), used, pending)
    _through_typedefs(tree, used)
    return used


def _through_typedefs(tree: File, used: UsedNames) -> None:
    """Note the tags that are held by value by way of typedefs of the file.

    A typedef by itself may be of a struct that nobody defines.
    """
    targets: dict[str, Base] = {}
    for item in tree.items:
        if isinstance(item, DeclarationItem) and item.storage == "typedef":
            for declarator in item.declarators:
                name = _declared(declarator)
                if name is not None and holds_by_value(declarator):
                    targets[name.text] = item.specifiers.base
    held = list(used.held)
    while held:
        target = targets.pop(held.pop(), None)
        if isinstance(target, Token):
            held.append(target.text)
        elif (
            isinstance(target, CompositeNode) and target.members is None and target.tag is not None
        ):
            used.tags[target.kind, target.tag.text] = None


def _declared(declarator: Declarator) -> Token | None:
    """Return the name that *declarator* declares."""
    inner: Declarator | Token | None = declarator
    while isinstance(inner, Declarator):
        inner = inner.inner
    return inner


def _visit(node: _Pending, used: UsedNames, pending: list[_Pending]) -> None:
    """Note the names in *node* and push what is inside it; no recursion."""
    if node is None:
        pass
    elif isinstance(node, tuple):
        specifiers, declarator, completes = node
        by_value = (completes and holds_by_value(declarator)) or makes_array(declarator)
        _specifiers(specifiers, used, pending, by_value=by_value)
        if declarator is not None:
            _declarator(declarator, pending)
    elif isinstance(node, ExpressionNode):
        for part in node.parts:
            if isinstance(part, Token):
                if part.kind == "NAME":
                    used.constants[part.text] = None
            elif isinstance(part, (SizeofNode, CastNode)):
                pending.append(part.type)
            else:
                assert_never(part)
    elif isinstance(node, TypeNode):
        pending.append((node.specifiers, node.declarator, True))
    elif isinstance(node, ShapeNode):
        pending.append(node.entries)
        pending.extend(node.arguments or [])
        pending.extend(attribute.value for attribute in node.attributes)
    else:
        assert_never(node)


def _specifiers(
    specifiers: Specifiers, used: UsedNames, pending: list[_Pending], *, by_value: bool
) -> None:
    """Note the names in *specifiers* and push what is inside them."""
    base = specifiers.base
    if isinstance(base, tuple):
        pass  # the words of a built-in type
    elif isinstance(base, Token):
        used.types[base.text] = None
        if by_value:
            used.held[base.text] = None
    elif isinstance(base, CompositeNode):
        if base.members is not None:
            _members(base.members, pending)
        elif by_value and base.tag is not None:
            used.tags[base.kind, base.tag.text] = None
        _attributes(base.attributes, pending)
    elif isinstance(base, EnumNode):
        if base.base is not None:
            pending.append((base.base, None, True))
        if base.enumerators is not None:
            pending.extend(enumerator.value for enumerator in base.enumerators)
        elif base.tag is not None:
            used.tags["enum", base.tag.text] = None
        _attributes(base.attributes, pending)
    else:
        assert_never(base)
    _attributes(specifiers.qualifiers, pending)


def _members(members: Sequence[MemberNode], pending: list[_Pending]) -> None:
    """Push what is inside the *members* of a struct or union."""
    for member in members:
        for declarator in member.declarators:
            pending.append((member.specifiers, declarator.declarator, True))
            pending.append(declarator.width)
            _attributes(declarator.attributes, pending)
        if not member.declarators:
            pending.append((member.specifiers, None, True))


ATTRIBUTES_OF_EXPRESSIONS = frozenset(("aligned", "address_space"))
"""The attributes whose arguments are expressions; `QI` in `mode(QI)` is no name of anything."""


def _attributes(qualifiers: Sequence[Qualifier], pending: list[_Pending]) -> None:
    """Push the arguments of the attributes among *qualifiers*."""
    for qualifier in qualifiers:
        if isinstance(qualifier, AttributeNode) and qualifier.name in ATTRIBUTES_OF_EXPRESSIONS:
            pending.extend(a for a in qualifier.arguments if not isinstance(a, str))


def _declarator(declarator: Declarator, pending: list[_Pending]) -> None:
    """Push what is inside *declarator*, at every level."""
    current: Declarator | None = declarator
    while current is not None:
        _attributes(current.attributes, pending)
        for suffix in current.suffixes:
            if isinstance(suffix, ArraySuffix):
                pending.append(suffix.length)
            elif isinstance(suffix, FunctionSuffix):
                pending.extend((p.specifiers, p.declarator, False) for p in suffix.parameters)
            else:
                assert_never(suffix)
        current = current.inner if isinstance(current.inner, Declarator) else None


def holds_by_value(declarator: Declarator | None) -> bool:
    """Return whether what is declared holds its base type by value: no pointer, no function."""
    while declarator is not None:
        if declarator.pointers:
            return False
        for suffix in declarator.suffixes:
            if isinstance(suffix, FunctionSuffix):
                return False
        declarator = declarator.inner if isinstance(declarator.inner, Declarator) else None
    return True


def makes_array(declarator: Declarator | None) -> bool:
    """Return whether the base type is the element of an array, wherever that is: `T (*a)[2]`.

    C wants such a type whole, behind a pointer and in a parameter, too.
    """
    while declarator is not None:
        if declarator.pointers:
            return False
        if declarator.suffixes:
            return isinstance(declarator.suffixes[-1], ArraySuffix)
        declarator = declarator.inner if isinstance(declarator.inner, Declarator) else None
    return False


def outermost_of(declarator: Declarator) -> PointerNode | Suffix | None:
    """Return what *declarator* makes of its base type in the end; None if it only names it."""
    outermost: PointerNode | Suffix | None = None
    inner: Declarator | Token | None = declarator
    while isinstance(inner, Declarator):
        if inner.suffixes:
            outermost = inner.suffixes[0]
        elif inner.pointers:
            outermost = inner.pointers[-1]
        inner = inner.inner
    return outermost
