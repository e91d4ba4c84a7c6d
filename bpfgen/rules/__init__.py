"""What C, libbpf and the kernel ask of a model: generators of diagnostics, and who may allow what.

A rule takes the model and what it is checked against and yields diagnostics; it changes nothing.

Rules that say a thing once however often it is held know types, members and arguments by identity,
`id()`: two equal members at two places are two mistakes to correct, and comparing deep structs
costs more than looking at them. The model keeps them alive while the rules run.
"""

from __future__ import annotations

from bpfgen.record import TYPE_CHECKING
from bpfgen.rules.fields.places import field_places
from bpfgen.rules.fields.special_fields import special_fields
from bpfgen.rules.maps.bpf_attr import INNER
from bpfgen.rules.maps.definitions import (
    arena_twice,
    conflicting_sizes,
    style_limits,
    undefinable_kinds,
)
from bpfgen.rules.maps.entries import max_entries, ringbuf_page_size, ringbuf_size
from bpfgen.rules.maps.flags import (
    map_extra,
    map_flags,
    map_flags_meaning,
    map_flags_missing,
    map_flags_pair,
    numa_node,
)
from bpfgen.rules.maps.inner import (
    inner_map_kind,
    inner_map_pinning,
    inner_map_types,
    slot_access,
    slot_key_size,
    slot_map,
)
from bpfgen.rules.maps.memory import lru_batches, memory_at_once
from bpfgen.rules.maps.names import map_name_clash, map_name_length
from bpfgen.rules.maps.sizes import map_element_size, map_key_size, map_value_size
from bpfgen.rules.maps.versions import future_version, kernel_version, loader_version
from bpfgen.rules.target import Target, Unmet
from bpfgen.rules.types.btf_load import btf_refused
from bpfgen.rules.types.btf_types import (
    half_typed_map,
    lpm_key_prefix,
    map_key_type,
    map_types_required,
)
from bpfgen.rules.types.btf_versions import btf_version
from bpfgen.rules.types.macros import macro_name
from bpfgen.rules.types.padding import padded_keys, padded_values
from bpfgen.rules.types.shared import (
    flexible_ends,
    percpu_value_size,
    shared_types,
    value_alignment,
)
from bpfgen.rules.types.vmlinux import vmlinux_clash

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from bpfgen.btf.kernel_types import Kernel
    from bpfgen.kernel.memory import Machine
    from bpfgen.kernel.version import KernelVersion
    from bpfgen.model.model import Model
    from bpfgen.text.diagnostics import Diagnostic

    Rule = Callable[[Model, Target], Iterator[Diagnostic]]

RULES: dict[Rule, tuple[str, ...]] = {
    undefinable_kinds: ("map-kind",),
    conflicting_sizes: ("key-size-conflict", "value-size-conflict"),
    style_limits: ("initializer-style",),
    future_version: ("future-version",),
    kernel_version: ("kernel-version",),
    loader_version: ("loader-version",),
    map_key_size: ("map-key-size",),
    map_value_size: ("map-value-size",),
    map_element_size: ("map-element-size",),
    max_entries: ("max-entries",),
    memory_at_once: ("map-memory",),
    lru_batches: ("lru-batches",),
    ringbuf_size: ("ringbuf-size",),
    ringbuf_page_size: ("ringbuf-page-size",),
    map_flags: ("map-flags",),
    map_flags_meaning: ("map-flags-meaning",),
    map_flags_missing: ("map-flags-missing",),
    map_flags_pair: ("map-flags-pair",),
    numa_node: ("numa-node",),
    map_extra: ("map-extra",),
    map_key_type: ("map-key-type",),
    lpm_key_prefix: ("lpm-key-prefix",),
    map_types_required: ("map-types-required",),
    half_typed_map: ("half-typed-map",),
    inner_map_kind: ("inner-map-kind",),
    inner_map_pinning: ("inner-map-pinning",),
    inner_map_types: ("inner-map-types",),
    slot_map: ("slot-map",),
    slot_key_size: ("slot-key-size",),
    slot_access: ("slot-access",),
    map_name_length: ("map-name-length",),
    map_name_clash: ("map-name-clash",),
    macro_name: ("macro-name",),
    vmlinux_clash: ("vmlinux-clash",),
    arena_twice: ("arena-twice",),
    padded_keys: ("key-padding",),
    padded_values: ("value-padding",),
    special_fields: (
        "special-field-hidden",
        "special-field-twice",
        "special-field-locks",
        "special-field-count",
        "special-field-alignment",
        "special-field-size",
        "special-field-bitfield",
        "special-field-version",
        "special-field-nodes",
        "special-field-lock",
        "special-field-contains",
        "special-field-cycle",
        "kptr-tag",
        "kptr-meaning",
        "kptr-target",
        "kptr-destructor",
    ),
    field_places: (
        "special-field-kind",
        "special-field-untyped",
        "special-field-hidden",
        "special-field-version",
        "special-field-access",
        "special-field-mmap",
    ),
    btf_version: ("btf-version", "bit-field-version", "enum64-version"),
    btf_refused: ("btf-refused",),
    percpu_value_size: ("percpu-value-size",),
    flexible_ends: ("flexible-value", "flexible-key"),
    value_alignment: ("value-alignment",),
    shared_types: (
        "long-in-shared-type",
        "char-in-shared-type",
        "long-double-in-shared-type",
        "int128-in-shared-type",
        "pointer-in-key",
        "pointer-in-value",
    ),
}
"""Every rule, in the order in which they are asked, and the codes that it owns."""


def check(
    model: Model,
    kernel: KernelVersion | None,
    style: str,
    loaders: Mapping[str, KernelVersion | None] | None = None,
    machine: Machine | None = None,
    vmlinux: Kernel | None = None,
) -> Iterator[Diagnostic]:
    """Yield what the rules say of *model*; *kernel* and *loaders* override the file's own target.

    A loader whose version is None isn't aimed at. *machine* is where the maps are loaded, if that
    isn't just any, and *vmlinux* the kernel whose vmlinux.h programs include, if it is known.
    """
    target = Target.of(model, kernel, style, loaders, machine, vmlinux)
    reported: set[object] = set()
    for rule in RULES:
        for diagnostic in rule(model, target):
            mistake = _mistake(diagnostic)
            if mistake not in reported:
                reported.add(mistake)
                yield diagnostic


def _mistake(diagnostic: Diagnostic) -> object:
    """Return what is the same for two complaints about one mistake.

    A template's comes up again at each of its uses, inner ones too: at one place, all of them are
    the same.
    """
    span, subject = diagnostic.span, diagnostic.subject
    if isinstance(diagnostic, Unmet):  # of one place, several loaders have something to say
        place = span and (span.source.name, span.start)
        return (diagnostic.code, place or subject, diagnostic.loader, diagnostic.feature)
    if span is None or subject is None:
        return (diagnostic.code, subject)
    name, part = subject.name, subject.part
    if subject.kind in ("map", "template"):
        name, part = "", part.removeprefix(INNER)
    return (diagnostic.code, span.source.name, span.start, name, part)
