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
"""

from __future__ import annotations

from bpfgen.emit.c.type_bodies import declare_types
from bpfgen.kernel.version import BASELINE, format_version
from bpfgen.model.model import TypeDeclaration
from bpfgen.record import TYPE_CHECKING, Record

if TYPE_CHECKING:
    from bpfgen.ctype.types import Composite, Enum
    from bpfgen.emit.c.declarators import Speller
    from bpfgen.model.model import Model, PreludeType

STDINT = frozenset(
    f"{sign}int{width}_t" for sign in ("", "u") for width in ("8", "16", "32", "64", "ptr")
)
"""Typedefs that <stdint.h> has, which can't be included for the BPF target on every machine."""


class PreludeStruct(Record):
    """A struct or union of the kernel's that a header uses.

    Attributes:
        tag: Its tag.
        have: The macro that says whether it is defined.
        text: Our definition.
        since: The kernel that brought it, as `6.10`; empty where no UAPI header has it.
        version_code: The same as LINUX_VERSION_CODE counts.
    """

    tag: str
    have: str
    text: str
    since: str
    version_code: str


class Prologue(Record):
    """The data of the template's prologue.

    Attributes:
        uapi_typedefs: Definitions of typedefs that linux/types.h has.
        kernel_typedefs: Of those that only vmlinux.h has.
        stdint_typedefs: Of those that <stdint.h> has as well.
        old_structs: Structs that the baseline's UAPI headers have.
        new_structs: Those that only newer ones have.
        vmlinux_structs: Those that only vmlinux.h has.
        rest: Whether there is anything but `uapi_typedefs`.
    """

    uapi_typedefs: tuple[str, ...]
    kernel_typedefs: tuple[str, ...]
    stdint_typedefs: tuple[str, ...]
    old_structs: tuple[PreludeStruct, ...]
    new_structs: tuple[PreludeStruct, ...]
    vmlinux_structs: tuple[PreludeStruct, ...]
    rest: bool


def prologue_of(model: Model, speller: Speller) -> Prologue:
    """Return what the header of *model* needs of the kernel's types."""
    typedefs: tuple[list[str], list[str], list[str]] = ([], [], [])
    structs: tuple[list[PreludeStruct], list[PreludeStruct], list[PreludeStruct]] = ([], [], [])
    for used in model.prelude_types:
        declaration = used.declaration
        text = declare_types(speller, _without_doc(declaration), model.types)
        defines = declaration.defines
        if defines is None or defines.tag is None:
            names = {typedef.name for typedef in declaration.typedefs}
            place = 0 if used.since is not None else 2 if names & STDINT else 1
            typedefs[place].append(text)
        else:
            place = 2 if used.since is None else 0 if used.since <= BASELINE else 1
            structs[place].append(_struct(used, defines, text))
    old, new, vmlinux = structs
    uapi, kernel, stdint = typedefs
    return Prologue(
        tuple(uapi),
        tuple(kernel),
        tuple(stdint),
        tuple(old),
        tuple(new),
        tuple(vmlinux),
        rest=bool(kernel or stdint or old or new or vmlinux),
    )


def _without_doc(declaration: TypeDeclaration) -> TypeDeclaration:
    return TypeDeclaration(
        declaration.defines, declaration.typedefs, declaration.forward, declaration.decl_tags
    )


def _struct(used: PreludeType, defines: Composite | Enum, text: str) -> PreludeStruct:
    tag = defines.tag or ""
    since, code = "", "0"
    if used.since is not None:
        major, minor = used.since
        since, code = format_version(used.since), f"{(major << 16) + (minor << 8):#x}"
    return PreludeStruct(tag, f"BPFGEN_HAVE_{tag.upper()}", text, since, code)
