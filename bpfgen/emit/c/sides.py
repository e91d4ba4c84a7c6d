"""The sides of a header, and what each of them has words for.

Comes before whatever spells something for more than one side: :mod:`bpfgen.emit.c.host_types` and
:mod:`bpfgen.emit.c.both_sides`.
"""

from __future__ import annotations

from bpfgen.ctype.describe import is_address_space
from bpfgen.ctype.types import MODIFIERS, TypeTag
from bpfgen.record import TYPE_CHECKING

if TYPE_CHECKING:
    from bpfgen.ctype.types import Pointer

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
    pointee = pointer.pointee
    while isinstance(pointee, MODIFIERS):
        if isinstance(pointee, TypeTag) and (
            pointee.tag in USER_POINTERS or is_address_space(pointee.tag)
        ):
            return True
        pointee = pointee.underlying
    return False
