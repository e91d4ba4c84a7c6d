"""The Rust backend: a module with the constants, types and maps of one file.

The last step after the view of user space. The text has no inner attributes or docs, so that it can
be a file of its own or `include!`d; it needs no crate and no standard library, unless it is asked
for derives or for typed access.
"""

from __future__ import annotations

import posixpath

from bpfgen.emit.backend import OUTPUT_NAME, stem
from bpfgen.emit.rust.comments import comment
from bpfgen.emit.rust.facts import declare_map, rust_maps, write_map, write_types
from bpfgen.emit.rust.layout import Layouts
from bpfgen.emit.rust.names import TRAITS, Scope, module_name, type_name, words_beside
from bpfgen.emit.rust.options import AYA, LIBBPF_RS
from bpfgen.emit.rust.structs import Style, write_struct
from bpfgen.emit.rust.types import write_alias, write_constant, write_constants, write_enum
from bpfgen.emit.templates import render
from bpfgen.emit.user_space.identifiers import Surface, origin_of_type
from bpfgen.emit.user_space.names import Names, refuse
from bpfgen.emit.user_space.types import (
    IMPORTED,
    Alias,
    Enumeration,
    Sequence,
    Structure,
)
from bpfgen.emit.user_space.view import view_of
from bpfgen.record import TYPE_CHECKING
from bpfgen.text.diagnostics import Diagnostic

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bpfgen.emit.backend import Settings
    from bpfgen.emit.rust.facts import RustMap
    from bpfgen.emit.rust.structs import Written
    from bpfgen.emit.user_space.identifiers import Identifier
    from bpfgen.emit.user_space.types import Declared, UserType
    from bpfgen.emit.user_space.view import View
    from bpfgen.model.model import Model
    from bpfgen.text.source import Span

_SIZES = (8, 16, 32, 64, 128)
_NUMBERS = (*[f"{sign}{bits}" for bits in _SIZES for sign in "ui"], "f32", "f64")

_NEEDS = {
    "map_lookup": ("decoded",),
    "map_take": ("decoded",),
    "map_pop": ("decoded",),
    "map_peek": ("decoded",),
    "map_lookup_by_cpu": ("decoded",),
    "map_entries": ("map_keys", "map_lookup", "decoded"),
    "map_entries_by_cpu": ("map_keys", "map_lookup_by_cpu", "decoded"),
    "decoded": ("get",),
}
"""What the functions of templates/rust call themselves."""


def emit(model: Model, settings: Settings) -> list[str]:
    """Return the text of the module for *model*, the only file of this output.

    Args:
        model: A model without errors.
        settings: `rust-derive`, `accessors` and `map-import`.

    Raises:
        OutputRefused: A name can't be had, or two become one.
    """
    imports = {posixpath.normpath(imported.path): imported.span for imported in model.imports}
    return [_Module(view_of(model), settings, imports).text()]


def identifiers(model: Model, view: View, settings: Settings) -> list[Identifier]:  # noqa: ARG001
    """Return what programs may name of the module of *view*, with access of all that is asked for.

    Raises:
        OutputRefused: As for :func:`emit`.
    """
    module = _Module(view, settings, {})
    _, maps = module.declarations()
    for library in dict.fromkeys(settings["accessors"]):
        for map in maps:
            module.access(map, library or LIBBPF_RS)
    module.refuse(maps)
    return module.surface.identifiers


class _Module:
    """Writes one module."""

    def __init__(self, view: View, settings: Settings, imports: Mapping[str, Span | None]) -> None:
        self._view = view
        self._imports = imports
        asked = settings["accessors"][-1:]
        self._library = (asked[0] or LIBBPF_RS) if asked else ""
        derives = list(dict.fromkeys(settings["rust-derive"]))
        if self._library == AYA and AYA not in derives:
            derives.append(AYA)
        declared = frozenset(type_name(type.words) for type in view.types if type.words)
        self._shadowed = declared
        self._style = Style(tuple(derives), words_beside(declared))
        given = [value.rpartition("=") for value in settings["map-import"]]
        modules = {posixpath.normpath(file): module for file, _, module in given}
        self._layouts = Layouts(modules, module_name(view.stem))
        self._scope = Scope()
        self._scopes: list[Names] = [self._scope.types, self._scope.values]
        self._used: set[str] = set()
        self.surface = Surface()

    def text(self) -> str:
        """Return the whole file."""
        view, words = self._view, self._style.words
        blocks, maps = self.declarations()
        for map in maps:
            access = self.access(map, self._library) if self._library else []
            blocks.append(write_map(map) + write_types(map, words) + access)
        imported = self.refuse(maps)
        names = {
            "source": view.source,
            "doc": comment(view.doc),
            "traits": [path for name, path in TRAITS.items() if name in self._shadowed],
            "words": words,
            "numbers": _NUMBERS,
            "imported": imported,
            "used": self._needed(),
            "key_value": any(map.key is not None and map.value is not None for map in maps),
            "records": any(map.record is not None for map in maps),
        }
        body = "".join("\n" + "\n".join(block) + "\n" for block in blocks)
        text = render("rust/opening.rs.j2", **names) + body + render("rust/traits.rs.j2", **names)
        if view.types or maps:
            text += render("rust/support.rs.j2", **names)
        if self._library == LIBBPF_RS:
            text += render("rust/libbpf_rs.rs.j2", **names)
        return text

    def declarations(self) -> tuple[list[list[str]], list[RustMap]]:
        """Declare all; return the constants and types as text, and the maps."""
        view = self._view
        blocks: list[list[str]] = []
        constants = [
            write_constant(constant, self._scope, self.surface) for constant in view.constants
        ]
        if constants:
            blocks.append([line for written in constants for line in written.lines])
        for type in view.types:
            written = self._type(type)
            if written is not None:
                blocks.append(written.lines)
                self._used |= written.used
        maps = [map for facts in view.maps for map in rust_maps(facts, self._layouts, self._scope)]
        for map in maps:
            declare_map(map, self.surface)
        return blocks, maps

    def refuse(self, maps: list[RustMap]) -> list[str]:
        """Refuse names that can't be had; return the paths of imported types that are used.

        Raises:
            OutputRefused: A name can't be had, or two become one.
        """
        imported = self._imported(maps)
        self._scope.types.diagnostics += [
            _misnamed(file, self._imports.get(file)) for file in self._layouts.misnamed
        ]
        refuse(*self._scopes)
        return imported

    def _type(self, type: Declared) -> Written | None:
        """Return the text of *type*; None where it is another's under a second name."""
        if isinstance(type, Enumeration) and not type.words:
            return write_constants(type, self._scope, self.surface)
        name = type_name(type.words)
        subject = f"`{type.c_name}`" if type.c_name else f"the type of `{'.'.join(type.words)}`"
        match type:
            case Alias():
                target = type.target
                if not isinstance(target, Sequence) and self._layouts.type(target) == name:
                    return None
                self._scope.type(name, subject, type.span)
                spelled = self._layouts.type(target)
                self.surface.add_alias(origin_of_type(type), name, spelled)
                return write_alias(type, name, self._layouts)
            case Enumeration():
                self._scope.type(name, subject, type.span, is_value=True)
                names = Names("Rust")
                self._scopes.append(names)
                return write_enum(type, name, self._style, names, self.surface)
            case Structure():
                self._scope.type(name, subject, type.span)
                names = Names("Rust")
                self._scopes.append(names)
                return write_struct(type, name, self._layouts, self._style, names, self.surface)

    def access(self, map: RustMap, library: str) -> list[str]:
        """Return typed access to *map* by *library*."""
        words = self._style.words
        if library == LIBBPF_RS:
            from bpfgen.emit.rust import libbpf_rs

            lines, used = libbpf_rs.write_access(map, words, self.surface)
            self._used |= used
            return ["", *lines]
        from bpfgen.emit.rust import aya

        if aya.is_opened(map):
            facts = map.facts
            self._scope.type(aya.alias_of(map), f"map `{facts.name}`", facts.span)
            return ["", *aya.write_access(map, words, self.surface)]
        return []

    def _needed(self) -> frozenset[str]:
        """Return the functions that the file needs, those that they call included."""
        needed: set[str] = set()
        pending = list(self._used)
        while pending:
            name = pending.pop()
            if name not in needed:
                needed.add(name)
                pending += _NEEDS.get(name, ())
        return frozenset(needed)

    def _imported(self, maps: list[RustMap]) -> list[str]:
        """Return the paths of imported structs and enums that this file reads and writes."""
        held: list[UserType | None] = []
        for type in self._view.types:
            if isinstance(type, Structure):
                held += [member.type for member in type.members]
        for map in maps:
            held += [map.facts.key, map.facts.value, map.facts.record]
        paths: dict[str, None] = {}
        for held_type in held:
            leaf = held_type
            while isinstance(leaf, (Alias, Sequence)):
                leaf = leaf.target if isinstance(leaf, Alias) else leaf.element
            if isinstance(leaf, (Structure, Enumeration)) and leaf.origin == IMPORTED:
                paths[self._layouts.path(leaf)] = None
        return list(paths)


def _misnamed(file: str, span: Span | None) -> Diagnostic:
    """Return what is wrong with an import whose module has the name of the importing file's."""
    module = module_name(stem(file))
    return Diagnostic(
        OUTPUT_NAME,
        f"`{file}` has a type that is needed here, and its module and that of this file would both"
        f" be `{module}` in Rust",
        span,
        help="rename one of the files, or say which module has its types:"
        f" --map-import {file}=crate::PATH::{module}",
    )
