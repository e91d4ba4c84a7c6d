"""What of NEW is what of OLD, by what names of the outputs are made of.

After :mod:`bpfgen.changes.pairs`, which pairs maps and types that the file names; here come their
members, enumerators, constants, and types that have no name but by where they stand.
"""

from __future__ import annotations

from bpfgen.changes.matching import matched
from bpfgen.ctype.fingerprint import Fingerprints
from bpfgen.emit.user_space.identifiers import (
    CONSTANT,
    ENUMERATOR,
    MAP,
    MEMBER,
    TEMPLATE,
    TYPE,
    type_key,
)
from bpfgen.emit.user_space.types import (
    FOREIGN,
    Alias,
    Enumeration,
    Number,
    Opaque,
    Sequence,
    Structure,
    size_of,
)
from bpfgen.model.fingerprint import fingerprint_of_shape
from bpfgen.model.maps import Template
from bpfgen.model.model import ProgramDeclaration, TypeDeclaration
from bpfgen.record import TYPE_CHECKING, assert_never

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterable

    from bpfgen.changes.pairs import Pairs
    from bpfgen.emit.user_space.facts import MapFacts
    from bpfgen.emit.user_space.identifiers import Origin
    from bpfgen.emit.user_space.types import Declared, UserEnumerator, UserMember, UserType
    from bpfgen.emit.user_space.view import View
    from bpfgen.model.model import Model
    from bpfgen.text.source import Span


class Side:
    """The declarations of one side, by origin.

    Attributes:
        types: What its output declares, by the key of each.
        spans: Where each origin stands.
        loose: The constants of enums without a name.
        holders: For a type without a name, the origin of what it is named after.
        templates: By name.
    """

    def __init__(self, model: Model, view: View) -> None:
        self.types: dict[str, Declared] = {}
        self.loose: list[UserEnumerator] = []
        self.spans: dict[Origin, Span | None] = {}
        self.holders: dict[str, Origin] = {}
        self.templates = {one.name: one for one in model.declarations if isinstance(one, Template)}
        self.facts = {facts.name: facts for facts in view.maps}
        for constant in view.constants:
            self.spans[CONSTANT, constant.name] = constant.span
        for declared in view.types:
            self._add_type(declared)
        for facts in view.maps:
            self.spans[MAP, facts.name] = facts.span
            within: MapFacts | None = facts
            while within is not None:
                for type in (within.key, within.value, within.record):
                    self._hold((MAP, facts.name), type)
                within = within.inner
        for declaration in model.declarations:
            if isinstance(declaration, (Template, ProgramDeclaration)):
                kind = "template" if isinstance(declaration, Template) else "program"
                self.spans[kind, declaration.name] = declaration.span
            elif isinstance(declaration, TypeDeclaration):
                for typedef in declaration.typedefs:
                    if (TYPE, typedef.name) in self.spans:
                        self.spans[TYPE, typedef.name] = declaration.span

    def _add_type(self, declared: Declared) -> None:
        key = type_key(declared)
        if key:
            self.types[key] = declared
            self.spans[TYPE, key] = declared.span
        if isinstance(declared, Structure):
            for member in declared.members:
                self.spans[MEMBER, key, member.name] = member.span
                self._hold((MEMBER, key, member.name), member.type)
        elif isinstance(declared, Enumeration):
            for one in declared.enumerators:
                self.spans[ENUMERATOR, key, one.name] = one.span
            if not key:
                self.loose += declared.enumerators
        elif isinstance(declared, Alias):
            self._hold((TYPE, key), declared.target)

    def types_of(self, origin: Origin) -> list[UserType]:
        """Return the type of the member *origin*, those of what a map holds, a typedef's target."""
        found: list[UserType] = []
        if origin[0] == MAP:
            facts = self.facts.get(origin[1])
            while facts is not None:
                held = (facts.key, facts.value, facts.record)
                found += [type for type in held if type is not None]
                facts = facts.inner
            return found
        owner = self.types.get(origin[1])
        if origin[0] == TYPE:
            return [owner.target] if isinstance(owner, Alias) else []
        members = owner.members if isinstance(owner, Structure) else ()
        return [member.type for member in members if member.name == origin[2]]

    def _hold(self, origin: Origin, type: UserType | None) -> None:
        declared = nameless_in(type)
        if declared is not None:
            self.holders.setdefault(type_key(declared), origin)


def nameless_in(type: UserType | None) -> Structure | Enumeration | None:
    """Return the type without a name of its own that *type* is, or is an array of."""
    while isinstance(type, Sequence):
        type = type.element
    if isinstance(type, (Structure, Enumeration)) and not type.c_name and type.words:
        return type
    return None


class Partners:
    """Finds what has become of each origin of OLD.

    Attributes:
        old: OLD's declarations.
        new: NEW's.
    """

    def __init__(self, pairs: Pairs, old: Side, new: Side) -> None:
        self.old = old
        self.new = new
        self._maps = {
            pair.old.name: pair.new.name
            for pair in pairs.maps
            if pair.old is not None and pair.new is not None
        }
        self._types = {
            _key(pair.old_name): _key(pair.new_name)
            for pair in pairs.types
            if pair.old_name is not None and pair.new_name is not None
        }
        gone = {_key(p.old_name) for p in pairs.types if p.old_name and not p.new_name}
        # What a header of C or the kernel has is in no pair.
        foreign = [key for key in old.types if key not in self._types and key not in gone]
        foreign = [key for key in foreign if old.types[key].c_name]
        self._types |= {key: key for key in foreign if key in new.types}
        taken = set(self._types.values())
        lost = [old.types[key] for key in foreign if key not in new.types]
        added = [new.types[key] for key in new.types if key not in taken and key not in old.types]
        for one, other in matched(lost, added, _layout, type_key):
            self._types[type_key(one)] = type_key(other)
        self._members: dict[str, dict[str, str]] = {}
        self._enumerators = {one[2]: one for one in new.spans if one[0] == ENUMERATOR}
        for name, facts in old.facts.items():
            self._nameless_of_maps(facts, new.facts.get(self._maps.get(name, "")))
        # What holds others comes after them.
        for key, declared in reversed(old.types.items()):
            self._inside(key, declared)
        self._pair_enumerators("", old.loose, new.loose)
        gone_now = [one for name, one in old.templates.items() if name not in new.templates]
        new_ones = [one for name, one in new.templates.items() if name not in old.templates]
        prints = Fingerprints() if gone_now and new_ones else None
        self._templates = {
            one.name: other.name
            for one, other in matched(
                gone_now,
                new_ones,
                lambda one: (one.shape.kind.name, fingerprint_of_shape(one.shape, prints)),
                lambda one: one.name,
            )
        }

    def of(self, origin: Origin) -> Origin | None:
        """Return what *origin* is in NEW, None where it is gone."""
        kind, name = origin[0], origin[1] if len(origin) > 1 else ""
        if kind == TYPE:
            key = self._types.get(name)
            return None if key is None else (TYPE, key)
        if kind in {MEMBER, ENUMERATOR}:
            key = self._types.get(name) if name else ""
            part = self._members.get(name, {}).get(origin[2])
            if key is not None and part is not None:
                return (kind, key, part)
            return None if kind == MEMBER else self._constant(origin[2])
        if kind == MAP:
            map = self._maps.get(name)
            return None if map is None else (MAP, map)
        if kind == TEMPLATE and name in self._templates:
            return (TEMPLATE, self._templates[name])
        if kind == CONSTANT and origin not in self.new.spans:
            return self._enumerators.get(name)
        return origin if origin in self.new.spans else None

    def _constant(self, name: str) -> Origin | None:
        """Return what has the *name* of an enumerator that its enum has lost."""
        constant: Origin = (CONSTANT, name)
        return constant if constant in self.new.spans else self._enumerators.get(name)

    def renamed_types(self) -> dict[str, str]:
        """Return the types whose names differ, as C has them."""
        return {old: new for old, new in self._types.items() if old != new}

    def is_declared(self, key: str) -> bool:
        """Return whether NEW's output itself declares what the type *key* has become."""
        return self._types.get(key) in self.new.types

    def _nameless_of_maps(self, old: MapFacts | None, new: MapFacts | None) -> None:
        while old is not None and new is not None:
            for own, other in (
                (old.key, new.key),
                (old.value, new.value),
                (old.record, new.record),
            ):
                self._nameless(own, other)
            old, new = old.inner, new.inner

    def _nameless(self, old: UserType | None, new: UserType | None) -> None:
        own, other = nameless_in(old), nameless_in(new)
        if own is None or other is None or type(own) is not type(other):
            return
        if isinstance(other, Enumeration) or _is_union(own) == _is_union(other):
            self._types[type_key(own)] = type_key(other)

    def _inside(self, key: str, declared: Declared) -> None:
        other = self.new.types.get(self._types.get(key, ""))
        if isinstance(declared, Structure) and isinstance(other, Structure):
            self._pair_members(key, declared, other)
        elif isinstance(declared, Enumeration) and isinstance(other, Enumeration):
            self._pair_enumerators(key, declared.enumerators, other.enumerators)
        elif isinstance(declared, Alias) and isinstance(other, Alias):
            self._nameless(declared.target, other.target)

    def _pair_members(self, key: str, old: Structure, new: Structure) -> None:
        names = {member.name: member for member in new.members}
        pairs = {member.name: member.name for member in old.members if member.name in names}
        gone = [member for member in old.members if member.name not in names]
        added = [member for member in new.members if member.name not in pairs]
        if gone and added:
            places = {id(member): self._place(member, is_old=True) for member in gone}
            places |= {id(member): self._place(member, is_old=False) for member in added}
            for one, two in matched(gone, added, lambda m: places[id(m)], lambda m: m.name):
                pairs[one.name] = two.name
        self._members[key] = pairs
        for member in old.members:
            if member.name in pairs:
                twin = names.get(pairs[member.name])
                self._nameless(member.type, twin.type if twin is not None else None)

    def _pair_enumerators(
        self, key: str, old: Iterable[UserEnumerator], new: Iterable[UserEnumerator]
    ) -> None:
        names = {one.name for one in new}
        pairs = {one.name: one.name for one in old if one.name in names}
        gone = [one for one in old if one.name not in names]
        added = [one for one in new if one.name not in pairs]
        for before, after in matched(gone, added, lambda one: one.value, lambda one: one.name):
            pairs[before.name] = after.name
        self._members[key] = pairs

    def _place(self, member: UserMember, *, is_old: bool) -> tuple[int, int | None, str]:
        """Return where *member* is and of what type, in the words of NEW."""
        return member.bit_offset, member.bit_width, self._described(member.type, is_old=is_old)

    def _described(self, type: UserType, *, is_old: bool) -> str:
        match type:
            case Number():
                return f"{type.kind}{type.size}{type.signed}{type.byte_order}"
            case Opaque():
                return f"{type.name}{type.size}"
            case Sequence():
                element = self._described(type.element, is_old=is_old)
                return f"{element}[{'' if type.flexible else type.length}]"
            case Alias():
                return self._described(type.target, is_old=is_old)
            case Structure() | Enumeration():
                if not type.c_name:
                    return f"nameless{type.size}"
                key = type_key(type)
                return (self._types.get(key) or key) if is_old else key
            case _:
                assert_never(type)


def _layout(type: Declared) -> Hashable:
    """Return what is equal of types that have the same in the same places; None for a typedef."""
    if isinstance(type, Alias) or type.origin != FOREIGN:
        return None
    if isinstance(type, Enumeration):
        return type.size, tuple([(one.name, one.value) for one in type.enumerators])
    members = [(m.name, m.bit_offset, m.bit_width, size_of(m.type)) for m in type.members]
    return type.is_union, type.size, tuple(members)


def _is_union(type: Structure | Enumeration) -> bool:
    return isinstance(type, Structure) and type.is_union


def _key(name: tuple[str, str] | None) -> str:
    """Return the key that the type *name*, a (kind, name), has in an origin."""
    if name is None:
        return ""
    return name[1] if name[0] == "typedef" else f"{name[0]} {name[1]}"
