"""A source with conditions, compiled once for each case; what is said of it, said once.

The first run, with what `-D` and `-U` say and nothing else defined, finds the conditions. From
these come the cases, and from the cases the variants; a file that only one of them imports may have
conditions of its own, so this goes on until nothing new is found. Loaded where there is `when`.
"""

from __future__ import annotations

from bpfgen.conditions.assignments import MOST_TOGETHER, TooManyCases, assignments
from bpfgen.conditions.cases import is_active, truths
from bpfgen.conditions.describing import described
from bpfgen.conditions.macros import command_line
from bpfgen.providers.dependences import places_of
from bpfgen.record import TYPE_CHECKING, Record, replace
from bpfgen.text.diagnostics import WARNING, Report
from bpfgen.text.source import Span

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping, Sequence

    from bpfgen.conditions.evaluation import Assignment, Guard
    from bpfgen.conditions.places import Places
    from bpfgen.providers.cases import Cases
    from bpfgen.providers.front import Compiled
    from bpfgen.syntax.tree import File
    from bpfgen.text.diagnostics import Diagnostic
    from bpfgen.text.source import Source


class Variants(Record):
    """What all the runs came to.

    Attributes:
        cases: The assignments with their runs; one without a macro where nothing depends on one.
        diagnostics: What is to be said of all of them.
        trees: As of one run, of all of them.
        dependencies: The same.
        undecided: The macros that neither `-D` nor `-U` gives.
        places: Which conditions decide about which part of the file.
    """

    cases: list[tuple[Assignment, Compiled]]
    diagnostics: list[Diagnostic]
    trees: list[File]
    dependencies: list[str]
    undecided: tuple[str, ...]
    places: Places


def compile_cases(
    source: Source, cases: Cases, first: Compiled, compile_case: Callable[[], Compiled]
) -> Variants:
    """Return what *source* comes to in all its cases.

    Args:
        cases: The conditions, as the run that came to *first* found them.
        compile_case: Compiles the file for the case that *cases* are set to.
    """
    runs: dict[Assignment, Compiled] = {_key(tuple(cases.given.items()), cases): first}
    report = cases.report
    while True:
        trees = _trees(runs.values())
        places = places_of(trees, cases.files)
        refused = Report()
        rows = _rows(source, cases, places, refused)
        for row in rows:
            if _key(row, cases) not in runs:
                cases.macros = dict(row)
                runs[_key(row, cases)] = compile_case()
        if len(_trees(runs.values())) == len(trees):
            break
    report.extend(refused)
    done = [(row, runs[_key(row, cases)]) for row in rows]
    if not rows:
        _report_valueless(cases, report)
        done = [((), first)]
    else:
        _report_given(cases, dict(rows[0]), report)
        _report_never(cases, rows, report)
    compiled = [run for _row, run in done]
    reports = [run.report.diagnostics for run in compiled]
    everything = Report()
    everything.extend([*report, *(said_once(rows, reports, places) if rows else first.report)])
    undecided = tuple(name for name in cases.listed if name not in cases.given)
    return Variants(
        done,
        everything.in_source_order(),
        _trees(compiled),
        list(dict.fromkeys(path for run in compiled for path in run.dependencies)),
        undecided,
        places[source.name],
    )


def _key(row: Assignment, cases: Cases) -> Assignment:
    """Return *row* without the macros that aren't defined: that is what a macro nobody met is."""
    return tuple(
        (name, value) for name, value in sorted(row) if value is not None and name in cases.listed
    )


def _trees(runs: Collection[Compiled]) -> list[File]:
    """Return the trees of all *runs*, each file once."""
    trees = {tree.source.name: tree for run in runs for tree in run.trees}
    return list(trees.values())


def _rows(
    source: Source, cases: Cases, places: dict[str, Places], report: Report
) -> tuple[Assignment, ...]:
    """Return the cases; a declaration that has too many is reported and left out of account."""
    guards = [block.guard for place in places.values() for block in place.blocks]
    dependences = [
        (name, one) for name, place in places.items() for one in place.dependences if one.guards
    ]
    while True:
        try:
            return assignments(guards, [one.guards for _name, one in dependences], cases.given)
        except TooManyCases as error:
            name, one = dependences[error.group]
            dependences = [d for d in dependences if d[1].guards != one.guards]
            file = cases.files.get(name)
            text = source if file is None else file.tree.source
            report.error(
                "too-many-variants",
                f"the conditions that this depends on come out in more than {MOST_TOGETHER} ways",
                Span(text, one.start, one.end),
                notes=(
                    f"it depends on {len(one.guards)} branches, those of what it uses included",
                ),
                help="divide it, or use fewer macros",
            )


def _report_valueless(cases: Cases, report: Report) -> None:
    """Report that the conditions have no value, whatever macros are."""
    branch = next(b for file in cases.files.values() for b in file.branches if b.guard)
    message = "the conditions of this file have no value together, whatever the macros are"
    report.error("condition", message, branch.span, help="don't divide by a macro that may be 0")


def _report_given(cases: Cases, first: dict[str, int | None], report: Report) -> None:
    """Report what `-D` and `-U` say of macros with which conditions have no value."""
    wrong = [name for name, value in cases.given.items() if first.get(name, value) != value]
    if not wrong:
        return
    given = [(name, cases.given[name]) for name in wrong]
    branch = next(
        branch
        for file in cases.files.values()
        for branch in file.branches
        if any(name in condition.macros for condition, _ in branch.guard or () for name in wrong)
    )
    report.error(
        "condition",
        f"with `{command_line(tuple(given))}` a condition has no value in C",
        branch.span,
        notes=("it divides by zero, or shifts too far",),
    )


def _report_never(cases: Cases, rows: Sequence[Assignment], report: Report) -> None:
    """Warn of branches that no tried value makes active."""
    truths_of = [truths(dict(row)) for row in rows]
    for file in cases.files.values():
        silent: list[tuple[int, int]] = []
        for branch in file.branches:
            if branch.guard is None or any(s <= branch.start < e for s, e in silent):
                continue
            if any(is_active(branch.guard, holds) for holds in truths_of):
                continue
            silent.append((branch.start, branch.end))
            is_else = branch.span.start == branch.start
            what = "this `else`" if is_else else "this branch"
            span = (
                Span(branch.span.source, branch.start, branch.start + 1) if is_else else branch.span
            )
            report.error(
                "condition-never",
                f"{what} is never there: no value that was tried for the macros makes it so",
                span,
                notes=(
                    "macros were tried undefined, 0, 1, and around what they are compared with",
                ),
                help="remove it, or correct its condition",
                severity=WARNING,
            )


def said_once(
    rows: Sequence[Assignment], said: Sequence[Sequence[Diagnostic]], places: Mapping[str, Places]
) -> list[Diagnostic]:
    """Return what is *said* of each of the variants *rows*, each thing once, and where it holds.

    *places* has the conditions of each file by its name.
    """
    return _Merge(rows, places).diagnostics(said)


class _Merge:
    """The diagnostics of several variants as those of one source."""

    def __init__(self, rows: Sequence[Assignment], places: Mapping[str, Places]) -> None:
        self._rows = rows
        self._places = places
        self._described: dict[tuple[int, tuple[int, ...]], str] = {}

    def diagnostics(self, said: Sequence[Sequence[Diagnostic]]) -> list[Diagnostic]:
        """Return what is *said* of each variant, each thing once."""
        first: dict[object, Diagnostic] = {}
        where: dict[object, dict[int, None]] = {}
        for number, diagnostics in enumerate(said):
            for diagnostic in diagnostics:
                key = _identity(diagnostic)
                first.setdefault(key, diagnostic)
                where.setdefault(key, {})[number] = None
        result = []
        for key, diagnostic in first.items():
            if len(where[key]) == len(said):
                result.append(diagnostic)
            elif diagnostic.code != "unknown-definition" or diagnostic.severity != WARNING:
                note = f"where {self._condition(diagnostic, tuple(where[key]))}"
                result.append(replace(diagnostic, notes=(*diagnostic.notes, note)))
        return result

    def _condition(self, diagnostic: Diagnostic, numbers: tuple[int, ...]) -> str:
        """Return, as text, where *diagnostic* holds, which was said in the runs *numbers*."""
        name, offset = "", 0
        if diagnostic.span is not None:
            name, offset = diagnostic.span.source.name, diagnostic.span.start
        place = self._places.get(name)
        own: tuple[Guard, ...] = () if place is None else place.guards_of(offset)
        key = (id(own), numbers)
        if key not in self._described:
            chosen = [self._rows[number] for number in numbers]
            self._described[key] = self._description(own, chosen)
        return self._described[key]

    def _description(self, own: tuple[Guard, ...], chosen: list[Assignment]) -> str:
        every = dict.fromkeys(
            block.guard for place in self._places.values() for block in place.blocks
        )
        return described(chosen, self._rows, (own, every))


def _identity(diagnostic: Diagnostic) -> object:
    """Return what makes *diagnostic* the same in two variants."""
    span = diagnostic.span
    place = None if span is None else (span.source.name, span.start, span.end)
    return diagnostic.code, diagnostic.severity, diagnostic.message, place, diagnostic.map
