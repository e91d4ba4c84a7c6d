"""What can be written: the outputs of the backends, the object that clang makes, or nothing.

The command line, its help and the golden files of projects ask here, and here asks `BACKENDS`.
"""

from __future__ import annotations

import os

from bpfgen.emit import BACKENDS
from bpfgen.record import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from bpfgen.emit import BackendOption

OBJECT = "object"
"""The form that clang makes of the header."""

NONE = "none"
"""The form that checks the source and writes nothing."""


def written_forms() -> list[str]:
    """Return the forms that write something; the object comes right after the header."""
    header, *others = BACKENDS
    return [header, OBJECT, *others]


def emitted() -> tuple[str, ...]:
    """Return what `--emit` takes."""
    return (*written_forms(), NONE)


def suffixes_of(form: str) -> tuple[str, ...]:
    """Return what the names of the files of *form* end in, the main one first; empty for none."""
    if form == OBJECT:
        return (".o",)
    return BACKENDS[form].suffixes if form in BACKENDS else ()


def main_suffixes() -> list[str]:
    """Return what the names of main files end in, a suffix each in the order of the forms."""
    return list(dict.fromkeys(suffixes_of(form)[0] for form in written_forms()))


def form_of(path: str) -> str | None:
    """Return the form whose main file is called like *path*; None if the name doesn't say.

    The longest suffix decides, and of forms with the same one the first.
    """
    by_length = sorted(written_forms(), key=lambda form: -len(suffixes_of(form)[0]))
    return next((form for form in by_length if _stem(path, suffixes_of(form)[0])), None)


def files_of(path: str, form: str) -> tuple[str, ...]:
    """Return the files of *form* whose main one is *path*; the others are named after it."""
    main, *others = suffixes_of(form)
    stem = _stem(path, main) or os.path.splitext(path)[0]
    return (path, *(stem + suffix for suffix in others))


def _stem(path: str, suffix: str) -> str:
    """Return *path* without *suffix*; empty if it doesn't end so, or is called nothing else."""
    name = os.path.basename(path)
    if not name.endswith(suffix) or not name.removesuffix(suffix).strip("."):
        return ""
    return path.removesuffix(suffix)


def backend_options() -> Iterator[BackendOption]:
    """Yield what backends can be asked for; what two of them have by the same name is one."""
    names: set[str] = set()
    for backend in BACKENDS.values():
        for option in backend.options:
            if option.name not in names:
                names.add(option.name)
                yield option


def alternatives(words: Sequence[str]) -> str:
    """Return *words* as `a, b or c`."""
    *others, last = words
    return f"{', '.join(others)} or {last}" if others else last
