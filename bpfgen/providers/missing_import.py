"""An import of a file that isn't there: which one may be meant.

Beside :mod:`bpfgen.providers.imports`, which loads it where there is none.
"""

from __future__ import annotations

import os

from bpfgen.files import SUFFIXES, is_source_name, without_suffix
from bpfgen.record import TYPE_CHECKING
from bpfgen.text.diagnostics import Edit
from bpfgen.text.source import Span
from bpfgen.text.spelling import closest

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bpfgen.files.reading import Opener
    from bpfgen.syntax.tree import ImportItem

_MOST = 10_000
"""Files of one directory that are looked at."""


def import_meant(item: ImportItem, places: Sequence[str], opener: Opener) -> str | None:
    """Return the path of a file that *item* may mean, as it would write it; None if none is near.

    That is the one with a suffix that it lacks, or with the other one, or a file beside it, in one
    of *places*, whose name is nearly the same.
    """
    path = item.path
    stems = dict.fromkeys((without_suffix(path), path))
    for meant in (f"{stem}{suffix}" for stem in stems for suffix in SUFFIXES):
        if meant != path and _is_there(meant, places, opener):
            return meant
    directory, name = os.path.split(path)
    for place in places:
        try:
            names = os.listdir(os.path.join(place, directory) or ".")[:_MOST]
        except OSError:
            continue
        near = closest(name, filter(is_source_name, names))
        meant = os.path.join(directory, near) if near else ""
        if meant and _is_there(meant, places, opener):
            return meant
    return None


def _is_there(path: str, places: Sequence[str], opener: Opener) -> bool:
    return any(opener.is_file(os.path.join(place, path)) for place in places)


def renamed(item: ImportItem, meant: str) -> tuple[Edit, ...]:
    """Return the edits that make *item* import *meant*."""
    span = item.span
    start = span.text.find(f'"{item.path}"')
    if start < 0:
        return ()
    start += span.start + 1
    return (Edit(Span(span.source, start, start + len(item.path)), meant),)
