"""A source of a revision is what it was then, and so is what it imports."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from bpfgen.compiler import Options
from bpfgen.git import GitError
from bpfgen.record import replace
from bpfgen.sides.operands import OperandsError, compared
from bpfgen.sides.places import Trees, opened

if TYPE_CHECKING:
    from bpfgen.sources import Opened
    from tests.git.repositories import Git

OLD = "map flows: hash<__u32, __u64>[16];\n"
NEW = "map flows: hash<__u32, __u64>[32];\n"


def open_word(word: str, options: Options | None = None) -> Opened:
    """Return what the source *word* comes to, as OLD is opened."""
    return opened(Trees().place_of(word), replace(options or Options(), is_ruled=False))


def entries(source: Opened) -> dict[str, int]:
    """Return the number of entries of each map of *source*, by name."""
    assert source.compilation is not None, source.diagnostics
    assert source.diagnostics == []
    maps = source.compilation.model.maps
    attributes = {one.name: one.shape.attributes["max_entries"] for one in maps}
    return {name: attribute.value for name, attribute in attributes.items() if attribute.value}


def test_a_revision_and_now(git: Git) -> None:
    """OLD is what the revision has, whatever the working tree has by now."""
    git.put("flows.dsl", OLD)
    git.commit()
    git.put("flows.dsl", NEW)
    (pair,) = compared(["git:HEAD:flows.dsl", "flows.dsl"])
    assert pair.old is not None
    assert pair.new is not None
    assert entries(opened(pair.old, Options())) == {"flows": 16}
    assert entries(opened(pair.new, Options())) == {"flows": 32}
    assert pair.path == "flows.dsl"
    assert pair.old.name == "git:HEAD:./flows.dsl"


def test_imports_are_of_the_revision(git: Git) -> None:
    """An import beside the file, above it and below -I is read at the revision of the file."""
    git.put(
        "maps/flows.dsl",
        'import "a.dsl";\nimport "../b.dsl";\nimport "c.dsl";\n'
        "map flows: hash<__u32, __u64>[A + B + C];\n",
    )
    for name, path in (("A", "maps/a.dsl"), ("B", "b.dsl"), ("C", "include/c.dsl")):
        git.put(path, f"const {name} = 1;\n")
    git.commit()
    for path in ("maps/a.dsl", "b.dsl", "include/c.dsl"):
        git.put(path, "not even a source")
    options = Options(include_directories=("include",))
    source = open_word("git:HEAD:maps/flows.dsl", options)
    assert entries(source) == {"flows": 3}
    assert source.dependencies == (
        "git:HEAD:maps/a.dsl",
        "git:HEAD:maps/../b.dsl",
        "git:HEAD:./include/c.dsl",
    )


def test_the_working_directory_counts(git: Git, monkeypatch: pytest.MonkeyPatch) -> None:
    """A path is one from here, as any path on the command line; what is meant else is said."""
    git.put("maps/flows.dsl", OLD)
    git.put("above.dsl", NEW)
    git.commit()
    monkeypatch.chdir(git.directory / "maps")
    assert entries(open_word("git:main:flows.dsl")) == {"flows": 16}
    assert entries(open_word("git:main:../above.dsl")) == {"flows": 32}
    assert entries(open_word(f"git:main:{git.directory}/above.dsl")) == {"flows": 32}
    with pytest.raises(GitError) as raised:
        open_word("git:main:maps/flows.dsl")
    assert raised.value.advice == "did you mean `git:main:./flows.dsl`?"


def test_what_git_tracks_by_now_is_not_of_the_past(git: Git) -> None:
    """A file that is there today is no part of what was, however its path goes through links."""
    git.put("maps/deep/flows.dsl", 'import "../../size.dsl";\nmap a: hash<__u32, __u64>[SIZE];\n')
    (git.directory / "link").symlink_to("maps/deep")
    git.commit()
    git.put("size.dsl", "const SIZE = 1;\n")
    assert entries(open_word("git:HEAD:link/flows.dsl")) == {"a": 1}  # a build may have made it
    git.run("add", "size.dsl")
    assert open_word("git:HEAD:link/flows.dsl").failed
    assert open_word("git:HEAD:maps/deep/flows.dsl").failed


def test_an_import_that_cannot_be_read(git: Git) -> None:
    """A link that leads out of the tree, and an object that is lost: the import says so."""
    git.put("flows.dsl", 'import "size.dsl";\nmap flows: hash<__u32, __u64>[SIZE];\n')
    (git.directory / "size.dsl").symlink_to("../size.dsl")
    git.commit()
    (said,) = (one for one in open_word("git:HEAD:flows.dsl").diagnostics if one.code == "import")
    assert "a symbolic link leads from `./size.dsl` out of the repository" in said.message
    (git.directory / "size.dsl").unlink()
    git.put("size.dsl", "const SIZE = 1;\n")
    git.commit()
    lost = git.run("rev-parse", "HEAD:size.dsl")
    (git.directory / ".git/objects" / lost[:2] / lost[2:]).unlink()
    (said,) = (one for one in open_word("git:HEAD:flows.dsl").diagnostics if one.code == "import")
    assert f"git can't read its object {lost}" in said.message


def test_two_words_are_compared() -> None:
    """One is too few, three are too many."""
    for words in ([], ["a"], ["a", "b", "c"]):
        with pytest.raises(OperandsError):
            compared(words)


def test_rules_are_not_asked_of_old(git: Git) -> None:
    """What no kernel takes, and what is empty, was a source all the same."""
    git.put(
        "flows.dsl",
        "map flows: hash<__u32, __u64>[3] {"
        " map_flags = BPF_F_RDONLY_PROG | BPF_F_WRONLY_PROG; };\n",
    )
    git.put("empty.dsl", "// nothing\n")
    git.commit()
    assert entries(open_word("git:HEAD:flows.dsl")) == {"flows": 3}
    assert entries(open_word("git:HEAD:empty.dsl")) == {}
    assert opened(Trees().place_of("git:HEAD:flows.dsl"), Options()).failed
