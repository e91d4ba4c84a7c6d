"""C that clang refuses can't be compared, and a map that import can't declare isn't gone."""

from __future__ import annotations

import json
import subprocess
from typing import TYPE_CHECKING

import pytest

from tests.tools import clang_program, require_clang

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.changes.conftest import Outcome

    Run = Callable[..., Outcome]

PROGRAM = """\
#include "types.h"
#define SEC(name) __attribute__((section(name), used))
#ifdef BROKEN
#error no
#endif
struct {
	int (*type)[1];
	int (*max_entries)[64];
	int (*pinning)[1];
	unsigned int *key;
	struct val *value;
} flows SEC(".maps");
struct { int (*type)[2]; int (*max_entries)[4]; unsigned int *key; long *value; } cfg SEC(".maps");
"""
TYPES = "struct val { unsigned long rx, tx; };\n"

DAMAGES = [
    pytest.param("#error no\n", "#error no", id="error"),
    pytest.param('#include "nosuch.h"\n', "'nosuch.h' file not found", id="header"),
    pytest.param("this is no C\n", "unknown type name 'this'", id="no-c"),
    pytest.param("struct cut { u65 tx; };\n", "unknown type name 'u65'", id="type"),
    pytest.param("struct cut { int rx int tx; };\n", "expected ';'", id="semicolon"),
]


@pytest.fixture(autouse=True)
def _sources(tmp_path: Path) -> None:
    require_clang()
    (tmp_path / "inc").mkdir()
    (tmp_path / "inc/types.h").write_text(TYPES, encoding="utf-8")
    (tmp_path / "old.bpf.c").write_text(PROGRAM, encoding="utf-8")
    new = PROGRAM.replace("[64]", "[128]")
    (tmp_path / "new.bpf.c").write_text(new, encoding="utf-8")


@pytest.mark.parametrize("words", [("old", "new"), ("new", "old")], ids=["new", "old"])
@pytest.mark.parametrize(("damage", "said"), DAMAGES)
def test_what_clang_refuses(
    bpfgen: Run, tmp_path: Path, words: tuple[str, str], damage: str, said: str
) -> None:
    """Neither side of a comparison may be C that doesn't compile."""
    old, new = (f"{word}.bpf.c" for word in words)
    whole = bpfgen("breaking", old, new, "-I", "inc")
    assert (whole.status, "break-pin-max-entries" in whole.errors) == (1, True)
    broken = tmp_path / "new.bpf.c"
    broken.write_text(broken.read_text() + damage, encoding="utf-8")
    line = broken.read_text().count("\n")
    outcome = bpfgen("breaking", old, new, "-I", "inc")
    assert (outcome.status, outcome.output) == (2, "")
    first = f"error[clang]: new.bpf.c: the C doesn't compile here: new.bpf.c:{line}: {said}"
    assert outcome.errors.startswith(first)
    assert "break-" not in outcome.errors
    assert "`-p DIR`" in outcome.errors
    written = json.loads(bpfgen("breaking", old, new, "-I", "inc", "--format", "json").output)
    (source,) = written["sources"]
    assert (source["compared"], [one["code"] for one in source["errors"]]) == (False, ["clang"])


@pytest.mark.parametrize("word", ["old", "new"])
def test_the_type_of_a_pinned_map(bpfgen: Run, tmp_path: Path, word: str) -> None:
    """A map whose type clang refuses isn't gone, and its pin is nobody's to remove."""
    path = tmp_path / f"{word}.bpf.c"
    text = path.read_text().replace('#include "types.h"', "struct val { u65 tx; };")
    path.write_text(text, encoding="utf-8")
    outcome = bpfgen("breaking", "old.bpf.c", "new.bpf.c", "-I", "inc")
    assert (outcome.status, "gone" in outcome.errors) == (2, False)
    assert f"{word}.bpf.c:1: unknown type name 'u65'" in outcome.errors


def test_flags_that_are_missing(bpfgen: Run) -> None:
    """What is typed instead: where the header is, or what the build defines."""
    outcome = bpfgen("breaking", "old.bpf.c", "new.bpf.c")
    assert outcome.status == 2
    assert "old.bpf.c:1: 'types.h' file not found" in outcome.errors
    assert "`-I DIR` names its directory" in outcome.errors
    outcome = bpfgen("breaking", "old.bpf.c", "new.bpf.c", "-I", "inc", "-D", "BROKEN")
    assert (outcome.status, "old.bpf.c:4: #error no" in outcome.errors) == (2, True)


def test_a_header_alone(bpfgen: Run, tmp_path: Path) -> None:
    """It is compared if it says all that its maps need; else programs know what they are."""
    text = PROGRAM.replace('#include "types.h"', "")
    for name, own in (("alone.h", TYPES), ("needy.h", "")):
        (tmp_path / name).write_text(
            own + text.replace("unsigned int", "u32" if not own else "int")
        )
    outcome = bpfgen("breaking", "alone.h", "alone.h", "--all")
    assert (outcome.status, outcome.errors) == (0, "")
    outcome = bpfgen("breaking", "needy.h", "needy.h", "--all")
    assert (outcome.status, outcome.errors.startswith("error[clang]: needy.h: ")) == (2, True)


@pytest.mark.parametrize(
    "words", [("git:HEAD:",), ("--against", "git:HEAD")], ids=["git", "against"]
)
def test_the_past(bpfgen: Run, tmp_path: Path, words: tuple[str, ...]) -> None:
    """A revision that doesn't compile is one that can't be compared, and is called by its name."""
    (tmp_path / "new.bpf.c").write_text(f"{PROGRAM}this is no C\n", encoding="utf-8")
    git = ("git", "-c", "user.name=n", "-c", "user.email=n@e", "-c", "commit.gpgsign=false")
    for step in (["init", "-q"], ["add", "."], ["commit", "-qm", "one"]):
        subprocess.run([*git, *step], cwd=tmp_path, check=True)
    (tmp_path / "new.bpf.c").write_text(PROGRAM, encoding="utf-8")
    sides = ("git:HEAD:new.bpf.c", "new.bpf.c") if len(words) == 1 else ("new.bpf.c", *words)
    outcome = bpfgen("breaking", *sides, "-I", "inc")
    assert outcome.status == 2
    assert outcome.errors.startswith("error[clang]: git:HEAD:")
    assert "new.bpf.c:14: unknown type name 'this'" in outcome.errors


@pytest.mark.parametrize("words", [("old", "new"), ("new", "old")], ids=["new", "old"])
@pytest.mark.parametrize("suffix", [".bpf.c", ".o"])
def test_a_map_that_cannot_be_declared(
    bpfgen: Run, tmp_path: Path, words: tuple[str, str], suffix: str
) -> None:
    """It compiles, and nobody knows its value: named, and neither gone nor a new name of another.

    What it alone has is not gone either.
    """
    text = PROGRAM.replace('#include "types.h"', TYPES).replace("[64]", "[32]")
    unknown = text.replace(TYPES, "struct val;\n")
    for name, each in (("old", text), ("new", unknown)):
        (tmp_path / f"{name}.bpf.c").write_text(each, encoding="utf-8")
        if suffix == ".o":
            compile = (clang_program(), "-target", "bpf", "-g", "-O2", "-c", f"{name}.bpf.c")
            subprocess.run([*compile, "-o", f"{name}.o"], cwd=tmp_path, check=True)
    outcome = bpfgen("breaking", *(f"{word}{suffix}" for word in words), "--all")
    assert outcome.status == 0
    assert "error" not in outcome.errors
    assert outcome.errors.count("warning[break-uncompared]") == 1
    side = "NEW" if words[1] == "new" else "OLD"
    assert f"map `flows` was not compared: import can't declare it in {side}" in outcome.errors
    assert outcome.output.endswith("; 1 not compared\n")


def test_an_object_that_libbpf_refuses(bpfgen: Run, tmp_path: Path) -> None:
    """What it declares is compared, and that nobody can load it is said of NEW."""
    text = PROGRAM.replace('#include "types.h"', TYPES)
    for name, each in (
        ("old", text),
        ("new", text.replace("long *value;", "long *value, *bogus;")),
    ):
        (tmp_path / f"{name}.c").write_text(each, encoding="utf-8")
        compile = (clang_program(), "-target", "bpf", "-g", "-O2", "-c", f"{name}.c")
        subprocess.run([*compile, "-o", f"{name}.o"], cwd=tmp_path, check=True)
    outcome = bpfgen("breaking", "old.o", "new.o", "--all")
    assert (outcome.status, "gone" in outcome.errors) == (0, False)
    assert outcome.errors.startswith("warning[import-refused]: new.o: ")
    assert "bogus" in outcome.errors
    assert bpfgen("breaking", "new.o", "old.o", "--all").errors == ""
