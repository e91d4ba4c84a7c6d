"""Work that takes a compiler, done beside the one that answers: each job is a child of its own.

Before the workspace, which has headers asked and objects built. A child is a copy of this process:
it has all that is known by now, works as if it were alone, and says in one answer what came of it.
So nothing that it does holds up who types, it can be ended at any moment, and it takes its compiler
and its temporary files along, also where the server was killed. That needs a process without
threads, as the server is one.
"""

from __future__ import annotations

import fcntl
import os
import pickle
import signal
import sys
from contextlib import suppress

from bpfgen.record import TYPE_CHECKING, Record

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Iterable
    from typing import Any

    from bpfgen.record import Uncompared

_MOST = 2
"""Children at a time: more would take the processors from who types."""

_PIECE = 1 << 16


class Job(Record):
    """Something to be done.

    Attributes:
        key: Names it: a later one of the same key takes its place.
        work: Does it, in the child; what comes back must be a value that can be pickled.
        done: Is called with that value; not where the work failed or another job took its place.
    """

    key: Hashable
    work: Uncompared[Callable[[], Any]]
    done: Uncompared[Callable[[Any], None]]


class _Child:
    """A child at work.

    Attributes:
        job: What it does; None where nobody wants it any more.
        process: Its id.
        received: What it has said by now.
    """

    __slots__ = ("job", "process", "received")

    def __init__(self, job: Job, process: int) -> None:
        self.job: Job | None = job
        self.process = process
        self.received = bytearray()


class Jobs:
    """The jobs of one server; whoever waits for descriptors waits for :attr:`descriptors`, too.

    Args:
        private: Descriptors that a child must not have: the client is to see that the server has
            ended, though its child may take a moment longer.
    """

    __slots__ = ("_children", "_private", "_waiting")

    def __init__(self, private: tuple[int, ...] = ()) -> None:
        self._private = private
        self._children: dict[int, _Child] = {}
        self._waiting: dict[Hashable, Job] = {}

    @property
    def descriptors(self) -> list[int]:
        """What can be read when a child has something to say: give it to :meth:`receive`."""
        return list(self._children)

    def start(self, job: Job) -> None:
        """Have *job* done, now or when another one has ended."""
        self.cancel(job.key)
        self._waiting[job.key] = job
        self._begin()

    def cancel(self, key: Hashable) -> None:
        """Have the job *key*, if there is one, come to nothing."""
        self._waiting.pop(key, None)
        for child in self._children.values():
            if child.job is not None and child.job.key == key:
                child.job = None
                _end(child.process, signal.SIGTERM)

    def receive(self, descriptor: int) -> None:
        """Read what a child says; once it has ended, what it came to is handed on."""
        child = self._children[descriptor]
        try:
            piece = os.read(descriptor, _PIECE)
        except OSError:
            piece = b""
        if piece:
            child.received += piece
            return
        os.close(descriptor)
        del self._children[descriptor]
        _reap(child.process)
        self._begin()
        if child.job is not None and child.received:
            child.job.done(pickle.loads(bytes(child.received)))  # noqa: S301 -- our own child's

    def close(self) -> None:
        """End all children, and forget all jobs."""
        self._waiting.clear()
        for child in self._children.values():
            child.job = None
            _end(child.process, signal.SIGTERM)
        for descriptor, child in self._children.items():
            # It closes its end when it has tidied up; a compiler takes no time to be ended.
            while os.read(descriptor, _PIECE):
                pass
            os.close(descriptor)
            _reap(child.process)
        self._children.clear()

    def _begin(self) -> None:
        """Start children for jobs that wait, as far as there may be more."""
        while self._waiting and len(self._children) < _MOST:
            job = self._waiting.pop(next(iter(self._waiting)))
            try:
                reader, writer = os.pipe()
            except OSError:
                return
            # A signal mustn't have a child unwind what is its parent's to unwind.
            before = signal.pthread_sigmask(signal.SIG_BLOCK, signal.valid_signals())
            parent, process = os.getpid(), _forked()
            if process == 0:
                others = (reader, *self._children, *self._private)
                _work(job, writer, others, before, parent)
            signal.pthread_sigmask(signal.SIG_SETMASK, before)
            os.close(writer)
            if process is None:
                os.close(reader)
                return
            self._children[reader] = _Child(job, process)


def _forked() -> int | None:
    """Return 0 in a new child and its id here; None where there can't be one."""
    try:
        return os.fork()
    except OSError:
        return None


def _work(job: Job, writer: int, others: Iterable[int], mask: Iterable[int], parent: int) -> None:
    """Do *job* in the child, without the descriptors *others*; say what came of it, and end.

    It ends without an answer when the *parent* does.
    """
    try:
        for descriptor in others:
            os.close(descriptor)
        _end_with_reader(writer, is_wanted=True)
        if os.getppid() != parent:  # it was killed before
            return
        signal.pthread_sigmask(signal.SIG_SETMASK, mask)
        answer = memoryview(pickle.dumps(job.work(), pickle.HIGHEST_PROTOCOL))
        _end_with_reader(writer, is_wanted=False)
        while answer:
            answer = answer[os.write(writer, answer) :]
    except Exception as error:  # noqa: BLE001 -- a job that fails costs its answer, nothing else
        sys.stderr.write(f"bpfgen lsp: {type(error).__name__}: {error}\n")
        sys.stderr.flush()
    finally:  # also where a signal ended it
        os._exit(0)


def _end_with_reader(writer: int, *, is_wanted: bool) -> None:
    """Have this process sent SIGTERM, or not any more, once the pipe *writer* has no reader.

    Nobody catches SIGKILL, but it closes the descriptors of whom it kills. The signal comes as well
    when a reader makes room (Linux, fs/pipe.c: pipe_release, pipe_read), so not while we write.
    """
    if not hasattr(fcntl, "F_SETSIG"):  # not Linux
        return
    fcntl.fcntl(writer, fcntl.F_SETOWN, os.getpid())
    fcntl.fcntl(writer, fcntl.F_SETSIG, signal.SIGTERM)
    flags = fcntl.fcntl(writer, fcntl.F_GETFL)
    wanted = flags | os.O_ASYNC if is_wanted else flags & ~os.O_ASYNC
    fcntl.fcntl(writer, fcntl.F_SETFL, wanted)


def _end(process: int, number: int) -> None:
    with suppress(ProcessLookupError):
        os.kill(process, number)


def _reap(process: int) -> None:
    with suppress(ChildProcessError):  # SIGCHLD is ignored, as it is in whoever started us
        os.waitpid(process, 0)
