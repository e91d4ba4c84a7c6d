"""Diagnostics for programs: JSON lines, GitHub workflow commands; SARIF is next door.

Beside `render`: `terminal` chooses the one or the other.

Places count from 1, columns in characters (Unicode code points), ends lie just after the last
character, in all of them.
"""

from __future__ import annotations

import json

from bpfgen.record import TYPE_CHECKING
from bpfgen.text.diagnostics import ERROR, NOTE, WARNING
from bpfgen.text.render import printable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from typing import Any

    from bpfgen.text.diagnostics import Diagnostic
    from bpfgen.text.source import Span

FORMAT = 1
"""Of JSON lines: it grows when a key goes or changes its meaning; a new key doesn't raise it."""

_GITHUB_COMMANDS = {ERROR: "error", WARNING: "warning", NOTE: "notice"}


def json_lines(diagnostics: Iterable[Diagnostic]) -> str:
    """Return one JSON object a line: `format`, and the members of a diagnostic.

    `file`, `line`, `column`, `end_line` and `end_column` are null where there is no place,
    `help` where there is none, `map` where no map is concerned. `labels` lists related places,
    `edits` what a machine would change, and `changes_meaning` whether that chooses what is
    declared.
    """
    records = ({"format": FORMAT, **json_object(diagnostic)} for diagnostic in diagnostics)
    return "".join(json.dumps(record) + "\n" for record in records)


def json_object(diagnostic: Diagnostic) -> dict[str, Any]:
    """Return the object of one diagnostic, to be part of a record that has a format.

    :func:`json_lines` says what is in it.
    """
    return {
        "code": diagnostic.code,
        "severity": diagnostic.severity,
        "message": diagnostic.message,
        **json_place(diagnostic.span),
        "map": diagnostic.map,
        "notes": list(diagnostic.notes),
        "help": diagnostic.help or None,
        "labels": [
            *([{**json_place(diagnostic.span), "text": diagnostic.label}] * bool(diagnostic.label)),
            *({**json_place(label.span), "text": label.text} for label in diagnostic.labels),
        ],
        "edits": [{**json_place(edit.span), "text": edit.text} for edit in diagnostic.edits],
        "changes_meaning": diagnostic.changes_meaning,
    }


def json_place(span: Span | None) -> dict[str, Any]:
    """Return the members that say where *span* is; null where there is no place."""
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
    return "".join(_github_command(diagnostic) + "\n" for diagnostic in diagnostics)


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
    command, data = _GITHUB_COMMANDS[diagnostic.severity], _github_data(_with_places(diagnostic))
    return f"::{command} {listed}::{data}"


def _with_places(diagnostic: Diagnostic) -> str:
    """Return message, notes and help, and what is said at places of other texts."""
    place = diagnostic.span
    others = [
        f"{label.span}: {label.text}"
        for label in diagnostic.labels
        if place is not None and label.text and label.span.source is not place.source
    ]
    return "\n".join((prose(diagnostic), *others))


def _github_data(text: str) -> str:
    # GitHub shows it in a log and on a page; what a name does to a line it must not do there.
    return printable(text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A"))


def _github_property(text: str) -> str:
    return _github_data(text).replace(":", "%3A").replace(",", "%2C")


def prose(diagnostic: Diagnostic) -> str:
    """Return message, notes and help as lines of one text."""
    lines = [diagnostic.message, *(f"note: {note}" for note in diagnostic.notes)]
    if diagnostic.help:
        lines.append(f"help: {diagnostic.help}")
    return "\n".join(lines)


FORMATS: dict[str, Callable[[Iterable[Diagnostic]], str]] = {
    "json": json_lines,
    "github": github_commands,
}
"""The values of `--diagnostics` that are written as they come; a SARIF log is for a whole run."""
