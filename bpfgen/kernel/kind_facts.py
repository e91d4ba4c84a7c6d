"""What the tables say of one kind of map, as a person reads it: titles and short texts.

`bpfgen kinds`, docs/map-kinds.md and what an editor shows of a kind are made of these.
"""

from __future__ import annotations

from bpfgen.kernel.loaders import LOADERS
from bpfgen.kernel.map_flags import MAP_FLAGS
from bpfgen.kernel.map_kind import NO_ENTRIES, NO_SIZE
from bpfgen.kernel.special_fields import SPECIAL_FIELDS
from bpfgen.kernel.targets import TARGETS
from bpfgen.kernel.version import format_version
from bpfgen.record import TYPE_CHECKING

if TYPE_CHECKING:
    from bpfgen.kernel.map_kind import Entries, MapKind, Sizes
    from bpfgen.kernel.support import Support


def filled_in(kind: MapKind) -> list[str]:
    """Return the attributes that bpfgen fills in where the source is silent, as one writes them."""
    attributes = [
        f"{name} = {size}"
        for name, size in (("key_size", kind.key_size), ("value_size", kind.value_size))
        if size is not None
    ]
    if kind.required_flags:
        attributes.append(f"map_flags = {' | '.join(kind.required_flags)}")
    return attributes


def sizes_text(kind: MapKind, role: str) -> str:
    """Return the sizes of *kind*'s `key` or `value`: `4`, `4 or 8`, `8..1016 by 8`, `none`."""
    if kind.from_variable and role == "value":
        return "of the struct"
    sizes: Sizes = kind.key_sizes if role == "key" else kind.value_sizes
    if sizes == NO_SIZE:
        return "none"
    if sizes.least == sizes.most:
        return str(sizes.least)
    if sizes.most - sizes.least == sizes.multiple:
        return f"{sizes.least} or {sizes.most}"
    by = f" by {sizes.multiple}" if sizes.multiple > 1 else ""
    return f"{sizes.least}..{_number(sizes.most)}{by}"


def entries_text(kind: MapKind) -> str:
    """Return what `max_entries` of *kind* may be: `1..2^27`, `none`."""
    entries: Entries = kind.entries
    if entries == NO_ENTRIES:
        return "none"
    if entries.least == entries.most:
        return str(entries.least)
    return f"{entries.least}..{_number(entries.most)}"


def _number(value: int) -> str:
    if value >= 1 << 16 and value & (value - 1) == 0:
        return f"2^{value.bit_length() - 1}"
    if value >= 1 << 16 and value & (value + 1) == 0:
        return f"2^{value.bit_length()}-1"
    return str(value)


_KEY_TYPES = {
    "any": "any",
    "int32": "an integer of 32 bits",
    "struct": "a struct",
    "cgroup key": "a 64-bit integer or struct bpf_cgroup_storage_key",
}
_BTF = {
    "optional": "taken, both or neither",
    "required": "required",
    "dropped": "not taken: libbpf keeps them back",
    "none": "there are none",
}


def facts(kind: MapKind) -> list[tuple[str, str]]:
    """Return what is known of *kind* beyond its name, number and age: pairs of title and text."""
    rows = [
        ("key size", _history(sizes_text(kind, "key"), kind.key_sizes)),
        ("value size", _history(sizes_text(kind, "value"), kind.value_sizes)),
        ("max_entries", _entries(kind)),
        ("map_flags", ", ".join(_dated(n, MAP_FLAGS[n].since, kind) for n in kind.flags) or "none"),
        ("needs", ", ".join(kind.required_flags) or "no flag"),
        ("map_extra", kind.map_extra or "must be 0"),
        ("numa_node", "with BPF_F_NUMA_NODE" if "BPF_F_NUMA_NODE" in kind.flags else "not taken"),
        ("BTF types", _BTF[kind.btf]),
    ]
    if kind.btf in ("optional", "required") and not kind.keyless:
        rows.append(("type of the key", _KEY_TYPES[kind.key_type]))
    rows += [
        ("special fields", _special_fields(kind)),
        ("inner map", "may be one" if kind.may_be_inner else "can't be one"),
        ("mmap", kind.mmap or "no"),
        ("capability", kind.capability or "none, where unprivileged users may use bpf(2)"),
        ("checked by", kind.source),
    ]
    loaders = [
        f"{TARGETS[name].title} {versions_text(table[kind.name])}"
        for name, table in LOADERS.items()
        if kind.name in table
    ]
    return [*rows, ("loaders", ", ".join(loaders))] if loaders else rows


def _history(text: str, sizes: Sizes) -> str:
    notes = [f"{size} since Linux {format_version(since)}" for size, since in sizes.since]
    if sizes.before is not None:
        since, most = sizes.before
        notes.append(f"at most {most} before Linux {format_version(since)}")
    return f"{text} ({', '.join(notes)})" if notes else text


def _entries(kind: MapKind) -> str:
    text = entries_text(kind)
    if kind.entries.pages:
        return f"{text} bytes, a power of two of whole pages"
    if kind.entries.filled_by_loader:
        return f"{text}; without it libbpf takes the number of CPUs"
    return f"{text} pages" if kind.entries.counts_pages else text


def _dated(name: str, since: tuple[int, int], kind: MapKind) -> str:
    """Return *name*, and the kernel that brought it where that is newer than *kind*."""
    return f"{name} ({format_version(since)})" if since > kind.since else name


def _special_fields(kind: MapKind) -> str:
    fields = []
    for name in kind.special_fields:
        field = SPECIAL_FIELDS[name]
        since = max(field.since, kind.kptr_since) if field.pointer else field.since
        fields.append(_dated(name, since, kind))
    return ", ".join(fields) or "none"


def versions_text(support: Support) -> str:
    """Return the versions of a loader that do what *support* is about."""
    if support.since is None:
        newer = support.before_kernel
        return "none" if newer is None else f"none; none is needed from Linux {newer[0]}.{newer[1]}"
    since = f"since {format_version(support.since)}" if any(support.since) else "always"
    return since if support.until is None else f"before {format_version(support.until)}"
