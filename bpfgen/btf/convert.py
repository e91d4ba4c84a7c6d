"""Types of BTF -> the vocabulary of :mod:`bpfgen.ctype.types`. The step after :mod:`decode`.

A type held by value becomes its definition, with everything in it; behind a pointer, and in a
function's parameters, the first struct, union, enum or typedef with a name becomes a
:class:`~bpfgen.ctype.types.Named`, so that a list node that points to list nodes is a finite value.
An anonymous one has no name to give and is given whole there too.

The walk keeps its own stack, since the depth of types is the input's to choose, and remembers every
result by (type id, by value or behind a pointer). A type that fails is remembered too: asking for a
thousand types that hold a broken one costs no more than asking for one.
"""

from __future__ import annotations

from bpfgen.btf import kinds
from bpfgen.ctype.integers import bits_of, narrow_name
from bpfgen.ctype.types import (
    VOID,
    Array,
    Attributes,
    Composite,
    Const,
    Enum,
    Enumerator,
    Float,
    FuncProto,
    Int,
    Member,
    Named,
    Parameter,
    Pointer,
    Restrict,
    Typedef,
    TypeTag,
    Volatile,
)
from bpfgen.record import TYPE_CHECKING, replace
from bpfgen.text.diagnostics import FormatError
from bpfgen.text.source import NESTING_LIMIT

if TYPE_CHECKING:
    from bpfgen.btf.decode import Btf
    from bpfgen.ctype.types import Type

MAX_HEIGHT = 2 * NESTING_LIMIT
"""Nodes on the way from a type to its leaves: each struct's member may be an array or typedef."""

MAX_NODES = 1 << 18
"""Types and enumerators in one type, each counted as often as it is held.

The struct that holds 2 of the struct that holds 2 of … is small in BTF and endless to whoever walks
it. The largest of the kernel's own stay under a twentieth of this."""

BY_VALUE = 0
POINTED_TO = 1


_LEAVES = frozenset(
    (
        kinds.BTF_KIND_VOID,
        kinds.BTF_KIND_INT,
        kinds.BTF_KIND_FLOAT,
        kinds.BTF_KIND_ENUM,
        kinds.BTF_KIND_ENUM64,
        kinds.BTF_KIND_FWD,
    )
)
"""Kinds that are made of no other type."""


class _Done:
    """A converted type and what it takes to hold it in another: its height and nodes."""

    __slots__ = ("height", "nesting", "nodes", "type")

    def __init__(self, type: Type, height: int, nesting: int, nodes: int) -> None:
        self.type = type
        self.height = height
        self.nesting = nesting
        self.nodes = nodes


class BtfTypes:
    """The types of one BTF section as C types, each made when it is asked for and remembered.

    A key is a type id times two, plus POINTED_TO where a pointer is in front of it.

    Attributes:
        btf: The section.
    """

    __slots__ = ("_done", "_failed", "btf")

    def __init__(self, btf: Btf) -> None:
        self.btf = btf
        self._done: dict[int, _Done] = {}
        self._failed: dict[int, str] = {}

    def type(self, type_id: int) -> Type:
        """Return a type by value: the same one, and not only an equal one, each time.

        What it holds by value is given in full, what is behind a pointer by name.

        Raises:
            FormatError: The id names no C type, a type holds itself, or nesting is too deep.
        """
        key = type_id * 2 + BY_VALUE
        done = self._done.get(key)
        if done is None:
            self._convert(key)
            if key in self._failed:
                raise FormatError(self._failed[key])
            done = self._done[key]
        return done.type

    def finite(self, type_id: int) -> Type | None:
        """Return a type by value; None for 0, and for what is no finite C type."""
        if not type_id:
            return None
        try:
            return self.type(type_id)
        except FormatError:
            return None

    def _convert(self, root: int) -> None:
        """Convert *root* and all that it needs, those needed first first."""
        done, failed = self._done, self._failed
        # A key is opened when it is first on top: its children go above it. It is closed when it is
        # on top again, and they are done.
        stack: list[int] = [root]
        opened: dict[int, list[int]] = {}
        while stack:
            key = stack[-1]
            if key in done or key in failed:
                stack.pop()
                continue
            try:
                if key in opened:
                    done[key] = self._close(key, opened[key])
                else:
                    children = self._children(key)
                    if not children:
                        done[key] = self._close(key, children)
                        continue
                    opened[key] = children
                    self._refuse_circle(opened, children)
                    stack += reversed(children)
            except FormatError as error:
                failed[key] = error.what

    def _refuse_circle(self, opened: dict[int, list[int]], children: list[int]) -> None:
        """Raise a FormatError where one of *children* is among the types that wait for it."""
        for child in children:
            if child in opened and child not in self._done and child not in self._failed:
                raise FormatError(f"BTF type {child >> 1} holds itself")

    def _children(self, key: int) -> list[int]:
        """Return the keys of the types that *key* is made of."""
        btf = self.btf
        type_id, pointed_to = key >> 1, key & 1
        kind = btf.kind(type_id)
        if btf.vlen(type_id) > MAX_NODES:
            raise FormatError(f"BTF type {type_id} is made of too many types")
        if kind in _LEAVES:
            return []
        match kind:
            case kinds.BTF_KIND_PTR:
                return [btf.target(type_id) * 2 + POINTED_TO]
            case kinds.BTF_KIND_ARRAY:
                return [btf.array(type_id)[0] * 2 + pointed_to]
            case kinds.BTF_KIND_STRUCT | kinds.BTF_KIND_UNION:
                if pointed_to and btf.name(type_id):
                    return []
                return [member * 2 for _name, member, _offset, _width in btf.members(type_id)]
            case kinds.BTF_KIND_TYPEDEF:
                return [] if pointed_to else [btf.target(type_id) * 2]
            case kinds.BTF_KIND_FUNC_PROTO:
                parameters = btf.parameters(type_id)
                return [
                    btf.target(type_id) * 2 + POINTED_TO,
                    *(parameter * 2 + POINTED_TO for _name, parameter in parameters),
                ]
            case kind if kind in kinds.MODIFIERS:
                return [btf.target(type_id) * 2 + pointed_to]
        raise self._no_type(type_id)

    def _close(self, key: int, children: list[int]) -> _Done:
        """Build the type of *key*, its children being there, and hold it against the limits."""
        broken = next((child for child in children if child in self._failed), None)
        if broken is not None:
            raise FormatError(self._failed[broken])
        held = [self._done[child] for child in children]
        type = self._build(key, [child.type for child in held])
        height = nesting = 0
        nodes = 1
        for child in held:
            height = max(height, child.height)
            nesting = max(nesting, child.nesting)
            nodes += child.nodes
        height += 1
        nesting += isinstance(type, (Composite, FuncProto))
        if isinstance(type, Enum):
            nodes += len(type.enumerators)
        if nesting > NESTING_LIMIT or height > MAX_HEIGHT:
            raise FormatError(f"BTF type {key >> 1} is nested too deep")
        if nodes > MAX_NODES:
            raise FormatError(f"BTF type {key >> 1} is made of too many types")
        return _Done(type, height, nesting, nodes)

    def _build(self, key: int, held: list[Type]) -> Type:
        btf = self.btf
        type_id, pointed_to = key >> 1, key & 1
        kind = btf.kind(type_id)
        match kind:
            case kinds.BTF_KIND_VOID:
                return VOID
            case kinds.BTF_KIND_INT:
                encoding, offset, bits = btf.int_encoding(type_id)
                name = btf.name(type_id)
                if offset or bits != 8 * btf.size(type_id):
                    name = narrow_name(name, offset, bits)
                return Int(
                    name,
                    btf.size(type_id),
                    signed=bool(encoding & kinds.BTF_INT_SIGNED),
                    bool=bool(encoding & kinds.BTF_INT_BOOL),
                )
            case kinds.BTF_KIND_FLOAT:
                return Float(btf.name(type_id), btf.size(type_id))
            case kinds.BTF_KIND_PTR:
                return Pointer(held[0])
            case kinds.BTF_KIND_ARRAY:
                return Array(held[0], btf.array(type_id)[2])
            case kinds.BTF_KIND_STRUCT | kinds.BTF_KIND_UNION:
                return self._composite(type_id, held, pointed_to=pointed_to == POINTED_TO)
            case kinds.BTF_KIND_ENUM | kinds.BTF_KIND_ENUM64:
                return self._enum(type_id, pointed_to=pointed_to == POINTED_TO)
            case kinds.BTF_KIND_FWD:
                forward_kind = "union" if btf.kind_flag(type_id) else "struct"
                return Named(forward_kind, btf.name(type_id), forward=True, type_id=type_id)
            case kinds.BTF_KIND_TYPEDEF:
                if pointed_to:
                    return Named("typedef", btf.name(type_id), type_id=type_id)
                return Typedef(btf.name(type_id), held[0])
            case kinds.BTF_KIND_TYPE_TAG:
                attribute = btf.kind_flag(type_id)
                return TypeTag(held[0], btf.name(type_id), attribute=attribute)
            case kinds.BTF_KIND_FUNC_PROTO:
                return self._func_proto(type_id, held)
            case kinds.BTF_KIND_CONST:
                return Const(held[0])
            case kinds.BTF_KIND_VOLATILE:
                return Volatile(held[0])
            case kinds.BTF_KIND_RESTRICT:
                return Restrict(held[0])
        raise self._no_type(type_id)

    def _no_type(self, type_id: int) -> FormatError:
        """Return the refusal of what isn't a C type: a variable, a section, a kind to come."""
        return FormatError(f"BTF type {type_id} is a {self.btf.kind_name(type_id)}, not a C type")

    def _composite(self, type_id: int, held: list[Type], *, pointed_to: bool) -> Composite | Named:
        btf = self.btf
        kind = "struct" if btf.kind(type_id) == kinds.BTF_KIND_STRUCT else "union"
        tag = btf.name(type_id)
        if pointed_to and tag:
            return Named(kind, tag, type_id=type_id)
        members = tuple(
            Member(
                name or None,
                _whole_integer(type) if bitfield_size else type,
                bit_offset,
                bitfield_size,
                is_bitfield=bitfield_size > 0,
                attributes=self.attributes(type_id, index),
            )
            for index, ((name, _type_id, bit_offset, bitfield_size), type) in enumerate(
                zip(btf.members(type_id), held, strict=True)
            )
        )
        attributes = self.attributes(type_id)
        return Composite(kind, tag or None, members, btf.size(type_id), attributes=attributes)

    def _enum(self, type_id: int, *, pointed_to: bool) -> Enum | Named:
        btf = self.btf
        tag = btf.name(type_id)
        if tag and (pointed_to or not btf.vlen(type_id)):
            # C has no enum without enumerators: it is the declaration of one defined elsewhere.
            forward = not btf.vlen(type_id)
            return Named("enum", tag, forward=forward, type_id=type_id)
        return Enum(
            tag or None,
            btf.size(type_id),
            signed=btf.kind_flag(type_id),
            enumerators=tuple(Enumerator(name, value) for name, value in btf.enumerators(type_id)),
            attributes=self.attributes(type_id),
        )

    def _func_proto(self, type_id: int, held: list[Type]) -> FuncProto:
        parameters = self.btf.parameters(type_id)
        variadic = bool(parameters) and parameters[-1] == ("", 0)
        if variadic:
            parameters = parameters[:-1]
        named = zip(parameters, held[1:], strict=False)
        return FuncProto(
            held[0],
            tuple(Parameter(name or None, type) for (name, _type_id), type in named),
            variadic=variadic,
        )

    def attributes(self, type_id: int, component_index: int = -1) -> Attributes | None:
        """Return the DECL_TAGs of a type or member as attributes; None if there are none."""
        btf = self.btf
        ids = btf.decl_tag_ids(type_id, component_index)
        if not ids:
            return None
        return Attributes(
            decl_tags=btf.decl_tags(type_id, component_index),
            others=tuple(btf.name(tag_id) for tag_id in ids if btf.kind_flag(tag_id)),
        )


def _whole_integer(type: Type) -> Type:
    """Return the type of a bit-field in C, which in BTF without kind_flag is such an integer."""
    match type:
        case Int():
            return replace(type, name=bits_of(type)[0]) if ":" in type.name else type
        case Typedef() | Const() | Volatile():
            return replace(type, underlying=_whole_integer(type.underlying))
        case _:
            return type
