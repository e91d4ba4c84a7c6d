"""Structs and unions as Rust structs: the definition, what it derives, its methods, its assertions.

After the layout and the methods; an enum and a typedef are :mod:`bpfgen.emit.rust.types`'s.
"""

from __future__ import annotations

from bpfgen.emit.rust.accessors import methods_of
from bpfgen.emit.rust.comments import doc
from bpfgen.emit.rust.form import CALL_WIDTH, LITERAL_WIDTH, MAX_WIDTH, attribute, call, chain
from bpfgen.emit.rust.layout import (
    DERIVED_LENGTH,
    WIDEST_SURE,
    has_text,
    is_alone,
    is_converted,
    only,
)
from bpfgen.emit.rust.names import is_snake_case, member_name
from bpfgen.emit.user_space.identifiers import MEMBER, origin_of_type, type_key
from bpfgen.emit.user_space.storage import Direct, Empty, Padding, Storage
from bpfgen.record import TYPE_CHECKING, Record

if TYPE_CHECKING:
    from bpfgen.emit.rust.layout import Field, Form, Layouts
    from bpfgen.emit.user_space.identifiers import Surface
    from bpfgen.emit.user_space.names import Names
    from bpfgen.emit.user_space.types import Structure

ZEROCOPY, BYTEMUCK, AYA = "zerocopy", "bytemuck", "aya"

DERIVES = {
    ZEROCOPY: ("FromBytes", "IntoBytes", "Immutable", "KnownLayout"),
    BYTEMUCK: ("Pod", "Zeroable"),
    AYA: (),
}
"""The libraries that `--rust-derive` names, and what is derived of each; aya has no macro."""

USER_FEATURE = '#[cfg(feature = "user")]'
"""The feature of a crate that both sides share, under which it sees aya: as aya's own template."""


class Style(Record):
    """What the options ask for, and what the file's own names ask for.

    Attributes:
        derives: Of :data:`DERIVES`.
        words: How names of Rust's prelude are written.
    """

    derives: tuple[str, ...]
    words: dict[str, str]


class Written(Record):
    """The text of one declaration, and which of the file's functions it calls."""

    lines: list[str]
    used: frozenset[str] = frozenset()


def write_struct(
    structure: Structure,
    name: str,
    layouts: Layouts,
    style: Style,
    names: Names,
    surface: Surface,
) -> Written:
    """Return the Rust struct *name* for *structure*; *names* are those of its members."""
    for member in structure.members:
        names.claim(member_name(member.name), f"member `{member.name}`", member.span)
    form = layouts.form(structure)
    methods = methods_of(structure, form, layouts, style.words)
    surface.add(origin_of_type(structure), name, "struct")
    for field in form.fields:
        if isinstance(field.piece, (Direct, Empty)) or is_alone(field.piece):
            origin = (MEMBER, type_key(structure), only(field.piece).name)
            surface.add(origin, f"{name}.{field.name}", field.type, ".")
    for method in methods.declared:
        origin = (MEMBER, type_key(structure), method.member)
        surface.add(origin, f"{name}::{method.name}", method.signature, method.role)
    shown = not structure.is_union and not all(_shows_itself(field) for field in form.fields)
    defaults = all(_derives_default(field, layouts) for field in form.fields)
    derived = ["Clone", "Copy"]
    derived += [] if shown else ["Debug"]
    derived += ["Default"] if defaults else []
    derived += ["PartialEq", "Eq", "Hash"] if form.hashed else ["PartialEq"]
    lines = doc(structure.doc) or [f"/// `{structure.c_name}` of C."] * bool(structure.c_name)
    lines += attribute("derive", derived)
    lines += attribute("repr", _representation(form))
    lines += library_derives(style.derives)
    lints = ["dead_code"]
    if not all(is_snake_case(field.name) for field in form.fields):
        lints.append("non_snake_case")
    if any(field.name.startswith("_") for field in form.fields):
        lints.append("clippy::pub_underscore_fields")
    lines += attribute("allow", lints)
    if form.fields:
        lines.append(f"pub struct {name} {{")
        for field in form.fields:
            if isinstance(field.piece, (Direct, Empty)):
                lines += doc(field.piece.member.doc, "    ")
            lines.append(f"    pub {field.name}: {field.type},")
        lines.append("}")
    else:
        lines.append(f"pub struct {name} {{}}")
    if methods.lines:
        lines += ["", *attribute("allow", ["dead_code", *methods.lints]), f"impl {name} {{"]
        lines += [*methods.lines, "}"]
    if shown:
        lines += ["", *_debug(structure, name, methods.values)]
    if not defaults:
        lines += ["", *_default(name, form, layouts, style.words)]
    lines += ["", *implementations(name, style)]
    lines += ["", *_assertions(structure, name, form)]
    return Written(lines, methods.used)


def library_derives(derives: tuple[str, ...]) -> list[str]:
    """Return the attribute that derives what is asked for of libraries."""
    derived = [f"{library}::{trait}" for library in derives for trait in DERIVES[library]]
    return attribute("derive", derived) if derived else []


def implementations(name: str, style: Style) -> list[str]:
    """Return the traits that the type *name*, plain bytes, has by a promise."""
    lines = [
        "// SAFETY: any bytes are a value, and there is no padding but what has a name.",
        f"unsafe impl {style.words['Plain']} for {name} {{}}",
    ]
    if AYA in style.derives:
        lines += [
            "",
            "// SAFETY: as for `Plain`.",
            USER_FEATURE,
            f"unsafe impl aya::Pod for {name} {{}}",
        ]
    return lines


def _representation(form: Form) -> list[str]:
    if form.packed:
        return ["C", "packed" if form.packed == 1 else f"packed({form.packed})"]
    return ["C", f"align({form.aligned})"] if form.aligned else ["C"]


def _shows_itself(field: Field) -> bool:
    """Return whether a derived `Debug` shows of *field* what its member means."""
    if not isinstance(field.piece, Direct):
        return False
    type = field.piece.member.type
    return not is_converted(type) and not has_text(type)


def _derives_default(field: Field, layouts: Layouts) -> bool:
    if isinstance(field.piece, (Storage, Padding)):
        return field.piece.size <= DERIVED_LENGTH
    return layouts.has_default(field.piece.member.type)


def _debug(structure: Structure, name: str, values: dict[str, str]) -> list[str]:
    """Return the `Debug` of a struct whose fields aren't what its members mean."""
    lines = [
        "#[allow(clippy::missing_fields_in_debug)] // they are there by their members",
        f"impl core::fmt::Debug for {name} {{",
        "    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {",
    ]
    calls: list[str] = []
    for member in structure.members:
        if member.name in values:
            arguments = [f'"{member_name(member.name)}"', f"&{values[member.name]}"]
            calls.append("\n            ".join(call("field", arguments, "", 13)))
    body = chain(f'f.debug_struct("{name}")', [*calls, "finish()"], 8)
    return [*lines, *(f"        {line}" for line in body), "    }", "}"]


def _default(name: str, form: Form, layouts: Layouts, words: dict[str, str]) -> list[str]:
    """Return the `Default` of a struct with arrays that are too long for Rust's own."""
    lines = [f"impl {words['Default']} for {name} {{", "    fn default() -> Self {"]
    members = []
    for field in form.fields:
        if isinstance(field.piece, (Storage, Padding)):
            value = f"[0; {field.piece.size}]"
        else:
            value = layouts.default(field.piece.member.type)
        members.append(f"{field.name}: {value}")
    inside = ", ".join(members)
    if len(inside) <= LITERAL_WIDTH:
        lines.append(f"        Self {{ {inside} }}")
    else:
        lines += ["        Self {", *(f"            {member}," for member in members), "        }"]
    return [*lines, "    }", "}"]


def _assertions(structure: Structure, name: str, form: Form) -> list[str]:
    """Return what holds the compiler to the size, the alignment and each offset."""
    align = f"align_of::<{name}>() == {structure.align}"
    fields = [field for field in form.fields if not isinstance(field.piece, Padding)]
    lines = ["const _: () = {"]
    imports = ["align_of", *(["offset_of"] if fields else []), "size_of"]
    lines.append(f"    use core::mem::{{{', '.join(imports)}}};")
    lines += _assertion(f"size_of::<{name}>() == {structure.size}")
    if structure.align == WIDEST_SURE and not form.aligned:
        align += ' || cfg!(target_arch = "x86")'  # where a u64 is aligned to 4
    lines += _assertion(align)
    for field in fields:
        lines += _assertion(f"offset_of!({name}, {field.name}) == {field.piece.offset}")
    return [*lines, "};"]


def _assertion(fact: str) -> list[str]:
    lines = call("assert!", [fact], ";", 4)
    inside = fact.partition("(")[2].partition(")")[0]
    if 8 + len(fact) + 1 > MAX_WIDTH or len(inside) > CALL_WIDTH:
        lines = ["assert!(", *(f"    {part}" for part in _broken(f"{fact},")), ");"]
    return [f"    {line}" for line in lines]


def _broken(fact: str) -> list[str]:
    """Return *fact* as rustfmt breaks it where it is too long for a line."""
    left, either, right = fact.partition(" || ")
    if either:
        return [left, f"    || {right}"]
    head, _, rest = fact.partition("(")
    arguments, _, value = rest.partition(")")
    name, comma, member = arguments.partition(", ")
    return [f"{head}(", f"    {name},", f"    {member}", f"){value}"] if comma else [fact]
