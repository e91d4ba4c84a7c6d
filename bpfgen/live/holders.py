"""Who holds the maps of the running kernel: there is no count, so all that may do so is looked at.

A map lives while one of these does: a program that uses it, a link that is made of it, a process
that has it open or mapped, a pin, an outer map that it is in. A program lives by links, processes
and pins of its own. What one may not look at is said, and the rest is looked at all the same.

Source: kernel/bpf/syscall.c, bpf_map_put and its callers.
"""

from __future__ import annotations

import os
from errno import EACCES, EPERM

from bpfgen.live.fdinfo import LINK, MAP, PROGRAM
from bpfgen.live.links import links
from bpfgen.live.outer_maps import outer_maps
from bpfgen.live.pins import pins
from bpfgen.live.processes import descriptors_of_processes
from bpfgen.live.programs import full_name, programs
from bpfgen.record import TYPE_CHECKING, Record

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from bpfgen.btf.decode import Btf
    from bpfgen.live.info import MapInfo
    from bpfgen.live.links import Link
    from bpfgen.live.processes import Process, Unread
    from bpfgen.live.programs import Program
    from bpfgen.live.syscall import Bpf

PROGRAMS, LINKS, OUTER_MAPS, PROCESSES, PINS = (
    "programs",
    "links",
    "outer maps",
    "processes",
    "pins",
)
"""What may hold a map."""

_NAMED = 3
"""Of those that one may not look at, how many are named."""


_PATH = 60
"""Characters that are shown of a path that is too long."""


class LinkHolder(Record):
    """A link, and what keeps it.

    Attributes:
        processes: That have it open.
        pins: Where it is pinned.
    """

    link: Link
    processes: tuple[Process, ...]
    pins: tuple[str, ...]


class ProgramHolder(Record):
    """A program that uses a map, and what keeps it.

    Attributes:
        name: That of its function, where it is known: the kernel cuts the program's.
        links: That attach it.
        processes: That have it open.
        pins: Where it is pinned.
    """

    program: Program
    name: str
    links: tuple[LinkHolder, ...]
    processes: tuple[Process, ...]
    pins: tuple[str, ...]


class Holders(Record):
    """Who holds one map.

    Attributes:
        programs: That use it.
        links: That are made of it; those of its programs are theirs.
        outer_maps: That it is in.
        processes: That have it open.
        pins: Where it is pinned.
    """

    programs: tuple[ProgramHolder, ...]
    links: tuple[LinkHolder, ...]
    outer_maps: tuple[MapInfo, ...]
    processes: tuple[Process, ...]
    pins: tuple[str, ...]

    @property
    def is_nobody(self) -> bool:
        """Whether nothing was found that holds it."""
        return not (self.programs or self.links or self.outer_maps or self.processes or self.pins)


class Unseen(Record):
    """What one may not look at, or what was too much.

    Attributes:
        what: Which holders may be missing: `programs`, `links`, `outer maps`, `processes`, `pins`.
        why: The reason, a clause.
        is_right: Whether it is a right that is missing.
    """

    what: tuple[str, ...]
    why: str
    is_right: bool = True


class Census:
    """Who holds what, as it was when it was made.

    Attributes:
        unseen: What couldn't be looked at.
    """

    __slots__ = ("_attached", "_links", "_outer", "_pins", "_processes", "_programs", "unseen")

    def __init__(
        self,
        bpf: Bpf,
        *,
        own: bool = True,
        types: Callable[[int], Btf | None] | None = None,
        step: Callable[[str], object] | None = None,
    ) -> None:
        """Look at all that may hold a map.

        Args:
            own: Whether this process counts.
            types: What gives the BTF with an id, or None where one may not have it: for the names
                of programs.
            step: Called with what is looked at next.
        """
        self.unseen: list[Unseen] = []
        self._programs: dict[int, list[ProgramHolder]] = {}
        self._links: dict[int, list[LinkHolder]] = {}
        self._attached: dict[int, list[LinkHolder]] = {}
        self._outer: dict[int, tuple[MapInfo, ...]] = {}
        descriptors = descriptors_of_processes(step)
        self._processes = descriptors.holders
        if not own:
            me = os.getpid()
            self._processes = {
                key: tuple(one for one in those if one.pid != me)
                for key, those in descriptors.holders.items()
            }
        pinned = pins(bpf, step)
        self._pins = pinned.paths
        try:
            used = [program for program in programs(bpf) if program.map_ids]
        except OSError as error:
            # The same right is needed for the others; it isn't asked for once more.
            self._leave_out((PROGRAMS, LINKS, OUTER_MAPS), error)
        else:
            self._ask_for_links(bpf)
            self._name_programs(bpf, used, types, step)
            self._ask_for_outer_maps(bpf, step)
        self.unseen += _unseen_processes(descriptors.unread)
        if pinned.unread:
            why = f"one may not read {_listed(pinned.unread)}"
            self.unseen.append(Unseen((PINS,), why))
        if pinned.too_long:
            why = f"the kernel takes no path as long as {_listed(list(map(_cut, pinned.too_long)))}"
            self.unseen.append(Unseen((PINS,), why, is_right=False))

    def of(self, map_id: int) -> Holders:
        """Return who holds the map with the id."""
        return Holders(
            tuple(self._programs.get(map_id, ())),
            tuple(self._links.get(map_id, ())),
            self._outer.get(map_id, ()),
            self._processes.get((MAP, map_id), ()),
            self._pins.get((MAP, map_id), ()),
        )

    def _leave_out(self, what: tuple[str, ...], error: OSError) -> None:
        """Note that *what* couldn't be listed, by the kernel's *error*."""
        is_right = error.errno in (EPERM, EACCES)
        why = "it takes CAP_SYS_ADMIN" if is_right else error.strerror or str(error)
        self.unseen.append(Unseen(what, why, is_right))

    def _ask_for_links(self, bpf: Bpf) -> None:
        """Note the links, by the map and by the program that each holds."""
        try:
            for link in links(bpf):
                holder = LinkHolder(link, *self._keepers(LINK, link.id))
                if link.map_id:
                    self._links.setdefault(link.map_id, []).append(holder)
                self._attached.setdefault(link.program_id, []).append(holder)
        except OSError as error:
            self._leave_out((LINKS,), error)

    def _name_programs(
        self,
        bpf: Bpf,
        used: list[Program],
        types: Callable[[int], Btf | None] | None,
        step: Callable[[str], object] | None,
    ) -> None:
        """Note the programs *used*, by the maps of each."""
        for program in used:
            if step is not None:
                step(str(program))
            name = program.name if types is None else full_name(bpf, program, types)
            attached = tuple(self._attached.get(program.id, ()))
            holder = ProgramHolder(program, name, attached, *self._keepers(PROGRAM, program.id))
            for map_id in dict.fromkeys(program.map_ids):
                self._programs.setdefault(map_id, []).append(holder)

    def _ask_for_outer_maps(self, bpf: Bpf, step: Callable[[str], object] | None) -> None:
        """Note what is in maps of maps."""
        try:
            outer = outer_maps(bpf, step)
        except OSError as error:
            self._leave_out((OUTER_MAPS,), error)
            return
        self._outer = outer.holders
        if outer.unread:
            why = f"not all was read that is in {_listed([str(one) for one in outer.unread])}"
            self.unseen.append(Unseen((OUTER_MAPS,), why, is_right=False))

    def _keepers(self, what: str, id: int) -> tuple[tuple[Process, ...], tuple[str, ...]]:
        return self._processes.get((what, id), ()), self._pins.get((what, id), ())


def _unseen_processes(unread: Sequence[Unread]) -> Iterator[Unseen]:
    """Yield what is to be said of the processes *unread*, by what is missing."""
    for missing in dict.fromkeys(one.missing for one in unread):
        those = [one.process for one in unread if one.missing == missing]
        named = _listed([f"{process.name} (pid {process.pid})" for process in those])
        why = f"it takes {' and '.join(missing)} to look into {named}"
        if not missing:
            why = f"the kernel refuses a look into {named}, in spite of CAP_SYS_PTRACE"
        yield Unseen((PROCESSES,), why, bool(missing))


def _cut(path: str) -> str:
    """Return the beginning of a *path* that is too long."""
    return f"{path[:_PATH]}…"


def _listed(names: Sequence[str]) -> str:
    """Return the first of *names*, and how many more there are."""
    more = [f"{len(names) - _NAMED} more"] if len(names) > _NAMED else []
    return ", ".join((*names[:_NAMED], *more))
