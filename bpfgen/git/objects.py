"""The objects of a repository, by their ids: `git cat-file --batch`, started where it is needed."""

from __future__ import annotations

import re
import select
import subprocess
from errno import EFBIG, EIO, ENOENT, ETIMEDOUT

from bpfgen.files.reading import MOST
from bpfgen.git import GitError
from bpfgen.git.repository import TIMEOUT_SECONDS, command, environment, no_git
from bpfgen.record import TYPE_CHECKING, Record

if TYPE_CHECKING:
    from typing import Self

    from bpfgen.git.repository import Repository

DIRECTORY, LINK, SUBMODULE = 0o040000, 0o120000, 0o160000
"""Modes of a tree's entries; whatever else there is, is a file."""

_MODE = re.compile(rb"[0-7]{1,6}")

_LINE = 1 << 12
"""Bytes of an answer's first line, at most; it has an id, a word and a number."""


class Entry(Record):
    """What a tree has under one name: its mode and the id of the object."""

    mode: int
    id: str

    @property
    def is_file(self) -> bool:
        """Whether it is a regular file."""
        return self.mode not in {DIRECTORY, LINK, SUBMODULE}


class Objects:
    """Reads objects, each by its id, through one process for as long as a `with` goes on.

    It may be entered several times; without any, a process is started for each object.
    """

    __slots__ = ("_entered", "_process", "_repository", "_trees")

    def __init__(self, repository: Repository) -> None:
        self._repository = repository
        self._process: subprocess.Popen[bytes] | None = None
        self._entered = 0
        self._trees: dict[str, dict[bytes, Entry]] = {}

    def __enter__(self) -> Self:
        self._entered += 1
        return self

    def __exit__(self, *_exception: object) -> None:
        self._entered -= 1
        if not self._entered:
            self._end()

    @property
    def is_entered(self) -> bool:
        """Whether a `with` goes on."""
        return self._entered > 0

    def _end(self) -> None:
        process, self._process = self._process, None
        if process is not None:
            assert process.stdin is not None
            assert process.stdout is not None
            process.kill()  # it has answered everything, or is of no use any more
            process.stdout.close()
            process.wait()
            try:  # noqa: SIM105 -- contextlib would be loaded for this alone
                process.stdin.close()
            except BrokenPipeError:  # it ended before it had read what is still to be written
                pass

    def _started(self) -> subprocess.Popen[bytes]:
        if self._process is None:
            try:
                self._process = subprocess.Popen(
                    command(self._repository.directory, ("cat-file", "--batch")),
                    stdin=subprocess.PIPE,
                    stdout=subprocess.PIPE,
                    stderr=subprocess.DEVNULL,
                    env=environment(self._repository.directory),
                )
            except FileNotFoundError as missing:
                raise no_git() from missing
            except OSError as error:
                reason = error.strerror or str(error)
                raise GitError(EIO, f"git can't be started: {reason}") from error
        return self._process

    def read(self, id: str, most: int = MOST) -> bytes:
        """Return what the object *id* holds.

        Raises:
            ToolMissing: There is no git.
            GitError: It isn't there: a partial clone lacks it, or the repository is damaged; it has
                more than *most* bytes.
        """
        with self:
            process = self._started()
            assert process.stdin is not None
            assert process.stdout is not None
            try:
                process.stdin.write(f"{id}\n".encode())
                process.stdin.flush()
                # Whatever came before has been read to its end; an object may be a pipe.
                if not select.select([process.stdout], [], [], TIMEOUT_SECONDS)[0]:
                    self._end()
                    what = f"git did not answer within {TIMEOUT_SECONDS:g} seconds"
                    raise GitError(ETIMEDOUT, what)
                words = process.stdout.readline(_LINE).split()
                if len(words) == 3 and words[2].isdigit():
                    size = int(words[2])
                    if size > most:
                        self._end()  # what follows isn't going to be read
                        what = f"It goes on after {most >> 20} MiB, and no input is that long"
                        raise GitError(EFBIG, what)
                    data = process.stdout.read(size + 1)
                    if len(data) == size + 1:
                        return data[:size]
            except (BrokenPipeError, ConnectionResetError):
                words = []
            if not words or words[-1] != b"missing":
                self._end()  # it failed in the middle of an answer
            raise self._missing(id)

    def _missing(self, id: str) -> GitError:
        """Return why there is no object *id* in the repository, which refers to it."""
        if self._repository.asked("config", "--get-regexp", r"^remote\..*\.promisor$"):
            advice = f"`git cat-file -e {id}` fetches it; a clone without `--filter` has them all"
            return GitError(ENOENT, "this clone is partial, and git doesn't have it here", advice)
        advice = "`git fsck` finds what else is wrong"
        return GitError(EIO, f"git can't read its object {id}", advice)

    def tree(self, id: str) -> dict[bytes, Entry]:
        """Return the entries of the tree *id*, by name.

        Raises:
            ToolMissing: There is no git.
            GitError: It isn't there; see :meth:`read`.
        """
        known = self._trees.get(id)
        if known is None:
            known = self._trees[id] = entries_of(self.read(id), len(id) // 2)
        return known


def entries_of(data: bytes, width: int) -> dict[bytes, Entry]:
    """Return the entries of a tree object, whose ids have *width* bytes.

    A name that git would refuse to check out (`..`, `.git`, one with a slash) is left out.
    """
    entries = {}
    position = 0
    while position < len(data):
        end = data.find(b"\0", position)
        mode, _, name = data[position:end].partition(b" ")
        position = end + 1 + width
        if end < 0 or position > len(data) or not _MODE.fullmatch(mode):
            raise GitError(EIO, "git's object is no tree", "`git fsck` finds what is wrong")
        if name not in {b"", b".", b"..", b".git"} and b"/" not in name:
            entries[name] = Entry(int(mode, 8), data[end + 1 : position].hex())
    return entries
