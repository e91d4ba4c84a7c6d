"""Conditions on the command line: what needs macros, and which variant an object is."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from bpfgen.cli import main
from bpfgen.record import Record
from tests.tools import clang_program

if TYPE_CHECKING:
    from collections.abc import Callable

    Run = Callable[..., "Outcome"]

SOURCE = """\
macro MODE, FAST;
when (defined(FAST)) { const MANY = 64; } else { const MANY = 16; }
map flows: hash<__u32, __u64>[MANY];
when (MODE == 1) { map extra: array<__u32, __u64>[4]; }
else when (MODE == 2) { map extra: hash<__u64, __u64>[4]; }
"""


class Outcome(Record):
    """What a run came to."""

    status: int
    output: str
    errors: str


@pytest.fixture
def run(
    capfdbinary: pytest.CaptureFixture[bytes], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Run:
    """Give a function that runs the program in a directory with the source `maps.dsl`."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("NO_COLOR", "1")
    monkeypatch.setenv("BPFGEN_CLANG", clang_program())
    Path("maps.dsl").write_text(SOURCE)

    def program(*words: str) -> Outcome:
        capfdbinary.readouterr()
        status = main(list(words))
        output, errors = capfdbinary.readouterr()
        return Outcome(status, output.decode(), errors.decode())

    return program


def built(*flags: str) -> str:
    """Compile a program that includes `maps.h` with *flags*, as its own build does."""
    Path("program.c").write_text('#include "maps.h"\n')
    command = [clang_program(), "-target", "bpf", "-g", "-O2", "-w", *flags]
    subprocess.run([*command, "-c", "program.c", "-o", "program.o"], check=True)
    return "program.o"


@pytest.mark.parametrize("form", ["json", "go", "rust", "python", "object"])
def test_an_output_of_one_variant_says_what_is_missing(run: Run, form: str) -> None:
    """Each macro that decides is named, with what to type; what is given isn't."""
    outcome = run("maps.dsl", "--emit", form, "-o", "out")
    assert (outcome.status, Path("out").exists()) == (1, False)
    assert outcome.errors.startswith("error[when-undecided]: ")
    assert "`-D FAST=VALUE` or `-U FAST`" in outcome.errors
    assert "`-D MODE=VALUE` or `-U MODE`" in outcome.errors
    outcome = run("maps.dsl", "--emit", form, "-o", "out", "-U", "FAST")
    assert outcome.status == 1
    assert "FAST" not in outcome.errors
    assert "`-D MODE=VALUE` or `-U MODE`" in outcome.errors
    assert run("maps.dsl", "--emit", form, "-o", "out", "-U", "FAST", "-D", "MODE=2").status == 0
    assert Path("out").stat().st_size


def test_several_outputs_are_all_or_none(run: Run) -> None:
    """The header has all variants beside a file of one; what can't be made keeps both back."""
    outcome = run("maps.dsl", "-o", "maps.h", "-o", "maps.json")
    assert (outcome.status, list(Path().glob("maps.[hj]*"))) == (1, [])
    words = ("maps.dsl", "-o", "maps.h", "-o", "maps.json", "-o", "maps.o")
    assert run(*words, "-D", "MODE=1", "-D", "FAST").status == 0
    model = json.loads(Path("maps.json").read_text())
    assert [map["name"] for map in model["maps"]] == ["flows", "extra"]
    assert run("maps.dsl", "-o", "alone.h").status == 0
    assert Path("alone.h").read_bytes() == Path("maps.h").read_bytes()
    assert run("maps.dsl", "-o", "maps.h", "--check").status == 0
    for mode in ("-UMODE", "-DMODE=7"):
        assert run("maps.dsl", "-o", "maps.h", "--check", mode).status == 0


@pytest.mark.parametrize(
    ("flags", "holds", "maps"),
    [
        ((), "!defined(FAST) && MODE != 1 && MODE != 2", 1),
        (("-DMODE=2",), "!defined(FAST) && MODE == 2", 2),
        (("-DMODE=1", "-DFAST"), "defined(FAST) && MODE == 1", 2),
        (("-DMODE=5", "-DFAST=0"), "defined(FAST) && MODE != 1 && MODE != 2", 1),
    ],
)
def test_verify_finds_the_variant(run: Run, flags: tuple[str, ...], holds: str, maps: int) -> None:
    """A program that its build compiled with macros is recognised, whatever their values are."""
    assert run("maps.dsl", "-o", "maps.h").status == 0
    outcome = run("verify", built(*flags), "maps.dsl", "--exact")
    declared = (
        "map is as maps.dsl declares it" if maps == 1 else "maps are as maps.dsl declares them"
    )
    assert outcome.output == f"program.o: {maps} {declared}, where `{holds}` holds\n"
    assert (outcome.status, outcome.errors) == (0, "")
    record = json.loads(run("verify", "program.o", "maps.dsl", "--format", "json").output)
    assert (record["verified"], len(record["variants"])) == (True, 1)
    assert set(record["variants"][0]) == {"MODE", "FAST"}
    assert len(record["maps"]) == maps


def test_verify_finds_what_is_none_of_the_variants(run: Run) -> None:
    """Of many macros not every combination was compiled; a program may have any."""
    names = [f"M{number}" for number in range(7)]
    maps = "".join(
        f"map m_{name}: array<__u32, __u64>[1] {{ when ({name} == 2) {{ pinning = by_name; }} }}\n"
        f"when ({name}) {{ map only_{name}: array<__u32, __u64>[1]; }}\n"
        for name in names
    )
    Path("maps.dsl").write_text(f"macro {', '.join(names)};\n{maps}")
    assert run("maps.dsl", "-o", "maps.h").status == 0
    outcome = run("verify", built("-DM1=2", "-DM4=1", "-DM5=2"), "maps.dsl", "--exact")
    assert (outcome.status, outcome.errors) == (0, "")
    record = json.loads(run("verify", "program.o", "maps.dsl", "--format", "json").output)
    (found,) = record["variants"]
    assert {name: value for name, value in found.items() if value} == {"M1": 2, "M4": 1, "M5": 2}


def test_verify_takes_the_variant_that_it_is_told(run: Run) -> None:
    """With all macros given there is one variant, and it is compared as any source."""
    assert run("maps.dsl", "-o", "maps.h").status == 0
    words = ("verify", built("-DMODE=2"), "maps.dsl", "-U", "FAST")
    outcome = run(*words, "-D", "MODE=2")
    assert outcome.output == "program.o: 2 maps are as maps.dsl declares them\n"
    outcome = run(*words, "-D", "MODE=1")
    assert outcome.status == 1
    assert "error[verify-kind]" in outcome.errors
    assert "verify-variant" not in outcome.errors
    record = json.loads(run(*words, "-D", "MODE=1", "--format", "json").output)
    assert record["variants"] == [{"FAST": None, "MODE": 1}]


def test_verify_names_the_nearest_variant(run: Run) -> None:
    """An object that is none: its differences from the nearest, and what to say."""
    assert run("maps.dsl", "-o", "maps.h").status == 0
    text = Path("maps.h").read_text().replace("__uint(max_entries, 4)", "__uint(max_entries, 5)")
    Path("maps.h").write_text(text)
    outcome = run("verify", built("-DMODE=2", "-DFAST"), "maps.dsl", "--exact")
    assert outcome.status == 1
    assert "`max_entries` of map `extra` is declared as 4 and emitted as 5" in outcome.errors
    assert "error[verify-variant]: `program.o` is none of the 6 variants of `maps.dsl`" in (
        outcome.errors
    )
    assert "the nearest is that of `-D FAST=0 -D MODE=2`, with 1 difference" in outcome.errors
    record = json.loads(run("verify", "program.o", "maps.dsl", "--format", "json").output)
    assert (record["verified"], record["variants"]) == (False, [{"FAST": 0, "MODE": 2}])
    assert record["error"].startswith("`program.o` is none of the 6 variants")


def test_verification_names_the_variant(run: Run, tmp_path: Path) -> None:
    """A compiler that makes something else of one branch: its variant is in the message."""
    lying = tmp_path / "clang"
    edit = "s/__uint(type, BPF_MAP_TYPE_ARRAY)/__uint(type, BPF_MAP_TYPE_HASH)/"
    lying.write_text(
        "#!/bin/sh\nfor last; do :; done\n"
        f'case $last in *.c) sed -i \'{edit}\' "$last";; esac\nexec {clang_program()} "$@"\n'
    )
    lying.chmod(0o755)
    outcome = run("maps.dsl", "-o", "maps.h", "--clang", str(lying))
    assert (outcome.status, Path("maps.h").exists()) == (1, False)
    assert outcome.errors.count("error[verify-kind]") == 1
    assert "= note: where `MODE == 1` holds" in outcome.errors


def test_headers_of_all_variants_are_dependencies(run: Run) -> None:
    """The depfile has what any of them includes."""
    for name in ("old", "new"):
        Path(f"{name}.h").write_text(f"#pragma once\nstruct {name}_key {{ int a; }};\n")
    Path("maps.dsl").write_text(
        "macro NEW;\n"
        'when (NEW) { include "new.h"; map m: hash<struct new_key, int>[1]; }\n'
        'else { include "old.h"; map m: hash<struct old_key, int>[1]; }\n'
    )
    assert run("maps.dsl", "-o", "maps.h", "--depfile", "maps.d", "-D", "NEW").status == 0
    rule = Path("maps.d").read_text().split("\n\n")[0].replace("\\\n", "").split()
    assert rule == ["maps.h:", "maps.dsl", *sorted(rule[2:], key=rule.index)]
    assert {"old.h", "new.h"} <= set(rule)
