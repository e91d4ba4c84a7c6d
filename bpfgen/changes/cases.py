"""Sources with conditions: OLD and NEW of each file, for every case that both can be in.

Between two opened sources and the comparison of models. A case says what each macro of the run is.
The cases are those of the conditions of both sides together, so that what a map was under some of
them is held against what it is there now, in every combination that macros can bring about; each is
one that a program can be compiled in. Of more combinations of one map's conditions than are tried,
those of each side alone are.
"""

from __future__ import annotations

from bisect import bisect_right

from bpfgen.changes.categories import CATEGORIES
from bpfgen.changes.pairs import pairs_of_files
from bpfgen.changes.rules import RULES
from bpfgen.conditions import TooManyCases, assignments, guard_holds
from bpfgen.conditions.describing import described
from bpfgen.model.maps import Map
from bpfgen.model.model import TypeDeclaration
from bpfgen.record import TYPE_CHECKING, Record, replace

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from bpfgen.changes.finding import Finding, Side
    from bpfgen.changes.pairs import Pairs
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
    findings: Callable[[Pairs], list[Finding]],
    *,
    is_running: bool = False,
) -> list[list[Finding]]:
    """Return what *findings* are of each of *files*, OLD and NEW, in all cases, each thing once.

    What doesn't hold in every case says where it does.
    """
    versions = [[_Models(version) for version in pair] for pair in files]
    rows = _rows(files)
    if not rows:
        pairs = pairs_of_files([(o.model, n.model) for o, n in files], is_running=is_running)
        return [findings(one) for one in pairs]
    merged = [_Merge(rows, old, new) for old, new in files]
    compared: dict[object, list[Finding]] = {}
    alive = []  # what the keys of *compared* are the identities of
    for row in rows:
        models = [(old.of(row), new.of(row)) for old, new in versions]
        alive.append(models)
        for merge, pairs_of_file in zip(
            merged, pairs_of_files(models, is_running=is_running), strict=True
        ):
            key = _identity(pairs_of_file)
            if key not in compared:
                compared[key] = findings(pairs_of_file)
            merge.add(row, compared[key])
    return [one.findings() for one in merged]


def _identity(pairs: Pairs) -> object:
    """Return what makes a comparison of *pairs* the same as one that was made."""
    maps = tuple((id(pair.old), id(pair.new)) for pair in pairs.maps)
    types = tuple((id(pair.old), id(pair.new)) for pair in pairs.types)
    return id(pairs.old), id(pairs.new), maps, types


class _Models:
    """The models of one version, each made once."""

    def __init__(self, version: Version) -> None:
        self._version = version
        self._guards = tuple(dict.fromkeys(_guards(version)))
        self._known: dict[tuple[bool, ...], Model] = {}
        for assignment, model in version.variants:
            self._known.setdefault(self._truths(assignment), model)

    def of(self, row: Assignment) -> Model:
        """Return what the version is with the macros of *row*."""
        version = self._version
        if version.case is None or not version.variants:
            return version.model
        truths = self._truths(row)
        if truths not in self._known:
            self._known[truths] = version.case(row)
        return self._known[truths]

    def _truths(self, row: Assignment) -> tuple[bool, ...]:
        return tuple(guard_holds(guard, row) for guard in self._guards)


def _rows(files: Sequence[tuple[Version, Version]]) -> tuple[Assignment, ...]:
    """Return the cases of a run; none where nothing is to be decided."""
    versions = [version for pair in files for version in pair if version.variants]
    if not versions:
        return ()
    given = {name: value for version in versions for name, value in version.given}
    guards = [guard for version in versions for guard in _guards(version)]
    groups: dict[tuple[Guard, ...], None] = {}
    for version in versions:
        assert version.places is not None
        groups |= {one.guards: None for one in version.places.dependences if one.guards}
    for old, new in files:
        own, other = _Named(old), _Named(new)
        for name in own.names:
            both = dict.fromkeys((*own.guards_of_name(name), *other.guards_of_name(name)))
            groups[tuple(both)] = None
    together = [group for group in groups if group]
    while True:
        try:
            return assignments(guards, together, given, is_fixed=True)
        except TooManyCases as error:
            del together[error.group]


def _guards(version: Version) -> Iterator[Guard]:
    """Yield all that decides about something in *version*, as often as it does."""
    if version.places is not None and version.variants:
        yield from (block.guard for block in version.places.blocks)
        for dependence in version.places.dependences:
            yield from dependence.guards


class _Named:
    """What the declarations of one version depend on, by name and by place."""

    def __init__(self, version: Version) -> None:
        dependences = () if version.places is None else version.places.dependences
        self._dependences = dependences if version.variants else ()
        self._file = version.model.name
        self._starts = [one.start for one in self._dependences]
        self.names: dict[tuple[str, str], dict[Guard, None]] = {}
        for _assignment, model in version.variants:
            for declaration in model.declarations:
                for name in _names_of(declaration):
                    guards = self.names.setdefault(name, {})
                    guards.update(dict.fromkeys(self.guards_at(declaration.span)))

    def guards_of_name(self, name: tuple[str, str]) -> Iterable[Guard]:
        """Return what the declarations of *name*, of which there may be several, depend on."""
        return self.names.get(name, {})

    def guards_at(self, span: Span | None) -> tuple[Guard, ...]:
        """Return what the declaration at *span* depends on."""
        if span is None or span.source.name != self._file:
            return ()
        at = bisect_right(self._starts, span.start) - 1
        if at < 0 or span.start >= self._dependences[at].end:
            return ()
        return self._dependences[at].guards


def _names_of(declaration: Declaration) -> Iterator[tuple[str, str]]:
    """Yield what *declaration* declares, each with the kind of name that it is."""
    if isinstance(declaration, Map):
        yield "map", declaration.name
    elif isinstance(declaration, TypeDeclaration):
        if declaration.defines is not None and declaration.defines.tag:
            yield "tag", declaration.defines.tag
        yield from (("typedef", typedef.name) for typedef in declaration.typedefs)


class _Merge:
    """The findings of one file in several cases, as those of one change."""

    def __init__(self, rows: Sequence[Assignment], old: Version, new: Version) -> None:
        self._rows = rows
        self._sides = _Named(old), _Named(new)
        self._blocks = tuple(
            dict.fromkeys(
                block.guard
                for version in (old, new)
                if version.places is not None
                for block in version.places.blocks
            )
        )
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
                where = described(chosen, self._rows, (self._own(finding, maps), self._blocks))
            found.append(replace(finding, maps=maps, where=where))
        order = {code: list(CATEGORIES).index(rule.category) for code, rule in RULES.items()}
        return sorted(found, key=lambda one: order.get(one.code, len(order)))

    def _own(self, finding: Finding, maps: Iterable[str]) -> tuple[Guard, ...]:
        """Return what decides about *finding*."""
        guards: dict[Guard, None] = {}
        for named, side in zip(self._sides, (finding.old, finding.new), strict=True):
            guards.update(dict.fromkeys(named.guards_at(side.span)))
            for map in maps:
                guards.update(dict.fromkeys(named.guards_of_name(("map", map))))
        return tuple(guards)


def _place(side: Side) -> object:
    span = side.span
    return None if span is None else (span.source.name, span.start, span.end)
