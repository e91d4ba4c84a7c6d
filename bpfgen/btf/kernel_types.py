"""The types of one kernel, by name, as C has them after its vmlinux.h.

Comes after :mod:`bpfgen.btf.kernel`, which reads the file; what finds names here is
:mod:`bpfgen.providers.kernel`, and rules, imports and the small vmlinux.h ask for types.
"""

from __future__ import annotations

import re

from bpfgen.btf.convert import BtfTypes
from bpfgen.btf.kinds import BTF_KIND_FUNC
from bpfgen.btf.names import TYPES_OF
from bpfgen.ctype.compare import Comparison
from bpfgen.ctype.dumped import DumpedTypes
from bpfgen.ctype.restore import InexpressibleError
from bpfgen.ctype.types import (
    Composite,
    Enum,
    Named,
    Typedef,
    underlying,
)
from bpfgen.record import TYPE_CHECKING
from bpfgen.text.diagnostics import FormatError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from bpfgen.btf.kernel import KernelBtf
    from bpfgen.ctype.types import Type

_KFUNC = "bpf_kfunc"
_NUMBERED = re.compile(r"(.+)___([2-9]|[1-9][0-9]{1,3})")
_TAGS = (*TYPES_OF["struct"], *TYPES_OF["union"], *TYPES_OF["enum"])


class Kernel:
    """The types of one kernel as C has them, each worked out when it is first asked for.

    Attributes:
        path: The file that has them.
        names: The names in it.
    """

    __slots__ = ("_dumped", "_ids", "_types", "names", "path")

    def __init__(self, btf: KernelBtf) -> None:
        """Open *btf*.

        Raises:
            BtfFileError: It can't be opened.
        """
        self.names = btf.open()
        self.path = btf.paths[-1]
        self._types = BtfTypes(self.names.btf)
        self._ids: dict[tuple[tuple[int, ...], str], list[int]] = {}
        self._dumped = DumpedTypes(self._called)

    def ids(self, kind: str, name: str) -> list[int]:
        """Return the ids of the types `kind name` that are defined, in order.

        `name___2` is the second of those called `name`, as in vmlinux.h.
        """
        ids = self._same_space(kind, name)
        if not ids:
            numbered = _NUMBERED.fullmatch(name)
            if numbered is not None:
                at = int(numbered[2]) - 1
                ids = self._same_space(kind, numbered[1])[at : at + 1]
        return [one for one in ids if self.names.btf.kind(one) in TYPES_OF[kind]]

    def _same_space(self, kind: str, name: str) -> list[int]:
        """Return the ids of all that C can't have beside `kind name`: tags, or typedefs."""
        kinds = TYPES_OF["typedef"] if kind == "typedef" else _TAGS
        key = kinds, name
        ids = self._ids.get(key)
        if ids is None:
            # An enum without enumerators is the declaration of one that is defined elsewhere.
            ids = self._ids[key] = [
                one
                for one in self.names.types(name, *kinds)
                if self.names.btf.kind(one) not in TYPES_OF["enum"] or self.names.btf.vlen(one)
            ]
        return ids

    def _called(self, type: Composite | Enum | Typedef | Named) -> str:
        """Return the name that vmlinux.h has for *type*: of several of one name only one has it."""
        if isinstance(type, (Composite, Enum)):
            name, kind = type.tag or "", "struct"
        else:
            name, kind = type.name, "typedef" if isinstance(type, Typedef) else type.kind
        ids = self._same_space(kind, name)
        if len(ids) < 2:
            return name
        for number, type_id in enumerate(ids, 1):
            is_it = (
                type.type_id == type_id
                if isinstance(type, Named)
                else self._types.type(type_id) is type
            )
            if is_it and number > 1:
                return f"{name}___{number}"
        return name

    def type(self, type_id: int) -> Type:
        """Return a type by its id.

        Raises:
            InexpressibleError: C has no declaration for it, it isn't what it should be, or it is
                too large.
        """
        try:
            return self._dumped.type(self._types.type(type_id))
        except FormatError as error:
            raise InexpressibleError(error.what) from None

    def find(self, kind: str, name: str) -> Type | None:
        """Return the first type `kind name`; None if there is none that C can declare."""
        for type_id in self.ids(kind, name)[:1]:
            try:
                return self.type(type_id)
            except InexpressibleError:
                return None
        return None

    def others(self, kind: str, name: str) -> list[int]:
        """Return the ids of those that are called like the first and differ from it."""
        first, *others = self.ids(kind, name) or [0]
        differing = []
        for other in others:
            try:
                types = underlying(self.type(first)), underlying(self.type(other))
                is_same = not Comparison().differences(*types, name)
            except InexpressibleError:
                is_same = False
            if not is_same:
                differing.append(other)
        return differing

    def kind_of(self, name: str, kinds: Iterable[str]) -> str | None:
        """Return the kind of *name*, one of *kinds*, in vmlinux.h; None if it isn't there.

        As :meth:`bpfgen.kernel.vmlinux.VmlinuxNames.kind_of`, which has a list.
        """
        return next((kind for kind in kinds if self._has(kind, name)), None)

    def _has(self, kind: str, name: str) -> bool:
        if kind == "enumerator":
            return self.names.enum_with(name) is not None
        if kind == "function":
            # Those that programs may call: bpftool writes their prototypes since Linux 6.10.
            functions = self.names.types(name, BTF_KIND_FUNC)
            try:
                return any(_KFUNC in self.names.btf.decl_tags(one) for one in functions)
            except FormatError:
                return False
        return bool(self.ids(kind, name))
