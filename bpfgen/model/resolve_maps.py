"""Map declarations to maps: kinds, templates, attributes, inner definitions and slots.

What the kernel leaves no choice about is filled in here, and marked so. Whether the rest is what
the kernel accepts is the business of bpfgen/rules; here is decided what the source says.
"""

from __future__ import annotations

from bpfgen.diagnostics import Label
from bpfgen.model.maps import (
    ATTRIBUTES,
    DECLARED,
    FILLED_IN,
    MAP_KINDS,
    PINNING,
    RUNTIME_ATTRIBUTES,
    Attribute,
    Map,
    Shape,
    Slot,
    Template,
    TypeArgument,
)
from bpfgen.model.model import ProgramDeclaration
from bpfgen.model.types import INT, UINT, Expression, Unknown
from bpfgen.record import TYPE_CHECKING
from bpfgen.syntax.tree import ArraySuffix, ExpressionNode, ShapeNode, Token, TypeNode

if TYPE_CHECKING:
    from bpfgen.model.maps import MapKind
    from bpfgen.model.resolve import Resolver
    from bpfgen.model.types import Type
    from bpfgen.source import Span
    from bpfgen.syntax.tree import MapAttributeNode, MapItem, SlotNode, TemplateItem

_BITS = {"map_extra": 64}
_SIZE_REASON = "the kernel accepts no other"
_FLAG_REASON = "the kernel insists"


def resolve_template(r: Resolver, node: TemplateItem) -> Template | None:
    """Return the template that *node* declares, or None after an error."""
    r.check_word(node.name)
    shape = resolve_shape(r, node.shape, None)
    if shape is None:
        return None
    shape.template = node.name.text
    return Template(node.name.text, shape, node.doc, node.name.span)


def resolve_map(r: Resolver, node: MapItem) -> Map | None:
    """Return the map that *node* declares, or None after an error."""
    name = node.name.text
    shape = resolve_shape(r, node.shape, name)
    slots: list[Slot] = []
    if shape is not None and node.slots is not None:
        slots = _slots(r, node, shape)
    if shape is None:
        return None
    linkage = node.linkage if node.linkage in ("weak", "extern") else "global"
    legacy = node.linkage == "legacy"
    if legacy:
        _check_legacy(r, node, shape)
    return Map(name, shape, linkage, legacy, tuple(slots), node.doc, node.name.span)


def _check_legacy(r: Resolver, node: MapItem, shape: Shape) -> None:
    """Report what `struct bpf_map_def` has no member for."""
    for name in ("numa_node", "map_extra", "pinning"):
        attribute = shape.attributes.get(name)
        if attribute is not None:
            r.report.error(
                "legacy-attribute",
                f"a legacy map has no `{name}`: `struct bpf_map_def` ends with map_flags",
                attribute.span,
                help="make it a BTF-defined map: leave out `legacy`",
                map=node.name.text,
            )
    if shape.inner is not None or node.slots is not None:
        r.report.error(
            "legacy-attribute",
            "a legacy map has neither an inner definition nor initial values",
            shape.span,
            help="make it a BTF-defined map: leave out `legacy`",
            map=node.name.text,
        )


def resolve_shape(r: Resolver, node: ShapeNode, map_name: str | None) -> Shape | None:
    """Return the shape that *node* writes, or None after an error."""
    kind_name = node.kind.text
    kind = MAP_KINDS.get(kind_name)
    if kind is None:
        if r.is_template(kind_name):
            template = r.template(kind_name)
            return None if template is None else _from_template(r, node, template, map_name)
        if kind_name not in r.tree.lost_names:
            _unknown_kind(r, node, map_name)
        return None
    shape = Shape(kind, None, None, {}, span=node.kind.span)
    places: dict[str, Span] = {}
    sound = _arguments(r, node, shape, places, map_name)
    sound = _entries_and_attributes(r, node, shape, places, map_name) and sound
    if not sound:
        return None
    _fill_in(r, shape)
    return shape


def _unknown_kind(r: Resolver, node: ShapeNode, map_name: str | None) -> None:
    from bpfgen.spelling import did_you_mean

    name = node.kind.text
    names = [*MAP_KINDS, *(t for t, e in r.scope.tags.items() if e.kind == "template")]
    bare = name.lower().removeprefix("bpf_map_type_")
    help_ = f"write `{bare}`" if bare in MAP_KINDS and bare != name else did_you_mean(name, names)
    r.report.error(
        "map-kind",
        f"there is no map kind or template `{name}`",
        node.kind.span,
        help=help_ or "`bpfgen kinds` lists them all",
        map=map_name,
    )


def _from_template(
    r: Resolver, node: ShapeNode, template: Template, map_name: str | None
) -> Shape | None:
    """Return the shape of a template with what *node* adds to it."""
    base = template.shape
    if node.arguments is not None:
        r.report.error(
            "template-attribute",
            f"the types of `{template.name}` are those of the template",
            node.span,
            labels=_declared_here(template.span),
            help="leave out the angle brackets",
            map=map_name,
        )
        return None
    if node.entries is None and not node.attributes:
        return Shape(
            base.kind,
            base.key,
            base.value,
            base.attributes,
            base.inner,
            base.inner_template,
            base.record,
            template.name,
            node.span,
        )
    declared = {n: a for n, a in base.attributes.items() if a.origin == DECLARED}
    shape = Shape(base.kind, base.key, base.value, dict(declared), base.inner)
    shape.inner_template, shape.record, shape.span = base.inner_template, base.record, node.span
    places = {n: a.span for n, a in declared.items() if a.span is not None}
    if base.key is not None and base.key.span is not None:
        places["key"] = base.key.span
    if base.value is not None and base.value.span is not None:
        places["value"] = base.value.span
    fixed = frozenset(places)
    if not _entries_and_attributes(r, node, shape, places, map_name, fixed):
        return None
    _fill_in(r, shape)
    return shape


def _declared_here(span: Span | None) -> tuple[Label, ...]:
    return (Label(span, "declared here"),) if span is not None else ()


def _arguments(
    r: Resolver, node: ShapeNode, shape: Shape, places: dict[str, Span], map_name: str | None
) -> bool:
    """Enter the types between the angle brackets; return whether they make sense."""
    if node.arguments is None:
        return True
    if not node.arguments:  # nested too deep, which was reported
        return False
    kind = shape.kind
    arguments = node.arguments
    wanted = _wanted_arguments(kind)
    if len(arguments) not in wanted:
        most = max(wanted)
        names = f"{kind.name}<key, value>"
        if kind.of_maps:
            names = f"{kind.name}<key, inner map>"
        elif kind.has_record:
            names = f"{kind.name}<record>"
        elif kind.keyless:
            names = f"{kind.name}<value>"
        r.report.error(
            "type-arguments",
            f"`{kind.name}` takes {_ARGUMENT_NAMES[most]}, and {len(arguments)} "
            f"{'is' if len(arguments) == 1 else 'are'} given",
            node.span,
            help=f"write `{names}`",
            map=map_name,
        )
        return False
    roles = wanted[len(arguments)]
    sound = True
    for role, argument in zip(roles, arguments, strict=True):
        places[role] = argument.span
        sound = _argument(r, shape, role, argument, map_name) and sound
    return sound


_ARGUMENT_NAMES = {1: "one type", 2: "two types"}


def _wanted_arguments(kind: MapKind) -> dict[int, tuple[str, ...]]:
    """Return, by number of arguments, what each of them is."""
    if kind.of_maps:
        return {1: ("key",), 2: ("key", "inner")}
    if kind.has_record:
        return {1: ("record",)} if kind.keyless else {1: ("record",), 2: ("key", "value")}
    if kind.keyless:
        return {1: ("value",)}
    return {2: ("key", "value")}


def _argument(
    r: Resolver, shape: Shape, role: str, node: TypeNode | ShapeNode, map_name: str | None
) -> bool:
    """Enter one type argument in its *role*."""
    if role == "inner":
        return _inner(r, shape, node, map_name)
    if isinstance(node, ShapeNode) or _is_shape(r, node):
        name = node.kind.text if isinstance(node, ShapeNode) else _plain_name(node)
        if isinstance(node, TypeNode) and not (name in MAP_KINDS or r.is_template(name or "")):
            return False
        r.report.error(
            "type-arguments",
            f"the {role} is a type, and `{name}` is a map",
            node.span,
            help="only `array_of_maps` and `hash_of_maps` hold maps",
            map=map_name,
        )
        return False
    type_ = r.type_node(node, lenient=True)
    argument = TypeArgument(type_, node.span)
    setattr(shape, role, argument)
    return not isinstance(type_, Unknown)


def _plain_name(node: TypeNode) -> str | None:
    """Return the name if *node* is `NAME` or `NAME[n]` and no more, else None."""
    specifiers = node.specifiers
    if not isinstance(specifiers.base, Token) or specifiers.qualifiers:
        return None
    declarator = node.declarator
    if declarator is None:
        return specifiers.base.text
    plain = not declarator.pointers and declarator.inner is None and len(declarator.suffixes) == 1
    return specifiers.base.text if plain else None


def _is_shape(r: Resolver, node: TypeNode) -> bool:
    """Return whether what was parsed as a type names a map kind or a template."""
    name = _plain_name(node)
    if name is None:
        return False
    if name not in MAP_KINDS and not r.is_template(name):
        return False
    entry = r.scope.ordinary.get(name)
    return entry is None or entry.kind != "typedef"


def _as_shape(node: TypeNode) -> ShapeNode:
    """Return *node*, parsed as the type `counters[4]`, as the shape that it is."""
    base = node.specifiers.base
    assert isinstance(base, Token)
    entries = None
    if node.declarator is not None:
        suffix = node.declarator.suffixes[0]
        assert isinstance(suffix, ArraySuffix)
        entries = suffix.length
    return ShapeNode(base, None, entries, [], node.span)


def _inner(
    r: Resolver, shape: Shape, node: TypeNode | ShapeNode, map_name: str | None
) -> bool:
    if isinstance(node, TypeNode):
        if not _is_shape(r, node):
            name = _plain_name(node)
            if name is None or name in r.tree.lost_names:
                if name is None:
                    r.report.error(
                        "inner-map",
                        f"the values of `{shape.kind.name}` are maps, and this is a type",
                        node.span,
                        help="write the kind of the inner map: `hash<key, value>[max_entries]`",
                        map=map_name,
                    )
                return False
            if any(k.kind in ("struct", "union", "enum") for k in [r.scope.tags.get(name)] if k):
                r.report.error(
                    "inner-map",
                    f"the values of `{shape.kind.name}` are maps, and `{name}` is a type",
                    node.span,
                    help="write the kind of the inner map: `hash<key, value>[max_entries]`",
                    map=map_name,
                )
                return False
            _unknown_kind(r, _as_shape(node), map_name)
            return False
        node = _as_shape(node)
    inner = resolve_shape(r, node, map_name)
    if inner is None:
        return False
    if inner.template:
        shape.inner_template = inner.template
    shape.inner = inner
    return True


def _entries_and_attributes(  # noqa: PLR0913 -- one place that knows what may be given once
    r: Resolver,
    node: ShapeNode,
    shape: Shape,
    places: dict[str, Span],
    map_name: str | None,
    fixed: frozenset[str] = frozenset(),
) -> bool:
    """Enter `[N]` and the attributes in braces; return whether they make sense."""
    sound = True
    if node.entries is not None:
        sound = _number(r, shape, "max_entries", node.entries, node.entries.span, places, map_name, fixed)
    for attribute in node.attributes:
        sound = _attribute(r, shape, attribute, places, map_name, fixed) and sound
    return sound


def _attribute(
    r: Resolver,
    shape: Shape,
    node: MapAttributeNode,
    places: dict[str, Span],
    map_name: str | None,
    fixed: frozenset[str],
) -> bool:
    name = node.name.text
    if name in ("key", "value"):
        if isinstance(node.value, ExpressionNode) or not _once(
            r, name, node.name.span, places, map_name, fixed
        ):
            return False
        if name == "value" and shape.kind.of_maps:
            return _inner(r, shape, node.value, map_name)
        return _argument(r, shape, name, node.value, map_name)
    if name not in ATTRIBUTES or name in ("type", "values"):
        return _unknown_attribute(r, node, map_name)
    assert isinstance(node.value, ExpressionNode)
    return _number(r, shape, name, node.value, node.name.span, places, map_name, fixed)


def _unknown_attribute(r: Resolver, node: MapAttributeNode, map_name: str | None) -> bool:
    from bpfgen.spelling import did_you_mean

    name = node.name.text
    help_ = did_you_mean(name, [a for a in ATTRIBUTES if a not in ("type", "values")])
    if name == "type":
        help_ = "the kind before the angle brackets is the type"
    elif name == "values":
        help_ = "initial values stand behind the map: `= { [0] = name }`"
    r.report.error(
        "unknown-attribute",
        f"a map has no attribute `{name}`",
        node.name.span,
        notes=("libbpf refuses it: unknown field (parse_btf_map_def)",),
        help=help_,
        severity="warning" if r.relax_compat else "error",
        map=map_name,
    )
    return r.relax_compat


def _once(
    r: Resolver,
    name: str,
    span: Span,
    places: dict[str, Span],
    map_name: str | None,
    fixed: frozenset[str],
) -> bool:
    """Note that *name* is given at *span*; report it if it was given before."""
    earlier = places.get(name)
    if earlier is None:
        places[name] = span
        return True
    if name in fixed:
        r.report.error(
            "template-attribute",
            f"the template gives `{name}` already, and a use of it can't change it",
            span,
            labels=(Label(earlier, "given here"),),
            map=map_name,
        )
    else:
        r.report.error(
            "attribute-twice",
            f"`{name}` is given twice",
            span,
            labels=(Label(earlier, "first given here"),),
            notes=("`<K, V>` and `[N]` are short for `key`, `value` and `max_entries`",),
            map=map_name,
        )
    return False


def _number(  # noqa: PLR0913 -- one place that knows what may be given once
    r: Resolver,
    shape: Shape,
    name: str,
    node: ExpressionNode,
    span: Span,
    places: dict[str, Span],
    map_name: str | None,
    fixed: frozenset[str],
) -> bool:
    """Enter the numeric attribute *name*; return whether it makes sense."""
    if not _once(r, name, span, places, map_name, fixed):
        return False
    only = node.parts[0] if len(node.parts) == 1 else None
    word = only.text if isinstance(only, Token) and only.kind == "NAME" else ""
    if word == "runtime":
        if name not in RUNTIME_ATTRIBUTES:
            r.report.error(
                "runtime",
                f"a loader can't set `{name}`, so it can't be `runtime`",
                node.span,
                help="write its value",
                map=map_name,
            )
            return False
        shape.attributes[name] = Attribute(name, None, None, DECLARED, "", node.span)
        return True
    if name == "pinning":
        return _pinning(r, shape, node, word, map_name)
    expression = r.expression(node)
    if expression is None:
        return False
    bits = _BITS.get(name, 32)
    if not 0 <= expression.value < 1 << bits:
        notes = ()
        if bits == 32:
            notes = (f"`{name}` is a __u32 (union bpf_attr); C would cut the value without a word",)
        r.report.error(
            "attribute-range",
            f"`{name}` is {expression.value}, and its range is 0 to {(1 << bits) - 1}",
            node.span,
            notes=notes,
            map=map_name,
        )
        return False
    shape.attributes[name] = Attribute(
        name, expression.value, expression, DECLARED, "", node.span
    )
    return True


def _pinning(
    r: Resolver, shape: Shape, node: ExpressionNode, word: str, map_name: str | None
) -> bool:
    value = PINNING.get(word.removeprefix("LIBBPF_PIN_").lower()) if word else None
    if value is None:
        r.report.error(
            "pinning",
            "`pinning` is `by_name` or `none`",
            node.span,
            notes=("libbpf refuses any other value (parse_btf_map_def)",),
            map=map_name,
        )
        return False
    name = f"LIBBPF_PIN_{'BY_NAME' if value else 'NONE'}"
    expression = Expression((name,), value, INT, node.span)
    shape.attributes["pinning"] = Attribute("pinning", value, expression, DECLARED, "", node.span)
    return True


def _fill_in(r: Resolver, shape: Shape) -> None:
    """Add what the kernel leaves no choice about and the source doesn't say."""
    kind = shape.kind
    attributes = shape.attributes
    sizes = (("key", kind.key_size), ("value", kind.value_size))
    for role, size in sizes:
        name = f"{role}_size"
        typed = getattr(shape, role) is not None
        if role == "value" and (shape.inner is not None):
            typed = True
        if size is not None and not typed and name not in attributes:
            attributes[name] = Attribute(
                name,
                size,
                Expression((str(size),), size, UINT),
                FILLED_IN,
                _SIZE_REASON,
                shape.span,
            )
    if kind.required_flags and "map_flags" not in attributes and r.prelude is not None:
        constants = [r.prelude.use_constant(flag) for flag in kind.required_flags]
        parts: list[object] = []
        value = 0
        for constant in constants:
            assert constant is not None
            parts.extend(["|", constant] if parts else [constant])
            value |= constant.value
        expression = Expression(tuple(parts), value, UINT)  # type: ignore[arg-type]
        attributes["map_flags"] = Attribute(
            "map_flags", value, expression, FILLED_IN, _FLAG_REASON, shape.span
        )


def _slots(r: Resolver, node: MapItem, shape: Shape) -> list[Slot]:
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
        )
        return []
    if node.linkage == "extern":
        r.report.error(
            "slots",
            "an extern map is initialised where it is defined",
            node.slots[0].span if node.slots else node.span,
            map=name,
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
        if _slot(r, shape, slot, index, name):
            slots.append(Slot(index, slot.target.text, expression, slot.target.span))
    return slots


def _slot(r: Resolver, shape: Shape, node: SlotNode, index: int, name: str) -> bool:
    """Return whether slot *index* can hold what *node* names; report why not."""
    entries = shape.attributes.get("max_entries")
    if index < 0 or (
        entries is not None and entries.value is not None and index >= entries.value
    ):
        limit = entries.value if entries is not None else None
        r.report.error(
            "slot-range",
            f"there is no slot {index}"
            + (f": `max_entries` is {limit}" if limit is not None else ""),
            node.span,
            labels=(Label(entries.span, "declared here"),) if entries and entries.span else (),
            notes=("the kernel refuses it with E2BIG when libbpf fills the slots",),
            map=name,
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
    if text in r.scope.ordinary or text in r.tree.lost_names:
        return False
    from bpfgen.spelling import did_you_mean

    candidates = [n for n, e in r.scope.ordinary.items() if e.kind == wanted]
    declare = (
        f"declare it: `int {text}(struct __sk_buff *skb);`"
        if wanted == "program"
        else f"declare it: `map {text}: …`"
    )
    r.report.error(
        "slot-target",
        f"there is no {wanted} `{text}` here",
        node.target.span,
        help=did_you_mean(text, candidates) or declare,
        map=name,
    )
    return False
