"""Reductions of declarators and expressions; see :mod:`bpfgen.syntax.build`."""

from __future__ import annotations

from bpfgen.ctype.types import NESTING_LIMIT
from bpfgen.record import TYPE_CHECKING
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

if TYPE_CHECKING:
    from bpfgen.syntax.build import Builder, Children
    from bpfgen.syntax.tree import (
        Token,
    )


def declarators(_b: Builder, children: Children, _first: int, _behind: int) -> list[Declarator]:
    return list(children)


def init_declarator(_b: Builder, children: Children, _first: int, _behind: int) -> Declarator:
    declarator_: Declarator = children[0]
    if len(children) > 1:
        declarator_.attributes = declarator_.attributes + flat(children[1:])
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
    # Each pointer, dimension and parameter list is a level of the type.
    if len(pointers_) + len(suffixes) > NESTING_LIMIT:
        b.report.error(
            "nesting", f"a type of more than {NESTING_LIMIT} levels is written here", span
        )
        pointers_, suffixes = [], []
    return Declarator(pointers_, inner, suffixes, [], span)


def pointers(_b: Builder, children: Children, _first: int, _behind: int) -> _Pointers:
    return _Pointers(children)


def pointer(b: Builder, children: Children, first: int, behind: int) -> PointerNode:
    return PointerNode(flat(children), b.span(first, behind))


def nested_declarator(_b: Builder, children: Children, _first: int, _behind: int) -> _Nested:
    inner: Declarator = children[-1]
    inner.attributes = inner.attributes + flat(children[:-1])
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
