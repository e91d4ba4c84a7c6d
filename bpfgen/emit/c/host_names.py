"""What things are called in user space: as in the source, but for what a name means there.

Comes before :mod:`bpfgen.emit.c.host_types`. In C++ the language has more keywords, a tag is a
type's name like any other, and a member hides what its name means outside.
"""

from __future__ import annotations

from bpfgen.ctype.types import Composite, Enum, Named
from bpfgen.emit.c.declarators import base_of
from bpfgen.emit.c.sides import CPLUSPLUS, CPP_WORDS, HOST_WORDS, LIBC_TYPEDEFS, typedef_word
from bpfgen.emit.c.type_bodies import defined_by
from bpfgen.record import TYPE_CHECKING
from bpfgen.text.diagnostics import Diagnostic

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bpfgen.ctype.types import Type, Typedef
    from bpfgen.emit.c.declarators import Body
    from bpfgen.emit.c.type_bodies import Known
    from bpfgen.model.model import TypeDeclaration

PREFIX = "bpfgen_"
"""What the names begin with that are the header's own."""


class HostNames:
    """The names of one model on one side.

    Attributes:
        side: C or C++, as :mod:`bpfgen.emit.c.sides` calls it.
        diagnostics: Names that became one.
    """

    __slots__ = ("_known", "_structs", "_tags", "_typedefs", "_words", "diagnostics", "side")

    def __init__(
        self, known: Known, structs: frozenset[str], typedefs: Mapping[str, Typedef], side: str
    ) -> None:
        """Make those of a model.

        Args:
            known: Its types, by kind and name.
            structs: The tags of the kernel's structs that have a name of their own.
            typedefs: Every typedef that it knows, by its name.
            side: C or C++.
        """
        self.side = side
        self.diagnostics: list[Diagnostic] = []
        self._known = known
        self._structs = structs
        self._typedefs = typedefs
        is_cplusplus = side == CPLUSPLUS
        self._words = CPP_WORDS | HOST_WORDS if is_cplusplus else HOST_WORDS
        self._tags = (
            LIBC_TYPEDEFS | _tags_of_other_typedefs(known, typedefs)
            if is_cplusplus
            else frozenset()
        )

    def word(self, name: str) -> str:
        """Return what the member, constant or enumerator *name* is called."""
        return f"{name}_" if name in self._words else name

    def typedef(self, typedef: Typedef) -> str:
        """Return what *typedef* is called."""
        return typedef_word(typedef, self._words)

    def tag(self, tag: str) -> str:
        """Return what the *tag* of a struct, union or enum is."""
        if tag in self._structs:
            return f"{PREFIX}{tag}"
        word = self.word(tag)
        return f"{word}_" if tag in self._tags else word

    def hides(self, declaration: TypeDeclaration) -> frozenset[str]:
        """Return the typedefs whose names are members' in *declaration*, too.

        In C++ a member changes what its name means in all of its class ([basic.scope.class]).
        """
        if self.side != CPLUSPLUS:
            return frozenset()
        names: set[str] = set()
        pending: list[Body | None] = [declaration.defines]
        pending += [_nameless(typedef.underlying) for typedef in declaration.typedefs]
        while pending:
            body = pending.pop()
            if isinstance(body, Composite):
                for member in body.members:
                    if member.name is not None and member.name in self._typedefs:
                        names.add(member.name)
                    pending.append(defined_by(member, self._known))
        return frozenset(names)

    def check(self, composite: Composite) -> None:
        """Report names of members that became one."""
        names = {member.name for member in composite.members}
        for member in composite.members:
            name = member.name
            if name is not None and name in self._words and self.word(name) in names:
                language = "C++" if name in CPP_WORDS else "user space"
                self.diagnostics.append(
                    Diagnostic(
                        "output-name",
                        f"`{name}` is `{name}_` in {language}, as the member beside it is",
                        member.span,
                        notes=(f"`{name}` has a meaning of its own there",),
                        help="rename one of them",
                    )
                )


def _nameless(type: Type) -> Body | None:
    base = base_of(type)
    return base if isinstance(base, (Composite, Enum)) and base.tag is None else None


def _tags_of_other_typedefs(known: Known, typedefs: Mapping[str, Typedef]) -> frozenset[str]:
    """Return the tags that are the name of a typedef of something else."""
    names: set[str] = set()
    for name, typedef in typedefs.items():
        for kind in ("struct", "union", "enum"):
            if (kind, name) in known:
                type = typedef.underlying
                own = type.tag if isinstance(type, (Composite, Enum)) else None
                if isinstance(type, Named):
                    own = type.name
                if own != name:
                    names.add(name)
    return frozenset(names)
