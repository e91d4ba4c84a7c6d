"""Diagnostics as a SARIF 2.1.0 log (OASIS, 2020), for code scanning and editors.

Beside `machine_formats`, which says how places count. Section numbers are those of the standard.
Paths are as they were typed: relative ones stay relative, so that a log says nothing of the
machine. There is no `helpUri`: what a code means is in the log itself.
"""

from __future__ import annotations

import json

from bpfgen.record import TYPE_CHECKING
from bpfgen.resources import VERSION
from bpfgen.text.codes import CODES
from bpfgen.text.diagnostics import ERROR, NOTE, STYLE, WARNING
from bpfgen.text.machine_formats import prose

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from typing import Any

    from bpfgen.text.diagnostics import Diagnostic
    from bpfgen.text.explanation import Explanation
    from bpfgen.text.source import Source, Span

_LEVELS = {ERROR: "error", WARNING: "warning", NOTE: "note"}

_FINGERPRINT = "codeAndLine/v1"
"""What recognises a result after lines were inserted above it (3.27.17)."""


def sarif(diagnostics: Iterable[Diagnostic], explanations: Mapping[str, Explanation]) -> str:
    """Return one log with a single run; valid without diagnostics too.

    Args:
        diagnostics: What was reported in the run.
        explanations: What each code means; a code without an entry has its name alone in the log.

    What has a place in a text is a result. What has none (a file that can't be read, a missing
    tool) says that the run itself failed, and is a notification of its invocation (3.20.21): to
    GitHub a result without a place makes the whole log invalid.
    """
    log = _Log(explanations)
    for diagnostic in diagnostics:
        if diagnostic.span is None:
            log.add_notification(diagnostic)
        else:
            log.add_result(diagnostic, diagnostic.span)
    return json.dumps(log.document(), indent=2) + "\n"


class _Log:
    """What a log lists once, and by which number the rest of it speaks of that."""

    def __init__(self, explanations: Mapping[str, Explanation]) -> None:
        self._explanations = explanations
        self.results: list[dict[str, Any]] = []
        self.notifications: list[dict[str, Any]] = []
        self.successful = True
        self._rules: dict[str, int] = {}
        self._conditions: dict[str, int] = {}
        self._artifacts: dict[str, int] = {}
        self._seen: dict[tuple[str, str, str], int] = {}

    def add_result(self, diagnostic: Diagnostic, span: Span) -> None:
        """Append a diagnostic that has a place."""
        location: dict[str, Any] = {"physicalLocation": self._place(span)}
        if diagnostic.label:
            location["message"] = {"text": diagnostic.label}
        if diagnostic.map is not None:
            location["logicalLocations"] = [{"name": diagnostic.map, "kind": "variable"}]
        result: dict[str, Any] = {
            "ruleId": diagnostic.code,
            "ruleIndex": self._rules.setdefault(diagnostic.code, len(self._rules)),
            "level": _LEVELS[diagnostic.severity],
            "message": {"text": prose(diagnostic)},
            "locations": [location],
        }
        if diagnostic.labels:
            result["relatedLocations"] = [
                {
                    "id": number,
                    "physicalLocation": self._place(label.span),
                    "message": {"text": label.text},
                }
                for number, label in enumerate(diagnostic.labels, 1)
            ]
        if diagnostic.edits:
            result["fixes"] = [self._fix(diagnostic)]
        result["partialFingerprints"] = {_FINGERPRINT: self._fingerprint(diagnostic.code, span)}
        self.results.append(result)

    def add_notification(self, diagnostic: Diagnostic) -> None:
        """Append a diagnostic that has none."""
        self.successful = self.successful and diagnostic.severity != ERROR
        index = self._conditions.setdefault(diagnostic.code, len(self._conditions))
        self.notifications.append(
            {
                "descriptor": {"id": diagnostic.code, "index": index},
                "level": _LEVELS[diagnostic.severity],
                "message": {"text": prose(diagnostic)},
            }
        )

    def document(self) -> dict[str, Any]:
        """Return the whole log."""
        known = self._explanations
        driver: dict[str, Any] = {
            "name": "bpfgen",
            "semanticVersion": VERSION,
            "rules": [_descriptor(code, known.get(code)) for code in self._rules],
        }
        if self._conditions:
            conditions = [_descriptor(code, known.get(code)) for code in self._conditions]
            driver["notifications"] = conditions
        invocation: dict[str, Any] = {"executionSuccessful": self.successful}
        if self.notifications:
            invocation["toolExecutionNotifications"] = self.notifications
        run = {
            "tool": {"driver": driver},
            "invocations": [invocation],
            "columnKind": "unicodeCodePoints",
            "artifacts": [
                {"location": {"uri": uri, "index": index}, "encoding": "utf-8"}
                for uri, index in self._artifacts.items()
            ],
            "results": self.results,
        }
        return {
            "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
            "version": "2.1.0",
            "runs": [run],
        }

    def _place(self, span: Span) -> dict[str, Any]:
        """Return a physicalLocation (3.29)."""
        line, column = span.source.position(span.start)
        end_line, end_column = span.end_position
        uri = _uri(span.source)
        return {
            "artifactLocation": {
                "uri": uri,
                "index": self._artifacts.setdefault(uri, len(self._artifacts)),
            },
            "region": {
                "startLine": line,
                "startColumn": column,
                "endLine": end_line,
                "endColumn": end_column,
            },
        }

    def _fix(self, diagnostic: Diagnostic) -> dict[str, Any]:
        """Return a fix (3.55): the edits of each file, and what they come to in words."""
        changes: dict[str, dict[str, Any]] = {}
        for edit in diagnostic.edits:
            place = self._place(edit.span)
            location = place["artifactLocation"]
            change = changes.setdefault(
                location["uri"], {"artifactLocation": location, "replacements": []}
            )
            change["replacements"].append(
                {"deletedRegion": place["region"], "insertedContent": {"text": edit.text}}
            )
        return {
            "description": {"text": diagnostic.help or diagnostic.message},
            "artifactChanges": list(changes.values()),
            "properties": {"changesMeaning": diagnostic.changes_meaning},
        }

    def _fingerprint(self, code: str, span: Span) -> str:
        """Return a digest of code, file and line, and which one of those alike it is."""
        from hashlib import sha256

        line = " ".join(span.source.line_text(span.line).split())
        key = (code, span.source.name, line)
        number = self._seen[key] = self._seen.get(key, 0) + 1
        text = "\0".join(key).encode("utf-8", "surrogateescape")
        return f"{sha256(text).hexdigest()[:16]}:{number}"


def _uri(source: Source) -> str:
    """Return the name of *source* as an URI reference, relative if the path is (3.4.3)."""
    # Only a SARIF run pays for this import.
    from urllib.parse import quote

    uri = quote(source.name, errors="surrogateescape")
    return f"file://{uri}" if uri.startswith("/") else uri


def _descriptor(code: str, explanation: Explanation | None) -> dict[str, Any]:
    """Return a reportingDescriptor (3.49) with what `bpfgen explain` says, and its tier (3.50)."""
    if explanation is None:
        return {"id": code}
    meaning = " ".join(explanation.meaning.partition("\n\n")[0].split())
    first = explanation.summary()
    parts = [explanation.meaning.rstrip()]
    for title, example in explanation.examples():
        parts.append(f"{title}:\n\n```\n{example.rstrip()}\n```")
    severity = CODES[code].severities[0]
    return {
        "id": code,
        "defaultConfiguration": {
            "level": _LEVELS[WARNING if severity == STYLE else severity],
            "enabled": severity != STYLE,
        },
        "shortDescription": {"text": f"{first}."},
        "fullDescription": {"text": meaning},
        "help": {"text": explanation.text(code), "markdown": "\n\n".join(parts)},
    }
