"""A descriptor whose number isn't given to another file while a system call has it.

Threads may close a map that others use. What the kernel writes is as long as *its* map's values, so
that a number that has become another map's would be memory damage.
"""

from __future__ import annotations

import os
from contextlib import suppress
from errno import EBADF
from operator import index

_MOST = (1 << 31) - 1


class Descriptor:
    """A descriptor, which is closed with the last reference to this object.

    A call holds one by `with descriptor as fd:`. There is no lock that a signal handler, a fork or
    a call that waits could find held.
    """

    __slots__ = ("_fd",)

    def __init__(self, fd: int) -> None:
        """Take over *fd*.

        Raises:
            OSError: EBADF where it can't be one.
        """
        if not 0 <= index(fd) <= _MOST:
            raise OSError(EBADF, f"{fd} is no descriptor")
        self._fd = fd

    def __enter__(self) -> int:
        return self._fd

    def __exit__(self, *error: object) -> None:
        """Let go: the reference is that of the `with` block."""

    def __del__(self) -> None:
        if hasattr(self, "_fd"):
            with suppress(OSError):  # it was none, or somebody else has closed it
                os.close(self._fd)
