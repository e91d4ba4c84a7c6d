"""What is said of a finding of `pin`: what has changed, what each loader makes of it, ways out."""

from __future__ import annotations

import os
import re
from shlex import quote

from bpfgen.changes.finding import Finding, Side
from bpfgen.changes.pin.pinned import is_known
from bpfgen.ctype.describe import counted
from bpfgen.kernel.made import UNSHOWN_FLAGS, is_clamped, shown_entries
from bpfgen.kernel.map_flags import described_flags, flag_names, flags_value
from bpfgen.kernel.map_operations import MAP_OPERATIONS
from bpfgen.record import TYPE_CHECKING
from bpfgen.rules.maps.bpf_attr import with_article
from bpfgen.text.diagnostics import Subject
from bpfgen.text.spelling import expected_list

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bpfgen.changes.categories import Asked
    from bpfgen.changes.pairs import Pairs
    from bpfgen.changes.pin.differences import Difference
    from bpfgen.model.maps import Map
    from bpfgen.model.model import Model
    from bpfgen.rules.maps.bpf_attr import BpfAttr
    from bpfgen.text.source import Span

PIN_ROOT = "/sys/fs/bpf"
"""Where libbpf and aya pin, unless their user says otherwise (BPF_FS_DEFAULT_PATH)."""

_CODES = {
    "type": "break-pin-kind",
    "key_size": "break-pin-key-size",
    "value_size": "break-pin-value-size",
    "max_entries": "break-pin-max-entries",
    "map_flags": "break-pin-map-flags",
    "map_extra": "break-pin-map-extra",
}

_CILIUM = {
    "key_size": "KeySize",
    "value_size": "ValueSize",
    "max_entries": "MaxEntries",
    "map_flags": "Flags",
}
"""As cilium/ebpf calls what it compares, in its message."""


def different(one: Difference, pairs: Pairs, asked: Asked) -> Finding:
    """Return the finding that *one* of *pairs* is."""
    name = one.name
    values = _value(one.old, name, one.there, asked), _value(one.new, name, one.wanted, asked)
    # Of several maps the first one is named: which others there are may depend on a condition.
    whose = f"map `{one.maps[0]}`"
    # The kernel cuts names, and a loader pins by the whole one.
    path = asked.pins.get(one.maps[0]) or _path(one.new.map or "", asked)
    message = f"`{name}` of {whose} is {values[1]}, and was {values[0]}"
    if name == "type":
        message = f"{whose} is {with_article(one.new.kind)}, and was {with_article(one.old.kind)}"
        values = f"`{values[0]}`", f"`{values[1]}`"
    return Finding(
        _CODES[name],
        message,
        Side(values[0], _place(one.old, name, pairs.old)),
        Side(values[1], _place(one.new, name, pairs.new)),
        Subject("map", one.maps[0], name),
        one.maps,
        tuple(_happens(one, path, asked)),
        tuple(_ways(one, path)),
    )


def gone(old: Map, asked: Asked) -> Finding:
    """Return that a pinned map is gone."""
    path = _path(old.name, asked)
    return Finding(
        "break-pin-gone",
        f"map `{old.name}`, {_which(old, None, asked)}, is gone",
        Side(f"`{old.shape.kind.name}`", old.span),
        Side(),
        Subject("map", old.name),
        (old.name,),
        (
            f"nobody removes {path}, which keeps the old map with all that is in it",
            "whoever opens the pin finds what the old version has left, and nothing new",
        ),
        (
            f"remove the pin with the old version: `rm {quote(path)}`",
            "keep the map declared as long as somebody reads the pin",
        ),
    )


def renamed(old: Map, new: Map, asked: Asked) -> Finding:
    """Return that a pinned map has another name."""
    path = _path(old.name, asked)
    other = os.path.join(os.path.dirname(path), new.name)
    return Finding(
        "break-pin-renamed",
        f"map `{old.name}`, {_which(old, new, asked)}, is `{new.name}` now",
        Side(f"`{old.name}`", old.span),
        Side(f"`{new.name}`", new.span),
        Subject("map", old.name),
        (old.name,),
        (
            f"loaders look for {other}, find nothing, and make an empty map",
            f"what the old map holds stays at {path}, where nobody writes to it any more",
        ),
        (
            f"keep the name `{old.name}`",
            f"rename the pin before the new version is loaded: `mv {quote(path)} {quote(other)}`",
            f"move the entries over, and remove the old pin: `rm {quote(path)}`",
        ),
    )


def unpinned(old: Map, new: Map, asked: Asked) -> Finding:
    """Return that a map isn't pinned any more."""
    path = _path(old.name, asked)
    pinning = old.shape.attributes["pinning"]
    other = new.shape.attributes.get("pinning")
    return Finding(
        "break-pin-unpinned",
        f"map `{old.name}` was pinned, and isn't any more",
        Side("`by_name`", pinning.span or old.span),
        Side("`none`" if other is not None else "", (other and other.span) or new.span),
        Subject("map", old.name, "pinning"),
        (old.name,),
        (
            "each load makes an empty map, which goes with the program that uses it",
            f"what the old map holds stays at {path}, where nobody writes to it any more",
        ),
        (
            "leave `pinning = by_name` where it was",
            "where a loader pins the map on its own, name it in `pinned` of [tool.bpfgen.breaking]",
            f"remove the pin with the old version: `rm {quote(path)}`",
        ),
    )


def _which(old: Map, new: Map | None, asked: Asked) -> str:
    return "which is pinned" if is_known(old, new, asked) else "which may be pinned"


def successor(name: str) -> str:
    """Return a name for the next version of the map *name*: `flows_v2`, and `flows_v3` after it."""
    found = re.fullmatch(r"(.+?_?[vV])(\d{1,4})", name)
    return f"{found[1]}{int(found[2]) + 1}" if found else f"{name}_v2"


def _place(attr: BpfAttr, name: str, model: Model) -> Span | None:
    """Return where *attr*, of *model*, says what *name* is; the kind of a template, in that."""
    if name != "type" or not attr.shape.template:
        return attr.place(name)
    template = model.templates.get(attr.shape.template)  # else of a file that is imported
    return attr.place(name) if template is None else template.shape.span


def _path(name: str, asked: Asked) -> str:
    """Return where OLD's map *name* is pinned, or where it is unless a loader is told otherwise."""
    return asked.pins.get(name) or f"{PIN_ROOT}/{name}"


def _value(attr: BpfAttr, name: str, number: int, asked: Asked) -> str:
    """Return *number* as the value of *name*, as messages have it."""
    match name:
        case "type":
            return attr.kind.name
        case "key_size" | "value_size":
            return counted(number, "byte")
        case "map_flags":
            return f"`{described_flags(number)}`"
        case "max_entries":
            if number == 0 and attr.kind.entries.filled_by_loader:
                return "the number of CPUs"
            if attr.max_entries != number and attr.kind.entries.pages:
                return f"{number} ({attr.max_entries} in pages of {asked.page} bytes)"
            return str(number)
        case _:
            return str(number)


def _happens(one: Difference, path: str, asked: Asked) -> list[str]:
    refuses = "libbpf refuses to load the new object where the old map is pinned, with EINVAL"
    happens = [f"{refuses}: couldn't reuse pinned map at '{path}': parameter mismatch"]
    if one.follows:
        also = expected_list([f"`{name}`" for name in one.follows], "and")
        happens.append(f"{also} {'differ' if len(one.follows) > 1 else 'differs'} with it")
    return [*happens, _for_cilium(one), _for_aya(one), *_never(one, asked)]


def _never(one: Difference, asked: Asked) -> Iterator[str]:
    """Yield why loaders take no map up again that is declared as NEW's, changed or not."""
    kind, never = one.new.kind, "no such map is taken up again, changed or not"
    if one.name == "map_flags":
        for name in flag_names(one.wanted & flags_value(UNSHOWN_FLAGS)):
            yield f"the kernel doesn't show {name}: {never}"
    if one.name == "max_entries":
        made = shown_entries(kind, one.wanted, one.new.map_flags or 0, asked.cpus or 0)
        if made != one.wanted:
            yield f"of {one.wanted} entries the kernel makes {made} for {asked.cpus} CPUs: {never}"


def _for_cilium(one: Difference) -> str:
    if one.name == "map_extra":
        return "cilium/ebpf takes the old map, with the old `map_extra`: it doesn't compare that"
    if one.for_cilium is not None:
        why = "it is of another type"
        if one.name in _CILIUM:
            why = f"{_CILIUM[one.name]}: {one.for_cilium[0]} changed to {one.for_cilium[1]}"
        return f"cilium/ebpf refuses the old map with ErrMapIncompatible: {why}"
    if one.name == "max_entries" and is_clamped(one.new.kind):
        return "cilium/ebpf refuses the old map unless its entries are as many as CPUs"
    return "cilium/ebpf takes the old map as it is"


def _for_aya(one: Difference) -> str:
    takes = "aya takes the old map and compares nothing"
    old, new = one.there, one.wanted
    match one.name:
        case "type":
            return f"{takes}: its typed map is not what the kernel has"
        case "key_size" if old > new:
            return f"{takes}: the kernel reads {old} bytes where a key of {new} is"
        case "key_size":
            return f"{takes}: the kernel reads {old} of the {new} bytes of a key"
        case "value_size" if one.new.kind.per_cpu:
            return f"{takes}: the kernel has values of {counted(old, 'byte')} for each CPU"
        case "value_size" if old > new:
            return f"{takes}: the kernel writes {old} bytes where there is room for {new}"
        case "value_size":
            return f"{takes}: the kernel fills {old} of the {new} bytes of a value"
        case _:
            return f"{takes}: it keeps its old `{one.name}`"


def _ways(one: Difference, path: str) -> list[str]:
    kind = one.new.kind
    ways = []
    if one.name == "value_size" and one.wanted > one.there:
        ways.append("let new members take the place of `reserved` bytes, so that the size stays")
    if one.name == "max_entries" and not kind.entries.filled_by_loader:
        ways.append("`max_entries = runtime` leaves it to the loader, which can ask the pinned map")
    moves = MAP_OPERATIONS[one.old.kind.name].walk and MAP_OPERATIONS[kind.name].update
    ways.append(
        f"give it another name, `{successor(one.new.map or '')}` say: the new version starts with"
        f" an empty map{', and can move the entries over' if moves else ''}"
    )
    ways.append(
        f"remove the pin before the new version is loaded: `rm {quote(path)}`"
        f"{'; what it holds is lost' if moves else ''}"
    )
    return ways
