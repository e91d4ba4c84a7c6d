"""A descriptor whose number isn't given to another file while a system call has it.

Threads may close a map that others use. What the kernel writes is as long as *its* map's values, so
that a number that has become another map's would be memory damage.
"""

from __future__ import annotations

import select
from errno import EBADF
from operator import index

from bpfgen.live.closing import Uncopied

_MOST = (1 << 31) - 1


class Descriptor(Uncopied):
    """A descriptor, which is closed with the last reference to this object.

    A call holds one by `with descriptor as fd:`. There is no lock that a signal handler, a fork or
    a call that waits could find held. Nor is there a `__del__`, in which the exception of a signal
    handler would be lost: what closes it is C.
    """

    __slots__ = ("_closer",)

    def __init__(self, fd: int) -> None:
        """Take over *fd*.

        Raises:
            OSError: EBADF where it can't be one.
        """
        if not 0 <= index(fd) <= _MOST:
            raise OSError(EBADF, f"{fd} is no descriptor")
        # Any descriptor may be one of epoll's as far as Python goes. Of its classes of that kind
        # it is the one that neither looks at what it is given nor warns when it closes it.
        self._closer = select.epoll.fromfd(fd)

    def __enter__(self) -> int:
        return self._closer.fileno()

    def __exit__(self, *error: object) -> None:
        """Let go: the reference is that of the `with` block."""
