"""Tags: what the kernel reads in the strings of type tags and declaration tags.

A type tag stands below a pointer in a value (`T __kptr *`) and makes a special field of it; a
declaration tag belongs to a member, and says there what a list or a tree holds. Some of them name a
struct that no map holds, and that must be in BTF all the same: a forward declaration there the
kernel ignores without a word, and the member isn't what it was declared to be.

Emitting, verifying, importing and the rules read this table, each with a walk of its own.

Source: btf_find_kptr and btf_find_graph_root in kernel/bpf/btf.c; bpf_helpers.h of libbpf and
bpf_experimental.h of the kernel's selftests for the macros.
"""

from __future__ import annotations

from bpfgen.record import TYPE_CHECKING, Record

if TYPE_CHECKING:
    from bpfgen.kernel.version import KernelVersion


class PointerTag(Record):
    """One row of :data:`POINTER_TAGS`: a type tag of pointers in values.

    Attributes:
        tag: The string of `btf_type_tag`.
        macro: The macro that stands for it in libbpf's headers, and in the language.
        field: The row of SPECIAL_FIELDS that such a pointer is since Linux 6.4.
        since: The first kernel that knows the tag.
        until: The first kernel that doesn't know it any more, or None.
        whole: The pointee must be in BTF with its members, where the program defines it.
    """

    tag: str
    macro: str
    field: str
    since: KernelVersion
    until: KernelVersion | None = None
    whole: bool = True


POINTER_TAGS: dict[str, PointerTag] = {
    row.tag: row
    for row in (
        PointerTag("kptr", "__kptr", "kptr", (5, 19)),
        PointerTag("kptr_untrusted", "__kptr_untrusted", "kptr_untrusted", (6, 4)),
        PointerTag("kptr_ref", "__kptr_ref", "kptr", (5, 19), (6, 4)),
        PointerTag("percpu_kptr", "__percpu_kptr", "percpu_kptr", (6, 7)),
        PointerTag("uptr", "__uptr", "uptr", (6, 13)),
    )
}
"""Every type tag by which the kernel makes a pointer in a value special.

Up to Linux 6.3 `kptr` was what is `kptr_untrusted` since, and `kptr_ref` what is `kptr`.
"""

WHOLE_POINTEE_TAGS = frozenset([row.tag for row in POINTER_TAGS.values() if row.whole])
"""The type tags of pointers whose pointee must be in BTF with its members."""

CONTAINS = "contains:"
"""How the declaration tag `contains:TYPE:MEMBER` begins; libbpf's macro is `__contains`."""


def contained_struct(decl_tag: str) -> str | None:
    """Return the tag of the struct that a list or tree holds by *decl_tag*; None for other tags.

    That struct must be in BTF with its members. `contains:TYPE` without a member counts, too.
    """
    if not decl_tag.startswith(CONTAINS):
        return None
    return decl_tag.removeprefix(CONTAINS).partition(":")[0]
