"""One process, one thread: what comes in, what goes out, jobs, and what waits for a pause.

Below the server, which says what to do with a message. Nothing else blocks: while there is a
message, it is answered; while there is none, what was put off is done; else everything waits.
"""

from __future__ import annotations

import logging
import os
import select
from time import monotonic

from bpfgen.editor.messages import Inbox, NotTheProtocol
from bpfgen.record import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable

    from bpfgen.editor.jobs import Jobs

LOG = logging.getLogger("bpfgen.lsp")
"""What is logged goes to standard error, which editors keep."""

_PIECE = 1 << 16
_PIPE = 4096
"""A pipe that can be written takes so much at once (PIPE_BUF): more might wait for its reader."""


class Loop:
    """Reads, answers and waits.

    Attributes:
        inbox: What has come in.
        jobs: The work of others, whose answers are taken when they come.
    """

    __slots__ = ("_input", "_output", "_parent", "_putting_off", "_unwritten", "inbox", "jobs")

    def __init__(self, input: int, output: int, jobs: Jobs) -> None:
        """Read from the descriptor *input* and write to *output*."""
        self.inbox = Inbox()
        self.jobs = jobs
        self._input = input
        self._output = output
        self._parent = -1
        self._unwritten = bytearray()
        self._putting_off: dict[Hashable, tuple[float, Callable[[], None]]] = {}

    def write(self, data: bytes) -> None:
        """Have *data* written; it needn't be read at once."""
        self._unwritten += data

    def put_off(self, key: Hashable, seconds: float, work: Callable[[], None]) -> None:
        """Do *work* when nothing has come in for *seconds*; in the place of other work of *key*."""
        self._putting_off[key] = (monotonic() + seconds, work)

    def drop(self, key: Hashable) -> None:
        """Don't do what was put off under *key*."""
        self._putting_off.pop(key, None)

    def ends_with(self, process: int) -> None:
        """End when *process* does, which may be gone without having closed our input."""
        try:
            self._parent = os.pidfd_open(process)
        except (AttributeError, OSError):  # an old kernel, or a process of another container
            return

    def run(self, handle: Callable[[], None]) -> None:
        """Go on until the input ends, or the client does.

        *handle* answers what is first in :attr:`inbox`. What it raises comes through.

        Raises:
            NotTheProtocol: What comes in is no message.
        """
        is_open = True
        while is_open or self.inbox:
            is_open = self._look(is_open=is_open) and is_open
            if self.inbox:
                handle()
            else:
                self._do_what_is_due()

    def flush(self) -> None:
        """Write what is left; whoever doesn't read it any more has ended."""
        while self._unwritten:
            del self._unwritten[: os.write(self._output, self._unwritten[:_PIPE])]

    def _look(self, *, is_open: bool) -> bool:
        """Read and write what can be, wait if there is nothing to do; False at the end of input."""
        poll = select.poll()
        if is_open:
            poll.register(self._input, select.POLLIN)
        if self._unwritten:
            poll.register(self._output, select.POLLOUT)
        for descriptor in self.jobs.descriptors:
            poll.register(descriptor, select.POLLIN)
        if self._parent >= 0:
            poll.register(self._parent, select.POLLIN)
        for descriptor, _event in poll.poll(self._patience(is_open=is_open)):
            if descriptor == self._output:
                del self._unwritten[: os.write(self._output, self._unwritten[:_PIPE])]
            elif descriptor == self._input:
                data = os.read(self._input, _PIECE)
                if not data:
                    return False
                self.inbox.feed(data)
            elif descriptor == self._parent:
                return False
            else:
                try:
                    self.jobs.receive(descriptor)
                except Exception:  # as below
                    LOG.exception("bpfgen itself is wrong: the answer of a child")
        return True

    def _patience(self, *, is_open: bool) -> float | None:
        """Return how many milliseconds there is nothing to do; None until something comes."""
        if self.inbox or not is_open:
            return 0
        if not self._putting_off:
            return None
        return max(0.0, min(at for at, _work in self._putting_off.values()) - monotonic()) * 1000

    def _do_what_is_due(self) -> None:
        """Do the first thing that was put off until now."""
        now = monotonic()
        for key, (at, work) in self._putting_off.items():
            if at <= now:
                del self._putting_off[key]
                try:
                    work()
                except Exception:  # a mistake of ours, which must not end what somebody works with
                    LOG.exception("bpfgen itself is wrong: %s", key)
                return


__all__ = ["LOG", "Loop", "NotTheProtocol"]
