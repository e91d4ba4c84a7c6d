"""Some of the cases of a source as one expression: what they have in common, and no other has."""

from __future__ import annotations

from bpfgen.conditions.condition import parse
from bpfgen.conditions.evaluation import truth
from bpfgen.conditions.joining import conjunction, negated, operand_text
from bpfgen.record import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence

    from bpfgen.conditions.condition import Condition
    from bpfgen.conditions.evaluation import Assignment, Guard

    Row = tuple[bool, ...]
    """Which of the given conditions hold."""
    Cube = tuple[tuple[int, bool], ...]
    """Conditions by their numbers, each with what it has to be."""


MOST_GUARDS = 64
"""Of so many at most words are made; else macros are listed."""


def describe(
    chosen: Collection[Assignment],
    all: Collection[Assignment],
    conditions: Sequence[Condition],
) -> Condition:
    """Return a short condition that holds in each of *chosen*, and in none of the others of *all*.

    It is made of *conditions*, with `!`, `&&` and `||`, and is `1` for all and `0` for none of
    them. Cases that aren't in *all* are free; so give the conditions of whole guards
    (:func:`bpfgen.conditions.conjunction`), and *all* in which each combination of these occurs.

    Raises:
        ValueError: *conditions* don't tell them apart.
    """
    rows = {assignment: _row(conditions, assignment) for assignment in dict.fromkeys(all)}
    inside = dict.fromkeys(rows[assignment] for assignment in rows if assignment in chosen)
    outside = dict.fromkeys(rows[assignment] for assignment in rows if assignment not in chosen)
    if not inside or not outside:
        return parse("1" if inside else "0")
    if not inside.keys().isdisjoint(outside):
        raise ValueError("the conditions are the same in a chosen case and in another one")
    texts = [(operand_text(condition, "&&"), negated(condition)) for condition in conditions]
    described = [
        _any_of(_cubes(inside, outside, texts), conditions),
        _none_of(_cubes(outside, inside, texts), conditions),
    ]
    for at, condition in enumerate(conditions):
        within, without = {row[at] for row in inside}, {row[at] for row in outside}
        if (within, without) == ({True}, {False}):
            described.append(condition.text)
        elif (within, without) == ({False}, {True}):
            described.append(negated(condition))
    return parse(min(described, key=len))


def described(
    chosen: Collection[Assignment], all: Collection[Assignment], guards: Iterable[Collection[Guard]]
) -> str:
    """Return in words where the assignments *chosen* of *all* are: "`A && B` holds".

    *guards* are those of which to make the condition, in collections: the first that tells them
    apart does. Where none does, it is what the macros are.
    """
    for some in guards:
        if some and len(some) <= MOST_GUARDS:
            try:
                condition = describe(chosen, all, [conjunction(guard) for guard in some])
            except ValueError:
                continue
            return f"`{condition.text}` holds"
    first = next(iter(chosen))
    defined = [f"-D {name}={value}" for name, value in first if value is not None]
    return f"macros are as with {' '.join(defined)}" if defined else "no macro is defined"


def _row(conditions: Sequence[Condition], assignment: Assignment) -> Row:
    macros = dict(assignment)
    return tuple(truth(condition, macros) for condition in conditions)


def _cubes(
    inside: dict[Row, None], outside: dict[Row, None], texts: list[tuple[str, str]]
) -> list[Cube]:
    """Return conjunctions that cover all rows *inside* and none *outside*: few, and short."""

    def length(cube: Cube) -> int:
        return sum(len(texts[at][not wanted]) + 4 for at, wanted in cube)

    cubes: dict[Cube, list[Row]] = {}
    for row in inside:
        kept = list(enumerate(row))
        # What is long is left out first, so that what is short remains.
        for literal in sorted(kept, key=lambda literal: -len(texts[literal[0]][not literal[1]])):
            fewer = [other for other in kept if other != literal]
            if not any(_covers(fewer, other) for other in outside):
                kept = fewer
        cubes[tuple(kept)] = [other for other in inside if _covers(kept, other)]
    result: list[Cube] = []
    missing = dict(inside)
    while missing:
        best = max(
            cubes, key=lambda cube: (sum(row in missing for row in cubes[cube]), -length(cube))
        )
        result.append(best)
        for row in cubes.pop(best):
            missing.pop(row, None)
    return result


def _covers(cube: Collection[tuple[int, bool]], row: Row) -> bool:
    return all(row[at] is wanted for at, wanted in cube)


def _any_of(cubes: list[Cube], conditions: Sequence[Condition]) -> str:
    """Return the text that holds where one of *cubes* does."""
    return " || ".join(
        _alone(cube[0], conditions, "||")
        if len(cube) == 1
        else _joined(cube, conditions, " && ", "&&", among=len(cubes))
        for cube in cubes
    )


def _none_of(cubes: list[Cube], conditions: Sequence[Condition]) -> str:
    """Return the text that holds where none of *cubes* does."""
    clauses = []
    for cube in cubes:
        turned = tuple((at, not wanted) for at, wanted in cube)
        if len(turned) == 1:
            clauses.append(_alone(turned[0], conditions, "&&"))
        else:
            clauses.append(_joined(turned, conditions, " || ", "||", among=len(cubes)))
    return " && ".join(clauses)


def _joined(
    cube: Cube, conditions: Sequence[Condition], sign: str, operator: str, *, among: int
) -> str:
    """Return the literals of *cube* with *sign* between them, in parentheses if there are more."""
    text = sign.join(_alone(literal, conditions, operator) for literal in cube)
    return f"({text})" if among > 1 else text


def _alone(literal: tuple[int, bool], conditions: Sequence[Condition], operator: str) -> str:
    at, wanted = literal
    return operand_text(conditions[at], operator) if wanted else negated(conditions[at])
