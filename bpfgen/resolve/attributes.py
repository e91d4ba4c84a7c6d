"""The attributes of a map: numbers, `runtime`, `pinning`; and what is filled in.

What the kernel leaves no choice about is filled in here, and marked so.
"""

from __future__ import annotations

from bpfgen.ctype.types import INT, UINT, Expression
from bpfgen.model.maps import (
    ATTRIBUTES,
    DECLARED,
    FILLED_IN,
    PINNING,
    RUNTIME_ATTRIBUTES,
    Attribute,
)
from bpfgen.record import TYPE_CHECKING, replace
from bpfgen.syntax.tree import ShapeNode, Token, TypeNode
from bpfgen.text.diagnostics import Label

if TYPE_CHECKING:
    from bpfgen.model.maps import Shape
    from bpfgen.resolve.lookup import Lookup
    from bpfgen.syntax.tree import ExpressionNode, MapAttributeNode
    from bpfgen.text.source import Span

_BITS = {"map_extra": 64}
_SIZE_REASON = "the kernel accepts no other"
_FLAG_REASON = "the kernel insists"


class Given:
    """What one shape has been given so far, and where: each thing may be given once.

    Attributes:
        r: The resolver.
        shape: What the map is, as far as it was read; its attributes are entered in place.
        map: The name of the map, for diagnostics; None in a template.
        places: Where each attribute, `key` and `value` was given.
        fixed: Those that come from a template.
        node: What is being read.
    """

    __slots__ = ("fixed", "map", "node", "places", "r", "shape")

    def __init__(
        self,
        r: Lookup,
        shape: Shape,
        map: str | None,
        places: dict[str, Span] | None = None,
    ) -> None:
        self.r = r
        self.shape = shape
        self.map = map
        self.places = dict(places or {})
        self.fixed = frozenset(self.places)
        self.node: ShapeNode | None = None

    def once(self, name: str, span: Span, value: Span) -> bool:
        """Note that *name* is given at *span*; report it, and return False, if it was before.

        What it is given as stands at *value*.
        """
        earlier = self.places.get(name)
        if earlier is None:
            self.places[name] = span
            return True
        # Only a mistake pays for this import.
        from bpfgen.text.statements import without_attribute

        before = {"key": self.shape.key, "value": self.shape.value}.get(name)
        known = before or self.shape.attributes.get(name)
        is_same = known is not None and known.span is not None and known.span.text == value.text
        edits = without_attribute(value) if is_same else ()
        if name in self.fixed:
            self.r.report.error(
                "template-attribute",
                f"the template gives `{name}` already, and a use of it can't change it",
                span,
                labels=(Label(earlier, "given here"),),
                map=self.map,
                edits=edits,
            )
        else:
            self.r.report.error(
                "attribute-twice",
                f"`{name}` is given twice",
                span,
                labels=(Label(earlier, "first given here"),),
                notes=("`<K, V>` and `[N]` are short for `key`, `value` and `max_entries`",),
                map=self.map,
                edits=edits,
            )
        return False


def enter_attribute(given: Given, node: MapAttributeNode) -> bool:
    """Enter the numeric attribute *node*; return whether it makes sense."""
    name = node.name.text
    if name not in ATTRIBUTES or name in ("type", "values"):
        return _unknown_attribute(given, node)
    assert not isinstance(node.value, (TypeNode, ShapeNode))
    return enter_number(given, name, node.value, node.name.span)


def _unknown_attribute(given: Given, node: MapAttributeNode) -> bool:
    from bpfgen.kernel.attribute_words import attribute_meant, pin_meant
    from bpfgen.text.diagnostics import Edit

    name = node.name.text
    right = attribute_meant(name)
    edits: tuple[Edit, ...] = ()
    help_ = ""
    if name == "type":
        help_ = "the kind before the angle brackets is the type"
    elif name == "values":
        help_ = "initial values stand after the map: `= { [0] = name }`"
    elif right is not None:
        help_ = f"did you mean `{right}`?"
        names = () if given.node is None else given.node.attributes
        is_given = right in given.places or any(other.name.text == right for other in names)
        edits = () if is_given else (Edit(node.name.span, right),)
        value = node.value.span
        pinned = pin_meant(value.text) if right == "pinning" else None
        if pinned is not None and pinned != value.text:
            help_ = f"write `pinning = {pinned}`"
            edits = (*edits, Edit(value, pinned)) if edits else ()
    given.r.report.error(
        "unknown-attribute",
        f"a map has no attribute `{name}`",
        node.name.span,
        notes=("libbpf refuses it: unknown field (parse_btf_map_def)",),
        help=help_,
        severity="warning" if given.r.relax_compat else "error",
        map=given.map,
        edits=edits,
    )
    return given.r.relax_compat


def enter_number(given: Given, name: str, node: ExpressionNode, span: Span) -> bool:
    """Enter the numeric attribute *name*; return whether it makes sense."""
    r, shape = given.r, given.shape
    if not given.once(name, span, node.span):
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
                map=given.map,
            )
            return False
        shape.attributes[name] = Attribute(name, None, None, DECLARED, "", node.span)
        return True
    if name == "pinning":
        return _pinning(given, node, word)
    bits = _BITS.get(name, 32)
    before = len(r.report.diagnostics)
    expression = r.expression(node)
    if expression is None:
        last = r.report.diagnostics[before:][-1:]
        # A wider type, which is the advice anywhere else, doesn't help here.
        if bits == 32 and last and last[0].code == "shift-range":
            most = f"`{name}` has 32 bits: it is at most {(1 << bits) - 1}"
            r.report.diagnostics[-1] = replace(last[0], help=most, edits=())
        elif bits == 32 and last and last[0].code == "constant-overflow":
            small = tuple(edit for edit in last[0].edits if edit.text == "U")
            r.report.diagnostics[-1] = replace(last[0], edits=small)
        return False
    if not 0 <= expression.value < 1 << bits:
        notes: tuple[str, ...] = ()
        if bits == 32:
            notes = (f"`{name}` is a __u32 (union bpf_attr); C would cut the value without a word",)
        r.report.error(
            "attribute-range",
            f"`{name}` is {expression.value}, and its range is 0 to {(1 << bits) - 1}",
            node.span,
            notes=notes,
            map=given.map,
        )
        return False
    shape.attributes[name] = Attribute(name, expression.value, expression, DECLARED, "", node.span)
    return True


def _pinning(given: Given, node: ExpressionNode, word: str) -> bool:
    value = PINNING.get(word.removeprefix("LIBBPF_PIN_").lower()) if word else None
    if value is None:
        from bpfgen.kernel.attribute_words import pin_meant
        from bpfgen.text.diagnostics import Edit

        pinned = pin_meant(word)
        meant = pinned or "by_name"
        given.r.report.error(
            "pinning",
            "`pinning` is `by_name` or `none`",
            node.span,
            notes=("libbpf refuses any other value (parse_btf_map_def)",),
            help=f"write `pinning = {meant};`",
            map=given.map,
            edits=(Edit(node.span, meant),) if word else (),
            changes_meaning=bool(word) and pinned is None,
        )
        if word:
            return False
        # The loader of some project knows more ways to pin: a number can be allowed.
        number = given.r.expression(node)
        if number is None or number.value not in range(1 << 32):
            return False
        given.shape.attributes["pinning"] = Attribute(
            "pinning", number.value, number, DECLARED, "", node.span
        )
        return True
    name = f"LIBBPF_PIN_{'BY_NAME' if value else 'NONE'}"
    expression = Expression((name,), value, INT, node.span)
    given.shape.attributes["pinning"] = Attribute(
        "pinning", value, expression, DECLARED, "", node.span
    )
    return True


def fill_in(r: Lookup, shape: Shape) -> None:
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
