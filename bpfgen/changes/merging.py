"""Findings that several maps or files share, each once: what is one change is one finding."""

from __future__ import annotations

from collections import Counter

from bpfgen.record import TYPE_CHECKING, replace

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from bpfgen.changes.finding import Finding
    from bpfgen.text.source import Span


def merged(findings: Iterable[Finding]) -> list[Finding]:
    """Return *findings*, those that say the same as one, with the maps of all.

    They stand where the first of them stood.
    """
    maps: dict[Finding, dict[str, None]] = {}
    for finding in findings:
        same = replace(finding, maps=())
        maps.setdefault(same, {}).update(dict.fromkeys(finding.maps))
    return [replace(finding, maps=tuple(names)) for finding, names in maps.items()]


def merged_files(
    files: Sequence[tuple[str, Sequence[Finding]]], path_of: Callable[[str], str]
) -> list[tuple[Finding, ...]]:
    """Return the findings of each of *files*, those of one place once, with the maps of all.

    They stay in the first file that has them. What has no place, as that of a header of C, is the
    same where it says the same.

    Args:
        files: What each is called, and its findings.
        path_of: The path of a file that messages call so, one for each file.
    """
    kept: list[dict[object, Finding]] = [{} for _file in files]
    first: dict[object, int] = {}
    for number, (name, findings) in enumerate(files):
        counts: Counter[object] = Counter()
        for finding in findings:
            same = _same(finding, path_of)
            counts[same] += 1
            key = same, counts[same]  # of one file each is a finding of its own
            where = first.setdefault(key, number)
            known = kept[where].setdefault(key, finding)
            if where != number:
                kept[where][key] = _with(known, finding, name)
    return [tuple(own.values()) for own in kept]


def _with(known: Finding, finding: Finding, file: str) -> Finding:
    """Return *known* with what *finding*, which is the same in *file*, adds to it."""
    return replace(
        known,
        maps=tuple(dict.fromkeys((*known.maps, *finding.maps))),
        happens=tuple(dict.fromkeys((*known.happens, *finding.happens))),
        also_in=(*known.also_in, file),
    )


def _same(finding: Finding, path_of: Callable[[str], str]) -> object:
    """Return what makes *finding* the one that another file has."""
    old, new = finding.old, finding.new
    return (
        *(finding.code, finding.message, finding.subject, finding.where, finding.allowed),
        *(old.value, new.value, _place(old.span, path_of), _place(new.span, path_of)),
    )


def _place(span: Span | None, path_of: Callable[[str], str]) -> object:
    if span is None:
        return None
    return path_of(span.source.name), span.source.text, span.start, span.end
