"""`bpfgen breaking --format json`: one object, for programs."""

from __future__ import annotations

from json import dumps

from bpfgen.changes.rules import RULES
from bpfgen.commands.terminal import write_output
from bpfgen.record import TYPE_CHECKING
from bpfgen.text.machine_formats import json_object, json_place

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

    from bpfgen.changes.categories import Asked
    from bpfgen.changes.finding import Finding, Side
    from bpfgen.commands.breaking_result import Result

FORMAT = 1
"""It grows when a key goes or changes its meaning; a new key doesn't raise it."""


def written(results: Sequence[Result], asked: Asked) -> None:
    """Write *results* to standard output."""
    record = {
        "format": FORMAT,
        "categories": list(asked.categories),
        "sources": [
            {
                "path": one.pair.path,
                "old": None if one.pair.old is None else one.pair.old.name,
                "new": None if one.pair.new is None else one.pair.new.name,
                "findings": [_finding(finding) for finding in one.findings],
                "uncompared": [_uncompared(finding) for finding in one.uncompared],
                "errors": [json_object(error) for error in one.errors],
            }
            for one in results
        ],
    }
    write_output(f"{dumps(record)}\n")


def _uncompared(finding: Finding) -> dict[str, Any]:
    return {"message": finding.message, "maps": list(finding.maps)}


def _finding(finding: Finding) -> dict[str, Any]:
    subject = finding.subject
    return {
        "code": finding.code,
        "category": RULES[finding.code].category,
        "message": finding.message,
        "subject": {"kind": subject.kind, "name": subject.name, "part": subject.part or None},
        "maps": list(finding.maps),
        "old": _side(finding.old),
        "new": _side(finding.new),
        "happens": list(finding.happens),
        "ways": list(finding.ways),
        "where": finding.where or None,
    }


def _side(side: Side) -> dict[str, Any]:
    return {"value": side.value or None, **json_place(side.span)}
