"""What a signal that asks us to end does while a command runs: an exception, which is never lost.

Between `cli`, which installs it, and commands that mustn't be ended in the middle of something. It
is an exception so that temporary files are removed, and maps unpinned, on the way out.
"""

from __future__ import annotations

import signal
import sys

from bpfgen.record import TYPE_CHECKING

if TYPE_CHECKING:
    from types import FrameType
    from typing import Any

_DEADLY = (signal.SIGTERM, signal.SIGHUP, signal.SIGINT)


class Ended(BaseException):
    """A signal asks us to end."""

    def __init__(self, number: int) -> None:
        super().__init__(number)
        self.number = number


class Signals:
    """The handlers of a run.

    The interpreter drops what is raised while an object goes (in `__del__`, in a weak reference's
    callback) and prints a traceback instead; here it is kept for who asks.

    Attributes:
        lost: The signal whose exception was dropped, or that came when all was done; 0 for none.
    """

    def __init__(self) -> None:
        self.lost = 0
        self._is_settled = False
        self._hook = sys.unraisablehook
        self._mask = signal.pthread_sigmask(signal.SIG_BLOCK, ())
        self._before: dict[int, Any] = {}

    def take(self) -> None:
        """Make an exception of a signal that nobody else handles, until :meth:`settle`."""
        sys.unraisablehook = self
        for number in _DEADLY:
            before = signal.getsignal(number)
            if before in {signal.SIG_DFL, signal.default_int_handler}:
                try:
                    signal.signal(number, self._end)
                except ValueError:  # not the main thread: the program around us handles signals
                    return
                self._before[number] = before

    def settle(self) -> None:
        """Raise nothing from here on: what the run comes to is known."""
        self._is_settled = True

    def _end(self, number: int, _frame: FrameType | None) -> None:
        if self._is_settled:
            self.lost = number
        elif number == signal.SIGINT:
            raise KeyboardInterrupt
        else:
            raise Ended(number)

    def __call__(self, dropped: sys.UnraisableHookArgs) -> None:
        """Keep what was *dropped* where a signal has raised it; else do as ever."""
        error = dropped.exc_value
        if isinstance(error, Ended):
            self.lost = error.number
        elif isinstance(error, KeyboardInterrupt):
            self.lost = signal.SIGINT
        else:
            self._hook(dropped)

    def give_back(self, *, keeps_held: bool) -> None:
        """Let signals be handled as before.

        Args:
            keeps_held: Those that are held stay so: the process ends now.
        """
        sys.unraisablehook = self._hook
        for number, before in self._before.items():
            signal.signal(number, before)
        if not keeps_held:
            signal.pthread_sigmask(signal.SIG_SETMASK, self._mask)


def end_if_asked() -> None:
    """End where a signal has asked for that and its exception was dropped.

    Raises:
        Ended: It has.
    """
    hook = sys.unraisablehook
    if isinstance(hook, Signals) and hook.lost:
        raise Ended(hook.lost)


def hold_to_the_end() -> None:
    """Let no signal end the run from here on: what is done now is done whole, or undone.

    Raises:
        Ended: One came before.
        KeyboardInterrupt: The same.
    """
    signal.pthread_sigmask(signal.SIG_BLOCK, signal.valid_signals())
    end_if_asked()
