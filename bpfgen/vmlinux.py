"""A vmlinux.h that has what one text needs, for the compiler alone: made of BTF, never written.

Comes before :mod:`bpfgen.compiler`, beside the emitter, which knows nothing of BTF; loaded where a
file that says `include kernel;` is compiled. `bpftool btf dump file … format c` writes the same
types, and all others with them: some 150,000 lines, of which a header of maps uses ten.

Which ones is told by the words of the text: after `struct`, `union` and `enum` a tag, elsewhere a
typedef or an enumerator. A word that means something else there brings a type that nobody uses.
"""

from __future__ import annotations

import re

from bpfgen.btf.kernel import BtfFileError
from bpfgen.btf.kernel_types import Kernel
from bpfgen.ctype.children import children
from bpfgen.ctype.restore import InexpressibleError
from bpfgen.ctype.types import Array, Composite, Enum, Named, Typedef, underlying
from bpfgen.emit.c.declarators import Speller
from bpfgen.emit.c.literals import number
from bpfgen.emit.c.type_bodies import C, declare_types
from bpfgen.files.c_includes import IncludedTexts
from bpfgen.files.reading import FILES
from bpfgen.model.maps import MAP_KINDS
from bpfgen.model.model import VMLINUX, TypeDeclaration
from bpfgen.providers.prelude import Prelude
from bpfgen.record import TYPE_CHECKING, replace

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from typing import TypeAlias

    from bpfgen.btf.kernel import KernelBtf
    from bpfgen.ctype.types import Type
    from bpfgen.files.reading import Opener

    Key: TypeAlias = tuple[str, str]

_SKIPPED = r"""/\*.*?\*/|//[^\n]*|"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'"""
_WORDS = re.compile(rf"{_SKIPPED}|(?:\b(struct|union|enum)\s+)?\b([A-Za-z_]\w*)", re.DOTALL)

_ALWAYS = tuple(
    [f"{prefix}{sign}{bits}" for prefix in ("__", "") for sign in "us" for bits in (8, 16, 32, 64)]
    + [f"__{order}{bits}" for order in ("be", "le") for bits in (16, 32, 64)]
    + ["__wsum", "__sum16", "bool", "size_t"]
)
"""Typedefs that libbpf's headers use without a word in the text, and macros of the kernel's."""

_BUILTIN = "__builtin_va_list"
"""The one typedef that BTF has of the compiler itself."""

_BEGIN = """\
#ifndef __VMLINUX_H__
#define __VMLINUX_H__
#pragma clang system_header
#ifndef BPF_NO_PRESERVE_ACCESS_INDEX
#pragma clang attribute push (__attribute__((preserve_access_index)), apply_to = record)
#endif
"""
_END = """\
#ifndef BPF_NO_PRESERVE_ACCESS_INDEX
#pragma clang attribute pop
#endif
#endif
"""


def needs_vmlinux(
    texts: Mapping[str, str], directories: Sequence[str], opener: Opener = FILES
) -> bool:
    """Return whether *texts*, by their paths, or what they include, lack a vmlinux.h."""
    return any(
        VMLINUX.strip('"') in IncludedTexts(text, path, directories, opener).lacking
        for path, text in texts.items()
    )


def vmlinux_for(
    texts: Mapping[str, str], btf: KernelBtf, directories: Sequence[str], opener: Opener = FILES
) -> str:
    """Return the header for *texts*, by their paths, and for all that they include.

    *directories* are those of -I. Empty where *btf* can't be read, which whoever resolved the
    source has reported.
    """
    try:
        kernel = Kernel(btf)
    except BtfFileError:
        return ""
    words = [*texts.values()]
    for path, text in texts.items():
        words += IncludedTexts(text, path, directories, opener).texts.values()
    return vmlinux_header(kernel, words)


def vmlinux_header(kernel: Kernel, texts: Iterable[str]) -> str:
    """Return what `#include "vmlinux.h"` has to bring for *texts*, of the types of *kernel*.

    A type that C can't declare is left out.
    """
    writer = _Writer(kernel)
    words = dict.fromkeys([*(("typedef", name) for name in _ALWAYS), *_named_in(texts)])
    for word, name in words:
        writer.bring(word or "typedef", name)
        if not word:
            writer.bring_enumerator(name)
    return writer.text(_built_in(kernel, words))


def _named_in(texts: Iterable[str]) -> Iterator[Key]:
    """Yield each name in *texts* with `struct`, `union`, `enum` or nothing before it."""
    for text in texts:
        for word, name in _WORDS.findall(text):
            if name:
                yield word, name


def _built_in(kernel: Kernel, words: Iterable[Key]) -> str:
    """Return what of *words* is built in and not in *kernel*, which may be cut down to a few types.

    The header leaves all of that to vmlinux.h.
    """
    prelude = Prelude.shared()
    numbers = {kind.constant: kind.number for kind in MAP_KINDS.values()}
    values: dict[str, int] = {}
    for word, name in words:
        if kernel.kind_of(name, (word,) if word else ("typedef", "enumerator")) is None:
            constant = None
            if prelude.use_type(word or "typedef", name) is None and not word:
                constant = prelude.use_constant(name)
            if constant is not None or name in numbers:
                values[name] = numbers[name] if constant is None else constant.value
    speller = Speller(C)
    texts = [
        declare_types(speller, used.declaration, {})
        for used in prelude.used_types()
        if not _has(kernel, used.declaration)
    ]
    texts += [f"enum {{ {name} = {number(value)} }};\n" for name, value in values.items()]
    return "".join(texts)


def _has(kernel: Kernel, declaration: TypeDeclaration) -> bool:
    """Return whether *kernel* has what *declaration* declares."""
    defines = declaration.defines
    if defines is None or defines.tag is None:
        return any(kernel.kind_of(one.name, ("typedef",)) for one in declaration.typedefs)
    return kernel.kind_of(defines.tag, ("struct", "union", "enum")) is not None


class _Writer:
    """The declarations, those needed first first, and the tags that are announced before them."""

    def __init__(self, kernel: Kernel) -> None:
        self._kernel = kernel
        self._speller = Speller(C)
        self._types: dict[Key, Type | None] = {}
        self._announced: dict[Key, None] = {}
        self._enumerators: dict[str, int] = {}
        self._texts: list[str] = []

    def text(self, built_in: str) -> str:
        """Return the whole header, *built_in* included."""
        announced = "".join(f"{kind} {name};\n" for kind, name in self._announced)
        return f"{_BEGIN}{announced}{''.join(self._texts)}{built_in}{_END}"

    def bring(self, kind: str, name: str) -> None:
        """Declare the type `kind name` if the kernel has it, and what it needs before it."""
        pending: list[tuple[Key, list[Key] | None]] = [((kind, name), None)]
        while pending:  # on a stack of its own: how long the way is, is the file's to choose
            key, needs = pending.pop()
            if needs is None:
                if key in self._types:
                    continue
                type = self._types[key] = self._kernel.find(*key)
                if type is None:
                    continue
                needs = [*dict.fromkeys(self._needs(type))]
            type = self._types[key]
            assert type is not None
            while needs and needs[0] in self._types:
                needs.pop(0)
            if needs:
                pending += [(key, needs), (needs[0], None)]
            else:
                self._declare(type)
        type = self._types[kind, name]
        whole = None if type is None else underlying(type)
        if isinstance(whole, Composite) and whole is not type and whole.tag is not None:
            self.bring(whole.kind, whole.tag)

    def bring_enumerator(self, name: str) -> None:
        """Declare the enum that has the enumerator *name*, if there is one."""
        owner = self._kernel.names.enum_with(name)
        if owner is None:
            return
        try:
            type = self._kernel.type(owner)
        except InexpressibleError:
            return
        assert isinstance(type, Enum)
        if type.tag is not None:
            self.bring("enum", type.tag)
            return
        key = "enum", f"#{owner}"  # which no tag is called
        if key not in self._types:
            self._types[key] = type
            self._declare(type)

    def _needs(self, type: Type) -> Iterator[Key]:
        """Yield what has to be declared before *type*, and note the tags that it only names.

        A typedef only names what it is of, and whoever holds it needs both.
        """
        pending = [(inner, not isinstance(type, Typedef)) for inner in reversed(children(type))]
        while pending:
            current, is_held = pending.pop()
            if isinstance(current, Typedef):
                yield "typedef", current.name
                if not is_held:
                    continue
            elif isinstance(current, Enum) and current.tag is not None:
                yield "enum", current.tag
                continue
            elif isinstance(current, Composite) and current.tag is not None:
                if is_held:
                    yield current.kind, current.tag
                else:
                    self._announced[current.kind, current.tag] = None
                continue
            elif isinstance(current, Named):
                if current.kind in ("struct", "union"):
                    self._announced[current.kind, current.name] = None
                else:
                    yield current.kind, current.name
            is_held = is_held or isinstance(current, (Array, Composite))
            pending += [(inner, is_held) for inner in reversed(children(current))]

    def _numbered(self, enum: Enum) -> Enum:
        """Return *enum* with enumerators that no other has: `NAME___2`, as bpftool calls them."""
        enumerators = []
        for one in enum.enumerators:
            count = self._enumerators[one.name] = self._enumerators.get(one.name, 0) + 1
            name = one.name if count == 1 else f"{one.name}___{count}"
            enumerators.append(replace(one, name=name))
        return replace(enum, enumerators=tuple(enumerators))

    def _declare(self, type: Type) -> None:
        if isinstance(type, Typedef):
            if type.name == _BUILTIN:
                return
            declaration = TypeDeclaration(None, (type,))
        elif isinstance(type, Enum):
            declaration = TypeDeclaration(self._numbered(type))
        elif isinstance(type, Composite):
            declaration = TypeDeclaration(type)
        else:
            return
        self._texts.append(declare_types(self._speller, declaration, {}))
