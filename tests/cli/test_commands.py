"""The small commands: kinds, explain."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from bpfgen.cli import main
from bpfgen.commands.option import LIST, VALUE
from bpfgen.commands.options import options_of
from bpfgen.model.maps import MAP_KINDS
from bpfgen.text.codes import CODES, TOPICS
from tests.tools import require

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.cli.conftest import Outcome

    Run = Callable[..., Outcome]


def test_kinds_lists_every_kind(bpfgen: Run) -> None:
    """One row a kind, below a head, with its number and first kernel."""
    outcome = bpfgen("kinds")
    assert outcome.status == 0
    head, *rows, empty, summary = outcome.output.splitlines()
    assert (empty, summary.split()[:2]) == ("", [str(len(MAP_KINDS)), "kinds;"])
    assert head.split()[:3] == ["kind", "number", "since"]
    assert [row.split()[0] for row in rows] == list(MAP_KINDS)
    assert [int(row.split()[1]) for row in rows] == [kind.number for kind in MAP_KINDS.values()]


def test_kinds_has_what_bpftool_lists(bpfgen: Run) -> None:
    """No kind that bpftool knows is missing, under the same name."""
    bpftool = require("bpftool")
    shown = subprocess.run([bpftool, "map", "help"], capture_output=True, text=True, check=False)
    words = shown.stderr.partition("TYPE := {")[2].partition("}")[0].replace("|", " ").split()
    assert words
    rows = {row.split()[0] for row in bpfgen("kinds").output.splitlines() if row}
    # bpftool writes the storages that replaced one another with their short names.
    assert {word for word in words if word not in rows} <= {"cgroup_storage_deprecated"}


def test_kinds_of_one(bpfgen: Run) -> None:
    """What is known of it; libbpf's name or the kernel's constant."""
    outcome = bpfgen("kinds", "lpm_trie")
    assert "BPF_MAP_TYPE_LPM_TRIE = 11" in outcome.output
    assert "map_flags = BPF_F_NO_PREALLOC" in outcome.output
    assert "Linux 4.11" in outcome.output
    assert bpfgen("kinds", "BPF_MAP_TYPE_LPM_TRIE").output == outcome.output


def test_kinds_of_none(bpfgen: Run) -> None:
    """A misspelt kind gets a suggestion and status 2."""
    outcome = bpfgen("kinds", "hsah")
    assert outcome.status == 2
    assert "there is no map kind `hsah`" in outcome.errors
    assert "did you mean `hash`?" in outcome.errors
    assert bpfgen("kinds", "a", "b").status == 2
    assert bpfgen("kinds", "--help").status == 0


@pytest.mark.parametrize(
    ("code", "tier"),
    [
        ("syntax", "An error;"),
        ("map-key-size", "An error;\n`// bpfgen: allow map-key-size because …` turns it off"),
        ("key-padding", "A warning;\n`-W no-key-padding` turns the warning off;"),
        ("map-name-length", "Style; off unless `-W map-name-length` or `-W all` wants it."),
        ("max-entries", "An error or a warning;\n`// bpfgen: allow max-entries because …` turns"),
        ("libbpf-open", "A note."),
    ],
)
def test_explain_says_the_tier(bpfgen: Run, code: str, tier: str) -> None:
    """What a code is reported as, and what turns it off or on."""
    assert f"\n\n{tier}" in bpfgen("explain", code).output


def test_explain(bpfgen: Run) -> None:
    """Code, meaning and examples; a list without a code; a suggestion for an unknown one."""
    outcome = bpfgen("explain", "shift-range")
    assert outcome.status == 0
    assert outcome.output.startswith("shift-range\n\n")
    assert (
        "Wrong:\n\n    const A = 1 << 31;\n\nRight:\n\n    const A = 1U << 31;\n" in outcome.output
    )
    for code in [*CODES, "internal", "memory"]:
        shown = bpfgen("explain", code)
        assert shown.status == 0
        assert max(map(len, shown.output.splitlines())) <= 104
    assert bpfgen("explain", "--list", "all").output.splitlines() == list(CODES)
    warnings = bpfgen("explain", "--list", "warnings").output.splitlines()
    assert {"key-padding", "map-name-length", "max-entries"} < set(warnings) < set(CODES)
    assert "map-key-size" not in warnings
    assert bpfgen("explain", "--list", "all", "usage").status == 2
    assert "did you mean `max-entries`?" in bpfgen("explain", "max-entry").errors
    unknown = bpfgen("explain", "unverifed")
    assert unknown.status == 2
    assert "did you mean `unverified`?" in unknown.errors
    assert bpfgen("explain", "a", "b").status == 2
    assert bpfgen("explain", "--help").status == 0


def test_explain_lists_the_codes_by_topic(bpfgen: Run) -> None:
    """A line each, whose first words are the code and what it means."""
    lines = bpfgen("explain").output.splitlines()
    assert [line.split()[0] for line in lines if line.startswith("  ")] == [
        code.name for codes in TOPICS.values() for code in codes
    ]
    assert [line for line in lines[:-1] if line[:1] not in {"", " "}] == list(TOPICS)
    assert all(len(line.split()) > 3 for line in lines if line.startswith("  "))
    assert lines[-1].startswith(f"{len(CODES)} codes")


def test_a_command_after_an_option(bpfgen: Run) -> None:
    """It is no source, and the message says where commands stand."""
    outcome = bpfgen("--no-config", "import", "maps.c", "-o", "maps.dsl")
    assert outcome.status == 2
    assert "the command stands before its options" in outcome.errors
    assert "bpfgen import" in outcome.errors


VALUED = [
    name
    for option in options_of("compile")
    if option.kind in {VALUE, LIST}
    for name in option.spellings
]


@pytest.mark.parametrize("option", [*VALUED, "-isystem"])
def test_a_value_that_is_called_like_a_command(bpfgen: Run, option: str) -> None:
    """What an option takes is no command, whichever option it is."""
    for value in ("live", "size"):
        outcome = bpfgen(option, value, "missing.dsl", "missing.c")
        assert outcome.status
        assert "stands before" not in outcome.errors


def test_values_that_are_called_like_commands(tmp_path: Path) -> None:
    """The whole line is as good as with any other values; what is no value is refused still."""
    source = tmp_path / "a.dsl"
    source.write_text("const size = 4; map m: array<__u32, __u32>[size];\n")
    into = str(tmp_path / "a.go")
    words = ("--go-package", "live", "-I", "import", "-D", "size=2", str(source), "-o", into)
    assert main(words) == 0
    assert "package live" in Path(into).read_text()


@pytest.mark.parametrize("words", ["--no-config live", "--go-package a live", "-Iinc size a.o"])
def test_a_command_after_a_value(bpfgen: Run, words: str) -> None:
    """Neither an option without a value nor a value of its own makes it one."""
    assert "stands before" in bpfgen(*words.split()).errors
    assert "stands before" not in bpfgen("--no-config", "--", "live").errors
