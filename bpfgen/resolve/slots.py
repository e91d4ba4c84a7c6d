"""The initial values of maps of maps and of prog_array: which map or program is in which slot.

Part of resolving a map; loaded where a file has such values.
"""

from __future__ import annotations

from bpfgen.model.maps import Map, Slot
from bpfgen.model.model import ProgramDeclaration
from bpfgen.record import TYPE_CHECKING
from bpfgen.text.diagnostics import Edit, Label
from bpfgen.text.source import Span

if TYPE_CHECKING:
    from bpfgen.model.maps import Shape
    from bpfgen.resolve.lookup import Lookup
    from bpfgen.syntax.tree import MapItem, SlotNode


def resolve_slots(r: Lookup, node: MapItem, shape: Shape) -> list[Slot]:
    """Return the initial values of a map; wrong ones are reported and left out."""
    kind = shape.kind
    name = node.name.text
    if not (kind.of_maps or kind.of_programs):
        r.report.error(
            "slots",
            f"`{kind.name}` can't have initial values",
            node.slots[0].span if node.slots else node.span,
            notes=("libbpf initialises map-in-map and prog_array only (parse_btf_map_def)",),
            map=name,
            edits=_without_slots(node),
            changes_meaning=True,
        )
        return []
    if node.linkage == "extern":
        r.report.error(
            "slots",
            "an extern map is initialised where it is defined",
            node.slots[0].span if node.slots else node.span,
            map=name,
            edits=_without_slots(node),
            changes_meaning=True,
        )
        return []
    if kind.of_maps and shape.inner is None:
        r.report.error(
            "slots",
            "initial values need the definition of the inner maps",
            node.slots[0].span if node.slots else node.span,
            help=f"write it: `{kind.name}<key, hash<key, value>[max_entries]>`",
            map=name,
        )
        return []
    slots: list[Slot] = []
    places: dict[int, Span] = {}
    following = 0
    for slot in node.slots or []:
        index = following
        expression = None
        if slot.index is not None:
            expression = r.expression(slot.index)
            if expression is None:
                continue
            index = expression.value
        following = index + 1
        if index in places:
            r.report.error(
                "slot-twice",
                f"slot {index} is given twice",
                slot.span,
                labels=(Label(places[index], "first given here"),),
                map=name,
            )
            continue
        places[index] = slot.span
        if kind.slots_by_key and _is_one_too_many(r, shape, slot, len(places), node):
            continue
        if _is_sound(r, shape, slot, index, node):
            slots.append(Slot(index, slot.target.text, expression, slot.target.span))
    return slots


def _without_slots(node: MapItem) -> tuple[Edit, ...]:
    """Return the edit that leaves out the initial values of the map that *node* declares."""
    return (Edit(Span(node.span.source, node.shape.span.end, node.span.end), ""),)


def _with_room(shape: Shape, map: MapItem) -> tuple[Edit, ...]:
    """Return the edit that gives *map* as many entries as it has initial values, one by one."""
    entries = shape.attributes.get("max_entries")
    slots = map.slots or ()
    if entries is None or entries.span is None or any(slot.index is not None for slot in slots):
        return ()
    return (Edit(entries.span, str(len(slots))),)


def _is_one_too_many(r: Lookup, shape: Shape, node: SlotNode, number: int, map: MapItem) -> bool:
    """Return whether the initial value *node* is the first that doesn't fit, and report it.

    Of those after it nothing more is said: there is one mistake.
    """
    entries = shape.attributes.get("max_entries")
    limit = entries.value if entries is not None else None
    if entries is None or limit is None or limit <= 0 or number <= limit:
        return False
    if number == limit + 1:
        r.report.error(
            "slot-range",
            f"there are more initial values than entries: `max_entries` is {limit}",
            node.span,
            labels=(Label(entries.span, "declared here"),) if entries.span else (),
            notes=("the kernel refuses the next one with E2BIG when libbpf stores them",),
            help="make `max_entries` as large as there are values",
            map=map.name.text,
            edits=(edits := _with_room(shape, map)),
            changes_meaning=bool(edits),
        )
    return True


def _is_sound(r: Lookup, shape: Shape, node: SlotNode, index: int, map: MapItem) -> bool:
    """Return whether slot *index* of *map* can hold what *node* names; report why not."""
    name = map.name.text
    entries = shape.attributes.get("max_entries")
    limit = entries.value if entries is not None else None
    is_past = limit is not None and index >= limit and not shape.kind.slots_by_key
    if index < 0 or index >= 1 << 32 or is_past:
        r.report.error(
            "slot-range",
            f"there is no slot {index}" + (f": `max_entries` is {limit}" if is_past else ""),
            node.span,
            labels=(Label(entries.span, "declared here"),) if entries and entries.span else (),
            notes=("the kernel refuses it with E2BIG when libbpf fills the slots",),
            map=name,
            edits=(edits := _with_room(shape, map) if is_past else ()),
            changes_meaning=bool(edits),
        )
        return False
    target = r.slot_target(node.target)
    wanted = "map" if shape.kind.of_maps else "program"
    sound = isinstance(target, Map if shape.kind.of_maps else ProgramDeclaration)
    if sound:
        return True
    text = node.target.text
    if target is not None:
        actual = {"Map": "map", "ProgramDeclaration": "program"}.get(
            type(target).__name__, "constant or a type"
        )
        r.report.error(
            "slot-target",
            f"a slot of `{shape.kind.name}` holds a {wanted}, and `{text}` is a {actual}",
            node.target.span,
            map=name,
        )
        return False
    if (
        text in r.scope.ordinary
        or text in r.tree.lost_names
        or not r.is_unknown(node.target, wanted)
    ):
        return False
    from bpfgen.text.spelling import closest

    candidates = [n for n, e in r.scope.ordinary.items() if e.kind == wanted]
    declare = (
        f"declare it: `int {text}(struct __sk_buff *skb);`"
        if wanted == "program"
        else f"declare it: `map {text}: …`"
    )
    meant = closest(text, candidates)
    r.report.error(
        "slot-target",
        f"there is no {wanted} `{text}` here",
        node.target.span,
        help=declare if meant is None else f"did you mean `{meant}`?",
        map=name,
        edits=() if meant is None else (Edit(node.target.span, meant),),
    )
    return False
