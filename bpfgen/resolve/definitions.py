"""`-D NAME=VALUE` as the resolver sees it: what replaces the value of a constant.

Loaded where there is such an option; :mod:`bpfgen.providers.definitions` parses them.
"""

from __future__ import annotations

from bpfgen.record import TYPE_CHECKING

if TYPE_CHECKING:
    from bpfgen.ctype.types import Expression


class Definitions:
    """The values that `-D NAME=VALUE` gives to constants, and which of them found one."""

    __slots__ = ("known", "unused", "values")

    def __init__(self, values: dict[str, Expression]) -> None:
        self.values = values
        self.unused = dict.fromkeys(self.values)
        self.known: dict[str, None] = {}

    def use(self, name: str) -> Expression | None:
        """Return what replaces the value of the constant *name*, or None."""
        self.known[name] = None
        self.unused.pop(name, None)
        return self.values.get(name)
