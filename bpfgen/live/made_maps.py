"""What came of one map that was asked for: it is there, or it was refused at one of the steps.

Values that :mod:`making` and :mod:`creating` hand on to who reports them.
"""

from __future__ import annotations

from bpfgen.record import TYPE_CHECKING, Record

if TYPE_CHECKING:
    from bpfgen.live.map import Map
    from bpfgen.live.planned import PlannedMap
    from bpfgen.object.running import RunningMap

CREATE, INNER, REUSE, SLOT, PIN, FREEZE = "create", "inner", "reuse", "slot", "pin", "freeze"
"""The steps at which a map may be refused."""

KEPT, NONE, REFUSED = "kept", "none", "refused"
"""What became of the types of a map: the kernel has them; there are none that libbpf passes on; the
kernel refuses them, and has the map without."""


class Refusal(Record):
    """One thing that can't be had.

    Attributes:
        step: `create`, `inner`, `reuse`, `slot`, `pin` or `freeze`.
        map: The map that it is about; of `inner` the one whose description is refused.
        error: What the kernel says; of `reuse` EINVAL, as libbpf does.
        subject: The target of the slot, the path of the pin; empty for others.
        differences: Of `reuse`: in what the map there differs, each with its number and ours.
        is_foreseen: The kernel wasn't asked, since it is known to say so, and to ask would have
            changed a map that was there before.
    """

    step: str
    map: PlannedMap
    error: OSError
    subject: str = ""
    differences: tuple[tuple[str, int, int], ...] = ()
    is_foreseen: bool = False


class MadeMap(Record):
    """A map that is there.

    Attributes:
        planned: What was asked for.
        map: The map, open.
        types: `kept`, `none` or `refused`.
        why: What the kernel says of types that it refuses for this map; else None.
        pin: Where it is pinned, or was to be; empty where it isn't.
        there: What the kernel says of it, where it was pinned there before; it is left as it was.
        is_frozen: Nobody in user space can write to it.
        empty_slots: Those that name something that isn't there: programs, another object's maps.
    """

    planned: PlannedMap
    map: Map
    types: str
    why: OSError | None = None
    pin: str = ""
    there: RunningMap | None = None
    is_frozen: bool = False
    empty_slots: tuple[tuple[int, str], ...] = ()

    @property
    def is_reused(self) -> bool:
        """Whether it was pinned there before."""
        return self.there is not None
