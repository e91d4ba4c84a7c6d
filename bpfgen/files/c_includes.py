"""The C files that a C text includes, as far as they lie beside it or below the directories of -I.

For whoever has to know which words a compiler is going to meet: conditions are not evaluated, and
what the system has isn't looked at. A vmlinux.h isn't read: it has all words that there are.
"""

from __future__ import annotations

import os
import re

from bpfgen.files.reading import FILES, identity
from bpfgen.record import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from bpfgen.files.reading import Opener

_INCLUDE = r'^[ \t]*#[ \t]*include(?:_next)?[ \t]*([<"])([^>"\n]+)[>"]'
_ALL_WORDS = "vmlinux.h"
_MOST_FILES = 200


class IncludedTexts:
    """What a text includes, and what that includes.

    Attributes:
        texts: The texts of all of them by their paths, the text itself not among them.
        lacking: The names, as written, of those that are nowhere.
    """

    __slots__ = ("lacking", "texts")

    def __init__(
        self, text: str, path: str, directories: Sequence[str], opener: Opener = FILES
    ) -> None:
        """Follow the includes of *text*, of the file *path*; *directories* are those of -I."""
        self.texts: dict[str, str] = {}
        self.lacking: set[str] = set()
        known: set[str] = set()
        pending = [(path, text)]
        while pending:
            current, including = pending.pop()
            for bracket, name in re.findall(_INCLUDE, including, re.MULTILINE):
                beside = [os.path.dirname(current)] if bracket == '"' else []
                found = next(_found(name, [*beside, *directories], opener), None)
                if found is None:
                    self.lacking.add(name)
                elif os.path.basename(found) == _ALL_WORDS:
                    continue
                elif identity(found, opener) not in known and len(known) < _MOST_FILES:
                    known.add(identity(found, opener))
                    try:
                        self.texts[found] = opener.read(found).decode("utf-8", "replace")
                    except OSError:
                        self.texts[found] = ""
                    pending.append((found, self.texts[found]))


def _found(name: str, directories: Sequence[str], opener: Opener) -> Iterator[str]:
    """Yield the files that `#include` of *name* finds in *directories*."""
    for directory in directories:
        path = os.path.join(directory, name)
        if opener.is_file(path):
            yield path
