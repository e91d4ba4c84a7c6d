"""How large an enum is, and the C types of its enumerators, on the BPF target.

Source: C23 (N3220) 6.7.3.3; Sema::ActOnEnumBody in clang/lib/Sema/SemaDecl.cpp.
"""

from __future__ import annotations

from bpfgen.ctype.integers import ConstantError, fits
from bpfgen.ctype.sizes import LayoutError, raise_all, spelled
from bpfgen.ctype.types import INT, LONG, POINTER_SIZE, UINT, ULONG, Int, Unknown, underlying
from bpfgen.record import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bpfgen.ctype.types import Enum, Type


def enum_size(
    values: Sequence[int], base: Type | None = None, *, packed: bool = False, mode: str = ""
) -> tuple[int, bool]:
    """Return (size in bytes, signed) of an enum whose enumerators have *values*.

    Without a base type it is `unsigned int`, or `int` if there is a negative value, or the 64-bit
    type of the same signedness where a value needs it; *packed* takes the smallest type that does,
    and *mode* the signed integer of that mode, with values of either sign.
    *signed* is C's answer. BTF's `kind_flag` says the same from clang 16 on, but for a base type
    that is written as a typedef (`enum e : __s8`): there clang calls the enum unsigned, and cuts
    64-bit values to 32 bits. clang 14 knows no `kind_flag` and no BTF_KIND_ENUM64.

    Raises:
        LayoutError: `enum-base`, for a base that is no integer type; `enum-range`, for a value that
            the base (or any type) can't hold, `index` being that of the enumerator. (clang lets a
            negative value into an unsigned base and wraps it; C23 6.7.3.3 does not.)
    """
    if base is not None:
        integer = underlying(base)
        if isinstance(integer, Unknown):
            return 4, any(value < 0 for value in values)
        if not isinstance(integer, Int) or integer.size > POINTER_SIZE:
            raise LayoutError(
                "enum-base",
                f"the base type of an enum is an integer type, and this is {spelled(base)}",
                about="type",
            )
        bits = 1 if integer.bool else 8 * integer.size
        lowest, highest = (
            (-1 << bits - 1, (1 << bits - 1) - 1) if integer.signed else (0, ~(-1 << bits))
        )
        _check_range(values, lowest, highest, f"{spelled(base)}, the base type of the enum")
        return integer.size, integer.signed
    if mode:
        from bpfgen.ctype.modes import INTEGER_MODES

        integer = INTEGER_MODES[mode][0]
        if integer.size > POINTER_SIZE:
            raise LayoutError("enum-base", f"an enum has 64 bits at most, not those of `{mode}`")
        _check_range(values, -1 << 8 * integer.size - 1, ~(-1 << 8 * integer.size), f"`{mode}`")
        return integer.size, True
    smallest, largest = min((0, *values)), max((0, *values))
    signed = smallest < 0
    needed = max(largest.bit_length() + signed, (~smallest).bit_length() + 1 if signed else 0)
    for size in (1, 2, 4, 8) if packed else (4, 8):
        if needed <= 8 * size:
            return size, signed
    limits = (-1 << 63, (1 << 63) - 1) if signed else (0, ~(-1 << 64))
    raise_all(
        LayoutError(
            "enum-range",
            f"the value {value} fits in no integer type"
            + (" that holds the negative ones too" if signed and value > 0 else ""),
            index=index,
        )
        for index, value in enumerate(values)
        if not limits[0] <= value <= limits[1]
    )
    raise AssertionError(values)


def is_wide(type: Enum) -> bool:
    """Return whether BTF has *type* as an ENUM64: by its size, whatever the values are."""
    return type.size > INT.size


def _check_range(values: Sequence[int], lowest: int, highest: int, type: str) -> None:
    """Raise a LayoutError, `enum-range`, for what of *values* doesn't fit in *type*."""
    raise_all(
        LayoutError(
            "enum-range",
            f"the value {value} doesn't fit in {type}",
            f"the range is {lowest} to {highest}",
            index,
        )
        for index, value in enumerate(values)
        if not lowest <= value <= highest
    )


def enumerator_type(value: int, enum_size: int, *, signed: bool) -> Int:
    """Return the C type of an enumerator once its enum without a base type is complete.

    It is `int` where the value fits, else the enum's own type, as clang has had it up to 19. From
    20 on clang follows C23, where all enumerators have the enum's type as soon as one is no `int`.
    With a base type all enumerators have that one.
    """
    if fits(value, INT):
        return INT
    if enum_size <= INT.size:
        return INT if signed else UINT
    return LONG if signed else ULONG


def next_enumerator(value: int, type: Int) -> tuple[int, Int]:
    """Return value and type of the enumerator after one with *value* and *type*, in its own enum.

    Where the sum leaves *type*, C goes to a wider one; clang's is `long` for `int` and
    `unsigned long` for `unsigned int`.

    Raises:
        ConstantError: `constant-overflow`: no integer type holds the sum.
    """
    value += 1
    if fits(value, INT) and type.size <= INT.size:
        return value, INT
    if fits(value, type):
        return value, type
    wider = LONG if type.signed else ULONG
    if fits(value, wider) and wider.size > type.size:
        return value, wider
    raise ConstantError(
        "constant-overflow",
        f"the enumerator would be {value}, which `{type.name}` can't hold",
        "give it a value of its own",
    )
