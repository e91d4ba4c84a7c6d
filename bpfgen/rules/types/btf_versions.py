"""What the types of a map ask of the target kernel's BTF.

A kernel that meets a kind of BTF that it doesn't know refuses all types of the object. libbpf knows
this, and puts older kinds in their place before it loads them.
"""

from __future__ import annotations

from bpfgen.ctype.enums import is_wide
from bpfgen.ctype.types import Enum, Float, Pointer
from bpfgen.kernel.btf_features import BTF_FEATURES
from bpfgen.kernel.tags import CONTAINS, POINTER_TAGS
from bpfgen.kernel.version import format_version
from bpfgen.record import TYPE_CHECKING
from bpfgen.rules.fields.uses import pointer_tags
from bpfgen.rules.target import lacking
from bpfgen.rules.types.leaves import leaves
from bpfgen.text.diagnostics import WARNING, Diagnostic, Subject

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bpfgen.kernel.btf_features import BtfFeature
    from bpfgen.model.model import Model
    from bpfgen.rules.target import Target
    from bpfgen.rules.types.leaves import Leaf

TYPES_SINCE = BTF_FEATURES["types of keys and values"].since
NEWEST_FEATURE = max(
    BTF_FEATURES[name].since for name in ("bit-fields", "FLOAT", "DECL_TAG", "TYPE_TAG", "ENUM64")
)


def btf_version(model: Model, target: Target) -> Iterator[Diagnostic]:
    """A type needs a kind of BTF that the target kernel doesn't know.

    Such a kernel refuses the types of the whole object (btf_check_meta in kernel/bpf/btf.c). libbpf
    puts an older kind in the place of FLOAT (Linux 5.13), DECL_TAG (5.16), TYPE_TAG (5.17) and
    ENUM64 (6.0) before it loads the types, so that maps are made and what the kind said is lost; it
    has nothing for bit-fields (5.0). Other loaders may give up. Bit-fields and 64-bit enums are
    warnings of their own: `bit-field-version` and `enum64-version`.

    Wrong:
        target kernel >= 5.10;
        map means: array<__u32, double>[8];
    Right:
        target kernel >= 5.13;
        map means: array<__u32, double>[8];
    """
    if not TYPES_SINCE <= target.kernel < NEWEST_FEATURE:
        return
    reported: set[tuple[str, int]] = set()  # by identity
    yield from _of_maps(model, target)
    for leaf in leaves(model):
        for code, feature, what in _features(leaf):
            row = BTF_FEATURES[feature]
            place = (code, id(leaf.member if leaf.member is not None else leaf.argument))
            if row.since <= target.kernel or place in reported:
                continue
            reported.add(place)
            complaint = leaf.diagnostic(
                code,
                _needs(what, row, target),
                notes=_older(row),
                help=_advice(row),
                severity=WARNING,
            )
            yield lacking(complaint, what, target, row.since)


def _of_maps(model: Model, target: Target) -> Iterator[Diagnostic]:
    """Yield what the declaration tags of maps ask for."""
    row = BTF_FEATURES["DECL_TAG"]
    if row.since <= target.kernel:
        return
    for declared in model.maps:
        if declared.decl_tags:
            what = f'btf_decl_tag("{declared.decl_tags[0]}")'
            complaint = Diagnostic(
                "btf-version",
                _needs(what, row, target),
                declared.span,
                notes=_older(row),
                help=_advice(row),
                severity=WARNING,
                map=declared.name,
                subject=Subject("map", declared.name),
            )
            yield lacking(complaint, what, target, row.since)


def _needs(what: str, row: BtfFeature, target: Target) -> str:
    since, aimed_at = format_version(row.since), format_version(target.kernel)
    return f"{what} needs Linux {since}, and the target is {aimed_at}"


def _older(row: BtfFeature) -> tuple[str, ...]:
    if row.since > (5, 0):
        return (f"libbpf makes {row.before} of it for older kernels",)
    return ("older kernels refuse the types of the whole object (btf_check_meta)",)


def _advice(row: BtfFeature) -> str:
    return f"write `target kernel >= {format_version(row.since)};`, or do without it"


def _features(leaf: Leaf) -> Iterator[tuple[str, str, str]]:
    """Yield what *leaf* asks for: the code, the row of BTF_FEATURES, and how to say it."""
    member = leaf.member
    if member is not None:
        if member.is_bitfield and member.name is not None:
            yield "bit-field-version", "bit-fields", f"the bit-field {leaf.name}"
        for tag in member.attributes.decl_tags if member.attributes else ():
            if not tag.startswith(CONTAINS):
                yield "btf-version", "DECL_TAG", f'btf_decl_tag("{tag}")'
    if isinstance(leaf.type, Float):
        yield "btf-version", "FLOAT", f"`{leaf.type.name}`"
    elif isinstance(leaf.type, Enum) and is_wide(leaf.type):
        name = f"`enum {leaf.type.tag}`" if leaf.type.tag else "an enum"
        yield "enum64-version", "ENUM64", f"{name} with values of 64 bits"
    elif isinstance(leaf.type, Pointer):
        tags = [tag for tag in pointer_tags(leaf.type) if tag not in POINTER_TAGS]
        if tags:
            yield "btf-version", "TYPE_TAG", f'btf_type_tag("{tags[0]}")'
