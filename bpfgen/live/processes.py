"""Which processes have maps, programs and links of the running kernel open.

By what `/proc/PID/fd` links to, then by the fdinfo of what is bpf(2)'s: a process may have a
million descriptors, and few of them matter. Threads share those of their process; one that has
unshared them is not looked at.

Both are shown to those who may trace the process: who runs as its user, has no capability less and
has it dumpable, or has CAP_SYS_PTRACE, unless a security module forbids it. `fd` is also for its
owner alone, as files are, which CAP_DAC_READ_SEARCH passes over; `fdinfo` was up to Linux 5.13.
So with CAP_SYS_PTRACE alone, every fdinfo is read.

Source: fs/proc/fd.c, proc_fd_permission and proc_fdinfo_permission; fs/proc/base.c,
tgid_base_stuff; kernel/ptrace.c, __ptrace_may_access.
"""

from __future__ import annotations

import os
import stat
from contextlib import suppress

from bpfgen.live.fdinfo import read_fdinfo
from bpfgen.record import TYPE_CHECKING, Record

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_PROC = "/proc"
_OURS = ("anon_inode:bpf-map", "anon_inode:bpf-prog", "anon_inode:bpf_link")
_DAC_OVERRIDE, _DAC_READ_SEARCH, _SYS_PTRACE = 1 << 1, 1 << 2, 1 << 19
"""Capabilities (include/uapi/linux/capability.h); either of the first two reads any directory."""
_MAPPED = b"anon_inode:bpf-map"


class Process(Record):
    """A process, as long as it runs.

    Attributes:
        name: What the kernel calls it: 15 bytes at most (/proc/PID/comm).
    """

    pid: int
    name: str


class Unread(Record):
    """A process that one may not look into.

    Attributes:
        missing: The capabilities that it takes and that aren't there; empty where the kernel
            refuses it for another reason: a security module, or a user namespace.
    """

    process: Process
    missing: tuple[str, ...]


class Descriptors(Record):
    """What processes have open.

    Attributes:
        holders: By what it is and its id (`("map", 42)`, `("program", 7)`, `("link", 1)`): the
            processes that have it open, by pid.
        unread: The processes whose descriptors one may not see, by pid.
    """

    holders: dict[tuple[str, int], tuple[Process, ...]]
    unread: tuple[Unread, ...]


def descriptors_of_processes(step: Callable[[str], object] | None = None) -> Descriptors:
    """Return what every process has open that bpf(2) made.

    Args:
        step: Called with what is looked at next.
    """
    found: dict[tuple[str, int], list[Process]] = {}
    unread: list[Unread] = []
    for pid in pids():
        if step is not None:
            step(f"process {pid}")
        try:
            held = set(_held_by(pid))
        except PermissionError:
            if _may_hold(pid):
                unread.append(Unread(Process(pid, name_of(pid)), _missing_for(pid)))
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


def _missing_for(pid: int) -> tuple[str, ...]:
    """Return the capabilities that it takes to see what *pid* has open, and that aren't there."""
    own = _capabilities()
    missing = []
    if not _may_trace(pid):
        if own & _SYS_PTRACE:
            return ()
        missing.append("CAP_SYS_PTRACE")
    if not (own & (_DAC_READ_SEARCH | _DAC_OVERRIDE) or _is_fdinfo_open(pid)):
        missing.append("CAP_DAC_READ_SEARCH")
    return tuple(missing)


def _may_trace(pid: int) -> bool:
    """Return whether one may trace *pid*, by a link that asks for nothing else."""
    try:
        os.readlink(f"{_PROC}/{pid}/exe")
    except PermissionError:
        return False
    except OSError:  # it has no program, or has ended
        return True
    return True


def _is_fdinfo_open(pid: int) -> bool:
    """Return whether the permissions of /proc/PID/fdinfo let this user read what is in it."""
    try:
        status = os.stat(f"{_PROC}/{pid}/fdinfo")
    except OSError:
        return True
    return status.st_uid == os.geteuid() or bool(status.st_mode & stat.S_IROTH)


def _capabilities() -> int:
    """Return those that this process has in effect; none without a procfs."""
    for line in _content("self", "status").splitlines():
        name, _, value = line.partition(b":")
        if name == b"CapEff":
            return int(value, 16)
    return 0


def _held_by(pid: int) -> Iterator[tuple[str, int]]:
    """Yield what *pid* has open, as often as it has.

    Raises:
        OSError: It has ended, or one may not look.
    """
    try:
        directory = os.open(f"{_PROC}/{pid}/fd", os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    except PermissionError:
        yield from _held_by_fdinfo(pid)
        return
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


def _held_by_fdinfo(pid: int) -> Iterator[tuple[str, int]]:
    """Yield the same where the links to it aren't shown.

    Raises:
        OSError: It has ended, or one may not look.
    """
    for name in os.listdir(f"{_PROC}/{pid}/fdinfo"):
        with suppress(FileNotFoundError):  # it was closed
            info = read_fdinfo(f"{_PROC}/{pid}/fdinfo/{name}")
            if info.what:
                yield info.what, info.id


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
