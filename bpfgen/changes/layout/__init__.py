"""The category `layout`: whether bytes that were written with OLD's types mean the same to NEW.

    maps          which types of maps are compared, and the form in which values come
    compare       two types as one, each pair once
    changed       what has become of one type, in words
    members       two structs: what has become of each member
    pairing       which member of NEW is which of OLD's
    shifts        why members stand elsewhere
    enumerators   two enums
    numbers       two numbers at one place
    leaves        a member as the numbers that it is made of
    fields        the members of a struct as code names them; sets of bits
    causes        one cause of a finding, and what follows from it
    words         places and widths in messages

Nobody else looks: no loader compares types when it takes up a pinned map, and an agent that was
built apart from the object reads what it finds.
"""

from __future__ import annotations

from bpfgen.changes.finding import UNCOMPARED, Finding, Side
from bpfgen.changes.layout.causes import Where
from bpfgen.changes.layout.compare import Comparison
from bpfgen.changes.layout.maps import KEY, RECORD, VALUE, Use, uses_of
from bpfgen.changes.layout.ways import ways_of
from bpfgen.changes.type_pairs import all_types
from bpfgen.ctype.describe import counted
from bpfgen.model.model import TypeDeclaration
from bpfgen.record import TYPE_CHECKING
from bpfgen.text.diagnostics import Subject

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bpfgen.changes.categories import Asked
    from bpfgen.changes.layout.causes import Cause
    from bpfgen.changes.pairs import Pairs
    from bpfgen.changes.type_pairs import Name
    from bpfgen.ctype.types import Type
    from bpfgen.model.model import Model
    from bpfgen.text.source import Span

_STORED = {VALUE: "old entries", KEY: "old keys", RECORD: "old records"}

_KEY_IS_LOST = "a lookup finds nothing under the keys that are there: all bytes of a key count"


def findings(pairs: Pairs, asked: Asked) -> Iterator[Finding]:
    """Yield what `layout` finds in *pairs*: of maps in the order of OLD, then of other types."""
    moved = [pair.moved_to for pair in pairs.maps] + [pair.moved_to for pair in pairs.types]
    others = (pairs.new, *{id(model): model for model in moved if model is not None}.values())
    spans = _TypedefSpans(pairs.old, others)
    cut = any(model.names_are_given for model in (pairs.old, *others))
    types = _KnownTypes(pairs.old, others)
    comparison = Comparison(spans.of, types.are_others, types.both, cut=cut)
    found = _Found()
    for pair in pairs.maps:
        if pair.old is not None and pair.new is not None:
            for use in uses_of(pair, comparison):
                if use.unknown:
                    yield _uncompared(use, asked)
                found.add(use)
    if asked.everything:
        for pair_of_types in pairs.types:
            old, new = pair_of_types.old, pair_of_types.new
            name = pair_of_types.old_name
            if old is None or new is None or name is None or comparison.has_compared(old, new):
                continue
            where = Where(
                Subject(*name), f"`{name[1] if name[0] == 'typedef' else ' '.join(name)}`"
            )
            found.add(Use(None, "", where, comparison.outcome(old, new, where)))
    yield from found.findings()


class _TypedefSpans:
    """Where typedefs are declared; looked for when there is something to say of one."""

    def __init__(self, old: Model, new: tuple[Model, ...]) -> None:
        self._sides = (old,), new
        self._known: list[dict[str, Span | None]] = []

    def of(self, old: str, new: str) -> tuple[Span | None, Span | None]:
        """Return the places of the typedef *old* of OLD and *new* of NEW."""
        if not self._known:
            self._known = [
                {
                    typedef.name: declaration.span
                    for own in models
                    for model in own.with_imports()
                    for declaration in model.declarations
                    if isinstance(declaration, TypeDeclaration)
                    for typedef in declaration.typedefs
                }
                for models in self._sides
            ]
        return self._known[0].get(old), self._known[1].get(new)


class _KnownTypes:
    """Which types each side has; looked for when one stands where one of another name was."""

    def __init__(self, old: Model, new: tuple[Model, ...]) -> None:
        self._sides = (old,), new
        self._known: list[dict[Name, Type]] = []

    def are_others(self, old: Name, new: Name) -> bool:
        """Return whether the type *new* of NEW was in OLD already, and *old* still is in NEW."""
        known = self._types()
        return new in known[0] and old in known[1]

    def both(self, old: Name, new: Name) -> tuple[Type, Type] | None:
        """Return the type *old* of OLD and *new* of NEW; None where a side has only the name."""
        known = self._types()
        own, other = known[0].get(old), known[1].get(new)
        return None if own is None or other is None else (own, other)

    def _types(self) -> list[dict[Name, Type]]:
        if not self._known:
            self._known = [
                {name: type for model in models for name, type in all_types(model).items()}
                for models in self._sides
            ]
        return self._known


class _Found:
    """What was found, each cause once, with all that it concerns."""

    def __init__(self) -> None:
        self._uses: dict[Cause, list[Use]] = {}
        self._follows: dict[Cause, dict[str, None]] = {}

    def add(self, use: Use) -> None:
        """Add what the comparison of one type came to."""
        outcome = use.outcome
        told = [*outcome.told, *((late.cause, ()) for late in outcome.beyond)]
        if outcome.tail is not None:
            told.append((outcome.tail, ()))
        for cause, follows in told:
            uses = self._uses.setdefault(cause, [])
            if use not in uses:
                uses.append(use)
            self._follows.setdefault(cause, {}).update(dict.fromkeys(follows))

    def findings(self) -> Iterator[Finding]:
        """Yield each cause as a finding, in the order in which they were found."""
        for cause, uses in self._uses.items():
            yield _finding(cause, uses, tuple(self._follows[cause]))


def _finding(cause: Cause, uses: list[Use], follows: tuple[str, ...]) -> Finding:
    roles = [use.role for use in uses]
    stored = next((_STORED[role] for role in roles if role in _STORED), "old bytes")
    happens = [one.replace("{old}", stored) for one in cause.happens]
    if any(use.is_compared_whole for use in uses):
        happens.append(_KEY_IS_LOST)
    happens += _overrun(cause, uses)
    if follows:
        happens.insert(0, f"with it {_moved(follows)}")
    maps = dict.fromkeys(use.map.name for use in uses if use.map is not None)
    root = uses[0].where.spans
    return Finding(
        cause.code,
        cause.message,
        _side(cause, 0, root[0]),
        _side(cause, 1, root[1]),
        cause.where.subject,
        tuple(maps),
        tuple(happens),
        ways_of(cause, uses),
    )


def _side(cause: Cause, at: int, root: Span | None) -> Side:
    """Return what one side has of *cause*; at *root*, which says whose it is, if it has no place.

    What comes from a C header or an object has none.
    """
    value, own = cause.values[at], cause.where.spans[at]
    if own is None and root is not None and value:
        value = f"{cause.where.label}: {value}"
    return Side(value, own or root)


def _overrun(cause: Cause, uses: list[Use]) -> list[str]:
    """Return that *cause* makes the buffer of a reader built with OLD too small, if it does."""
    for use in uses:
        grows = use.sizes is not None and use.sizes[0] < use.sizes[1]
        if use.sizes is not None and grows and cause in use.outcome.resizing[:1]:
            old, new = use.sizes
            what = f"the kernel copies {counted(new, 'byte')} of a {use.role} of the new map"
            return [f"{what} into the {old} that a reader built with OLD has for it"]
    return []


_LISTED = 6
"""Members that moved with another, and sizes that follow, which a finding names."""


def _moved(follows: tuple[str, ...]) -> str:
    shown = list(follows[:_LISTED])
    if len(follows) > _LISTED:
        shown.append(f"{len(follows) - _LISTED} more")
    return ", ".join(shown)


def _uncompared(use: Use, asked: Asked) -> Finding:
    assert use.map is not None
    spans = use.where.spans
    happens: tuple[str, ...] = ()
    if use.role == RECORD:
        message = f"{use.where.label} have no type in {use.unknown}, and weren't compared"
        if asked.is_new_running if use.unknown == "NEW" else asked.is_pin:
            happens = ("the kernel never sees what the records of a running map are",)
    else:
        message = f"{use.where.label} has no type in {use.unknown}, and only its size was compared"
    values = ("", "with a type") if use.unknown == "OLD" else ("with a type", "")
    return Finding(
        UNCOMPARED,
        message,
        Side(values[0], spans[0]),
        Side(values[1], spans[1]),
        use.where.subject,
        (use.map.name,),
        happens,
    )
