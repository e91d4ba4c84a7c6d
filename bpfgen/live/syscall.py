"""bpf(2), the system call: its number on this machine, its commands, and what their errors mean.

The lowest layer of the room. An error is an :class:`OSError` with the kernel's errno (so that
ENOENT is a FileNotFoundError and EPERM a PermissionError) whose text says which command was refused
on which map, and names the capability or the right that is missing.

Source: include/uapi/linux/bpf.h, enum bpf_cmd; kernel/bpf/syscall.c; the syscall tables of each
architecture.
"""

from __future__ import annotations

import os
import sys
from errno import E2BIG, EACCES, EINTR, EPERM

from bpfgen.record import TYPE_CHECKING, Record

if TYPE_CHECKING:
    from collections.abc import Sequence
    from types import ModuleType
    from typing import Any

_GENERIC = (280, 241)
"""On every architecture that came after the common table (asm-generic/unistd.h)."""

_NUMBERS = {
    "aarch64": _GENERIC,
    "alpha": (515, 493),
    "loongarch64": _GENERIC,
    "mips64": (5315, 5292),
    "parisc64": (341, 318),
    "ppc64": (361, 319),
    "ppc64le": (361, 319),
    "riscv64": _GENERIC,
    "s390x": (351, 331),
    "sparc64": (349, 327),
    "x86_64": (321, 298),
}
"""bpf(2) and perf_event_open(2) by the kernel's machine, for pointers of 64 bits."""

_ARM = (386, 364)
_I386 = (357, 336)

_NUMBERS_32 = {
    "aarch64": _ARM,
    "mips": (4355, 4333),
    "mips64": (4355, 4333),
    "parisc": (341, 318),
    "parisc64": (341, 318),
    "ppc": (361, 319),
    "ppc64": (361, 319),
    "riscv32": _GENERIC,
    "s390x": (351, 331),
    "sparc64": (349, 327),
    "x86_64": _I386,
}
"""The same for a process with pointers of 32 bits; i386 and arm have many names."""

ENOTSUPP = 524
"""The kernel's own, which bpf(2) lets out (include/linux/errno.h); no libc knows it."""


def syscall_numbers(machine: str, *, is_64_bit: bool) -> tuple[int, int] | None:
    """Return the numbers of bpf(2) and perf_event_open(2) on *machine*, as uname(2) calls it.

    None where they aren't known.
    """
    if is_64_bit:
        return _NUMBERS.get(machine)
    if machine.startswith("arm"):
        return _ARM
    if machine.startswith("i") and machine.endswith("86"):
        return _I386
    return _NUMBERS_32.get(machine)


_CLOSE_ON_EXEC = 8
"""PERF_FLAG_FD_CLOEXEC; descriptors of bpf(2) are so by themselves."""

_MEANINGS = {
    E2BIG: "it is full, or the index is past its end (E2BIG)",
    ENOTSUPP: "its kind doesn't have that, or this kernel doesn't (ENOTSUPP)",
}
"""What the kernel means by an errno whose text says something else, or that has none."""


class Command(Record):
    """A command of bpf(2).

    Attributes:
        name: As in enum bpf_cmd, without `BPF_`.
        rights: What to have, where the kernel answers EPERM or EACCES.
    """

    name: str
    number: int
    rights: str = ""


_ELEMENTS = (
    "the descriptor was opened for the other direction, or the map is frozen; "
    "up to Linux 5.10 it takes CAP_BPF as well"
)
_BY_ID = "it takes CAP_SYS_ADMIN"

_MAKE = "it takes CAP_BPF"

MAP_CREATE = Command("MAP_CREATE", 0, _MAKE)
LOOKUP_ELEM = Command("MAP_LOOKUP_ELEM", 1, _ELEMENTS)
UPDATE_ELEM = Command("MAP_UPDATE_ELEM", 2, _ELEMENTS)
DELETE_ELEM = Command("MAP_DELETE_ELEM", 3, _ELEMENTS)
GET_NEXT_KEY = Command("MAP_GET_NEXT_KEY", 4, _ELEMENTS)
OBJ_PIN = Command("OBJ_PIN", 6, "it takes a directory of a BPF filesystem where one may write")
OBJ_GET = Command("OBJ_GET", 7)
PROG_GET_NEXT_ID = Command("PROG_GET_NEXT_ID", 11, _BY_ID)
MAP_GET_NEXT_ID = Command("MAP_GET_NEXT_ID", 12, _BY_ID)
PROG_GET_FD_BY_ID = Command("PROG_GET_FD_BY_ID", 13, _BY_ID)
MAP_GET_FD_BY_ID = Command("MAP_GET_FD_BY_ID", 14, _BY_ID)
OBJ_GET_INFO_BY_FD = Command("OBJ_GET_INFO_BY_FD", 15, "up to Linux 5.10 it takes CAP_BPF")
BTF_LOAD = Command("BTF_LOAD", 18, _MAKE)
BTF_GET_FD_BY_ID = Command("BTF_GET_FD_BY_ID", 19, _BY_ID)
LOOKUP_AND_DELETE_ELEM = Command("MAP_LOOKUP_AND_DELETE_ELEM", 21, _ELEMENTS)
FREEZE = Command("MAP_FREEZE", 22, "the descriptor is read-only; up to Linux 6.1 it takes CAP_BPF")
LOOKUP_BATCH = Command("MAP_LOOKUP_BATCH", 24, _ELEMENTS)
UPDATE_BATCH = Command("MAP_UPDATE_BATCH", 26, _ELEMENTS)
DELETE_BATCH = Command("MAP_DELETE_BATCH", 27, _ELEMENTS)
LINK_GET_FD_BY_ID = Command("LINK_GET_FD_BY_ID", 30, _BY_ID)
LINK_GET_NEXT_ID = Command("LINK_GET_NEXT_ID", 31, _BY_ID)


class Bpf:
    """The system call. Nothing of it is kept beyond the object.

    Attributes:
        ctypes: The module, which is loaded by the first of these.
    """

    __slots__ = ("_bpf", "_number", "_perf_number", "_syscall", "ctypes")

    def __init__(self) -> None:
        import ctypes  # 10 ms, for a program that only imports the types of its maps

        machine = os.uname().machine
        numbers = syscall_numbers(machine, is_64_bit=sys.maxsize > 1 << 32)
        if numbers is None:
            raise NotImplementedError(f"the number of bpf(2) on {machine} isn't known here")
        self.ctypes: ModuleType = ctypes
        self._number, self._perf_number = numbers
        libc = ctypes.CDLL(None, use_errno=True)
        self._syscall = libc["syscall"]
        self._syscall.restype = ctypes.c_long
        self._bpf = libc["syscall"]  # another object: one that knows its arguments is quicker
        self._bpf.restype = ctypes.c_long
        self._bpf.argtypes = [ctypes.c_long] * 4

    def attempt(self, command: Command, attributes: bytes | Any) -> tuple[int, int]:
        """Return what *command* gives and its errno, one of which is 0 (or both).

        *attributes* is union bpf_attr, as far as the command has members: bytes, or a buffer for a
        command that writes to it.
        """
        ctypes = self.ctypes
        if isinstance(attributes, bytes):
            attributes = ctypes.create_string_buffer(attributes, len(attributes))
        length = ctypes.sizeof(attributes)
        words = self._number, command.number, ctypes.addressof(attributes), length
        return self._until_done(self._bpf, words)

    def perf_event(self, attributes: bytes, cpu: int) -> tuple[int, int]:
        """Return a descriptor from perf_event_open(2), for all processes on *cpu*, and the errno.

        *attributes* is struct perf_event_attr.
        """
        buffer = self.buffer(attributes)
        words = self._perf_number, self.address(buffer), -1, cpu, -1, _CLOSE_ON_EXEC
        return self._until_done(self._syscall, [self.ctypes.c_long(word) for word in words])

    def _until_done(self, syscall: Any, words: Sequence[Any]) -> tuple[int, int]:
        """Return what the system call gives and its errno, one of which is 0 (or both)."""
        while True:
            result = syscall(*words)
            if result >= 0:
                return int(result), 0
            error: int = self.ctypes.get_errno()
            if error != EINTR:
                return 0, error

    def call(self, command: Command, attributes: bytes | Any, subject: str) -> int:
        """Return what *command* gives.

        Raises:
            OSError: The kernel refuses it; *subject* is what it was asked of, for the message.
        """
        result, error = self.attempt(command, attributes)
        if error:
            raise failure(command, error, subject)
        return result

    def buffer(self, data: bytes) -> Any:
        """Return a buffer with a copy of *data*, of at least a byte."""
        return self.ctypes.create_string_buffer(data, len(data) or 1)

    def path(self, path: str | os.PathLike[str]) -> Any:
        """Return a buffer with *path*.

        Raises:
            ValueError: There is a NUL in it, where the kernel would take it to end.
        """
        data = os.fsencode(path)
        if b"\0" in data:
            raise ValueError(f"a path has no NUL: {path!r}")
        return self.buffer(data + b"\0")

    def room(self, size: int) -> Any:
        """Return a buffer of *size* zeros, of at least a byte."""
        return self.ctypes.create_string_buffer(size or 1)

    def address(self, buffer: Any) -> int:
        """Return where *buffer* is."""
        return int(self.ctypes.addressof(buffer))


def failure(command: Command, error: int, subject: str) -> OSError:
    """Return the exception for *error*, an errno, of *command* on *subject*."""
    reason = _MEANINGS.get(error) or os.strerror(error)
    if error in (EPERM, EACCES) and command.rights:
        reason += f": {command.rights}"
    return OSError(error, f"BPF_{command.name} of {subject}: {reason}")
