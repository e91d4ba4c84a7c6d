"""What can't be known of a side, whichever category asks: which map it is, what the maps in it are.

Of types :mod:`bpfgen.changes.layout` says it.
"""

from __future__ import annotations

from bpfgen.changes.finding import UNCOMPARED, Finding, Side
from bpfgen.changes.rules import INNER, LAYOUT
from bpfgen.kernel.map_kind import NAME_BYTES
from bpfgen.record import TYPE_CHECKING
from bpfgen.text.diagnostics import Subject
from bpfgen.text.spelling import expected_list

if TYPE_CHECKING:
    from collections.abc import Container, Iterator

    from bpfgen.changes.pairs import Pairs
    from bpfgen.model.maps import Map


def unknown(
    pairs: Pairs, categories: Container[str], running: tuple[bool, bool]
) -> Iterator[Finding]:
    """Yield which maps of *pairs* couldn't be compared, and of which only the inner maps.

    Args:
        pairs: Of one file.
        categories: What is asked for.
        running: Whether OLD is of maps of the running kernel, and whether NEW is.
    """
    yield from _unclear(pairs, running)
    if LAYOUT in categories or INNER in categories:
        for pair in pairs.maps:
            if pair.old is not None and pair.new is not None:
                yield from _inner(pair.old, pair.new, running)


def _inner(old: Map, new: Map, running: tuple[bool, bool]) -> Iterator[Finding]:
    """Yield that one of the maps of maps *old* and *new* alone says what is in it."""
    depth, shapes = "", (old.shape, new.shape)
    while all(shape.kind.of_maps for shape in shapes):
        inner = [shape.inner for shape in shapes]
        if inner[0] is None or inner[1] is None:
            break
        depth, shapes = f"{depth}inner.", (inner[0], inner[1])
    else:
        return
    if inner[0] is None and inner[1] is None:
        return
    is_new = inner[1] is None
    values = ("with an inner map", "") if is_new else ("", "with an inner map")
    yield Finding(
        UNCOMPARED,
        f"what the inner maps of map `{old.name}` are isn't known of {'NEW' if is_new else 'OLD'},"
        " and they weren't compared",
        Side(values[0], shapes[0].span or old.span),
        Side(values[1], shapes[1].span or new.span),
        Subject("map", old.name, f"{depth}inner"),
        (old.name,),
        (_OPENED,) if running[is_new] else (),
    )


_OPENED = "the kernel tells it where a map is in the running one, and can be opened"


def _unclear(pairs: Pairs, running: tuple[bool, bool]) -> Iterator[Finding]:
    """Yield which maps weren't compared since the kernel would call several the same."""
    for one in pairs.unclear:
        found, others, side = (one.old, one.new, "NEW") if running[0] else (one.new, one.old, "OLD")
        which = _listed(others)
        yield Finding(
            UNCOMPARED,
            f"the running map `{found[0].name}` may be {side}'s {which}, and wasn't compared",
            Side("", one.old[0].span),
            Side("", one.new[0].span),
            Subject("map", one.old[0].name),
            tuple(map.name for map in one.old),
            (f"the kernel keeps {NAME_BYTES} bytes of the name of a map",),
            ("name the running map by its pin, whose name is whole",),
        )


_LISTED = 4
"""Maps that it may be which are named."""


def _listed(maps: tuple[Map, ...]) -> str:
    names = [f"`{map.name}`" for map in maps]
    if len(names) > _LISTED:
        names[_LISTED:] = [f"{len(names) - _LISTED} more"]
    return expected_list(names)
