"""The types of a declaration as user space has them, in C or in C++: the bytes of the BPF target.

Comes beside :mod:`bpfgen.emit.c.sides`; loaded where a declaration may not be the same on all
sides. What a compiler for a host would lay out otherwise, or refuse, is another type of the same
layout:

* A pointer is a number of 64 bits, since a host's may have 32; one that user space can follow, into
  an arena or into its own memory, stays what it is.
* An unnamed bit-field is pieces of `__u8` that end where bytes do: AAPCS aligns by the type of an
  unnamed bit-field, and nobody else does. In a union, where pieces don't add up, it is bytes.
* `long double` is what it is on the BPF target, a `double`; `__int128` is aligned to 16, where
  s390x has 8; `aligned` without a number is 16; what an enum is aligned to, its members are, since
  gcc 12 gives it to the size as well.
* A flexible array is `[0]` in a union, where it is alone, and in C++.
* The kernel's structs that <linux/bpf.h> may have or not begin with `bpfgen_`.
* In C++ a nested type that has a tag or enumerators is defined in front of what holds it, what has
  no bytes is left out, and a name that is a keyword gets an underscore; so does a tag that is a
  typedef of something else.

Source: AAPCS64, 5.9 (bit-fields subdivision); the C++ standard's [class.scope] and [dcl.typedef].
"""

from __future__ import annotations

from bpfgen.ctype.sizes import alignof, is_packed, requested_alignment, sizeof
from bpfgen.ctype.types import (
    DOUBLE,
    Array,
    Attributes,
    Composite,
    Const,
    Constant,
    Enum,
    Float,
    FuncProto,
    Int,
    Member,
    Named,
    Pointer,
    Restrict,
    Typedef,
    TypeOperand,
    TypeTag,
    Unknown,
    Void,
    Volatile,
    underlying,
)
from bpfgen.emit.c import literals
from bpfgen.emit.c.declarators import base_of
from bpfgen.emit.c.exact_layout import exact_composite
from bpfgen.emit.c.host_attributes import (
    aligned_to,
    bitfield_attributes,
    is_aligned_apart,
    is_placed,
    member_attributes,
    number,
    numbered,
)
from bpfgen.emit.c.host_names import PREFIX
from bpfgen.emit.c.host_parts import (
    BYTE,
    NUMBER,
    UAPI_TYPEDEFS,
    integer_of,
    is_composite,
    is_direct,
    key_of,
    kind_of,
    name_after,
    parts_of,
    untagged,
)
from bpfgen.emit.c.sides import CPLUSPLUS, is_followed
from bpfgen.emit.c.type_bodies import defined_by
from bpfgen.model.model import TypeDeclaration
from bpfgen.record import TYPE_CHECKING, assert_never, replace

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bpfgen.ctype.types import Enumerator, Expression, Type
    from bpfgen.emit.c.declarators import Body
    from bpfgen.emit.c.host_names import HostNames
    from bpfgen.emit.c.type_bodies import Known


class HostTypes:
    """Gives the types of one model the form that they have in user space, always the same one.

    Attributes:
        names: What things are called there.
        used: The typedefs of <linux/types.h> that came to be used, by name.
    """

    __slots__ = (
        *("_alike", "_bodies", "_declared", "_defined", "_empties", "_hidden", "_known", "_memo"),
        *("_moved", "_named", "_owner", "_stem", "names", "used"),
    )

    def __init__(
        self,
        known: Known,
        names: HostNames,
        stem: str = "",
        declared: frozenset[tuple[str, str]] | None = None,
        hidden: frozenset[str] = frozenset(),
    ) -> None:
        """Make one for the types *known*, by kind and name.

        Args:
            known: All types of a model.
            names: What things are called.
            stem: What the tags begin with that stand for foreign ones.
            declared: The types that user space has, by kind and name; None for all.
            hidden: The typedefs that a member of the declaration at hand hides.
        """
        self.names = names
        self.used: dict[str, Typedef] = {}
        self._known = known
        # By identity: one object stands for each use of a type, and comparing is slow.
        self._memo: dict[int, tuple[Type, Type]] = {}
        self._alike: dict[int, bool] = {}
        self._bodies: dict[int, tuple[object, Body]] = {}
        self._named: dict[int, tuple[object, Enum]] = {}
        self._moved: list[TypeDeclaration] = []
        self._empties = 0  # nameless members without bytes of the declaration at hand
        self._owner = ""
        self._hidden = hidden
        self._declared = declared
        self._stem = stem
        self._defined: dict[str, Body] = {}

    @property
    def side(self) -> str:
        """C or C++, as :mod:`bpfgen.emit.c.sides` calls it."""
        return self.names.side

    @property
    def _cplusplus(self) -> bool:
        return self.names.side == CPLUSPLUS

    def declarations(
        self, declaration: TypeDeclaration
    ) -> tuple[list[TypeDeclaration], list[TypeDeclaration]]:
        """Return what goes before *declaration*, and what stands for it: itself, or others."""
        hidden = self.names.hides(declaration)
        if hidden and not self._hidden:
            other = HostTypes(self._known, self.names, self._stem, self._declared, hidden)
            other._defined = self._defined
            result = other.declarations(declaration)
            self.used.update(other.used)
            return result
        self._moved = []
        self._empties = 0
        defines = declaration.defines
        names = [typedef.name for typedef in declaration.typedefs]
        owner = (defines.tag if defines is not None else None) or (names[0] if names else "")
        self._owner = owner
        typedefs = [self._typedef(typedef) for typedef in declaration.typedefs]
        body = self._body(defines, owner) if defines is not None else None
        forward = declaration.forward
        if forward is not None:
            forward = self.held(forward)
        return self.moved(), list(parts_of(declaration, body, typedefs, forward))

    def held(self, type: Type) -> Type:
        """Return *type* as a member, an element, or a map's key or value has it."""
        memo = self._memo.get(id(type))
        if memo is None:
            memo = self._memo[id(type)] = (type, self._held(type, None))
        return memo[1]

    def _held(self, type: Type, body: Body | None) -> Type:
        """Return *type* with *body* for the definition that it is made of, if that is written here.

        As few frames a level as can be: types nest 200 deep.
        """
        match type:
            case Int() | Void() | Unknown() | FuncProto():
                return type
            case Float():
                return DOUBLE if type.name == "long double" else type
            case Typedef():
                if self._is_foreign("typedef", type.name):
                    return self._foreign_typedef(type)
                return self._typedef_used(type)
            case Named():
                return self._renamed(type, self.names.tag(type.name))
            case Composite() | Enum():
                if body is not None:
                    return body
                if type.tag is None:
                    return self._body(type, self._owner)
                if self._is_foreign(kind_of(type), type.tag):
                    return self._foreign_type(type)
                return self._referred(type)
            case Pointer():
                return self._pointer(type)
            case Restrict():
                inner = self._held(type.underlying, body)
                return type if inner is type.underlying else inner  # a number can't be restrict
            case Const() | Volatile() | TypeTag():
                inner = self._held(type.underlying, body)
                return type if inner is type.underlying else replace(type, underlying=inner)
            case Array():
                element = self._held(type.element, body)
                length = self.expression(type.expression)
                if element is type.element and length is type.expression:
                    return type
                return replace(type, element=element, expression=length)
            case _:
                assert_never(type)

    def _is_foreign(self, kind: str, name: str) -> bool:
        """Whether user space has no such type."""
        return self._declared is not None and (kind, name) not in self._declared

    def _foreign_typedef(self, typedef: Typedef) -> Type:
        """Return what stands for a typedef of vmlinux.h: mostly what it is of."""
        if typedef.name in UAPI_TYPEDEFS:
            return self._use(Typedef(typedef.name, underlying(typedef)))
        return self.held(typedef.underlying)

    def _foreign_type(self, type: Body) -> Type:
        """Return what stands for a type of vmlinux.h: a struct of its layout, or an integer."""
        if isinstance(type, Enum):
            return self._use(integer_of(type))
        assert type.tag is not None
        tag = f"{PREFIX}{self._stem}__{type.tag}"
        if tag not in self._defined:
            owner = self._owner
            made = replace(exact_composite(type), tag=tag)
            self._defined[tag] = made
            body = self._defined[tag] = self._body(made, tag)
            self._moved.append(TypeDeclaration(body))
            self._owner = owner
        return self._defined[tag]

    def moved(self) -> list[TypeDeclaration]:
        """Return what has to be declared before the type that :meth:`held` returned last."""
        moved, self._moved = self._moved, []
        return moved

    def _typedef_used(self, typedef: Typedef) -> Type:
        if typedef.name in self._hidden:
            return replace(typedef, name=f"::{typedef.name}")
        return self._renamed(typedef, self.names.typedef(typedef))

    def _referred(self, type: Body) -> Type:
        assert type.tag is not None
        return self._renamed(type, self.names.tag(type.tag))

    def _renamed(self, type: Named | Typedef | Body, name: str) -> Type:
        if isinstance(type, (Composite, Enum)):
            return type if name == type.tag else replace(type, tag=name)
        return type if name == type.name else replace(type, name=name)

    def _pointer(self, pointer: Pointer) -> Type:
        if is_followed(pointer):
            return Pointer(self.held(untagged(pointer.pointee)))
        return self._use(NUMBER)

    def _use(self, typedef: Typedef) -> Typedef:
        self.used[typedef.name] = typedef
        return typedef

    # What is declared.

    def _typedef(self, typedef: Typedef) -> Typedef:
        inner = self.held(typedef.underlying)
        name = self.names.typedef(typedef)
        if inner is typedef.underlying and name == typedef.name:
            return typedef
        return replace(typedef, name=name, underlying=inner)

    def _body(self, type: Body, owner: str) -> Body:
        """Return the definition of *type*, in what *owner* names; the same for one that it was.

        The bodies in it come first, on a stack of their own: they nest as deep as types may.
        """
        pending = [(type, owner, self._bodies_in(type, owner))]
        while pending:
            body, named, inner = pending[-1]
            following = next(inner, None)
            if following is not None:
                if id(key_of(following[0])) not in self._bodies:
                    pending.append((*following, self._bodies_in(*following)))
                continue
            pending.pop()
            self._owner = named
            key = key_of(body)
            if id(key) not in self._bodies:
                made = self._enum(body) if isinstance(body, Enum) else self._composite(body)
                self._bodies[id(key)] = (key, made)
        return self._bodies[id(key_of(type))][1]

    def _bodies_in(self, type: Body, owner: str) -> Iterator[tuple[Body, str]]:
        """Yield the bodies that stand in members of *type*, and what names each."""
        if isinstance(type, Composite):
            for member in type.members:
                body = defined_by(member, self._known)
                if body is not None:
                    yield body, name_after(body, member, owner)

    def _enum(self, enum: Enum) -> Enum:
        enumerators = tuple([self._enumerator(one) for one in enum.enumerators])
        if all(a is b for a, b in zip(enumerators, enum.enumerators, strict=True)):
            enumerators = enum.enumerators
        attributes = enum.attributes
        if attributes is not None and attributes.aligned:
            attributes = replace(attributes, aligned=())
        tag = None if enum.tag is None else self.names.tag(enum.tag)
        is_same = enumerators is enum.enumerators and attributes is enum.attributes
        if is_same and tag == enum.tag:
            return enum
        return replace(enum, tag=tag, enumerators=enumerators, attributes=attributes)

    def _enumerator(self, enumerator: Enumerator) -> Enumerator:
        name = self.names.word(enumerator.name)
        expression = self.expression(enumerator.expression)
        if name == enumerator.name and expression is enumerator.expression:
            return enumerator
        return replace(enumerator, name=name, expression=expression)

    def _composite(self, composite: Composite) -> Composite:
        is_union = composite.kind == "union"
        members: list[Member] = []
        end = 0  # the first free bit of a struct
        unnamed = 0  # the bits of a union's longest unnamed bit-field
        for member in composite.members:
            bits = member.bitfield_size
            if not member.is_bitfield:
                bits = 8 * (sizeof(member.type) or 0)
            elif member.name is None:
                if is_union:
                    unnamed = max(unnamed, bits)
                else:
                    members += self._pieces(end, member.bit_offset + bits)
                    end = max(end, member.bit_offset + bits)
                continue
            if self._cplusplus and not bits and is_composite(member.type):
                members += self._empty(member, composite, end)
            else:
                members.append(self._member(member, composite, 0 if is_union else end))
            end = member.bit_offset + bits
        if unnamed:
            taken = Array(self._use(BYTE), -(-unnamed // 8))
            members.append(Member(f"{PREFIX}unnamed", taken, 0))
        attributes = numbered(composite.attributes)
        if any(one.is_bitfield and is_placed(one, composite) for one in composite.members):
            own = attributes or Attributes()
            attributes = replace(own, aligned=(*own.aligned, number(composite.align)))
        tag = None if composite.tag is None else self.names.tag(composite.tag)
        is_same = len(members) == len(composite.members) and all(
            map(_is, members, composite.members)
        )
        if is_same and attributes is composite.attributes and tag == composite.tag:
            return composite
        self.names.check(composite)
        return replace(composite, tag=tag, members=tuple(members), attributes=attributes)

    def _pieces(self, start: int, end: int) -> Iterator[Member]:
        """Yield unnamed bit-fields from the bit *start* to *end* that don't leave their bytes."""
        while start < end:
            bits = min(end, start - start % 8 + 8) - start
            yield Member(None, self._use(BYTE), start, bits, is_bitfield=True)
            start += bits

    def _empty(self, member: Member, holder: Composite, end: int) -> Iterator[Member]:
        """Yield what stands for *member* without bytes, after the bit *end*, in C++: often nothing.

        What aligns something, or ends a byte, is an array without elements.
        """
        body = defined_by(member, self._known)
        if body is not None:
            self._with_body(member, body)  # others may know it by its tag
        align = 1 if is_packed(member, holder) else alignof(member.type)
        align = max(align, requested_alignment(member.attributes))
        if align > 1 or end % 8:
            if member.name is None:
                self._empties += 1
            name = self.names.word(member.name or f"{PREFIX}empty_{self._empties}")
            kept = Array(self._use(BYTE), 0)
            yield Member(name, kept, member.bit_offset, attributes=aligned_to(align))

    def _member(self, member: Member, holder: Composite, end: int) -> Member:
        """Return what stands for *member* of *holder*, where *end* is the first free bit."""
        if (
            member.attributes is None
            and not member.defines
            and self._is_alike(member.type)
            and (member.name is None or self.names.word(member.name) == member.name)
        ):
            return member
        body = defined_by(member, self._known)
        type = member.type
        defines = member.defines
        if body is None:
            held = self.held(type)
        else:
            held, defines = self._with_body(member, body)
        called = None if member.name is None else self.names.word(member.name)
        attributes = numbered(member.attributes)
        if isinstance(type, Array) and type.flexible and self._is_bare_array(holder):
            assert isinstance(held, Array)
            held = replace(held, flexible=False)
        if member.is_bitfield:
            attributes = bitfield_attributes(member, holder, attributes, end)
        else:
            attributes = member_attributes(member, holder, attributes)
        is_same = held is type and called == member.name and attributes is member.attributes
        if is_same and defines == member.defines:
            return member
        return replace(member, name=called, type=held, attributes=attributes, defines=defines)

    def _is_alike(self, type: Type) -> bool:
        """Whether *type*, which has a name, is the same here, and aligned as the BPF target does.

        The types of the model live as long as what is asked.
        """
        alike = self._alike.get(id(type))
        if alike is None:
            base = base_of(type)
            is_flexible = isinstance(type, Array) and type.flexible
            alike = self._alike[id(type)] = (
                not (is_flexible or (isinstance(base, (Composite, Enum)) and base.tag is None))
                and self.held(type) is type
                and not is_aligned_apart(type)
            )
        return alike

    def _with_body(self, member: Member, body: Body) -> tuple[Type, bool]:
        """Return the type of *member*, whose declaration has *body* in it, and whether it stays.

        Moved in front of the outermost type is what couldn't be found there: in C++ whatever has a
        tag or enumerators, in C what was behind a pointer that is a number now.
        """
        moves = (body.tag is not None or isinstance(body, Enum)) and (
            self._cplusplus or not is_direct(member.type)
        )
        inner = self._bodies[id(key_of(body))][1]
        if moves and isinstance(inner, Enum) and inner.tag is None:
            inner = self._tagged(body, inner, name_after(body, member, self._owner))
        elif moves and not any(moved.defines is inner for moved in self._moved):
            self._moved.append(TypeDeclaration(inner))
        return self._held(member.type, inner), member.defines and not moves

    def _tagged(self, written: Body, enum: Enum, tag: str) -> Enum:
        """Return the nameless *enum*, *written* in a member, with *tag*, and move it in front."""
        key = key_of(written)
        named = self._named.get(id(key))
        if named is None:
            named = self._named[id(key)] = (key, replace(enum, tag=f"{PREFIX}{tag}"))
            self._moved.append(TypeDeclaration(named[1]))
        return named[1]

    def _is_bare_array(self, holder: Composite) -> bool:
        """Whether compilers refuse, or may refuse, a flexible array in *holder*."""
        others = [one for one in holder.members if one.name is not None or not one.is_bitfield]
        return self._cplusplus or holder.kind == "union" or len(others) == 1

    # Names and expressions.

    def expression(self, expression: Expression | None) -> Expression | None:
        """Return *expression* with its names as they are here."""
        if expression is None or all(isinstance(part, str) for part in expression.parts):
            return expression
        parts: list[str | Constant | TypeOperand] = []
        for part in expression.parts:
            if isinstance(part, TypeOperand):
                held = self.held(part.type)
                parts.append(part if held is part.type else replace(part, type=held))
            elif (
                isinstance(part, Constant)
                and part.origin == "included"
                and self._declared is not None
            ):
                parts.append(literals.integer(part.value, part.type))
            elif isinstance(part, Constant) and part.origin != "included":
                name = self.names.word(part.name)
                parts.append(part if name == part.name else replace(part, name=name))
            else:
                parts.append(part)
        is_same = all(map(_is, parts, expression.parts))
        return expression if is_same else replace(expression, parts=tuple(parts))


def _is(one: object, other: object) -> bool:
    return one is other
