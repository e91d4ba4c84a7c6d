"""`include kernel;`: the types and enumerators of a kernel, by name, from its BTF.

A provider of names for :mod:`bpfgen.resolve.file`; loaded where a file says `include kernel;`. What
a name means is what it means after `#include "vmlinux.h"`, of the file that `--btf` names: no more
is read of it than the types that a file uses.
"""

from __future__ import annotations

from bpfgen.btf.kernel import BtfFileError
from bpfgen.btf.kernel_types import Kernel
from bpfgen.btf.names import TYPES_OF
from bpfgen.ctype.restore import InexpressibleError
from bpfgen.ctype.types import (
    INT,
    LONG,
    UINT,
    ULONG,
    Constant,
    Enum,
    Unknown,
)
from bpfgen.providers.prelude import Prelude
from bpfgen.record import TYPE_CHECKING
from bpfgen.text.diagnostics import WARNING, Subject

if TYPE_CHECKING:
    from bpfgen.btf.kernel import KernelBtf
    from bpfgen.ctype.types import Int, Type
    from bpfgen.model.maps import Map, Template
    from bpfgen.model.model import Model
    from bpfgen.text.diagnostics import Report
    from bpfgen.text.source import Span

_NO_FILE = (
    'name the file that has the kernel\'s types: `--btf FILE`, or `btf = "FILE"` in '
    "[tool.bpfgen]; that of the running kernel is /sys/kernel/btf/vmlinux"
)


class KernelNames:
    """What one file finds in the kernel: the provider.

    Where the prelude has a name that is the same in all kernels, the prelude's counts.
    """

    source = "included"

    __slots__ = ("_constants", "_found", "_prelude", "_report", "_span", "kernel")

    def __init__(self, kernel: Kernel, report: Report, span: Span) -> None:
        self.kernel = kernel
        self._report = report
        self._span = span
        self._prelude = Prelude.shared()
        self._found: dict[tuple[str, str], Type | None] = {}
        self._constants: dict[str, Constant | None] = {}

    def find_type(self, kind: str, name: str) -> Type | None:
        """Return the definition of `kind name`, or None."""
        key = kind, name
        if key not in self._found:
            self._found[key] = self._type(kind, name)
        return self._found[key]

    def _type(self, kind: str, name: str) -> Type | None:
        if kind not in TYPES_OF or self._prelude.is_in_all_headers(kind, name):
            return None
        ids = self.kernel.ids(kind, name)
        if not ids:
            return None
        called = name if kind == "typedef" else f"{kind} {name}"
        try:
            type = self.kernel.type(ids[0])
        except InexpressibleError as error:
            self._report.error(
                "kernel-type",
                f"the kernel's `{called}` can't be had here: {error}",
                self._span,
                help="hold a pointer to it, or declare the members that you need",
                subject=Subject(kind, name),
            )
            return Unknown()
        others = self.kernel.others(kind, name)
        if others:
            btf = self.kernel.names.btf
            sizes = [f"{btf.size_of(one)} bytes" for one in (ids[0], *others)]
            self._report.error(
                "kernel-type",
                f"`{self.kernel.path}` has {len(sizes)} types `{called}` that differ, and here it "
                f"is the first, of {sizes[0]}",
                self._span,
                notes=(
                    f"the others have {', '.join(sizes[1:])}; vmlinux.h numbers them: `{name}___2`",
                ),
                help="declare the one that is meant under a name of your own",
                severity=WARNING,
                subject=Subject(kind, name),
            )
        return type

    def find_constant(self, name: str) -> Constant | None:
        """Return the enumerator *name*, or None."""
        if name not in self._constants:
            self._constants[name] = self._constant(name)
        return self._constants[name]

    def _constant(self, name: str) -> Constant | None:
        if self._prelude.find_constant(name) is not None:
            return None
        owner = self.kernel.names.enum_with(name)
        if owner is None:
            return None
        try:
            enum = self.kernel.type(owner)
        except InexpressibleError:
            return None
        assert isinstance(enum, Enum)
        value = next(one.value for one in enum.enumerators if one.name == name)
        return Constant(name, value, _type_of(enum, value), "included")

    def find_template(self, _name: str) -> Template | None:
        """A kernel has no templates."""

    def find_map(self, _name: str) -> Map | None:
        """A kernel declares no maps."""

    def declares(self, _name: str, *, tag: bool) -> str:
        """What the file declares goes before; rule `vmlinux-clash` has what C says of it."""
        del tag
        return ""

    def hidden(self, _name: str) -> str:
        """A kernel hides nothing."""
        return ""

    def type_names(self) -> list[str]:
        """Return the names of all its types."""
        return list(self.kernel.names.type_names(*_DEFINED))

    def constant_names(self) -> list[str]:
        """Return the names of all its enumerators."""
        return list(self.kernel.names.enumerator_names())


_DEFINED = tuple(kind for of_word in TYPES_OF.values() for kind in of_word)


def _type_of(enum: Enum, value: int) -> Int:
    """Return the type that C gives to the enumerator of *value*: `int` where that can be."""
    if -(1 << 31) <= value < 1 << 31:
        return INT
    if enum.size > INT.size:
        return LONG if enum.signed else ULONG
    return UINT


def vmlinux_of(btf: KernelBtf, model: Model, report: Report) -> Kernel | None:
    """Return the kernel whose vmlinux.h the programs of *model* include; None if it can't be read.

    Where *model* needs its types, that was reported as an error; else it is a warning.
    """
    try:
        return Kernel(btf)
    except BtfFileError as error:
        if not model.uses_kernel:
            report.error("kernel-btf", error.what, None, help=error.advice, severity=WARNING)
        return None


def kernel_of(btf: KernelBtf | None, report: Report, span: Span) -> Kernel | None:
    """Return the kernel whose types *btf* has; None, with an error at *span*, if there is none."""
    if btf is None:
        report.error(
            "kernel-btf", "no file is given that has the kernel's types", span, help=_NO_FILE
        )
        return None
    try:
        return Kernel(btf)
    except BtfFileError as error:
        report.error("kernel-btf", error.what, span, help=error.advice)
        return None
