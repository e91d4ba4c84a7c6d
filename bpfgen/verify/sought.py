"""Which map of a source a running map is: by the kernel's name of it, which is cut, or as asked.

The first step of :mod:`running`.
"""

from __future__ import annotations

from bpfgen.kernel.made import kept_name
from bpfgen.kernel.map_kind import NAME_BYTES
from bpfgen.record import TYPE_CHECKING, Record
from bpfgen.text.diagnostics import Diagnostic, Subject
from bpfgen.verify.maps import imported_maps

if TYPE_CHECKING:
    from bpfgen.model.maps import Map, Shape
    from bpfgen.model.model import Model
    from bpfgen.object.running import RunningMap
    from bpfgen.record import Uncompared
    from bpfgen.text.source import Span

INNER = ".inner"
"""What an inner map is called: `<outer>.inner`, as libbpf does."""


class Sought(Record):
    """A declared map that a running one is held against.

    Attributes:
        name: Of the map, or of an inner one: `slots.inner`.
        shape: What it is.
        map: Its declaration; the outer map's of an inner one.
        span: Where it is declared.
    """

    name: str
    shape: Shape
    map: Map
    span: Uncompared[Span | None] = None

    @property
    def is_inner(self) -> bool:
        """Whether it is the definition of the maps in a map."""
        return self.shape is not self.map.shape

    @property
    def label(self) -> str:
        """It in words, for messages."""
        return f"the inner map of map `{self.map.name}`" if self.is_inner else f"map `{self.name}`"


def sought(
    model: Model, running: RunningMap, map_name: str | None = None, pin: str = ""
) -> Sought | Diagnostic:
    """Return which map of *model* the map *running* is, or why that can't be told.

    Args:
        model: What was declared; maps of the files that it imports count.
        running: The running map.
        map_name: The map of the source, where it is said: `flows`, or `slots.inner`. The names of
            the two need not be the same then.
        pin: The name of the file by which it is pinned, or empty. Loaders use the map's whole name:
            it decides between names of which the kernel keeps the same, and where it has none.
    """
    declared = _declared(model)
    if map_name is not None:
        if map_name in declared:
            return declared[map_name]
        return _unknown(model, map_name, declared)
    own = {name: one for name, one in declared.items() if not one.is_inner}
    names = [name for name in own if kept_name(name) == running.name]
    if pin in own and (pin in names or not running.name):
        return own[pin]
    if len(names) == 1:
        return own[names[0]]
    return _undecided(model, running, names, own)


def _declared(model: Model) -> dict[str, Sought]:
    """Return the maps of *model* and of what it imports, and their inner definitions, by name."""
    declared: dict[str, Sought] = {}
    for map in (*model.maps, *imported_maps(model)):
        declared.setdefault(map.name, Sought(map.name, map.shape, map, map.span))
    for one in tuple(declared.values()):
        if one.shape.inner is not None:
            name = f"{one.name}{INNER}"
            inner = one.shape.inner
            declared[name] = Sought(name, inner, one.map, inner.span or one.span)
    return declared


def _unknown(model: Model, name: str, declared: dict[str, Sought]) -> Diagnostic:
    # Only a mistake pays for this import.
    from bpfgen.text.spelling import did_you_mean

    return Diagnostic(
        "verify-missing-map",
        f"`{model.name}` declares no map `{name}`",
        None,
        help=did_you_mean(name, declared) or _listed(declared),
        subject=Subject("map", name),
    )


def _undecided(
    model: Model, running: RunningMap, names: list[str], own: dict[str, Sought]
) -> Diagnostic:
    code = "verify-name" if names else "verify-extra-map"
    if names:
        several = " and ".join(f"`{name}`" for name in names)
        message = f"the kernel keeps {NAME_BYTES} bytes of a name, and {running} may be {several}"
        help = f"say which: `--map {names[0]}`"
    elif running.name:
        message = f"{running} isn't declared in `{model.name}`"
        help = _listed(own)
    else:
        message = f"{running} has no name, and `{model.name}` doesn't say which one it is"
        help = _listed(own)
    return Diagnostic(
        code,
        message,
        None,
        help=help,
        map=running.name or None,
        subject=Subject("map", running.name),
    )


_LISTED = 5


def _listed(declared: dict[str, Sought]) -> str:
    """Return what to type, with the maps that there are; the first few of many."""
    names = [f"`--map {name}`" for name in list(declared)[:_LISTED]]
    if not names:
        return ""
    more = f" or {len(declared) - _LISTED} more" if len(declared) > _LISTED else ""
    return f"say which it is: {', '.join(names)}{more}"
