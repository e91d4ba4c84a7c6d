"""The maps of one object as a table for people, as narrow as what they use."""

from __future__ import annotations

from bpfgen.ctype.describe import counted, described, in_bytes
from bpfgen.ctype.fingerprint import Fingerprints
from bpfgen.inspection.json import pinning_name, shown_fingerprint, type_name
from bpfgen.kernel.map_flags import flag_names
from bpfgen.kernel.map_kinds import MAP_KINDS
from bpfgen.object.records import LEGACY
from bpfgen.record import TYPE_CHECKING
from bpfgen.text.render import printable
from bpfgen.text.table import FILE, Columns, table

if TYPE_CHECKING:
    from bpfgen.ctype.types import Type
    from bpfgen.kernel.map_kind import MapKind
    from bpfgen.object.records import Definition, ObjectFile, ObjectMap
    from bpfgen.text.table import Page

HEADS = (
    "map",
    "linkage",
    "kind",
    "key",
    "value",
    "entries",
    "bytes per entry",
    "flags",
    "extra",
    "numa node",
    "pinning",
    "inner",
    "slots",
    "records",
    "tags",
    "fingerprint",
)
"""The columns. What every map has comes first: of a hundred maps, one has flags."""

ALWAYS = frozenset(("map", "kind", "key", "value", "entries", "bytes per entry"))

COLUMNS = Columns(HEADS, ALWAYS, frozenset(("entries", "bytes per entry")))

WIDEST = 60
"""Characters of a cell; what is longer is cut."""

SLOTS_SHOWN = 4
"""How many slots are listed in their cell; of the rest there is the number."""


def object_table(path: str, object: ObjectFile, page: Page = FILE) -> str:
    """Return what *object* is, the table of its maps with a sum, and what libbpf adds to them."""
    what = f"{object.byteorder}-endian, {counted(len(object.maps), 'map')}"
    if object.running:
        count = len(object.running)
        which = counted(count, "map") if count > 1 else f"map {object.running[0].id}"
        what = f"{which} of the running kernel"
    lines = [f"{printable(path)}: {what}"]
    if object.is_windows:
        lines[0] += "; for eBPF for Windows: kinds are its numbers, which are others than Linux's"
    if object.maps:
        fingerprints = Fingerprints()
        rows = [_cells(map, fingerprints) for map in object.maps]
        lines += ["", *table(COLUMNS, rows, page)]
        lines += _sums([map.definition for map in object.maps], page)
    others = [
        f"{internal.section}: array of 1, {counted(internal.size, 'byte')}"
        + _with_flags(internal.map_flags)
        for internal in object.internal_maps
    ]
    others += [
        f"{struct_ops.name} in {struct_ops.section}: struct_ops, struct {struct_ops.type_name} of "
        f"{counted(struct_ops.size, 'byte')}{_with_flags(struct_ops.map_flags)}"
        for struct_ops in object.struct_ops
    ]
    if others:
        made = "made of a program's variables:" if object.running else "made by libbpf:"
        lines += ["", made, *(f"  {printable(other)}" for other in others)]
    for running in object.running:
        # A file needs none of it.
        from bpfgen.inspection.running import running_lines

        lines += ["", *running_lines(running, page)]
    return "\n".join(lines) + "\n"


def _with_flags(flags: int) -> str:
    return f", {_flags(flags)}" if flags else ""


def _flags(flags: int) -> str:
    return " | ".join(flag_names(flags))


def _cells(map: ObjectMap, fingerprints: Fingerprints) -> dict[str, str]:
    """Return the cells of one row by the heads of their columns; empty ones may be missing."""
    definition = map.definition
    linkage = [] if map.linkage == "global" else [map.linkage]
    if map.definition.style == LEGACY:
        linkage.append("legacy" if map.section == "maps" else f"legacy, in {map.section}")
    cells = {
        "map": map.name,
        "linkage": " ".join(linkage),
        "kind": _kind(definition),
        "key": _type(definition.key, definition.key_size),
        "value": _value(definition),
        "entries": entries_text(definition.kind, definition.max_entries),
        "flags": _flags(definition.map_flags),
        "extra": f"{definition.map_extra:#x}" if definition.map_extra else "",
        "numa node": str(definition.numa_node) if "numa_node" in definition.numbers else "",
        "pinning": "by_name" if pinning_name(definition) == "by_name" else "",
        "inner": "" if definition.inner is None else shape(definition.inner),
        "slots": _slots(map.slots),
        "records": "" if map.record is None else described(map.record),
        "tags": ", ".join(map.decl_tags),
        "fingerprint": shown_fingerprint(map, fingerprints) or "",
        "bytes per entry": f"{definition.key_size} + {definition.value_size}",
    }
    return {head: _cut(printable(text)) for head, text in cells.items() if text}


def entries_text(kind: MapKind | None, max_entries: int) -> str:
    """Return *max_entries* of a map of *kind* with its unit, where that isn't elements."""
    if kind is not None and kind.entries.pages:
        return in_bytes(max_entries)
    pages = "pages" if kind is not None and kind.entries.counts_pages else ""
    return f"{max_entries} {pages}".rstrip()


def _sums(definitions: list[Definition], page: Page) -> list[str]:
    """Return what all maps hold together, as lines; none where that is nothing.

    It is what the definitions ask for, not what the kernel will allocate for it.
    """
    buffers = values = 0
    is_per_cpu = False
    for definition in definitions:
        kind = MAP_KINDS.get(type_name(definition) or "")
        if kind is not None and kind.entries.pages:
            buffers += definition.max_entries
        else:
            values += (definition.key_size + definition.value_size) * definition.max_entries
            is_per_cpu = is_per_cpu or (kind is not None and kind.per_cpu)
    parts = []
    if values:
        cpu = " (per-CPU values counted once)" if is_per_cpu else ""
        parts.append(f"{values:,} bytes of keys and values{cpu}")
    if buffers:
        parts.append(f"{in_bytes(buffers)} of ring buffers")
    if not parts:
        return []
    line = f"in all: {', '.join(parts)}"
    if page.width is not None and len(line) > page.width:
        return ["", "in all:", *(f"  {part}" for part in parts)]
    return ["", line]


def _kind(definition: Definition) -> str:
    return type_name(definition) or str(definition.type)


def _type(type: Type | None, size: int) -> str:
    if type is not None:
        return described(type)
    return counted(size, "byte") if size else "-"


def _value(definition: Definition) -> str:
    if definition.value is None and definition.values:
        return definition.values
    return _type(definition.value, definition.value_size)


def shape(definition: Definition) -> str:
    """Return a definition in the short form of the language: `hash<__u32, __u64>[64]`."""
    arguments = [
        _type(type, size)
        for type, size in (
            (definition.key, definition.key_size),
            (definition.value, definition.value_size),
        )
        if type is not None or size
    ]
    inside = f"<{', '.join(arguments)}>" if arguments else ""
    flags = f" {{ {_flags(definition.map_flags)} }}" if definition.map_flags else ""
    return f"{_kind(definition)}{inside}[{definition.max_entries}]{flags}"


def _slots(slots: tuple[tuple[int, str], ...]) -> str:
    shown = [f"[{index}] = {target}" for index, target in slots[:SLOTS_SHOWN]]
    if len(slots) > SLOTS_SHOWN:
        shown.append(f"{len(slots) - SLOTS_SHOWN} more")
    return ", ".join(shown)


def _cut(text: str) -> str:
    return text if len(text) <= WIDEST else f"{text[: WIDEST - 3]}..."
