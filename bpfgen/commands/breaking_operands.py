"""What the operands of `bpfgen breaking` name: places of OLD and NEW, by pairs.

Beside `breaking`, which compares what they are opened to.
"""

from __future__ import annotations

from bpfgen.commands import UsageError
from bpfgen.record import TYPE_CHECKING, Record

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bpfgen.compiler import Options
    from bpfgen.sources import Opened


class Place(Record):
    """Where one side of a pair is.

    Attributes:
        name: As messages call it.
    """

    name: str


class Compared(Record):
    """One pair of sources.

    Attributes:
        path: What the pair is called: the path of NEW, or that of OLD where the file is gone.
        old: None for a file that only NEW has.
        new: None for a file that is gone.
    """

    path: str
    old: Place | None
    new: Place | None


def compared(
    words: Sequence[str],
    against: str | None,
    options: Options,  # noqa: ARG001 -- directories of -I are read at the revision of OLD
) -> list[Compared]:
    """Return the pairs that the operands *words* name.

    Raises:
        UsageError: They make no sense.
    """
    if against is not None or len(words) != 2:
        raise UsageError("`bpfgen breaking` compares two sources", "bpfgen breaking OLD NEW")
    old, new = words
    if old == new == "-":
        raise UsageError("only one of the two can be standard input")
    return [Compared(new, Place(old), Place(new))]


def opened(place: Place, options: Options) -> Opened:
    """Return what the source at *place* comes to.

    Raises:
        OSError: It can't be read.
        FormatError: It is an object, and can't be read.
        ToolMissing: It needs a clang, and there is none.
    """
    from bpfgen.sources import contents_of, open_source

    return open_source(place.name, contents_of(place.name), options)
