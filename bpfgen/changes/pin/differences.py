"""In which parameters a map of NEW isn't what loaders have pinned of OLD, and why that is.

A parameter differs where a loader refuses what is pinned for it, and OLD and NEW don't say the
same: a map that no loader takes up again even unchanged, since the kernel doesn't show a flag that
it was made with, is no change. What a loader sets between open and load isn't compared.
"""

from __future__ import annotations

from bpfgen.ctype.describe import described
from bpfgen.kernel.map_flags import flags_value
from bpfgen.kernel.reuse import Parameters, asked, refused_by_cilium, refused_by_libbpf, shown
from bpfgen.model.maps import FILLED_IN
from bpfgen.record import TYPE_CHECKING, Record, replace
from bpfgen.rules.maps.bpf_attr import bpf_attrs_of

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterable, Iterator

    from bpfgen.changes.categories import Asked
    from bpfgen.changes.finding import Finding
    from bpfgen.ctype.types import Expression
    from bpfgen.model.maps import Map
    from bpfgen.rules.maps.bpf_attr import BpfAttr
    from bpfgen.text.source import Span


class Difference(Record):
    """One parameter of a map, or of several maps for one cause.

    Attributes:
        name: One of :data:`bpfgen.kernel.reuse.PARAMETERS`.
        old: The definition of OLD.
        new: The definition of NEW.
        there: The number that the kernel shows of the pinned map.
        wanted: The number that libbpf asks for.
        for_cilium: The numbers of both that cilium/ebpf refuses; None where it takes the map, or
            where that depends on the number of CPUs.
        follows: Parameters that differ since the kind does.
        maps: By their names in OLD.
    """

    name: str
    old: BpfAttr
    new: BpfAttr
    there: int
    wanted: int
    for_cilium: tuple[int, int] | None
    follows: tuple[str, ...]
    maps: tuple[str, ...]


def defined_by(attr: BpfAttr) -> Parameters:
    """Return what *attr* says of its parameters.

    What a loader sets is None, and so is a 0, or a flag that is missing, with which no kernel takes
    a map: somebody has to set it. A value type of a kind that has records is theirs: cilium/ebpf
    takes it so (canHaveValueSize in its types.go), and no kernel takes the map of anybody else.
    """
    kind = attr.kind
    entries, flags, value_size = attr.max_entries, attr.map_flags, attr.value_size
    if kind.has_record and attr.shape.value is not None:
        value_size = kind.value_size or 0
    sizes = [
        None if size == 0 and 0 not in allowed else size
        for size, allowed in ((attr.key_size, kind.key_sizes), (value_size, kind.value_sizes))
    ]
    if entries == 0 and kind.entries.least and not kind.entries.filled_by_loader:
        entries = None
    required = flags_value(kind.required_flags)
    if flags is not None and flags & required != required:
        flags = None
    return Parameters(kind.number, sizes[0], sizes[1], entries, flags, attr.map_extra)


def differences_of(old: Map, new: Map, asked_for: Asked) -> Iterator[Difference]:
    """Yield why a loader doesn't take the pinned map *old* for *new*, in libbpf's order."""
    own, other = bpf_attrs_of(old)[0], bpf_attrs_of(new)[0]
    cpus, page = asked_for.cpus or 0, asked_for.page
    defined, wanted = defined_by(own), defined_by(other)
    made, now = asked(own.kind, defined, page, cpus), asked(other.kind, wanted, page, cpus)
    there = shown(own.kind, made, cpus)
    refused = [
        one
        for one in refused_by_libbpf(other.kind, there, now)
        if made.number(one[0]) != now.number(one[0])
    ]
    cilium = {
        name: (number, other_number)
        for name, number, other_number in refused_by_cilium(other.kind, there, wanted, cpus)
    }
    is_other_kind = own.kind.number != other.kind.number
    follows = tuple(
        name
        for name, _, _ in refused
        if is_other_kind and name != "type" and not (_is_said(own, name) and _is_said(other, name))
    )
    for name, number, asked_number in refused:
        if name not in follows:
            led = follows if name == "type" else ()
            of_cilium = cilium.get(name)
            yield Difference(name, own, other, number, asked_number, of_cilium, led, (old.name,))


def grouped(found: Iterable[Finding | Difference]) -> list[Finding | Difference]:
    """Return *found*, in which differences with one cause are one, where the first of them was."""
    result: list[Finding | Difference] = []
    places: dict[Hashable, int] = {}
    maps: dict[int, list[str]] = {}
    for one in found:
        if isinstance(one, Difference):
            key = (one.name, one.there, one.wanted, one.for_cilium, one.follows, _cause(one))
            place = places.setdefault(key, len(result))
            maps.setdefault(place, []).extend(one.maps)
            if place < len(result):
                continue
        result.append(one)
    for place, names in maps.items():
        first = result[place]
        if isinstance(first, Difference):
            result[place] = replace(first, maps=tuple(names))
    return result


def _is_said(attr: BpfAttr, name: str) -> bool:
    """Return whether the source says what *name* is, itself or by a type."""
    attribute = attr.shape.attributes.get(name)
    if attribute is not None:
        return attribute.origin != FILLED_IN
    return attr.given(name)


def _cause(one: Difference) -> Hashable:
    """Return what both sides have in common where the same change is the cause of several."""
    old, new = one.old, one.new
    if one.name == "type":
        template = old.shape.template
        if template and template == new.shape.template:
            return "template", template
        return one.maps
    name = _changed_type(one)
    if name:
        return "type", name
    attributes = old.shape.attributes.get(one.name), new.shape.attributes.get(one.name)
    if attributes[0] is not None and attributes[1] is not None:
        words = _words(attributes[0].expression), _words(attributes[1].expression)
        if words[0] and words[0] == words[1]:
            return "expression", words[0]
    places = _place(old.written(one.name)), _place(new.written(one.name))
    return one.maps if None in places else ("place", *places)


def _changed_type(one: Difference) -> str:
    """Return the type that both sides name, where its size has changed; empty where none is."""
    role = one.name.removesuffix("_size")
    own, other = (getattr(side.shape, role, None) for side in (one.old, one.new))
    if role == one.name or own is None or other is None:
        return ""
    name = described(own.type)
    return name if name == described(other.type) else ""


def _words(expression: Expression | None) -> tuple[str, ...]:
    """Return the words of *expression* if there is a name among them: what it is may have changed.

    Numbers alone say the same wherever they stand.
    """
    if expression is None or all(isinstance(part, str) for part in expression.parts):
        return ()
    return tuple(
        part if isinstance(part, str) else getattr(part, "name", "") or described(part.type)
        for part in expression.parts
    )


def _place(span: Span | None) -> tuple[str, int] | None:
    return None if span is None else (span.source.name, span.start)
