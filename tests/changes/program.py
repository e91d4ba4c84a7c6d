"""A source as values that a change can be made of, and its text.

The text is the language, and what it says of types is C. Nothing here comes from bpfgen: a proof
that compares two sources knows what it wrote. Names tell what they are, so that a name can be found
in a text: types are `s1`, `u2`, `e3` and `t4`, enumerators `E5`, constants `N6`; no member, and no
map, is called so.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import TypeAlias

OWN_NAME = re.compile(r"\b(?:[suet]|E|N)\d+\b")
"""The name of a type, an enumerator or a constant."""

RUNTIME = "runtime"


class Enum(NamedTuple):
    """`enum tag : base { … }`; *base* may be empty."""

    tag: str
    base: str
    values: tuple[tuple[str, int], ...]


class Member(NamedTuple):
    """A member.

    Attributes:
        name: Empty for an anonymous struct or union, and for bits without a name.
        type: C, with `{}` where the name stands if that isn't the end; or a body, written here.
        lengths: Of an array, the outer one first: numbers, or names of constants; -1 is `[]`.
        width: Of a bit-field.
        attributes: With a blank in front, or empty.
    """

    name: str
    type: str | Composite
    lengths: tuple[int | str, ...] = ()
    width: int | None = None
    attributes: str = ""


class Composite(NamedTuple):
    """A struct or a union; *tag* is empty where it has none."""

    kind: str
    tag: str
    members: tuple[Member, ...]
    attributes: str = ""


class Typedef(NamedTuple):
    """`typedef type name[lengths];`."""

    name: str
    type: str
    lengths: tuple[int | str, ...] = ()


class Constant(NamedTuple):
    """`const name = value;`."""

    name: str
    value: int


class Shape(NamedTuple):
    """What a map is. A type that is empty isn't there; a size that is 0 isn't, either.

    Attributes:
        entries: A number, the name of a constant, `runtime`, or None.
        inner: Of a map of maps.
    """

    kind: str
    key: str = ""
    value: str = ""
    record: str = ""
    entries: int | str | None = None
    key_size: int = 0
    value_size: int = 0
    map_flags: int = 0
    map_extra: int = 0
    numa_node: int | None = None
    is_pinned: bool = False
    inner: Shape | None = None


class Map(NamedTuple):
    """One map; *linkage* is empty, `weak` or `extern`; *slots* are maps that it starts out with."""

    name: str
    shape: Shape
    linkage: str = ""
    slots: tuple[str, ...] = ()


if TYPE_CHECKING:
    Declaration: TypeAlias = Enum | Composite | Typedef | Constant | Map


class Program(NamedTuple):
    """A source."""

    declarations: tuple[Declaration, ...]

    @property
    def maps(self) -> tuple[Map, ...]:
        """Its maps, in order."""
        return tuple(one for one in self.declarations if isinstance(one, Map))

    def text(self) -> str:
        """Return it in the language."""
        return "".join(f"{declaration_text(one)}\n" for one in self.declarations)


def declaration_text(one: Declaration) -> str:
    """Return a declaration in the language; that of a type is C."""
    match one:
        case Enum():
            return f"{enum_text(one)};"
        case Composite():
            return f"{body_text(one)};"
        case Typedef():
            return f"typedef {declarator(one.type, one.name, one.lengths)};"
        case Constant():
            return f"const {one.name} = {one.value};"
        case Map():
            return map_text(one)


def enum_text(enum: Enum) -> str:
    """Return the enum without the semicolon."""
    base = f" : {enum.base}" if enum.base else ""
    values = ", ".join(f"{name} = {literal(value)}" for name, value in enum.values)
    return f"enum {enum.tag}{base} {{ {values} }}"


def literal(value: int) -> str:
    """Return *value* as an expression of C that has room for it."""
    return f"{value}" if -(2**31) < value < 2**31 else f"{value}LL"


def body_text(body: Composite) -> str:
    """Return a struct or union with its members, without the semicolon."""
    members = "".join(f" {member_text(member)};" for member in body.members)
    tag = f" {body.tag}" if body.tag else ""
    return f"{body.kind}{tag} {{{members} }}{body.attributes}"


def member_text(member: Member) -> str:
    """Return a member without the semicolon."""
    type = member.type if isinstance(member.type, str) else body_text(member.type)
    width = f" : {member.width}" if member.width is not None else ""
    return f"{declarator(type, member.name, member.lengths)}{width}{member.attributes}"


def declarator(type: str, name: str, lengths: tuple[int | str, ...] = ()) -> str:
    """Return the declaration of *name* with *type*."""
    declared = name + "".join(f"[{'' if length == -1 else length}]" for length in lengths)
    if type.endswith(" }"):
        return f"{type} {declared}".rstrip()  # a body, in which a brace stands for itself
    if "{}" in type:
        return type.replace("{}", declared)
    return f"{type} {declared}".rstrip()


def shape_text(shape: Shape) -> str:
    """Return a shape: `hash<K, V>[16] { … }`."""
    value = shape_text(shape.inner) if shape.inner is not None else shape.value
    arguments = ", ".join(filter(None, (shape.key, value, shape.record)))
    entries = f"[{shape.entries}]" if shape.entries is not None else ""
    attributes = "".join(f" {name} = {text};" for name, text in attribute_texts(shape))
    if not shape.key and value:
        arguments, attributes = "", f" value = {value};{attributes}"
    written = f"<{arguments}>" if arguments else ""
    return f"{shape.kind}{written}{entries}{f' {{{attributes} }}' if attributes else ''}"


def attribute_texts(shape: Shape) -> Iterator[tuple[str, str]]:
    """Yield the attributes between the braces."""
    for name in ("key_size", "value_size", "map_flags", "map_extra"):
        number: int = getattr(shape, name)
        if number:
            yield name, f"{number:#x}" if name.startswith("map") else str(number)
    if shape.numa_node is not None:
        yield "numa_node", str(shape.numa_node)
    if shape.is_pinned:
        yield "pinning", "by_name"


def map_text(map: Map) -> str:
    """Return the declaration of a map."""
    linkage = f"{map.linkage} " if map.linkage else ""
    slots = ""
    if map.slots:
        values = ", ".join(f"[{index}] = {name}" for index, name in enumerate(map.slots))
        slots = f" = {{ {values} }}"
    return f"{linkage}map {map.name}: {shape_text(map.shape)}{slots};"


def replaced(program: Program, old: Declaration, new: Declaration | None) -> Program:
    """Return *program* with *new* in the place of *old*, or without it."""
    declarations = ((new if one is old else one) for one in program.declarations)
    return Program(tuple(one for one in declarations if one is not None))


def renamed(program: Program, old: str, new: str) -> Program:
    """Return *program*, in which the type, enumerator or constant *old* is called *new*."""
    pattern = re.compile(rf"\b{re.escape(old)}\b")

    def of(value: object) -> Any:
        if isinstance(value, str):
            return pattern.sub(new, value)
        if isinstance(value, tuple):
            parts = [of(part) for part in value]
            return type(value)(*parts) if hasattr(value, "_fields") else tuple(parts)
        return value

    changed = of(program)
    assert isinstance(changed, Program)
    return changed
