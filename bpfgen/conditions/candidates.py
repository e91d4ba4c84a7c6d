"""Which values of a macro are worth a try: those at which a condition that asks for it may turn.

A macro that isn't defined, 0 and 1 are tried for every one. Beside that, the numbers that it is
compared with, one less and one more; where it is computed with before, the numbers for which the
result is that. What is tried is only ever a candidate: whether a condition holds, evaluation says.
"""

from __future__ import annotations

from bpfgen.conditions.condition import MACRO, NUMBER
from bpfgen.conditions.evaluation import atoms, outcome, value_of
from bpfgen.record import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from bpfgen.conditions.condition import Condition, Part
    from bpfgen.conditions.evaluation import Value

MOST = 600
"""Candidates of one macro; a source that compares one with more numbers has the first of them."""

_MOST_MASKS = 5
_LEAST, _LARGEST = -(1 << 63) + 1, (1 << 64) - 1
_COMPARISONS = frozenset(("<", "<=", ">", ">=", "==", "!="))
_BOOLEAN = frozenset(("&&", "||", "!"))


def candidates(conditions: Iterable[Condition]) -> dict[str, list[int | None]]:
    """Return what each macro of *conditions* may be, in the order in which it is tried."""
    found: dict[str, dict[int, None]] = {}
    masks: dict[str, dict[int, None]] = {}
    conditions = list(conditions)
    for condition in conditions:
        for name in condition.macros:
            found.setdefault(name, {})
        _Search(condition, found, masks).run()
    for name, bits in masks.items():
        sums = [0]
        for mask in list(bits)[:_MOST_MASKS]:
            sums += [value | mask for value in sums]
        found[name].update(dict.fromkeys([*sums, _all_of(bits)]))
        # What is larger than a number, and has not a certain bit.
        beyond = 1 << max(map(abs, found[name])).bit_length()
        if beyond < _LARGEST >> 1:
            found[name].update(dict.fromkeys(beyond | value for value in sums))
    _share(conditions, found)
    result: dict[str, list[int | None]] = {}
    for name, values in found.items():
        # What a person would write comes first: a mask of two bits before -1, which has them too.
        others = sorted((v for v in values if v not in {0, 1}), key=lambda value: value < 0)
        result[name] = [None, 0, 1, *others][:MOST]
    return result


def _share(conditions: Sequence[Condition], found: dict[str, dict[int, None]]) -> None:
    """Give macros that are compared with each other what is around the numbers of the others."""
    for condition in conditions:
        for names in _macros_of_atoms(condition):
            if len(names) > 1:
                near = {value + step for name in names for value in found[name] for step in (-1, 1)}
                shared = dict.fromkeys(sorted(near | {v for name in names for v in found[name]}))
                for name in names:
                    found[name].update(shared)


def distinct(
    conditions: Sequence[Condition], values: dict[str, list[int | None]]
) -> dict[str, list[int | None]]:
    """Return *values* without those with which everything comes out as with an earlier one.

    A macro that is compared with another one, or computed with, keeps all of them.
    """
    own: dict[str, list[tuple[Condition, int]]] = {name: [] for name in values}
    mixed: set[str] = set()
    for condition in conditions:
        for number, names in enumerate(_macros_of_atoms(condition), 1):
            if len(names) > 1:
                mixed |= names
            for name in names:
                own[name].append((condition, number))
    result = {}
    for name, candidates in values.items():
        if name in mixed:
            result[name] = candidates
            continue
        first: dict[object, int | None] = {}
        asked = list(dict.fromkeys(condition for condition, _number in own[name]))
        for candidate in candidates:
            outcomes = {condition: outcome(condition, {name: candidate}) for condition in asked}
            first.setdefault(tuple(outcomes[c][number] for c, number in own[name]), candidate)
        result[name] = list(first.values())
    return result


def _macros_of_atoms(condition: Condition) -> list[set[str]]:
    """Return the macros that each of the atoms of *condition* asks for."""
    names: list[set[str]] = []
    for part in condition.parts:
        inside = [names[operand] for operand in part.operands]
        names.append({part.name} if part.name else set().union(*inside))
    return [names[at] for at in atoms(condition)]


def _all_of(masks: Iterable[int]) -> int:
    result = 0
    for mask in masks:
        result |= mask
    return result


class _Search:
    """From the whole of one condition down to its macros: what each part should come to."""

    def __init__(
        self,
        condition: Condition,
        found: dict[str, dict[int, None]],
        masks: dict[str, dict[int, None]],
    ) -> None:
        self._parts = condition.parts
        self._found = found
        self._masks = masks
        self._numbers = _constants(condition)
        # What would be interesting for each part to come to.
        self._wanted: list[dict[int, None]] = [{} for _part in self._parts]

    def run(self) -> None:
        """Note the candidates of the condition's macros."""
        self._wanted[-1].update({0: None, 1: None})
        every = dict.fromkeys(number for number in self._numbers if number is not None)
        for at in range(len(self._parts) - 1, -1, -1):
            part = self._parts[at]
            wanted = dict(list(self._wanted[at].items())[:MOST])
            if part.operator == MACRO:
                values = self._found[part.name]
                for value in wanted:
                    for near in (value, value - 1, value + 1):
                        if _LEAST <= near <= _LARGEST:
                            values.setdefault(near, None)
            elif len(part.operands) == 1:
                self._unary(part, wanted)
            elif part.operator == "?:":
                self._wanted[part.operands[0]].update({0: None, 1: None})
                for operand in part.operands[1:]:
                    self._wanted[operand].update(wanted)
            elif part.operands:
                self._binary(part, wanted, every)

    def _unary(self, part: Part, wanted: dict[int, None]) -> None:
        below = self._wanted[part.operands[0]]
        if part.operator == "!":
            below.update({0: None, 1: None})
        else:
            undone = {"u-": [-value for value in wanted], "~": [~value for value in wanted]}
            below.update(dict.fromkeys(undone.get(part.operator, wanted)))

    def _binary(self, part: Part, wanted: dict[int, None], every: dict[int, None]) -> None:
        left, right = part.operands
        for own, other, is_left in ((left, right, True), (right, left, False)):
            number = self._numbers[other]
            if part.operator in _BOOLEAN:
                values: dict[int, None] = {0: None, 1: None}
            elif part.operator in _COMPARISONS:
                values = {number: None} if number is not None else {**every, 0: None, 1: None}
            elif number is None:
                values = {**wanted, **every}
            else:
                values = dict.fromkeys(
                    value
                    for target in wanted
                    for value in _undone(part.operator, target, number, is_left=is_left)
                )
                if part.operator == "&" and self._parts[own].operator == MACRO and number > 0:
                    self._masks.setdefault(self._parts[own].name, {})[number] = None
            self._wanted[own].update(values)


def _constants(condition: Condition) -> list[int | None]:
    """Return the number that each part of *condition* is; None where a macro decides."""
    values: list[Value] = []
    fixed: list[bool] = []
    for part in condition.parts:
        values.append(value_of(part, values, {}))
        is_leaf = part.operator == NUMBER
        fixed.append(is_leaf or (bool(part.operands) and all(fixed[o] for o in part.operands)))
    return [
        value[0] if is_fixed and value is not None else None
        for value, is_fixed in zip(values, fixed, strict=True)
    ]


def _undone(operator: str, target: int, number: int, *, is_left: bool) -> list[int]:
    """Return operands with which *operator* and *number* may come to *target*."""
    match operator:
        case "+":
            return [target - number]
        case "-":
            return [target + number] if is_left else [number - target]
        case "*":
            return [target // number] if number else []
        case "/":
            if is_left:
                return [target * number]
            return [number // target] if target else []
        case "%":
            return [target, target + number] if is_left else [number - target, number]
        case "<<":
            return [target >> number] if is_left and 0 <= number < 64 else [0, 1]
        case ">>":
            return [target << number] if is_left and 0 <= number < 64 else [0, 1]
        case "&":
            return [target & number, number, target]
        case "|":
            return [target & ~number, target]
        case "^":
            return [target ^ number]
        case _:
            return [target]
