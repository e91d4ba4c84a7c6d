"""`bpfgen live --format json`: a line for each running map.

The keys are stable; docs/running.md says what each holds.
"""

from __future__ import annotations

import json

from bpfgen.ctype.fingerprint import Fingerprints
from bpfgen.inspection.declaration import Declarations
from bpfgen.inspection.json import FORMAT, shown_fingerprint
from bpfgen.inspection.running import running_record
from bpfgen.live.source import object_of
from bpfgen.record import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from typing import Any

    from bpfgen.live.holders import Census, Holders, LinkHolder, ProgramHolder
    from bpfgen.live.info import MapInfo
    from bpfgen.live.processes import Process
    from bpfgen.object.running import RunningMap


def live_lines(
    maps: Iterable[RunningMap], census: Census, mapped: Mapping[int, tuple[Process, ...]]
) -> Iterator[str]:
    """Yield the line of each of *maps*.

    Args:
        mapped: Who may hold a map that nobody is seen to hold, by its id.
    """
    unseen = sorted({what for one in census.unseen for what in one.what})
    fingerprints = Fingerprints()
    for running in maps:
        found = object_of(running).maps
        record = {
            "format": FORMAT,
            **running_record(running, Declarations()),
            "fingerprint": shown_fingerprint(found[0], fingerprints) if found else None,
            **_holders(census.of(running.id)),
            "may_be_mapped_by": _processes(mapped.get(running.id, ())),
            "unseen": unseen,
        }
        yield f"{json.dumps(record)}\n"


def _holders(holders: Holders) -> dict[str, Any]:
    return {
        "programs": [_program(one) for one in holders.programs],
        "links": [_link(one) for one in holders.links],
        "outer_maps": [_outer(one) for one in holders.outer_maps],
        **_keepers(holders),
    }


def _program(holder: ProgramHolder) -> dict[str, Any]:
    program = holder.program
    return {
        "id": program.id,
        "name": holder.name,
        "type": program.type,
        "tag": program.tag,
        "links": [_link(one) for one in holder.links],
        **_keepers(holder),
    }


def _link(holder: LinkHolder) -> dict[str, Any]:
    link = holder.link
    return {
        "id": link.id,
        "type": link.type,
        "program_id": link.program_id or None,
        **_keepers(holder),
    }


def _keepers(holder: Holders | ProgramHolder | LinkHolder) -> dict[str, Any]:
    return {"processes": _processes(holder.processes), "pins": list(holder.pins)}


def _outer(info: MapInfo) -> dict[str, Any]:
    return {"id": info.id, "name": info.name, "type": info.kind_name}


def _processes(processes: Iterable[Process]) -> list[dict[str, Any]]:
    return [{"pid": one.pid, "name": one.name} for one in processes]
