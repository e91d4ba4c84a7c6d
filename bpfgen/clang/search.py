"""Which compiler to use, and where it is."""

from __future__ import annotations

import os

from bpfgen.clang import INSTALL_HINT, ToolMissing
from bpfgen.clang.compiler import Compiler
from bpfgen.clang.paths import as_argument
from bpfgen.clang.program import version_in
from bpfgen.clang.ziglang import ziglang_program
from bpfgen.record import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping


def find(
    path: str | None = None,
    environment: Mapping[str, str] | None = None,
    *,
    named_by: str = "--clang",
    directory: str = "",
) -> Compiler:
    """Return the compiler to use: *path*, else `BPFGEN_CLANG`, else the newest that is found.

    The newest is the `clang` or `clang-NN` of highest version on the PATH, else the clang in the
    Python package `ziglang`. *path*, which *named_by* gives, may be a name to look up on the PATH,
    and may have arguments; with a slash in it it is relative to *directory*.
    Starts no process, but one where a `clang` beside a `clang-NN` doesn't say its version.

    Raises:
        ToolMissing: There is none; or what was named can't be run.
    """
    environment = os.environ if environment is None else environment
    search_path = environment.get("PATH", os.defpath)
    if path:
        return _named(named_by, path, search_path, directory)
    named = environment.get("BPFGEN_CLANG")
    if named:
        return _named("BPFGEN_CLANG", named, search_path)
    compilers = [Compiler((program,), "PATH") for program in _on_path(search_path)]
    if compilers:
        first, *others = compilers
        return Compiler(first.command, first.origin, tuple(others))
    zig = ziglang_program()
    if zig is None:
        raise ToolMissing(f"no clang with the bpf target was found: {INSTALL_HINT}")
    # `zig clang` is the plain driver; `zig cc` wraps it and wants cache directories.
    return Compiler((zig, "clang"), "ziglang")


def _named(origin: str, named: str, search_path: str, directory: str = "") -> Compiler:
    """Return the compiler that the user names."""
    words = [named]
    program = _which(named, search_path, directory)
    if program is None and " " in named:
        # Only such a name pays for this import.
        import shlex

        try:
            words = shlex.split(named)
        except ValueError:
            words = [named]
        program = _which(words[0], search_path, directory) if words else None
    if program is None:
        sentence = f"{origin} names `{named}`, which is no program that can be run"
        sentence += f": {_why_not(words[0] if words else named, directory)}"
        if origin not in {"--clang", "BPFGEN_CLANG"}:
            sentence += "; `--clang NAME` takes its place, `--no-config` ignores that file"
        raise ToolMissing(sentence, named=True)
    command = (program, *words[1:])
    if len(command) == 1 and os.path.basename(program) == "zig":
        command = (program, "clang")
    return Compiler(command, origin)


def _why_not(name: str, directory: str) -> str:
    """Return why there is no program *name*, relative to *directory*."""
    if "/" not in name:
        return "the PATH has none of that name"
    path = os.path.join(directory, name)
    if os.path.isdir(path):
        return "it is a directory"
    return "it isn't executable" if os.path.exists(path) else f"there is no file `{path}`"


def _which(name: str, search_path: str, directory: str) -> str | None:
    """Return the path of the program *name*, as execvp would find it in *directory*, or None."""
    if "/" in name:
        # Not normalised: `./clang` is no name for the PATH.
        path = as_argument(os.path.join(directory, name))
        return path if os.path.isfile(path) and os.access(path, os.X_OK) else None
    for searched in search_path.split(os.pathsep):
        path = os.path.join(searched, name)
        if searched and os.path.isfile(path) and os.access(path, os.X_OK):
            return path
    return None


def _on_path(search_path: str) -> list[str]:
    """Return every `clang` and `clang-NN` of the PATH, the newest first."""
    programs: dict[str, str] = {}
    for directory in dict.fromkeys(search_path.split(os.pathsep)):
        try:
            names = os.listdir(directory) if directory else []
        except OSError:
            continue
        for name in names:
            if name == "clang" or (name.startswith("clang-") and name[6:].isdecimal()):
                path = os.path.join(directory, name)
                if os.path.isfile(path) and os.access(path, os.X_OK):
                    programs.setdefault(name, path)

    def age(name: str) -> tuple[int, str]:
        if name != "clang":
            return -int(name[6:]), name
        version = version_in(os.path.realpath(programs[name]))
        if version is None and len(programs) > 1:
            version = Compiler((programs[name],), "PATH").version
        return -(version or 0), name

    paths = [programs[name] for name in sorted(programs, key=age)]
    return list({os.path.realpath(path): path for path in reversed(paths)}.values())[::-1]
