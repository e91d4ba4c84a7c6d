"""Damage to a model as a defect between compiler and writer would do it, at random.

Any member of any record in a map changes: a number, a name, a flag, an element of a list, a type.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from bpfgen.ctype.types import CHAR, INT, UINT, ULONG, VOID, Array, Const, Pointer, Volatile
from bpfgen.kernel.map_kind import MapKind
from bpfgen.model.maps import MAP_KINDS, Map, TypeArgument
from bpfgen.record import Record, replace

if TYPE_CHECKING:
    import random
    from collections.abc import Iterator

    from bpfgen.model.model import Model

_PASSED_OVER = frozenset(("span", "doc", "expression", "width", "base", "legacy"))
"""Members that nothing of an object depends on, and what leaves it to clang."""

_DEEPER = 0.85
"""How often a change is to something inside rather than to the whole."""


def damaged_models(model: Model, rng: random.Random, count: int) -> Iterator[tuple[str, Model]]:
    """Yield *count* models that differ from *model* in one place of one map, and what was done."""
    places = [at for at, one in enumerate(model.declarations) if isinstance(one, Map)]
    number = 0
    while number < count:
        place = rng.choice(places)
        declared = model.declarations[place]
        assert isinstance(declared, Map)
        path: list[str] = [declared.name]
        damaged = _changed(declared, rng, path)
        if damaged is declared or damaged == declared:
            continue
        number += 1
        declarations = [*model.declarations]
        declarations[place] = damaged
        yield ".".join(path), replace(model, declarations=tuple(declarations))


def _changed(value: Any, rng: random.Random, path: list[str]) -> Any:
    """Return *value* with one thing changed, and add where to *path*."""
    if isinstance(value, bool):
        return not value
    if isinstance(value, int):
        return rng.choice((value + 1, value - 1, value ^ 1 << rng.randrange(32), 0, 2 * value))
    if isinstance(value, str):
        return rng.choice((f"{value}x", value[:-1], "other"))
    if isinstance(value, tuple):
        return _changed_list(value, rng, path)
    if isinstance(value, dict):
        return _changed_table(value, rng, path)
    if isinstance(value, MapKind):
        path.append("kind")
        return rng.choice(list(MAP_KINDS.values()))
    if isinstance(value, Record):
        return _changed_record(value, rng, path)
    return value


def _changed_record(value: Record, rng: random.Random, path: list[str]) -> Record:
    if isinstance(value, TypeArgument) and rng.random() > _DEEPER:
        path.append("type: another one")
        types = (INT, UINT, ULONG, CHAR, Pointer(VOID), Array(INT, 3))
        return replace(value, type=rng.choice(types))
    type_member = next(
        (m for m in ("type", "underlying", "element", "pointee") if hasattr(value, m)), ""
    )
    if type_member and isinstance(getattr(value, type_member), Record) and rng.random() > _DEEPER:
        wrapper = rng.choice((Const, Volatile, Pointer))
        path.append(f"{type_member}: {wrapper.__name__}")
        return replace(value, **{type_member: wrapper(getattr(value, type_member))})
    members = [m for m in type(value).__match_args__ if m not in _PASSED_OVER]
    member = rng.choice(members)
    path.append(member)
    return replace(value, **{member: _changed(getattr(value, member), rng, path)})


def _changed_list(value: tuple[Any, ...], rng: random.Random, path: list[str]) -> tuple[Any, ...]:
    if not value:
        return value
    at = rng.randrange(len(value))
    path.append(f"[{at}]")
    if rng.random() > _DEEPER:
        path.append(rng.choice(("gone", "twice", "last")))
        rest = value[:at] + value[at + 1 :]
        if path[-1] == "gone":
            return rest
        return (*value, value[at]) if path[-1] == "twice" else (*rest, value[at])
    return (*value[:at], _changed(value[at], rng, path), *value[at + 1 :])


def _changed_table(value: dict[str, Any], rng: random.Random, path: list[str]) -> dict[str, Any]:
    if not value:
        return value
    key = rng.choice(list(value))
    path.append(key)
    if rng.random() > _DEEPER:
        path.append("gone")
        return {name: one for name, one in value.items() if name != key}
    return {**value, key: _changed(value[key], rng, path)}
