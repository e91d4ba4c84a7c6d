"""Reductions of C declarations: specifiers, attributes, bodies; see :mod:`bpfgen.syntax.build`."""

from __future__ import annotations

from bpfgen.record import TYPE_CHECKING
from bpfgen.syntax.build import flat, string_text
from bpfgen.syntax.tree import (
    AttributeNode,
    CompositeNode,
    ConstItem,
    DeclarationItem,
    Declarator,
    EnumeratorNode,
    EnumNode,
    ExpressionNode,
    MemberDeclarator,
    MemberNode,
    Specifiers,
    Token,
    TypeNode,
)
from bpfgen.text.diagnostics import Edit
from bpfgen.text.source import Span

if TYPE_CHECKING:
    from typing import Any

    from bpfgen.syntax.build import Builder, Children
    from bpfgen.syntax.tree import Qualifier


def plain_declaration(b: Builder, children: Children, first: int, after: int) -> DeclarationItem:
    declarators_ = children[1] if len(children) > 1 else ()
    return DeclarationItem("", children[0], declarators_, b.doc(first), b.span(first, after))


def typedef_declaration(b: Builder, children: Children, first: int, after: int) -> DeclarationItem:
    return DeclarationItem("typedef", children[1], children[2], b.doc(first), b.span(first, after))


def extern_declaration(b: Builder, children: Children, first: int, after: int) -> DeclarationItem:
    return DeclarationItem("extern", children[1], children[2], b.doc(first), b.span(first, after))


def const_declaration(b: Builder, children: Children, first: int, after: int) -> Any:
    specifiers: Specifiers = children[0]
    words = [q.text for q in specifiers.qualifiers if isinstance(q, Token)]
    if isinstance(specifiers.base, Token) and words == ["const"] and not specifiers.trailing:
        return ConstItem(specifiers.base, children[1], b.doc(first), b.span(first, after))
    is_bare = isinstance(specifiers.base, Token) and not specifiers.qualifiers
    span = specifiers.span
    # Only a mistake pays for this import.
    from bpfgen.kernel.attribute_words import UNMISTAKABLE

    if is_bare and span.text in UNMISTAKABLE:
        b.report.error(
            "syntax",
            "an attribute of a map stands here, and no map",
            span,
            help="the attributes of a map stand before its `;`, in braces: "
            f"`{{ {span.text} = {children[1].span.text}; }}`",
        )
        return DeclarationItem("broken", specifiers, (), "", b.span(first, after))
    start = Span(span.source, span.start, span.start)
    b.report.error(
        "syntax",
        "a constant is written `const NAME = expression;`",
        span,
        help=f"write `const {b.span(first, after).text}`" if is_bare else "",
        edits=(Edit(start, "const "),) if is_bare else (),
    )
    if is_bare and isinstance(specifiers.base, Token):
        return ConstItem(specifiers.base, children[1], b.doc(first), b.span(first, after))
    return DeclarationItem("broken", specifiers, (), "", b.span(first, after))


def typed_const_declaration(b: Builder, children: Children, first: int, after: int) -> Any:
    specifiers: Specifiers = children[0]
    declarators_: tuple[Declarator, ...] = children[1]
    words = [q.text for q in specifiers.qualifiers if isinstance(q, Token)]
    name = declarators_[0].inner
    span = b.span(first, after)
    if (
        "const" in words
        and "volatile" not in words
        and len(declarators_) == 1
        and isinstance(name, Token)
    ):
        body = specifiers.base
        if isinstance(body, (CompositeNode, EnumNode)) and body.span.text.endswith("}"):
            # `struct s { … }`, and on the next line `const N = …;`
            end = Span(span.source, body.span.end, body.span.end)
            edits = (Edit(end, ";"),)
            b.report.error("syntax", "expected `;` after `}`", end, edits=edits)
            b.lost.add(name.text)
            return DeclarationItem("", specifiers, (), b.doc(first), body.span)
        value = children[2].span.text
        b.report.error(
            "syntax",
            "a constant has no type of its own here: it has that of its expression, as in C",
            specifiers.span,
            help=f"write `const {name.text} = {value};`, with a suffix if the type matters",
            edits=(Edit(Span(span.source, span.start, name.span.start), "const "),),
        )
        return ConstItem(name, children[2], b.doc(first), span)
    base = specifiers.base
    if isinstance(base, Token) and isinstance(name, Token) and len(declarators_) == 1:
        # Only a mistake pays for this import.
        from bpfgen.text.spelling import closest

        if not specifiers.qualifiers and closest(base.text, ("const",)):
            b.report.error(
                "syntax",
                f"`{base.text}` begins no declaration",
                base.span,
                help="did you mean `const`?",
                edits=(Edit(base.span, "const"),),
            )
            return ConstItem(name, children[2], b.doc(first), span)
    b.report.error(
        "syntax",
        "a variable has no place here: the language has types, constants, programs and maps",
        specifiers.span,
        help="leave it in the C file that includes the generated header",
    )
    return DeclarationItem("broken", specifiers, (), "", span)


def named_specifiers(b: Builder, children: Children, first: int, after: int) -> Specifiers:
    if after - first == 1:  # a name, as most of them are
        return Specifiers(b.token(first), (), 0, b.span(first, after))
    before: list[Qualifier] = []
    base: Token | None = None
    trailing = 0
    for child in flat(children):
        if isinstance(child, int):
            base = b.token(child)
        else:
            before.append(child)
            trailing += base is not None
    assert base is not None
    return Specifiers(base, tuple(before), trailing, b.span(first, after))


def tagged_specifiers(b: Builder, children: Children, first: int, after: int) -> Specifiers:
    qualifiers: list[Qualifier] = []
    base: CompositeNode | EnumNode | None = None
    trailing = 0
    for child in flat(children):
        if isinstance(child, (CompositeNode, EnumNode)):
            base = child
        else:
            qualifiers.append(child)
            trailing += base is not None
    assert base is not None
    return Specifiers(base, tuple(qualifiers), trailing, b.span(first, after))


def builtin_specifiers(b: Builder, children: Children, first: int, after: int) -> Specifiers:
    words: list[Token] = []
    qualifiers: list[Qualifier] = []
    trailing = 0
    for child in flat(children):
        if isinstance(child, int):
            words.append(b.token(child))
        else:
            qualifiers.append(child)
            trailing += bool(words)
    return Specifiers(tuple(words), tuple(qualifiers), trailing, b.span(first, after))


def qualifier(b: Builder, children: Children, _first: int, _after: int) -> Any:
    child = children[0]
    return b.token(child) if isinstance(child, int) else child


def attribute(_b: Builder, children: Children, _first: int, _after: int) -> list[AttributeNode]:
    return list(children[1:])


def gnu_attribute(b: Builder, children: Children, first: int, after: int) -> AttributeNode:
    name = b.tokens.texts[children[0]]
    if name.startswith("__") and name.endswith("__") and len(name) > 4:
        name = name[2:-2]
    arguments = children[1] if len(children) > 1 else ()
    return AttributeNode(name, arguments, b.span(first, after))


def attribute_arguments(
    _b: Builder, children: Children, _first: int, _after: int
) -> tuple[Any, ...]:
    return tuple(children)


def strings(b: Builder, children: Children, _first: int, _after: int) -> str:
    return "".join(string_text(b.tokens.texts[index]) for index in children)


def tag_macro(b: Builder, children: Children, first: int, after: int) -> list[AttributeNode]:
    macro = b.tokens.texts[children[0]]
    span = b.span(first, after)
    if macro == "__arena":
        return [AttributeNode("address_space", ("1",), span, macro)]
    tag = macro.removeprefix("__")
    return [AttributeNode("btf_type_tag", (tag,), span, macro)]


def packed_macro(b: Builder, _c: Children, first: int, after: int) -> list[AttributeNode]:
    return [AttributeNode("packed", (), b.span(first, after), "__packed")]


def aligned_macro(b: Builder, children: Children, first: int, after: int) -> list[AttributeNode]:
    return [AttributeNode("aligned", (children[1],), b.span(first, after))]


def aligned_as_type(b: Builder, children: Children, first: int, after: int) -> list[AttributeNode]:
    specifiers: Specifiers = children[1]
    pointers_ = children[2] if len(children) > 2 else ()
    span = b.span(first + 2, after - 1)
    declarator_ = None
    if pointers_:
        stars = Span(span.source, pointers_[0].span.start, span.end)
        declarator_ = Declarator(pointers_, None, (), (), stars)
    type_ = TypeNode(specifiers, declarator_, span)
    return [AttributeNode("aligned", (type_,), b.span(first, after))]


def contains_macro(b: Builder, children: Children, first: int, after: int) -> list[AttributeNode]:
    _keyword, struct_, member_ = (b.tokens.texts[index] for index in children)
    tag = f"contains:{struct_}:{member_}"
    return [AttributeNode("btf_decl_tag", (tag,), b.span(first, after), "__contains")]


def composite_name(b: Builder, children: Children, first: int, after: int) -> CompositeNode:
    kind = b.tokens.texts[children[0]]
    tag = b.token(children[-1])
    return CompositeNode(kind, tag, None, flat(children[1:-1]), b.span(first, after))


def composite_body(b: Builder, children: Children, first: int, after: int) -> CompositeNode:
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
    return CompositeNode(kind, tag, tuple(members), tuple(attributes), b.span(first, after))


def enum_name(b: Builder, children: Children, first: int, after: int) -> EnumNode:
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
    return EnumNode(tag, base, None, tuple(attributes), b.span(first, after))


class _Enumerators(tuple[EnumeratorNode, ...]):
    """What stands between the braces of an enum."""

    __slots__ = ()


def enum_body(b: Builder, children: Children, first: int, after: int) -> EnumNode:
    tag = None
    base = None
    attributes: list[AttributeNode] = []
    values: tuple[EnumeratorNode, ...] = ()
    for child in children[1:]:
        if isinstance(child, int):
            tag = b.token(child)
        elif isinstance(child, Specifiers):
            base = child
        elif type(child) is _Enumerators:
            values = child
        else:
            attributes.extend(child)
    return EnumNode(tag, base, values, tuple(attributes), b.span(first, after))


def enum_base(b: Builder, children: Children, first: int, after: int) -> Specifiers:
    tokens = tuple(b.token(index) for index in children)
    base: Token | tuple[Token, ...] = tokens[0] if tokens[0].kind == "NAME" else tokens
    return Specifiers(base, (), 0, b.span(first + 1, after))


def enumerators(_b: Builder, children: Children, _first: int, _after: int) -> _Enumerators:
    return _Enumerators(children)


def enumerator(b: Builder, children: Children, first: int, after: int) -> EnumeratorNode:
    value = children[-1] if isinstance(children[-1], ExpressionNode) else None
    return EnumeratorNode(b.token(children[0]), value, b.doc(first), b.span(first, after))


def member(b: Builder, children: Children, first: int, after: int) -> MemberNode:
    return MemberNode(children[0], tuple(children[1:]), b.doc(first), b.span(first, after))


def member_declarator(b: Builder, children: Children, first: int, after: int) -> MemberDeclarator:
    return MemberDeclarator(children[0], None, flat(children[1:]), b.span(first, after))


def bitfield_declarator(b: Builder, children: Children, first: int, after: int) -> MemberDeclarator:
    return MemberDeclarator(children[0], children[1], flat(children[2:]), b.span(first, after))


def unnamed_bitfield(b: Builder, children: Children, first: int, after: int) -> MemberDeclarator:
    return MemberDeclarator(None, children[0], flat(children[1:]), b.span(first, after))
