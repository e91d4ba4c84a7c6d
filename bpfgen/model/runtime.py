"""What a source leaves to the loader, `runtime`: which attributes that are, and values for them.

After the model is made, for commands that do a loader's work: what comes out is a model like any
other, in which the attribute says what it has been set to.
"""

from __future__ import annotations

from bpfgen.model.maps import RUNTIME_ATTRIBUTES, Map
from bpfgen.record import TYPE_CHECKING, replace

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from bpfgen.model.maps import Shape
    from bpfgen.model.model import Model

INNER = "inner"
"""What stands between the name of a map-in-map and an attribute of the maps in it, as in libbpf."""


class RuntimeValueError(ValueError):
    """A value for something that takes none.

    Attributes:
        help: What to type instead; empty if there is no better advice than the message.
    """

    def __init__(self, message: str, help: str = "") -> None:
        super().__init__(message)
        self.help = help


def open_attributes(model: Model) -> Iterator[str]:
    """Yield the attributes of *model*'s maps that a loader sets: `flows.max_entries`, in order.

    Those of the maps in a map-in-map are `outer.inner.max_entries`. Of maps that are defined
    elsewhere there are none.
    """
    for place, shape in _shapes(model):
        for attribute in shape.attributes.values():
            if attribute.value is None:
                yield f"{place}.{attribute.name}"


def missing_values(model: Model) -> tuple[str, ...]:
    """Return those that need a value: all but the entries that libbpf itself fills in."""
    counted = {
        f"{place}.max_entries"
        for place, shape in _shapes(model)
        if shape.kind.entries.filled_by_loader
    }
    return tuple(place for place in open_attributes(model) if place not in counted)


def _shapes(model: Model) -> Iterator[tuple[str, Shape]]:
    """Yield the shapes of the maps that *model* defines, each with what its attributes follow."""
    for map in model.maps:
        place, shape = map.name, map.shape
        while map.linkage != "extern":
            yield place, shape
            if shape.inner is None:
                break
            place, shape = f"{place}.{INNER}", shape.inner


def with_values(model: Model, values: Mapping[str, int]) -> Model:
    """Return *model* with *values* for attributes that are `runtime`, named as above.

    Raises:
        RuntimeValueError: There is no such map or attribute, the source says what it is, or the
            number has more bits than the kernel has for it.
    """
    wanted: dict[str, dict[str, int]] = {}
    known = {map.name: map for map in model.maps if map.linkage != "extern"}
    for place, value in values.items():
        name, _, rest = place.partition(".")
        map = known.get(name)
        if map is None:
            from bpfgen.text.spelling import did_you_mean

            advice = did_you_mean(name, known) or f"the maps are {', '.join(known)}"
            raise RuntimeValueError(f"there is no map `{name}`", advice)
        _check(model, map, place, value)
        wanted.setdefault(name, {})[rest] = value
    if not wanted:
        return model
    declarations = tuple(
        replace(one, shape=_with(one.shape, wanted[one.name]))
        if isinstance(one, Map) and one.name in wanted
        else one
        for one in model.declarations
    )
    return replace(model, declarations=declarations)


def _check(model: Model, map: Map, place: str, value: int) -> None:
    """Raise unless *place*, of *map*, takes *value*."""
    *inner, name = place.split(".")[1:] or [""]
    shape: Shape | None = map.shape
    for one in inner:
        shape = shape.inner if shape is not None and one == INNER else None
    if shape is None:
        raise RuntimeValueError(
            f"`{place}` is no attribute of a map", f"{map.name}.{name or RUNTIME_ATTRIBUTES[2]}"
        )
    if name not in RUNTIME_ATTRIBUTES:
        from bpfgen.text.spelling import did_you_mean

        advice = did_you_mean(name, RUNTIME_ATTRIBUTES)
        advice = advice or f"a loader sets {', '.join(RUNTIME_ATTRIBUTES)}"
        raise RuntimeValueError(f"`{name}` is nothing that a loader sets", advice)
    attribute = shape.attributes.get(name)
    if attribute is None or attribute.value is not None:
        said = "doesn't mention it" if attribute is None else f"says {attribute.value}"
        others = ", ".join(open_attributes(model))
        raise RuntimeValueError(
            f"`{place}` isn't `runtime`: the source {said}",
            f"what is `runtime`: {others}" if others else "nothing in the source is `runtime`",
        )
    bits = 64 if name == "map_extra" else 32
    if not 0 <= value < 1 << bits:
        raise RuntimeValueError(f"`{place}` has {bits} bits, and {value} doesn't fit in them")


def _with(shape: Shape, values: Mapping[str, int]) -> Shape:
    """Return *shape* with *values* by attribute, those of inner maps after `inner.`."""
    attributes = dict(shape.attributes)
    inner: dict[str, int] = {}
    for place, value in values.items():
        name, dot, rest = place.partition(".")
        if dot:
            inner[rest] = value
        else:
            attributes[name] = replace(attributes[name], value=value)
    result = replace(shape, attributes=attributes, template="")
    if inner and result.inner is not None:
        result = replace(result, inner=_with(result.inner, inner), inner_template="")
    return result
