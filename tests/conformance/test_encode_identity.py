"""What is decoded and encoded again is what it was: the kernel's types, and those of objects.

The comparison is one of words, by a reader that knows nothing of bpfgen. Two types of one name,
which a kernel has and no C file, are encoded in sections of their own.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from bpfgen.btf import kinds
from bpfgen.btf.convert import BtfTypes
from bpfgen.btf.decode import Btf
from bpfgen.btf.encode import BtfEncoder
from bpfgen.btf.encode_variables import (
    add_function,
    add_section,
    add_typedef_tags,
    add_variable,
)
from bpfgen.btf.write import btf_bytes
from bpfgen.ctype.children import children, walk
from bpfgen.ctype.types import Composite, Enum, FuncProto, Named, Typedef
from bpfgen.elf.read import ElfFile
from tests.compiled import COMPILERS, EXTERN, MODERN, TAGS, TYPES, compile_c
from tests.conformance.raw_btf import RawBtf, Walk
from tests.samples import GOOD, built
from tests.tools import require_file

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bpfgen.ctype.types import Order, Type

STRIDE = int(os.environ.get("BPFGEN_IDENTITY_STRIDE", "37"))
"""One type of the kernel's in this many is encoded."""

OBJECTS = os.environ.get("BPFGEN_IDENTITY_OBJECTS", "")
"""A directory with objects to try in addition."""


class _Section:
    """One section that types of *btf* are encoded into, no two of one name."""

    def __init__(self, types: BtfTypes) -> None:
        self._types = types
        self.known: dict[tuple[str, str], Type] = {}
        self._accepted: set[int] = set()
        self.encoder = BtfEncoder(self.known, deduplicated=True)
        self.pairs: list[tuple[int, int]] = []

    def takes(self, type: Type) -> bool:
        """Add the names in *type* to those that are known, unless one means something else."""
        known: dict[tuple[str, str], Type] = {}
        accepted: set[int] = set()
        pending = [type]
        while pending:
            for inner in walk(pending.pop(), lambda one: self._inside(one, accepted)):
                defined = inner
                if isinstance(inner, Named) and inner.kind == "typedef":
                    assert inner.type_id is not None
                    defined = self._types.type(inner.type_id)
                    if id(defined) not in accepted and id(defined) not in self._accepted:
                        pending.append(defined)
                name = _name(defined)
                if name is None:
                    continue
                other = known.get(name, self.known.get(name))
                if other is not None and other is not defined and other != defined:
                    return False
                known[name] = defined
        self.known.update(known)
        self._accepted |= accepted
        return True

    def _inside(self, type: Type, accepted: set[int]) -> tuple[Type, ...]:
        if id(type) in accepted or id(type) in self._accepted:
            return ()
        accepted.add(id(type))
        return children(type)


def _name(type: Type) -> tuple[str, str] | None:
    if isinstance(type, Composite) and type.tag:
        return type.kind, type.tag
    if isinstance(type, Enum) and type.tag:
        return "enum", type.tag
    return ("typedef", type.name) if isinstance(type, Typedef) else None


def _sections(btf: Btf, ids: Iterator[int]) -> Iterator[_Section]:
    """Yield sections that have the types *ids* of *btf* between them, encoded."""
    types = BtfTypes(btf)
    left = [type_id for type_id in ids if btf.kind(type_id) not in _OTHERS]
    while left:
        section, refused = _Section(types), []
        for type_id in left:
            type = types.type(type_id)
            if section.takes(type):
                section.pairs.append((type_id, section.encoder.add_type(type)))
            else:
                refused.append(type_id)
        assert len(refused) < len(left)
        _add_typedef_tags(btf, section)
        renumbered = section.encoder.finish()
        section.pairs = [(was, renumbered.get(now, now)) for was, now in section.pairs]
        yield section
        left = refused


_OTHERS = {kinds.BTF_KIND_FUNC, kinds.BTF_KIND_VAR, kinds.BTF_KIND_DATASEC, kinds.BTF_KIND_DECL_TAG}


def _add_typedef_tags(btf: Btf, section: _Section) -> None:
    for tag_id in btf.ids_of_kind(kinds.BTF_KIND_DECL_TAG):
        target = btf.target(tag_id)
        if btf.kind(target) == kinds.BTF_KIND_TYPEDEF:
            add_typedef_tags(section.encoder, btf.name(target), [btf.name(tag_id)])


def _check(btf: Btf, raw: bytes, ids: Iterator[int], order: Order) -> int:
    """Return how many types of *btf*, whose bytes are *raw*, are the same after a round."""
    theirs, number = RawBtf(raw), 0
    for section in _sections(btf, ids):
        data = btf_bytes(section.encoder.records, section.encoder.strings, order)
        walked = Walk(theirs, RawBtf(data))
        again = BtfTypes(Btf(data))
        for was, now in section.pairs:
            assert walked.difference(was, now) is None, (btf.name(was), walked.difference(was, now))
            again.finite(now)
            number += 1
    return number


def test_types_of_the_kernel_are_what_they_were() -> None:
    """One in BPFGEN_IDENTITY_STRIDE of them; with 1, all."""
    raw = require_file("/sys/kernel/btf/vmlinux", "vmlinux").read_bytes()
    btf = Btf(raw)
    wanted = range(1, len(btf), STRIDE)
    number = _check(btf, raw, iter(wanted), "big" if STRIDE % 2 == 0 else "little")
    assert number > len(wanted) // 3


def _check_object(data: bytes) -> None:
    """Encode all that is in the BTF of an object again, variables and sections included."""
    section = ElfFile(data).section_named(".BTF")
    if section is None:
        return
    raw = bytes(section.data)
    btf = Btf(raw)
    for order in ("little", "big"):
        _check(btf, raw, iter(range(1, len(btf))), order)
    types, encoder = BtfTypes(btf), BtfEncoder({}, deduplicated=True)
    ids: dict[int, int] = {}
    for function in btf.ids_of_kind(kinds.BTF_KIND_FUNC):
        type = types.type(btf.target(function))
        assert isinstance(type, FuncProto)
        tags = btf.decl_tags(function)
        ids[function] = add_function(encoder, btf.name(function), type, btf.linkage(function), tags)
    for variable in btf.ids_of_kind(kinds.BTF_KIND_VAR):
        type_id = encoder.add_type(types.type(btf.target(variable)))
        tags, linkage = btf.decl_tags(variable), btf.linkage(variable)
        ids[variable] = add_variable(encoder, btf.name(variable), type_id, linkage, tags)
    for datasec, name in btf.datasecs().items():
        entries = [(ids[entry], *rest) for entry, *rest in btf.variables(datasec)]
        add_section(encoder, name, entries, btf.size(datasec))  # type: ignore[arg-type]
    renumbered = encoder.finish()
    ids = {was: renumbered.get(now, now) for was, now in ids.items()}
    again = RawBtf(btf_bytes(encoder.records, encoder.strings))
    theirs = RawBtf(raw)
    for was, now in ids.items():
        one, other = theirs.types[was], again.types[now]
        assert one._replace(third=0) == other._replace(third=0)
        assert theirs.tags.get((was, 0xFFFFFFFF)) == again.tags.get((now, 0xFFFFFFFF))
        if one.kind == kinds.BTF_KIND_FUNC:
            own = [theirs.string(words[0]) for words in theirs.types[one.third].elements()]
            assert own == [again.string(words[0]) for words in again.types[other.third].elements()]
    sections = [
        [
            (one.name, one.third, [w[1:] for w in one.elements()])
            for one in side.types
            if one.kind == 15
        ]
        for side in (theirs, again)
    ]
    assert sections[0] == sections[1]


@pytest.mark.parametrize("compiler", COMPILERS)
def test_types_of_objects_are_what_they_were(compiler: str) -> None:
    """With all that clang writes into them, in both byte orders."""
    for text in (MODERN, EXTERN, TYPES, TAGS):
        for target in ("bpfel", "bpfeb"):
            _check_object(compile_c(text, compiler, target))


@pytest.mark.parametrize("name", GOOD)
def test_types_of_samples_are_what_they_were(name: str) -> None:
    """Those of the objects that clang makes."""
    _check_object(built(name))


def test_types_of_other_objects_are_what_they_were() -> None:
    """Of those below BPFGEN_IDENTITY_OBJECTS."""
    for path in sorted(Path(OBJECTS).rglob("*.o")) if OBJECTS else ():
        _check_object(path.read_bytes())
