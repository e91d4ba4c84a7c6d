"""Typed access to a map, on request: a function `open` beside its facts, over `bpfgen.live`.

The generated module imports that when it is first called. Which class is for which kind, docs of
:mod:`bpfgen.live.typed` say.
"""

from __future__ import annotations

from bpfgen.emit.python.fields import is_bytes
from bpfgen.emit.python.printing import INDENT, LINE_LENGTH, bracketed
from bpfgen.emit.user_space.types import (
    BOOLEAN,
    FLOATING,
    Alias,
    Enumeration,
    Number,
    Opaque,
    Sequence,
    Structure,
    resolved,
    size_of,
)
from bpfgen.kernel.map_forms import (
    ELEMENTS,
    FILTER,
    MAPS,
    PER_CPU,
    PERF,
    QUEUE,
    RINGBUF,
    USER_RINGBUF,
    form_of,
)
from bpfgen.kernel.map_operations import COOKIE, MAP_OPERATIONS
from bpfgen.record import TYPE_CHECKING, assert_never

if TYPE_CHECKING:
    from bpfgen.emit.python.spelling import Speller
    from bpfgen.emit.user_space.facts import MapFacts
    from bpfgen.emit.user_space.types import UserType

DESCRIPTOR = Number("integer", 4, signed=False)
IDENTIFIER = {4: DESCRIPTOR, 8: Number("integer", 8, signed=False)}

CLASSES = {
    ELEMENTS: "TypedMap",
    PER_CPU: "PerCpuMap",
    MAPS: "MapOfMaps",
    QUEUE: "Queue",
    FILTER: "BloomFilter",
    RINGBUF: "RingBuffer",
    PERF: "PerfBuffer",
    USER_RINGBUF: "UserRingBuffer",
}
"""The classes of `bpfgen.live` by the form that a map has."""


def write_access(facts: MapFacts, path: str, speller: Speller, depth: int) -> list[str]:
    """Return the function that opens the map of *facts*; nothing where there is no access to it.

    Args:
        facts: Those of a map, or of the maps in one.
        path: The name of the class of facts, with that of an outer one before it.
        speller: That of the class's body.
        depth: Levels of indentation.
    """
    name = CLASSES.get(form_of(facts.kind))
    if name is None:
        return []
    parameters = [_python_type(type, speller) for type in _parameters(facts)]
    opened = _opened(name, parameters)
    indent = INDENT * depth
    tail = f") -> {opened}:"
    if len(indent) + len(tail) > LINE_LENGTH:
        inner = f"{indent}{INDENT}{', '.join(parameters)}"
        tail = f") -> bpfgen.live.{name}[\n{inner}\n{indent}]:"
    head = bracketed(
        "def open(",
        [
            "source: bpfgen.live.map.Source | bpfgen.live.Map",
            'access: bpfgen.live.map.Access = "rw"',
        ],
        tail,
        depth,
    )
    return [
        "",
        f"{indent}@{speller.builtin('staticmethod')}",
        *head,
        f'{indent}{INDENT}"""Open the one at a path, or with an id; another map is refused."""',
        f"{indent}{INDENT}import bpfgen.live",
        "",
        *bracketed(
            f"return bpfgen.live.{name}.of(", [path, "source", "access=access"], ")", depth + 1
        ),
    ]


def access_type(facts: MapFacts, speller: Speller) -> str:
    """Return the class that the function returns; empty where there is no access to the map."""
    name = CLASSES.get(form_of(facts.kind))
    if name is None:
        return ""
    return _opened(name, [_python_type(type, speller) for type in _parameters(facts)])


def _opened(name: str, parameters: list[str]) -> str:
    return f"bpfgen.live.{name}[{', '.join(parameters)}]"


def _parameters(facts: MapFacts) -> list[UserType | int | None]:
    """Return what the class is generic in."""
    form = form_of(facts.kind)
    if form in (RINGBUF, PERF, USER_RINGBUF):
        return [facts.record]
    if form in (QUEUE, FILTER):
        return [_value(facts)]
    return [_key(facts)] if form == MAPS else [_key(facts), _value(facts)]


def _key(facts: MapFacts) -> UserType | int | None:
    if facts.key is None and (facts.kind.indexed or MAP_OPERATIONS[facts.kind.name].key_of):
        return DESCRIPTOR
    return facts.key if facts.key is not None else facts.key_size


def _value(facts: MapFacts) -> UserType | int | None:
    """Return the type of the values, or their size; None where a loader decides."""
    operations = MAP_OPERATIONS[facts.kind.name]
    if facts.value is not None:
        return facts.value
    if operations.value_of:
        size = facts.value_size if operations.lookup_gives == COOKIE else 4
        return IDENTIFIER.get(size or 4, DESCRIPTOR)
    return facts.value_size


def _python_type(type: UserType | int | None, speller: Speller) -> str:
    """Return what a program has of a key, value or record, see `bpfgen.live.codec`."""
    if type is None or isinstance(type, int):
        return speller.builtin("bytes")
    bare = resolved(type)
    match bare:
        case Structure():
            return speller.name(bare)
        case Number() if bare.kind == FLOATING and is_bytes(bare):
            return speller.builtin("bytes")
        case Number():
            names = {BOOLEAN: "bool", FLOATING: "float"}
            return speller.builtin(names.get(bare.kind, "int"))
        case Enumeration():
            return speller.builtin("int")
        case Opaque():
            return speller.builtin("bytes")
        case Sequence():
            element = resolved(bare.element)
            if not isinstance(element, Structure) and size_of(element) == 1:
                return speller.builtin("bytes")
            return speller.annotation(bare)
        case Alias():
            return _python_type(bare.target, speller)
        case _:
            assert_never(bare)
