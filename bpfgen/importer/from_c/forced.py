"""What a C file's command line puts before its text: macros, and the headers after `-include`.

Beside :mod:`unit`. Such a header is read as if the file began with an `#include` of it, so that the
source includes it where the maps need its types; clang isn't given the flag again.
"""

from __future__ import annotations

import os

from bpfgen.importer.from_c.lines import Line
from bpfgen.record import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from bpfgen.clang.finder import Finder
    from bpfgen.compiler import Options

_INCLUDE = "-include"
_SEARCHED = ("-iquote", "-I", "-isystem", "-idirafter")


def finder_for_c(options: Options) -> Finder:
    """Return what finds the compiler for runs over C: with its macros, without `-include`."""
    arguments: list[str] = []
    words = iter(options.clang.arguments)
    for word in words:
        if word == _INCLUDE:
            next(words, None)
        else:
            arguments.append(word)
    arguments += (f"-D{name}={value}" for name, value in options.definitions.items())
    arguments += (f"-U{name}" for name in options.undefined)
    return options.clang.given(tuple(arguments))


def has_called_members(options: Options) -> bool:
    """Return whether `struct tag;` in a struct is a member: what -fms-extensions is about.

    clang/lib/Driver/ToolChains/Clang.cpp: -fms-compatibility has it on, too.
    """
    is_on = False
    for word in options.clang.arguments:
        if word in {"-fms-extensions", "-fms-compatibility"}:
            is_on = True
        elif word in {"-fno-ms-extensions", "-fno-ms-compatibility"}:
            is_on = False
    return is_on


def first_lines(options: Options, path: str) -> list[Line]:
    """Return an `#include` for each header that the command line of the C file *path* includes."""
    arguments = options.clang.arguments
    lines: list[Line] = []
    for file in _values(arguments, (_INCLUDE,)):
        code = f'#include "{_name_of(file, path, options)}"'
        lines.append(Line(code, code, f"-include {file}", 1))
    return lines


def _name_of(file: str, path: str, options: Options) -> str:
    """Return how the file *path* includes *file*: as found, as typed, or relative to itself."""
    if not os.path.isfile(file):
        return file  # found along the directories, or not at all
    here = os.path.dirname(path) or "."
    for directory in (here, *searched_directories(options)):
        name = os.path.relpath(file, directory or ".")
        if not name.startswith(".."):
            return name
    # From a private directory, `../` would lead elsewhere; and this is what was typed.
    return file if os.path.isabs(file) else os.path.relpath(file, here)


def searched_directories(options: Options) -> tuple[str, ...]:
    """Return the directories that *options* name for headers, of clang's own flags, too."""
    return (*options.include_directories, *_values(options.clang.arguments, _SEARCHED))


def _values(arguments: Sequence[str], flags: Sequence[str]) -> Iterator[str]:
    words = iter(arguments)
    for word in words:
        if word in flags:
            yield next(words, "")
