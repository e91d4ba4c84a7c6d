"""What a source can't say of an object's types: reported once each, and replaced or left out.

The leaves of :mod:`types`: numbers, tags and attributes, which hold no other type.
"""

from __future__ import annotations

from bpfgen.ctype.c_numbers import c_float
from bpfgen.ctype.describe import is_address_space
from bpfgen.ctype.identity import canonical
from bpfgen.ctype.restore import InexpressibleError
from bpfgen.ctype.types import Attributes, Int, TypeTag
from bpfgen.importer.from_object.integers import integer
from bpfgen.record import TYPE_CHECKING
from bpfgen.text.diagnostics import WARNING, Diagnostic

if TYPE_CHECKING:
    from bpfgen.ctype.types import Float, Type
    from bpfgen.providers.prelude import Prelude


class Losses:
    """The parts that can't be kept as they are, gathered.

    Attributes:
        diagnostics: A warning for each.
    """

    __slots__ = ("_reported", "diagnostics")

    def __init__(self) -> None:
        self.diagnostics: list[Diagnostic] = []
        self._reported: set[Diagnostic] = set()

    def report(self, code: str, message: str) -> None:
        """Say so, unless it was said before: many types may hold the same thing."""
        diagnostic = Diagnostic(code, message, None, severity=WARNING)
        if diagnostic not in self._reported:
            self._reported.add(diagnostic)
            self.diagnostics.append(diagnostic)

    def integer(self, prelude: Prelude, type: Int) -> Type:
        """Return C's integer of the same size and sign, by the prelude's name if it has one.

        Raises:
            InexpressibleError: There is none.
        """
        known = integer(prelude, type)
        if known is None:
            message = f"C has no integer type like `{type.name}` of {type.size} bytes"
            raise InexpressibleError(message)
        if isinstance(known, Int) and known.name != canonical(type.name):
            self.report(
                "import-name",
                f"the integer type `{type.name}` becomes `{known.name}`, as C calls it",
            )
        return known

    @staticmethod
    def floating(type: Float) -> Type:
        """Return C's floating type; InexpressibleError if there is none."""
        known = c_float(type)
        if known is None:
            message = f"C for BPF has no floating type like `{type.name}` of {type.size} bytes"
            raise InexpressibleError(message)
        return known

    def tagged(self, type: TypeTag, inside: Type) -> Type:
        """Return *inside* with the tag of *type*, or without it where none can be written."""
        is_plain = type.tag.isascii() and type.tag.isprintable()
        if is_address_space(type.tag) if type.attribute else is_plain:
            return TypeTag(inside, type.tag)
        message = f"the type tag `{type.tag}` can't be written, and is left out"
        self.report("import-type", message)
        return inside

    def attributes(self, attributes: Attributes | None) -> Attributes | None:
        """Return what can be written of *attributes*; None if that is nothing."""
        if attributes is None:
            return None
        for other in attributes.others:
            message = f"the attribute `{other}` can't be written, and is left out"
            self.report("import-type", message)
        tags = self.decl_tags(attributes.decl_tags)
        return Attributes(decl_tags=tags) if tags else None

    def decl_tags(self, tags: tuple[str, ...]) -> tuple[str, ...]:
        """Return those of *tags* that can be written."""
        written = []
        for tag in tags:
            if tag.isascii() and tag.isprintable():
                written.append(tag)
            else:
                message = f"the decl tag `{tag}` can't be written, and is left out"
                self.report("import-type", message)
        return tuple(written)
