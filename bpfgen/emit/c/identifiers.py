"""What programs may name of a C header: types, members, constants, maps, and what is said of them.

Beside the header. Names are those of a BPF program; in user space some get an underscore, always
the same ones. An accessor of a program and one of user space have one name and two signatures.
"""

from __future__ import annotations

from bpfgen.ctype.types import MODIFIERS, Array, Composite, Enum, Pointer, underlying
from bpfgen.emit.backend import OutputRefused
from bpfgen.emit.c.access.program import ProgramAccess
from bpfgen.emit.c.access.section import access_of, constants_of, refuse_clashes
from bpfgen.emit.c.access.user import accessors_of, user_map
from bpfgen.emit.c.blocks import sides_of
from bpfgen.emit.c.declarators import Speller, base_of
from bpfgen.emit.c.facts import BETWEEN, INNER, TYPES, clashes, numbers_of
from bpfgen.emit.c.signatures import Signatures, integer_of
from bpfgen.emit.c.type_bodies import HEADER, C, defined_by
from bpfgen.emit.user_space.identifiers import (
    CONSTANT,
    ENUMERATOR,
    MAP,
    MEMBER,
    PROGRAM,
    TEMPLATE,
    TYPE,
    Surface,
)
from bpfgen.model.maps import Map, Template
from bpfgen.model.model import ConstantDeclaration, ProgramDeclaration, TypeDeclaration
from bpfgen.record import TYPE_CHECKING, assert_never

if TYPE_CHECKING:
    from bpfgen.ctype.types import Type
    from bpfgen.emit.backend import Settings
    from bpfgen.emit.c.access.functions import Accessor
    from bpfgen.emit.c.declarators import Body
    from bpfgen.emit.user_space.facts import MapFacts
    from bpfgen.emit.user_space.identifiers import Identifier, Origin
    from bpfgen.emit.user_space.view import View
    from bpfgen.model.maps import Shape
    from bpfgen.model.model import Model
    from bpfgen.text.diagnostics import Diagnostic


def identifiers(model: Model, view: View, settings: Settings) -> list[Identifier]:
    """Return what programs may name of the header of *model*.

    Raises:
        OutputRefused: Two names became one.
    """
    declared = _Declared(model, view)
    for declaration in model.declarations:
        match declaration:
            case ConstantDeclaration():
                name = declaration.constant.name
                declared.surface.add((CONSTANT, name), name, "constant")
            case TypeDeclaration():
                declared.types(declaration)
            case Template():
                name = declaration.name
                declared.surface.add((TEMPLATE, name), f"struct {name}", "struct")
            case ProgramDeclaration():
                declared.program(declaration)
            case Map():
                declared.map(declaration)
                if settings["accessors"]:
                    declared.access(declaration)
            case _:
                assert_never(declaration)
    if settings["accessors"]:
        declared.refuse_access()
    refused = [*declared.refused(), *clashes(model)]
    if refused:
        raise OutputRefused(refused)
    return declared.surface.identifiers


class _Declared:
    """Goes through the declarations of one model."""

    def __init__(self, model: Model, view: View) -> None:
        self.surface = Surface()
        self._model = model
        self._known = model.types
        self._facts_of = {facts.name: facts for facts in view.maps}
        self._hosts = sides_of(model).hosts()
        self._speller = Speller(HEADER)
        self._in_programs: list[tuple[Map, Accessor]] = []
        self._in_user_space: list[tuple[Map, Accessor]] = []
        self._signatures = Signatures(
            model.types,
            {
                typedef.name
                for current in model.with_imports()
                for declaration in current.declarations
                if isinstance(declaration, TypeDeclaration)
                for typedef in declaration.typedefs
            },
        )

    def program(self, declaration: ProgramDeclaration) -> None:
        """Add the program that *declaration* is the prototype of."""
        type = self._signatures.function(declaration.type)
        self.surface.add((PROGRAM, declaration.name), declaration.name, type)

    def types(self, declaration: TypeDeclaration) -> None:
        """Add the types of *declaration*, nested ones too."""
        named: dict[int, str] = {}
        for typedef in declaration.typedefs:
            target = typedef.underlying
            while isinstance(target, MODIFIERS):
                target = target.underlying
            if isinstance(target, (Composite, Enum)) and target.tag is None:
                named.setdefault(id(target), typedef.name)
                self._body(target, (typedef.name,), typedef.name)
                continue
            type = self._signatures.spelled(target, (typedef.name, "element"))
            self.surface.add_alias((TYPE, typedef.name), typedef.name, type)
            base = base_of(target)
            if isinstance(base, (Composite, Enum)) and base.tag is None and _is_direct(target):
                words = (typedef.name, "element")
                self._body(base, words, ".".join(words))
        defines = declaration.defines
        if defines is None or id(defines) in named:
            return
        if defines.tag is not None:
            self._body(defines, (defines.tag,), f"{_keyword(defines)} {defines.tag}")
        elif isinstance(defines, Enum) and not declaration.typedefs:
            self._enumerators(defines, "")

    def _body(self, body: Body, words: tuple[str, ...], key: str) -> None:
        """Add *body*, whose name is made of *words*, and what is in it."""
        # What C can't name has no name to be gone.
        is_named = body.tag is not None or len(words) == 1
        if is_named:
            if isinstance(body, Enum):
                type, integer = "enum", integer_of(body)
            else:
                type, integer = body.kind, ""
            self.surface.add((TYPE, key), key, type, stands_for=integer)
        if isinstance(body, Enum):
            self._enumerators(body, key)
        else:
            self._members(body, words, key)

    def _enumerators(self, enum: Enum, key: str) -> None:
        for one in enum.enumerators:
            self.surface.add((ENUMERATOR, key, one.name), one.name, "constant")

    def _members(self, composite: Composite, words: tuple[str, ...], key: str) -> None:
        """Add the members of *composite*, those of nameless ones in it as its own."""
        self._hosts[1].names.check(composite)
        for member in composite.members:
            body = defined_by(member, self._known)
            if member.name is None:
                bare = underlying(member.type)
                if isinstance(bare, Composite) and not member.is_bitfield:
                    self._members(bare, words, key)
                continue
            inner = (*words, member.name)
            type = self._signatures.member(member.type, inner)
            self.surface.add((MEMBER, key, member.name), f"{key}.{member.name}", type)
            if body is None:
                continue
            if body.tag is not None:
                self._body(body, (body.tag,), f"{_keyword(body)} {body.tag}")
            elif _is_direct(member.type):
                self._body(body, inner, ".".join(inner))

    def map(self, map: Map) -> None:
        """Add *map* and what is said of it."""
        origin = (MAP, map.name)
        self.surface.add(origin, map.name, "map", "variable")
        facts: MapFacts | None = self._facts_of[map.name]
        shape: Shape | None = map.shape
        prefix = f"{map.name}{BETWEEN}"
        words: tuple[str, ...] = (map.name, "map")
        for fact in ("name", "kernel_name"):
            self.surface.add(origin, f"{prefix}{fact}", "macro", fact)
        inside = ""
        while facts is not None and shape is not None:
            self._facts(origin, shape, facts, inside, words)
            facts, shape = facts.inner, shape.inner
            if inside:  # the header says nothing of maps in maps in maps
                break
            inside, words = f"{INNER}{BETWEEN}", (*words, INNER)

    def _facts(
        self, origin: Origin, shape: Shape, facts: MapFacts, inside: str, words: tuple[str, ...]
    ) -> None:
        prefix = f"{origin[-1]}{BETWEEN}{inside}"
        add = self.surface.add
        add(origin, f"{prefix}type", "macro", f"{inside}type")
        arguments = (shape.key, shape.value, shape.record)
        for role, argument in zip(TYPES, arguments, strict=True):
            if argument is None:
                continue
            inner = (*words, role)
            type = self._signatures.spelled(argument.type, inner)
            self.surface.add_alias(origin, f"{prefix}{role}", type, f"{inside}{role}")
            bare = underlying(argument.type)
            if isinstance(bare, Array):
                inner = (*inner, "element")
            base = base_of(bare)
            if isinstance(base, (Composite, Enum)) and base.tag is None and _is_direct(bare):
                self._body(base, inner, ".".join(inner))
        for name, number in numbers_of(facts):
            if number is not None:
                add(origin, f"{prefix}{name}", "macro", f"{inside}{name}")
        if facts.fingerprint is not None:
            add(origin, f"{prefix}fingerprint", "macro", f"{inside}fingerprint")

    def access(self, map: Map) -> None:
        """Add the functions of *map*."""
        for accessor in ProgramAccess(self._speller).of_map(map):
            self._in_programs.append((map, accessor))
            self._add_function(map, accessor.name, accessor, "in BPF programs")
        for accessor in accessors_of(user_map(map, self._hosts[0].held), Speller(C).type_name):
            self._in_user_space.append((map, accessor))
            self._add_function(map, accessor.name, accessor, "in user space")
            if accessor.also:
                name = accessor.name.removesuffix("_fd")
                self._add_function(map, name, accessor, "in user space")

    def refuse_access(self) -> None:
        """Refuse functions that can't be had under their names.

        Raises:
            OutputRefused: There is one.
        """
        if constants_of(self._model):
            # A constant may be any word of the functions.
            access_of(self._model, self._speller, *[host.held for host in self._hosts])
            return
        for accessors in (self._in_programs, self._in_user_space):
            refuse_clashes(self._model, accessors)

    def refused(self) -> list[Diagnostic]:
        """Return the members that became one in user space."""
        return self._hosts[1].names.diagnostics

    def _add_function(self, map: Map, name: str, accessor: Accessor, side: str) -> None:
        types = [self._signatures.spelled(argument.type) for argument in accessor.arguments]
        returns = self._signatures.spelled(accessor.returns)
        role = f"{name.removeprefix(map.name)} {side}"
        path = f"{name}() {side}"
        self.surface.add((MAP, map.name), path, f"{returns} ({', '.join(types)})", role)


def _keyword(body: Body) -> str:
    return body.kind if isinstance(body, Composite) else "enum"


def _is_direct(type: Type) -> bool:
    """Return whether no pointer is between *type* and what it is made of."""
    while isinstance(type, (Array, *MODIFIERS)):
        type = type.element if isinstance(type, Array) else type.underlying
    return not isinstance(type, Pointer)
