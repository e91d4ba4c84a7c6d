"""Findings that several maps share, each once; below the categories that look at map after map."""

from __future__ import annotations

from bpfgen.record import TYPE_CHECKING, replace

if TYPE_CHECKING:
    from collections.abc import Iterable

    from bpfgen.changes.finding import Finding


def merged(findings: Iterable[Finding]) -> list[Finding]:
    """Return *findings*, those that say the same as one, with the maps of all.

    They stand where the first of them stood.
    """
    maps: dict[Finding, dict[str, None]] = {}
    for finding in findings:
        same = replace(finding, maps=())
        maps.setdefault(same, {}).update(dict.fromkeys(finding.maps))
    return [replace(finding, maps=tuple(names)) for finding, names in maps.items()]
