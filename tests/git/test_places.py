"""A source of a revision is what it was then, and so is what it imports."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from bpfgen.cli import main
from bpfgen.compiler import Options, compile
from bpfgen.git import GitError
from bpfgen.providers.front import Front
from bpfgen.record import replace
from bpfgen.sides.operands import OperandsError, compared
from bpfgen.sides.places import Trees, opened
from bpfgen.text.source import Source

if TYPE_CHECKING:
    from pathlib import Path

    from bpfgen.model.model import Model
    from bpfgen.providers.imports import SharedImport
    from bpfgen.sources import Opened
    from bpfgen.syntax.tree import File
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


def _compiled_files(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Return the names of the files that are compiled from now on."""
    names: list[str] = []
    compile_file = Front.compile_file

    def counted(self: Front, source: Source) -> tuple[Model, File, list[str]]:
        names.append(source.name)
        return compile_file(self, source)

    monkeypatch.setattr(Front, "compile_file", counted)
    return names


def test_imports_are_compiled_once(
    git: Git, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Each file as a source and as an import, on either side, which never have each other's."""
    count = 12
    for member in ("before", "after"):
        git.put("f00.dsl", f"struct s0 {{ __u32 kept; __u64 {member}; }};\n")
        for number in range(1, count):
            text = f'import "f{number - 1:02}.dsl";\nstruct s{number} {{ __u32 member; }};\n'
            git.put(f"f{number:02}.dsl", text)
        git.put("maps.dsl", 'import "f00.dsl";\nmap m: hash<__u32, s0>[4];\n')
        git.commit(member)
    git.put("f00.dsl", "struct s0 { __u32 kept; __u32 after; };\n")
    names = _compiled_files(monkeypatch)
    assert main(["breaking", ".", "--against", "git:HEAD~"]) == 1
    assert "`before` of `struct s0` is gone" in capsys.readouterr().err
    assert len(names) <= 2 * 2 * (count + 1)
    assert main(["breaking", "git:HEAD~:.", "git:HEAD:."]) == 0  # the same type by another name
    assert main(["breaking", ".", "--against", "."]) == 0


def test_a_chain_of_imports_that_is_too_long(tmp_path: Path) -> None:
    """It is refused, as if no part of it had been compiled before."""
    shared: dict[str, SharedImport] = {}
    for number in range(104):
        path = tmp_path / f"f{number}.dsl"
        before = f'import "f{number - 1}.dsl";\n' if number else ""
        path.write_text(f"{before}struct s{number} {{ __u32 member; }};\n")
        source = Source(str(path), path.read_text())
        codes = [said.code for said in compile(source, Options(), shared).diagnostics]
        assert ("import" in codes) == (number > 100), number
