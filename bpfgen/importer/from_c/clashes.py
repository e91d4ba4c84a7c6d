"""Whether the C that is made of a source could clash with a header that it includes.

Used by :mod:`source`: where that can't be, the source isn't compiled once more with the header. A
vmlinux.h is what every generated header is tested with, and takes clang as long as the program; of
any other header more than its names may get in the way.
"""

from __future__ import annotations

import re

from bpfgen.emit.c.map_definitions import MACROS
from bpfgen.importer.from_c.macros import Macro
from bpfgen.importer.from_c.trees import declared_names, parsed
from bpfgen.model.maps import Map, Template
from bpfgen.model.model import ConstantDeclaration, ProgramDeclaration, TypeDeclaration
from bpfgen.record import TYPE_CHECKING, assert_never

if TYPE_CHECKING:
    from collections.abc import Container, Iterator

    from bpfgen.compiler import Compilation
    from bpfgen.importer.from_c.unit import Unit

_VMLINUX = "vmlinux.h"
_WORD = re.compile(r"[A-Za-z_]\w*")


def may_clash(compilation: Compilation, unit: Unit, included: Container[str]) -> bool:
    """Return whether something of *compilation* could mean something else to a header of *unit*.

    *included* are the names of the headers that it includes.
    """
    if compilation.variants:
        return True
    names = set(_declared(compilation))
    words = {*_WORD.findall(compilation.source.text), *MACROS}
    for include in unit.includes:
        name = include.name[1:-1]
        if name not in included:
            continue
        header = include.header
        if header is None or not name.endswith(_VMLINUX):
            return True
        macros = {each.name if isinstance(each, Macro) else each for each in header.macros}
        if macros & words or header.has_any(names):
            return True
    return False


def _declared(compilation: Compilation) -> Iterator[str]:
    """Yield the names that the C of *compilation* declares, those of tags without their words."""
    for name in declared_names(parsed(compilation.source.text)).names:
        yield name.rpartition(" ")[2]
    for declaration in compilation.model.declarations:
        match declaration:
            case ConstantDeclaration():
                yield declaration.constant.name
            case ProgramDeclaration() | Template() | Map():
                yield declaration.name
            case TypeDeclaration():
                pass  # that is in the text
            case _:
                assert_never(declaration)
