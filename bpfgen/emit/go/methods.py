"""Writes methods of one type, with their comments: what accessors and conversions share."""

from __future__ import annotations

from bpfgen.emit.go.comments import comment, doc
from bpfgen.record import TYPE_CHECKING, Record

if TYPE_CHECKING:
    from bpfgen.emit.go.package import Package
    from bpfgen.emit.user_space.identifiers import Origin
    from bpfgen.emit.user_space.names import Names


class Method(Record):
    """One method.

    Attributes:
        about: The first line of its comment, after its name.
        body: Its lines.
        doc: The doc comment of what it is about.
        needs_receiver: Whether *body* uses it.
    """

    name: str
    about: str
    parameters: str
    results: str
    body: tuple[str, ...]
    doc: str = ""
    needs_receiver: bool = True


class Methods:
    """The methods of one type.

    Attributes:
        texts: What has been written, each with a blank line before it.
        scope: The names of its fields and methods.
        origin: What of the source the next methods are about.
    """

    def __init__(
        self, package: Package, receiver: str, scope: Names, origin: Origin, inside: str = ""
    ) -> None:
        """Begin those of *receiver*, a name and a type: `v *FlowKey`.

        *inside* tells those of a map in the map that is *origin* from those of that.
        """
        self.texts: list[str] = []
        self.scope = scope
        self.package = package
        self.origin = origin
        self._stem = ""
        self._inside = inside
        self._receiver = receiver

    def begin(self, origin: Origin, stem: str) -> None:
        """Have the next methods be about *origin*, with names that are made of *stem*."""
        self.origin = origin
        self._stem = stem

    def write(self, method: Method) -> None:
        """Add *method*."""
        lines = "".join([f"\t{line}\n" for line in method.body])
        results = f" {method.results}" if method.results else ""
        receiver = self._receiver
        self.package.surface.add(
            self.origin,
            f"{receiver.rpartition(' ')[2].lstrip('*')}.{method.name}",
            f"func({method.parameters}){results}",
            f"{self._inside}.{method.name.replace(self._stem, '', 1)}",
        )
        if not method.needs_receiver:
            receiver = receiver.rpartition(" ")[2]
        opening = comment(doc(method.doc, f"{method.name} {method.about}."))
        signature = f"func ({receiver}) {method.name}({method.parameters}){results}"
        self.texts.append(f"\n{opening}{signature} {{\n{lines}}}\n")


def halves(type: str) -> str:
    """Return the parameters or results that are 128 bits, the upper half of *type*."""
    return "hi, lo uint64" if type == "uint64" else f"hi {type}, lo uint64"
