"""The sources of a project, as far as somebody who renames in one of them has to look.

Before the workspace. Directories that no person writes sources into are passed over.
"""

from __future__ import annotations

import os

from bpfgen.files import is_source_name
from bpfgen.record import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_MOST_DIRECTORIES = 20_000
"""What is larger is no project, but a home directory, say."""

_PASSED_OVER = frozenset(("node_modules", "__pycache__", "site-packages"))
"""Besides those that begin with a dot."""


def sources_below(directories: Iterable[str]) -> Iterator[str]:
    """Yield the paths of the sources in *directories* and in those below them."""
    left = _MOST_DIRECTORIES
    for directory in directories:
        for place, below, files in os.walk(directory):
            left -= 1
            if left < 0:
                return
            below[:] = sorted(
                name for name in below if not name.startswith(".") and name not in _PASSED_OVER
            )
            yield from (os.path.join(place, name) for name in sorted(files) if is_source_name(name))


def sources_beside(path: str) -> list[str]:
    """Return the paths of the sources in the directory of the file *path*."""
    directory = os.path.dirname(path)
    if not directory or path.startswith("<"):
        return []
    try:
        names = sorted(os.listdir(directory))
    except OSError:
        return []
    return [os.path.join(directory, name) for name in names if is_source_name(name)]
