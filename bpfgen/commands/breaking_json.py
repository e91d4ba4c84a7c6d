"""`bpfgen breaking --format json`: one object, as docs/breaking.schema.json describes it."""

from __future__ import annotations

from json import dumps

from bpfgen.changes.moves import moved_members, renames
from bpfgen.changes.rules import RULES
from bpfgen.commands import DONE
from bpfgen.commands.terminal import write_output
from bpfgen.comparison import pairs_of_opened
from bpfgen.ctype.describe import described
from bpfgen.record import TYPE_CHECKING
from bpfgen.text.machine_formats import json_object, json_place

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

    from bpfgen.changes.categories import Asked
    from bpfgen.changes.finding import Finding, Side
    from bpfgen.changes.layout.fields import Field
    from bpfgen.changes.moves import MovedMembers, Rename
    from bpfgen.changes.pairs import Pairs
    from bpfgen.commands.breaking_result import Result

FORMAT = 1
"""It grows when a key goes or changes its meaning; a new key doesn't raise it."""


def written(results: Sequence[Result], asked: Asked) -> None:
    """Write *results* to standard output."""
    compared = [one for one in results if one.is_compared]
    pairs = iter(pairs_of_opened([one.sides for one in compared]))
    record = {
        "format": FORMAT,
        "breaks": any(one.findings for one in results),
        "failed": any(one.status != DONE for one in results),
        "categories": list(asked.categories),
        "sources": [_source(one, next(pairs) if one.is_compared else None) for one in results],
    }
    write_output(f"{dumps(record)}\n")


def _source(result: Result, pairs: Pairs | None) -> dict[str, Any]:
    old, new = result.pair.old, result.pair.new
    return {
        "path": result.pair.path,
        "old": None if old is None else old.name,
        "new": None if new is None else new.name,
        "compared": result.is_compared,
        "findings": [_finding(finding) for finding in result.findings],
        "allowed": [
            {**_finding(finding), "because": finding.allowed} for finding in result.allowed
        ],
        "ignored": [_finding(finding) for finding in result.ignored],
        "uncompared": [_uncompared(finding) for finding in result.uncompared],
        "renames": [] if pairs is None else [_rename(one) for one in renames(pairs)],
        "moves": [] if pairs is None else [_moves(one) for one in moved_members(pairs)],
        "errors": [json_object(error) for error in result.errors],
        "warnings": [json_object(warning) for warning in result.warnings],
    }


def _finding(finding: Finding) -> dict[str, Any]:
    rule = RULES.get(finding.code)
    return {
        "code": finding.code,
        "category": None if rule is None else rule.category,
        "message": finding.message,
        "subject": _subject(finding),
        "maps": list(finding.maps),
        "old": _side(finding.old),
        "new": _side(finding.new),
        "happens": list(finding.happens),
        "ways": list(finding.ways),
        "where": finding.where or None,
        "also_in": list(finding.also_in),
    }


def _uncompared(finding: Finding) -> dict[str, Any]:
    return {
        "message": finding.message,
        "subject": _subject(finding),
        "maps": list(finding.maps),
        "why": list(finding.happens),
        "ways": list(finding.ways),
        "also_in": list(finding.also_in),
    }


def _subject(finding: Finding) -> dict[str, Any]:
    subject = finding.subject
    return {"kind": subject.kind, "name": subject.name, "part": subject.part or None}


def _side(side: Side) -> dict[str, Any]:
    return {"value": side.value or None, **json_place(side.span)}


def _rename(rename: Rename) -> dict[str, Any]:
    return {
        "old": {"kind": rename.kind, "name": rename.old},
        "new": {"kind": rename.new_kind, "name": rename.new},
    }


def _moves(moved: MovedMembers) -> dict[str, Any]:
    old, new = moved.map.old, moved.map.new
    return {
        "map": None if old is None else old.name,
        "new_map": None if new is None else new.name,
        "part": moved.part,
        "old_size": moved.old_size,
        "new_size": moved.new_size,
        "members": [{"old": _member(move.old), "new": _member(move.new)} for move in moved.moves],
    }


def _member(field: Field | None) -> dict[str, Any] | None:
    if field is None:
        return None
    return {
        "path": field.path,
        "type": described(field.type),
        "bit_offset": field.offset,
        "bits": field.bits,
        "reserved": field.is_reserved,
    }
