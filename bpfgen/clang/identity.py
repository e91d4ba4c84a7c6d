"""What tells one compiler, and what it sees besides files, from any other.

Beside `cache`.
"""

from __future__ import annotations

import os
import re

from bpfgen.clang.ziglang import zig_of
from bpfgen.record import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

_ENVIRONMENT = re.compile(
    r"CPATH|\w*INCLUDE_PATH|\w*SYSROOT|SDKROOT|COMPILER_PATH|LIBRARY_PATH|LD_\w+|PATH|HOME"
    r"|XDG_CONFIG_\w+|(?:CCC|CLANG|LLVM|GCC|ZIG|CC_PRINT|NIX)_?\w*|SOURCE_DATE_EPOCH|ZERO_AR_DATE"
)
"""The variables that a clang, or a wrapper of one, may ask for."""

_OWN_NAME = re.compile(r"clang|zig")
"""A program of another name is no clang itself."""


def environment() -> list[str]:
    """Return what is set of the variables that a clang, or a wrapper of one, may ask for."""
    return sorted(
        f"{name}={value}" for name, value in os.environ.items() if _ENVIRONMENT.fullmatch(name)
    )


def identity(command: Sequence[str], version: Callable[[], str]) -> Iterator[str]:
    """Yield what tells the compiler that *command* starts from any other."""
    programs = [word for word in command if "/" in word]
    zig = zig_of(command)
    if zig is not None:
        programs.append(zig)
    for program in programs:
        real = os.path.realpath(program)
        try:
            status = os.stat(real)
            with open(real, "rb") as stream:
                is_script = stream.read(2) == b"#!"
        except OSError:
            continue
        yield f"{real} {status.st_size} {status.st_mtime_ns} {status.st_ino}"
        if is_script or not _OWN_NAME.search(os.path.basename(real)):
            yield version()  # what it starts may be another one tomorrow: ccache, say
