"""What of a project's file is obeyed where nobody has said that the project is trusted.

Beside `configuration`; the language server asks it: opening a file says nothing of who wrote it.
One key of `[tool.bpfgen]` names a program, `clang`. All others are values or files to be read, and
none of the flags that `clang-args` may have starts anything (:mod:`bpfgen.clang.flag_table`).
"""

from __future__ import annotations

import os
import re

from bpfgen.record import TYPE_CHECKING, replace

if TYPE_CHECKING:
    from bpfgen.commands.configuration import Configuration

_CLANG = re.compile(r"(?:[A-Za-z0-9_.]+-)*clang(?:-[0-9.]+)?")
"""A name that a clang is installed by: with its version, or with what it compiles for.

What else there is on a PATH does something else with our words, a shell or an interpreter what its
own files in the working directory say.
"""

ADVICE = (
    "if you trust the project, `bpfgen lsp --trust-project` or the initialization option "
    "`trustProject` obeys it; `clang` without a path needs neither"
)


def without_programs(configuration: Configuration) -> tuple[Configuration, str]:
    """Return *configuration* as far as a stranger may have written it, and what is left out.

    The latter is a sentence, empty where nothing is. A clang that is found by its name alone on the
    PATH, outside of the project, is kept, as the path that it was found at.
    """
    named = configuration.clang
    if named is None:
        return configuration, ""
    root = os.path.dirname(os.path.abspath(configuration.path))
    if _CLANG.fullmatch(named):
        programs = _on_path(named)
        for program in programs:
            if not _is_below(program, root):
                return replace(configuration, clang=program), ""
        if not programs:  # whoever needs it says so
            return configuration, ""
        why = "the PATH has it only in the project's own directory, or in the working directory"
    else:
        why = "it isn't just the name of a clang to be looked up on the PATH"
    place = f"{os.path.abspath(configuration.path)}:{configuration.clang_line}"
    said = f"{place}: `clang` is `{named}`, which is not run: {why}; {ADVICE}"
    return replace(configuration, clang=None), said


def _on_path(name: str) -> list[str]:
    """Return the paths of the programs *name* on the PATH, in its order."""
    paths = [
        os.path.join(directory, name)
        for directory in os.environ.get("PATH", os.defpath).split(os.pathsep)
        if directory
    ]
    return [path for path in paths if os.path.isfile(path) and os.access(path, os.X_OK)]


def _is_below(program: str, root: str) -> bool:
    """Whether *program* is in the directory *root*, as it is spelt or where links lead.

    A path that depends on the working directory, which may be anybody's, counts as one.
    """
    real = os.path.realpath(root)
    return not os.path.isabs(program) or any(
        os.path.commonpath((path, real)) == real
        for path in (
            os.path.realpath(program),
            os.path.join(os.path.realpath(os.path.dirname(program)), os.path.basename(program)),
        )
    )
