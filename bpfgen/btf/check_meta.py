"""Each type of BTF by itself, as btf_check_all_metas in kernel/bpf/btf.c looks at it.

What a loader puts in place first is left out on request: libbpf fills in the sizes and places of
sections, and turns what is extern into what the kernel knows.
"""

from __future__ import annotations

from bpfgen.btf import kinds
from bpfgen.btf.faults import BtfFault
from bpfgen.btf.raw import COMPOSITES, ENUMS
from bpfgen.kernel import btf_limits
from bpfgen.record import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from bpfgen.btf.raw import RawType
    from bpfgen.elf.strings import StringTable
    from bpfgen.kernel.version import KernelVersion

_MAX_TYPE = 0xFFFFF
_MAX_NAME_OFFSET = 0xFFFFFF

_NAMELESS = frozenset(
    (
        kinds.BTF_KIND_PTR,
        kinds.BTF_KIND_ARRAY,
        kinds.BTF_KIND_VOLATILE,
        kinds.BTF_KIND_CONST,
        kinds.BTF_KIND_RESTRICT,
        kinds.BTF_KIND_FUNC_PROTO,
    )
)

_NAMED = frozenset(
    (
        kinds.BTF_KIND_FWD,
        kinds.BTF_KIND_TYPEDEF,
        kinds.BTF_KIND_FUNC,
        kinds.BTF_KIND_VAR,
        kinds.BTF_KIND_DATASEC,
        kinds.BTF_KIND_DECL_TAG,
        kinds.BTF_KIND_TYPE_TAG,
    )
)
"""Kinds that have a name: an INT or FLOAT may do without, as the kernel sees it."""

_TAGS = frozenset((kinds.BTF_KIND_DECL_TAG, kinds.BTF_KIND_TYPE_TAG))

_FLAGGED = COMPOSITES | ENUMS | {kinds.BTF_KIND_FWD}
"""Kinds of which kind_flag says something; that of tags came later."""

_COUNTED = frozenset(kind for kind, words in enumerate(kinds.ELEMENT_WORDS) if words) | {
    kinds.BTF_KIND_FUNC
}
"""Kinds whose vlen says something; that of a FUNC is its linkage."""

_FUNCTIONS = {
    **dict.fromkeys(kinds.MODIFIERS, "btf_ref_type_check_meta"),
    **dict.fromkeys(COMPOSITES, "btf_struct_check_meta"),
    kinds.BTF_KIND_PTR: "btf_ref_type_check_meta",
    kinds.BTF_KIND_TYPEDEF: "btf_ref_type_check_meta",
    kinds.BTF_KIND_INT: "btf_int_check_meta",
    kinds.BTF_KIND_ARRAY: "btf_array_check_meta",
    kinds.BTF_KIND_ENUM: "btf_enum_check_meta",
    kinds.BTF_KIND_FWD: "btf_fwd_check_meta",
    kinds.BTF_KIND_FUNC: "btf_func_check_meta",
    kinds.BTF_KIND_FUNC_PROTO: "btf_func_proto_check_meta",
    kinds.BTF_KIND_VAR: "btf_var_check_meta",
    kinds.BTF_KIND_DATASEC: "btf_datasec_check_meta",
    kinds.BTF_KIND_FLOAT: "btf_float_check_meta",
    kinds.BTF_KIND_DECL_TAG: "btf_decl_tag_check_meta",
    kinds.BTF_KIND_ENUM64: "btf_enum64_check_meta",
}

_ENCODINGS = (0, kinds.BTF_INT_SIGNED, kinds.BTF_INT_CHAR, kinds.BTF_INT_BOOL)


class MetaChecker:
    """Says what is wrong with single types.

    Attributes:
        kernel: Whose limits count.
        by_libbpf: The BTF goes through libbpf before the kernel gets it.
    """

    __slots__ = ("_by_kind", "_identifiers", "_strings", "by_libbpf", "kernel")

    def __init__(self, strings: StringTable, kernel: KernelVersion, *, by_libbpf: bool) -> None:
        self._strings = strings
        self._identifiers: set[int] = set()  # where those stand that were looked at
        self.kernel = kernel
        self.by_libbpf = by_libbpf
        self._by_kind: dict[int, Callable[[RawType], str | None]] = {
            kinds.BTF_KIND_INT: self._int,
            kinds.BTF_KIND_FLOAT: self._float,
            kinds.BTF_KIND_ARRAY: self._array,
            kinds.BTF_KIND_ENUM: self._enum,
            kinds.BTF_KIND_ENUM64: self._enum,
            kinds.BTF_KIND_FWD: self._forward,
            kinds.BTF_KIND_FUNC_PROTO: self._prototype,
            kinds.BTF_KIND_FUNC: self._function,
            kinds.BTF_KIND_VAR: self._variable,
            kinds.BTF_KIND_DATASEC: self._section,
            kinds.BTF_KIND_DECL_TAG: self._decl_tag,
        }

    def fault(self, type: RawType) -> BtfFault | None:
        """Return the first thing that the kernel refuses about *type* by itself."""
        why = self._common(type)
        if why is not None:
            return BtfFault(type.type_id, why, "btf_check_meta")
        number = 0
        why = self._shape(type) or self._name(type)
        if why is None and type.kind in COMPOSITES:
            number, why = self._members(type)
        elif why is None:
            why = self._of_kind(type)
        return None if why is None else BtfFault(type.type_id, why, _FUNCTIONS[type.kind], number)

    def _common(self, type: RawType) -> str | None:
        """Return what is wrong with the first two words."""
        known = 0x9F00FFFF if self.kernel < btf_limits.LONG_VLEN_SINCE else 0xFFFFFFFF
        if type.info & ~known:
            if type.info & 0x60000000 == 0 and type.kind in _COUNTED:
                return f"has a vlen of {type.vlen}, and kernels before Linux 7.1 count to 65535"
            return f"has bits in info that mean nothing ({type.info:#x})"
        if not 0 < type.kind < len(kinds.KIND_NAMES):
            return "is of a kind that isn't known"
        if not self._is_string(type.name_off):
            return "has a name that is past the end of the strings"
        return None

    def _shape(self, type: RawType) -> str | None:
        """Return what is wrong with kind_flag and vlen, which most kinds leave at 0."""
        if type.kind_flag and type.kind not in _FLAGGED:
            if type.kind not in _TAGS:
                return "has kind_flag set, which means nothing there"
            if self.kernel < btf_limits.TAG_ATTRIBUTES_SINCE:
                return "has kind_flag set, which kernels before Linux 6.15 don't know there"
        if type.vlen and type.kind not in _COUNTED:
            return f"has a vlen of {type.vlen} instead of 0"
        return None

    def _name(self, type: RawType) -> str | None:
        kind = type.kind
        if kind in _NAMELESS:
            if type.name_off:
                return f"has the name `{self._text(type.name_off)}`, and such types have none"
            return None
        if kind in _TAGS:
            return None if self._raw(type.name_off) else "has no name"
        if kind == kinds.BTF_KIND_DATASEC:
            name = self._raw(type.name_off)
            if not btf_limits.is_section_name(name, self.kernel):
                return self._bad_name(type.name_off)
            return None
        if kind in _NAMED and not type.name_off:
            return "has no name"
        if kind in (kinds.BTF_KIND_INT, kinds.BTF_KIND_FLOAT):
            return None  # `unsigned int` is no identifier
        return self._identifier(type.name_off)

    def _identifier(self, name_off: int) -> str | None:
        """Return what is wrong with the name at *name_off*; 0 stands for none."""
        if not name_off or name_off in self._identifiers:
            return None
        if not btf_limits.is_identifier(self._raw(name_off), self.kernel):
            return self._bad_name(name_off)
        self._identifiers.add(name_off)
        return None

    def _raw(self, name_off: int) -> bytes:
        """Return a name, of one that is too long one byte too many."""
        return self._strings.raw(name_off, btf_limits.max_name(self.kernel) + 1)

    def _text(self, name_off: int) -> str:
        return self._raw(name_off).decode("utf-8", "backslashreplace")

    def _bad_name(self, name_off: int) -> str:
        name = self._text(name_off)
        if len(self._raw(name_off)) > btf_limits.max_name(self.kernel):
            most = btf_limits.max_name(self.kernel)
            return f"has a name of more than {most} bytes (`{name[:16]}…`)"
        return f"has the name `{name}`, which is no identifier"

    def _is_string(self, offset: int) -> bool:
        return offset <= _MAX_NAME_OFFSET and offset < self._strings.size

    def _of_kind(self, type: RawType) -> str | None:
        check = self._by_kind.get(type.kind)
        if check is not None:
            return check(type)
        return self._id(type.third) if type.kind in kinds.REFERRING else None

    @staticmethod
    def _id(type_id: int, *, void: bool = True) -> str | None:
        """Return what is wrong with a *type_id*, which may be 0 only if *void*."""
        if type_id > _MAX_TYPE:
            return f"refers to type {type_id}, and there are no such numbers"
        return None if type_id or void else "is of type `void`"

    @staticmethod
    def _int(type: RawType) -> str | None:
        if type.words[3] & ~0x0FFF00FF:
            return f"has bits that mean nothing ({type.words[3]:#x})"
        encoding, offset, bits = type.bits()
        if offset + bits > btf_limits.MAX_COPY_BITS or (offset + bits + 7) // 8 > type.third:
            return f"has {bits} bits from bit {offset} on in {type.third} bytes"
        return None if encoding in _ENCODINGS else f"has the encoding {encoding}"

    @staticmethod
    def _float(type: RawType) -> str | None:
        if type.third in btf_limits.FLOAT_SIZES:
            return None
        return f"has {type.third} bytes, and floating types have 2, 4, 8, 12 or 16"

    def _array(self, type: RawType) -> str | None:
        element, index, _nelems = type.words[3:6]
        if type.third:
            return f"has a size of {type.third}, which is said by its elements"
        if not element or self._id(element):
            return "has elements of `void`" if not element else self._id(element)
        return "has no index type" if not index else self._id(index)

    def _members(self, type: RawType) -> tuple[int, str | None]:
        """Return the first member of *type* that is refused, by its number, and why."""
        last = 0
        is_union = type.kind == kinds.BTF_KIND_UNION
        identifiers = self._identifiers
        for number, (name_off, type_id, word) in enumerate(type.triples(), 1):
            offset = type.bit_offset(word)
            if name_off not in identifiers:
                if not self._is_string(name_off):
                    return number, "has a name that is past the end of the strings"
                wrong = self._identifier(name_off)
                if wrong:
                    return number, wrong
            if not 0 < type_id <= _MAX_TYPE:
                return number, str(self._id(type_id, void=False))
            if is_union and offset:
                return number, f"is at bit {offset} of a union"
            if offset < last:
                return number, f"is at bit {offset}, before its predecessor"
            if (offset + 7) // 8 > type.third:
                return number, f"is at bit {offset}, and there are {type.third} bytes"
            last = offset
        return 0, None

    def _enum(self, type: RawType) -> str | None:
        if type.third not in (1, 2, 4, 8):
            return f"has {type.third} bytes, and enums have 1, 2, 4 or 8"
        wide = type.kind == kinds.BTF_KIND_ENUM64
        names = (name for name, *_rest in (type.triples() if wide else type.pairs()))
        for number, name_off in enumerate(names, 1):
            if not self._is_string(name_off):
                return f"has an enumerator {number} whose name is past the end of the strings"
            if not name_off:
                return f"has an enumerator {number} without a name"
            wrong = self._identifier(name_off)
            if wrong:
                return f"has an enumerator {number} that {wrong}"
        return None

    @staticmethod
    def _forward(type: RawType) -> str | None:
        return f"has {type.third} where nothing may stand" if type.third else None

    def _prototype(self, type: RawType) -> str | None:
        """Check the names of parameters, as btf_func_proto_check does later."""
        for number, (name_off, _type_id) in enumerate(type.pairs(), 1):
            if not self._is_string(name_off):
                return f"has a parameter {number} whose name is past the end of the strings"
            wrong = self._identifier(name_off)
            if wrong:
                return f"has a parameter {number} that {wrong}"
        return None

    def _function(self, type: RawType) -> str | None:
        most = kinds.BTF_FUNC_EXTERN if self.by_libbpf else kinds.BTF_FUNC_GLOBAL
        return None if type.vlen <= most else f"has linkage {type.vlen}, which isn't known"

    def _variable(self, type: RawType) -> str | None:
        linkage = type.words[3]
        # libbpf gives an extern of section .ksyms, which may be of type `void`, a type.
        is_given = self.by_libbpf and linkage == kinds.BTF_VAR_GLOBAL_EXTERN
        wrong = self._id(type.third, void=is_given)
        if wrong:
            return f"(`{self._text(type.name_off)}`) {wrong}"
        most = kinds.BTF_VAR_GLOBAL_EXTERN if self.by_libbpf else kinds.BTF_VAR_GLOBAL_ALLOCATED
        if linkage <= most:
            return None
        return f"(`{self._text(type.name_off)}`) has linkage {linkage}, which isn't known"

    def _section(self, type: RawType) -> str | None:
        """Check a DATASEC; libbpf takes sizes and places from the symbols, where they are 0."""
        entries: Sequence[tuple[int, int, int]] = list(type.triples())
        for var_id, _offset, _size in entries:
            wrong = self._id(var_id, void=False)
            if wrong:
                return f"lists a variable that {wrong}"
        if self.by_libbpf:
            return None
        if not type.third:
            return "has no size"
        end = 0
        for number, (_var_id, offset, size) in enumerate(entries, 1):
            if offset < end or offset >= type.third:
                return f"has its variable {number} at byte {offset}"
            if not size or size > type.third:
                return f"has a variable {number} of {size} bytes"
            end = offset + size
            if end > type.third:
                return f"has a variable {number} that goes past its end"
        return None

    def _decl_tag(self, type: RawType) -> str | None:
        index = type.words[3]
        if index > 0x7FFFFFFF and index != 0xFFFFFFFF:
            return f"is for component {index - (1 << 32)}"
        return None
