"""Enums, typedefs and constants in Rust.

Beside :mod:`bpfgen.emit.rust.structs`. An enum is an integer of its size with a constant for each
enumerator, since a value of a Rust `enum` that has no name would be undefined behaviour.
"""

from __future__ import annotations

from bpfgen.emit.rust.comments import doc
from bpfgen.emit.rust.form import MAX_WIDTH, attribute, call, function, literal
from bpfgen.emit.rust.layout import integer
from bpfgen.emit.rust.names import constant_name, is_shouted, member_name
from bpfgen.emit.rust.structs import Written, implementations, library_derives
from bpfgen.emit.user_space.identifiers import CONSTANT, ENUMERATOR, origin_of_type, type_key
from bpfgen.emit.user_space.types import size_of
from bpfgen.record import TYPE_CHECKING

if TYPE_CHECKING:
    from bpfgen.emit.rust.layout import Layouts
    from bpfgen.emit.rust.names import Scope
    from bpfgen.emit.rust.structs import Style
    from bpfgen.emit.user_space.identifiers import Surface
    from bpfgen.emit.user_space.names import Names
    from bpfgen.emit.user_space.types import Alias, Enumeration, UserEnumerator
    from bpfgen.emit.user_space.view import UserConstant


def write_constant(constant: UserConstant, scope: Scope, surface: Surface) -> Written:
    """Return a constant of the file."""
    name = scope.values.claim(
        constant_name(constant.name), f"`const {constant.name}`", constant.span
    )
    type = integer(constant.size, signed=constant.signed)
    surface.add((CONSTANT, constant.name), name, type)
    lines = [*doc(constant.doc), "#[allow(dead_code)]"]
    return Written([*lines, f"pub const {name}: {type} = {literal(constant.value)};"])


def write_constants(enumeration: Enumeration, scope: Scope, surface: Surface) -> Written:
    """Return the enumerators of an enum that has no name: constants of the module."""
    type = integer(enumeration.size, signed=enumeration.signed)
    lines: list[str] = []
    for enumerator in enumeration.enumerators:
        name = scope.values.claim(
            constant_name(enumerator.name), f"enumerator `{enumerator.name}`", enumerator.span
        )
        surface.add((ENUMERATOR, "", enumerator.name), name, type)
        lines += [*doc(enumerator.doc), "#[allow(dead_code)]"]
        lines.append(f"pub const {name}: {type} = {literal(_stored(enumerator, enumeration))};")
    return Written(lines)


def write_enum(
    enumeration: Enumeration, name: str, style: Style, names: Names, surface: Surface
) -> Written:
    """Return the Rust type *name* for *enumeration*; *names* are those in its `impl`."""
    type = integer(enumeration.size, signed=enumeration.signed)
    lines = doc(enumeration.doc)
    if not lines and enumeration.c_name:
        lines = [f"/// `{enumeration.c_name}` of C; a value without a name stays as it is."]
    derived = ["Clone", "Copy", "Default", "PartialEq", "Eq", "PartialOrd", "Ord", "Hash"]
    lines += [*attribute("derive", derived), "#[repr(transparent)]"]
    lines += [*library_derives(style.derives), "#[allow(dead_code)]"]
    lines.append(f"pub struct {name}(pub {type});")
    surface.add(origin_of_type(enumeration), name, "struct")
    surface.add(origin_of_type(enumeration), f"{name}.0", type, "0")
    constants: list[tuple[str, str]] = []
    first: dict[int, tuple[str, str]] = {}
    for enumerator in enumeration.enumerators:
        spelled = names.claim(
            member_name(enumerator.name),
            f"enumerator `{enumerator.name}`",
            enumerator.span,
        )
        origin = (ENUMERATOR, type_key(enumeration), enumerator.name)
        surface.add(origin, f"{name}::{spelled}", name)
        constants.append((spelled, enumerator.name))
        first.setdefault(_stored(enumerator, enumeration), (spelled, enumerator.name))
    if constants:
        lints = ["dead_code"]
        if not all(is_shouted(spelled) for spelled, _ in constants):
            lints.append("non_upper_case_globals")
        lines += ["", *attribute("allow", lints), f"impl {name} {{"]
        for (spelled, _), enumerator in zip(constants, enumeration.enumerators, strict=True):
            lines += doc(enumerator.doc, "    ")
            value = literal(_stored(enumerator, enumeration))
            lines.append(f"    pub const {spelled}: Self = Self({value});")
        lines.append("}")
    lines += ["", *_debug(name, list(first.values()), enumeration.size)]
    lines += ["", *implementations(name, style)]
    size = f"core::mem::size_of::<{name}>() == {enumeration.size}"
    lines += ["", *call("const _: () = assert!", [size], ";", 0)]
    return Written(lines)


def _stored(enumerator: UserEnumerator, enumeration: Enumeration) -> int:
    """Return what a member of the enum holds for *enumerator*: `mode(byte)` may cut it."""
    bits = 8 * enumeration.size
    value = enumerator.value & ((1 << bits) - 1)
    return value - (1 << bits) if enumeration.signed and value >> (bits - 1) else value


def _debug(name: str, values: list[tuple[str, str]], size: int) -> list[str]:
    """Return the `Debug` that shows the name of a value, or the number where it has none."""
    head = "fn fmt"
    parameters = ["&self", "f: &mut core::fmt::Formatter<'_>"]
    other = f'write!(f, "{name}({{}})", self.0)'
    if values:
        body = ["match *self {"]
        for spelled, c in values:
            arm, result = f"    Self::{spelled} =>", f'f.write_str("{c}")'
            if len(arm) + len(result) + 10 <= MAX_WIDTH:
                body.append(f"{arm} {result},")
            else:
                body += [f"{arm} {{", f"        {result}", "    }"]
        if len(values) < 1 << (8 * size):
            body.append(f"    Self(_) => {other},")
        body.append("}")
    else:
        body = [other]
    lines = function(head, parameters, "core::fmt::Result", body, "    ")
    return [f"impl core::fmt::Debug for {name} {{", *lines, "}"]


def write_alias(alias: Alias, name: str, layouts: Layouts) -> Written:
    """Return the typedef *alias*."""
    lines = doc(alias.doc) or [f"/// `{alias.c_name}` of C."]
    lines += ["#[allow(dead_code)]", f"pub type {name} = {layouts.type(alias.target)};", ""]
    size = f"core::mem::size_of::<{name}>() == {size_of(alias.target)}"
    return Written([*lines, *call("const _: () = assert!", [size], ";", 0)])
