"""What the preprocessor makes of a condition, once it is known what each macro is.

Source: C23 (N3220) 6.10.2, 6.5 expressions. Where C leaves it open and compilers agree, as they do
(signed overflow: modulo 2**64), it is what clang (lib/Lex/PPExpressions.cpp) and gcc
(libcpp/expr.cc) say. They differ in shifts by less than 0 or more than 63: these have no value.
"""

from __future__ import annotations

from bpfgen.conditions.condition import DEFINED, LARGEST, MACRO, NUMBER
from bpfgen.conditions.words import ConditionError
from bpfgen.record import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import TypeAlias

    from bpfgen.conditions.condition import Condition, Part

    Assignment: TypeAlias = tuple[tuple[str, int | None], ...]
    """What each macro is: its number, or None where it isn't defined; sorted by name."""

    Guard: TypeAlias = tuple[tuple[Condition, bool], ...]
    """Under which conditions a part of a source is there: each must hold, or not, as it says.

    The outermost comes first. An `else` is the conditions before it, none of which holds.
    """

    Value: TypeAlias = tuple[int, bool] | None
    """A number, and whether it is a `uintmax_t`; None where C has none."""

    Outcome: TypeAlias = tuple[bool | None, ...]
    """Whether a condition holds, then whether each part of it that is asked for its truth does."""
else:
    Assignment = tuple
    Guard = tuple

_MODULUS = 1 << 64
_BITS = 64


def holds(condition: Condition, assignment: Assignment) -> bool:
    """Return whether *condition* holds where the macros are what *assignment* says.

    A macro that isn't in it isn't defined.

    Raises:
        ConditionError: It divides by zero or shifts too far there, for which C has no value.
    """
    return truth(condition, dict(assignment))


def guard_holds(guard: Guard, assignment: Assignment) -> bool:
    """Return whether all of *guard* is as it says; what comes after the first that isn't, is free.

    Raises:
        ConditionError: As :func:`holds`.
    """
    macros = dict(assignment)
    return all(truth(condition, macros) is wanted for condition, wanted in guard)


def truth(condition: Condition, macros: Mapping[str, int | None]) -> bool:
    """Return whether *condition* holds with *macros*, as :func:`holds` does."""
    values: list[Value] = []
    for part in condition.parts:
        values.append(value_of(part, values, macros))
    result = values[-1]
    if result is None:
        raise ConditionError("this divides by zero, or shifts too far")
    return result[0] != 0


def outcome(condition: Condition, macros: Mapping[str, int | None]) -> Outcome:
    """Return whether *condition* holds with *macros*, and how each :func:`atoms` of it comes out.

    What has no value in C comes out as None.
    """
    values: list[Value] = []
    for part in condition.parts:
        values.append(value_of(part, values, macros))
    return tuple(
        None if value is None else value[0] != 0
        for value in (values[-1], *(values[at] for at in atoms(condition)))
    )


def truth_of_part(condition: Condition, at: int, macros: Mapping[str, int | None]) -> bool | None:
    """Return whether the part *at* of *condition* isn't 0; None where C has no value for it."""
    values: list[Value] = []
    for part in condition.parts[: at + 1]:
        values.append(value_of(part, values, macros))
    value = values[at]
    return None if value is None else value[0] != 0


def atoms(condition: Condition) -> list[int]:
    """Return the parts of *condition* that decide about it by being zero or not.

    They are what `&&`, `||`, `!` and `?` are applied to, and none of these themselves.
    """
    parts = condition.parts
    asked = {len(parts) - 1}
    for at in range(len(parts) - 1, -1, -1):
        if at in asked and parts[at].operator in _LOGICAL:
            asked.update(parts[at].operands)
    return sorted(at for at in asked if parts[at].operator not in _LOGICAL)


_LOGICAL = frozenset(("&&", "||", "!", "?:"))


def value_of(part: Part, values: list[Value], macros: Mapping[str, int | None]) -> Value:
    """Return what *part* comes to; *values* are those of the parts before it."""
    operator = part.operator
    if operator == NUMBER:
        return part.value, part.unsigned
    if operator == MACRO:
        number = macros.get(part.name) or 0
        return number, number > LARGEST
    if operator == DEFINED:
        return int(macros.get(part.name) is not None), False
    if operator == "?:":
        condition, then, otherwise = (values[operand] for operand in part.operands)
        return _chosen(condition, then, otherwise)
    first = values[part.operands[0]]
    if len(part.operands) == 1:
        return None if first is None else _unary(operator, *first)
    second = values[part.operands[1]]
    if operator in ("&&", "||"):
        return _logical(first, second, stops_at=operator == "||")
    if first is None or second is None:
        return None
    return _binary(operator, first, second)


def _chosen(condition: Value, then: Value, otherwise: Value) -> Value:
    if condition is None:
        return None
    chosen = then if condition[0] else otherwise
    if chosen is None:
        return None
    unsigned = any(value is not None and value[1] for value in (then, otherwise))
    return wrapped(chosen[0], unsigned=unsigned)


def _logical(first: Value, second: Value, *, stops_at: bool) -> Value:
    """Return `&&` or `||`; the second operand isn't evaluated where the first decides."""
    if first is None:
        return None
    if bool(first[0]) is stops_at:
        return int(stops_at), False
    return None if second is None else (int(second[0] != 0), False)


def _unary(operator: str, number: int, unsigned: bool) -> Value:
    if operator == "!":
        return int(not number), False
    if operator == "u-":
        number = -number
    elif operator == "~":
        number = ~number
    return wrapped(number, unsigned=unsigned)


def _binary(operator: str, first: tuple[int, bool], second: tuple[int, bool]) -> Value:
    left, right = first[0], second[0]
    if operator in ("<<", ">>"):
        if not 0 <= right < _BITS:
            return None
        return wrapped(left << right if operator == "<<" else left >> right, unsigned=first[1])
    unsigned = first[1] or second[1]
    if unsigned:
        left, right = left % _MODULUS, right % _MODULUS
    comparison = compared(operator, left, right)
    if comparison is not None:
        return int(comparison), False
    if operator in ("/", "%"):
        if right == 0:
            return None
        quotient = abs(left) // abs(right) * (-1 if (left < 0) != (right < 0) else 1)
        return wrapped(quotient if operator == "/" else left - quotient * right, unsigned=unsigned)
    return wrapped(computed(operator, left, right), unsigned=unsigned)


def compared(operator: str, left: int, right: int) -> bool | None:
    """Return what the comparison *operator* says, or None if it is none."""
    match operator:
        case "<":
            return left < right
        case "<=":
            return left <= right
        case ">":
            return left > right
        case ">=":
            return left >= right
        case "==":
            return left == right
        case "!=":
            return left != right
        case _:
            return None


def computed(operator: str, left: int, right: int) -> int:
    """Return *left* *operator* *right*, without a limit of bits."""
    match operator:
        case "+":
            return left + right
        case "-":
            return left - right
        case "*":
            return left * right
        case "&":
            return left & right
        case "|":
            return left | right
        case "^":
            return left ^ right
        case _:
            raise AssertionError(operator)


def wrapped(number: int, *, unsigned: bool) -> tuple[int, bool]:
    """Return *number* in 64 bits."""
    number %= _MODULUS
    return (number if unsigned or number <= LARGEST else number - _MODULUS), unsigned
