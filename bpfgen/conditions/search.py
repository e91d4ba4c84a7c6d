"""The search for cases: values of macros with which guards hold, and with which they don't.

While all values of the macros of some guards are few, all are tried. Of more, those are tried that
make each guard hold, found condition by condition, and then whatever differs in one macro from
values with which some part of a condition came out as in none before.
"""

from __future__ import annotations

from itertools import product

from bpfgen.conditions.candidates import candidates, distinct
from bpfgen.conditions.evaluation import outcome, truth_of_part
from bpfgen.record import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from bpfgen.conditions.condition import Condition
    from bpfgen.conditions.evaluation import Outcome

    Macros = dict[str, int | None]
    Literals = tuple[tuple[int, bool], ...]
    """A guard, its conditions by their numbers: comparing texts over and over would take long."""
    Case = tuple[tuple[bool, ...], Macros]
    """Which guards of a group hold, and values of its macros that bring it about."""

MOST_TRIED = 8192
"""Rows of values that are tried to find the cases of one group; fewer where groups are many."""

_MOST_OF_ONE = 1024
"""Rows that are tried to make one part of a condition come out as it has to."""


class Search:
    """The conditions of one source, and what is known of them.

    Attributes:
        candidates: What each macro may be, in the order in which it is tried.
        base: What a macro is where nothing asks for something else.
        most_tried: As :data:`MOST_TRIED`.
    """

    def __init__(
        self,
        conditions: Sequence[Condition],
        given: Mapping[str, int | None],
        *,
        is_fixed: bool = False,
    ) -> None:
        self.base: Macros = {}
        self.most_tried = MOST_TRIED
        self._conditions = conditions
        self._names = [condition.macros for condition in conditions]
        self._known: list[dict[tuple[int | None, ...], Outcome]] = [{} for _ in conditions]
        values = candidates(conditions)
        for name, value in given.items():
            if name in values:
                others = [] if is_fixed else [other for other in values[name] if other != value]
                values[name] = [value, *others]
        self.candidates = distinct(conditions, values)

    def cases(self, guards: list[Literals], most: int) -> list[Case]:
        """Return the cases of *guards*, which have macros in common; the first tried comes first.

        There may be one more than *most*, and no further ones.
        """
        found: dict[tuple[bool, ...], Macros] = {}
        for row in self._tried(guards):
            holding = self.holding(guards, row)
            if holding is not None and holding not in found:
                found[holding] = row
                if len(found) > most:
                    break
        return list(found.items())

    def holding(self, guards: list[Literals], row: Macros) -> tuple[bool, ...] | None:
        """Return which of *guards* hold in *row*; None where C has no value for a condition."""
        result = []
        truths: dict[int, bool] = {}
        for guard in guards:
            holds = True
            for condition, wanted in guard:
                value = truths.get(condition)
                if value is None:
                    value = self._outcome(condition, row)[0]
                    if value is None:
                        return None
                    truths[condition] = value
                if value is not wanted:
                    holds = False
                    break
            result.append(holds)
        return tuple(result)

    def components(self, guards: list[Literals]) -> list[list[Literals]]:
        """Return *guards* in groups that have no macro in common."""
        owners: dict[str, int] = {}
        groups: dict[int, list[Literals]] = {}
        names_of: dict[int, list[str]] = {}
        for number, guard in enumerate(guards):
            names = self._macros([guard])
            joined = dict.fromkeys(owners[name] for name in names if name in owners)
            members, all_names = [guard], names
            for other in joined:
                members = groups.pop(other) + members
                all_names = names_of.pop(other) + all_names
            groups[number], names_of[number] = members, all_names
            owners.update(dict.fromkeys(all_names, number))
        return list(groups.values())

    def _tried(self, guards: list[Literals]) -> Iterator[Macros]:
        """Yield rows of values for the macros of *guards*."""
        names = self._macros(guards)
        choices = [self.candidates[name] for name in names]
        count = 1
        for values in choices:
            count *= len(values)
        if count <= self.most_tried:
            for chosen in product(*choices):
                yield dict(zip(names, chosen, strict=True))
            return
        conditions = list(dict.fromkeys(at for guard in guards for at, _wanted in guard))
        base = {
            name: self.base.get(name, values[0])
            for name, values in zip(names, choices, strict=True)
        }
        pending = [base, *(row for guard in guards if (row := self._reached(guard, base)))]
        yield from pending
        tried = len(pending)
        seen = {self._parts(conditions, row) for row in pending}
        for row in pending:  # which grows meanwhile
            for name, values in zip(names, choices, strict=True):
                for value in values:
                    if value != row[name]:
                        other = {**row, name: value}
                        yield other
                        tried += 1
                        parts = self._parts(conditions, other)
                        if parts not in seen:
                            seen.add(parts)
                            pending.append(other)
            if tried > self.most_tried:
                return

    def _reached(self, guard: Literals, base: Macros) -> Macros | None:
        """Return values with which *guard* holds, others as in *base*; None where none are found.

        What `&&` joins is made to hold one after the other, without undoing what holds already.
        """
        row = base
        done: list[tuple[int, int, bool]] = []
        for number, at, wanted in self._requirements(guard):
            condition = self._conditions[number]
            done.append((number, at, wanted))
            if truth_of_part(condition, at, row) is wanted:
                continue
            names = _macros_of(condition, at)
            choices = [self.candidates[name] for name in names]
            for tried, chosen in enumerate(product(*choices)):
                other = {**row, **dict(zip(names, chosen, strict=True))}
                if all(truth_of_part(self._conditions[n], a, other) is w for n, a, w in done):
                    row = other
                    break
                if tried > _MOST_OF_ONE:
                    return None
            else:
                return None
        return row

    def _requirements(self, guard: Literals) -> Iterator[tuple[int, int, bool]]:
        """Yield which parts of which conditions have to be true or false for *guard* to hold."""
        for number, whole in guard:
            parts = self._conditions[number].parts
            pending = [(len(parts) - 1, whole)]
            while pending:
                at, wanted = pending.pop()
                part = parts[at]
                if part.operator == "!":
                    pending.append((part.operands[0], not wanted))
                elif part.operator == ("&&" if wanted else "||"):
                    pending += ((operand, wanted) for operand in reversed(part.operands))
                else:
                    yield number, at, wanted

    def _parts(self, conditions: list[int], row: Macros) -> tuple[object, ...]:
        """Return how each part of *conditions* that is true or false comes out with *row*."""
        return tuple(self._outcome(condition, row) for condition in conditions)

    def _macros(self, guards: list[Literals]) -> list[str]:
        names = {
            name: None
            for guard in guards
            for condition, _wanted in guard
            for name in self._names[condition]
        }
        return list(names)

    def _outcome(self, condition: int, row: Macros) -> Outcome:
        known = self._known[condition]
        key = tuple(map(row.get, self._names[condition]))
        if key not in known:
            known[key] = outcome(self._conditions[condition], row)
        return known[key]


def _macros_of(condition: Condition, at: int) -> list[str]:
    """Return the macros that the part *at* of *condition* asks for."""
    names: dict[str, None] = {}
    pending = [at]
    while pending:
        part = condition.parts[pending.pop()]
        pending += part.operands
        if part.name:
            names[part.name] = None
    return list(names)
