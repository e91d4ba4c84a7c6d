"""The sides of a header, and what each of them has words for.

Comes before whatever spells something for more than one side: :mod:`bpfgen.emit.c.host_types` and
:mod:`bpfgen.emit.c.both_sides`.
"""

from __future__ import annotations

from bpfgen.ctype.children import pointee_tags
from bpfgen.ctype.describe import is_address_space
from bpfgen.ctype.sizes import sizeof
from bpfgen.ctype.types import Int
from bpfgen.record import TYPE_CHECKING

if TYPE_CHECKING:
    from bpfgen.ctype.types import Pointer, Typedef

BPF = "BPFGEN_BPF"
"""The macro that is defined where a header is compiled for a BPF program."""

PROGRAM, USER_SPACE, CPLUSPLUS = "a BPF program", "C in user space", "C++ in user space"
"""The sides."""

USER_POINTERS = frozenset({"user", "uptr"})
"""The type tags of pointers into the memory of user space."""

CPP_WORDS = frozenset(
    """
    alignas alignof and and_eq asm bitand bitor catch char8_t char16_t char32_t class co_await
    co_return co_yield compl concept const_cast consteval constexpr constinit decltype delete
    dynamic_cast explicit export false friend mutable namespace new noexcept not not_eq nullptr
    operator or or_eq private protected public reinterpret_cast requires static_assert static_cast
    std template this thread_local throw true try typeid typename using virtual wchar_t xor xor_eq
    """.split()
)
"""The words of C++23 that a C program may have for names ([lex.key], [lex.digraph]), and `std`,
which is a namespace before anything is included.

`bool` isn't among them: what a source may call so is the same type.
"""

HOST_WORDS = frozenset("i386 linux mips sparc sun unix".split())
"""What gcc and clang define as macros in GNU modes, each on the hosts of that name."""

WIDEST = 8
"""Bytes of the widest integer that hosts align as the BPF target does; i386 apart."""


def is_followed(pointer: Pointer) -> bool:
    """Return whether user space can follow *pointer*: into an arena, or into its own memory."""
    return any(tag in USER_POINTERS or is_address_space(tag) for tag in pointee_tags(pointer))


_LIBC_ONLY = frozenset(
    """
    blkcnt_t blksize_t caddr_t clock_t daddr_t dev_t fd_set fsblkcnt_t fsfilcnt_t fsid_t id_t
    ino_t loff_t nlink_t off_t quad_t register_t sigset_t suseconds_t time_t timer_t u_int64_t
    u_quad_t useconds_t
    """.split()
)
"""Typedefs of <sys/types.h> that the kernel has as other types, on one host or all."""

_LIBC_SIZES = {
    **{f"{sign}int{8 * size}_t": size for sign in ("", "u") for size in (1, 2, 4, 8)},
    **dict.fromkeys(("intptr_t", "uintptr_t", "size_t", "ssize_t"), 8),
    **dict.fromkeys(("pid_t", "uid_t", "gid_t"), 4),
}
"""Bytes of the typedefs that a header takes from the C library; a declaration may differ."""


LIBC_TYPEDEFS = frozenset(
    (
        *_LIBC_ONLY,
        *_LIBC_SIZES,
        *("clockid_t", "key_t", "locale_t", "mode_t", "u_char", "u_int", "u_long", "u_short"),
        *("u_int8_t", "u_int16_t", "u_int32_t", "uint", "ulong", "ushort", "fd_mask"),
    )
)
"""Typedefs of <sys/types.h>, <stddef.h> and <stdint.h>; in C++ no tag can be called so."""


def is_bool(typedef: Typedef) -> bool:
    """Return whether *typedef* is `typedef _Bool bool;`, as vmlinux.h and <stdbool.h> have it."""
    type = typedef.underlying
    return typedef.name == "bool" and isinstance(type, Int) and type.bool


def typedef_word(typedef: Typedef, words: frozenset[str]) -> str:
    """Return what *typedef* is called in user space, where *words* have a meaning of their own.

    `bool` is C++'s own. What the C library calls by the same name is another type, which the
    header's own includes bring, or a program's.
    """
    name = typedef.name
    if is_bool(typedef):
        return name
    size = _LIBC_SIZES.get(name)
    is_other = name in _LIBC_ONLY or (size is not None and sizeof(typedef) != size)
    return f"{name}_" if is_other or name in words else name
