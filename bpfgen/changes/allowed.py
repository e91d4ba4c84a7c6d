"""What `// bpfgen: allow-break CODE because …` in NEW allows of what was found.

After the categories. A comment speaks of one change: it counts if OLD hasn't got the same one, with
the same reason, in whatever place. So none need be removed, and none allows what comes later.

It holds where an allowance of a diagnostic would: above a declaration, or on its first line, for
the whole of it; inside one, for its own line and the next. What is gone has no place of its own: of
a declaration that is still there a comment anywhere in it holds, or above it; of a map or type that
is gone, one that stands in no declaration, wherever that is in the file.
"""

from __future__ import annotations

from bpfgen.changes.finding import UNCOMPARED
from bpfgen.changes.rules import RULES
from bpfgen.record import TYPE_CHECKING, Record, replace
from bpfgen.rules.allowances import places_of
from bpfgen.text.diagnostics import WARNING, Diagnostic

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence
    from typing import TypeAlias

    from bpfgen.changes.finding import Finding
    from bpfgen.rules.allowances import Place
    from bpfgen.syntax.tree import File
    from bpfgen.text.source import Span

    Trees: TypeAlias = Sequence[File]


class Allowing(Record):
    """The trees of one file of a run, and of what it imports, in which something is allowed.

    Attributes:
        name: Of NEW.
        old: Those of OLD.
        new: Those of NEW.
    """

    name: str
    old: tuple[File, ...] = ()
    new: tuple[File, ...] = ()


class Allowed(Record):
    """What came of one file: its findings, those that are allowed with the reason, and warnings."""

    findings: tuple[Finding, ...]
    warnings: tuple[Diagnostic, ...] = ()


def allowed(
    found: Sequence[Sequence[Finding]], files: Sequence[Allowing], categories: Collection[str]
) -> list[Allowed]:
    """Return what was *found* of each of *files*, with the reasons why some of it is allowed.

    A comment that is new and allows nothing becomes a warning, unless it is about one of the
    categories that weren't asked for.
    """
    scopes = [[*_scopes(file)] for file in files]
    by_file: dict[str, dict[tuple[str, int], _Scope]] = {}
    for scope in (scope for of_file in scopes for scope in of_file):
        # A file that several import is there several times, and its comments once.
        place = (scope.place.allowance.code, scope.place.first)
        by_file.setdefault(scope.file, {}).setdefault(place, scope)
    marked = [
        tuple(_with_reason(finding, file, by_file) for finding in findings)
        for findings, file in zip(found, files, strict=True)
    ]
    return [
        Allowed(findings, tuple(_warnings(by_file.get(file.name, {}).values(), categories)))
        for findings, file in zip(marked, files, strict=True)
    ]


class _Scope:
    """Where one comment holds, and whether it was of use."""

    __slots__ = ("file", "is_old", "place", "used")

    def __init__(self, place: Place, file: str, *, is_old: bool) -> None:
        self.place = place
        self.file = file
        self.is_old = is_old
        self.used = False

    def holds(self, finding: Finding) -> bool:
        """Return whether it is about *finding*, which is in its file."""
        place = self.place
        if place.allowance.code != finding.code:
            return False
        if finding.new.span is None:
            return place.around is None
        line = finding.new.span.line
        if place.first <= line <= place.last:
            return True
        is_gone = not finding.new.value
        return is_gone and place.around is not None and place.around[0] <= line <= place.around[1]


def _scopes(file: Allowing) -> Iterable[_Scope]:
    known = {(one.code, one.reason) for tree in file.old for one in tree.break_allowances}
    for tree in file.new:
        for place in places_of(tree, tree.break_allowances):
            is_old = (place.allowance.code, place.allowance.reason) in known
            yield _Scope(place, tree.source.name, is_old=is_old)


def _with_reason(
    finding: Finding, file: Allowing, scopes: dict[str, dict[tuple[str, int], _Scope]]
) -> Finding:
    """Return *finding* with the reason why it is allowed, if it is."""
    span = finding.new.span
    if finding.code == UNCOMPARED:
        return finding
    for scope in scopes.get(_file_of(span, file), {}).values():
        if scope.holds(finding):
            scope.used = True
            if not scope.is_old:
                return replace(finding, allowed=scope.place.allowance.reason)
    return finding


def _file_of(span: Span | None, file: Allowing) -> str:
    return file.name if span is None else span.source.name


def _warnings(scopes: Iterable[_Scope], categories: Collection[str]) -> Iterable[Diagnostic]:
    """Yield what is to be said of the comments of one file."""
    for scope in scopes:
        allowance = scope.place.allowance
        code = allowance.code
        rule = RULES.get(code)
        advice = "remove the comment"
        if rule is None:
            from bpfgen.text.codes import CODES
            from bpfgen.text.spelling import did_you_mean

            message = f"there is nothing called `{code}` that a change breaks"
            if code in CODES:
                advice = f"write `// bpfgen: allow {code} because {allowance.reason}`"
            else:
                advice = did_you_mean(code, RULES) or "`bpfgen explain` lists the codes"
            if scope.is_old:
                continue
        elif scope.is_old and scope.used:
            message = f"OLD has this comment, too: it allowed another `{code}`, and not this one"
            advice = "say why this change may break it, in words of its own"
        elif scope.is_old or scope.used or rule.category not in categories:
            continue
        else:
            message = f"nothing here needs `{code}` to be allowed"
        yield Diagnostic("unused-allowance", message, allowance.span, help=advice, severity=WARNING)
