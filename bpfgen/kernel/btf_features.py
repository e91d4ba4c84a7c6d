"""Which kernel brought which kind of BTF.

A kernel that doesn't know a kind refuses the whole BTF; libbpf replaces such kinds before it loads
the BTF, so that most objects still load and lose what the kind said.

Source: include/uapi/linux/btf.h, kernel/bpf/btf.c (btf_check_meta); libbpf's
bpf_object__sanitize_btf.
"""

from __future__ import annotations

from bpfgen.record import TYPE_CHECKING, Record

if TYPE_CHECKING:
    from bpfgen.kernel.version import KernelVersion


class BtfFeature(Record):
    """One row of :data:`BTF_FEATURES`.

    Attributes:
        name: A kind (`ENUM64`) or something that a kind can say.
        since: The first kernel whose BPF_BTF_LOAD takes it.
        before: What libbpf makes of it for older kernels.
    """

    name: str
    since: KernelVersion
    before: str


BTF_FEATURES: dict[str, BtfFeature] = {
    feature.name: feature
    for feature in (
        BtfFeature("types of keys and values", (4, 18), "no BTF is loaded"),
        BtfFeature("FUNC", (5, 0), "a TYPEDEF"),
        BtfFeature("FUNC_PROTO", (5, 0), "an ENUM"),
        BtfFeature("bit-fields", (5, 0), "nothing: no BTF is loaded"),
        BtfFeature("VAR", (5, 2), "an INT of 1 byte"),
        BtfFeature("DATASEC", (5, 2), "a STRUCT"),
        BtfFeature("FLOAT", (5, 13), "an empty STRUCT of the same size"),
        BtfFeature("DECL_TAG", (5, 16), "an INT of 1 byte"),
        BtfFeature("TYPE_TAG", (5, 17), "a CONST"),
        BtfFeature("ENUM64", (6, 0), "a UNION"),
        BtfFeature("sign of an ENUM", (6, 0), "it is cleared"),
        BtfFeature("attributes in tags", (6, 15), "nothing"),
    )
}
"""What BPF_BTF_LOAD learnt, in the order in which it did."""
