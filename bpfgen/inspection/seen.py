"""The maps of an object as a loader creates them, as JSON and as a table."""

from __future__ import annotations

from bpfgen.ctype.describe import counted
from bpfgen.inspection.json import FORMAT
from bpfgen.inspection.loaders import AT_MOST_CPUS, CPUS, SeenMap
from bpfgen.kernel.map_flags import flag_names
from bpfgen.kernel.targets import TARGETS
from bpfgen.kernel.version import format_version
from bpfgen.record import TYPE_CHECKING
from bpfgen.text.render import printable
from bpfgen.text.table import Columns, table

if TYPE_CHECKING:
    from typing import Any

    from bpfgen.inspection.loaders import Seen
    from bpfgen.text.table import Page


def seen_record(path: str, seen: Seen) -> dict[str, Any]:
    """Return *seen* of the object *path* as JSON has it."""
    return {
        "format": FORMAT,
        "path": path,
        "as": seen.loader,
        "version": format_version(seen.version),
        "error": seen.error,
        "maps": [_record(one) for one in seen.maps],
        "internal_maps": [
            {
                "section": section,
                "type": "array",
                "key_size": 4,
                "value_size": size,
                "max_entries": 1,
                "map_flags": flags,
            }
            for section, size, flags in seen.internal_maps
        ],
    }


def _record(seen: SeenMap) -> dict[str, Any]:
    record: dict[str, Any] = {name: getattr(seen, name) for name in SeenMap.__match_args__}
    record["inner"] = None if seen.inner is None else _record(seen.inner)
    record["filled_in"] = list(seen.filled_in)
    record["refused"] = seen.refused or None
    record["notes"] = list(seen.notes)
    return record


_HEADS = ("map", "kind", "key", "value", "entries", "flags", "extra", "pinning", "inner")
_COLUMNS = Columns(
    _HEADS, frozenset(("map", "kind", "key", "value", "entries")), frozenset(("key", "value"))
)


def seen_text(path: str, seen: Seen, page: Page) -> str:
    """Return *seen* of the object *path* for people; `*` marks what the loader has filled in."""
    lines = [f"{printable(path)} as {seen.title}: {counted(len(seen.maps), 'map')}"]
    if seen.maps:
        lines += ["", *table(_COLUMNS, [_cells(one) for one in seen.maps], page)]
        if any(one.filled_in for one in seen.maps):
            lines += ["", "* filled in by the loader"]
    if seen.internal_maps:
        lines += ["", f"made by {TARGETS[seen.loader].title}:"]
        lines += (
            f"  {printable(section)}: array of 1, {counted(size, 'byte')}"
            + (f", {' | '.join(flag_names(flags))}" if flags else "")
            for section, size, flags in seen.internal_maps
        )
    said = [(one.name, note) for one in seen.maps for note in one.notes]
    if said:
        lines += ["", *(f"{printable(name)}: {printable(note)}" for name, note in said)]
    return "\n".join(lines) + "\n"


def _cells(seen: SeenMap) -> dict[str, str]:
    def cell(name: str, text: str) -> str:
        return f"{text} *" if name in seen.filled_in else text

    entries = {CPUS: "CPUs", AT_MOST_CPUS: f"{seen.max_entries}, at most CPUs"}
    cells = {
        "map": seen.name,
        "kind": seen.type or str(seen.type_id),
        "key": cell("key_size", str(seen.key_size)),
        "value": cell("value_size", str(seen.value_size)),
        "entries": cell("max_entries", entries.get(seen.entries, str(seen.max_entries))),
        "flags": cell("map_flags", " | ".join(flag_names(seen.map_flags))),
        "extra": cell("map_extra", f"{seen.map_extra:#x}" if seen.map_extra else ""),
        "pinning": "by_name" if seen.pinning == "by_name" else "",
        "inner": "" if seen.inner is None else seen.inner.type or str(seen.inner.type_id),
    }
    return {head: printable(text) for head, text in cells.items() if text}
