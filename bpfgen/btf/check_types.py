"""The types of BTF through each other, as btf_check_all_types in kernel/bpf/btf.c resolves them.

The kernel goes from each type to those that it is made of with a stack of 32, and stops at what it
has resolved before; so whether something is too deep depends on the order of the types. The walk is
therefore the kernel's own, its three modes included: behind a pointer it follows pointers only,
within a struct or an array it doesn't follow them.
"""

from __future__ import annotations

from bpfgen.btf import kinds
from bpfgen.btf.check_members import member_fault
from bpfgen.btf.faults import BtfFault
from bpfgen.btf.raw import COMPOSITES, MODIFIERS
from bpfgen.kernel import btf_limits
from bpfgen.record import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from bpfgen.btf.raw import RawType


_TBD, _PTR, _STRUCT_OR_ARRAY = range(3)
_NOT_VISITED, _VISITED, _RESOLVED = range(3)

_PTR_KIND = kinds.BTF_KIND_PTR
_NEEDS_RESOLVE = (
    MODIFIERS
    | COMPOSITES
    | {
        kinds.BTF_KIND_PTR,
        kinds.BTF_KIND_ARRAY,
        kinds.BTF_KIND_VAR,
        kinds.BTF_KIND_FUNC,
        kinds.BTF_KIND_DECL_TAG,
        kinds.BTF_KIND_DATASEC,
    }
)
_NO_SIZE = frozenset(
    (
        kinds.BTF_KIND_VOID,
        kinds.BTF_KIND_FWD,
        kinds.BTF_KIND_FUNC,
        kinds.BTF_KIND_FUNC_PROTO,
        kinds.BTF_KIND_DECL_TAG,
    )
)
"""btf_type_nosize"""
_SOURCES_ONLY = frozenset((kinds.BTF_KIND_VAR, kinds.BTF_KIND_DECL_TAG, kinds.BTF_KIND_DATASEC))
"""btf_type_is_resolve_source_only"""
_TAG_TARGETS = COMPOSITES | {
    kinds.BTF_KIND_FUNC,
    kinds.BTF_KIND_VAR,
    kinds.BTF_KIND_TYPEDEF,
}
_ENDS = frozenset((kinds.BTF_KIND_VOID, kinds.BTF_KIND_FWD, kinds.BTF_KIND_FUNC_PROTO))
"""What a pointer or qualifier may lead to although it has no size."""


class _RefusedError(Exception):
    """A type that nothing can be made of: the check ends there."""

    def __init__(self, fault: BtfFault) -> None:
        super().__init__(fault.why)
        self.fault = fault


_FUNCTIONS = {
    **dict.fromkeys(MODIFIERS, "btf_modifier_resolve"),
    **dict.fromkeys(COMPOSITES, "btf_struct_resolve"),
    kinds.BTF_KIND_PTR: "btf_ptr_resolve",
    kinds.BTF_KIND_ARRAY: "btf_array_resolve",
    kinds.BTF_KIND_VAR: "btf_var_resolve",
    kinds.BTF_KIND_FUNC: "btf_func_check",
    kinds.BTF_KIND_FUNC_PROTO: "btf_func_proto_check",
    kinds.BTF_KIND_DECL_TAG: "btf_decl_tag_resolve",
    kinds.BTF_KIND_DATASEC: "btf_datasec_resolve",
}


class _Vertex:
    """One type on the stack (struct resolve_vertex)."""

    __slots__ = ("next_member", "type")

    def __init__(self, type: RawType) -> None:
        self.type = type
        self.next_member = 0


class Resolver:
    """The kernel's struct btf_verifier_env, after all metas have been checked."""

    __slots__ = (
        "_faults",
        "_ids",
        "_mode",
        "_parts",
        "_resolvers",
        "_sizes",
        "_stack",
        "_states",
        "by_libbpf",
        "types",
    )

    def __init__(self, types: Sequence[RawType], *, by_libbpf: bool) -> None:
        self.types = types
        self.by_libbpf = by_libbpf
        count = len(types) + 1
        self._states = bytearray(count)
        self._ids = [0] * count
        self._sizes = [0] * count
        self._stack: list[_Vertex] = []
        self._faults: list[BtfFault] = []
        # What may be a member, by its id: the type without qualifiers, and the bytes of it.
        self._parts: dict[int, tuple[RawType, int]] = {}
        self._mode = _TBD
        self._resolvers: dict[int, Callable[[_Vertex], None]] = {
            **dict.fromkeys(MODIFIERS, self._modifier),
            **dict.fromkeys(COMPOSITES, self._composite),
            kinds.BTF_KIND_PTR: self._pointer,
            kinds.BTF_KIND_ARRAY: self._array,
            kinds.BTF_KIND_VAR: self._variable,
            kinds.BTF_KIND_FUNC: self._function,
            kinds.BTF_KIND_DECL_TAG: self._decl_tag,
            kinds.BTF_KIND_DATASEC: self._section,
        }

    def check(self) -> list[BtfFault]:
        """Return what the kernel refuses about the types together.

        The kernel stops at the first. Here members that are wrong by themselves are all listed, and
        the end is where nothing can be said of what comes after.
        """
        try:
            for type in self.types:
                if type.kind in _NEEDS_RESOLVE and not self._is_resolved(type.type_id):
                    self._resolve(type)
                if type.kind == kinds.BTF_KIND_FUNC_PROTO:
                    self._prototype(type)
        except _RefusedError as error:
            self._faults.append(error.fault)
        return self._faults

    def _refused(self, type_id: int, why: str, member: int = 0) -> _RefusedError:
        """Return the refusal of a type, by the function that looks at a type of its kind."""
        function = _FUNCTIONS[self.types[type_id - 1].kind]
        return _RefusedError(BtfFault(type_id, why, function, member))

    # The kernel's small questions.

    def kind(self, type_id: int) -> int:
        """Return the kind of a type; -1 where there is none of that number."""
        if type_id == 0:
            return kinds.BTF_KIND_VOID
        return self.types[type_id - 1].kind if type_id <= len(self.types) else -1

    def _is_resolved(self, type_id: int) -> bool:
        return self._states[type_id] == _RESOLVED

    def _is_sink(self, kind: int) -> bool:
        """env_type_is_resolve_sink."""
        if self._mode == _TBD:
            return kind not in _NEEDS_RESOLVE
        if self._mode == _PTR:
            return kind not in MODIFIERS and kind != _PTR_KIND
        return kind not in MODIFIERS and kind != kinds.BTF_KIND_ARRAY and kind not in COMPOSITES

    def sized(self, type_id: int) -> tuple[int, int] | None:
        """Return (type id without qualifiers, bytes), or None (btf_type_id_size)."""
        kind = self.kind(type_id)
        if kind in MODIFIERS or kind == kinds.BTF_KIND_VAR:
            type_id = self._ids[type_id]
            kind = self.kind(type_id)
        if kind in kinds.SIZED:
            return type_id, self.types[type_id - 1].third
        if kind == kinds.BTF_KIND_ARRAY:
            return type_id, self._sizes[type_id]
        return (type_id, 8) if kind == _PTR_KIND else None

    def _push(self, type_id: int) -> None:
        """env_stack_push."""
        if len(self._stack) == btf_limits.MAX_RESOLVE_DEPTH:
            root = self._stack[0].type
            why = f"goes more than {btf_limits.MAX_RESOLVE_DEPTH} types deep"
            raise _RefusedError(BtfFault(root.type_id, why, "env_stack_push"))
        if self._states[type_id] != _NOT_VISITED:
            root = self._stack[0].type
            raise _RefusedError(BtfFault(root.type_id, "is made of itself", "env_stack_push"))
        self._states[type_id] = _VISITED
        type = self.types[type_id - 1]
        self._stack.append(_Vertex(type))
        if self._mode == _TBD:
            if type.kind == _PTR_KIND:
                self._mode = _PTR
            elif type.kind in COMPOSITES or type.kind == kinds.BTF_KIND_ARRAY:
                self._mode = _STRUCT_OR_ARRAY

    def _pushed(self, type_id: int) -> bool:
        """Put *type_id* on the stack if it is to be resolved first; return whether it was."""
        if self._is_sink(self.kind(type_id)) or self._is_resolved(type_id):
            return False
        self._push(type_id)
        return True

    def _done(self, type_id: int, size: int = 0) -> None:
        """env_stack_pop_resolved."""
        own = self._stack.pop().type.type_id
        self._ids[own] = type_id
        self._sizes[own] = size
        self._states[own] = _RESOLVED

    def _resolve(self, root: RawType) -> None:
        """btf_resolve."""
        self._mode = _TBD
        self._push(root.type_id)
        while self._stack:
            vertex = self._stack[-1]
            self._resolvers[vertex.type.kind](vertex)
        if root.kind in MODIFIERS or root.kind in (_PTR_KIND, kinds.BTF_KIND_VAR):
            kind = self.kind(self._ids[root.type_id])
            if kind in MODIFIERS or kind in (kinds.BTF_KIND_VAR, kinds.BTF_KIND_DATASEC):
                raise self._refused(root.type_id, "leads nowhere")

    # One method for each resolve of struct btf_kind_operations.

    def _target(self, type: RawType) -> int:
        target = type.third
        kind = self.kind(target)
        if kind < 0 or kind in _SOURCES_ONLY:
            raise self._refused(type.type_id, self._refers(target))
        return target

    def _refers(self, type_id: int) -> str:
        kind = self.kind(type_id)
        if kind < 0:
            return f"refers to type {type_id}, and there is none"
        return f"refers to type {type_id}, a {kinds.KIND_NAMES[kind]}"

    def _modifier(self, vertex: _Vertex) -> None:
        target = self._target(vertex.type)
        if not self._pushed(target):
            self._done(self._end(vertex.type, target))

    def _pointer(self, vertex: _Vertex) -> None:
        target = self._target(vertex.type)
        if self._pushed(target) or self._last_pointer(target):
            return
        self._done(self._end(vertex.type, target))

    def _last_pointer(self, target: int) -> bool:
        """Go on from the pointer at which a qualifier stopped within a struct."""
        if self.kind(target) not in MODIFIERS:
            return False
        resolved = self._ids[target]
        return self.kind(resolved) == _PTR_KIND and self._pushed(resolved)

    def _end(self, type: RawType, target: int) -> int:
        """Return what *target* comes to, which has a size or is one of _ENDS."""
        sized = self.sized(target)
        if sized is not None:
            return sized[0]
        if self.kind(target) in MODIFIERS and not self._is_resolved(target):
            raise self._refused(type.type_id, self._refers(target))
        # btf_type_id_size has already followed a qualifier to what has no size.
        end = self._ids[target] if self._is_resolved(target) else target
        if self.kind(end) not in _ENDS:
            raise self._refused(type.type_id, self._refers(end))
        return end

    def _array(self, vertex: _Vertex) -> None:
        type = vertex.type
        element, index, nelems = type.words[3:6]
        self._part(type, index, "index")
        if self._pushed(index):
            return
        sized = self.sized(index)
        if sized is None or not self._is_regular_int(sized[0]):
            raise self._refused(type.type_id, f"has an index of type {index}, no whole integer")
        self._part(type, element, "element")
        if self._pushed(element):
            return
        sized = self.sized(element)
        if sized is None:
            raise self._refused(type.type_id, f"has elements of type {element}, without a size")
        element_id, size = sized
        if self.kind(element_id) == kinds.BTF_KIND_INT and not self._is_regular_int(element_id):
            _encoding, _offset, bits = self.types[element_id - 1].bits()
            raise self._refused(type.type_id, f"has elements of integers of {bits} bits")
        if size * nelems > btf_limits.MAX_SIZE:
            raise self._refused(type.type_id, f"has {size * nelems} bytes, more than 32 bits count")
        self._done(element_id, size * nelems)

    def _part(self, type: RawType, type_id: int, what: str) -> None:
        kind = self.kind(type_id)
        if kind < 0 or kind in _NO_SIZE or kind in _SOURCES_ONLY:
            raise self._refused(type.type_id, f"has an {what} that {self._refers(type_id)}")

    def _is_regular_int(self, type_id: int) -> bool:
        """btf_type_int_is_regular."""
        type = self.types[type_id - 1]
        if type.kind != kinds.BTF_KIND_INT:
            return False
        _encoding, offset, bits = type.bits()
        return not offset and bits % 8 == 0 and bits // 8 in btf_limits.INT_SIZES

    def _composite(self, vertex: _Vertex) -> None:
        type = vertex.type
        words = type.words
        for number in range(max(vertex.next_member - 1, 0), type.vlen):
            type_id, word = words[4 + 3 * number], words[5 + 3 * number]
            part = self._parts.get(type_id)
            if part is None:
                if number >= vertex.next_member:
                    kind = self.kind(type_id)
                    if kind < 0 or kind in _NO_SIZE or kind in _SOURCES_ONLY:
                        raise self._refused(type.type_id, self._refers(type_id), number + 1)
                    if not self._is_sink(kind) and not self._is_resolved(type_id):
                        vertex.next_member = number + 1
                        self._push(type_id)
                        return
                sized = self.sized(type_id)
                if sized is None:
                    raise self._refused(
                        type.type_id, f"is of type {type_id}, which has no size", number + 1
                    )
                part = self._parts[type_id] = (self.types[sized[0] - 1], sized[1])
            wrong = member_fault(type, *part, word)
            if wrong is not None:
                self._faults.append(BtfFault(type.type_id, *wrong, number + 1))
        self._done(0)

    def _variable(self, vertex: _Vertex) -> None:
        if self.by_libbpf and vertex.type.words[3] == kinds.BTF_VAR_GLOBAL_EXTERN:
            self._done(0)  # libbpf gives those of section .ksyms, as a rule of `void`, a type
            return
        target = self._target(vertex.type)
        if self._pushed(target) or self._last_pointer(target):
            return
        sized = self.sized(target)
        if sized is None:
            raise self._refused(vertex.type.type_id, f"is of type {target}, which has no size")
        self._done(sized[0])

    def _function(self, vertex: _Vertex) -> None:
        """btf_func_check; libbpf names the parameters of what is extern."""
        type = vertex.type
        if self.kind(type.third) != kinds.BTF_KIND_FUNC_PROTO:
            raise self._refused(type.type_id, "is of a type that is no function")
        is_extern = self.by_libbpf and type.vlen == kinds.BTF_FUNC_EXTERN
        for number, (name_off, type_id) in enumerate(self.types[type.third - 1].pairs(), 1):
            if not name_off and type_id and not is_extern:
                raise self._refused(type.type_id, f"has a parameter {number} without a name")
        self._done(type.third)

    def _decl_tag(self, vertex: _Vertex) -> None:
        type = vertex.type
        target = type.third
        if self.kind(target) not in _TAG_TARGETS:
            raise self._refused(type.type_id, self._refers(target))
        if self._pushed(target):
            return
        index = type.words[3]
        if index != 0xFFFFFFFF:
            tagged = self.types[target - 1]
            if tagged.kind == kinds.BTF_KIND_FUNC:
                tagged = self.types[tagged.third - 1]
            elif tagged.kind not in COMPOSITES:
                raise self._refused(type.type_id, f"is for component {index} of what has none")
            if index >= tagged.vlen:
                raise self._refused(
                    type.type_id, f"is for component {index} of {tagged.vlen}, counted from 0"
                )
        self._done(target)

    def _section(self, vertex: _Vertex) -> None:
        self._mode = _TBD
        type = vertex.type
        for number, (var_id, _offset, size) in enumerate(type.triples()):
            if number < vertex.next_member:
                continue
            kind = self.kind(var_id)
            if kind != kinds.BTF_KIND_VAR:
                if self.by_libbpf and kind == kinds.BTF_KIND_FUNC:
                    continue  # of section .ksyms: libbpf puts a variable in its place
                raise self._refused(type.type_id, f"lists type {var_id}, which isn't a variable")
            if not self._is_resolved(var_id):
                vertex.next_member = number + 1
                self._push(var_id)
                return
            if self.by_libbpf and self.types[var_id - 1].words[3] == kinds.BTF_VAR_GLOBAL_EXTERN:
                continue
            sized = self.sized(self.types[var_id - 1].third)
            if sized is None or size < sized[1]:
                raise self._refused(
                    type.type_id, f"has {size} bytes for variable {number + 1}, which is larger"
                )
        self._done(0)

    def _prototype(self, type: RawType) -> None:
        """btf_func_proto_check."""
        if type.third:
            self._passed(type, type.third, "return type")
        parameters = list(type.pairs())
        if parameters and not parameters[-1][1]:
            if parameters[-1][0]:
                raise self._refused(type.type_id, "has a name for its `...`")
            parameters.pop()
        for number, (_name_off, type_id) in enumerate(parameters, 1):
            self._passed(type, type_id, f"parameter {number}")

    def _passed(self, type: RawType, type_id: int, what: str) -> None:
        """Check what a function takes or returns: it has a size."""
        kind = self.kind(type_id)
        if kind < 0 or kind in _SOURCES_ONLY:
            raise self._refused(type.type_id, f"has a {what} that {self._refers(type_id)}")
        if kind in _NEEDS_RESOLVE and not self._is_resolved(type_id):
            self._resolve(self.types[type_id - 1])
        if self.sized(type_id) is None:
            raise self._refused(type.type_id, f"has a {what} without a size")
