"""Several BTF sections in one: every type is there, and refers to what it did."""

from __future__ import annotations

from bpfgen.btf import kinds
from bpfgen.btf.decode import Btf
from bpfgen.btf.merge import can_be_merged, merged
from bpfgen.btf.sanity import sanity_fault
from bpfgen.btf.write import btf_bytes
from bpfgen.object import read_object
from tests.kernel.random_maps import btf
from tests.samples import built
from tests.tools import require_clang

SAMPLES = ("flows.dsl", "special_fields.dsl", "tail_calls.dsl", "types.dsl")

TYPE, NAME, NUMBER = 1, 2, 3
"""What a word is."""

THIRD = {
    **dict.fromkeys(kinds.REFERRING, TYPE),
    **dict.fromkeys(kinds.SIZED, NUMBER),
    kinds.BTF_KIND_FWD: NUMBER,
    kinds.BTF_KIND_ARRAY: NUMBER,
}
REST = {
    kinds.BTF_KIND_STRUCT: (NAME, TYPE, NUMBER),
    kinds.BTF_KIND_UNION: (NAME, TYPE, NUMBER),
    kinds.BTF_KIND_ARRAY: (TYPE, TYPE, NUMBER),
    kinds.BTF_KIND_ENUM: (NAME, NUMBER),
    kinds.BTF_KIND_ENUM64: (NAME, NUMBER, NUMBER),
    kinds.BTF_KIND_FUNC_PROTO: (NAME, TYPE),
    kinds.BTF_KIND_DATASEC: (TYPE, NUMBER, NUMBER),
}
"""From Documentation/bpf/btf.rst."""


def spelled(btf: Btf, type_id: int, shift: int) -> list[object]:
    """Return what the words of a type say: names as text, ids without *shift*."""
    words = btf.words(type_id)
    kind = btf.kind(type_id)
    rest = REST.get(kind, (NUMBER,))
    meanings = [NAME, NUMBER, THIRD[kind]]
    meanings += (rest[place % len(rest)] for place in range(len(words) - 3))
    says: list[object] = []
    for word, meaning in zip(words, meanings, strict=True):
        if meaning == NAME:
            says.append(btf.strings[word])
        else:
            says.append(word - shift if meaning == TYPE and word else word)
    return says


def test_every_type_is_what_it_was() -> None:
    """Objects of clang, and by hand; the first keeps its ids."""
    require_clang()
    sections = [found for name in SAMPLES if (found := read_object(built(name)).btf) is not None]
    sections += [Btf(btf()), sections[0]]
    both, shifts = merged(sections)
    assert shifts[0] == 0
    assert len(both) == 1 + sum(len(one) - 1 for one in sections)
    assert sanity_fault(both) is None
    for one, shift in zip(sections, shifts, strict=True):
        for type_id in range(1, len(one)):
            assert spelled(both, type_id + shift, shift) == spelled(one, type_id, 0)
    seen = {both.kind(type_id) for type_id in range(1, len(both))}
    assert set(REST) - {kinds.BTF_KIND_ENUM64} <= seen


def test_what_is_not_known_is_not_merged() -> None:
    """Which words of a newer kind are names and ids, nobody can tell."""
    assert can_be_merged(Btf(btf()))
    header = btf_bytes([[0, 20 << 24, 0]], b"\0")
    layout = bytes(4 * 20) + bytes(4)
    data = bytearray(header[:24] + bytes(8) + header[24:] + layout)
    data[4:8] = (32).to_bytes(4, "little")
    data[24:28] = len(header[24:]).to_bytes(4, "little")
    data[28:32] = len(layout).to_bytes(4, "little")
    assert not can_be_merged(Btf(bytes(data)))
