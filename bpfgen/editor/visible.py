"""The names that can be used in a text, and what each comes to as far as that is known.

Comes after `analysis`; completion offers them and hovers describe them. What the text declares is
taken from its tree, so that a name is there though its declaration is wrong, and what it comes to
from the model. Names of C headers are those that the text uses already, and of a kernel's BTF all.
"""

from __future__ import annotations

from bpfgen.ctype.children import children
from bpfgen.ctype.constants import enumerator_type
from bpfgen.ctype.types import BOOL, Composite, Constant, Enum, Named, Typedef
from bpfgen.model.maps import Map, Template
from bpfgen.model.model import ConstantDeclaration, ProgramDeclaration, TypeDeclaration
from bpfgen.providers.prelude import Prelude
from bpfgen.record import TYPE_CHECKING, Record
from bpfgen.resolve.scope import Scope
from bpfgen.text.diagnostics import Report

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from typing import TypeAlias

    from bpfgen.compiler import Compilation
    from bpfgen.ctype.types import Type
    from bpfgen.editor.analysis import Analysis
    from bpfgen.model.model import Model
    from bpfgen.record import Uncompared
    from bpfgen.text.source import Span

    Value: TypeAlias = Type | Constant | Map | Template | ProgramDeclaration

TYPE_KINDS = ("struct", "union", "enum", "typedef")
"""What a type may be, as C says it."""

CONSTANT_KINDS = ("const", "enumerator", "constant")
"""What may stand in an expression; the last is one of a C header, or one that is built in."""

DECLARED, IMPORTED, INCLUDED = "declared", "imported", "included"
"""Where a name comes from: the text itself, a file that it imports, a C header or the kernel."""

BUILT_IN, USED = "built in", "used"
"""Likewise: the prelude, and of a tag that is only pointed to nowhere."""


class Name(Record):
    """A name that can be used.

    Attributes:
        kind: `struct`, `union`, `enum`, `typedef`, `const`, `enumerator`, `constant`, `map`,
            `program`, `template` or `macro`.
        name: The name itself.
        origin: One of the words above.
        value: What it comes to; None where that isn't known.
        doc: Its doc comment; of a name that is built in, the header that has it.
        where: The file that declares it, or nothing.
        span: Where its declaration names it; None for what has no text.
    """

    kind: str
    name: str
    origin: str
    value: Uncompared[Value | None] = None
    doc: str = ""
    where: str = ""
    span: Uncompared[Span | None] = None


class Names:
    """All names that can be used in one text, by what they are; the nearest declaration counts.

    Attributes:
        types: By kind and name.
        constants: Constants and enumerators, by name.
        maps: Maps and programs, which may stand in slots.
        templates: By name.
        macros: What `macro` lists.
    """

    __slots__ = ("_declarations", "constants", "macros", "maps", "templates", "types")

    def __init__(self, analysis: Analysis) -> None:
        self._declarations: dict[tuple[str, str], list[Name]] = {}
        self.types: dict[tuple[str, str], Name] = {}
        self.constants: dict[str, Name] = {}
        self.maps: dict[str, Name] = {}
        self.templates: dict[str, Name] = {}
        self.macros = {
            token.text: Name("macro", token.text, DECLARED, span=token.span)
            for token in analysis.tree.macros
        }
        compilation = analysis.compilation
        models = models_of(compilation)
        for model in models:
            self._declared(model, DECLARED)
        self._without_value(analysis)
        for model in models:
            for item in model.imports:
                self._declared(item.model, IMPORTED)
        for model in models:
            for (kind, name), type in model.types.items():
                self._add(self.types, (kind, name), Name(kind, name, INCLUDED, type))
        for reference in compilation.references or ():
            declared = reference.declaration
            if declared.kind == "constant" and declared.origin == INCLUDED:
                text = declared.name
                self._add(self.constants, text, Name("constant", text, INCLUDED))
        self._built_in()
        self._tags(analysis)

    def type_named(self, name: str) -> Name | None:
        """Return what *name* without a keyword before it means where a type may stand."""
        for kind in ("typedef", "struct", "union", "enum"):
            found = self.types.get((kind, name))
            if found is not None:
                return found
        return None

    def declarations(self, name: Name, places: Sequence[Span] = ()) -> list[Name]:
        """Return what *name* is in each branch of the text that declares it, or by each value.

        Only those that stand at one of *places*, if there are any.
        """
        found = self._declarations.get((name.kind, name.name), [name])
        here = [one for one in found if any(_is_at(one.span, place) for place in places)]
        return here or found

    def _add(self, names: dict[Key, Name], key: Key, name: Name) -> None:
        if name.origin == DECLARED and name.value is not None:
            others = self._declarations.setdefault((name.kind, name.name), [])
            if all(one.value != name.value or one.span != name.span for one in others):
                others.append(name)
        known = names.get(key)
        if known is None or (known.value is None and name.value is not None):
            names[key] = name

    def _declared(self, model: Model, origin: str) -> None:
        """Add what *model* itself declares."""
        where = "" if origin == DECLARED else model.name
        for one in model.declarations:
            if isinstance(one, ConstantDeclaration):
                constant = one.constant
                found = Name(
                    "const", constant.name, origin, constant, one.doc, where, constant.span
                )
                self._add(self.constants, constant.name, found)
            elif isinstance(one, TypeDeclaration):
                self._types(one, origin, where)
            elif isinstance(one, Map):
                found = Name("map", one.name, origin, one, one.doc, where, one.span)
                self._add(self.maps, one.name, found)
            elif isinstance(one, ProgramDeclaration):
                if origin == DECLARED:
                    found = Name("program", one.name, origin, one, one.doc, where, one.span)
                    self._add(self.maps, one.name, found)
            else:
                found = Name("template", one.name, origin, one, one.doc, where, one.span)
                self._add(self.templates, one.name, found)

    def _types(self, declaration: TypeDeclaration, origin: str, where: str) -> None:
        doc, span = declaration.doc, declaration.span
        defined = declaration.defines
        if defined is not None and defined.tag is not None:
            kind = "enum" if isinstance(defined, Enum) else defined.kind
            found = Name(kind, defined.tag, origin, defined, doc, where, defined.span or span)
            self._add(self.types, (kind, defined.tag), found)
        for typedef in declaration.typedefs:
            found = Name("typedef", typedef.name, origin, typedef, doc, where, span)
            self._add(self.types, ("typedef", typedef.name), found)
        roots: list[Type] = [defined] if defined is not None else []
        roots += [typedef.underlying for typedef in declaration.typedefs]
        for enum in _enums_in(roots):
            for one in enum.enumerators:
                type = enumerator_type(one.value, enum.size, signed=enum.signed)
                constant = Constant(
                    one.name, one.value, type, "declared", one.expression, span=one.span
                )
                found = Name("enumerator", one.name, origin, constant, one.doc, where, one.span)
                self._add(self.constants, one.name, found)

    def _without_value(self, analysis: Analysis) -> None:
        """Add what the text declares and the model hasn't, since it is wrong or in no case."""
        scope = Scope(Report())
        scope.collect(analysis.tree.items)
        for names in (scope.tags, scope.ordinary):
            for text, entry in names.items():
                name = Name(entry.kind, text, DECLARED, span=entry.span)
                if entry.kind in TYPE_KINDS:
                    self._place(self.types, (entry.kind, text), name)
                elif entry.kind in CONSTANT_KINDS:
                    self._place(self.constants, text, name)
                elif entry.kind == "template":
                    self._place(self.templates, text, name)
                else:
                    self._place(self.maps, text, name)

    def _tags(self, analysis: Analysis) -> None:
        """Add the tags that the text uses and nobody defines: they can be pointed to."""
        texts = analysis.tokens.texts
        for at, kind in enumerate(analysis.tokens.kinds[:-1]):
            if kind in ("COMPOSITE", "ENUM") and analysis.tokens.kinds[at + 1] == "NAME":
                key = texts[at], texts[at + 1]
                self._add(self.types, key, Name(*key, USED))

    def _place(self, names: dict[Key, Name], key: Key, name: Name) -> None:
        """Add *name* where there is none, and where it is declared where that isn't exact."""
        known = names.get(key)
        if known is None:
            names[key] = name
        else:
            names[key] = Name(
                known.kind, known.name, known.origin, known.value, known.doc, "", name.span
            )

    def _built_in(self) -> None:
        """Add the names of the prelude; what they come to is found when it is asked for."""
        prelude = Prelude.shared()
        for kind, text in prelude.all_types():
            self._add(self.types, (kind, text), Name(kind, text, BUILT_IN))
        # As <stdbool.h> has it, where nobody has a typedef.
        self._add(self.types, ("typedef", "bool"), Name("typedef", "bool", BUILT_IN, BOOL))
        for text in prelude.constant_names():
            if text not in self.constants:
                self.constants[text] = Name("constant", text, BUILT_IN)


if TYPE_CHECKING:
    from typing import TypeVar

    Key = TypeVar("Key")


_MOST_CASES = 16
"""Cases of a text that are looked at; it may have 256, and an editor waits."""


def models_of(compilation: Compilation) -> list[Model]:
    """Return what a text is in each of its cases, that of the command line first; not too many."""
    variants = compilation.variants[:_MOST_CASES]
    return [compilation.model, *(variant.model for variant in variants)]


def _is_at(span: Span | None, place: Span) -> bool:
    """Return whether *span*, of a declaration, has *place*, of its name."""
    return (
        span is not None
        and span.source.name == place.source.name
        and span.start <= place.start < span.end
    )


def whole(name: Name) -> Name:
    """Return *name* with what it comes to, where that is built in."""
    if name.origin != BUILT_IN or name.value is not None:
        return name
    prelude = Prelude.shared()
    if name.kind in TYPE_KINDS:
        type = prelude.find_type(name.kind, name.name)
        return Name(name.kind, name.name, BUILT_IN, type, prelude.place(name.kind, name.name))
    constant = prelude.find_constant(name.name)
    return Name("constant", name.name, BUILT_IN, constant, prelude.place("", name.name))


def type_of(name: Name) -> Type | None:
    """Return the type that *name* is; None for what is none, or isn't known."""
    value = name.value
    if value is None or isinstance(value, (Constant, Map, Template, ProgramDeclaration)):
        return None
    return value


def _enums_in(roots: list[Type]) -> Iterator[Enum]:
    """Yield the enums whose bodies stand in the types *roots*."""
    pending = list(reversed(roots))
    while pending:
        type = pending.pop()
        if isinstance(type, Enum):
            yield type
        elif isinstance(type, Composite):
            pending.extend(
                member.type
                for member in reversed(type.members)
                if member.defines or _is_nameless(member.type)
            )
        elif not isinstance(type, (Typedef, Named)):
            pending.extend(children(type))


def _is_nameless(type: Type) -> bool:
    """Return whether *type* is, or is made of, a body without a name."""
    while not isinstance(type, (Typedef, Named)):
        if isinstance(type, (Composite, Enum)):
            return type.tag is None
        inside = children(type)
        if len(inside) != 1:
            return False
        type = inside[0]
    return False
