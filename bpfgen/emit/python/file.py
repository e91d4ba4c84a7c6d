"""A model as a Python module.

Each part of it is written in a module beside this one, in the order of the view; the functions that
they call come from templates/python/, as far as they are called.
"""

from __future__ import annotations

from bpfgen.emit.python.imports import OPTION, ImportedModules
from bpfgen.emit.python.maps import write_facts
from bpfgen.emit.python.names import MODULE_NAMES, PythonNames, python_name
from bpfgen.emit.python.printing import docstring, module_docstring
from bpfgen.emit.python.spelling import INT128, UINT128, Speller, static_type
from bpfgen.emit.python.structures import (
    StructureWriter,
    subject_of,
    write_constants,
    write_enumeration,
)
from bpfgen.emit.templates import render
from bpfgen.emit.user_space.identifiers import CONSTANT, ENUMERATOR, Surface, origin_of_type
from bpfgen.emit.user_space.names import refuse
from bpfgen.emit.user_space.types import IMPORTED, Alias, Enumeration, Structure, resolved
from bpfgen.emit.user_space.view import view_of
from bpfgen.record import TYPE_CHECKING, assert_never

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bpfgen.emit.backend import Settings
    from bpfgen.emit.python.structures import Written
    from bpfgen.emit.user_space.identifiers import Identifier, Origin
    from bpfgen.emit.user_space.names import Names
    from bpfgen.emit.user_space.types import Declared
    from bpfgen.emit.user_space.view import View
    from bpfgen.model.model import Model
    from bpfgen.text.source import Span


def emit(model: Model, settings: Settings) -> Sequence[str]:
    """Return the module of *model*; what :data:`bpfgen.emit.BACKENDS` calls.

    Raises:
        OutputRefused: A name can't be had, or would be two things.
    """
    return [_Module(view_of(model), settings).text()]


def identifiers(model: Model, view: View, settings: Settings) -> list[Identifier]:  # noqa: ARG001
    """Return what programs may name of the module of *view*.

    Raises:
        OutputRefused: As for :func:`emit`.
    """
    module = _Module(view, settings)
    module.text()
    return module.surface.identifiers


_DEFINED = frozenset({"_Structure", "_Union", "_enumerator", INT128, UINT128})
"""What is used of the functions and classes that every file has for itself."""


class _Module:
    """One module, written part by part."""

    def __init__(self, view: View, settings: Settings) -> None:
        self._view = view
        self._names = PythonNames(MODULE_NAMES)
        self._has_accessors = bool(settings["accessors"])
        self._imports = ImportedModules(settings[OPTION], self._names)
        self._scopes: list[Names] = [self._names]
        self._uses: set[str] = set()
        self._own: dict[tuple[bool, tuple[str, ...]], str] = {}
        self.surface = Surface()

    def text(self) -> str:
        view = self._view
        constants = [
            (self._constant((CONSTANT, c.name), c.name, c.span), c.value, c.doc)
            for c in view.constants
        ]
        for type in view.types:
            if isinstance(type, Enumeration) and not type.words:
                constants += [
                    (self._constant((ENUMERATOR, "", e.name), e.name, e.span), e.value, e.doc)
                    for e in type.enumerators
                ]
            else:
                self._declare(type)
        maps = [
            (facts, self._name(f"{facts.name}_map", f"the map `{facts.name}`", facts.span))
            for facts in view.maps
        ]
        speller = Speller(self._name_of, {}, self._names.free)
        parts = [write_constants(constants)] if constants else []
        structures = StructureWriter(speller, self.surface)
        for type in view.types:
            name = self._own.get(_key(type))
            if name is None:
                continue
            match type:
                case Structure():
                    parts.append(self._written(structures.write(type, name)))
                case Enumeration():
                    parts.append(self._written(write_enumeration(type, name, self.surface)))
                case Alias():
                    self._uses.add("ctypes")
                    spelled = static_type(speller.c_type(type.target))
                    self.surface.add_alias(origin_of_type(type), name, spelled)
                    parts.append(_alias(type, name, speller))
                case _:
                    assert_never(type)
        parts += [
            self._written(
                write_facts(
                    facts,
                    name,
                    speller,
                    self._names,
                    self.surface,
                    accessors=self._has_accessors,
                )
            )
            for facts, name in maps
        ]
        if constants or maps:
            self._uses.add("typing")
        refuse(*self._scopes)
        opening = self._opening()
        follows_imports = not self._uses & _DEFINED and not (parts and _is_class(parts[0]))
        return opening + _joined(parts, blank_lines=1 if follows_imports else 2)

    def _constant(self, origin: Origin, name: str, span: Span | None) -> str:
        """Return what the constant *name* is called."""
        python = self._name(name, f"the constant `{name}`", span)
        self.surface.add(origin, python, "int")
        return python

    def _name(self, name: str, subject: str, span: Span | None) -> str:
        return self._names.claim(python_name(name, MODULE_NAMES), subject, span)

    def _declare(self, type: Declared) -> None:
        """Give a type of this file its name."""
        name = _name_of_type(type)
        if isinstance(type, Alias):
            target = type.target
            if (
                isinstance(target, (Structure, Enumeration))
                and target.origin != IMPORTED
                and _name_of_type(target) == name
            ):
                return  # `typedef struct flow flow;`
            subject = f"`{type.c_name}`"
        else:
            subject = subject_of(type)
        self._own[_key(type)] = self._names.claim(name, subject, type.span)

    def _name_of(self, type: Declared) -> str:
        if type.origin != IMPORTED:
            return self._own[_key(type)]
        return f"{self._imports.name_of(type.file, type.span)}.{_name_of_type(type)}"

    def _written(self, written: Written) -> list[str]:
        self._uses |= written.uses
        if written.scope is not self._names:
            self._scopes.append(written.scope)
        return written.lines

    def _opening(self) -> str:
        """Return what comes before the declarations."""
        uses = self._uses
        imports = self._imports.lines()
        classes = [
            (name, name.removeprefix("_")) for name in ("_Structure", "_Union") if name in uses
        ]
        needed = {
            "builtins": "builtins" in uses,
            "ctypes": "ctypes" in uses or bool(classes),
            "enum": "enum" in uses or "_enumerator" in uses,
            "sys": "_bits" in uses,
            "typing": "typing" in uses or bool(classes) or bool(imports),
        }
        return render(
            "python/opening.py.j2",
            source=self._view.source,
            doc="\n".join(module_docstring(self._view.doc)),
            modules=[module for module, is_needed in needed.items() if is_needed],
            imports="\n".join(imports),
            classes=classes,
            accessors="bpfgen" in uses,
            uses=uses,
        )


def _key(type: Declared) -> tuple[bool, tuple[str, ...]]:
    """Return what tells *type* from others: a typedef may have a struct's name."""
    return isinstance(type, Alias), type.words


def _name_of_type(type: Declared) -> str:
    """Return the name of *type* in the module that has it."""
    return python_name("_".join(type.words), MODULE_NAMES)


def _alias(alias: Alias, name: str, speller: Speller) -> list[str]:
    """Return the assignment that a typedef comes to."""
    target = resolved(alias.target)
    if isinstance(target, Enumeration) and target.words:
        spelled = speller.name(target)
    else:
        spelled = speller.c_type(target)
    return [f"{name} = {spelled}", *docstring(alias.doc)]


def _joined(parts: list[list[str]], blank_lines: int) -> str:
    """Return the text of *parts*, two blank lines around classes, *blank_lines* before them."""
    lines: list[str] = []
    is_class = False
    for part in parts:
        was_class, is_class = is_class, _is_class(part)
        if not lines:
            lines = [""] * blank_lines
        elif was_class or is_class:
            lines += ["", ""]
        lines += part
    return "\n".join([*lines, ""])


def _is_class(part: list[str]) -> bool:
    return any(line.startswith("class ") for line in part)
