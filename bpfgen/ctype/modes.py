"""Machine modes: `__attribute__((mode(QI)))` gives an integer, a float or an enum another size.

Used by the resolver, and for the size of enums. bpftool 7.5 and later write `mode(byte)` for the
enums of one byte in vmlinux.h, and `mode(word)` for those of eight that don't need them
(btf_dump_emit_enum_def in libbpf).

Source: Sema::AddModeAttr and parseModeAttrArg in clang/lib/Sema/SemaDeclAttr.cpp: the type is that
of ASTContext::getIntTypeForBitwidth, of the same sign. clang has no XF, TF and KF for BPF.
"""

from __future__ import annotations

from bpfgen.ctype.types import (
    DOUBLE,
    FLOAT,
    INT,
    INT128,
    LONG,
    SCHAR,
    SHORT,
    UCHAR,
    UINT,
    UINT128,
    ULONG,
    USHORT,
)
from bpfgen.record import TYPE_CHECKING

if TYPE_CHECKING:
    from bpfgen.ctype.types import Float, Int

INTEGER_MODES: dict[str, tuple[Int, Int]] = {
    "QI": (SCHAR, UCHAR),
    "byte": (SCHAR, UCHAR),
    "HI": (SHORT, USHORT),
    "SI": (INT, UINT),
    "DI": (LONG, ULONG),
    "word": (LONG, ULONG),
    "pointer": (LONG, ULONG),
    "unwind_word": (LONG, ULONG),
    "TI": (INT128, UINT128),
}
"""The integer types of each mode: signed, unsigned."""

FLOAT_MODES: dict[str, Float] = {"SF": FLOAT, "DF": DOUBLE}
"""The floating type of each mode."""


def mode_name(text: str) -> str:
    """Return the mode that *text* names, which may have underscores around it."""
    is_reserved = text.startswith("__") and text.endswith("__") and len(text) > 4
    return text[2:-2] if is_reserved else text
