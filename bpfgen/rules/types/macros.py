"""Constants become macros, and the preprocessor knows no name spaces."""

from __future__ import annotations

from bpfgen.ctype.types import (
    Array,
    Composite,
    Const,
    Enum,
    Float,
    FuncProto,
    Int,
    Named,
    Pointer,
    Restrict,
    Typedef,
    TypeTag,
    Unknown,
    Void,
    Volatile,
)
from bpfgen.model.maps import ATTRIBUTES, Template
from bpfgen.model.model import ConstantDeclaration, ProgramDeclaration, TypeDeclaration
from bpfgen.record import TYPE_CHECKING, assert_never
from bpfgen.text.diagnostics import Diagnostic, Label, Subject

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bpfgen.ctype.types import Constant, Type
    from bpfgen.model.model import Model
    from bpfgen.rules.target import Target
    from bpfgen.text.source import Span

_WORDS = frozenset(
    "SEC __uint __type __array __ulong section used weak packed aligned address_space mode "
    "preserve_access_index btf_decl_tag btf_type_tag bpf_map_def".split()
)
"""What the generated C itself is made of, the members of a map's struct apart."""


def macro_name(model: Model, _target: Target) -> Iterator[Diagnostic]:
    """A constant is a macro in C, which replaces its name wherever it stands.

    What it does: refuses a constant with the name of a member, a tag, a template or a parameter, of
    its own file or of one that imports it, or with a name that the generated C uses.
    Why: `const value = 5;` becomes `#define value 5`, and `int value;` after it becomes `int 5;`.

    Wrong:
        const value = 5;
        struct reading { __u32 value; };
    Right:
        const VALUE = 5;
        struct reading { __u32 value; };
    """
    macros = _macros(model)
    if not macros:
        return
    reported: set[str] = set()
    words = _WORDS | (set(ATTRIBUTES) if model.maps else set())
    for name in macros.keys() & words:
        reported.add(name)
    for name in sorted(reported):
        yield Diagnostic(
            "macro-name",
            f"the constant `{name}` becomes a macro, and the generated C uses that word itself",
            macros[name].span,
            help=f"rename it, to `{name.upper()}_VALUE` perhaps",
            subject=Subject("const", name),
        )
    for what, name, span in _named(model):
        if name in macros and name not in reported:
            reported.add(name)
            constant = macros[name]
            yield Diagnostic(
                "macro-name",
                f"the constant `{name}` becomes a macro, which would replace the name of this "
                f"{what}",
                span or constant.span,
                labels=(Label(constant.span, "the constant"),) if span and constant.span else (),
                help=f"rename one of them: `const {name.upper()} = …`" if name.islower() else "",
                subject=Subject("const", name),
            )


def _macros(model: Model) -> dict[str, Constant]:
    """Return the constants that are macros in the header of *model*, imported ones too."""
    macros: dict[str, Constant] = {}
    for current in model.with_imports():
        for declaration in current.declarations:
            if isinstance(declaration, ConstantDeclaration):
                macros.setdefault(declaration.constant.name, declaration.constant)
    return macros


def _named(model: Model) -> Iterator[tuple[str, str, Span | None]]:
    """Yield what C names in *model* beside constants and maps: what it is, its name, its place."""
    for declaration in model.declarations:
        if isinstance(declaration, Template):
            yield "template", declaration.name, declaration.span
        elif isinstance(declaration, TypeDeclaration):
            types = [typedef.underlying for typedef in declaration.typedefs]
            for type_ in (declaration.defines, declaration.forward, *types):
                if type_ is not None:
                    yield from _names_in(type_, declaration.span)
        elif isinstance(declaration, ProgramDeclaration):
            yield from _names_in(declaration.type, declaration.span)


def _names_in(type_: Type, span: Span | None) -> Iterator[tuple[str, str, Span | None]]:
    """Yield the names that a declaration of *type_* spells, without those of other declarations."""
    pending: list[tuple[Type, Span | None, bool]] = [(type_, span, True)]
    while pending:
        current, place, defines = pending.pop()
        match current:
            case Pointer():
                pending.append((current.pointee, place, defines))
            case Const() | Volatile() | Restrict() | TypeTag():
                pending.append((current.underlying, place, defines))
            case Array():
                pending.append((current.element, place, defines))
            case FuncProto():
                pending.append((current.returns, place, defines))
                for parameter in current.parameters:
                    if parameter.name is not None:
                        yield "parameter", parameter.name, place
                    pending.append((parameter.type, place, False))
            case Composite():
                if current.tag is not None:
                    yield current.kind, current.tag, place
                if defines or current.tag is None:
                    for member in current.members:
                        if member.name is not None:
                            yield "member", member.name, member.span or place
                        pending.append((member.type, member.span or place, member.defines))
            case Enum():
                if current.tag is not None:
                    yield "enum", current.tag, place
            case Named():
                if current.kind != "typedef":
                    yield current.kind, current.name, place
            case Typedef() | Int() | Float() | Void() | Unknown():
                pass
            case _:
                assert_never(current)
