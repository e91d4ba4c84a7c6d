"""The fingerprint of a map in an object; :mod:`bpfgen.ctype.fingerprint` says what counts."""

from __future__ import annotations

from bpfgen.btf.rewritten import is_rewritten
from bpfgen.ctype.fingerprint import MapLayout, has_all_types
from bpfgen.object.record_values import with_record
from bpfgen.object.records import LEGACY, RUNNING
from bpfgen.record import TYPE_CHECKING

if TYPE_CHECKING:
    from bpfgen.ctype.fingerprint import Fingerprints
    from bpfgen.object.records import Definition, ObjectMap


def fingerprint_of_object_map(map: ObjectMap, fingerprints: Fingerprints) -> int | None:
    """Return the fingerprint of *map*: 64 bits, that of the source it was compiled of.

    None where the object doesn't say what kind of map it is, as for an extern one in the
    initializer style, and where a running kernel hasn't all of its types.
    """
    if not is_layout_known(map.definition):
        return None
    emitted = with_record(map)
    layout = _layout(emitted.definition, emitted)
    return None if layout is None else fingerprints.of_map(layout)


def is_layout_known(definition: Definition) -> bool:
    """Return whether *definition* has all types that the fingerprint of its source is of.

    That of a running map hasn't where the kernel doesn't have them as the source has them, or one
    may not read them.
    """
    if definition.style != RUNNING:
        return True
    types = definition.types
    ids = definition.key_type_id, definition.value_type_id
    if types is None or not has_all_types(definition.kind, definition.key_size, *ids):
        return False
    return not is_rewritten(types.btf)


def _layout(definition: Definition, map: ObjectMap | None) -> MapLayout | None:
    """Return the layout of *definition*, that of *map* or, where that is None, of an inner one."""
    if not definition.type:
        return None
    is_legacy = definition.style == LEGACY
    has_record = definition.kind is not None and definition.kind.has_record
    record = definition.record if map is None else map.record
    inner = definition.inner
    return MapLayout(
        definition.type,
        definition.kind,
        None if is_legacy else definition.key,
        None if is_legacy else definition.value,
        definition.key_size,
        definition.value_size,
        record if has_record else None,
        None if inner is None else _layout(inner, None),
    )
