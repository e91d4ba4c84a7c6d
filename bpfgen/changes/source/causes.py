"""What of OLD's names is gone, renamed or of another type in NEW, brought together by its cause.

After the surfaces and the partners. One thing of the source has names in every language: what
became of them is one cause. What follows from another cause isn't one: the members of a type that
is gone, the functions that take a type which has another name now.
"""

from __future__ import annotations

import re

from bpfgen.emit.c.signatures import is_assignable, is_compatible
from bpfgen.emit.user_space.identifiers import ENUMERATOR, FILE, MAP, MEMBER, TYPE, type_key
from bpfgen.emit.user_space.types import Alias, Enumeration, Sequence, Structure
from bpfgen.record import TYPE_CHECKING, MutableRecord, Record

if TYPE_CHECKING:
    from collections.abc import Container, Iterator

    from bpfgen.changes.source.partners import Partners
    from bpfgen.changes.source.surfaces import Language, Surface
    from bpfgen.emit.user_space.identifiers import Identifier, Origin
    from bpfgen.emit.user_space.types import UserType


class Broken(Record):
    """One name that code in *language* can't use as it did.

    Attributes:
        old: What it was.
        new: What it is called now, or has become; None for a name that is gone.
        is_retyped: Whether it is of another type, whatever it is called.
    """

    language: str
    old: Identifier
    new: Identifier | None
    is_retyped: bool = False


class Cause(MutableRecord):
    """One thing of the source, and what became of its names.

    Attributes:
        origin: What it is in OLD.
        partner: What it is in NEW; None where it is gone.
        broken: In the order of the languages.
    """

    origin: Origin
    partner: Origin | None
    broken: list[Broken]


def causes_of(partners: Partners, surfaces: list[tuple[Language, Surface, Surface]]) -> list[Cause]:
    """Return why names of OLD's outputs can't be used with NEW's, in the order of OLD.

    Args:
        partners: What has become of what.
        surfaces: Those of OLD and NEW by language; both can be had.
    """
    causes: dict[Origin, Cause] = {}
    for language, old, new in surfaces:
        for broken in _broken(partners, language, old, new):
            origin = _blamed(partners, broken)
            if origin is not None:
                if origin not in causes:
                    causes[origin] = Cause(origin, partners.of(origin), [])
                causes[origin].broken.append(broken)
    _drop_what_follows(partners, causes)
    order = {origin: at for at, origin in enumerate(partners.old.spans)}
    return sorted(causes.values(), key=lambda cause: order.get(cause.origin, len(order)))


def _broken(partners: Partners, language: Language, old: Surface, new: Surface) -> Iterator[Broken]:
    words = _Words(partners, language, old, new)
    for path, one in old.paths.items():
        other = new.paths.get(path)
        if other is None:
            partner = partners.of(one.origin)
            other = None if partner is None else new.roles.get((partner, one.role))
            yield Broken(language.name, one, other)
        if other is not None and not words.agree(one, other.type):
            yield Broken(language.name, one, other, is_retyped=True)


def _blamed(partners: Partners, broken: Broken) -> Origin | None:
    """Return the origin whose change broke the name; None where another finding says it all."""
    origin = broken.old.origin
    while True:
        kind = origin[0]
        if kind == FILE:
            return None
        if kind == TYPE:
            holder = partners.old.holders.get(origin[1])
            if holder is None:
                return origin
            # A type without a name is its holder's, and goes and changes its name with it.
            origin = holder
            continue
        if kind not in {MEMBER, ENUMERATOR} or not origin[1]:
            return origin
        owner: Origin = (TYPE, origin[1])
        partner, whole = partners.of(origin), partners.of(owner)
        if partner is None:
            is_own = partners.is_declared(origin[1])
        else:
            # Where it has kept its name, that of the type is another one.
            is_renamed = whole is None or partner[1:] != (whole[1], origin[2])
            is_own = is_renamed or broken.is_retyped or broken.new is None
        if is_own:
            return origin
        origin = owner


def _drop_what_follows(partners: Partners, causes: dict[Origin, Cause]) -> None:
    """Take from *causes* what comes of a typedef or enum that is another integer now.

    Its names are that one's.
    """
    changed = {
        origin[1]
        for origin, cause in causes.items()
        if origin[0] == TYPE and any(one.is_retyped for one in cause.broken)
    }
    followed: dict[Origin, Origin] = {}
    for origin, cause in list(causes.items()):
        if origin[0] not in {TYPE, MEMBER, MAP} or cause.partner is None:
            continue
        old, new = partners.old.types_of(origin), partners.new.types_of(cause.partner)
        through = next(filter(None, [_through(type, changed) for type in old]), "")
        if not through or origin == (TYPE, through) or len(old) != len(new):
            continue
        if all(_is_same_name(partners, one, other) for one, other in zip(old, new, strict=True)):
            is_all = origin[0] == MEMBER and cause.partner[-1] == origin[-1]
            follows = [one for one in cause.broken if is_all or one.is_retyped]
            root: Origin = (TYPE, through)
            while root in followed:
                root = followed[root]
            causes[root].broken += follows
            cause.broken = [one for one in cause.broken if one not in follows]
            if not cause.broken:
                del causes[origin]
                followed[origin] = root


def _through(type: UserType, changed: Container[str]) -> str:
    """Return which of *changed* it is that *type* is, or is an array of; empty if none."""
    while True:
        if isinstance(type, Sequence):
            type = type.element
        elif isinstance(type, (Alias, Enumeration)) and type_key(type) in changed:
            return type_key(type)
        elif isinstance(type, Alias):
            type = type.target
        else:
            return ""


def _is_same_name(partners: Partners, old: UserType, new: UserType) -> bool:
    """Return whether *old* and *new* differ at most by what a type of the same name is."""
    while isinstance(old, Sequence) and isinstance(new, Sequence):
        if old.length != new.length:
            return False
        old, new = old.element, new.element
    declared = Alias, Enumeration, Structure
    if isinstance(old, declared) and isinstance(new, declared):
        if partners.of((TYPE, type_key(old))) == (TYPE, type_key(new)):
            return True
        if isinstance(old, Alias) and isinstance(new, Alias):
            return _is_same_name(partners, old.target, new.target)
        return False
    return old == new


class _Words:
    """Compares how types are spelled in one language, on both sides."""

    def __init__(self, partners: Partners, language: Language, old: Surface, new: Surface) -> None:
        self._is_c = language.backend == "header"
        self._module = re.compile(language.module) if language.module else None
        self._aliases = old.aliases, new.aliases
        # In C what a header brings has the name that it has there, and is none of the surface's.
        self._names = partners.renamed_types() if self._is_c else {}
        for (origin, role), one in old.roles.items():
            if one.path in new.paths:
                continue
            partner = partners.of(origin)
            other = None if partner is None else new.roles.get((partner, role))
            if other is not None and other.path != one.path:
                self._names[one.path] = other.path
        self._expanded: tuple[dict[str, str], dict[str, str]] = ({}, {})

    def agree(self, one: Identifier, new: str) -> bool:
        """Return whether code that uses *one* compiles where its type is *new*."""
        old = one.type
        if old == new:
            return True
        if self._module is not None:
            # That a type is another file's now is a finding about the type.
            old, new = self._module.sub("", old), self._module.sub("", new)
        if self._renamed(old) == new:
            return True
        old, new = self._renamed(self._whole(old, 0)), self._whole(new, 1)
        if not self._is_c:
            return old == new
        agree = is_assignable if one.origin[0] == MEMBER else is_compatible
        return agree(old, new)

    def _renamed(self, text: str) -> str:
        names = self._names
        return _WORD.sub(lambda word: names.get(word[0], word[0]), text) if names else text

    def _whole(self, text: str, side: int) -> str:
        """Return *text* with what aliases stand for, however deep."""
        aliases, known = self._aliases[side], self._expanded[side]

        def expanded(word: re.Match[str]) -> str:
            name = word[0]
            if name not in aliases:
                return name
            if name not in known:
                known[name] = name  # should one stand for itself
                known[name] = self._whole(aliases[name], side)
            return known[name]

        return _WORD.sub(expanded, text) if aliases else text


_WORD = re.compile(r"(?:(?:struct|union|enum) )?[A-Za-z_][\w.]*")
"""What is one name in the spelling of a type: `FlowKey`, `struct flow`."""
