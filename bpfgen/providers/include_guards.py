"""C headers that can be included once only: the program that includes one as well doesn't compile.

Comes after :mod:`bpfgen.providers.c_headers`, which has compiled the headers once and knows where
they are. A header that begins with a guard is left at that; of any other, clang is asked whether
it compiles a second time.
"""

from __future__ import annotations

import re

from bpfgen.record import TYPE_CHECKING
from bpfgen.text.diagnostics import WARNING, Subject

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from bpfgen.clang.compiler import Compiler
    from bpfgen.syntax.tree import IncludeItem
    from bpfgen.text.diagnostics import Report

_SKIPPED = re.compile(rb"(?:\s+|/\*.*?\*/|//[^\n]*)*", re.DOTALL)
_ONCE = re.compile(rb"^[ \t]*#[ \t]*pragma[ \t]+once\b", re.MULTILINE)
_END = re.compile(rb"[ \t]*#[ \t]*endif\b")
_GUARD = re.compile(
    rb"#[ \t]*if(?:ndef[ \t]+|[ \t]*![ \t]*defined[ \t]*\(?[ \t]*)(\w+)[^\n]*\n"
    rb"(?:\s+|/\*.*?\*/|//[^\n]*)*#[ \t]*define[ \t]+\1\b",
    re.DOTALL,
)


def report_unguarded(  # noqa: PLR0913, PLR0917 -- all of them make up the one question
    compiler: Compiler,
    includes: Sequence[IncludeItem],
    dependencies: Sequence[str],
    include_directories: Sequence[str],
    name: str,
    report: Report,
    before: Mapping[str, str] | None = None,
) -> None:
    """Warn of each of *includes* that doesn't compile where it is included a second time.

    Args:
        dependencies: The files that clang read for them.
        name: The path of the file that includes.
        before: Headers that are on no disk, by their names; they are included before the others.
    """
    paths = list(dict.fromkeys(item.path for item in includes))
    first = [f'"{header}"' for header in before or ()]
    prologue = "".join(f"#include {path}\n" for path in (*first, *paths))
    for path in paths:
        if _is_guarded(path, dependencies):
            continue
        result = compiler.compile_object(
            f"{prologue}#include {path}\n",
            include_directories=include_directories,
            name=name,
            headers=before,
            flags=("-Wno-everything",),
            is_kept=True,
        )
        error = next((message for message in result.messages if message.is_error), None)
        if result.object is not None or error is None:
            continue
        report.error(
            "include-guard",
            f"{path} has no include guard: a program that includes both it and the generated "
            "header doesn't compile",
            next(item.span for item in includes if item.path == path),
            notes=(f"clang, where it is included twice: {error.text}",),
            help=f"begin it with `#pragma once`, or take `#include {path}` out of the program: "
            "the generated header includes it",
            severity=WARNING,
            subject=Subject("include", path[1:-1]),
        )


def _is_guarded(path: str, dependencies: Iterable[str]) -> bool:
    """Return whether the header *path*, with its brackets or quotes, is plainly guarded.

    So it is by `#pragma once`, or by an `#ifndef` before everything and an `#endif` at the end.
    """
    ending = path[1:-1].removeprefix("./")
    file = next((each for each in dependencies if f"/{each}".endswith(f"/{ending}")), None)
    if file is None:
        return False
    try:
        with open(file, "rb") as stream:
            data = stream.read()
    except OSError:
        return False
    start = _SKIPPED.match(data)
    last = data.rstrip().rpartition(b"\n")[2]
    if start is not None and _GUARD.match(data, start.end()) and _END.match(last):
        return True
    return _ONCE.search(data) is not None
