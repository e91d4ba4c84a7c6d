"""The names of maps in C that isn't read: in branches that are left out, in what has no end.

Used by :mod:`reading` for its messages.
"""

from __future__ import annotations

import re

_MAP_NAMES = re.compile(
    r"(?:\b([A-Za-z_]\w*)\s*(?:\[[^\]\n]*\]\s*)*(?:__attribute__\s*\(\(\w+\)\)\s*)*(?:__\w+\s+)*)?"
    r"(?:__attribute__\s*\(\(\s*)?(?:\bSEC|\b\w*[sS]ection)\w*\s*\(+\s*\"\.?maps[^\"\n]*\""
    r"\s*\)(?:[\s,\w]*\)\))?\s*([A-Za-z_]\w*)?"
)


def map_names(text: str) -> list[str]:
    """Return the names of the maps that *text* seems to define."""
    pairs = _MAP_NAMES.findall(text)
    names = (before if after.startswith("__") else after or before for before, after in pairs)
    return list(dict.fromkeys(name for name in names if name))


def names_of_maps(text: str) -> str:
    """Return the names of the maps in *text*, for a message."""
    listed = [f"`{name}`" for name in map_names(text)]
    if not listed:
        return "definitions of maps"
    more = f" and {len(listed) - 5} more" if len(listed) > 5 else ""
    return ("map " if len(listed) == 1 else "maps ") + ", ".join(listed[:5]) + more
