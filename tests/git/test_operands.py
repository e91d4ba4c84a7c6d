"""Which files are held against which: by their paths, on both sides."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from bpfgen.git import GitError
from bpfgen.sides.operands import OperandsError, compared
from tests.git.repositories import Git

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from bpfgen.sides.places import Place

A, B, C = (f"map {name}: hash<__u32, __u64>[{number}];\n" for number, name in enumerate("abc", 1))


def pairs(words: Sequence[str], against: str | None = None) -> list[tuple[str | None, str | None]]:
    """Return the names of both sides of what *words* compare."""
    found = compared(words, against)
    for one in found:
        shown = one.new or one.old
        assert shown is not None
        assert one.path == shown.name
    return [(_name(one.old), _name(one.new)) for one in found]


def _name(place: Place | None) -> str | None:
    return None if place is None else place.name


@pytest.fixture
def history(git: Git) -> Git:
    """Return a repository in which a file is the same, one is gone, and one is new."""
    git.put("maps/kept.dsl", A)
    git.put("maps/gone.dsl", B)
    git.put("maps/.hidden.dsl", A)
    git.put("other/far.dsl", A)
    git.commit()
    git.run("rm", "-q", "maps/gone.dsl")
    git.put("maps/new.dsl", "const N = 5;\nstruct quite_another { int x[N]; };\n" + C)
    return git


WHOLE = [
    ("git:HEAD:maps/gone.dsl", None),
    ("git:HEAD:maps/kept.dsl", "maps/kept.dsl"),
    (None, "maps/new.dsl"),
]
"""What there is in `maps` of :func:`history`."""


@pytest.mark.usefixtures("history")
@pytest.mark.parametrize("word", ["maps/*.dsl", "maps", "maps/", "*/[a-z]*[!r].dsl", "m?ps/**"])
def test_a_pattern_and_a_directory(word: str) -> None:
    """What is gone is found, and what is new: patterns and directories are looked up on both."""
    found = pairs([word], "git:HEAD")
    assert [tuple(side and side.replace("//", "/") for side in pair) for pair in found] == WHOLE


def test_files_of_other_languages(history: Git) -> None:
    """A directory has none of them; what was a source is compared, whatever it is now."""
    foreign = "job('x') {\n    steps {}\n}\n"
    history.put("maps/jenkins.dsl", foreign)
    history.put("maps/was.dsl", foreign)
    history.commit()
    history.put("maps/was.dsl", A)
    history.put("maps/kept.dsl", foreign)
    history.put("maps/beside.dsl", foreign)
    new = ("git:HEAD:maps/new.dsl", "maps/new.dsl")
    assert pairs(["maps"], "git:HEAD") == [WHOLE[1], new, (None, "maps/was.dsl")]
    named = ("git:HEAD:maps/jenkins.dsl", "maps/jenkins.dsl")
    assert pairs(["maps/jenkins.dsl"], "git:HEAD") == [named]


@pytest.mark.usefixtures("history")
def test_files_by_their_names() -> None:
    """Each file once, however it is spelt, in the order of the words."""
    words = ["maps/new.dsl", "maps/kept.dsl", "./maps/../maps/kept.dsl", "maps/gone.dsl"]
    assert pairs(words, "git:HEAD") == [WHOLE[2], WHOLE[1], WHOLE[0]]
    assert pairs(["maps/kept.dsl", "maps"], "git:HEAD") == [WHOLE[1], WHOLE[0], WHOLE[2]]


@pytest.mark.usefixtures("history")
def test_no_operands_are_the_working_directory() -> None:
    """Everything below it, and a revision of everything."""
    far = ("git:HEAD:other/far.dsl", "other/far.dsl")
    assert pairs([], "git:HEAD") == [*WHOLE, far]
    assert pairs(["git:HEAD:", "."]) == [*WHOLE, far]


def test_from_a_directory_below(history: Git, monkeypatch: pytest.MonkeyPatch) -> None:
    """Paths are those of the working directory on both sides."""
    monkeypatch.chdir(history.directory / "maps")
    assert pairs(["*.dsl"], "git:HEAD") == [
        ("git:HEAD:./gone.dsl", None),
        ("git:HEAD:./kept.dsl", "kept.dsl"),
        (None, "new.dsl"),
    ]
    assert pairs(["../other"], "git:HEAD") == [("git:HEAD:../other/far.dsl", "../other/far.dsl")]
    path = f"{history.directory}/other/far.dsl"
    assert pairs([path], "git:HEAD") == [(f"git:HEAD:{path}", path)]


def test_two_revisions(history: Git) -> None:
    """NEW may be a revision, too."""
    history.commit()
    found = pairs(["git:HEAD:maps"], "git:HEAD~")
    new = [(old and old.replace("HEAD", "HEAD~"), new and f"git:HEAD:{new}") for old, new in WHOLE]
    assert found == new
    assert pairs(["git:HEAD~:maps", "git:HEAD:maps"]) == new
    assert pairs(["git:HEAD:maps/*.dsl"], "git:HEAD~") == new


def test_a_directory_of_old_sources(history: Git, tmp_path: Path) -> None:
    """`--against DIR` has the same paths below DIR, and two directories each their own."""
    old = tmp_path / "old"
    (old / "maps").mkdir(parents=True)
    (old / "maps/kept.dsl").write_text(A)
    (old / "maps/gone.dsl").write_text(B)
    wanted = [(old and old.replace("git:HEAD:", f"{tmp_path}/old/"), new) for old, new in WHOLE]
    assert pairs(["maps/*.dsl"], str(old)) == wanted
    assert pairs([f"{history.directory}/maps/kept.dsl"], str(old)) == [wanted[1]]
    assert pairs([f"{old}/maps", "maps"]) == wanted
    with pytest.raises(OperandsError, match="isn't below the working directory"):
        compared(["../old/maps/kept.dsl"], "maps")


def test_what_names_nothing(history: Git) -> None:
    """A file, a pattern and a directory that are on neither side."""
    history.put("doc/readme.md", "")
    for word, words in (
        ("maps/nowhere.dsl", "cannot read `maps/nowhere.dsl`: no such file or directory, nor is"),
        ("mops/kept.dsl", "there is no directory `mops`"),
        ("maps/*.x", "finds nothing"),
        ("doc", "there is no source in or below `doc`"),
    ):
        with pytest.raises(OperandsError) as raised:
            compared([word], "git:HEAD")
        assert words in str(raised.value)


@pytest.mark.usefixtures("history")
def test_wrong_usage() -> None:
    """What makes no sense is said, with what does."""
    for words, against, said in (
        (["maps/kept.dsl"], "git:HEAD:maps/kept.dsl", "takes a revision without a path"),
        (["maps/kept.dsl"], "main", "there is no such directory"),
        (["-"], "git:HEAD", "has no path"),
        (["id:1"], "git:HEAD", "has no path"),
        (["maps", "maps/kept.dsl"], None, "`maps` is a directory, and `maps/kept.dsl` is none"),
        (["-", "-"], None, "only one"),
    ):
        with pytest.raises(OperandsError) as raised:
            compared(words, against)
        assert said in str(raised.value)
    with pytest.raises(GitError) as wrong:
        compared(["git:HEAD", "maps/kept.dsl"])
    assert wrong.value.strerror == "`git:HEAD` names no file of the revision"


@pytest.mark.usefixtures("history")
def test_a_directory_and_a_file() -> None:
    """What is advised works; where nothing does, it is said what can be compared."""
    for words, what, advised in (
        (["maps", "maps/kept.dsl"], "`maps` is a directory", ["maps/kept.dsl", "maps/kept.dsl"]),
        (
            ["git:HEAD:maps/gone.dsl", "other"],
            "`other` is a directory, and `git:HEAD:maps/gone.dsl` is none",
            None,
        ),
        (
            ["git:HEAD:maps/kept.dsl", "maps"],
            "`maps` is a directory",
            ["git:HEAD:maps/kept.dsl", "maps/kept.dsl"],
        ),
        (
            ["git:HEAD:maps", "maps/kept.dsl"],
            "`git:HEAD:./maps` is a directory",
            ["git:HEAD:maps/kept.dsl", "maps/kept.dsl"],
        ),
        (["git:HEAD:nope", "maps"], "cannot read `git:HEAD:./nope`", None),
        (["maps", "nope"], "cannot read `nope`: no such file", None),
    ):
        with pytest.raises(OperandsError) as raised:
            compared(words)
        assert what in str(raised.value)
        assert "--against" not in raised.value.help
        if advised is not None:
            assert raised.value.help == f"bpfgen breaking {' '.join(advised)}"
            assert len(compared(advised)) == 1


LONG = "".join(f"struct s{number} {{ __u32 member; }};\n" for number in range(20))
"""Enough for git to see that two texts are mostly the same."""


@pytest.mark.parametrize("is_committed", [False, True])
@pytest.mark.parametrize(
    "word", ["maps/flows.dsl", "maps", "maps/*.dsl", "bpf/flows.dsl", "bpf", "*/*.dsl", "."]
)
def test_a_file_that_moved(git: Git, word: str, *, is_committed: bool) -> None:
    """It is followed, whether its old or its new path is named, or both."""
    git.put("maps/flows.dsl", A + LONG)
    git.put("bpf/other.dsl", "")
    git.commit()
    (git.directory / "maps/flows.dsl").unlink()
    git.put("bpf/flows.dsl", B + LONG)
    git.run("add", "-A")
    if is_committed:
        git.run("commit", "-q", "-m", "move")
    against = "git:HEAD~" if is_committed else "git:HEAD"
    (moved,) = (one for one in compared([word], against) if one.path.endswith("/flows.dsl"))
    assert moved.is_moved
    assert moved.old is not None
    assert moved.new is not None
    assert (moved.old.name, moved.new.name) == (f"{against}:maps/flows.dsl", "bpf/flows.dsl")


def test_a_file_that_moved_between_revisions(git: Git) -> None:
    """As for the working tree; what moved since doesn't count."""
    git.put("a.dsl", A + LONG)
    git.commit()
    git.run("mv", "a.dsl", "b.dsl")
    git.commit()
    git.run("mv", "b.dsl", "c.dsl")
    git.commit()
    assert pairs(["git:HEAD~:b.dsl"], "git:HEAD~2") == [("git:HEAD~2:./a.dsl", "git:HEAD~:./b.dsl")]
    assert pairs(["c.dsl"], "git:HEAD~2") == [("git:HEAD~2:./a.dsl", "c.dsl")]


def test_what_only_seems_to_have_moved(git: Git) -> None:
    """A file that is still there, or isn't there any more, is what its path says."""
    git.put("a.dsl", A + LONG)
    git.commit()
    git.run("mv", "a.dsl", "b.dsl")
    git.put("a.dsl", A + LONG)  # back, and git hasn't been told
    assert pairs(["a.dsl", "b.dsl"], "git:HEAD") == [
        ("git:HEAD:./a.dsl", "a.dsl"),
        (None, "b.dsl"),
    ]
    (git.directory / "a.dsl").unlink()
    (git.directory / "b.dsl").unlink()
    assert pairs(["a.dsl"], "git:HEAD") == [("git:HEAD:./a.dsl", None)]


def test_files_of_two_repositories(git: Git, tmp_path: Path) -> None:
    """Each is compared with the revision of the repository that it is in."""
    git.put("a.dsl", A)
    git.commit()
    other = Git(tmp_path / "other")
    other.put("maps/b.dsl", B)
    other.put("maps/gone.dsl", C)
    other.commit()
    other.run("rm", "-q", "maps/gone.dsl")
    assert pairs(["a.dsl", "../other/maps"], "git:HEAD") == [
        ("git:HEAD:./a.dsl", "a.dsl"),
        ("git:HEAD:../other/maps/b.dsl", "../other/maps/b.dsl"),
        ("git:HEAD:../other/maps/gone.dsl", None),
    ]


def test_names_that_look_like_something_else(git: Git) -> None:
    """A name is a name: options, patterns, revisions, blanks, quotes and line ends."""
    names = ["-x.dsl", "a*[b].dsl", "git:HEAD:x.dsl", "a b'\".dsl", ":(top)x.dsl", "n\nl.dsl"]
    for name in names:
        git.put(name, A)
    git.put(os.fsdecode(b"latin-\xe9.dsl"), A)
    git.commit()
    found = pairs([], "git:HEAD")
    assert sorted(new or "" for _old, new in found) == sorted(
        [*names, os.fsdecode(b"latin-\xe9.dsl")]
    )
    assert all(old == f"git:HEAD:./{new}" for old, new in found)
    for name in names:
        typed = f"./{name}" if name.startswith("git:") else name
        assert pairs([typed], "git:HEAD") == [(f"git:HEAD:./{name}", typed)]
