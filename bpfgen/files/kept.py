"""What runs leave for later ones: small files in a directory of the user's own.

Each is written whole or not at all, so that runs side by side don't meet. What can't be read, isn't
what was written, or belongs to somebody else is as good as none, and no error either.
"""

from __future__ import annotations

import os
import time

from bpfgen.files.digests import digest_of, rest_of
from bpfgen.record import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

MOST_BYTES = 256 << 20
"""So much is kept; beyond that, what was used longest ago goes."""

LARGEST = 64 << 20
"""Bytes of one file."""

_BLOCK = 4096
"""Bytes that a file takes at the least, however little is in it: that bounds their number, too."""

_STALE_SECONDS = 3600.0
"""A temporary file this old is of a run that was killed."""


class Kept:
    """The files in one directory.

    Attributes:
        directory: Where they are; it is made when the first is kept.
    """

    __slots__ = ("_is_ours", "directory")

    def __init__(self, directory: str) -> None:
        self.directory = directory
        self._is_ours: bool | None = None

    def read(self, name: str) -> bytes | None:
        """Return what was kept as *name*, or None."""
        if self._is_ours is None:
            self._is_ours = _is_ours(self.directory)
        if not self._is_ours:
            return None
        try:
            path = os.path.join(self.directory, name)
            descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK)
        except OSError:
            return None
        try:
            data = rest_of(descriptor, os.fstat(descriptor).st_size)
        except OSError:
            return None
        finally:
            os.close(descriptor)
        digest, _, rest = data.partition(b"\n")
        return rest if digest == digest_of(name.encode(), rest).encode() else None

    def used(self, name: str) -> None:
        """Note that what is kept as *name* is still of use: it goes last."""
        try:  # noqa: SIM105 -- contextlib would be loaded for this alone
            os.utime(os.path.join(self.directory, name))
        except OSError:
            pass

    def keep(self, name: str, data: bytes) -> None:
        """Keep *data* as *name*, if that can be done."""
        data = b"%s\n%s" % (digest_of(name.encode(), data).encode(), data)
        if len(data) > LARGEST or not self._is_there():
            return
        path = os.path.join(self.directory, name)
        temporary = f"{path}.{os.urandom(8).hex()}"
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC | os.O_NOFOLLOW
        try:
            with open(os.open(temporary, flags, 0o600), "wb") as stream:
                stream.write(data)
            os.replace(temporary, path)
        except OSError:
            try:  # noqa: SIM105 -- see above
                os.unlink(temporary)
            except OSError:
                pass
            return
        if name.endswith("0"):  # now and then
            self.trim()

    def trim(self, most: int = MOST_BYTES) -> None:
        """Remove what was used longest ago, until all files together have *most* bytes."""
        entries: list[tuple[float, int, str]] = []
        try:
            with os.scandir(self.directory) as found:
                entries = [entry for file in found if (entry := _entry(file)) is not None]
        except OSError:
            return
        total = sum(size for _used, size, _path in entries)
        for used, size, path in sorted(entries):
            if used and total <= most:
                break
            try:  # noqa: SIM105 -- see above
                os.unlink(path)
            except OSError:
                pass
            total -= size

    def _is_there(self) -> bool:
        """Make the directory if need be; return whether it is there, and ours alone."""
        if not _is_below_own(self.directory):
            return False  # root, with the home of somebody else, leaves nothing there
        try:
            os.makedirs(self.directory, mode=0o700, exist_ok=True)
        except OSError:
            return False
        self._is_ours = _is_ours(self.directory)
        return self._is_ours


def _entry(file: os.DirEntry[str]) -> tuple[float, int, str] | None:
    """Return when *file* was last used (0 for what a killed run has left), its blocks, its path."""
    try:
        status = file.stat(follow_symlinks=False)
    except OSError:
        return None
    size = -(-status.st_size // _BLOCK) * _BLOCK
    if "." not in file.name:
        return status.st_mtime, size, file.path
    is_stale = time.time() - status.st_mtime > _STALE_SECONDS
    return (0.0, size, file.path) if is_stale else None


def packed(lists: Sequence[Sequence[str]]) -> bytes:
    """Return *lists* of texts without NUL, as names of files are, as bytes."""
    words: list[str] = []
    for list_ in lists:
        words += (str(len(list_)), *list_)
    return "\0".join(words).encode("utf-8", "surrogateescape")


def unpacked(data: bytes) -> list[list[str]]:
    """Return the lists that :func:`packed` made *data* of.

    Raises:
        ValueError: It is something else.
    """
    words = data.decode("utf-8", "surrogateescape").split("\0")
    lists: list[list[str]] = []
    at = 0
    while at < len(words):
        count = int(words[at])
        if count < 0:
            raise ValueError(count)
        end = at + 1 + count
        lists.append(words[at + 1 : end])
        at = end
    return lists


def _is_ours(directory: str) -> bool:
    """Whether *directory* is there, and nobody else can write to it."""
    try:
        status = os.stat(directory)
    except OSError:
        return False
    return status.st_uid == os.geteuid() and not status.st_mode & 0o022


def _is_below_own(directory: str) -> bool:
    """Whether *directory*, or the first above it that is there, is the user's own."""
    place = os.path.abspath(directory)
    while not os.path.isdir(place) and place != "/":
        place = os.path.dirname(place)
    try:
        return os.stat(place).st_uid == os.geteuid()
    except OSError:
        return False
