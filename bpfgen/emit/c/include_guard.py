"""The name of a header's include guard.

Two headers that can stand in one translation unit must not share a guard, `x/common.h` and
`y/common.h` least of all; but the guard can't name directories, since the same input gives the same
bytes wherever it lies. What files that are visible together can't share is the names they declare.
So the guard is the plain `BPFGEN_BTF_MAP_H` where `btf_map.dsl` declares a `btf_map`: no second
file with such a guard could be used beside it. Any other guard ends in a checksum of the names.
"""

from __future__ import annotations

from binascii import crc32  # hashlib would load OpenSSL

from bpfgen.ctype.types import Enum
from bpfgen.emit.backend import stem
from bpfgen.model.maps import Map, Template
from bpfgen.model.model import ConstantDeclaration, ProgramDeclaration, TypeDeclaration
from bpfgen.record import TYPE_CHECKING, assert_never

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bpfgen.model.model import Declaration, Model


def guard_name(*models: Model) -> str:
    """Return the include guard of the header of *models*, variants of one source: an identifier."""
    name = stem(models[0].name)
    spelled = "".join(c if c.isascii() and c.isalnum() else "_" for c in name).upper()
    own = {one for model in models for one in definitions(model)}
    if name.islower() and name.isidentifier() and name.isascii() and name in own:
        return f"BPFGEN_{spelled}_H"
    named = [
        name,
        *sorted(own),
        *dict.fromkeys(i.path for model in models for i in model.includes),
        *dict.fromkeys(i.path for model in models for i in model.imports),
    ]
    data = "\n".join(named).encode("utf-8", "surrogateescape")  # a name of a file is any bytes
    return f"BPFGEN_{spelled}_{crc32(data):08X}_H"


def definitions(model: Model) -> Iterator[str]:
    """Yield the names that no other file visible beside this one may define too."""
    for declaration in model.declarations:
        yield from defined_by(declaration)


def defined_by(declaration: Declaration) -> Iterator[str]:
    """Yield the names that *declaration* defines, and no other may."""
    match declaration:
        case Map():
            if declaration.linkage == "global":
                yield declaration.name
        case Template():
            yield declaration.name
        case ConstantDeclaration():
            yield declaration.constant.name
        case TypeDeclaration():
            defines = declaration.defines
            if defines is not None:
                if defines.tag is not None:
                    yield defines.tag
                if isinstance(defines, Enum):
                    yield from (enumerator.name for enumerator in defines.enumerators)
            yield from (typedef.name for typedef in declaration.typedefs)
        case ProgramDeclaration():
            pass  # many files may declare one
        case _:
            assert_never(declaration)
