"""What other languages call C's types: for advice alone.

Beside the vocabulary of types; who reads a source asks it where a name is unknown.
"""

from __future__ import annotations

RUST_TYPES = {
    **{f"u{bits}": f"__u{bits}" for bits in (8, 16, 32, 64)},
    **{f"i{bits}": f"__s{bits}" for bits in (8, 16, 32, 64)},
    "u128": "unsigned __int128",
    "i128": "__int128",
    "usize": "__u64",
    "isize": "__s64",
    "f32": "float",
    "f64": "double",
}

TYPES = {
    **RUST_TYPES,
    **{f"uint{bits}": f"__u{bits}" for bits in (8, 16, 32, 64)},
    **{f"int{bits}": f"__s{bits}" for bits in (8, 16, 32, 64)},
    "float32": "float",
    "float64": "double",
    "uint": "unsigned int",
    "ulong": "unsigned long",
    "ushort": "unsigned short",
    "uchar": "unsigned char",
    "byte": "__u8",
    "rune": "__s32",
    "uintptr": "__u64",
    "boolean": "bool",
}
"""By the name in Rust, Go or a header of glibc that programs don't have."""

TEXT = frozenset(("string", "str", "String", "CString", "std"))
"""Types of text, for which C has arrays."""
