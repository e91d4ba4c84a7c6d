"""Two enums: whether each enumerator is still the same number."""

from __future__ import annotations

from bpfgen.changes.layout.causes import Cause
from bpfgen.changes.layout.words import listed
from bpfgen.record import TYPE_CHECKING

if TYPE_CHECKING:
    from bpfgen.changes.layout.causes import Where
    from bpfgen.ctype.types import Enum, Enumerator

ENUMERATOR = "break-layout-enumerator"
ENUMERATOR_GONE = "break-layout-enumerator-gone"

_COUNTS = frozenset(("MAX", "COUNT", "CNT", "NUM", "NR", "LAST"))
"""Words at the end of the names of enumerators that count the others: `__VERDICT_MAX`."""

_COUNTS_OF = frozenset(("NR", "NUM", "MAX"))
"""Words at the start of such names: `NR_VERDICTS`."""

_U32 = 0xFFFFFFFF


def enumerator_causes(old: Enum, new: Enum, where: Where, *, cut: bool = False) -> list[Cause]:
    """Return what has become of the enumerators of *old*, an enum of as many bytes as *new*.

    A new enumerator is none, and another name of the same value neither. One that counts the others
    moves with each new one, and no value of it is stored.
    """
    mask = (1 << 8 * old.size) - 1
    own, other = _values(old, mask), _values(new, mask)
    if cut and old.size == 8 and any(max((*one.values(), 0)) <= _U32 for one in (own, other)):
        own, other = _values(old, _U32), _values(new, _U32)
    if own.items() <= other.items():
        return []
    left = {value for name, value in other.items() if name not in own}
    kept = {value for name, value in own.items() if other.get(name) == value}
    counts = _counting(own), _counting(other)
    gone, changed = [], []
    for enumerator in old.enumerators:
        name = enumerator.name
        value = other.get(name)
        if value == own[name]:
            continue
        if value is not None:
            if not (name in counts[0] and name in counts[1]):
                changed.append(enumerator)
        elif own[name] not in left and own[name] not in kept and name not in counts[0]:
            gone.append(enumerator)
    counterparts = {one.name: one for one in new.enumerators}
    causes = [_changed(run, counterparts, where) for run in _runs(changed, own, other)]
    if gone:
        causes.append(_gone(gone, where))
    return causes


def _values(enum: Enum, mask: int) -> dict[str, int]:
    """Return the bits of each enumerator, by its name."""
    return {one.name: one.value & mask for one in enum.enumerators}


def _counting(values: dict[str, int]) -> set[str]:
    """Return the enumerators that only say how many there are, or which is the last."""
    counts = {name for name in values if _is_count(name)}
    most = max((value for name, value in values.items() if name not in counts), default=-1)
    past = {name for name in counts if values[name] == most + 1}
    # `X_MAX = __X_MAX - 1`
    return past | {name for name in counts if past and values[name] == most and _is_last(name)}


def _is_count(name: str) -> bool:
    words = name.upper().strip("_").split("_")
    return words[-1] in _COUNTS or words[0] in _COUNTS_OF


def _is_last(name: str) -> bool:
    return name.upper().strip("_").rpartition("_")[2] in ("MAX", "LAST")


def _runs(
    changed: list[Enumerator], own: dict[str, int], other: dict[str, int]
) -> list[list[Enumerator]]:
    """Return *changed* in groups that were shifted together, or have changed places."""
    if sorted(own[one.name] for one in changed) == sorted(other[one.name] for one in changed):
        return [changed] if changed else []
    runs: list[list[Enumerator]] = []
    last: int | None = None
    for enumerator in changed:
        shift = other[enumerator.name] - own[enumerator.name]
        if shift == last:
            runs[-1].append(enumerator)
        else:
            runs.append([enumerator])
        last = shift
    return runs


def _changed(run: list[Enumerator], new: dict[str, Enumerator], where: Where) -> Cause:
    first = run[0]
    counterpart = new[first.name]
    message = f"`{first.name}` of {where.label} was {first.value} and is {counterpart.value}"
    if len(run) > 1:
        rest = [one.name for one in run[1:]]
        message += f", and with it {listed(rest)} changed"
    now = {one.value: name for name, one in new.items()}
    other = now.get(first.value)
    happens = f"a stored {first.value} was `{first.name}` and is read as "
    happens += f"`{other}`" if other else "none of the enumerators"
    return Cause(
        ENUMERATOR,
        where.part(first.name, first.span, counterpart.span),
        message,
        (str(first.value), str(counterpart.value)),
        (happens,),
    )


def _gone(gone: list[Enumerator], where: Where) -> Cause:
    first = gone[0]
    verb = "is" if len(gone) == 1 else "are"
    message = f"{listed([one.name for one in gone])} of {where.label} {verb} gone"
    happens = f"a stored {first.value} was `{first.name}` and is none of the enumerators now"
    part = where.part(first.name, first.span, None)
    return Cause(ENUMERATOR_GONE, part, message, (str(first.value), ""), (happens,))
