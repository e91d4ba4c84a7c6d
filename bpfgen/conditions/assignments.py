"""The cases of a source with conditions: which values of macros show all that it can be.

Few are all tried. Of many, each part of the source is there at least once and missing at least
once, and parts that have to do with each other are tried in every combination that macros can
bring about; what is independent is tried side by side, so that hundreds of conditions that have
nothing in common need no more cases than the largest group of those that do. Each case is found by
trying values, never by reasoning about expressions, so each is one that a program can have.
"""

from __future__ import annotations

from itertools import product

from bpfgen.conditions.candidates import candidates, distinct
from bpfgen.conditions.evaluation import outcome
from bpfgen.record import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

    from bpfgen.conditions.evaluation import Assignment, Guard, Outcome

    Macros = dict[str, int | None]
    Literals = tuple[tuple[int, bool], ...]
    """A guard, its conditions by their numbers: comparing texts over and over would take long."""
    Case = tuple[tuple[bool, ...], Macros]
    """Which guards of a group hold, and values of its macros that bring it about."""

FEW = 16
"""So many combinations of all conditions of a source are tried without further ado."""

MOST_TOGETHER = 256
"""Combinations of the conditions that one declaration depends on."""

_MOST_TRIED = 8192
"""Rows of values that are tried to find the cases of one group; fewer where groups are many."""

_LEAST_TRIED = 1024
_ALL_TRIED = 1 << 16


class TooManyCases(Exception):  # noqa: N818 -- named as what it says
    """Conditions that have to do with each other come out in more ways than can be tried.

    Attributes:
        guards: Those of the group.
    """

    def __init__(self, guards: Sequence[Guard]) -> None:
        super().__init__(f"more than {MOST_TOGETHER} cases")
        self.guards = tuple(guards)


def assignments(
    guards: Iterable[Guard],
    together: Iterable[Collection[Guard]] = (),
    given: Mapping[str, int | None] | None = None,
) -> tuple[Assignment, ...]:
    """Return values of macros that between them make each guard hold at least once.

    Each of *guards* that some tried values satisfy holds in at least one assignment, and, if it can
    be, doesn't in another. Each assignment says what every macro of the guards is. None of them
    makes a condition divide by zero; where all do, there is none. The first has no macro defined,
    or as few as can be.

    Args:
        guards: The conditions of each part of a source, from the outermost in.
        together: Guards of parts that have to do with each other, a collection for each such
            group: what can be of them together is in at least one assignment, combination by
            combination. One declaration with what it uses and others of its name is a group.
        given: What some macros are in the first assignment (`-D` and `-U`).

    Raises:
        TooManyCases: A group of *together* has more than :data:`MOST_TOGETHER` combinations.
    """
    groups = [list(dict.fromkeys(group)) for group in together]
    every = dict.fromkeys([*guards, *(guard for group in groups for guard in group)])
    cases = _Cases(every, given or {})
    return tuple(tuple(sorted(row.items())) for row in cases.rows(groups))


class _Cases:
    """The search for the cases of one source."""

    def __init__(self, guards: dict[Guard, None], given: Mapping[str, int | None]) -> None:
        conditions = dict.fromkeys(condition for guard in guards for condition, _wanted in guard)
        self._conditions = list(conditions)
        numbers = {condition: number for number, condition in enumerate(conditions)}
        self._literals: dict[Guard, Literals] = {
            guard: tuple((numbers[condition], wanted) for condition, wanted in guard)
            for guard in guards
        }
        self._guards = list(self._literals.values())
        self._candidates = candidates(conditions)
        for name, value in given.items():
            if name in self._candidates:
                others = [other for other in self._candidates[name] if other != value]
                self._candidates[name] = [value, *others]
        self._known: list[dict[tuple[int | None, ...], Outcome]] = [{} for _ in conditions]
        self._names = [condition.macros for condition in conditions]
        self._candidates = distinct(self._conditions, self._candidates)
        self._base: Macros = {}
        self._most_tried = _MOST_TRIED

    def rows(self, groups: list[list[Guard]]) -> list[Macros]:
        """Return the assignments."""
        if not self._candidates:
            return [{}]
        components = [self._cases(part, FEW) for part in self._components(self._guards)]
        if not all(components):
            return []
        for cases in components:
            self._base.update(cases[0][1])
        few = _combined(components, FEW)
        if few is not None:
            return [macros for _holding, macros in few]
        self._base = {
            name: self._base.get(name, values[0]) for name, values in self._candidates.items()
        }
        distinct_groups = {frozenset(group): group for group in groups if len(group) > 1}
        share = _ALL_TRIED // max(len(distinct_groups), 1)
        self._most_tried = min(max(share, _LEAST_TRIED), _MOST_TRIED)
        wanted = {key: self._together(group) for key, group in distinct_groups.items()}
        partials = sorted(wanted.values(), key=len, reverse=True)
        partials += [self._alone(guard) for guard in self._guards]
        return self._packed(partials)

    def _together(self, group: list[Guard]) -> list[Macros]:
        """Return values of macros for each combination of *group*."""
        guards = [self._literals[guard] for guard in group]
        components = [self._cases(part, MOST_TOGETHER) for part in self._components(guards)]
        combined = _combined(components, MOST_TOGETHER)
        if combined is None:
            raise TooManyCases(group)
        return [macros for _holding, macros in combined]

    def _alone(self, guard: Literals) -> list[Macros]:
        """Return values of macros with which *guard* holds, and some with which it doesn't."""
        found: dict[tuple[bool, ...], Macros] = {}
        for row in self._tried([guard]):
            holding = self._holding([guard], row)
            if holding is not None and holding not in found:
                found[holding] = row
                if len(found) > 1:
                    break
        return list(found.values())

    def _cases(self, guards: list[Literals], most: int) -> list[Case]:
        """Return the cases of *guards*, which have macros in common; the first tried comes first.

        There may be one more than *most*, and no further ones.
        """
        found: dict[tuple[bool, ...], Macros] = {}
        for row in self._tried(guards):
            holding = self._holding(guards, row)
            if holding is not None and holding not in found:
                found[holding] = row
                if len(found) > most:
                    break
        return list(found.items())

    def _tried(self, guards: list[Literals]) -> Iterator[Macros]:
        """Yield rows of values for the macros of *guards*: all of them while they are few.

        Of more, those that differ in one macro from one with which some part of a condition came
        out as in none before.
        """
        names = self._macros(guards)
        choices = [self._candidates[name] for name in names]
        count = 1
        for values in choices:
            count *= len(values)
        if count <= self._most_tried:
            for chosen in product(*choices):
                yield dict(zip(names, chosen, strict=True))
            return
        conditions = list(dict.fromkeys(at for guard in guards for at, _wanted in guard))
        base = {
            name: self._base.get(name, values[0])
            for name, values in zip(names, choices, strict=True)
        }
        yield base
        seen = {self._parts(conditions, base)}
        pending, tried = [base], 1
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
            if tried > self._most_tried:
                return

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

    def _components(self, guards: list[Literals]) -> list[list[Literals]]:
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

    def _holding(self, guards: list[Literals], row: Macros) -> tuple[bool, ...] | None:
        """Return which of *guards* hold in *row*; None where C has no value for a condition."""
        result = []
        truths: dict[int, bool] = {}
        for guard in guards:
            holds = True
            for condition, wanted in guard:
                value = truths.get(condition)
                if value is None:
                    value = self._truth(condition, row)
                    if value is None:
                        return None
                    truths[condition] = value
                if value is not wanted:
                    holds = False
                    break
            result.append(holds)
        return tuple(result)

    def _truth(self, condition: int, row: Macros) -> bool | None:
        return self._outcome(condition, row)[0]

    def _outcome(self, condition: int, row: Macros) -> Outcome:
        known = self._known[condition]
        key = tuple(map(row.get, self._names[condition]))
        if key not in known:
            known[key] = outcome(self._conditions[condition], row)
        return known[key]

    def _packed(self, partials: list[list[Macros]]) -> list[Macros]:
        """Return few whole rows, such that each row of *partials* is part of one."""
        rows: list[Macros] = []
        if self._holding(self._guards, self._base) is not None:
            rows.append(dict(self._base))
        open_rows: list[Macros] = []
        for group in partials:
            for partial in group:
                items = partial.items()
                if any(items <= row.items() for row in (*rows, *open_rows)):
                    continue
                for row in open_rows:
                    if all(row.get(name, value) == value for name, value in items):
                        row.update(partial)
                        break
                else:
                    open_rows.append(dict(partial))
        for row in open_rows:
            whole = {**self._base, **row}
            if self._holding(self._guards, whole) is not None:
                rows.append(whole)
            else:  # values that each are fine, and together divide by zero: one at a time
                alone = ({**self._base, **part} for group in partials for part in group)
                rows += [
                    other
                    for other in alone
                    if other not in rows and self._holding(self._guards, other) is not None
                ]
        return rows


def _combined(components: list[list[Case]], most: int) -> list[Case] | None:
    """Return each combination of the cases of *components*, or None where there are over *most*."""
    result: list[Case] = [((), {})]
    for cases in components:
        if len(result) * len(cases) > most:
            return None
        if cases:
            result = [
                (holding + more, {**macros, **others})
                for holding, macros in result
                for more, others in cases
            ]
    return result
