"""A compiler that runs while we go on: in a process group of its own, with an end in any case.

Beside `compiler`. What it says goes into a file, so that nobody has to read along, and several may
run at once.
"""

from __future__ import annotations

import os
import signal
from time import monotonic, sleep

from bpfgen.clang.messages import read_said
from bpfgen.record import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bpfgen.files.janitor import Janitor

_PAUSE_SECONDS = 0.002
"""How long to wait between looks where the kernel doesn't say when a process ends."""

_PROGRAMS = (b"\x7fELF", b"\xcf\xfa\xed\xfe", b"\xca\xfe\xba\xbe")
"""How a program begins that is no script: ELF, Mach-O."""


def is_script(path: str) -> bool:
    """Return whether the program *path* is one that is interpreted, which may do anything.

    Raises:
        OSError: It can't be read.
    """
    with open(path, "rb") as stream:
        return stream.read(4) not in _PROGRAMS


class Process:
    """A command that runs with nothing to read, and what it says in a file.

    Whoever makes one closes it; so it is there before it is started, and a signal in between finds
    somebody who does.

    Args:
        errors: The file that gets what it says.
        janitor: Ends it and its children if this process is killed.

    Attributes:
        group: Its process group, which is its process id, too.
    """

    __slots__ = ("_deadline", "_errors", "_is_reaped", "_janitor", "group")

    def __init__(self, errors: str, janitor: Janitor) -> None:
        self.group = 0
        self._errors = errors
        self._janitor = janitor
        self._is_reaped = True
        self._deadline = 0.0

    def start(
        self,
        command: tuple[str, ...],
        timeout: float,
        environment: Mapping[str, str] | None = None,
    ) -> None:
        """Start *command*, once.

        Args:
            command: Its words; the first is a program, or its name on the PATH.
            timeout: The seconds that it may take from now on.
            environment: What it finds in its environment besides ours.

        Raises:
            OSError: It can't be started.
        """
        self.grant(timeout)
        # Its messages are parsed, whatever language we speak.
        variables = {**os.environ, "LC_ALL": "C", **(environment or {})}
        # No signal may come before somebody knows that there is something to be ended.
        before = signal.pthread_sigmask(signal.SIG_BLOCK, signal.valid_signals())
        spawn = os.posix_spawn if "/" in command[0] else os.posix_spawnp
        try:
            self.group = spawn(
                command[0],
                command,
                variables,
                file_actions=(
                    (os.POSIX_SPAWN_OPEN, 0, os.devnull, os.O_RDONLY, 0),
                    (os.POSIX_SPAWN_OPEN, 1, os.devnull, os.O_WRONLY, 0),
                    (
                        os.POSIX_SPAWN_OPEN,
                        2,
                        self._errors,
                        os.O_WRONLY | os.O_CREAT | os.O_TRUNC,
                        0o600,
                    ),
                ),
                setpgroup=0,  # so that a wrapper's child can be ended too
                setsigmask=before,
                setsigdef=(signal.SIGPIPE, signal.SIGXFSZ),  # the interpreter ignores them
            )
            self._is_reaped = False
            self._janitor.watches_group(self.group)
        finally:
            signal.pthread_sigmask(signal.SIG_SETMASK, before)

    def finish(self) -> tuple[int, str]:
        """Wait for its end; return its status, or less a signal's number, and what it said.

        Raises:
            TimeoutError: It took too long. It is still running.
        """
        self._wait()
        status = self._reaped()
        return status, read_said(self._errors)

    def grant(self, seconds: float) -> None:
        """Let it take *seconds* from now on: only now can it begin."""
        self._deadline = monotonic() + seconds

    def close(self) -> None:
        """End it, if it is still running, and its children; safe to do again."""
        if not self._is_reaped:
            self._reaped()

    def _wait(self) -> None:
        """Wait for its end, and leave its status to be asked for.

        Raises:
            TimeoutError: It took too long.
        """
        try:
            descriptor = os.pidfd_open(self.group)
        except (AttributeError, OSError):
            # Linux before 5.3, a sandbox, or a Python that was built for either; or it ended, and
            # nobody wants to know of our children.
            descriptor = -1
        try:
            while not self._has_ended():
                left = self._deadline - monotonic()
                if left <= 0:
                    raise TimeoutError
                if descriptor < 0:
                    sleep(min(left, _PAUSE_SECONDS))
                    continue
                from select import poll  # it may have ended by now, and then nobody waits

                waiting = poll()
                waiting.register(descriptor)
                waiting.poll(left * 1000)
        finally:
            if descriptor >= 0:
                os.close(descriptor)

    def _has_ended(self) -> bool:
        """Return whether it has ended; its status stays to be asked for."""
        try:
            return os.waitid(os.P_PID, self.group, os.WEXITED | os.WNOHANG | os.WNOWAIT) is not None
        except ChildProcessError:  # SIGCHLD is ignored, as it is in whoever started us
            self._is_reaped = True
            return True

    def _reaped(self) -> int:
        """End what is left of the group, itself included; return its status."""
        self._janitor.watches_group(0)
        if self._is_reaped:
            return 0  # nobody knows, and what it wrote will show
        # As long as its status isn't taken, its number can't be another's.
        try:  # noqa: SIM105 -- contextlib would be loaded for this alone
            os.killpg(self.group, signal.SIGKILL)
        except OSError:
            pass
        self._is_reaped = True
        try:
            return os.waitstatus_to_exitcode(os.waitpid(self.group, 0)[1])
        except ChildProcessError:
            return 0
