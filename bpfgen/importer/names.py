"""Names of an object's types, members and enumerators -> names that a source can have.

C's rules are those of one file. A statically linked object has the types of several, compilers of
other languages have names that C has not, and what the kernel's headers declare can't be declared
again. A name that can't be had is changed as little as possible, and that is reported.
"""

from __future__ import annotations

from bpfgen.ctype.types import Composite, underlying
from bpfgen.model.maps import MAP_KINDS
from bpfgen.record import TYPE_CHECKING
from bpfgen.resolve.possible_names import is_name, possible

if TYPE_CHECKING:
    from bpfgen.ctype.types import Member
    from bpfgen.providers.prelude import Prelude

FLAVOR = "___"
"""What libbpf takes off a type's name, with all after it, when it looks for the kernel's type."""


class Names:
    """The two name spaces of one file: tags (with templates), and everything else.

    *reserved* are tags that a header declares, so that none can be declared here; *ordinary* are
    other names that one does.

    Attributes:
        tags: What took each tag: `struct`, `union`, `enum` or `template`.
        ordinary: What took each other name: `map`, `program`, `typedef` or `enumerator`.
    """

    __slots__ = ("_numbers", "_prelude", "_referred", "_reserved", "_taken", "ordinary", "tags")

    def __init__(
        self,
        prelude: Prelude,
        reserved: frozenset[str] = frozenset(),
        ordinary: frozenset[str] = frozenset(),
    ) -> None:
        self._prelude = prelude
        self._reserved = reserved
        self._taken = ordinary
        self.tags: dict[str, str] = {}
        self.ordinary: dict[str, str] = {}
        self._referred: dict[str, str] = {}
        # The next to try: an enum may have 65,535 enumerators of one name.
        self._numbers: dict[tuple[str, str], int] = {}

    def refer(self, wanted: str, what: str) -> str:
        """Return the tag under which a *what* (`struct`, `union`, `enum`) is only referred to."""
        base = name = possible(wanted)
        number = 2
        while self.tags.get(name, what) != what or self._referred.get(name, what) != what:
            name = f"{base}{FLAVOR}{number}"
            number += 1
        self._referred[name] = what
        return name

    def is_free(self, name: str, what: str) -> bool:
        """Return whether *name* can be given to a new *what*: see the attributes."""
        is_tag = what in ("struct", "union", "enum", "template")
        taken = self.tags if is_tag else self.ordinary
        if name in taken or (is_tag and self._referred.get(name, what) != what):
            return False
        if name in (self._reserved if is_tag else self._taken):
            return False
        # Where a map's kind may stand, so may a template, and in the brackets a typedef too.
        is_kind = name in MAP_KINDS or self.ordinary.get(name) == "typedef"
        if what == "template" and is_kind:
            return False
        if what == "typedef" and self.tags.get(name) == "template":
            return False
        # A typedef of the kernel's may be declared once more, as in C.
        return what == "typedef" or not self._prelude.declares(name, tag=is_tag)

    def keep(self, name: str, what: str) -> str:
        """Return *name*, which a header gives to the very *what* that is meant here."""
        is_tag = what in ("struct", "union", "enum")
        (self.tags if is_tag else self.ordinary)[name] = what
        return name

    def take(self, wanted: str, what: str) -> str:
        """Return *wanted*, or a name made from it, and take it for a new *what*."""
        is_tag = what in ("struct", "union", "enum", "template")
        base = name = possible(wanted)
        number = self._numbers.get((base, what), 2)
        while not self.is_free(name, what):
            name = f"{base}{FLAVOR}{number}"
            number += 1
        self._numbers[base, what] = number
        (self.tags if is_tag else self.ordinary)[name] = what
        return name

    def bare_tag(self, name: str) -> bool:
        """Return whether *name* alone, without `struct`, means the tag *name* in a map."""
        if name in self.ordinary or name in self._taken:
            return False
        return self._prelude.find_type("typedef", name) is None


def member_name(member: Member) -> str | None:
    """Return the name of *member*, one made up where C can't do without.

    Rust's enums are unions with a number that has no name.
    """
    bare = underlying(member.type)
    if member.name is not None or (isinstance(bare, Composite) and bare.tag is None):
        return member.name
    return "unnamed"


def member_names(names: list[str | None]) -> list[str | None]:
    """Return the *names* of a struct's members as a source can have them, each one once."""
    taken: set[str] = {name for name in names if name is not None and is_name(name)}
    possible_names: list[str | None] = []
    used: set[str] = set()
    numbers: dict[str, int] = {}  # the next to try: a struct may have 65,535 members of one name
    for name in names:
        if name is None:
            possible_names.append(None)
            continue
        candidate = base = possible(name)
        while candidate in used or (candidate != name and candidate in taken):
            number = numbers.get(base, 2)
            numbers[base] = number + 1
            candidate = f"{base}{FLAVOR}{number}"
        used.add(candidate)
        possible_names.append(candidate)
    return possible_names
