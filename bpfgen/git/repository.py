"""Which repository a path is in, and which tree a revision of it has: git's plumbing, asked.

A repository may be a stranger's, its configuration included. So only commands are run that read
objects and names (`rev-parse`, `merge-base`, `for-each-ref`, `ls-files`, `cat-file`), and
`hash-object`, which writes nothing: none of them runs hooks, filters, pagers or what configuration
names for a difference. Whatever could be fetched isn't: no protocol is allowed, and git is told to
leave missing objects missing. No word that was typed can be an option.
"""

from __future__ import annotations

import os
import re
import subprocess
from errno import EIO, ENOENT, ETIMEDOUT

from bpfgen.clang import ToolMissing
from bpfgen.git import GitError
from bpfgen.record import TYPE_CHECKING, Record

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bpfgen.git.words import Revision

TIMEOUT_SECONDS = 60.0
"""A git that takes longer is taken for hung and killed."""

_SETTINGS = (
    "core.fsmonitor=false",
    "core.hooksPath=/dev/null",
    "core.warnAmbiguousRefs=false",
    "protocol.allow=never",
)
"""What a repository's configuration has no say in."""

_ENVIRONMENT = {
    "LC_ALL": "C",
    "GIT_ALLOW_PROTOCOL": "none",  # of any git; the next one is known from 2.45 on
    "GIT_NO_LAZY_FETCH": "1",
    "GIT_OPTIONAL_LOCKS": "0",
    "GIT_TERMINAL_PROMPT": "0",
    "GIT_PAGER": "cat",
    "GIT_ASKPASS": "true",
    "SSH_ASKPASS": "true",
}

_OF_ONE_REPOSITORY = (
    *("GIT_ALTERNATE_OBJECT_DIRECTORIES", "GIT_COMMON_DIR", "GIT_DIR", "GIT_GRAFT_FILE"),
    *("GIT_IMPLICIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_NAMESPACE", "GIT_NO_REPLACE_OBJECTS"),
    *("GIT_OBJECT_DIRECTORY", "GIT_PREFIX", "GIT_REPLACE_REF_BASE", "GIT_SHALLOW_FILE"),
    "GIT_WORK_TREE",
)
"""What a hook is told of the repository that it is run for (`git rev-parse --local-env-vars`)."""

_MOST_NAMES = 100_000
"""How many branches and tags are looked through for what may be meant."""

_BASE = re.compile(r"[^~^@]+")
"""What a revision is counted from, as `main` in `main~2`."""


class Repository(Record):
    """A git repository.

    Attributes:
        top: The directory of its working tree, absolute; empty where there is none: the repository
            is bare, or one is inside of `.git`.
        directory: Where git is started.
    """

    top: str
    directory: str

    def run(self, *words: str) -> tuple[int, bytes, list[str]]:
        """Return how git with *words* ends, what it writes, and what it says, a line an entry.

        Raises:
            ToolMissing: There is no git.
            GitError: It didn't end, or can't be started.
        """
        return _run(self.directory, words)

    def asked(self, *words: str) -> str:
        """Return what git with *words* writes, a line without its end; empty where it fails.

        Raises:
            ToolMissing: There is no git.
            GitError: It didn't end, or can't be started.
        """
        status, output, _said = self.run(*words)
        return "" if status else os.fsdecode(output).removesuffix("\n")

    def tree_of(self, revision: Revision, *, is_start_empty: bool = False) -> str:
        """Return the id of the tree that *revision*, a commit or a tree, has.

        *is_start_empty*: before the first commit, HEAD is the empty tree, which git always has.

        Raises:
            ToolMissing: There is no git.
            GitError: There is no such revision, or no merge base.
        """
        name = self._merge_base(revision) if revision.other else revision.name
        tree = self._verified(f"{name}^{{tree}}")
        if tree:
            return tree
        if is_start_empty and name == "HEAD" and not self._verified("HEAD"):
            return self.asked("hash-object", "-t", "tree", "--stdin")
        if self._verified(name):
            raise GitError(EIO, f"git lacks the files of `{revision.typed}`", "`git fsck`")
        raise self._unknown(revision.name)

    def _verified(self, name: str) -> str:
        """Return the id of the object *name*; empty where there is none."""
        return self.asked("rev-parse", "--verify", "--quiet", "--end-of-options", name)

    def _merge_base(self, revision: Revision) -> str:
        commits = []
        for name in (revision.name, revision.other):
            commit = self._verified(f"{name}^{{commit}}")
            if not commit:
                raise self._unknown(name)
            commits.append(commit)
        base = self.asked("merge-base", *commits).partition("\n")[0]
        if base:
            return base
        what = f"`{revision.name}` and `{revision.other}` have no commit in common"
        if self.is_shallow:
            raise GitError(
                ENOENT,
                f"{what}, as far as this clone goes, which is shallow",
                "`git fetch --unshallow` gets the rest; in CI, check out with `fetch-depth: 0`",
            )
        raise GitError(ENOENT, what)

    @property
    def is_shallow(self) -> bool:
        """Whether the repository has not all of its history."""
        return self.asked("rev-parse", "--is-shallow-repository") == "true"

    def _unknown(self, name: str) -> GitError:
        """Return why there is no revision *name*, and what may be meant."""
        from bpfgen.text.spelling import closest

        what = f"there is no revision `{name}`"
        if not self._verified("HEAD"):
            return GitError(ENOENT, f"{what}: the repository has no commit yet")
        known = _BASE.match(name)
        if known is None or not self._verified(known[0]):  # `main` is there, and has no `main~9`
            count = f"--count={_MOST_NAMES}"
            listed = self.asked("for-each-ref", count, "--format=%(refname:short)")
            names = [one for one in listed.split("\n") if one]
            meant = next((one for one in names if one.endswith(f"/{name}")), None)
            meant = meant or closest(name, [*names, "HEAD"])
            if meant is not None:
                return GitError(ENOENT, what, f"did you mean `git:{meant}`?")
        if self.is_shallow:
            advice = "this clone is shallow: `git fetch --unshallow`, or `fetch-depth: 0` in CI"
            return GitError(ENOENT, what, advice)
        return GitError(ENOENT, what, "`git branch --all` and `git tag` list what there is")


def repository_of(directory: str) -> Repository:
    """Return the repository that *directory* is in.

    Raises:
        ToolMissing: There is no git.
        GitError: It is in none, or git doesn't want to read it.
    """
    shown = directory or "."
    status, output, said = _run(shown, ("rev-parse", "--show-toplevel"))
    if not status:
        return Repository(os.fsdecode(output).removesuffix("\n"), shown)
    if not _run(shown, ("rev-parse", "--git-dir"))[0]:
        return Repository("", shown)
    # Of a repository of somebody else, git says what one can do.
    what = f"`{shown}` is in no repository that git reads: {''.join(said[:1])}"
    raise GitError(ENOENT, what, " ".join(said[1:]))


def _run(directory: str, words: Sequence[str]) -> tuple[int, bytes, list[str]]:
    """Run git with *words* in *directory*; see :meth:`Repository.run`."""
    try:
        run = subprocess.run(
            command(directory, words),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            env=environment(directory),
            timeout=TIMEOUT_SECONDS,
            check=False,
        )
    except FileNotFoundError as missing:
        raise no_git() from missing
    except subprocess.TimeoutExpired as expired:
        what = f"git did not end within {TIMEOUT_SECONDS:g} seconds"
        raise GitError(ETIMEDOUT, what) from expired
    except OSError as error:
        reason = error.strerror or str(error)
        raise GitError(EIO, f"git can't be started: {reason}") from error
    said = run.stderr.decode("utf-8", "replace").removeprefix("fatal: ")
    return run.returncode, run.stdout, [line.strip() for line in said.splitlines() if line.strip()]


def command(directory: str, words: Sequence[str]) -> list[str]:
    """Return the command line of git with *words* in *directory*."""
    settings = [word for setting in _SETTINGS for word in ("-c", setting)]
    return ["git", "--no-pager", "-C", directory, *settings, *words]


def environment(directory: str) -> dict[str, str]:
    """Return the environment in which git is started in *directory*.

    What a hook is told of its repository is meant for the working directory alone.
    """
    given = {**os.environ, **_ENVIRONMENT}
    if directory not in {"", "."}:
        for name in _OF_ONE_REPOSITORY:
            given.pop(name, None)
    return given


def no_git() -> ToolMissing:
    """Return what is said where there is no git."""
    return ToolMissing("there is no `git` on the PATH, which reads revisions: `apt install git`")
