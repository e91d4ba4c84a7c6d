"""What a header takes from the kernel and from libbpf, and what it brings where they lack it.

A header may be included after vmlinux.h, with the UAPI headers of any age, or with neither; in
each case its text is the same. Facts this rests on:

* `clang -target bpf` doesn't search Debian's multiarch directory, so linux/bpf.h may be there and
  asm/types.h not: both are asked for.
* The preprocessor can't see whether a struct is defined, and LINUX_VERSION_CODE lies: distributions
  bring structs back to the headers of older kernels (Debian's 6.1 has bpf_lpm_trie_key_u8 of 6.9).
  So where the header itself includes linux/bpf.h, the kernel's own definition, if there is one, is
  moved out of the way under another name and ours serves. Where linux/bpf.h was included before,
  the version decides, and the user may know better: BPFGEN_HAVE_BPF_WQ, 0 or 1.
* Typedefs may be repeated in C11 as long as they're the same.
* In user space <linux/bpf.h> may come first, last, or from another kernel, and <stdint.h> and
  <sys/types.h> have typedefs that the compiler compares. So there the C library's headers bring
  theirs, and the structs that <linux/bpf.h> may lack have a name of their own.
"""

from __future__ import annotations

from bpfgen.emit.c.type_bodies import declare_types
from bpfgen.kernel.version import BASELINE, format_version
from bpfgen.model.model import TypeDeclaration
from bpfgen.record import TYPE_CHECKING, Record

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bpfgen.ctype.types import Composite, Enum
    from bpfgen.emit.c.both_sides import Sides
    from bpfgen.emit.c.declarators import Speller
    from bpfgen.model.model import Model, PreludeType

STDINT = frozenset(
    f"{sign}int{width}_t" for sign in ("", "u") for width in ("8", "16", "32", "64", "ptr")
)
"""Typedefs that <stdint.h> has, which can't be included for the BPF target on every machine."""


LIBC_HEADERS = {
    "size_t": "<stddef.h>",
    **dict.fromkeys(("ssize_t", "pid_t", "uid_t", "gid_t"), "<sys/types.h>"),
    **dict.fromkeys(STDINT, "<stdint.h>"),
}
"""The header of the C library that has each of the typedefs which vmlinux.h has, too."""

_BPF_HEADERS = frozenset(
    """
    bpf_arena_alloc.h bpf_arena_common.h bpf_core_read.h bpf_experimental.h bpf_helper_defs.h
    bpf_helpers.h bpf_kfuncs.h bpf_tracing.h vmlinux.h
    """.split()
)
"""Headers that define what only a BPF program can use, or the kernel's types once more."""


class PreludeStruct(Record):
    """A struct or union of the kernel's that a header uses.

    Attributes:
        tag: Its tag.
        have: The macro that says whether it is defined.
        text: Our definition.
        since: The kernel that brought it, as `6.10`; empty where no UAPI header has it.
        version_code: The same as LINUX_VERSION_CODE counts.
        own: The macro that says whether our definition for user space is there.
        user_text: That definition; empty where user space has the kernel's.
    """

    tag: str
    have: str
    text: str
    since: str
    version_code: str
    own: str
    user_text: str


class Prologue(Record):
    """The data of the template's prologue.

    Attributes:
        uapi_typedefs: Definitions of typedefs that linux/types.h has.
        kernel_typedefs: Of those that only vmlinux.h has.
        libc_typedefs: Of those that the C library's headers have as well, <stdint.h> apart.
        stdint_typedefs: Of those that <stdint.h> has as well.
        libc_headers: The headers of the C library that have those.
        old_structs: Structs that the baseline's UAPI headers have.
        new_structs: Those that only newer ones have.
        vmlinux_structs: Those that only vmlinux.h has.
        rest: Whether there is anything but `uapi_typedefs`.
    """

    uapi_typedefs: tuple[str, ...]
    kernel_typedefs: tuple[str, ...]
    libc_typedefs: tuple[str, ...]
    stdint_typedefs: tuple[str, ...]
    libc_headers: tuple[str, ...]
    old_structs: tuple[PreludeStruct, ...]
    new_structs: tuple[PreludeStruct, ...]
    vmlinux_structs: tuple[PreludeStruct, ...]
    rest: bool


def is_for_bpf(path: str) -> bool:
    """Return whether the header *path*, in brackets or quotes, is for BPF programs alone."""
    name = path[1:-1].rpartition("/")[2]
    return name in _BPF_HEADERS or name.endswith(".bpf.h")


def bpf_includes(included: Sequence[str]) -> list[str]:
    """Return those of the headers *included* that are for BPF programs, in order.

    libbpf's headers have no types of their own: those of the kernel go before, if they stand before
    in the source.
    """
    last = max((n for n, path in enumerate(included) if is_for_bpf(path)), default=-1)
    return [
        path
        for path in included[: last + 1]
        if is_for_bpf(path) or path in ("<linux/types.h>", "<linux/bpf.h>")
    ]


def own_structs(model: Model) -> frozenset[str]:
    """Return the tags of the prelude's structs that the headers of the day may lack."""
    return frozenset(
        used.declaration.defines.tag
        for used in model.prelude_types
        if used.declaration.defines is not None
        and used.declaration.defines.tag is not None
        and (used.since is None or used.since > BASELINE)
    )


def prologue_of(model: Model, speller: Speller, sides: Sides) -> Prologue:
    """Return what the header of *model* needs of the kernel's types."""
    uapi: list[str] = []
    kernel: list[str] = []
    libc: list[str] = []
    stdint: list[str] = []
    headers: set[str] = set()
    known: set[str] = set()
    structs: tuple[list[PreludeStruct], list[PreludeStruct], list[PreludeStruct]] = ([], [], [])
    for used in model.prelude_types:
        declaration = used.declaration
        text = declare_types(speller, _without_doc(declaration), model.types)
        defines = declaration.defines
        if defines is None or defines.tag is None:
            names = {typedef.name for typedef in declaration.typedefs}
            known |= names
            if used.since is not None:
                uapi.append(text)
            elif names <= LIBC_HEADERS.keys():
                headers.update(LIBC_HEADERS[name] for name in names)
                (stdint if names & STDINT else libc).append(text)
            else:
                kernel.append(text)
        else:
            place = 2 if used.since is None else 0 if used.since <= BASELINE else 1
            user_text = _in_user_space(speller, sides, declaration) if place else ""
            structs[place].append(_struct(used, defines, text, user_text))
    uapi += [
        f"typedef {speller.declaration(typedef.underlying, typedef.name)};\n"
        for typedef in sides.used
        if typedef.name not in known
    ]
    old, new, vmlinux = structs
    return Prologue(
        tuple(uapi),
        tuple(kernel),
        tuple(libc),
        tuple(stdint),
        tuple(sorted(headers)),
        tuple(old),
        tuple(new),
        tuple(vmlinux),
        rest=bool(kernel or libc or stdint or old or new or vmlinux),
    )


def _in_user_space(speller: Speller, sides: Sides, declaration: TypeDeclaration) -> str:
    """Return the definition that a struct of the kernel's has in user space."""
    c, cplusplus = [
        "".join(
            declare_types(speller, _without_doc(one), sides.model.types)
            for parts in host.declarations(declaration)
            for one in parts
        )
        for host in sides.hosts()
    ]
    return sides.merge(c, c, cplusplus)


def _without_doc(declaration: TypeDeclaration) -> TypeDeclaration:
    return TypeDeclaration(
        declaration.defines, declaration.typedefs, declaration.forward, declaration.decl_tags
    )


def _struct(
    used: PreludeType, defines: Composite | Enum, text: str, user_text: str
) -> PreludeStruct:
    tag = defines.tag or ""
    since, code = "", "0"
    if used.since is not None:
        major, minor = used.since
        since, code = format_version(used.since), f"{(major << 16) + (minor << 8):#x}"
    name = tag.upper()
    return PreludeStruct(
        tag, f"BPFGEN_HAVE_{name}", text, since, code, f"BPFGEN_OWN_{name}", user_text
    )
