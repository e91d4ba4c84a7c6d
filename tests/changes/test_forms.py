"""The forms of what `bpfgen breaking` reports: text, JSON, GitHub's and SARIF, with both places."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import jsonschema
import pytest

from tests.changes.mutations import changes
from tests.tools import CHECKOUT, require_clang

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.changes.conftest import Outcome

    Run = Callable[..., Outcome]

SCHEMA = json.loads((CHECKOUT / "docs" / "breaking.schema.json").read_text(encoding="utf-8"))

OLD = """\
struct traffic {
    __u64 bytes;
    __u64 packets;
};
map flows: hash<__be32, traffic>[1024] { pinning = by_name; }
map gone: array<__u32, __u32>[4] { pinning = by_name; }
"""
NEW = """\
struct traffic {
    __u64 packets;
    __u64 bytes;
};
map flows: hash<__be32, traffic>[512] { pinning = by_name; }
"""


def strict(schema: Any) -> Any:
    """Return *schema* without room for a key that it doesn't describe."""
    if isinstance(schema, list):
        return [strict(item) for item in schema]
    if not isinstance(schema, dict):
        return schema
    return {
        key: False if key == "additionalProperties" else strict(value)
        for key, value in schema.items()
    }


def written(old: str, new: str) -> None:
    """Write both sides into the working directory."""
    Path("old.dsl").write_text(old, encoding="utf-8")
    Path("new.dsl").write_text(new, encoding="utf-8")


def test_text_underlines_both_places(bpfgen: Run) -> None:
    """NEW's place with carets, OLD's below it with dashes; of what is gone OLD's alone."""
    written(OLD, NEW)
    outcome = bpfgen("breaking", "old.dsl", "new.dsl", "--color", "never")
    assert outcome.status == 1
    moved, gone = (
        next(part for part in outcome.errors.split("\n\n") if part.startswith(f"error[{code}]"))
        for code in ("break-layout-offset", "break-pin-gone")
    )
    assert moved.splitlines()[1:12] == [
        " --> new.dsl:3:11",
        "  |",
        "3 |     __u64 bytes;",
        "  |           ^^^^^ `__u64` at byte 8",
        "  |",
        " ::: old.dsl:2:11",
        "  |",
        "2 |     __u64 bytes;",
        "  |           ----- was `__u64` at byte 0",
        "  |",
        "  = note: this concerns map `flows`",
    ]
    assert gone.splitlines()[:5] == [
        "error[break-pin-gone]: new.dsl: map `gone`, which is pinned, is gone",
        " --> old.dsl:6:5",
        "  |",
        "6 | map gone: array<__u32, __u32>[4] { pinning = by_name; }",
        "  |     ---- was `array`",
    ]
    assert outcome.output == (
        "new.dsl against old.dsl: 3 findings, 2 of pin, 1 of layout; none of inner\n"
    )


def test_github_annotates_new(bpfgen: Run) -> None:
    """An annotation stands in NEW, whatever has become of the line, and names OLD's place."""
    written(OLD, NEW)
    outcome = bpfgen("breaking", "old.dsl", "new.dsl", "--diagnostics", "github")
    lines = outcome.errors.splitlines()
    assert len(lines) == 3
    assert all(line.startswith("::error file=new.dsl,line=") for line in lines)
    moved = next(line for line in lines if "title=break-layout-offset" in line)
    assert "line=3,col=11,endColumn=15," in moved
    assert moved.endswith("%0Aold.dsl:2: was `__u64` at byte 0")
    gone = next(line for line in lines if "title=break-pin-gone" in line)
    assert gone.startswith("::error file=new.dsl,line=1,col=1,")
    assert "::map `gone`, which is pinned, is gone%0A" in gone
    assert gone.endswith("%0Aold.dsl:6: was `array`")


def test_sarif_has_both_places(bpfgen: Run) -> None:
    """Each finding is a result in NEW, with OLD's place as a related one, and its rule a page."""
    written(OLD, NEW)
    outcome = bpfgen("breaking", "old.dsl", "new.dsl", "--diagnostics", "sarif")
    (run,) = json.loads(outcome.errors)["runs"]
    places = {}
    for result in run["results"]:
        (place,), (other,) = result["locations"], result["relatedLocations"]
        assert place["physicalLocation"]["artifactLocation"]["uri"] == "new.dsl"
        assert other["physicalLocation"]["artifactLocation"]["uri"] == "old.dsl"
        places[result["ruleId"]] = (
            place["physicalLocation"]["region"]["startLine"],
            other["physicalLocation"]["region"]["startLine"],
        )
    assert places == {
        "break-pin-max-entries": (5, 5),
        "break-layout-offset": (3, 2),
        "break-pin-gone": (1, 6),
    }
    pages = {rule["id"]: rule["help"]["markdown"] for rule in run["tool"]["driver"]["rules"]}
    assert all("Old:" in page and "New:" in page for page in pages.values())


@pytest.mark.parametrize("number", range(12))
def test_json_obeys_its_schema(bpfgen: Run, number: int) -> None:
    """Whatever has changed, it is what docs/breaking.schema.json promises, and nothing more."""
    (change,) = changes(seed=number, count=1)
    written(change.old_text, change.new_text)
    outcome = bpfgen("breaking", "old.dsl", "new.dsl", "--all", "--format", "json")
    assert outcome.errors == ""
    record = json.loads(outcome.output)
    jsonschema.Draft202012Validator(SCHEMA).validate(record)
    jsonschema.Draft202012Validator(strict(SCHEMA)).validate(record)
    assert record["failed"] == (outcome.status != 0)
    assert record["breaks"] == any(source["findings"] for source in record["sources"])


def test_the_schema_is_one() -> None:
    """The documented schema is itself valid, and lets keys pass that it doesn't know."""
    jsonschema.Draft202012Validator.check_schema(SCHEMA)


def test_renames_are_listed(bpfgen: Run) -> None:
    """Maps, types and enumerators that have another name and are otherwise what they were."""
    written(
        "enum verdict { PASS, DROP };\nstruct k { __u32 a; };\n"
        "map a: hash<k, __u64>[64];\nmap last: hash<__u32, enum verdict>[8];",
        "enum verdict { PASS, DENY };\nstruct key { __u32 a; };\n"
        "map b: hash<key, __u64>[64];\nmap last: hash<__u32, enum verdict>[8];",
    )
    record = json.loads(bpfgen("breaking", "old.dsl", "new.dsl", "--format", "json").output)
    (source,) = record["sources"]
    assert [(one["old"]["name"], one["new"]["name"]) for one in source["renames"]] == [
        ("a", "b"),
        ("DROP", "DENY"),
        ("k", "key"),
    ]


def test_old_entries_can_be_rewritten(bpfgen: Run) -> None:
    """The members of the JSON are all that it takes; what is expected was packed by hand."""
    written(
        "struct in { __u16 low; __u16 high; };\n"
        "struct v { __u32 gone; struct in ports[2]; __u64 bytes; __u32 a : 4, b : 12; __u8 mac[6]; "
        "__u8 reserved[2]; };\nmap m: hash<__u32, v>[64];",
        "struct in { __u16 high; __u16 low; };\n"
        "struct v { __u64 bytes; struct in ports[2]; __u8 hw[6]; __u32 b : 12, a : 4; "
        "__u8 fresh; };\nmap m: hash<__u32, v>[64];",
    )
    record = json.loads(bpfgen("breaking", "old.dsl", "new.dsl", "--format", "json").output)
    (moved,) = record["sources"][0]["moves"]
    assert (moved["map"], moved["part"], moved["old_size"]) == ("m", "value", 40)
    before = bytearray(40)
    before[0:4] = b"\x11\x11\x11\x11"
    before[4:12] = b"\x01\x00\x02\x00\x03\x00\x04\x00"  # low, high, low, high
    before[16:24] = b"ABCDEFGH"
    before[24:26] = (0x5 | 0xABC << 4).to_bytes(2, "little")  # a, b
    number = int.from_bytes(before, "little")
    after = 0
    for member in moved["members"]:
        old, new = member["old"], member["new"]
        if old is not None and new is not None:
            value = number >> old["bit_offset"] & (1 << old["bits"]) - 1
            after |= value << new["bit_offset"]
    expected = bytearray(moved["new_size"])
    expected[0:8] = b"ABCDEFGH"
    expected[8:16] = b"\x02\x00\x01\x00\x04\x00\x03\x00"  # high, low, high, low
    expected[22:24] = (0xABC | 0x5 << 12).to_bytes(2, "little")  # b, a
    assert after.to_bytes(moved["new_size"], "little") == bytes(expected)
    gone = [one["old"]["path"] for one in moved["members"] if one["new"] is None]
    assert gone == ["gone", "mac", "reserved"]
    fresh = [one["new"]["path"] for one in moved["members"] if one["old"] is None]
    assert fresh == ["hw", "fresh"]


def test_what_has_no_text_is_said_in_words(bpfgen: Run) -> None:
    """Of an object nothing can be underlined: a note has what stands there."""
    require_clang()
    written(OLD, NEW)
    for name in ("old", "new"):
        assert bpfgen(f"{name}.dsl", "-o", f"{name}.o").status == 0
    both = bpfgen("breaking", "old.o", "new.o", "--categories", "layout").errors
    assert both.startswith("error[break-layout-offset]: new.o: `bytes` and `packets` of ")
    assert "= note: was `__u64` at byte 0 in old.o, is `__u64` at byte 8 in new.o\n" in both
    old = bpfgen("breaking", "old.o", "new.dsl", "--categories", "layout").errors
    assert "^^^^^ `__u64` at byte 8\n" in old
    assert "= note: was `__u64` at byte 0 in old.o\n" in old
    words = ("breaking", "old.o", "new.o", "--categories", "layout", "--diagnostics", "sarif")
    (result,) = json.loads(bpfgen(*words).errors)["runs"][0]["results"]
    (place,) = result["locations"]
    assert place["physicalLocation"]["artifactLocation"]["uri"] == "new.o"
    assert "relatedLocations" not in result
