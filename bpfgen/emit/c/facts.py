"""What is known of each map, as macros and typedefs that both sides have: `flows__max_entries`.

Comes before the header, which ends in these lines. A header that declares a map `extern` says the
same of it as the one that defines it, and C takes the same macro and the same typedef twice.
"""

from __future__ import annotations

from bpfgen.ctype.fingerprint import hexadecimal
from bpfgen.ctype.types import Composite, Enum, Int, Typedef
from bpfgen.emit.c import literals
from bpfgen.emit.c.declarators import base_of
from bpfgen.emit.c.type_bodies import declare_types, nameless
from bpfgen.emit.user_space.facts import facts_of
from bpfgen.model.maps import Map, Template
from bpfgen.model.model import ConstantDeclaration, ProgramDeclaration, TypeDeclaration
from bpfgen.record import TYPE_CHECKING, assert_never
from bpfgen.text.diagnostics import Diagnostic, Label

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bpfgen.ctype.fingerprint import Fingerprints
    from bpfgen.ctype.types import Type
    from bpfgen.emit.c.both_sides import Sides
    from bpfgen.emit.c.declarators import Speller
    from bpfgen.emit.c.host_types import HostTypes
    from bpfgen.emit.user_space.facts import MapFacts
    from bpfgen.model.maps import Shape
    from bpfgen.model.model import Declaration, Model
    from bpfgen.text.source import Span

HEADING = "/* What is known of the maps before anybody loads them. */\n"
"""What stands before the facts of all maps."""

BETWEEN = "__"
"""What stands between the name of a map and what is said of it."""

INNER = "inner"
"""What stands for the maps in a map of maps."""

TYPES = ("key", "value", "record")
NUMBERS = ("key_size", "value_size", "value_stride", "max_entries", "map_flags", "map_extra")
OTHERS = ("name", "kernel_name", "type", "fingerprint")
"""What is said of a map: its types, and its numbers; what a loader decides has no number."""


def spell_facts(
    speller: Speller, sides: Sides, map: Map, fingerprints: Fingerprints | None = None
) -> str:
    """Return the lines that say what is known of *map*; *fingerprints* as for :func:`facts_of`."""
    facts = facts_of(map, None, fingerprints)
    prefix = f"{map.name}{BETWEEN}"
    lines = [
        f"#define {prefix}name {literals.string(facts.name)}\n",
        f"#define {prefix}kernel_name {literals.string(facts.kernel_name)}\n",
    ]
    lines += _facts(speller, sides, map.shape, facts, prefix)
    if facts.inner is not None and map.shape.inner is not None:
        inner = f"{prefix}{INNER}{BETWEEN}"
        lines += _facts(speller, sides, map.shape.inner, facts.inner, inner)
    return "".join(lines)


def _facts(
    speller: Speller, sides: Sides, shape: Shape, facts: MapFacts, prefix: str
) -> Iterator[str]:
    yield f"#define {prefix}type {facts.kind.number} /* {facts.kind.constant} */\n"
    yield _typedefs(speller, sides, shape, prefix)
    for name, number in numbers_of(facts):
        if number is not None:
            spelled = literals.number(number, hexadecimal=name in {"map_flags", "map_extra"})
            yield f"#define {prefix}{name} {spelled}\n"
    if facts.fingerprint is not None:
        yield f"#define {prefix}fingerprint {hexadecimal(facts.fingerprint)}ULL\n"


def numbers_of(facts: MapFacts) -> Iterator[tuple[str, int | None]]:
    """Yield each of :data:`NUMBERS` with what it is; None where it isn't said."""
    numbers = (
        facts.key_size,
        facts.value_size,
        facts.stride,
        facts.max_entries,
        facts.map_flags,
        facts.map_extra or None,
    )
    return zip(NUMBERS, numbers, strict=True)


def _typedefs(speller: Speller, sides: Sides, shape: Shape, prefix: str) -> str:
    arguments = zip(TYPES, (shape.key, shape.value, shape.record), strict=True)
    types = [(role, argument.type) for role, argument in arguments if argument is not None]

    def spelled(host: HostTypes | None) -> str:
        typedefs = [(role, host.held(type) if host else type) for role, type in types]
        moved = host.moved() if host else []
        lines = [declare_types(speller, declaration, {}) for declaration in moved]
        for role, type in typedefs:
            lines.append(f"typedef {speller.declaration(type, f'{prefix}{role}')};\n")
        return "".join(lines)

    if all(sides.is_plain(type) for _, type in types):
        return spelled(None)
    return sides.merge(spelled(None), *map(spelled, sides.hosts()))


def clashes(model: Model) -> Iterator[Diagnostic]:
    """Yield the names of *model* that are what its header calls something that it says of a map.

    Those of imported files, too: a program that includes the header sees them.
    """
    maps = {map.name: map for map in model.maps}
    said = {*TYPES, *NUMBERS, *OTHERS}
    for current in model.with_imports():
        for declaration in current.declarations:
            for name, span in names_in(declaration):
                place = name.find(BETWEEN)
                while place >= 0:
                    map = maps.get(name[:place])
                    fact = name[place + len(BETWEEN) :].removeprefix(f"{INNER}{BETWEEN}")
                    if map is not None and fact in said:
                        yield _clash(name, span, map)
                    place = name.find(BETWEEN, place + 1)


def _clash(name: str, span: Span | None, map: Map) -> Diagnostic:
    return Diagnostic(
        "output-name",
        f"`{name}` is what the header calls something that it says of the map `{map.name}`",
        span,
        label="declared here",
        labels=(Label(map.span, "the map"),) if map.span is not None else (),
        help="rename one of them",
        map=map.name,
    )


def names_in(declaration: Declaration) -> list[tuple[str, Span | None]]:
    """Return every name with two underscores in it that *declaration* gives to something."""
    match declaration:
        case Map() | Template() | ProgramDeclaration():
            names = [(declaration.name, declaration.span)]
        case ConstantDeclaration():
            names = [(declaration.constant.name, declaration.span)]
        case TypeDeclaration():
            names = [(typedef.name, declaration.span) for typedef in declaration.typedefs]
            pending: list[Type] = [typedef.underlying for typedef in declaration.typedefs]
            if declaration.defines is not None:
                pending.append(declaration.defines)
            names += _names_within(pending, declaration.span)
        case _:
            assert_never(declaration)
    return [(name, span) for name, span in names if BETWEEN in name]


def _names_within(types: list[Type], span: Span | None) -> list[tuple[str, Span | None]]:
    """Return the tags, and those names of members and enumerators that :func:`names_in` wants."""
    names: list[tuple[str, Span | None]] = []
    pending = types
    while pending:
        type = base_of(pending.pop())
        if not isinstance(type, (Composite, Enum)):
            continue
        if type.tag is not None:
            names.append((type.tag, span))
        if isinstance(type, Enum):
            names += [(one.name, one.span or span) for one in type.enumerators]
            continue
        for member in type.members:
            if member.name is not None and BETWEEN in member.name:
                names.append((member.name, member.span or span))
            if isinstance(member.type, (Int, Typedef)):
                continue
            if member.defines or nameless(member) is not None:
                pending.append(member.type)
    return names
