"""`--set flows.max_entries=1000`: the words of the option as values of a model."""

from __future__ import annotations

from bpfgen.commands import UsageError
from bpfgen.model.runtime import INNER, RuntimeValueError, with_values
from bpfgen.record import TYPE_CHECKING, replace

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from bpfgen.model.model import Model
    from bpfgen.text.diagnostics import Diagnostic

_EXAMPLE = "--set flows.max_entries=1000"
_FLAGS = "map_flags"


def values_of(words: Iterable[str]) -> dict[str, int]:
    """Return what *words*, each after `--set`, say: numbers by `MAP.ATTRIBUTE`.

    A number is decimal, hexadecimal, an amount of memory or, of `map_flags`, names of flags.

    Raises:
        UsageError: One says nothing of the kind, or two say different things of one attribute.
    """
    values: dict[str, int] = {}
    for word in words:
        place, given, text = word.partition("=")
        place = place.strip()
        if not given or "." not in place:
            raise UsageError(f"--set wants MAP.ATTRIBUTE=N, and `{word}` isn't that", _EXAMPLE)
        is_flags = place.rpartition(".")[2] == _FLAGS
        number = _flags(place, text) if is_flags else _number(text.strip())
        if number is None:
            raise UsageError(f"--set {place}: `{text}` is no number", f"--set {place}=1000")
        if values.setdefault(place, number) != number:
            raise UsageError(f"--set gives `{place}` two values", "give one of them")
    return values


def with_set(model: Model, values: dict[str, int]) -> Model:
    """Return *model* with *values* for what is `runtime` in it.

    Raises:
        UsageError: One is for something else.
    """
    try:
        return with_values(model, values)
    except RuntimeValueError as error:
        raise UsageError(f"--set: {error}", error.help) from error


def with_option(said: Diagnostic, values: Mapping[str, int]) -> Diagnostic:
    """Return *said* of a model with *values*: where one of them is wrong, the advice is for it.

    What the rule advises is for what stands in the source, and there it is `runtime`.
    """
    subject = said.subject
    if subject is None or subject.kind != "map":
        return said
    from bpfgen.rules.maps.bpf_attr import INNER as IN_SUBJECTS

    part = subject.part
    if part.startswith(IN_SUBJECTS):
        part = f"{INNER}.{part[len(IN_SUBJECTS) :]}"
    about = f"{subject.name}.{part}"
    place = next((one for one in values if f"{about}.".startswith(f"{one}.")), None)
    if place is None:
        own = [one for one in values if one.startswith(f"{subject.name}.")]
        if not own:
            return said
        note = f"{', '.join(f'`{_option(one, values[one])}`' for one in own)} is part of it"
        return replace(said, notes=(*said.notes, note))
    flag = about[len(place) + 1 :]
    if flag:
        from bpfgen.kernel.map_flags import MAP_FLAGS

        wrong = MAP_FLAGS[flag].value if flag in MAP_FLAGS else 0
        advice = f"`{_option(place, values[place] & ~wrong)}`"
    elif said.edits and _number(value := said.edits[0].text.replace(" ", "")) is not None:
        advice = f"`--set {place}={value}`"
    else:
        advice = f"give another value: `{_option(place, values[place])}` says this one"
    return replace(said, help=advice, edits=())


def _option(place: str, value: int) -> str:
    """Return what a user types for *value*, flags by their names."""
    from bpfgen.kernel.map_flags import MAP_FLAGS, flag_names

    text = str(value)
    if place.rpartition(".")[2] == _FLAGS and value:
        names = flag_names(value)
        text = f"{value:#x}" if any(name not in MAP_FLAGS for name in names) else "|".join(names)
    return f"--set {place}='{text}'" if "|" in text else f"--set {place}={text}"


def _number(text: str) -> int | None:
    """Return the number that *text* is; None if it is none."""
    from bpfgen.text.quantities import parsed_bytes

    if text[:2] in ("0x", "0X"):
        digits = text[2:]
        is_hexadecimal = digits.isascii() and digits.isalnum() and len(digits) <= 32
        try:
            return int(digits, 16) if is_hexadecimal else None
        except ValueError:
            return None
    return parsed_bytes(text)


def _flags(place: str, text: str) -> int:
    """Return the flags that *text* has, names or numbers between bars.

    Raises:
        UsageError: One is neither.
    """
    from bpfgen.kernel.map_flags import MAP_FLAGS, OTHER_FLAGS

    flags = 0
    for name in (one.strip() for one in text.split("|")):
        flag = MAP_FLAGS.get(name)
        number = _number(name) if flag is None else flag.value
        if number is None:
            from bpfgen.text.spelling import did_you_mean

            what, near = "no flag of a map", ""
            if name in OTHER_FLAGS:
                what += f", but of {OTHER_FLAGS[name]}"
            else:
                near = did_you_mean(name, MAP_FLAGS)
            example = f"--set {place}='BPF_F_NO_PREALLOC|BPF_F_NUMA_NODE'"
            advice = near or f"names of flags, or a number: {example}"
            raise UsageError(f"--set {place}: `{name}` is {what}", advice)
        flags |= number
    return flags
