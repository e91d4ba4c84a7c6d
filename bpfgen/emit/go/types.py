"""Constants, structs, unions, enums and typedefs as declarations of Go, with their assertions.

All padding is written out, so that a layout holds on machines that align less. A member at a place
where Go wouldn't put it, and members that share bytes, are bytes with methods.
"""

from __future__ import annotations

from bpfgen.emit.go.accessors import access_flexible, access_shared
from bpfgen.emit.go.comments import comment, doc, plain
from bpfgen.emit.go.conversions import Place, convert
from bpfgen.emit.go.layout import Line, columns
from bpfgen.emit.go.methods import Methods
from bpfgen.emit.go.naming import claim_exported, joined, quoted
from bpfgen.emit.go.package import STRCONV, STRUCTS, UNSAFE
from bpfgen.emit.go.spelling import LARGEST_ALIGN, integer, native_align
from bpfgen.emit.user_space.identifiers import (
    CONSTANT,
    ENUMERATOR,
    MEMBER,
    origin_of_type,
    type_key,
)
from bpfgen.emit.user_space.storage import Direct, Empty, Padding, Storage, pieces_of
from bpfgen.emit.user_space.types import (
    Alias,
    Enumeration,
    Sequence,
    Structure,
    resolved,
)
from bpfgen.record import TYPE_CHECKING, assert_never

if TYPE_CHECKING:
    from bpfgen.emit.go.package import Package
    from bpfgen.emit.user_space.storage import Piece
    from bpfgen.emit.user_space.types import Declared, UserMember
    from bpfgen.emit.user_space.view import UserConstant


def constants(package: Package, declared: tuple[UserConstant, ...]) -> str:
    """Return the constants of the file as one group; empty if there is none."""
    lines = []
    for constant in declared:
        name = joined(constant.name)
        subject = f"the constant `{constant.name}`"
        name = claim_exported(package.scope, name, constant.name, subject, constant.span)
        package.surface.add((CONSTANT, constant.name), name, "const")
        lines.append(Line((name, f"= {constant.value}"), _doc(constant.doc)))
    return f"\nconst (\n{columns(lines)})\n" if lines else ""


def declare(package: Package, type: Declared) -> str:
    """Return the declaration of *type*, a blank line before it, and all that belongs to it."""
    match type:
        case Structure():
            return _structure(package, type)
        case Enumeration():
            return _enumeration(package, type)
        case Alias():
            return _alias(package, type)
        case _:
            assert_never(type)


def claim_type(package: Package, type: Declared) -> None:
    """Take the name of *type*; that of an enum without one is nobody's."""
    if type.words and not _is_same(package, type):
        claim_exported(
            package.scope, package.spell.name(type), type.words[-1], subject_of(type), type.span
        )


def subject_of(type: Declared) -> str:
    """Return what a message calls *type*."""
    return f"`{type.c_name}`" if type.c_name else f"the type of `{'.'.join(type.words)}`"


def _opening(name: str, type: Declared) -> list[str]:
    """Return the lines of the comment of *type*: what it is in C, and its doc comment."""
    called = plain(type.c_name) if type.c_name else f"the type of {'.'.join(type.words)}"
    return doc(type.doc, f"{name} is {called}.")


def _is_same(package: Package, type: Declared) -> bool:
    """Whether *type* is `typedef struct flow flow`: its name is that of what it stands for."""
    return isinstance(type, Alias) and package.spell.name(type) == package.spell.type(type.target)


def _doc(text: str) -> tuple[str, ...]:
    return tuple(doc(text)) if text else ()


def _alias(package: Package, alias: Alias) -> str:
    if _is_same(package, alias):
        return ""
    name = package.spell.name(alias)
    target = package.spell.type(alias.target)
    package.surface.add_alias(origin_of_type(alias), name, target)
    return f"\n{comment(_opening(name, alias))}type {name} = {target}\n"


def _enumeration(package: Package, enum: Enumeration) -> str:
    name = package.spell.name(enum)
    lines: list[Line] = []
    values: dict[int, tuple[str, str]] = {}
    for enumerator in enum.enumerators:
        constant = claim_exported(
            package.scope,
            f"{name}{joined(enumerator.name)}",
            enumerator.name,
            f"the enumerator `{enumerator.name}`",
            enumerator.span,
            gives_way=package.gives_way(enum),
        )
        origin = (ENUMERATOR, type_key(enum), enumerator.name)
        package.surface.add(origin, constant, f"const {name}".rstrip())
        value = _in_range(enumerator.value, enum)
        values.setdefault(value, (constant, enumerator.name))
        words = (constant, name, f"= {value}") if name else (constant, f"= {value}")
        lines.append(Line(words, _doc(enumerator.doc)))
    group = f"\nconst (\n{columns(lines)})\n" if lines else ""
    if not name:
        return group
    package.use(STRCONV)
    underlying = integer(enum.size, signed=enum.signed)
    package.surface.add(origin_of_type(enum), name, "number")
    package.surface.add(origin_of_type(enum), f"{name}.String", "func() string", "String")
    cases = "".join(
        [
            f"\tcase {constant}:\n\t\treturn {quoted(c_name)}\n"
            for constant, c_name in values.values()
        ]
    )
    switch = f"\tswitch v {{\n{cases}\t}}\n" if cases else ""
    format = (
        "strconv.FormatInt(int64(v), 10)" if enum.signed else "strconv.FormatUint(uint64(v), 10)"
    )
    return (
        f"\n{comment(_opening(name, enum))}type {name} {underlying}\n"
        f"{group}\n"
        "// String returns the name of the enumerator, or the number that none has.\n"
        f"func (v {name}) String() string {{\n{switch}"
        f'\treturn "{name}(" + {format} + ")"\n}}\n'
    )


def _in_range(value: int, enum: Enumeration) -> int:
    """Return *value* as the enum's type has it: BTF may give -1 as the largest number."""
    value &= (1 << 8 * enum.size) - 1
    return value - (1 << 8 * enum.size) if enum.signed and value >> (8 * enum.size - 1) else value


def _structure(package: Package, type: Structure) -> str:
    name = package.spell.name(type)
    scope = package.members()
    pieces = pieces_of(type, native_align)
    names = {
        id(member): claim_exported(
            scope,
            joined(member.name),
            member.name,
            f"`{member.name}` of {subject_of(type)}",
            member.span,
            gives_way=package.gives_way(type),
        )
        for member in type.members
    }
    package.use(STRUCTS)
    package.surface.add(origin_of_type(type), name, "struct")
    fields = [Line(("_", "structs.HostLayout"))]
    align = min(type.align, LARGEST_ALIGN)
    if type.size and _align_of(pieces) < align:
        fields.append(Line(("_", f"[0]{integer(align, signed=False)}")))
    places: list[tuple[str, int]] = []
    methods = Methods(package, f"v *{name}", scope, origin_of_type(type))
    for piece in pieces:
        match piece:
            case Direct():
                field = names[id(piece.member)]
                words = (field, package.spell.type(piece.member.type))
                methods.begin((MEMBER, type_key(type), piece.member.name), field)
                package.surface.add(methods.origin, f"{name}.{field}", words[1])
                fields.append(Line(words, _doc(piece.member.doc)))
                places.append((field, piece.offset))
                convert(methods, piece.member, Place(field))
            case Storage():
                field = scope.free("Raw" if type.is_union else f"Raw{piece.offset}")
                fields.append(Line((field, f"[{piece.size}]byte"), (_storage_doc(piece),)))
                places.append((field, piece.offset))
                for member in piece.members:
                    methods.begin((MEMBER, type_key(type), member.name), names[id(member)])
                    access_shared(methods, member, names[id(member)], field, piece)
            case Padding():
                fields.append(Line(("_", f"[{piece.size}]byte")))
            case Empty():
                member = piece.member
                if _is_flexible(member):
                    methods.begin((MEMBER, type_key(type), member.name), names[id(member)])
                    access_flexible(methods, member, names[id(member)])
            case _:
                assert_never(piece)
    depth = package.depths[name] = 1 + _depth_of_last(package, pieces)
    assertions = _assertions(package, name, type.size, places) if depth <= _DEEPEST else ""
    return (
        f"\n{comment(_opening(name, type))}type {name} struct {{\n{columns(fields)}}}\n"
        f"{assertions}{''.join(methods.texts)}"
    )


_DEEPEST = 16
"""How deep structs may end in structs and still be asserted.

Go's type checker finds the size of the last field twice to find that of a struct, so the time for a
constant `unsafe.Sizeof` doubles with each level (go/types, gcSizes.Sizeof). What is deeper consists
of what is asserted.
"""


def _depth_of_last(package: Package, pieces: tuple[Piece, ...]) -> int:
    """Return how deep the last field of *pieces* ends in structs."""
    last = next((piece for piece in reversed(pieces) if not isinstance(piece, Empty)), None)
    if not isinstance(last, Direct):
        return 0
    bare = resolved(last.member.type)
    while isinstance(bare, Sequence):
        bare = resolved(bare.element)
    return package.depths.get(package.spell.name(bare), 1) if isinstance(bare, Structure) else 0


def _assertions(package: Package, name: str, size: int, places: list[tuple[str, int]]) -> str:
    """Return the lines that stop the compiler where it has another size or offset."""
    package.use(UNSAFE)
    lines = [f"var _ [unsafe.Sizeof({name}{{}})]byte = [{size}]byte{{}}\n"]
    lines += [
        f"var _ [unsafe.Offsetof({name}{{}}.{field})]byte = [{offset}]byte{{}}\n"
        for field, offset in places
    ]
    return "\n" + "".join(lines)


def _align_of(pieces: tuple[Piece, ...]) -> int:
    """Return the alignment that Go gives a struct of *pieces*."""
    return max(
        (native_align(piece.member.type) for piece in pieces if isinstance(piece, Direct)),
        default=1,
    )


def _storage_doc(piece: Storage) -> str:
    """Return the comment of a field of bytes: whose they are."""
    return plain(f"The bytes of {', '.join([member.name for member in piece.members])}.")


def _is_flexible(member: UserMember) -> bool:
    bare = resolved(member.type)
    return isinstance(bare, Sequence) and bare.flexible
