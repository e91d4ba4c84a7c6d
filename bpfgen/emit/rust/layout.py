"""How Rust holds a type of C: its spelling, its alignment, and the fields of a struct.

After the view. A struct is `repr(C)` with its padding written out; `repr(C, align(n))` where its
fields would be aligned to less, `repr(C, packed(n))` where some would be aligned to more. A field
that Rust can't have at its place is bytes, as are bit-fields, the kernel's own fields and all of a
union (zerocopy refuses a `union` of Rust).

Rust's alignments differ from those of the BPF target where C's do, too: `u128` is aligned to 16 or
8, `u64` to 8, or 4 on 32-bit x86. Nothing here depends on either.
"""

from __future__ import annotations

import posixpath

from bpfgen.emit.rust.names import member_name, module_name, type_name
from bpfgen.emit.user_space.names import Names
from bpfgen.emit.user_space.storage import Direct, Empty, Padding, Storage, pieces_of
from bpfgen.emit.user_space.types import (
    ADDRESS,
    BOOLEAN,
    CHARACTER,
    FLOATING,
    IMPORTED,
    NATIVE,
    Alias,
    Enumeration,
    Number,
    Opaque,
    Sequence,
    Structure,
    resolved,
)
from bpfgen.files import without_suffix
from bpfgen.record import TYPE_CHECKING, Record, assert_never

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bpfgen.emit.user_space.storage import Piece
    from bpfgen.emit.user_space.types import Declared, UserMember, UserType

WIDEST_SURE = 8
"""The largest alignment that a number of Rust has on every 64-bit machine: not that of `u128`."""

DERIVED_LENGTH = 32
"""The longest array that has a `Default`."""


class Field(Record):
    """One field of a Rust struct.

    Attributes:
        piece: What it holds.
        type: As Rust spells it.
    """

    name: str
    type: str
    piece: Piece


class Form(Record):
    """How a struct is written.

    Attributes:
        packed: The `n` of `packed(n)`, or 0.
        aligned: The `n` of `align(n)`, or 0.
        raised: Whether it or a field has an `align(n)`, which a packed struct can't hold.
        hashed: Whether its values can be keys of Rust's own maps: no floating number is in it.
    """

    fields: tuple[Field, ...]
    packed: int
    aligned: int
    raised: bool
    hashed: bool


def integer(size: int, *, signed: bool) -> str:
    """Return the integer type of *size* bytes."""
    return f"{'i' if signed else 'u'}{8 * size}"


def number(type: Number) -> str:
    """Return the type in which a number is stored."""
    if type.byte_order != NATIVE:
        return f"[u8; {type.size}]"
    if type.kind == BOOLEAN:
        return "u8"
    if type.kind == FLOATING:
        return f"f{8 * type.size}"
    return integer(type.size, signed=type.signed and type.kind != ADDRESS)


def is_text(type: UserType) -> bool:
    """Return whether *type* is an array of C's plain `char`."""
    bare = resolved(type)
    return (
        isinstance(bare, Sequence)
        and isinstance(bare.element, Number)
        and bare.element.kind == CHARACTER
    )


def is_converted(type: UserType) -> bool:
    """Return whether what is stored of *type* isn't what a program works with."""
    leaf = resolved(type)
    while isinstance(leaf, Sequence):
        leaf = resolved(leaf.element)
    return isinstance(leaf, Number) and (leaf.byte_order != NATIVE or leaf.kind == BOOLEAN)


def has_text(type: UserType) -> bool:
    """Return whether *type* is text, or an array of texts."""
    bare = resolved(type)
    return is_text(bare) or (isinstance(bare, Sequence) and is_text(bare.element))


class Layouts:
    """Spells the types of one file, and lays its structs out, each once.

    Attributes:
        misnamed: The imported sources whose module would have the name of the file's own.
    """

    def __init__(self, modules: Mapping[str, str], own: str = "") -> None:
        """Take no type yet.

        Args:
            modules: For the path of an imported source, the module that is made of it.
            own: The module that is made of this file, unless it is put elsewhere.
        """
        self._modules = modules
        self._own = own
        self.misnamed: dict[str, None] = {}
        self._forms: dict[int, tuple[Structure, Form]] = {}

    def path(self, declared: Declared) -> str:
        """Return how this file names a declared type."""
        name = type_name(declared.words)
        if declared.origin != IMPORTED:
            return name
        return f"{self._module(declared.file)}::{name}"

    def _module(self, file: str) -> str:
        given = self._modules.get(file)
        if given is not None:
            return given
        name = module_name(without_suffix(posixpath.basename(file)))
        if name == self._own:
            self.misnamed[file] = None
        return f"super::{name}"

    def type(self, type: UserType) -> str:
        """Return how *type* is spelled."""
        match type:
            case Number():
                return number(type)
            case Opaque():
                return f"[u8; {type.size}]"
            case Sequence():
                element = "u8" if is_text(type) else self.type(type.element)
                return f"[{element}; {type.length}]"
            case Structure() | Enumeration() | Alias():
                return self.path(type)
            case _:
                assert_never(type)

    def form(self, structure: Structure) -> Form:
        """Return how *structure*, whose members are known, is written."""
        known = self._forms.get(id(structure))
        if known is None:
            known = (structure, self._form(structure))
            self._forms[id(structure)] = known
        return known[1]

    def _form(self, structure: Structure) -> Form:
        pieces = pieces_of(structure, alignment)
        packed = 0
        if _bytes_alone(pieces):
            # The type of a field there is one that can be packed.
            tight = pieces_of(structure, lambda held: self._packed_alignment(held, structure.align))
            if len(_bytes_alone(tight)) < len(_bytes_alone(pieces)) and (
                _alignment_of(tight, structure.align) == structure.align
            ):
                pieces, packed = tight, structure.align
        fields = tuple(self._fields(structure, pieces, packed))
        aligned = 0
        if not packed and _alignment_of([f.piece for f in fields]) < structure.align:
            aligned = structure.align
        held = [f.piece.member.type for f in fields if isinstance(f.piece, (Direct, Empty))]
        return Form(
            fields,
            packed,
            aligned,
            aligned > 0 or any(self._is_raised(type) for type in held),
            not structure.has_floats,
        )

    def _packed_alignment(self, type: UserType, most: int) -> int | None:
        return None if self._is_raised(type) else min(alignment(type), most)

    def _is_raised(self, type: UserType) -> bool:
        """Return whether the type that Rust has for *type* holds an `align(n)`, or may do so."""
        bare = resolved(type)
        while isinstance(bare, Sequence):
            bare = resolved(bare.element)
        if not isinstance(bare, Structure):
            return False
        if bare.origin == IMPORTED:
            return bare.align > 1
        return self.form(bare).raised

    def _fields(self, structure: Structure, pieces: tuple[Piece, ...], packed: int) -> list[Field]:
        taken = Names("Rust")
        for piece in pieces:
            if isinstance(piece, (Direct, Empty)) or is_alone(piece):
                taken.free(member_name(only(piece).name))
        fields: list[Field] = []
        end = 0
        for piece in pieces:
            if isinstance(piece, Empty) and not self._stands(structure, piece, end, packed):
                continue
            end = max(end, piece.offset + piece.size)
            bytes_ = f"[u8; {piece.size}]"
            match piece:
                case Direct() | Empty():
                    name, type = member_name(piece.member.name), self.type(piece.member.type)
                case Padding():
                    number = sum(isinstance(field.piece, Padding) for field in fields)
                    name, type = taken.free(f"_pad{number}"), bytes_
                case Storage():
                    name, type = self._storage_name(structure, piece, fields, taken), bytes_
                case _:
                    assert_never(piece)
            fields.append(Field(name, type, piece))
        return fields

    def _storage_name(
        self, structure: Structure, piece: Storage, fields: list[Field], taken: Names
    ) -> str:
        if is_alone(piece):
            return member_name(only(piece).name)
        if structure.is_union:
            return taken.free("bytes")
        word = "bits" if piece.is_bitfields else "bytes"
        number = sum(
            isinstance(field.piece, Storage)
            and not is_alone(field.piece)
            and field.piece.is_bitfields == piece.is_bitfields
            for field in fields
        )
        return taken.free(f"{word}{number}")

    def _stands(self, structure: Structure, piece: Empty, end: int, packed: int) -> bool:
        """Return whether a member without bytes can be a field where it is."""
        align = alignment(piece.member.type)
        if packed:
            if self._is_raised(piece.member.type):
                return False
            align = min(align, packed)
        return piece.offset == end and align <= structure.align and piece.offset % align == 0

    def has_default(self, type: UserType) -> bool:
        """Return whether Rust's library has a `Default` for the type that it has for *type*."""
        while True:
            match type:
                case Number():
                    return True
                case Opaque():
                    return type.size <= DERIVED_LENGTH
                case Sequence():
                    if type.length == 0:
                        return True
                    if type.length > DERIVED_LENGTH:
                        return False
                    type = type.element
                case Alias():
                    type = type.target
                case Structure() | Enumeration():
                    return True
                case _:
                    assert_never(type)

    def default(self, type: UserType) -> str:
        """Return the expression of the value of *type* whose bytes are all 0."""
        match type:
            case Number():
                if type.byte_order != NATIVE:
                    return f"[0; {type.size}]"
                return "0.0" if type.kind == FLOATING else "0"
            case Opaque():
                return f"[0; {type.size}]"
            case Sequence():
                return f"[{self.default(type.element)}; {type.length}]" if type.length else "[]"
            case Alias():
                return self.default(type.target)
            case Structure():
                return f"{self.path(type)}::default()"
            case Enumeration():
                return f"{self.path(type)}(0)"
            case _:
                assert_never(type)


def alignment(type: UserType) -> int:
    """Return the largest alignment that the type that Rust has for *type* has on any machine."""
    while True:
        match type:
            case Number():
                return 1 if type.byte_order != NATIVE else type.size
            case Opaque():
                return 1
            case Sequence():
                type = type.element
            case Alias():
                type = type.target
            case Enumeration():
                return type.size
            case Structure():
                return type.align
            case _:
                assert_never(type)


def _sure_alignment(type: UserType) -> int:
    """Return the smallest of the same, 32-bit machines aside."""
    bare = resolved(type)
    while isinstance(bare, Sequence):
        bare = resolved(bare.element)
    align = alignment(bare)
    return align if isinstance(bare, Structure) else min(align, WIDEST_SURE)


def _alignment_of(pieces: list[Piece] | tuple[Piece, ...], most: int = 1 << 32) -> int:
    """Return the alignment that a struct of *pieces* has by itself, packed to *most*."""
    held = [piece.member.type for piece in pieces if isinstance(piece, (Direct, Empty))]
    return max((min(_sure_alignment(type), most) for type in held), default=1)


def _bytes_alone(pieces: tuple[Piece, ...]) -> list[Piece]:
    """Return those of *pieces* that are bytes since their one member can't be what it is."""
    return [piece for piece in pieces if is_alone(piece)]


def is_alone(piece: Piece) -> bool:
    """Return whether *piece* is the bytes of one member, whose name they have."""
    return (
        isinstance(piece, Storage)
        and len(piece.members) == 1
        and piece.members[0].bit_width is None
    )


def only(piece: Piece) -> UserMember:
    """Return the member of *piece*, the first of several."""
    assert not isinstance(piece, Padding)
    return piece.members[0] if isinstance(piece, Storage) else piece.member
