"""`@FILE`: words from a file, held against what clang makes of the same file."""

from __future__ import annotations

import os
import subprocess
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bpfgen.commands.response_files import expanded, split
from tests.tools import clang_program

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.cli.conftest import Outcome

    Run = Callable[..., Outcome]

TEXTS = [
    "-Da -Db",
    " -Da\t-Db\n\n-Dc\r\n-Dd ",
    "'-Da b' \"-Dc d\" -De' 'f -Dg\" \"h",
    r"-Da\ b -D\"c -D\'d -D\\e",
    r"""'-Da\'b' "-Dc\"d" '-De\\f' "-Dg\h" """,
    "'-Da \"b' \"-Dc 'd\"",
    "'-Da\nb' -Dc\\\nd",
    "-Da\"\"b ''-Dc",
    "-D#no -Dcomment",
]


def clang_words(text: str, directory: Path) -> list[str]:
    """Return the words that clang finds in *text*, each of which begins `-D`."""
    (directory / "args").write_text(text, newline="")
    (directory / "empty.c").write_text("")
    clang = clang_program()
    run = subprocess.run(
        [clang, "-###", "-c", "empty.c", "@args"],
        cwd=directory,
        capture_output=True,
        text=True,
        check=True,
    )
    (line,) = (part for part in run.stderr.split('\n "')[1:])
    words = split(f'"{line}')  # -### quotes what it prints in this very way
    return [f"-D{value}" for word, value in pairwise(words) if word == "-D"]


@pytest.mark.parametrize("text", TEXTS)
def test_words_are_those_of_clang(text: str, tmp_path: Path) -> None:
    """Blanks, quotes and backslashes mean what they mean to clang."""
    assert split(text) == clang_words(text, tmp_path)


@given(st.lists(st.text(st.characters(exclude_characters="\0"))))
def test_any_word_can_be_said(words: list[str]) -> None:
    """With a backslash before each character, or in quotes, every word comes through."""
    escaped = " ".join("".join(f"\\{each}" for each in word) or "''" for word in words)
    assert split(escaped) == words
    quoted = "\n".join('"' + word.replace("\\", "\\\\").replace('"', '\\"') + '"' for word in words)
    assert split(quoted) == words


def test_a_run_from_a_file(bpfgen: Run) -> None:
    """Commands, options and operands; `@` files in `@` files, all from the working directory."""
    Path("sub").mkdir()
    Path("maps of mine.dsl").write_text("map m;")
    Path("args").write_text("'maps of mine.dsl' @sub/more")
    Path("sub/more").write_bytes(b"\xef\xbb\xbf-o\nx.h --style @style\n")
    Path("style").write_text("initializer")
    assert bpfgen("@args").status == 0
    assert Path("x.h").read_text() == "header initializer: map m;\n"
    Path("kinds").write_text("kinds lpm_trie")
    assert "BPF_MAP_TYPE_LPM_TRIE" in bpfgen("@kinds").output
    Path("nothing").write_text(" \n")
    assert bpfgen("@nothing", "@kinds", "@nothing").status == 0


def test_a_file_whose_name_begins_so(bpfgen: Run) -> None:
    """`./@x` is the file, `@x` is what is in it."""
    Path("@x.dsl").write_text("map m;")
    assert bpfgen("./@x.dsl", "-o", "x.h").status == 0
    outcome = bpfgen("@x.dsl", "-o", "x.h")
    assert outcome.status == 2
    assert "cannot read `x.dsl` for `@x.dsl`: no such file or directory" in outcome.errors
    assert "./@x.dsl is the file of that name" in outcome.errors


def test_names_that_are_no_text(bpfgen: Run) -> None:
    """Bytes that are no UTF-8 come through."""
    name = os.fsdecode(b"\xff\xfe.dsl")
    Path(name).write_text("map m;")
    Path("args").write_bytes(b'"\xff\xfe.dsl" -o x.h')
    assert bpfgen("@args").status == 0


@pytest.mark.parametrize(
    ("files", "said"),
    [
        ({"a": b"'x"}, "`a`, for `@a`: the quote of line 1 isn't closed"),
        ({"a": b'x\n"y\n z'}, "the quote of line 2 isn't closed"),
        ({"a": b"x\0y"}, "`a` holds a NUL byte"),
        ({"a": b"@b", "b": b"@a"}, "@FILE is nested more than 20 deep: `@a` names `@b`"),
        ({"a": b"@a @a"}, "nested more than 20 deep"),
        ({"a": b"@nope"}, "cannot read `nope` for `@nope`"),
    ],
)
def test_wrong_files(bpfgen: Run, files: dict[str, bytes], said: str) -> None:
    """Status 2 and a message that names the file."""
    for name, data in files.items():
        Path(name).write_bytes(data)
    outcome = bpfgen("@a")
    assert outcome.status == 2
    assert said in outcome.errors


def test_many_files_that_name_one_another(bpfgen: Run) -> None:
    """A tree of files that doubles with every level ends soon."""
    for level in range(18):
        Path(f"f{level}").write_text(f"@f{level + 1} @f{level + 1}")
    Path("f18").write_text("x")
    outcome = bpfgen("@f0")
    assert outcome.status == 2
    assert "more than 2000 files" in outcome.errors


def test_a_directory(bpfgen: Run) -> None:
    """It can't be read, and says why."""
    Path("d").mkdir()
    assert "cannot read `d` for `@d`: is a directory" in bpfgen("@d").errors
    assert expanded(["@"]) == ["@"]
