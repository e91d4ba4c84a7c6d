"""What maps cost, as a table for people and as JSON for programs."""

from __future__ import annotations

import json

from bpfgen.ctype.describe import counted
from bpfgen.inspection.loaders import MAPPABLE_UNTIL
from bpfgen.inspection.memory import sum_of
from bpfgen.kernel.memory import UNCOUNTED
from bpfgen.kernel.version import format_version
from bpfgen.record import TYPE_CHECKING, Record
from bpfgen.text.quantities import spelled_bytes
from bpfgen.text.table import Columns
from bpfgen.text.table import table as aligned

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bpfgen.inspection.memory import SizedMap, Sum
    from bpfgen.kernel.memory import Machine
    from bpfgen.text.table import Page

MEMLOCK_SINCE = (6, 4)
"""The first kernel whose `memlock` is what a map takes (map_mem_usage)."""

_COLUMNS = Columns(
    ("map", "kind", "at creation", "element", "elements", "full", "now"),
    frozenset(("map", "at creation", "full")),
    frozenset(("at creation", "element", "elements", "full", "now")),
)
_UNKNOWN = "?"
_UNLIMITED = "no limit"


class Sizes(Record):
    """What is reported.

    Attributes:
        path: Of the source, as the user calls it.
        maps: In order.
        machine: What they were counted for.
        source: Where the number of CPUs is from: `this machine`, `--cpus` or `configuration`.
        left_out: Maps that aren't counted, each with the reason.
        limit: Bytes of `--limit`; None without.
    """

    path: str
    maps: tuple[SizedMap, ...]
    machine: Machine
    source: str
    left_out: tuple[tuple[str, str], ...] = ()
    limit: int | None = None

    @property
    def sum(self) -> Sum:
        """What all cost together."""
        return sum_of(self.maps)


def sizes_text(sizes: Sizes, page: Page) -> str:
    """Return the table, the sum, and what is to be known about them."""
    from bpfgen.text.render import printable

    machine = sizes.machine
    count = sum(not map.is_inner for map in sizes.maps)
    head = f"{printable(sizes.path)}: {counted(count, 'map')} on {counted(machine.cpus, 'CPU')}"
    head += f" ({sizes.source}), Linux {format_version(machine.kernel)}"
    lines = [head]
    if sizes.maps:
        rows = [_row(map) for map in sizes.maps]
        if count > 1:
            rows.append(_sum_row(sizes.sum))
        lines += ["", *aligned(_COLUMNS, rows, page)]
    notes = list(_notes(sizes))
    return "\n".join([*lines, *([""] if notes else []), *notes]) + "\n"


def _row(map: SizedMap) -> dict[str, str]:
    from bpfgen.text.render import printable

    row = {"map": printable(map.name), "kind": map.kind}
    if map.now is not None:
        row["now"] = spelled_bytes(map.now)
    memory = map.memory
    if memory is None:
        return {**row, "at creation": _UNKNOWN, "full": _UNKNOWN}
    row["at creation"] = spelled_bytes(memory.created)
    row["full"] = _UNLIMITED if memory.full is None else spelled_bytes(memory.full)
    parts = [str(memory.element)] if memory.element else []
    parts += [f"{memory.uncounted} *"] if memory.uncounted else []
    if parts:
        row["element"] = " + ".join(parts)
        row["elements"] = "any number" if memory.most is None else str(memory.most)
    return row


def _sum_row(sum: Sum) -> dict[str, str]:
    at_least = " and more" if sum.unknown else ""
    more = " and more" if sum.unknown or sum.unlimited else ""
    return {
        "map": "in all",
        "at creation": spelled_bytes(sum.created) + at_least,
        "full": spelled_bytes(sum.full) + more,
    }


def _notes(sizes: Sizes) -> Iterator[str]:
    """Yield what is to be known about the numbers, a line each."""
    from bpfgen.text.render import printable

    machine = sizes.machine
    kinds: dict[str, dict[str, None]] = {}
    for map in sizes.maps:
        if map.memory is not None and map.memory.uncounted:
            kinds.setdefault(UNCOUNTED[map.kind], {})[map.kind] = None
    yield from (f"* {', '.join(of)}: {why}" for why, of in kinds.items())
    inner = [printable(map.name) for map in sizes.maps if map.is_inner]
    if inner:
        yield f"{', '.join(inner)}: for each map that is put there, and in no sum"
    for map in sizes.maps:
        name = printable(map.name)
        if map.missing:
            sets = " ".join(f"--set {printable(one)}=N" for one in map.missing)
            yield f"{name}: a loader decides; {sets}"
        elif map.why:
            yield f"{name}: {map.why}"
        elif map.by_older is not None:
            since = format_version(MAPPABLE_UNTIL)
            yield (
                f"{name}: no variable of it is for user space, so that libbpf lets nobody map it;"
                f" one before {since} does, and it takes {spelled_bytes(map.by_older)}"
            )
    yield from (f"{printable(name)}: {why}" for name, why in sizes.left_out)
    if machine.kernel < MEMLOCK_SINCE:
        since = format_version(MEMLOCK_SINCE)
        figure = "`now` is an estimate" if any(map.now is not None for map in sizes.maps) else ""
        yield (
            f"Linux before {since} doesn't count what maps take"
            f"{f', and {figure}' if figure else ''}; this is the arithmetic of {since}"
        )


def sizes_json(sizes: Sizes) -> str:
    """Return the same for programs, in bytes: one line."""
    sum = sizes.sum
    record = {
        "format": 1,
        "path": sizes.path,
        "cpus": sizes.machine.cpus,
        "cpus_from": sizes.source,
        "page": sizes.machine.page,
        "kernel": format_version(sizes.machine.kernel),
        "maps": [_record(map) for map in sizes.maps],
        "created": sum.created,
        "full": sum.full,
        "unlimited": sum.unlimited,
        "unknown": sum.unknown,
        "left_out": [{"name": name, "why": why} for name, why in sizes.left_out],
        "limit": sizes.limit,
    }
    return json.dumps(record) + "\n"


def _record(map: SizedMap) -> dict[str, object]:
    memory = map.memory
    return {
        "name": map.name,
        "type": map.kind,
        "inner": map.is_inner,
        "created": None if memory is None else memory.created,
        "element": None if memory is None else memory.element,
        "uncounted": None if memory is None else memory.uncounted,
        "elements": None if memory is None else memory.most,
        "full": None if memory is None else memory.full,
        "now": map.now,
        "missing": map.missing,
        "why": map.why or None,
        "created_by_older_libbpf": map.by_older,
    }
