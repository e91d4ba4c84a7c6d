"""Diagnostics for programs, parsed back."""

from __future__ import annotations

import json

from bpfgen.diagnostics import Diagnostic, Label
from bpfgen.machine_formats import FORMATS, github_commands, json_lines, sarif
from bpfgen.source import Source, Span

SOURCE = Source("dir/é,a:b.dsl", "map m;\n/* 日 */ x\ny;\n")
HERE = Diagnostic(
    "map-kind",
    "50% of `x`\nis: wrong",
    Span(SOURCE, 15, 16),
    "this",
    labels=(Label(Span(SOURCE, 4, 5), "declared here"),),
    notes=("says Linux",),
    help="type y",
    map="m",
)
OVER_LINES = Diagnostic("other", "two lines", Span(SOURCE, 15, 18), severity="warning")
NOWHERE = Diagnostic("file", "cannot read", None, severity="note")


def test_json_has_the_members_of_the_design_in_its_order() -> None:
    """One object a line, places from 1, null for what there is not."""
    lines = json_lines([HERE, OVER_LINES, NOWHERE]).splitlines()
    assert len(lines) == 3
    first = json.loads(lines[0])
    assert list(first) == [
        "code",
        "severity",
        "message",
        "file",
        "line",
        "column",
        "end_line",
        "end_column",
        "map",
        "notes",
        "help",
        "labels",
    ]
    assert first["file"] == "dir/é,a:b.dsl"
    assert (first["line"], first["column"], first["end_line"], first["end_column"]) == (2, 9, 2, 10)
    assert first["map"] == "m"
    assert first["notes"] == ["says Linux"]
    assert first["help"] == "type y"
    assert [label["text"] for label in first["labels"]] == ["this", "declared here"]
    second = json.loads(lines[1])
    assert (second["end_line"], second["end_column"]) == (3, 2)
    third = json.loads(lines[2])
    assert [third[name] for name in ("file", "line", "end_column", "map", "help")] == [None] * 5
    assert (third["severity"], third["notes"]) == ("note", [])


def test_github_commands_are_escaped() -> None:
    """`%` and line ends in data, `:` and `,` in properties; columns for a single line only."""
    lines = github_commands([HERE, OVER_LINES, NOWHERE]).splitlines()
    assert lines == [
        (
            "::error file=dir/é%2Ca%3Ab.dsl,line=2,col=9,endColumn=9,title=map-kind"
            "::50%25 of `x`%0Ais: wrong%0Anote: says Linux%0Ahelp: type y"
        ),
        "::warning file=dir/é%2Ca%3Ab.dsl,line=2,endLine=3,title=other::two lines",
        "::notice title=file::cannot read",
    ]


def test_sarif_is_one_log_with_rules_and_places() -> None:
    """What SARIF 2.1.0 requires is there, indexes point at their rules, places are regions."""
    log = json.loads(sarif([HERE, OVER_LINES, NOWHERE, HERE]))
    assert log["version"] == "2.1.0"
    (run,) = log["runs"]
    driver = run["tool"]["driver"]
    assert driver["name"] == "bpfgen"
    assert run["columnKind"] == "unicodeCodePoints"
    assert len(run["results"]) == 4
    for result in run["results"]:
        assert driver["rules"][result["ruleIndex"]]["id"] == result["ruleId"]
        assert result["message"]["text"]
    first = run["results"][0]
    place = first["locations"][0]["physicalLocation"]
    assert place["artifactLocation"]["uri"] == "dir/%C3%A9%2Ca%3Ab.dsl"
    assert place["region"] == {"startLine": 2, "startColumn": 9, "endLine": 2, "endColumn": 10}
    assert first["relatedLocations"][0]["message"]["text"] == "declared here"
    assert [result["level"] for result in run["results"]] == ["error", "warning", "note", "error"]
    assert "locations" not in run["results"][2]


def test_without_diagnostics() -> None:
    """Lines are none; a SARIF log is a log with no results."""
    assert json_lines([]) == github_commands([]) == ""
    assert json.loads(sarif([]))["runs"][0]["results"] == []


def test_names_that_are_no_unicode_survive() -> None:
    """A file name with undecodable bytes breaks no format."""
    source = Source("a\udcff.dsl", "x")
    diagnostic = Diagnostic("x", "m", Span(source, 0, 1))
    for form, render in FORMATS.items():
        shown = render([diagnostic])
        assert "a" in shown
        if form != "github":
            json.loads(shown)
