"""Repositories of every sort, and what git doesn't have: clear words, and nothing is run."""

from __future__ import annotations

import hashlib
import os
import random
import shutil
import subprocess
from typing import TYPE_CHECKING

import pytest

from bpfgen.clang import ToolMissing
from bpfgen.cli import main
from bpfgen.git import GitError
from bpfgen.git.objects import Objects, entries_of
from bpfgen.git.repository import repository_of
from bpfgen.git.words import Revision, parts_of
from bpfgen.sides.operands import compared
from tests.git.repositories import Git
from tests.git.test_places import NEW, OLD, entries, open_word
from tests.tools import require

if TYPE_CHECKING:
    from pathlib import Path

SIXTEEN, THIRTY_TWO = {"flows": 16}, {"flows": 32}


def wrong(word: str) -> tuple[str, str]:
    """Return why the source *word* can't be had, and the advice."""
    with pytest.raises(GitError) as raised:
        open_word(word)
    return raised.value.strerror or "", raised.value.advice


@pytest.fixture
def flows(git: Git) -> Git:
    """Return a repository with two commits of one file, in a directory."""
    git.put("maps/flows.dsl", OLD)
    git.commit("first: a map")
    git.put("maps/flows.dsl", NEW)
    git.commit("second")
    return git


@pytest.mark.parametrize(
    ("word", "revision", "path"),
    [
        ("git:main:a.dsl", Revision("main", "main"), "a.dsl"),
        ("git:main:a:b.dsl", Revision("main", "main"), "a:b.dsl"),
        ("git:main", Revision("main", "main"), None),
        ("git:main:", Revision("main", "main"), ""),
        ("git:origin/main~2:/a.dsl", Revision("origin/main~2", "origin/main~2"), "/a.dsl"),
        ("git:HEAD^{/a: b}:c", Revision("HEAD^{/a: b}", "HEAD^{/a: b}"), "c"),
        ("git:@{2026-01-31 12:00}:c", Revision("@{2026-01-31 12:00}", "@{2026-01-31 12:00}"), "c"),
        ("git:main...:c", Revision("main...", "main", "HEAD"), "c"),
        ("git:main...topic", Revision("main...topic", "main", "topic"), None),
        ("git:HEAD^{/a...b}", Revision("HEAD^{/a...b}", "HEAD^{/a...b}"), None),
    ],
)
def test_words(word: str, revision: Revision, path: str | None) -> None:
    """The path begins after the first colon that is none of the revision's."""
    assert parts_of(word) == (revision, path)


@pytest.mark.parametrize("word", ["git:", "git::a.dsl", "git:...", "git:a\nb:c", "git:a....b:c"])
def test_words_that_name_nothing(word: str) -> None:
    """Nothing that git could be asked for."""
    with pytest.raises(GitError):
        parts_of(word)


@pytest.mark.usefixtures("flows")
@pytest.mark.parametrize(
    "revision",
    [
        "HEAD~",
        "old",
        "annotated",
        "HEAD^{/first: a}",
        "main@{1}",
        "@~1",
        "HEAD~1^{tree}",
        "main...",
    ],
)
def test_revisions(flows: Git, revision: str) -> None:
    """All that git knows by names: tags, trees, what was, and where HEAD left something."""
    flows.run("tag", "old", "HEAD~")
    flows.run("tag", "-a", "-m", "old", "annotated", "HEAD~")
    if revision == "main...":
        flows.run("checkout", "-q", "-b", "topic", "HEAD~")
        flows.put("maps/flows.dsl", "")
        flows.commit()
    assert entries(open_word(f"git:{revision}:maps/flows.dsl")) == SIXTEEN
    id = flows.run("rev-parse", "HEAD")
    assert entries(open_word(f"git:{id[:12]}~:maps/flows.dsl")) == SIXTEEN


def test_what_may_be_meant(flows: Git, tmp_path: Path) -> None:
    """A branch, one of a remote, a path with another name or from the top."""
    flows.run("branch", "release-1.2")
    assert wrong("git:realease-1.2:maps/flows.dsl") == (
        "there is no revision `realease-1.2`",
        "did you mean `git:release-1.2`?",
    )
    clone = Git(tmp_path / "clone")
    clone.run("fetch", "-q", str(flows.directory), "release-1.2:refs/remotes/origin/release-1.2")
    clone.run("checkout", "-q", "origin/release-1.2")
    os.chdir(clone.directory)
    assert wrong("git:release-1.2:maps/flows.dsl")[1] == "did you mean `git:origin/release-1.2`?"
    assert wrong("git:HEAD:maps/flow.dsl") == (
        "`HEAD` has no file `maps/flow.dsl`",
        "did you mean `git:HEAD:maps/flows.dsl`?",
    )
    assert wrong("git:HEAD:map/flows.dsl") == (
        "`HEAD` has no directory `map`",
        "did you mean `git:HEAD:maps/flows.dsl`?",
    )
    assert wrong("git:HEAD:maps") == ("it is a directory", "")
    assert wrong("git:HEAD:../x.dsl")[0].startswith("`..` is in no repository that git reads")
    assert wrong("git:HEAD:maps/flows.dsl/x")[0] == "`maps/flows.dsl` is no directory in `HEAD`"
    assert wrong("git:HEAD:quite/another") == ("`HEAD` has no directory `quite`", "")
    os.chdir("maps")
    assert wrong("git:HEAD:maps/flows.dsl")[1] == "did you mean `git:HEAD:./flows.dsl`?"
    for word in ("--help", "-x", "--exec-path=/", "a b", "..", "*", "maps/flows.dsl"):
        assert wrong(f"git:{word}:flows.dsl")[0] == f"there is no revision `{word}`"


def test_a_repository_without_a_commit(git: Git) -> None:
    """It is said."""
    git.put("a.dsl", OLD)
    assert wrong("git:HEAD:a.dsl") == (
        "there is no revision `HEAD`: the repository has no commit yet",
        "",
    )


def test_no_repository_and_no_git(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """git's own words where there is no repository; where there is no git, it is missing."""
    monkeypatch.chdir(tmp_path)
    assert "is in no repository that git reads: not a git repository" in wrong("git:HEAD:a.dsl")[0]
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(ToolMissing, match="there is no `git`"):
        open_word("git:HEAD:a.dsl")


def test_a_repository_of_somebody_else(flows: Git, monkeypatch: pytest.MonkeyPatch) -> None:
    """git refuses it, and says so."""
    monkeypatch.setenv("GIT_TEST_ASSUME_DIFFERENT_OWNER", "1")
    what, advice = wrong("git:HEAD:maps/flows.dsl")
    assert "detected dubious ownership" in what
    assert f"git config --global --add safe.directory {flows.directory}" in advice


def test_a_bare_repository(flows: Git, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Paths are from the top of the tree, and everything is of a revision."""
    flows.put("maps/flows.dsl", 'import "../size.dsl";\nmap flows: hash<__u32, __u64>[SIZE];\n')
    flows.put("size.dsl", "const SIZE = 9;\n")
    flows.commit()
    flows.run("clone", "-q", "--bare", ".", str(tmp_path / "bare"))
    for place in (tmp_path / "bare", tmp_path / "bare/refs", flows.directory / ".git"):
        monkeypatch.chdir(place)
        assert entries(open_word("git:HEAD:maps/flows.dsl")) == {"flows": 9}
        assert entries(open_word("git:HEAD~2:./maps/../maps/flows.dsl")) == SIXTEEN
        assert "leads from" in wrong("git:HEAD:../size.dsl")[0]
        assert wrong("git:HEAD:/size.dsl")[0].startswith("it is outside of the repository")
        (pair,) = compared(["git:HEAD:maps"], "git:HEAD~2")
        assert (pair.old and pair.old.name) == "git:HEAD~2:maps/flows.dsl"


def test_a_linked_worktree(flows: Git, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its working directory is its own."""
    flows.run("worktree", "add", "-q", "--detach", str(tmp_path / "linked"), "HEAD~")
    monkeypatch.chdir(tmp_path / "linked/maps")
    assert entries(open_word("git:main:flows.dsl")) == THIRTY_TWO
    assert entries(open_word("git:HEAD:flows.dsl")) == SIXTEEN


def test_through_a_symbolic_link(flows: Git, tmp_path: Path) -> None:
    """A directory of the working tree may have another path, too."""
    link = tmp_path / "link"
    link.symlink_to(flows.directory / "maps")
    assert entries(open_word(f"git:HEAD:{link}/flows.dsl")) == THIRTY_TWO


def test_ids_of_sha256(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A repository may have longer ids."""
    made = Git(tmp_path / "long", "--object-format=sha256")
    made.put("maps/flows.dsl", OLD)
    assert len(made.commit()) == 64
    monkeypatch.chdir(made.directory)
    assert entries(open_word("git:HEAD:maps/flows.dsl")) == SIXTEEN


def test_in_a_hook(flows: Git, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What git tells a hook of its repository is nothing to another one."""
    other = Git(tmp_path / "other")
    other.put("flows.dsl", OLD)
    other.commit()
    monkeypatch.setenv("GIT_DIR", ".git")
    monkeypatch.setenv("GIT_INDEX_FILE", f"{flows.directory}/.git/index")
    assert entries(open_word("git:HEAD:maps/flows.dsl")) == THIRTY_TWO
    assert entries(open_word("git:HEAD:../other/flows.dsl")) == SIXTEEN


def test_a_shallow_clone(flows: Git, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What it lacks is said, and how CI gets it."""
    flows.run("checkout", "-q", "-b", "topic", "HEAD~")
    flows.put("maps/other.dsl", OLD)
    flows.commit()
    place = tmp_path / "shallow"
    origin = f"file://{flows.directory}"
    flows.run("clone", "-q", "--depth=1", "--no-single-branch", origin, str(place))
    monkeypatch.chdir(place)
    what, advice = wrong("git:origin/main...:maps/flows.dsl")
    assert what.startswith("`origin/main` and `HEAD` have no commit in common, as far as")
    assert "git fetch --unshallow" in advice
    assert "fetch-depth: 0" in advice
    what, advice = wrong("git:HEAD~3:maps/flows.dsl")
    assert what == "there is no revision `HEAD~3`"
    assert "fetch-depth: 0" in advice
    assert entries(open_word("git:HEAD:maps/flows.dsl")) == SIXTEEN


def test_no_merge_base(flows: Git) -> None:
    """Two histories may have nothing to do with each other."""
    flows.run("checkout", "-q", "--orphan", "apart")
    flows.commit()
    assert wrong("git:main...:maps/flows.dsl") == (
        "`main` and `HEAD` have no commit in common",
        "",
    )
    assert wrong("git:nain...:maps/flows.dsl")[1] == "did you mean `git:main`?"


HOSTILE = """\
[core]
    fsmonitor = {run}
    hooksPath = {hooks}
    pager = {run}
    sshCommand = {run}
    gitProxy = {run}
    askPass = {run}
    editor = {run}
    alternateRefsCommand = {run}
    attributesFile = {attributes}
[protocol]
    allow = always
[protocol "ext"]
    allow = always
[credential]
    helper = {run}
[diff]
    external = {run}
[diff "evil"]
    command = {run}
    textconv = {run}
[filter "evil"]
    clean = {run}
    smudge = {run}
    process = {run}
    required = true
[alias]
    rev-parse = !{run}
    cat-file = !{run}
[extensions]
    partialClone = origin
[remote "origin"]
    url = {url}
    promisor = true
    uploadpack = {run}
    vcs = {vcs}
"""
"""A configuration that runs something wherever git lets it."""


@pytest.mark.parametrize(
    "url", ["ext::{run}", "ssh://host/x", "file:///nowhere", "https://[::1]/x"]
)
def test_a_hostile_repository(flows: Git, tmp_path: Path, url: str) -> None:
    """Nothing of its configuration is run, whatever is asked for, not even for a missing object."""
    marker = tmp_path / "marker"
    script = tmp_path / "run"
    script.write_text(f"#!/bin/sh\ntouch {marker}\n")
    script.chmod(0o755)
    hooks = tmp_path / "hooks"
    hooks.mkdir()
    for hook in ("post-index-change", "reference-transaction", "post-checkout", "pre-auto-gc"):
        shutil.copy(script, hooks / hook)
    attributes = tmp_path / "attributes"
    attributes.write_text("* diff=evil filter=evil\n")
    lost = flows.run("rev-parse", "HEAD~:maps/flows.dsl")
    flows.run("mv", "maps/flows.dsl", "maps/moved.dsl")
    with open(flows.directory / ".git/config", "a", encoding="utf-8") as config:
        values = {"run": script, "hooks": hooks, "attributes": attributes, "vcs": "ext"}
        config.write(HOSTILE.format(url=url.format(run=script), **values))
    (flows.directory / ".git/objects" / lost[:2] / lost[2:]).unlink()
    assert entries(open_word("git:HEAD:maps/flows.dsl")) == THIRTY_TWO
    assert "no commit in common" not in wrong("git:mian...:maps/flows.dsl")[0]
    (pair,) = compared(["maps"], "git:HEAD")
    assert pair.is_moved
    what, advice = wrong("git:HEAD~:maps/flows.dsl")
    assert what == "this clone is partial, and git doesn't have it here"
    assert lost in advice
    assert not marker.exists()
    subprocess.run([script], check=True)
    assert marker.exists()


def test_a_partial_clone(flows: Git, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What it hasn't fetched is named, and isn't fetched."""
    flows.run("config", "uploadpack.allowFilter", "true")
    place = tmp_path / "partial"
    flows.run("clone", "-q", "--filter=blob:none", f"file://{flows.directory}", str(place))
    monkeypatch.chdir(place)
    assert entries(open_word("git:HEAD:maps/flows.dsl")) == THIRTY_TWO
    for _ in range(2):
        what, advice = wrong("git:HEAD~:maps/flows.dsl")
        assert what == "this clone is partial, and git doesn't have it here"
        assert "`git cat-file -e " in advice


def test_a_damaged_repository(flows: Git) -> None:
    """An object that is gone, or nonsense."""
    lost = flows.run("rev-parse", "HEAD~:maps/flows.dsl")
    place = flows.directory / ".git/objects" / lost[:2] / lost[2:]
    place.unlink()
    assert wrong("git:HEAD~:maps/flows.dsl") == (
        f"git can't read its object {lost}",
        "`git fsck` finds what else is wrong",
    )
    place.write_bytes(b"nonsense")
    assert wrong("git:HEAD~:maps/flows.dsl")[0] == f"git can't read its object {lost}"
    assert entries(open_word("git:HEAD:maps/flows.dsl")) == THIRTY_TWO


def test_an_object_that_never_ends(flows: Git, monkeypatch: pytest.MonkeyPatch) -> None:
    """A pipe in the place of an object, to which nobody writes, is no reason to wait."""
    monkeypatch.setattr("bpfgen.git.objects.TIMEOUT_SECONDS", 0.2)
    lost = flows.run("rev-parse", "HEAD~:maps/flows.dsl")
    place = flows.directory / ".git/objects" / lost[:2] / lost[2:]
    place.unlink()
    os.mkfifo(place)
    assert wrong("git:HEAD~:maps/flows.dsl")[0] == "git did not answer within 0.2 seconds"


def test_files_of_lfs(flows: Git) -> None:
    """What a pointer of Git LFS stands for is read if it is here, and else it is said."""
    id = hashlib.sha256(OLD.encode()).hexdigest()
    pointer = f"version https://git-lfs.github.com/spec/v1\noid sha256:{id}\nsize {len(OLD)}\n"
    flows.put("maps/flows.dsl", pointer)
    flows.commit()
    what, advice = wrong("git:HEAD:maps/flows.dsl")
    assert what == "git has a pointer of Git LFS in its place"
    assert "git lfs fetch" in advice
    flows.put(f".git/lfs/objects/{id[:2]}/{id[2:4]}/{id}", OLD)
    assert entries(open_word("git:HEAD:maps/flows.dsl")) == SIXTEEN


def test_a_submodule(flows: Git, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its files are those of its commit in the revision; where that isn't here, it is said."""
    outer = Git(tmp_path / "outer")
    monkeypatch.chdir(outer.directory)
    outer.run(
        "-c", "protocol.file.allow=always", "submodule", "add", "-q", str(flows.directory), "in"
    )
    outer.run("-C", "in", "checkout", "-q", "HEAD~")
    outer.commit()
    outer.run("-C", "in", "checkout", "-q", "main")
    outer.commit()
    assert entries(open_word("git:HEAD~:in/maps/flows.dsl")) == SIXTEEN
    assert entries(open_word("git:HEAD:in/maps/flows.dsl")) == THIRTY_TWO
    (pair,) = compared(["in"], "git:HEAD~")
    assert (pair.old and pair.old.name) == "git:HEAD~:in/maps/flows.dsl"
    assert not pair.is_moved
    outer.run("submodule", "deinit", "-q", "-f", "in")
    what, advice = wrong("git:HEAD~:in/maps/flows.dsl")
    assert what == "`in` is a submodule, and its commit of `HEAD~` isn't here"
    assert advice.startswith("`git submodule update --init`")
    assert wrong("git:HEAD~:in")[0] == what


@pytest.fixture
def shallow(flows: Git, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Git:
    """Return a clone whose submodule `in` has its commit of HEAD, not the one before."""
    allowed = ("-c", "protocol.file.allow=always")
    outer = Git(tmp_path / "outer")
    flows.run("config", "uploadpack.allowAnySHA1InWant", "true")
    outer.run(*allowed, "submodule", "add", "-q", f"file://{flows.directory}", "in")
    outer.run("-C", "in", "checkout", "-q", "HEAD~")
    outer.put("own.dsl", OLD)
    outer.commit()
    outer.run("-C", "in", "checkout", "-q", "main")
    outer.commit()
    outer.run("clone", "-q", f"file://{outer.directory}", str(tmp_path / "clone"))
    clone = Git(tmp_path / "clone")
    clone.run(*allowed, "submodule", "update", "-q", "--init", "--depth", "1")
    monkeypatch.chdir(clone.directory)
    return clone


@pytest.mark.parametrize(
    ("words", "against"),
    [
        (["."], "git:HEAD~"),
        (["in"], "git:HEAD~"),
        (["in/maps/flows.dsl"], "git:HEAD~"),
        (["in/maps/*.dsl"], "git:HEAD~"),
        (["*/maps/*.dsl"], "git:HEAD~"),
        (["git:HEAD:."], "git:HEAD~"),
        (["git:HEAD~:in"], "git:HEAD"),
        (["git:HEAD~:.", "."], None),
        (["git:HEAD~:in", "in"], None),
    ],
)
def test_a_submodule_that_lacks_the_old_commit(
    shallow: Git, words: list[str], against: str | None
) -> None:
    """What can't be seen isn't new, and the advice gets it."""
    with pytest.raises(GitError) as raised:
        compared(words, against)
    assert raised.value.strerror == "`in` is a submodule, and its commit of `HEAD~` isn't here"
    assert raised.value.advice == "`git -C in fetch --unshallow` gets it"
    shallow.run("-C", "in", "fetch", "-q", "--unshallow")
    if against is not None:
        assert all(
            pair.old is not None and pair.new is not None for pair in compared(words, against)
        )


def test_a_submodule_that_is_not_checked_out(shallow: Git, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody has its files, and the others can be compared without them."""
    shallow.run("submodule", "deinit", "-q", "-f", "in")
    for against in ("git:HEAD~", "git:HEAD"):
        (pair,) = compared(["."], against)
        assert (pair.path, pair.old is None, pair.new is None) == ("own.dsl", False, False)
    monkeypatch.chdir(shallow.directory / "in")
    with pytest.raises(GitError, match="its commit of `HEAD~` isn't here"):
        compared(["*.dsl"], "git:HEAD~")


def test_a_lost_commit_of_a_whole_submodule(shallow: Git) -> None:
    """One that never was in its history is asked for by its id."""
    id = "1234" * 10
    shallow.run("-C", "in", "fetch", "-q", "--unshallow")
    shallow.run("update-index", "--cacheinfo", f"160000,{id},in")
    tree = shallow.run("write-tree")
    assert wrong(f"git:{tree}:in/maps/flows.dsl")[1] == f"`git -C in fetch origin {id}` gets it"


def test_what_is_too_long(flows: Git) -> None:
    """What goes on and on isn't read to its end, and what is asked for next is."""
    repository = repository_of("")
    new, old = (flows.run("rev-parse", f"{one}:maps/flows.dsl") for one in ("HEAD", "HEAD~"))
    with Objects(repository) as objects:
        with pytest.raises(GitError, match="no input is that long"):
            objects.read(new, 3)
        assert objects.read(old) == OLD.encode()


def test_names_that_git_would_not_check_out() -> None:
    """A tree object that somebody made by hand leads nowhere; half of one is none."""
    id = bytes(20)
    names = (b"..", b".", b".git", b"a/b", b"/etc", b"", b"fine")
    data = b"".join(b"100644 " + name + b"\0" + id for name in names)
    assert list(entries_of(data, 20)) == [b"fine"]
    modes = (b"999999", b"1" * 5000, b"-1", b"+1", b"1_0", b"\xb2", b"")
    for broken in (data[:-1], b"100644 a", b"x a\0" + id, *(m + b" a\0" + id for m in modes)):
        with pytest.raises(GitError, match="is no tree"):
            entries_of(broken, 20)


@pytest.mark.parametrize("entry", [b"999999 m.dsl\0", b"40000 m.dsl\0", b"7 \0", b"\xff"])
def test_a_corrupt_tree(git: Git, entry: bytes, capsys: pytest.CaptureFixture[str]) -> None:
    """A tree that no git has written is refused, whatever is asked of it."""
    git.put("m.dsl", OLD)
    git.commit()
    blob = bytes.fromhex(git.run("rev-parse", "HEAD:m.dsl"))
    raw = git.put("../raw", entry + blob)
    literal = ("hash-object", "-w", "--literally", "-t", "tree")
    tree = git.run(*literal, str(raw))
    commit = git.run("commit-tree", "-m", "corrupt", tree)
    for words in ([f"git:{commit}:m.dsl", "m.dsl"], ["--against", f"git:{commit}", "."]):
        assert main(["breaking", *words]) in {0, 1, 2}
        assert "internal" not in capsys.readouterr().err
    assert main(["breaking", f"git:{commit}:m.dsl", "m.dsl"]) == 2


def test_random_bytes_as_a_tree() -> None:
    """Whatever an object has in it, it has entries or is no tree."""
    rng = random.Random(14)  # noqa: S311 -- the same each time
    parts = [b"100644", b"40000", b"8", b" ", b"\0", b"..", b"a", b"/", bytes(20), b"\xff\xfe"]
    for _ in range(5000):
        data = b"".join(rng.choices(parts, k=rng.randrange(12))) + rng.randbytes(rng.randrange(30))
        try:
            entries = entries_of(data, 20)
        except GitError:
            continue
        assert all(len(entry.id) == 40 and 0 <= entry.mode < 1 << 18 for entry in entries.values())


def test_random_bytes_as_answers(flows: Git, tmp_path: Path) -> None:
    """A git that answers nonsense has no objects; nothing else comes of it."""
    rng = random.Random(14)  # noqa: S311 -- the same each time
    id = flows.run("rev-parse", "HEAD:maps/flows.dsl")
    parts = [id.encode(), b"blob", b"missing", b"3", b"9" * 4000, b"-1", b" ", b"\n", b"abc", b"\0"]
    answers = [f"{id} blob 3\nabc\n".encode(), b""]
    answers += [
        b"".join(rng.choices(parts, k=rng.randrange(9))) + rng.randbytes(3) for _ in range(40)
    ]
    place, repository = tmp_path / "answer", repository_of("")
    read = []
    for answer in answers:
        place.write_bytes(answer)
        objects = Objects(repository)
        process = subprocess.Popen(
            [require("sh"), "-c", 'cat "$0"; read line', str(place)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        objects._process = process  # what it starts is git otherwise
        try:
            read.append(objects.read(id))
        except GitError:
            continue
    assert read[0] == b"abc"


@pytest.mark.parametrize("word", ["git:HEAD:{}", "git:HEAD:/{}", "git:HEAD:{}m.dsl"])
def test_a_path_without_an_end(flows: Git, word: str) -> None:
    """A path that no system takes is refused before it is looked for, name by name."""
    del flows
    what, _advice = wrong(word.format("a/" * 100_000))
    assert what.endswith("is longer than the 4096 bytes of any path")
    with pytest.raises(GitError, match="longer than the 4096 bytes"):
        compared(["a/" * 100_000], "git:HEAD")
