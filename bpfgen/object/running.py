"""A map of the running kernel as values: what the kernel says of it, and what it doesn't.

:mod:`bpfgen.live.running` reads it; from here on it is like the maps of an object. What loaders and
the kernel have made of a declaration stays so: nothing is guessed back.
"""

from __future__ import annotations

from bpfgen.btf.kinds import BTF_KIND_DATASEC
from bpfgen.kernel.map_kind import NAME_BYTES
from bpfgen.kernel.map_kinds import ARRAY
from bpfgen.record import TYPE_CHECKING, Record

if TYPE_CHECKING:
    from bpfgen.btf.convert import BtfTypes
    from bpfgen.ctype.types import Type
    from bpfgen.model.maps import MapKind
    from bpfgen.record import Uncompared

NO_BTF = "no-btf"
"""The map was made without types, or the kernel takes none for its kind."""
NO_RIGHT = "no-right"
"""The types are there, and one may not read them."""
NEWER_BTF = "newer-btf"
"""The types are of kinds that are newer than this bpfgen, or broken."""
GONE = "gone"
"""The types couldn't be had: the module that they are of was unloaded, or the map has gone."""

_SECTIONS = ("data.", "rodata.", "bss.", "kconfig.")
"""How the names begin of sections that libbpf makes maps of, without the dot before them."""


class Unknown(Record):
    """Something that a declaration says and the kernel doesn't.

    Attributes:
        what: `name`, `key`, `value`, `record`, `inner`, `slots`, `numa_node` or `pinning`.
        why: A clause for people.
    """

    what: str
    why: str


class RunningMap(Record):
    """One map of the running kernel.

    Attributes:
        id: Of this map and no other, until the machine is started anew.
        name: As the kernel has it, 15 bytes at most; empty where it has none.
        number: Of its kind, in enum bpf_map_type.
        kind: The row of MAP_KINDS; None for a kind that is newer than the table.
        key_size: In bytes.
        value_size: In bytes; of one CPU's value in a per-CPU map.
        map_flags: As at creation, without BPF_F_RDONLY and BPF_F_WRONLY.
        frozen: Whether user space can't write to it any more; None where that isn't known.
        memlock: Bytes, as fdinfo says; None where that isn't known.
        owner_type: The type of the programs that alone may use it, a number of enum bpf_prog_type;
            None while any may.
        types: What the ids are of; None where they can't be had: see *untyped*.
        btf_id: Of the BTF that they are from; 0 where there is none.
        key_type_id: 0 where the kernel has none.
        value_type_id: Likewise. Of global data a DATASEC, of struct_ops a struct of the kernel's.
        untyped: Why there are no types: :data:`NO_BTF` and so on; empty where there are some.
        rewritten: Whether libbpf has put other types into the BTF, for an older kernel.
        inner: Of a map of maps: the first map in it that could be opened; None where there is none.
        unknown: What the kernel doesn't say of it.
        inner_refused: Whether there is no *inner* because one may not open the maps in it.
        pin: The path of the pin by which it was opened; empty where it wasn't.
    """

    id: int
    name: str
    number: int
    kind: MapKind | None
    key_size: int
    value_size: int
    max_entries: int
    map_flags: int
    map_extra: int = 0
    frozen: bool | None = None
    memlock: int | None = None
    owner_type: int | None = None
    types: Uncompared[BtfTypes | None] = None
    btf_id: int = 0
    key_type_id: int = 0
    value_type_id: int = 0
    untyped: str = ""
    rewritten: bool = False
    inner: RunningMap | None = None
    unknown: tuple[Unknown, ...] = ()
    inner_refused: bool = False
    pin: str = ""

    @property
    def kind_name(self) -> str:
        """libbpf's name of the kind, or the number of one without."""
        return str(self.number) if self.kind is None else self.kind.name

    @property
    def key(self) -> Type | None:
        """What the keys are of; None where the kernel has no type of it that is a finite C type."""
        return None if self.types is None else self.types.finite(self.key_type_id)

    @property
    def value(self) -> Type | None:
        """What the values are of, likewise. None for global data: a DATASEC is no C type."""
        return None if self.types is None else self.types.finite(self.value_type_id)

    @property
    def section(self) -> str | None:
        """The section whose variables it holds, `.bss` or `.rodata.x`; None of any other map.

        Its type tells, or, where it has none, the name that libbpf gives.
        """
        if self.types is not None and self.value_type_id:
            btf = self.types.btf
            if self.value_type_id >= len(btf) or btf.kind(self.value_type_id) != BTF_KIND_DATASEC:
                return None
            return btf.name(self.value_type_id)
        if self.kind is not ARRAY or self.max_entries != 1:
            return None
        _, dot, rest = self.name.partition(".")
        is_of_variables = f"{rest}.".startswith(_SECTIONS)
        return f"{dot}{rest}" if is_of_variables else None

    @property
    def hides_types(self) -> bool:
        """Whether there are types, of it or of the map in it, that one may not read."""
        return any(one.untyped == NO_RIGHT for one in (self, self.inner) if one is not None)

    @property
    def is_cut(self) -> bool:
        """Whether the name uses all that the kernel keeps: the source's may be longer."""
        return len(self.name.encode("utf-8", "surrogateescape")) >= NAME_BYTES

    def __str__(self) -> str:
        return f"map `{self.name}` (id {self.id})" if self.name else f"map {self.id}"


_WHY_UNTYPED = {
    NO_BTF: "the map was made without types",
    NO_RIGHT: "to read its types takes CAP_SYS_ADMIN",
    NEWER_BTF: "its types are of kinds that this bpfgen doesn't know",
    GONE: "its types have gone, with the module that they are of",
}


def why_untyped(reason: str, kind: MapKind | None) -> str:
    """Return a clause that says why a key or value of a map of *kind* has no type.

    *reason* is why the map has none at all: :data:`NO_BTF` and so on; empty where it has some.
    """
    if reason == NO_BTF and kind is not None and kind.btf in ("dropped", "none"):
        return f"the kernel keeps no types of `{kind.name}` maps"
    return _WHY_UNTYPED.get(reason, "it was made without this type")
