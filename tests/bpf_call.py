"""bpf(2) itself, for tests and for what watches over them: no package is imported for it."""

from __future__ import annotations

import ctypes
import os
import platform

SYSCALL_NUMBER = {"x86_64": 321, "aarch64": 280, "riscv64": 280, "s390x": 351, "ppc64le": 361}
"""The number of bpf(2) by the name of the machine."""


def bpf(command: int, attributes: bytes | ctypes.Array[ctypes.c_char]) -> int:
    """Return the result of the system call; what the kernel writes is in a buffer that is given.

    Raises:
        OSError: The kernel's errno.
        KeyError: The number of the system call isn't known for this machine.
    """
    libc = ctypes.CDLL(None, use_errno=True)
    if isinstance(attributes, bytes):
        attributes = ctypes.create_string_buffer(attributes, len(attributes))
    number = SYSCALL_NUMBER[platform.machine()]
    result: int = libc.syscall(number, command, attributes, len(attributes))
    if result < 0:
        error = ctypes.get_errno()
        raise OSError(error, os.strerror(error))
    return result
