"""Reductions to tree: one function for each rule of the grammar, named as the rule.

A function gets the children that the grammar keeps (a terminal is its token's index) and the
tokens *first* up to *behind* that the rule covers; it returns the node.
"""

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
    EnumeratorNode,
    EnumNode,
    ExpressionNode,
    FunctionSuffix,
    ImportItem,
    IncludeItem,
    MapAttributeNode,
    MapItem,
    MemberDeclarator,
    MemberNode,
    ParameterNode,
    PointerNode,
    ShapeNode,
    SizeofNode,
    SlotNode,
    Specifiers,
    TargetItem,
    TemplateItem,
    Token,
    TypeNode,
)

if TYPE_CHECKING:
    from typing import Any

    from bpfgen.diagnostics import Report
    from bpfgen.source import Span
    from bpfgen.syntax.lexer import Tokens

    Children = list[Any]

LONGEST_DECLARATOR = 200
"""Pointers, dimensions and parameter lists of one declarator: each is a level of the type."""


class Builder:
    """What the functions below share: the tokens, and where to report."""

    __slots__ = ("report", "tokens")

    def __init__(self, tokens: Tokens, report: Report) -> None:
        self.tokens = tokens
        self.report = report

    def token(self, index: int) -> Token:
        """Return token *index*."""
        tokens = self.tokens
        return Token(tokens.kinds[index], tokens.texts[index], tokens.span(index, index + 1))

    def doc(self, first: int) -> str:
        """Return the doc comment before token *first*, or an empty string."""
        return self.tokens.docs.get(first, "")

    def span(self, first: int, behind: int) -> Span:
        """Return the span of tokens *first* up to *behind*."""
        return self.tokens.span(first, behind)


def start(_b: Builder, children: Children, _first: int, _behind: int) -> list[Any]:
    return list(children)


def include(b: Builder, children: Children, first: int, behind: int) -> IncludeItem:
    text = b.tokens.texts[children[0]]
    return IncludeItem(text.removeprefix("include").strip(), b.span(first, behind))


def import_(b: Builder, children: Children, first: int, behind: int) -> ImportItem:
    path = _string_text(b.tokens.texts[children[1]])
    return ImportItem(path, b.span(first, behind))


def target(b: Builder, children: Children, first: int, behind: int) -> TargetItem:
    return TargetItem(b.token(children[1]), b.token(children[2]), b.span(first, behind))


# Maps.


def map_(b: Builder, children: Children, first: int, behind: int) -> MapItem:
    linkage = ""
    if isinstance(children[0], str):
        linkage, *children = children
    _keyword, name, shape_, *rest = children
    slots_ = rest[0] if rest else None
    return MapItem(linkage, b.token(name), shape_, slots_, b.doc(first), b.span(first, behind))


def linkage(b: Builder, children: Children, _first: int, _behind: int) -> str:
    return b.tokens.texts[children[0]]


def template(b: Builder, children: Children, first: int, behind: int) -> TemplateItem:
    return TemplateItem(b.token(children[1]), children[2], b.doc(first), b.span(first, behind))


class _Arguments(list["TypeNode | ShapeNode"]):
    """The types and shapes between angle brackets, and how deep shapes are nested in them."""

    __slots__ = ("depth",)

    depth: int


class _MapAttributes(list[MapAttributeNode]):
    """What stands in the braces behind a shape."""


def shape(b: Builder, children: Children, first: int, behind: int) -> ShapeNode:
    arguments = None
    entries_ = None
    attributes: list[MapAttributeNode] = []
    for child in children[1:]:
        if type(child) is _Arguments:
            arguments = child
        elif type(child) is _MapAttributes:
            attributes = child
        else:
            entries_ = child
    return ShapeNode(b.token(children[0]), arguments, entries_, attributes, b.span(first, behind))


def type_arguments(b: Builder, children: Children, first: int, behind: int) -> _Arguments:
    result = _Arguments(children)
    inner = (
        child.arguments.depth
        for child in children
        if isinstance(child, ShapeNode) and isinstance(child.arguments, _Arguments)
    )
    result.depth = 1 + max(inner, default=0)
    if result.depth > LONGEST_DECLARATOR:
        if result.depth == LONGEST_DECLARATOR + 1:
            b.report.error(
                "nesting",
                f"maps are nested more than {LONGEST_DECLARATOR} levels deep",
                b.span(first, first + 1),
                help="the kernel allows maps of maps, and no deeper",
            )
        result.clear()
    return result


def type_argument(_b: Builder, children: Children, _first: int, _behind: int) -> Any:
    return children[0]


def named_shape(b: Builder, children: Children, first: int, behind: int) -> ShapeNode:
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
            b.span(first, behind),
        )
    kind = base if isinstance(base, Token) else b.token(first)
    return ShapeNode(kind, None, entries_, attributes, b.span(first, behind))


def entries(_b: Builder, children: Children, _first: int, _behind: int) -> ExpressionNode:
    node: ExpressionNode = children[0]
    return node


def map_attributes(_b: Builder, children: Children, _first: int, _behind: int) -> _MapAttributes:
    return _MapAttributes(children)


def type_attribute(b: Builder, children: Children, first: int, behind: int) -> MapAttributeNode:
    return MapAttributeNode(b.token(children[0]), children[1], b.span(first, behind))


def slots(_b: Builder, children: Children, _first: int, _behind: int) -> list[SlotNode]:
    return list(children)


def slot_at(b: Builder, children: Children, first: int, behind: int) -> SlotNode:
    return SlotNode(children[0], b.token(children[-1]), b.span(first, behind))


def slot_next(b: Builder, children: Children, first: int, behind: int) -> SlotNode:
    return SlotNode(None, b.token(children[-1]), b.span(first, behind))


# C declarations.


def plain_declaration(b: Builder, children: Children, first: int, behind: int) -> DeclarationItem:
    declarators_ = children[1] if len(children) > 1 else []
    return DeclarationItem("", children[0], declarators_, b.doc(first), b.span(first, behind))


def typedef_declaration(b: Builder, children: Children, first: int, behind: int) -> DeclarationItem:
    return DeclarationItem(
        "typedef", children[1], children[2], b.doc(first), b.span(first, behind)
    )


def extern_declaration(b: Builder, children: Children, first: int, behind: int) -> DeclarationItem:
    return DeclarationItem("extern", children[1], children[2], b.doc(first), b.span(first, behind))


def const_declaration(b: Builder, children: Children, first: int, behind: int) -> Any:
    specifiers: Specifiers = children[0]
    words = [q.text for q in specifiers.qualifiers if isinstance(q, Token)]
    if isinstance(specifiers.base, Token) and words == ["const"] and not specifiers.behind:
        return ConstItem(specifiers.base, children[1], b.doc(first), b.span(first, behind))
    b.report.error(
        "syntax",
        "a constant is written `const NAME = expression;`",
        specifiers.span,
    )
    return DeclarationItem("broken", specifiers, [], "", b.span(first, behind))


def typed_const_declaration(b: Builder, children: Children, first: int, behind: int) -> Any:
    specifiers: Specifiers = children[0]
    declarators_: list[Declarator] = children[1]
    words = [q.text for q in specifiers.qualifiers if isinstance(q, Token)]
    name = declarators_[0].inner
    span = b.span(first, behind)
    if "const" in words and len(declarators_) == 1 and isinstance(name, Token):
        value = children[2].span.text
        b.report.error(
            "syntax",
            "a constant has no type of its own here: it has that of its expression, as in C",
            specifiers.span,
            help=f"write `const {name.text} = {value};`, with a cast or a suffix if the type matters",
        )
        return ConstItem(name, children[2], b.doc(first), span)
    b.report.error(
        "syntax",
        "a variable has no place here: the language has types, constants, programs and maps",
        specifiers.span,
    )
    return DeclarationItem("broken", specifiers, [], "", span)


def named_specifiers(b: Builder, children: Children, first: int, behind: int) -> Specifiers:
    before: list[Token | AttributeNode] = []
    base: Token | None = None
    behind_count = 0
    for child in _flat(children):
        if isinstance(child, int):
            base = b.token(child)
        else:
            before.append(child)
            behind_count += base is not None
    assert base is not None
    return Specifiers(base, before, behind_count, b.span(first, behind))


def tagged_specifiers(b: Builder, children: Children, first: int, behind: int) -> Specifiers:
    qualifiers: list[Token | AttributeNode] = []
    base: CompositeNode | EnumNode | None = None
    behind_count = 0
    for child in _flat(children):
        if isinstance(child, (CompositeNode, EnumNode)):
            base = child
        else:
            qualifiers.append(child)
            behind_count += base is not None
    assert base is not None
    return Specifiers(base, qualifiers, behind_count, b.span(first, behind))


def builtin_specifiers(b: Builder, children: Children, first: int, behind: int) -> Specifiers:
    words: list[Token] = []
    qualifiers: list[Token | AttributeNode] = []
    behind_count = 0
    for child in _flat(children):
        if isinstance(child, int):
            words.append(b.token(child))
        else:
            qualifiers.append(child)
            behind_count += bool(words)
    return Specifiers(words, qualifiers, behind_count, b.span(first, behind))


def qualifier(b: Builder, children: Children, _first: int, _behind: int) -> Any:
    child = children[0]
    return b.token(child) if isinstance(child, int) else child


def attribute(_b: Builder, children: Children, _first: int, _behind: int) -> list[AttributeNode]:
    return list(children[1:])


def gnu_attribute(b: Builder, children: Children, first: int, behind: int) -> AttributeNode:
    name = b.tokens.texts[children[0]]
    if name.startswith("__") and name.endswith("__") and len(name) > 4:
        name = name[2:-2]
    arguments = children[1] if len(children) > 1 else []
    return AttributeNode(name, arguments, b.span(first, behind))


def attribute_arguments(_b: Builder, children: Children, _first: int, _behind: int) -> list[Any]:
    return list(children)


def strings(b: Builder, children: Children, _first: int, _behind: int) -> str:
    return "".join(_string_text(b.tokens.texts[index]) for index in children)


_ESCAPES = {"n": "\n", "t": "\t", "r": "\r", "0": "\0", "a": "\a", "b": "\b", "f": "\f", "v": "\v"}


def _string_text(literal: str) -> str:
    """Return what the C string *literal* stands for; simple escapes only."""
    inside = literal[1:-1]
    if "\\" not in inside:
        return inside
    result = []
    characters = iter(inside)
    for character in characters:
        if character == "\\":
            following = next(characters, "")
            result.append(_ESCAPES.get(following, following))
        else:
            result.append(character)
    return "".join(result)


def tag_macro(b: Builder, children: Children, first: int, behind: int) -> list[AttributeNode]:
    macro = b.tokens.texts[children[0]]
    span = b.span(first, behind)
    if macro == "__arena":
        return [AttributeNode("address_space", ["1"], span, macro)]
    tag = macro.removeprefix("__")
    return [AttributeNode("btf_type_tag", [tag], span, macro)]


def packed_macro(b: Builder, _c: Children, first: int, behind: int) -> list[AttributeNode]:
    return [AttributeNode("packed", [], b.span(first, behind), "__packed")]


def aligned_macro(b: Builder, children: Children, first: int, behind: int) -> list[AttributeNode]:
    return [AttributeNode("aligned", [children[1]], b.span(first, behind))]


def aligned_as_type(b: Builder, children: Children, first: int, behind: int) -> list[AttributeNode]:
    specifiers: Specifiers = children[1]
    pointers_ = children[2] if len(children) > 2 else []
    declarator_ = Declarator(pointers_, None, [], [], specifiers.span) if pointers_ else None
    type_ = TypeNode(specifiers, declarator_, specifiers.span)
    return [AttributeNode("aligned", [type_], b.span(first, behind))]


def contains_macro(b: Builder, children: Children, first: int, behind: int) -> list[AttributeNode]:
    _keyword, struct_, member_ = (b.tokens.texts[index] for index in children)
    tag = f"contains:{struct_}:{member_}"
    return [AttributeNode("btf_decl_tag", [tag], b.span(first, behind), "__contains")]


def _flat(attributes: Children) -> list[Any]:
    """Return one list of the attributes and qualifiers in *attributes*."""
    result: list[Any] = []
    for attribute_ in attributes:
        if isinstance(attribute_, list):
            result.extend(attribute_)
        else:
            result.append(attribute_)
    return result


def composite_name(b: Builder, children: Children, first: int, behind: int) -> CompositeNode:
    kind = b.tokens.texts[children[0]]
    tag = b.token(children[-1])
    return CompositeNode(kind, tag, None, _flat(children[1:-1]), b.span(first, behind))


def composite_body(b: Builder, children: Children, first: int, behind: int) -> CompositeNode:
    kind = b.tokens.texts[children[0]]
    tag = None
    attributes: list[AttributeNode] = []
    members: list[MemberNode] = []
    for child in children[1:]:
        if isinstance(child, int):
            tag = b.token(child)
        elif isinstance(child, MemberNode):
            members.append(child)
        else:
            attributes.extend(child)
    return CompositeNode(kind, tag, members, attributes, b.span(first, behind))


def enum_name(b: Builder, children: Children, first: int, behind: int) -> EnumNode:
    tag = None
    base = None
    attributes: list[AttributeNode] = []
    for child in children[1:]:
        if isinstance(child, int):
            tag = b.token(child)
        elif isinstance(child, Specifiers):
            base = child
        else:
            attributes.extend(child)
    return EnumNode(tag, base, None, attributes, b.span(first, behind))


class _Enumerators(list[EnumeratorNode]):
    """What stands between the braces of an enum."""


def enum_body(b: Builder, children: Children, first: int, behind: int) -> EnumNode:
    tag = None
    base = None
    attributes: list[AttributeNode] = []
    values: list[EnumeratorNode] = []
    for child in children[1:]:
        if isinstance(child, int):
            tag = b.token(child)
        elif isinstance(child, Specifiers):
            base = child
        elif type(child) is _Enumerators:
            values = child
        else:
            attributes.extend(child)
    return EnumNode(tag, base, values, attributes, b.span(first, behind))


def enum_base(b: Builder, children: Children, first: int, behind: int) -> Specifiers:
    tokens = [b.token(index) for index in children]
    base: Token | list[Token] = tokens[0] if tokens[0].kind == "NAME" else tokens
    return Specifiers(base, [], 0, b.span(first + 1, behind))


def enumerators(_b: Builder, children: Children, _first: int, _behind: int) -> _Enumerators:
    return _Enumerators(children)


def enumerator(b: Builder, children: Children, first: int, behind: int) -> EnumeratorNode:
    value = children[-1] if isinstance(children[-1], ExpressionNode) else None
    return EnumeratorNode(b.token(children[0]), value, b.doc(first), b.span(first, behind))


def member(b: Builder, children: Children, first: int, behind: int) -> MemberNode:
    return MemberNode(children[0], children[1:], b.doc(first), b.span(first, behind))


def member_declarator(b: Builder, children: Children, first: int, behind: int) -> MemberDeclarator:
    return MemberDeclarator(children[0], None, _flat(children[1:]), b.span(first, behind))


def bitfield_declarator(
    b: Builder, children: Children, first: int, behind: int
) -> MemberDeclarator:
    return MemberDeclarator(children[0], children[1], _flat(children[2:]), b.span(first, behind))


def unnamed_bitfield(b: Builder, children: Children, first: int, behind: int) -> MemberDeclarator:
    return MemberDeclarator(None, children[0], _flat(children[1:]), b.span(first, behind))


# Declarators.


def declarators(_b: Builder, children: Children, _first: int, _behind: int) -> list[Declarator]:
    return list(children)


def init_declarator(_b: Builder, children: Children, _first: int, _behind: int) -> Declarator:
    declarator_: Declarator = children[0]
    if len(children) > 1:
        declarator_.attributes = declarator_.attributes + _flat(children[1:])
    return declarator_


class _Pointers(list[PointerNode]):
    """The stars of a declarator."""


class _Nested(list[Declarator]):
    """A declarator in parentheses."""


def declarator(b: Builder, children: Children, first: int, behind: int) -> Declarator:
    pointers_: list[PointerNode] = []
    inner: Token | Declarator | None = None
    suffixes: list[ArraySuffix | FunctionSuffix] = []
    for child in children:
        if type(child) is _Pointers:
            pointers_ = child
        elif type(child) is _Nested:
            inner = child[0]
        elif isinstance(child, int):
            inner = b.token(child)
        else:
            suffixes.append(child)
    span = b.span(first, behind)
    if len(pointers_) + len(suffixes) > LONGEST_DECLARATOR:
        b.report.error(
            "nesting", f"a type of more than {LONGEST_DECLARATOR} levels is written here", span
        )
        pointers_, suffixes = [], []
    return Declarator(pointers_, inner, suffixes, [], span)


def pointers(_b: Builder, children: Children, _first: int, _behind: int) -> _Pointers:
    return _Pointers(children)


def pointer(b: Builder, children: Children, first: int, behind: int) -> PointerNode:
    return PointerNode(_flat(children), b.span(first, behind))


def nested_declarator(_b: Builder, children: Children, _first: int, _behind: int) -> _Nested:
    inner: Declarator = children[-1]
    inner.attributes = inner.attributes + _flat(children[:-1])
    return _Nested([inner])


def array_suffix(b: Builder, children: Children, first: int, behind: int) -> ArraySuffix:
    return ArraySuffix(children[0] if children else None, b.span(first, behind))


def function_suffix(b: Builder, children: Children, first: int, behind: int) -> FunctionSuffix:
    parameters = [child for child in children if isinstance(child, ParameterNode)]
    return FunctionSuffix(parameters, len(parameters) < len(children), b.span(first, behind))


def parameter(b: Builder, children: Children, first: int, behind: int) -> ParameterNode:
    declarator_ = children[1] if len(children) > 1 else None
    return ParameterNode(children[0], declarator_, b.span(first, behind))


def type_name(b: Builder, children: Children, first: int, behind: int) -> TypeNode:
    declarator_ = children[1] if len(children) > 1 else None
    return TypeNode(children[0], declarator_, b.span(first, behind))


# Expressions.


def expression(b: Builder, children: Children, first: int, behind: int) -> ExpressionNode:
    parts = [b.token(child) if isinstance(child, int) else child for child in children]
    return ExpressionNode(parts, b.span(first, behind))


def sizeof(b: Builder, children: Children, first: int, behind: int) -> SizeofNode:
    return SizeofNode(children[1], b.span(first, behind))


def cast(b: Builder, children: Children, first: int, behind: int) -> CastNode:
    specifiers = children[0]
    declarator_ = children[1] if len(children) > 1 else None
    return CastNode(TypeNode(specifiers, declarator_, specifiers.span), b.span(first, behind))


def cast_tagged(b: Builder, children: Children, first: int, behind: int) -> Specifiers:
    tag = b.token(children[1])
    span = b.span(first, behind)
    kind = b.tokens.texts[children[0]]
    base: CompositeNode | EnumNode = (
        EnumNode(tag, None, None, [], span)
        if kind == "enum"
        else CompositeNode(kind, tag, None, [], span)
    )
    return Specifiers(base, [], 0, span)


ACTIONS = {
    "start": start,
    "include": include,
    "import": import_,
    "target": target,
    "map": map_,
    "linkage": linkage,
    "template": template,
    "shape": shape,
    "inner_shape": shape,
    "type_arguments": type_arguments,
    "type_argument": type_argument,
    "named_shape": named_shape,
    "entries": entries,
    "map_attributes": map_attributes,
    "type_attribute": type_attribute,
    "number_attribute": type_attribute,
    "slots": slots,
    "slot_at": slot_at,
    "slot_next": slot_next,
    "plain_declaration": plain_declaration,
    "typedef_declaration": typedef_declaration,
    "extern_declaration": extern_declaration,
    "const_declaration": const_declaration,
    "typed_const_declaration": typed_const_declaration,
    "named_specifiers": named_specifiers,
    "tagged_specifiers": tagged_specifiers,
    "builtin_specifiers": builtin_specifiers,
    "qualifier": qualifier,
    "attribute": attribute,
    "gnu_attribute": gnu_attribute,
    "attribute_arguments": attribute_arguments,
    "strings": strings,
    "tag_macro": tag_macro,
    "packed_macro": packed_macro,
    "aligned_macro": aligned_macro,
    "aligned_as_type": aligned_as_type,
    "contains_macro": contains_macro,
    "composite_name": composite_name,
    "composite_body": composite_body,
    "enum_name": enum_name,
    "enum_body": enum_body,
    "enum_base": enum_base,
    "enumerators": enumerators,
    "enumerator": enumerator,
    "member": member,
    "member_declarator": member_declarator,
    "bitfield_declarator": bitfield_declarator,
    "unnamed_bitfield": unnamed_bitfield,
    "declarators": declarators,
    "init_declarator": init_declarator,
    "declarator": declarator,
    "abstract_declarator": declarator,
    "pointers": pointers,
    "pointer": pointer,
    "nested_declarator": nested_declarator,
    "nested_abstract": nested_declarator,
    "array_suffix": array_suffix,
    "function_suffix": function_suffix,
    "parameter": parameter,
    "type_name": type_name,
    "expression": expression,
    "sizeof": sizeof,
    "cast": cast,
    "cast_tagged": cast_tagged,
}
"""Every action of the grammar that isn't splicing, by the name of its rule or alias."""
