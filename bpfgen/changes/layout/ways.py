"""What one can do instead of a change that breaks the layout: by rule, and by what has the type."""

from __future__ import annotations

from bpfgen.changes.layout.maps import FORM, KEY, RECORD, VALUE
from bpfgen.changes.layout.members import PADDING
from bpfgen.changes.layout.numbers import SPECIAL
from bpfgen.record import TYPE_CHECKING

if TYPE_CHECKING:
    from bpfgen.changes.layout.causes import Cause
    from bpfgen.changes.layout.maps import Use

_RESERVE = (
    "put new members into the bytes of one called `reserved…`, and have such bytes in new types: "
    "`__u8 reserved[16];`"
)

_EXPLICIT = "call it `pad…`, which says only that nothing is in these bytes"

_KEEP = {
    "break-layout-gone": "leave the member where it is, or a `reserved` one in its place once no "
    "reader is left",
    "break-layout-enumerator": "add new enumerators at the end, and give each its number",
    "break-layout-enumerator-gone": "keep the enumerator as long as its number is stored somewhere",
}


def ways_of(cause: Cause, uses: list[Use]) -> tuple[str, ...]:
    """Return the ways out of *cause*, which is found in *uses*, the best first."""
    ways = []
    if cause.code in _KEEP:
        ways.append(_KEEP[cause.code])
    elif cause.code == PADDING and not cause.is_addition:
        ways.append(_EXPLICIT)
    elif cause.is_addition and cause.code != SPECIAL:
        ways.append(_RESERVE)
    stored = [use for use in uses if use.role in (KEY, VALUE, "") and use.map is not None]
    if stored:
        map = stored[0].map
        assert map is not None
        ways.append(
            f"give the map another name (`{_next(map.name)}`), so that nothing old is read as new"
        )
        if cause.code not in (FORM, SPECIAL):
            ways.append(
                "read all entries with OLD's types and write them with NEW's before programs of "
                "NEW run"
            )
    if any(use.role == RECORD for use in uses):
        ways.append(
            "replace programs and readers together, or have a member in each record that says its "
            "version"
        )
    return tuple(ways)


def _next(name: str) -> str:
    """Return a name for the next version of what is called *name*: `flows_v2`, `flows_v3`."""
    stem, mark, number = name.rpartition("_v")
    if mark and stem and number.isascii() and number.isdecimal():
        return f"{stem}_v{int(number) + 1}"
    return f"{name}_v2"
