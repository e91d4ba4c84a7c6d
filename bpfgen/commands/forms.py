"""What can be written: the outputs of the backends, the object that clang makes, or nothing.

The command line, its help and the golden files of projects ask here, and here asks `BACKENDS`.
"""

from __future__ import annotations

import os

from bpfgen.emit import BACKENDS
from bpfgen.emit.backend import OPTIONAL
from bpfgen.record import TYPE_CHECKING, replace

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


STYLE = "style"
"""The option that rules look at, and clang with them: it is for the object as for the header."""


def options_of_form(form: str) -> tuple[BackendOption, ...]:
    """Return what an output of *form* can be asked for."""
    if form == OBJECT:
        header = next(iter(BACKENDS.values()))
        return tuple(option for option in header.options if option.name == STYLE)
    return BACKENDS[form].options if form in BACKENDS else ()


def backend_options() -> Iterator[BackendOption]:
    """Yield what backends can be asked for; what several have by the same name is one.

    That one has the choices of all of them, in their order; none where one of them takes anything.
    """
    named: dict[str, list[BackendOption]] = {}
    for backend in BACKENDS.values():
        for option in backend.options:
            named.setdefault(option.name, []).append(option)
    for options in named.values():
        first = options[0]
        is_free = any(not option.choices for option in options) and first.kind != OPTIONAL
        choices = (choice for option in options for choice in option.choices)
        yield replace(first, choices=() if is_free else tuple(dict.fromkeys(choices)))


def alternatives(words: Sequence[str]) -> str:
    """Return *words* as `a, b or c`."""
    *others, last = words
    return f"{', '.join(others)} or {last}" if others else last
