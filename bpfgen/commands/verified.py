"""What came of a run of `bpfgen verify`, whatever was held against the source."""

from __future__ import annotations

from bpfgen.record import TYPE_CHECKING, Record

if TYPE_CHECKING:
    from bpfgen.commands.running import Refusal
    from bpfgen.conditions import Assignment
    from bpfgen.object.records import ObjectMap
    from bpfgen.object.running import RunningMap
    from bpfgen.text.diagnostics import Diagnostic
    from bpfgen.verify.running import RunningVerified


class Held(Record):
    """A running map that was held against the source.

    Attributes:
        path: What the user calls it, or the path of its pin in the directory that was named.
        running: The map.
        result: What came of it.
        extra: It is none of the source's, and need not be.
    """

    path: str
    running: RunningMap
    result: RunningVerified
    extra: bool = False


class Verified(Record):
    """What came of a run.

    Attributes:
        status: The exit status, as far as it is settled.
        declared: Names of the maps that the source declares; of running maps, of those that were
            found.
        extra: The maps of the object that it doesn't.
        diagnostics: All that is to be said, in order.
        variants: What the macros are in each variant of the source that the object is; where it is
            none, in the nearest, or as the command line has it. Empty where there are none.
        where: The same in words; empty where the object is any of those in question.
        error: What kept us from comparing, where it has no place in the source: its code, what is
            wrong, and advice or nothing.
        held: The running maps, where some were named.
        unread: Pins in the directory that was named which can't be read, and why.
        unpinned: Names of the maps that the source declares and no pin in the directory is of.
    """

    status: int
    declared: tuple[str, ...] = ()
    extra: tuple[ObjectMap, ...] = ()
    diagnostics: tuple[Diagnostic, ...] = ()
    error: tuple[str, str, str] | None = None
    variants: tuple[Assignment, ...] = ()
    where: str = ""
    held: tuple[Held, ...] = ()
    unread: tuple[Refusal, ...] = ()
    unpinned: tuple[str, ...] = ()
