"""Temporary files that no death of this process leaves behind, `kill -9` included.

Beside the pipeline: `output` and `clang` use it for as long as a temporary file has a name.

Nobody can catch SIGKILL, but a pipe tells of it: its reader sees the end as soon as the last
writer is gone, however it went. The reader is a child that was forked beforehand, in a process
group of its own, deaf to every signal that can be ignored. It lives for milliseconds, costs less
than one, and has nothing to do as a rule: who isn't killed tidies up himself.

What remains is the death of both at once (of the machine, of a whole container) within the moment
in which the file has a name; and a program with threads, which must not fork, goes without.
"""

from __future__ import annotations

import os
import signal
import stat
import sys

from bpfgen.record import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import Self

_ATTEMPTS = 100
_PAUSE_SECONDS = 0.01
"""A compiler that was killed may still make files for a moment; a directory is tried this often."""

_DONE = b"done\n"
"""What the child is told when there is nothing left to be removed."""


class Janitor:
    """Removes *path*, a file or a directory, at the end of a `with` or of this process.

    Nothing has to be there, neither before nor after. A file that was renamed is safe.

    Attributes:
        path: What is removed.
    """

    __slots__ = ("_child", "_pipe", "path")

    def __init__(self, path: str) -> None:
        self.path = os.path.abspath(path)
        self._pipe = self._child = -1
        threading = sys.modules.get("threading")
        if threading is None or threading.active_count() == 1:
            self._employ()

    def _employ(self) -> None:
        """Fork the child; where that can't be had, do without."""
        try:
            reader, writer = os.pipe()
        except OSError:
            return
        before = signal.pthread_sigmask(signal.SIG_BLOCK, signal.valid_signals())
        try:
            child = os.fork()
            if child == 0:
                _watch(self.path, reader, writer)
            self._child, self._pipe = child, writer
            # Here and not in the child: from now on nothing that is sent to our group reaches it.
            os.setpgid(child, child)
        except OSError:
            if self._child < 0:
                os.close(writer)
        finally:
            os.close(reader)
            signal.pthread_sigmask(signal.SIG_SETMASK, before)

    @property
    def is_employed(self) -> bool:
        """Whether it would notice that this process is killed."""
        return self._pipe >= 0

    def watches_group(self, group: int) -> None:
        """Say that the processes of *group* write there, and end with us; 0 that none does."""
        if self._pipe >= 0:
            self._tell(b"%d\n" % group)

    def _tell(self, line: bytes) -> None:
        try:  # noqa: SIM105 -- contextlib would be loaded for this alone
            os.write(self._pipe, line)
        except OSError:  # somebody killed the child; we are alive, and that will do
            pass

    def release(self) -> None:
        """Remove the path, and let the child go, which takes longer to end than to be told so.

        There is something to do meanwhile; :meth:`__exit__` waits for it.
        """
        remove(self.path)
        if self._pipe < 0:
            return
        # A janitor that was employed later has the other end of this one's pipe, too: its end alone
        # would tell nothing as long as that one stays.
        self._tell(_DONE)
        os.close(self._pipe)
        self._pipe = -1

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_exception: object) -> None:
        self.release()
        child, self._child = self._child, -1
        if child < 0:
            return
        try:  # noqa: SIM105 -- see above
            os.waitpid(child, 0)
        except ChildProcessError:  # SIGCHLD is ignored, as it is in whoever started us
            pass


def _watch(path: str, reader: int, writer: int) -> None:
    """Wait in the child for the end of the parent, tidy up, and end."""
    try:
        os.close(writer)
        for stream in (0, 1, 2):  # who reads what the parent writes mustn't have to wait for us
            if stream != reader:
                _close(stream)
        received = b""
        while chunk := os.read(reader, 4096):
            received = (received + chunk)[-64:]
            if received.endswith(_DONE):
                os._exit(0)
        group = int((b"0\n" + received).split(b"\n")[-2])
        if group > 0:
            os.killpg(group, signal.SIGKILL)
    except (OSError, ValueError):
        pass
    try:
        remove(path)
    finally:
        os._exit(0)


def remove(path: str) -> None:
    """Remove the file or the directory *path*, with what is in it, as far as that is possible."""
    for _ in range(_ATTEMPTS):
        if _gone(path):
            return
        for directory, directories, files in os.walk(path, topdown=False):
            for name in files:
                _let_go(os.path.join(directory, name))
            for name in (*files, *directories):
                _gone(os.path.join(directory, name))
        if _gone(path):
            return
        # Only what a killed compiler goes on writing comes here.
        from time import sleep

        sleep(_PAUSE_SECONDS)


def _let_go(path: str) -> None:
    """Remove *path* if it is a pipe, and let who waits there for a text go on without one."""
    try:
        if stat.S_ISFIFO(os.lstat(path).st_mode):
            descriptor = os.open(path, os.O_RDWR | os.O_NONBLOCK | os.O_CLOEXEC)
            # Whoever comes from now on finds nothing; whoever was there has met us, and sees us go.
            os.unlink(path)
            os.close(descriptor)
    except OSError:
        pass


def _gone(path: str) -> bool:
    """Remove the file or the empty directory *path*; return whether there is none any more."""
    for removed in (os.unlink, os.rmdir):
        try:
            removed(path)
        except FileNotFoundError:
            return True
        except OSError:
            continue
        return True
    return False


def _close(descriptor: int) -> None:
    try:  # noqa: SIM105 -- see above
        os.close(descriptor)
    except OSError:  # it was closed when we were started
        pass
