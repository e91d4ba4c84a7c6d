"""The types of an object -> declarations of a source, those needed first first.

What is held by value is declared in full, and so is a struct that a tag needs (`contains`, pointers
to objects of the program's own); what is only pointed to stays a name. The kernel's own types are
the prelude's. Every type that is returned is as the source will have it: with names that C accepts,
a known alignment, and the attributes that give the object's layout.

A name that means two types, as static linking makes it, is two names; types that don't differ are
one.

How deep types are nested is the object's to choose. Whatever has a type inside is therefore a
generator, a :data:`Steps`: it yields the steps for the type inside and is sent that type, and
:func:`_completed` keeps those that wait on a stack of its own.
"""

from __future__ import annotations

from contextlib import suppress

from bpfgen.ctype.c_numbers import enum_base, reread
from bpfgen.ctype.identity import tag_of
from bpfgen.ctype.layout import sizeof
from bpfgen.ctype.restore import InexpressibleError, Placed, restored
from bpfgen.ctype.types import (
    Array,
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
    unqualified,
)
from bpfgen.importer.from_object import kernel_types
from bpfgen.importer.from_object.losses import Losses
from bpfgen.importer.from_object.type_names import TypeNames, id_of_typedef
from bpfgen.importer.from_object.whole_types import whole_structs
from bpfgen.importer.names import FLAVOR, member_name, member_names
from bpfgen.model.model import TypeDeclaration
from bpfgen.record import TYPE_CHECKING, assert_never
from bpfgen.resolve.possible_names import possible
from bpfgen.text.diagnostics import FormatError

if TYPE_CHECKING:
    from collections.abc import Generator
    from typing import TypeAlias

    from bpfgen.btf.convert import BtfTypes
    from bpfgen.ctype.types import Member, Type
    from bpfgen.importer.from_object.headers import ProjectHeaders
    from bpfgen.importer.from_object.vmlinux_types import VmlinuxTypes
    from bpfgen.importer.names import Names
    from bpfgen.providers.prelude import Prelude

    Steps: TypeAlias = Generator["Steps", Type, Type]

KERNEL = "kernel"
"""What includes the types of a kernel's BTF."""

_MOST_TYPEDEFS = 100
"""Typedefs that lead from one to the next over pointers: no program of a person has more."""


def _completed(steps: Steps) -> Type:
    """Return what *steps* come to.

    Raises:
        InexpressibleError: As the steps do.
        FormatError: As the steps do.
    """
    waiting = [steps]
    inside: Type | None = None
    error: InexpressibleError | FormatError | None = None
    while waiting:
        try:
            if error is not None:
                further = waiting[-1].throw(error)
            elif inside is None:
                further = next(waiting[-1])
            else:
                further = waiting[-1].send(inside)
        except StopIteration as finished:
            waiting.pop()
            inside, error = finished.value, None
        except (InexpressibleError, FormatError) as raised:
            waiting.pop()
            inside, error = None, raised
        else:
            waiting.append(further)
            inside = error = None
    if error is not None:
        raise error
    assert inside is not None
    return inside


class ObjectTypes:
    """The types of one object, as far as they have been asked for.

    Attributes:
        declarations: What the source has to declare, those needed first first.
        includes: The C headers that have the rest, as `include` names them.
        losses: What was changed or lost on the way.
        renamed: The names of types and members that aren't the object's own.
    """

    def __init__(
        self,
        types: BtfTypes,
        names: Names,
        prelude: Prelude,
        *,
        with_header: bool = True,
        headers: ProjectHeaders | None = None,
        vmlinux: VmlinuxTypes | None = None,
    ) -> None:
        """Prepare for *types*.

        With *with_header*, what linux/bpf.h declares is included; without, it is declared under
        names of its own, as in an object that was compiled with another version of that header.
        What the project's *headers* declare is included, too.
        What *vmlinux* has alike is taken from there.
        """
        self._headers = headers
        self._with_header = with_header
        self._vmlinux = vmlinux
        self._types = types
        self._btf = types.btf
        self._names = names
        self._prelude = prelude
        self.declarations: list[TypeDeclaration] = []
        self.includes: dict[str, None] = {}
        self.losses = Losses()
        # By identity, which BtfTypes gives to each BTF type: equal types may have other names here.
        # The types are kept alive beside, so that no other gets the same id.
        self._done: dict[int, tuple[Type, Type]] = {}
        self._failed: dict[int, tuple[Type, str]] = {}
        self._typedefs: dict[int, tuple[Type, Typedef]] = {}
        self._type_names = TypeNames(names, self.losses.report, headers)
        self.renamed = self._type_names.renamed
        self._under_way: set[int] = set()
        self._open: set[int] = set()
        self._elements: set[int] = set()
        self._whole: set[int] = set()

    def visited(self) -> list[Type]:
        """Return the types of the object that were asked for so far, and what they hold."""
        return [type for type, _ in (*self._done.values(), *self._typedefs.values())]

    def of(self, type: Type) -> Type:
        """Return *type*, held by value, as the source has it; everything in it gets declared.

        Raises:
            InexpressibleError: C, or the language, has no declaration for it.
        """
        wanted = [type]
        for needed in wanted:  # grows on the way: what is whole may need more
            for struct_id in whole_structs(self._btf, needed):
                if struct_id not in self._whole:
                    self._whole.add(struct_id)
                    wanted.append(self._types.type(struct_id))
        for needed in reversed(wanted[1:]):
            try:
                _completed(self._steps(needed))
            except InexpressibleError as error:
                self.losses.report("import-type", str(error))
        return _completed(self._steps(type))

    def prototype(self, type_id: int) -> FuncProto:
        """Return the function type *type_id*.

        Raises:
            InexpressibleError: As :meth:`of`.
            FormatError: It is none.
        """
        function = _completed(self._steps(self._types.type(type_id)))
        if not isinstance(function, FuncProto):
            raise FormatError(f"BTF type {type_id} is no function type")
        return function

    def _steps(self, type: Type) -> Steps:
        """Return *type* as the source has it."""
        match type:
            case Composite() | Enum() | Typedef():
                known = self._done.get(id(type))
                return known[1] if known is not None else (yield self._named_once(type))
            case Int():
                return self.losses.integer(self._prelude, type)
            case Float():
                return self.losses.floating(type)
            case Pointer():
                return Pointer((yield self._steps(type.pointee)))
            case Array():
                yield self._whole_element(type.element)
                return Array((yield self._steps(type.element)), type.length)
            case Const() | Volatile() | Restrict():
                return type.__class__((yield self._steps(type.underlying)))
            case TypeTag():
                return self.losses.tagged(type, (yield self._steps(type.underlying)))
            case FuncProto():
                parameters = []
                for parameter in type.parameters:
                    name = None if parameter.name is None else possible(parameter.name)
                    parameters.append(Parameter(name, (yield self._steps(parameter.type))))
                returns = yield self._steps(type.returns)
                return FuncProto(returns, tuple(parameters), type.variadic)
            case Named():
                return (yield self._name(type))
            case Void() | Unknown():
                return type
            case _:
                assert_never(type)

    def _whole_element(self, type: Type) -> Steps:
        """Have what an array has for elements declared in full, though only a pointer leads there.

        C has no array of what isn't complete.
        """
        element = unqualified(type)
        if not isinstance(element, Named):
            return type
        whole = None
        if element.type_id is not None and not element.forward:
            whole = self._types.type(element.type_id)
        if whole is None or id(whole) in self._elements:
            what = "is only declared" if whole is None else "holds that array"
            raise InexpressibleError(f"an array has elements of `{element.name}`, which {what}")
        self._elements.add(id(whole))
        try:
            return (yield self._steps(whole))
        finally:
            self._elements.discard(id(whole))

    def _named_once(self, type: Composite | Enum | Typedef) -> Steps:
        """Return *type* as the source has it, worked out once; so is that it can't be had."""
        failed = self._failed.get(id(type))
        if failed is not None:
            raise InexpressibleError(failed[1])
        declared = len(self.declarations)
        try:
            match type:
                case Composite():
                    own = yield self._composite(type)
                case Enum():
                    own = yield self._enum(type)
                case Typedef():
                    own = yield self._typedef(type)
        except InexpressibleError as error:
            self._failed[id(type)] = (type, str(error))
            raise
        kind = "typedef" if isinstance(type, Typedef) else tag_of(type)[0]
        name = type.name if isinstance(type, Typedef) else type.tag
        if name and len(self.declarations) > declared and self._is_of_header(kind, name, type):
            del self.declarations[declared:]
        elif (
            self._with_header
            and not self._is_of_vmlinux(own)
            and isinstance(own, (Composite, Enum))
            and own.tag in kernel_types.TAGS
            and self._prelude.find_type(tag_of(own)[0], own.tag) is not own
        ):
            # Whatever it holds comes with it; it was only gone through for the layout.
            del self.declarations[declared:]
            self.includes[kernel_types.HEADER] = None
        self._done[id(type)] = (type, own)
        return own

    def _is_of_header(self, kind: str, name: str, type: Type) -> bool:
        """Return whether a header of the project has *type*, which is then included."""
        if self._headers is None or not self._headers.is_same(kind, name, type):
            return False
        self._headers.need(kind, name)
        return True

    def _of_vmlinux(self, type: Composite | Enum | Typedef) -> Type | None:
        """Return the kernel's type that *type* is, which `include kernel;` brings; or None."""
        theirs = None if self._vmlinux is None else self._vmlinux.same(type)
        if theirs is not None:
            self.includes[KERNEL] = None
        return theirs

    def _is_of_vmlinux(self, own: Type) -> bool:
        return self._vmlinux is not None and self._vmlinux.has_given(own)

    def _name(self, type: Named) -> Steps:
        """Return what is only named: behind a pointer, or incomplete."""
        if type.kind == "typedef":
            return (yield self._named_typedef(type))
        called = None
        if type.type_id is not None and not type.forward:
            try:
                whole = self._types.type(type.type_id)
                called = self._type_names.of(whole)
            except FormatError:
                whole = None
            if isinstance(whole, Enum):
                # clang writes one that is only named with no bytes, and the kernel refuses that.
                with suppress(InexpressibleError):
                    own = yield self._steps(whole)
                    return Named(type.kind, own.tag) if isinstance(own, Enum) and own.tag else own
        if called is not None:
            return Named(type.kind, called)
        return Named(type.kind, self._names.refer(type.name, type.kind))

    def _named_typedef(self, type: Named) -> Steps:
        """Return a typedef by name; it is declared, but the struct that it names need not be."""
        try:
            whole = self._types.type(type.type_id or 0)
        except FormatError as error:
            raise InexpressibleError(f"typedef `{type.name}`: {error.what}") from None
        if not isinstance(whole, Typedef):
            raise InexpressibleError(f"`{type.name}` is no typedef")
        known = self._done.get(id(whole))
        if known is not None:
            own = known[1]
            return Named("typedef", own.name) if isinstance(own, Typedef) else own
        if id(whole) in self._typedefs:
            return Named("typedef", self._typedefs[id(whole)][1].name)
        if id(whole) in self._under_way:
            return Named("typedef", type.name)
        special = kernel_types.typedef(self._prelude, whole)
        if special is not None:
            return Named("typedef", special.name) if isinstance(special, Typedef) else special
        if self._of_vmlinux(whole) is not None:
            return Named("typedef", whole.name)
        if len(self._under_way) > _MOST_TYPEDEFS:
            raise InexpressibleError(f"typedef `{type.name}` leads to too many others")
        self._under_way.add(id(whole))
        try:
            target = yield self._only_named(whole.underlying)
        finally:
            self._under_way.discard(id(whole))
        declared = self._declare_typedef(whole, target)
        self._typedefs[id(whole)] = (whole, declared)
        return Named("typedef", declared.name)

    def _only_named(self, type: Type) -> Steps:
        """Return the target of a typedef that nobody holds by value: a tag remains a name."""
        if isinstance(type, Composite) and type.tag is not None:
            if kernel_types.composite(self._prelude, type) is not None or id(type) in self._done:
                return (yield self._steps(type))
            return Named(type.kind, self._names.refer(type.tag, type.kind))
        if isinstance(type, (Const, Volatile, Restrict)):
            return type.__class__((yield self._only_named(type.underlying)))
        if isinstance(type, Typedef) and isinstance(underlying(type), Composite):
            type_id = id_of_typedef(self._types, type)
            if type_id is not None:
                return (yield self._named_typedef(Named("typedef", type.name, type_id=type_id)))
        return (yield self._steps(type))

    def _typedef(self, type: Typedef) -> Steps:
        special = kernel_types.typedef(self._prelude, type)
        if special is not None:
            return special
        theirs = self._of_vmlinux(type)
        if theirs is not None:
            return theirs
        twin = self._type_names.twin(type, "typedef", type.name)
        # A typedef may be its own twin's target, in bytes that no compiler wrote.
        if twin is not None and id(twin) not in self._open:
            return (yield self._steps(twin))
        self._open.add(id(type))
        target = yield self._steps(type.underlying)
        self._open.discard(id(type))
        known = self._typedefs.get(id(type))
        if known is not None:  # declared by name before; now it is held, and its target needed
            return Typedef(known[1].name, target)
        return self._declare_typedef(type, target)

    def _declare_typedef(self, type: Typedef, target: Type) -> Typedef:
        if type.name == "bool" and isinstance(target, Int) and target.bool:
            # The one keyword that may be declared; linking may have made several of it.
            own = TypeDeclaration(None, (Typedef(type.name, target),))
            if own not in self.declarations:
                self.declarations.append(own)
            return own.typedefs[0]
        name = self._type_names.take(type, "typedef", type.name)
        declared = Typedef(name, target)
        if self._is_of_header("typedef", type.name, type):
            return declared
        type_id = id_of_typedef(self._types, type)
        tags = () if type_id is None else self._btf.decl_tags(type_id)
        written = self.losses.decl_tags(tags)
        self.declarations.append(TypeDeclaration(None, (declared,), decl_tags=(written,)))
        return declared

    def _composite(self, type: Composite) -> Steps:
        kernels = kernel_types.composite(self._prelude, type)
        if kernels is not None:
            return kernels
        theirs = self._of_vmlinux(type)
        if theirs is not None:
            return theirs
        tag = None
        if type.tag is not None:
            twin = self._type_names.twin(type, type.kind, type.tag)
            if twin is not None:
                return (yield self._steps(twin))
            tag = self._type_names.take(type, type.kind, type.tag)
        label = f"`{type.kind} {type.tag}`" if type.tag else f"a {type.kind} without a name"
        names = member_names([member_name(member) for member in type.members])
        placed = []
        for member, name in zip(type.members, names, strict=True):
            self._report_name(member, name, label)
            held = yield self._steps(member.type)
            attributes = self.losses.attributes(member.attributes)
            placed.append(Placed(name, held, member.bit_offset, member.bitfield_size, attributes))
            if not member.bitfield_size and sizeof(held) is None:
                what = f"member `{member.name or ''}` of {label}"
                raise InexpressibleError(f"{what} is of no known size")
        attributes = self.losses.attributes(type.attributes)
        own = restored(type.kind, tag, placed, type.size, attributes)
        if own is None:
            raise InexpressibleError(f"no declaration of C gives {label} the layout that it has")
        if tag is not None:
            self.declarations.append(TypeDeclaration(own))
        return own

    def _report_name(self, member: Member, name: str | None, label: str) -> None:
        """Say that *member* of *label* is called *name* in the source, unless that is its own."""
        if member.name is None and name is not None:
            self.losses.report(
                "import-name",
                f"a member of {label} has no name, and C wants one; it is called `{name}` here",
            )
        elif name != member.name:
            self.renamed.add(name or "")
            self.losses.report(
                "import-name",
                f"member `{member.name}` of {label} can't have that name in C; it is called "
                f"`{name}` here",
            )

    def _enum(self, type: Enum) -> Steps:
        theirs = self._of_vmlinux(type)
        if theirs is not None:
            return theirs
        if type.tag is not None:
            twin = self._type_names.twin(type, "enum", type.tag)
            if twin is not None:
                return (yield self._steps(twin))
        read = reread(type)
        base = enum_base(read)
        if base is False:
            label = f"`enum {type.tag}`" if type.tag else "an enum without a name"
            raise InexpressibleError(f"{label} has no size or no values that C can give it")
        tag = None if type.tag is None else self._type_names.take(type, "enum", type.tag)
        enumerators = []
        is_included = self._headers is not None and self._headers.is_same(
            "enum", type.tag or "", type
        )
        is_headers = not self._with_header and type.tag in kernel_types.TAGS
        for enumerator in read.enumerators:
            wanted = f"{enumerator.name}{FLAVOR}2" if is_headers else enumerator.name
            if is_included:
                name = self._names.keep(wanted, "enumerator")
            else:
                name = self._names.take(wanted, "enumerator")
            if name != enumerator.name:
                self.losses.report(
                    "import-name",
                    f"the enumerator `{enumerator.name}` is declared elsewhere too, or is no name "
                    f"of C; it is called `{name}` here",
                )
            enumerators.append(Enumerator(name, enumerator.value))
        attributes = self.losses.attributes(type.attributes)
        own = Enum(tag, read.size, read.signed, tuple(enumerators), base, attributes)
        if tag is not None:
            self.declarations.append(TypeDeclaration(own))
        return own
