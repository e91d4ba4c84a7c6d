"""Facts of maps as constants of Go, and the types of their keys, values and records.

What a loader decides (`runtime`) has no constant, so that no program relies on it.
"""

from __future__ import annotations

from bpfgen.emit.go.comments import comment, doc
from bpfgen.emit.go.layout import Line, columns
from bpfgen.emit.go.naming import joined, quoted
from bpfgen.emit.user_space import identifiers
from bpfgen.emit.user_space.types import size_of
from bpfgen.kernel.map_flags import MAP_FLAGS
from bpfgen.kernel.map_kind import FOUR
from bpfgen.kernel.map_operations import ID, MAP_OPERATIONS
from bpfgen.record import TYPE_CHECKING

if TYPE_CHECKING:
    from bpfgen.emit.go.package import Package
    from bpfgen.emit.user_space.facts import MapFacts
    from bpfgen.emit.user_space.types import UserType

MAP = "Map"
"""What follows the name of a map in all that belongs to it."""

INNER = "Inner"
"""What follows that for the maps in a map of maps."""

_BUILD_IDS = MAP_FLAGS["BPF_F_STACK_BUILD_ID"].value
_FRAME = 8


def map_name(facts: MapFacts) -> str:
    """Return what the names of all that belongs to a map begin with: `FlowsMap`."""
    return f"{joined(facts.name)}{MAP}"


def declare_facts(package: Package, facts: MapFacts) -> str:
    """Return the constants and types of a map and, below them, of the maps in it."""
    parts = []
    inner: MapFacts | None = facts
    name, subject = map_name(facts), f"the map `{facts.name}`"
    while inner is not None:
        parts.append(_facts(package, inner, name, subject, facts))
        inner, name, subject = inner.inner, f"{name}{INNER}", f"the maps in `{facts.name}`"
    return "".join(parts)


def _facts(package: Package, facts: MapFacts, name: str, subject: str, outer: MapFacts) -> str:
    numbers: list[tuple[str, str]] = []
    if facts.name:
        numbers += [
            ("Name", quoted(facts.name)),
            ("KernelName", quoted(facts.kernel_name)),
        ]
    numbers.append(("Type", str(facts.kind.number)))
    for suffix, number in (
        ("KeySize", facts.key_size),
        ("ValueSize", facts.value_size),
        ("Stride", facts.stride),
        ("MaxEntries", facts.max_entries),
        ("Flags", facts.map_flags),
        ("Extra", facts.map_extra if facts.kind.map_extra else None),
    ):
        if number is not None:
            numbers.append((suffix, str(number)))
    origin = (identifiers.MAP, outer.name)
    inside = name.removeprefix(map_name(outer))
    lines = []
    for suffix, value in numbers:
        fact = _claim(package, f"{name}{suffix}", outer)
        package.surface.add(origin, fact, "const", f"{inside}{suffix}")
        lines.append(Line((fact, f"= {value}")))
    opening = doc(facts.doc, f"Facts of {subject.replace('`', '')}, a {facts.kind.constant}.")
    text = [f"\n{comment(opening)}const (\n{columns(lines)})\n"]
    if facts.fingerprint is not None:
        fingerprint = _claim(package, f"{name}Fingerprint", outer)
        package.surface.add(origin, fingerprint, "const uint64", f"{inside}Fingerprint")
        text += [
            f"\n// {fingerprint} is of its kind and of the layouts of all that it holds.\n",
            f"const {fingerprint} uint64 = {facts.fingerprint:#018x}\n",
        ]
    for suffix, type in (
        ("Key", key_type(package, facts)),
        ("Value", value_type(package, facts)),
        ("Record", record_type(package, facts)),
    ):
        # A type without a name in C has this one already.
        if type and type != f"{name}{suffix}":
            alias = _claim(package, f"{name}{suffix}", outer)
            package.surface.add_alias(origin, alias, type, f"{inside}{suffix}")
            what = {"Key": "its keys", "Value": "its values", "Record": "its records"}[suffix]
            text.append(f"\n// {alias} is the type of {what}.\ntype {alias} = {type}\n")
    return "".join(text)


def _claim(package: Package, name: str, facts: MapFacts) -> str:
    return package.scope.claim(name, subject_of_map(facts), facts.span)


def subject_of_map(facts: MapFacts) -> str:
    """Return what a message calls the map that names of the output are made of."""
    return f"the map `{facts.name}`"


def key_type(package: Package, facts: MapFacts) -> str:
    """Return the type of the keys; empty where there are none, or nothing is known of them."""
    if facts.key is not None and _fits(facts.key, facts.key_size):
        return package.spell.type(facts.key)
    if not facts.key_size:
        return ""
    if MAP_OPERATIONS[facts.kind.name].key_of:
        return "int32"  # a file descriptor
    return "uint32" if facts.kind.key_sizes == FOUR else f"[{facts.key_size}]byte"


def value_type(package: Package, facts: MapFacts) -> str:
    """Return the type of the values; empty for descriptors, and where nothing is known of them."""
    if not facts.value_size or MAP_OPERATIONS[facts.kind.name].lookup_gives == ID:
        return ""
    if facts.value is not None and _fits(facts.value, facts.value_size):
        return package.spell.type(facts.value)
    if MAP_OPERATIONS[facts.kind.name].value_of:
        return ""
    if facts.kind.name == "stack_trace" and not (facts.map_flags or 0) & _BUILD_IDS:
        return f"[{facts.value_size // _FRAME}]uint64"
    return f"[{facts.value_size}]byte"


def record_type(package: Package, facts: MapFacts) -> str:
    """Return the type of the records; empty where there are none, or nothing is known of them."""
    if facts.record is None or not size_of(facts.record):
        return ""
    return package.spell.type(facts.record)


def _fits(type: UserType, size: int | None) -> bool:
    return size is None or size_of(type) == size
