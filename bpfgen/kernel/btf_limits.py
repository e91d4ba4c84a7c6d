"""The limits that BPF_BTF_LOAD sets to types, and the kernels that changed them.

Who judges the types of a source, before there is an object, and who judges the BTF of one look them
up here.

Source: kernel/bpf/btf.c and include/linux/kallsyms.h, read in 6.12 and tried on 6.18; the versions
from the history of the lines.
"""

from __future__ import annotations

from bpfgen.record import TYPE_CHECKING

if TYPE_CHECKING:
    from bpfgen.kernel.version import KernelVersion

MAX_RESOLVE_DEPTH = 32
"""Types on the stack of btf_resolve: structs, arrays and qualifiers inside each other, or pointers
and qualifiers on top of each other (env_stack_push)."""

MAX_CHAIN = 32
"""Typedefs, qualifiers and type tags on top of each other (btf_check_type_tags)."""

ENUM_BITS = 32
"""How many bits each enum has in a struct with bit-fields (btf_enum_check_kflag_member)."""

INT_SIZES = (1, 2, 4, 8, 16)
"""Bytes of an integer that may be a bit-field, an element or an index (btf_type_int_is_regular)."""

MAX_COPY_BITS = 128
"""Bits that an integer may reach over, counted from the byte where it begins
(btf_int_check_kflag_member)."""

FLOAT_SIZES = (2, 4, 8, 12, 16)
"""Bytes of a FLOAT (btf_float_check_meta)."""

MAX_SIZE = 0xFFFFFFFF
"""Bytes of an array (btf_array_resolve)."""

TAG_ATTRIBUTES_SINCE: KernelVersion = (6, 15)
"""The first kernel that takes kind_flag of a TYPE_TAG or DECL_TAG."""

LONG_VLEN_SINCE: KernelVersion = (7, 1)
"""The first kernel that reads 24 bits of vlen (BTF_MAX_VLEN) and 7 of the kind."""

_LONG_NAMES_SINCE: KernelVersion = (6, 1)
_LETTERS = frozenset(
    (*b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_.", *range(0xC0, 0x100))
) - {0xD7, 0xF7}
_LETTERS_AND_DIGITS = _LETTERS | frozenset(b"0123456789")
_PRINTABLE = frozenset((*range(0x20, 0x7F), *range(0xA0, 0x100)))


def float_alignment(size: int) -> int:
    """Return the bytes of which a FLOAT member's offset is a multiple (btf_float_check_member)."""
    return min(8, size)


def max_name(kernel: KernelVersion) -> int:
    """Return the longest name in bytes: KSYM_NAME_LEN, which Linux 6.1 raised."""
    return 512 if kernel >= _LONG_NAMES_SINCE else 128


def is_identifier(name: bytes, kernel: KernelVersion) -> bool:
    """Whether *name* is one (btf_name_valid_identifier); the kernel's letters are those of Latin-1.

    A dot is one to it, a dollar isn't.
    """
    return (
        0 < len(name) <= max_name(kernel)
        and name[0] in _LETTERS
        and _LETTERS_AND_DIGITS.issuperset(name)
    )


def is_section_name(name: bytes, kernel: KernelVersion) -> bool:
    """Whether *name* can be that of a section (btf_name_valid_section)."""
    return 0 < len(name) <= max_name(kernel) and _PRINTABLE.issuperset(name)
