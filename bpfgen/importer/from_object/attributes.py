"""The numbers of a map's definition -> attributes of a source, as a person would write them.

What the compiler fills in is left out again; what it would fill in and the object doesn't have is
`runtime`, which emits nothing.
"""

from __future__ import annotations

from bpfgen.ctype.types import UINT, Expression
from bpfgen.kernel.map_flags import MAP_FLAGS
from bpfgen.kernel.map_kind import NO_ENTRIES
from bpfgen.kernel.map_kinds import STACK_TRACE
from bpfgen.model.maps import Attribute
from bpfgen.record import TYPE_CHECKING, Record

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bpfgen.kernel.map_kind import MapKind
    from bpfgen.object.records import Definition

_NUMBERS = ("key_size", "value_size", "max_entries", "map_flags", "numa_node", "map_extra")
_STACK_FRAMES = 127


class Given(Record):
    """What a shape says beside its attributes.

    Attributes:
        kind: Of the map.
        key: There is a type for the keys.
        value: There is a type for the values, or an inner definition.
        legacy: The map is a struct bpf_map_def, in which 0 stands for what isn't there.
    """

    kind: MapKind
    key: bool
    value: bool
    legacy: bool

    def has_type(self, role: str) -> bool:
        """Whether the type for *role*, `key` or `value`, gives the size."""
        return self.key if role == "key" else self.value


def attributes_of(definition: Definition, given: Given) -> dict[str, Attribute]:
    """Return the attributes that a source has to write for *definition*, in its order."""
    attributes = {}
    for name in definition.declared:
        if name in _NUMBERS and name in definition.numbers:
            value = definition.numbers[name]
            if not _is_filled_in(name, value, given):
                attributes[name] = Attribute(name, value, _expression(name, value, given))
    pinning = definition.numbers.get("pinning")
    if pinning is not None:
        attributes["pinning"] = Attribute("pinning", pinning)
    for name in _absent(definition, given):
        attributes[name] = Attribute(name, None)
    return attributes


def _is_filled_in(name: str, value: int, given: Given) -> bool:
    """Whether the compiler comes to *value* by itself, or would come to nothing else."""
    kind = given.kind
    if name in ("key_size", "value_size"):
        typed = given.has_type(name.removesuffix("_size"))
        if not typed and value == getattr(kind, name):
            return True
        return given.legacy and (typed or value == 0)
    if name == "map_flags":
        required = _required_flags(kind)
        return bool(required and value == required) or (given.legacy and not value and not required)
    return given.legacy and name == "max_entries" and not value


def _required_flags(kind: MapKind) -> int:
    return sum(MAP_FLAGS[flag].value for flag in kind.required_flags)


def _absent(definition: Definition, given: Given) -> Iterator[str]:
    """Yield what the compiler would fill in, or ask for, and the object lacks: `runtime`."""
    kind = given.kind

    def is_missing(name: str) -> bool:
        if given.legacy:
            return not definition.numbers.get(name)
        return name not in definition.numbers

    for role, sizes in (("key", kind.key_sizes), ("value", kind.value_sizes)):
        name = f"{role}_size"
        if sizes.most and not given.has_type(role) and is_missing(name):
            yield name
    if not given.legacy and kind.required_flags and "map_flags" not in definition.numbers:
        yield "map_flags"
    entries = kind.entries
    if is_missing("max_entries") and entries != NO_ENTRIES and not entries.filled_by_loader:
        yield "max_entries"


def _expression(name: str, value: int, given: Given) -> Expression | None:
    """Return how *value* is written, where the bare number isn't the best way."""
    if name == "map_flags":
        return _flags(value)
    if name == "value_size" and given.kind == STACK_TRACE:
        return _stack(value)
    return None


def _flags(value: int) -> Expression:
    """Return *value* as flags by name; bits that no flag has are one number after them."""
    parts: list[str] = []
    rest = value
    for flag in MAP_FLAGS.values():
        if rest & flag.value:
            rest &= ~flag.value
            parts += ["|", flag.name] if parts else [flag.name]
    if rest or not parts:
        number = f"{rest:#x}" if rest else "0"
        parts += ["|", number] if parts else [number]
    return Expression(tuple(parts), value, UINT)


def _stack(value: int) -> Expression | None:
    """Return the size of a whole stack as everybody writes it, None for any other size."""
    frames = {8: "__u64", 32: "struct bpf_stack_build_id"}
    frame = frames.get(value // _STACK_FRAMES)
    if frame is None or value % _STACK_FRAMES:
        return None
    return Expression(("PERF_MAX_STACK_DEPTH", "*", f"sizeof({frame})"), value, UINT)
