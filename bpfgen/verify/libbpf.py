"""What libbpf refuses in an object that is otherwise as its model says.

The reader of objects decides, as it does for `inspect`. Comes after the comparison: a map in which
a difference was found has been reported by it.

Some objects aren't libbpf's to open yet, or ever: the initializer style and legacy maps are for
older loaders, and what is extern, or in a slot and defined in another object, for the linker first.
:mod:`opening` has notes on them.
"""

from __future__ import annotations

from bpfgen.model.maps import PINNING
from bpfgen.object.records import INITIALIZER
from bpfgen.record import TYPE_CHECKING
from bpfgen.rules.maps.definitions import arena_twice, conflicting_sizes, shapes
from bpfgen.rules.maps.inner import inner_map_kind, inner_map_pinning, slot_key_size
from bpfgen.rules.target import Target
from bpfgen.text.diagnostics import Subject

if TYPE_CHECKING:
    from collections.abc import Collection

    from bpfgen.model.model import Model
    from bpfgen.object.records import ObjectMap
    from bpfgen.verify.findings import Findings


_LIBBPF_RULES = (
    *(arena_twice, conflicting_sizes, inner_map_kind, inner_map_pinning, slot_key_size),
)


def verify_libbpf(findings: Findings, model: Model) -> None:
    """Report each declared map that libbpf refuses, or else why it refuses the object.

    Nothing is reported if a map breaks a rule of libbpf's in the source already: compiling it has
    said so, or the source allows it, as for another loader.
    """
    object = findings.object
    if object.error is None or _breaks_a_rule(model):
        return
    undefined = frozenset(extern.name for extern in object.externs)
    for declared in model.maps:
        emitted = findings.maps.get(declared.name)
        if emitted is None or emitted.error is None or _is_for_others(emitted, undefined):
            continue
        if not findings.has_any(declared.name):
            findings.begin(declared, emitted)
            findings.add("libbpf-refuses", f"libbpf refuses `{declared.name}`: {emitted.error}")
    if findings.has_any():
        return
    if undefined or any(_is_for_others(emitted, undefined) for emitted in object.maps):
        return
    findings.begin(None, None)
    findings.add(
        "libbpf-refuses",
        f"libbpf refuses the object: {object.error}",
        subject=Subject("object", "", "error"),
    )


def _breaks_a_rule(model: Model) -> bool:
    """Whether the source has what libbpf refuses, by the rules that say so."""
    target = Target.of(model, None, "modern")
    pinnings = [shape.attributes.get("pinning") for shape, _declared in shapes(model)]
    return any(p is not None and p.value not in PINNING.values() for p in pinnings) or any(
        any(rule(model, target)) for rule in _LIBBPF_RULES
    )


def _is_for_others(emitted: ObjectMap, undefined: Collection[str]) -> bool:
    """Whether a linker or another loader comes before libbpf."""
    return (
        emitted.is_extern
        or emitted.section != ".maps"
        or emitted.definition.style == INITIALIZER
        or any(target in undefined for _index, target in emitted.slots)
    )
