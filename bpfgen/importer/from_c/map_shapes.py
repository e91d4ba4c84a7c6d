"""The shape of a map in C as text of the language: `hash<K, V>[N] { … }`.

Expressions and types are text here, as they stood in C; what is `runtime` the C left open.
"""

from __future__ import annotations

from bpfgen.importer.from_c.errors import CError
from bpfgen.kernel.attribute_words import attribute_named
from bpfgen.kernel.map_kind import ATTRIBUTES, NO_ENTRIES
from bpfgen.model.maps import MAP_KINDS, RUNTIME_ATTRIBUTES
from bpfgen.record import TYPE_CHECKING
from bpfgen.text.spelling import closest

if TYPE_CHECKING:
    from collections.abc import Iterable

    from bpfgen.model.maps import MapKind

LEGACY_MEMBERS = {
    "type": "type",
    "key_size": "key_size",
    "size_key": "key_size",
    "value_size": "value_size",
    "size_value": "value_size",
    "max_entries": "max_entries",
    "max_elem": "max_entries",
    "map_flags": "map_flags",
    "flags": "map_flags",
}
"""Members of struct bpf_map_def, and of iproute2's struct bpf_elf_map."""

LEGACY_ORDER = {
    "bpf_elf_map": (
        *("type", "size_key", "size_value", "max_elem", "flags"),
        *("id", "pinning", "inner_id", "inner_idx"),
    ),
}
"""The members of the structs in section `maps` that differ from struct bpf_map_def, in order.

Source: iproute2, include/bpf_elf.h.
"""

IN_ORDER = ("type", "key_size", "value_size", "max_entries", "map_flags")
"""The members of struct bpf_map_def, in order. Source: libbpf 0.8, bpf_helpers.h."""

NOTHING = frozenset(("", "0", "0u", "0U", "NULL", "PIN_NONE", '""', "{0}", "{}"))
"""Values of a member that say nothing."""

_PINNING = {"LIBBPF_PIN_BY_NAME": "by_name", "1": "by_name", "LIBBPF_PIN_NONE": "none", "0": "none"}


def map_kind(text: str) -> MapKind:
    """Return the map kind that *text*, the expanded value of `type`, names.

    Raises:
        CError: There is none of that name or number.
    """
    while text.startswith("(") and text.endswith(")"):
        text = text[1:-1].strip()
    name = text.removeprefix("BPF_MAP_TYPE_").lower()
    kind = MAP_KINDS.get(name.removesuffix("_deprecated"))
    if kind is None:
        digits = text.rstrip("uUlL")
        try:
            number = int(digits, 0)
        except ValueError:
            number = -1
        kind = next((row for row in MAP_KINDS.values() if row.number == number), None)
    if kind is None:
        raise CError(f"its type is {f'`{text}`' if text else 'missing'}, which is no map kind")
    return kind


def known_members(names: Iterable[str]) -> None:
    """Pass over *names*, the members of a definition.

    Raises:
        CError: libbpf knows none of one of these names.
    """
    for name in names:
        if name not in ATTRIBUTES:
            raise _unknown(name)


def _unknown(name: str) -> CError:
    meant = attribute_named(name) or closest(name, ATTRIBUTES)
    advice = f"; did you mean `{meant}`?" if meant else ""
    return CError(f"a map has no attribute `{name}`, which libbpf refuses{advice}")


def shape(
    kind: MapKind,
    types: dict[str, str],
    numbers: dict[str, str],
    inner: str = "",
    *,
    record: str = "",
    legacy: bool = False,
) -> str:
    """Return the shape as text, from C types and expressions.

    *inner* is the shape of inner maps, or the name of their template; *record* the type of records,
    which takes the sizes that the kernel wants along.

    Raises:
        CError: There is an attribute that maps don't have.
    """
    types, numbers = dict(types), dict(numbers)
    for name in types:
        if name not in ("key", "value"):
            raise _unknown(name)
    has_key = "key" in types
    has_value = "value" in types or bool(inner)
    arguments: list[str] = []
    if inner and not has_key and "value" in types:
        raise CError("it has both `value` and `values`, but no type for the key")
    if kind.of_maps and has_key and (inner or "value" not in types):
        arguments = [types.pop("key")] + ([inner] if inner else [])
    elif record:
        arguments = [record]
    elif kind.keyless and not kind.has_record and list(types) == ["value"]:
        arguments = [types.pop("value")]
    elif not kind.keyless and not kind.of_maps and len(types) == 2:
        arguments = [types.pop("key"), types.pop("value")]
    elif inner:
        types["value"] = inner
    entries = numbers.pop("max_entries", "")
    if not entries and kind.entries != NO_ENTRIES and not kind.entries.filled_by_loader:
        entries = "runtime"
    lines = [f"{name} = {_indented(text)};" for name, text in types.items()]
    for name, text in numbers.items():
        if name == "pinning":
            lines.append(f"pinning = {_PINNING.get(text, text)};")
        elif name in RUNTIME_ATTRIBUTES:
            lines.append(f"{name} = {text};")
        else:
            raise _unknown(name)
    if kind.required_flags and "map_flags" not in numbers:
        lines.append("map_flags = runtime;")
    for role, typed in (("key", has_key), ("value", has_value)):
        name = f"{role}_size"
        is_left_open = not typed and not record and name not in numbers and not legacy
        if (kind.key_sizes if role == "key" else kind.value_sizes).most and is_left_open:
            lines.append(f"{name} = runtime;")
    brackets = f"<{', '.join(arguments)}>" if arguments else ""
    number = f"[{entries}]" if entries else ""
    braces = "".join(f"    {line}\n" for line in lines)
    return f"{kind.name}{brackets}{number}" + (f" {{\n{braces}}}" if braces else "")


def _indented(text: str) -> str:
    """Return *text* with its lines but the first one level deeper."""
    return text.replace("\n", "\n    ")
