"""What a kernel's BTF has under a name, where a text says `include kernel;` and there is a file.

Beside `visible`, which has the names that a text uses: of a kernel's, an editor asks one by one.
"""

from __future__ import annotations

from bpfgen.btf.kernel import BtfFileError
from bpfgen.btf.names import TYPES_OF
from bpfgen.editor.visible import INCLUDED, TYPE_KINDS, Name
from bpfgen.providers.kernel import KernelNames, kernel_of
from bpfgen.record import TYPE_CHECKING
from bpfgen.syntax.tree import IncludeItem
from bpfgen.text.diagnostics import Report

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bpfgen.editor.analysis import Analysis


def includes_kernel(analysis: Analysis) -> bool:
    """Return whether the text says `include kernel;` itself."""
    items = analysis.tree.items
    return any(isinstance(item, IncludeItem) and item.is_kernel for item in items)


def names_in_kernel(analysis: Analysis, *kinds: str) -> Iterator[str]:
    """Yield the names of types of *kinds* in the kernel's BTF; of enumerators without any."""
    btf = analysis.options.btf
    if btf is None or not includes_kernel(analysis):
        return
    try:
        names = btf.open()
    except BtfFileError:
        return  # a diagnostic says so
    if not kinds:
        yield from names.enumerator_names()
        return
    yield from names.type_names(*(number for kind in kinds for number in TYPES_OF[kind]))


def kernel_type(analysis: Analysis, name: str, *kinds: str) -> Name | None:
    """Return the first type *name* of *kinds*, any if there are none, that the kernel has."""
    kernel = _kernel(analysis)
    for kind in (kinds or ("typedef", *TYPE_KINDS)) if kernel is not None else ():
        assert kernel is not None
        type = kernel.find_type(kind, name)
        if type is not None:
            return Name(kind, name, INCLUDED, type)
    return None


def kernel_constant(analysis: Analysis, name: str) -> Name | None:
    """Return the enumerator *name* of the kernel, or None."""
    kernel = _kernel(analysis)
    constant = None if kernel is None else kernel.find_constant(name)
    return None if constant is None else Name("constant", name, INCLUDED, constant)


def _kernel(analysis: Analysis) -> KernelNames | None:
    """Return what finds names of the kernel; what is wrong with the file a diagnostic says."""
    includes = [
        item for item in analysis.tree.items if isinstance(item, IncludeItem) and item.is_kernel
    ]
    if not includes or analysis.options.btf is None:
        return None
    report, span = Report(), includes[0].span
    kernel = kernel_of(analysis.options.btf, report, span)
    return None if kernel is None else KernelNames(kernel, report, span)
