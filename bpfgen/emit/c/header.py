"""A model as a C header, and as the translation unit that is compiled to verify it.

Spelling is done in the modules beside this one. The declarations stand between two templates,
templates/c/opening.h.j2 and closing.h.j2; lines are counted while the parts are put together.
"""

from __future__ import annotations

import os

from bpfgen.ctype.fingerprint import Fingerprints
from bpfgen.ctype.types import (
    Composite,
    Constant,
    Named,
)
from bpfgen.emit.backend import OutputRefused, PlacedText, base_name
from bpfgen.emit.c.anchors import anchors_of, extern_references
from bpfgen.emit.c.assertions import Assertions, assertion
from bpfgen.emit.c.both_sides import Sides
from bpfgen.emit.c.comments import comment, neutral
from bpfgen.emit.c.declarators import Speller
from bpfgen.emit.c.expressions import is_plain
from bpfgen.emit.c.facts import clashes, spell_facts
from bpfgen.emit.c.include_guard import guard_name
from bpfgen.emit.c.literals import integer, number
from bpfgen.emit.c.map_definitions import MACROS, MAP_PREFIX, MapSpeller
from bpfgen.emit.c.options import Access, HeaderOptions
from bpfgen.emit.c.parameter_tags import parameter_tags, types_in
from bpfgen.emit.c.prologue import is_for_bpf, own_structs, prologue_of
from bpfgen.emit.c.sides import BPF, PROGRAM, is_bool
from bpfgen.emit.c.type_bodies import HEADER, declare_types
from bpfgen.emit.templates import render
from bpfgen.model.maps import Map, Template
from bpfgen.model.model import ConstantDeclaration, ProgramDeclaration, TypeDeclaration
from bpfgen.record import TYPE_CHECKING, Record, assert_never, replace

if TYPE_CHECKING:
    from bpfgen.ctype.types import Expression
    from bpfgen.emit.backend import Settings
    from bpfgen.emit.c.expansion import Expansion
    from bpfgen.model.model import Declaration, Model
    from bpfgen.text.source import Span


def emit(model: Model, settings: Settings) -> list[PlacedText]:
    """Return the header of *model*; what :data:`bpfgen.emit.BACKENDS` calls.

    Raises:
        OutputRefused: Two names became one.
    """
    header, blocks = _compose(
        model, HeaderOptions(settings["style"][-1], accessors=bool(settings["accessors"]))
    )
    diagnostics = [*blocks.sides.diagnostics, *clashes(model)]
    if diagnostics:
        raise OutputRefused(diagnostics)
    return [header]


def emit_header(model: Model, options: HeaderOptions | None = None) -> str:
    """Return the text of the C header that declares everything *model* declares."""
    return compose_header(model, options).text


def emit_anchored_unit(
    model: Model, options: HeaderOptions | None = None, header: PlacedText | None = None
) -> PlacedText:
    """Return the translation unit that is compiled for an object or for verification.

    Its text is that of the header and, after it, references to the extern maps of *model*: one that
    nothing uses would leave no trace in the object. Whoever has the header of *model* passes it on.
    """
    header = header or compose_header(model, options)
    references = "".join(f"{reference}\n" for reference in extern_references(model))
    return replace(header, text=f"{header.text}\n{references}") if references else header


def compose_header(model: Model, options: HeaderOptions | None = None) -> PlacedText:
    """Return the C header of *model*, and which of its lines come from which declaration."""
    return _compose(model, options or HeaderOptions())[0]


def _compose(model: Model, options: HeaderOptions) -> tuple[PlacedText, _Blocks]:
    """Return the header of *model* and what its declarations were spelled with."""
    blocks = _Blocks(model, options)
    # What is spelled first decides which of the kernel's and libbpf's names the rest must bring.
    anchors = anchors_of(model, blocks.speller, options.style)
    prints = Fingerprints()
    facts = [spell_facts(blocks.speller, blocks.sides, map, prints) for map in model.maps]
    words = _words_of_cplusplus([*[block.text for block in blocks.blocks], *facts])
    access = Access()
    if options.accessors:
        from bpfgen.emit.c.access.section import access_of

        access = access_of(model, blocks.speller, *[host.held for host in blocks.sides.hosts()])
    opening = _opening(model, blocks, words, access)
    closing = render(
        "c/closing.h.j2",
        anchors=anchors,
        access=access,
        facts="\n".join(facts),
        **_names(model, blocks),
    )
    line = 1 + opening.count("\n")
    texts = [opening]
    places = []
    for_bpf = False
    for block in blocks.blocks:
        text = block.text
        if block.for_bpf != for_bpf:
            gap = "#endif\n\n" if for_bpf else f"\n#ifdef {BPF}\n"
            for_bpf = block.for_bpf
        else:
            gap = "\n" if block.blank_line else ""
        if gap:
            texts.append(gap)
            line += gap.count("\n")
        if block.span is not None:
            places.append((line, block.span))
        texts.append(text)
        line += text.count("\n")
    if for_bpf:
        texts.append("#endif\n")
    texts.append(closing)
    return PlacedText("".join(texts), tuple(places)), blocks


_NO_BOOL = "#if !defined(bool) && !defined(__cplusplus) && __STDC_VERSION__ + 0 < 202311L"
"""Where `typedef _Bool bool;` may stand: neither beside <stdbool.h> nor in C23 and C++."""


class _Block(Record):
    """One declaration, spelled.

    Attributes:
        blank_line: Whether one goes before it. None does before what continues a group of
            constants, prototypes or forward declarations.
        text: Ends in a newline.
        for_bpf: Whether user space goes without it.
        span: Its place in the source, if that is known.
    """

    blank_line: bool
    text: str
    for_bpf: bool
    span: Span | None


class _Blocks:
    """The declarations of one header, spelled, in order.

    Attributes:
        speller: What spelled them.
        maps: What spelled the maps.
        sides: What decides who has what.
        blocks: The result.
    """

    def __init__(self, model: Model, options: HeaderOptions) -> None:
        self.speller = Speller(HEADER)
        self.maps = MapSpeller(self.speller, options.style, alone=len(model.maps) < 2)
        self.sides = Sides(model, own_structs(model), _declared_types(model))
        self._model = model
        self._assertions = Assertions(model.types)
        self._expansion: Expansion | None = None
        self._declared = {
            (used.declaration.defines.kind, used.declaration.defines.tag)
            for used in model.prelude_types
            if isinstance(used.declaration.defines, Composite)
        }
        self.blocks: list[_Block] = []
        previous = ""
        for declaration in model.declarations:
            text = self._spell(declaration)
            group = _group(declaration, text)
            for_bpf = isinstance(declaration, (Map, Template, ProgramDeclaration))
            is_first = not group or group != previous
            self.blocks.append(_Block(is_first, text, for_bpf, declaration.span))
            previous = group

    def _spell(self, declaration: Declaration) -> str:
        match declaration:
            case Map():
                return self.maps.map(declaration)
            case Template():
                return self.maps.template(declaration)
            case ConstantDeclaration():
                return self._constant(declaration)
            case TypeDeclaration():
                return self._types(declaration)
            case ProgramDeclaration():
                forward = self._forward(declaration)
                prototype = self.speller.declaration(declaration.type, declaration.name)
                return f"{forward}{comment(declaration.doc)}{prototype};\n"
            case _:
                assert_never(declaration)

    def _types(self, declaration: TypeDeclaration) -> str:
        forward = self._forward(declaration)
        text = f"{forward}{self._types_of(declaration, PROGRAM)}"
        if not self.sides.are_one(declaration):
            text = self.sides.join(declaration, text, self._types_of)
        if len(declaration.typedefs) == 1 and is_bool(declaration.typedefs[0]):
            text = f"{_NO_BOOL}\n{text}#endif\n"
        return text

    def _types_of(self, declaration: TypeDeclaration, side: str) -> str:
        text = declare_types(self.speller, declaration, self._model.types)
        return f"{text}{self._assertions.of(declaration, side)}"

    def _constant(self, declaration: ConstantDeclaration) -> str:
        constant = declaration.constant
        expression = constant.expression
        if expression is not None and self._is_too_large(constant):
            expression = None
        text = self._definition(constant, constant.name, expression)
        if not self.sides.is_plain_constant(constant):
            others = [
                self._definition(
                    constant, host.names.word(constant.name), host.expression(expression)
                )
                for host in self.sides.hosts()
            ]
            text = self.sides.merge(text, *others)
        return f"{comment(declaration.doc)}{text}"

    def _definition(self, constant: Constant, name: str, expression: Expression | None) -> str:
        """Return the macro *name*, of *expression* or else of a number, and what is asserted."""
        if expression is None:
            value = integer(constant.value, constant.type)
            note = " /* too long when it is expanded */" if constant.expression else ""
            return f"#define {name} {value}{note}\n"
        body = _as_written(expression, self.speller.expression(expression, anywhere=True))
        if len(expression.parts) > 1 and not _is_group(body):
            body = f"({body})"
        text = f"#define {name} {body}\n"
        if not is_plain(expression):
            text += assertion(f"{name} == {number(constant.value)}", name)
        return text

    def _is_too_large(self, constant: Constant) -> bool:
        """Whether a compiler had better not expand *constant*; few sources load what measures."""
        parts = constant.expression.parts if constant.expression is not None else ()
        if len(parts) < 2 or not any(isinstance(part, Constant) for part in parts):
            return False
        if self._expansion is None:
            from bpfgen.emit.c.expansion import Expansion

            self._expansion = Expansion()
        return self._expansion.is_too_large(constant)

    def _forward(self, declaration: TypeDeclaration | ProgramDeclaration) -> str:
        """Return `struct foo;` for tags that a parameter list would be the first to name.

        A tag that is declared inside a parameter list is unknown outside it.
        """
        if isinstance(declaration, ProgramDeclaration):
            tags = parameter_tags([declaration.type])
        else:
            tags = parameter_tags(types_in(declaration))
            if isinstance(declaration.defines, Composite) and declaration.defines.tag:
                self._declared.add((declaration.defines.kind, declaration.defines.tag))
            if isinstance(declaration.forward, Named):
                self._declared.add((declaration.forward.kind, declaration.forward.name))
        lines = []
        for tag in tags:
            if tag not in self._declared:
                self._declared.add(tag)
                lines.append(f"{tag[0]} {tag[1]};\n")
        return "".join(lines)


def _as_written(expression: Expression, spelled: str) -> str:
    """Return *expression* with the source's blanks, where it is *spelled* the same but for them.

    C takes a second `#define` of a name for the same only if blanks stand in the same places
    (6.10.3 of C11), and the one that a constant was imported from may still be there. Without
    parentheses around all of it the two differ anyway.
    """
    if expression.span is None or not _is_group(spelled):
        return spelled
    written = expression.span.text
    # `1 - -1` may be written `1--1` here, which C would read otherwise.
    is_line = "\n" not in written and "\r" not in written
    is_same = is_line and "".join(written.split()) == "".join(spelled.split())
    return written if is_same and "--" not in written and "++" not in written else spelled


def _group(declaration: Declaration, text: str) -> str:
    """Return which group of lines *declaration*, spelled *text*, may stand in; empty for none."""
    if declaration.doc:
        return ""
    if isinstance(declaration, ProgramDeclaration):
        return "program"
    if text.count("\n") > 1 + text.count("_Static_assert("):
        return ""
    if isinstance(declaration, TypeDeclaration):
        return "" if declaration.forward is None else "forward"
    return type(declaration).__name__


def _is_group(body: str) -> bool:
    """Whether *body* is one pair of parentheses and what is in it."""
    if not body.startswith("("):
        return False
    depth = 0
    for index, character in enumerate(body):
        depth += (character == "(") - (character == ")")
        if depth == 0:
            return index == len(body) - 1
    return False


def _opening(model: Model, blocks: _Blocks, words: list[tuple[str, str]], access: Access) -> str:
    """Return what goes before the declarations: what they need of the kernel and of libbpf."""
    kernel = prologue_of(model, blocks.speller, blocks.sides)
    included = _included(model)
    return render(
        "c/opening.h.j2",
        source=neutral(base_name(model.name)),
        doc=comment(model.doc),
        bpf_includes=[path for path in included if is_for_bpf(path)],
        includes=[path for path in included if not is_for_bpf(path)],
        imports=[(i.header, _has_own_maps(i.model)) for i in model.imports],
        kernel=kernel,
        uses_kernel=bool(kernel.uapi_typedefs or blocks.speller.kernel_names or model.maps)
        or bool(model.prelude_types),
        has_maps=bool(model.maps or blocks.maps.macros),
        macros=[(name, MACROS[name]) for name in MACROS if name in blocks.maps.macros],
        legacy=blocks.maps.legacy,
        words=words,
        uses_libbpf=bool(access.user),
        **_names(model, blocks),
    )


def _declared_types(model: Model) -> frozenset[tuple[str, str]] | None:
    """Return the types that user space has, where there are headers that it hasn't."""
    if not any(is_for_bpf(include.path) for include in model.includes):
        return None
    from bpfgen.emit.c.declared_types import declared_types

    return declared_types(model)


def _words_of_cplusplus(texts: list[str]) -> list[tuple[str, str]]:
    """Return the words of C that are in *texts* and not in C++, and what they are there."""
    words = (("_Static_assert", "static_assert"), ("_Alignof", "alignof"), ("_Bool", "bool"))
    return [(word, other) for word, other in words if any(word in text for text in texts)]


def _included(model: Model) -> list[str]:
    """Return the C headers to include, each once: those of the imports' headers come with these."""
    of_imports = {
        _identity(imported, include.path)
        for imported in model.with_imports()
        if imported is not model
        for include in imported.includes
    }
    paths = {_identity(model, include.path): include.path for include in model.includes}
    return [path for identity, path in paths.items() if identity not in of_imports]


def _identity(model: Model, path: str) -> str:
    """Return what is the same for an `include` of the same header, as far as paths tell."""
    if path.startswith("<"):
        return f"{model.name}: {path}"  # the system's headers can be included twice
    return os.path.normpath(os.path.join(os.path.dirname(model.name), path.strip('"')))


def _names(model: Model, blocks: _Blocks) -> dict[str, object]:
    """Return the names that the header defines for itself alone, by what the templates call them.

    They are defined before the declarations and undefined after them.
    """
    kernel_names = {
        name: number(value, hexadecimal="_F_" in name)
        for name, value in blocks.speller.kernel_names.items()
    }
    conditions = (("BPFGEN_KERNEL_TYPES", kernel_names), ("__BPF_HELPERS__", blocks.maps.pins))
    own_maps = any(not map.legacy and map.linkage != "extern" for map in model.maps)
    return {
        "guard": guard_name(model),
        "prefix": MAP_PREFIX if own_maps else "",
        "based": blocks.speller.based,
        "kernel_names": [(condition, names) for condition, names in conditions if names],
    }


def _has_own_maps(model: Model) -> bool:
    """Whether including the header of *model* defines maps, its own or imported ones."""
    return any(
        map.linkage != "extern" for imported in model.with_imports() for map in imported.maps
    )
