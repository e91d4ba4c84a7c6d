"""The maps that `bpfgen create` has made, as a table and as JSON."""

from __future__ import annotations

import json

from bpfgen.ctype.describe import counted
from bpfgen.files.reading import STDIN
from bpfgen.kernel.map_flags import flag_names
from bpfgen.kernel.version import format_version
from bpfgen.live.machine import this_machine
from bpfgen.record import TYPE_CHECKING
from bpfgen.text.machine_formats import json_object
from bpfgen.text.render import printable
from bpfgen.text.table import Columns, one_line, table

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

    from bpfgen.commands.creation_wanted import Wanted
    from bpfgen.live.creating import Creation
    from bpfgen.live.made_maps import MadeMap
    from bpfgen.text.diagnostics import Diagnostic
    from bpfgen.text.table import Page

FORMAT = 1
"""Of the JSON: a removal or another meaning raises it, a new key doesn't."""

_COLUMNS = Columns(
    ("map", "id", "kind", "key", "value", "entries", "flags", "types", "state", "pin"),
    frozenset(("map", "id", "kind", "entries")),
    frozenset(("id", "key", "value", "entries")),
)


def as_text(creation: Creation, wanted: Wanted, page: Page) -> str:
    """Return a line for each map that is there, and what became of all of them in a sentence."""
    lines = []
    if creation.maps:
        rows = [_cells(made, wanted) for made in creation.maps]
        lines = [*table(_COLUMNS, rows, page), ""]
    lines.append(one_line(_summary(creation, wanted), page))
    return "\n".join(lines) + "\n"


def _is_frozen(made: MadeMap, wanted: Wanted, *, is_done: bool) -> bool:
    """Return whether the run leaves *made* frozen: those that were there are frozen at its end."""
    return made.is_frozen or (
        is_done and not wanted.is_trial and made.planned.name in wanted.freeze
    )


def _cells(made: MadeMap, wanted: Wanted) -> dict[str, str]:
    info = made.map.info
    is_trial = wanted.is_trial
    is_frozen = _is_frozen(made, wanted, is_done=True)
    state = [word for word, is_so in (("reused", made.is_reused), ("frozen", is_frozen)) if is_so]
    cells = {
        "map": printable(made.planned.name),
        "id": str(info.id),
        "kind": made.planned.kind.name,
        "key": str(info.key_size) if info.key_size else "",
        "value": str(info.value_size) if info.value_size else "",
        "entries": str(info.max_entries),
        "flags": " | ".join(flag_names(info.map_flags)),
        "types": "" if made.types == "none" else made.types,
        "state": ", ".join(state),
        "pin": printable(made.pin) if made.is_reused or not is_trial else "",
    }
    return {head: cell for head, cell in cells.items() if cell}


def _summary(creation: Creation, wanted: Wanted) -> str:
    kernel = f"Linux {format_version(wanted.machine.kernel)}"
    path = printable(wanted.path)
    if wanted.is_trial:
        if creation.refusals:
            refused = {refusal.map.name for refusal in creation.refusals}
            return f"{path}: {kernel} refuses {counted(len(refused), 'map')}; nothing was kept"
        number = counted(len(creation.maps), "map")
        return f"{path}: {kernel} takes {number}; nothing was kept"
    made = [one for one in creation.maps if not one.is_reused]
    pinned = sum(1 for one in made if one.pin)
    words = [f"{counted(len(made), 'map')} made, {pinned} pinned"]
    if len(made) < len(creation.maps):
        words.append(f"{len(creation.maps) - len(made)} there already")
    return f"{path}: {', '.join(words)}"


def as_json(
    creation: Creation, wanted: Wanted, shown: Sequence[Diagnostic], *, is_done: bool
) -> str:
    """Return one line: whether it was done, the maps, and what was said.

    Where it wasn't done, or only tried, the maps are those that were there for the moment.
    """
    record = {
        "format": FORMAT,
        "source": wanted.path,
        "kernel": format_version(wanted.machine.kernel),
        "dry_run": wanted.is_trial,
        "done": is_done,
        "types_replaced": list(creation.types.replaced),
        "maps": [
            _map_record(made, is_frozen=_is_frozen(made, wanted, is_done=is_done))
            for made in creation.maps
        ],
        "refused": [
            {
                "map": refusal.map.name,
                "step": refusal.step,
                "errno": refusal.error.errno,
                "subject": refusal.subject or None,
            }
            for refusal in creation.refusals
        ],
        "diagnostics": [json_object(one) for one in shown],
    }
    return f"{json.dumps(record)}\n"


def stopped_json(path: str, errors: Sequence[Diagnostic], *, is_trial: bool) -> str:
    """Return the line of a run that ended before there was a map: *errors* say why."""
    record = {
        "format": FORMAT,
        "source": STDIN if path == "-" else path,
        "kernel": format_version(this_machine().kernel),
        "dry_run": is_trial,
        "done": False,
        "types_replaced": [],
        "maps": [],
        "refused": [],
        "diagnostics": [json_object(one) for one in errors],
    }
    return f"{json.dumps(record)}\n"


def _map_record(made: MadeMap, *, is_frozen: bool) -> dict[str, Any]:
    info, planned = made.map.info, made.planned
    empty = dict(made.empty_slots)
    return {
        "name": planned.name,
        "id": info.id,
        "kernel_name": info.name,
        "kind": planned.kind.name,
        "key_size": info.key_size,
        "value_size": info.value_size,
        "max_entries": info.max_entries,
        "map_flags": info.map_flags,
        "map_extra": info.map_extra,
        "types": made.types,
        "btf_id": info.btf_id or None,
        "pin": made.pin or None,
        "reused": made.is_reused,
        "frozen": is_frozen,
        "slots": [
            {"index": index, "name": name, "filled": not made.is_reused and index not in empty}
            for index, name in planned.slots
        ],
    }
