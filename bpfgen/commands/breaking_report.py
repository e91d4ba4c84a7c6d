"""Findings of `bpfgen breaking` as diagnostics, and the lines that count them."""

from __future__ import annotations

from bpfgen.changes.finding import UNCOMPARED
from bpfgen.record import TYPE_CHECKING, replace
from bpfgen.text.diagnostics import ERROR, WARNING, Diagnostic, Label
from bpfgen.text.source import Source, Span

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from bpfgen.changes.categories import Asked
    from bpfgen.changes.finding import Finding
    from bpfgen.commands.breaking_result import Result
    from bpfgen.sides.operands import Compared

_LISTED = 8
"""How many maps or files are named of those that one finding concerns."""


_UNHAD = "can't be compared"


def diagnostic_of(finding: Finding, pair: Compared) -> Diagnostic:
    """Return *finding* as a diagnostic at NEW's place, with a label at OLD's in another text."""
    old, new = finding.old, finding.new
    said = f"was {old.value}" if old.value else "in OLD"
    labels = () if old.span is None else (Label(old.span, said),)
    return Diagnostic(
        finding.code,
        finding.message if new.span is not None else f"{pair.file}: {finding.message}",
        new.span,
        label=new.value,
        labels=labels,
        notes=tuple(_notes(finding, pair)),
        help="\nor ".join(finding.ways),
        severity=WARNING if finding.code == UNCOMPARED else ERROR,
        map=finding.maps[0] if finding.maps else None,
        subject=finding.subject,
    )


def _notes(finding: Finding, pair: Compared) -> Iterator[str]:
    """Yield what no place in a text shows of *finding*, what comes of it, and where it is so."""
    sides = ("was", finding.old, pair.old), ("is", finding.new, pair.new)
    unplaced = [
        f"{verb} {side.value} in {place.name}"
        for verb, side, place in sides
        if side.value and side.span is None and place is not None
    ]
    if unplaced:
        yield ", ".join(unplaced)
    maps = finding.maps
    if maps and (len(maps) > 1 or finding.subject.kind != "map"):
        yield f"this concerns map{'s' * (len(maps) > 1)} {_listed(maps)}"
    if finding.also_in:
        yield f"it is the same in {_listed(finding.also_in)}"
    yield from finding.happens
    if finding.where:
        yield f"where {finding.where}"


def _listed(names: Sequence[str]) -> str:
    listed = ", ".join(f"`{name}`" for name in names[:_LISTED])
    return listed + (f" and {len(names) - _LISTED} more" if len(names) > _LISTED else "")


def annotation_of(finding: Finding, pair: Compared) -> Diagnostic:
    """Return *finding* as a diagnostic for a program that shows it in a file: it has a place.

    What is gone from NEW stands where its file begins.
    """
    diagnostic = diagnostic_of(finding, pair)
    if diagnostic.span is None:
        start = Span(Source(pair.file, ""), 0, 0)
        diagnostic = replace(diagnostic, message=finding.message, span=start)
    return by_paths(diagnostic)


def key_of(diagnostic: Diagnostic) -> object:
    """Return what *diagnostic* has in common with itself in another file; None without a place."""
    from bpfgen.sides.places import file_of

    span = diagnostic.span
    if span is None:
        return None
    return diagnostic.code, diagnostic.message, file_of(span.source.name), span.start, span.end


def by_paths(diagnostic: Diagnostic) -> Diagnostic:
    """Return *diagnostic* with each file called by its path, and the revision said in words."""
    from bpfgen.sides.places import file_of

    named: dict[str, Source] = {}

    def by_path(span: Span) -> Span:
        name, text = span.source.name, span.source.text
        source = named.setdefault(name, Source(file_of(name), text))
        return Span(source, span.start, span.end)

    labels = tuple(
        Label(by_path(label.span), f"{label.text}{_revision(label.span)}")
        for label in diagnostic.labels
    )
    span = None if diagnostic.span is None else by_path(diagnostic.span)
    return replace(diagnostic, span=span, labels=labels)


def _revision(span: Span) -> str:
    """Return in which revision the text at *span* is, to stand after other words."""
    from bpfgen.git.words import is_git, parts_of

    name = span.source.name
    return f" in {parts_of(name)[0].typed}" if is_git(name) else ""


def summary(results: Sequence[Result], asked: Asked) -> str:
    """Return what was found of each category: a line for each source that has some, and of all.

    Of several sources those have a line, too, that couldn't be had.
    """
    from bpfgen.ctype.describe import counted
    from bpfgen.text.render import printable

    compared = [one for one in results if one.is_compared]
    lines = [
        f"{printable(_title(one))}: {_counts([one], asked) if one.is_compared else _UNHAD}"
        for one in results
        if len(results) > 1 or one.is_compared
        if not one.is_compared or len(compared) == 1 or one.found or _is_moved(one)
    ]
    if len(compared) > 1:
        number = counted(len(results), "source")
        if len(compared) < len(results):
            number = f"{len(compared)} of {number}"
        lines.append(f"{number}: {_counts(compared, asked)}")
    return "".join(f"{line}\n" for line in lines)


def _is_moved(result: Result) -> bool:
    pair = result.pair
    return pair.is_moved or pair.old is None or pair.new is None


def _title(result: Result) -> str:
    """Return which source *result* is of, and what it was compared with."""
    old, new = result.pair.old, result.pair.new
    if old is None:
        return f"{result.pair.path} (new)"
    if new is None:
        return f"{old.name} (gone)"
    return f"{new.name} against {old.name}"


def _counts(results: Sequence[Result], asked: Asked) -> str:
    """Return how many findings *results* have together, and of which categories there are none."""
    from bpfgen.changes.rules import RULES
    from bpfgen.ctype.describe import counted

    counts = dict.fromkeys(asked.categories, 0)
    for one in results:
        for finding in one.findings:
            counts[RULES[finding.code].category] += 1
    number = counted(sum(counts.values()), "finding")
    some = [name for name, found in counts.items() if found]
    none = ", ".join(name for name, found in counts.items() if not found)
    parts = []
    if len(some) == 1:
        parts.append(f"{number} of {some[0]}")
    elif some:
        parts.append(", ".join((number, *(f"{counts[name]} of {name}" for name in some))))
    if none:
        parts.append(f"{'none of' if some else 'nothing breaks of'} {none}")
    for word, found in (
        ("not compared", sum(len(one.uncompared) for one in results)),
        ("ignored", sum(len(one.ignored) for one in results)),
        ("allowed", sum(len(one.allowed) for one in results)),
    ):
        if found:
            parts.append(f"{found} {word}")
    return "; ".join(parts)
