"""Reductions of declarators and expressions; see :mod:`bpfgen.syntax.build`."""

from __future__ import annotations

from bpfgen.record import TYPE_CHECKING, replace
from bpfgen.syntax.build import flat
from bpfgen.syntax.tree import (
    ArraySuffix,
    CastNode,
    CompositeNode,
    Declarator,
    EnumNode,
    ExpressionNode,
    FunctionSuffix,
    ParameterNode,
    PointerNode,
    SizeofNode,
    Specifiers,
    TypeNode,
)
from bpfgen.text.source import NESTING_LIMIT

if TYPE_CHECKING:
    from bpfgen.syntax.build import Builder, Children
    from bpfgen.syntax.tree import (
        Suffix,
        Token,
    )


def declarators(
    _b: Builder, children: Children, _first: int, _after: int
) -> tuple[Declarator, ...]:
    return tuple(children)


def init_declarator(b: Builder, children: Children, first: int, after: int) -> Declarator:
    declarator_: Declarator = children[0]
    if len(children) == 1:
        return declarator_
    attributes = declarator_.attributes + flat(children[1:])
    return replace(declarator_, attributes=attributes, span=b.span(first, after))


class _Pointers(tuple[PointerNode, ...]):
    """The stars of a declarator."""

    __slots__ = ()


class _Nested(tuple[Declarator]):
    """A declarator in parentheses."""

    __slots__ = ()


def declarator(b: Builder, children: Children, first: int, after: int) -> Declarator:
    only = children[0]
    if after - first == 1 and isinstance(only, int):  # a name, as most of them are
        return Declarator((), b.token(only), (), (), b.span(first, after))
    pointers_: tuple[PointerNode, ...] = ()
    inner: Token | Declarator | None = None
    suffixes: list[Suffix] = []
    for child in children:
        if type(child) is _Pointers:
            pointers_ = child
        elif type(child) is _Nested:
            inner = child[0]
        elif isinstance(child, int):
            inner = b.token(child)
        else:
            suffixes.append(child)
    span = b.span(first, after)
    # Each pointer, dimension and parameter list is a level of the type.
    if len(pointers_) + len(suffixes) > NESTING_LIMIT:
        b.report.error(
            "nesting", f"a type of more than {NESTING_LIMIT} levels is written here", span
        )
        return Declarator((), inner, (), (), span)
    return Declarator(pointers_, inner, tuple(suffixes), (), span)


def pointers(_b: Builder, children: Children, _first: int, _after: int) -> _Pointers:
    return _Pointers(children)


def pointer(b: Builder, children: Children, first: int, after: int) -> PointerNode:
    return PointerNode(flat(children), b.span(first, after))


def nested_declarator(b: Builder, children: Children, first: int, after: int) -> _Nested:
    inner: Declarator = children[-1]
    attributes = inner.attributes + flat(children[:-1])
    return _Nested((replace(inner, attributes=attributes, span=b.span(first + 1, after - 1)),))


def array_suffix(b: Builder, children: Children, first: int, after: int) -> ArraySuffix:
    return ArraySuffix(children[0] if children else None, b.span(first, after))


def function_suffix(b: Builder, children: Children, first: int, after: int) -> FunctionSuffix:
    parameters = tuple(child for child in children if isinstance(child, ParameterNode))
    return FunctionSuffix(parameters, len(parameters) < len(children), b.span(first, after))


def parameter(b: Builder, children: Children, first: int, after: int) -> ParameterNode:
    declarator_: Declarator | None = children[1] if len(children) > 1 else None
    if declarator_ is not None and len(children) > 2:
        attributes = declarator_.attributes + flat(children[2:])
        span = replace(b.span(first, after), start=declarator_.span.start)
        declarator_ = replace(declarator_, attributes=attributes, span=span)
    return ParameterNode(children[0], declarator_, b.span(first, after))


def type_name(b: Builder, children: Children, first: int, after: int) -> TypeNode:
    declarator_ = children[1] if len(children) > 1 else None
    return TypeNode(children[0], declarator_, b.span(first, after))


def expression(b: Builder, children: Children, first: int, after: int) -> ExpressionNode:
    parts = [b.token(child) if isinstance(child, int) else child for child in children]
    return ExpressionNode(tuple(parts), b.span(first, after))


def sizeof(b: Builder, children: Children, first: int, after: int) -> SizeofNode:
    return SizeofNode(children[1], b.span(first, after))


def cast(b: Builder, children: Children, first: int, after: int) -> CastNode:
    declarator_ = children[1] if len(children) > 1 else None
    type_ = TypeNode(children[0], declarator_, b.span(first + 1, after - 1))
    return CastNode(type_, b.span(first, after))


def cast_tagged(b: Builder, children: Children, first: int, after: int) -> Specifiers:
    tag = b.token(children[1])
    span = b.span(first, after)
    kind = b.tokens.texts[children[0]]
    base: CompositeNode | EnumNode = (
        EnumNode(tag, None, None, (), span)
        if kind == "enum"
        else CompositeNode(kind, tag, None, (), span)
    )
    return Specifiers(base, (), 0, span)
