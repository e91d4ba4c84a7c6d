"""Sources with conditions: OLD and NEW of each file, for every case that both can be in.

Between two opened sources and the comparison of models. A case says what each macro of the run is.
The cases are those of the conditions of both sides together, so that what a map was under some of
them is held against what it is there now, in every combination that macros can bring about; each is
one that a program can be compiled in. Of more combinations of one map's conditions than are tried,
those of each side alone are.
"""

from __future__ import annotations

from bisect import bisect_right
from itertools import chain

from bpfgen.changes.categories import CATEGORIES
from bpfgen.changes.pairs import pairs_of_files
from bpfgen.changes.rules import RULES
from bpfgen.changes.type_pairs import types_in
from bpfgen.conditions import TooManyCases, assignments, guard_holds
from bpfgen.conditions.describing import described
from bpfgen.model.maps import Map
from bpfgen.model.model import TypeDeclaration
from bpfgen.record import TYPE_CHECKING, Record, replace

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from bpfgen.changes.finding import Finding, Side
    from bpfgen.changes.pairs import Pairs
    from bpfgen.changes.type_pairs import Name
    from bpfgen.conditions import Assignment, Guard, Places
    from bpfgen.model.model import Declaration, Model
    from bpfgen.text.source import Span


class Version(Record):
    """What a file of OLD or NEW may be.

    Attributes:
        model: What it is, or, with conditions, what it is in the first case; its name is that of
            the file.
        variants: What it is for which macros; empty where nothing is left to be decided.
        places: Which conditions decide about which part of it; None without variants.
        given: What is said of macros that it asks for (`-D` and `-U`).
        case: Compiles it for other values of its macros; None without variants.
    """

    model: Model
    variants: tuple[tuple[Assignment, Model], ...] = ()
    places: Places | None = None
    given: Assignment = ()
    case: Callable[[Assignment], Model] | None = None


def found_in_cases(
    files: Sequence[tuple[Version, Version]],
    findings: Callable[[Pairs, int], list[Finding]],
    cut: Sequence[tuple[frozenset[str], frozenset[str]]] = (),
) -> list[list[Finding]]:
    """Return what *findings* are of each of *files*, OLD and NEW, in all cases, each thing once.

    What doesn't hold in every case says where it does. *findings* is asked with the number of the
    file; *cut*: see :func:`bpfgen.changes.pairs.pairs_of_files`.
    """
    sides: list[tuple[_Conditions, _Conditions]] = []
    if any(version.variants for pair in files for version in pair):
        sides = [(_Conditions(old), _Conditions(new)) for old, new in files]
    rows = _rows(sides) if sides else ()
    if not rows:  # or the conditions have no value together, and each side is its first case
        pairs = pairs_of_files([(o.model, n.model) for o, n in files], cut)
        return [findings(one, number) for number, one in enumerate(pairs)]
    known = [old.names.keys() & new.names.keys() for old, new in sides]
    merged = [_Merge(rows, old, new) for old, new in sides]
    compared: dict[object, list[Finding]] = {}
    alive = []  # what the keys of *compared* are the identities of
    for row in rows:
        models = [(old.model_of(row), new.model_of(row)) for old, new in sides]
        alive.append(models)
        for number, pairs_of_file in enumerate(pairs_of_files(models, cut, known=known)):
            key = number, _identity(pairs_of_file)
            if key not in compared:
                compared[key] = findings(pairs_of_file, number)
            merged[number].add(row, compared[key])
    return [one.findings() for one in merged]


def _identity(pairs: Pairs) -> object:
    """Return what makes a comparison of *pairs* the same as one that was made."""
    maps = tuple((id(pair.old), id(pair.new)) for pair in pairs.maps)
    types = tuple((id(pair.old), id(pair.new)) for pair in pairs.types)
    return id(pairs.old), id(pairs.new), maps, types


class _Conditions:
    """One version: its model in each case, and what decides about its declarations.

    Attributes:
        names: The guards of what is declared, by (kind, name), in whatever case; `map` is the kind
            of maps.
        groups: Guards of what has to do with each other.
        blocks: The guards of all blocks.
    """

    def __init__(self, version: Version) -> None:
        self.version = version
        places = version.places if version.variants else None
        self._dependences = () if places is None else places.dependences
        self._starts = [one.start for one in self._dependences]
        self.groups = tuple(dict.fromkeys(one.guards for one in self._dependences if one.guards))
        self.blocks = (
            () if places is None else tuple(dict.fromkeys(block.guard for block in places.blocks))
        )
        self.names: dict[Name, dict[Guard, None]] = {}
        for _assignment, model in version.variants or (((), version.model),):
            for declaration in model.declarations:
                guards = dict.fromkeys(self.guards_at(declaration.span))
                for name in _names_of(declaration):
                    self.names.setdefault(name, {}).update(guards)
        self.guards = tuple(dict.fromkeys((*self.blocks, *chain.from_iterable(self.groups))))
        self._models: dict[tuple[bool, ...], Model] = {}
        for assignment, model in version.variants:
            self._models.setdefault(self._truths(assignment), model)

    def model_of(self, row: Assignment) -> Model:
        """Return what the version is with the macros of *row*."""
        version = self.version
        if version.case is None or not version.variants:
            return version.model
        truths = self._truths(row)
        if truths not in self._models:
            self._models[truths] = version.case(row)
        return self._models[truths]

    def _truths(self, row: Assignment) -> tuple[bool, ...]:
        return tuple(guard_holds(guard, row) for guard in self.guards)

    def guards_at(self, span: Span | None) -> tuple[Guard, ...]:
        """Return what the declaration at *span* depends on."""
        if span is None or span.source.name != self.version.model.name:
            return ()
        at = bisect_right(self._starts, span.start) - 1
        if at < 0 or span.start >= self._dependences[at].end:
            return ()
        return self._dependences[at].guards

    def guards_but_of(self, other: _Conditions) -> Iterator[Guard]:
        """Yield what the declarations depend on whose names *other* hasn't."""
        for name, guards in self.names.items():
            if name not in other.names:
                yield from guards


def _rows(sides: Sequence[tuple[_Conditions, _Conditions]]) -> tuple[Assignment, ...]:
    """Return the cases of a run."""
    every = [one for pair in sides for one in pair]
    given = {name: value for one in every for name, value in one.version.given}
    groups: dict[tuple[Guard, ...], None] = {}
    for one in every:
        groups.update(dict.fromkeys(one.groups))
    for old, new in sides:
        for name in old.names.keys() & new.names.keys():
            groups[_joined(old.names[name], new.names[name])] = None
        # What may have been renamed.
        groups[_joined(old.guards_but_of(new), new.guards_but_of(old))] = None
    together = [group for group in groups if group]
    guards = [guard for one in every for guard in one.guards]
    while True:
        try:
            return assignments(guards, together, given, is_fixed=True)
        except TooManyCases as error:
            del together[error.group]


def _joined(*guards: Iterable[Guard]) -> tuple[Guard, ...]:
    return tuple(dict.fromkeys(chain.from_iterable(guards)))


def _names_of(declaration: Declaration) -> Iterator[Name]:
    """Yield the (kind, name) of the maps and types in *declaration*."""
    if isinstance(declaration, Map):
        yield "map", declaration.name
    elif isinstance(declaration, TypeDeclaration):
        yield from (name for name, _type in types_in(declaration))


class _Merge:
    """The findings of one file in several cases, as those of one change."""

    def __init__(self, rows: Sequence[Assignment], old: _Conditions, new: _Conditions) -> None:
        self._rows = rows
        self._sides = old, new
        self._first: dict[object, Finding] = {}
        self._maps: dict[object, dict[str, None]] = {}
        self._chosen: dict[object, dict[Assignment, None]] = {}

    def add(self, row: Assignment, found: Iterable[Finding]) -> None:
        """Note what was *found* in the case *row*."""
        for finding in found:
            key = (
                *(finding.code, finding.message, finding.subject, finding.old, finding.new),
                *(_place(finding.old), _place(finding.new)),
            )
            self._first.setdefault(key, finding)
            self._maps.setdefault(key, {}).update(dict.fromkeys(finding.maps))
            self._chosen.setdefault(key, {})[row] = None

    def findings(self) -> list[Finding]:
        """Return all that was found, in the order of the categories."""
        found = []
        for key, finding in self._first.items():
            maps, chosen = tuple(self._maps[key]), self._chosen[key]
            where = ""
            if len(chosen) < len(self._rows):
                where = self._described(finding, maps, chosen)
            found.append(replace(finding, maps=maps, where=where))
        order = {code: list(CATEGORIES).index(rule.category) for code, rule in RULES.items()}
        return sorted(found, key=lambda one: order.get(one.code, len(order)))

    def _described(
        self, finding: Finding, maps: Iterable[str], chosen: dict[Assignment, None]
    ) -> str:
        old, new = self._sides
        blocks = _joined(old.blocks, new.blocks)
        return described(chosen, self._rows, (self._own(finding, maps), blocks))

    def _own(self, finding: Finding, maps: Iterable[str]) -> tuple[Guard, ...]:
        """Return what decides about *finding*."""
        guards: dict[Guard, None] = {}
        for conditions, side in zip(self._sides, (finding.old, finding.new), strict=True):
            guards.update(dict.fromkeys(conditions.guards_at(side.span)))
            for map in maps:
                guards.update(conditions.names.get(("map", map), {}))
        return tuple(guards)


def _place(side: Side) -> object:
    span = side.span
    return None if span is None else (span.source.name, span.start, span.end)
