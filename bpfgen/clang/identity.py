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

_CONFIGURATION = ".cfg"
"""How the names of files end that clang reads by itself from version 16 on, and doesn't list.

Source: clang/docs/UsersManual.rst, "Configuration files".
"""

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
        yield _told(real, status)
        yield from _configurations(real)
        if is_script or not _OWN_NAME.search(os.path.basename(real)):
            yield version()  # what it starts may be another one tomorrow: ccache, say


def _told(path: str, status: os.stat_result) -> str:
    return f"{path} {status.st_size} {status.st_mtime_ns} {status.st_ino}"


def _configurations(program: str) -> Iterator[str]:
    """Yield what tells the configuration files that *program* may read from any others.

    They lie beside it, and in the places that distributions build it for.
    """
    places = os.path.dirname(program), "/etc/clang", f"{os.environ.get('HOME', '')}/.config/clang"
    for place in places:
        try:
            for name in sorted(os.listdir(place)):
                if name.endswith(_CONFIGURATION):
                    path = os.path.join(place, name)
                    yield _told(path, os.stat(path))
        except OSError:
            continue
