"""One cause of findings in `layout`, and what follows from it; how a comparison hands them up."""

from __future__ import annotations

from bpfgen.record import TYPE_CHECKING, Record
from bpfgen.text.diagnostics import Subject

if TYPE_CHECKING:
    from collections.abc import Generator
    from typing import TypeAlias

    from bpfgen.ctype.types import Type
    from bpfgen.record import Uncompared
    from bpfgen.text.source import Span


class Where(Record):
    """What types are compared as: something with a name on both sides.

    Attributes:
        subject: By its name in OLD: a struct, a typedef, a map's key.
        label: How a sentence names it: "`struct flow`", "the key of map `flows`".
        spans: Where it stands in OLD and in NEW.
    """

    subject: Subject
    label: str
    spans: Uncompared[tuple[Span | None, Span | None]] = (None, None)

    def part(self, path: str, old: Span | None, new: Span | None) -> Where:
        """Return the member that *path* names in it."""
        own = self.subject
        parts = f"{own.part}.{path}" if own.part and own.kind != "map" else path
        if own.kind == "map":
            parts = f"{own.part}.{path}"
        label = f"`{path}` of {self.label}"
        spans = old or self.spans[0], new or self.spans[1]
        return Where(Subject(own.kind, own.name, parts), label, spans)


class Cause(Record):
    """What has changed, once; equal ones are one, however many types and maps have it.

    Attributes:
        code: The rule.
        where: What it is about.
        message: Both sides in a sentence.
        values: What OLD and NEW have, in a few words each.
        happens: What comes of it, a clause each; `{old}` stands for what was stored: old entries.
        is_addition: A new member is the reason.
    """

    code: str
    where: Where
    message: str
    values: tuple[str, str] = ("", "")
    happens: tuple[str, ...] = ()
    is_addition: bool = False


if TYPE_CHECKING:
    Told: TypeAlias = tuple[Cause, tuple[str, ...]]


class Beyond(Record):
    """Something new after the last bit that the old type had; compatible in reserved bytes.

    Attributes:
        start: In bits, from the start of the type.
        end: The bit after its last one.
        cause: Reported where it isn't in reserved bytes.
        is_alternative: No old entry has it, since it is a new member of a union: it may also be in
            bytes of others.
    """

    start: int
    end: int
    cause: Cause
    is_alternative: bool = False


class Outcome(Record):
    """What the comparison of two types came to.

    Attributes:
        told: The causes in them, each with what follows from it.
        beyond: What is new after the end of the old one.
        tail: Why the sizes differ where nothing in it says so: bytes at the end that nothing
            names.
        resizing: Those of all these that change the size.
    """

    told: tuple[Told, ...] = ()
    beyond: tuple[Beyond, ...] = ()
    tail: Cause | None = None
    resizing: tuple[Cause, ...] = ()

    @property
    def is_same(self) -> bool:
        """Whether nothing differs at all."""
        return not (self.told or self.beyond or self.tail)


class Request(Record):
    """A pair of types that is to be compared, and what they are compared as."""

    old: Type
    new: Type
    where: Where


if TYPE_CHECKING:
    Walk: TypeAlias = Generator[Request, Outcome, Outcome]

SAME = Outcome()


def merged(told: list[Told]) -> tuple[Told, ...]:
    """Return *told* with each cause once, and all that follows from it."""
    if len(told) < 2:
        return tuple(told)
    follows: dict[Cause, dict[str, None]] = {}
    for cause, texts in told:
        follows.setdefault(cause, {}).update(dict.fromkeys(texts))
    return tuple((cause, tuple(texts)) for cause, texts in follows.items())
