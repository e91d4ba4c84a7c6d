"""`bpfgen breaking OLD NEW`: how it is asked, what it exits with, and the forms of its output."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING

import pytest

from tests.tools import require_clang

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.changes.conftest import Outcome

    Run = Callable[..., Outcome]

SOUND = "map flows: hash<__u32, __u64>[64];\n"
REFUSED = "map flows: hash<__u32, __u64>[64] { map_flags = BPF_F_MMAPABLE; }\n"
UNRESOLVED = "map flows: hash<__u32, nothing>[64];\n"


@pytest.fixture
def sources(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the working directory, with a source of each sort."""
    monkeypatch.chdir(tmp_path)
    for name, text in (("sound", SOUND), ("refused", REFUSED), ("unresolved", UNRESOLVED)):
        (tmp_path / f"{name}.dsl").write_text(text, encoding="utf-8")
    return tmp_path


@pytest.mark.usefixtures("sources")
def test_nothing_is_broken(bpfgen: Run) -> None:
    """A source against itself, in every category."""
    outcome = bpfgen("breaking", "sound.dsl", "sound.dsl", "--all")
    assert (outcome.status, outcome.errors) == (0, "")
    said = "sound.dsl against sound.dsl: nothing breaks of pin, layout, inner, link, source\n"
    assert outcome.output == said


@pytest.mark.usefixtures("sources")
def test_status_of_what_is_wrong_with_a_side(bpfgen: Run) -> None:
    """Rules are asked of NEW alone; what can't be resolved or read can't be compared."""
    assert bpfgen("breaking", "refused.dsl", "refused.dsl").status == 1
    outcome = bpfgen("breaking", "sound.dsl", "unresolved.dsl")
    assert outcome.status == 2
    assert "error[unknown-type]" in outcome.errors
    assert bpfgen("breaking", "unresolved.dsl", "sound.dsl").status == 2
    assert bpfgen("breaking", "missing.dsl", "sound.dsl").status == 2
    outcome = bpfgen("breaking", "sound.dsl", "missing.dsl")
    assert outcome.status == 2
    assert "cannot read `missing.dsl`" in outcome.errors


@pytest.mark.usefixtures("sources")
def test_usage(bpfgen: Run) -> None:
    """Two operands, and categories that there are."""
    assert bpfgen("breaking").status == 2
    assert bpfgen("breaking", "sound.dsl").status == 2
    assert bpfgen("breaking", "-", "-").status == 2
    outcome = bpfgen("breaking", "sound.dsl", "sound.dsl", "--categories", "pin,layuot")
    assert outcome.status == 2
    assert "did you mean `layout`?" in outcome.errors


@pytest.mark.usefixtures("sources")
def test_json(bpfgen: Run) -> None:
    """One object, also where a side can't be read."""
    outcome = bpfgen("breaking", "sound.dsl", "missing.dsl", "--format", "json")
    assert outcome.status == 2
    record = json.loads(outcome.output)
    assert record["format"] == 1
    assert [error["code"] for error in record["sources"][0]["errors"]] == ["file"]


def test_a_pipe_is_read_once(bpfgen: Run, tmp_path: Path) -> None:
    """What rules refuse of NEW is compared though it can't be read again."""
    reader, writer = os.pipe()
    os.write(writer, REFUSED.replace("flows", "others").encode())
    os.close(writer)
    (tmp_path / "old.dsl").write_text(SOUND, encoding="utf-8")
    outcome = bpfgen("breaking", "old.dsl", f"/dev/fd/{reader}", "--all")
    os.close(reader)
    assert outcome.status == 1
    assert "error[map-flags]" in outcome.errors
    assert "error[break-pin-gone]" in outcome.errors


@pytest.mark.parametrize(
    ("option", "status", "said"),
    [
        ("-Wbreak-uncompared", 0, "warning[break-uncompared]"),
        ("-Werror=break-uncompared", 1, "error[break-uncompared]"),
        ("-Wno-break-uncompared", 0, ""),
    ],
)
def test_what_is_not_known(
    bpfgen: Run, tmp_path: Path, option: str, status: int, said: str
) -> None:
    """What couldn't be compared is a warning, in JSON as well, and -W has its say."""
    sized = "map flows: hash[64] { key_size = 4; value_size = 8; };\n"
    (tmp_path / "sized.dsl").write_text(sized, encoding="utf-8")
    typed = "struct v { __u32 a, b; };\nmap flows: hash<__u32, v>[64];\n"
    (tmp_path / "typed.dsl").write_text(typed, encoding="utf-8")
    words = ("breaking", "typed.dsl", "sized.dsl", option)
    outcome = bpfgen(*words)
    assert outcome.status == status
    assert outcome.errors.partition(":")[0] == said
    written = bpfgen(*words, "--format", "json")
    assert (written.status, written.errors) == (status, "")
    record = json.loads(written.output)
    assert len(record["sources"][0]["uncompared"]) == bool(said)
    assert record["failed"] == bool(status)


def test_a_type_of_several_maps_is_told_once(bpfgen: Run, tmp_path: Path) -> None:
    """With all of them, or of very many the first."""
    for name, kind in (("old", "__u64"), ("new", "__u32")):
        maps = "".join(f"map m{number}: hash<__u32, v>[8];\n" for number in range(11))
        text = f"struct v {{ {kind} a; }};\n{maps}"
        (tmp_path / f"{name}.dsl").write_text(text, encoding="utf-8")
    outcome = bpfgen("breaking", "old.dsl", "new.dsl")
    assert outcome.output == "new.dsl against old.dsl: 1 finding of layout; none of pin, inner\n"
    listed = ", ".join(f"`m{number}`" for number in range(8))
    assert f"= note: this concerns maps {listed} and 3 more\n" in outcome.errors


def test_definitions_are_for_both_sides(bpfgen: Run, tmp_path: Path) -> None:
    """A constant that one side has is no mistake of the other; a name that no side has is one."""
    (tmp_path / "old.dsl").write_text(SOUND, encoding="utf-8")
    sized = f"const SIZE = 32;\n{SOUND.replace('64]', 'SIZE]')}"
    (tmp_path / "new.dsl").write_text(sized, encoding="utf-8")
    words = ("breaking", "old.dsl", "new.dsl", "--all", "--categories", "pin")
    assert bpfgen(*words).status == 1
    outcome = bpfgen(*words, "-D", "SIZE=64")
    assert (outcome.status, outcome.errors) == (0, "")
    outcome = bpfgen(*words, "-D", "SIZE=64", "-D", "SZIE=1")
    assert outcome.status == 0
    assert outcome.errors.startswith("warning[unknown-definition]: `-D SZIE` replaces no constant")
    assert outcome.errors.count("unknown-definition") == 1


def test_a_wrong_allowance_of_old_is_past(bpfgen: Run, tmp_path: Path) -> None:
    """It is no obstacle; that of NEW is an error, and NEW is compared all the same."""
    (tmp_path / "wrong.dsl").write_text(f"// bpfgen: allow\n{SOUND}", encoding="utf-8")
    (tmp_path / "right.dsl").write_text(SOUND.replace("64]", "32]"), encoding="utf-8")
    words = ("--all", "--categories", "pin")
    outcome = bpfgen("breaking", "wrong.dsl", "right.dsl", *words)
    assert outcome.status == 1
    assert "error[allowance]" not in outcome.errors
    outcome = bpfgen("breaking", "right.dsl", "wrong.dsl", *words)
    assert "error[allowance]" in outcome.errors
    assert "error[break-pin-max-entries]" in outcome.errors


def test_what_cannot_be_had(bpfgen: Run, tmp_path: Path) -> None:
    """A damaged object can't be read; without a tool the status is 3, with git as with a clang."""
    (tmp_path / "new.dsl").write_text(SOUND, encoding="utf-8")
    (tmp_path / "old.o").write_bytes(b"\x7fELF and no more")
    outcome = bpfgen("breaking", "old.o", "new.dsl")
    assert outcome.status == 2
    assert outcome.errors.startswith("error[object-format]: old.o: ")
    (tmp_path / "old.dsl").write_text(f"include <linux/in.h>;\n{SOUND}", encoding="utf-8")
    outcome = bpfgen("breaking", "old.dsl", "new.dsl", "--clang", "./missing")
    assert outcome.status == 3
    assert "error[tool-missing]" in outcome.errors


def test_without_git(bpfgen: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """It is a tool as any other."""
    (tmp_path / "new.dsl").write_text(SOUND, encoding="utf-8")
    monkeypatch.setenv("PATH", str(tmp_path))
    outcome = bpfgen("breaking", "git:HEAD:new.dsl", "new.dsl")
    assert outcome.status == 3
    assert outcome.errors.startswith("error[tool-missing]: ")


def test_flags_of_each_file_of_c(bpfgen: Run, tmp_path: Path) -> None:
    """With -p both sides get the flags of NEW's own build; a file without any is wrong usage."""
    require_clang()
    text = (
        "#define SEC(name) __attribute__((section(name), used))\n"
        "struct { int (*type)[1]; int (*max_entries)[SIZE]; int *key; long *value; }"
        ' flows SEC(".maps");\n'
    )
    for name in ("old", "new", "other"):
        (tmp_path / f"{name}.c").write_text(text, encoding="utf-8")
    command = {"directory": str(tmp_path), "file": "new.c", "command": "clang -DSIZE=8 -c new.c"}
    (tmp_path / "compile_commands.json").write_text(json.dumps([command]), encoding="utf-8")
    outcome = bpfgen("breaking", "old.c", "new.c", "-p", ".", "--all")
    assert (outcome.status, outcome.errors) == (0, "")
    outcome = bpfgen("breaking", "old.c", "other.c", "-p", ".", "--all")
    assert outcome.status == 2
    assert outcome.errors.startswith("error[compile-commands]: ")


def test_a_member_without_a_place_is_named(bpfgen: Run, tmp_path: Path) -> None:
    """A type of a C header has none of its own: what is underlined is the map that has it."""
    require_clang()
    for side, type, first in (("old", "int", 1), ("new", "long", 2)):
        (tmp_path / side).mkdir()
        header = (
            f"enum kind {{ OPEN = {first} }}; struct event {{ {type} tgid; enum kind kind; }};\n"
        )
        (tmp_path / side / "shared.h").write_text(header, encoding="utf-8")
        text = 'include "shared.h";\nmap events: ringbuf<event>[4096];\n'
        (tmp_path / side / "maps.dsl").write_text(text, encoding="utf-8")
    shown = bpfgen("breaking", "old/maps.dsl", "new/maps.dsl").errors
    assert "^^^^^ `tgid` of `struct event`: `long`" in shown
    assert "----- was `tgid` of `struct event`: `int`" in shown
    assert "^^^^^ `OPEN` of `enum kind`: 2" in shown


def test_what_moved_to_another_file(bpfgen: Run, tmp_path: Path) -> None:
    """The message says where it is now, and no note has another file for it."""
    moving = "map events: ringbuf[4096];\n"
    for side, holder in (("old/maps", "a"), ("maps", "b")):
        (tmp_path / side).mkdir(parents=True)
        for name in ("a", "b"):
            text = f"map {name}: array<__u32, __u32>[1];\n{moving if name == holder else ''}"
            (tmp_path / side / f"{name}.dsl").write_text(text, encoding="utf-8")
    outcome = bpfgen("breaking", "maps", "--against", "old", "--categories", "source")
    assert "map `events` is declared in `b.dsl` now" in outcome.errors
    assert "in `b.dsl` in " not in outcome.errors
