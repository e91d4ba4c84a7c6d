"""A process beside the tests: it sees what maps they hold meanwhile, and what is left after them.

`python -m tests.leaks.watcher PID FOLDER` watches PID and what descends from it until its input
ends, and writes what it saw as JSON. A map is the run's own if one of these processes had a
descriptor of it when the watcher looked, each :data:`INTERVAL`; a pin if its map is, a mount or pin
if it is below FOLDER, the run's directory for temporary files. Others may use the kernel meanwhile;
with `BPFGEN_ALONE` in the environment nobody does, and all that is new is the run's.
"""

from __future__ import annotations

import json
import os
import select
import signal
import sys
import time
from typing import NamedTuple

from tests.leaks.kernel_state import (
    family_of,
    is_there,
    map_ids,
    maps_held_by,
    mounts,
    name_of,
    pins,
    processes,
)

INTERVAL = 0.5
"""Seconds between two looks. A map that came and went between them is not seen."""

PATIENCE = 5.0
"""Seconds that the kernel is given to free what was closed."""


class Seen(NamedTuple):
    """What a run did.

    Attributes:
        memory: The most that its maps took at once, in bytes, as far as that was seen.
        mounts: Where BPF filesystems are mounted still.
        pins: Paths of pins that are there still.
        maps: Maps that neither a process nor one of these pins holds, in words.
    """

    memory: int
    mounts: list[str]
    pins: list[str]
    maps: list[str]


class Watch:
    """What was seen so far of the process *pid*, whose files are below *folder*."""

    def __init__(self, pid: int, folder: str, *, alone: bool) -> None:
        self.pid = pid
        self.folder = os.path.join(os.path.realpath(folder), "")
        self.alone = alone
        self.pins = set(pins())
        self.mounts = mounts()
        self.before = set(map_ids())
        self.own: set[int] = set()
        self.memory = 0

    def look(self) -> None:
        """Look once."""
        held = {map for pid in family_of(self.pid) for map in maps_held_by(pid)}
        held = {map for map in held if map.id not in self.before}
        self.own |= {map.id for map in held}
        self.memory = max(self.memory, sum(map.memory for map in held))

    def end(self) -> Seen:
        """Look for the last time, and return what was seen."""
        self.look()
        pinned = {path: id for path, id in pins().items() if path not in self.pins}
        mounted = mounts() - self.mounts
        if self.alone:
            self.own |= set(map_ids()) - self.before
        else:
            mounted = {path for path in mounted if path.startswith(self.folder)}
            pinned = {
                path: id
                for path, id in pinned.items()
                if id in self.own or path.startswith(self.folder)
            }
        own = self.own - set(pinned.values())
        until = time.monotonic() + PATIENCE
        while (left := _without_holder(own)) and time.monotonic() < until:
            time.sleep(0.1)
        maps = [f"id {map_id} {name_of(map_id)}".rstrip() for map_id in sorted(left)]
        return Seen(self.memory, sorted(mounted), sorted(pinned), maps)


def _without_holder(own: set[int]) -> set[int]:
    """Return those that are there still and that no process will close at its end."""
    there = {map_id for map_id in own if is_there(map_id)}
    return there and there - {map.id for pid in processes() for map in maps_held_by(pid)}


def main(pid: int, folder: str) -> None:
    """Watch until the standard input ends."""
    try:
        watch = Watch(pid, folder, alone="BPFGEN_ALONE" in os.environ)
    except (OSError, KeyError):  # no right, or no bpf(2): then no maps either
        return
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the run that it stops says so by itself
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    while not select.select([sys.stdin], [], [], INTERVAL)[0]:
        watch.look()
    sys.stdout.write(json.dumps(watch.end()._asdict()))


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2])
