"""The numbers of BTF, by the names of its header.

Plain integers rather than enums: `import enum` costs more than reading an object does.

Source: include/uapi/linux/btf.h; Documentation/bpf/btf.rst.
"""

from __future__ import annotations

BTF_MAGIC = 0xEB9F
BTF_VERSION = 1

BTF_KIND_VOID = 0
BTF_KIND_INT = 1
BTF_KIND_PTR = 2
BTF_KIND_ARRAY = 3
BTF_KIND_STRUCT = 4
BTF_KIND_UNION = 5
BTF_KIND_ENUM = 6
BTF_KIND_FWD = 7
BTF_KIND_TYPEDEF = 8
BTF_KIND_VOLATILE = 9
BTF_KIND_CONST = 10
BTF_KIND_RESTRICT = 11
BTF_KIND_FUNC = 12
BTF_KIND_FUNC_PROTO = 13
BTF_KIND_VAR = 14
BTF_KIND_DATASEC = 15
BTF_KIND_FLOAT = 16
BTF_KIND_DECL_TAG = 17
BTF_KIND_TYPE_TAG = 18
BTF_KIND_ENUM64 = 19

KIND_NAMES = (
    "VOID",
    "INT",
    "PTR",
    "ARRAY",
    "STRUCT",
    "UNION",
    "ENUM",
    "FWD",
    "TYPEDEF",
    "VOLATILE",
    "CONST",
    "RESTRICT",
    "FUNC",
    "FUNC_PROTO",
    "VAR",
    "DATASEC",
    "FLOAT",
    "DECL_TAG",
    "TYPE_TAG",
    "ENUM64",
)
"""The name of each kind, by its number."""

INFO_WORDS = (0, 1, 0, 3, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 1, 0, 0)
"""Words of 4 bytes that follow struct btf_type once, by kind."""

ELEMENT_WORDS = (0, 0, 0, 0, 3, 3, 2, 0, 0, 0, 0, 0, 0, 2, 0, 3, 0, 0, 0, 3)
"""Words of 4 bytes that follow for each of the vlen elements, by kind."""

NAMED_ELEMENTS = (
    BTF_KIND_STRUCT,
    BTF_KIND_UNION,
    BTF_KIND_ENUM,
    BTF_KIND_ENUM64,
    BTF_KIND_FUNC_PROTO,
)
"""Kinds whose elements begin with a name."""

TYPED_ELEMENTS = {
    BTF_KIND_STRUCT: 1,
    BTF_KIND_UNION: 1,
    BTF_KIND_FUNC_PROTO: 1,
    BTF_KIND_DATASEC: 0,
}
"""The word of an element that is a type id, by kind."""

# Bits of the word after a BTF_KIND_INT
BTF_INT_SIGNED = 1
BTF_INT_CHAR = 2
BTF_INT_BOOL = 4

# Linkage of a VAR
BTF_VAR_STATIC = 0
BTF_VAR_GLOBAL_ALLOCATED = 1
BTF_VAR_GLOBAL_EXTERN = 2

# Linkage of a FUNC, in its vlen
BTF_FUNC_STATIC = 0
BTF_FUNC_GLOBAL = 1
BTF_FUNC_EXTERN = 2

LINKAGE_NAMES = ("static", "global", "extern")
"""The name of a VAR's or FUNC's linkage."""

MODIFIERS = frozenset((BTF_KIND_VOLATILE, BTF_KIND_CONST, BTF_KIND_RESTRICT, BTF_KIND_TYPE_TAG))
"""Kinds that qualify a type and don't change its size (libbpf's btf_is_mod)."""

SIZED = frozenset(
    (
        BTF_KIND_INT,
        BTF_KIND_STRUCT,
        BTF_KIND_UNION,
        BTF_KIND_ENUM,
        BTF_KIND_ENUM64,
        BTF_KIND_FLOAT,
        BTF_KIND_DATASEC,
    )
)
"""Kinds whose third word is a size in bytes."""

REFERRING = frozenset(
    (
        BTF_KIND_PTR,
        BTF_KIND_TYPEDEF,
        BTF_KIND_VOLATILE,
        BTF_KIND_CONST,
        BTF_KIND_RESTRICT,
        BTF_KIND_FUNC,
        BTF_KIND_FUNC_PROTO,
        BTF_KIND_VAR,
        BTF_KIND_DECL_TAG,
        BTF_KIND_TYPE_TAG,
    )
)
"""Kinds whose third word is the id of another type."""
