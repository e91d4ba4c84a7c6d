"""The facts of each map as a class: `flows_map.max_entries`."""

from __future__ import annotations

from bpfgen.emit.python.access import access_type, write_access
from bpfgen.emit.python.printing import INDENT, docstring, string
from bpfgen.emit.python.spelling import static_type
from bpfgen.emit.python.structures import Written
from bpfgen.emit.user_space.identifiers import MAP
from bpfgen.record import TYPE_CHECKING

if TYPE_CHECKING:
    from bpfgen.emit.python.names import PythonNames
    from bpfgen.emit.python.spelling import Speller
    from bpfgen.emit.user_space.facts import MapFacts
    from bpfgen.emit.user_space.identifiers import Surface

FACT_NAMES = frozenset(
    "name kernel_name kind type key value record key_size value_size stride max_entries map_flags"
    " map_extra pinned fingerprint inner open".split()
)
"""The attributes of a class of facts, where they are known."""


def write_facts(
    facts: MapFacts,
    name: str,
    speller: Speller,
    scope: PythonNames,
    surface: Surface,
    *,
    accessors: bool,
) -> Written:
    """Return the class *name* with the facts of a map, aliases that it needs before it.

    With *accessors* it opens the map, too.
    """
    inside = speller.within(FACT_NAMES)
    surface.add((MAP, facts.name), name, "class")
    lines = ["@typing.final", f"class {name}:"]
    lines += docstring(facts.doc or f"The map `{facts.name}`.", 1)
    lines += ["", *_facts(facts, facts.name, name, inside, 1, accessors=accessors)]
    _declare(facts, name, speller.outside, surface, accessors=accessors)
    if inside.aliases:
        lines = [*inside.aliases, "", "", *lines]
    uses = {"ctypes", *inside.uses} if _has_types(facts) else set()
    if any("bpfgen.live" in line for line in lines):
        uses.add("bpfgen")
    return Written(lines, frozenset(uses), scope)


def _declare(
    facts: MapFacts, path: str, speller: Speller, surface: Surface, *, accessors: bool
) -> None:
    """Add to *surface* what the class *path* has."""
    origin, inside = (MAP, facts.name), ""
    within: MapFacts | None = facts
    while within is not None:
        for fact, value in _rows(within, facts.name, speller):
            if value is not None:
                type = static_type(value) if fact in {"key", "value", "record"} else ""
                surface.add(origin, f"{path}.{fact}", type, f"{inside}{fact}")
        opened = access_type(within, speller) if accessors else ""
        if opened:
            surface.add(origin, f"{path}.open", opened, f"{inside}open")
        within = within.inner
        path, inside = f"{path}.inner", f"{inside}inner."
        if within is not None:
            surface.add(origin, path, "class", inside)


def _has_types(facts: MapFacts | None) -> bool:
    while facts is not None:
        if facts.key is not None or facts.value is not None or facts.record is not None:
            return True
        facts = facts.inner
    return False


def _facts(
    facts: MapFacts, name: str, path: str, speller: Speller, depth: int, *, accessors: bool
) -> list[str]:
    """Return the attributes of the class *path* for the map that messages call *name*."""
    indent = INDENT * depth
    lines = [
        f"{indent}{fact}: typing.Final = {value}"
        for fact, value in _rows(facts, name, speller)
        if value is not None
    ]
    if accessors:
        lines += write_access(facts, path, speller, depth)
    if facts.inner is not None:
        lines += ["", f"{indent}@typing.final", f"{indent}class inner:"]
        lines += [f'{indent}{INDENT}"""The maps in it."""', ""]
        lines += _facts(
            facts.inner, f"{name}[]", f"{path}.inner", speller, depth + 1, accessors=accessors
        )
    return lines


def _rows(facts: MapFacts, name: str, speller: Speller) -> list[tuple[str, str | None]]:
    """Return each fact with its value as Python has it, None where it isn't known."""
    return [
        ("name", string(name)),
        ("kernel_name", string(facts.kernel_name) if facts.name else None),
        ("kind", string(facts.kind.name)),
        ("type", f"{facts.kind.number}  # {facts.kind.constant}"),
        ("key", speller.map_type(facts.key) if facts.key is not None else None),
        ("value", speller.map_type(facts.value) if facts.value is not None else None),
        ("record", speller.map_type(facts.record) if facts.record is not None else None),
        ("key_size", _number(facts.key_size)),
        ("value_size", _number(facts.value_size)),
        ("stride", _number(facts.stride)),
        ("max_entries", _number(facts.max_entries)),
        ("map_flags", f"0x{facts.map_flags:X}" if facts.map_flags else _number(facts.map_flags)),
        ("map_extra", _number(facts.map_extra)),
        ("pinned", str(facts.pinned)),
        ("fingerprint", None if facts.fingerprint is None else f"0x{facts.fingerprint:016X}"),
    ]


def _number(value: int | None) -> str | None:
    return None if value is None else str(value)
