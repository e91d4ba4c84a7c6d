"""Constant expressions as C text: the order of the source, with a careful person's spacing.

C's grammar decides which operators are unary; parentheses are added only where clang's -Wall would
ask for them (`1 << 2 + 3`, `a & b | c`), since a header must compile without warnings.
"""

from __future__ import annotations

from bpfgen.ctype.types import Constant
from bpfgen.record import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import TypeAlias

    from bpfgen.ctype.types import Expression

    Operand: TypeAlias = tuple[str, int]

OPERAND = "operand"
CAST = "cast"
OPERATOR = "operator"

_PRECEDENCE = {
    "*": 10,
    "/": 10,
    "%": 10,
    "+": 9,
    "-": 9,
    "<<": 8,
    ">>": 8,
    "<": 7,
    ">": 7,
    "<=": 7,
    ">=": 7,
    "==": 6,
    "!=": 6,
    "&": 5,
    "^": 4,
    "|": 3,
    "&&": 2,
    "||": 1,
    "?": 0,
}
_OPERATORS = frozenset((*_PRECEDENCE, "~", "!", ":", "(", ")"))
_SHIFT, _AND, _XOR, _OR, _LOGICAL_OR, _CONDITIONAL = 8, 5, 4, 3, 1, 0
_UNARY = 11
_PRIMARY = 12


def is_plain(expression: Expression | None) -> bool:
    """Whether *expression* is a literal, a sign before it at most: there's nothing to prove."""
    if expression is None:
        return True
    parts = expression.parts
    if len(parts) == 2 and parts[0] == "-":
        parts = parts[1:]
    return len(parts) == 1 and isinstance(parts[0], str)


def sole_constant(expression: Expression | None) -> Constant | None:
    """Return the named constant that *expression* is and nothing else, or None."""
    if expression is None or len(expression.parts) != 1:
        return None
    part = expression.parts[0]
    return part if isinstance(part, Constant) else None


def kind_of(token: str) -> str:
    """Return whether *token*, neither a name nor a cast, is an operand or an operator."""
    return OPERATOR if token in _OPERATORS else OPERAND


def _wants_parentheses(child: int, parent: int) -> bool:
    """Whether clang's -Wparentheses family warns about an operator *child* under *parent*."""
    if parent == _SHIFT:
        return child == 9
    if parent in {_AND, _XOR, _OR}:
        return child in {6, 7, _AND, _XOR, _OR} and child != parent
    if parent in {6, 7}:
        return child in {6, 7}
    if parent == _LOGICAL_OR:
        return child == 2
    if parent == _CONDITIONAL:
        return child in {_AND, _XOR, _OR, _SHIFT, 9, 10}
    return False


def arrange(tokens: Iterable[tuple[str, str]]) -> str:
    """Return the C text of *tokens*, pairs of (kind, text) in the order of the source.

    A kind is `operand` (a literal, a name, `sizeof(T)`), `cast`, or `operator` (parentheses and
    the colon too). Takes time linear in the number of tokens and doesn't recurse.
    """
    tokens = list(tokens)
    if len(tokens) == 1:
        return tokens[0][1]
    operands: list[Operand] = []
    operators: list[tuple[str, bool]] = []  # (text, is unary); "(" opens a group
    wants_operand = True
    try:
        for kind, text in tokens:
            if wants_operand:
                if kind == OPERAND:
                    operands.append((text, _PRIMARY))
                    wants_operand = False
                else:
                    operators.append((text, text != "("))
            elif text == ")":
                _reduce(operands, operators, until="(")
                operators.pop()
                operands.append((f"({operands.pop()[0]})", _PRIMARY))
            elif text == ":":
                _reduce(operands, operators, until="?")
                operators[-1] = (":", False)
                wants_operand = True
            else:
                _reduce(operands, operators, above=_PRECEDENCE[text])
                operators.append((text, False))
                wants_operand = True
        _reduce(operands, operators)
        if len(operands) == 1 and not operators:
            return operands[0][0]
    except (IndexError, KeyError):
        pass
    return " ".join(text for _, text in tokens)  # nothing the parser lets through comes here


def _reduce(
    operands: list[Operand],
    operators: list[tuple[str, bool]],
    *,
    until: str = "",
    above: int = -1,
) -> None:
    """Apply operators from the top down to `until`, or while they bind as tightly as *above*."""
    while operators:
        text, unary = operators[-1]
        if text == until or (text == "(" and not unary):
            return
        if unary:
            operators.pop()
            operand, precedence = operands.pop()
            # `- -1` must not become `--1`; a space nests nothing, as parentheses would.
            gap = " " if operand[0] == text[-1] and text in "+-" else ""
            operands.append((f"{text}{gap}{operand}", _UNARY))
            continue
        precedence = _PRECEDENCE.get(text, _CONDITIONAL)
        if precedence < above or text == "?" or (text == ":" and above == _CONDITIONAL):
            return
        operators.pop()
        right = operands.pop()
        left = operands.pop()
        if text == ":":
            condition = _inside(operands.pop(), _CONDITIONAL)
            operands.append((f"{condition} ? {left[0]} : {right[0]}", _CONDITIONAL))
        else:
            joined = f"{_inside(left, precedence)} {text} {_inside(right, precedence)}"
            operands.append((joined, precedence))


def _inside(operand: Operand, parent: int) -> str:
    text, precedence = operand
    return f"({text})" if _wants_parentheses(precedence, parent) else text
