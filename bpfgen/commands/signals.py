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

_DEADLY = (signal.SIGTERM, signal.SIGHUP)
"""Those of which Python makes no exception itself."""


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
        lost: The signal whose exception was dropped; 0 for none.
    """

    def __init__(self) -> None:
        self.lost = 0
        self._hook = sys.unraisablehook
        self._mask = signal.pthread_sigmask(signal.SIG_BLOCK, ())
        self._handled = [number for number in _DEADLY if _is_handled(number)]
        sys.unraisablehook = self

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
        for number in self._handled:
            signal.signal(number, signal.SIG_DFL)
        if not keeps_held:
            signal.pthread_sigmask(signal.SIG_SETMASK, self._mask)


def _is_handled(number: signal.Signals) -> bool:
    """Turn a deadly signal into an exception and return True, if nobody else handles it."""

    def end(_number: int, _frame: FrameType | None) -> None:
        raise Ended(number)

    if signal.getsignal(number) != signal.SIG_DFL:
        return False
    try:
        signal.signal(number, end)
    except ValueError:  # not the main thread: the program around us handles signals
        return False
    return True


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
