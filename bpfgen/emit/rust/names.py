"""Names in Rust: how C's are spelled there, which are keywords, which give way to others.

The ground of this folder. Types are CamelCase, members and enumerators as in C, constants SHOUTED.
"""

from __future__ import annotations

import re

from bpfgen.emit.user_space.names import Names
from bpfgen.record import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from bpfgen.text.source import Span

_KEYWORDS = frozenset(
    """abstract as async await become box break const continue do dyn else enum extern false final
    fn for gen if impl in let loop macro match mod move mut override priv pub ref return static
    struct trait true try type typeof unsafe unsized use virtual where while yield""".split()
)
"""Keywords of any edition, and words reserved for one, which can be names after `r#`."""

_NEVER_NAMES = frozenset(("self", "Self", "super", "crate", "_"))
"""Those that can't, and what is no name at all."""

INHERENT = ("borrow", "bytes", "clone", "eq", "fmt", "from", "from_bytes", "hash", "into", "ne")
"""Methods of traits that a method of the type itself would hide."""

_CAMEL_BOUNDARY = re.compile("(?<=[a-z0-9])(?=[A-Z])")


def member_name(name: str) -> str:
    """Return *name* as Rust has a member, a method or a constant of that name.

    A keyword gets an underscore; after `r#` it would break zerocopy's derives.
    """
    return f"{name}_" if name in _KEYWORDS or name in _NEVER_NAMES else name


def type_name(words: Iterable[str]) -> str:
    """Return the CamelCase name that *words* of C make: `flow_key` is `FlowKey`.

    An underscore stays where it keeps two digits apart. What has no letter or digit keeps its
    underscores, after a letter.
    """
    parts = [part for word in words for part in word.split("_") if part]
    name = ""
    for part in parts:
        if name and name[-1].isdigit() and part[0].isdigit():
            name += "_"
        shouted = len(part) > 1 and part.isupper()
        name += part[0].upper() + (part[1:].lower() if shouted else part[1:])
    if not name:
        return "X" + "".join(words)
    if name[0].isdigit():
        name = f"_{name}"
    return f"{name}_" if name in _NEVER_NAMES else name


def constant_name(name: str) -> str:
    """Return *name* as a constant of the module: `MAX_FLOWS` as it is, `maxFlows` the same."""
    return member_name(_CAMEL_BOUNDARY.sub("_", name).upper())


def module_name(stem: str) -> str:
    """Return the name of the module that is generated from the source *stem*."""
    word = "".join(c if c.isascii() and (c.isalnum() or c == "_") else "_" for c in stem)
    if not word or word[0].isdigit():
        word = f"_{word}"
    return f"r#{word}" if word in _KEYWORDS else member_name(word)


def is_module_name(word: str) -> bool:
    """Return whether a module can be called *word*."""
    bare = word.removeprefix("r#")
    if not (bare.isascii() and bare.isidentifier()) or bare in _NEVER_NAMES:
        return False
    return bare != word or bare not in _KEYWORDS


def is_snake_case(name: str) -> bool:
    """Return whether rustc takes *name* for the name of a member or function without a warning."""
    word = name.strip("_")
    return "__" not in word and word == word.lower()


def is_shouted(name: str) -> bool:
    """Return whether rustc takes *name* for the name of a constant without a warning."""
    return name == name.upper()


class Scope:
    """The names at the top of a module: those of types and those of values, which are apart."""

    def __init__(self) -> None:
        self.types = Names("Rust")
        self.values = Names("Rust")

    def type(self, name: str, subject: str, span: Span | None, *, is_value: bool = False) -> str:
        """Return *name*, now a type's; with *is_value* it is a function or constant as well."""
        self.types.claim(name, subject, span)
        if is_value:
            self.values.claim(name, subject, span)
        return name


PRELUDE: Mapping[str, str] = {
    "Option": "core::option::Option",
    "Some": "core::option::Option::Some",
    "None": "core::option::Option::None",
    "Result": "core::result::Result",
    "Ok": "core::result::Result::Ok",
    "Err": "core::result::Result::Err",
    "Copy": "core::marker::Copy",
    "Default": "core::default::Default",
    "Iterator": "core::iter::Iterator",
    "Vec": "std::vec::Vec",
}
"""Names that are there without an import, and what to write where a type of the file has them."""


TRAITS: Mapping[str, str] = {
    "Clone": "core::clone::Clone",
    "Default": "core::default::Default",
    "From": "core::convert::From",
    "Into": "core::convert::Into",
    "Iterator": "core::iter::Iterator",
    "TryFrom": "core::convert::TryFrom",
}
"""Traits of the prelude whose methods are called; a type of the same name would hide them."""


OWN_NAMES = ("Plain", "KeyValue", "Records", "D")
"""Traits that a module declares, and a parameter of types; they give way to the source's types."""


def words_beside(declared: frozenset[str]) -> dict[str, str]:
    """Return how names are written beside types with the names *declared*.

    Those of :data:`PRELUDE` by their paths where a type has them, those of :data:`OWN_NAMES` with
    an underscore.
    """
    words = {name: path if name in declared else name for name, path in PRELUDE.items()}
    for name in OWN_NAMES:
        words[name] = name
        while words[name] in declared:
            words[name] += "_"
    return words
