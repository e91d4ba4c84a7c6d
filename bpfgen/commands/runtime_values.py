"""`--set flows.max_entries=1000`: the words of the option as values of a model."""

from __future__ import annotations

from bpfgen.commands import UsageError
from bpfgen.model.runtime import RuntimeValueError, with_values
from bpfgen.record import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from bpfgen.model.model import Model

_EXAMPLE = "--set flows.max_entries=1000"


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
        number = _number(text.strip())
        if number is None:
            raise UsageError(f"--set {place}: `{text}` is no number", _EXAMPLE)
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
    number = parsed_bytes(text)
    return _flags(text) if number is None else number


def _flags(text: str) -> int | None:
    """Return the flags whose names stand in *text*, between bars; None if one isn't known."""
    from bpfgen.kernel.map_flags import MAP_FLAGS

    flags = 0
    for name in text.split("|"):
        flag = MAP_FLAGS.get(name.strip())
        if flag is None:
            return None
        flags |= flag.value
    return flags
