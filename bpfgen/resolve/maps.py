"""Map declarations to maps: kinds, templates, attributes, inner definitions.

Whether a map is what the kernel accepts is the business of bpfgen/rules; here is decided what the
source says.
"""

from __future__ import annotations

from bpfgen.ctype.sizes import sizeof
from bpfgen.ctype.types import Array, Unknown, underlying
from bpfgen.model.maps import DECLARED, MAP_KINDS, Map, Shape, Template, TypeArgument
from bpfgen.record import TYPE_CHECKING, replace
from bpfgen.resolve.attributes import Given, enter_attribute, enter_number, fill_in
from bpfgen.resolve.declaration_attributes import MAP, declaration_attributes
from bpfgen.resolve.scope import check_word
from bpfgen.syntax.tree import (
    ArraySuffix,
    CompositeNode,
    ExpressionNode,
    ShapeNode,
    Token,
    TypeNode,
)
from bpfgen.text.diagnostics import Label

if TYPE_CHECKING:
    from bpfgen.model.maps import MapKind, Slot
    from bpfgen.resolve.lookup import Lookup
    from bpfgen.syntax.tree import MapAttributeNode, MapItem, TemplateItem
    from bpfgen.text.diagnostics import Edit
    from bpfgen.text.source import Span


def resolve_template(r: Lookup, node: TemplateItem) -> Template | None:
    """Return the template that *node* declares, or None after an error."""
    check_word(node.name, r.report)
    shape = resolve_shape(r, node.shape, None)
    if shape is None:
        return None
    name = node.name.text
    return Template(name, replace(shape, template=name), node.doc, node.name.span)


def resolve_map(r: Lookup, node: MapItem) -> Map | None:
    """Return the map that *node* declares, or None after an error."""
    name = node.name.text
    shape = resolve_shape(r, node.shape, name)
    slots: list[Slot] = []
    if shape is not None and node.slots is not None:
        from bpfgen.resolve.slots import resolve_slots

        slots = resolve_slots(r, node, shape)
    if shape is None:
        return None
    linkage = node.linkage if node.linkage in ("weak", "extern") else "global"
    legacy = node.linkage == "legacy"
    if legacy:
        _check_legacy(r, node, shape)
    has_room = node.slots is not None and shape.kind.of_programs
    return Map(
        name,
        shape,
        linkage,
        legacy,
        tuple(slots),
        node.doc,
        node.name.span,
        has_room,
        _decl_tags(r, node),
    )


def _decl_tags(r: Lookup, node: MapItem) -> tuple[str, ...]:
    """Return the declaration tags of the map that *node* declares."""
    if node.linkage == "extern" and node.attributes:
        # Only a mistake pays for this import, here and below.
        from bpfgen.text.statements import without_c_attribute

        r.report.error(
            "ignored-attribute",
            "clang keeps no tags of an extern map; they are left out",
            node.attributes[0].span,
            help="write them where the map is defined",
            severity="warning",
            map=node.name.text,
            edits=without_c_attribute(node.attributes[0].span) if len(node.attributes) == 1 else (),
        )
        return ()
    attributes = declaration_attributes(r, node.attributes, MAP)
    # Of a tag that stands there twice BTF has one.
    return () if attributes is None else tuple(dict.fromkeys(attributes.decl_tags))


def _check_legacy(r: Lookup, node: MapItem, shape: Shape) -> None:
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
                edits=(edits := _without_legacy(node)),
                changes_meaning=bool(edits),
            )
    if shape.inner is not None or node.slots is not None:
        r.report.error(
            "legacy-attribute",
            "a legacy map has neither an inner definition nor initial values",
            shape.span,
            help="make it a BTF-defined map: leave out `legacy`",
            map=node.name.text,
            edits=(edits := _without_legacy(node)),
            changes_meaning=bool(edits),
        )


def _without_legacy(node: MapItem) -> tuple[Edit, ...]:
    """Return the edits that leave out the `legacy` of the map that *node* declares."""
    from bpfgen.text.statements import without_word

    return without_word(node.name.span, "legacy", "map")


def resolve_shape(r: Lookup, node: ShapeNode, map_name: str | None) -> Shape | None:
    """Return the shape that *node* writes, or None after an error."""
    kind_name = node.kind.text
    kind = MAP_KINDS.get(kind_name)
    if kind is None:
        if r.is_template(kind_name):
            template = r.template(node.kind)
            return None if template is None else _from_template(r, node, template, map_name)
        # A template, which may be lost, has its own types.
        if kind_name not in r.tree.lost_names or node.arguments is not None:
            from bpfgen.resolve.wrong_arguments import unknown_kind

            unknown_kind(r, node, map_name)
        return None
    given = Given(r, Shape(kind, None, None, {}, span=node.kind.span, whole=node.span), map_name)
    sound = _arguments(given, node)
    sound = _entries_and_attributes(given, node) and sound
    if not sound:
        return None
    fill_in(r, given.shape)
    return given.shape


def _from_template(
    r: Lookup, node: ShapeNode, template: Template, map_name: str | None
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
        return replace(base, template=template.name, span=node.span, whole=node.span)
    declared = {n: a for n, a in base.attributes.items() if a.origin == DECLARED}
    shape = replace(base, attributes=dict(declared), template="", span=node.span, whole=node.span)
    places = {n: a.span for n, a in declared.items() if a.span is not None}
    if base.key is not None and base.key.span is not None:
        places["key"] = base.key.span
    if base.value is not None and base.value.span is not None:
        places["value"] = base.value.span
    given = Given(r, shape, map_name, places)
    if not _entries_and_attributes(given, node):
        return None
    fill_in(r, given.shape)
    return given.shape


def _declared_here(span: Span | None) -> tuple[Label, ...]:
    return (Label(span, "declared here"),) if span is not None else ()


def _arguments(given: Given, node: ShapeNode) -> bool:
    """Enter the types between the angle brackets; return whether they make sense."""
    if node.arguments is None:
        return True
    if not node.arguments:  # nested too deep, which was reported
        return False
    kind = given.shape.kind
    arguments = node.arguments
    wanted = _wanted_arguments(kind)
    if len(arguments) not in wanted:
        from bpfgen.resolve.wrong_arguments import wrong_arguments

        given.r.report.add(wrong_arguments(kind, node, wanted, given.map))
        return False
    if kind.of_maps and _is_map(given.r, arguments[0]):
        from bpfgen.resolve.wrong_arguments import map_for_a_key

        given.r.report.add(map_for_a_key(kind, arguments, given.map))
        return False
    roles = wanted[len(arguments)]
    sound = True
    for role, argument in zip(roles, arguments, strict=True):
        given.places[role] = argument.span
        sound = _argument(given, role, argument) and sound
    return sound


def _wanted_arguments(kind: MapKind) -> dict[int, tuple[str, ...]]:
    """Return, by number of arguments, what each of them is."""
    if kind.of_maps:
        return {1: ("key",), 2: ("key", "inner")}
    if kind.has_record:
        return {1: ("record",)} if kind.keyless else {1: ("record",), 2: ("key", "value")}
    if kind.keyless:
        return {1: ("value",)}
    if kind.has_no_types:
        return {}
    return {2: ("key", "value")}


def _argument(given: Given, role: str, node: TypeNode | ShapeNode) -> bool:
    """Enter one type argument in its *role*."""
    r, map_name = given.r, given.map
    if role == "inner":
        return _inner(given, node)
    if isinstance(node, ShapeNode) or (_is_shape(r, node) and not _is_tag(r, node)):
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
    base = node.specifiers.base
    if isinstance(base, CompositeNode) and base.tag is not None and base.members is not None:
        from bpfgen.resolve.wrong_arguments import body_in_a_map

        r.report.add(body_in_a_map(r, base, node.span, map_name))
        return False
    type_ = r.type_node(node)
    if sizeof(type_) is None and not isinstance(underlying(type_), Unknown):
        r.report.error(
            "incomplete-type",
            f"the {role} needs a type with a size, and this one has none",
            node.span,
            notes=(f"libbpf refuses it: can't determine {role} size (parse_btf_map_def)",)
            if role != "record"
            else (),
            help="write how many elements it has: `[16]`"
            if isinstance(underlying(type_), Array)
            else "define the type, or write a pointer if a pointer is meant",
            map=map_name,
        )
        return False
    argument = TypeArgument(type_, node.span)
    given.shape = replace(given.shape, **{role: argument})
    return not isinstance(type_, Unknown)


def _is_map(r: Lookup, node: TypeNode | ShapeNode) -> bool:
    """Whether *node* is a definition of maps, or the name of a kind or template alone."""
    if isinstance(node, ShapeNode):
        return True
    name = _plain_name(node)
    return name is not None and (name in MAP_KINDS or r.is_template(name)) and not _is_tag(r, node)


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


def _is_shape(r: Lookup, node: TypeNode) -> bool:
    """Return whether what was parsed as a type names a map kind or a template."""
    name = _plain_name(node)
    if name is None:
        return False
    if name not in MAP_KINDS and not r.is_template(name):
        return False
    entry = r.scope.ordinary.get(name)
    return entry is None or entry.kind != "typedef"


def _is_type(r: Lookup, node: TypeNode | ShapeNode) -> bool:
    """Return whether *node* is surely a type: that of the ids which a map of maps holds.

    libbpf takes `__type(value, int)` beside the definition of the inner maps, and many write it.
    """
    if isinstance(node, ShapeNode) or _is_shape(r, node):
        return False
    name = _plain_name(node)
    if name is None:
        return True
    entry = r.scope.ordinary.get(name)
    if entry is not None:
        return entry.kind == "typedef"
    tagged = r.scope.tags.get(name)
    if tagged is not None:
        return tagged.kind != "template"
    return r.prelude is not None and r.prelude.find_type("typedef", name) is not None


def _is_tag(r: Lookup, node: TypeNode) -> bool:
    """Return whether *node* names a struct, union or enum of the file, called like a kind."""
    entry = r.scope.tags.get(_plain_name(node) or "")
    return entry is not None and entry.kind in ("struct", "union", "enum")


def _as_shape(node: TypeNode) -> ShapeNode:
    """Return *node*, parsed as the type `counters[4]`, as the shape that it is."""
    base = node.specifiers.base
    assert isinstance(base, Token)
    entries = None
    if node.declarator is not None:
        suffix = node.declarator.suffixes[0]
        assert isinstance(suffix, ArraySuffix)
        entries = suffix.length
    return ShapeNode(base, None, entries, (), node.span)


def _inner(given: Given, node: TypeNode | ShapeNode) -> bool:
    r, shape, map_name = given.r, given.shape, given.map
    if isinstance(node, TypeNode):
        if not _is_shape(r, node):
            name = _plain_name(node)
            if name is not None and name in r.tree.lost_names:
                return False
            if _is_type(r, node):
                what = "this" if name is None else f"`{name}`"
                r.report.error(
                    "inner-map",
                    f"the values of `{shape.kind.name}` are maps, and {what} is a type",
                    node.span,
                    help="write the kind of the inner map: `hash<key, value>[max_entries]`",
                    map=map_name,
                )
                return False
            from bpfgen.resolve.wrong_arguments import unknown_kind

            unknown_kind(r, _as_shape(node), map_name)
            return False
        node = _as_shape(node)
    inner = r.nested(resolve_shape, r, node, map_name)
    if inner is None:
        return False
    given.shape = replace(shape, inner=inner, inner_template=inner.template or shape.inner_template)
    return True


def _entries_and_attributes(given: Given, node: ShapeNode) -> bool:
    """Enter `[N]` and the attributes in braces; return whether they make sense."""
    sound = True
    given.node = node
    if node.entries is not None:
        sound = enter_number(given, "max_entries", node.entries, node.entries.span)
    for attribute in node.attributes:
        name = attribute.name.text
        if name in ("key", "value"):
            sound = _type_attribute(given, attribute) and sound
        else:
            sound = enter_attribute(given, attribute) and sound
    return sound


def _type_attribute(given: Given, node: MapAttributeNode) -> bool:
    name = node.name.text
    if isinstance(node.value, ExpressionNode):
        return False
    if not given.once(name, node.name.span, node.value.span):
        return False
    if name == "value" and given.shape.kind.of_maps and not _is_type(given.r, node.value):
        return _inner(given, node.value)
    return _argument(given, name, node.value)
