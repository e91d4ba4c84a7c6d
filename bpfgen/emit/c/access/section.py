"""The parts of a header that `--accessors` adds: one for BPF programs, one for user space."""

from __future__ import annotations

from bpfgen.emit.backend import OutputRefused
from bpfgen.emit.c.access.functions import CHECKS, INLINE, spell
from bpfgen.emit.c.access.program import ProgramAccess, helper_macro
from bpfgen.emit.c.access.user import accessors_of, user_map
from bpfgen.emit.c.declarators import Speller
from bpfgen.emit.c.facts import names_in
from bpfgen.emit.c.options import Access, Accessors
from bpfgen.emit.c.type_bodies import C, declare_types
from bpfgen.emit.user_space.names import Names, refuse
from bpfgen.model.model import ConstantDeclaration, TypeDeclaration
from bpfgen.record import TYPE_CHECKING
from bpfgen.text.diagnostics import Diagnostic

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from bpfgen.ctype.types import Type
    from bpfgen.emit.c.access.functions import Accessor
    from bpfgen.model.maps import Map, Shape
    from bpfgen.model.model import Model
    from bpfgen.text.source import Span

    Held = Callable[[Type], Type]


_FOR_BPF = "/* Typed access for BPF programs: the kernel's helpers, by their numbers. */\n"
_FOR_USER_SPACE = "/* Typed access for user space, over libbpf. */\n"


def access_of(model: Model, speller: Speller, c: Held, cplusplus: Held) -> Access:
    """Return the accessors of the maps of *model*.

    *c* and *cplusplus* give a type the form of user space in each language.

    Raises:
        OutputRefused: Something else has the name of one, or a constant that of a word in one.
    """
    access = Access(program_access(model, speller), user_access(model, c, cplusplus))
    _refuse_macros(model, f"{access.program.text}{access.user.text}", speller)
    return access


def program_access(model: Model, speller: Speller) -> Accessors:
    """Return the accessors of the maps of *model* for BPF programs.

    Raises:
        OutputRefused: Something else has the name of one.
    """
    access = ProgramAccess(speller)
    of_maps = [(map, list(access.of_map(map))) for map in model.maps]
    refuse_clashes(model, [(map, each) for map, accessors in of_maps for each in accessors])
    maps = tuple(
        (map.name, "\n".join([spell(each, speller, inline=INLINE) for each in accessors]))
        for map, accessors in of_maps
        if accessors
    )
    if not maps:
        return Accessors()
    tags = "".join(f"struct {tag};\n" for tag in access.tags)
    macros = "".join([helper_macro(name) for name in access.helpers])
    ends = "".join(f"#undef bpfgen_{name}\n" for name in access.helpers)
    return Accessors(f"{_FOR_BPF}{CHECKS}{tags}{macros}", maps, f"\n{ends}")


def user_access(model: Model, c: Held, cplusplus: Held) -> Accessors:
    """Return the accessors of the maps of *model* over libbpf.

    *c* and *cplusplus* give a type the form of user space in each language.

    Raises:
        OutputRefused: Something else has the name of one.
    """
    texts: list[tuple[str, str]] = []
    accessors: list[tuple[Map, Accessor]] = []
    for map in model.maps:
        first, other = _user_map(map, c, accessors), _user_map(map, cplusplus, [])
        if first == other:
            texts += [(map.name, first)] if first else []
        else:
            texts.append((map.name, f"#ifndef __cplusplus\n{first}#else\n{other}#endif\n"))
    if not texts:
        return Accessors()
    refuse_clashes(model, accessors)
    return Accessors(f"{_FOR_USER_SPACE}{CHECKS}", tuple(texts))


def _user_map(map: Map, held: Held, accessors: list[tuple[Map, Accessor]]) -> str:
    """Return the accessors of *map* as text, and add them to *accessors*."""
    speller = Speller(C)
    subject = user_map(map, held)
    union = ""
    if subject.union is not None:
        union = declare_types(speller, TypeDeclaration(subject.union), {}) + "\n"
    own = list(accessors_of(subject, speller.type_name))
    accessors += [(map, accessor) for accessor in own]
    return union + "\n".join([spell(each, speller, inline="static inline") for each in own])


def refuse_clashes(model: Model, accessors: Iterable[tuple[Map, Accessor]]) -> None:
    """Refuse an accessor whose name is something else's, or another accessor's.

    Raises:
        OutputRefused: There is one.
    """
    names = Names("C")
    for current in model.with_imports():
        for declaration in current.declarations:
            for name, _ in names_in(declaration):
                names.free(name)
    for map, accessor in accessors:
        names.claim(accessor.name, f"an accessor of the map `{map.name}`", map.span)
    refuse(names)


def _refuse_macros(model: Model, text: str, speller: Speller) -> None:
    """Refuse a constant, which is a macro in C, whose name is a word of the accessors *text*.

    Not the constants by which the types of maps are spelled: the length of an array.
    """
    constants = constants_of(model)
    if not constants:
        return
    spelled: set[str] = set()
    for map in model.maps:
        shape: Shape | None = map.shape
        while shape is not None:
            for argument in (shape.key, shape.value, shape.record):
                if argument is not None:
                    spelled |= _words(speller.type_name(argument.type))
            shape = shape.inner
    taken = (_words(text) - spelled) & constants.keys()
    if taken:
        raise OutputRefused(
            [
                Diagnostic(
                    "macro-name",
                    f"the constant `{name}` becomes a macro, and the accessors use that word",
                    constants[name],
                    help=f"rename it, to `{name.upper()}_VALUE` perhaps",
                )
                for name in sorted(taken)
            ]
        )


def constants_of(model: Model) -> dict[str, Span | None]:
    """Return the constants that are macros where the header of *model* is, and their places."""
    return {
        declaration.constant.name: declaration.span
        for current in model.with_imports()
        for declaration in current.declarations
        if isinstance(declaration, ConstantDeclaration)
    }


def _words(text: str) -> set[str]:
    """Return the identifiers of C in *text*."""
    characters = [c if c.isalnum() or c == "_" else " " for c in text]
    return set("".join(characters).split())
