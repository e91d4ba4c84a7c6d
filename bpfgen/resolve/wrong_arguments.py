"""Kinds and types of maps that don't fit: what is said, and what to type instead.

Beside `maps`, which loads it where there is such a mistake.
"""

from __future__ import annotations

from bpfgen.model.maps import MAP_KINDS
from bpfgen.record import TYPE_CHECKING
from bpfgen.syntax.tree import MapItem
from bpfgen.text.diagnostics import Diagnostic, Edit, Label
from bpfgen.text.source import Span
from bpfgen.text.spelling import closest, expected_list, fold

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from bpfgen.model.maps import MapKind
    from bpfgen.resolve.lookup import Lookup
    from bpfgen.syntax.tree import CompositeNode, ShapeNode, TypeNode

_COUNTS = {1: "one type", 2: "two types"}
_BOTH = 2
_STACK_TRACE = "__u64[127]"
"""The most frames that a stack_trace takes: PERF_MAX_STACK_DEPTH (stack_map_alloc)."""


_KIND_SYNONYMS = {
    **dict.fromkeys(("map", "hashmap", "hashtable", "dict", "table"), "hash"),
    **dict.fromkeys(("lru", "lruhashmap", "lrumap"), "lru_hash"),
    **dict.fromkeys(("lpm", "trie", "prefixtrie"), "lpm_trie"),
    **dict.fromkeys(("perf", "perfbuf", "perfbuffer", "perfevent"), "perf_event_array"),
    **dict.fromkeys(("ring", "ringbuffer"), "ringbuf"),
    **dict.fromkeys(("programarray", "progs", "programs", "tailcalls"), "prog_array"),
    **dict.fromkeys(("bloom",), "bloom_filter"),
    **dict.fromkeys(("vector", "list"), "array"),
    **dict.fromkeys(("fifo",), "queue"),
    **dict.fromkeys(("stacks", "stackmap"), "stack_trace"),
}
"""What people and other tools call a kind, folded: without case and underscores."""


def unknown_kind(r: Lookup, node: ShapeNode, map_name: str | None) -> None:
    """Report the kind of *node*, which is none and no template either."""
    name = node.kind.text
    if not r.is_unknown(node.kind, "kind"):
        return
    entry = r.scope.ordinary.get(name)
    if entry is not None and isinstance(entry.node, MapItem):
        r.report.add(_map_for_a_kind(r, node, entry.node, map_name))
        return
    names = [*MAP_KINDS, *(t for t, e in r.scope.tags.items() if e.kind == "template")]
    bare = name.lower().removeprefix("bpf_map_type_")
    edits: tuple[Edit, ...] = ()
    right = bare if bare in MAP_KINDS else _KIND_SYNONYMS.get(fold(bare))
    if right is not None:
        help_ = f"write `{right}`"
        edits = (Edit(node.kind.span, right),)
    else:
        right = closest(name, names)
        help_ = "" if right is None else f"did you mean `{right}`?"
        edits = () if right is None else (Edit(node.kind.span, right),)
    r.report.error(
        "map-kind",
        f"there is no map kind or template `{name}`",
        node.kind.span,
        help=help_ or "`bpfgen kinds` lists them all",
        map=map_name,
        edits=edits,
    )


def _map_for_a_kind(r: Lookup, node: ShapeNode, other: MapItem, map: str | None) -> Diagnostic:
    """Return what to say where the map *other* stands in the place of a kind."""
    name = other.name.text
    if r.is_template(other.shape.kind.text) and _is_kind_alone(other.shape):
        template = other.shape.kind.text
        return Diagnostic(
            "map-kind",
            f"`{name}` is a map, and here stands what a map is like: a kind or a template",
            node.kind.span,
            labels=(Label(other.name.span, "the map"),),
            help=f"write `{template}`, the template of that map",
            map=map,
            edits=(Edit(node.kind.span, template),),
        )
    template = f"{name}_shape"
    while template in r.scope.tags or template in r.scope.ordinary:
        template += "_"
    shape = other.shape.span
    text, end = shape.source.text, other.span.end
    end += text.startswith(";", end)
    is_itself = shape.start <= node.kind.span.start < shape.end
    is_plain = _is_kind_alone(node) and not is_itself and other.slots is None
    edits = (
        Edit(node.kind.span, template),
        Edit(shape, template),
        Edit(Span(shape.source, end, end), f"\ntemplate {template}: {shape.text};"),
    )
    return Diagnostic(
        "map-kind",
        f"`{name}` is a map, and here stands what a map is like: a kind or a template",
        node.kind.span,
        labels=(Label(other.name.span, "the map"),),
        help=f"write `template {template}: {_short(shape.text)};`, `map {name}: {template};`, and "
        f"`{template}` here",
        map=map,
        edits=edits if is_plain else (),
        changes_meaning=is_plain,
    )


def _is_kind_alone(shape: ShapeNode) -> bool:
    """Return whether *shape* is a name and no more."""
    return shape.arguments is None and shape.entries is None and not shape.attributes


def _short(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= 60 else f"{line[:57]}…"


def map_for_a_key(
    kind: MapKind, arguments: Sequence[TypeNode | ShapeNode], map: str | None
) -> Diagnostic:
    """Return what to say of a map of maps whose *arguments* begin with the inner map."""
    inner, *others = (argument.span for argument in arguments)
    key = others[0].text if others else "__u32" if kind.indexed else ""
    last = others[-1] if others else inner
    right = f"{key or 'key'}, {inner.text}"
    return Diagnostic(
        "type-arguments",
        f"the key of `{kind.name}` comes first, and this is a map",
        inner,
        help=f"write `{kind.name}<{_short(right)}>`",
        map=map,
        edits=(Edit(Span(inner.source, inner.start, last.end), right),) if key else (),
    )


def body_in_a_map(r: Lookup, base: CompositeNode, span: Span, map: str | None) -> Diagnostic:
    """Return what to say of the struct or union *base*, with tag and body, at *span* in a map."""
    assert base.tag is not None
    name = f"{base.kind} {base.tag.text}"
    edits: tuple[Edit, ...] = ()
    for item in r.tree.items:
        if item.span.source is span.source and item.span.start <= span.start < item.span.end:
            end = item.span.end
            end += span.source.text.startswith(";", end)
            body = Edit(Span(span.source, end, end), f"\n{base.span.text};")
            edits = (Edit(base.span, name), body)
    return Diagnostic(
        "declaration",
        f"`{name}` is declared within a map, where nothing else could name it",
        base.tag.span,
        help=f"declare it by itself, `{_short(base.span.text)};`, and write `{base.tag.text}` here",
        map=map,
        edits=edits,
    )


def wrong_arguments(
    kind: MapKind, node: ShapeNode, wanted: Iterable[int], map: str | None
) -> Diagnostic:
    """Return what to say of a number of types that *kind* doesn't take; it takes *wanted*."""
    assert node.arguments is not None
    count = len(node.arguments)
    given = f"{count} {'is' if count == 1 else 'are'} given"
    takes = [_COUNTS[number] for number in wanted]
    text = node.span.source.text
    start = text.index("<", node.kind.span.end)
    brackets = Span(node.span.source, start, text.index(">", node.arguments[-1].span.end) + 1)
    right = ""
    is_certain = False
    sizes_are_fixed = kind.key_size is not None and kind.value_size is not None
    if kind.has_no_types or (sizes_are_fixed and kind.btf == "dropped" and not kind.of_maps):
        takes.append("none")
        why = "it has neither a key nor a value" if kind.has_no_types else "the sizes are known"
        help_ = f"leave out the angle brackets: {why}"
    elif kind.of_maps:
        help_ = f"write `{kind.name}<key, inner map>`"
    elif kind.has_record:
        help_ = f"write `{kind.name}<record>`"
        right = f"<{node.arguments[-1].span.text}>" if count == _BOTH else ""
    elif kind.keyless:
        help_ = f"write `{kind.name}<value>`"
        right = f"<{node.arguments[-1].span.text}>" if count == _BOTH else ""
    else:
        right = _usual_types(kind)
        is_certain = kind.indexed and count == 1
        if is_certain:
            right = f"<__u32, {node.arguments[0].span.text}>"
        help_ = f"write `{kind.name}{right or '<key, value>'}`"
    edit = right or ("" if "none" in takes else None)
    message = "no types" if takes == ["none"] else expected_list(takes)
    return Diagnostic(
        "type-arguments",
        f"`{kind.name}` takes {message}, and {given}",
        node.span,
        help=help_,
        map=map,
        edits=() if edit is None else (Edit(brackets, edit),),
        changes_meaning=edit is not None and not is_certain,
    )


def _usual_types(kind: MapKind) -> str:
    """Return the types of a kind whose keys and values the kernel knows; empty for others."""
    if kind.btf != "dropped" or 4 not in kind.key_sizes:
        return ""
    if kind.name == "stack_trace":
        return f"<__u32, {_STACK_TRACE}>"
    return "<__u32, __u32>" if 4 in kind.value_sizes and kind.value_sizes.most <= 8 else ""
