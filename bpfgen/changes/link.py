"""The category `link`: whether an object that was compiled with OLD still links with one of NEW.

A map that several objects use is defined in one and declared `extern` in the others, each with the
whole definition; libbpf's linker (`bpftool gen object`) wants the two to be the same. So an object
that nobody compiles again, since its own text didn't change, no longer links. Weak definitions are
compared likewise, and so are programs that initial values of a map name.

An attribute that a loader sets isn't in an object: to the linker it is 0, as one that isn't there.

Source: map_defs_match and linker_append_elf_sym in tools/lib/bpf/linker.c, parse_btf_map_def in
libbpf.c.
"""

from __future__ import annotations

from bpfgen.changes.definitions import called, follows_from_kind, subject_of
from bpfgen.changes.finding import Finding, Side
from bpfgen.changes.linked_differences import Difference, Place, differences, growth
from bpfgen.changes.linked_types import LinkedTypes
from bpfgen.changes.merging import merged
from bpfgen.changes.type_pairs import all_types
from bpfgen.ctype.describe import counted, described
from bpfgen.ctype.sizes import sizeof
from bpfgen.kernel.map_flags import described_flags
from bpfgen.model.maps import PINNING
from bpfgen.model.model import ProgramDeclaration
from bpfgen.record import TYPE_CHECKING
from bpfgen.rules.maps.bpf_attr import bpf_attrs_of, with_article
from bpfgen.text.diagnostics import Subject

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bpfgen.changes.categories import Asked
    from bpfgen.changes.pairs import MapPair, Pairs
    from bpfgen.ctype.types import Type
    from bpfgen.model.maps import Map, TypeArgument
    from bpfgen.model.model import Model
    from bpfgen.rules.maps.bpf_attr import BpfAttr

GLOBAL, EXTERN = "global", "extern"
_ARTICLES = {"weak": "weak", "extern": "declared `extern`"}

_ID_SIZE = 4
"""Bytes of a value where `values` says what it is (parse_btf_map_def)."""

_REFUSED = "libbpf's linker refuses to link objects of OLD with those of NEW (map_defs_match)"
_OTHER_PROGRAM = (
    "libbpf's linker refuses to link it with an object that defines the program as OLD declared it"
    " (glob_sym_btf_matches)"
)
_UNOPENED = "libbpf links such objects, and refuses to open the result with ENOTSUP"
_UNRESOLVED = f"nothing defines what objects of OLD declare `extern`: {_UNOPENED}"

_AGAIN = "compile all objects that declare it again, with the new header"
_OTHER_NAME = "give the new map another name, and keep the old one"
_WAYS = (_AGAIN, _OTHER_NAME)


def findings(pairs: Pairs, asked: Asked) -> Iterator[Finding]:
    """Yield where objects of OLD and of NEW don't link; nothing of running maps, which never do."""
    if asked.is_running:
        return
    comparison = _Comparison(pairs)
    found: list[Finding] = []
    for pair in pairs.maps:
        if pair.old is not None:
            found += comparison.maps(pair, pair.old)
    found += comparison.programs()
    yield from merged(found)


class _Comparison:
    """The maps of two models, as the linker compares them."""

    def __init__(self, pairs: Pairs) -> None:
        self._pairs = pairs
        self._old = all_types(pairs.old)
        self._renamed = {
            one.old_name: one.new_name
            for one in pairs.types
            if one.is_renamed and one.old_name is not None and one.new_name is not None
        }
        # By identity: of each model there is one, and the models keep their types alive.
        self._types: dict[int, LinkedTypes] = {}
        self._known: dict[tuple[int, int, int], tuple[Difference, ...]] = {}

    def _differences(
        self, types: LinkedTypes, old: Type, new: Type, place: Place
    ) -> tuple[Difference, ...]:
        """Return where two types differ; asked once where that doesn't depend on the map."""
        key = id(types), id(old), id(new)
        known = self._known.get(key)
        if known is None:
            known = tuple(differences(types, old, new, place))
            if all(one.place.is_inside for one in known):
                self._known[key] = known
        return known

    def _types_of(self, new: Model) -> LinkedTypes:
        known = self._types.get(id(new))
        if known is None:
            known = self._types[id(new)] = LinkedTypes(self._old, all_types(new), self._renamed)
        return known

    def maps(self, pair: MapPair, old: Map) -> Iterator[Finding]:
        """Yield what has become of the map *old*."""
        new = pair.new
        if new is None or pair.is_renamed:
            # Nobody misses what was only declared, and is so no longer.
            was_needed = old.linkage != EXTERN or (new is not None and new.linkage == EXTERN)
            if was_needed and old.name not in self._pairs.defined_now:
                yield _gone(old, new)
            return
        linkage = _linkage(old, new, self._pairs)
        if linkage is not None:
            yield linkage
        if old.legacy != new.legacy:
            yield _section(old, new)
        elif not old.legacy:
            types = self._types_of(self._pairs.new_model_of(pair))
            attrs = bpf_attrs_of(old), bpf_attrs_of(new)
            yield from self._definitions(attrs[0][0], attrs[1][0], types)
            inner = old.shape.inner, new.shape.inner
            if (inner[0] is None) != (inner[1] is None):
                if old.shape.kind == new.shape.kind:
                    yield _inner(old, new)
            elif inner[0] is not None:
                yield from self._definitions(attrs[0][1], attrs[1][1], types)

    def _definitions(self, old: BpfAttr, new: BpfAttr, types: LinkedTypes) -> Iterator[Finding]:
        """Yield where two definitions differ: of maps, or of the maps in them."""
        if old.kind != new.kind:
            yield _attribute(old, new, "type", (old.kind.name, new.kind.name))
        for role in ("key", "value"):
            yield from self._role(old, new, role, types)
        for name in ("max_entries", "map_flags", "numa_node", "pinning"):
            if _number(old, name) != _number(new, name) and not follows_from_kind(old, new, name):
                yield _attribute(old, new, name, (_shown(old, name), _shown(new, name)))

    def _role(self, old: BpfAttr, new: BpfAttr, role: str, types: LinkedTypes) -> Iterator[Finding]:
        """Yield where the keys (*role*) or values of two definitions differ: types, or sizes."""
        own: TypeArgument | None = getattr(old.shape, role)
        other: TypeArgument | None = getattr(new.shape, role)
        size = f"{role}_size"
        sizes = _size(old, role), _size(new, role)
        words = f"the {role} of {called(old, new)}"
        place = Place(words, subject_of(old, new, role), old.place(size), new.place(size))
        if own is not None and other is not None:
            found = self._differences(types, own.type, other.type, place)
            for one in found:
                yield _of_type(old, one, f"break-link-{role}-type")
            if not found and sizes[0] != sizes[1]:
                grown = growth(types, own.type, other.type, place)
                yield _of_type(old, grown, f"break-link-{role}-size")
        elif follows_from_kind(old, new, size):
            return
        elif own is not None or other is not None:
            texts = _typed(own, sizes[0]), _typed(other, sizes[1])
            message = f"{words} is {texts[1]} now and was {texts[0]}"
            yield _of_type(old, Difference(message, *texts, place), f"break-link-{role}-type")
        elif sizes[0] != sizes[1]:
            yield _attribute(old, new, size, (str(sizes[0]), str(sizes[1])))

    def programs(self) -> Iterator[Finding]:
        """Yield the programs in slots that are declared otherwise than before."""
        old, new = _slot_programs(self._pairs.old), _slot_programs(self._pairs.new)
        types = self._types_of(self._pairs.new)
        for name, own in old.items():
            other = new.get(name)
            if other is not None and not types.agree(own.type, other.type):
                yield _program(own, other)


def _typed(argument: TypeArgument | None, size: int) -> str:
    if argument is not None:
        return f"`{described(argument.type)}`"
    return f"{counted(size, 'byte')} without a type" if size else "none"


def _of_type(old: BpfAttr, difference: Difference, code: str) -> Finding:
    """Return *difference* as a finding: of the type, where it is inside one that has a name."""
    place = difference.place
    return Finding(
        "break-link-type" if place.is_inside else code,
        difference.message,
        Side(difference.old, place.old),
        Side(difference.new, place.new),
        place.subject,
        (old.declared.name,),
        (_REFUSED,),
        _WAYS,
    )


def _attribute(old: BpfAttr, new: BpfAttr, name: str, values: tuple[str, str]) -> Finding:
    """Return that attribute *name*, or the kind, has other *values*."""
    if name == "type":
        message = (
            f"{called(old, new)} is {with_article(new.kind)} now and was {with_article(old.kind)}"
        )
    else:
        message = f"`{name}` of {called(old, new)} is {values[1]} now and was {values[0]}"
    place = "" if name == "type" else name
    return Finding(
        f"break-link-{'kind' if name == 'type' else name.replace('_', '-')}",
        message,
        Side(values[0], old.place(place)),
        Side(values[1], new.place(place)),
        subject_of(old, new, name),
        (old.declared.name,),
        (_REFUSED,),
        _WAYS,
    )


def _number(attr: BpfAttr, name: str) -> int:
    """Return what the linker takes attribute *name* for: 0 where nothing is emitted."""
    attribute = attr.shape.attributes.get(name)
    return 0 if attribute is None or attribute.value is None else attribute.value


def _size(attr: BpfAttr, role: str) -> int:
    """Return what the linker takes the size of a key or value (*role*) for."""
    argument: TypeArgument | None = getattr(attr.shape, role)
    if argument is not None:
        return sizeof(argument.type) or 0
    if role == "value" and attr.shape.inner is not None:
        return _ID_SIZE
    return _number(attr, f"{role}_size")


def _shown(attr: BpfAttr, name: str) -> str:
    """Return what attribute *name* is, in a word."""
    attribute = attr.shape.attributes.get(name)
    if attribute is not None and attribute.value is None:
        return "what a loader sets"
    value = _number(attr, name)
    if name == "map_flags":
        return described_flags(value)
    if name == "pinning":
        return next((word for word, number in PINNING.items() if number == value), str(value))
    return str(value)


def _gone(old: Map, new: Map | None) -> Finding:
    """Return that the map *old* is gone, or is called *new* now."""
    if new is None:
        return Finding(
            "break-link-gone",
            f"map `{old.name}` is gone",
            Side(old.name, old.span),
            Side(),
            Subject("map", old.name),
            (old.name,),
            (_UNRESOLVED,),
            (f"keep `{old.name}`", "take the declarations out of the other objects first"),
        )
    happens = _UNRESOLVED
    if old.linkage == EXTERN:
        happens = (
            f"objects of OLD define `{old.name}`, and nothing defines `{new.name}`: {_UNOPENED}"
        )
    return Finding(
        "break-link-renamed",
        f"map `{old.name}` is `{new.name}` now",
        Side(old.name, old.span),
        Side(new.name, new.span),
        Subject("map", old.name),
        (old.name,),
        (happens,),
        (_AGAIN,),
    )


def _linkage(old: Map, new: Map, pairs: Pairs) -> Finding | None:
    """Return what another linkage breaks; None where everything that went with the old one does.

    Whatever defines a map goes with an `extern`; of two definitions one has to be weak. One that
    moved between files of the run is still one.
    """
    is_elsewhere = old.name in pairs.defined_now
    has_moved_here = old.name in pairs.defined_before and not is_elsewhere
    if new.linkage == EXTERN and old.linkage != EXTERN:
        if is_elsewhere:
            return None
        message = f"map `{old.name}` is declared `extern` now and was defined"
        happens, ways = _UNRESOLVED, ("link an object that defines it, too",)
    elif new.linkage == GLOBAL and old.linkage != GLOBAL and not has_moved_here:
        message = f"map `{old.name}` is defined now, and was {_ARTICLES[old.linkage]}"
        happens = (
            "libbpf's linker refuses to link it with another definition, which went with OLD:"
            " conflicting non-weak symbol (linker_append_elf_sym)"
        )
        ways = ("make it `weak`, or take the other definition out",)
    else:
        return None
    return Finding(
        "break-link-linkage",
        message,
        Side(old.linkage, old.span),
        Side(new.linkage, new.span),
        Subject("map", old.name),
        (old.name,),
        (happens,),
        ways,
    )


def _section(old: Map, new: Map) -> Finding:
    sections = f"`{old.section}`", f"`{new.section}`"
    return Finding(
        "break-link-section",
        f"map `{old.name}` is in section {sections[1]} now and was in {sections[0]}",
        Side(old.section, old.span),
        Side(new.section, new.span),
        Subject("map", old.name),
        (old.name,),
        ("libbpf's linker refuses to link objects of OLD with those of NEW (glob_syms_match)",),
        _WAYS,
    )


def _inner(old: Map, new: Map) -> Finding:
    words = [
        "a definition of the maps in it" if one.shape.inner is not None else "none"
        for one in (old, new)
    ]
    return Finding(
        "break-link-inner",
        f"map `{old.name}` has {words[1]} now and had {words[0]}",
        Side(words[0], old.shape.span or old.span),
        Side(words[1], new.shape.span or new.span),
        Subject("map", old.name, "values"),
        (old.name,),
        (_REFUSED,),
        _WAYS,
    )


def _slot_programs(model: Model) -> dict[str, ProgramDeclaration]:
    """Return the programs that initial values of maps of *model* name, as they are declared."""
    slots = {slot.name for map in model.maps for slot in map.slots}
    programs = (one for one in model.declarations if isinstance(one, ProgramDeclaration))
    return {one.name: one for one in programs if one.name in slots}


def _program(old: ProgramDeclaration, new: ProgramDeclaration) -> Finding:
    sides = described(old.type), described(new.type)
    return Finding(
        "break-link-program",
        f"program `{old.name}` is declared as `{sides[1]}` now and was as `{sides[0]}`",
        Side(sides[0], old.span),
        Side(sides[1], new.span),
        Subject("program", old.name),
        (),
        (_OTHER_PROGRAM,),
        ("compile the object that defines the program again, with the new header",),
    )
