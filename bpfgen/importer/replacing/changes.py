"""How each C file may change: what is cut out of it, and where its header goes.

Fourth of a replacement. There are several ways for a file, since a line that isn't cut out may need
a constant before the header can have it; :mod:`replace` tries them until the programs are proved.
"""

from __future__ import annotations

import os

from bpfgen.files.reading import FILES
from bpfgen.importer.from_c.trees import declared_names, parsed
from bpfgen.importer.replacing.cutting import line_end, merged, without
from bpfgen.importer.replacing.placing import Layout, places
from bpfgen.importer.replacing.stretches import cuts_of
from bpfgen.record import TYPE_CHECKING, Record
from bpfgen.text.diagnostics import Diagnostic
from bpfgen.text.header_names import header_name_fault
from bpfgen.text.source import Source

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from bpfgen.compiler import Compilation
    from bpfgen.importer.items import Taken
    from bpfgen.importer.replacing.stretches import Cuts, Stretch

_MARK = b"\xef\xbb\xbf"

_LEGACY = "struct bpf_map_def"
_HAS_LEGACY = "#define BPFGEN_HAVE_BPF_MAP_DEF 1"
"""Where a header that isn't libbpf's declares the struct, the generated one doesn't know."""


class Part(Record):
    """A source that takes over what C files declare.

    Attributes:
        file: The C file that includes its header.
        source: Where the source is written; the header lies beside it.
        text: The source.
        compilation: What it comes to.
        taken: What of C it was taken from.
        imports: Paths of the sources that it imports.
    """

    file: str
    source: str
    text: str
    compilation: Compilation
    taken: tuple[Taken, ...]
    imports: tuple[str, ...] = ()

    @property
    def header(self) -> str:
        """The path of the generated header."""
        return f"{os.path.splitext(self.source)[0]}.h"

    @property
    def names(self) -> frozenset[str]:
        """The names that the source declares, without `struct` and the like."""
        declared = declared_names(parsed(self.text)).names
        taken = (each.name for each in self.taken)
        return frozenset(name.rpartition(" ")[2] for name in (*declared, *taken))


class Way(Record):
    """One way to change a file: what is cut out, and where the `#include` goes, or None.

    What the file has already that the header would declare is *said* before that, in `#define`s.
    """

    stretches: tuple[Stretch, ...]
    place: int | None
    said: tuple[str, ...] = ()


class Change:
    """A C file that is changed.

    Attributes:
        path: The file.
        data: Its bytes before.
        ways: How it may be changed, the best first.
        diagnostics: Why it can't be, in errors, and what is left.
    """

    def __init__(self, path: str, parts: Iterable[Part]) -> None:
        """Read the file *path*; *parts* are all sources of the run.

        Raises:
            OSError: It can't be read.
        """
        self.path = path
        self.data = FILES.read(path)
        self._text, self._encoding = decoded(self.data)
        real = os.path.realpath(path)
        own = [part for part in parts if os.path.realpath(part.file) == real]
        taken = [
            each for part in parts for each in part.taken if os.path.realpath(each.path) == real
        ]
        self._includes = tuple(f'#include "{self._beside(part)}"' for part in own)
        unguarded = {
            found.subject.name
            for part in own
            for found in part.compilation.diagnostics
            if found.code == "include-guard" and found.subject is not None
        }
        cuts = cuts_of(taken, Source(path, self._text), unguarded)
        self.diagnostics = [*cuts.diagnostics, *self._faults(own)]
        names = frozenset(name for part in own for name in part.names)
        self.ways = list(dict.fromkeys(self._ways(cuts, names)))

    def _beside(self, part: Part) -> str:
        """Return the path of the header of *part*, seen from the file."""
        return os.path.relpath(part.header, os.path.dirname(self.path) or ".")

    def _faults(self, parts: Iterable[Part]) -> Iterator[Diagnostic]:
        for part in parts:
            fault = header_name_fault(self._beside(part))
            if fault:
                message = f"`{self._beside(part)}` can't be included: it has {fault}"
                yield Diagnostic("replace-place", message, None, help="-o FILE")

    def _ways(self, cuts: Cuts, names: frozenset[str]) -> Iterator[Way]:
        layout = Layout(self._text)
        several = [((*cuts.constants, *cuts.others), cuts.unused), (cuts.others, cuts.unused)]
        if cuts.unused and not self.path.endswith(".c"):
            several.append((cuts.others, ()))  # what includes a header may need its macros
        for declared, unused in several:
            in_order = merged((*declared, *unused))
            if not self._includes:
                yield Way(tuple(in_order), None)
                continue
            start = min(declared)[0] if declared else 0
            for said in ((), (_HAS_LEGACY,)) if _LEGACY in self._text else ((),):
                for place in places(layout, in_order, names, start):
                    yield Way(tuple(in_order), place, said)

    def text(self, number: int, *, keep_lines: bool = False) -> str:
        """Return the file changed in the way *number*; with *keep_lines*, other lines stay put."""
        way = self.ways[number]
        lines = line_end(self._text).join((*way.said, *self._includes))
        return without(self._text, way.stretches, way.place, lines, keep_lines=keep_lines)

    def encoded(self, number: int) -> bytes:
        """Return the bytes of the file changed in the way *number*."""
        return self.text(number).encode(self._encoding)


def decoded(data: bytes) -> tuple[str, str]:
    """Return *data* as a text, and the encoding that gives the same bytes again."""
    encoding = "utf-8-sig" if data.startswith(_MARK) else "utf-8"
    try:
        return data.decode(encoding), encoding
    except UnicodeDecodeError:
        return data.decode("latin-1"), "latin-1"
