"""Types that the decoder gave -> declarations of a source, those needed first first.

What is held by value is declared in full, and so is a struct that a tag needs (`contains`, pointers
to objects of the program's own); what is only pointed to stays a name. The kernel's own types are
the prelude's. Every type that is returned is as the source will have it: with names that C accepts,
a known alignment, and the attributes that give the object's layout.

A name that means two types, as static linking makes it, is two names; types that don't differ are
one.
"""

from __future__ import annotations

from bpfgen.ctype.describe import is_address_space
from bpfgen.ctype.identity import canonical, tag_of
from bpfgen.ctype.layout import sizeof
from bpfgen.ctype.types import (
    Array,
    Attributes,
    Composite,
    Const,
    Enum,
    Enumerator,
    Float,
    FuncProto,
    Int,
    Named,
    Parameter,
    Pointer,
    Restrict,
    Typedef,
    TypeTag,
    Unknown,
    Void,
    Volatile,
    underlying,
)
from bpfgen.importer.from_object import kernel_types
from bpfgen.importer.from_object.integers import c_float, enum_base, integer, reread
from bpfgen.importer.from_object.layouts import Placed, restored
from bpfgen.importer.from_object.type_names import TypeNames, id_of_typedef
from bpfgen.importer.from_object.whole_types import kept_structs
from bpfgen.importer.names import FLAVOR, member_name, member_names, possible
from bpfgen.model.model import TypeDeclaration
from bpfgen.record import TYPE_CHECKING
from bpfgen.text.diagnostics import WARNING, Diagnostic, FormatError

if TYPE_CHECKING:
    from bpfgen.btf.convert import BtfTypes
    from bpfgen.ctype.types import Type
    from bpfgen.importer.names import Names
    from bpfgen.providers.prelude.load import Prelude

_MOST_TYPEDEFS = 100
"""Typedefs that lead from one to the next over pointers: no program of a person has more."""


class InexpressibleError(Exception):
    """A type for which there is no declaration in C; the message says which and why."""


class ObjectTypes:
    """The types of one object, as far as they have been asked for.

    Attributes:
        declarations: What the source has to declare, those needed first first.
        includes: The C headers that have the rest, as `include` names them.
        diagnostics: What was changed or lost on the way.
        renamed: The names of types and members that aren't the object's own.
    """

    def __init__(
        self, types: BtfTypes, names: Names, prelude: Prelude, *, with_header: bool = True
    ) -> None:
        """Prepare for the types of *types*.

        With *with_header*, what linux/bpf.h declares is included; without, it is declared under
        names of its own, as in an object that was compiled with another version of that header.
        """
        self._with_header = with_header
        self._types = types
        self._btf = types.btf
        self._names = names
        self._prelude = prelude
        self.declarations: list[TypeDeclaration] = []
        self.includes: dict[str, None] = {}
        self.diagnostics: list[Diagnostic] = []
        # By the identity of the decoder's types, which are kept alive beside: one a BTF type.
        self._done: dict[int, tuple[Type, Type]] = {}
        self._failed: dict[int, tuple[Type, str]] = {}
        self._typedefs: dict[int, tuple[Type, Typedef]] = {}
        self._type_names = TypeNames(names, self._tell)
        self.renamed = self._type_names.renamed
        self._under_way: set[int] = set()
        self._open: set[int] = set()
        self._kept: set[int] = set()
        self._told: set[str] = set()

    def of(self, type: Type) -> Type:
        """Return *type*, held by value, as the source has it; everything in it gets declared.

        Raises:
            InexpressibleError: C, or the language, has no declaration for it.
        """
        wanted = [type]
        for found in wanted:  # grows on the way: what is kept may keep more
            for struct_id in kept_structs(self._btf, found):
                if struct_id not in self._kept:
                    self._kept.add(struct_id)
                    wanted.append(self._types.type(struct_id))
        for found in reversed(wanted[1:]):
            try:
                self._type(found)
            except InexpressibleError as error:
                self._tell("import-type", str(error))
        return self._type(type)

    def prototype(self, type_id: int) -> FuncProto:
        """Return the function type *type_id*.

        Raises:
            InexpressibleError: As :meth:`of`.
            FormatError: It is none.
        """
        found = self._type(self._types.type(type_id))
        if not isinstance(found, FuncProto):
            raise FormatError(f"BTF type {type_id} is no function type")
        return found

    def _tell(self, code: str, message: str) -> None:
        if message not in self._told:
            self._told.add(message)
            self.diagnostics.append(Diagnostic(code, message, None, severity=WARNING))

    def _type(self, type: Type) -> Type:
        """Return *type* as the source has it. Nesting is held down by the decoder."""
        if isinstance(type, (Composite, Enum, Typedef)):
            known = self._done.get(id(type))
            return known[1] if known is not None else self._named_once(type)
        if isinstance(type, Int):
            return self._integer(type)
        if isinstance(type, Float):
            return self._float(type)
        if isinstance(type, Pointer):
            return Pointer(self._type(type.target))
        if isinstance(type, Array):
            return Array(self._type(type.element), type.length)
        if isinstance(type, (Const, Volatile, Restrict)):
            return type.__class__(self._type(type.target))
        if isinstance(type, TypeTag):
            return self._type_tag(type)
        if isinstance(type, FuncProto):
            parameters = tuple(
                Parameter(None if each.name is None else possible(each.name), self._type(each.type))
                for each in type.parameters
            )
            return FuncProto(self._type(type.returns), parameters, type.variadic)
        if isinstance(type, Named):
            return self._name(type)
        if isinstance(type, (Void, Unknown)):
            return type
        raise AssertionError(type)

    def _named_once(self, type: Composite | Enum | Typedef) -> Type:
        """Return *type* as the source has it, worked out once; so is that it can't be had."""
        failed = self._failed.get(id(type))
        if failed is not None:
            raise InexpressibleError(failed[1])
        made: Type
        declared = len(self.declarations)
        try:
            if isinstance(type, Composite):
                made = self._composite(type)
            else:
                made = self._enum(type) if isinstance(type, Enum) else self._typedef(type)
        except InexpressibleError as error:
            self._failed[id(type)] = (type, str(error))
            raise
        if (
            self._with_header
            and isinstance(made, (Composite, Enum))
            and made.tag in kernel_types.TAGS
            and self._prelude.find_type(tag_of(made)[0], made.tag) is not made
        ):
            # Whatever it holds comes with it; it was only gone through for the layout.
            del self.declarations[declared:]
            self.includes[kernel_types.HEADER] = None
        self._done[id(type)] = (type, made)
        return made

    def _integer(self, type: Int) -> Type:
        made = integer(self._prelude, type)
        if made is None:
            raise InexpressibleError(
                f"C has no integer type like `{type.name}` of {type.size} bytes"
            )
        if isinstance(made, Int) and made.name != canonical(type.name):
            self._tell(
                "import-name",
                f"the integer type `{type.name}` becomes `{made.name}`, as C calls it",
            )
        return made

    def _float(self, type: Float) -> Type:
        made = c_float(type)
        if made is None:
            raise InexpressibleError(
                f"C for BPF has no floating type like `{type.name}` of {type.size} bytes"
            )
        return made

    def _type_tag(self, type: TypeTag) -> Type:
        target = self._type(type.target)
        if not type.attribute:
            if type.tag.isascii() and type.tag.isprintable():
                return TypeTag(target, type.tag)
        elif is_address_space(type.tag):
            return TypeTag(target, type.tag)
        self._tell("import-type", f"the type tag `{type.tag}` can't be written, and is left out")
        return target

    def _name(self, type: Named) -> Type:
        """Return what is only named: behind a pointer, or incomplete."""
        if type.kind == "typedef":
            return self._named_typedef(type)
        called = None
        if type.type_id is not None and not type.forward:
            try:
                called = self._type_names.of(self._types.type(type.type_id))
            except FormatError:
                called = None
        if called is not None:
            return Named(type.kind, called)
        return Named(type.kind, self._names.refer(type.name, type.kind))

    def _named_typedef(self, type: Named) -> Type:
        """Return a typedef by name; it is declared, but the struct that it names need not be."""
        try:
            whole = self._types.type(type.type_id or 0)
        except FormatError as error:
            raise InexpressibleError(f"typedef `{type.name}`: {error.what}") from None
        if not isinstance(whole, Typedef):
            raise InexpressibleError(f"`{type.name}` is no typedef")
        known = self._done.get(id(whole))
        if known is not None:
            made = known[1]
            return Named("typedef", made.name) if isinstance(made, Typedef) else made
        if id(whole) in self._typedefs:
            return Named("typedef", self._typedefs[id(whole)][1].name)
        if id(whole) in self._under_way:
            return Named("typedef", type.name)
        special = kernel_types.typedef(self._prelude, whole)
        if special is not None:
            return Named("typedef", special.name) if isinstance(special, Typedef) else special
        if len(self._under_way) > _MOST_TYPEDEFS:
            raise InexpressibleError(f"typedef `{type.name}` leads to too many others")
        self._under_way.add(id(whole))
        try:
            target = self._only_named(whole.target)
        finally:
            self._under_way.discard(id(whole))
        made = self._declare_typedef(whole, target)
        self._typedefs[id(whole)] = (whole, made)
        return Named("typedef", made.name)

    def _only_named(self, type: Type) -> Type:
        """Return the target of a typedef that nobody holds by value: a tag remains a name."""
        if isinstance(type, Composite) and type.tag is not None:
            if kernel_types.composite(self._prelude, type) is not None or id(type) in self._done:
                return self._type(type)
            return Named(type.kind, self._names.refer(type.tag, type.kind))
        if isinstance(type, (Const, Volatile, Restrict)):
            return type.__class__(self._only_named(type.target))
        if isinstance(type, Typedef) and isinstance(underlying(type), Composite):
            type_id = id_of_typedef(self._types, type)
            return (
                self._type(type)
                if type_id is None
                else self._named_typedef(Named("typedef", type.name, type_id=type_id))
            )
        return self._type(type)

    def _typedef(self, type: Typedef) -> Type:
        special = kernel_types.typedef(self._prelude, type)
        if special is not None:
            return special
        twin = self._type_names.twin(type, "typedef", type.name)
        # A typedef may be its own twin's target, in bytes that no compiler wrote.
        if twin is not None and id(twin) not in self._open:
            return self._type(twin)
        self._open.add(id(type))
        target = self._type(type.target)
        self._open.discard(id(type))
        known = self._typedefs.get(id(type))
        if known is not None:  # declared by name before; now it is held, and its target needed
            return Typedef(known[1].name, target)
        return self._declare_typedef(type, target)

    def _declare_typedef(self, type: Typedef, target: Type) -> Typedef:
        name = self._type_names.take(type, "typedef", type.name)
        made = Typedef(name, target)
        type_id = id_of_typedef(self._types, type)
        tags = () if type_id is None else self._btf.decl_tags(type_id)
        self.declarations.append(TypeDeclaration(None, (made,), decl_tags=(self._written(tags),)))
        return made

    def _composite(self, type: Composite) -> Composite:
        kernels = kernel_types.composite(self._prelude, type)
        if kernels is not None:
            return kernels
        tag = None
        if type.tag is not None:
            twin = self._type_names.twin(type, type.kind, type.tag)
            if twin is not None:
                found = self._type(twin)
                assert isinstance(found, Composite)
                return found
            tag = self._type_names.take(type, type.kind, type.tag)
        label = f"`{type.kind} {type.tag}`" if type.tag else f"a {type.kind} without a name"
        names = member_names([member_name(member) for member in type.members])
        placed = []
        for member, name in zip(type.members, names, strict=True):
            if member.name is None and name is not None:
                self._tell(
                    "import-name",
                    f"a member of {label} has no name, and C wants one; it is called `{name}` here",
                )
            elif name != member.name:
                self.renamed.add(name or "")
                self._tell(
                    "import-name",
                    f"member `{member.name}` of {label} can't have that name in C; it is called "
                    f"`{name}` here",
                )
            placed.append(
                Placed(
                    name,
                    self._type(member.type),
                    member.bit_offset,
                    member.bitfield_size,
                    self._attributes(member.attributes),
                )
            )
            if not member.bitfield_size and sizeof(placed[-1].type) is None:
                what = f"member `{member.name or ''}` of {label}"
                raise InexpressibleError(f"{what} is of no known size")
        made = restored(type.kind, tag, placed, type.size, self._attributes(type.attributes))
        if made is None:
            raise InexpressibleError(f"no declaration of C gives {label} the layout that it has")
        if tag is not None:
            self.declarations.append(TypeDeclaration(made))
        return made

    def _enum(self, type: Enum) -> Type:
        if type.tag is not None:
            twin = self._type_names.twin(type, "enum", type.tag)
            if twin is not None:
                return self._type(twin)
        read = reread(type)
        base = enum_base(read)
        if base is False:
            label = f"`enum {type.tag}`" if type.tag else "an enum without a name"
            raise InexpressibleError(f"{label} has no size or no values that C can give it")
        tag = None if type.tag is None else self._type_names.take(type, "enum", type.tag)
        enumerators = []
        is_headers = not self._with_header and type.tag in kernel_types.TAGS
        for enumerator in read.enumerators:
            wanted = f"{enumerator.name}{FLAVOR}2" if is_headers else enumerator.name
            name = self._names.take(wanted, "enumerator")
            if name != enumerator.name:
                self._tell(
                    "import-name",
                    f"the enumerator `{enumerator.name}` is declared elsewhere too, or is no name "
                    f"of C; it is called `{name}` here",
                )
            enumerators.append(Enumerator(name, enumerator.value))
        made = Enum(
            tag,
            read.size,
            read.signed,
            tuple(enumerators),
            base,
            self._attributes(type.attributes),
        )
        if tag is not None:
            self.declarations.append(TypeDeclaration(made))
        return made

    def _attributes(self, attributes: Attributes | None) -> Attributes | None:
        if attributes is None:
            return None
        for other in attributes.others:
            self._tell("import-type", f"the attribute `{other}` can't be written, and is left out")
        tags = self._written(attributes.decl_tags)
        return Attributes(decl_tags=tags) if tags else None

    def _written(self, tags: tuple[str, ...]) -> tuple[str, ...]:
        """Return those of *tags* that a source can have; the others are told."""
        kept = []
        for tag in tags:
            if tag.isascii() and tag.isprintable():
                kept.append(tag)
            else:
                self._tell("import-type", f"the decl tag `{tag}` can't be written, and is left out")
        return tuple(kept)
