"""The views of a C file whose conditions concern its maps: one for each case of these.

Used by :mod:`views`. Which conditions there are is found in what has been read, and a view more
may show more of them, so that this goes on until there is nothing new. In which views a branch is
active the preprocessor has said, never our own reading of its condition: a branch has its condition
as written where that is what came out, and otherwise one that tells its views apart.
"""

from __future__ import annotations

import os

from bpfgen.conditions import (
    ConditionError,
    TooManyCases,
    assignments,
    conjunction,
    describe,
    holds,
)
from bpfgen.importer.branches import Within
from bpfgen.importer.from_c.attributes import SIGNS_OF_MAPS
from bpfgen.importer.from_c.branch_conditions import BranchConditions
from bpfgen.importer.from_c.conditionals import Conditionals
from bpfgen.importer.from_c.merging import Branches
from bpfgen.importer.from_c.open_macros import OpenMacros
from bpfgen.importer.from_c.preprocessing import included
from bpfgen.importer.from_c.relevance import Relevance
from bpfgen.importer.from_c.view import Views
from bpfgen.record import TYPE_CHECKING, MutableRecord

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from bpfgen.compiler import Options
    from bpfgen.conditions import Assignment, Condition, Guard
    from bpfgen.importer.from_c.conditionals import Branch, Conditional
    from bpfgen.importer.from_c.lines import Line
    from bpfgen.importer.from_c.merging import Readings, Stretches
    from bpfgen.importer.from_c.unit import Unit
    from bpfgen.importer.from_c.view import View

MOST_VIEWS = 16
"""So many views of one file are read; conditions that would need more stay decided."""

_MOST_ROUNDS = 8
_LARGEST = 1 << 20


class _Case(MutableRecord):
    """What is asked of the file in one round.

    Attributes:
        conditionals: Those of the unit.
        relevance: What they concern.
        conditions: Of branches, by the number of the conditional and their own.
        others: Conditions that tell the cases of a branch apart that has none itself.
        own: For each conditional, those that define what it asks for.
        rows: The assignments to be read.
        kept: The conditionals of which the rows are all cases.
        left: Branches with conditions that stay decided, since there would be too many rows.
    """

    conditionals: Conditionals
    relevance: Relevance
    conditions: dict[tuple[int, int], Condition]
    others: dict[tuple[int, int], list[Condition]]
    own: dict[int, set[int]]
    rows: tuple[Assignment, ...]
    left: list[Branch]
    kept: frozenset[int]

    def guard_of(self, number: int, branch: int) -> Guard:
        """Return what has to hold for the *branch* of a conditional to be there."""
        one = self.conditionals.all[number]
        around = self.conditionals.around(one.branches[0].place)
        return self._guard([*around, (number, branch)])

    def guard_around(self, place: int) -> Guard:
        """Return what has to hold for the line *place* to be there."""
        return self._guard(self.conditionals.around(place))

    def _guard(self, path: list[tuple[int, int]]) -> Guard:
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

    def whole(
        self, numbers: Iterable[int], known: Iterable[tuple[Condition, bool]] = ()
    ) -> list[Condition]:
        """Return what has to hold for each branch of *numbers*, each once, but what is *known*."""
        given = {(condition.text, wanted) for condition, wanted in known}
        found: dict[str, Condition] = {}
        for guard in self.guards(numbers):
            left = [(each, wanted) for each, wanted in guard if (each.text, wanted) not in given]
            if left:
                whole = conjunction(left)
                found.setdefault(whole.text, whole)
        return list(found.values())


class Cases:
    """Finds the views that *read* reads, of the file *path*; the *options* are its command's."""

    def __init__(self, read: Callable[[Assignment], View], path: str, options: Options) -> None:
        self._read = read
        self._directory = os.path.dirname(path)
        self._options = options
        self._headers: dict[str, bool] = {}

    def _brings_maps(self, line: Line) -> bool:
        """Whether the header that *line* includes seems to define maps; nobody has read it yet."""
        name = included(line)
        beside = os.path.join(self._directory, os.path.dirname(line.file))
        for directory in (beside, *self._options.include_directories):
            path = os.path.join(directory, name)
            if path not in self._headers:
                self._headers[path] = _has_signs(path)
            if self._headers[path]:
                return True
        return False

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
            branches = _Activity(read, rows, case).branches()
            return Views(read, list(rows), branches, self._read, case.left, case.kept)
        return None

    def _case(self, read: list[View]) -> _Case:
        """Return what there is to be asked, as far as the views *read* show."""
        unit = read[0].unit
        conditionals = Conditionals(unit.raw)
        bodies = {body for view in read for body in view.bodies}
        relevance = Relevance(conditionals, unit.raw, bodies, self._brings_maps)
        case = _Case(conditionals, relevance, {}, {}, {}, ((),), [], frozenset())
        stretches = {
            (one.place, one.last)
            for view in read
            for one in view.placed(every_include=False)
            if one.place >= 0
        }
        words = set().union(*(case.relevance.words(*stretch) for stretch in stretches))
        open = OpenMacros(unit, conditionals, words, self._options.undefined)
        self._ask(case, unit, open)
        said = case.conditions.keys() | case.others.keys()
        unsaid = {
            one.number
            for one in conditionals.all
            for at, branch in enumerate(one.branches)
            if (one.number, at) not in said and open.names_in(branch)
        }
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
                case.kept = frozenset(numbers - unsaid)
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


def _has_signs(path: str) -> bool:
    """Whether the file *path* has signs of maps; one that is too large or isn't there has none."""
    try:
        if os.path.getsize(path) > _LARGEST:
            return False
        with open(path, "rb") as stream:
            return SIGNS_OF_MAPS.search(stream.read().decode("utf-8", "replace")) is not None
    except (OSError, ValueError):
        return False


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
        self._varying = {one.number for one in case.conditionals.all if self._varies(one)}
        self._conditions: dict[int, tuple[Condition, ...]] = {}

    def branches(self) -> Branches:
        """Return what there is to know of the branches."""
        return Branches(self._around, self._in, self._describe)

    def _outside(self, conditional: Conditional) -> Readings:
        """Return the views in which *conditional* is looked at."""
        outer = conditional.outer
        return self._everywhere if outer is None else self._active.get(outer, self._everywhere)

    def _varies(self, conditional: Conditional) -> bool:
        """Whether a source has to say what *conditional* says: it isn't the same in all views.

        One that is the same in all that are read is said as well, where its own conditions can be:
        a value that nobody has tried may still make a difference.
        """
        outside = self._outside(conditional)
        numbers = range(len(conditional.branches))
        if any(part and part != outside for part in map(self._part(conditional), numbers)):
            return True
        left = outside
        for at in numbers:
            condition = self._case.conditions.get((conditional.number, at))
            active = self._active[conditional.number, at]
            if condition is None:
                return at > 0 and conditional.branches[at].word == "else"
            if not self._is_right(condition, active, left):
                return False
            left -= active
        return bool(numbers)

    def _part(self, conditional: Conditional) -> Callable[[int], Readings]:
        return lambda at: self._active[conditional.number, at]

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
                known = self._case.guard_of(conditional.number, at)[:-1]
                numbers = self._case.with_own({conditional.number})
                condition = self._described(numbers, known, active, left)
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
        path = []
        for number, branch in self._case.conditionals.around(place):
            if number in self._varying:
                if number not in self._conditions:
                    conditional = self._case.conditionals.all[number]
                    self._conditions[number] = self._conditions_of(conditional)
                path.append(Within((number,), branch, self._conditions[number][: branch + 1]))
        return tuple(path)

    def _in(self, path: tuple[Within, ...]) -> Readings:
        return self._active[path[-1].chain[0], path[-1].branch] if path else self._everywhere

    def _describe(self, stretches: Stretches, chosen: Readings, among: Readings) -> Condition:
        concerning = [self._case.concerning(*stretch) for stretch in stretches]
        known: Guard = ()
        if len(stretches) == 1:
            [(first, _last)] = stretches
            known = self._case.guard_around(first)
        return self._described(set().union(*concerning), known, chosen, among)

    def _described(
        self, numbers: set[int], known: Guard, chosen: Readings, among: Readings
    ) -> Condition:
        """Return the condition that tells the views *chosen* from the others *among* them.

        It is made of whole branches of the conditionals *numbers* if it can be, since of those
        every combination has been read. What is *known* holds in all of them.

        Raises:
            ValueError: There is none.
        """
        rows = [self._rows[number] for number in sorted(among)]
        those = [self._rows[number] for number in sorted(chosen)]
        return describe(those, rows, self._case.whole(numbers, known))
