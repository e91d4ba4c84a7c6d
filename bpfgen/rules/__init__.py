"""What C, libbpf and the kernel ask of a model: generators of diagnostics, and who may allow what.

A rule takes the model and what it is checked against and yields diagnostics; it changes nothing.
"""

from __future__ import annotations

from bpfgen.record import TYPE_CHECKING
from bpfgen.rules.fields.places import field_places
from bpfgen.rules.fields.special_fields import special_fields
from bpfgen.rules.maps.definitions import conflicting_sizes, style_limits, undefinable_kinds
from bpfgen.rules.maps.entries import max_entries, ringbuf_page_size, ringbuf_size
from bpfgen.rules.maps.flags import (
    map_extra,
    map_flags,
    map_flags_missing,
    map_flags_pair,
    numa_node,
)
from bpfgen.rules.maps.inner import inner_map_kind, inner_map_pinning, slot_key_size, slot_map
from bpfgen.rules.maps.libbpf import arena_twice
from bpfgen.rules.maps.names import map_name_clash, map_name_length
from bpfgen.rules.maps.sizes import map_element_size, map_key_size, map_value_size
from bpfgen.rules.maps.versions import kernel_version
from bpfgen.rules.types.btf_types import (
    half_typed_map,
    lpm_key_prefix,
    map_key_type,
    map_types_required,
)
from bpfgen.rules.types.btf_versions import btf_version
from bpfgen.rules.types.macros import macro_name
from bpfgen.rules.types.padding import padded_keys, padded_values
from bpfgen.rules.types.shared import flexible_value, percpu_value_size, shared_types

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from bpfgen.kernel.version import KernelVersion
    from bpfgen.model.model import Model
    from bpfgen.text.diagnostics import Diagnostic

    Rule = Callable[[Model, "Target"], Iterator[Diagnostic]]

from bpfgen.rules.target import Target

RULES: tuple[Rule, ...] = (
    undefinable_kinds,
    conflicting_sizes,
    style_limits,
    kernel_version,
    map_key_size,
    map_value_size,
    map_element_size,
    max_entries,
    ringbuf_size,
    ringbuf_page_size,
    map_flags,
    map_flags_missing,
    map_flags_pair,
    numa_node,
    map_extra,
    map_key_type,
    lpm_key_prefix,
    map_types_required,
    half_typed_map,
    inner_map_kind,
    inner_map_pinning,
    slot_map,
    slot_key_size,
    map_name_length,
    map_name_clash,
    macro_name,
    arena_twice,
    padded_keys,
    padded_values,
    special_fields,
    field_places,
    btf_version,
    percpu_value_size,
    flexible_value,
    shared_types,
)
"""Every rule, in the order in which they are asked."""

ALLOWABLE = frozenset(
    {
        "arena-twice",
        "btf-version",
        "inner-map-kind",
        "inner-map-pinning",
        "kernel-version",
        "key-padding",
        "key-size-conflict",
        "kptr-tag",
        "kptr-target",
        "map-element-size",
        "map-extra",
        "map-flags",
        "map-flags-missing",
        "map-flags-pair",
        "map-key-size",
        "map-key-type",
        "map-name-clash",
        "map-types-required",
        "map-value-size",
        "max-entries",
        "numa-node",
        "pinning",
        "ringbuf-size",
        "slot-key-size",
        "slot-map",
        "special-field-access",
        "special-field-alignment",
        "special-field-bitfield",
        "special-field-contains",
        "special-field-count",
        "special-field-cycle",
        "special-field-hidden",
        "special-field-kind",
        "special-field-lock",
        "special-field-locks",
        "special-field-nodes",
        "special-field-size",
        "special-field-twice",
        "special-field-version",
        "value-size-conflict",
    }
)
"""The codes that an allowance can turn off: what can be emitted all the same."""


def check(model: Model, kernel: KernelVersion | None, style: str) -> Iterator[Diagnostic]:
    """Yield what the rules say of *model*; *kernel* overrides the file's own target."""
    target = Target.of(model, kernel, style)
    told: set[tuple[str, str, object]] = set()
    for rule in RULES:
        for diagnostic in rule(model, target):
            place = diagnostic.span and (diagnostic.span.source.name, diagnostic.span.start)
            what = (diagnostic.code, diagnostic.message, place)
            if what not in told:  # a template's mistake comes up again at each of its uses
                told.add(what)
                yield diagnostic
