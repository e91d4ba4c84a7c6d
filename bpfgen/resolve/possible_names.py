"""What may be the name of anything in a source, and what is nearest to a name that may not.

For names from elsewhere: those of objects, and of running maps.
"""

from __future__ import annotations

import re

from bpfgen.resolve.scope import C_KEYWORDS
from bpfgen.syntax.tables import HARD_WORDS

_IDENTIFIER = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_FOREIGN = re.compile(r"[^A-Za-z0-9_]+")


def is_name(text: str) -> bool:
    """Return whether *text* can be the name of anything in a source: no keyword, letters of C."""
    return (
        _IDENTIFIER.fullmatch(text) is not None
        and text not in C_KEYWORDS
        and text not in HARD_WORDS
    )


def possible(text: str) -> str:
    """Return *text*, or what is nearest to it among the names that a source can have.

    `Option<u32>` becomes `Option_u32`, `int` becomes `int_`.
    """
    if is_name(text):
        return text
    name = text
    if _IDENTIFIER.fullmatch(text) is None:
        name = _FOREIGN.sub("_", text).strip("_") or "unnamed"
    if name[0].isdigit():
        name = f"_{name}"
    return name if is_name(name) else f"{name}_"
