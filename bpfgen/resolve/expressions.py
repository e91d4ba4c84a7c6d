"""Expressions: a flat row of tokens to a number with its C type, and to parts that can be printed.

Only here is known which names are types, so it is here that `(T)-1` becomes a cast.
"""

from __future__ import annotations

from bpfgen.ctype.constants import Cast, ConstantError, Operand, Operator, evaluate, parse_integer
from bpfgen.ctype.layout import sizeof
from bpfgen.ctype.types import (
    INT,
    LONG,
    UINT,
    ULONG,
    Enum,
    Expression,
    Int,
    TypeOperand,
    Unknown,
    underlying,
)
from bpfgen.record import TYPE_CHECKING, assert_never
from bpfgen.syntax.tree import CastNode, SizeofNode, Token
from bpfgen.text.diagnostics import Edit
from bpfgen.text.source import Span

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bpfgen.ctype.types import (
        Constant,
        Type,
    )
    from bpfgen.resolve.lookup import Lookup
    from bpfgen.syntax.tree import ExpressionNode, ExpressionPart

    Part = str | Constant | TypeOperand
    Item = Operand | Operator | Cast

_UNIT_TEXT = {
    "KiB": ("*", "1024"),
    "MiB": ("*", "1024", "*", "1024"),
    "GiB": ("*", "1024UL", "*", "1024", "*", "1024"),
}
"""What C has for a unit, of the type that UNITS of bpfgen/ctype/constants.py gives it."""


def resolve_expression(r: Lookup, node: ExpressionNode) -> Expression | None:
    """Return what *node* comes to; None, with a diagnostic, where it has no value."""
    tokens = node.parts
    if len(tokens) == 1 and isinstance(tokens[0], Token) and tokens[0].kind == "NUMBER":
        return _literal(r, tokens[0])
    reading = _Reading(r)
    position = 0
    while position < len(tokens):
        taken = reading.take(tokens, position)
        if not taken:
            return None
        position += taken
    if reading.failed:
        return None
    try:
        value, integer = evaluate(reading.items)
    except ConstantError as error:
        _report(r, error, node, _suffixed(reading.items, error))
        return None
    return Expression(tuple(reading.parts), value, integer, node.span)


class _Reading:
    """One expression while its tokens are read.

    Attributes:
        items: What can be evaluated.
        parts: What can be printed.
        failed: An operand has no value, which was reported; another one stands in for it.
    """

    __slots__ = ("_r", "failed", "items", "parts")

    def __init__(self, r: Lookup) -> None:
        self._r = r
        self.items: list[Item] = []
        self.parts: list[Part] = []
        self.failed = False

    def take(self, tokens: Sequence[ExpressionPart], position: int) -> int:
        """Return how many of *tokens* from *position* on were read; 0 after a fatal error."""
        token = tokens[position]
        if isinstance(token, Token):
            return self._token(token, tokens, position)
        if isinstance(token, SizeofNode):
            size, type_ = _sizeof(self._r, token)
            self.failed = self.failed or size is None
            self.items.append(Operand(size or 1, ULONG, token.span))
            self.parts.append(TypeOperand("sizeof", type_))
            return 1
        if isinstance(token, CastNode):
            type_ = self._r.type_node(token.type)
            message = "only a cast to an integer type gives an integer"
            return 1 if self._cast(type_, token.span, message) else 0
        assert_never(token)

    def _token(self, token: Token, tokens: Sequence[ExpressionPart], position: int) -> int:
        """Read the token at *position*, and the rest of a cast to a name; see :meth:`take`."""
        if token.kind in ("NUMBER", "CHARACTER"):
            try:
                value, integer = parse_integer(token.text)
            except ConstantError as error:
                if position + 1 < len(tokens) and _is_unit(tokens[position + 1]):
                    error.instead = ""  # another one, and a number has one
                _report(self._r, error, token)
                return 0
            self.items.append(Operand(value, integer, token.span))
            is_number = token.kind == "NUMBER"
            self.parts.append(token.text.replace("'", "") if is_number else token.text)
        elif token.kind == "NAME":
            constant = self._r.constant(token)
            if constant is None:
                self.failed = True
                self.items.append(Operand(1, ULONG, token.span))
            else:
                self.items.append(Operand(constant.value, constant.type, token.span))
                self.parts.append(constant)
        elif token.kind == "UNIT":
            self.items.append(Operator(token.text, token.span))
            _unit(self.parts, token.text, alone=len(tokens) == 2)
        elif token.kind == "LPAR" and (cast := _cast_to_name(self._r, tokens, position)):
            name, type_ = cast
            message = f"`{name.text}` is no integer type"
            return 3 if self._cast(type_, name.span, message) else 0
        else:
            self.items.append(Operator(token.text, token.span))
            self.parts.append(token.text)
        return 1

    def _cast(self, type: Type, span: Span, message: str) -> bool:
        """Enter a cast to *type*; where that is no integer, report *message* and return false."""
        integer = _integer(type)
        if integer is None:
            if not isinstance(type, Unknown):
                self._r.report.error("cast", message, span)
            return False
        self.items.append(Cast(integer, span))
        self.parts.append(TypeOperand("", type))
        return True


def _is_unit(part: ExpressionPart) -> bool:
    return isinstance(part, Token) and part.kind == "UNIT"


def _literal(r: Lookup, token: Token) -> Expression | None:
    """Return the commonest expression, one number, without the machinery."""
    try:
        value, integer = parse_integer(token.text)
    except ConstantError as error:
        _report(r, error, token)
        return None
    return Expression((token.text.replace("'", ""),), value, integer, token.span)


def _suffixed(items: Sequence[Item], error: ConstantError) -> tuple[Edit, ...]:
    """Return the edits that give one of the literals beside an operator the suffix it lacks.

    None of them, where the expression *items* would have no value then either.
    """
    at = next((n for n, item in enumerate(items) if item.span is error.span), None)
    if not error.suffix or at is None or error.span is None:
        return ()
    for number in (at - 1, at + 1):
        literal = items[number] if 0 <= number < len(items) else None
        if not isinstance(literal, Operand) or literal.span is None:
            continue
        text = literal.span.text
        if not text[0].isdecimal() or text[-1] in "uUlL":
            continue
        value, type_ = parse_integer(f"{text}{error.suffix}")
        try:
            evaluate([*items[:number], Operand(value, type_), *items[number + 1 :]])
        except ConstantError:
            continue
        end = Span(literal.span.source, literal.span.end, literal.span.end)
        return (Edit(end, error.suffix),)
    return ()


def _report(
    r: Lookup, error: ConstantError, node: Token | ExpressionNode, edits: tuple[Edit, ...] = ()
) -> None:
    if error.instead:
        edits = (Edit(node.span, error.instead),)
    r.report.error(error.code, error.message, error.span or node.span, help=error.help, edits=edits)


def _sizeof(r: Lookup, node: SizeofNode) -> tuple[int | None, Type]:
    type_ = r.type_node(node.type)
    size = sizeof(type_)
    if size is None and not isinstance(underlying(type_), Unknown):
        r.report.error(
            "incomplete-type",
            "`sizeof` needs a complete type, and this one has no size",
            node.type.span,
            help="define the type, or `include` the header that does",
        )
    return size, type_


def _integer(type: Type) -> Int | None:
    """Return the integer type that a cast to *type* converts to, or None."""
    bare = underlying(type)
    if isinstance(bare, Enum):
        base = underlying(bare.base) if bare.base is not None else None
        if isinstance(base, Int):
            return base
        if bare.size == LONG.size:
            return LONG if bare.signed else ULONG
        return INT if bare.signed else UINT
    return bare if isinstance(bare, Int) else None


def _cast_to_name(
    r: Lookup, tokens: Sequence[ExpressionPart], position: int
) -> tuple[Token, Type] | None:
    """Return the name and type of the cast `(T)` at *position*, if it is one.

    It is one if `T` is a type and something follows that a cast could be applied to.
    """
    if position + 3 >= len(tokens):
        return None
    name, closing, operand = tokens[position + 1 : position + 4]
    if not (isinstance(name, Token) and name.kind == "NAME"):
        return None
    if not (isinstance(closing, Token) and closing.kind == "RPAR"):
        return None
    if isinstance(operand, Token) and operand.kind not in (
        ("NUMBER", "CHARACTER", "NAME", "LPAR", "PLUS", "MINUS", "TILDE", "BANG")
    ):
        return None
    type_ = r.type_if_any(name)
    return None if type_ is None else (name, type_)


def _unit(parts: list[Part], unit: str, *, alone: bool) -> None:
    """Multiply the operand at the end of *parts*, in parentheses unless it is *alone*."""
    if alone:
        parts.extend(_UNIT_TEXT[unit])
        return
    start = len(parts) - 1
    if parts[start] == ")":
        depth = 0
        while True:
            depth += (parts[start] == ")") - (parts[start] == "(")
            if depth == 0:
                break
            start -= 1
    parts.insert(start, "(")
    parts.extend(_UNIT_TEXT[unit])
    parts.append(")")
