"""Paths on a compiler's command line: whatever its name, a file stays a file there.

Every path that reaches a compiler comes through here: directories of the command line, of project
files and of imports, whose names a stranger may have chosen.
"""

from __future__ import annotations


def as_argument(path: str) -> str:
    """Return *path* such that no compiler takes it for anything but a path.

    clang reads `@x` as a response file wherever it stands, after `-I` too, and what begins with
    `-` as an option (clang/lib/Driver/Driver.cpp, llvm/lib/Support/CommandLine.cpp,
    ExpansionContext::expandResponseFiles). Such a name gets a `./` before it, no other is changed;
    the empty path is the working directory.
    """
    if path.startswith(("@", "-")):
        return f"./{path}"
    return path or "."
