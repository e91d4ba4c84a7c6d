"""How far a long run is: one line on a terminal, gone at the end.

Beside the pipeline; only a command that a person watches loads it.
"""

from __future__ import annotations

import os
import signal
import sys
import time
from contextlib import suppress

from bpfgen.record import TYPE_CHECKING
from bpfgen.text.render import printable

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import FrameType
    from typing import Self

PATIENCE_SECONDS = 2.0
"""A run that is over by then shows nothing."""

_ERASE_LINE = "\r\x1b[K"


class Progress:
    """A line of standard error that says which input of how many is being done.

    A timer of the process calls :meth:`tick`, so that one slow input is seen too; where something
    else uses the timer, or outside the main thread, the line moves with the inputs alone.

    Attributes:
        count: The number of inputs; None where nobody knows yet.
    """

    def __init__(
        self,
        count: int | None,
        clock: Callable[[], float] = time.monotonic,
        write: Callable[[str], object] | None = None,
        columns: int | None = None,
    ) -> None:
        self.count = count
        self._clock = clock
        self._write = write or _to_standard_error
        self._columns = columns or _columns()
        self._start = clock()
        self._done = 0
        self._name = ""
        self._shown = ""
        self._timed = False

    def __enter__(self) -> Self:
        if signal.getsignal(signal.SIGALRM) == signal.SIG_DFL:
            try:
                signal.signal(signal.SIGALRM, self._alarm)
            except ValueError:  # not the main thread
                return self
            signal.setitimer(signal.ITIMER_REAL, PATIENCE_SECONDS, 1.0)
            self._timed = True
        return self

    def __exit__(self, *_exception: object) -> None:
        if self._timed:
            signal.setitimer(signal.ITIMER_REAL, 0)
            signal.signal(signal.SIGALRM, signal.SIG_DFL)
        self.clear()

    def _alarm(self, _number: int, _frame: FrameType | None) -> None:
        self.tick()

    def step(self, name: str) -> None:
        """Note that the input *name* is being done now."""
        self.at(self._done + 1, name)

    def at(self, done: int, name: str) -> None:
        """Note that so much of *name* is *done*, where the count is not of inputs."""
        self._done = done
        self._name = name
        self.tick()

    def tick(self) -> None:
        """Show the line, if the run is long enough by now."""
        if self._clock() - self._start < PATIENCE_SECONDS or not self._name:
            return
        of = "" if self.count is None else f"/{self.count}"
        line = f"[{self._done}{of}] {printable(self._name)}"
        if len(line) >= self._columns:  # a line that wraps can't be erased
            line = line[: self._columns - 2] + "…"
        if line != self._shown:
            self._write(_ERASE_LINE + line)
            self._shown = line

    def clear(self) -> None:
        """Erase the line; the next tick shows it again."""
        if self._shown:
            self._write(_ERASE_LINE)
            self._shown = ""


def _to_standard_error(text: str) -> None:
    # Not through the stream's buffer: a timer may come while the stream is being written to.
    if sys.stderr is not None:
        with suppress(OSError):  # the terminal has gone away
            os.write(sys.stderr.fileno(), text.encode("utf-8", "backslashreplace"))


def _columns() -> int:
    try:
        return os.get_terminal_size(sys.stderr.fileno()).columns or 80
    except (OSError, ValueError, AttributeError):
        return 80
