"""Where a struct has special fields, found as the kernel finds them: by the raw type of a member.

The kernel looks at members and, since Linux 6.11, into nested structs and arrays; a typedef or
qualifier around a special struct hides it, and so does a union (btf_find_struct_field,
btf_find_field_one, btf_find_kptr in kernel/bpf/btf.c). What is hidden is found here too, with the
reason, since nobody writes a lock in order not to have one.
"""

from __future__ import annotations

from bpfgen.ctype.types import (
    MODIFIERS,
    POINTER_SIZE,
    Array,
    Composite,
    Const,
    Enum,
    Float,
    FuncProto,
    Int,
    Named,
    Pointer,
    Restrict,
    Typedef,
    TypeTag,
    Unknown,
    Void,
    Volatile,
    underlying,
)
from bpfgen.kernel.special_fields import SPECIAL_FIELDS
from bpfgen.kernel.tags import POINTER_TAGS
from bpfgen.record import TYPE_CHECKING, Record, assert_never, replace

if TYPE_CHECKING:
    from bpfgen.ctype.types import Member, Type

STRUCTS = frozenset(name for name, field in SPECIAL_FIELDS.items() if not field.pointer)
"""Tags of the structs that are special in a value."""

NODES = frozenset({"bpf_list_node", "bpf_rb_node"})
"""Tags of the structs by which an object hangs in a list or tree; special in that object."""

_MOST_USES = 64
"""Uses kept of one struct; far more than any kernel takes, and far less than arrays can hold."""


class FieldUse(Record):
    """One member that is a special field, as seen from a struct that holds it at any depth.

    Attributes:
        name: A row of SPECIAL_FIELDS, one of :data:`NODES`, or the tag of a pointer.
        path: How C reaches it from that struct: `inner.lock`; empty where nothing is named.
        member: The member itself; its `bit_offset` counts from `owner`.
        owner: The struct whose direct member it is.
        type: Its type without arrays.
        bit_offset: From the start of that struct.
        count: How many there are, elements of arrays multiplied.
        hidden: Why the kernel doesn't see it; empty if it does.
        nested: It is an element of an array or stands in a nested struct.
        tags: For a pointer, all its type tags, the outermost first.
        strides: Of each array that it is an element of, the outermost first: how many there are,
            and the bytes of one.
    """

    name: str
    path: str
    member: Member
    owner: Composite
    type: Type
    bit_offset: int
    count: int = 1
    hidden: str = ""
    nested: bool = False
    tags: tuple[str, ...] = ()
    strides: tuple[tuple[int, int], ...] = ()

    def offsets(self) -> list[int]:
        """Return where it stands, in bits from the start of that struct: `count` places."""
        places = [self.bit_offset]
        for count, stride in self.strides:
            places = [at + 8 * stride * index for at in places for index in range(count)]
        return places


class Fields(Record):
    """The special fields of a struct, nested ones included, and what else the kernel trips over.

    Attributes:
        uses: In the order of offsets, but for unions.
        unaligned: The first member that begins within a byte, with its path, or None.
        strange_pointers: Pointers with a type tag that is no special one.
    """

    uses: tuple[FieldUse, ...] = ()
    unaligned: tuple[str, Member] | None = None
    strange_pointers: tuple[FieldUse, ...] = ()


NO_FIELDS = Fields()


class FieldFinder:
    """Finds the special fields of structs, each struct once, however often it is held."""

    # Both are asked by identity: comparing structs would cost more than looking at them, and the
    # model keeps them alive.
    __slots__ = ("_fields_of", "_held_by")

    def __init__(self) -> None:
        self._fields_of: dict[int, Fields] = {}
        self._held_by: dict[int, tuple[Type, int, str]] = {}

    def of(self, root: Composite) -> Fields:
        """Return the fields of *root*, a struct or union, whatever it is for."""
        known = self._fields_of
        if id(root) in known:
            return known[id(root)]
        pending = [root]
        while pending:
            composite = pending[-1]
            if id(composite) in known:
                pending.pop()
                continue
            if _is_special(composite):
                known[id(composite)] = NO_FIELDS
                continue
            held = [self._held(member.type) for member in composite.members]
            unvisited = [
                inner
                for inner, _, _ in held
                if isinstance(inner, Composite) and id(inner) not in known
            ]
            if unvisited:
                pending.extend(unvisited)
                continue
            pending.pop()
            known[id(composite)] = self._fields(composite, held)
        return known[id(root)]

    def _held(self, type_: Type) -> tuple[Type, int, str]:
        """Return :func:`_held` of *type_*, asked once a type; the model keeps types alive."""
        held = self._held_by.get(id(type_))
        if held is None:
            held = self._held_by[id(type_)] = _held(type_)
        return held

    def _fields(self, composite: Composite, held: list[tuple[Type, int, str]]) -> Fields:
        uses: list[FieldUse] = []
        strange: list[FieldUse] = []
        unaligned: tuple[str, Member] | None = None
        in_union = "a union" if composite.kind == "union" else ""
        for member, (inner, count, wrapped) in zip(composite.members, held, strict=True):
            if member.bit_offset % 8 and member.name is not None and unaligned is None:
                unaligned = (member.name, member)
            if isinstance(inner, (Int, Enum)) or count == 0:
                continue
            hidden = in_union or wrapped
            if isinstance(inner, Composite) and not _is_special(inner):
                nested = self._fields_of[id(inner)]
                if unaligned is None and nested.unaligned and inner.kind == "struct" and not hidden:
                    unaligned = (
                        _joined(member.name, nested.unaligned[0]),
                        nested.unaligned[1],
                    )
                size = inner.size
                for inner_uses, own in ((nested.uses, uses), (nested.strange_pointers, strange)):
                    own.extend(_lifted(use, member, count, size, hidden) for use in inner_uses)
                continue
            use = _use(member, composite, inner, count, hidden)
            if use is not None:
                (uses if use.name else strange).append(use)
        if not uses and not strange and unaligned is None:
            return NO_FIELDS
        return Fields(tuple(uses[:_MOST_USES]), unaligned, tuple(strange[:_MOST_USES]))


def row_name(name: str) -> str:
    """Return the row of SPECIAL_FIELDS for a use of *name*: `kptr` for `kptr_ref` too."""
    tag = POINTER_TAGS.get(name)
    return name if tag is None else tag.field


def pointer_tags(pointer: Pointer) -> tuple[str, ...]:
    """Return the type tags of *pointer*, the outermost first: `("kptr",)` for `T __kptr *`."""
    tags = []
    target = pointer.pointee
    while isinstance(target, MODIFIERS):
        if isinstance(target, TypeTag) and not target.attribute:
            tags.append(target.tag)
        target = target.underlying
    return tuple(tags)


def _is_special(composite: Composite) -> bool:
    tag = composite.tag
    return tag in STRUCTS or tag in NODES


def _held(type_: Type) -> tuple[Type, int, str]:
    """Return the element type of *type_*, how many of it there are, and what wraps it.

    The wrapping is that which hides a special field: everything but arrays, and `volatile` around a
    pointer.
    """
    count = 1
    wrapped = ""
    while True:
        match type_:
            case Array():
                count *= 0 if type_.flexible else type_.length
                type_ = type_.element
            case Typedef():
                wrapped = wrapped or f"the typedef `{type_.name}`"
                type_ = type_.underlying
            case Volatile(Pointer()):
                type_ = type_.underlying
            case Const() | Volatile() | Restrict():
                wrapped = wrapped or f"`{type(type_).__name__.lower()}`"
                type_ = type_.underlying
            case TypeTag():
                wrapped = wrapped or "a type tag"
                type_ = type_.underlying
            case Composite() | Pointer() | Int() | Enum() | Float() | Void():
                return type_, count, wrapped
            case FuncProto() | Named() | Unknown():
                return type_, count, wrapped
            case _:
                assert_never(type_)


def _use(member: Member, owner: Composite, inner: Type, count: int, hidden: str) -> FieldUse | None:
    """Return what *member* is, if it is special; with an empty name, a pointer of another tag."""
    path = member.name or ""
    is_array = isinstance(underlying(member.type), Array)
    if isinstance(inner, Composite) and inner.tag:
        return FieldUse(
            inner.tag,
            path,
            member,
            owner,
            inner,
            member.bit_offset,
            count,
            hidden or ("a union" if inner.kind == "union" else ""),
            nested=is_array,
            strides=_strides(count, inner.size),
        )
    if isinstance(inner, Pointer) and (tags := pointer_tags(inner)):
        special = [tag for tag in tags if tag in POINTER_TAGS]
        return FieldUse(
            special[0] if special else "",
            path,
            member,
            owner,
            inner,
            member.bit_offset,
            count,
            hidden,
            nested=is_array,
            tags=tags,
            strides=_strides(count, POINTER_SIZE),
        )
    return None


def _lifted(use: FieldUse, member: Member, count: int, size: int, hidden: str) -> FieldUse:
    """Return *use* of a nested struct as the struct that holds it as *member* sees it.

    There are *count* of the nested struct, of *size* bytes each.
    """
    return replace(
        use,
        path=_joined(member.name, use.path),
        bit_offset=use.bit_offset + member.bit_offset,
        count=use.count * count,
        hidden=use.hidden or hidden,
        nested=True,
        strides=(*_strides(count, size), *use.strides),
    )


def _strides(count: int, size: int) -> tuple[tuple[int, int], ...]:
    """Return what stands for an array of *count* elements of *size* bytes; nothing for no array."""
    return () if count == 1 else ((count, size),)


def _joined(outer: str | None, inner: str) -> str:
    return f"{outer}.{inner}" if outer and inner else outer or inner
