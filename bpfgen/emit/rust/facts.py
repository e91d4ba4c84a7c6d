"""What a module says of each map: a type without values, with a constant for each fact.

After the types. What a loader decides before load has no constant, so that nobody relies on it.
"""

from __future__ import annotations

from bpfgen.emit.rust.comments import doc
from bpfgen.emit.rust.form import hexadecimal, literal
from bpfgen.emit.rust.names import type_name
from bpfgen.emit.user_space.identifiers import MAP
from bpfgen.record import TYPE_CHECKING, Record

if TYPE_CHECKING:
    from bpfgen.emit.rust.layout import Layouts
    from bpfgen.emit.rust.names import Scope
    from bpfgen.emit.user_space.facts import MapFacts
    from bpfgen.emit.user_space.identifiers import Surface
    from bpfgen.emit.user_space.types import UserType

FINGERPRINT_DIGITS = 16
"""Hexadecimal digits of a fingerprint's 64 bits."""

RECORD = "Returns the record at the start of `bytes`, which may be longer (perf pads them)."
"""What is said of the function that makes a record of bytes."""

NO_KEY = "()"
"""The type of the keys of a map that has none."""


class RustMap(Record):
    """A map as the module has it.

    Attributes:
        name: That of the map in the source; of what holds it, for an inner map.
        inside: Tells an inner map from what holds it: `inner.` for each level.
        type: The name of the type that stands for it: `FlowsMap`.
        key: The type of its keys, `()` where there are none; None where it isn't known.
        value: The same of its values; None where there are none, too.
        record: The same of its records.
    """

    name: str
    inside: str
    type: str
    facts: MapFacts
    key: str | None
    value: str | None
    record: str | None


def rust_maps(facts: MapFacts, layouts: Layouts, scope: Scope) -> list[RustMap]:
    """Return what the module says of the map *facts* is about, and of the maps in it."""
    maps: list[RustMap] = []
    words: tuple[str, ...] = (facts.name,)
    current: MapFacts | None = facts
    while current is not None:
        name = scope.type(
            type_name((*words, "map")), f"map `{facts.name}`", facts.span, is_value=True
        )
        kind = current.kind
        key = _argument(current.key, current.key_size, kind.key_size, layouts)
        if current.key_size == 0:
            key = NO_KEY
        value = _argument(current.value, current.value_size, kind.value_size, layouts)
        record = layouts.type(current.record) if current.record is not None else None
        inside = "inner." * (len(words) - 1)
        maps.append(RustMap(facts.name, inside, name, current, key, value, record))
        words = (*words, "inner")
        current = current.inner
    return maps


def _argument(
    type: UserType | None, size: int | None, of_kind: int | None, layouts: Layouts
) -> str | None:
    """Return the type of keys or values of *type*; bytes, or a number of the kernel's, without."""
    if type is not None:
        return layouts.type(type)
    if not size:
        return None
    return "u32" if size == of_kind == 4 else f"[u8; {size}]"


def write_map(map: RustMap) -> list[str]:
    """Return the type that stands for *map*, with its facts."""
    facts = map.facts
    about = doc(facts.doc) or [f"/// The map `{facts.name}`."]
    if not facts.name:
        about = ["/// The maps in the map before this one."]
    lines = [*about, "#[derive(Clone, Copy, Debug)]", "#[allow(dead_code)]"]
    lines += [f"pub struct {map.type};", "", "#[allow(dead_code)]", f"impl {map.type} {{"]
    if facts.name:
        lines.append(f'    pub const NAME: &\'static str = "{facts.name}";')
        lines.append("    /// The name as the kernel keeps it.")
        lines.append(f'    pub const KERNEL_NAME: &\'static str = "{facts.kernel_name}";')
    lines.append(f"    /// `{facts.kind.constant}`.")
    lines.append(f"    pub const MAP_TYPE: u32 = {facts.kind.number};")
    for name, value in (("KEY_SIZE", facts.key_size), ("VALUE_SIZE", facts.value_size)):
        if value is not None:
            lines.append(f"    pub const {name}: u32 = {literal(value)};")
    if facts.stride is not None:
        lines.append("    /// Bytes from the value of one CPU to that of the next.")
        lines.append(f"    pub const STRIDE: u32 = {literal(facts.stride)};")
    for name, value in (("MAX_ENTRIES", facts.max_entries), ("MAP_FLAGS", facts.map_flags)):
        if value is not None:
            lines.append(f"    pub const {name}: u32 = {literal(value)};")
    if facts.map_extra:
        lines.append(f"    pub const MAP_EXTRA: u64 = {literal(facts.map_extra)};")
    if facts.fingerprint is not None:
        lines.append(
            "    /// Kind and layout, as `bpfgen inspect` shows it of an object or a running map."
        )
        fingerprint = hexadecimal(facts.fingerprint, FINGERPRINT_DIGITS)
        lines.append(f"    pub const FINGERPRINT: u64 = {fingerprint};")
    return [*lines, "}"]


def declare_map(map: RustMap, surface: Surface) -> None:
    """Add what :func:`write_map` and :func:`write_types` declare to *surface*."""
    facts = map.facts
    inside = map.inside
    origin = (MAP, map.name)
    surface.add(origin, map.type, "struct", f"{inside}map")
    named = facts.name or None
    for name, value, type in (
        ("NAME", named, "&'static str"),
        ("KERNEL_NAME", named, "&'static str"),
        ("MAP_TYPE", facts.kind.number, "u32"),
        ("KEY_SIZE", facts.key_size, "u32"),
        ("VALUE_SIZE", facts.value_size, "u32"),
        ("STRIDE", facts.stride, "u32"),
        ("MAX_ENTRIES", facts.max_entries, "u32"),
        ("MAP_FLAGS", facts.map_flags, "u32"),
        ("MAP_EXTRA", facts.map_extra or None, "u64"),
        ("FINGERPRINT", facts.fingerprint, "u64"),
    ):
        if value is not None:
            surface.add(origin, f"{map.type}::{name}", type, f"{inside}{name}")
    if map.key is not None and map.value is not None:
        surface.add(origin, f"{map.type} as KeyValue::Key", map.key, f"{inside}Key")
        surface.add(origin, f"{map.type} as KeyValue::Value", map.value, f"{inside}Value")
    if map.record is not None:
        surface.add(origin, f"{map.type} as Records::Record", map.record, f"{inside}Record")


def write_types(map: RustMap, words: dict[str, str]) -> list[str]:
    """Return the traits that name the types of *map*; *words* has the names of the traits."""
    lines: list[str] = []
    if map.key is not None and map.value is not None:
        lines += ["", f"impl {words['KeyValue']} for {map.type} {{", f"    type Key = {map.key};"]
        lines += [f"    type Value = {map.value};", "}"]
    if map.record is not None:
        lines += ["", f"impl {words['Records']} for {map.type} {{"]
        lines += [f"    type Record = {map.record};", "}"]
    return lines
