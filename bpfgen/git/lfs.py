"""Files that git has a pointer to alone: Git LFS keeps what they hold beside its objects."""

from __future__ import annotations

import os
import re
from errno import ENOENT

from bpfgen.files.reading import read_bytes
from bpfgen.git import GitError
from bpfgen.record import TYPE_CHECKING

if TYPE_CHECKING:
    from bpfgen.git.repository import Repository

_BEGINS = b"version https://git-lfs.github.com/spec/v1\n"
_ID = re.compile(rb"^oid sha256:([0-9a-f]{64})$", re.MULTILINE)
_MOST_OF_POINTER = 1024  # docs/spec.md of Git LFS


def contents_of_pointer(data: bytes, repository: Repository) -> bytes:
    """Return what *data* points to if it is a pointer of Git LFS; else *data* itself.

    Raises:
        ToolMissing: There is no git.
        GitError: It has not been fetched.
        OSError: It can't be read.
    """
    if len(data) >= _MOST_OF_POINTER or not data.startswith(_BEGINS):
        return data
    id = _ID.search(data)
    directory = repository.asked("rev-parse", "--git-common-dir")
    if id is not None and directory:
        name = id[1].decode()
        directory = os.path.join(repository.directory, directory)
        path = os.path.join(directory, "lfs", "objects", name[:2], name[2:4], name)
        if os.path.isfile(path):
            return read_bytes(path)
    advice = "`git lfs fetch --all` gets what the pointers of all revisions stand for"
    raise GitError(ENOENT, "git has a pointer of Git LFS in its place", advice)
