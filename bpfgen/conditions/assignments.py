"""The cases of a source with conditions: which values of macros show all that it can be.

Few are all tried. Of many, each part of the source is there at least once and missing at least
once, and parts that have to do with each other are tried in every combination that macros can
bring about; what is independent is tried side by side, so that hundreds of conditions that have
nothing in common need no more cases than the largest group of those that do. Each case is found by
trying values, never by reasoning about expressions, so each is one that a program can have.
"""

from __future__ import annotations

from bpfgen.conditions.evaluation import guard_holds
from bpfgen.conditions.search import MOST_TRIED, Search
from bpfgen.record import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence

    from bpfgen.conditions.condition import Condition
    from bpfgen.conditions.evaluation import Assignment, Guard
    from bpfgen.conditions.search import Case, Literals, Macros

MOST_COMPILED = 64
"""Assignments for which a compiler runs."""

FEW = 16
"""So many combinations of all conditions of a source are tried without further ado."""

MOST_TOGETHER = 256
"""Combinations of the conditions that one declaration depends on."""

_MOST_APART = 1024
"""Combinations of conditions with macros in common, of which few are chosen."""

_LEAST_TRIED = 1024
_ALL_TRIED = 1 << 16


class TooManyCases(Exception):  # noqa: N818 -- named as what it says
    """Conditions that have to do with each other come out in more ways than can be tried.

    Attributes:
        group: Which of the groups it is, from 0.
    """

    def __init__(self, group: int) -> None:
        super().__init__(f"more than {MOST_TOGETHER} cases")
        self.group = group


def assignments(
    guards: Iterable[Guard],
    together: Iterable[Collection[Guard]] = (),
    given: Mapping[str, int | None] | None = None,
    *,
    is_fixed: bool = False,
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
        is_fixed: They are so in every assignment.

    Raises:
        TooManyCases: A group of *together* has more than :data:`MOST_TOGETHER` combinations.
    """
    numbers = _Numbers()
    groups = [list(dict.fromkeys(map(numbers.of, group))) for group in together]
    every = dict.fromkeys(map(numbers.of, guards))
    every.update(dict.fromkeys(guard for group in groups for guard in group))
    search = Search(numbers.conditions, given or {}, is_fixed=is_fixed)
    rows = _Cases(search, list(every)).rows(groups)
    return tuple(tuple(sorted(row.items())) for row in rows)


class _Numbers:
    """Conditions by numbers; guards are mostly the same objects over and over."""

    def __init__(self) -> None:
        self.conditions: list[Condition] = []
        self._numbers: dict[str, int] = {}
        self._known: dict[int, tuple[Guard, Literals]] = {}

    def of(self, guard: Guard) -> Literals:
        """Return *guard* with numbers."""
        known = self._known.get(id(guard))
        if known is None:
            literals = tuple((self._number(condition), wanted) for condition, wanted in guard)
            known = self._known[id(guard)] = (guard, literals)
        return known[1]

    def _number(self, condition: Condition) -> int:
        number = self._numbers.setdefault(condition.text, len(self.conditions))
        if number == len(self.conditions):
            self.conditions.append(condition)
        return number


def showing_each(guards: Iterable[Guard], rows: Sequence[Assignment]) -> list[int]:
    """Return the numbers of some of *rows* in which each guard holds once and doesn't once.

    As far as it does so in any; the first row is among them.
    """
    unique = list(dict.fromkeys(guards))
    missing = {(guard, wanted) for guard in unique for wanted in (False, True)}
    result = []
    for number, row in enumerate(rows):
        shown = {(guard, guard_holds(guard, row)) for guard in unique}
        if not number or not missing.isdisjoint(shown):
            result.append(number)
            missing -= shown
    return result


class _Cases:
    """What is chosen of the cases that a search finds."""

    def __init__(self, search: Search, guards: list[Literals]) -> None:
        self._search = search
        self._guards = guards
        self._base: Macros = {}

    def rows(self, groups: list[list[Literals]]) -> list[Macros]:
        """Return the assignments."""
        search = self._search
        if not search.candidates:
            return [{}]
        parts = search.components(self._guards)
        components = [search.cases(part, FEW) for part in parts]
        if not all(components):
            return []
        for cases in components:
            self._base.update(cases[0][1])
        few = _combined(components, FEW)
        if few is not None:
            return [macros for _holding, macros in few]
        search.base = self._base
        sets = {frozenset(group): number for number, group in enumerate(groups) if len(group) > 1}
        share = _ALL_TRIED // max(len(sets), 1)
        search.most_tried = min(max(share, _LEAST_TRIED), MOST_TRIED)
        partials = [self._together(groups[number], number) for number in sets.values()]
        partials.sort(key=len, reverse=True)
        partials += [self._apart(part) for part in parts]
        return self._packed(partials)

    def _together(self, group: list[Literals], number: int) -> list[Macros]:
        """Return values of macros for each combination of *group*, the one of that *number*."""
        components = [
            self._search.cases(part, MOST_TOGETHER) for part in self._search.components(group)
        ]
        combined = _combined(components, MOST_TOGETHER)
        if combined is None:
            raise TooManyCases(number)
        return [macros for _holding, macros in combined]

    def _apart(self, guards: list[Literals]) -> list[Macros]:
        """Return few values of macros with which each of *guards* holds once, and once doesn't."""
        cases = self._search.cases(guards, _MOST_APART)
        missing = {(at, holds) for at in range(len(guards)) for holds in (True, False)}
        chosen = []
        while True:
            best = max(cases, key=lambda case: len(missing & set(enumerate(case[0]))))
            if missing.isdisjoint(enumerate(best[0])):
                break
            missing -= set(enumerate(best[0]))
            chosen.append(best[1])
        for at, holds in sorted(missing):
            alone = self._search.cases([guards[at]], 1)
            chosen += [macros for holding, macros in alone if holding == (holds,)]
        return chosen

    def _packed(self, partials: list[list[Macros]]) -> list[Macros]:
        """Return few whole rows, such that each row of *partials* is part of one."""
        rows: list[Macros] = []
        if self._holds_value(self._base):
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
            if self._holds_value(whole):
                rows.append(whole)
            else:  # values that each are fine, and together divide by zero: one at a time
                alone = ({**self._base, **part} for group in partials for part in group)
                rows += [other for other in alone if other not in rows and self._holds_value(other)]
        return rows

    def _holds_value(self, row: Macros) -> bool:
        """Return whether C has a value for every condition that is asked in *row*."""
        return self._search.holding(self._guards, row) is not None


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
