"""Whether each id and each name in BTF is there: what libbpf asks of it before it uses any.

Much less than what the kernel asks when it is loaded. Most of it runs in C: objects have thousands
of types, and next to none is broken.

Source: tools/lib/bpf/btf.c, btf_sanity_check (libbpf 1.3; before, such ids were read).
"""

from __future__ import annotations

from bpfgen.btf import kinds
from bpfgen.record import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bpfgen.btf.decode import Btf

_REFERRING = tuple(sorted(kinds.REFERRING - {kinds.BTF_KIND_FUNC_PROTO}))
"""Those whose target libbpf looks at; not so what a function returns."""


def sanity_fault(btf: Btf) -> str | None:
    """Return the first type of *btf* that names a type or a string that isn't there, or None."""
    count, strings = len(btf), btf.strings.size
    for type_id, refers, word in _references(btf):
        if word >= (count if refers else strings):
            what = "type" if refers else "the string at byte"
            return f"BTF type {type_id} refers to {what} {word}, which isn't there"
    for type_id in btf.ids_of_kind(kinds.BTF_KIND_FUNC):
        if btf.kind(btf.target(type_id)) != kinds.BTF_KIND_FUNC_PROTO:
            return f"BTF type {type_id} is a function of a type that is none"
    return None


def _references(btf: Btf) -> Iterator[tuple[int, bool, int]]:
    """Yield (type, whether it is an id, the largest) of the words that refer to something."""
    words, offsets = btf.records
    for type_id in range(1, len(offsets)):
        yield type_id, False, words[offsets[type_id]]
    for type_id in btf.ids_of_kind(*_REFERRING):
        yield type_id, True, words[offsets[type_id] + 2]
    for type_id in btf.ids_of_kind(kinds.BTF_KIND_ARRAY):
        at = offsets[type_id]
        yield type_id, True, max(words[at + 3 : at + 5])
    for kind in (*kinds.NAMED_ELEMENTS, kinds.BTF_KIND_DATASEC):
        step = kinds.ELEMENT_WORDS[kind]
        typed = kinds.TYPED_ELEMENTS.get(kind)
        for type_id in btf.ids_of_kind(kind):
            at = offsets[type_id] + 3
            end = at + btf.vlen(type_id) * step
            if at == end:
                continue
            if kind in kinds.NAMED_ELEMENTS:
                yield type_id, False, max(words[at:end:step])
            if typed is not None:
                yield type_id, True, max(words[at + typed : end : step])
