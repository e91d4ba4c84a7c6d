"""Diagnostics for programs: JSON lines, GitHub workflow commands, SARIF. Beside `render`.

Places count from 1, columns in characters (Unicode code points), ends lie just behind the last
character, in all of them.
"""

from __future__ import annotations

import json

from bpfgen.diagnostics import ERROR, NOTE, WARNING
from bpfgen.record import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from typing import Any

    from bpfgen.diagnostics import Diagnostic
    from bpfgen.source import Span

_GITHUB_COMMANDS = {ERROR: "error", WARNING: "warning", NOTE: "notice"}
_SARIF_LEVELS = {ERROR: "error", WARNING: "warning", NOTE: "note"}


def json_lines(diagnostics: Iterable[Diagnostic]) -> str:
    """Return one JSON object a line: the members of design section 6 in that order, and `labels`.

    `file`, `line`, `column`, `end_line` and `end_column` are null where there is no place,
    `help` where there is none, `map` where no map is concerned. `labels` lists related places.
    """
    return "".join(json.dumps(json_object(each)) + "\n" for each in diagnostics)


def json_object(diagnostic: Diagnostic) -> dict[str, Any]:
    """Return the object of one diagnostic; :func:`json_lines` tells what is in it."""
    return {
        "code": diagnostic.code,
        "severity": diagnostic.severity,
        "message": diagnostic.message,
        **_json_place(diagnostic.span),
        "map": diagnostic.map,
        "notes": list(diagnostic.notes),
        "help": diagnostic.help or None,
        "labels": [
            *(
                [{**_json_place(diagnostic.span), "text": diagnostic.label}]
                * bool(diagnostic.label)
            ),
            *({**_json_place(label.span), "text": label.text} for label in diagnostic.labels),
        ],
    }


def _json_place(span: Span | None) -> dict[str, Any]:
    if span is None:
        return dict.fromkeys(("file", "line", "column", "end_line", "end_column"))
    line, column = span.source.position(span.start)
    end_line, end_column = span.end_position
    return {
        "file": span.source.name,
        "line": line,
        "column": column,
        "end_line": end_line,
        "end_column": end_column,
    }


def github_commands(diagnostics: Iterable[Diagnostic]) -> str:
    """Return one GitHub workflow command a line, which becomes an annotation of a pull request.

    Source: GitHub's "Workflow commands for GitHub Actions" (`::error file=…::message`); data
    escape `%`, CR and LF, properties `:` and `,` too.
    """
    return "".join(_github_command(each) + "\n" for each in diagnostics)


def _github_command(diagnostic: Diagnostic) -> str:
    properties: dict[str, str] = {}
    if diagnostic.span is not None:
        line, column = diagnostic.span.source.position(diagnostic.span.start)
        end_line, end_column = diagnostic.span.end_position
        properties = {"file": diagnostic.span.source.name, "line": str(line)}
        if end_line == line:  # columns are for annotations of a single line
            # Both ends of an annotation are inclusive.
            last_column = max(column, end_column - 1)
            properties |= {"col": str(column), "endColumn": str(last_column)}
        else:
            properties["endLine"] = str(end_line)
    properties["title"] = diagnostic.code
    listed = ",".join(f"{name}={_github_property(text)}" for name, text in properties.items())
    return f"::{_GITHUB_COMMANDS[diagnostic.severity]} {listed}::{_github_data(_prose(diagnostic))}"


def _github_data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _github_property(text: str) -> str:
    return _github_data(text).replace(":", "%3A").replace(",", "%2C")


def _prose(diagnostic: Diagnostic) -> str:
    """Return message, notes and help as lines of one text."""
    lines = [diagnostic.message, *(f"note: {note}" for note in diagnostic.notes)]
    if diagnostic.help:
        lines.append(f"help: {diagnostic.help}")
    return "\n".join(lines)


def sarif(diagnostics: Iterable[Diagnostic]) -> str:
    """Return one SARIF 2.1.0 log (OASIS, 2020) with a single run; valid without diagnostics too."""
    results: list[dict[str, Any]] = []
    rules: dict[str, int] = {}
    for diagnostic in diagnostics:
        index = rules.setdefault(diagnostic.code, len(rules))
        result: dict[str, Any] = {
            "ruleId": diagnostic.code,
            "ruleIndex": index,
            "level": _SARIF_LEVELS[diagnostic.severity],
            "message": {"text": _prose(diagnostic)},
        }
        if diagnostic.span is not None:
            result["locations"] = [{"physicalLocation": _sarif_place(diagnostic.span)}]
        if diagnostic.labels:
            result["relatedLocations"] = [
                {
                    "id": number,
                    "physicalLocation": _sarif_place(label.span),
                    "message": {"text": label.text},
                }
                for number, label in enumerate(diagnostic.labels, 1)
            ]
        results.append(result)
    driver = {"name": "bpfgen", "rules": [{"id": code} for code in rules]}
    log = {
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [
            {
                "tool": {"driver": driver},
                "columnKind": "unicodeCodePoints",
                "results": results,
            }
        ],
    }
    return json.dumps(log, indent=2) + "\n"


def _sarif_place(span: Span) -> dict[str, Any]:
    # Only a SARIF run pays for this import.
    from urllib.parse import quote

    line, column = span.source.position(span.start)
    end_line, end_column = span.end_position
    name = span.source.name
    return {
        "artifactLocation": {"uri": quote(name, errors="surrogateescape")},
        "region": {
            "startLine": line,
            "startColumn": column,
            "endLine": end_line,
            "endColumn": end_column,
        },
    }


FORMATS: dict[str, Callable[[Iterable[Diagnostic]], str]] = {
    "json": json_lines,
    "github": github_commands,
    "sarif": sarif,
}
"""The values of `--diagnostics` but `text`, and what makes them."""
