"""libbpf's linker on the objects of two sources: whether what went together still does.

What went with OLD is another object with the same definitions: one that declares them `extern`,
and one that defines them where OLD leaves room for that (`weak`), or asks for it (`extern`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.changes.program import Map, Program
from tests.conformance.libbpf import LibbpfError, linked, open_object

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_UNDEFINED = (
    "unrecognized extern section",
    "unsupported map linkage extern",
    "BTF data is corrupted",
)
"""What libbpf says where a map that is declared isn't defined (bpf_object__collect_externs,
bpf_object__init_user_btf_map: it isn't extern, or within the section)."""

_LOST_SLOT = "cannot find map"
"""What it says, after it has looked for those, of a map with initial values which another object
refers to: its linker 1.1 takes them for no part of the map's size. No change has to do with it."""


def partners(program: Program) -> Iterator[Program]:
    """Yield what went with *program*: the same maps with other linkages."""
    others = [{"": "extern", "weak": "extern", "extern": ""}]
    if any(map.linkage for map in program.maps):
        others.append({"": "weak", "weak": "", "extern": "weak"})
    for linkages in others:
        yield Program(
            tuple(
                one._replace(linkage=linkages[one.linkage], slots=())
                if isinstance(one, Map)
                else one
                for one in program.declarations
            )
        )


def refusal(folder: Path, *objects: Path) -> str:
    """Return why libbpf doesn't link *objects* or open what comes of it; empty if it does.

    The linked object is written to *folder*.
    """
    output = folder / "linked.o"
    try:
        linked(output, objects)
    except LibbpfError as error:
        return str(error)
    try:
        with open_object(output.read_bytes()):
            return ""
    except LibbpfError as error:
        if any(said in str(error) for said in _UNDEFINED):
            return str(error)
        if _LOST_SLOT in str(error):
            return ""
        raise
