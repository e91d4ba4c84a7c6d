"""The types of a model as clang writes them into the object's BTF, and which map brings each.

A struct with a name that stands behind a pointer is only declared there, one without a name is
written whole; so what the kernel checks is what :class:`BtfEncoder` has, not what the source says.
"""

from __future__ import annotations

from bpfgen.btf.encode import BtfEncoder
from bpfgen.ctype.types import Composite
from bpfgen.kernel.tags import contained_struct
from bpfgen.model.maps import Map
from bpfgen.record import TYPE_CHECKING, Record
from bpfgen.rules.maps.definitions import shapes

if TYPE_CHECKING:
    from bpfgen.ctype.types import Enum
    from bpfgen.model.maps import Template, TypeArgument
    from bpfgen.model.model import Model


class Bringer(Record):
    """The key, value or record of the map or template that a type came in with."""

    argument: TypeArgument
    declared: Map | Template
    role: str


class WrittenTypes:
    """What clang writes of a model's types.

    Attributes:
        encoder: Has the records, and what each was made of.
        bringers: For each record, by its id less one, what it came in with.
        left_out: The first enum that clang leaves out with what it came in with, or None; the types
            after it are missing then.
    """

    __slots__ = ("_looked_into", "bringers", "encoder", "left_out")

    def __init__(self, model: Model) -> None:
        """Encode the types of *model*'s maps and templates."""
        self.encoder = BtfEncoder(model.named_types, has_more=bool(model.includes))
        self.bringers: list[Bringer] = []
        self.left_out: tuple[Enum, Bringer] | None = None
        self._looked_into = 0  # the last type whose members were asked what they contain
        for shape, declared in shapes(model):
            if isinstance(declared, Map) and declared.legacy:
                continue
            for argument, role in (
                (shape.key, "key"),
                (shape.value, "value"),
                (shape.record, "record"),
            ):
                if argument is not None and self.left_out is None:
                    self._add(Bringer(argument, declared, role), model)
        self.encoder.finish()
        self.bringers += self.bringers[-1:] * (len(self.encoder.records) - len(self.bringers))

    def structs(self) -> list[Composite]:
        """Return the structs that are written with their members, in the order of their ids."""
        origins = self.encoder.origins
        composites = [origins[type_id - 1] for type_id in self.encoder.members]
        return [c for c in composites if isinstance(c, Composite) and c.kind == "struct"]

    def _add(self, bringer: Bringer, model: Model) -> None:
        encoder = self.encoder
        encoder.add(bringer.argument.type)
        self._add_contained(model)
        self.bringers += [bringer] * (len(encoder.records) - len(self.bringers))
        if encoder.left_out:
            self.left_out = (encoder.left_out[0], bringer)

    def _add_contained(self, model: Model) -> None:
        """Add the structs that only a tag `contains:TYPE:MEMBER` names, which the header keeps."""
        encoder = self.encoder
        while self._looked_into < len(encoder.records):
            self._looked_into += 1
            for member in encoder.members.get(self._looked_into, ()):
                for tag in member.attributes.decl_tags if member.attributes else ():
                    struct = model.types.get(("struct", contained_struct(tag) or ""))
                    if struct is not None:
                        encoder.add(struct)
