"""Numbers and enums of one name: what BTF says of their values, declared against emitted.

A part of :mod:`bpfgen.ctype.compare`: what needs no walk.
"""

from __future__ import annotations

from bpfgen.ctype.describe import counted, signedness
from bpfgen.ctype.difference import Difference, part_of
from bpfgen.ctype.identity import align_names, canonical
from bpfgen.ctype.types import Int
from bpfgen.record import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bpfgen.ctype.difference import Pair
    from bpfgen.ctype.types import Enum, Enumerator, Float

_U32 = 0xFFFFFFFF


def number_differences(
    pair: Pair, declared: Int | Float, emitted: Int | Float, verb: str
) -> Iterator[Difference]:
    """Yield in what two numbers of one class and one name differ: size, sign, or truth value."""
    if declared.size != emitted.size:
        yield _difference(
            pair,
            f"`{declared.name}` ({pair.subject}) is declared with "
            f"{counted(declared.size, 'byte')} and {verb} with {emitted.size}",
        )
    elif isinstance(declared, Int) and isinstance(emitted, Int):
        if (declared.signed, declared.bool) == (emitted.signed, emitted.bool):
            return
        if canonical(emitted.name) == "char" and not emitted.bool:
            return
        yield _difference(
            pair,
            f"`{declared.name}` ({pair.subject}) is declared {signedness(declared)} and "
            f"{verb} {signedness(emitted)}",
        )


def enum_differences(
    pair: Pair, label: str, declared: Enum, emitted: Enum, *, is_cut: bool, verb: str
) -> Iterator[Difference]:
    """Yield in what sign and enumerators differ from what clang emits for *declared*.

    From 16 on they are as declared, but for an enum whose base is written as a typedef: that is
    unsigned, and values are cut to 32 bits (*is_cut*). clang 14 has no other enums than such.
    """
    signed = declared.signed and not is_cut
    if emitted.signed != signed:
        words = ("unsigned", "signed")
        sides = f"{words[declared.signed]} and {verb} {words[emitted.signed]}"
        yield _difference(pair, f"{label} is declared {sides}")
    names = [enumerator.name for enumerator in declared.enumerators]
    aligned = align_names(names, [enumerator.name for enumerator in emitted.enumerators])
    for own, other in aligned:
        if own is None:
            name = emitted.enumerators[other or 0].name
            yield _difference(
                pair, f"{label} is {verb} with enumerator `{name}`, which isn't declared"
            )
            continue
        enumerator = declared.enumerators[own]
        what = f"enumerator `{enumerator.name}` of {label}"
        if other is None:
            yield _difference(pair, f"{what} is declared and not {verb}", enumerator)
            continue
        counterpart = emitted.enumerators[other]
        if counterpart.name != enumerator.name:
            both = (enumerator.name, counterpart.name)
            yield _difference(pair, f"{what} is {verb} as `{both[1]}`", enumerator, both)
        value = enumerator.value & _U32 if is_cut else enumerator.value
        # Where the sign differs, which is reported above, only the bits are compared.
        bits = -1 if emitted.signed == signed else (1 << 8 * emitted.size) - 1
        if (counterpart.value ^ value) & bits:
            sides = f"{enumerator.value} and {verb} as {counterpart.value}"
            yield _difference(pair, f"{what} is declared as {sides}", enumerator)


def _difference(
    pair: Pair,
    message: str,
    enumerator: Enumerator | None = None,
    names: tuple[str, str] | None = None,
) -> Difference:
    """Return a difference of *pair*, or of *enumerator* in it."""
    span, place = pair.span, pair.place
    if enumerator is not None:
        span = enumerator.span or span
        place = part_of(pair.place, "enumerator", enumerator.name)
    return Difference(message, False, pair.path, span, "", place, names)  # noqa: FBT003 -- as named
