"""The views of a C file whose conditions concern its maps: one for each case of these.

Used by :mod:`views`. Which conditions there are is found in what has been read, and a view more
may show more of them, so that this goes on until there is nothing new. In which views a branch is
active the preprocessor has said, never our own reading of its condition: a branch has its condition
as written where that is what came out, and otherwise one that tells its views apart.
"""

from __future__ import annotations

from bpfgen.conditions import ConditionError, TooManyCases, assignments, describe, holds
from bpfgen.importer.branches import Within
from bpfgen.importer.from_c.branch_conditions import BranchConditions
from bpfgen.importer.from_c.conditionals import Conditionals
from bpfgen.importer.from_c.merging import Branches
from bpfgen.importer.from_c.open_macros import OpenMacros
from bpfgen.importer.from_c.relevance import Relevance
from bpfgen.importer.from_c.view import Views
from bpfgen.record import TYPE_CHECKING, MutableRecord

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from bpfgen.conditions import Assignment, Condition, Guard
    from bpfgen.importer.from_c.conditionals import Branch, Conditional
    from bpfgen.importer.from_c.merging import Readings, Stretches
    from bpfgen.importer.from_c.unit import Unit
    from bpfgen.importer.from_c.view import View

MOST_VIEWS = 16
"""So many views of one file are read; conditions that would need more stay decided."""

_MOST_ROUNDS = 8


class _Case(MutableRecord):
    """What is asked of the file in one round.

    Attributes:
        conditionals: Those of the unit.
        relevance: What they concern.
        conditions: Of branches, by the number of the conditional and their own.
        others: Conditions that tell the cases of a branch apart that has none itself.
        own: For each conditional, those that define what it asks for.
        rows: The assignments to be read.
        left: Branches with conditions that stay decided, since there would be too many rows.
    """

    conditionals: Conditionals
    relevance: Relevance
    conditions: dict[tuple[int, int], Condition]
    others: dict[tuple[int, int], list[Condition]]
    own: dict[int, set[int]]
    rows: tuple[Assignment, ...]
    left: list[Branch]

    def guard_of(self, number: int, branch: int) -> Guard:
        """Return what has to hold for the *branch* of a conditional to be there."""
        one = self.conditionals.all[number]
        path = [*self.conditionals.around(one.branches[0].place), (number, branch)]
        return tuple(
            (condition, at == last)
            for around, last in path
            for at in range(last + 1)
            if (condition := self.conditions.get((around, at))) is not None
        )

    def concerning(self, first: int, last: int) -> set[int]:
        """Return the conditionals that decide on the declaration on the lines *first* to *last*."""
        return self.with_own(self.relevance.of(first, last))

    def with_own(self, numbers: set[int]) -> set[int]:
        """Return *numbers* with the conditionals that define what those ask for."""
        found: set[int] = set()
        pending = set(numbers)
        while pending:
            found |= pending
            pending = set().union(*(self.own.get(number, ()) for number in pending)) - found
        return found

    def guards(self, numbers: Iterable[int]) -> list[Guard]:
        """Return those of all branches of the conditionals *numbers*."""
        guards: dict[Guard, None] = {}
        for number in sorted(numbers):
            for branch in range(len(self.conditionals.all[number].branches)):
                guard = self.guard_of(number, branch)
                if guard and (number, branch) in self.conditions:
                    guards[guard] = None
                for other in self.others.get((number, branch), ()):
                    guards[((other, True),)] = None
        return list(guards)

    def conditions_of(self, numbers: Iterable[int] | None = None) -> list[Condition]:
        """Return the conditions of the branches of *numbers*, of all if None, each once."""
        found: dict[str, Condition] = {}
        for (number, _branch), condition in self.conditions.items():
            if numbers is None or number in numbers:
                found.setdefault(condition.text, condition)
        for (number, _branch), others in self.others.items():
            if numbers is None or number in numbers:
                found.update((other.text, other) for other in others)
        return list(found.values())


class Cases:
    """Finds the views that *read* reads, of a file with the macros *undefined* of its command."""

    def __init__(self, read: Callable[[Assignment], View], undefined: Sequence[str]) -> None:
        self._read = read
        self._undefined = undefined

    def views(self) -> Views | None:
        """Return all views that are worth reading, or None where the first is all of them."""
        read = [self._read(())]
        for _ in range(_MOST_ROUNDS):
            rows = self._case(read).rows
            if len(rows) < 2:
                return None
            count = len(read[0].unit.raw)
            read = [self._read(row) for row in rows]
            if any(len(view.unit.raw) != count for view in read):
                read = [self._read(())]  # with headers more, which may have conditions of their own
                continue
            _share_uses(read)
            case = self._case(read)
            if case.rows != rows:
                continue
            try:
                branches = _Activity(read, rows, case).branches()
            except ValueError:
                return None
            return Views(read, list(rows), branches, self._read, case.left)
        return None

    def _case(self, read: list[View]) -> _Case:
        """Return what there is to be asked, as far as the views *read* show."""
        unit = read[0].unit
        conditionals = Conditionals(unit.raw)
        bodies = {body for view in read for body in view.bodies}
        case = _Case(conditionals, Relevance(conditionals, unit.raw, bodies), {}, {}, {}, ((),), [])
        stretches = {
            (one.place, one.last)
            for view in read
            for one in view.placed(every_include=False)
            if one.place >= 0
        }
        words = set().union(*(case.relevance.words(*stretch) for stretch in stretches))
        self._ask(case, unit, OpenMacros(unit, conditionals, words, self._undefined))
        found = case.with_own(
            case.relevance.of_maps.union(*(case.relevance.of(*stretch) for stretch in stretches))
        )
        asked = {number for number, _branch in (*case.conditions, *case.others)}
        for numbers in _fewer(found & asked, case.with_own(case.relevance.of_maps) & asked):
            together = [case.guards(case.concerning(*one) & numbers) for one in sorted(stretches)]
            try:
                rows = assignments(case.guards(numbers), together)
            except TooManyCases:
                continue
            if len(rows) <= MOST_VIEWS:
                case.rows = rows
                case.left = [
                    branch
                    for number in sorted((found & asked) - numbers)
                    for branch in conditionals.all[number].branches[:1]
                ]
                for key in [key for key in case.conditions if key[0] not in numbers]:
                    del case.conditions[key]
                break
        return case

    @staticmethod
    def _ask(case: _Case, unit: Unit, open: OpenMacros) -> None:
        """Enter what the branches of the unit ask for into *case*."""
        conditionals = case.conditionals
        question = BranchConditions(unit, open)
        branches = sorted(
            (branch.place, conditional.number, at, branch)
            for conditional in conditionals.all
            for at, branch in enumerate(conditional.branches)
        )
        for _place, number, at, branch in branches:
            condition = question.of(branch)
            if condition is not None:
                case.conditions[number, at] = condition
                others = question.given_by_default(branch)
            else:
                others = question.asked_whether_defined(branch)
            if others:
                case.others[number, at] = others
            for name in open.own_names_in(branch):
                own = case.own.setdefault(number, set())
                for place in conditionals.defined[name]:
                    own.update(outer for outer, _branch in conditionals.around(place))
                own.discard(number)


def _share_uses(views: list[View]) -> None:
    """Let a struct that is used twice in one of *views* be a template in all."""
    uses: dict[str, int] = {}
    for view in views:
        for struct, count in view.file.uses.items():
            uses[struct] = max(count, uses.get(struct, 0))
    for view in views:
        view.use(uses)


def _fewer(all: set[int], of_maps: set[int]) -> Iterator[set[int]]:
    """Yield the conditionals to be read, then fewer: those of maps alone, and of these the first.

    Source of the order: what a source must not lack are its maps.
    """
    yield all
    left = sorted(all & of_maps)
    while left:
        yield set(left)
        left = left[: len(left) * 3 // 4]


class _Activity:
    """In which of the views *read* each branch is active, and what that says of its condition."""

    def __init__(self, read: list[View], rows: tuple[Assignment, ...], case: _Case) -> None:
        self._rows = rows
        self._case = case
        self._everywhere: Readings = frozenset(range(len(read)))
        self._active: dict[tuple[int, int], Readings] = {}
        for conditional in case.conditionals.all:
            for at, branch in enumerate(conditional.branches):
                self._active[conditional.number, at] = frozenset(
                    number for number, view in enumerate(read) if branch.place in view.unit.active
                )
        self._conditions = {
            conditional.number: self._conditions_of(conditional)
            for conditional in case.conditionals.all
            if self._varies(conditional)
        }

    def branches(self) -> Branches:
        """Return what there is to know of the branches."""
        return Branches(self._around, self._in, self._describe)

    def _outside(self, conditional: Conditional) -> Readings:
        """Return the views in which *conditional* is looked at."""
        outer = conditional.outer
        return self._everywhere if outer is None else self._active.get(outer, self._everywhere)

    def _varies(self, conditional: Conditional) -> bool:
        """Whether *conditional* isn't the same in all views in which it is looked at."""
        outside = self._outside(conditional)
        active = (self._active[conditional.number, at] for at in range(len(conditional.branches)))
        return any(part and part != outside for part in active)

    def _conditions_of(self, conditional: Conditional) -> tuple[Condition, ...]:
        """Return the conditions of the branches of *conditional*, without that of an `else`.

        Raises:
            ValueError: There is none that tells the views apart.
        """
        left = self._outside(conditional)
        conditions: list[Condition] = []
        for at, branch in enumerate(conditional.branches):
            if branch.word == "else":
                break
            active = self._active[conditional.number, at]
            condition = self._case.conditions.get((conditional.number, at))
            if condition is None or not self._is_right(condition, active, left):
                numbers = self._case.with_own({conditional.number})
                condition = self._described(numbers, active, left)
            conditions.append(condition)
            left -= active
        return tuple(conditions)

    def _is_right(self, condition: Condition, active: Readings, among: Readings) -> bool:
        """Whether *condition* holds in the views *active*, and in no others *among* them all."""
        try:
            return all(
                holds(condition, self._rows[number]) is (number in active) for number in among
            )
        except ConditionError:
            return False

    def _around(self, place: int) -> tuple[Within, ...]:
        return tuple(
            Within((number,), branch, self._conditions[number][: branch + 1])
            for number, branch in self._case.conditionals.around(place)
            if number in self._conditions
        )

    def _in(self, path: tuple[Within, ...]) -> Readings:
        return self._active[path[-1].chain[0], path[-1].branch] if path else self._everywhere

    def _describe(self, stretches: Stretches, chosen: Readings, among: Readings) -> Condition:
        concerning = (self._case.concerning(*stretch) for stretch in stretches)
        return self._described(set().union(*concerning), chosen, among)

    def _described(self, numbers: set[int], chosen: Readings, among: Readings) -> Condition:
        """Return the condition that tells the views *chosen* from the others *among* them.

        It is one of the conditionals *numbers* if it can be, since of those every combination has
        been read.

        Raises:
            ValueError: There is none.
        """
        rows = [self._rows[number] for number in sorted(among)]
        those = [self._rows[number] for number in sorted(chosen)]
        try:
            return describe(those, rows, self._case.conditions_of(numbers))
        except ValueError:
            return describe(those, rows, self._case.conditions_of())
