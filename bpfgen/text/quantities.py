"""Amounts of memory as people write them: `64 MiB`, `1.5 GiB`."""

from __future__ import annotations

import re

_UNITS = ("bytes", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB")
_AMOUNT = re.compile(r"(?i)([0-9]{1,18})\s*(?:([kmgtpe])(?:i?b)?|b(?:ytes)?)?")


def spelled_bytes(size: int) -> str:
    """Return *size* bytes in the largest unit that makes it 1 or more: `1 byte`, `1.5 GiB`.

    What isn't whole is rounded to one decimal, which is left out where it is 0.
    """
    if size == 1:
        return "1 byte"
    power = max(0, min((size.bit_length() - 1) // 10, len(_UNITS) - 1))
    unit = 1 << 10 * power
    tenths = (20 * size + unit) // (2 * unit)
    decimal = f".{tenths % 10}" if tenths % 10 else ""
    return f"{tenths // 10}{decimal} {_UNITS[power]}"


def parsed_bytes(text: str) -> int | None:
    """Return the bytes that *text* says: `64MiB`, `64 MiB`, `64M`, `65536`; None if it says none.

    Units are powers of 1024, however they are spelled.
    """
    amount = _AMOUNT.fullmatch(text.strip())
    if amount is None:
        return None
    power = "KMGTPE".index(amount[2].upper()) + 1 if amount[2] else 0
    return int(amount[1]) << 10 * power
