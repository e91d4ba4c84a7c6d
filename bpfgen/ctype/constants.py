"""C's integer constant expressions, with the arithmetic of the BPF target.

Between the parser, which hands over an expression as a flat row of tokens, and the resolver, which
knows what the names in it mean: the resolver makes :class:`Operand`, :class:`Cast` and
:class:`Operator` of the tokens, and :func:`evaluate` gives the number and its C type.

The target is LP64: `int` has 32 bits, `long` and `long long` have 64, plain `char` is signed. Where
C has an answer, this is C's: promotions, usual conversions, division towards zero, unsigned
arithmetic modulo 2**n, conversion to a signed type modulo 2**n. Where C has none (signed overflow,
shifting a bit into the sign, shifting too far, dividing by zero) it is an error that says what to
write instead. What C doesn't evaluate (`0 && …`, `1 || …`, the other side of `?:`) can't fail.

Nothing here recurses: operators wait on a stack of their own.

Source: C23 (N3220) 6.3.1 conversions, 6.4.4 constants, 6.5 expressions, 6.6 constant expressions;
clang where C leaves the choice to the implementation.
"""

from __future__ import annotations

from bpfgen.ctype.enums import enumerator_type, next_enumerator
from bpfgen.ctype.integers import (
    ConstantError,
    convert,
    fits,
    parse_integer,
    promote,
    usual_conversions,
)
from bpfgen.ctype.types import INT, LLONG, UINT, ULLONG, ULONG
from bpfgen.record import TYPE_CHECKING, Record

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import TypeAlias

    from bpfgen.ctype.types import Int
    from bpfgen.record import Uncompared
    from bpfgen.text.source import Span

__all__ = [
    "Cast",
    "ConstantError",
    "Operand",
    "Operator",
    "convert",
    "enumerator_type",
    "evaluate",
    "fits",
    "next_enumerator",
    "parse_integer",
    "promote",
    "usual_conversions",
]


class Operand(Record):
    """A number in an expression; *value* is in the range of *type*."""

    value: int
    type: Int
    span: Uncompared[Span | None] = None


class Operator(Record):
    """An operator or parenthesis, as C writes it; a unit, as `KiB`, is one after a number."""

    text: str
    span: Uncompared[Span | None] = None


class Cast(Record):
    """A whole `(T)` in front of what it converts."""

    type: Int
    span: Uncompared[Span | None] = None


if TYPE_CHECKING:
    Item: TypeAlias = Operand | Operator | Cast

UNITS = {"KiB": (1 << 10, INT), "MiB": (1 << 20, INT), "GiB": (1 << 30, ULONG)}
"""The suffixes of our own, each a multiplication: by an `int`, where 2 of them fit into one."""

_PRECEDENCE = {
    **dict.fromkeys(("*", "/", "%"), 10),
    **dict.fromkeys(("+", "-"), 9),
    **dict.fromkeys(("<<", ">>"), 8),
    **dict.fromkeys(("<", "<=", ">", ">="), 7),
    **dict.fromkeys(("==", "!="), 6),
    "&": 5,
    "^": 4,
    "|": 3,
    "&&": 2,
    "||": 1,
}
_CONDITIONAL = 0  # `? … :` waiting for its last operand
_OPEN = -1  # `(` and `?`: nothing before them is touched until they are closed
_UNARY = 11
_PREFIXES = {"+", "-", "!", "~"}


def evaluate(items: Sequence[Item]) -> tuple[int, Int]:
    """Return the value of the expression *items*, and its C type.

    Raises:
        ConstantError: `constant-overflow`, `shift-range` or `division-by-zero` with the operator's
            span, for the first that is evaluated; `expression`, where an operand is missing.
    """
    if len(items) == 1:
        only = items[0]
        if isinstance(only, Operand):
            return only.value, only.type
    return _Evaluation().run(items)


class _Evaluation:
    """The stacks of one run of :func:`evaluate`.

    Attributes:
        values, types: The operands that no operator has taken yet.
        waiting: (precedence, operator, whether it stopped evaluation) for each operator whose last
            operand isn't complete; `(` and `?` among them.
        unevaluated: How many of the operators in *waiting* stopped evaluation.
    """

    __slots__ = ("types", "unevaluated", "values", "waiting")

    def __init__(self) -> None:
        self.values: list[int] = []
        self.types: list[Int] = []
        self.waiting: list[tuple[int, Operator | Cast, bool]] = []
        self.unevaluated = 0

    def run(self, items: Sequence[Item]) -> tuple[int, Int]:
        """Evaluate the whole row."""
        wants_operand = True
        for item in items:
            if isinstance(item, Operand):
                if not wants_operand:
                    raise ConstantError("expression", "an operator is missing", span=item.span)
                self.values.append(item.value)
                self.types.append(item.type)
                wants_operand = False
            elif wants_operand:
                if isinstance(item, Cast) or item.text in _PREFIXES:
                    self.waiting.append((_UNARY, item, False))
                elif item.text == "(":
                    self.waiting.append((_OPEN, item, False))
                else:
                    raise ConstantError(
                        "expression", f"an operand is missing before `{item.text}`", span=item.span
                    )
            elif isinstance(item, Cast):
                raise ConstantError("expression", "an operator is missing", span=item.span)
            else:
                wants_operand = self._after_operand(item)
        if wants_operand:
            raise _missing_operand(items[-1] if items else None)
        self._apply_down_to(_CONDITIONAL)
        if self.waiting:
            opened = self.waiting[-1][1]
            closing = ":" if isinstance(opened, Operator) and opened.text == "?" else ")"
            raise ConstantError("expression", f"`{closing}` is missing", span=opened.span)
        return self.values[0], self.types[0]

    def _after_operand(self, item: Operator) -> bool:
        """Take the operator *item* after an operand; return whether an operand must follow."""
        text = item.text
        precedence = _PRECEDENCE.get(text)
        if precedence is not None:
            self._apply_down_to(precedence)
            stops = (text == "&&" and not self.values[-1]) or (
                text == "||" and self.values[-1] != 0
            )
            self._wait(precedence, item, stops=stops)
            return True
        if text == "?":
            self._apply_down_to(_CONDITIONAL + 1)
            self._wait(_OPEN, item, stops=not self.values[-1])
            return True
        if text == ":":
            self._apply_down_to(_CONDITIONAL)
            self._close("?", item)
            # The condition lies below the operand between `?` and `:`.
            self._wait(_CONDITIONAL, item, stops=self.values[-2] != 0)
            return True
        if text == ")":
            self._apply_down_to(_CONDITIONAL)
            self._close("(", item)
            return False
        if text in UNITS:
            self._binary(Operator("*", item.span), *UNITS[text])
            return False
        raise ConstantError("expression", f"`{text}` is not expected here", span=item.span)

    def _wait(self, precedence: int, item: Operator, *, stops: bool) -> None:
        self.waiting.append((precedence, item, stops))
        self.unevaluated += stops

    def _close(self, opening: str, item: Operator) -> None:
        """Take the innermost open `(` or `?` away, which must be *opening*."""
        opened = self.waiting.pop()[1:] if self.waiting else None
        if opened is None or not isinstance(opened[0], Operator) or opened[0].text != opening:
            raise ConstantError(
                "expression", f"`{item.text}` without a `{opening}` before it", span=item.span
            )
        self.unevaluated -= opened[1]

    def _apply_down_to(self, precedence: int) -> None:
        """Apply the waiting operators that bind at least as tightly as *precedence*."""
        waiting = self.waiting
        while waiting and waiting[-1][0] >= precedence:
            level, item, stopped = waiting.pop()
            self.unevaluated -= stopped
            if isinstance(item, Cast):
                self.values[-1] = convert(self.values[-1], item.type)
                self.types[-1] = item.type
            elif level == _UNARY:
                self._unary(item)
            elif level == _CONDITIONAL:
                self._conditional()
            else:
                self._binary(item, self.values.pop(), self.types.pop())

    def _unary(self, item: Operator) -> None:
        type = promote(self.types[-1])
        value = self.values[-1]
        match item.text:
            case "!":
                value, type = int(not value), INT
            case "-":
                value = self._in_range(-value, type, item, f"-({value})")
            case "~":
                value = convert(~value, type)
            case _:
                pass
        self.values[-1] = value
        self.types[-1] = type

    def _conditional(self) -> None:
        otherwise, then = self.values.pop(), self.values.pop()
        type = usual_conversions(self.types.pop(), self.types.pop())
        self.values[-1] = convert(then if self.values[-1] else otherwise, type)
        self.types[-1] = type

    def _binary(self, item: Operator, right: int, right_type: Int) -> None:
        """Replace the last operand by itself *item* *right*."""
        left, text = self.values[-1], item.text
        if text in {"&&", "||"}:
            truth = (left and right) if text == "&&" else (left or right)
            self.values[-1], self.types[-1] = int(truth != 0), INT
            return
        if text in {"<<", ">>"}:
            type = promote(self.types[-1])
            self.values[-1] = self._shift(left, right, type, item)
            self.types[-1] = type
            return
        type = usual_conversions(self.types[-1], right_type)
        left, right = convert(left, type), convert(right, type)
        comparison = _compare(text, left, right)
        if comparison is not None:
            self.values[-1], self.types[-1] = int(comparison), INT
            return
        self.types[-1] = type
        match text:
            case "+":
                result = left + right
            case "-":
                result = left - right
            case "*":
                result = left * right
            case "&":
                result = left & right
            case "|":
                result = left | right
            case "^":
                result = left ^ right
            case _:
                result = self._divide(left, right, type, item)
        self.values[-1] = self._in_range(result, type, item, f"{left} {text} {right}")

    def _divide(self, left: int, right: int, type: Int, item: Operator) -> int:
        """Return quotient or remainder, rounded towards zero as C does (6.5.5)."""
        if right == 0:
            if self.unevaluated:
                return 0
            raise ConstantError("division-by-zero", "division by zero", span=item.span)
        quotient = abs(left) // abs(right)
        if (left < 0) != (right < 0):
            quotient = -quotient
        if item.text == "/":
            return quotient
        # INT_MIN % -1 has no value in C, because INT_MIN / -1 has none.
        self._in_range(quotient, type, item, f"{left} % {right}")
        return left - quotient * right

    def _shift(self, left: int, right: int, type: Int, item: Operator) -> int:
        bits = 8 * type.size
        if self.unevaluated and not 0 <= right < bits:
            return 0
        if right < 0:
            raise ConstantError(
                "shift-range", f"the shift count is negative: {right}", span=item.span
            )
        if right >= bits:
            raise ConstantError(
                "shift-range",
                f"`{type.name}` has {bits} bits, and this shifts by {right}",
                f"use `{left}ULL {item.text} {right}`" if right < 64 and left >= 0 else "",
                item.span,
                suffix="ULL",
            )
        if item.text == ">>":
            return left >> right  # of a negative number: arithmetic, as clang does
        result = left << right
        if not type.signed or self.unevaluated:
            return convert(result, type)
        if left < 0:
            raise ConstantError(
                "shift-range",
                f"C doesn't define a left shift of a negative number, and this shifts {left}",
                "shift an unsigned number, as in `~0U << 4`, or multiply",
                item.span,
            )
        if not fits(result, type):
            suffix = _suffix_for(result, type)
            raise ConstantError(
                "shift-range",
                f"`{left} << {right}` is {result}, which `{type.name}` can't hold",
                f"use `{left}{suffix} << {right}`" if suffix else "",
                item.span,
                suffix=suffix,
            )
        return result

    def _in_range(self, result: int, type: Int, item: Operator, computed: str) -> int:
        """Return *result* in *type*; an error where the type is signed and doesn't hold it."""
        if not type.signed or self.unevaluated:
            return convert(result, type)
        if fits(result, type):
            return result
        suffix = _suffix_for(result, type)
        if "-" in computed:  # unsigned arithmetic would be of no help with negative numbers
            suffix = "LL" if type.size < LLONG.size and fits(result, LLONG) else ""
        raise ConstantError(
            "constant-overflow",
            f"`{computed}` is {result}, which `{type.name}` can't hold",
            f"give one of the numbers the suffix `{suffix}`" if suffix else "",
            item.span,
            suffix=suffix,
        )


def _compare(text: str, left: int, right: int) -> bool | None:
    """Return what the comparison *text* says, or None if it is none."""
    match text:
        case "==":
            return left == right
        case "!=":
            return left != right
        case "<":
            return left < right
        case ">":
            return left > right
        case "<=":
            return left <= right
        case ">=":
            return left >= right
        case _:
            return None


def _suffix_for(result: int, type: Int) -> str:
    """Return the suffix with which C computes *result*, which *type* can't hold; or empty."""
    if type.size < 8 and fits(result, UINT):
        return "U"
    if type.size < 8 and fits(result, LLONG):
        return "LL"
    return "ULL" if fits(result, ULLONG) else ""


def _missing_operand(item: Item | None) -> ConstantError:
    if item is None:
        return ConstantError("expression", "an expression is missing")
    what = f" after `{item.text}`" if isinstance(item, Operator) and item.text != ")" else ""
    return ConstantError("expression", f"an operand is missing{what}", span=item.span)
