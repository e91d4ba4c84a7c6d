"""Where names come from that a file doesn't declare itself: what the resolver asks of that.

The resolver knows these protocols and nothing of files, headers or compilers; what implements them
stands above it, in :mod:`bpfgen.providers`. Only type checkers read this module.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from bpfgen.ctype.types import Constant, Type
    from bpfgen.model.maps import Map, Template
    from bpfgen.model.model import PreludeType


class Provider(Protocol):
    """Where names come from that the file itself doesn't declare."""

    @property
    def source(self) -> str:
        """The name of the file that declares them; `prelude` or `included` where it is none."""

    def find_type(self, kind: str, name: str) -> Type | None:
        """Return the definition of `struct name` (or union, enum, typedef), or None."""

    def find_constant(self, name: str) -> Constant | None:
        """Return the constant or enumerator *name*, or None."""

    def find_template(self, name: str) -> Template | None:
        """Return the template *name*, or None."""

    def find_map(self, name: str) -> Map | None:
        """Return the map *name*, or None."""

    def declares(self, name: str, *, tag: bool) -> str:
        """Return who declares *name*, where the file can't declare it too; else empty."""

    def hidden(self, name: str) -> str:
        """Return what would have to be imported for *name* to be visible, or empty."""

    def type_names(self) -> list[str]:
        """Return the names that :meth:`find_type` knows, for "did you mean"."""

    def constant_names(self) -> list[str]:
        """Return the names that :meth:`find_constant` knows, for "did you mean"."""


class BuiltIn(Provider, Protocol):
    """The names that every file has without asking: the output declares those that are used."""

    def use_type(self, kind: str, name: str) -> Type | None:
        """Return the type `kind name` and note that the output needs it; None if not here."""

    def use_constant(self, name: str) -> Constant | None:
        """Return the constant *name* and note that the output needs it; None if not here."""

    def used_types(self) -> tuple[PreludeType, ...]:
        """Return the types that were used, those needed by others before them."""

    def used_constants(self) -> tuple[Constant, ...]:
        """Return the constants that were used, in the order of first use."""
