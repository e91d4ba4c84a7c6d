"""The clang that the Python package ziglang brings, and what is special about it."""

from __future__ import annotations

import os

from bpfgen.record import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence


def ziglang_program() -> str | None:
    """Return the path of zig in the Python package `ziglang`, or None if it isn't installed."""
    # Only where no clang of the machine serves is this looked at.
    from importlib.util import find_spec

    try:
        spec = find_spec("ziglang")
    except (ImportError, ValueError):
        return None
    for directory in (spec.submodule_search_locations or ()) if spec else ():
        program = os.path.join(directory, "zig")
        if os.access(program, os.X_OK):
            return program
    return None


def library_of(zig: str) -> str:
    """Return the directory of the files that come with *zig*: headers of C, of clang, of Linux."""
    return os.path.join(os.path.dirname(os.path.realpath(zig)), "lib")


def zig_of(command: Sequence[str]) -> str | None:
    """Return the path of zig where *command* runs clang through it, else None.

    `zig cc`, `zig clang` and `python -m ziglang cc` are understood.
    """
    if len(command) < 2 or command[-1] not in {"cc", "clang"}:
        return None
    if os.path.basename(command[-2]) == "zig":
        return command[-2]
    return (ziglang_program() or "zig") if command[-2] == "ziglang" else None
