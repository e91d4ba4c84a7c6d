"""The fingerprint of a declared map; :mod:`bpfgen.ctype.fingerprint` says what counts."""

from __future__ import annotations

from bpfgen.ctype.fingerprint import Fingerprints, MapLayout
from bpfgen.ctype.sizes import sizeof
from bpfgen.record import TYPE_CHECKING

if TYPE_CHECKING:
    from bpfgen.model.maps import Map, Shape, TypeArgument


def fingerprint_of_map(map: Map, fingerprints: Fingerprints | None = None) -> int | None:
    """Return the fingerprint of *map*: 64 bits, those of every object that is compiled of it.

    None where not all of its types are known: it is made of a running map.

    *fingerprints* is for whoever asks for those of many maps: types that they share are gone
    through once.
    """
    if map.legacy:
        return (fingerprints or Fingerprints()).of_map(_sizes_only(map.shape))
    return fingerprint_of_shape(map.shape, fingerprints)


def fingerprint_of_shape(shape: Shape, fingerprints: Fingerprints | None = None) -> int | None:
    """Return the fingerprint of a map of *shape*, which is no legacy one: an inner map, say."""
    if not shape.is_layout_known:
        return None
    return (fingerprints or Fingerprints()).of_map(_layout(shape))


def _layout(shape: Shape) -> MapLayout:
    return MapLayout(
        shape.kind.number,
        shape.kind,
        None if shape.key is None else shape.key.type,
        None if shape.value is None else shape.value.type,
        _number(shape, "key_size"),
        _number(shape, "value_size"),
        None if shape.record is None else shape.record.type,
        None if shape.inner is None else _layout(shape.inner),
    )


def _sizes_only(shape: Shape) -> MapLayout:
    """Return the layout of a `struct bpf_map_def`, which has no types."""
    key_size = _number(shape, "key_size") or _size(shape.key)
    value_size = _number(shape, "value_size") or _size(shape.value)
    return MapLayout(shape.kind.number, shape.kind, None, None, key_size, value_size)


def _number(shape: Shape, name: str) -> int:
    """Return the attribute *name*; 0 where it isn't there, or is for the loader to set."""
    attribute = shape.attributes.get(name)
    return 0 if attribute is None else attribute.value or 0


def _size(argument: TypeArgument | None) -> int:
    return 0 if argument is None else sizeof(argument.type) or 0
