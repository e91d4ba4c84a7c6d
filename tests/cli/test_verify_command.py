"""`bpfgen verify OBJ FILE`: a whole program against the source of its maps."""

from __future__ import annotations

import json
import subprocess
from typing import TYPE_CHECKING, Any

import pytest

from bpfgen.cli import main
from bpfgen.record import Record
from tests.tools import clang_program

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

MAPS = """\
struct flow { __u32 saddr; __u32 daddr; };
const MANY = 1600;
map flows: hash<flow, __u64>[MANY];
map ticks: array<__u32, __u64>[8];
"""

PROGRAM = """\
#define SEC(name) __attribute__((section(name), used))
#include "maps.h"
struct {
    int (*type)[9];
    int (*max_entries)[64];
    int *key;
    long *value;
} own SEC(".maps");
int counter = 1;
SEC("xdp") int program(void *context) { return counter; }
"""


class Outcome(Record):
    """What a run of the command came to."""

    status: int
    output: str
    errors: str

    @property
    def record(self) -> dict[str, Any]:
        """The one line of output, as JSON."""
        (line,) = self.output.splitlines()
        found: dict[str, Any] = json.loads(line)
        return found


if TYPE_CHECKING:
    Verify = Callable[..., Outcome]


@pytest.fixture
def verify(
    capfdbinary: pytest.CaptureFixture[bytes], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Verify:
    """Give a function that runs the command beside program.o, which includes maps.h of maps.dsl."""
    clang = clang_program()
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("NO_COLOR", "1")
    (tmp_path / "maps.dsl").write_text(MAPS)
    assert main(["maps.dsl", "-o", "maps.h", "--no-verify"]) == 0
    (tmp_path / "program.c").write_text(PROGRAM)
    command = [clang, "-target", "bpf", "-g", "-O2", "-w", "-c", "program.c", "-o", "program.o"]
    subprocess.run(command, check=True)

    def run(*words: str) -> Outcome:
        capfdbinary.readouterr()
        status = main(["verify", *words])
        output, errors = capfdbinary.readouterr()
        return Outcome(status, output.decode(), errors.decode())

    return run


def test_a_program_with_the_header_is_verified(verify: Verify) -> None:
    """Its own map and its data are listed or left alone; the status is 0."""
    outcome = verify("program.o", "maps.dsl")
    assert (outcome.status, outcome.errors) == (0, "")
    assert outcome.output == (
        "program.o: 2 maps are as maps.dsl declares them\n"
        "program.o: not declared: own: lru_hash<int, long>[64]\n"
    )


def test_json_says_the_same(verify: Verify) -> None:
    """One object: what was compared, whether it is so, what is there beside it."""
    outcome = verify("program.o", "maps.dsl", "--format", "json")
    record = outcome.record
    assert (outcome.status, outcome.errors) == (0, "")
    assert list(record) == [
        *("format", "object", "source", "verified", "error", "variants"),
        *("maps", "extra", "running", "unpinned", "unread", "diagnostics"),
    ]
    assert (record["object"], record["source"]) == ("program.o", "maps.dsl")
    assert (record["verified"], record["error"], record["diagnostics"]) == (True, None, [])
    assert (record["maps"], record["variants"]) == (["flows", "ticks"], [])
    (extra,) = record["extra"]
    assert (extra["name"], extra["type"], extra["value"]) == ("own", "lru_hash", "long")


def test_exact_wants_nothing_else(verify: Verify) -> None:
    """--exact: a map that isn't declared is an error; global data is none, as ever."""
    outcome = verify("program.o", "maps.dsl", "--exact")
    assert outcome.status == 1
    assert "error[verify-extra-map]: map `own` is in the object and isn't declared" in (
        outcome.errors
    )
    assert "`.data`" not in outcome.errors
    assert outcome.output == ""


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("[MANY]", "[MANY * 2]", "`max_entries` of map `flows` is declared as 3200"),
        ("__u32 daddr", "__u16 daddr, port", "member `port` of `struct flow` is declared"),
        ("map ticks", "map tocks", "map `tocks` is declared and isn't in the object"),
        ("array<__u32, __u64>", "array<__u32, __s64>", "the value of map `ticks`"),
    ],
)
def test_differences_are_told_as_in_the_compiler(
    verify: Verify, tmp_path: Path, old: str, new: str, said: str
) -> None:
    """Message, place in the source, both sides; the same things as JSON."""
    assert old in MAPS
    (tmp_path / "maps.dsl").write_text(MAPS.replace(old, new))
    outcome = verify("program.o", "maps.dsl")
    assert outcome.status == 1
    assert "error[verify-" in outcome.errors
    assert said in outcome.errors
    assert "--> maps.dsl:" in outcome.errors
    outcome = verify("program.o", "maps.dsl", "--format", "json")
    record = outcome.record
    assert (outcome.status, outcome.errors, record["verified"]) == (1, "", False)
    errors = [each for each in record["diagnostics"] if each["severity"] == "error"]
    assert any(said in each["message"] for each in errors)
    assert {each["file"] for each in errors} == {"maps.dsl"}


def test_options_reach_the_source(verify: Verify) -> None:
    """-D replaces the constant, so that the object differs; --kernel makes a rule speak."""
    assert verify("program.o", "maps.dsl", "-D", "MANY=1600").status == 0
    outcome = verify("program.o", "maps.dsl", "-D", "MANY=1601")
    assert outcome.status == 1
    assert "1601" in outcome.errors
    assert verify("program.o", "maps.dsl", "--kernel", "0.x").status == 2


def test_a_wrong_source_is_told_first(verify: Verify, tmp_path: Path) -> None:
    """What doesn't compile isn't compared."""
    (tmp_path / "maps.dsl").write_text("map flows: hsah<__u32, __u64>[1];\n")
    outcome = verify("program.o", "maps.dsl")
    assert outcome.status == 1
    assert "error[map-kind]" in outcome.errors
    assert "verify-" not in outcome.errors


def test_an_object_that_is_none(verify: Verify, tmp_path: Path) -> None:
    """One error, as text and as JSON; an absent file is one too."""
    (tmp_path / "text.o").write_text("no object")
    outcome = verify("text.o", "maps.dsl")
    assert outcome.status == 1
    assert "error[object-format]: text.o: not an ELF file" in outcome.errors
    record = verify("text.o", "maps.dsl", "--format", "json").record
    assert (record["verified"], record["extra"]) == (False, [])
    assert "not an ELF file" in record["error"]
    outcome = verify("absent.o", "maps.dsl")
    assert (outcome.status, outcome.output) == (1, "")
    assert "absent.o" in outcome.errors
    record = verify("absent.o", "maps.dsl", "--format", "json").record
    assert "absent.o" in record["error"]
    assert not verify("program.o", "absent.dsl", "--format", "json").record["verified"]


@pytest.mark.parametrize("style", ["modern", "initializer"])
def test_the_style_is_the_object_s(verify: Verify, style: str) -> None:
    """An object of either style is verified; the source doesn't say which one it is."""
    assert main(["maps.dsl", "-o", "alone.o", "--style", style]) == 0
    outcome = verify("alone.o", "maps.dsl", "--exact")
    assert (outcome.status, outcome.errors) == (0, "")


@pytest.mark.parametrize("words", [(), ("program.o",), ("a.o", "b.dsl", "c"), ("--typo",)])
def test_wrong_usage(verify: Verify, words: tuple[str, ...]) -> None:
    """Status 2 and one line of advice."""
    outcome = verify(*words)
    assert outcome.status == 2
    assert "error[usage]" in outcome.errors
