"""Which processes have maps, programs and links of the running kernel open.

By what `/proc/PID/fd` links to, then by the fdinfo of what is bpf(2)'s: a process may have a
million descriptors, and few of them matter. Threads share those of their process; one that has
unshared them is not looked at.

Source: fs/proc/fd.c, which shows a process to those who may trace it.
"""

from __future__ import annotations

import os
from contextlib import suppress

from bpfgen.live.fdinfo import read_fdinfo
from bpfgen.record import TYPE_CHECKING, Record

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_PROC = "/proc"
_OURS = ("anon_inode:bpf-map", "anon_inode:bpf-prog", "anon_inode:bpf_link")
_SYS_PTRACE = 19
"""The bit of the capability (include/uapi/linux/capability.h)."""
_MAPPED = b"anon_inode:bpf-map"


class Process(Record):
    """A process, as long as it runs.

    Attributes:
        name: What the kernel calls it: 15 bytes at most (/proc/PID/comm).
    """

    pid: int
    name: str


class Descriptors(Record):
    """What processes have open.

    Attributes:
        holders: By what it is and its id (`("map", 42)`, `("program", 7)`, `("link", 1)`): the
            processes that have it open, by pid.
        unread: The processes whose descriptors one may not see, by pid.
    """

    holders: dict[tuple[str, int], tuple[Process, ...]]
    unread: tuple[Process, ...]


def descriptors_of_processes(step: Callable[[str], object] | None = None) -> Descriptors:
    """Return what every process has open that bpf(2) made.

    Args:
        step: Called with what is looked at next.
    """
    found: dict[tuple[str, int], list[Process]] = {}
    unread: list[Process] = []
    for pid in pids():
        if step is not None:
            step(f"process {pid}")
        try:
            held = set(_held_by(pid))
        except PermissionError:
            if _may_hold(pid):
                unread.append(Process(pid, name_of(pid)))
            continue
        except OSError:  # it has ended
            continue
        if held:
            process = Process(pid, name_of(pid))
            for key in held:
                found.setdefault(key, []).append(process)
    return Descriptors({key: tuple(those) for key, those in found.items()}, tuple(unread))


def pids() -> list[int]:
    """Return the processes that there are; none without a procfs."""
    try:
        return sorted(int(name) for name in os.listdir(_PROC) if name.isdecimal())
    except OSError:
        return []


def name_of(pid: int) -> str:
    """Return what the kernel calls the process *pid*; empty where it has ended."""
    return _content(pid, "comm").decode("utf-8", "backslashreplace").removesuffix("\n")


def processes_with_mappings() -> tuple[Process, ...]:
    """Return the processes that have some map in their memory: of which, the kernel doesn't say."""
    return tuple(Process(pid, name_of(pid)) for pid in pids() if _MAPPED in _content(pid, "maps"))


def may_trace_all() -> bool:
    """Return whether this process has CAP_SYS_PTRACE; what forbids it to look isn't that, then."""
    for line in _content("self", "status").splitlines():
        name, _, value = line.partition(b":")
        if name == b"CapEff":
            return bool(int(value, 16) >> _SYS_PTRACE & 1)
    return False


def _held_by(pid: int) -> Iterator[tuple[str, int]]:
    """Yield what *pid* has open, as often as it has.

    Raises:
        OSError: It has ended, or one may not look.
    """
    directory = os.open(f"{_PROC}/{pid}/fd", os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        for name in os.listdir(directory):
            if name == str(directory) and pid == os.getpid():
                continue
            with suppress(FileNotFoundError):  # it was closed
                if os.readlink(name, dir_fd=directory).startswith(_OURS):
                    info = read_fdinfo(f"{_PROC}/{pid}/fdinfo/{name}")
                    if info.what:
                        yield info.what, info.id
    finally:
        os.close(directory)


def _may_hold(pid: int) -> bool:
    """Return whether *pid* may have something open: no thread of the kernel has, nor what ended."""
    return bool(_content(pid, "cmdline"))


def _content(pid: int | str, name: str) -> bytes:
    """Return what a file of *pid* holds; nothing where it can't be read."""
    try:
        with open(f"{_PROC}/{pid}/{name}", "rb") as file:
            return file.read()
    except OSError:
        return b""
