"""The integers of an object's types -> C's, or the kernel's where another language wrote them."""

from __future__ import annotations

from bpfgen.ctype.c_numbers import c_integer
from bpfgen.ctype.identity import is_foreign_integer, same_values
from bpfgen.ctype.types import Int, underlying
from bpfgen.record import TYPE_CHECKING

if TYPE_CHECKING:
    from bpfgen.ctype.types import Type
    from bpfgen.providers.prelude import Prelude

_RUST = {"i8": "s8", "i16": "s16", "i32": "s32", "i64": "s64"}
"""Integers of Rust by the names that the kernel's C has for them; the unsigned have the same."""


def integer(prelude: Prelude, type: Int) -> Type | None:
    """Return the type of C that *type* is: as :func:`c_integer`, or the kernel's `u32` for Rust's.

    Comparison takes both for the same.
    """
    if is_foreign_integer(type):
        own = prelude.find_type("typedef", _RUST.get(type.name, type.name))
        if own is not None:
            bare = underlying(own)
            if isinstance(bare, Int) and same_values(bare, type):
                return own
    return c_integer(type)
