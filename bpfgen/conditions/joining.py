"""Conditions of conditions: all of them, the opposite of one, as text and as a computation."""

from __future__ import annotations

from bpfgen.conditions.condition import (
    DEFINED,
    MACRO,
    NUMBER,
    PRECEDENCE,
    UNARY,
    Condition,
    Part,
    parse,
)
from bpfgen.record import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

_OPPOSITES = {"==": "!=", "!=": "==", "<": ">=", ">=": "<", ">": "<=", "<=": ">"}
_OF_ONE_COMPARISON = 3
"""Parts of a comparison of macros and numbers."""


def conjunction(literals: Iterable[tuple[Condition, bool]]) -> Condition:
    """Return the condition that each of *literals* holds, or doesn't, as it says; `1` for none."""
    parts: list[Part] = []
    texts: list[str] = []
    whole = -1
    # What is turned round is read again, so that its parts are those of its text.
    turned = [c if wanted else parse(negated(c)) for c, wanted in literals]
    for condition in turned:
        offset = len(parts)
        for part in condition.parts:
            operands = tuple(operand + offset for operand in part.operands)
            parts.append(Part(part.operator, operands, part.value, part.unsigned, part.name))
        texts.append(operand_text(condition, "&&") if len(turned) > 1 else condition.text)
        if whole >= 0:
            parts.append(Part("&&", (whole, len(parts) - 1)))
        whole = len(parts) - 1
    if not parts:
        return Condition("1", (Part(NUMBER, value=1),))
    return Condition(" && ".join(texts), tuple(parts))


def negated(condition: Condition) -> str:
    """Return the text that holds where *condition* doesn't."""
    whole = condition.parts[-1]
    if condition.text.startswith("!") and whole.operator == "!":
        operand = condition.parts[whole.operands[0]]
        if operand.operator in (MACRO, DEFINED):
            return condition.text[1:]
    opposite = _OPPOSITES.get(whole.operator)
    if opposite is not None and len(condition.parts) == _OF_ONE_COMPARISON:
        return condition.text.replace(f" {whole.operator} ", f" {opposite} ")
    return f"!{operand_text(condition, '!')}"


def operand_text(condition: Condition, operator: str) -> str:
    """Return the text of *condition* as an operand of *operator*, in parentheses if need be."""
    own = PRECEDENCE.get(condition.parts[-1].operator, UNARY)
    return condition.text if own >= PRECEDENCE.get(operator, UNARY) else f"({condition.text})"
