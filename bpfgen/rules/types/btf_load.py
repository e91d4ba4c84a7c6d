"""Whether the kernel takes the types that a source brings into its object's BTF.

The answer is that of :mod:`bpfgen.btf.check`, the same as for an object; here it is given before
there is one, at the place in the source. Most files have nothing that could be refused, and load
none of it.
"""

from __future__ import annotations

from bpfgen.ctype.children import children
from bpfgen.ctype.layout import BTF_MEMBERS
from bpfgen.ctype.types import (
    Array,
    Composite,
    Enum,
    Float,
    FuncProto,
    Int,
    Named,
    Typedef,
    TypeTag,
    underlying,
)
from bpfgen.model.maps import Map
from bpfgen.record import TYPE_CHECKING
from bpfgen.rules.maps.definitions import shapes
from bpfgen.rules.types.btf_versions import TYPES_SINCE

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bpfgen.ctype.types import Member, Type
    from bpfgen.model.model import Model
    from bpfgen.rules.target import Target
    from bpfgen.text.diagnostics import Diagnostic

_SHORT = 120
"""Characters of a name that every kernel takes."""

_SHALLOW = 12
"""Types inside each other that are certainly not too many, whatever clang puts between them."""

_DECLARED = ("struct", "union")
"""Kinds of types of which a declaration may be all that is written."""

_SMALL = 1 << 15
"""Elements or enumerators that are certainly not too many; arrays of arrays are looked at."""


def btf_refused(model: Model, target: Target) -> Iterator[Diagnostic]:
    """The kernel must take the types of the object: one that it refuses costs all of them.

    What it does: checks the types of keys, values and records, and all that they are made of, as
    Linux does when they are loaded. Refused are floating numbers that aren't aligned; beside a
    bit-field, an enum that isn't followed by enough bytes to be taken for one of 4; enums of more
    than 32 bits as bit-fields; functions that take or return what has no size; structs, arrays and
    qualifiers inside each other, or pointers on top of each other, more than 32 deep; names of more
    than 512 bytes (128 before Linux 6.1); empty tags, and tags below a qualifier; before Linux 7.1,
    more than 65,535 maps in an object.
    Why: Linux refuses the BTF of the whole object with EINVAL (btf_check_all_metas and
    btf_check_all_types in kernel/bpf/btf.c). libbpf then creates all maps without types,
    bpftool shows bytes, and a program with a callback doesn't load, since its func_info is missing:
    a warning. Special fields of values are gone with the types, and local storages can't be
    created: an error in a file that has such maps.

    Wrong:
        struct reading { __u8 kind; float mean; } __attribute__((packed));
        map readings: hash<__u32, reading>[64];
    Right:
        struct reading { float mean; __u8 kind; } __attribute__((packed));
        map readings: hash<__u32, reading>[64];
    """
    if target.kernel < TYPES_SINCE or not _worth_checking(model):
        return
    from bpfgen.rules.types.btf_faults import faults

    yield from faults(model, target)


def _worth_checking(model: Model) -> bool:
    """Whether anything in *model* could be refused."""
    if len(model.maps) > BTF_MEMBERS:
        return True
    walked: set[tuple[int, bool]] = set()  # by identity, and whether inside of a struct
    named = (*(map.name for map in model.maps), *model.templates)
    if not all(map(_is_plain, named)):
        return True
    for shape, declared in shapes(model):
        if isinstance(declared, Map) and declared.legacy:
            continue
        for argument in (shape.key, shape.value, shape.record):
            if argument is not None and _has_suspects(argument.type, model, walked):
                return True
    return False


def _has_suspects(type: Type, model: Model, walked: set[tuple[int, bool]]) -> bool:
    # What a pointer leads to is written whole, unless the pointer is inside of a struct.
    pending: list[tuple[Type, int, bool]] = [(type, 0, False)]
    while pending:
        type, depth, inside = pending.pop()
        if isinstance(type, Named) and not (inside and type.kind in _DECLARED):
            definition = model.types.get((type.kind, type.name))
            if definition is None or isinstance(definition, Named):
                if type.kind in _DECLARED:
                    continue
                return True
            type = definition
        if (id(type), inside) in walked:
            continue
        walked.add((id(type), inside))
        if depth > _SHALLOW or _is_suspect(type):
            return True
        inside = inside or isinstance(type, Composite)
        pending += [(inner, depth + 1, inside) for inner in children(type)]
    return False


def _is_suspect(type: Type) -> bool:
    """Whether the kernel could refuse *type* for what it is, or for what its members are."""
    if isinstance(type, (Float, FuncProto, TypeTag)):
        return True
    if isinstance(type, Array):
        return type.length > _SMALL or isinstance(type.element, Array)
    if isinstance(type, Enum):
        names = (type.tag or "", *(enumerator.name for enumerator in type.enumerators))
        return len(type.enumerators) > _SMALL or not all(map(_is_plain, names))
    if isinstance(type, Typedef):
        return not _is_plain(type.name)
    if isinstance(type, Composite):
        return _is_suspect_composite(type)
    return False


def _is_suspect_composite(type: Composite) -> bool:
    has_bitfields = False
    for member in type.members:
        has_bitfields = has_bitfields or member.is_bitfield
        attributes = member.attributes
        if attributes is not None and attributes.decl_tags:
            return True
        if member.name is not None and not _is_plain(member.name):
            return True
    if has_bitfields and any(map(_is_wide, type.members)):
        return True
    is_tagged = type.attributes is not None and bool(type.attributes.decl_tags)
    return is_tagged or not _is_plain(type.tag or "")


def _is_wide(member: Member) -> bool:
    """Whether *member* could be too wide where there are bit-fields."""
    bare = underlying(member.type)
    return isinstance(bare, Enum) or (isinstance(bare, Int) and bare.size > 8)


def _is_plain(name: str) -> bool:
    """Whether *name* is one that every kernel takes, or none."""
    return not name or (len(name) <= _SHORT and name.isascii() and name.isidentifier())
