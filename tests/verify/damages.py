"""The register of damages: what is done to an object, and what must be told about it."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.verify.patch import Patch

    Do = Callable[[Patch], None]


class Damage(NamedTuple):
    """One way of damaging an object, the code of the diagnostic and words of its message."""

    do: Do
    code: str
    words: tuple[str, ...]


DAMAGES: dict[str, Damage] = {}
"""By name, in the order of registration."""


def damage(code: str, *words: str) -> Callable[[Do], Do]:
    """Register the decorated function under its name."""

    def register(do: Do) -> Do:
        DAMAGES[do.__name__.strip("_")] = Damage(do, code, words)
        return do

    return register
