"""What is at a place, in the words of messages: widths, places, types, lists of names."""

from __future__ import annotations

from bpfgen.ctype.describe import counted, described
from bpfgen.record import TYPE_CHECKING
from bpfgen.text.spelling import expected_list

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bpfgen.changes.layout.fields import Field

_LISTED = 4
"""Members that a message names; of more it says how many there are."""


def width(bits: int) -> str:
    """Return how many bytes or bits *bits* are: `8 bytes`, `3 bits`."""
    return counted(bits, "bit") if bits % 8 else counted(bits // 8, "byte")


def place(field: Field) -> str:
    """Return where *field* starts: `byte 8`, or `bit 67` where it doesn't start or end a byte."""
    if field.offset % 8 or field.bits % 8:
        return f"bit {field.offset}"
    return f"byte {field.offset // 8}"


def typed(field: Field) -> str:
    """Return the type of *field*, with the width of a bit-field: `__u32`, `__u32 : 3`."""
    text = described(field.type)
    return f"{text} : {field.bits}" if field.is_bitfield else text


def placed(field: Field) -> str:
    """Return the type of *field* and where it stands: `` `__u64` at byte 8 ``."""
    return f"`{typed(field)}` at {place(field)}"


def listed(names: Sequence[str]) -> str:
    """Return *names* in a row: `` `a`, `b` and `c` ``; the first few where there are many."""
    shown = [f"`{name}`" for name in names[:_LISTED]]
    if len(names) > _LISTED:
        shown[-1:] = [f"{len(names) - _LISTED + 1} more"]
    return expected_list(shown, "and")


def moved(old: Field, new: Field) -> str:
    """Return that a member moved: "`b` from byte 8 to byte 16"."""
    return f"`{old.path}` from {place(old)} to {place(new)}"
