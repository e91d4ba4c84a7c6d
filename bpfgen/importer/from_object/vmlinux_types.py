"""The types of an object that a kernel has alike: what its program has from vmlinux.h.

Used by :mod:`types` where `--btf` names the kernel's BTF.
"""

from __future__ import annotations

from bpfgen.ctype.compare import Comparison
from bpfgen.ctype.types import Composite, Float, Int, Typedef, underlying
from bpfgen.record import TYPE_CHECKING
from bpfgen.text.diagnostics import WARNING, Diagnostic

if TYPE_CHECKING:
    from bpfgen.btf.kernel_types import Kernel
    from bpfgen.ctype.types import Enum, Type


class VmlinuxTypes:
    """The kernel's types as an object's are asked for; each is compared once.

    Attributes:
        others: The types of the object that are called as one of the kernel's and differ from it:
            a source that has them can't have the kernel's.
    """

    __slots__ = ("_given", "_kernel", "others")

    def __init__(self, kernel: Kernel) -> None:
        self._kernel = kernel
        # By identity: what was given is alive in the kernel's own memory of types.
        self._given: set[int] = set()
        self.others: dict[str, None] = {}

    def same(self, type: Composite | Enum | Typedef) -> Type | None:
        """Return the kernel's type of the name of *type* if it is the same; None if it isn't."""
        if isinstance(type, Typedef):
            kind, name = "typedef", type.name
        else:
            kind = type.kind if isinstance(type, Composite) else "enum"
            name = type.tag or ""
        if not name or self._kernel.kind_of(name, (kind,)) is None:
            return None
        theirs = self._kernel.find(kind, name)
        # clang leaves a body out where nobody holds the struct.
        if theirs is None or not all(
            d.forward for d in Comparison().differences(theirs, type, name)
        ):
            if not isinstance(underlying(type), (Int, Float)):  # C takes that twice
                self.others[name if kind == "typedef" else f"{kind} {name}"] = None
            return None
        self._given.add(id(theirs))
        return theirs

    def notes(self) -> list[Diagnostic]:
        """Return why a source of the object can't have the kernel's types."""
        if not self.others:
            return []
        called = f"`{next(iter(self.others))}`"
        message = (
            f"{called} of the object isn't that of `{self._kernel.path}`, so that nothing is taken "
            "from there: all types are declared"
        )
        help_ = "name the BTF of the kernel whose vmlinux.h the program includes"
        return [Diagnostic("kernel-type", message, None, help=help_, severity=WARNING)]

    def has_given(self, type: Type) -> bool:
        """Return whether *type* is one that :meth:`same` has returned."""
        return id(type) in self._given
