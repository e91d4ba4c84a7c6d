"""What an output for user space declares: constants, types and maps of a model.

The first step of every such backend. An output declares the types that its file declares, and those
of C headers and of the kernel that these or its maps hold; what an imported file declares is in the
output of that file.
"""

from __future__ import annotations

import posixpath

from bpfgen.ctype.children import pointee_tags
from bpfgen.ctype.fingerprint import Fingerprints
from bpfgen.ctype.sizes import alignof, sizeof
from bpfgen.ctype.types import (
    MODIFIERS,
    POINTER_SIZE,
    WRAPPERS,
    Array,
    Composite,
    Enum,
    Float,
    FuncProto,
    Int,
    Named,
    Pointer,
    Typedef,
    Unknown,
    Void,
)
from bpfgen.emit.backend import base_name, stem
from bpfgen.emit.user_space.facts import facts_of
from bpfgen.emit.user_space.types import (
    ADDRESS,
    BIG,
    BOOLEAN,
    CHARACTER,
    FLOATING,
    FOREIGN,
    IMPORTED,
    INTEGER,
    LITTLE,
    NATIVE,
    OWN,
    Alias,
    Enumeration,
    Number,
    Opaque,
    Sequence,
    Structure,
    UserEnumerator,
    UserMember,
)
from bpfgen.kernel.special_fields import NODE_SIZES, SPECIAL_FIELDS
from bpfgen.kernel.tags import POINTER_TAGS
from bpfgen.model.model import ConstantDeclaration, TypeDeclaration
from bpfgen.record import TYPE_CHECKING, Record

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bpfgen.ctype.types import Member, Type
    from bpfgen.emit.user_space.facts import MapFacts
    from bpfgen.emit.user_space.types import Declared, UserType
    from bpfgen.model.model import Model
    from bpfgen.record import Uncompared
    from bpfgen.text.source import Span


class UserConstant(Record):
    """A `const` of the file: *value* is in the range of an integer of *size* bytes."""

    name: str
    value: int
    size: int
    signed: bool
    doc: str = ""
    span: Uncompared[Span | None] = None


class View(Record):
    """All that the output of one file declares.

    Attributes:
        source: The file's name without a directory, for the first line of the output.
        stem: The same without its suffix.
        doc: The file's own doc comment.
        imports: The paths of the imported files, as the source has them.
        types: In an order in which each comes after what it holds; that of the source otherwise.
        names_are_given: Nobody can rename what is in a type: the source is an object, or C.
    """

    source: str
    stem: str
    doc: str
    imports: tuple[str, ...]
    constants: tuple[UserConstant, ...]
    types: tuple[Declared, ...]
    maps: tuple[MapFacts, ...]
    names_are_given: bool = False


def view_of(model: Model) -> View:
    """Return what user space is given of *model*, which has no errors."""
    builder = _Builder(model)
    constants = [
        UserConstant(
            declaration.constant.name,
            declaration.constant.value,
            declaration.constant.type.size,
            declaration.constant.type.signed,
            declaration.doc,
            declaration.span,
        )
        for declaration in model.declarations
        if isinstance(declaration, ConstantDeclaration)
    ]
    for declaration in model.declarations:
        if isinstance(declaration, TypeDeclaration):
            builder.declare(declaration)
    for requested in model.requested:
        builder.type(requested)
    fingerprints = Fingerprints()
    maps = [facts_of(map, builder.type_of_map, fingerprints) for map in model.maps]
    return View(
        base_name(model.name),
        builder.stem,
        model.doc,
        tuple([imported.path for imported in model.imports]),
        tuple(constants),
        tuple(builder.declared),
        tuple(maps),
        model.names_are_given,
    )


_BYTE_ORDERS = {
    **{f"__be{bits}": BIG for bits in (16, 32, 64)},
    **{f"__le{bits}": LITTLE for bits in (16, 32, 64)},
}
"""The typedefs of linux/types.h that say which byte order a number has."""

_KERNEL_STRUCTS = frozenset(
    [field.name for field in SPECIAL_FIELDS.values() if not field.pointer] + list(NODE_SIZES)
)
"""The structs that the kernel manages inside values, and that mean nothing to user space."""


class _Builder:
    """Turns the types of one model into those of user space, each once.

    Attributes:
        declared: What the output declares, in order.
    """

    def __init__(self, model: Model) -> None:
        self.stem = _identifier(stem(model.name))
        self.declared: list[Declared] = []
        self._own = set(_names_declared(model))
        self._files = _files_of_imports(model)
        self._docs: dict[tuple[str, str], str] = {}
        self._made: dict[tuple[str, str], Declared] = {}
        self._floats: dict[int, bool] = {}
        for declaration in model.declarations:
            if isinstance(declaration, TypeDeclaration) and declaration.doc:
                for key in _keys_of(declaration):
                    self._docs.setdefault(key, declaration.doc)

    def declare(self, declaration: TypeDeclaration) -> None:
        """Declare all types of *declaration*."""
        defines = declaration.defines
        if defines is not None:
            if defines.tag is None and not declaration.typedefs:
                if isinstance(defines, Enum):  # constants without a type
                    self.declared.append(self._enumeration(defines, (), "", OWN, ""))
                return
            if defines.tag is not None:
                self.type(defines)
        for typedef in declaration.typedefs:
            self.type(typedef)

    def type(self, type: Type, parent: tuple[str, ...] = ()) -> UserType:
        """Return *type* as user space has it, declared where this output has to.

        Args:
            type: A type of an object in C; nothing incomplete.
            parent: The words that name it where it has no name of its own.
        """
        byte_order = NATIVE
        while True:
            if isinstance(type, Typedef):
                byte_order = _BYTE_ORDERS.get(type.name, byte_order)
                declared = self._typedef(type)
                if declared is not None:
                    return declared
                type = type.underlying
            elif isinstance(type, MODIFIERS):
                type = type.underlying
            else:
                return self._bare(type, byte_order, parent)

    def type_of_map(self, type: Type, words: tuple[str, ...]) -> UserType:
        """Return the key, value or record *type*, which has the name *words* unless C has one.

        Where it is an array, what has no name is its elements: the array may be given *words*.
        """
        bare = type
        while isinstance(bare, WRAPPERS):
            bare = bare.underlying
        return self.type(type, (*words, "element") if isinstance(bare, Array) else words)

    def _bare(self, type: Type, byte_order: str, parent: tuple[str, ...]) -> UserType:
        if isinstance(type, Int):
            kind = BOOLEAN if type.bool else CHARACTER if type.name == "char" else INTEGER
            return Number(kind, type.size, type.signed, byte_order)
        if isinstance(type, Float):
            return Number(FLOATING, type.size, signed=True)
        if isinstance(type, Pointer):
            for tag in pointee_tags(type):
                if tag in POINTER_TAGS:
                    return Opaque(tag, POINTER_SIZE, POINTER_SIZE)
            return Number(ADDRESS, POINTER_SIZE, signed=False)
        if isinstance(type, Array):
            length = 0 if type.flexible else type.length
            return Sequence(self.type(type.element, parent), length, type.flexible)
        if isinstance(type, (Composite, Enum)):
            return self._definition(type, parent)
        # Nothing that a program can hold has another type: the rules saw to it.
        assert isinstance(type, (Void, FuncProto, Named, Unknown)), type
        return Sequence(Number(INTEGER, 1, signed=False), sizeof(type) or 0)

    def _typedef(self, typedef: Typedef) -> Declared | None:
        """Return what the typedef declares; None where it is seen through."""
        key = ("typedef", typedef.name)
        if key in self._made:
            return self._made[key]
        origin, file = self._origin(key)
        bare: Type = typedef.underlying
        while isinstance(bare, MODIFIERS):
            bare = bare.underlying
        if isinstance(bare, (Composite, Enum)) and bare.tag is None:
            # The typedef's name is the only one that the type has.
            words = self._words(typedef.name, origin)
            declared: Declared = self._body(bare, words, typedef.name, origin, file, key)
        elif origin == FOREIGN:
            return None
        else:
            # A nameless type here is what an array is made of.
            target = self.type(typedef.underlying, (typedef.name, "element"))
            declared = Alias(
                self._words(typedef.name, origin),
                typedef.name,
                target,
                alignof(typedef),
                origin,
                file,
                self._docs.get(key, ""),
            )
        self._made[key] = declared
        if origin != IMPORTED:
            self.declared.append(declared)
        return declared

    def _definition(self, type: Composite | Enum, parent: tuple[str, ...]) -> UserType:
        """Return the struct, union or enum *type*, which has a tag or is named after *parent*."""
        if type.tag is None:
            declared = self._body(type, parent, "", OWN, "", None)
            self.declared.append(declared)
            return declared
        kind = type.kind if isinstance(type, Composite) else "enum"
        key = (kind, type.tag)
        if key in self._made:
            return self._made[key]
        origin, file = self._origin(key)
        if origin == FOREIGN and type.tag in _KERNEL_STRUCTS:
            return Opaque(type.tag, type.size, alignof(type))
        words = self._words(type.tag, origin)
        declared = self._body(type, words, f"{kind} {type.tag}", origin, file, key)
        self._made[key] = declared
        if origin != IMPORTED:
            self.declared.append(declared)
        return declared

    def _body(
        self,
        type: Composite | Enum,
        words: tuple[str, ...],
        c_name: str,
        origin: str,
        file: str,
        key: tuple[str, str] | None,
    ) -> Structure | Enumeration:
        doc = self._docs.get(key, "") if key is not None else ""
        if isinstance(type, Enum):
            return self._enumeration(type, words, c_name, origin, file, doc)
        members = tuple(self._members(type, words, 0)) if origin != IMPORTED else ()
        return Structure(
            words,
            c_name,
            type.kind == "union",
            type.size,
            alignof(type),
            members,
            origin,
            file,
            type.doc or doc,
            type.span,
            self._has_floats(type),
        )

    def _has_floats(self, type: Type) -> bool:
        """Return whether a value of *type* has a floating number in it."""
        while isinstance(type, (Typedef, Array, *MODIFIERS)):
            type = type.element if isinstance(type, Array) else type.underlying
        if not isinstance(type, Composite):
            return isinstance(type, Float)
        known = self._floats.get(id(type))
        if known is None:
            known = any(self._has_floats(member.type) for member in type.members)
            self._floats[id(type)] = known
        return known

    def _members(
        self, composite: Composite, words: tuple[str, ...], start: int
    ) -> Iterator[UserMember]:
        """Yield what has a name in *composite*, which begins at bit *start*."""
        for member in composite.members:
            offset = start + member.bit_offset
            if member.name is None:
                bare = member.type
                while isinstance(bare, WRAPPERS):
                    bare = bare.underlying
                if isinstance(bare, Composite) and not member.is_bitfield:
                    yield from self._members(bare, words, offset)
                continue
            yield UserMember(
                member.name,
                self.type(member.type, (*words, member.name)),
                offset,
                member.bitfield_size if member.is_bitfield else None,
                member.doc,
                member.span,
            )

    def _enumeration(
        self,
        type: Enum,
        words: tuple[str, ...],
        c_name: str,
        origin: str,
        file: str,
        doc: str = "",
    ) -> Enumeration:
        enumerators = [UserEnumerator(e.name, e.value, e.doc, e.span) for e in type.enumerators]
        return Enumeration(
            words,
            c_name,
            type.size,
            alignof(type),
            type.signed,
            tuple(enumerators),
            origin,
            file,
            doc,
            type.span,
        )

    def _words(self, name: str, origin: str) -> tuple[str, ...]:
        return (self.stem, name) if origin == FOREIGN else (name,)

    def _origin(self, key: tuple[str, str]) -> tuple[str, str]:
        """Return who declares the type *key*, and for an imported one which file."""
        if key in self._own:
            return OWN, ""
        file = self._files.get(key)
        return (FOREIGN, "") if file is None else (IMPORTED, file)


def _identifier(name: str) -> str:
    """Return *name* with `_` for what an identifier of C can't have."""
    word = "".join(c if c.isascii() and (c.isalnum() or c == "_") else "_" for c in name)
    return f"_{word}" if not word or word[0].isdigit() else word


def _keys_of(declaration: TypeDeclaration) -> Iterator[tuple[str, str]]:
    defines = declaration.defines
    if defines is not None and defines.tag is not None:
        yield (defines.kind if isinstance(defines, Composite) else "enum", defines.tag)
    for typedef in declaration.typedefs:
        yield ("typedef", typedef.name)


def _names_declared(model: Model) -> Iterator[tuple[str, str]]:
    """Yield the kind and name of every type that the file of *model* declares, nested ones too."""
    for declaration in model.declarations:
        if not isinstance(declaration, TypeDeclaration):
            continue
        yield from _keys_of(declaration)
        pending: list[Type] = [typedef.underlying for typedef in declaration.typedefs]
        if declaration.defines is not None:
            pending.append(declaration.defines)
        while pending:
            type = pending.pop()
            while isinstance(type, (Array, *MODIFIERS)):
                type = type.element if isinstance(type, Array) else type.underlying
            if isinstance(type, Composite):
                for member in type.members:
                    inner = _written_in_place(member)
                    if inner is not None:
                        if inner.tag is not None:
                            kind = inner.kind if isinstance(inner, Composite) else "enum"
                            yield (kind, inner.tag)
                        pending.append(inner)


def _written_in_place(member: Member) -> Composite | Enum | None:
    """Return the struct, union or enum whose body stands in the declaration of *member*."""
    type = member.type
    while isinstance(type, (Array, *MODIFIERS)):
        type = type.element if isinstance(type, Array) else type.underlying
    if isinstance(type, (Composite, Enum)) and (member.defines or type.tag is None):
        return type
    return None


def _files_of_imports(model: Model) -> dict[tuple[str, str], str]:
    """Return which imported file declares a type, as a path from this file's directory on."""
    files: dict[tuple[str, str], str] = {}
    for place, imported in imported_files(model).items():
        for key in _names_declared(imported):
            files.setdefault(key, place)
    return files


def imported_files(model: Model) -> dict[str, Model]:
    """Return the files that *model* imports, by their paths from its own directory on.

    Those that an import imports are among them. `--map-import` names a file by this path.
    """
    files: dict[str, Model] = {}
    seen = {id(model)}
    pending = [(model, "")]
    while pending:
        current, path = pending.pop()
        for imported in current.imports:
            if id(imported.model) in seen:
                continue
            seen.add(id(imported.model))
            place = posixpath.normpath(posixpath.join(posixpath.dirname(path), imported.path))
            files.setdefault(place, imported.model)
            pending.append((imported.model, place))
    return files
