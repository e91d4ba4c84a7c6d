"""A finding: one thing that a change breaks, with both sides of it. What every category gives."""

from __future__ import annotations

from bpfgen.record import TYPE_CHECKING, Record

if TYPE_CHECKING:
    from bpfgen.record import Uncompared
    from bpfgen.text.diagnostics import Subject
    from bpfgen.text.source import Span

UNCOMPARED = "break-uncompared"
"""The code of what isn't known of one side, so that nothing can be said of it: a warning."""


class Side(Record):
    """What OLD or NEW says of the thing that differs.

    Attributes:
        value: What it is there, in a few words: `8 bytes at byte 16`, `hash`, `1024`; empty where
            there is nothing.
        span: Where it stands; None where nothing does, or where there is no text.
    """

    value: str = ""
    span: Uncompared[Span | None] = None


class Finding(Record):
    """One thing that a change breaks.

    Attributes:
        code: The rule: a key of :data:`bpfgen.changes.rules.RULES`; or :data:`UNCOMPARED`.
        message: What has changed, as a sentence with both values and no full stop.
        old: What OLD says.
        new: What NEW says.
        subject: What has changed, by its name in OLD: a struct with its member, an enum with its
            enumerator, a map with its attribute.
        maps: The maps that it concerns, by their names in OLD, in the order of the source; a type
            that several maps have is reported once. Empty for what no map uses.
        happens: What comes of it, and to whom: a sentence each.
        ways: What one can do instead, a sentence each, the best first.
        where: In words under which conditions it is so, of sources that have some: "`A && !B`
            holds"; empty where it is so in every case.
        also_in: Other files of the run in which it is the same, as the run calls them.
        allowed: Why NEW allows it, in its author's words; empty where it doesn't.
    """

    code: str
    message: str
    old: Side
    new: Side
    subject: Subject
    maps: tuple[str, ...] = ()
    happens: tuple[str, ...] = ()
    ways: tuple[str, ...] = ()
    where: str = ""
    also_in: tuple[str, ...] = ()
    allowed: str = ""
