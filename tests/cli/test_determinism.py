"""The same input gives the same bytes, whatever the machine around it looks like."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from functools import cache
from typing import TYPE_CHECKING

import pytest

from tests.samples import BROKEN, SAMPLES
from tests.tools import CHECKOUT, compilers, find, require_clang

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

GOOD = [*sorted(path.name for path in SAMPLES.glob("*.dsl")), "imports/user.dsl"]

RUN = """
import io, os, sys
from contextlib import redirect_stderr
from bpfgen.cli import main

def say(text):
    os.write(1, text if isinstance(text, bytes) else text.encode("utf-8", "surrogateescape"))

place, forms, options, *names = [word.split(chr(1)) for word in sys.argv[1:]]
for (name,) in names:
    for form in forms:
        messages = io.StringIO()
        groups = [*options, "-o " + os.environ["OUT"] + "/out", "--emit " + form]
        words = [word for group in groups for word in group.split()]
        if place[1]:
            words = [word for group in reversed(groups) for word in group.split()]
        with redirect_stderr(messages):
            status = main([place[0] + name, *words] if place[1] else [*words, place[0] + name])
        said = messages.getvalue().replace(place[0], "")
        say(f"== {name} {form}: {status}\\n{said}")
        if status == 0:
            with open(os.environ["OUT"] + "/out", "rb") as made:
                say(made.read())
"""
"""Compiles many samples in one process, and prints every byte that comes of it."""


class Surroundings:
    """What may be otherwise on another machine, or the next time.

    Attributes:
        environment: Variables that are set; None for one that is not there.
        directory: Where bpfgen runs: `samples`, `checkout`, `elsewhere`, or a copy of the samples.
        absolute: Whether inputs are absolute paths.
        reversed: Whether options stand behind the input, in the other order.
        umask: The file mode creation mask.
        objects: Whether objects are made too, which takes a clang for each.
    """

    def __init__(
        self,
        *,
        directory: str = "samples",
        absolute: bool = False,
        reversed: bool = False,
        umask: int = 0o022,
        objects: bool = False,
        **environment: str | None,
    ) -> None:
        self.environment = environment
        self.directory = directory
        self.absolute = absolute
        self.reversed = reversed
        self.umask = umask
        self.objects = objects

    def run(
        self, names: Sequence[str], forms: Sequence[str], options: Sequence[str], out: Path
    ) -> bytes:
        """Return all that comes of the samples *names*."""
        environment = {
            **os.environ,
            "PYTHONPATH": str(CHECKOUT),
            "PYTHONHASHSEED": "0",
            "LC_ALL": "C.UTF-8",
            "OUT": str(out),
        }
        for name, value in self.environment.items():
            environment.pop(name, None)
            if value is not None:
                environment[name] = value
        places = {"samples": SAMPLES, "checkout": CHECKOUT, "elsewhere": out}
        directory = places.get(self.directory, self.directory)
        place = ""
        if self.directory in {"checkout", "elsewhere"}:
            place = os.path.relpath(SAMPLES, directory) + "/"
        if self.absolute:
            place = f"{SAMPLES}/"
        words = ["\1".join([place, "x" * self.reversed]), "\1".join(forms), "\1".join(options)]
        return subprocess.run(
            [sys.executable, "-c", RUN, *words, *names],
            cwd=directory,
            env=environment,
            stdout=subprocess.PIPE,
            check=True,
            umask=self.umask,
        ).stdout


def locales() -> list[str]:
    """Return the locales of this machine that differ from each other most."""
    program = find("locale")
    if program is None:
        return []
    listed = subprocess.run([program, "-a"], capture_output=True, text=True, check=False).stdout
    there = {name.lower().replace("-", ""): name for name in listed.split()}
    wanted = ("C", "POSIX", "de_DE.utf8", "de_DE", "tr_TR.utf8", "ja_JP.eucjp")
    return [there[name.lower()] for name in wanted if name.lower() in there]


VARIED = {
    "another hash seed": Surroundings(PYTHONHASHSEED="1", objects=True),
    "a random hash seed": Surroundings(PYTHONHASHSEED="random"),
    "the plain C locale": Surroundings(
        LC_ALL="C", PYTHONCOERCECLOCALE="0", PYTHONUTF8="0", objects=True
    ),
    "no locale": Surroundings(LC_ALL=None, LANG=None),
    "a locale that isn't there": Surroundings(LC_ALL="xx_XX.UTF-8"),
    "another encoding of streams": Surroundings(PYTHONIOENCODING="latin-1"),
    "UTF-8 mode": Surroundings(PYTHONUTF8="1", LC_ALL="POSIX"),
    "another time zone": Surroundings(TZ="Pacific/Kiritimati", SOURCE_DATE_EPOCH="1", objects=True),
    "from the checkout": Surroundings(directory="checkout", objects=True),
    "from elsewhere": Surroundings(directory="elsewhere"),
    "absolute paths": Surroundings(absolute=True),
    "absolute paths from elsewhere": Surroundings(
        directory="elsewhere", absolute=True, objects=True
    ),
    "options in another order": Surroundings(reversed=True),
    "an open umask": Surroundings(umask=0),
    "a closed umask": Surroundings(umask=0o077, objects=True),
    "another user at another terminal": Surroundings(
        HOME="/nonexistent", USER="nobody", TERM="dumb", COLUMNS="40", NO_COLOR="1"
    ),
    **{f"the locale {name}": Surroundings(LC_ALL=name, PYTHONUTF8="0") for name in locales()},
}

OPTIONS = ("-I nowhere", "-I imports", "--relax-compat", "-W no-unverified", "--no-verify")
"""They make a difference to no sample, but might by their order."""

EVERY_CLANG = [name for name in GOOD if name != "arena.dsl"]
"""clang before 15 cuts the map_extra of the other, which verification finds."""

NOT_LEGACY = [name for name in GOOD if name != "legacy.dsl"]
"""bpfgen's own assembler leaves the other to clang."""

WRONG = [f"broken/{name}" for name in BROKEN]

SETS: dict[str, tuple[Sequence[str], Sequence[str], Sequence[str]]] = {
    "objects": (GOOD, ("object",), ()),
    "objects without clang": (NOT_LEGACY, ("object",), ("--assembler builtin",)),
    "headers": (GOOD, ("header", "json"), OPTIONS),
    "messages": (WRONG, ("header",), ("--color never",)),
    "messages as JSON": (WRONG, ("header",), ("--diagnostics json",)),
}
"""Samples, what is made of them, and the options."""


@pytest.fixture(scope="session")
def everyday(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """What comes of every set in everyday surroundings."""
    out = tmp_path_factory.mktemp("everyday")
    return {name: Surroundings(BPFGEN_CLANG=clang()).run(*SETS[name], out) for name in SETS}


@cache
def clang() -> str:
    """Return the clang that all runs of a test share."""
    return require_clang()


@pytest.mark.parametrize("case", VARIED)
def test_surroundings(everyday: dict[str, bytes], case: str, tmp_path: Path) -> None:
    """Headers, JSON, objects and messages of all samples are the same to the byte."""
    around = VARIED[case]
    around.environment["BPFGEN_CLANG"] = clang()
    for name, chosen in SETS.items():
        if "objects" not in name or around.objects:
            assert around.run(*chosen, tmp_path) == everyday[name], name


def test_the_sets_say_something(everyday: dict[str, bytes]) -> None:
    """All good samples compiled, no broken one did, and the messages were seen."""
    assert everyday["objects"].count(b" object: 0\n") == len(GOOD)
    assert everyday["objects"].count(b"\x7fELF") == len(GOOD)
    assert everyday["objects without clang"].count(b"\x7fELF") == len(NOT_LEGACY)
    assert everyday["headers"].count(b"/* Generated by bpfgen from ") == len(GOOD)
    assert everyday["messages"].count(b" header: 1\n") == len(WRONG)
    assert everyday["messages"].count(b"error[") > 2 * len(WRONG)
    assert everyday["messages as JSON"].count(b'"code": ') > 2 * len(WRONG)


@pytest.mark.parametrize("name", compilers())
def test_the_clang_makes_no_difference(
    everyday: dict[str, bytes], name: str, tmp_path: Path
) -> None:
    """Verified with one clang or another or with none, headers and JSON are the same bytes."""
    around = Surroundings(BPFGEN_CLANG=require_clang(name))
    forms = ("header", "json") if name == compilers()[0] else ("header",)
    verified = around.run(EVERY_CLANG, forms, (*OPTIONS[:-1], "--verify"), tmp_path)
    unverified = around.run(EVERY_CLANG, forms, OPTIONS, tmp_path)
    assert verified == unverified
    assert everyday["headers"] == around.run(*SETS["headers"], tmp_path)


def test_another_place_of_the_sources(everyday: dict[str, bytes], tmp_path: Path) -> None:
    """A copy of them, with other times and rights, comes to the same."""
    copy = tmp_path / "copy"
    shutil.copytree(SAMPLES, copy, copy_function=shutil.copyfile)
    for path in copy.rglob("*.dsl"):
        os.utime(path, (1, 1))
        path.chmod(0o400)
    around = Surroundings(BPFGEN_CLANG=clang(), directory=str(copy))
    for name, chosen in SETS.items():
        assert around.run(*chosen, tmp_path) == everyday[name], name
