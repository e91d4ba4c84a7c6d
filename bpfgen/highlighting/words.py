"""The words that have a meaning by themselves, from the tables that the compiler goes by."""

from __future__ import annotations

import re

from bpfgen.kernel.map_kinds import MAP_KINDS
from bpfgen.kernel.targets import TARGETS
from bpfgen.resources import prelude_text
from bpfgen.syntax import tables

PINNING_WORDS = ("none", "by_name")
RUNTIME = "runtime"
"""What an attribute may be instead of a number."""


def kinds() -> list[str]:
    """Return the names of map kinds, sorted."""
    return sorted(MAP_KINDS)


def targets() -> list[str]:
    """Return what `target` may name, sorted."""
    return sorted(TARGETS)


def integer_types() -> list[str]:
    """Return the typedefs of whole numbers that every source has: `(__u8)300` is a cast."""
    return sorted(re.findall(r"^typedef .*?(\w+);$", prelude_text("integers.dsl"), re.MULTILINE))


def spellings(terminal: str) -> list[str]:
    """Return the words that the grammar has for *terminal*, sorted."""
    words = {**tables.HARD_WORDS, **tables.SOFT_WORDS}
    return sorted(word for word, name in words.items() if name == terminal)


def any_of(words: list[str]) -> str:
    """Return the expression for one of *words* and nothing longer."""
    return rf"\b(?:{'|'.join(words)})\b"
