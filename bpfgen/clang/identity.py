"""What tells one compiler, and what it sees besides files, from any other.

Beside `cache`.
"""

from __future__ import annotations

import os
import re

from bpfgen.clang.process import is_script
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

_FLAG = re.compile(
    r"@[\w+-][\w.+-]*\.cfg|-[DUOgm][\w=+-]*|-W[\w,=+-]*|-l[\w+-]+"
    r"|--?(?:rtlib|unwindlib|stdlib)=[\w+-]+"
    r"|-f(?:no-)?(?:stack|PI[CE]|pi[ce]|exceptions|use-ld)[\w=+-]*"
)
"""Words of a configuration file that name no other file but one of those beside it."""

_READS = re.compile(r"-Wp|has|incl|lude|emb")
"""What makes such a word look for files all the same, or a part of `__has_include`."""

_OWN_NAME = re.compile(r"clang|zig")
"""A program of another name is no clang itself."""


def environment() -> list[str]:
    """Return what is set of the variables that a clang, or a wrapper of one, may ask for."""
    return sorted(
        f"{name}={value}" for name, value in os.environ.items() if _ENVIRONMENT.fullmatch(name)
    )


def identity(command: Sequence[str], version: Callable[[], str]) -> list[str] | None:
    """Return what tells the compiler that *command* starts from any other.

    None where nothing does: a script may read any file and any variable, and so may a flag of a
    configuration file. *version* asks a program that starts another one (ccache) what that is.
    """
    programs = [word for word in command if "/" in word]
    zig = zig_of(command)
    if zig is not None:
        programs.append(zig)
    lines: list[str] = []
    for program in programs:
        real = os.path.realpath(program)
        try:
            lines.append(_told(real))
            if is_script(real):
                return None
        except OSError:
            continue
        configurations = _configurations({os.path.dirname(program), os.path.dirname(real)})
        if configurations is None:
            return None
        lines += configurations
        if not _OWN_NAME.search(os.path.basename(real)):
            lines += _found_by_name(command)
            lines.append(version())
    return lines


def _told(path: str) -> str:
    """Return what changes when the file *path* does, whoever sets its times back.

    Raises:
        OSError: There is none.
    """
    status = os.stat(path)
    times = f"{status.st_mtime_ns} {status.st_ctime_ns}"
    return f"{path} {status.st_size} {times} {status.st_ino} {status.st_dev}"


def _found_by_name(command: Sequence[str]) -> Iterator[str]:
    """Yield what tells the programs that one may start which was given *command*, by its names."""
    for name in dict.fromkeys(os.path.basename(word) for word in command if word[:1] != "-"):
        for directory in os.get_exec_path():
            try:
                yield _told(os.path.join(directory, name))
            except OSError:
                continue


def _configurations(directories: set[str]) -> list[str] | None:
    """Return what tells the configuration files of a program in *directories* from any others.

    They lie beside it, and in the places that distributions build it for. None where one has a
    flag that may read another file.
    """
    home = os.environ.get("HOME", "")
    places = {*directories, f"{home}/.config"}
    above = (os.path.dirname(directory) for directory in directories)
    for etc in ("/etc", f"{home}/.config", *(f"{place}/etc" for place in above)):
        places.update(f"{etc}/{name}" for name in _names(etc) if name.startswith("clang"))
    lines: list[str] = []
    for place in sorted(places):
        for name in _names(place):
            if not name.endswith(_CONFIGURATION):
                continue
            path = os.path.join(place, name)
            try:
                with open(path, encoding="utf-8", errors="surrogateescape") as stream:
                    text = stream.read()
            except OSError:
                continue
            flags = [line for line in text.splitlines() if not line.lstrip().startswith("#")]
            for word in " ".join(flags).split():
                if _FLAG.fullmatch(word) is None or _READS.search(word) is not None:
                    return None
            lines += (path, text)
    return lines


def _names(directory: str) -> list[str]:
    """Return the names in *directory*, in order; none where it can't be listed."""
    try:
        return sorted(os.listdir(directory))
    except OSError:
        return []
