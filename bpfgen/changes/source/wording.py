"""Causes as findings: the words, the places, the maps concerned.

The last step of the category.
"""

from __future__ import annotations

from bpfgen.changes.finding import Finding, Side
from bpfgen.changes.source.causes import Cause
from bpfgen.changes.source.described import described
from bpfgen.changes.source.surfaces import LANGUAGES
from bpfgen.ctype.describe import counted
from bpfgen.emit.user_space.identifiers import (
    CONSTANT,
    ENUMERATOR,
    MAP,
    MEMBER,
    PROGRAM,
    TEMPLATE,
    TYPE,
    type_key,
)
from bpfgen.emit.user_space.types import FOREIGN, Alias, Enumeration, Sequence, Structure
from bpfgen.record import TYPE_CHECKING
from bpfgen.text.diagnostics import Subject
from bpfgen.text.spelling import expected_list

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from bpfgen.changes.source.causes import Broken
    from bpfgen.changes.source.partners import Partners
    from bpfgen.emit.user_space.facts import MapFacts
    from bpfgen.emit.user_space.identifiers import Origin
    from bpfgen.emit.user_space.types import UserType
    from bpfgen.text.source import Span

_MOST_NAMES = 3
_MOST_TYPES = 2
"""Names of one language that a sentence lists, by themselves and with their types."""

_TOGETHER = "change the code in the same step"


class Writer:
    """Turns causes into findings."""

    def __init__(self, partners: Partners, moved: dict[Origin, str]) -> None:
        """Write for *partners*; *moved* has the file that declares an origin now."""
        self._partners = partners
        self._moved = moved
        self._maps = _maps_by_type(partners.old.facts.values())

    def findings(self, causes: Iterable[Cause]) -> Iterator[Finding]:
        """Yield what is to be said of *causes*."""
        forms: dict[str, list[Cause]] = {}
        for cause in causes:
            if self._is_form(cause):
                forms.setdefault(cause.origin[1], []).append(cause)
        for cause in causes:
            key = cause.origin[1]
            if self._is_form(cause):
                if forms[key][0] is cause:
                    yield self._forms(forms[key])
            elif cause.origin[0] == MAP:
                yield from self._map(cause)
            else:
                yield self._declared(cause)

    def _declared(self, cause: Cause) -> Finding:
        """Return the finding of a type, member, enumerator, constant, template or program."""
        kind, what = cause.origin[0], _called(cause.origin)
        partner = cause.partner
        code = f"break-source-{kind}"
        is_gone = any(not one.is_retyped for one in cause.broken)
        if partner is None:
            place = self._moved.get(cause.origin)
            if place is not None:
                return self._moved_to(cause, what, place)
            declared = self._partners.old.types.get(cause.origin[1])
            is_foreign = kind == TYPE and declared is not None and declared.origin == FOREIGN
            message = f"{what} is in no map any more" if is_foreign else f"{what} is gone"
            return self._finding(code, cause, message, "", "")
        if partner[-1] != cause.origin[-1]:
            names = f"`{cause.origin[-1]}`", f"`{partner[-1]}`"
            return self._finding(code, cause, f"{what} is {names[1]} now", *names)
        if kind == ENUMERATOR and is_gone:
            return self._finding(code, cause, f"{what} is {_called(partner)} now", "", "")
        if kind == TYPE and is_gone and not self._partners.is_declared(cause.origin[1]):
            return self._moved_to(cause, what, self._moved.get(cause.origin, ""))
        return self._retyped(cause, what)

    def _moved_to(self, cause: Cause, what: str, place: str) -> Finding:
        where = f"in `{place}`" if place else "in another file"
        message = f"{what} is declared {where} now"
        return self._finding(f"break-source-{cause.origin[0]}", cause, message, "", "")

    def _retyped(self, cause: Cause, what: str) -> Finding:
        kind = cause.origin[0]
        partner = cause.partner
        assert partner is not None
        old, new = self._type(cause.origin, is_old=True), self._type(partner, is_old=False)
        if old == new:
            old, new = self._spelled(cause.broken)
        codes = {
            TYPE: "break-source-underlying",
            MEMBER: "break-source-member-type",
            PROGRAM: "break-source-program",
            TEMPLATE: "break-source-template",
        }
        code = codes.get(kind, "break-source-constant-type")
        stands = "is"
        if kind == TYPE and isinstance(self._partners.old.types.get(cause.origin[1]), Alias):
            stands = "stands for"
        message = f"{what} {stands} {new}, was {old}"
        return self._finding(code, cause, message, old, new)

    def _forms(self, causes: list[Cause]) -> Finding:
        """Return the finding of members of one type that an output has in another way."""
        first = causes[0]
        names = [f"`{cause.origin[2]}`" for cause in causes]
        owner = f"`{first.origin[1]}`"
        noun = "member" if len(names) == 1 else "members"
        are = "is" if len(names) == 1 else "are"
        broken = [one for cause in causes for one in cause.broken]
        message = f"{noun} {_listed(names)} of {owner} {are} read and written in another way"
        cause = Cause(first.origin, first.partner, broken)
        return self._finding("break-source-member-form", cause, message, "", "")

    def _is_form(self, cause: Cause) -> bool:
        """Whether a member has kept its name and its type."""
        if cause.origin[0] != MEMBER or cause.partner is None:
            return False
        if cause.partner[2] != cause.origin[2]:
            return False
        if any(one.language == "C" for one in cause.broken):
            return False  # C has a member in one way alone
        types = (self._type(cause.origin, is_old=True), self._type(cause.partner, is_old=False))
        return types[0] == types[1]

    def _map(self, cause: Cause) -> Iterator[Finding]:
        name = cause.origin[1]
        if cause.partner is None:
            place = self._moved.get(cause.origin)
            if place is not None:
                yield self._moved_to(cause, f"map `{name}`", place)
            else:
                yield self._finding("break-source-map", cause, f"map `{name}` is gone", "", "")
            return
        if cause.partner[1] != name:
            names = f"`{name}`", f"`{cause.partner[1]}`"
            message = f"map {names[0]} is {names[1]} now"
            yield self._finding("break-source-map", cause, message, *names)
            return
        if name not in self._partners.new.facts:
            place = self._moved.get(cause.origin, "")
            yield self._moved_to(cause, f"map `{name}`", place)
            return
        old, new = self._partners.old.facts[name], self._partners.new.facts[name]
        changed = list(self._changed_types(old, new))
        retyped = [one for one in cause.broken if one.is_retyped and changed]
        if retyped:
            message = "; ".join(
                f"{what} of map `{name}` are {b}, were {a}" for what, a, b in changed
            )
            own = Cause(cause.origin, cause.partner, retyped)
            before, after = (
                ", ".join(words) for words in zip(*[c[1:] for c in changed], strict=True)
            )
            yield self._finding("break-source-map-type", own, message, before, after)
        rest = [one for one in cause.broken if one not in retyped]
        if rest:
            own = Cause(cause.origin, cause.partner, rest)
            yield self._finding("break-source-map-use", own, *self._use(old, new, rest))

    def _use(self, old: MapFacts, new: MapFacts, broken: list[Broken]) -> tuple[str, str, str]:
        """Return why names of a map are gone: a message, and both sides of it."""
        what, one, other = f"map `{old.name}`", old, new
        while one.kind is other.kind and one.inner is not None and other.inner is not None:
            what, one, other = f"maps in `{old.name}`", one.inner, other.inner
        if one.kind is not other.kind:
            kinds = f"`{one.kind.name}`", f"`{other.kind.name}`"
            return f"{what}: the kind is {kinds[1]}, was {kinds[0]}", *kinds
        if old.linkage != new.linkage:
            return f"{what} is `{new.linkage}`, was `{old.linkage}`", old.linkage, new.linkage
        names = list(dict.fromkeys(f"`{b.old.path}`" for b in broken if b.new is None))
        if names:
            return f"less is known of {what}: {_listed(names)} can't be had", "", ""
        spelled = self._spelled(broken)
        return f"{what}: {spelled[1]} stands where {spelled[0]} was", *spelled

    def _changed_types(
        self, old: MapFacts | None, new: MapFacts | None, inside: str = ""
    ) -> Iterator[tuple[str, str, str]]:
        while old is not None and new is not None:
            for what, one, other in (
                ("keys", old.key, new.key),
                ("values", old.value, new.value),
                ("records", old.record, new.record),
            ):
                words = described(one), described(other)
                if one is not None and other is not None and words[0] != words[1]:
                    yield f"{inside}{what}", *words
            old, new, inside = old.inner, new.inner, f"{inside}inner "

    def _finding(self, code: str, cause: Cause, message: str, old: str, new: str) -> Finding:
        return Finding(
            code,
            message,
            Side(old, self._partners.old.spans.get(cause.origin)),
            Side(new, self._place(cause)),
            _subject(cause.origin),
            self.maps_of(cause.origin),
            tuple(_sentences(cause)),
            (*_ways(cause), _TOGETHER),
        )

    def _place(self, cause: Cause) -> Span | None:
        """Return where NEW has what it is about, or what it was in."""
        spans = self._partners.new.spans
        if cause.partner is not None and cause.partner in spans:
            return spans[cause.partner]
        if cause.origin[0] in {MEMBER, ENUMERATOR}:
            owner = self._partners.of((TYPE, cause.origin[1]))
            return None if owner is None else spans.get(owner)
        return None

    def _type(self, origin: Origin, *, is_old: bool) -> str:
        """Return how people call the type of *origin*; empty where it has none."""
        side = self._partners.old if is_old else self._partners.new
        declared = side.types.get(origin[1])
        if origin[0] == MEMBER and isinstance(declared, Structure):
            for member in declared.members:
                if member.name == origin[2]:
                    bits = "" if member.bit_width is None else " as a bit-field"
                    return f"{described(member.type)}{bits}"
        if origin[0] == TYPE and isinstance(declared, Alias):
            return described(declared.target)
        if origin[0] == TYPE and isinstance(declared, Structure):
            return "a union" if declared.is_union else "a struct"
        if origin[0] == TYPE and isinstance(declared, Enumeration):
            sign = "a signed integer" if declared.signed else "an integer"
            return f"{sign} of {counted(declared.size, 'byte')}"
        return ""

    def _spelled(self, broken: Iterable[Broken]) -> tuple[str, str]:
        """Return the types of the first name that has another one, as its language has them."""
        for one in broken:
            if one.is_retyped and one.new is not None:
                return f"`{one.old.type}`", f"`{one.new.type}`"
        return "", ""

    def maps_of(self, origin: Origin) -> tuple[str, ...]:
        """Return the maps that have what *origin* is."""
        if origin[0] == MAP:
            return (origin[1],)
        return self._maps.get(origin[1], ()) if origin[0] in {TYPE, MEMBER, ENUMERATOR} else ()


def _called(origin: Origin) -> str:
    """Return what messages call *origin*."""
    kind = origin[0]
    if kind == TYPE:
        return f"`{origin[1]}`"
    if kind in {MEMBER, ENUMERATOR} and origin[1]:
        return f"{kind} `{origin[2]}` of `{origin[1]}`"
    return f"{kind} `{origin[-1]}`"


def _subject(origin: Origin) -> Subject:
    kind = origin[0]
    if kind in {TYPE, MEMBER, ENUMERATOR} and origin[1]:
        word, space, name = origin[1].partition(" ")
        part = origin[2] if len(origin) > 2 else ""
        return Subject(word, name, part) if space else Subject("typedef", word, part)
    return Subject("const" if kind in {CONSTANT, ENUMERATOR} else kind, origin[-1])


def _listed(names: list[str], most: int = _MOST_NAMES) -> str:
    """Return *names* as a list in a sentence; the last of many are counted."""
    if len(names) > most:
        names = [*names[:most], f"{len(names) - most} more"]
    return expected_list(names, "and")


def _sentences(cause: Cause) -> Iterator[str]:
    """Yield a sentence for each language."""
    languages: dict[str, list[Broken]] = {language.name: [] for language in LANGUAGES}
    # Its own names come before those of what is in it.
    for one in sorted(cause.broken, key=lambda one: one.old.origin != cause.origin):
        languages[one.language].append(one)
    for language, names in languages.items():
        if not names:
            continue
        parts: list[str] = []
        gone = [f"`{one.old.path}`" for one in names if one.new is None]
        renamed = {
            one.old.path: f"`{one.old.path}` is `{one.new.path}`"
            for one in names
            if one.new is not None and not one.is_retyped
        }
        retyped = [
            f"`{one.old.path}` is of type `{one.new.type}`, was of `{one.old.type}`"
            for one in sorted(names, key=lambda one: len(one.old.type))
            if one.new is not None and one.is_retyped and one.old.path not in renamed
        ]
        if gone:
            parts.append(f"{_listed(gone)} {'is' if len(gone) == 1 else 'are'} gone")
        if renamed:
            parts.append(_listed(list(renamed.values())))
        if retyped:
            parts.append(_listed(retyped, _MOST_TYPES))
        yield f"code in {language} needs a change: {'; '.join(parts)}"


def _ways(cause: Cause) -> Iterator[str]:
    kind, partner = cause.origin[0], cause.partner
    if kind == CONSTANT and partner is None:
        yield f"keep `const {cause.origin[1]}` until no code uses it"
    elif kind == ENUMERATOR and partner is not None and partner[-1] != cause.origin[-1]:
        yield f"keep `{cause.origin[2]}` beside it: several enumerators may have one value"
    elif partner is None or partner[-1] != cause.origin[-1]:
        yield "keep the old name until no code uses it"


def _maps_by_type(maps: Iterable[MapFacts]) -> dict[str, tuple[str, ...]]:
    """Return for the key of each type the maps that have it, however deep."""
    found: dict[str, list[str]] = {}
    for facts in maps:
        seen: set[str] = set()
        pending: list[UserType | None] = []
        within: MapFacts | None = facts
        while within is not None:
            pending += (within.key, within.value, within.record)
            within = within.inner
        while pending:
            type = pending.pop()
            while isinstance(type, Sequence):
                type = type.element
            if not isinstance(type, (Structure, Enumeration, Alias)):
                continue
            key = type_key(type)
            if key in seen:
                continue
            seen.add(key)
            found.setdefault(key, []).append(facts.name)
            if isinstance(type, Structure):
                pending += [member.type for member in type.members]
            elif isinstance(type, Alias):
                pending.append(type.target)
    return {key: tuple(names) for key, names in found.items()}
