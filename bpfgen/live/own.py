"""Whether a map of the running kernel is the one that a source declares."""

from __future__ import annotations

from bpfgen.kernel.map_kinds import MAP_KINDS
from bpfgen.record import TYPE_CHECKING

if TYPE_CHECKING:
    from bpfgen.live.elements import Elements
    from bpfgen.live.info import MapInfo


class MapMismatchError(ValueError):
    """A map that isn't the one of the source.

    Attributes:
        name: That of the map in the source.
        info: What the kernel says of the map that was opened instead.
    """

    def __init__(self, name: str, info: MapInfo, why: str) -> None:
        super().__init__(f"{info} is not `{name}` as the source declares it: {why}")
        self.name = name
        self.info = info


def check(
    map: Elements,
    *,
    name: str,
    kind: str,
    key_size: int | None,
    value_size: int | None,
    fingerprint: int | None,
) -> bool:
    """Return whether the layout of *map* was compared with that of the source.

    A size or a fingerprint that is None is not compared. Nor is the layout where the kernel doesn't
    have the types of the map, or one may not read them.

    Raises:
        MapMismatchError: Kind, sizes or layout are another map's.
    """
    info = map.info
    if info.number != MAP_KINDS[kind].number:
        why = f"it is of kind `{info.kind_name}`, and `{kind}` is declared"
        raise MapMismatchError(name, info, why)
    for what, size, declared in (
        ("keys", info.key_size, key_size),
        ("values", info.value_size, value_size),
    ):
        if declared is not None and size != declared:
            why = f"its {what} have {size} bytes, and {declared} are declared"
            raise MapMismatchError(name, info, why)
    if fingerprint is None:
        return False
    from bpfgen.live.fingerprint import fingerprint_of

    try:
        own = fingerprint_of(map)
    except PermissionError:
        return False
    if own is None:
        return False
    if own != fingerprint:
        from bpfgen.ctype.fingerprint import hexadecimal

        why = (
            f"its layout has the fingerprint {hexadecimal(own)}, and "
            f"{hexadecimal(fingerprint)} is declared; it was made from other types"
        )
        raise MapMismatchError(name, info, why)
    return True
