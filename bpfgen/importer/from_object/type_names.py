"""Which type of an object has which name in the source, and which types of one name are one.

A statically linked object has the types of each of its files; most that share a name are the same,
and are declared once.
"""

from __future__ import annotations

from bpfgen.btf import kinds
from bpfgen.ctype.compare import Comparison
from bpfgen.record import TYPE_CHECKING
from bpfgen.resolve.possible_names import possible
from bpfgen.text.diagnostics import FormatError

if TYPE_CHECKING:
    from collections.abc import Callable

    from bpfgen.btf.convert import BtfTypes
    from bpfgen.ctype.types import Type, Typedef
    from bpfgen.importer.from_object.headers import ProjectHeaders
    from bpfgen.importer.names import Names


class TypeNames:
    """The names of one object's types; types are told apart by identity, one a BTF type.

    Attributes:
        renamed: The names that aren't the object's own; of members too, which are added.
    """

    __slots__ = ("_called", "_headers", "_names", "_report", "_same_name", "renamed")

    def __init__(
        self,
        names: Names,
        report: Callable[[str, str], None],
        headers: ProjectHeaders | None = None,
    ) -> None:
        self._names = names
        self._headers = headers
        self._report = report
        self.renamed: set[str] = set()
        # By identity: two types of an object may be equal, and each has its own name. What a type
        # is called keeps the type alive, so that no other gets its id.
        self._called: dict[int, tuple[Type, str]] = {}
        self._same_name: dict[tuple[str, str], list[Type]] = {}

    def of(self, type: Type) -> str | None:
        """Return the name that *type* has got, or None."""
        called = self._called.get(id(type))
        return None if called is None else called[1]

    def twin(self, type: Type, kind: str, name: str) -> Type | None:
        """Return a type of the same name that was met before and doesn't differ, or None."""
        known = self._same_name.setdefault((kind, name), [])
        for other in known:
            if other is not type and not Comparison().differences(other, type, name):
                return other
        if not any(other is type for other in known):
            known.append(type)
        return None

    def take(self, type: Type, kind: str, name: str) -> str:
        """Return the name that *type* gets, and report it if it isn't its own."""
        called = self._called.get(id(type))
        if called is not None:
            return called[1]
        headers = self._headers
        if headers is not None and headers.is_same(kind, name, type):
            own = self._names.keep(name, kind)
        else:
            own = self._names.take(name, kind)
        self._called[id(type)] = (type, own)
        if own != name:
            self.renamed.add(own)
            what = name if kind == "typedef" else f"{kind} {name}"
            why = "is no name of C" if possible(name) != name else "means another type already"
            if headers is not None:
                why = headers.difference(kind, name, type) or why
            self._report("import-name", f"`{what}` {why}; it is called `{own}` here")
        return own


def id_of_typedef(types: BtfTypes, type: Typedef) -> int | None:
    """Return the BTF id of *type*, one of the decoder's; None if it can't be found."""
    for type_id in types.btf.find_all(type.name, kinds.BTF_KIND_TYPEDEF):
        try:
            if types.type(type_id) is type:
                return type_id
        except FormatError:
            continue
    return None
