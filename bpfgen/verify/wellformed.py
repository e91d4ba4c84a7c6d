"""BTF that the kernel would load: each type as its kind may be.

A type that breaks these rules makes the kernel refuse the whole BTF; libbpf then loads the maps
without any, and the types that were declared are gone without an error.

Source: btf_*_check_meta in kernel/bpf/btf.c.
"""

from __future__ import annotations

from bpfgen.btf import kinds
from bpfgen.record import TYPE_CHECKING
from bpfgen.text.diagnostics import Subject

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bpfgen.btf.decode import Btf
    from bpfgen.verify.findings import Findings

_NAMELESS = frozenset(
    (
        kinds.BTF_KIND_PTR,
        kinds.BTF_KIND_ARRAY,
        kinds.BTF_KIND_VOLATILE,
        kinds.BTF_KIND_CONST,
        kinds.BTF_KIND_RESTRICT,
        kinds.BTF_KIND_FUNC_PROTO,
    )
)

_MAY_BE_NAMELESS = frozenset(
    (kinds.BTF_KIND_STRUCT, kinds.BTF_KIND_UNION, kinds.BTF_KIND_ENUM, kinds.BTF_KIND_ENUM64)
)

_FLAGGED = _MAY_BE_NAMELESS | {
    kinds.BTF_KIND_FWD,
    kinds.BTF_KIND_DECL_TAG,
    kinds.BTF_KIND_TYPE_TAG,
}
"""Kinds of which kind_flag says something; of tags since Linux 6.15."""

_COUNTED = frozenset(kind for kind, words in enumerate(kinds.ELEMENT_WORDS) if words) | {
    kinds.BTF_KIND_FUNC
}
"""Kinds whose vlen says something; that of a FUNC is its linkage."""

_ENCODINGS = (0, kinds.BTF_INT_SIGNED, kinds.BTF_INT_CHAR, kinds.BTF_INT_BOOL)


def verify_btf(findings: Findings) -> None:
    """Report which types of the object's BTF the kernel would refuse."""
    btf = findings.object.btf
    if btf is None:
        return
    findings.begin(None, None)
    for type_id in range(1, len(btf)):
        for why in _wrong_with(btf, type_id):
            kind = btf.kind_name(type_id)
            findings.add(
                "verify-btf",
                f"BTF type {type_id} ({kind}) {why}",
                type_id=type_id,
                subject=Subject("BTF type", btf.name(type_id), str(type_id)),
            )


def _wrong_with(btf: Btf, type_id: int) -> Iterator[str]:
    kind = btf.kind(type_id)
    name = btf.name(type_id)
    if name and kind in _NAMELESS:
        yield f"has the name `{name}`, and such types have none"
    elif not name and kind not in _NAMELESS and kind not in _MAY_BE_NAMELESS:
        yield "has no name"
    if kind not in _FLAGGED and btf.kind_flag(type_id):
        yield "has kind_flag set, which means nothing there"
    if kind not in _COUNTED and btf.vlen(type_id):
        yield f"has a vlen of {btf.vlen(type_id)} instead of 0"
    if kind == kinds.BTF_KIND_INT:
        encoding, offset, bits = btf.int_encoding(type_id)
        size = btf.size(type_id)
        if offset or bits != 8 * size:
            yield f"has {bits} bits from bit {offset} on in {size} bytes"
        if encoding not in _ENCODINGS:
            yield f"has the encoding {encoding}"
    elif kind == kinds.BTF_KIND_ARRAY:
        element, index, _nelems = btf.array(type_id)
        # Reading the kind of what isn't there raises a FormatError; so below.
        if btf.kind(element) == kinds.BTF_KIND_VOID:
            yield "has elements of `void`"
        if btf.kind(btf.skip_modifiers(index)) != kinds.BTF_KIND_INT:
            yield f"has an index of type {index}, which is no integer"
    elif kind == kinds.BTF_KIND_FUNC:
        if btf.kind(btf.target(type_id)) != kinds.BTF_KIND_FUNC_PROTO:
            yield f"(`{name}`) is of a type that is no function"
    elif kind == kinds.BTF_KIND_VAR:
        if btf.linkage(type_id) > kinds.BTF_VAR_GLOBAL_EXTERN:
            yield f"(`{name}`) has linkage {btf.linkage(type_id)}, which isn't known"
    elif kind in kinds.REFERRING:
        btf.kind(btf.target(type_id))
