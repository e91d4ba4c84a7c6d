"""Whether BPF_BTF_LOAD takes BTF, and why not: the checks of kernel/bpf/btf.c, in their order.

Not among them: the header and its sections (whoever reads BTF has refused what is wrong there), and
special fields of structs (btf_parse_struct_metas), which depend on the kernel's own types.
:mod:`bpfgen.rules.fields` knows those of values.

A type that the kernel refuses makes it refuse the whole BTF. libbpf then loads an object without
any: maps lose their types without an error, and what needs them (local storages, struct_ops)
doesn't load.
"""

from __future__ import annotations

from bpfgen.btf import kinds
from bpfgen.btf.check_meta import MetaChecker
from bpfgen.btf.check_types import Resolver
from bpfgen.btf.faults import BtfFault
from bpfgen.btf.raw import MODIFIERS, raw_types
from bpfgen.kernel.btf_limits import MAX_CHAIN
from bpfgen.kernel.version import NEWEST
from bpfgen.record import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bpfgen.btf.decode import Btf
    from bpfgen.btf.raw import RawType
    from bpfgen.elf.strings import StringTable
    from bpfgen.kernel.version import KernelVersion


def btf_faults(
    btf: Btf, kernel: KernelVersion | None = None, *, by_libbpf: bool = True
) -> list[BtfFault]:
    """Return what *kernel*, or the newest known, refuses in *btf*; nothing if it takes it.

    First the types by themselves, then, if none is refused, what they are made of. With
    *by_libbpf*, libbpf loads the object that has them, and what it puts in place (the sizes of
    sections, what is extern) is no fault.
    """
    types = raw_types(btf)
    if not types and not by_libbpf:
        return [BtfFault(0, "is the only type", "btf_parse_type_sec")]
    return faults_of(types, btf.strings, kernel or NEWEST, by_libbpf=by_libbpf)


def faults_of(
    types: Sequence[RawType], strings: StringTable, kernel: KernelVersion, *, by_libbpf: bool = True
) -> list[BtfFault]:
    """Return the same of *types*, the first of which is type 1, with names in *strings*."""
    checker = MetaChecker(strings, kernel, by_libbpf=by_libbpf)
    faults = [fault for type in types if (fault := checker.fault(type)) is not None]
    if not faults:
        faults = Resolver(types, by_libbpf=by_libbpf).check()
    if not faults:
        wrong = _tag_order(types)
        faults = [wrong] if wrong is not None else []
    return faults


def _tag_order(types: Sequence[RawType]) -> BtfFault | None:
    """Return the first chain of qualifiers that is too long, or has a tag below another of them.

    btf_check_type_tags, with which `good` chains are not walked again.
    """
    good = 0
    for first in types:
        if first.kind not in MODIFIERS:
            continue
        type = first
        in_tags = type.kind == kinds.BTF_KIND_TYPE_TAG
        left = MAX_CHAIN
        while type.kind in MODIFIERS:
            if not left:
                why = f"stands on more than {MAX_CHAIN} typedefs and qualifiers"
                return BtfFault(first.type_id, why, "btf_check_type_tags")
            left -= 1
            if type.kind != kinds.BTF_KIND_TYPE_TAG:
                in_tags = False
            elif not in_tags:
                why = "has a type tag below a typedef or qualifier"
                return BtfFault(first.type_id, why, "btf_check_type_tags")
            if type.type_id <= good or not type.third:
                break
            type = types[type.third - 1]
        good = first.type_id
    return None
