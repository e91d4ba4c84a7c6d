"""What is asked of an import besides the maps of the file itself: headers in context, and types."""

from __future__ import annotations

from bpfgen.record import Record


class Asked(Record):
    """How a file is read; as it stands, it asks for the maps of the file and no more.

    Attributes:
        read_in: Real paths of headers that are read as part of the file, whatever they hold.
        maps_of: The real path of the file whose maps alone are meant; empty means all of them. What
            is to be said of other files isn't said.
        types_of: Real paths of files all of whose types come along.
        source: The file whose directory the source is to stand in, and which it is of; empty for
            the one that is imported.
        is_of_project: The file is one of several: messages have whole paths, and what becomes of
            headers that are read in is somebody else's matter.
        vmlinux: A header of ours that has what a vmlinux.h would bring; it isn't included, what it
            declares comes through `include kernel;`. Empty where there is none.
    """

    read_in: frozenset[str] = frozenset()
    maps_of: str = ""
    types_of: frozenset[str] = frozenset()
    source: str = ""
    is_of_project: bool = False
    vmlinux: str = ""


NOTHING_ELSE = Asked()
