"""`bpfgen live`: the running maps as a table for people, with a sum of their memory."""

from __future__ import annotations

from bpfgen.ctype.describe import counted, described
from bpfgen.ctype.fingerprint import Fingerprints
from bpfgen.inspection.json import shown_fingerprint
from bpfgen.inspection.table import entries_text, shape
from bpfgen.kernel.map_flags import flag_names
from bpfgen.kernel.program_types import program_type_name
from bpfgen.live.source import object_of
from bpfgen.record import TYPE_CHECKING
from bpfgen.text.quantities import spelled_bytes
from bpfgen.text.render import printable
from bpfgen.text.table import Columns, table

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from bpfgen.ctype.types import Type
    from bpfgen.live.holders import Census, Holders
    from bpfgen.live.processes import Process
    from bpfgen.object.records import ObjectMap
    from bpfgen.object.running import RunningMap
    from bpfgen.text.table import Page

_HEADS = (
    "id",
    "name",
    "kind",
    "types",
    "entries",
    "memory",
    "flags",
    "frozen",
    "owner",
    "held by",
    "pins",
    "fingerprint",
)
_COLUMNS = Columns(
    _HEADS,
    frozenset(("id", "name", "kind", "entries", "memory")),
    frozenset(("id", "entries", "memory")),
)

_WIDEST = 60
"""Characters of the types in their cell; what is longer is cut."""

_SHOWN = 4
"""Holders of a kind, and pins, that are listed in their cell; of the rest there is the number."""


def live_table(
    maps: Sequence[RunningMap],
    census: Census,
    mapped: Mapping[int, tuple[Process, ...]],
    page: Page,
) -> str:
    """Return the table of *maps*, and what they take of memory together.

    Args:
        mapped: Who may hold a map that nobody is seen to hold, by its id.
    """
    if not maps:
        return "no maps\n"
    fingerprints = Fingerprints()
    rows = []
    for running in maps:
        holders = census.of(running.id)
        cells = _facts(running, fingerprints) | {
            "held by": _held_by(holders, mapped.get(running.id)),
            "pins": _listed(holders.pins),
        }
        rows.append({head: printable(text) for head, text in cells.items() if text})
    lines = table(_COLUMNS, rows, page)
    counted_memory = [one.memlock for one in maps if one.memlock is not None]
    memory = f", {spelled_bytes(sum(counted_memory))} of memory" if counted_memory else ""
    return "\n".join((*lines, "", f"{counted(len(maps), 'map')}{memory}", ""))


def _facts(running: RunningMap, fingerprints: Fingerprints) -> dict[str, str]:
    maps = object_of(running).maps
    owner = running.owner_type
    return {
        "id": str(running.id),
        "name": running.name,
        "kind": running.kind_name,
        "types": _types(running, maps),
        "entries": entries_text(running.kind, running.max_entries),
        "memory": "" if running.memlock is None else spelled_bytes(running.memlock),
        "flags": " | ".join(flag_names(running.map_flags)),
        "frozen": "yes" if running.frozen else "",
        "owner": "" if owner is None else f"{program_type_name(owner)} programs",
        "fingerprint": (shown_fingerprint(maps[0], fingerprints) or "") if maps else "",
    }


def _types(running: RunningMap, maps: Sequence[ObjectMap]) -> str:
    """Return what the keys and the values are: `__u32 → struct stats`, sizes without types."""
    if (section := running.section) is not None:
        return f"the variables of {section}, {counted(running.value_size, 'byte')}"
    key = _type(running.key, running.key_size)
    value = _type(running.value, running.value_size)
    if maps and maps[0].definition.inner is not None:
        value = shape(maps[0].definition.inner)
    text = " → ".join(part for part in (key, value) if part)
    return text if len(text) <= _WIDEST else f"{text[: _WIDEST - 1]}…"


def _type(type: Type | None, size: int) -> str:
    if type is not None:
        return described(type)
    return counted(size, "byte") if size else ""


def _held_by(holders: Holders, mapped: Sequence[Process] | None) -> str:
    groups = (
        [
            f"{one.name or 'a program'} ({one.program.type} {one.program.id})"
            for one in holders.programs
        ],
        [f"link {one.link.id} ({one.link.type})" for one in holders.links],
        [f"{one.name or one.kind_name} (map {one.id})" for one in holders.outer_maps],
        [f"{one.name} (pid {one.pid})" for one in holders.processes],
    )
    text = ", ".join(_listed(group) for group in groups if group)
    if mapped:
        text = f"perhaps {_listed([f'{one.name} (pid {one.pid})' for one in mapped])}, mapped"
    return text


def _listed(names: Sequence[str]) -> str:
    more = [f"{len(names) - _SHOWN} more"] if len(names) > _SHOWN else []
    return ", ".join((*names[:_SHOWN], *more))
