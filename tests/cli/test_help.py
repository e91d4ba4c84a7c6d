"""Help, completions and the manual page: all from the option table, tried with the real shells."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from bpfgen.commands.option import EVERY_COMMAND
from bpfgen.commands.options import all_options, options_of
from bpfgen.commands.parser import parser
from bpfgen.commands.running_options import RUNNING_OPTIONS
from bpfgen.commands.share import shared_files
from bpfgen.commands.table import COMMANDS
from tests.tools import CHECKOUT, require, witnessed

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.cli.conftest import Outcome

    Run = Callable[..., Outcome]

SHARE = CHECKOUT / "share"
COMPLETIONS = {
    "bash": SHARE / "bash-completion/completions/bpfgen",
    "zsh": SHARE / "zsh/site-functions/_bpfgen",
    "fish": SHARE / "fish/vendor_completions.d/bpfgen.fish",
}
MANUAL = SHARE / "man/man1/bpfgen.1"

COMPLETED: list[tuple[str, set[str], set[str]]] = [
    ("bpfgen ", {"inspect", "verify", "kinds", "a.dsl", "x.o", "sub"}, {"compile", "--emit"}),
    ("bpfgen a.dsl ", {"a.dsl", "sub"}, {"inspect"}),
    ("bpfgen --em", {"--emit"}, {"--depfile"}),
    ("bpfgen --no-v", {"--no-verify"}, {"--verify"}),
    ("bpfgen a.dsl --emit ", {"header", "object", "json"}, {"a.dsl"}),
    ("bpfgen a.dsl --out-dir ", {"sub"}, {"a.dsl"}),
    ("bpfgen a.dsl --style i", {"initializer"}, {"modern"}),
    ("bpfgen a.dsl -W no-unver", {"no-unverified"}, {"unverified"}),
    ("bpfgen a.dsl -W no-", {"no-key-padding", "no-map-name-length"}, {"no-usage", "usage"}),
    ("bpfgen a.dsl -W a", {"all"}, {"allowance"}),
    ("bpfgen fmt ", {"a.dsl", "sub"}, {"x.o", "notes.txt"}),
    ("bpfgen inspect ", {"x.o", "sub"}, {"a.dsl", "verify"}),
    ("bpfgen inspect --", {"--types", "--format"}, {"--emit", "--depfile"}),
    ("bpfgen verify x.o --format ", {"text", "json"}, {"markdown"}),
    ("bpfgen explain map-ki", {"map-kind"}, {"map-flags"}),
    ("bpfgen kinds lp", {"lpm_trie"}, {"hash"}),
    ("bpfgen completions ", {"bash", "zsh", "fish"}, {"a.dsl"}),
    ("bpfgen help ve", {"verify"}, {"inspect"}),
]
"""A line as far as it is typed, what is offered then, and what isn't."""

OF_BASH = [
    ("bpfgen a.dsl --emit=he", {"header"}, {"json"}),
    ("bpfgen a.dsl ", {"a.dsl", "x.o"}, {"notes.txt"}),
    ("bpfgen a.dsl --accessors=", {"libbpf-rs", "aya"}, {"a.dsl"}),
    ("bpfgen --accessors ", {"a.dsl", "x.o"}, {"aya"}),
    ("bpfgen a.dsl -W error=", {"unverified", "key-padding"}, {"a.dsl", "usage", "no-usage"}),
    ("bpfgen a.dsl -Werror=unver", {"unverified"}, {"a.dsl"}),
    ("bpfgen verify a.o -W no-error=unver", {"unverified"}, {"a.dsl"}),
    ("bpfgen -W error ", {"a.dsl"}, {"usage"}),
    ("bpfgen a.dsl -Is", {"-Isub"}, {"sub"}),
    ("bpfgen a.dsl -o ", {"a.dsl", "x.o", "with blank.dsl", "sub"}, {"inspect"}),
]


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """Give a directory with some files, and a `bpfgen` of this checkout beside it."""
    tools = tmp_path / "tools"
    tools.mkdir()
    command = tools / "bpfgen"
    command.write_text(
        f'#!/bin/sh\nPYTHONPATH={shlex.quote(str(CHECKOUT))} exec {sys.executable} -m bpfgen "$@"\n'
    )
    command.chmod(0o755)
    here = tmp_path / "here"
    (here / "sub").mkdir(parents=True)
    for name in ("a.dsl", "x.o", "with blank.dsl", "notes.txt"):
        (here / name).write_text("")
    return here


def environment(place: Path) -> dict[str, str]:
    """Return an environment in which that `bpfgen` is found."""
    path = f"{place.parent / 'tools'}{os.pathsep}{os.environ.get('PATH', os.defpath)}"
    return {**os.environ, "PATH": path, "HOME": str(place.parent), "LC_ALL": "C.UTF-8"}


@pytest.mark.parametrize(("line", "offered", "absent"), [*COMPLETED, *OF_BASH])
def test_bash_completes(place: Path, line: str, offered: set[str], absent: set[str]) -> None:
    """The function that bash calls, with the words as bash divides them."""
    words = re.findall(r"=|[^\s=]+", line) + [""] * line.endswith(" ")
    script = (
        f"source {shlex.quote(str(COMPLETIONS['bash']))}\n"
        f"COMP_WORDS=({' '.join(map(shlex.quote, words))}); COMP_CWORD={len(words) - 1}\n"
        "_bpfgen bpfgen; printf '%s\\n' \"${COMPREPLY[@]}\"; complete -p bpfgen\n"
    )
    run = subprocess.run(
        [require("bash"), "--norc", "-c", script],
        cwd=place,
        env=environment(place),
        capture_output=True,
        text=True,
        check=True,
    )
    *found, registered = run.stdout.splitlines()
    assert (registered, run.stderr) == ("complete -F _bpfgen bpfgen", "")
    assert offered <= set(found)
    assert not absent & set(found)


@pytest.mark.parametrize(("line", "offered", "absent"), witnessed(COMPLETED, "fish"))
def test_fish_completes(place: Path, line: str, offered: set[str], absent: set[str]) -> None:
    """What fish itself says it would offer; of files it offers all, those that fit first."""
    absent = absent - {"a.dsl", "x.o"}
    script = f"source {shlex.quote(str(COMPLETIONS['fish']))}; complete -C {shlex.quote(line)}"
    run = subprocess.run(
        [require("fish"), "--no-config", "-c", script],
        cwd=place,
        env=environment(place),
        capture_output=True,
        text=True,
        check=True,
    )
    found = {each.partition("\t")[0].rstrip("/") for each in run.stdout.splitlines()}
    assert offered <= found
    assert not absent & found


@pytest.mark.parametrize("shell", COMPLETIONS)
def test_the_syntax_is_that_of_the_shell(shell: str) -> None:
    """Each shell reads its script without a complaint."""
    run = subprocess.run(
        [require(shell), "-n", COMPLETIONS[shell]], capture_output=True, text=True, check=False
    )
    assert (run.returncode, run.stderr) == (0, "")


def test_zsh_loads_it(place: Path) -> None:
    """compinit finds the function for `bpfgen`, and it is one that `_arguments` understands."""
    directory = COMPLETIONS["zsh"].parent
    # Outside of a completion `_arguments` is a stand-in that takes its specifications apart.
    script = (
        f"fpath=({shlex.quote(str(directory))} $fpath); autoload -U compinit; compinit -D -u\n"
        "print $_comps[bpfgen]\n"
        "_arguments() { shift; print -rl -- $@ }\n"
        "words=(bpfgen verify x); CURRENT=3; _bpfgen\n"
    )
    run = subprocess.run(
        [require("zsh"), "-f", "-c", script],
        cwd=place,
        env=environment(place),
        capture_output=True,
        text=True,
        check=False,
    )
    first, *specs = run.stdout.splitlines()
    assert first == "_bpfgen"
    assert "--exact[maps that aren't declared are errors]" in specs
    assert "--format=[json\\: one object, for programs]:FORM:(text json)" in specs
    assert not any(spec.startswith("--depfile") for spec in specs)


def test_the_files_below_share_are_current() -> None:
    """They are what the table says; `python -m bpfgen.commands.share` writes them."""
    for path, text in shared_files().items():
        found = (SHARE / path).read_text(encoding="utf-8")
        assert found == text, f"share/{path}: run `python -m bpfgen.commands.share`"


def test_completions_print_them(bpfgen: Run) -> None:
    """One script for each shell; another shell is wrong usage."""
    for shell, path in COMPLETIONS.items():
        assert bpfgen("completions", shell).output == path.read_text(encoding="utf-8")
    assert bpfgen("completions", "tcsh").status == 2
    assert bpfgen("completions").status == 2


@pytest.mark.parametrize(
    "command", [["man", "--warnings", "-l"], ["groff", "-ww", "-man", "-z"], ["mandoc", "-Wunsupp"]]
)
def test_the_manual_is_clean(command: list[str]) -> None:
    """No program that sets it has anything to say, but for the date that it has none of."""
    program = require(command[0])
    run = subprocess.run(
        [program, *command[1:], MANUAL],
        env={**os.environ, "MANPAGER": "cat", "PAGER": "cat"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (run.returncode, run.stderr) == (0, "")


def test_the_manual_has_every_option() -> None:
    """As it reads when it is set, under the command that it belongs to."""
    run = subprocess.run(
        [require("mandoc"), "-Tutf8", "-Owidth=200", MANUAL], capture_output=True, check=True
    )
    text = re.sub(".\b", "", run.stdout.decode())
    for command in COMMANDS.values():
        part = text
        if command.name != "compile":
            part = text.partition(f"\n   {command.typed}\n")[2].partition("\n   bpfgen")[0]
        assert part, command.name
        for option in options_of(command.name):
            for spelling in option.spellings:
                assert re.search(rf"^ +(\S.*, )?{spelling}\b", part, re.MULTILINE), spelling
    assert "the host's" in text
    assert "`target kernel`" in text


@pytest.mark.parametrize("name", COMMANDS)
def test_help(bpfgen: Run, name: str) -> None:
    """Examples first, then every option, in lines that fit; `help CMD` and `CMD --help` agree."""
    command = COMMANDS[name]
    shown = bpfgen("help", name)
    assert (shown.status, shown.errors) == (0, "")
    assert shown.output.startswith(f"usage: {command.examples[0][0]}")
    for option in options_of(name):
        for spelling in option.spellings:
            assert re.search(rf"^  (\S.*, )?{spelling}\b", shown.output, re.MULTILINE)
    assert max(map(len, shown.output.splitlines())) <= 100
    own = [] if name == "compile" else [name]
    for words in (["--help"], ["-h"], ["x", "--nonsense", "--help"]):
        assert bpfgen(*own, *words).output == shown.output


def test_nothing_is_asked(bpfgen: Run) -> None:
    """`bpfgen` alone shows its help, where people look for what is wrong, and hasn't done a thing.

    A project that lists no outputs is told how it would; one that does has them made.
    """
    outcome = bpfgen()
    assert (outcome.status, outcome.output) == (2, "")
    assert outcome.errors == bpfgen("--help").output


def test_help_of_nothing(bpfgen: Run) -> None:
    """`bpfgen help` is that of the compiler; a misspelt command gets a suggestion."""
    assert bpfgen("help").output == bpfgen("--help").output
    unknown = bpfgen("help", "inspekt")
    assert unknown.status == 2
    assert "did you mean `inspect`?" in unknown.errors
    assert bpfgen("help", "a", "b").status == 2
    after = bpfgen("x.dsl", "-o", "x.h", "--", "--help")
    assert (after.status, after.output) == (2, "")


def test_the_table_is_whole() -> None:
    """Each row belongs to commands that there are, and no command has an option twice."""
    for option in (*all_options(), *RUNNING_OPTIONS):
        assert set(option.commands.split()) <= {*COMMANDS, EVERY_COMMAND}
        assert not option.help.endswith(".")
        assert option.kind in {"flag", "switch"} or option.metavar
    for name in COMMANDS:
        parser(name)  # argparse refuses a name that is there
        parser(name, grouped=True)
